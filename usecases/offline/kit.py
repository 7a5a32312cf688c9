"""Everything for a room without internet in one folder: ``usecases kit DIR``.

::

    DIR/wheels/      usecases and all it needs, for each system asked for
    DIR/mirror/      public datasets, as USECASES_MIRROR reads them
    DIR/docs/        the documentation as pages
    DIR/install.sh   Linux, macOS: sh install.sh FOLDER
    DIR/install.cmd  Windows (starts install.ps1); both start install.py, which does the work
    DIR/README.txt   what to do, and LISEZMOI.txt
    DIR/SHA256SUMS   of everything above
    DIR/kit.json     written last: a folder without it is no kit

Typing the command again goes on where it was stopped, or updates a kit: what is there and right is kept.
"""

from __future__ import annotations

import errno
import importlib.util
import logging
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from usecases import __version__, paths
from usecases.errors import UserError
from usecases.offline import mirror, own_wheel, pages
from usecases.offline.mirror_words import megabytes
from usecases.offline.scripts import SCRIPTS, write_scripts
from usecases.offline.wheels import System, Wheels, gather
from usecases.registry import datasets

logger = logging.getLogger(__name__)

LARGEST = 2_000_000_000
UNFINISHED = "not-a-kit-yet.txt"
PARTS = ("wheels", "mirror", "docs")
NOT_OURS = {"System Volume Information", "$RECYCLE.BIN", "lost+found"}
# what a project made by `usecases copy` is built and tested with
ALSO = ("hatchling", "editables", "pytest", "hypothesis")
Tell = Callable[[str, str, int | None], None]


@dataclass(frozen=True)
class Kit:
    """A kit that is complete.

    Parameters
    ----------
    folder : pathlib.Path
        Where it is.
    size : int
        Of everything (bytes).
    missing : dict of str to str
        Files of datasets that could not be had, with the reason.
    content : dict
        What `kit.json` says.
    """

    folder: Path
    size: int
    missing: dict[str, str]
    content: dict[str, Any]


def make(
    folder: Path,
    systems: Sequence[System],
    names: Sequence[str] | None = None,
    *,
    tell: Tell = lambda part, what, n_bytes: None,
    largest: int = LARGEST,
) -> Kit:
    """Make a kit, or bring one up to date.

    Parameters
    ----------
    folder : pathlib.Path
        Empty, or a kit; its parent must exist.
    systems : sequence of System
        What it is for; all of one version of Python.
    names : sequence of str, optional
        Datasets of the registry; by default all.
    tell : callable, optional
        Called after each part: ``usecases``, the system of the wheels, ``datasets``, ``documentation``; what it is, and its
        size (bytes).
    largest : int
        Refuse beyond this size (bytes).

    Returns
    -------
    Kit
        What was made.

    Raises
    ------
    UserError
        When something cannot be had or written, or the kit would be too large; nothing is called a kit then.

    Examples
    --------
    >>> make(Path("kit"), [System("linux", "3.11")])  # doctest: +SKIP
    """
    registry = datasets()
    chosen = mirror.choose(names or (), everything=names is None, registry=registry)
    _need_pip()
    folder = prepare(folder)
    with _writing(folder):
        wheels = Wheels(_wheels_folder(folder), pins())
        tell("usecases", own_wheel.own_wheel(wheels.folder).name, None)
        roots = [f"usecases[excel]=={__version__}", *ALSO]
        sets = {}
        for system in systems:
            sets[system.name] = gather(wheels, roots, system, check=lambda: _check_size(folder, largest))
            weight = sum(path.stat().st_size for path in sets[system.name].values())
            tell(system.name, str(len(sets[system.name])), weight)
        _remove_old(wheels.folder, {path for found in sets.values() for path in found.values()})
        filled = mirror.fill(folder / "mirror", chosen, registry=registry)
        weight = sum(done.size for done in filled)
        tell("datasets", ", ".join(chosen) or "–", weight)
        tell("documentation", str(len(pages.write_pages(folder / "docs"))), None)
        write_scripts(folder, systems, list(chosen))
        _check_size(folder, largest)
        missing = {
            f"{done.dataset.name}/{file}": why for done in filled for file, why in done.missing.items()
        }
        return _finish(folder, systems, sets, filled, missing)


def prepare(folder: Path) -> Path:
    """Take an empty folder, a kit or an unfinished one, and mark it as unfinished.

    Parameters
    ----------
    folder : pathlib.Path
        Its parent must exist.

    Returns
    -------
    pathlib.Path
        The same, absolute.

    Raises
    ------
    UserError
        When it holds something else, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> [file.name for file in prepare(Path(tempfile.mkdtemp()) / "kit").iterdir()]
    ['not-a-kit-yet.txt']
    """
    folder = mirror.prepare_folder(folder)
    there = {
        path.name for path in folder.iterdir() if path.name not in NOT_OURS and not path.name.startswith(".")
    }
    if there and not there & {"kit.json", UNFINISHED}:
        raise UserError(
            f"{folder} holds something else ({min(there)}): give an empty or new folder, for example {folder / 'kit'}."
        )
    with _writing(folder):
        (folder / UNFINISHED).write_text(
            "`usecases kit` was stopped or is still at work: type the same command again.\n"
            "`usecases kit` a été interrompu ou travaille encore : retaper la même commande.\n",
            encoding="utf-8",
        )
        (folder / "kit.json").unlink(missing_ok=True)
    return folder


def pins() -> dict[str, str]:
    """Say which versions a kit holds: those of `constraints.txt` in a checkout, else those installed here.

    Returns
    -------
    dict of str to str
        Canonical name to version, without what follows a ``+``.

    Examples
    --------
    >>> "torch" in pins()
    True
    """
    from packaging.utils import canonicalize_name

    root = own_wheel.checkout()
    file = root / "constraints.txt" if root else None
    if file is not None and file.is_file():
        lines = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;#]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    else:
        lines = [(found.name, found.version) for found in metadata.distributions() if found.name]
    here = {canonicalize_name(name): version.partition("+")[0] for name, version in lines}
    return {name: version for name, version in here.items() if name != "usecases"}


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a kit, but for `kit.json` and the sums; what else lies in the folder is not ours.

    Examples
    --------
    >>> list(files_of(Path("nowhere")))
    []
    """
    for part in PARTS:
        yield from sorted(path for path in (folder / part).rglob("*") if path.is_file())
    yield from (folder / name for name in SCRIPTS if (folder / name).is_file())


def size_of(folder: Path) -> int:
    """Measure a kit (bytes), finished or not.

    Examples
    --------
    >>> size_of(Path("nowhere"))
    0
    """
    return sum(path.stat().st_size for path in files_of(folder))


def _finish(
    folder: Path, systems: Sequence[System], sets: dict[str, dict[str, Path]],
    filled: Sequence[mirror.Filled], missing: dict[str, str],
) -> Kit:  # fmt: skip
    """Write the sums, then `kit.json`: from here on it is a kit."""
    sums = [f"{paths.sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files_of(folder)]
    paths.write_text(folder / paths.SUMS, "".join(sums))
    size = size_of(folder)
    content = {
        "kit": 1,
        "version": __version__,
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "python": systems[0].python,
        "systems": {
            name: {
                "wheels": sorted(path.name for path in found.values()),
                "bytes": sum(path.stat().st_size for path in found.values()),
            }
            for name, found in sets.items()
        },
        "also": list(ALSO),
        "datasets": {
            done.dataset.name: {
                "bytes": done.size,
                "licence": done.dataset.licence,
                "commercial_use": done.dataset.commercial_use,
                "missing": sorted(done.missing),
            }
            for done in filled
        },
        "bytes": size,
        "sha256_of_sums": paths.sha256(folder / paths.SUMS),
    }
    (folder / UNFINISHED).unlink(missing_ok=True)
    paths.write_json(folder / "kit.json", content)
    return Kit(folder, size, missing, content)


def _wheels_folder(folder: Path) -> Path:
    """Return the folder of wheels, without what a killed process or a worn-out key left there half."""
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    for left in wheels.glob(".partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    for path in wheels.glob("*.whl"):
        try:
            with zipfile.ZipFile(path) as archive:
                whole = archive.testzip() is None
        except (zipfile.BadZipFile, zipfile.error, EOFError, ValueError):
            whole = False
        if not whole:
            logger.warning("%s is not whole and is fetched again", path.name)
            path.unlink()
    return wheels


def _remove_old(folder: Path, needed: set[Path]) -> None:
    """Delete the wheels of an earlier kit that this one does not need: pip would take the newer of two."""
    for path in folder.glob("*.whl"):
        if path not in needed:
            logger.info("%s is no longer needed", path.name)
            path.unlink()


def _check_size(folder: Path, largest: int) -> None:
    size = size_of(folder)
    if size > largest:
        heavy = max(files_of(folder), key=lambda path: path.stat().st_size)
        raise UserError(
            f"The kit would be larger than {megabytes(largest)} ({megabytes(size)} already; its largest file is {heavy.name}, "
            f"{megabytes(heavy.stat().st_size)}): name fewer systems (--systems) or datasets (--datasets)."
        )


def _need_pip() -> None:
    if importlib.util.find_spec("pip") is None:
        raise UserError(
            f"pip is not in this Python ({sys.executable}): type 'python -m ensurepip', then again."
        )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn a full or read-only key into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            room = "make room (a kit of one system takes about 500 MB)"
            raise UserError(
                f"{folder} is full: {room}, then type the same command again; what is there is kept."
            ) from error
        raise UserError(
            f"{folder} cannot be written ({error.strerror or error}): is the key still there, and is its lock open?"
        ) from error

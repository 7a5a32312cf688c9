"""Fill a USB key with public datasets, for rooms without internet: ``usecases data mirror DIR [NAME ...]``.

The key gets the layout that ``USECASES_MIRROR`` reads, ``<name>/<file>``, and beside the files of each dataset
`SOURCE.md` and `LISEZMOI.md`: address, licence, sums. A file comes from the cache, from another mirror or from
its official address, and is checked by sha256 on the key. It has a temporary name until then, so whatever stops
the command, typing it again goes on where it was: files that are right are not copied again.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from usecases import data
from usecases.errors import UserError, nearest
from usecases.offline.mirror_words import megabytes, source_text
from usecases.registry import Dataset, cache_folder

logger = logging.getLogger(__name__)

CHUNK = 1 << 20
PARTIAL = ".partial"
TOO_LARGE = "is larger than the file system of the key allows (FAT32: 4 GiB)"
WINDOWS_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)
}
Tell = Callable[[str, str, str], None]


@dataclass
class Filled:
    """What is on the key of one dataset once `fill` has been there.

    Parameters
    ----------
    dataset : Dataset
        The entry of the registry.
    copied, kept : list of str
        Files written now, and files that were there and right.
    missing : dict of str to str
        Files that are not on the key, with the reason.
    size : int
        Of what is on the key (bytes).
    """

    dataset: Dataset
    copied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    size: int = 0


def prepare_folder(folder: Path) -> Path:
    """Make sure that a folder of a key can be written, and create it if its parent exists.

    Parameters
    ----------
    folder : pathlib.Path
        The mirror to be; its parent must exist, so that a key that is not plugged in is not taken for a folder.

    Returns
    -------
    pathlib.Path
        The same, absolute.

    Raises
    ------
    UserError
        When it is a file, its parent is not there, it is in the cache, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> prepare_folder(Path(tempfile.mkdtemp()) / "data").name
    'data'
    """
    folder = folder.expanduser().absolute()
    if not folder.parent.is_dir():
        raise UserError(f"{folder.parent} is not a folder: is the key plugged in? Give a folder of it.")
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: give a folder of the key, for example {folder}_mirror.")
    cache = cache_folder()
    if folder.resolve().is_relative_to(cache.resolve()):
        raise UserError(
            f"{folder} is in the cache of downloaded data ({cache}), which may be emptied: give a folder elsewhere."
        )
    try:
        folder.mkdir(exist_ok=True)
        probe = folder / f".usecases{PARTIAL}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _refused(folder, error, 0) from error
    return folder


def choose(
    names: Sequence[str],
    patterns: Sequence[str] = (),
    *,
    everything: bool = False,
    registry: Mapping[str, Dataset] | None = None,
) -> dict[str, list[str]]:
    """Say which files of which datasets are meant.

    Parameters
    ----------
    names : sequence of str
        Datasets of the registry.
    patterns : sequence of str
        Of one dataset, only the files that match one of these (``*FD001*`` or a plain name).
    everything : bool
        Take all datasets of the registry.
    registry : mapping of str to Dataset, optional
        By default `usecases.registry.datasets`.

    Returns
    -------
    dict of str to list of str
        Dataset to files.

    Raises
    ------
    UserError
        When a name is unknown, a pattern matches nothing, or patterns are given for several datasets.

    Examples
    --------
    >>> choose(["cmapss"], ["*_FD001.txt"])
    {'cmapss': ['train_FD001.txt', 'test_FD001.txt', 'RUL_FD001.txt']}
    """
    known = data.datasets() if registry is None else registry
    chosen = {name: list(data.find(name, known).files) for name in (known if everything else names)}
    if not patterns:
        return chosen
    if len(chosen) != 1:
        raise UserError(
            f"--subset was given with {len(chosen)} datasets: give it with one, as in 'cmapss --subset *FD001*'."
        )
    ((name, files),) = chosen.items()
    for pattern in patterns:
        if not any(fnmatchcase(file, pattern) for file in files):
            raise UserError(f"The dataset {name} has no file {pattern!r}: {nearest(pattern, files)}.")
    return {name: [file for file in files if any(fnmatchcase(file, pattern) for pattern in patterns)]}


def fill(folder: Path, chosen: Mapping[str, Iterable[str]], *, registry: Mapping[str, Dataset] | None = None,
         tell: Tell | None = None) -> list[Filled]:  # fmt: skip
    """Put the chosen files on the key, one after the other.

    Parameters
    ----------
    folder : pathlib.Path
        From `prepare_folder`.
    chosen : mapping of str to iterable of str
        From `choose`.
    registry : mapping of str to Dataset, optional
        By default `usecases.registry.datasets`.
    tell : callable, optional
        Called with the name, the state (``copied``, ``kept``, ``missing``) and the reason of each file.

    Returns
    -------
    list of Filled
        One for each dataset; files that cannot be had are in `Filled.missing`.

    Raises
    ------
    UserError
        When the key is full, or can no longer be written; what is complete stays.

    Examples
    --------
    >>> fill(Path("nowhere"), {})
    []
    """
    known = data.datasets() if registry is None else registry
    todo = [(data.find(name, known), list(files)) for name, files in chosen.items()]
    results = []
    for position, (dataset, files) in enumerate(todo):
        done = Filled(dataset)
        results.append(done)
        for number, file in enumerate(files):
            rest = [(dataset, name) for name in files[number + 1 :]]
            rest += [(other, name) for other, names in todo[position + 1 :] for name in names]
            try:
                _put(folder, dataset, file, done)
            except OSError as error:
                _explain(folder, done)
                raise _refused(folder, error, _bytes_to_come(folder, [(dataset, file), *rest])) from error
            if tell is not None:
                state = "missing" if file in done.missing else "kept" if file in done.kept else "copied"
                tell(f"{dataset.name}/{file}", state, done.missing.get(file, ""))
        _explain(folder, done)
    return results


def other_machine(folder: Path) -> tuple[str, str]:
    r"""Say what to type on the machine without internet, in a POSIX shell and in PowerShell.

    Parameters
    ----------
    folder : pathlib.Path
        The mirror; on Windows its drive has another name, so ``E:`` stands for it.

    Examples
    --------
    >>> other_machine(Path("/"))
    ('export USECASES_MIRROR="/"', '$env:USECASES_MIRROR = "E:\\"')
    """
    mount = next(
        place for place in [folder, *folder.parents] if place == place.parent or os.path.ismount(place)
    )
    below = "\\".join(folder.relative_to(mount).parts)
    return f'export USECASES_MIRROR="{folder}"', f'$env:USECASES_MIRROR = "E:\\{below}"'


def size_at_hand(dataset: Dataset) -> tuple[int, int]:
    """Measure what is on this machine of a dataset: bytes, and the number of files that are not.

    Examples
    --------
    >>> n_bytes, n_absent = size_at_hand(data.find("cmapss"))
    >>> n_absent <= 13
    True
    """
    found = [next(iter(data.places(dataset, file)), None) for file in dataset.files]
    return sum(place[1].stat().st_size for place in found if place), found.count(None)


def _put(folder: Path, dataset: Dataset, file: str, done: Filled) -> None:
    """Keep, copy or replace one file; an OSError is the key's."""
    refused = _not_for_windows(f"{dataset.name}/{file}")
    if refused:
        done.missing[file] = f"{refused!r} cannot be a file name on Windows or on a FAT key"
        return
    target, expected = folder / dataset.name / file, dataset.files[file]
    there = data.sha256(target) if target.is_file() else None
    if there is None or there != expected:
        source = _elsewhere(dataset, file, target)
        if source is None and (there is None or expected is not None):
            source = _fetched(dataset, file, done)
            if source is None:
                return
        wanted = expected or (data.sha256(source) if source else there)
        if source is not None and there != wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(source, target, wanted or "")
            done.copied.append(file)
    if file not in done.copied:
        done.kept.append(file)
    done.size += target.stat().st_size


def _fetched(dataset: Dataset, file: str, done: Filled) -> Path | None:
    """Download a file into the cache; what failed once for a dataset is not tried again for each of its files."""
    failed = next(iter(done.missing.values()), None)
    if failed is not None and not any(data.places(dataset, file)):
        done.missing[file] = failed
        return None
    try:
        return data.fetch(dataset.name, [file], registry={dataset.name: dataset})[file]
    except UserError as error:
        done.missing[file] = str(error)
        return None


def _elsewhere(dataset: Dataset, file: str, target: Path) -> Path | None:
    """Find a right copy on this machine that is not the key's own."""
    expected = dataset.files[file]
    for _, path in data.places(dataset, file):
        if not (target.exists() and path.samefile(target)) and (
            expected is None or data.sha256(path) == expected
        ):
            return path
    return None


def _copy(source: Path, target: Path, expected: str) -> None:
    """Write under a temporary name, push it to the key, read it back, then give it its name."""
    from tqdm import tqdm

    partial = target.with_name(f".{target.name}{PARTIAL}")
    size = source.stat().st_size
    try:
        with source.open("rb") as given, partial.open("wb") as out, tqdm(
            total=size, unit="B", unit_scale=True, desc=target.name, disable=None, leave=False
        ) as bar:  # fmt: skip
            while piece := given.read(CHUNK):
                out.write(piece)
                bar.update(len(piece))
            out.flush()
            os.fsync(out.fileno())
            if hasattr(os, "posix_fadvise"):  # so that what is read back comes from the key, not from memory
                os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if data.sha256(partial) != expected:
            raise UserError(
                f"{target} was not written as it was given (another sha256 when read back): the key is worn out, "
                "or the source changed meanwhile; try another key."
            )
        partial.replace(target)
    finally:
        _remove(partial)


def _remove(partial: Path) -> None:
    try:
        partial.unlink(missing_ok=True)
    except OSError as error:  # the key was pulled out, or became read-only: the first error says so
        logger.info("%s stays: %s", partial, error)


def _explain(folder: Path, done: Filled) -> None:
    """Write `SOURCE.md` and `LISEZMOI.md` beside the files that are there."""
    present = [file for file in done.dataset.files if (folder / done.dataset.name / file).is_file()]
    if not present:
        return
    sums = {
        file: done.dataset.files[file] or data.sha256(folder / done.dataset.name / file) for file in present
    }
    for name, lang in (("SOURCE.md", "en"), ("LISEZMOI.md", "fr")):
        path = folder / done.dataset.name / name
        text = source_text(done.dataset, sums, lang)
        try:
            if name not in done.dataset.files and not (
                path.is_file() and path.read_text(encoding="utf-8") == text
            ):
                path.write_text(text, encoding="utf-8", newline="\n")
        except (OSError, UnicodeDecodeError) as error:
            logger.warning("%s could not be written: %s", path, error)


def _bytes_to_come(folder: Path, rest: Iterable[tuple[Dataset, str]]) -> int:
    """Sum what is still to be written (bytes), as far as it is on this machine."""
    total = 0
    for dataset, file in rest:
        place = next((path for _, path in data.places(dataset, file)), None)
        target = folder / dataset.name / file
        if place is not None:
            size = place.stat().st_size
            total += 0 if target.is_file() and target.stat().st_size == size else size
    return total


def _refused(folder: Path, error: OSError, to_come: int) -> UserError:
    """Say in one sentence why the key took no more."""
    again = "what is complete stays there, so type the same command again"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(folder if folder.is_dir() else folder.parent).free
        missing = megabytes(max(to_come - free, 1))
        return UserError(
            f"{folder} is full: {missing} more are needed ({megabytes(to_come)} to write, {megabytes(free)} free); "
            f"make room or take fewer files, {again}."
        )
    if error.errno == errno.EFBIG:
        return UserError(f"A file {TOO_LARGE}: format the key as exFAT or NTFS; {again}.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return UserError(
            f"{folder} cannot be written ({error.strerror}): slide the key's lock, or give a folder of yours."
        )
    return UserError(
        f"{folder} could no longer be written ({error.strerror or error}): is the key still there? If so, {again}."
    )


def _not_for_windows(name: str) -> str:
    """Return the part of a path that Windows or FAT would refuse or change, else an empty string."""
    for part in PurePath(name).parts:
        bad = (
            part.endswith((".", " ")) or any(c in '<>:"\\|?*' or ord(c) < 32 for c in part) or len(part) > 255
        )
        if bad or part.partition(".")[0].lower() in WINDOWS_DEVICES:
            return part
    return ""

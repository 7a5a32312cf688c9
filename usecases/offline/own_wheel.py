"""The wheel of `usecases` itself: built from a checkout, packed again from an installed one."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from usecases.errors import UserError

HERE = Path(__file__).resolve().parents[1]
MADE_BY_PIP = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # what zip can hold: the same content gives the same file


def checkout() -> Path | None:
    """Folder of the repository that this code runs from, or None when it was installed as a wheel.

    Examples
    --------
    >>> folder = checkout()
    >>> folder is None or (folder / "pyproject.toml").is_file()
    True
    """
    root = HERE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "configs").is_dir() else None


def own_wheel(folder: Path) -> Path:
    """Put the wheel of this very `usecases` into a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Exists; another wheel of usecases in it is removed.

    Returns
    -------
    pathlib.Path
        The wheel.

    Raises
    ------
    UserError
        When it cannot be built, or its installed files were edited.

    Examples
    --------
    >>> own_wheel(Path("wheels"))  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as work:
        root = checkout()
        made = build(root, Path(work)) if root else pack_again("usecases", Path(work))
        for old in folder.glob("usecases-*.whl"):
            old.unlink()
        return made.replace(folder / made.name)


def build(root: Path, folder: Path) -> Path:
    """Build the wheel of a checkout.

    Parameters
    ----------
    root : pathlib.Path
        Holds `pyproject.toml`.
    folder : pathlib.Path
        Where it goes.

    Raises
    ------
    UserError
        When pip cannot.

    Examples
    --------
    >>> build(Path("."), Path("wheels"))  # doctest: +SKIP
    """
    typed = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(root),
    ]
    if find_spec("hatchling"):  # else pip fetches it into an environment of its own
        typed.insert(4, "--no-build-isolation")
    done = subprocess.run(typed, capture_output=True, text=True, encoding="utf-8", errors="replace")
    found = list(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        last = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise UserError(
            f"The wheel of {root} could not be built ({last}): type 'pip install hatchling', then again."
        )
    return found[0]


def pack_again(name: str, folder: Path, site: Path | None = None) -> Path:
    """Make a wheel from an installed distribution, with the content of the wheel that it was installed from.

    Parameters
    ----------
    name : str
        The distribution.
    folder : pathlib.Path
        Where the wheel goes.
    site : pathlib.Path, optional
        Folder it is installed in; by default wherever Python finds it.

    Returns
    -------
    pathlib.Path
        The wheel.

    Raises
    ------
    UserError
        When its files are not known, or not those that were installed.

    Examples
    --------
    >>> import tempfile
    >>> pack_again("tqdm", Path(tempfile.mkdtemp())).name.split("-")[0]
    'tqdm'
    """
    found = metadata.distributions(name=name, path=[str(site)]) if site else metadata.distributions(name=name)
    distribution = next(iter(found), None)
    files = distribution.files if distribution else None
    if distribution is None or not files:
        raise UserError(
            f"The files of {name} are not recorded here: type 'pip install --force-reinstall --no-deps {name}'."
        )
    content = {}
    for file in files:
        path = PurePosixPath(file.as_posix())
        made = path.name in MADE_BY_PIP and path.parent.name.endswith(".dist-info")
        if ".." in path.parts or path.is_absolute() or "__pycache__" in path.parts or made:
            continue  # scripts, which pip makes anew from entry_points.txt; compiled files; notes of pip
        body = Path(str(file.locate())).read_bytes()
        if file.hash and _sum(body) != file.hash.value:
            raise UserError(
                f"{file.locate()} was edited after it was installed: type 'pip install --force-reinstall --no-deps {name}', or "
                "make the kit from a checkout."
            )
        content[str(path)] = body
    (info,) = {name.partition("/")[0] for name in content if name.partition("/")[0].endswith(".dist-info")}
    header = content[f"{info}/WHEEL"].decode("utf-8").splitlines()
    tags = [line.removeprefix("Tag: ") for line in header if line.startswith("Tag: ")]
    parts = [sorted({tag.split("-")[place] for tag in tags}) for place in range(3)]
    target = folder / f"{info.removesuffix('.dist-info')}-{'-'.join('.'.join(part) for part in parts)}.whl"
    _write(target, content, f"{info}/RECORD")
    return target


def _write(target: Path, content: dict[str, bytes], record: str) -> None:
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    rows.writerows([name, f"sha256={_sum(body)}", len(body)] for name, body in content.items())
    rows.writerow([record, "", ""])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {**content, record: lines.getvalue().encode("utf-8")}.items():
            item = zipfile.ZipInfo(name, EARLIEST)
            item.external_attr = 0o100644 << 16
            archive.writestr(item, body, zipfile.ZIP_DEFLATED)


def _sum(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode("ascii").rstrip("=")

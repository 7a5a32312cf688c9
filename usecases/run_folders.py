"""Run folders: which one somebody means, and which there are."""

from __future__ import annotations

from pathlib import Path

from usecases import paths
from usecases.errors import UserError, nearest
from usecases.textfile import shown

SHOWN = 5  # run folders in a message


def find(given: str | Path) -> Path:
    """Find the run folder that somebody means.

    Parameters
    ----------
    given : str or pathlib.Path
        The folder, its ``result.json`` or another file in it, or its ``model/``.

    Returns
    -------
    pathlib.Path
        The folder with ``result.json``.

    Raises
    ------
    UserError
        When there is none; the message names runs that exist.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> paths.write_json(folder / "result.json", {})
    >>> find(folder / "model") == find(folder / "result.json") == folder
    True
    """
    path = Path(given)
    try:
        path = path.expanduser()
        candidates = [path, path.parent] if path.name == "model" or path.is_file() else [path]
        for folder in candidates:
            if (folder / "result.json").is_file():
                return folder
        exists = path.exists()
    except (OSError, RuntimeError) as error:  # a name that is too long, a locked folder, ~nobody
        raise UserError(f"{shown(path)} cannot be opened ({error}): give the folder of a run") from error
    what = "is not a run folder (it has no result.json)" if exists else "does not exist"
    known = latest(path)
    hint = nearest(str(given), known[:SHOWN]).replace("allowed:", "the latest runs:") if known else (
        f"there is no run in {paths.runs_folder()}: type `usecases run NAME` first, or set USECASES_RUNS"
    )  # fmt: skip
    raise UserError(f"{shown(path)} {what}: {hint}")


def latest(near: Path | None = None) -> list[str]:
    """Name the run folders below a folder or below the runs folder, the latest first.

    Parameters
    ----------
    near : pathlib.Path, optional
        Runs in this folder come instead, if it has some.
    """
    for root, depth in ((near, "*/result.json"), (paths.runs_folder(), "*/*/result.json")):
        found = sorted(root.glob(depth), key=lambda file: file.parent.name, reverse=True) if root else []
        folders = [_short(file.parent) for file in found if not file.parent.name.startswith(".")]
        if folders:
            return folders
    return []


def _short(folder: Path) -> str:
    """Write a path as one would type it from here."""
    folder = folder.absolute()
    return str(folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder)

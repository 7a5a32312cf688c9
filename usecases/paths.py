"""Where things are: configurations, published figures, the runs folder; and writing without ever leaving half a file."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from usecases.errors import UserError

HERE = Path(__file__).resolve().parent


def config_root() -> Path:
    """Folder of the library's Hydra configurations.

    Returns
    -------
    pathlib.Path
        ``usecases/_configs`` of an installed wheel, else ``configs/`` of the checkout; absolute.

    Raises
    ------
    UserError
        When neither exists.
    """
    for folder in (HERE / "_configs", HERE.parent / "configs"):
        if (folder / "shared").is_dir():
            return folder
    raise UserError(
        f"the configurations were found neither in {HERE / '_configs'} nor in {HERE.parent / 'configs'}: "
        "install the library again (pip install --force-reinstall usecases)"
    )


def package_configs(name: str, folder: Path | None) -> Path:
    """Folder of a package's configurations: the one beside its code if there is one, else the library's.

    Parameters
    ----------
    name : str
        The package.
    folder : pathlib.Path or None
        The folder of its code.
    """
    if folder is not None and (folder / "configs").is_dir():
        return folder / "configs"
    return config_root() / name


def docs_root() -> Path:
    """Folder of the documentation, with ``en``, ``fr`` and ``examples``.

    Returns
    -------
    pathlib.Path
        ``usecases/_docs`` of an installed wheel, else ``docs/`` of the checkout; absolute.

    Raises
    ------
    UserError
        When neither exists.

    Examples
    --------
    >>> docs_root().is_absolute()
    True
    """
    for folder in (HERE / "_docs", HERE.parent / "docs"):
        if folder.is_dir():
            return folder
    raise UserError(
        f"the documentation was found neither in {HERE / '_docs'} nor in {HERE.parent / 'docs'}: "
        "install the library again (pip install --force-reinstall usecases)"
    )


def own_tests(name: str) -> Path | None:
    """Folder of a package's own tests: those that an installed wheel carries, else those of the checkout.

    Parameters
    ----------
    name : str
        A package of this library.

    Returns
    -------
    pathlib.Path or None
        ``usecases/_tests/<name>``, else ``tests/<name>``; None for a package from elsewhere.

    Examples
    --------
    >>> own_tests("predictive_maintenance").name
    'predictive_maintenance'
    """
    folders = (HERE / "_tests" / name, HERE.parent / "tests" / name)
    return next((folder for folder in folders if folder.is_dir()), None)


def runs_folder() -> Path:
    """Folder that receives all results: ``USECASES_RUNS``, else ``./runs``; absolute, not created."""
    return Path(os.environ.get("USECASES_RUNS") or "runs").expanduser().absolute()


def new_run_id(now: datetime | None = None) -> str:
    """Name a run by its UTC time and a short random identity; safe as a folder name everywhere.

    Examples
    --------
    >>> new_run_id(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))[:16]
    '20260102T030405Z'
    """
    moment = now or datetime.now(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def working_folder(final: Path) -> Path:
    """Create the folder in which a run works, under a temporary name until `publish` gives it its own.

    Parameters
    ----------
    final : pathlib.Path
        What the folder will be called once everything is in it.

    Raises
    ------
    UserError
        When its parent cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = working_folder(Path(tempfile.mkdtemp()) / "run")
    >>> publish(folder).name
    'run'
    """
    folder = final.with_name(f".{final.name}.partial")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(
            f"the results folder {final.parent} cannot be written ({error.strerror or error}): "
            "set USECASES_RUNS to a folder of yours, for example USECASES_RUNS=~/runs"
        ) from error
    return folder


def publish(folder: Path) -> Path:
    """Give a run's working folder its final name, once everything is in it."""
    final = folder.with_name(folder.name.removeprefix(".").removesuffix(".partial"))
    folder.rename(final)
    return final


def sha256(path: Path) -> str:
    """Sum of a file, in hexadecimal."""
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


SUMS = "SHA256SUMS"


def write_sums(folder: Path, leave_out: Sequence[str] = ()) -> None:
    """Write the sums of all files below a folder into its ``SHA256SUMS``, in the format of ``sha256sum``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_text(folder / "a.txt", "whole")
    >>> write_sums(folder)
    >>> changed(folder)
    []
    >>> write_text(folder / "a.txt", "edited")
    >>> changed(folder)
    ['a.txt']
    """
    names = sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and file.name not in (SUMS, *leave_out)
    )
    write_text(folder / SUMS, "".join(f"{sha256(folder / name)}  {name}\n" for name in names))


def changed(folder: Path) -> list[str]:
    """Name the files of a folder that are not what its ``SHA256SUMS`` says: edited, or gone.

    Raises
    ------
    UserError
        When the folder has no such file.
    """
    return [n for n, s in sums(folder).items() if not (folder / n).is_file() or sha256(folder / n) != s]


def sums(folder: Path) -> dict[str, str]:
    """Read the ``SHA256SUMS`` of a folder: the sum of each file by its name.

    Raises
    ------
    UserError
        When the folder has no such file.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UserError(
            f"{folder} has no {SUMS}, so nobody can tell whether its files were edited: give a folder that a run wrote"
        ) from error
    return {line[66:]: line[:64] for line in lines if line.strip()}


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; rename it onto `path` only if the block succeeds.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic(target) as temporary:
    ...     _ = temporary.write_text("whole", encoding="utf-8")
    >>> target.read_text(encoding="utf-8")
    'whole'
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(3)}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in UTF-8, whole or not at all; NaN and infinity become null."""
    write_text(path, json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def plain(value: Any) -> Any:
    """Turn numpy values, tuples, paths and non-finite numbers into what JSON can hold.

    Examples
    --------
    >>> plain({"a": (1, float("nan")), "b": Path("x")})
    {'a': [1, None], 'b': 'x'}
    """
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    if value is None or isinstance(value, bool | int):
        return value
    return (
        str(value).encode("utf-8", "replace").decode("utf-8")
    )  # a file name may hold bytes that are no UTF-8

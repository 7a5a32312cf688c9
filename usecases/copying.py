"""``usecases copy``: an installable project of your own, made from one package of the catalogue.

The copy holds the package's code, its configurations beside the code, its own tests and published values, all under the
new name; it depends on ``usecases`` and appears in ``usecases list`` beside the original once it is installed.
"""

from __future__ import annotations

import contextlib
import keyword
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from usecases import catalogue, paths
from usecases.bench.published import published_root
from usecases.copied_project import distribution, import_name, write_project
from usecases.errors import UserError

TEXT = re.compile(r".*\.(cfg|html|ini|ipynb|jinja|json|md|py|rst|toml|txt|yaml|yml)")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
RESERVED = {"usecases", "tests", "con", "prn", "aux", "nul"}  # the last four are no file names on Windows


@dataclass(frozen=True)
class Source:
    """What is copied.

    Parameters
    ----------
    entry : Entry
        The package.
    configs, tests, published : pathlib.Path or None
        Folders that stand elsewhere than beside its code; None where there is none.
    """

    entry: catalogue.Entry
    configs: Path | None
    tests: Path | None
    published: Path | None

    @property
    def folder(self) -> Path:
        """Folder of the code."""
        assert self.entry.folder is not None
        return self.entry.folder

    @property
    def names(self) -> list[str]:
        """What the package is called: its import name, and its name in the catalogue."""
        return list(dict.fromkeys((import_name(self.entry), self.entry.name)))

    def parts(self, new: str) -> Iterator[tuple[Path, Path]]:
        """Yield each folder with its place in the project."""
        yield self.folder, Path(new)
        for folder, place in (
            (self.configs, Path(new, "configs")),
            (self.published, Path(new, "published")),
            (self.tests, Path("tests")),
        ):
            if folder is not None:
                yield folder, place


def copy(name: str, folder: Path, new: str) -> list[Path]:
    """Make a project of a package.

    Parameters
    ----------
    name : str
        A package of the catalogue that has a task.
    folder : pathlib.Path
        The project's folder: it is created, or it is empty.
    new : str
        What the package is called from now on.

    Returns
    -------
    list of pathlib.Path
        The files of the project, sorted.

    Raises
    ------
    UserError
        When the package is unknown or has no task, the new name cannot be used, or the folder is not empty or cannot be
        written. Nothing is then written.

    Examples
    --------
    >>> import tempfile
    >>> project = Path(tempfile.mkdtemp()) / "pumps"
    >>> files = copy("predictive_maintenance", project, "my_pumps")
    >>> (project / "my_pumps" / "card.yaml") in files
    True
    """
    source = find(name)
    check_name(new)
    target = Path(folder).expanduser().absolute()
    _check_target(target, source)
    with _all_or_nothing(target) as work:
        for place, part in source.parts(new):
            _copy_tree(place, work / part, source.names, new)
        write_project(work, source.entry, new)
    return sorted(file for file in target.rglob("*") if file.is_file())


def find(name: str) -> Source:
    """Find the package to copy and what belongs to it.

    Parameters
    ----------
    name : str
        A name of the catalogue.

    Raises
    ------
    UserError
        When it is unknown, or there is nothing to run in it.

    Examples
    --------
    >>> find("predictive_maintenance").tests.name
    'predictive_maintenance'
    """
    if "/" in name:
        raise UserError(
            f"{name!r} names a task, but a whole use case is copied: type usecases copy {name.partition('/')[0]} ..."
        )
    entry, _ = catalogue.find_task(name)  # refuses a documented case and a package without a task
    if entry.folder is None:
        raise UserError(
            f"The use case {name!r} has no package to copy: type 'usecases list' to see which ones run."
        )
    base = paths.package_configs(name, entry.folder)
    beside = base.is_relative_to(entry.folder)
    theirs = distribution(entry)
    ours = theirs is None or theirs.name == "usecases"
    values = published_root() / name
    return Source(
        entry,
        None if beside else base,
        paths.own_tests(name) if ours else None,
        values if ours and values.is_dir() else None,
    )


def check_name(new: str) -> None:
    """Refuse a name that Python, pip or the catalogue could confuse with another.

    Parameters
    ----------
    new : str
        The import name of the copy.

    Raises
    ------
    UserError
        Saying why, and what a name looks like.

    Examples
    --------
    >>> check_name("my_pumps")
    """
    shape = "small letters a to z, digits and underscores, such as my_pumps"
    if not re.fullmatch(r"[a-z]([a-z0-9_]*[a-z0-9])?", new):
        raise UserError(f"--as {new!r} is no name of a package: type --as with {shape}")
    if keyword.iskeyword(new) or keyword.issoftkeyword(new) or new in RESERVED:
        raise UserError(f"--as {new} is a reserved word: choose another name of {shape}")
    if new in catalogue.entries():
        raise UserError(
            f"--as {new} is a use case already (see 'usecases list'): choose another name of {shape}"
        )
    if new in sys.stdlib_module_names or _importable(new):
        raise UserError(
            f"--as {new} is already the name of a Python package here: choose another name of {shape}"
        )
    try:
        taken = metadata.distribution(new).name
    except metadata.PackageNotFoundError:
        return
    raise UserError(f"--as {new} is what pip calls the installed {taken}: choose another name of {shape}")


def _importable(name: str) -> bool:
    """Tell whether a name means something to Python, other than a mere folder of the current one."""
    spec = find_spec(name)
    if spec is None:
        return False
    return spec.origin is not None or any(
        Path(place).resolve().parent != Path.cwd().resolve()
        for place in spec.submodule_search_locations or []
    )


def _check_target(target: Path, source: Source) -> None:
    """Refuse a folder that holds something, or that is part of what is copied."""
    if target.exists() and not target.is_dir():
        raise UserError(f"{target} is a file: type the name of a new folder")
    try:
        if target.is_dir() and any(target.iterdir()):
            raise UserError(
                f"{target} is not empty: type the name of a new folder, so that no file of yours is touched"
            )
    except OSError as error:
        raise UserError(
            f"{target} cannot be read ({error.strerror}): type the name of another folder"
        ) from error
    for place, _ in source.parts(source.entry.name):
        if target.resolve().is_relative_to(place.resolve()):
            raise UserError(f"{target} is inside {place}, which is being copied: type a folder outside of it")


@contextlib.contextmanager
def _all_or_nothing(target: Path) -> Iterator[Path]:
    """Yield a folder with a temporary name; its content becomes that of `target` only if the block succeeds.

    An empty target is kept as it is, for it may be the current folder or a mount: the content moves into it.
    """
    exists = target.is_dir()
    parents = [] if exists else [parent for parent in target.parents if not parent.exists()]
    name = f".{target.name}.{secrets.token_hex(3)}.partial"
    work = target / name if exists else target.with_name(name)
    moved: list[Path] = []
    try:
        work.mkdir(parents=True)
        yield work
        if exists:
            for item in sorted(work.iterdir()):
                moved.append(item.rename(target / item.name))
            work.rmdir()
        else:
            work.rename(target)
        moved, parents = [], []
    except OSError as error:
        reason = error.strerror or str(error)
        if isinstance(
            error, shutil.Error
        ):  # holds (from, to, "[Errno 28] No space left on device: ...") of each file
            reason = str(error.args[0][0][2]).partition("] ")[2].partition(":")[0]
        raise UserError(
            f"{target} cannot be written ({reason}): type a folder of yours with free space"
        ) from error
    finally:
        for path in [*moved, work]:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):  # nothing was written there
                    path.unlink()
        for parent in parents:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def renamed(text: str, old: str, new: str) -> str:
    """Rename a package in a text: code, configuration, command or sentence.

    A name with an underscore is no word of a language, so every occurrence means the package. Another, such as
    ``configurator``, is renamed only where it stands as a name: imported, quoted, followed by ``.part`` or ``/task``,
    or given as ``name:`` in a card.

    Parameters
    ----------
    text : str
        Any text.
    old, new : str
        Import names.

    Examples
    --------
    >>> renamed("from ovens.data import read  # ovens, see ovens/heat", "ovens", "kilns")
    'from kilns.data import read  # ovens, see kilns/heat'
    """
    word = rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])"
    if "_" not in old and "." not in old:
        said_before = rf"(?:\b(?:from|import|name:|usecases [a-z]+) +|['\"`]){word}"
        word = rf"{said_before}|{word}(?=[./][A-Za-z_])"
    return re.sub(word, lambda match: match[0].replace(old, new), text)


def _copy_tree(source: Path, target: Path, names: list[str], new: str) -> None:
    """Copy a folder; texts and file names are renamed, other files are copied byte by byte."""
    shutil.copytree(source, target, ignore=LEFT_OUT, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for path in sorted(target.rglob("*"), reverse=True):  # the content of a folder before the folder
        for old in names:
            if path.is_file() and TEXT.fullmatch(path.name):
                with contextlib.suppress(UnicodeDecodeError):  # an example in another encoding stays as it is
                    path.write_bytes(renamed(path.read_bytes().decode("utf-8"), old, new).encode("utf-8"))
            if path.name != (name := renamed(path.name, old, new)):
                path = path.rename(path.with_name(name))

"""What makes an installable project of a copied package: requirements, licence, README, tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from usecases import __version__, catalogue
from usecases.errors import UserError

TEMPLATES = Path(__file__).resolve().parent / "templates" / "project"


def write_project(work: Path, entry: catalogue.Entry, new: str) -> None:
    """Write what makes a project of the code: pyproject.toml, README, licence, and a test of the contract.

    Parameters
    ----------
    work : pathlib.Path
        Folder of the project; it holds the code in the folder `new`, and perhaps ``tests``.
    entry : Entry
        The package that was copied.
    new : str
        What it is called now.

    Raises
    ------
    UserError
        When the package's tests bring a file that the project needs too.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    (work / "tests").mkdir(exist_ok=True)
    source = distribution(entry)
    code = requirements(work / new, entry)
    tests = [need for need in requirements(work / "tests", entry) if need not in code]
    facts: dict[str, Any] = {
        "old": entry.name,
        "new": new,
        "card": entry.card,
        "tasks": [task["name"] for task in entry.card["tasks"]],
        "adapters": {name: f"{new}/{path}" for name, path in _adapters(entry)},
        "parts": {path.name for path in (work / new).iterdir()},
        "requirements": [f"usecases>={__version__}", *code],
        "test_requirements": ["pytest>=8.0", *(need for need in tests if not need.startswith("pytest"))],
        "version": __version__,
        "distribution": source.name if source else "usecases",
        "licence": licence(entry),
    }
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    for template in environment.list_templates():
        target = work / template.removesuffix(".jinja").replace("gitignore", ".gitignore")
        if target.exists():
            raise UserError(
                f"{entry.name} brings a file {target.name} where a project needs another one: rename it there"
            )
        target.write_text(environment.get_template(template).render(facts), encoding="utf-8", newline="\n")
    if facts["licence"]:
        (work / "LICENSE").write_text(facts["licence"], encoding="utf-8", newline="\n")


def _adapters(entry: catalogue.Entry) -> Iterator[tuple[str, str]]:
    """Yield each task with the file of its adapter inside the package."""
    for task in entry.card["tasks"]:
        module = task["adapter"].partition(":")[0].removeprefix(f"{import_name(entry)}.")
        yield task["name"], f"{module.replace('.', '/')}.py"


def licence(entry: catalogue.Entry) -> str | None:
    """Read the licence text of the distribution that a package comes from; None where it brings none.

    Parameters
    ----------
    entry : Entry
        The package.
    """
    checkout = catalogue.CHECKOUT / "LICENSE"
    source = distribution(entry)
    if source is None:
        return checkout.read_text(encoding="utf-8") if checkout.is_file() else None
    return source.read_text("licenses/LICENSE") or source.read_text("LICENSE")


def requirements(folder: Path, entry: catalogue.Entry) -> list[str]:
    """List what code imports among the requirements of the distribution that it comes from, with its version limits.

    Parameters
    ----------
    folder : pathlib.Path
        The code.
    entry : Entry
        Whose it is.

    Returns
    -------
    list of str
        Such as ``numpy>=2.0``, sorted; not ``usecases`` itself.

    Examples
    --------
    >>> from usecases.catalogue import find
    >>> requirements(Path(__file__).parent / "documented", find("predictive_maintenance"))
    []
    """
    imported = {name for file in folder.rglob("*.py") for name in _imports(file)}
    if not imported:
        return []
    owners = metadata.packages_distributions()
    # what is not installed here, as what only the tests need, is looked for under the name it is imported by
    needed = {_canonical(owner) for name in imported for owner in owners.get(name, [name])}
    source = distribution(entry)
    declared = (source.requires if source else None) or []
    # peers are other solvers that take part in comparisons only: whoever wants them installs them
    kept = [text for text in declared if not re.search(r"""extra == ["']peers["']""", text)]
    limits = {_canonical(text): text.partition(";")[0].strip() for text in kept}
    return sorted(limits[name] for name in needed & set(limits) - {"usecases"})


def _imports(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # an example that is wrong on purpose needs no library
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def _canonical(requirement: str) -> str:
    """Name of a distribution as the package index compares it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0] if found else "").lower()


def distribution(entry: catalogue.Entry) -> metadata.Distribution | None:
    """Find the distribution that declares a package; None in a bare checkout.

    Parameters
    ----------
    entry : Entry
        The package.

    Examples
    --------
    >>> distribution(catalogue.find("greenhouse")) is None
    True
    """
    points = metadata.entry_points(group=catalogue.GROUP, name=entry.name)
    return next((point.dist for point in points if point.dist), None)


def import_name(entry: catalogue.Entry) -> str:
    """Name under which Python imports a package; it may differ from what the catalogue calls it.

    Parameters
    ----------
    entry : Entry
        The package.

    Examples
    --------
    >>> import_name(catalogue.find("predictive_maintenance"))
    'predictive_maintenance'
    """
    points = metadata.entry_points(group=catalogue.GROUP, name=entry.name)
    return next((point.value.partition(":")[0].strip() for point in points), entry.name)

"""Which use cases there are: packages found by entry point or in a checkout, and documented cases.

A package is never imported to be listed: only its `card.yaml` is read, as a file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from usecases.additions import Method, additions, entry_points, locate, methods_of_others
from usecases.cards import Card, load_card
from usecases.errors import UserError, nearest

logger = logging.getLogger(__name__)

GROUP = "usecases.packages"
CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTED = Path(__file__).resolve().parent / "documented"

Origin = Literal["entry point", "checkout", "documented"]


@dataclass(frozen=True)
class Entry:
    """One use case of the catalogue.

    Parameters
    ----------
    name : str
        What people type; an entry point's name, a folder's name, or the stem of a documented card.
    folder : Path or None
        The package's folder; None for a documented case, which has no package.
    card : dict
        The card, as read.
    origin : {"entry point", "checkout", "documented"}
        Where it was found.
    added : tuple of Method
        Methods that other distributions bring for its tasks.
    """

    name: str
    folder: Path | None
    card: Card
    origin: Origin
    added: tuple[Method, ...] = ()


def entries(checkout: Path | None = CHECKOUT, documented: Path | None = DOCUMENTED) -> dict[str, Entry]:
    """Find every use case, packages first; a package whose card is missing or broken is logged and left out.

    Parameters
    ----------
    checkout : Path, optional
        Folder whose sub-folders with a `card.yaml` are packages too, where no entry point names them; None
        or an installation's ``site-packages`` for none.
    documented : Path, optional
        Folder of the cards without a package; None for none.

    Returns
    -------
    dict of str to Entry
        By name; a package hides a documented case of the same name.

    Examples
    --------
    >>> entries()["greenhouse"].origin
    'documented'
    """
    found: dict[str, Entry] = {}
    others = additions()
    for name, folder, origin in _packages(checkout):
        if name not in found:
            _add(found, name, folder, folder / "card.yaml", origin)
            if name in found and others:
                found[name] = replace(
                    found[name], added=methods_of_others(name, folder, found[name].card, others)
                )
    for file in sorted(documented.glob("*.yaml")) if documented else []:
        if file.stem not in found:
            _add(found, file.stem, None, file, "documented")
    return found


def _packages(checkout: Path | None) -> Iterator[tuple[str, Path, Origin]]:
    tried = set()
    for point in entry_points(GROUP):
        folder = _folder_of(point.name, point.value)
        if folder:
            tried.add(folder)
            yield point.name, folder, "entry point"
    if checkout and checkout.name not in ("site-packages", "dist-packages"):
        for file in sorted(checkout.glob("*/card.yaml")):
            if file.parent.resolve() not in tried:
                yield file.parent.name, file.parent, "checkout"


def _folder_of(name: str, value: str) -> Path | None:
    """Find the package that an entry point's import name stands for, without importing anything."""
    folders = locate(f"use case {name}", value)
    for folder in folders or []:
        if (folder / "card.yaml").is_file():
            return folder.resolve()
    if folders is not None:
        logger.warning("use case %s: the package %s has no card.yaml; it is left out", name, value)
    return None


def _card(file: Path) -> Card:
    """Read a card once for each state of its file, since every configuration asks for the catalogue."""
    try:
        state = file.stat()
    except OSError:
        return load_card(file)  # which says what is wrong
    return _read_card(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _read_card(file: Path, modified: int, size: int) -> Card:
    return load_card(file)


def _add(found: dict[str, Entry], name: str, folder: Path | None, file: Path, origin: Origin) -> None:
    try:
        found[name] = Entry(name, folder, _card(file), origin)
    except UserError as error:
        logger.warning("use case %s is left out: %s", name, error)


def find(name: str) -> Entry:
    """Find one use case by its name.

    Parameters
    ----------
    name : str
        A name of `entries`.

    Returns
    -------
    Entry
        Its entry.

    Raises
    ------
    UserError
        When there is none of that name; the message gives the nearest.

    Examples
    --------
    >>> find("greenhouse").name
    'greenhouse'
    """
    known = entries()
    if name not in known:
        raise UserError(
            f"Unknown use case {name!r}: {nearest(name, known)}; type 'usecases list' to see them."
        )
    return known[name]


def find_task(spec: str) -> tuple[Entry, dict[str, Any]]:
    """Find the task that ``NAME`` or ``NAME/TASK`` stands for; without TASK, the card's first.

    Parameters
    ----------
    spec : str
        ``predictive_maintenance`` or ``predictive_maintenance/rul``.

    Returns
    -------
    entry : Entry
        The use case.
    task : dict
        The task's entry of the card.

    Raises
    ------
    UserError
        When the use case or the task is unknown, or when the use case has no task.

    Examples
    --------
    >>> entry, task = find_task("predictive_maintenance")
    >>> task["name"]
    'rul'
    """
    name, _, wanted = spec.partition("/")
    entry = find(name)
    tasks = {task["name"]: task for task in entry.card["tasks"]}
    if not tasks:
        state = "is documented, not implemented" if entry.origin == "documented" else "has no task yet"
        raise UserError(
            f"The use case {name!r} {state}, so nothing of it can be run: type 'usecases show {name}' to "
            "read its card, or 'usecases list' to see which ones run."
        )
    if wanted and wanted not in tasks:
        raise UserError(
            f"Unknown task {wanted!r} of {name!r}: {nearest(wanted, tasks)}; type 'usecases show {name}'."
        )
    return entry, tasks[wanted] if wanted else next(iter(tasks.values()))


def load_task(entry: Entry, task: dict[str, Any]) -> Any:
    """Import the adapter of a task and make one.

    Parameters
    ----------
    entry : Entry
        The use case.
    task : dict
        The task's entry of the card; its ``adapter`` reads ``module:Class``.

    Returns
    -------
    object
        An instance of the adapter; see `usecases.contract.Task`.

    Raises
    ------
    UserError
        When the module or the class is not there, or a library that it needs is not installed.

    Examples
    --------
    >>> load_task(find("greenhouse"), {"name": "pick", "adapter": "fractions:Fraction"})
    Fraction(0, 1)
    """
    adapter = str(task.get("adapter", ""))
    module_name, _, class_name = adapter.partition(":")
    label = f"The adapter {adapter!r} of {entry.name}/{task['name']}"
    if not module_name or not class_name:
        raise UserError(f"{label} is not of the form 'module:Class': correct it in the card.")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        if f"{module_name}.".startswith(f"{missing}."):
            raise UserError(
                f"{label} was not found (no module {missing!r}): install the package again, or correct "
                "'adapter' in its card."
            ) from error
        raise UserError(
            f"{label} needs the library {missing!r}, which is not installed: type 'pip install {missing}'."
        ) from error
    except ImportError as error:
        raise UserError(f"{label} cannot be imported ({error}): type 'usecases doctor'.") from error
    try:
        return getattr(module, class_name)()
    except AttributeError as error:
        if hasattr(module, class_name):
            raise
        classes = [name for name in vars(module) if name[:1].isupper()]
        raise UserError(
            f"{label} was not found in {module_name} ({nearest(class_name, classes)}): correct 'adapter' in "
            "the card."
        ) from error

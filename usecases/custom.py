"""``method=custom method._target_=mymodule.MyMethod``: a class of the user's own, beside the methods of a task."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from usecases.errors import UserError, nearest

NAME = "custom"


def opened(overrides: Iterable[str]) -> list[str]:
    """Let ``method=custom`` take any key: a class of the user's own has the parameters it likes.

    Examples
    --------
    >>> opened(["method=custom", "method._target_=mine.Best", "method.depth=3"])
    ['method=custom', '++method._target_=mine.Best', '++method.depth=3']
    """
    listed = list(overrides)
    if f"method={NAME}" not in listed:
        return listed
    return [f"++{text}" if text.startswith("method.") else text for text in listed]


def current_folder_on_path() -> None:
    """Let Python find modules in the current folder, after all others."""
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)


def check(target: Any, others: Iterable[str]) -> None:
    """Refuse a class that cannot be imported, or that lacks what all methods of the task have.

    Parameters
    ----------
    target : str or None
        ``MODULE.CLASS``.
    others : iterable of str
        Targets of the methods that the task has.

    Raises
    ------
    UserError
        Saying in one sentence what is missing.

    Examples
    --------
    >>> check("fractions.Fraction", ["queue.Queue", "queue.LifoQueue"])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    usecases.errors.UserError: method._target_=fractions.Fraction has no empty, full, get, get_nowait
    """
    from hydra.utils import get_object

    found = find(target)
    needed = [_public(get_object(other)) for other in others]
    missing = sorted(set.intersection(*needed) - _public(found)) if needed else []
    if missing:
        raise UserError(
            f"method._target_={target} has no {', '.join(missing)}, which all other methods of this task have: "
            "add it to the class"
        )


def _public(found: Any) -> set[str]:
    return {name for name in dir(found) if name[0] != "_" and callable(getattr(found, name, None))}


def find(target: Any) -> type:
    """Import a class of the user's own.

    Parameters
    ----------
    target : str or None
        ``MODULE.CLASS``.

    Raises
    ------
    UserError
        When there is none of that name, or its module cannot be imported.

    Examples
    --------
    >>> find("fractions.Fraction").__name__
    'Fraction'
    """
    if not target:
        raise UserError(
            "method=custom needs a class: type method._target_=mymodule.MyMethod, with mymodule.py in the current folder "
            "or an installed module"
        )
    told = f"method._target_={target}"
    module, _, name = str(target).rpartition(".")
    if not module:
        raise UserError(
            f"{told} is no class: MODULE.CLASS was expected, for example method._target_=mymodule.MyMethod"
        )
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        if f"{module}.".startswith(f"{error.name}."):
            raise UserError(
                f"{told}: there is no module {error.name!r} in {Path.cwd()} or among the installed ones: go to the "
                "folder that holds it, or correct its name"
            ) from error
        raise UserError(
            f"{told}: the module {module} needs {error.name!r}, which is not installed"
        ) from error
    except Exception as error:  # whatever a user's module does when it is imported
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(f"{told}: the module {module} cannot be imported ({reason}): correct it") from error
    found = getattr(loaded, name, None)
    if not isinstance(found, type):
        classes = [key for key, value in vars(loaded).items() if isinstance(value, type)]
        raise UserError(f"{told}: there is no class {name!r} in {module}: {nearest(name, classes)}")
    return found

"""What configuration values must look like: the nodes that every task shares, and the check of values against types."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from usecases.contract import Budget
from usecases.errors import UserError, nearest


@dataclass(frozen=True)
class DeviceNode:
    """Where to compute."""

    name: Literal["auto", "cpu", "cuda"] = "auto"


@dataclass(frozen=True)
class TrackingNode:
    """Where runs are tracked; `uri` None is the SQLite file of the runs folder."""

    name: Literal["mlflow", "none"] = "mlflow"
    uri: str | None = None


@dataclass(frozen=True)
class ExecutorNode:
    """How independent pieces are spread: over the cores (`n_jobs` -1 is all of them) or a Dask cluster at `address`."""

    name: Literal["local", "dask"] = "local"
    n_jobs: int = -1
    backend: Literal["threading", "loky"] = "threading"
    address: str | None = None


@dataclass(frozen=True)
class Settings:
    """The nodes that every task shares, typed."""

    seed: int
    lang: Literal["en", "fr"]
    budget: Budget
    device: DeviceNode
    tracking: TrackingNode
    executor: ExecutorNode
    baselines: tuple[str, ...] = ()


def check_object(node: Mapping[str, Any], name: str) -> None:
    """Check the keys and types of a ``_target_`` node against the dataclass it names."""
    from hydra.utils import get_object

    target = node.get("_target_")
    if not target:
        raise UserError(
            f"{name} has no _target_: the configuration must name a class, e.g. {name}._target_=module.Class"
        )
    try:
        found = get_object(str(target))
    except Exception as error:  # Hydra lets any error of the import through
        raise UserError(f"{name}._target_={target} cannot be used: {' '.join(str(error).split())}") from error
    if is_dataclass(found):
        typed(found, {k: v for k, v in node.items() if not str(k).startswith("_")}, name, build=False)


def typed(expected_class: Any, values: Mapping[str, Any], name: str, *, build: bool = True) -> Any:
    """Check values against a dataclass, recursively, and build it.

    Parameters
    ----------
    expected_class : dataclass type
        The expected shape.
    values : mapping
        Plain values.
    name : str
        Where they stand in the configuration, for messages.
    build : bool
        False only checks.

    Raises
    ------
    UserError
        For an unknown key or a value of another type.
    """
    hints = typing.get_type_hints(expected_class)
    expected = {field.name: hints[field.name] for field in fields(expected_class) if field.init}
    built: dict[str, Any] = {}
    for key, value in values.items():
        where = f"{name}.{key}" if name else str(key)
        if key not in expected:
            raise UserError(f"unknown key {where}: {nearest(str(key), expected)}")
        hint = expected[key]
        if is_dataclass(hint) and isinstance(value, Mapping):
            built[key] = typed(hint, value, where)
        elif not fits(value, hint):
            raise UserError(f"{where}={value} was given, but {_say(hint)} was expected: type {where}=VALUE")
        else:
            built[key] = tuple(value) if isinstance(value, list) else value
    return expected_class(**built) if build else None


def fits(value: Any, hint: Any) -> bool:
    """Tell whether a plain value fits a type hint; hints it does not know are let through.

    Examples
    --------
    >>> fits(3, float), fits("a", int | None), fits(None, int | None), fits(True, int)
    (True, False, True, False)
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, part) for part in arguments)
    if origin is Literal:
        return value in arguments
    if hint is type(None):
        return value is None
    if hint is bool:
        return isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint in (str, Path):
        return isinstance(value, str)
    if origin in (tuple, list, Sequence) or hint in (tuple, list):
        inner = arguments[0] if arguments else Any
        return isinstance(value, list | tuple) and all(fits(item, inner) for item in value)
    return True


def _say(hint: Any) -> str:
    """Name a type for people."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_say(part) for part in arguments)
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        type(None): "null",
    }
    return names.get(hint) or ("a list" if origin in (tuple, list, Sequence) else str(hint))

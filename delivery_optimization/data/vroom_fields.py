"""Fields of VROOM's JSON, each read with a sentence for what is wrong; and the keys that this package understands."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from usecases.errors import UserError, nearest

Array = np.ndarray
logger = logging.getLogger(__name__)

KNOWN = {
    "problem": {"jobs", "shipments", "vehicles", "matrices", "matrix", "options", "distribute_options"},
    "job": {"id", "description", "location", "location_index", "service", "delivery", "pickup", "amount", "priority", "time_windows",
            "skills", "setup"},
    "shipment": {"pickup", "delivery", "amount", "skills", "priority"},
    "shipment step": {"id", "description", "location", "location_index", "service", "setup", "time_windows"},
    "vehicle": {"id", "description", "profile", "start", "start_index", "end", "end_index", "capacity", "costs", "skills", "type",
                "time_window", "breaks", "speed_factor", "steps"},
    "cost": {"fixed", "per_hour", "per_task_hour", "per_km"},
    "break": {"id", "description", "time_windows", "service"},
    "matrix": {"durations", "distances", "costs"},
}  # fmt: skip


def only(item: Any, kind: str, what: str) -> None:
    """Refuse keys that mean something this package would not respect.

    Examples
    --------
    >>> only({"per_stop": 3}, "cost", "the costs of vehicle 1")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: the costs of vehicle 1: per_stop is not known.
    """
    if not isinstance(item, Mapping):
        raise UserError(f"{what} is {str(item)[:40]!r}: an object of VROOM's JSON was expected.")
    for key in item:
        if key not in KNOWN[kind]:
            raise UserError(
                f"{what}: {key!r} cannot be planned with by this package: {nearest(key, KNOWN[kind])}."
            )


def plain(task: Mapping[str, Any], what: str) -> None:
    """Refuse skills and setup times; say in the log that priorities are not used.

    Examples
    --------
    >>> plain({"setup": 60}, "job 1")
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: job 1 has a setup time, which this package does not know: add it to service.
    """
    if task.get("skills"):
        raise UserError(
            f"{what} asks for skills {task['skills']}, which this package does not know: leave skills out, or split the file by skill."
        )
    if task.get("setup"):
        raise UserError(f"{what} has a setup time, which this package does not know: add it to service.")
    if task.get("priority"):
        logger.warning("%s: priority %s is not used, every task is to be served", what, task["priority"])


def items(item: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Give the list of objects under a key; empty where there is none.

    Examples
    --------
    >>> items({"jobs": [{"id": 1}]}, "jobs")
    [{'id': 1}]
    """
    value = item.get(key, [])
    if not isinstance(value, list):
        raise UserError(f"{key} is {str(value)[:40]!r}: a list was expected.")
    for element in value:
        if not isinstance(element, Mapping):
            raise UserError(f"{key} holds {str(element)[:40]!r}: objects were expected.")
    return value


def identifier(item: Mapping[str, Any], what: str) -> int:
    """Give the identifier of a task or vehicle.

    Examples
    --------
    >>> identifier({"id": 4}, "job")
    4
    """
    value = item.get("id")
    if not isinstance(value, int) or isinstance(value, bool):
        raise UserError(f"a {what} has the id {value!r}: a whole number was expected.")
    return value


def number(value: Any, what: str) -> float:
    """Give a finite number.

    Examples
    --------
    >>> number("3", "service of job 1")
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: service of job 1 is '3': a number was expected.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise UserError(f"{what} is {value!r}: a number was expected.")
    return float(value)


def amounts(value: Any, what: str) -> tuple[float, ...]:
    """Give amounts in all dimensions.

    Examples
    --------
    >>> amounts([1, 2], "delivery of job 1")
    (1.0, 2.0)
    """
    if not isinstance(value, list):
        raise UserError(f"{what} is {value!r}: a list of whole numbers was expected.")
    return tuple(number(element, what) for element in value)


def window(item: Mapping[str, Any], what: str) -> tuple[float, float]:
    """Give the only window of a task, vehicle or break; always, where none is given.

    Examples
    --------
    >>> window({"time_windows": [[60, 90]]}, "job 1"), window({}, "job 2")
    ((60.0, 90.0), (0.0, inf))
    """
    windows = item.get("time_windows", [])
    if windows == []:
        return 0.0, float("inf")
    if not isinstance(windows, list) or not isinstance(windows[0], list) or len(windows[0]) != 2:
        raise UserError(f"{what} has the time windows {windows!r}: [[start, end]] was expected.")
    if len(windows) > 1:
        raise UserError(
            f"{what} has {len(windows)} time windows, this package plans with one: keep the one that was promised."
        )
    return number(windows[0][0], f"time window of {what}"), number(windows[0][1], f"time window of {what}")


def square(value: Any, what: str) -> Array:
    """Give a square matrix of numbers with a diagonal of 0: nothing is driven from a place to itself.

    Examples
    --------
    >>> square([[0, 1], [2, 0]], "durations").shape
    (2, 2)
    """
    try:
        table = np.array(value, dtype=float)
    except (TypeError, ValueError):
        table = np.zeros(0)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size:
        raise UserError(
            f"the {what} are no square matrix of numbers: give one row and one column for each place."
        )
    if np.diagonal(table).any():
        logger.warning("%s: the way from a place to itself is not 0 in the file, and counts as 0", what)
        table = table - np.diag(np.diagonal(table))
    return table

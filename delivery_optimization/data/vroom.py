"""VROOM's JSON, in: vehicles, jobs, shipments, breaks, matrices or coordinates become an `Instance`.

Source of the keys: docs/API.md of https://github.com/VROOM-Project/vroom (1.14). What this package cannot plan with
(skills, several windows of one task, limits of tasks or travel time ...) is refused in a sentence, never dropped.

A job with `delivery` is an order that is on board at the depot; a shipment is an order with a pickup; each vehicle is a type of
its own, so that identifiers stay. VROOM pays for travel time (`per_hour`), not for waiting: the instance's distances are those
costs' base (durations, metres, or the sum of both prices).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.reading import read_text, rounded_as
from delivery_optimization.instance import (
    FROM_DEPOT,
    Break,
    Crow,
    Instance,
    Orders,
    Places,
    Table,
    Travel,
    VehicleType,
)
from delivery_optimization.instance_checks import validate
from usecases.errors import UserError, nearest

Array = np.ndarray

SPEED = {"car": 30 / 3.6, "bike": 15 / 3.6, "foot": 5 / 3.6}  # m/s, assumed, where there are coordinates only
ANYWHERE = "anywhere"  # place of an open end: VROOM's vehicles may lack a start or an end
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


def read_vroom(path: Path) -> Instance:
    """Read a VROOM problem.

    Parameters
    ----------
    path : Path
        The JSON file.

    Returns
    -------
    Instance
        Times in seconds; cost as VROOM counts it. Order names are identifiers: ``7`` for job 7, ``3>4`` for the shipment with
        pickup 3 and delivery 4. `delivery_optimization.data.vroom_plans` writes plans in VROOM's output form.

    Raises
    ------
    UserError
        If it is not VROOM's JSON or holds what this package cannot plan with.

    Examples
    --------
    >>> import tempfile
    >>> problem = {"vehicles": [{"id": 1, "start_index": 0, "end_index": 0}], "jobs": [{"id": 7, "location_index": 1}],
    ...            "matrices": {"car": {"durations": [[0, 60], [70, 0]]}}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "problem.json"
    ...     _ = path.write_text(json.dumps(problem), encoding="utf-8")
    ...     read_vroom(path).orders.names
    ('7',)
    """
    text = read_text(path, "VROOM JSON")
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON ({error}): give a whole VROOM problem.") from error
    try:
        return vroom_instance(raw, name=Path(path).stem)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def vroom_instance(problem: Any, name: str = "vroom") -> Instance:
    """Make an instance of a parsed VROOM problem.

    Parameters
    ----------
    problem : mapping
        As `json.loads` gives it.
    name : str
        Of the instance.

    Returns
    -------
    Instance

    Raises
    ------
    UserError
        As `read_vroom`.

    Examples
    --------
    >>> vroom_instance({"vehicles": []})
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: vehicles is empty: a VROOM problem has at least one vehicle.
    """
    _only(problem, "problem", "a VROOM problem")
    vehicles, tasks = _items(problem, "vehicles"), _tasks(problem)
    if not vehicles:
        raise UserError("vehicles is empty: a VROOM problem has at least one vehicle.")
    for vehicle in vehicles:
        _only(vehicle, "vehicle", f"vehicle {vehicle.get('id')}")
    places = _PlaceBook(problem, vehicles)
    orders = _orders(tasks, places, _dimensions(vehicles, tasks))
    travel, kinds = [], {}
    types = []
    for vehicle in vehicles:
        types.append(_vehicle(vehicle, places, orders.size.shape[1], kinds, travel))
    instance = Instance(
        name=name,
        places=Places(tuple(places.names), np.array(places.x), np.array(places.y), places.geographic),
        travel=tuple(places.travel(*kind) for kind in kinds),
        orders=orders,
        vehicles=tuple(types),
        convention=rounded_as(*(t.durations for t in map(lambda k: places.travel(*k), kinds) if isinstance(t, Table))),
        time_unit="s",
    )
    validate(instance, source="the problem")
    return instance

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.reading import read_text, rounded_as
from delivery_optimization.data.vroom_fields import amounts, identifier, items, number, only, plain, window
from delivery_optimization.data.vroom_places import SPEED, VroomPlaces
from delivery_optimization.instance import (
    FROM_DEPOT,
    Break,
    Instance,
    Orders,
    Places,
    Table,
    VehicleType,
)
from delivery_optimization.instance_checks import validate
from usecases.errors import UserError, nearest


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
    except (ValueError, RecursionError) as error:
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
    only(problem, "problem", "the problem")
    vehicles, jobs, shipments = (items(problem, key) for key in ("vehicles", "jobs", "shipments"))
    if not vehicles:
        raise UserError("vehicles is empty: a VROOM problem has at least one vehicle.")
    for vehicle in vehicles:
        only(vehicle, "vehicle", f"vehicle {vehicle.get('id')}")
    book = VroomPlaces(problem, open_ended=any(_open_ends(vehicle) for vehicle in vehicles))
    tasks = [_job(job) for job in jobs] + [_shipment(shipment) for shipment in shipments]
    n_dimensions = max([1, *(len(task.size) for task in tasks)])
    orders = _orders(tasks, book, n_dimensions)
    kinds: dict[tuple[Any, ...], int] = {}
    types = tuple(_vehicle(vehicle, book, n_dimensions, kinds) for vehicle in vehicles)
    travel = tuple(book.travel(*kind) for kind in kinds)
    tables = [array for t in travel if isinstance(t, Table) for array in (t.durations, t.distances)]
    instance = Instance(
        name=name,
        places=Places(tuple(book.names), np.array(book.x), np.array(book.y), book.geographic),
        travel=travel,
        orders=orders,
        vehicles=types,
        convention=rounded_as(*tables),
        time_unit="s",
    )
    validate(instance, source=name)
    return instance


@dataclass(frozen=True)
class _Task:
    """A job, or a shipment with its two steps."""

    name: str
    delivery: Mapping[str, Any]
    pickup: Mapping[str, Any] | None
    size: tuple[float, ...]


def _job(job: Mapping[str, Any]) -> _Task:
    what = f"job {job.get('id')}"
    only(job, "job", what)
    plain(job, what)
    back = amounts(job.get("pickup", []), f"pickup of {what}")
    if any(back):
        raise UserError(
            f"{what} brings goods back (pickup), which this package plans as a shipment: give it as one, with a delivery."
        )
    return _Task(
        str(identifier(job, "job")),
        job,
        None,
        amounts(job.get("delivery", job.get("amount", [])), f"delivery of {what}"),
    )


def _shipment(shipment: Mapping[str, Any]) -> _Task:
    only(shipment, "shipment", "a shipment")
    steps = []
    for key in ("pickup", "delivery"):
        step: Any = shipment.get(key)
        only(step, "shipment step", f"the {key} of a shipment")
        plain(step, f"{key} {step.get('id')}")
        steps.append(step)
    name = ">".join(str(identifier(step, "shipment")) for step in steps)
    plain(shipment, f"shipment {name}")
    return _Task(name, steps[1], steps[0], amounts(shipment.get("amount", []), f"amount of shipment {name}"))


def _orders(tasks: list[_Task], book: VroomPlaces, n_dimensions: int) -> Orders:
    """Jobs first, then shipments."""
    size = np.zeros((len(tasks), n_dimensions))
    for i, task in enumerate(tasks):
        if len(task.size) not in (0, n_dimensions):
            raise UserError(
                f"task {task.name} has {len(task.size)} amounts, others have {n_dimensions}: give as many everywhere."
            )
        size[i, : len(task.size)] = task.size
    windows = np.array([window(t.delivery, f"task {t.name}") for t in tasks]).reshape(-1, 2)
    before = np.array([window(t.pickup or {}, f"the pickup of {t.name}") for t in tasks]).reshape(-1, 2)
    service = [number(t.delivery.get("service", 0), f"service of {t.name}") for t in tasks]
    loading = [number((t.pickup or {}).get("service", 0), f"service of {t.name}") for t in tasks]
    never = np.full(len(tasks), np.inf)
    return Orders(
        names=tuple(task.name for task in tasks),
        place=np.array([book.place(t.delivery, f"task {t.name}") for t in tasks], dtype=int),
        opens=windows[:, 0],
        closes=windows[:, 1],
        service=np.array(service, dtype=float),
        size=size,
        pickup_place=np.array(
            [
                FROM_DEPOT if t.pickup is None else book.place(t.pickup, f"the pickup of {t.name}")
                for t in tasks
            ],
            dtype=int,
        ),
        pickup_opens=before[:, 0],
        pickup_closes=before[:, 1],
        pickup_service=np.array(loading, dtype=float),
        penalty=never,
        late_cost=never,
    )


def _vehicle(
    vehicle: Mapping[str, Any], book: VroomPlaces, n_dimensions: int, kinds: dict[tuple[Any, ...], int]
) -> VehicleType:
    """One vehicle; `kinds` collects the travels that are needed."""
    name = str(identifier(vehicle, "vehicle"))
    what = f"vehicle {name}"
    costs = vehicle.get("costs", {})
    only(costs, "cost", f"the costs of {what}")
    if costs.get("per_task_hour"):
        raise UserError(f"{what} pays per_task_hour, which this package does not know: leave it out.")
    profile, factor = (
        str(vehicle.get("profile", "car")),
        number(vehicle.get("speed_factor", 1), f"speed_factor of {what}"),
    )
    if profile not in (book.matrices or SPEED):
        raise UserError(f"{what} has the profile {profile}: {nearest(profile, book.matrices or SPEED)}.")
    if not 0 < factor <= 5:
        raise UserError(f"{what} has speed_factor {factor:g}: a number above 0 and at most 5 was expected.")
    per_hour, per_km = (
        number(costs.get(key, default), key) for key, default in (("per_hour", 3600), ("per_km", 0))
    )
    kind = (profile, factor, per_hour, per_km)
    capacity = amounts(vehicle.get("capacity", []), f"capacity of {what}") or (np.inf,) * n_dimensions
    open_ends = _open_ends(vehicle)
    if len(open_ends) == 2 or (open_ends and book.anywhere is None):
        raise UserError(
            f"{what} has no {' and no '.join(open_ends)}: give both, or matrices and one of them."
        )
    start, end = (
        int(book.anywhere or 0) if key in open_ends else book.place(vehicle, what, key)
        for key in ("start", "end")
    )
    opens, closes = window(
        {"time_windows": [vehicle["time_window"]]} if "time_window" in vehicle else {}, what
    )
    breaks = []
    for pause in items(vehicle, "breaks"):
        only(pause, "break", f"a break of {what}")
        breaks.append(
            Break(*window(pause, f"a break of {what}"), number(pause.get("service", 0), f"a break of {what}"))
        )
    return VehicleType(
        name=name,
        number=1,
        capacity=capacity,
        start=start,
        end=end,
        opens=opens,
        closes=closes,
        fixed_cost=number(costs.get("fixed", 0), f"fixed of {what}"),
        cost_per_distance=book.price(*kind),
        travel=kinds.setdefault(kind, len(kinds)),
        breaks=tuple(breaks),
    )


def _open_ends(vehicle: Mapping[str, Any]) -> list[str]:
    return [
        key for key in ("start", "end") if vehicle.get(key) is None and vehicle.get(f"{key}_index") is None
    ]

"""Plans in VROOM's output form, out and in, so that what a user built around VROOM reads ours.

Source of the keys: docs/API.md of https://github.com/VROOM-Project/vroom (1.14), section Output. All numbers are whole there:
times and costs are rounded (seconds, unit of cost), the exact ones are in the run's `result.json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.data.vroom_fields import items
from delivery_optimization.data.vroom_places import ANYWHERE
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import Schedule, plan_cost, schedule_plan
from usecases.errors import UserError

SECONDS = {"s": 1, "min": 60, "h": 3600}


def plan_to_vroom(instance: Instance, plan: Plan, problem: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write a plan as VROOM writes its solutions.

    Parameters
    ----------
    instance : Instance
        Where all names are VROOM's (read by `read_vroom`), identifiers are those of the file; else orders and vehicles are
        numbered from 1 and ``description`` holds their names.
    plan : Plan
        Valid or partial.
    problem : mapping, optional
        The VROOM problem, for the identifiers of breaks; without it they are numbered from 1.

    Returns
    -------
    dict
        ``code``, ``summary``, ``unassigned``, ``routes`` with ``steps``; ready for `json.dumps`.

    Raises
    ------
    UserError
        If the plan comes too late for a hard window.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> found = plan_to_vroom(tiny(), Plan((Route(0, (4, 5, 0, 1)),), (2, 3)))
    >>> [step["type"] for step in found["routes"][0]["steps"]]
    ['start', 'pickup', 'pickup', 'delivery', 'delivery', 'end']
    >>> found["unassigned"][0]["description"], found["summary"]["duration"]
    ('C', 720)
    """
    cost = plan_cost(instance, Plan(plan.routes))
    if not np.isfinite(cost):
        raise UserError(
            f"The plan comes too late for a hard window of {instance.name}: write one that the checker accepts."
        )
    ids = identifiers(instance, problem)
    used = dict.fromkeys(range(len(instance.vehicles)), 0)
    routes = []
    for times in schedule_plan(instance, plan):
        kind = times.route.vehicle
        routes.append(_route(instance, times, ids, ids.vehicles[kind] + used[kind]))
        used[kind] += 1
    unassigned = [task for order in plan.unserved for task in _unassigned(instance, order, ids)]
    summary: dict[str, Any] = {"cost": _whole(cost), "routes": len(routes)}
    summary["unassigned"] = len(unassigned)
    for key in ("setup", "service", "duration", "waiting_time", "priority", "distance"):
        summary[key] = sum(route[key] for route in routes)
    for key in ("delivery", "pickup"):
        summary[key] = [_whole(v) for v in np.sum([r[key] for r in routes], axis=0)] if routes else []
    summary["violations"] = [violation for route in routes for violation in route["violations"]]
    return {"code": 0, "summary": summary, "unassigned": unassigned, "routes": routes}


def plan_from_vroom(
    instance: Instance, solution: Mapping[str, Any], problem: Mapping[str, Any] | None = None
) -> Plan:
    """Read a solution in VROOM's output form, from VROOM or from `plan_to_vroom`.

    Parameters
    ----------
    instance : Instance
        The problem that was solved.
    solution : mapping
        As `json.loads` gives it.
    problem : mapping, optional
        The VROOM problem, for the identifiers of breaks; without it they are numbered from 1.

    Returns
    -------
    Plan
        Tasks in no route are unserved; no cost is stated, since VROOM rounds.

    Raises
    ------
    UserError
        If VROOM reports an error, or the solution names a vehicle or a task that the instance does not have.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plan = Plan((Route(0, (4, 5, 0, 1)),), (2, 3))
    >>> plan_from_vroom(tiny(), plan_to_vroom(tiny(), plan)) == plan
    True
    """
    if solution.get("code", 0) != 0 or "routes" not in solution:
        raise UserError(
            f"the solution holds no routes ({solution.get('error', 'no message')}): give a solution of VROOM."
        )
    ids, n = identifiers(instance, problem), instance.n_orders
    stops: dict[tuple[str, int], int] = {}
    for order, (pickup, delivery) in enumerate(ids.orders):
        if pickup is None:
            stops["job", delivery] = order
        else:
            stops["pickup", pickup], stops["delivery", delivery] = n + order, order
    vehicles = {
        first + k: kind
        for kind, first in enumerate(ids.vehicles)
        for k in range(max(instance.vehicles[kind].number, 1))
    }
    routes = []
    for route in items(solution, "routes"):
        if route.get("vehicle") not in vehicles:
            raise UserError(
                f"the solution drives vehicle {route.get('vehicle')}, which {instance.name} does not have."
            )
        made = []
        for step in items(route, "steps"):
            key = (step.get("type"), step.get("id"))
            if key[0] == "break":
                known = ids.breaks[vehicles[route["vehicle"]]]
                if key[1] not in known:
                    raise UserError(
                        f"the solution takes break {key[1]} of vehicle {route['vehicle']}, which it does not have."
                    )
                made.append(-1 - known.index(key[1]))
            elif key[0] not in ("start", "end"):
                if key not in stops:
                    raise UserError(
                        f"the solution makes {key[0]} {key[1]}, which {instance.name} does not have."
                    )
                made.append(stops[key])
        if made:
            routes.append(Route(vehicles[route["vehicle"]], tuple(made)))
    served = {stop % n for route in routes for stop in route.stops if stop >= 0}
    return Plan(tuple(routes), tuple(i for i in range(n) if i not in served))


@dataclass(frozen=True)
class Identifiers:
    """VROOM's identifiers of an instance.

    Parameters
    ----------
    orders : tuple of (int or None, int)
        Of the pickup (None for a job) and of the delivery or job.
    vehicles : tuple of int
        The first one of each vehicle type; the others follow.
    breaks : tuple of tuple of int
        Of each vehicle type.
    orders_named, vehicles_named : bool
        Whether names say more than the identifiers.
    """

    orders: tuple[tuple[int | None, int], ...]
    vehicles: tuple[int, ...]
    breaks: tuple[tuple[int, ...], ...]
    orders_named: bool
    vehicles_named: bool


def identifiers(instance: Instance, problem: Mapping[str, Any] | None = None) -> Identifiers:
    """Give every order and vehicle the identifier that VROOM's files have, or a number.

    Parameters
    ----------
    instance : Instance
        Read by `read_vroom`, or any other.
    problem : mapping, optional
        The VROOM problem, for the identifiers of breaks.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> identifiers(tiny()).orders, identifiers(tiny()).vehicles
    (((1, 1), (2, 2), (None, 3), (None, 4)), (1, 2))
    """
    paired, names = instance.has_pickup, instance.orders.names
    forms = [re.fullmatch(r"(\d+)>(\d+)" if paired[i] else r"(\d+)", name) for i, name in enumerate(names)]
    orders: list[tuple[int | None, int]]
    plain = all(form is not None for form in forms)
    if plain:
        orders = [
            (int(f[1]), int(f[2])) if paired[i] else (None, int(f[1])) for i, f in enumerate(forms) if f
        ]
    else:
        orders = [(i + 1 if paired[i] else None, i + 1) for i in range(instance.n_orders)]
    vehicles = instance.vehicles
    kept = all(v.name.isdecimal() and v.number <= 1 for v in vehicles) and len(
        {v.name for v in vehicles}
    ) == len(vehicles)
    breaks = tuple(tuple(range(1, len(v.breaks) + 1)) for v in vehicles)
    if problem is not None:
        breaks = tuple(tuple(pause["id"] for pause in items(v, "breaks")) for v in items(problem, "vehicles"))
    if kept:
        return Identifiers(tuple(orders), tuple(int(v.name) for v in vehicles), breaks, not plain, False)
    first = np.concatenate([[1], 1 + np.cumsum([max(v.number, 1) for v in vehicles])])
    return Identifiers(tuple(orders), tuple(int(value) for value in first[:-1]), breaks, not plain, True)


def _route(instance: Instance, times: Schedule, ids: Identifiers, vehicle: int) -> dict[str, Any]:
    n, orders = instance.n_orders, instance.orders
    stops = times.route.stops
    unit = SECONDS.get(instance.time_unit, 1)
    load = np.zeros(orders.size.shape[1])
    for order in stops:
        if 0 <= order < n and not instance.has_pickup[order]:
            load = load + orders.size[order]
    steps = []
    for k in range(len(times.place)):
        stop = stops[k - 1] if 0 < k <= len(stops) else None
        if stop is not None and stop >= 0:
            load = load + orders.size[stop % n] * (1 if stop >= n else -1)
        what = _what(instance, stop, k == 0, ids, times.route.vehicle)
        late = float(times.late[k]) * unit
        step = what | {
            "arrival": _whole((times.departure[0] if k == 0 else times.arrival[k]) * unit),
            "duration": _whole(times.travel[: k + 1].sum() * unit),
            "distance": _whole(times.distance[: k + 1].sum()),
            "setup": 0,
            "service": 0 if stop is None else _whole((times.departure[k] - times.start[k]) * unit),
            "waiting_time": 0 if stop is None else _whole(times.waiting[k] * unit),
            "load": [_whole(value) for value in load],
            "violations": [{"cause": "delay", "duration": _whole(late)}] if late > 0 else [],
        }
        step |= _where(instance, int(times.place[k]))
        if instance.places.names[times.place[k]] != ANYWHERE or stop is not None:
            steps.append(step)
    deliveries = [orders.size[s] for s in stops if 0 <= s < n]
    pickups = [orders.size[s - n] for s in stops if s >= n]
    none = np.zeros(orders.size.shape[1])
    made: dict[str, Any] = {
        "vehicle": vehicle,
        "cost": _whole(plan_cost(instance, Plan((times.route,)))),
        "delivery": [_whole(value) for value in sum(deliveries, none)],
        "pickup": [_whole(value) for value in sum(pickups, none)],
        "setup": 0,
        "service": sum(step["service"] for step in steps),
        "duration": _whole(times.travel.sum() * unit),
        "waiting_time": sum(step["waiting_time"] for step in steps),
        "priority": 0,
        "distance": _whole(times.distance.sum()),
        "steps": steps,
        "violations": [violation for step in steps for violation in step["violations"]],
    }
    return made | ({"description": instance.vehicles[times.route.vehicle].name} if ids.vehicles_named else {})


def _what(
    instance: Instance, stop: int | None, first: bool, ids: Identifiers, kind: int = 0
) -> dict[str, Any]:
    """Type, identifier and description of a step."""
    n = instance.n_orders
    if stop is None:
        return {"type": "start" if first else "end"}
    if stop < 0:
        return {"type": "break", "id": ids.breaks[kind][-1 - stop]}
    pickup, delivery = ids.orders[stop % n]
    task = "job" if pickup is None else "pickup" if stop >= n else "delivery"
    named = {"description": instance.orders.names[stop % n]} if ids.orders_named else {}
    return {"type": task, "id": pickup if stop >= n else delivery} | named


def _unassigned(instance: Instance, order: int, ids: Identifiers) -> list[dict[str, Any]]:
    """The one task of a job, or both of a shipment."""
    stops = [instance.n_orders + order, order] if instance.has_pickup[order] else [order]
    return [_what(instance, s, False, ids) | _where(instance, int(instance.stop_place[s])) for s in stops]


def _where(instance: Instance, place: int) -> dict[str, Any]:
    """Coordinates where they are known, and the number of the place."""
    x, y = float(instance.places.x[place]), float(instance.places.y[place])
    known = {"location": [x, y]} if np.isfinite(x) and np.isfinite(y) else {}
    return known | {"location_index": place}


def _whole(value: Any) -> int:
    return round(float(value))

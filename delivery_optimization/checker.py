"""An independent look at a plan: whether it is possible, and whether it costs what it says.

Written with plain loops, from the definition of the problem; it shares no code with any method nor with `schedule.py`.
Every result of every task passes here before it is scored. Times are walked through in `checker_times.py`.

Every comparison is written so that a NaN fails it: what cannot be shown to hold does not hold.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from delivery_optimization.checker_times import TOLERANCE, Drive, RushHours, Violation, drive, rush_hours
from delivery_optimization.instance import FROM_DEPOT, Instance
from delivery_optimization.plan import Plan, Route


@dataclass(frozen=True)
class Verdict:
    """What the checker found.

    Parameters
    ----------
    violations : tuple of Violation
        Empty for a valid plan; ``required`` alone means a valid but partial one.
    cost : float
        By the instance's convention, penalties of unserved orders with a finite penalty included.
    distance, duration, waiting : float
        Totals over all routes.
    vehicles : int
        Routes of the plan.
    late : float
        Total time after soft windows.
    rush_hours : RushHours, optional
        Lateness that the day's speeds bring; only where the instance has `speeds`, and never a violation.
    """

    violations: tuple[Violation, ...]
    cost: float
    distance: float
    duration: float
    waiting: float
    vehicles: int
    late: float
    rush_hours: RushHours | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong, all orders that must be served being served."""
        return not self.violations

    @property
    def wrong(self) -> tuple[Violation, ...]:
        """Violations other than orders merely left out."""
        return tuple(violation for violation in self.violations if violation.kind != "required")

    @property
    def partial(self) -> bool:
        """Whether the only thing wrong is that orders are left out."""
        return bool(self.violations) and not self.wrong


def check(instance: Instance, plan: Plan) -> Verdict:
    """Check a plan and compute its cost.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Anything a method returned.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> verdict = check(tiny(), Plan((Route(0, (4, 5, 0, 1, 2, 3)),)))
    >>> verdict.valid, verdict.cost, verdict.distance
    (True, 26.0, 16.0)
    >>> check(tiny(), Plan((Route(0, (0, 4, 5, 1, 2, 3)),))).violations[0].kind
    'precedence'
    """
    found = _known(instance, plan)
    if found:
        return Verdict(tuple(found), float("nan"), 0.0, 0.0, 0.0, len(plan.routes), 0.0)
    found += _cover(instance, plan) + _fleet(instance, plan)
    drives = []
    for number, route in enumerate(plan.routes):
        found += _load(instance, route, number)
        found += _breaks(instance, route, number)
        drives.append(drive(instance, route, number))
        found += drives[-1].violations
    cost = sum(
        _route_cost(instance, route, driven) for route, driven in zip(plan.routes, drives, strict=True)
    )
    for order in plan.unserved:
        penalty = float(instance.orders.penalty[order])
        if isfinite(penalty):
            cost += penalty
        else:
            name = instance.orders.names[order]
            found.append(Violation("required", f"order {name} must be served and is not", order=order))
    found += _stated(plan.stated_cost, cost)
    return Verdict(
        tuple(found),
        cost,
        sum(driven.distance for driven in drives),
        sum(driven.duration for driven in drives),
        sum(driven.waiting for driven in drives),
        len(plan.routes),
        sum(driven.late for driven in drives),
        None if instance.speeds is None else rush_hours(instance, plan.routes, drives),
    )


def _route_cost(instance: Instance, route: Route, driven: Drive) -> float:
    """What one route costs: the vehicle, its distance, its time from departure to return, soft lateness."""
    vehicle = instance.vehicles[route.vehicle]
    return (
        float(vehicle.fixed_cost)
        + float(vehicle.cost_per_distance) * driven.distance
        + float(vehicle.cost_per_duration) * driven.duration
        + driven.late_cost
    )


def _stated(stated: Any, cost: float) -> list[Violation]:
    """The cost that a method states is the cost that was found; NaN, infinity and words are no cost."""
    if not isfinite(cost):
        return [Violation("cost", f"the plan's cost is {cost}, not a finite number")]
    if stated is None:
        return []
    try:
        difference = abs(float(stated) - cost)
    except (TypeError, ValueError, OverflowError):
        difference = float("nan")
    if difference <= TOLERANCE * max(1.0, abs(cost)):
        return []
    return [Violation("cost", f"the plan states a cost of {stated}; it costs {cost:.10g}")]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _known(instance: Instance, plan: Plan) -> list[Violation]:
    """Numbers that mean something."""
    found = []
    n = instance.n_orders
    for number, route in enumerate(plan.routes):
        if not _is_number(route.vehicle) or not 0 <= route.vehicle < len(instance.vehicles):
            found.append(Violation("unknown", f"route {number} drives vehicle type {route.vehicle}", number))
            continue
        n_breaks = len(instance.vehicles[route.vehicle].breaks)
        strange = [stop for stop in route.stops if not _is_number(stop) or not -n_breaks <= stop < 2 * n]
        strange += [
            s for s in route.stops if s not in strange and s >= n and not _has_pickup(instance, s - n)
        ]
        for stop in strange:
            what = f"takes break {-1 - stop}" if _is_number(stop) and stop < 0 else f"makes stop {stop}"
            found.append(
                Violation("unknown", f"route {number} {what}, which the instance does not have", number)
            )
        if not strange and not any(stop >= 0 for stop in route.stops):
            found.append(Violation("empty", f"route {number} makes no stop", number))
    for order in plan.unserved:
        if not _is_number(order) or not 0 <= order < n:
            found.append(Violation("unknown", f"order {order} is called unserved; there is no such order"))
    return found


def _has_pickup(instance: Instance, order: int) -> bool:
    return bool(instance.orders.pickup_place[order] != FROM_DEPOT)


def _cover(instance: Instance, plan: Plan) -> list[Violation]:
    """Each order once: in one route, or unserved."""
    found = []
    n, names = instance.n_orders, instance.orders.names
    where: dict[int, int] = {}
    for number, route in enumerate(plan.routes):
        for stop in route.stops:
            if stop >= 0 and stop in where:
                what = f"order {names[stop % n]} is {'delivered' if stop < n else 'picked up'} twice"
                found.append(Violation("twice", what, number, stop % n))
            if stop >= 0:
                where[stop] = number
    unserved = Counter(plan.unserved)
    for order in range(n):
        delivered = where.get(order)
        picked = where.get(n + order) if _has_pickup(instance, order) else delivered
        if unserved[order] > 1:
            found.append(Violation("twice", f"order {names[order]} is listed as unserved twice", None, order))
        if delivered is None and picked is None:
            if not unserved[order]:
                what = f"order {names[order]} is neither served nor listed as unserved"
                found.append(Violation("cover", what, None, order))
        elif unserved[order]:
            what = f"order {names[order]} is served and listed as unserved"
            found.append(Violation("cover", what, None, order))
        elif delivered != picked:
            there = ["nowhere" if route is None else f"on route {route}" for route in (picked, delivered)]
            what = f"order {names[order]} is picked up {there[0]} and delivered {there[1]}"
            found.append(Violation("pairing", what, None, order))
    return found


def _fleet(instance: Instance, plan: Plan) -> list[Violation]:
    """No more vehicles than there are."""
    found = []
    for kind, used in Counter(route.vehicle for route in plan.routes).items():
        vehicle = instance.vehicles[kind]
        if not used <= vehicle.number:
            what = f"{used} vehicles {vehicle.name} are used; there are {vehicle.number}"
            found.append(Violation("fleet", what))
    return found


def _load(instance: Instance, route: Route, number: int) -> list[Violation]:
    """Never more on board than fits, in any dimension, and nothing delivered before it is on board."""
    found = []
    n, orders = instance.n_orders, instance.orders
    capacity = instance.vehicles[route.vehicle].capacity
    at_start = [s for s in route.stops if 0 <= s < n and not _has_pickup(instance, s)]
    picked_here = {s - n for s in route.stops if s >= n}
    picked: set[int] = set()
    changes: list[tuple[int, float]] = [(order, 1.0) for order in at_start]
    moments = [len(changes)]  # the load is looked at when all is loaded at the depot, then after each stop
    for stop in route.stops:
        if stop >= n:
            picked.add(stop - n)
            changes.append((stop - n, 1.0))
        elif stop >= 0:
            if stop in picked_here and stop not in picked:
                what = f"order {orders.names[stop]} is delivered before its pickup"
                found.append(Violation("precedence", what, number, stop))
            changes.append((stop, -1.0))
        moments.append(len(changes))
    for dimension in range(orders.size.shape[1]):
        room = float(capacity[dimension]) if dimension < len(capacity) else 0.0
        load, done = 0.0, 0
        for moment in moments:
            for order, sign in changes[done:moment]:
                load += sign * float(orders.size[order, dimension])
            done = moment
            if not load <= room + TOLERANCE:
                what = f"route {number} carries {load:g} of dimension {dimension}; {room:g} fit"
                found.append(Violation("capacity", what, number))
                break
    return found


def _breaks(instance: Instance, route: Route, number: int) -> list[Violation]:
    """Every break of the courier is taken, once."""
    taken = Counter(-1 - stop for stop in route.stops if stop < 0)
    return [
        Violation("break", f"route {number} takes break {k} {taken[k]} times instead of once", number)
        for k in range(len(instance.vehicles[route.vehicle].breaks))
        if taken[k] != 1
    ]

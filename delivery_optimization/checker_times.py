"""The checker's own clock: drive a route as it is written down, with the tables, then with the speeds of the day.

Shares no code with `schedule.py` nor with any method.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Route

TOLERANCE = 1e-6  # of times, loads and (relative) costs

Kind = Literal[
    "unknown",  # a stop, vehicle or break that the instance does not have
    "empty",  # a route without a stop
    "cover",  # an order in no route and not among the unserved, or in both
    "twice",  # a stop that is made twice
    "fleet",  # more vehicles of a type than there are
    "capacity",
    "precedence",  # a delivery before its pickup
    "pairing",  # pickup and delivery on two routes, or one of them missing
    "window",
    "shift",
    "break",  # a break left out, taken twice, or outside its window
    "cost",  # not the one that is stated, or no number
    "required",  # an order that must be served is not (the plan is partial, not wrong)
]


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a plan.

    Parameters
    ----------
    kind : str
        See `Kind`.
    detail : str
        Which order or route, what was found, what is allowed.
    route : int, optional
        Number of the route in the plan.
    order : int, optional
        Number of the order.
    """

    kind: Kind
    detail: str
    route: int | None = None
    order: int | None = None


@dataclass
class Drive:
    """What driving a route with the tables gave.

    Parameters
    ----------
    violations : list of Violation
        Of windows, shift and breaks.
    leaves : float
        Departure from the depot: as late as it can be without coming back later or being later anywhere.
    distance, duration, waiting, late, late_cost : float
        Totals of the route; `duration` from departure to return, `late` after soft windows.
    """

    violations: list[Violation] = field(default_factory=list)
    leaves: float = 0.0
    distance: float = 0.0
    duration: float = 0.0
    waiting: float = 0.0
    late: float = 0.0
    late_cost: float = 0.0


@dataclass(frozen=True)
class RushHours:
    """Lateness of a plan that holds with the tables, when legs take what the hour makes of them.

    The courier leaves when the plan with the tables says, and waits where he comes early.

    Parameters
    ----------
    late_orders : tuple of int
        Orders whose delivery begins after its window.
    late_total, late_most : float
        Lateness of all of them together, and of the latest.
    late_pickups : int
        Pickups that begin after their window.
    overtime : float
        Time after the end of shifts, all routes together.
    """

    late_orders: tuple[int, ...]
    late_total: float
    late_most: float
    late_pickups: int
    overtime: float


class _Step(NamedTuple):
    """One thing that a courier does: a stop, a break, or (None) the return to the depot."""

    stop: int | None
    leg: float
    length: float
    opens: float
    closes: float
    service: float
    late_cost: float


def drive(instance: Instance, route: Route, number: int) -> Drive:
    """Drive a route with the tables: as early as possible, then leave later by the waiting that can be spared.

    Parameters
    ----------
    instance : Instance
        With the tables.
    route : Route
        Its stops and breaks exist.
    number : int
        Of the route, for messages.

    Returns
    -------
    Drive

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> driven = drive(tiny(), Route(0, (4, 5, 0, 1)), 0)
    >>> driven.distance, driven.duration
    (12.0, 18.0)
    """
    vehicle, names, n = instance.vehicles[route.vehicle], instance.orders.names, instance.n_orders
    driven = Drive()
    clock = float(vehicle.opens)
    waited, spare = (
        0.0,
        float(vehicle.closes) - clock,
    )  # `spare`: how much later one could leave and be nowhere later
    for stop, leg, length, opens, closes, service, late_cost in _steps(instance, route):
        clock += leg
        driven.distance += length
        wait = opens - clock
        if not wait <= 0:
            waited += wait
            clock = opens + 0 * wait  # a NaN stays one
        late = clock - closes
        if not late <= TOLERANCE:
            if late_cost < float("inf"):
                driven.late += late
                driven.late_cost += late * late_cost
            else:
                driven.violations.append(_too_late(stop, clock, closes, number, names, n))
        spare = min(spare, waited + max(closes - clock, 0.0))
        clock += service
    if not clock <= float(vehicle.closes) + TOLERANCE:
        what = f"route {number} ends at {clock:g}; its shift ends at {vehicle.closes:g}"
        driven.violations.append(Violation("shift", what, number))
    saved = max(min(spare, waited), 0.0)
    driven.leaves = float(vehicle.opens) + saved
    driven.duration = clock - driven.leaves
    driven.waiting = waited - saved
    return driven


def rush_hours(instance: Instance, routes: Sequence[Route], drives: Sequence[Drive]) -> RushHours:
    """Drive all routes with the speeds of the day.

    Parameters
    ----------
    instance : Instance
        With `speeds`.
    routes : sequence of Route
        Of the plan.
    drives : sequence of Drive
        What `drive` gave for them.

    Returns
    -------
    RushHours

    Examples
    --------
    >>> from dataclasses import replace
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.instance import SpeedProfile
    >>> jam = replace(tiny(), speeds=SpeedProfile(np.array([0.0, 8.0]), np.array([1.0, 10.0])))
    >>> route = Route(0, (4, 5, 0, 1, 2, 3))
    >>> rush_hours(jam, [route], [drive(jam, route, 0)])
    RushHours(late_orders=(2, 3), late_total=62.0, late_most=52.0, late_pickups=0, overtime=14.0)
    """
    speeds = instance.speeds
    assert speeds is not None
    late: dict[int, float] = {}
    late_pickups, overtime = 0, 0.0
    for route, driven in zip(routes, drives, strict=True):
        clock = driven.leaves
        slowed = speeds.travel is None or instance.vehicles[route.vehicle].travel in speeds.travel
        edges = [float(edge) for edge in speeds.edges] if slowed else [0.0]
        factors = [float(factor) for factor in speeds.factors] if slowed else [1.0]
        for stop, leg, _, opens, closes, service, _ in _steps(instance, route):
            clock = max(_arrival(edges, factors, clock, leg), opens)
            if clock - closes > TOLERANCE and stop is not None and stop >= 0:
                if stop < instance.n_orders:
                    late[stop] = clock - closes
                else:
                    late_pickups += 1
            clock += service
        overtime += max(clock - float(instance.vehicles[route.vehicle].closes), 0.0)
    return RushHours(
        tuple(sorted(late)), sum(late.values()), max(late.values(), default=0.0), late_pickups, overtime
    )


def _steps(instance: Instance, route: Route) -> Iterator[_Step]:
    """What the courier does, with the leg that leads there, in the order of the route."""
    vehicle, orders, n = instance.vehicles[route.vehicle], instance.orders, instance.n_orders
    here, visited = vehicle.start, [vehicle.start]
    for visit in route.stops:
        if visit >= 0:
            here = int(orders.place[visit] if visit < n else orders.pickup_place[visit - n])
        visited.append(here)
    visited.append(vehicle.end)
    places = np.array(visited, dtype=int)
    legs, lengths = instance.travel[vehicle.travel].pairs(places[:-1], places[1:])
    hard = float("inf")
    done: tuple[int | None, ...] = (*route.stops, None)
    for stop, leg, length in zip(done, legs, lengths, strict=True):
        if stop is None:
            window = (-hard, hard, 0.0, hard)
        elif stop < 0:
            pause = vehicle.breaks[-1 - stop]
            window = (pause.opens, pause.closes, pause.duration, hard)
        elif stop < n:
            window = (orders.opens[stop], orders.closes[stop], orders.service[stop], orders.late_cost[stop])
        else:
            order = stop - n
            window = (
                orders.pickup_opens[order],
                orders.pickup_closes[order],
                orders.pickup_service[order],
                hard,
            )
        yield _Step(stop, float(leg), float(length), *(float(value) for value in window))


def _too_late(
    stop: int | None, clock: float, closes: float, route: int, names: Sequence[str], n: int
) -> Violation:
    if stop is None or stop < 0:
        what = f"route {route}: a break begins at {clock:g}; its window closes at {closes:g}"
        return Violation("break" if stop is not None else "shift", what, route)
    what = f"{'delivery' if stop < n else 'pickup'} of order {names[stop % n]}"
    return Violation(
        "window", f"the {what} begins at {clock:g}; its window closes at {closes:g}", route, stop % n
    )


def _arrival(edges: Sequence[float], factors: Sequence[float], leaves: float, duration: float) -> float:
    """When a leg of the table's `duration` ends that begins at `leaves` (Ichoua, Gendreau, Potvin 2003, section 3)."""
    period = max(bisect_right(edges, leaves) - 1, 0)
    clock, left = leaves, duration
    while period + 1 < len(edges) and clock + left * factors[period] > edges[period + 1]:
        left -= (edges[period + 1] - clock) / factors[period]
        clock = edges[period + 1]
        period += 1
    return clock + max(left, 0.0) * factors[period]

"""Routes as rectangular arrays, longest first, so that all routes and all scenarios advance one stop at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Route

Array = np.ndarray
Departure = Literal["first_window", "shift"]


@dataclass(frozen=True, eq=False)
class Tours:
    """Routes of one instance, padded to the longest; row r is route ``order[r]`` of the plan.

    Parameters
    ----------
    order : ndarray of int, shape (n_routes,)
        Routes from the longest to the shortest.
    active : ndarray of int, shape (n_positions,)
        How many routes have a stop at each position: always the first rows.
    stop : ndarray of int, shape (n_routes, n_positions)
        Numbers of stops; negative for a break and for padding.
    leg : ndarray of shape (n_routes, n_positions + 1)
        Planned duration of the leg that leads to each stop; behind the last stop, of the leg home.
    opens, closes, service : ndarray of shape (n_routes, n_positions)
        Windows and planned times at the stops; a break never closes.
    departure : ndarray of shape (n_routes,)
        When each vehicle leaves its depot.
    first, last, n_stops : ndarray of int, shape (n_routes,)
        First and last stop (not break) of each route, and how many positions it has.
    planned_back : ndarray of shape (n_routes,)
        When each vehicle is back, by plan.
    travel : ndarray of int, shape (n_routes,)
        Which of `Instance.travel` each vehicle drives with.
    """

    order: Array
    active: Array
    stop: Array
    leg: Array
    opens: Array
    closes: Array
    service: Array
    departure: Array
    first: Array
    last: Array
    n_stops: Array
    planned_back: Array
    travel: Array


def tours(instance: Instance, routes: Sequence[Route], departure: Departure = "first_window") -> Tours:
    """Lay routes out as arrays.

    Parameters
    ----------
    instance : Instance
        What the routes belong to.
    routes : sequence of Route
        None of them empty.
    departure : {"first_window", "shift"}
        A vehicle leaves so that it reaches its first stop, by plan, when that stop opens, never before its shift
        (``first_window``); or when its shift begins.

    Returns
    -------
    Tours

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> made = tours(tiny(), [Route(0, (3,)), Route(0, (2, 1))])
    >>> made.order.tolist(), made.active.tolist(), made.departure.tolist()
    ([1, 0], [2, 1], [2.0, 0.0])
    """
    lengths = np.array([len(route.stops) for route in routes], dtype=int)
    order = np.argsort(-lengths, kind="stable")
    n, most = len(routes), int(lengths.max(initial=0))
    stop = np.full((n, most), -1)
    leg, service = np.zeros((n, most + 1)), np.zeros((n, most))
    opens, closes = np.zeros((n, most)), np.full((n, most), np.inf)
    leave, first, last = np.zeros(n), np.zeros(n, dtype=int), np.zeros(n, dtype=int)
    pickup, place = instance.stop_opens, instance.stop_place
    for row, number in enumerate(order):
        route = routes[number]
        vehicle, stops = instance.vehicles[route.vehicle], np.array(route.stops, dtype=int)
        k, real = len(stops), stops >= 0
        where = np.where(real, place[stops], -1)
        for at in np.flatnonzero(~real):  # a break is taken where the stop before it is
            where[at] = where[at - 1] if at else vehicle.start
            pause = vehicle.breaks[-1 - stops[at]]
            opens[row, at], service[row, at] = pause.opens, pause.duration
        legs, _ = instance.travel[vehicle.travel].pairs(
            np.concatenate([[vehicle.start], where]), np.concatenate([where, [vehicle.end]])
        )
        stop[row, :k], leg[row, : k + 1] = stops, legs
        opens[row, :k][real], closes[row, :k][real] = pickup[stops[real]], instance.stop_closes[stops[real]]
        service[row, :k][real] = instance.stop_service[stops[real]]
        first[row], last[row] = stops[real][0], stops[real][-1]
        leave[row] = vehicle.opens
        if departure == "first_window":
            leave[row] = max(vehicle.opens, opens[row, 0] - legs[0])
    active = np.array([(lengths > k).sum() for k in range(most)], dtype=int)
    back = _planned_back(leave, leg, opens, service, lengths[order])
    travel = np.array([instance.vehicles[routes[number].vehicle].travel for number in order], dtype=int)
    return Tours(
        order, active, stop, leg, opens, closes, service, leave, first, last, lengths[order], back, travel
    )


def from_first_day(instance: Instance, hour: float = 3600.0) -> Instance:
    """Count time from midnight before the first shift: clocks run in single precision, which Unix times would exhaust.

    Parameters
    ----------
    instance : Instance
        Times from any origin.
    hour : float
        Length of an hour in the instance's time unit.

    Returns
    -------
    Instance
        The same day; `instance` itself where its first shift begins within a day of 0.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> late = replace(tiny(), vehicles=(replace(tiny().vehicles[0], opens=864_030.0, closes=864_060.0),))
    >>> from_first_day(late).vehicles[0].opens, from_first_day(late).orders.opens.min().item()
    (30.0, -864000.0)
    """
    day = 24 * hour
    origin = day * float(min((v.opens for v in instance.vehicles if v.number), default=0.0) // day)
    if origin <= 0:
        return instance
    orders, speeds = instance.orders, instance.speeds
    if speeds is not None:
        first = int(np.searchsorted(speeds.edges, origin, side="right")) - 1
        edges = np.concatenate([[0.0], np.asarray(speeds.edges)[first + 1 :] - origin])
        speeds = replace(speeds, edges=edges, factors=np.asarray(speeds.factors)[first:])
    vehicles = tuple(
        replace(
            v,
            opens=v.opens - origin,
            closes=v.closes - origin,
            breaks=tuple(replace(b, opens=b.opens - origin, closes=b.closes - origin) for b in v.breaks),
        )
        for v in instance.vehicles
    )
    times = ("opens", "closes", "pickup_opens", "pickup_closes")
    moved = replace(orders, **{name: getattr(orders, name) - origin for name in times})
    return replace(instance, orders=moved, vehicles=vehicles, speeds=speeds)


def _planned_back(leave: Array, leg: Array, opens: Array, service: Array, lengths: Array) -> Array:
    """When each vehicle is back if every leg takes its planned time."""
    back = np.zeros(len(leave))
    for row, length in enumerate(lengths):
        clock = leave[row]
        for k in range(length):
            clock = max(clock + leg[row, k], opens[row, k]) + service[row, k]
        back[row] = clock + leg[row, length]
    return back

"""When a route is where: arrivals, waiting, services, lateness, for people and pictures.

The vehicle leaves as late as it can without coming back later, so that nobody pays for waiting at the first door.
The checker computes its own times and does not use this file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, Route

Array = np.ndarray
TOLERANCE = 1e-6  # of a sum of decimal numbers: what is later by less is on time, as for the checker


@dataclass(frozen=True, eq=False)
class Schedule:
    """Times of one route; index 0 is the start of the shift, the last one its end, stops are between.

    Parameters
    ----------
    route : Route
        Whose times these are.
    place : ndarray of int, shape (n_stops + 2,)
        Where; a break has the place of the stop before it.
    arrival, start, departure : ndarray of shape (n_stops + 2,)
        Arrival, begin of service, departure, in the instance's time unit.
    late : ndarray of shape (n_stops + 2,)
        How long after its window a service begins; 0 for a plan that is on time.
    travel, distance : ndarray of shape (n_stops + 2,)
        Duration and distance of the leg that leads here.
    """

    route: Route
    place: Array
    arrival: Array
    start: Array
    departure: Array
    late: Array
    travel: Array
    distance: Array

    @property
    def waiting(self) -> Array:
        """Time between arrival and begin of service: shape (n_stops + 2,)."""
        return self.start - self.arrival

    @property
    def duration(self) -> float:
        """From leaving the depot to coming back."""
        return float(self.arrival[-1] - self.departure[0])


def schedule_route(instance: Instance, route: Route) -> Schedule:
    """Compute the times of one route with the instance's tables.

    Parameters
    ----------
    instance : Instance
        What the route belongs to.
    route : Route
        Feasible or not.

    Returns
    -------
    Schedule

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> times = schedule_route(tiny(), Route(0, (4, 5, 0, 1)))
    >>> times.arrival.tolist(), times.departure[0].item()
    ([0.0, 2.0, 3.0, 6.0, 10.0, 18.0], 0.0)
    """
    vehicle = instance.vehicles[route.vehicle]
    opens, closes, service, place = _activities(instance, route)
    legs, distances = instance.travel[vehicle.travel].pairs(place[:-1], place[1:])
    legs = np.concatenate([[0.0], legs])
    distances = np.concatenate([[0.0], distances])
    n = len(place)
    arrival, start = np.zeros(n), np.zeros(n)
    start[0] = arrival[0] = vehicle.opens
    for k in range(1, n):
        arrival[k] = start[k - 1] + service[k - 1] + legs[k]
        start[k] = max(arrival[k], opens[k])
    latest = np.maximum(closes, start)
    latest[-1] = start[-1]
    for k in range(n - 2, -1, -1):
        latest[k] = min(latest[k], latest[k + 1] - legs[k + 1] - service[k])
    start[0] = arrival[0] = max(start[0], latest[0])
    for k in range(1, n):
        arrival[k] = start[k - 1] + service[k - 1] + legs[k]
        start[k] = max(arrival[k], opens[k])
    return Schedule(
        route, place, arrival, start, start + service, np.maximum(start - closes, 0), legs, distances
    )


def schedule_plan(instance: Instance, plan: Plan) -> tuple[Schedule, ...]:
    """Compute the times of every route, in the plan's order.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> [times.duration for times in schedule_plan(tiny(), Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,)))))]
    [18.0, 10.0]
    """
    return tuple(schedule_route(instance, route) for route in plan.routes)


def plan_cost(instance: Instance, plan: Plan) -> float:
    """Cost by the instance's convention: fixed, distance, duration, soft lateness, penalties of unserved orders.

    Parameters
    ----------
    instance : Instance
        Says what is paid for.
    plan : Plan
        Infinite if an order that must be served is not.

    Returns
    -------
    float

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plan_cost(tiny(), Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), unserved=(2,)))
    inf
    """
    cost = float(instance.orders.penalty[list(plan.unserved)].sum()) if plan.unserved else 0.0
    for times in schedule_plan(instance, plan):
        vehicle = instance.vehicles[times.route.vehicle]
        cost += vehicle.fixed_cost + vehicle.cost_per_distance * float(times.distance.sum())
        cost += vehicle.cost_per_duration * times.duration
        for position, stop in enumerate(times.route.stops, start=1):
            if 0 <= stop < instance.n_orders and times.late[position] > TOLERANCE:
                cost += float(instance.orders.late_cost[stop] * times.late[position])
    return cost


def _activities(instance: Instance, route: Route) -> tuple[Array, Array, Array, Array]:
    """Windows, service times and places of shift start, stops, shift end."""
    vehicle = instance.vehicles[route.vehicle]
    opens, closes, service, place = [vehicle.opens], [vehicle.closes], [0.0], [vehicle.start]
    for stop in route.stops:
        if stop < 0:
            pause = vehicle.breaks[-1 - stop]
            opens.append(pause.opens)
            closes.append(pause.closes)
            service.append(pause.duration)
            place.append(place[-1])
        else:
            opens.append(instance.stop_opens[stop])
            closes.append(instance.stop_closes[stop])
            service.append(instance.stop_service[stop])
            place.append(int(instance.stop_place[stop]))
    opens.append(vehicle.opens)
    closes.append(vehicle.closes)
    service.append(0.0)
    place.append(vehicle.end)
    return np.array(opens), np.array(closes), np.array(service), np.array(place, dtype=int)

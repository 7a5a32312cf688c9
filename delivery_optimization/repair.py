"""A plan that the checker refuses, made valid: what a courier could really drive, and which orders that leaves out."""

from __future__ import annotations

from delivery_optimization.checker import Violation, check
from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import Insertion, with_cost
from delivery_optimization.plan import Plan, Route


def wrong(instance: Instance, plan: Plan) -> tuple[Violation, ...]:
    """What the checker finds wrong with a plan, orders merely left out not counted.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Any.

    Returns
    -------
    tuple of Violation

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> wrong(tiny(), Plan((), (0, 1, 2, 3)))
    ()
    """
    return check(instance, plan).wrong


def repaired(instance: Instance, plan: Plan) -> Plan:
    """Make a valid plan of any: orders leave routes that are not valid until these are, and go where they fit.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Too late, too full, with more vehicles than there are, with stops that do not exist.

    Returns
    -------
    Plan
        A valid one with its cost; orders that found no place are unserved. Where vehicles have breaks, no order that left its
        route is put back.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> late = Plan((Route(0, (0, 4, 5, 1, 2, 3)),))
    >>> sorted(stop for route in repaired(tiny(), late).routes for stop in route.stops)
    [0, 1, 2, 3, 4, 5]
    """
    n = instance.n_orders
    found = wrong(instance, plan)
    bad_routes, bad_orders = {v.route for v in found}, {v.order for v in found}
    free = [vehicle.number for vehicle in instance.vehicles]
    kept: list[Route] = []
    done: set[int] = set()
    for number, route in enumerate(plan.routes):
        if not 0 <= route.vehicle < len(free) or free[route.vehicle] <= 0:
            continue
        orders = _orders(instance, route)
        if number in bad_routes or orders & (bad_orders | done):
            route = _shortened(instance, route, done)
            orders = _orders(instance, route)
        if orders:
            free[route.vehicle] -= 1
            done |= orders
            kept.append(route)
    if any(vehicle.breaks for vehicle in instance.vehicles):
        return with_cost(instance, Plan(tuple(kept), tuple(i for i in range(n) if i not in done)))
    return Insertion().complete(instance, kept)


def _orders(instance: Instance, route: Route) -> set[int]:
    return {stop % instance.n_orders for stop in route.stops if 0 <= stop < instance.n_stops}


def _shortened(instance: Instance, route: Route, done: set[int]) -> Route:
    """Take orders out of a route until it is valid: the late one, the largest where it is too full, else the last one."""
    n, breaks = instance.n_orders, len(instance.vehicles[route.vehicle].breaks)
    size = instance.orders.size.sum(axis=1)

    def exists(stop: int) -> bool:
        return -breaks <= stop < n or (n <= stop < 2 * n and bool(instance.has_pickup[stop - n]))

    out = done
    while True:
        stops = (stop for stop in dict.fromkeys(route.stops) if exists(stop))
        route = Route(route.vehicle, tuple(stop for stop in stops if stop < 0 or stop % n not in out))
        chosen = [stop % n for stop in route.stops if stop >= 0]
        if not chosen:
            return Route(route.vehicle, ())
        rest = tuple(sorted(set(range(n)) - set(chosen)))
        found = wrong(instance, Plan((route,), rest))
        if not found:
            return route
        full = max(chosen, key=lambda i: size[i]) if found[0].kind == "capacity" else chosen[-1]
        out = {full if found[0].order is None else found[0].order}

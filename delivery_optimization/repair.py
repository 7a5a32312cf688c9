"""A plan that the checker refuses, made valid: what a courier could really drive, and which orders that leaves out."""

from __future__ import annotations

from collections import Counter

from delivery_optimization.checker import Violation, check
from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import Insertion, with_cost
from delivery_optimization.plan import Plan


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
    return tuple(v for v in check(instance, plan).violations if v.kind != "required")


def repaired(instance: Instance, plan: Plan) -> Plan:
    """Keep the routes that are valid, and insert the orders of the others wherever they fit.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Valid or not.

    Returns
    -------
    Plan
        A valid one with its cost; orders that found no place are unserved. Where vehicles have breaks, orders of routes that
        are not valid are all unserved.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Route
    >>> late = Plan((Route(0, (0, 4, 5, 1, 2, 3)),))
    >>> sorted(stop for route in repaired(tiny(), late).routes for stop in route.stops)
    [0, 1, 2, 3, 4, 5]
    """
    n = instance.n_orders
    found = wrong(instance, plan)
    routes_out = {v.route for v in found if v.route is not None}
    orders_out = {v.order for v in found if v.order is not None}
    used: Counter[int] = Counter()
    kept = []
    for number, route in enumerate(plan.routes):
        if number in routes_out or orders_out & {stop % n for stop in route.stops if stop >= 0}:
            continue
        used[route.vehicle] += 1
        if used[route.vehicle] <= instance.vehicles[route.vehicle].number:
            kept.append(route)
    if any(vehicle.breaks for vehicle in instance.vehicles):
        served = {stop % n for route in kept for stop in route.stops if stop >= 0}
        return with_cost(instance, Plan(tuple(kept), tuple(i for i in range(n) if i not in served)))
    return Insertion().complete(instance, kept)

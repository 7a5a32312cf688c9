"""Sweep: orders by their angle around the depot; each goes where it fits, else the next route is opened.

Source: B. E. Gillett, L. R. Miller, "A heuristic algorithm for the vehicle-dispatch problem", Operations Research 22(2), 1974.
"""

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.plan import Plan, Route, delivery_plan
from delivery_optimization.solution import Solution


class Sweep:
    """Like the hand of a clock."""

    def solve(self, instance, *, stop, seed):
        """Answer with a plan; `stop` and `seed` are for methods that search."""
        depot, places = instance.vehicles[0].start, instance.places
        angle = np.arctan2(places.y - places.y[depot], places.x - places.x[depot]) % (2 * np.pi)
        routes = []
        for order in np.argsort(angle[instance.orders.place], kind="stable"):
            if not any(insert(instance, route, int(order)) for route in reversed(routes)):
                routes.append([int(order)])
        return Solution(delivery_plan(routes[: instance.vehicles[0].number], instance))


def insert(instance, route, order):
    """Put the order at the first place, from the end, where the route holds; False when there is none."""
    for place in range(len(route), -1, -1):
        tried = [*route[:place], order, *route[place:]]
        found = check(instance, Plan((Route(0, tuple(tried)),))).violations
        if not any(violation.kind in ("capacity", "window", "shift") for violation in found):
            route[:] = tried
            return True
    return False

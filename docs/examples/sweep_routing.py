"""A routing method of one's own: sweep the orders by their angle around the depot, open a new route when one is full or late.

Source: B. E. Gillett, L. R. Miller, "A heuristic algorithm for the vehicle-dispatch problem", Operations Research 22(2), 1974.

    usecases run delivery_optimization/routing data=solomon data.instance=R101 method=custom method._target_=sweep_routing.Sweep
"""

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.plan import Plan, Route, delivery_plan
from delivery_optimization.solution import Solution


class Sweep:
    """Orders by their angle; each goes where it fits in the route that is open, or in one before it, or opens the next."""

    def __init__(self, first_angle: float = 0.0) -> None:
        self.first_angle = first_angle  # degrees

    def solve(self, instance, *, stop, seed):
        """Answer with a plan; `stop` and `seed` are for methods that search."""
        depot, places = instance.vehicles[0].start, instance.places
        x, y = places.x - places.x[depot], places.y - places.y[depot]
        angle = (np.degrees(np.arctan2(y, x)) - self.first_angle) % 360
        routes = []
        for order in np.argsort(angle[instance.orders.place], kind="stable"):
            if not any(insert(instance, route, int(order)) for route in reversed(routes)):
                routes.append([int(order)])
        plan = delivery_plan(routes[: instance.vehicles[0].number], instance)  # the rest is unserved
        return Solution(plan)


def insert(instance, route, order):
    """Put the order at the first place where the checker finds nothing wrong with the route; False when there is none."""
    for place in range(len(route), -1, -1):
        tried = [*route[:place], order, *route[place:]]
        found = check(instance, Plan((Route(0, tuple(tried)),))).violations
        if not any(violation.kind in ("capacity", "window", "shift") for violation in found):
            route[:] = tried
            return True
    return False

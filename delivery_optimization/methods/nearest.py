"""Nearest neighbour: each courier goes to the nearest stop that is still possible, then to the next; the floor of the comparison.

Source: D. J. Rosenkrantz, R. E. Stearns, P. M. Lewis, "An analysis of several heuristics for the traveling salesman problem",
*SIAM Journal on Computing* 6(3), 1977; with time windows M. M. Solomon, *Operations Research* 35(2), 1987, section 2.3.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import UNREACHABLE, Instance
from delivery_optimization.methods.insertion import refuse_breaks, with_cost
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Solution, Stop

Array = np.ndarray
TOLERANCE = 1e-6
MANY = 2000  # orders above which only the nearest places are looked at, where coordinates are known


@dataclass(frozen=True)
class Nearest:
    """Nearest neighbour in time, deterministic.

    One vehicle after the other, in turn over the types: from where it is it goes where service can begin soonest, and back
    when nothing is possible. An order with a pickup is collected and delivered at once. Windows with a price for lateness
    are kept like hard ones, and passed only by orders that find no place otherwise. Breaks are refused.

    Parameters
    ----------
    neighbours : int
        Beyond 2,000 orders only so many, the nearest as the crow flies, are looked at first; all of them if none is possible.
    seconds : float
        Not used; it ends by itself.
    iterations : int
        Not used; it ends by itself.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> Nearest().solve(tiny(), stop=Stop(iterations=1)).plan.routes
    (Route(vehicle=0, stops=(4, 0, 5, 1, 2, 3)),)
    """

    neighbours: int = 200
    seconds: float = 10.0
    iterations: int = 1

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Plan one instance.

        Parameters
        ----------
        instance : Instance
            Without breaks.
        stop : Stop
            Not used.
        seed : int
            Not used.

        Returns
        -------
        Solution
            Orders that found no place are unserved.

        Raises
        ------
        UserError
            If vehicles have breaks.
        """
        refuse_breaks(instance, "nearest")
        begun = time.process_time()
        walk = _Walk(instance, self.neighbours)
        routes: list[Route] = []
        free = [vehicle.number for vehicle in instance.vehicles]
        self._drive(walk, free, routes)
        walk.allow_lateness()
        self._drive(walk, free, routes)
        unserved = tuple(int(i) for i in np.flatnonzero(walk.left))
        plan = with_cost(instance, Plan(tuple(routes), unserved))
        cpu = time.process_time() - begun
        trace = () if unserved else ((cpu, float(plan.stated_cost or 0)),)
        return Solution(plan, trace, cpu, 1, True)

    def _drive(self, walk: _Walk, free: list[int], routes: list[Route]) -> None:
        """One vehicle after the other, in turn over the types."""
        useful = [number > 0 for number in free]
        while walk.left.any() and any(useful):
            for vehicle in np.flatnonzero(useful):
                route = walk.drive(int(vehicle)) if walk.left.any() else Route(int(vehicle), ())
                if route.stops:
                    free[vehicle] -= 1
                    routes.append(route)
                useful[vehicle] = bool(route.stops) and free[vehicle] > 0


class _Walk:
    """Orders that are left, and one vehicle after the other."""

    def __init__(self, instance: Instance, neighbours: int) -> None:
        self.instance, self.neighbours = instance, neighbours
        self.left = np.ones(instance.n_orders, dtype=bool)
        self.closes = instance.stop_closes.copy()
        orders = instance.orders
        self.first = np.where(instance.has_pickup, orders.pickup_place, orders.place)
        x, y = instance.places.x[self.first], instance.places.y[self.first]
        self.tree = (
            np.stack([x, y], axis=1) if instance.n_orders > MANY and np.isfinite([x, y]).all() else None
        )

    def allow_lateness(self) -> None:
        """Orders that are left may be late, where that has a price."""
        late = self.left & np.isfinite(self.instance.orders.late_cost)
        self.closes[: self.instance.n_orders][late] = np.inf

    def drive(self, vehicle: int) -> Route:
        """One tour, from the beginning of the shift until nothing is possible."""
        instance, kind = self.instance, self.instance.vehicles[vehicle]
        place, clock, stops = kind.start, float(kind.opens), []
        peak, room = np.zeros(len(kind.capacity)), np.array(kind.capacity) + TOLERANCE
        while True:
            found = self._next(vehicle, place, clock, peak, room)
            if found is None:
                return Route(vehicle, tuple(stops))
            order, clock = found
            self.left[order] = False
            place = int(instance.orders.place[order])
            if instance.has_pickup[
                order
            ]:  # nothing else is on board then but what the depot loaded for later stops
                stops += [instance.n_orders + order, order]
                peak = np.maximum(peak, instance.orders.size[order])
            else:
                stops.append(order)
                peak = peak + instance.orders.size[order]

    def _next(
        self, vehicle: int, place: int, clock: float, peak: Array, room: Array
    ) -> tuple[int, float] | None:
        """The order whose service can begin soonest, and when it is over."""
        for candidates in self._candidates(place):
            ready, done, possible = self._possible(vehicle, place, clock, candidates, peak, room)
            if possible.any():
                k = int(np.argmin(np.where(possible, ready, np.inf)))
                return int(candidates[k]), float(done[k])
        return None

    def _candidates(self, place: int) -> list[Array]:
        """The nearest orders first, then all."""
        left = np.flatnonzero(self.left)
        if self.tree is None or len(left) <= self.neighbours:
            return [left]
        x, y = self.instance.places.x[place], self.instance.places.y[place]
        away = (self.tree[left, 0] - x) ** 2 + (self.tree[left, 1] - y) ** 2
        return [left[np.argpartition(away, self.neighbours)[: self.neighbours]], left]

    def _possible(
        self, vehicle: int, place: int, clock: float, chosen: Array, peak: Array, room: Array
    ) -> tuple[Array, Array, Array]:
        """When the first service of each order can begin, when the order is done, and whether all of it is in time."""
        instance, orders, n = self.instance, self.instance.orders, self.instance.n_orders
        kind = instance.vehicles[vehicle]
        travel, paired = instance.travel[kind.travel], instance.has_pickup[chosen]
        out, _ = travel.pairs(np.full(len(chosen), place), self.first[chosen])
        far = np.asarray(out, dtype=float)
        opens, closes = instance.stop_opens, self.closes
        stop = np.where(paired, n + chosen, chosen)
        ready = np.maximum(clock + out, opens[stop])
        possible = ready <= closes[stop] + TOLERANCE
        done = ready + instance.stop_service[stop]
        if paired.any():
            trip, _ = travel.pairs(self.first[chosen], orders.place[chosen])
            begin = np.maximum(done + trip, opens[chosen])
            possible &= ~paired | (begin <= closes[chosen] + TOLERANCE)
            done = np.where(paired, begin + orders.service[chosen], done)
            far = np.maximum(far, np.where(paired, trip, 0))
        home, _ = travel.pairs(orders.place[chosen], np.full(len(chosen), kind.end))
        possible &= (done + home <= kind.closes + TOLERANCE) & (np.maximum(far, home) < UNREACHABLE)
        size = orders.size[chosen]
        load = np.where(paired[:, None], np.maximum(peak, size), peak + size)
        return ready, done, possible & (load <= room).all(axis=1)

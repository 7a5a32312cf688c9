"""Cheapest insertion, one tour after the other: what a dispatcher could do with a spreadsheet and patience.

Source: M. M. Solomon, "Algorithms for the vehicle routing and scheduling problems with time window constraints", *Operations
Research* 35(2), 1987, heuristic I1; here with several depots, vehicle types, and pickups.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.tour import Tour
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Solution, Stop
from usecases.errors import UserError

Array = np.ndarray
RULES = (
    (2.0, "far"),
    (1.0, "far"),
    (2.0, "early"),
    (1.0, "early"),
)  # weight of the depot's distance; which order begins a tour
MANY = 1000  # orders above which one rule is tried, not all


@dataclass(frozen=True)
class Insertion:
    """Solomon's I1, deterministic.

    A tour begins with the order that is farthest from the depots (or closes first), on the vehicle that serves it alone at
    least cost; then the order is added whose insertion is cheapest compared with its distance from the depot, where it is
    cheapest, until nothing fits. Up to 1,000 orders all four rules are tried. Windows with a price for lateness are kept like
    hard ones, and passed only by orders that find no place otherwise. Breaks are refused.

    Parameters
    ----------
    neighbours : int
        Only so many orders, the nearest to the tour's first one, are considered for a tour: the work grows with the number
        of orders, not with its square.
    seconds : float
        Not used; it ends by itself.
    iterations : int
        Not used; it ends by itself.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> Insertion().solve(tiny(), stop=Stop(iterations=1)).plan.stated_cost
    34.0
    """

    neighbours: int = 300
    seconds: float = 10.0
    iterations: int = 1

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Plan one instance.

        Parameters
        ----------
        instance : Instance
            Without breaks.
        stop : Stop
            After its seconds no other rule is tried.
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
        refuse_breaks(instance, "insertion")
        begun, enough = time.process_time(), Stop(seconds=stop.seconds, iterations=10).start()
        best: tuple[int, int, float] = (instance.n_orders + 1, 0, np.inf)
        counts = instance.objective == "vehicles_then_distance"
        chosen, trace = Plan((), tuple(range(instance.n_orders))), []
        for weight, rule in RULES if instance.n_orders <= MANY else RULES[:1]:
            plan = self._build(instance, weight, rule)
            vehicles = len(plan.routes) if counts else 0
            rank = (len(_must(instance, plan)), vehicles, float(plan.stated_cost or 0))
            if rank < best:
                best, chosen = rank, plan
                trace.append((time.process_time() - begun, rank[2]))
            if enough():
                break
        complete = not best[0]
        return Solution(chosen, tuple(trace) if complete else (), time.process_time() - begun, 1, True)

    def complete(self, instance: Instance, routes: Sequence[Route]) -> Plan:
        """Keep routes that are valid and put all other orders where they fit, on these vehicles and the others.

        Parameters
        ----------
        instance : Instance
            Without breaks.
        routes : sequence of Route
            Each valid on its own, no order in two of them.

        Returns
        -------
        Plan
            With its cost; orders that found no place are unserved.

        Examples
        --------
        >>> from delivery_optimization.examples import tiny
        >>> Insertion().complete(tiny(), [Route(0, (4, 5, 0, 1))]).unserved
        ()
        """
        refuse_breaks(instance, "insertion")
        return self._build(instance, *RULES[0], routes)

    def _build(self, instance: Instance, weight: float, rule: str, routes: Sequence[Route] = ()) -> Plan:
        """Build all tours by one rule."""
        closes = instance.stop_closes.copy()
        left = np.ones(instance.n_orders, dtype=bool)
        left[[stop % instance.n_orders for route in routes for stop in route.stops]] = False
        free = [vehicle.number for vehicle in instance.vehicles]
        for route in routes:
            free[route.vehicle] -= 1
        away = _away(instance)
        tours = [Tour(instance, route.vehicle, closes, route.stops) for route in routes]
        for late in (False, True):
            if late:
                closes[: instance.n_orders][left & np.isfinite(instance.orders.late_cost)] = np.inf
            if tours:
                self._fill(instance, tours, left, closes)
            priority = away if rule == "far" else -instance.orders.closes
            for first in _in_turn(priority, left):
                tour = _begin(instance, first, free, closes)
                if tour is None:
                    left[first] = False  # tried again at the end
                    continue
                free[tour.vehicle] -= 1
                left[first] = False
                self._grow(tour, left, first, weight * away)
                tours.append(tour)
            served = {stop % instance.n_orders for tour in tours for stop in tour.stops}
            left = np.array([i not in served for i in range(instance.n_orders)], dtype=bool)
            if not left.any():
                break
        self._fill(instance, tours, left, closes)
        plan = Plan(tuple(tour.route() for tour in tours), tuple(int(i) for i in np.flatnonzero(left)))
        return with_cost(instance, plan)

    def _grow(self, tour: Tour, left: Array, first: int, worth: Array) -> None:
        """Add orders to a tour until none fits."""
        near = np.flatnonzero(left)
        if len(near) > self.neighbours:
            place = _first_place(tour.instance)
            duration = tour.legs(np.full(len(near), tour.instance.orders.place[first]), place[near])[0]
            near = near[np.argsort(duration, kind="stable")[: self.neighbours]]
        while len(near):
            cost, pickup, delivery = tour.insertions(near)
            near_fits = np.isfinite(cost)
            if not near_fits.any():
                return
            k = int(np.argmax(np.where(near_fits, worth[near] * tour.kind.cost_per_distance - cost, -np.inf)))
            tour.insert(int(near[k]), int(pickup[k]), int(delivery[k]))
            left[near[k]] = False
            near = near[near_fits & (np.arange(len(near)) != k)]  # what does not fit now will not fit later

    def _fill(self, instance: Instance, tours: list[Tour], left: Array, closes: Array) -> None:
        """Put orders that are left wherever they fit in the tours that exist."""
        for order in np.flatnonzero(left):
            best = (np.inf, 0, 0, None)
            for tour in tours:
                tour.closes = closes
                cost, pickup, delivery = (float(v[0]) for v in tour.insertions(np.array([order])))
                if cost < best[0]:
                    best = (cost, int(pickup), int(delivery), tour)
            if best[3] is not None:
                best[3].insert(int(order), best[1], best[2])
                left[order] = False


def refuse_breaks(instance: Instance, method: str) -> None:
    """Say that a method does not plan breaks.

    Raises
    ------
    UserError
        If a vehicle has breaks.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> refuse_breaks(tiny(), "insertion")
    """
    if any(vehicle.breaks for vehicle in instance.vehicles):
        raise UserError(f"this instance has breaks, which method={method} does not plan; use method=ortools")


def with_cost(instance: Instance, plan: Plan) -> Plan:
    """State the cost of a plan, without penalties of orders that must be served, as the checker counts.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> with_cost(tiny(), Plan((), (0, 1, 2, 3))).stated_cost
    0.0
    """
    paid = tuple(i for i in plan.unserved if np.isfinite(instance.orders.penalty[i]))
    return Plan(plan.routes, plan.unserved, plan_cost(instance, Plan(plan.routes, paid)))


def _must(instance: Instance, plan: Plan) -> list[int]:
    return [i for i in plan.unserved if np.isinf(instance.orders.penalty[i])]


def _first_place(instance: Instance) -> Array:
    """Where each order begins on the way: its pickup, or its delivery."""
    return np.where(instance.has_pickup, instance.orders.pickup_place, instance.orders.place)


def _away(instance: Instance) -> Array:
    """Distance of each order from the nearest start of a shift."""
    away = np.full(instance.n_orders, np.inf)
    for vehicle in instance.vehicles:
        start = np.full(instance.n_orders, vehicle.start)
        away = np.minimum(away, instance.travel[vehicle.travel].pairs(start, _first_place(instance))[1])
    return away


def _in_turn(priority: Array, left: Array) -> Iterator[int]:
    """The order left with the highest priority, until none is left; `left` changes meanwhile."""
    for order in np.argsort(-priority, kind="stable"):
        if left[order]:
            yield int(order)


def _begin(instance: Instance, order: int, free: list[int], closes: Array) -> Tour | None:
    """A tour with one order, on the free vehicle that serves it alone at least cost."""
    best, chosen = np.inf, None
    for k, vehicle in enumerate(instance.vehicles):
        if free[k] <= 0:
            continue
        tour = Tour(instance, k, closes)
        alone = float(tour.insertions(np.array([order]))[0][0]) + vehicle.fixed_cost
        if alone < best:
            best, chosen = alone, tour
    if chosen is not None:
        chosen.insert(order, 0, 0)
    return chosen

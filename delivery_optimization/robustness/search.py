"""Robust planning: PyVRP's search steered by what a plan is worth over many days.

The local search of PyVRP proposes plans in an instance whose durations are inflated but whose windows are soft: lateness there
has a fixed penalty, at the rate at which late orders are priced. Which of the plans that it finds is kept, and from which one
it goes on, is decided by what the plan is worth: its cost plus a price for each order that is late on an average day. The walk
may pass through plans that are late by themselves, whose late orders have their price; what is kept is possible. Routes do not
influence each other, so the late orders of a plan are a sum over its routes: a route is simulated once however often it comes
back, not at all in a plan whose cost alone is too high, and all known routes are recombined.

Source: the frame is a simheuristic (A. A. Juan, J. Faulin, S. E. Grasman, M. Rabe, G. Figueira, "A review of simheuristics",
*Operations Research Perspectives* 2, 2015) on PyVRP's iterated local search with late acceptance (E. K. Burke, Y. Bykov,
"The late acceptance hill-climbing heuristic", *European Journal of Operational Research* 258(1), 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance, Table
from delivery_optimization.methods.pyvrp_model import Model, model
from delivery_optimization.methods.route_pool_search import local_search
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.backend import backend
from delivery_optimization.robustness.monte_carlo import drive, n_rows
from delivery_optimization.robustness.noise import Days, Law, draw
from delivery_optimization.robustness.recombination import (
    ROUNDS,
    Key,
    penalty_manager,
    recombine,
    route_key,
)
from delivery_optimization.robustness.tours import Departure, from_first_day, tours
from delivery_optimization.schedule import plan_cost, schedule_route
from delivery_optimization.solution import Stop


class LateOrders:
    """Mean number of late orders of single routes over a planner's own scenarios, each route simulated once.

    Parameters
    ----------
    instance : Instance
        What the routes belong to.
    law : Law
        What the planner believes of the days.
    scenarios : int
        How many days.
    seed : int
        Of the days; the stream is ``planning``, never the one that plans are scored on.
    departure : {"first_window", "shift"}
        When vehicles leave.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> late = LateOrders(tiny(), Law(travel_cv=3.0), scenarios=500)
    >>> bool(late.routes([Route(0, (2, 3))])[0] > late.routes([Route(0, (3,))])[0])
    True
    """

    def __init__(
        self,
        instance: Instance,
        law: Law,
        *,
        scenarios: int = 256,
        seed: int = 0,
        departure: Departure = "shift",
    ) -> None:
        self.instance, self.law, self.departure = from_first_day(instance, law.hour), law, departure
        self.days = stratified(draw(law, n_rows(instance), scenarios, seed=seed, key="planning", block=0))
        self.scenarios, self.backend = scenarios, backend("cpu")

    def routes(self, routes: list[Route]) -> np.ndarray:
        """Simulate routes: mean number of late deliveries of each, shape (n_routes,)."""
        laid = tours(self.instance, routes, self.departure)
        late = np.zeros(len(routes))
        for leg in drive(self.instance, laid, self.law, self.days, self.backend):
            if leg.position >= 0:
                stop = laid.stop[leg.rows, leg.position]
                delivery = (stop >= 0) & (stop < self.instance.n_orders)
                late[leg.rows] += (leg.late > 0).mean(1) * delivery
        out = np.empty(len(routes))
        out[laid.order] = late
        return out


def stratified(days: Days) -> Days:
    """Replace the numbers of each row by evenly spread ones in the same order: fewer days tell as much.

    Source: M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for selecting values of input variables",
    *Technometrics* 21(2), 1979 (Latin hypercube sampling).

    Examples
    --------
    >>> days = draw(Law(), 2, 1000, seed=0, key="planning", block=0)
    >>> float(np.ptp(stratified(days).leg.mean(axis=1))) < 1e-3
    True
    """

    def spread(values: Any) -> Any:
        if values is None:
            return None
        rank = np.argsort(np.argsort(values, axis=1), axis=1)
        return (
            np.sort(values, axis=None)[values.shape[0] // 2 :: values.shape[0]][rank]
            if values.size
            else values
        )

    # every `n_rows`-th of all sorted values is a quantile of the law itself
    return replace(days, leg=spread(days.leg), back=spread(days.back), route=spread(days.route))


@dataclass(frozen=True)
class Worth:
    """What a route is worth at the instance's own durations: cost, mean number of late orders, on time by plan or not."""

    cost: float
    late: float
    possible: bool


class PricedRoutes:
    """What routes of PyVRP are worth, each looked at once.

    Parameters
    ----------
    made : Model
        What the solutions belong to.
    instance : Instance
        Whose durations, windows and costs count.
    late : LateOrders, optional
        The simulation; without it no order is ever late.
    """

    def __init__(self, made: Model, instance: Instance, late: LateOrders | None = None) -> None:
        self.made, self.instance, self.late = made, instance, late
        self.known: dict[Key, Worth] = {}

    def of(self, solution: Any, *, unit: float = 0.0, below: float = np.inf) -> Worth | None:
        """Sum over the routes of a solution.

        Routes that were not seen before are not simulated, and None is returned, where cost and known lateness alone
        (`unit` is the price of a late order) already reach `below`.
        """
        routes = {route_key(route): route for route in solution.routes()}
        new = {key: route for key, route in routes.items() if key not in self.known}
        if new:
            least = sum(
                self.known[key].cost + unit * self.known[key].late for key in routes.keys() - new.keys()
            )
            least += (
                sum(r.distance_cost() + r.fixed_vehicle_cost() for r in new.values()) / self.made.cost_scale
            )
            if least >= below:
                return None
            self.look({key: (self.stops(r), not r.has_excess_load()) for key, r in new.items()})
        worth = [self.known[key] for key in routes]
        return Worth(sum(w.cost for w in worth), sum(w.late for w in worth), all(w.possible for w in worth))

    def look(self, new: Mapping[Key, tuple[Route, bool]]) -> None:
        """Simulate and schedule routes that were not seen before, each with whether its load fits."""
        full = {key: value for key, value in new.items() if value[0].stops}
        self.known |= {key: Worth(0.0, 0.0, True) for key in new.keys() - full.keys()}
        if not full:
            return
        instance, routes = self.instance, [route for route, _ in full.values()]
        late_orders = np.zeros(len(routes)) if self.late is None else self.late.routes(routes)
        for (key, (route, fits)), late in zip(full.items(), late_orders, strict=True):
            times, vehicle = schedule_route(instance, route), instance.vehicles[route.vehicle]
            cost = vehicle.fixed_cost + vehicle.cost_per_distance * float(times.distance.sum())
            cost += vehicle.cost_per_duration * times.duration
            self.known[key] = Worth(cost, float(late), fits and float(times.late.max()) <= 1e-6)

    def stops(self, route: Any) -> Route:
        """Translate a route of PyVRP."""
        n, made, stops = self.instance.n_orders, self.made, []
        for activity in route:
            if activity.is_client():
                stops.append(made.clients[activity.idx])
            elif activity.is_pickup():
                stops.append(n + made.shipments[activity.idx])
            elif activity.is_delivery():
                stops.append(made.shipments[activity.idx])
        return Route(made.types[route.vehicle_type()], tuple(stops))


def inflated(instance: Instance, factor: float) -> Instance:
    """Multiply all durations by a factor, rounded up to the instance's units; distances stay.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> inflated(tiny(), 1.5).travel[0].pairs(np.array([0]), np.array([1]))[0].tolist()
    [3.0]
    """
    if factor == 1:
        return instance
    places = np.arange(len(instance.places.names))
    scale = instance.convention.scale
    made = []
    for travel in instance.travel:
        durations, distances = travel.table(places)
        made.append(Table(np.ceil(durations * factor * scale - 1e-9) / scale, distances))
    return replace(instance, travel=tuple(made))


def priced_search(
    instance: Instance,
    *,
    start: Plan,
    stop: Stop,
    seed: int,
    seen: Instance | None = None,
    late: LateOrders | None = None,
    price: float = 0.0,
) -> tuple[Plan, int]:
    """Search the plan of least cost plus price of late orders, among plans without lateness on a day without noise.

    Parameters
    ----------
    instance : Instance
        Whose durations and windows decide what is possible, and what it costs.
    start : Plan
        Where to begin: possible, and complete.
    stop : Stop
        When to stop.
    seed : int
        Of the search.
    seen : Instance, optional
        What the local search sees: the instance by default, longer durations where lateness has a price.
    late : LateOrders, optional
        The planner's scenarios.
    price : float
        Cost of an order that is late on an average day, in units of the mean cost of serving an order in `start`.

    Returns
    -------
    plan : Plan
        With its cost at the instance's own durations.
    iterations : int
        How many there were.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> start = Plan((Route(0, (4, 5, 0, 1, 3, 2)),))
    >>> priced_search(tiny(), start=start, stop=Stop(iterations=20), seed=0)[0].stated_cost
    26.0
    """
    made = model(instance if seen is None else seen)
    walk = _Walk(made, PricedRoutes(made, instance, late), price, made.solution(start), seed)
    for _ in range(ROUNDS):
        walk.round(stop.part(1 / ROUNDS).start())
        values = {
            key: made.cost_scale * (worth.cost + walk.unit * worth.late)
            for key, worth in walk.priced.known.items()
            if worth.possible
        }
        best = recombine(made, values, walk.best)
        walk.keep(best, *walk.look(best))
    plan = replace(made.plan(walk.best), stated_cost=None)
    return replace(plan, stated_cost=plan_cost(instance, plan)), walk.count


class _Walk:
    """Late acceptance by cost and price of late orders, over plans that PyVRP's local search proposes."""

    def __init__(self, made: Model, priced: PricedRoutes, price: float, start: Any, seed: int) -> None:
        import pyvrp

        self.priced, self.count = priced, 0
        rng = pyvrp.RandomNumberGenerator(seed=seed)
        self.local, self.penalties = local_search(made, rng), penalty_manager(made)
        worth = priced.of(start)
        assert worth is not None  # nothing is cut off without a bound
        self.unit = price * worth.cost / max(priced.instance.n_orders, 1)
        self.lateness = self._lateness(start, self.unit * worth.late * made.cost_scale)
        self.best, (self.value, _) = start, self.look(start)

    def _lateness(self, start: Any, price: float) -> float:
        """Penalty of a unit of lateness at inflated durations: all of it in the first plan costs what its late orders cost."""
        late = start.time_warp()
        return price / late if price > 0 and late > 0 else self.penalties.penalties()[1]

    def evaluator(self) -> Any:
        """Costs that the local search sees."""
        import pyvrp

        loads, _, distance = self.penalties.penalties()
        return pyvrp.CostEvaluator(loads, self.lateness, distance)

    def look(self, solution: Any, below: float = np.inf) -> tuple[float, bool]:
        """Value of a plan, infinite where it is no plan or not below a bound; and whether it is possible.

        A plan that is late by itself may be gone through on the way to a better one: its late orders have their price.
        """
        if not solution.is_complete() or solution.has_excess_load():
            return np.inf, False
        skipped = solution.uncollected_prizes() / self.priced.made.cost_scale
        missed = self.priced.instance.n_orders - solution.num_clients() - solution.num_shipments()
        skipped += self.unit * missed  # who is not served is late on every day
        worth = self.priced.of(solution, unit=self.unit, below=below - skipped)
        if worth is None or (self.unit == 0 and not worth.possible):
            return np.inf, False
        return worth.cost + self.unit * worth.late + skipped, worth.possible

    def keep(self, solution: Any, value: float, possible: bool) -> None:
        """Keep a plan if it is the best possible one."""
        if possible and value < self.value:
            self.best, self.value = solution, value

    def round(self, enough: Callable[..., bool], history: int = 300) -> None:
        """Walk from the best plan."""
        current, value = self.best, self.value
        past = [value] * history
        costs = self.evaluator()
        while not enough():
            if self.count % 100 == 0:
                costs = self.evaluator()
            found = self.local(current, costs, exhaustive=False)
            self.penalties.register(found)
            k = self.count % history
            bar = max(past[k], value)
            new, possible = self.look(found, bar)
            self.keep(found, new, possible)
            if new < bar and new <= self.value:
                better = self.local(found, costs, exhaustive=True)
                if (seen := self.look(better, new))[0] < new:
                    found, (new, possible) = better, seen
                    self.keep(found, new, possible)
            if new < bar:
                current, value = found, new
            past[k] = min(past[k], value)
            self.count += 1

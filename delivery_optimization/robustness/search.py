"""Robust planning: PyVRP's search steered by what a plan is worth over many days.

The local search of PyVRP looks for cheap routes in an instance whose durations may be inflated a little; which of the plans
that it finds is kept, and from which one it goes on, is decided by the price of the plan: its cost plus a price for each
order that is late on an average day. Routes do not influence each other, so the late orders of a plan are a sum over its
routes, and a route is simulated once however often it comes back.

Source: the frame is a simheuristic (A. A. Juan, J. Faulin, S. E. Grasman, M. Rabe, G. Figueira, "A review of simheuristics",
*Operations Research Perspectives* 2, 2015) on PyVRP's iterated local search with late acceptance (E. K. Burke, Y. Bykov,
"The late acceptance hill-climbing heuristic", *European Journal of Operational Research* 258(1), 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance, Table
from delivery_optimization.methods.pyvrp_model import Model, model, penalty_params
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.backend import backend
from delivery_optimization.robustness.monte_carlo import drive, n_rows
from delivery_optimization.robustness.noise import Days, Law, draw
from delivery_optimization.robustness.tours import Departure, tours
from delivery_optimization.schedule import plan_cost, schedule_route


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
        self.instance, self.law, self.departure = instance, law, departure
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
    late : LateOrders
        The simulation.
    """

    def __init__(self, made: Model, late: LateOrders) -> None:
        self.made, self.late = made, late
        self.known: dict[Any, Worth] = {}

    def of(self, solution: Any) -> Worth:
        """Sum over the routes of a solution."""
        keys, new = [], {}
        for route in solution.routes():
            # all that PyVRP counts of a route in whole numbers: two routes that agree in all are taken for one
            key = (
                route.vehicle_type(), route.distance(), route.duration(), route.start_time(), route.num_clients(),
                route.num_shipments(), route.time_warp(), route.wait_duration(), route.service_duration(),
            )  # fmt: skip
            keys.append(key)
            if key not in self.known:
                new[key] = self.stops(route)
        self.look(new)
        worth = [self.known[key] for key in keys]
        return Worth(sum(w.cost for w in worth), sum(w.late for w in worth), all(w.possible for w in worth))

    def look(self, new: dict[Any, Route]) -> None:
        """Simulate and schedule routes that were not seen before."""
        full = {key: route for key, route in new.items() if route.stops}
        self.known |= {key: Worth(0.0, 0.0, True) for key in new.keys() - full.keys()}
        if not full:
            return
        instance = self.late.instance
        for (key, route), late in zip(full.items(), self.late.routes(list(full.values())), strict=True):
            times, vehicle = schedule_route(instance, route), instance.vehicles[route.vehicle]
            cost = vehicle.fixed_cost + vehicle.cost_per_distance * float(times.distance.sum())
            cost += vehicle.cost_per_duration * times.duration
            self.known[key] = Worth(cost, float(late), float(times.late.max()) <= 1e-6)

    def stops(self, route: Any) -> Route:
        """Translate a route of PyVRP."""
        n, made, stops = self.late.instance.n_orders, self.made, []
        for activity in route:
            if activity.is_client():
                stops.append(made.clients[activity.idx])
            elif activity.is_pickup():
                stops.append(n + made.shipments[activity.idx])
            elif activity.is_delivery():
                stops.append(made.shipments[activity.idx])
        return Route(route.vehicle_type(), tuple(stops))


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


def search(
    instance: Instance,
    late: LateOrders,
    *,
    price: float,
    factor: float,
    stop: Callable[..., bool],
    seed: int,
    start: Plan | None = None,
    history: int = 300,
) -> tuple[Plan, int]:
    """Search the plan of least cost plus price of late orders, among plans that are feasible with inflated durations.

    Parameters
    ----------
    instance : Instance
        With its own durations.
    late : LateOrders
        The planner's scenarios.
    price : float
        Cost of an order that is late on an average day, in units of the mean cost of serving an order in the plan that the
        search begins with.
    factor : float
        Of the durations that the local search sees.
    stop : callable
        Says when to stop.
    seed : int
        Of the search.
    start : Plan, optional
        Where to begin.
    history : int
        Length of the late acceptance.

    Returns
    -------
    plan : Plan
        With its cost at the instance's own durations.
    iterations : int
        How many there were.
    """
    import pyvrp
    from pyvrp.search import OPERATORS, LocalSearch, PerturbationManager, compute_neighbours

    made = model(inflated(instance, factor))
    data, priced = made.data, PricedRoutes(made, late)
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    local = LocalSearch(data, rng, compute_neighbours(data), PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    params = penalty_params(made)
    penalties = pyvrp.PenaltyManager(params.midpoint_penalties(data), params)
    begin = made.solution(start) if start is not None else pyvrp.Solution.make_random(data, rng)
    current = begin if start is not None else local(begin, penalties.max_cost_evaluator(), exhaustive=True)
    judge = _Judge(priced, price, current)
    best, best_value = (
        current,
        judge(current, penalties.cost_evaluator()) if judge.possible(current) else np.inf,
    )
    past: list[Any] = [None] * history  # late acceptance: solutions of some iterations ago
    first, count = current, 0
    while not stop():
        costs = penalties.cost_evaluator()
        candidate = local(current, costs, exhaustive=False)
        penalties.register(candidate)
        if judge.possible(candidate) and judge(candidate, costs) < best_value:
            best, best_value = candidate, judge(candidate, costs)
            polished = local(candidate, costs, exhaustive=True)
            if judge.possible(polished) and judge(polished, costs) < best_value:
                best, best_value, candidate = polished, judge(polished, costs), polished
        then = past[count % history]
        bar = judge(first if then is None else then, costs)
        if judge(candidate, costs) < max(bar, judge(current, costs)):
            current = candidate
        if then is None or judge(current, costs) < bar:
            past[count % history] = current
        count += 1
    plan = Plan(*_routes_of(made.plan(best)))
    return replace(plan, stated_cost=plan_cost(instance, plan)), count


def _routes_of(plan: Plan) -> tuple[Any, Any]:
    """A plan without the cost that inflated durations gave it."""
    return plan.routes, plan.unserved


class _Judge:
    """Value of a solution: cost and price of late orders at the instance's own durations.

    What is impossible even without noise is judged with PyVRP's penalties on top; what only the inflated durations forbid is not.
    """

    def __init__(self, priced: PricedRoutes, price: float, first: Any) -> None:
        self.priced = priced
        self.known: dict[int, tuple[Any, Worth]] = {}
        self.unit = price * self.worth(first).cost / max(priced.late.instance.n_orders, 1)

    def __call__(self, solution: Any, costs: Any) -> float:
        worth = self.worth(solution)
        value = worth.cost + self.unit * worth.late
        left_out = solution.uncollected_prizes()
        if not self.possible(solution):
            plain = (
                solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost() + left_out
            )
            value += max(0.0, float(costs.penalised_cost(solution)) - plain) / self.priced.made.cost_scale
        return value + left_out / self.priced.made.cost_scale

    def possible(self, solution: Any) -> bool:
        """Whether all would be on time on a day without noise, and everything fits."""
        return bool(
            self.worth(solution).possible and solution.is_complete() and not solution.has_excess_load()
        )

    def worth(self, solution: Any) -> Worth:
        """Look a solution up by identity."""
        found = self.known.get(id(solution))
        if found is None or found[0] is not solution:
            if len(self.known) > 2000:  # far more than the history needs
                self.known.clear()
            found = (solution, self.priced.of(solution))
            self.known[id(solution)] = found
        return found[1]

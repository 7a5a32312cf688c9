"""The search that all planners of this task share: PyVRP in rounds, with the routes of all rounds recombined after each.

Sources: PyVRP's iterated local search with late acceptance (N. A. Wouda, L. Lan, W. Kool, *INFORMS Journal on Computing* 36(4),
2024); the recombination by set partitioning is that of Y. Rochat, E. Taillard, *Journal of Heuristics* 1, 1995.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_model import Model, model, penalty_params
from delivery_optimization.methods.route_pool_search import average_penalties, local_search
from delivery_optimization.methods.set_partitioning import Columns, choice_cost, set_partitioning
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Stop

ROUNDS = 4
EFFORT = 0.5  # of each integer program, in CP-SAT's deterministic seconds
RESOLUTION = 1e8  # whole numbers of the integer program: what the whole plan costs
Key = tuple[int, str]  # PyVRP's vehicle type and its text of the route: which activities, in which order


def route_key(route: Any) -> Key:
    """Name a route of PyVRP by all that makes it."""
    return route.vehicle_type(), str(route)


def penalty_manager(made: Model) -> Any:
    """Penalties that begin at the scale of the costs and adapt every 100 iterations.

    PyVRP 0.14 itself begins at 50,000 a unit: so high that a short run never leaves feasible plans.
    """
    import pyvrp

    params = penalty_params(made, solutions_between_updates=100)
    return pyvrp.PenaltyManager(average_penalties(made.data), params)


def recombine(made: Model, values: Mapping[Key, float], best: Any) -> Any:
    """Find the choice of known routes with the least sum of values that serves once whoever must be served.

    Parameters
    ----------
    made : Model
        What the routes belong to.
    values : mapping of Key to float
        What each feasible route is worth, in PyVRP's costs; those of `best` must be there.
    best : pyvrp.Solution
        The best choice so far.

    Returns
    -------
    pyvrp.Solution
        `best` itself where there is nothing better.
    """
    import pyvrp
    from scipy.sparse import csr_array

    start = [route_key(route) for route in best.routes()]
    if not start or not best.is_complete():
        return best
    keys = list(values)
    row = {key: k for k, key in enumerate(keys)}
    n_clients = len(made.clients)
    order = {f"C{k}": k for k in range(n_clients)} | {
        f"U{k}": n_clients + k for k in range(len(made.shipments))
    }
    served = [[order[word] for word in text.split() if word in order] for _, text in keys]
    members, ends = np.concatenate(served).astype(int), np.cumsum([0, *map(len, served)])
    routes = csr_array((np.ones(len(members)), members, ends), shape=(len(keys), len(order)))
    visits = [*made.data.clients(), *made.data.shipments()]
    skipped = np.array([np.inf if v.required else float(v.prize) for v in visits])
    scale = RESOLUTION / max(sum(values[key] for key in start), 1e-9)
    cost = np.array([round(scale * value) for value in values.values()])
    numbers = np.array([vehicle.num_available for vehicle in made.data.vehicle_types()])
    columns = Columns(cost, routes, np.array([kind for kind, _ in keys]), numbers, scale * skipped)
    first = np.array([row[key] for key in start])
    chosen, _ = set_partitioning(columns, first, effort=EFFORT)
    if choice_cost(columns, chosen) >= choice_cost(columns, first):
        return best
    return pyvrp.Solution(made.data, [_route(made.data, keys[k]) for k in chosen])


def _route(data: Any, key: Key) -> Any:
    """Make a route of PyVRP from its key."""
    import pyvrp

    kinds = {"C": pyvrp.ActivityType.CLIENT, "L": pyvrp.ActivityType.PICKUP, "U": pyvrp.ActivityType.DELIVERY}
    return pyvrp.Route(data, [pyvrp.Activity(kinds[w[0]], int(w[1:])) for w in key[1].split()], key[0])


class _Kept:
    """Callbacks of PyVRP that note the cost of every feasible route of the plans that the search goes through."""

    def __init__(self) -> None:
        self.costs: dict[Key, float] = {}
        self.last: Any = None

    def keep(self, solution: Any) -> None:
        for route in solution.routes():
            key = route_key(route)
            if key not in self.costs and route.is_feasible():
                self.costs[key] = route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost()

    def on_iteration(self, current: Any, *_: Any) -> None:
        if current is not self.last:
            self.last = current
            self.keep(current)

    def on_start(self, ils: Any) -> None: ...

    def on_restart(self, best: Any) -> None: ...

    def on_best(self, best: Any) -> None: ...

    def on_end(self, result: Any) -> None:
        self.keep(result.best)


def plain_search(instance: Instance, *, stop: Stop, seed: int, start: Plan | None = None) -> tuple[Plan, int]:
    """Search the cheapest plan.

    Parameters
    ----------
    instance : Instance
        What to plan.
    stop : Stop
        When to stop.
    seed : int
        Of the search.
    start : Plan, optional
        Where to begin; a random plan by default.

    Returns
    -------
    plan : Plan
        With its cost.
    iterations : int
        How many there were.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plain_search(tiny(), stop=Stop(iterations=20), seed=0)[0].stated_cost
    26.0
    """
    import pyvrp

    made = model(instance)
    data, rng, kept = made.data, pyvrp.RandomNumberGenerator(seed=seed), _Kept()
    search, penalties = local_search(made, rng), penalty_manager(made)
    best = pyvrp.Solution.make_random(data, rng) if start is None else made.solution(start)
    if not best.is_feasible():
        best = search(best, penalties.max_cost_evaluator(), exhaustive=True)
    params, count = pyvrp.IteratedLocalSearchParams(callbacks=kept), 0
    for _ in range(ROUNDS):
        ils = pyvrp.IteratedLocalSearch(data, penalties, search, best, params)
        result = ils.run(stop.part(1 / ROUNDS).start(), collect_stats=False)
        best, count = result.best, count + result.num_iterations
        if best.is_feasible():
            best = recombine(made, kept.costs, best)
    return made.plan(best), count

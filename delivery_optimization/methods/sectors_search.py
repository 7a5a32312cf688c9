"""The search inside one sector: PyVRP from the routes that are there, in whatever process it is sent to."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_model import model, penalty_params
from delivery_optimization.methods.route_pool_search import average_penalties, local_search
from delivery_optimization.methods.sectors_part import Part
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Stop

NEIGHBOURS, PERTURBATIONS, PENALTY_UPDATES = 50, 25, 100


@dataclass(frozen=True)
class Improved:
    """What came back from a sector.

    Parameters
    ----------
    routes : tuple of Route
        In the numbers of the whole.
    cpu_s : float
        Processor seconds spent.
    process : int
        In which process.
    iterations : int
        Of the search.
    """

    routes: tuple[Route, ...]
    cpu_s: float
    process: int
    iterations: int


def rank(instance: Instance, plan: Plan) -> tuple[int, int, float]:
    """What makes a plan better than another: orders that must be served and are not, vehicles where they count, cost.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> rank(tiny(), Plan((Route(1, (3,)),), (0, 1, 2)))
    (3, 0, 4.0)
    """
    paid = tuple(i for i in plan.unserved if np.isfinite(instance.orders.penalty[i]))
    vehicles = len(plan.routes) if instance.objective == "vehicles_then_distance" else 0
    return len(plan.unserved) - len(paid), vehicles, plan_cost(instance, Plan(plan.routes, paid))


def improve(sector: Part, routes: tuple[Route, ...], stop: Stop, seed: int) -> Improved:
    """Search one sector and keep what is better than its routes.

    Parameters
    ----------
    sector : Part
        Orders and vehicles.
    routes : tuple of Route
        Its routes so far, in the numbers of the whole: all its orders, except those that may be left out. Empty: from
        a random start.
    stop : Stop
        When to stop.
    seed : int
        Of the search.

    Returns
    -------
    Improved
        `routes` themselves where nothing better was found.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.methods.sectors_part import part
    >>> whole = part(tiny(), range(4), [1, 1])
    >>> plan_cost(tiny(), Plan(improve(whole, (), Stop(iterations=100), 0).routes))
    26.0
    """
    import pyvrp

    begun = time.process_time()
    made = model(sector.instance)
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    moves = local_search(made, rng, neighbours=NEIGHBOURS, perturbations=PERTURBATIONS)
    params = penalty_params(made, solutions_between_updates=PENALTY_UPDATES)
    penalties = pyvrp.PenaltyManager(average_penalties(made.data), params)
    known = sector.inside(routes)
    if routes:
        start = made.solution(known)
    else:
        random = pyvrp.Solution.make_random(made.data, rng)
        start = moves(random, penalties.max_cost_evaluator(), exhaustive=True)
    search = pyvrp.IteratedLocalSearch(made.data, penalties, moves, start)
    result = search.run(stop.start(), collect_stats=False)
    if result.best.is_feasible():
        found = made.plan(result.best)
        if not routes or rank(sector.instance, found) < rank(sector.instance, known):
            routes = sector.outside(found)
    return Improved(routes, time.process_time() - begun, os.getpid(), result.num_iterations)

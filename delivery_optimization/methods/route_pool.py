"""Route pool: several searches fill one pool of routes, set partitioning makes the best plan of them all.

Each search is PyVRP's iterated local search from a random start, until it stagnates; the pool keeps every feasible route it
passes. Now and then the routes are recombined (`set_partitioning`), and a better plan goes back into the running search.

Sources: Y. Rochat, E. Taillard, "Probabilistic diversification and intensification in local search for vehicle routing",
*Journal of Heuristics* 1, 1995 (the pool and its set partitioning); A. Subramanian, E. Uchoa, L. S. Ochi, "A hybrid algorithm
for a class of vehicle routing problems", *Computers & Operations Research* 40(10), 2013 (iterated local search and set partitioning).
"""

from __future__ import annotations

import time
from typing import Any

from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_model import model, penalty_params
from delivery_optimization.methods.route_pool_search import (
    MOST_ROUTES,
    HarvestingSearch,
    Pool,
    average_penalties,
    local_search,
    solution_cost,
)
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Solution, Stop


class RoutePool:
    """Several searches into one pool of routes, recombined by set partitioning.

    Parameters
    ----------
    seconds : float
        Processor seconds for one instance at the budget ``laptop``.
    iterations : int
        Iterations for one instance at the budget ``smoke``.
    patience : float
        A search stops after this many iterations without a better plan, for each order.
    neighbours : int
        Size of the granular neighbourhood of the local search.
    perturbations : float
        Most orders moved at random before a local search, as a share of all; at least 25.
    history : int
        Length of late acceptance.
    penalty_updates : int
        Iterations between two adaptations of the penalties.
    recombinations : int
        How often the pool is recombined in the whole run, besides the end of each search.
    polish : float
        Share of the work that goes to the best plan at the end.
    """

    def __init__(
        self,
        seconds: float = 10.0,
        iterations: int = 2000,
        patience: float = 30.0,
        neighbours: int = 50,
        perturbations: float = 0.2,
        history: int = 300,
        penalty_updates: int = 100,
        recombinations: int = 3,
        polish: float = 0.15,
    ) -> None:
        self.seconds, self.iterations, self.patience = seconds, iterations, patience
        self.neighbours, self.perturbations, self.history = neighbours, perturbations, history
        self.penalty_updates, self.recombinations, self.polish = penalty_updates, recombinations, polish

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Solve one instance.

        Parameters
        ----------
        instance : Instance
            Without breaks and soft windows.
        stop : Stop
            When to stop.
        seed : int
            Of the searches.

        Returns
        -------
        Solution
            With the best plan found; if none was feasible, the last attempt, which the checker will refuse.
        """
        if not instance.n_orders:
            return Solution(Plan((), (), 0.0), reproducible=stop.reproducible)
        return _Run(self, instance, stop, seed).solve()


class _Run:
    """One call of `RoutePool.solve`."""

    def __init__(self, method: RoutePool, instance: Instance, stop: Stop, seed: int) -> None:
        import ortools.sat.python.cp_model  # noqa: F401 (loaded before the clock starts)
        import pyvrp
        import scipy.optimize  # noqa: F401

        self.begun = time.process_time()
        self.method, self.stop, self.count = method, stop, 0
        self.made = model(instance)
        self.rng = pyvrp.RandomNumberGenerator(seed=seed)
        self.local_search = local_search(
            self.made,
            self.rng,
            neighbours=method.neighbours,
            perturbations=max(25, round(method.perturbations * instance.n_orders)),
        )
        params = penalty_params(self.made, solutions_between_updates=method.penalty_updates)
        self.penalties = pyvrp.PenaltyManager(average_penalties(self.made.data), params)
        self.pool = Pool(self.made)
        self.best: Any = None  # the best feasible solution
        self.last: Any = None  # of the running search
        self.trace: list[tuple[float, float]] = []
        self.recombined, self.known = 0, 0

    def solve(self) -> Solution:
        polished = 1.0 - self.method.polish
        while self.share() < polished:
            self.search(self.random(), until=polished if self.best is not None else 1.0)
            self.recombine()
        while self.best is not None and self.share() < 0.97:
            self.search(self.best, until=0.97)
        self.recombine()
        plan = self.made.plan(self.best if self.best is not None else self.last)
        cpu = time.process_time() - self.begun
        return Solution(plan, tuple(self.trace), cpu, self.count, self.stop.reproducible)

    def share(self) -> float:
        """Share of the work that is done."""
        shares = [0.0]
        if self.stop.seconds is not None:
            shares.append((time.process_time() - self.begun) / self.stop.seconds)
        if self.stop.iterations is not None:
            shares.append(self.count / self.stop.iterations)
        return max(shares)

    def random(self) -> Any:
        import pyvrp

        start = pyvrp.Solution.make_random(self.made.data, self.rng)
        return self.local_search(start, self.penalties.max_cost_evaluator(), exhaustive=True)

    def search(self, start: Any, *, until: float) -> None:
        """Search from a start until it stagnates or its share of the work is done."""
        import pyvrp

        patience = max(1, round(self.method.patience * self.made.instance.n_orders))
        lowest, waited = None, 0

        def enough(cost: float) -> bool:
            nonlocal lowest, waited
            self.count += 1
            waited = waited + 1 if cost == lowest else 0
            lowest = cost
            return waited > patience or self.share() >= until

        search = HarvestingSearch(self.local_search, self.pool, self.turn)
        params = pyvrp.IteratedLocalSearchParams(history_length=self.method.history, callbacks=self)
        self.last = start
        self.keep(start)
        ils = pyvrp.IteratedLocalSearch(self.made.data, self.penalties, search, start, params)
        self.keep(ils.run(enough, collect_stats=False).best)

    def turn(self) -> Any | None:
        """Recombine when it is time; a better plan goes into the running search."""
        due = self.share() * (self.method.recombinations + 1) >= self.recombined + 1
        full = len(self.pool.costs) > MOST_ROUTES
        if self.best is None or not (due or full):
            return None
        self.recombined += due
        before = self.best
        self.recombine()
        if full:
            self.pool.empty()
            self.known = 0
        return self.best if self.best is not before else None

    def recombine(self) -> None:
        if self.best is not None and len(self.pool.costs) > self.known:
            self.known = len(self.pool.costs)
            self.keep(self.pool.recombine(self.best, effort=0.01 * (self.stop.seconds or 10.0)))

    def keep(self, solution: Any) -> None:
        """Keep a solution if it is the best feasible one."""
        if solution.is_feasible() and (
            self.best is None or solution_cost(solution) < solution_cost(self.best)
        ):
            self.best = solution
            cost = solution_cost(solution) / self.made.cost_scale
            self.trace.append((time.process_time() - self.begun, cost))

    def on_best(self, best: Any) -> None:
        self.last = best
        self.keep(best)

    def on_start(self, ils: Any) -> None: ...

    def on_iteration(self, *_: Any) -> None: ...

    def on_restart(self, best: Any) -> None: ...

    def on_end(self, result: Any) -> None: ...

"""Route pool: a small population of plans, crossed and improved by PyVRP; all routes on the way fill one pool.

1. A few short searches from random starts make the population. Every second one first has a vehicle less than the best plan so
   far: plans with another number of routes are seldom found from each other.
2. Two plans are crossed, and a shorter search improves the offspring (a memetic algorithm).
3. All feasible routes that a search passes stay in a pool (of a search with a vehicle less, those of its best plan). At stated
   shares of the work set partitioning makes the best plan of them all, which joins the population.

Sources: Y. Nagata, S. Kobayashi, "A memetic algorithm for the pickup and delivery problem with time windows using selective
route exchange crossover", *PPSN XI*, 2010 (the crossover); Y. Rochat, E. Taillard, "Probabilistic diversification and
intensification in local search for vehicle routing", *Journal of Heuristics* 1, 1995 (the pool and its set partitioning).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import Insertion
from delivery_optimization.methods.pyvrp_model import model, penalty_params
from delivery_optimization.methods.route_pool_crossover import Crossover, activities
from delivery_optimization.methods.route_pool_search import (
    HarvestingSearch,
    Pool,
    average_penalties,
    local_search,
    solution_cost,
)
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Interrupted, Solution, Stop
from usecases.contract import Text


class RoutePool:
    """A population of plans, crossed; their routes in one pool, recombined by set partitioning.

    Parameters
    ----------
    seconds : float
        Processor seconds for one instance at the budget ``laptop``.
    iterations : int
        Iterations for one instance at the budget ``smoke``.
    neighbours : int, optional
        Size of the granular neighbourhood of the local search; see `local_search` for what None means.
    perturbations : int, optional
        Most orders moved at random before a local search; None likewise.
    penalty_updates : int
        Iterations between two adaptations of the penalties.
    starts : float
        Share of the work in which searches from random starts begin.
    start_history : int
        Length of late acceptance in these searches.
    start_patience : float
        Iterations without a better plan after which such a search ends, for each order.
    history : int
        Length of late acceptance in the searches that improve an offspring.
    patience : int
        Iterations without a better plan after which such a search ends, whatever the size: a crossover changes a part of the plan.
    population : int
        How many plans are kept, the cheapest.
    recombinations : int
        How often the pool is recombined, the last time at the end.
    """

    def __init__(
        self,
        seconds: float = 10.0,
        iterations: int = 2000,
        neighbours: int | None = None,
        perturbations: int | None = None,
        penalty_updates: int = 100,
        starts: float = 0.35,
        start_history: int = 100,
        start_patience: float = 5.0,
        history: int = 20,
        patience: int = 300,
        population: int = 8,
        recombinations: int = 4,
    ) -> None:
        self.seconds, self.iterations = seconds, iterations
        self.neighbours, self.perturbations, self.penalty_updates = neighbours, perturbations, penalty_updates
        self.starts, self.start_history, self.start_patience = starts, start_history, start_patience
        self.history, self.patience = history, patience
        self.population, self.recombinations = population, recombinations

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
        run = _Run(self, instance, stop, seed)
        try:
            return run.solve()
        except KeyboardInterrupt:
            if run.best is None:
                raise
            raise Interrupted(run.solution()) from None


def without_search(instance: Instance, stop: Stop, begun: float) -> Solution:
    """Cheapest insertion, where reading the instance has taken all the time.

    Parameters
    ----------
    instance : Instance
        What to plan.
    stop : Stop
        Of the search that did not begin.
    begun : float
        Processor time (s) at which everything began.

    Returns
    -------
    Solution

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> without_search(tiny(), Stop(seconds=1e-9), time.process_time()).plan.stated_cost
    34.0
    """
    found = Insertion().solve(instance, stop=Stop(iterations=1))
    note = Text(
        f"{instance.name}: the time was over before the first search, so the plan is that of cheapest insertion; "
        "give more with method.seconds.",
        f"{instance.name}\u202f: le temps était écoulé avant la première recherche, le plan est donc celui de l’insertion "
        "au moindre coût\u202f; donnez-en plus avec method.seconds.",
    )
    return replace(
        found, cpu_s=time.process_time() - begun, reproducible=stop.reproducible, notes=(*found.notes, note)
    )


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
            self.made, self.rng, neighbours=method.neighbours, perturbations=method.perturbations
        )
        params = penalty_params(self.made, solutions_between_updates=method.penalty_updates)
        self.penalties = pyvrp.PenaltyManager(average_penalties(self.made.data), params)
        self.cross = Crossover(self.made, seed)
        self.pool = Pool(self.made)
        self.plans: dict[int, Any] = {}  # the population: feasible solutions by cost
        self.best: Any = None  # the best feasible solution
        self.last: Any = None  # what there is while nothing is feasible
        self.trace: list[tuple[float, float]] = []
        self.known = 0  # how many routes the last recombination had
        self.reserve = 0.02  # share of the work that one recombination takes, measured

    def solve(self) -> Solution:
        method = self.method
        for number in itertools.count():
            if self.share() >= (method.starts if self.best is not None else 1.0):
                break
            if number % 2 and self.fleet > 1:
                self.search(self.fewer(), offspring=True)
            else:
                self.search(self.random())
        for k in range(1, method.recombinations):
            self.recombine()
            until = method.starts + (1 - method.starts) * k / (method.recombinations - 1)
            while self.share() < min(until, self.end):
                self.evolve()
        self.recombine()
        self.reserve = 0.0  # the rest is for one more search
        while self.share() < 1:
            self.evolve()
        if self.last is None:  # the time was over before the first search
            return without_search(self.made.instance, self.stop, self.begun)
        return self.solution()

    def solution(self) -> Solution:
        """The best plan so far; the last attempt while none is feasible."""
        plan = self.made.plan(self.last if self.best is None else self.best)
        cpu = time.process_time() - self.begun
        return Solution(plan, tuple(self.trace), cpu, self.count, self.stop.reproducible)

    @property
    def end(self) -> float:
        """Share of the work after which the searches leave the rest to the last recombination."""
        return 1.0 if self.best is None else 1.0 - self.reserve

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

    def fewer(self) -> Any:
        """A plan with a vehicle less than the best, feasible or not, from a search that has no more of them."""
        import pyvrp

        data = self.made.data
        (vehicle,) = data.vehicle_types()
        small = data.replace(vehicle_types=[vehicle.replace(num_available=self.fleet - 1)])
        moves = local_search(
            replace(self.made, data=small),
            self.rng,
            neighbours=self.method.neighbours,
            perturbations=self.method.perturbations,
        )
        start = moves(
            pyvrp.Solution.make_random(small, self.rng), self.penalties.max_cost_evaluator(), exhaustive=True
        )
        params = pyvrp.IteratedLocalSearchParams(history_length=self.method.start_history)
        ils = pyvrp.IteratedLocalSearch(small, self.penalties, moves, start, params)
        found = ils.run(self.stagnates(self.start_patience), collect_stats=False).best
        routes = [pyvrp.Route(data, activities(str(r).split()), r.vehicle_type()) for r in found.routes()]
        whole = pyvrp.Solution(data, routes)
        self.join(whole)
        return whole

    @property
    def fleet(self) -> int:
        """Vehicles of the best plan; 0 where there is none yet, or there are several kinds of vehicles."""
        return 0 if self.best is None or self.made.data.num_vehicle_types > 1 else self.best.num_routes()

    @property
    def start_patience(self) -> float:
        """Iterations without a better plan after which a search from a random start ends."""
        return self.method.start_patience * self.made.instance.n_orders

    def stagnates(self, longest: float) -> Callable[[float], bool]:
        """Make a stopping criterion: so many iterations without a better plan, or the end of the work."""
        lowest, waited = None, 0

        def enough(cost: float) -> bool:
            nonlocal lowest, waited
            self.count += 1
            waited = waited + 1 if cost == lowest else 0
            lowest = cost
            return waited > longest or self.share() >= self.end

        return enough

    def search(self, start: Any, *, offspring: bool = False) -> None:
        """Search from a start until it stagnates; what it finds joins the population."""
        import pyvrp

        method = self.method
        longest = method.patience if offspring else self.start_patience
        history = method.history if offspring else method.start_history
        search = HarvestingSearch(self.local_search, self.pool)
        params = pyvrp.IteratedLocalSearchParams(history_length=history, callbacks=self)
        ils = pyvrp.IteratedLocalSearch(self.made.data, self.penalties, search, start, params)
        self.last = start
        self.join(ils.run(self.stagnates(longest), collect_stats=False).best)

    def evolve(self) -> None:
        """Cross two plans of the population and improve the offspring, unless the local search ends in a plan that is known."""
        if len(self.plans) < 2:
            return self.search(self.random())
        first, second = self.cross.rng.choice(len(self.plans), 2, replace=False)
        plans = list(self.plans.values())
        start = self.local_search(
            self.cross(plans[first], plans[second]), self.penalties.cost_evaluator(), exhaustive=True
        )
        self.count += 1
        if solution_cost(start) not in self.plans:
            self.search(start, offspring=True)
        return None

    def recombine(self) -> None:
        """Make the best plan of all routes in the pool, where that is worth its time."""
        if self.best is None or len(self.pool.costs) == self.known:
            return
        begun = self.share()
        self.join(self.pool.recombine(self.best, effort=0.005 * (self.stop.seconds or 10.0)))
        self.known = len(self.pool.costs)
        if self.pool.full:
            self.pool.empty()
            self.known = 0
        self.reserve = max(self.reserve, 1.2 * (self.share() - begun))

    def join(self, solution: Any) -> None:
        """Let a feasible solution of a new cost join the population; the dearest leaves."""
        if solution.is_feasible():
            self.keep(solution)
            self.plans.setdefault(solution_cost(solution), solution)
        if len(self.plans) > self.method.population:
            del self.plans[max(self.plans)]

    def keep(self, solution: Any) -> None:
        """Keep a feasible solution if it is the best."""
        cost = solution_cost(solution)
        if solution.is_feasible() and (self.best is None or cost < solution_cost(self.best)):
            self.best = solution
            self.trace.append((time.process_time() - self.begun, cost / self.made.cost_scale))

    def on_best(self, best: Any) -> None:
        self.last = best
        self.keep(best)

    def on_start(self, ils: Any) -> None: ...

    def on_iteration(self, *_: Any) -> None: ...

    def on_restart(self, best: Any) -> None: ...

    def on_end(self, result: Any) -> None: ...

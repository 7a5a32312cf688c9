"""OR-Tools' routing library: several first solutions, ruin and recreate, guided local search.

Sources: L. Perron, V. Furnon, *OR-Tools*, v9.15, Google, https://developers.google.com/optimization; J. Christiaens, G. Vanden Berghe,
"Slack induction by string removals for vehicle routing problems", *Transportation Science* 54(2), 2020 (ruin and recreate);
C. Voudouris, E. Tsang, "Guided local search and its application to the traveling salesman problem", *European Journal of
Operational Research* 113(2), 1999.

No single rule for the first solution finds a plan on every instance: several are tried, with our own cheapest insertion as the last resort.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import Insertion
from delivery_optimization.methods.ortools_model import Model, model
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import plan_cost, schedule_route
from delivery_optimization.solution import Interrupted, Solution, Stop
from usecases.contract import Text
from usecases.errors import UserError, nearest

FIRST = ("PARALLEL_CHEAPEST_INSERTION", "PATH_CHEAPEST_ARC", "SAVINGS", "LOCAL_CHEAPEST_INSERTION")
FIRST_SHARE = 0.05  # of the time, for each first solution and its descent
RUIN_SHARE = 0.7  # of the rest, for ruin and recreate; guided local search has what then remains
REMOVED = 15  # customers that a ruin removes on average, and the longest string it removes
HOT, COLD = 3.0, 0.03  # temperatures over the cost of a mean leg
FAILURES = 10_000  # at the budget smoke: after so many a rule gives up (it finds a plan within hundreds, or not at all)
GUIDED_FAILURES = 100_000  # likewise for guided local search
LEAST_SHARE = 0.1  # of a core: below, the machine is too busy to wait for
NOT_ALL = Text(
    "OR-Tools found no plan that serves all orders; the one that serves most at least cost is shown.",
    "OR-Tools n’a trouvé aucun plan qui serve toutes les commandes ; celui qui en sert le plus au moindre coût est montré.",
)


class OrTools:
    """One run of OR-Tools.

    Parameters
    ----------
    seconds : float
        Seconds for one instance at the budget ``laptop``. OR-Tools watches the wall clock: each phase gets as much wall time
        as its share of processor time needs at the speed at which the machine has worked so far.
    iterations : int
        Solutions (accepted moves) of each search at the budget ``smoke``.
    first : sequence of str
        Rules for the first solution, by OR-Tools' names.
    ruin : bool
        Whether ruin and recreate comes before guided local search.

    Raises
    ------
    UserError
        If there is no such rule.
    """

    def __init__(
        self, seconds: float = 10.0, iterations: int = 100, first: tuple[str, ...] = FIRST, ruin: bool = True
    ) -> None:
        self.seconds, self.iterations, self.first, self.ruin = seconds, iterations, tuple(first), ruin
        for name in self.first:
            if name not in _strategies():
                raise UserError(
                    f"method.first={name} is not a rule of OR-Tools: {nearest(str(name), _strategies())}"
                )

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Solve one instance.

        Parameters
        ----------
        instance : Instance
            Soft windows and breaks are understood.
        stop : Stop
            When to stop.
        seed : int
            Not used: the search draws no random numbers of ours.

        Returns
        -------
        Solution
            Always with a valid plan; orders that could not be placed are unserved.
        """
        search = _Search(instance, stop)
        try:
            return self._solve(instance, search)
        except KeyboardInterrupt:
            if search.best is None:
                raise
            raise Interrupted(search.solution()) from None

    def _solve(self, instance: Instance, search: _Search) -> Solution:
        """One phase after the other."""
        if not instance.n_orders or not any(vehicle.number for vehicle in instance.vehicles):
            search.note(Plan((), tuple(range(instance.n_orders))))
            return search.solution()
        made = model(instance)
        for rule in self.first:
            search.first(made, rule, FIRST_SHARE)
        search.insertion()
        if search.best is None or search.left:
            made = model(instance, optional=_dear(instance))
            search.first(made, FIRST[0], FIRST_SHARE)
        if self.ruin and search.stop.seconds is not None:
            search.ruin(model(instance, optional=_dear(instance) if search.left else None))
        search.guided(model(instance, optional=_dear(instance) if search.left else None))
        return search.solution()


class _Search:
    """The best plan so far, the clock, and one method for each phase."""

    def __init__(self, instance: Instance, stop: Stop) -> None:
        self.instance, self.stop = instance, stop
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        self.best: Plan | None = None
        self.rule = FIRST[0]
        self.trace: list[tuple[float, float]] = []
        self.iterations = 0

    @property
    def spent(self) -> float:
        """Processor seconds so far."""
        return time.process_time() - self.cpu

    @property
    def left(self) -> bool:
        """Whether the best plan leaves out orders that must be served."""
        return bool(self.best and _must(self.instance, self.best))

    def note(self, plan: Plan, rule: str | None = None) -> None:
        """Keep a plan if it leaves out fewer orders that must be served, or as many at less cost."""
        paid = tuple(i for i in plan.unserved if i not in _must(self.instance, plan))
        plan = Plan(plan.routes, plan.unserved, plan_cost(self.instance, Plan(plan.routes, paid)))
        if not np.isfinite(plan.stated_cost or 0.0):  # too late by the instance's own numbers
            return
        if self.best is not None and _rank(self.instance, plan) >= _rank(self.instance, self.best):
            return
        self.best, self.rule = plan, rule or self.rule
        if not self.left:
            self.trace.append((self.spent, float(plan.stated_cost or 0)))

    def first(self, made: Model, rule: str, share: float) -> None:
        """One rule for the first solution, and descent from there."""
        if self.stop.seconds is None:  # without a clock, a rule that finds nothing would search on for ever
            made.routing.AddSearchMonitor(made.routing.solver().FailuresLimit(FAILURES))
        params = self.parameters(rule, None if self.stop.seconds is None else share * self.stop.seconds)
        self._take(made, made.routing.SolveWithParameters(params), rule)

    def insertion(self) -> None:
        """Our own insertion, where it knows the instance."""
        if self.best is not None and self.instance.n_orders > 500:
            return
        if any(vehicle.breaks for vehicle in self.instance.vehicles):
            return
        plan = Insertion().solve(self.instance, stop=Stop(iterations=1)).plan
        self.note(plan)

    def ruin(self, made: Model) -> None:
        """Ruin and recreate with simulated annealing, from the best rule."""
        from ortools.constraint_solver import routing_enums_pb2, routing_ils_pb2

        params = self.parameters(self.rule, RUIN_SHARE * self.remaining())
        params.use_iterated_local_search = True
        search = params.iterated_local_search_parameters
        search.perturbation_strategy = routing_ils_pb2.PerturbationStrategy.RUIN_AND_RECREATE
        recreate = search.ruin_recreate_parameters
        removal = recreate.ruin_strategies.add().sisr
        removal.max_removed_sequence_size, removal.avg_num_removed_visits, removal.bypass_factor = (
            REMOVED,
            REMOVED,
            0.01,
        )
        recreate.recreate_strategy.heuristic = (
            routing_enums_pb2.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
        )
        recreate.route_selection_neighbors_ratio = 1.0
        recreate.route_selection_min_neighbors, recreate.route_selection_max_neighbors = 10, 100
        search.improve_perturbed_solution = False
        annealing = search.reference_solution_acceptance_strategy.simulated_annealing
        annealing.cooling_schedule_strategy = routing_ils_pb2.CoolingScheduleStrategy.EXPONENTIAL
        leg = self._mean_leg() * made.cost_scale
        annealing.initial_temperature, annealing.final_temperature = HOT * leg, COLD * leg
        search.best_solution_acceptance_strategy.greedy_descent.SetInParent()
        self._take(made, made.routing.SolveWithIteratedLocalSearch(params))

    def guided(self, made: Model) -> None:
        """Guided local search from the best plan."""
        if self.remaining() <= 0:
            return
        params = self.parameters(self.rule, self.remaining(), guided=True)
        start = None if self.best is None or _has_breaks(self.best) else made.assignment(self.best)
        routing = made.routing
        if self.stop.seconds is None:  # a small instance has fewer improvements than there are iterations
            routing.AddSearchMonitor(routing.solver().FailuresLimit(GUIDED_FAILURES))
        if start is None:
            self._take(made, routing.SolveWithParameters(params))
        else:
            self._take(made, routing.SolveFromAssignmentWithParameters(start, params))

    def remaining(self) -> float:
        """Processor seconds that are left; with iterations, one more search."""
        return 1.0 if self.stop.seconds is None else self.stop.seconds - self.spent

    def parameters(self, rule: str, seconds: float | None, *, guided: bool = False) -> Any:
        """Search parameters; processor seconds become wall seconds at the machine's present speed."""
        from ortools.constraint_solver import pywrapcp, routing_enums_pb2

        params = pywrapcp.DefaultRoutingSearchParameters()
        params.first_solution_strategy = _strategies()[rule]
        metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
        params.local_search_metaheuristic = (
            metaheuristics.GUIDED_LOCAL_SEARCH if guided else metaheuristics.GREEDY_DESCENT
        )
        if self.stop.iterations is not None:
            params.solution_limit = self.stop.iterations
        if self.stop.seconds is not None and seconds is not None:
            wall = time.perf_counter() - self.wall
            share = min(1.0, max(self.spent / wall, LEAST_SHARE)) if wall > 0.05 else 1.0
            params.time_limit.FromMilliseconds(max(1, round(1000 * seconds / share)))
        return params

    def _take(self, made: Model, assignment: Any, rule: str | None = None) -> None:
        self.iterations += made.routing.solver().Solutions()
        if assignment is not None:
            self.note(made.plan(assignment), rule)

    def _mean_leg(self) -> float:
        """Cost of the distance of a mean leg of the best plan."""
        legs = (
            [
                (
                    self.instance.vehicles[route.vehicle].cost_per_distance or 1.0,
                    schedule_route(self.instance, route).distance,
                )
                for route in self.best.routes
            ]
            if self.best
            else []
        )
        count = sum(len(distance) - 1 for _, distance in legs)
        return max(sum(price * float(d.sum()) for price, d in legs) / count, 1e-9) if count else 1.0

    def solution(self) -> Solution:
        """What was found."""
        best = self.best or Plan((), tuple(range(self.instance.n_orders)))
        notes = (NOT_ALL,) if _must(self.instance, best) else ()
        reproducible = self.stop.reproducible
        return Solution(best, tuple(self.trace), self.spent, self.iterations, reproducible, notes)


def _strategies() -> dict[str, int]:
    from ortools.constraint_solver import routing_enums_pb2

    return dict(routing_enums_pb2.FirstSolutionStrategy.Value.items())


def _must(instance: Instance, plan: Plan) -> tuple[int, ...]:
    """Orders that are left out although they must be served."""
    return tuple(i for i in plan.unserved if instance.orders.penalty[i] == float("inf"))


def _rank(instance: Instance, plan: Plan) -> tuple[int, int, float]:
    """Fewest orders left out first; then vehicles where they come first; then cost."""
    vehicles = len(plan.routes) if instance.objective == "vehicles_then_distance" else 0
    return len(_must(instance, plan)), vehicles, float(plan.stated_cost or 0)


def _has_breaks(plan: Plan) -> bool:
    return any(stop < 0 for route in plan.routes for stop in route.stops)


def _dear(instance: Instance) -> float:
    """A penalty above what any order can cost."""
    from delivery_optimization.diagnosis import serve_what_can_be

    return float(serve_what_can_be(instance, may_leave=True).instance.orders.penalty.max(initial=1.0))

"""PyVRP: iterated local search of the field's best open solver, from one random start.

Source: N. A. Wouda, L. Lan, W. Kool, "PyVRP: a high-performance VRP solver package", *INFORMS Journal on Computing* 36(4), 2024;
since version 0.13 an iterated local search with late acceptance.
"""

from __future__ import annotations

import time
from typing import Any

from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_model import model, penalty_params
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Interrupted, Solution, Stop


class PyVrp:
    """One run of PyVRP.

    Parameters
    ----------
    seconds : float
        Processor seconds for one instance at the budget ``laptop``.
    iterations : int
        Iterations for one instance at the budget ``smoke``.
    """

    def __init__(self, seconds: float = 10.0, iterations: int = 2000) -> None:
        self.seconds, self.iterations = seconds, iterations

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0, start: Plan | None = None) -> Solution:
        """Solve one instance.

        Parameters
        ----------
        instance : Instance
            Without breaks and soft windows.
        stop : Stop
            When to stop.
        seed : int
            Of the search.
        start : Plan, optional
            Warm start.

        Returns
        -------
        Solution
            With the best plan found; if none was feasible, its last attempt, which the checker will refuse.
        """
        import pyvrp

        begun = time.process_time()
        made = model(instance)
        watch = _Watch(begun, made.cost_scale, instance.objective == "vehicles_then_distance")
        params = pyvrp.SolveParams(
            ils=pyvrp.IteratedLocalSearchParams(callbacks=watch), penalty=penalty_params(made)
        )
        try:
            result = pyvrp.solve(
                made.data,
                stop.start(),
                seed=seed,
                collect_stats=False,
                params=params,
                initial_solution=None if start is None else made.solution(start),
            )
        except KeyboardInterrupt:
            if watch.best is None:
                raise
            cpu = time.process_time() - begun
            raise Interrupted(Solution(made.plan(watch.best), tuple(watch.trace), cpu)) from None
        return Solution(
            made.plan(result.best),
            tuple(watch.trace),
            time.process_time() - begun,
            result.num_iterations,
            stop.reproducible,
        )


class _Watch:
    """Callbacks of PyVRP that note the best plan and when its cost improved."""

    def __init__(self, begun: float, cost_scale: float, distance_only: bool = False) -> None:
        self.begun, self.cost_scale = begun, cost_scale
        self.distance_only = distance_only  # vehicles come first: their weight is no cost
        self.trace: list[tuple[float, float]] = []
        self.best: Any = None  # the best feasible solution

    def on_best(self, best: Any) -> None:
        if best.is_feasible():
            self.best = best
            cost = (
                best.distance_cost()
                + best.duration_cost()
                + (0 if self.distance_only else best.fixed_vehicle_cost())
                + best.uncollected_prizes()
            )
            self.trace.append((time.process_time() - self.begun, cost / self.cost_scale))

    def on_start(self, ils: Any) -> None:
        self.on_best(ils.initial_solution)

    def on_iteration(self, *_: Any) -> None: ...

    def on_restart(self, best: Any) -> None: ...

    def on_end(self, result: Any) -> None:
        self.on_best(result.best)

"""Routing: which vehicle makes which stops in which order.

The native API in three lines::

    data = Solomon(instance="R101").read(seed=0)
    solution = PyVrp().solve(data.instances[0], stop=Stop(seconds=10), seed=0)
    verdict = check(data.instances[0], solution.plan)

This adapter solves every instance of the source, has each plan checked, and compares with the best known costs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization import routing_report
from delivery_optimization.data.routing_data import RoutingData, fingerprint
from delivery_optimization.diagnosis import solve_what_can_be
from delivery_optimization.evaluation import evaluate_plans
from delivery_optimization.instance import Instance
from delivery_optimization.plan import plan_from_json, plan_to_json
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Budget, Evaluation, Outcome, Problem, Progress, Section

SECONDS, ITERATIONS = 10.0, 1000


class Routing:
    """The task `delivery_optimization/routing`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a data source: anything with ``read(seed) -> RoutingData``."""
        read: RoutingData = data.read(seed)
        return Problem(
            inputs=read.instances,
            truth=None
            if read.best_known is None
            else {
                "best_known": read.best_known,
                "best_known_vehicles": read.best_known_vehicles,
                "proven": read.proven,
            },
            groups=np.array([instance.name for instance in read.instances]),
            fingerprint=fingerprint(read.instances),
            description=read.description,
        )

    def solve(
        self,
        method: Any,
        inputs: tuple[Instance, ...],
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Outcome:
        """Solve every instance, each with the same stop; instances are spread over the cores.

        Parameters
        ----------
        method : object
            With ``solve(instance, *, stop, seed) -> Solution``, and the attributes ``seconds`` and ``iterations``.
        inputs : tuple of Instance
            What to solve.

        Returns
        -------
        Outcome
            ``plan.json``: one plan for each instance; the solutions with their traces in ``details``.
        """
        from joblib import Parallel, delayed

        stop = stop_for(method, budget)
        spread = Parallel(1) if len(inputs) == 1 else Parallel()  # one instance is solved here, without a process
        todo = progress(inputs, description="instances", total=len(inputs))
        solutions: list[Solution] = spread(
            delayed(solve_what_can_be)(method, instance, stop=stop, seed=seed) for instance in todo
        )
        plans = [plan_to_json(i, s.plan) for i, s in zip(inputs, solutions, strict=True)]
        cpu = sum(solution.cpu_s for solution in solutions)
        return Outcome(
            answer={"plans": plans},
            name="plan",
            details={"solutions": tuple(solutions)},
            complete=not any(solution.plan.unserved for solution in solutions),
            reproducible=all(solution.reproducible for solution in solutions),
            notes=tuple(dict.fromkeys(note for solution in solutions for note in solution.notes)),
            timings={"search": {"cpu_s": round(cpu, 4)}},
        )

    def evaluate(
        self,
        problem: Problem,
        outcome: Outcome,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Evaluation:
        """Check every saved plan and score it; a plan that the checker refuses fails the run."""
        plans = [
            plan_from_json(instance, plan)
            for instance, plan in zip(problem.inputs, outcome.answer["plans"], strict=True)
        ]
        return evaluate_plans(problem, plans, outcome.details.get("solutions", ()), seed)

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, map, timeline, figures."""
        return routing_report.sections(problem, outcome, evaluation)


def stop_for(method: Any, budget: Budget) -> Stop:
    """Processor seconds of the method's configuration times the budget's effort; iterations alone at ``smoke``.

    A method of one's own without the attributes ``seconds`` and ``iterations`` gets `SECONDS` and `ITERATIONS`.

    Examples
    --------
    >>> from delivery_optimization.methods.pyvrp_solver import PyVrp
    >>> stop_for(PyVrp(seconds=10, iterations=500), Budget("smoke", effort=0.1))
    Stop(seconds=None, iterations=500)
    >>> stop_for(PyVrp(seconds=10), Budget())
    Stop(seconds=10.0, iterations=None)
    """
    if budget.name == "smoke":
        return Stop(iterations=getattr(method, "iterations", ITERATIONS))
    return Stop(seconds=getattr(method, "seconds", SECONDS) * budget.effort)

"""Routing: which vehicle makes which stops in which order.

The native API in three lines::

    data = Solomon(instance="R101").read(seed=0)
    solution = PyVrp().solve(data.instances[0], stop=Stop(seconds=10), seed=0)
    verdict = check(data.instances[0], solution.plan)

This adapter solves every instance of the source, has each plan checked, and compares with the best known costs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from delivery_optimization import routing_report
from delivery_optimization.attempt import Attempt, attempt
from delivery_optimization.checker import Verdict, check
from delivery_optimization.data.routing_data import RoutingData, fingerprint
from delivery_optimization.evaluation import evaluate_plans
from delivery_optimization.instance import Instance
from delivery_optimization.plan import plan_from_json, plan_to_json
from delivery_optimization.solution import Interrupted, Stop
from delivery_optimization.violation_words import refusal
from usecases.contract import Budget, Evaluation, Outcome, Problem, Progress, Section, Text

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
            ``plan.json``: one plan for each instance; in ``details`` the solutions with their traces, and the names of the
            instances that raised an error.

        Raises
        ------
        UserError
            If no instance at all could be planned.
        KeyboardInterrupt
            After Ctrl-C, with the plans that were finished; a single instance with the best plan so far.
        """
        from joblib import Parallel, delayed

        stop, begun = stop_for(method, budget), time.perf_counter()
        jobs = {"n_jobs": 1} if len(inputs) == 1 else {}  # one instance is solved here, without a process
        spread = Parallel(**jobs, return_as="generator")
        tried = spread(delayed(attempt)(method, instance, stop=stop, seed=seed) for instance in inputs)
        done: list[Attempt] = []
        try:
            done.extend(progress(tried, description="instances", total=len(inputs)))
        except KeyboardInterrupt as interruption:
            if isinstance(interruption, Interrupted) and len(inputs) == 1:
                done.append(Attempt(interruption.solution))
            if done:
                answer = {"plans": _plans(inputs, done)}
                interruption.outcome = Outcome(answer, name="plan", complete=False)  # type: ignore[attr-defined]
            raise
        errors = {i.name: a for i, a in zip(inputs, done, strict=True) if a.error is not None}
        if len(errors) == len(inputs) and inputs:
            raise next(iter(errors.values())).exception()
        solutions = [one.solution for one in done]
        verdicts = [check(i, s.plan) for i, s in zip(inputs, solutions, strict=True)]
        cpu = sum(solution.cpu_s for solution in solutions)
        return Outcome(
            answer={"plans": _plans(inputs, done)},
            name="plan",
            details={"solutions": tuple(solutions), "errors": tuple(errors)},
            complete=all(verdict.valid for verdict in verdicts),
            reproducible=all(solution.reproducible for solution in solutions),
            notes=tuple(
                dict.fromkeys([n for s in solutions for n in s.notes] + _refusals(inputs, done, verdicts))
            ),
            timings={"search": {"wall_s": round(time.perf_counter() - begun, 4), "cpu_s": round(cpu, 4)}},
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
        """Check every saved plan and score it; a plan that the checker refuses has no cost."""
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


def _plans(inputs: Sequence[Instance], done: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Plans of the first instances, by name."""
    return [plan_to_json(instance, one.solution.plan) for instance, one in zip(inputs, done, strict=False)]


def _refusals(inputs: Sequence[Instance], done: Sequence[Attempt], verdicts: Sequence[Verdict]) -> list[Text]:
    """What the checker says of plans that are not valid as they are: those that somebody gave."""
    return [
        refusal(instance, verdict.wrong)
        for instance, one, verdict in zip(inputs, done, verdicts, strict=True)
        if verdict.wrong and one.error is None
    ]

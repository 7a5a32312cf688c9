"""Robustness: what a plan is worth when the day goes otherwise.

The native API in three lines::

    plan = Priced().plan(Mission(instance), stop=Stop(iterations=20_000), seed=0).plan
    days = simulate(instance, plan, Law(travel_cv=0.2, route_share=0.5))
    days.on_time_rate, days.perfect_days

This adapter plans every instance of the source (or takes a plan made elsewhere), has each plan checked, and drives it through
the same days whatever the method.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.plan import Plan, plan_from_json, plan_to_json
from delivery_optimization.robustness import report, scores
from delivery_optimization.robustness.source import Mission
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Budget, Evaluation, Outcome, Problem, Progress, Section


class Robustness:
    """The task `delivery_optimization/robustness`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a `delivery_optimization.robustness.source.Days`; the scenarios' law and seed are the truth."""
        read, missions, truth = data.read(seed)
        batches = min(scores.BATCHES, truth.scenarios)
        description = dict(read.description) | {"n_scenarios": truth.scenarios, "law_assumed": truth.assumed}
        return Problem(
            inputs=missions,
            truth={"days": truth, "best_known": read.best_known},
            groups=np.arange(batches),
            fingerprint=data.fingerprint(read, missions, truth),
            description=description,
        )

    def solve(
        self,
        method: Any,
        inputs: tuple[Mission, ...],
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Outcome:
        """Plan every instance with the same number of iterations; instances are spread over the cores.

        Parameters
        ----------
        method : object
            With ``plan(mission, *, stop, seed) -> Solution`` and ``iterations``, or a method of `routing`.
        inputs : tuple of Mission
            What to plan.

        Returns
        -------
        Outcome
            ``plan.json``: one plan for each instance; ``others``: those of the planners that it is shown beside.
        """
        from joblib import Parallel, delayed

        def one(planner: Any, mission: Mission) -> Solution:
            if hasattr(planner, "plan"):
                return planner.plan(mission, stop=stop, seed=seed)
            return planner.solve(mission.instance, stop=stop, seed=seed)

        stop = Stop(iterations=budget.iterations(method.iterations))
        others = method.others() if getattr(method, "beside", False) and budget.name != "smoke" else {}
        pairs = [(planner, mission) for planner in (method, *others.values()) for mission in inputs]
        todo = progress(pairs, description="plans", total=len(pairs))
        every: list[Solution] = Parallel()(delayed(one)(planner, mission) for planner, mission in todo)
        n = len(inputs)
        solutions = every[:n]
        written = [plan_to_json(m.instance, s.plan) for (_, m), s in zip(pairs, every, strict=True)]
        return Outcome(
            answer={
                "plans": written[:n],
                "others": {name: written[k * n : (k + 1) * n] for k, name in enumerate(others, start=1)},
            },
            name="plan",
            complete=not any(solution.plan.unserved for solution in solutions),
            reproducible=all(solution.reproducible for solution in solutions),
            notes=tuple(dict.fromkeys(note for solution in solutions for note in solution.notes)),
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
        """Check every saved plan and drive it through the days of the truth; on a GPU only where one was asked for by name."""
        device = device if device == "cuda" else "cpu"  # the same seed gives the same days on any machine
        truth = problem.truth or {}
        others = {name: plans_of(problem, plans) for name, plans in outcome.answer["others"].items()}
        return scores.evaluate(
            problem.inputs,
            plans_of(problem, outcome.answer["plans"]),
            truth.get("days"),
            truth.get("best_known"),
            others,
            device,
        )

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, weak stops, lateness, cost against reliability."""
        return report.sections(problem, plans_of(problem, outcome.answer["plans"]), evaluation)


def plans_of(problem: Problem, saved: list[Any]) -> list[Plan]:
    """Read saved plans, as anybody could."""
    return [
        plan_from_json(mission.instance, plan) for mission, plan in zip(problem.inputs, saved, strict=True)
    ]

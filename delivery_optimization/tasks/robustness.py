"""Robustness: what a plan is worth when the day goes otherwise.

The native API in three lines::

    plan = Priced().plan(Mission(instance), stop=Stop(iterations=20_000), seed=0).plan
    days = simulate(instance, plan, Law(travel_cv=0.2, route_share=0.5))
    days.on_time_rate, days.perfect_days

This adapter plans every instance of the source (or takes a plan made elsewhere), has each plan checked, and drives it through
the same days whatever the method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization.attempt import Attempt, attempt
from delivery_optimization.checker import check
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, plan_from_json, plan_to_json
from delivery_optimization.robustness import report, scores
from delivery_optimization.robustness.source import Mission
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Budget, Evaluation, Outcome, Problem, Progress, Section, Text


class Robustness:
    """The task `delivery_optimization/robustness`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a `delivery_optimization.robustness.source.Days`; the scenarios' law and seed are the truth."""
        read, missions, truth = data.read(seed)
        description = dict(read.description) | {"n_scenarios": truth.scenarios, "law_assumed": truth.assumed}
        return Problem(
            inputs=missions,
            truth={"days": truth, "best_known": read.best_known},
            groups=np.array([mission.instance.name for mission in missions]),
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

        stop = Stop(iterations=budget.iterations(method.iterations))
        others = method.others() if getattr(method, "beside", False) and budget.name != "smoke" else {}
        pairs = [(planner, mission) for planner in (method, *others.values()) for mission in inputs]
        tried = Parallel(return_as="generator")(
            delayed(attempt)(Asked(planner, mission), mission.instance, stop=stop, seed=seed)
            for planner, mission in pairs
        )
        every: list[Attempt] = list(progress(tried, description="plans", total=len(pairs)))
        n = len(inputs)
        done, beside = every[:n], {name: every[k * n : (k + 1) * n] for k, name in enumerate(others, start=1)}
        if inputs and all(one.error is not None for one in done):
            raise done[0].exception()
        told = [note for one in done for note in one.solution.notes]
        told += [_not_beside(name, one) for name, plans in beside.items() for one in plans if one.error]
        verdicts = [check(m.instance, one.solution.plan) for m, one in zip(inputs, done, strict=True)]
        return Outcome(
            answer={
                "plans": _written(inputs, done),
                "others": {
                    name: _written(inputs, plans)
                    for name, plans in beside.items()
                    if not any(one.error for one in plans)
                },
            },
            name="plan",
            complete=all(verdict.valid for verdict in verdicts),
            reproducible=all(one.solution.reproducible for one in done),
            notes=tuple(dict.fromkeys(told)),
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


@dataclass(frozen=True)
class Asked:
    """A planner and its mission as a method of `routing`, so that what no plan could serve is told and left out.

    Parameters
    ----------
    planner : object
        With ``plan(mission, *, stop, seed)``, or a method of `routing` with ``solve(instance, *, stop, seed)``.
    mission : Mission
        What it is asked to plan.
    """

    planner: Any
    mission: Mission

    @property
    def sees_all(self) -> bool:
        """Whether the planner is given the instance as it is."""
        return getattr(self.planner, "sees_all", False)

    def solve(self, instance: Instance, *, stop: Stop, seed: int) -> Solution:
        """Plan what is left of the mission's instance."""
        if hasattr(self.planner, "plan"):
            return self.planner.plan(replace(self.mission, instance=instance), stop=stop, seed=seed)
        return self.planner.solve(instance, stop=stop, seed=seed)


def _written(inputs: tuple[Mission, ...], done: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Plans as they are saved."""
    return [plan_to_json(m.instance, one.solution.plan) for m, one in zip(inputs, done, strict=True)]


def _not_beside(name: str, one: Attempt) -> Text:
    """A planner that this plan is not shown beside, and why."""
    return Text(
        f"Not shown beside it, {name}: {one.error}.", f"N’est pas montré à côté, {name}\u202f: {one.error}."
    )


def plans_of(problem: Problem, saved: list[Any]) -> list[Plan]:
    """Read saved plans, as anybody could."""
    return [
        plan_from_json(mission.instance, plan) for mission, plan in zip(problem.inputs, saved, strict=True)
    ]

"""Dynamic: requests arrive over the day, and each decision is to dispatch now or to wait.

The native API in four lines::

    data = OrtecDays(instance="n200").read(seed=0)
    policy = Consensus().policy(data.world, stop=Stop(seconds=5), seed=0)
    log = play(policy, data.days[0].environment(0))
    score = data.days[0].score(log.actions)

This adapter plays all days of the source one after the other, and scores them from the log alone.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from delivery_optimization.dynamic import report as dynamic_report
from delivery_optimization.dynamic.days import Day, Days, DynamicData
from delivery_optimization.dynamic.evaluation import evaluate_days
from delivery_optimization.tasks.routing import stop_for
from usecases import simulation
from usecases.contract import Budget, Evaluation, Metric, Outcome, Problem, Progress, Section, Text
from usecases.errors import UserError

HINDSIGHT = {
    "smoke": 50,
    "laptop": 1500,
    "full": 15_000,
}  # iterations of the plan made in hindsight, for each day
LONGEST = Text("longest decision, CPU of the process", "décision la plus longue, CPU du processus")


class Dynamic:
    """The task `delivery_optimization/dynamic`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a data source: anything with ``read(seed) -> DynamicData``."""
        read: DynamicData = data.read(seed)
        return Problem(
            inputs=read.world,
            truth={
                "days": read.days,
                "published": read.published,
                "cost_unit": read.cost_unit,
                "lost_price": read.lost_price,
                "hindsight_name": read.hindsight_name,
                "left_out": read.left_out,
            },
            groups=np.array([day.name for day in read.days]),
            fingerprint=read.fingerprint,
            description=read.description,
        )

    def solve(
        self, method: Any, inputs: Any, *, seed: int, budget: Budget, device: str, progress: Progress
    ) -> Outcome:
        """Make the policy; its work for one decision is that of its configuration.

        Parameters
        ----------
        method : object
            With ``policy(world, *, stop, seed) -> callable``, and the attributes ``seconds`` and ``iterations``.
        inputs : object
            The world: what a policy may know, never a day to come.
        """
        stop = stop_for(method, budget)
        policy = method.policy(inputs, stop=stop, seed=seed)
        return Outcome({}, name="decisions", policy=policy, reproducible=stop.reproducible)

    def play(
        self,
        problem: Problem,
        outcome: Outcome,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Outcome:
        """Play all days; the log is one list of actions for each day.

        Raises
        ------
        UserError
            If the policy stopped before the end, or its action was refused.
        """
        days: tuple[Day, ...] = problem.truth["days"]
        marks: list[int] = []
        table = Days([_Counted(day.environment(k), marks) for k, day in enumerate(days)])
        timed = _Timed(outcome.policy)
        log = simulation.play(timed, table, progress=progress)
        if log.error is not None:
            raise UserError(
                f"The policy stopped at {log.error}; a policy that answers every observation was expected."
            )
        marks += [0] * (len(days) - len(marks))
        ends = np.cumsum(marks)
        actions = [log.actions[end - n : end] for end, n in zip(ends, marks, strict=True)]
        answer = {
            "days": [{"name": day.name, "actions": list(a)} for day, a in zip(days, actions, strict=True)],
            "digest": log.digest,
        }
        longest = max(timed.seconds, default=0.0)
        return Outcome(
            answer,
            name="decisions",
            log=log,
            reproducible=outcome.reproducible,
            notes=outcome.notes,
            details={"longest_decision": longest},
            timings={"decision": timed.timing()},
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
        """Replay every day from the log, check every route, and count."""
        days, played = problem.truth["days"], [day["actions"] for day in outcome.answer["days"]]
        scores = [day.score(actions) for day, actions in zip(days, played, strict=True)]
        effort = HINDSIGHT.get(budget.name, HINDSIGHT["laptop"])
        hindsight = [day.hindsight(actions, effort) for day, actions in zip(days, played, strict=True)]
        evaluation = evaluate_days(problem, scores, seed, hindsight)
        if outcome.reproducible or "longest_decision" not in outcome.details:
            return evaluation  # a time is no figure of a run that can be repeated
        longest = Metric(float(outcome.details["longest_decision"]), "s", False, label=LONGEST)
        return replace(evaluation, metrics={**evaluation.metrics, "longest_decision": longest})

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, figures by day, requests and cost over the day, limits."""
        scores = [
            day.score(played["actions"])
            for day, played in zip(problem.truth["days"], outcome.answer["days"], strict=True)
        ]
        return dynamic_report.sections(problem, scores, evaluation)


class _Timed:
    """Measures the processor time of the whole process for each decision, so that work in other threads counts."""

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        self.seconds: list[float] = []
        self.wall = 0.0

    def __call__(self, seen: Any) -> Any:
        begin, wall = time.process_time(), time.perf_counter()
        answer = self.policy(seen)
        self.seconds.append(time.process_time() - begin)
        self.wall += time.perf_counter() - wall
        return answer

    def timing(self) -> dict[str, float]:
        """All decisions together (s), and the longest one."""
        longest = 1000 * max(self.seconds, default=0.0)
        return {"wall_s": self.wall, "cpu_s": sum(self.seconds), "max_ms": longest, "n": len(self.seconds)}


class _Counted:
    """Counts the decisions of one day."""

    def __init__(self, environment: Any, marks: list[int]) -> None:
        self.environment, self.marks = environment, marks

    def reset(self) -> Any:
        self.marks.append(0)
        return self.environment.reset()

    def step(self, action: Any) -> Any:
        self.marks[-1] += 1
        return self.environment.step(action)

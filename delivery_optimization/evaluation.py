"""Scores of plans: every plan passes the independent checker first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from delivery_optimization.checker import Verdict, check
from delivery_optimization.evaluation_vehicles import vehicles_first
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Solution
from usecases.contract import Curve, Evaluation, Metric, Problem, Text
from usecases.errors import UserError
from usecases.stats import bootstrap_by_group

GAP = Text("gap to the best known", "écart au meilleur connu")
SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0])  # of the processor time, for the anytime curve


def checked(instance: Instance, plan: Plan) -> Verdict:
    """Check a plan; one that is wrong (not merely partial) is an error of the method.

    Raises
    ------
    UserError
        With the first thing that is wrong.
    """
    verdict = check(instance, plan)
    wrong = [violation for violation in verdict.violations if violation.kind != "required"]
    if wrong:
        raise UserError(
            f"The plan for {instance.name} was refused by the checker ({len(wrong)} violation(s)): {wrong[0].detail}; "
            "a valid plan was expected, so the method has an error or found nothing in its time"
        )
    return verdict


def evaluate_plans(
    problem: Problem, plans: Sequence[Plan], solutions: Sequence[Solution], seed: int
) -> Evaluation:
    """Score one plan for each instance.

    Parameters
    ----------
    problem : Problem
        Instances, and the best known costs where there are any.
    plans : sequence of Plan
        One for each instance.
    solutions : sequence of Solution
        For the anytime curve.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Evaluation
        Losses are gaps (%) where best known costs exist, else costs; vehicles (above the best known) where they come first.
    """
    instances: tuple[Instance, ...] = problem.inputs
    verdicts = [checked(i, plan) for i, plan in zip(instances, plans, strict=True)]
    first = instances[0]
    cost = np.array([verdict.cost for verdict in verdicts])
    served = np.array([1 - len(p.unserved) / i.n_orders if i.n_orders else 1.0 for p, i in zip(plans, instances, strict=True)])

    def total(values: Any, unit: str, better: bool | None, en: str, fr: str) -> Metric:
        return Metric(float(np.sum(values)), unit, better, label=Text(en, fr))

    metrics = {
        "cost": total(cost, first.cost_unit, False, "cost", "coût"),
        "distance": total([v.distance for v in verdicts], first.distance_unit, None, "distance", "distance"),
        "vehicles": total([v.vehicles for v in verdicts], "", None, "vehicles", "véhicules"),
        "waiting": total([v.waiting for v in verdicts], first.time_unit, None, "waiting", "attente"),
        "served_share": Metric(
            100 * float(np.mean(served)), "%", True, label=Text("orders served", "commandes servies")
        ),
    }
    losses, unit = cost, first.cost_unit
    if first.objective == "vehicles_then_distance":  # its own reference and its own figures, never a gap in cost
        losses, unit = np.array([float(v.vehicles) for v in verdicts]), "vehicles"
        if problem.truth is not None:
            extra, losses = vehicles_first(problem, verdicts)
            metrics |= extra
        return Evaluation(metrics, losses=losses, loss_unit=unit)
    if problem.truth is not None:
        best = np.array(problem.truth["best_known"])
        losses, unit = 100 * (cost / best - 1), "%"
        interval = bootstrap_by_group(np.mean, losses, groups=problem.groups, seed=seed) if len(losses) > 4 else None
        metrics["gap"] = Metric(
            float(losses.mean()),
            "%",
            False,
            interval=interval,
            interval_kind="95 % bootstrap over instances" if interval else None,
            label=GAP,
        )
    curves = {} if problem.truth is None else anytime(solutions, np.array(problem.truth["best_known"]))
    return Evaluation(metrics, curves=curves, losses=losses, loss_unit=unit)


def anytime(solutions: Sequence[Solution], best: np.ndarray) -> dict[str, Curve]:
    """Mean gap to the best known costs against processor time, over all instances that had a plan by then.

    Examples
    --------
    >>> anytime([], np.array([]))
    {}
    """
    traces = [solution.trace for solution in solutions]
    if not traces or any(not trace for trace in traces):
        return {}
    longest = max(solution.cpu_s for solution in solutions)
    times, gaps = [], []
    for moment in SHARES * longest:
        known = [[cost for at, cost in trace if at <= moment] for trace in traces]
        if all(known):
            times.append(float(moment))
            gaps.append(float(np.mean([100 * (min(c) / b - 1) for c, b in zip(known, best, strict=True)])))
    if not times:
        return {}
    return {"gap_by_time": Curve(times, gaps, x_unit="CPU s", y_unit="%")}

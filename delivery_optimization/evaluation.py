"""Scores of plans: every plan passes the independent checker first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.anytime import anytime
from delivery_optimization.checker import Verdict, check
from delivery_optimization.clock import in_minutes, readable
from delivery_optimization.evaluation_parts import by_part
from delivery_optimization.evaluation_vehicles import vehicles_first
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import schedule_route
from delivery_optimization.solution import Solution
from usecases.contract import Evaluation, Metric, Problem, Text
from usecases.errors import UserError
from usecases.stats import bootstrap_by_group

Array = np.ndarray
GAP = Text("gap to the best known", "écart au meilleur connu")


def checked(instance: Instance, plan: Plan) -> Verdict:
    """Check a plan; one that is wrong (not merely partial) is an error of the method.

    Raises
    ------
    UserError
        With the first thing that is wrong.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> checked(tiny(), Plan((), (0, 1, 2, 3))).partial
    True
    """
    verdict = check(instance, plan)
    wrong = verdict.wrong
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

    A plan that the checker refuses has no cost; one that leaves out orders which must be served counts in the totals, beside
    the share of orders served, and has no gap.

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
        NaN where there is no valid plan that serves all orders.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Route
    >>> problem = Problem((tiny(),), groups=np.array(["tiny"]))
    >>> found = evaluate_plans(problem, [Plan((Route(0, (4, 5, 0, 1, 2, 3)),))], (), seed=0)
    >>> found.metrics["cost"].value, found.metrics["served_share"].value
    (26.0, 100.0)
    """
    instances: tuple[Instance, ...] = problem.inputs
    verdicts = [check(instance, plan) for instance, plan in zip(instances, plans, strict=True)]
    usable = np.array([verdict.valid or verdict.partial for verdict in verdicts], dtype=bool)
    whole = np.array([verdict.valid for verdict in verdicts], dtype=bool)
    metrics = _totals(instances, plans, verdicts, usable)
    metrics |= _quality(verdicts, usable, whole) | _rush_hours(instances, verdicts, usable)
    cost = np.where(whole, [verdict.cost for verdict in verdicts], np.nan)
    losses, unit, gaps, curves, compared = cost, instances[0].cost_unit, None, {}, "cost"
    best = None if problem.truth is None else np.array(problem.truth["best_known"], dtype=float)
    complete = [s for s, good in zip(solutions, whole, strict=False) if good]
    if (
        instances[0].objective == "vehicles_then_distance"
    ):  # its own reference and figures, never a gap in cost
        losses, unit, compared = np.array([float(v.vehicles) for v in verdicts]), "vehicles", "vehicles"
        if best is not None and whole.all():
            extra, losses = vehicles_first(problem, verdicts)
            metrics |= extra
        losses = np.where(whole, losses, np.nan)
    elif best is not None:
        losses, unit, compared = 100 * (cost / best - 1), "%", "gap"
        gaps = losses
        metrics["gap"] = _gap(losses, problem, seed)
        curves = anytime(complete, best[whole], seed=seed)
    else:
        curves = anytime(complete, None, unit=unit)
    kept = np.flatnonzero(usable)
    parts, names = by_part(instances, [plans[k] if k in kept else Plan(()) for k in range(len(plans))], gaps)
    return Evaluation(
        metrics,
        by_group=parts,
        curves=curves,
        losses=losses,
        loss_unit=unit,
        loss_name=metrics[compared].label,
        share="served_share",
        names=names,
        complete=bool(usable.all()),
    )


def _totals(
    instances: Sequence[Instance], plans: Sequence[Plan], verdicts: Sequence[Verdict], usable: Array
) -> dict[str, Metric]:
    """Sums over all instances whose plan is one."""
    driving = handling = 0.0
    for k in np.flatnonzero(usable):
        for route in plans[k].routes:
            times = schedule_route(instances[k], route)
            driving += float(times.travel.sum())
            at_stops = np.array(route.stops) >= 0  # a break is no handling
            handling += float((times.departure - times.start)[1:-1][at_stops].sum())
    first = instances[0]
    orders = sum(instance.n_orders for instance in instances)
    served = sum(instances[k].n_orders - len(set(plans[k].unserved)) for k in np.flatnonzero(usable))

    def total(name: str, unit: str, better: bool | None, en: str, fr: str) -> Metric:
        values = [float(getattr(verdicts[k], name)) for k in np.flatnonzero(usable)]
        total, unit = (
            readable(float(np.sum(values)), unit) if name != "cost" else (float(np.sum(values)), unit)
        )
        return Metric(total if values else None, unit, better, label=Text(en, fr))

    time = first.time_unit
    vehicles = sum(verdicts[k].vehicles for k in np.flatnonzero(usable))
    return {
        "cost": total("cost", first.cost_unit, False, "cost", "coût"),
        "distance": total("distance", first.distance_unit, None, "distance", "distance"),
        "vehicles": Metric(vehicles, "", None, label=Text("vehicles", "véhicules")),
        "driving": Metric(*readable(driving, time), None, label=Text("driving time", "temps de trajet")),
        "handling": Metric(*readable(handling, time), None, label=Text("time at stops", "temps aux arrêts")),
        "waiting": total("waiting", time, None, "waiting", "attente"),
        "served_share": Metric(
            100 * served / orders if orders else 100.0,
            "%",
            True,
            label=Text("orders served", "commandes servies"),
        ),
    }


def _quality(verdicts: Sequence[Verdict], usable: Array, whole: Array) -> dict[str, Metric]:
    """How many plans are complete, and what is wrong with the others; time after soft windows."""
    metrics = {
        "complete_plans": Metric(
            int(whole.sum()),
            "",
            True,
            label=Text("plans that serve all orders", "plans qui servent toutes les commandes"),
        )
    }
    wrong = sum(len(verdict.wrong) for verdict in verdicts)
    if wrong:
        metrics["violations"] = Metric(
            wrong,
            "",
            False,
            label=Text("violations found by the checker", "violations trouvées par le vérificateur"),
        )
    late = sum(verdict.late for verdict, good in zip(verdicts, usable, strict=True) if good)
    if late > 0:
        metrics["late"] = Metric(
            float(late),
            "",
            False,
            label=Text("time after soft windows", "temps au-delà des fenêtres souples"),
        )
    return metrics


def _rush_hours(
    instances: Sequence[Instance], verdicts: Sequence[Verdict], usable: Array
) -> dict[str, Metric]:
    """Lateness when the plans are driven at the speeds of the day, where the data has them."""
    driven = [
        v.rush_hours for v, good in zip(verdicts, usable, strict=True) if good and v.rush_hours is not None
    ]
    if not driven:
        return {}
    orders = sum(i.n_orders for i, v in zip(instances, verdicts, strict=True) if v.rush_hours is not None)
    late = sum(len(day.late_orders) for day in driven)
    return {
        "late_share_rush_hours": Metric(
            100 * late / max(orders, 1),
            "%",
            False,
            label=Text(
                "orders late at the speeds of the day", "commandes en retard aux vitesses de la journée"
            ),
        ),
        "late_rush_hours": Metric(
            *in_minutes(float(sum(day.late_total for day in driven)), instances[0].time_unit),
            False,
            label=Text("total lateness at the speeds of the day", "retard total aux vitesses de la journée"),
        ),
    }


def _gap(gaps: Array, problem: Problem, seed: int) -> Metric:
    """Mean gap over the instances; not measured unless every plan is complete, since the easy ones alone would look better."""
    known = np.isfinite(gaps)
    if not known.all():
        return Metric(None, "%", False, label=GAP)
    interval = None
    if len(gaps) > 4:
        low, high = bootstrap_by_group(np.mean, gaps, groups=problem.groups, seed=seed)
        interval = (float(low), float(high))
    kind = "95 % bootstrap over instances" if interval else None
    return Metric(float(gaps.mean()), "%", False, interval, kind, GAP)

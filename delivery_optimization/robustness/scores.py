"""Figures of plans over many days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from delivery_optimization.checker import Verdict, check
from delivery_optimization.clock import in_minutes
from delivery_optimization.evaluation import checked
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.robustness.monte_carlo import Simulation, simulate
from delivery_optimization.robustness.source import Mission, Truth
from delivery_optimization.violation_words import refusal
from usecases.contract import Curve, Evaluation, Metric, Text

OVER_DAYS = "95 % over simulated days"
PER_ORDER = "on_time_by_order"
Array = np.ndarray


def run_days(
    missions: Sequence[Mission], plans: Sequence[Plan], truth: Truth, device: str = "cpu"
) -> list[Simulation]:
    """Simulate one plan for each mission with the true laws; every method meets the same days."""
    return [
        simulate(
            true_instance(mission.instance, truth, k),
            plan,
            truth.laws[k],
            scenarios=truth.scenarios,
            seed=truth.seed,
            departure=mission.departure,
            device=device,
        )
        for k, (mission, plan) in enumerate(zip(missions, plans, strict=True))
    ]


def true_instance(instance: Instance, truth: Truth, number: int) -> Instance:
    """The instance with the rush hours that really come."""
    speeds = truth.speeds[number]
    return instance if speeds is None else replace(instance, speeds=speeds)


def conditional_value_at_risk(values: Array, level: float = 0.95) -> float:
    """Mean of the worst ``1 - level`` of the values.

    References
    ----------
    R. T. Rockafellar, S. Uryasev, "Optimization of conditional value-at-risk", *Journal of Risk* 2(3), 2000.

    Examples
    --------
    >>> conditional_value_at_risk(np.arange(100.0), 0.9)
    94.5
    """
    worst = max(1, round(len(values) * (1 - level)))
    return float(np.sort(np.asarray(values))[-worst:].mean())


def _over_days(values: Array, unit: str, better: bool, label: Text, scale: float = 1.0) -> Metric:
    """Mean over days with its normal interval, kept within 0 and 100 for a share."""
    mean, half = float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    low, high = scale * (mean - half), scale * (mean + half)
    if unit == "%":
        low, high = max(0.0, low), min(100.0, high)
    return Metric(scale * mean, unit, better, (low, high), OVER_DAYS, label)


ON_TIME = Text("orders on time", "commandes à l’heure")
SERVED = Text("orders served", "commandes servies")
PERFECT = Text("days with nobody late", "jours sans retard")
COST = Text("planned cost", "coût prévu")
LATE = Text(
    "the share of late orders, whatever the plan costs",
    "la part de commandes en retard, quel que soit le coût du plan",
)


def evaluate(
    missions: Sequence[Mission],
    plans: Sequence[Plan],
    truth: Truth | None,
    best_known: Sequence[float] | None,
    others: Mapping[str, Sequence[Plan]],
    device: str,
) -> Evaluation:
    """Check and simulate one plan for each mission.

    Parameters
    ----------
    missions : sequence of Mission
        What was planned.
    plans : sequence of Plan
        One for each.
    truth : Truth, optional
        Without it only the cost is measured.
    best_known : sequence of float, optional
        Costs of the best known plans.
    others : mapping of str to sequence of Plan
        Plans that these are shown beside; ``nominal`` is what the extra cost is measured from.
    device : str
        ``cpu`` or ``cuda``.

    Returns
    -------
    Evaluation
        Losses are the shares of late orders (%), one for each mission: two plans for one day are one pair, however many times
        the day is simulated, as another search may find another plan.
    """
    verdicts = [check(m.instance, plan) for m, plan in zip(missions, plans, strict=True)]
    if any(verdict.wrong for verdict in verdicts):
        return _refused(missions, verdicts)
    first = missions[0].instance
    metrics = {
        "on_time_rate": Metric(None, "%", True, label=ON_TIME),
        "perfect_days": Metric(None, "%", True, label=PERFECT),
        "cost": Metric(float(sum(v.cost for v in verdicts)), first.cost_unit, False, label=COST),
        "vehicles": Metric(
            int(sum(v.vehicles for v in verdicts)), "", None, label=Text("vehicles", "véhicules")
        ),
    }
    served = 1 - _left(plans) / max(1, sum(m.instance.n_orders for m in missions))
    metrics["served_share"] = Metric(100 * served, "%", True, label=SERVED)
    if best_known is not None and all(verdict.valid for verdict in verdicts):
        gap = np.mean([100 * (v.cost / best - 1) for v, best in zip(verdicts, best_known, strict=True)])
        label = Text("gap to the best known cost", "écart au meilleur coût connu")
        metrics["gap"] = Metric(float(gap), "%", False, label=label)
    beside = {name: _total_cost(missions, every) for name, every in others.items()}
    if "nominal" in beside and _left(plans) == _left(others["nominal"]):
        extra = 100 * (metrics["cost"].value / beside["nominal"] - 1) if beside["nominal"] else 0.0
        label = Text("extra cost over the nominal plan", "surcoût sur le plan nominal")
        metrics["extra_cost"] = Metric(extra, "%", False, label=label)
    if truth is None:
        return Evaluation(metrics, share="served_share")
    simulations = run_days(missions, plans, truth, device)
    n = max(1, sum(m.instance.n_orders for m in missions))
    late = sum(s.late_orders for s in simulations) / n
    perfect = np.mean([s.late_orders == 0 for s in simulations], axis=0)
    metrics["on_time_rate"] = _over_days(1 - late, "%", True, ON_TIME, 100)
    metrics["perfect_days"] = _over_days(perfect, "%", True, PERFECT, 100)
    metrics |= _risks(simulations, first)
    losses = [
        100 * s.late_orders.mean() / max(1, m.instance.n_orders)
        for s, m in zip(simulations, missions, strict=True)
    ]
    points = {"this plan": (metrics["on_time_rate"].value, metrics["cost"].value)}
    for name, every in others.items():
        days = run_days(missions, every, truth, device)
        points[name] = (100 * (1 - float(sum(s.late_orders.mean() for s in days)) / n), beside[name])
    curves = _lateness_curve(simulations, first) | {PER_ORDER: _order_curve(simulations)}
    curves |= {
        name: Curve([x], [y], x_unit="%", y_unit=first.cost_unit) for name, (x, y) in points.items() if others
    }
    return Evaluation(
        metrics,
        by_group=_groups(missions, plans, verdicts, simulations),
        curves=curves,
        losses=np.array(losses),
        loss_unit="%",
        loss_name=LATE,
        share="served_share",
    )


def _refused(missions: Sequence[Mission], verdicts: Sequence[Verdict]) -> Evaluation:
    """What can be said of a given plan that breaks a rule: which, and no figure."""
    notes = [refusal(m.instance, v.wrong) for m, v in zip(missions, verdicts, strict=True) if v.wrong]
    unit = missions[0].instance.cost_unit
    metrics = {
        "on_time_rate": Metric(None, "%", True, label=ON_TIME),
        "perfect_days": Metric(None, "%", True, label=PERFECT),
        "cost": Metric(None, unit, False, label=COST),
    }
    return Evaluation(metrics, complete=False, notes=tuple(notes))


def _left(plans: Sequence[Plan]) -> int:
    """Orders that plans do not serve."""
    return sum(len(set(plan.unserved)) for plan in plans)


def _total_cost(missions: Sequence[Mission], plans: Sequence[Plan]) -> float:
    """Cost of other plans, checked like the first ones."""
    return float(sum(checked(m.instance, plan).cost for m, plan in zip(missions, plans, strict=True)))


def _risks(simulations: Sequence[Simulation], instance: Instance) -> dict[str, Metric]:
    """Lateness of the latest delivery of a day; realised cost, and its mean over the worst twentieth of the days."""
    worst = np.max([s.worst for s in simulations], axis=0)
    cost = np.sum([s.cost for s in simulations], axis=0)
    quantile = float(np.quantile(worst, 0.95, method="inverted_cdf"))
    late = Text(
        "latest delivery of a day, 95 % quantile of its lateness",
        "retard de la livraison la plus tardive du jour, quantile à 95 %",
    )
    risk = Text("mean cost of the worst 5 % of days", "coût moyen des 5 % de jours les pires")
    return {
        "lateness_p95": Metric(
            *(in_minutes(quantile, instance.time_unit) if np.isfinite(quantile) else (None, "")),
            False,
            label=late,
        ),
        "mean_cost": _over_days(
            cost, instance.cost_unit, False, Text("mean realised cost", "coût réalisé moyen")
        ),
        "cvar_95": Metric(conditional_value_at_risk(cost), instance.cost_unit, False, label=risk),
    }


def _lateness_curve(simulations: Sequence[Simulation], instance: Instance) -> dict[str, Curve]:
    """Quantiles of the lateness of late deliveries."""
    values = np.concatenate([s.positive for s in simulations])
    if not len(values):
        return {}
    levels = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    quantiles = [float(q) for q in np.quantile(values, levels)]
    return {
        "lateness_of_late_orders": Curve(
            [100 * level for level in levels],
            [in_minutes(value, instance.time_unit)[0] for value in quantiles],
            x_unit="%",
            y_unit=in_minutes(0.0, instance.time_unit)[1],
        )
    }


def _order_curve(simulations: Sequence[Simulation]) -> Curve:
    """Share of days on which each order was on time, in the order of the data."""
    shares = np.concatenate([one.on_time for one in simulations])
    return Curve(list(range(1, len(shares) + 1)), (100 * shares).round(3).tolist(), x_unit="", y_unit="%")


def _groups(
    missions: Sequence[Mission],
    plans: Sequence[Plan],
    verdicts: Sequence[Verdict],
    simulations: Sequence[Simulation],
) -> dict[str, dict[str, Metric]]:
    """Figures of each instance, where there are several, and of each carrier, where carriers are named."""
    groups: dict[str, dict[str, Metric]] = {}
    if len(missions) > 1:
        for mission, verdict, one in zip(missions, verdicts, simulations, strict=True):
            groups[mission.instance.name] = {
                "on_time_rate": Metric(100 * one.on_time_rate, "%", True, label=ON_TIME),
                "perfect_days": Metric(100 * one.perfect_days, "%", True, label=PERFECT),
                "cost": Metric(verdict.cost, mission.instance.cost_unit, False, label=COST),
            }
    carried: dict[str, list[float]] = {}
    for mission, plan, one in zip(missions, plans, simulations, strict=True):
        for route in plan.routes:
            carrier = mission.instance.vehicles[route.vehicle].carrier
            orders = [stop for stop in route.stops if 0 <= stop < mission.instance.n_orders]
            if carrier:
                carried.setdefault(carrier, []).extend(float(v) for v in one.on_time[orders])
    for carrier, values in sorted(carried.items()):
        groups[carrier] = {
            "on_time_rate": Metric(100 * float(np.mean(values)), "%", True, label=ON_TIME),
            "orders": Metric(len(values), "", None, label=Text("orders", "commandes")),
        }
    return groups

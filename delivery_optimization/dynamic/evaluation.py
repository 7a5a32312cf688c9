"""Scores of days that were played: from the log, without the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from delivery_optimization.dynamic.days import IMPROVED, Score, mean_by_wave
from usecases.contract import Curve, Evaluation, Metric, Problem, Text
from usecases.formatting import whole_or, with_unit
from usecases.stats import FEWEST_GROUPS, bootstrap_by_group

AGAINST = Text("cost against the published greedy", "coût par rapport à greedy publié")
TOTAL = {False: Text("cost", "coût"), True: Text("cost, lost ones charged", "coût, perdues comptées")}
COST = Text("cost per request", "coût par demande")
OVER_DAYS = "95 % bootstrap over days"
PUBLISHED = {"lazy", "random", "supervised", "dqn", "greedy"}


def evaluate_days(
    problem: Problem, scores: Sequence[Score], seed: int, hindsight: Sequence[float | None]
) -> Evaluation:
    """Put the scores of all days together.

    Parameters
    ----------
    problem : Problem
        The days, and what others got on them.
    scores : sequence of Score
        One for each day.
    seed : int
        Of the bootstrap.
    hindsight : sequence of float or None
        Cost of each day's plan in hindsight; a row of its own if all days have one.

    Returns
    -------
    Evaluation
        Losses are costs against the published greedy costs (%) where these exist, else costs per request: of all
        requests that came, those that were never served charged at ``lost_price``.
    """
    unit, published = problem.truth["cost_unit"], problem.truth["published"]
    label = _cost_label(problem.truth.get("lost_price"), unit)
    cost = np.array([score.charged for score in scores])
    requests = np.array([score.n_requests for score in scores])
    lost = int(sum(score.lost for score in scores))
    per_request = cost / np.maximum(requests, 1)
    metrics = {
        "cost_per_request": _mean(per_request, unit, False, label, problem.groups, seed),
        "cost": Metric(
            float(cost.sum()), unit, False, label=TOTAL[problem.truth.get("lost_price") is not None]
        ),
        "requests": Metric(int(requests.sum()), "", None, label=Text("requests", "demandes")),
        "lost": Metric(lost, "", False, label=Text("requests lost", "demandes perdues")),
    }
    for name, first in scores[0].figures.items():
        values = np.array([score.figures[name].value for score in scores], dtype=float)
        metrics[name] = _mean(values, first.unit, first.higher_is_better, first.label, problem.groups, seed)
    losses, loss_unit, loss_name = per_request, unit, label
    if published is not None:
        greedy = np.array([row["greedy"] for row in published])
        losses, loss_unit, loss_name = 100 * (cost / greedy - 1), "%", AGAINST
        metrics["against_greedy"] = _mean(losses, "%", False, AGAINST, problem.groups, seed)
    return Evaluation(
        metrics,
        by_group=_by_day(scores, losses, loss_unit, unit, published is not None),
        curves=_curves(scores, unit),
        bounds=_bounds(problem, requests, hindsight),
        losses=losses,
        loss_unit=loss_unit,
        loss_name=loss_name,
        complete=not problem.truth.get("left_out"),
        notes=tuple(problem.truth.get("left_out", ())),
        names=_names(problem.truth.get("hindsight_name", IMPROVED)),
    )


def _cost_label(lost_price: float | None, unit: str) -> Text:
    """Name of the cost per request, with what a lost one is charged."""
    if lost_price is None:
        return COST
    amounts = {lang: with_unit(lost_price, unit, lang, whole_or(lost_price, 2)) for lang in ("en", "fr")}
    return Text(
        f"{COST.en}, a lost one charged {amounts['en']}",
        f"{COST.fr}, une demande perdue comptée {amounts['fr']}",
    )


def _mean(
    values: np.ndarray, unit: str, better: bool | None, label: Text | None, groups: Any, seed: int
) -> Metric:
    """Mean over days, with an interval from five days on."""
    interval = (
        bootstrap_by_group(np.mean, values, groups=groups, seed=seed)
        if len(values) >= FEWEST_GROUPS
        else None
    )
    return Metric(float(values.mean()), unit, better, interval, OVER_DAYS if interval else None, label)


def _by_day(
    scores: Sequence[Score], losses: np.ndarray, loss_unit: str, unit: str, relative: bool
) -> dict[str, Mapping[str, Metric]]:
    """Figures of each day."""
    rows: dict[str, Mapping[str, Metric]] = {}
    for score, loss in zip(scores, losses, strict=True):
        figures = {
            "cost": Metric(score.charged, unit, False, label=TOTAL[score.lost_cost > 0]),
            "requests": Metric(score.n_requests, "", None, label=Text("requests", "demandes")),
            "routes": Metric(
                sum(wave.routes for wave in score.waves), "", None, label=Text("routes", "tournées")
            ),
        }
        if relative:
            figures["against_greedy"] = Metric(float(loss), loss_unit, False, label=AGAINST)
        rows[score.name] = figures | dict(score.figures)
    return rows


def _curves(scores: Sequence[Score], unit: str) -> dict[str, Curve]:
    """Means over days by decision."""
    curves = {}
    for name in ("arrived", "waiting", "must_go", "dispatched", "cost"):
        values = mean_by_wave(scores, name).tolist()
        y_unit = unit if name == "cost" else "requests"
        curves[name] = Curve(list(range(1, len(values) + 1)), values, x_unit="decision", y_unit=y_unit)
    return curves


def _bounds(
    problem: Problem, requests: np.ndarray, hindsight: Sequence[float | None]
) -> dict[str, Mapping[str, Metric]]:
    """What others got, and what one could have planned who knew the day."""
    published, unit = problem.truth["published"], problem.truth["cost_unit"]
    greedy = None if published is None else np.array([row["greedy"] for row in published])
    rows: dict[str, np.ndarray] = {}
    costs = [value for value in hindsight if value is not None]
    if costs and len(costs) == len(hindsight):
        rows["hindsight"] = np.array(costs)
    if published is not None:
        teams = set(published[0]) - PUBLISHED
        best = min(teams, key=lambda team: np.mean([row[team] / row["greedy"] for row in published]))
        for name, team in {"best_team": best, "published_lazy": "lazy", "published_random": "random"}.items():
            rows[name] = np.array([row[team] for row in published])
    bounds: dict[str, Mapping[str, Metric]] = {}
    for name, values in rows.items():
        figures = {
            "cost_per_request": Metric(
                float((values / np.maximum(requests, 1)).mean()), unit, False, label=COST
            )
        }
        if greedy is not None:
            figures["against_greedy"] = Metric(
                float((100 * (values / greedy - 1)).mean()), "%", False, label=AGAINST
            )
        bounds[name] = figures
    return bounds


def _names(hindsight: Text) -> dict[str, Text]:
    return {
        "hindsight": hindsight,
        "best_team": Text(
            "best team of the competition (published)", "meilleure équipe du concours (publié)"
        ),
        "published_lazy": Text("lazy (published)", "lazy (publié)"),
        "published_random": Text("random (published)", "random (publié)"),
    }

"""Scores where vehicles come first and distance second: two figures that are never added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.checker import Verdict
from usecases.contract import Metric, Problem, Text


def vehicles_first(problem: Problem, verdicts: Sequence[Verdict]) -> tuple[dict[str, Metric], np.ndarray]:
    """Compare vehicles with the best known plans, and distances only where the vehicles are as many.

    Parameters
    ----------
    problem : Problem
        Its truth holds ``best_known`` (distances) and ``best_known_vehicles``.
    verdicts : sequence of Verdict
        One for each instance.

    Returns
    -------
    metrics : dict of str to Metric
        ``extra_vehicles`` (mean over instances), ``as_many_vehicles`` (number of instances), and ``gap_at_equal_vehicles``
        (mean, %), which is left out where no instance has as many vehicles as its best known plan.
    losses : ndarray of shape (n_instances,)
        Vehicles above the best known plan.

    Examples
    --------
    >>> truth = {"best_known": (100.0, 50.0), "best_known_vehicles": (3, 2)}
    >>> problem = Problem(inputs=(), truth=truth, fingerprint="")
    >>> plans = [Verdict((), 102.0, 102.0, 0, 0, 3, 0), Verdict((), 40.0, 40.0, 0, 0, 3, 0)]
    >>> metrics, losses = vehicles_first(problem, plans)
    >>> round(metrics["gap_at_equal_vehicles"].value, 6), metrics["extra_vehicles"].value, losses.tolist()
    (2.0, 0.5, [0.0, 1.0])
    """
    best = np.array(problem.truth["best_known"], dtype=float)
    extra = np.array([v.vehicles for v in verdicts], dtype=float) - np.array(
        problem.truth["best_known_vehicles"]
    )
    metrics = {
        "extra_vehicles": Metric(
            float(extra.mean()),
            "",
            False,
            label=Text(
                "vehicles above the best known plan, mean",
                "véhicules de plus que le meilleur plan connu, moyenne",
            ),
        ),
        "as_many_vehicles": Metric(
            float((extra == 0).sum()),
            "",
            True,
            label=Text(
                "instances with as many vehicles as the best known plan",
                "instances avec autant de véhicules que le meilleur plan connu",
            ),
        ),
    }
    if (extra == 0).any():
        distance = np.array([v.distance for v in verdicts])
        gaps = 100 * (distance / best - 1)[extra == 0]
        metrics["gap_at_equal_vehicles"] = Metric(
            float(gaps.mean()),
            "%",
            False,
            label=Text(
                "gap in distance to the best known plan, where vehicles are as many",
                "écart de distance au meilleur plan connu, à nombre de véhicules égal",
            ),
        )
    return metrics, extra

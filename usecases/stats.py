"""Intervals over groups and seeds, paired comparisons, conformal quantiles over groups, proper scores.

What must stay together (the rows of one engine, of one day) is resampled and calibrated together: rows of a
group are not independent, so intervals that take them for independent are too narrow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

FEWEST_GROUPS = 5  # for an interval of a mean: a bootstrap over fewer is far too narrow
ROUNDING = 1e-9  # probabilities that differ by less are the same: 0.1 + 0.2 reaches 0.3


@dataclass(frozen=True)
class Paired:
    """Mean difference of two methods on the same units.

    Parameters
    ----------
    mean : float
        Mean of the first method's loss minus the second's: positive when the second is better.
    low, high : float
        Interval of the mean; NaN with fewer than `FEWEST_GROUPS` groups.
    n : int
        Units that both methods have a loss for.
    """

    mean: float
    low: float
    high: float
    n: int


def bootstrap_by_group(
    statistic: Callable[..., Any],
    values: Any,
    groups: Any,
    *,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int,
) -> tuple[Any, Any]:
    """Percentile bootstrap interval that resamples whole groups.

    Parameters
    ----------
    statistic : callable
        Takes the resampled rows, one array for each array of `values`; returns a float, or an array of shape
        ``(n_statistics,)`` when several figures share the resamples.
    values : array_like of shape (n_rows, ...) or tuple of such arrays
        What is resampled.
    groups : array_like of shape (n_rows,), or None
        Group of each row; None means that each row is a group of its own.
    level : float
        Probability of the interval.
    n_resamples : int
        Number of resamples.
    seed : int
        Seed of the resampling.

    Returns
    -------
    low, high : float or ndarray of shape (n_statistics,)
        NaN with fewer than two groups, where there is nothing to resample. Resamples in which the statistic
        is NaN (a band without a unit) are left out.

    Raises
    ------
    ValueError
        If the arrays differ in length, there is no row, or `level` is not between 0 and 1.

    References
    ----------
    A. C. Davison, D. V. Hinkley, *Bootstrap Methods and their Application*, Cambridge University Press, 1997,
    sections 3.8 (hierarchical data) and 5.3.1 (percentile interval).

    Examples
    --------
    >>> low, high = bootstrap_by_group(np.mean, [1.0, 2.0, 3.0, 4.0], ["a", "a", "b", "b"], seed=0)
    >>> round(float(low), 2), round(float(high), 2)
    (1.5, 3.5)
    """
    _check_level(level)
    arrays = tuple(np.asarray(v) for v in (values if isinstance(values, tuple) else (values,)))
    members = _members(arrays, groups)
    if len(members) < 2:
        nothing = np.full(np.shape(statistic(*arrays)), np.nan)
        return nothing[()], nothing[()].copy()
    lengths = np.array([len(rows) for rows in members])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    by_group = tuple(a[np.concatenate(members)] for a in arrays)
    draws = np.random.default_rng(seed).integers(len(members), size=(n_resamples, len(members)))
    resampled = []
    for draw in draws:
        size = lengths[draw]
        ends = np.cumsum(size)
        rows = np.arange(ends[-1]) + np.repeat(starts[draw] - (ends - size), size)
        resampled.append(statistic(*(a[rows] for a in by_group)))
    return _percentiles(np.asarray(resampled, dtype=float), level)


def _members(arrays: tuple[np.ndarray, ...], groups: Any) -> list[np.ndarray]:
    """Rows of each group, groups in sorted order."""
    n_rows = len(arrays[0])
    if n_rows == 0 or any(len(a) != n_rows for a in arrays):
        raise ValueError(
            f"arrays of {[len(a) for a in arrays]} rows were given; equal lengths of at least 1 expected"
        )
    number = _group_numbers(groups, n_rows)
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def _group_numbers(groups: Any, n_rows: int) -> np.ndarray:
    """Number the groups 0, 1, ...; each row its own without groups."""
    if groups is None:
        return np.arange(n_rows)
    labels = np.asarray(groups)
    if labels.shape != (n_rows,):
        raise ValueError(
            f"groups of shape {labels.shape} were given for {n_rows} rows; one group a row expected"
        )
    return np.unique(labels.astype(str) if labels.dtype == object else labels, return_inverse=True)[1]


def _percentiles(resampled: np.ndarray, level: float) -> tuple[Any, Any]:
    """Equal-tailed percentiles over axis 0 without the NaNs; a column of NaNs gives NaN."""
    measured = ~np.isnan(resampled)
    filled = np.where(measured.any(axis=0), resampled, 0.0)
    low, high = np.nanquantile(filled, [(1 - level) / 2, (1 + level) / 2], axis=0)
    known = measured.any(axis=0)
    return np.where(known, low, np.nan)[()], np.where(known, high, np.nan)[()]


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level={level} was given; a probability between 0 and 1 expected")


def student_interval(values: Any, level: float = 0.95) -> tuple[float, float]:
    """Student-t interval of a mean, over seeds.

    Two seeds are enough to compute it; publish it with at least five, as two or three give intervals too wide
    to say anything and too dependent on normality.

    Parameters
    ----------
    values : array_like of shape (n_seeds,)
        One figure for each seed.
    level : float
        Probability of the interval.

    Returns
    -------
    low, high : float
        Interval of the mean.

    Raises
    ------
    ValueError
        With fewer than two values, or a value that is not finite.

    Examples
    --------
    >>> low, high = student_interval([9.6, 9.4, 9.5, 9.7, 9.3])
    >>> round(low, 3), round(high, 3)
    (9.304, 9.696)
    """
    _check_level(level)
    figures = np.asarray(values, dtype=float)
    if figures.ndim != 1 or len(figures) < 2 or not np.isfinite(figures).all():
        raise ValueError(f"{figures.tolist()} was given; at least two finite values in one list expected")
    from scipy.special import stdtrit

    half = stdtrit(len(figures) - 1, (1 + level) / 2) * figures.std(ddof=1) / math.sqrt(len(figures))
    return float(figures.mean() - half), float(figures.mean() + half)


def paired_difference(
    losses_a: Any, losses_b: Any, groups: Any = None, *, level: float = 0.95, seed: int
) -> Paired:
    """Mean difference of two methods' losses on the same units, with an interval over groups.

    Parameters
    ----------
    losses_a, losses_b : array_like of shape (n_units,)
        One loss for each unit, lower is better; NaN where it was not measured: such pairs are left out.
    groups : array_like of shape (n_units,), optional
        Group of each unit; without it each unit is its own group.
    level : float
        Probability of the interval.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Paired
        Mean of ``losses_a - losses_b``; NaN when no pair was measured. No interval with fewer than `FEWEST_GROUPS`
        groups: a bootstrap over three days would call chance a difference (percentile intervals of few units are
        too narrow; T. C. Hesterberg, *What Teachers Should Know About the Bootstrap*, The American Statistician 69(4), 2015).

    Raises
    ------
    ValueError
        If the losses differ in shape.

    Examples
    --------
    >>> paired = paired_difference([3.0, 4.0, 5.0, 4.0, 6.0], [2.0, 3.5, 4.0, 3.0, 4.5], list("abcde"), seed=0)
    >>> paired.mean, paired.low > 0, paired.n
    (1.0, True, 5)
    """
    _check_level(level)
    a, b = np.asarray(losses_a, dtype=float), np.asarray(losses_b, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(
            f"losses of shapes {a.shape} and {b.shape} were given; two lists of one length expected"
        )
    number = _group_numbers(groups, len(a))
    both = ~(np.isnan(a) | np.isnan(b))
    if not both.any():
        return Paired(math.nan, math.nan, math.nan, 0)
    difference = a[both] - b[both]
    low = high = math.nan
    if len(np.unique(number[both])) >= FEWEST_GROUPS:
        low, high = bootstrap_by_group(_mean, difference, number[both], level=level, seed=seed)
    return Paired(float(difference.mean()), float(low), float(high), int(both.sum()))


def _mean(values: np.ndarray) -> float:
    return float(values.sum() / len(values))


def groups_needed(level: float) -> int:
    """Fewest groups with which `grouped_quantile` is finite.

    Parameters
    ----------
    level : float
        Coverage asked for, between 0 and 1.

    Returns
    -------
    int
        The smallest ``n`` with ``n / (n + 1) >= level``.

    Examples
    --------
    >>> groups_needed(0.9), groups_needed(0.95), groups_needed(0.5)
    (9, 19, 1)
    """
    _check_level(level)
    return math.ceil(level / (1 - level) - ROUNDING)


def grouped_quantile(scores: Any, groups: Any = None, *, level: float) -> float:
    """Split conformal quantile for a row of a new group (hierarchical conformal prediction).

    Each of the ``n_groups`` groups has the mass ``1 / (n_groups + 1)``, shared equally by its rows; infinity
    has the rest. The quantile is the smallest score at which the mass reaches `level`. If groups are
    exchangeable, and so are the rows inside a group, the score of a row of a new group is at most this
    quantile with probability at least `level`, however dependent the rows of a group are. With one row a
    group it is the quantile of split conformal prediction.

    Parameters
    ----------
    scores : array_like of shape (n_rows,)
        Conformity scores of the calibration rows, larger is worse, for example absolute residuals.
    groups : array_like of shape (n_rows,), optional
        Group of each row; without it each row is its own group.
    level : float
        Coverage asked for, between 0 and 1.

    Returns
    -------
    float
        Infinity when there are fewer than `groups_needed` groups.

    Raises
    ------
    ValueError
        If a score is NaN, the lengths differ, or `level` is not between 0 and 1.

    References
    ----------
    Y. Lee, R. F. Barber, R. Willett, *Distribution-free inference with hierarchical data*, 2023,
    arXiv 2306.06342.

    Examples
    --------
    >>> grouped_quantile([1.0, 2.0, 3.0, 4.0], level=0.5)
    3.0
    >>> grouped_quantile([1.0, 2.0, 3.0, 4.0], ["a", "a", "a", "b"], level=0.5)
    4.0
    >>> grouped_quantile([1.0, 2.0], ["a", "a"], level=0.9)
    inf
    """
    _check_level(level)
    values = np.asarray(scores, dtype=float)
    if values.ndim != 1 or np.isnan(values).any():
        raise ValueError(
            "scores with NaN or of more than one dimension were given; one number a row expected"
        )
    number = _group_numbers(groups, len(values))
    sizes = np.bincount(number)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(1.0 / sizes[number[order]]) / (len(sizes) + 1) >= level - ROUNDING
    return float(values[order[np.argmax(reached)]]) if reached.any() else math.inf


def pinball_loss(y: Any, predicted: Any, level: float) -> np.ndarray:
    """Pinball loss of a predicted quantile, one value a row: average it.

    Parameters
    ----------
    y, predicted : array_like of shape (n_rows,)
        What happened, and the predicted quantile, in the same unit.
    level : float
        Probability of the quantile.

    References
    ----------
    R. Koenker, G. Bassett, *Regression quantiles*, Econometrica 46, 1978.

    Examples
    --------
    >>> pinball_loss([10.0, 10.0], [8.0, 12.0], 0.75).tolist()
    [1.5, 0.5]
    """
    _check_level(level)
    error = np.asarray(y, dtype=float) - np.asarray(predicted, dtype=float)
    return np.maximum(level * error, (level - 1) * error)


def interval_score(y: Any, low: Any, high: Any, level: float) -> np.ndarray:
    """Interval score of a central prediction interval, one value a row, lower is better: average it.

    The width, plus ``2 / (1 - level)`` times how far outside of the interval the value fell.

    Parameters
    ----------
    y, low, high : array_like of shape (n_rows,)
        What happened, and the bounds, in the same unit.
    level : float
        Nominal coverage of the interval.

    References
    ----------
    R. L. Winkler, JASA 67, 1972; T. Gneiting, A. E. Raftery, *Strictly proper scoring rules, prediction, and
    estimation*, JASA 102, 2007, equation 43.

    Examples
    --------
    >>> interval_score([5.0, 12.0], [0.0, 0.0], [10.0, 10.0], 0.5).tolist()
    [10.0, 18.0]
    """
    _check_level(level)
    value, bottom, top = (np.asarray(v, dtype=float) for v in (y, low, high))
    outside = np.maximum(bottom - value, 0) + np.maximum(value - top, 0)
    return (top - bottom) + 2 / (1 - level) * outside


def brier_score(happened: Any, probability: Any) -> np.ndarray:
    """Brier score of a predicted probability, one value a row, lower is better: average it.

    Parameters
    ----------
    happened : array_like of bool, shape (n_rows,)
        Whether the event came.
    probability : array_like of shape (n_rows,)
        Its predicted probability.

    References
    ----------
    G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather Review 78,
    1950 (for two outcomes, counted once).

    Examples
    --------
    >>> brier_score([True, False], [0.5, 0.25]).tolist()
    [0.25, 0.0625]
    """
    return (np.asarray(probability, dtype=float) - np.asarray(happened, dtype=float)) ** 2


def crps_sample(y: Any, samples: Any) -> np.ndarray:
    """Continuous ranked probability score of predictions given as samples, one value a row: average it.

    ``E|X - y| - E|X - X'| / 2`` under the empirical law of the samples.

    Parameters
    ----------
    y : array_like of shape (n_rows,)
        What happened.
    samples : array_like of shape (n_rows, n_samples)
        Draws of the predicted law.

    References
    ----------
    T. Gneiting, A. E. Raftery, JASA 102, 2007, equation 21.

    Examples
    --------
    >>> crps_sample([1.0], [[0.0, 2.0]]).tolist()
    [0.5]
    """
    drawn = np.sort(np.asarray(samples, dtype=float), axis=1)
    n = drawn.shape[1]
    distance = np.abs(drawn - np.asarray(y, dtype=float)[:, None]).mean(axis=1)
    half_spread = (drawn * (2 * np.arange(1, n + 1) - n - 1)).sum(axis=1) / n**2
    return distance - half_spread

"""The rule of `usecases feasibility`: what is measured, how it is compared, and which verdict follows; no work is done here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from usecases import stats

GO, MORE_DATA, STOP = "go", "more data", "stop"
LEVEL = 0.95  # of the intervals over groups
COVERAGE = 0.9  # of the prediction intervals that a model will owe: they need groups too
MATERIAL = 0.1  # share of the best reference's error that must go for the data to be worth a project
TOO_GOOD = 0.9  # share of the trivial error that no honest sensor removes
SHUFFLED, HALF = "shuffled", "half"


@dataclass(frozen=True)
class Comparison:
    """Share of another method's error that the quick method removes.

    Parameters
    ----------
    name : str
        The other method, or ``shuffled`` for the same method on shuffled targets.
    error : float
        Mean loss of the other method, in the task's loss unit.
    share, low, high : float
        Share of that error removed, and its interval over groups; negative when the quick method is worse.
    """

    name: str
    error: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """One size of the learning curve.

    Parameters
    ----------
    groups : int
        Training groups, averaged over the folds.
    error, low, high : float
        Mean loss of the quick method on unseen groups, and its interval over groups.
    """

    groups: int
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Findings:
    """What was measured, and what follows.

    Parameters
    ----------
    method, loss_unit : str
        The quick method, and the unit of all errors.
    groups, units : int
        Groups and units that could be scored.
    needed : int
        Groups that it takes to owe 90 % intervals after one fold is set aside.
    error : float
        Mean loss of the quick method.
    comparisons : tuple of Comparison
        Trivial method first, then the other references, then the shuffled targets.
    curve : tuple of Point
        Error against the number of training groups.
    doubling : Comparison, optional
        Share of the error that the second half of the groups removed.
    probe : Comparison, optional
        The task's own method against the trivial one, where a leak was to be looked for.
    reductions : tuple of str
        Keys of `usecases.feasibility_words.REDUCED`: what was left out to stay within a minute.
    refusal : str, optional
        The sentence of a data source that found too few data to begin.
    verdict : {"go", "more data", "stop"}
        See `decide`.
    reasons : tuple of str
        Keys of `usecases.feasibility_words.REASONS`.
    """

    method: str
    loss_unit: str = ""
    groups: int = 0
    units: int = 0
    needed: int = 0
    error: float = math.nan
    comparisons: tuple[Comparison, ...] = ()
    curve: tuple[Point, ...] = ()
    doubling: Comparison | None = None
    probe: Comparison | None = None
    reductions: tuple[str, ...] = ()
    refusal: str | None = None
    verdict: str = MORE_DATA
    reasons: tuple[str, ...] = ()


def compare(others: Mapping[str, np.ndarray], mine: np.ndarray, groups: Any) -> tuple[Comparison, ...]:
    """Share of the mean loss of other methods that is removed, with bootstrap intervals over groups.

    Parameters
    ----------
    others : mapping of str to ndarray of shape (n_units,)
        Losses of the other methods, lower is better.
    mine : ndarray of shape (n_units,)
        Losses on the same units.
    groups : array_like of shape (n_units,)
        What is resampled together.

    Examples
    --------
    >>> [made] = compare({"trivial": np.full(4, 10.0)}, np.full(4, 6.0), ["a", "b", "c", "d"])
    >>> round(made.share, 3), round(made.low, 3)
    (0.4, 0.4)
    """
    table = np.column_stack([mine, *others.values()])
    low, high = stats.bootstrap_by_group(_shares, table, groups, level=LEVEL, seed=0)
    rows = zip(others, _means(table)[1:], _shares(table), low, high, strict=True)
    return tuple(Comparison(name, *(float(v) for v in figures)) for name, *figures in rows)


def _shares(table: np.ndarray) -> np.ndarray:
    """Share of each other column's mean that the first column removes; NaN where there is none."""
    mean = _means(table)
    return 1 - mean[0] / np.where(mean[1:] > 0, mean[1:], math.nan)


def groups_needed(n_folds: int) -> int:
    """Fewest groups to begin with: after one fold is set aside, the 90 % intervals must still be finite.

    Examples
    --------
    >>> groups_needed(5)
    12
    """
    return math.ceil(stats.groups_needed(COVERAGE) * n_folds / (n_folds - 1))


def decide(findings: Findings) -> Findings:
    """Draw the verdict from the figures, and give its reasons.

    *Stop* if it is too good to be true. *More data* if there are too few groups. *Go* if the interval of every comparison
    is above zero and at least a tenth of the best reference's error goes: all must hold (an intersection-union test), so the
    chance of a wrong "go" is at most that of one comparison, 2.5 %, whatever their number. *More data* if the gain would
    be enough but the interval cannot tell it from zero, or it is real, too small, and still growing. Otherwise *stop*.

    Parameters
    ----------
    findings : Findings
        With or without a verdict.

    Returns
    -------
    Findings
        With `verdict` and `reasons`.

    References
    ----------
    R. L. Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24 (1982) 295-300
    (intersection-union tests).

    Examples
    --------
    >>> better = Comparison("trivial", 10.0, 0.4, 0.3, 0.5)
    >>> decide(Findings("ridge", groups=40, needed=12, comparisons=(better,))).verdict
    'go'
    >>> decide(Findings("ridge", groups=8, needed=12, comparisons=(better,))).verdict
    'more data'
    """
    verdict, reasons = _verdict(findings)
    return replace(findings, verdict=verdict, reasons=tuple(reasons))


def _verdict(f: Findings) -> tuple[str, list[str]]:
    if f.refusal:
        return MORE_DATA, ["refused"]
    if any(c.share >= TOO_GOOD for c in (f.comparisons[0], *([f.probe] if f.probe else []))):
        return STOP, ["too_good"]
    if f.groups < f.needed:
        return MORE_DATA, ["few_groups"]
    references = [c for c in f.comparisons if c.name != SHUFFLED]
    best = min(references, key=lambda c: c.error)
    proven, material = all(c.low > 0 for c in f.comparisons), best.share >= MATERIAL
    growing = f.doubling is not None and f.doubling.low > 0
    if proven and material:
        return GO, ["better", "growing" if growing else "flat"]
    if material and all(c.share >= MATERIAL for c in f.comparisons):
        return MORE_DATA, ["unproven"]
    if proven:
        return (MORE_DATA, ["small", "growing"]) if growing else (STOP, ["small", "flat"])
    open_still = all(c.high >= MATERIAL for c in f.comparisons)
    return STOP, [
        "no_better",
        *(["like_shuffled"] if _shuffled(f).low <= 0 else []),
        *(["not_excluded"] if open_still else []),
    ]


def _shuffled(f: Findings) -> Comparison:
    return next((c for c in f.comparisons if c.name == SHUFFLED), f.comparisons[0])


def learning_curve(sizes: Mapping[int, np.ndarray], groups: np.ndarray) -> tuple[Point, ...]:
    """Mean loss for each size, with intervals over groups that share their resamples.

    Parameters
    ----------
    sizes : mapping of int to ndarray of shape (n_units,)
        Losses on the same units, by number of training groups.
    groups : array_like of shape (n_units,)
        What is resampled together.

    Examples
    --------
    >>> [few, many] = learning_curve({5: np.full(4, 3.0), 10: np.full(4, 2.0)}, np.arange(4))
    >>> few.error, many.groups
    (3.0, 10)
    """
    table = np.column_stack(list(sizes.values()))
    low, high = stats.bootstrap_by_group(_means, table, groups, level=LEVEL, seed=0)
    rows = zip(sizes, _means(table), low, high, strict=True)
    return tuple(Point(int(size), float(e), float(a), float(b)) for size, e, a, b in rows)


def _means(table: np.ndarray) -> np.ndarray:
    means: np.ndarray = table.sum(axis=0) / len(table)
    return means

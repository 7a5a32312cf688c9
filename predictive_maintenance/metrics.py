"""Figures of remaining-useful-life (RUL) predictions, under both label conventions.

Labels are either *raw* (the true remaining life) or *capped*: no method sees wear long before the end, so
most papers score against ``min(RUL, cap)``. The two give different figures for one prediction; both are
always given, with the floor that a method which never predicts more than the cap can reach on raw labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LOW_RUL_SHARE = 0.4  # of the cap: RUL up to 50 of 125 cycles, where maintenance is decided
LATE_BY = 10.0


def labels_of(rul: Any, cap: float | None = None) -> np.ndarray:
    """Labels of true remaining lives: raw, or capped.

    Parameters
    ----------
    rul : array_like of shape (n_units,)
        True remaining life.
    cap : float, optional
        Cap of the labels; None leaves them raw.

    Examples
    --------
    >>> labels_of([130.0, 20.0], 125).tolist()
    [125.0, 20.0]
    """
    labels = np.asarray(rul, dtype=float)
    return labels if cap is None else np.minimum(labels, cap)


def rmse(rul: Any, predicted: Any, cap: float | None = None) -> float:
    """Root mean square error.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life, in the same time unit.
    cap : float, optional
        Cap of the labels; predictions are taken as they are.

    Examples
    --------
    >>> rmse([130.0, 20.0], [125.0, 17.0]), rmse([130.0, 20.0], [125.0, 20.0], cap=125)
    (4.123105625617661, 0.0)
    """
    return float(np.sqrt(np.mean((np.asarray(predicted, dtype=float) - labels_of(rul, cap)) ** 2)))


def capped_floor(rul: Any, cap: float) -> float:
    """RMSE against raw labels of a perfect predictor that never says more than the cap.

    Parameters
    ----------
    rul : array_like of shape (n_units,)
        True remaining life, uncapped.
    cap : float
        Largest prediction.

    Examples
    --------
    >>> capped_floor([135.0, 20.0, 30.0, 40.0], 125.0)
    5.0
    """
    return rmse(rul, labels_of(rul, cap))


def nasa_score(rul: Any, predicted: Any, cap: float | None = None) -> float:
    """Score of the PHM08 challenge, summed over the units: late predictions cost more than early ones.

    With ``d = predicted - true``: ``exp(d / 10) - 1`` if late (``d > 0``), ``exp(-d / 13) - 1`` if early. It
    is exponential: one unit can be half of the sum.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life, in cycles.
    cap : float, optional
        Cap of the labels.

    References
    ----------
    A. Saxena, K. Goebel, D. Simon, N. Eklund, *Damage propagation modeling for aircraft engine run-to-failure
    simulation*, International Conference on Prognostics and Health Management, 2008.

    Examples
    --------
    >>> round(nasa_score([20.0, 20.0], [30.0, 7.0]), 4) == round(2 * (np.e - 1), 4)
    True
    """
    return float(nasa_terms(np.asarray(predicted, dtype=float) - labels_of(rul, cap)).sum())


def nasa_terms(d: np.ndarray) -> np.ndarray:
    """Terms of `nasa_score`, one a unit.

    Parameters
    ----------
    d : ndarray of float, shape (n_units,)
        Predicted minus true remaining life, in cycles.

    Examples
    --------
    >>> nasa_terms(np.array([-13.0, 10.0])).round(3).tolist()
    [1.718, 1.718]
    """
    with np.errstate(over="ignore"):
        return np.expm1(np.where(d > 0, d / 10, -d / 13))


def late_share(rul: Any, predicted: Any, by: float = LATE_BY, cap: float | None = None) -> float:
    """Share of units whose failure comes more than `by` before it was predicted.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life.
    by : float
        Tolerated lateness, in the same time unit.
    cap : float, optional
        Cap of the labels.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> late_share([20.0, 20.0, 20.0, 20.0], [31.0, 30.0, 20.0, 0.0])
    0.25
    """
    return float(np.mean(np.asarray(predicted, dtype=float) - labels_of(rul, cap) > by))


def coverage(labels: Any, low: Any, high: Any) -> float:
    """Share of labels inside their intervals, bounds included.

    Parameters
    ----------
    labels, low, high : array_like of shape (n_units,)
        Labels (capped, if the intervals are) and bounds.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> coverage([1.0, 5.0], [0.0, 0.0], [1.0, 4.0])
    0.5
    """
    value = np.asarray(labels, dtype=float)
    return float(np.mean((np.asarray(low, dtype=float) <= value) & (value <= np.asarray(high, dtype=float))))


def mean_width(low: Any, high: Any) -> float:
    """Mean width of intervals, in the unit of their bounds.

    Parameters
    ----------
    low, high : array_like of shape (n_units,)
        Bounds.

    Examples
    --------
    >>> mean_width([0.0, 10.0], [10.0, 30.0])
    15.0
    """
    return float(np.mean(np.asarray(high, dtype=float) - np.asarray(low, dtype=float)))


def bands(rul: Any, cap: float) -> dict[str, np.ndarray]:
    """Bands of true remaining life: low (up to 0.4 of the cap), middle, and at the cap.

    Parameters
    ----------
    rul : array_like of shape (n_units,)
        True remaining life, raw or capped.
    cap : float
        Cap of the labels.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_units,)
        Every unit is in one band.

    Examples
    --------
    >>> {name: int(mask.sum()) for name, mask in bands([50.0, 124.0, 125.0, 140.0], 125.0).items()}
    {'RUL <= 50': 1, '50 < RUL < 125': 1, 'RUL >= 125': 2}
    """
    labels, low = np.asarray(rul, dtype=float), LOW_RUL_SHARE * cap
    return {
        f"RUL <= {low:g}": labels <= low,
        f"{low:g} < RUL < {cap:g}": (labels > low) & (labels < cap),
        f"RUL >= {cap:g}": labels >= cap,
    }

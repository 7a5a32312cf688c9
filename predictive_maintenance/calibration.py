"""Prediction intervals of remaining useful life, calibrated by group on out-of-fold predictions.

The error of a prediction depends on what is predicted: near the end it is a few cycles, at mid-life dozens.
So residuals are divided by the error expected at the prediction, and one conformal quantile of these ratios
is taken over whole groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from usecases.contract import Text
from usecases.formatting import NARROW
from usecases.stats import grouped_quantile, groups_needed

if TYPE_CHECKING:
    import pandas as pd

N_KNOTS = 51
BANDWIDTH = 0.08  # of the cap: 10 cycles of 125
PRIOR_GROUPS = 1.0  # the overall mean error counts as much as this many groups, where few predictions fall
FLOOR = 0.1  # of the overall mean error: no prediction is taken for certain


@dataclass(frozen=True)
class IntervalModel:
    """Intervals ``prediction ± quantile * expected error(prediction)``, clipped to ``[0, cap]``.

    Parameters
    ----------
    knots : ndarray of float, shape (n_knots,)
        Predictions at which the expected error is known; linear in between.
    expected_error : ndarray of float, shape (n_knots,)
        Expected absolute error at the knots, in the time unit of the predictions.
    quantile : float
        Conformal quantile of ``|residual| / expected error``; infinite with too few groups.
    cap : float
        Cap of the labels.
    level : float
        Nominal coverage, of a prediction for a new group, of the capped label.
    n_groups : int
        Groups that it was calibrated on.
    """

    knots: np.ndarray
    expected_error: np.ndarray
    quantile: float
    cap: float
    level: float
    n_groups: int

    @property
    def enough(self) -> bool:
        """Whether there were enough groups; if not, every interval is ``[0, cap]``."""
        return bool(np.isfinite(self.quantile))

    @property
    def note(self) -> Text | None:
        """What a reader must know when there were too few groups."""
        if self.enough:
            return None
        needed, percent = groups_needed(self.level), f"{100 * self.level:g}"
        return Text(
            f"Intervals at {percent} % need at least {needed} independent units that were followed to a "
            f"known end; here there are {self.n_groups}, so every interval goes from 0 to the cap.",
            f"Des intervalles à {percent.replace('.', ',')}{NARROW}% demandent au moins {needed} unités "
            f"indépendantes suivies jusqu'à une fin connue{NARROW}; ici il y en a {self.n_groups}, donc "
            "chaque intervalle va de 0 au plafond.",
        )

    def interval(self, prediction: Any) -> tuple[np.ndarray, np.ndarray]:
        """Interval of each prediction.

        Parameters
        ----------
        prediction : array_like of shape (n_units,)
            Predicted remaining life.

        Returns
        -------
        low, high : ndarray of float, shape (n_units,)
            Between 0 and the cap.
        """
        predicted = np.asarray(prediction, dtype=float)
        half = self.quantile * np.interp(predicted, self.knots, self.expected_error)
        return np.clip(predicted - half, 0, self.cap), np.clip(predicted + half, 0, self.cap)


def fit_intervals(table: pd.DataFrame, *, cap: float, level: float = 0.9) -> IntervalModel:
    """Calibrate intervals on out-of-fold predictions.

    Coverage holds for a prediction at a random moment of a new group, as far as the model fitted on all units
    errs like those of the folds; it is an average over remaining lives, not a promise for each band of them.

    Parameters
    ----------
    table : pandas.DataFrame
        Out-of-fold predictions at a few moments of each unit (see
        `predictive_maintenance.validation.out_of_fold`), with the columns ``unit``,
        ``group``, ``time``, ``rul`` (capped label) and ``prediction``. Rows without a label (NaN: a life
        whose end is not known) are left out.
    cap : float
        Cap of the labels.
    level : float
        Nominal coverage.

    Returns
    -------
    IntervalModel
        With `IntervalModel.enough` False if there are fewer than `usecases.stats.groups_needed` groups.

    Raises
    ------
    ValueError
        If a column is missing, a prediction is not finite, or `cap` is not a positive number.

    References
    ----------
    Y. Lee, R. F. Barber, R. Willett, arXiv 2306.06342, 2023 (groups); J. Lei, M. G'Sell, A. Rinaldo,
    R. J. Tibshirani, L. Wasserman, *Distribution-free predictive inference for regression*, JASA 113, 2018,
    section 5.2 (residuals divided by their expected size).

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> rul = rng.uniform(0, 125, 200)
    >>> table = pd.DataFrame({"unit": np.arange(200) // 5, "group": np.arange(200) // 5, "time": 1.0,
    ...                       "rul": rul, "prediction": rul + rng.normal(0, 0.1 * rul)})
    >>> model = fit_intervals(table, cap=125.0)
    >>> low, high = model.interval([10.0, 100.0])
    >>> bool(high[0] - low[0] < high[1] - low[1])
    True
    """
    if not (np.isfinite(cap) and cap > 0):
        raise ValueError(f"cap={cap} was given; a positive number expected")
    missing = [name for name in ("group", "rul", "prediction") if name not in table]
    if missing:
        raise ValueError(f"the columns {missing} are missing; unit, group, time, rul, prediction expected")
    known = table[table["rul"].notna()]
    predicted = known["prediction"].to_numpy(dtype=float)
    if not np.isfinite(predicted).all():
        raise ValueError("out-of-fold predictions that are not finite were given; a number a row expected")
    error = np.abs(known["rul"].to_numpy(dtype=float) - predicted)
    names, group = np.unique(known["group"].to_numpy().astype(str), return_inverse=True)
    knots = np.linspace(0, cap, N_KNOTS)
    expected = _expected_error(knots, predicted, error, group, cap)
    ratio = error / np.interp(predicted, knots, expected)
    quantile = grouped_quantile(ratio, group, level=level)
    return IntervalModel(knots, expected, quantile, cap, level, len(names))


def _expected_error(
    knots: np.ndarray, predicted: np.ndarray, error: np.ndarray, group: np.ndarray, cap: float
) -> np.ndarray:
    """Kernel-smoothed absolute error against the prediction; each group weighs the same."""
    if len(error) == 0:
        return np.ones(len(knots))
    weight = 1 / np.bincount(group)[group]
    overall = np.average(error, weights=weight)
    kernel = np.exp(-0.5 * ((knots[:, None] - np.clip(predicted, 0, cap)) / (BANDWIDTH * cap)) ** 2) * weight
    smooth = (kernel @ error + PRIOR_GROUPS * overall) / (kernel.sum(axis=1) + PRIOR_GROUPS)
    return np.maximum(smooth, max(FLOOR * overall, np.finfo(float).tiny))

"""Labels of a RUL method, also for lives whose end was not seen, and the Weibull law that stands behind them.

A unit that was replaced before it failed, or still runs, teaches something too: its remaining life was *at least* the
rest of its record (right-censored). Where that rest reaches the cap, the capped label is known exactly; elsewhere it is
replaced by its conditional expectation [1]_.

References
----------
.. [1] J. Buckley, I. James, "Linear regression with censored data", Biometrika 66 (1979) 429-436.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from predictive_maintenance.histories import Histories, Lives
from usecases.errors import UserError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(40)
SHAPES = (0.2, 50.0)  # bounds of the Weibull shape: below, infant deaths only; above, a life known to the day


@dataclass(frozen=True)
class Weibull:
    """Weibull law of the life: the share still alive at age t is ``exp(-(t / scale) ** shape)``.

    Parameters
    ----------
    shape : float
        Above 1, units wear out.
    scale : float
        Age reached by 37 % of the units, in the time unit of the ages.
    """

    shape: float
    scale: float

    def mean_remaining(self, age: np.ndarray, cap: np.ndarray | float) -> np.ndarray:
        """Expected ``min(T - age, cap)`` given survival to the age: the integral of S(age + u) / S(age) from 0 to cap.

        Parameters
        ----------
        age : array_like of float
            Present ages.
        cap : array_like of float
            Longest remaining life that counts; may differ between rows.

        Returns
        -------
        ndarray of float
            Same shape as `age`, between 0 and cap.

        Examples
        --------
        >>> Weibull(1.0, 100.0).mean_remaining([0.0, 500.0], 1e9).round(6).tolist()   # without wear, age says nothing
        [100.0, 100.0]
        """
        age, cap = np.broadcast_arrays(np.asarray(age, dtype=float), np.asarray(cap, dtype=float))
        hazard = (age / self.scale) ** self.shape
        horizon = np.minimum(
            cap, self.scale * (hazard + 35.0) ** (1 / self.shape) - age
        )  # S ratio exp(-35) beyond
        horizon = np.maximum(horizon, 0.0)
        u = horizon[..., None] * (_NODES + 1) / 2
        later = ((age[..., None] + u) / self.scale) ** self.shape
        ratio = np.exp(-np.maximum(later - hazard[..., None], 0.0))
        return np.minimum((ratio * _WEIGHTS).sum(axis=-1) * horizon / 2, cap)


def fit_weibull(lives: Lives) -> Weibull:
    """Maximum likelihood of a Weibull law from failed and right-censored lives.

    The scale has a closed form given the shape, ``scale ** shape = sum(end ** shape) / n_failed``; the shape maximises
    what remains [1]_.

    Parameters
    ----------
    lives : Lives
        Ages at the end of the records and which of them are failures.

    Returns
    -------
    Weibull
        The law.

    Raises
    ------
    UserError
        When no life ended with a failure.

    References
    ----------
    .. [1] W. Meeker, L. Escobar, "Statistical methods for reliability data", Wiley 1998, chapter 8.

    Examples
    --------
    >>> ends = 100 * np.random.default_rng(0).weibull(3.0, 500)
    >>> law = fit_weibull(Lives(np.minimum(ends, 110), ends < 110))
    >>> round(law.shape, 1), round(law.scale)
    (3.1, 104)
    """
    from scipy.optimize import minimize_scalar

    end, failed = np.maximum(np.asarray(lives.end, dtype=float), 1e-9), np.asarray(lives.failed, dtype=bool)
    n_failed = int(failed.sum())
    if n_failed == 0:
        raise UserError(
            f"none of the {len(end)} training lives ended with a failure and at least one must be known to estimate "
            "a remaining life: add failed units to the training file (column end = failure)"
        )
    largest = end.max()
    log_end = np.log(end / largest)

    def negative_log_likelihood(log_shape: float) -> float:
        shape = np.exp(log_shape)
        log_scale = np.log(np.exp(shape * log_end).sum() / n_failed) / shape
        return -float(
            n_failed * (log_shape - shape * log_scale) + (shape - 1) * log_end[failed].sum() - n_failed
        )

    best = minimize_scalar(negative_log_likelihood, bounds=tuple(np.log(SHAPES)), method="bounded")
    shape = float(np.exp(best.x))
    scale = float(largest * (np.exp(shape * log_end).sum() / n_failed) ** (1 / shape))
    return Weibull(shape, scale)


@dataclass(frozen=True)
class Labels:
    """Capped remaining life of each training row.

    Parameters
    ----------
    value : ndarray of float, shape (n_rows,)
        ``min(remaining life, cap)``, or its expectation where the end of life was not seen.
    known : ndarray of bool, shape (n_rows,)
        False where the value is such an expectation.
    """

    value: np.ndarray
    known: np.ndarray


def capped_labels(histories: Histories, lives: Lives, *, cap: float) -> Labels:
    """Label every row with its remaining life, at most `cap`; censored lives by their expectation.

    Parameters
    ----------
    histories : Histories
        Training histories.
    lives : Lives
        How they ended.
    cap : float
        Longest label, in the histories' time unit.

    Returns
    -------
    Labels
        Labels of shape (n_rows,).

    Examples
    --------
    >>> h = Histories(np.array([0, 0, 1, 1]), np.array([1.0, 9, 1, 9]), np.ones((4, 1)), np.empty((4, 0)),
    ...               ("A", "B"), ("A", "B"), ("s",))
    >>> labels = capped_labels(h, Lives(np.array([9.0, 9.0]), np.array([True, False])), cap=5.0)
    >>> labels.value.round(1).tolist(), labels.known.tolist()  # one failure known to the day: law without spread
    ([5.0, 0.0, 5.0, 0.2], [True, True, True, False])
    """
    end, failed = np.asarray(lives.end, dtype=float), np.asarray(lives.failed, dtype=bool)
    rest = end[histories.unit] - histories.time
    value = np.minimum(rest, cap)
    known = failed[histories.unit] | (rest >= cap)
    if not known.all():
        law = fit_weibull(lives)
        row = np.flatnonzero(~known)
        value[row] = rest[row] + law.mean_remaining(end[histories.unit[row]], cap - rest[row])
    return Labels(value, known)

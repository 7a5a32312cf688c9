"""Sums over past windows of many histories at once, which never look past a row."""

from __future__ import annotations

import numpy as np

from predictive_maintenance.histories import Histories


def last_known(values: np.ndarray, histories: Histories, *, before: float = 0.0) -> np.ndarray:
    """Carry the last valid value of each column forward inside a unit.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        NaN where missing.
    histories : Histories
        Whose rows they are.
    before : float
        Stands before a unit's first valid value.

    Returns
    -------
    ndarray of float, shape (n_rows, n_columns)
        Without NaN.

    Examples
    --------
    >>> h = Histories(np.array([0, 0, 1]), np.array([1.0, 2, 1]), np.ones((3, 1)), np.empty((3, 0)), ("A", "B"), ("A", "B"), ("s",))
    >>> last_known(np.array([[5.0], [np.nan], [np.nan]]), h).ravel().tolist()
    [5.0, 5.0, 0.0]
    """
    valid = np.isfinite(values)
    if valid.all():
        return values
    row = np.where(valid, np.arange(len(values))[:, None], -1)
    row = np.maximum.accumulate(row, axis=0)
    known = row >= histories.bounds()[histories.unit][:, None]
    return np.where(known, np.take_along_axis(values, np.maximum(row, 0), axis=0), before)


class PrefixSums:
    """Sums over any past window of rows of a unit in constant time, over the valid values only.

    Each array has one more row for each unit than the histories: the zero before the unit's first row. Sums restart with
    each unit, so that a row's windows are bit for bit the same whatever follows it or stands in other units. Times count
    from the unit's first row, so that differences of sums lose no precision that matters.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_columns)
        Values around zero (z-scores); NaN where missing.
    histories : Histories
        Whose rows they are.

    Examples
    --------
    >>> h = Histories(np.zeros(3, int), np.array([1.0, 2, 3]), np.ones((3, 1)), np.empty((3, 0)), ("A",), ("A",), ("s",))
    >>> sums = PrefixSums(np.array([[1.0], [3.0], [np.nan]]), h)
    >>> sums.mean(np.array([0, 1, 2]), 2).ravel().tolist(), sums.slope(np.array([1]), None).ravel().tolist()
    ([1.0, 2.0, 3.0], [2.0])
    """

    def __init__(self, values: np.ndarray, histories: Histories):
        self.edges, self.unit = histories.bounds(), histories.unit
        valid = np.isfinite(values)
        values = np.where(valid, values, 0.0)
        if valid.all():
            valid = valid[:, :1]  # counts and times are the same for all sensors
        time = (histories.time - histories.time[self.edges[self.unit]])[:, None] * valid
        self.n = self._accumulate(valid.astype(np.float64))
        self.z, self.zz = self._accumulate(values), self._accumulate(values * values)
        self.t, self.tt = self._accumulate(time), self._accumulate(time * time)
        self.tz = self._accumulate(time * values)

    def _accumulate(self, values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(values) + len(self.edges) - 1, values.shape[1]))
        for u, (first, end) in enumerate(zip(self.edges[:-1], self.edges[1:], strict=True)):
            np.cumsum(values[first:end], axis=0, out=total[first + u + 1 : end + u + 1])
        return total

    def _window(self, rows: np.ndarray, length: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the prefix sums before and after the last `length` rows (all rows of the life for None)."""
        unit = self.unit[rows]
        first, after = self.edges[unit] + unit, rows + unit + 1
        return (first if length is None else np.maximum(after - length, first)), after

    def mean(self, rows: np.ndarray, length: int | None) -> np.ndarray:
        """Mean of the valid values in the window; NaN where there is none."""
        before, after = self._window(rows, length)
        n = self.n[after] - self.n[before]
        return np.where(n > 0, (self.z[after] - self.z[before]) / np.maximum(n, 1), np.nan)

    def mean_of_first(self, rows: np.ndarray, length: int) -> np.ndarray:
        """Mean of the first `length` rows of the life, or of those there are yet."""
        first, after = self._window(rows, None)
        after = np.minimum(after, first + length)
        n = self.n[after] - self.n[first]
        return np.where(n > 0, (self.z[after] - self.z[first]) / np.maximum(n, 1), np.nan)

    def slope(self, rows: np.ndarray, length: int | None) -> np.ndarray:
        """Least-squares slope against time in the window; 0 where fewer than two values speak of a trend."""
        before, after = self._window(rows, length)
        n, t, tt, z, tz = (s[after] - s[before] for s in (self.n, self.t, self.tt, self.z, self.tz))
        spread = n * tt - t * t
        enough = (n >= 2) & (spread > 1e-12 * n * np.maximum(tt, 1e-12))
        return np.where(enough, (n * tz - t * z) / np.where(enough, spread, 1.0), 0.0)

    def deviation(self, rows: np.ndarray, length: int) -> np.ndarray:
        """Standard deviation of the valid values in the window; NaN where there is none."""
        before, after = self._window(rows, length)
        n, z, zz = (s[after] - s[before] for s in (self.n, self.z, self.zz))
        safe = np.maximum(n, 1)
        return np.where(n > 0, np.sqrt(np.maximum(zz / safe - (z / safe) ** 2, 0.0)), np.nan)

"""Solution of the exercise ``own_method``: every machine is expected to fail at the median age of those that failed.

Beside this file::

    usecases run predictive_maintenance/rul method=custom method._target_=own_method.MedianLife
"""

import numpy as np


class MedianLife:
    """One number is learned: the median age at failure. No sensor is looked at.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lives = SimpleNamespace(end=np.array([30.0, 40.0, 90.0]), failed=np.array([True, True, True]))
    >>> MedianLife().fit(None, lives, cap=20.0).median
    40.0
    """

    def fit(self, train, lives, *, cap, **shared):
        """Learn from the lives that ended by a failure; `shared` holds seed, budget, device and progress."""
        self.median, self.cap = float(np.median(lives.end[lives.failed])), cap
        return self

    def predict(self, histories, rows=None):
        """Remaining life at some rows, each machine's last by default; shape (n_rows,)."""
        ages = histories.time[histories.last_rows() if rows is None else rows]
        return np.clip(self.median - ages, 0, self.cap)

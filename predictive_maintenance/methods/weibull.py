"""The statistical baseline: a Weibull law of the life, censored lives included, and no sensor."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.labels import Weibull, fit_weibull
from usecases import paths
from usecases.contract import Budget, Progress


@dataclass(frozen=True)
class WeibullModel:
    """Conditional mean of the capped remaining life given survival to the present age.

    Parameters
    ----------
    law : Weibull
        Law of the life.
    cap : float
        Longest predicted remaining life.
    """

    law: Weibull
    cap: float

    def predict(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Expected ``min(T - t, cap)`` given ``T > t`` at some rows (each unit's last by default); shape (n_asked,)."""
        rows = histories.last_rows() if rows is None else np.asarray(rows)
        return self.law.mean_remaining(histories.time[rows], self.cap)

    def save(self, folder: Path) -> None:
        """Write it as ``weibull.json``."""
        paths.write_json(folder / "weibull.json", asdict(self))

    @classmethod
    def load(cls, folder: Path) -> WeibullModel:
        """Read what `save` wrote."""
        saved = json.loads((folder / "weibull.json").read_text(encoding="utf-8"))
        return cls(Weibull(**saved["law"]), saved["cap"])


@dataclass(frozen=True)
class WeibullLife:
    """Fits a Weibull law to the training lives by maximum likelihood; a censored life counts as "longer than".

    The prediction minimises the expected squared error of the *capped* label, the one that is scored.

    Examples
    --------
    >>> h = Histories(np.array([0, 1]), np.array([1.0, 1.0]), np.ones((2, 1)), np.empty((2, 0)),
    ...               ("A", "B"), ("A", "B"), ("s",))
    >>> lives = Lives(np.array([100.0, 140.0]), np.array([True, True]))
    >>> model = WeibullLife().fit(h, lives, cap=50.0, seed=0, budget=Budget(), device="cpu", progress=lambda i, **_: i)
    >>> model.predict(h).round(1).tolist()
    [50.0, 50.0]
    """

    def fit(
        self,
        train: Histories,
        lives: Lives,
        *,
        cap: float,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> WeibullModel:
        """Fit the law; `UserError` when no training life ended with a failure."""
        return WeibullModel(fit_weibull(lives), float(cap))

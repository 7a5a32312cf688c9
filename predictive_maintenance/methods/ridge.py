"""A linear model on the causal features: the simplest method that looks at the sensors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from predictive_maintenance.explain import Contributions, group_by_source
from predictive_maintenance.feature_files import load_features, save_features
from predictive_maintenance.features import FeatureMap, FeatureSettings, fit_features
from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.labels import capped_labels
from usecases import paths
from usecases.contract import Budget, Progress
from usecases.errors import UserError


@dataclass(frozen=True)
class RidgeModel:
    """Linear prediction from the features.

    Parameters
    ----------
    features : FeatureMap
        From histories to features.
    centre : ndarray of float, shape (n_features,)
        Training mean of each feature; stands in for a missing one.
    coefficients : ndarray of float, shape (n_features,)
        Time units for each unit of the feature.
    intercept : float
        Prediction at the centre.
    cap : float
        Longest predicted remaining life.
    """

    features: FeatureMap
    centre: np.ndarray
    coefficients: np.ndarray
    intercept: float
    cap: float

    def predict(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Remaining life at some rows (each unit's last by default); shape (n_asked,)."""
        return np.clip(self.contributions(histories, rows).total(), 0.0, self.cap)

    def contributions(self, histories: Histories, rows: np.ndarray | None = None) -> Contributions:
        """Exact contribution of each sensor at some rows, in time units, against the mean training row."""
        rows = histories.last_rows() if rows is None else np.asarray(rows)
        x = self.features.transform(histories, rows).astype(np.float64) - self.centre
        values = np.nan_to_num(x) * self.coefficients
        return group_by_source(
            values, self.features.shares(), self.features.sources(), np.full(len(rows), self.intercept)
        )

    def save(self, folder: Path) -> None:
        """Write it as ``ridge.json`` and ``features.json``."""
        save_features(self.features, folder)
        names = ("centre", "coefficients", "intercept", "cap")
        paths.write_json(folder / "ridge.json", {name: getattr(self, name) for name in names})

    @classmethod
    def load(cls, folder: Path) -> RidgeModel:
        """Read what `save` wrote."""
        saved = json.loads((folder / "ridge.json").read_text(encoding="utf-8"))
        arrays = {name: np.array(saved.pop(name), dtype=float) for name in ("centre", "coefficients")}
        return cls(load_features(folder), **arrays, **saved)


@dataclass(frozen=True)
class RidgeRul:
    """Ridge regression on standardised features; missing ones are replaced by their training mean.

    Parameters
    ----------
    alpha : float
        Strength of the penalty for each training row; 0 is least squares.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> time = np.tile(np.arange(1.0, 41), 10)
    >>> h = Histories(np.repeat(np.arange(10), 40), time, (time + rng.normal(0, 1, 400))[:, None], np.empty((400, 0)),
    ...               tuple("ABCDEFGHIJ"), tuple("ABCDEFGHIJ"), ("wear",))
    >>> lives = Lives(np.full(10, 40.0), np.ones(10, bool))
    >>> model = RidgeRul().fit(h, lives, cap=50.0, seed=0, budget=Budget(), device="cpu", progress=lambda i, **_: i)
    >>> bool(abs(model.predict(h, np.array([19]))[0] - 20) < 2)
    True
    """

    alpha: float = 0.001

    def __post_init__(self) -> None:
        if not 0 <= self.alpha < float("inf"):
            raise UserError(
                f"method.alpha={self.alpha} was given, but a number from 0 on was expected: type method.alpha=0.001"
            )

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
    ) -> RidgeModel:
        """Fit on every row of the training lives; `UserError` when none of them ended with a failure."""
        from sklearn.linear_model import Ridge

        labels = capped_labels(train, lives, cap=cap)
        features = fit_features(train, FeatureSettings(components=0))
        x = features.transform(train).astype(np.float64)
        n = np.maximum(np.isfinite(x).sum(axis=0), 1)
        centre = np.nansum(x, axis=0) / n
        x = np.nan_to_num(x - centre)
        spread = np.sqrt((x * x).mean(axis=0))
        spread = np.where(spread > 0, spread, 1.0)
        linear = Ridge(alpha=max(self.alpha * len(x), 1e-9)).fit(x / spread, labels.value)
        return RidgeModel(features, centre, linear.coef_ / spread, float(linear.intercept_), float(cap))

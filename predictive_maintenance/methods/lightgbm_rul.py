"""Gradient-boosted trees on causal full-history features: the default method."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from predictive_maintenance.explain import Contributions, group_by_source
from predictive_maintenance.feature_files import load_features, save_features
from predictive_maintenance.features import FeatureMap, FeatureSettings, fit_features
from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.labels import capped_labels
from usecases import paths
from usecases.contract import Budget, Progress
from usecases.errors import UserError
from usecases.simulation import stream

if TYPE_CHECKING:
    import lightgbm


@dataclass(frozen=True)
class LightGbmModel:
    """The mean of a few boosted models.

    Parameters
    ----------
    features : FeatureMap
        From histories to features.
    boosters : tuple of lightgbm.Booster
        The members.
    cap : float
        Longest predicted remaining life.
    """

    features: FeatureMap
    boosters: tuple[lightgbm.Booster, ...] = field(repr=False)
    cap: float

    def predict(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Remaining life at some rows (each unit's last by default); shape (n_asked,)."""
        rows = histories.last_rows() if rows is None else np.asarray(rows)
        x = self.features.transform(histories, rows)
        raw = np.mean([booster.predict(x, num_threads=1) for booster in self.boosters], axis=0)
        return np.clip(raw, 0.0, self.cap)

    def contributions(self, histories: Histories, rows: np.ndarray | None = None) -> Contributions:
        """Exact contribution of each sensor at some rows, in time units: Shapley values of the trees [1]_.

        References
        ----------
        .. [1] S. Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
           Nature Machine Intelligence 2 (2020) 56-67.
        """
        rows = histories.last_rows() if rows is None else np.asarray(rows)
        x = self.features.transform(histories, rows)
        members = [np.asarray(b.predict(x, num_threads=1, pred_contrib=True)) for b in self.boosters]
        values = np.mean(members, axis=0)
        return group_by_source(values[:, :-1], self.features.shares(), self.features.sources(), values[:, -1])

    def importance(self) -> dict[str, float]:
        """Share of each sensor, setting and the age in what the trees gained; sums to one."""
        gain = np.sum([booster.feature_importance("gain") for booster in self.boosters], axis=0)
        of_source = gain @ self.features.shares()
        return dict(
            zip(self.features.sources(), (of_source / max(of_source.sum(), 1e-300)).tolist(), strict=True)
        )

    def save(self, folder: Path) -> None:
        """Write the members in LightGBM's text format, ``lightgbm.json`` and ``features.json``."""
        save_features(self.features, folder)
        paths.write_json(folder / "lightgbm.json", {"members": len(self.boosters), "cap": self.cap})
        for member, booster in enumerate(
            self.boosters
        ):  # as a string: LightGBM opens no path with accents on Windows
            paths.write_text(folder / f"member{member}.txt", booster.model_to_string())

    @classmethod
    def load(cls, folder: Path) -> LightGbmModel:
        """Read what `save` wrote."""
        import lightgbm

        saved = json.loads((folder / "lightgbm.json").read_text(encoding="utf-8"))
        members = [(folder / f"member{k}.txt").read_text(encoding="utf-8") for k in range(saved["members"])]
        boosters = tuple(lightgbm.Booster(model_str=text) for text in members)
        return cls(load_features(folder), boosters, saved["cap"])


@dataclass(frozen=True)
class LightGbm:
    """A small bagged ensemble of LightGBM [1]_ models, each on most of the units, each tree on part of the rows.

    Rows of one life are nearly copies of each other, so a tree learns as much from a part of them; members that saw
    other units differ, and their mean is better than each.

    Parameters
    ----------
    members : int
        Number of models.
    unit_share : float
        Share of the training units that a member sees.
    rounds : int
        Trees of a member, times the budget's effort.
    learning_rate : float
        Shrinkage of a tree; divided by the effort below 1, so that fewer trees still reach the labels.
    leaves, min_rows_in_leaf : int
        Size of a tree.
    feature_share, bagging_share : float
        Share of the features and of the member's rows that a tree sees.
    l2 : float
        Penalty of the leaf values.
    max_bin : int
        Histogram bins of a feature.
    components : int
        Slow components among the features, see `FeatureSettings`.
    threads : int
        Processor threads of a fit.

    References
    ----------
    .. [1] G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.

    Examples
    --------
    >>> time = np.tile(np.arange(1.0, 61), 8)
    >>> names = tuple("ABCDEFGH")
    >>> h = Histories(np.repeat(np.arange(8), 60), time, time[:, None] ** 2, np.empty((480, 0)), names, names, ("wear",))
    >>> lives = Lives(np.full(8, 60.0), np.ones(8, bool))
    >>> shared = dict(cap=40.0, seed=0, budget=Budget(), device="cpu", progress=lambda items, **_: items)
    >>> model = LightGbm(members=2, rounds=60, min_rows_in_leaf=5).fit(h, lives, **shared)
    >>> bool(abs(model.predict(h, np.array([39]))[0] - 20) < 3)
    True
    """

    members: int = 3
    unit_share: float = 0.85
    rounds: int = 275
    learning_rate: float = 0.03
    leaves: int = 31
    min_rows_in_leaf: int = 20
    feature_share: float = 0.35
    bagging_share: float = 0.4
    l2: float = 5.0
    max_bin: int = 63
    components: int = 3
    threads: int = 1

    def __post_init__(self) -> None:
        least = {
            "members": 1,
            "rounds": 1,
            "leaves": 2,
            "min_rows_in_leaf": 1,
            "max_bin": 2,
            "components": 0,
            "threads": 1,
        }
        for name, low in least.items():
            if getattr(self, name) < low:
                raise _out_of_range(self, name, f"a whole number from {low} on")
        for name in ("unit_share", "feature_share", "bagging_share", "learning_rate"):
            if not 0 < getattr(self, name) <= 1:
                raise _out_of_range(self, name, "a number above 0 and up to 1")
        if not 0 <= self.l2 < float("inf"):
            raise _out_of_range(self, "l2", "a number from 0 on")

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
    ) -> LightGbmModel:
        """Fit on whole lives, on the processor; `UserError` when none of them ended with a failure."""
        import lightgbm

        labels = capped_labels(train, lives, cap=cap)
        features = fit_features(train, FeatureSettings(components=self.components), labels.value)
        parameters = self._parameters(budget, train.n_rows)
        data = lightgbm.Dataset(features.transform(train), labels.value, params=parameters).construct()
        boosters = []
        for member in progress(range(self.members), description="lightgbm", total=self.members):
            random = stream(seed, "lightgbm", member)
            seen = random.permutation(train.n_units)[: max(1, round(self.unit_share * train.n_units))]
            rows = np.flatnonzero(np.isin(train.unit, seen))
            chosen = {**parameters, "seed": int(random.integers(2**31))}
            part = data.subset(rows, params=chosen)
            boosters.append(lightgbm.train(chosen, part, num_boost_round=budget.iterations(self.rounds)))
        return LightGbmModel(features, tuple(boosters), float(cap))

    def _parameters(self, budget: Budget, n_rows: int) -> dict[str, Any]:
        """Parameters in LightGBM's own words."""
        return {
            "objective": "regression",
            "learning_rate": min(0.3, self.learning_rate / min(1.0, budget.effort)),
            "num_leaves": self.leaves,
            "min_data_in_leaf": max(1, min(self.min_rows_in_leaf, n_rows // 50)),
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.bagging_share,
            "bagging_freq": int(self.bagging_share < 1),
            "lambda_l2": self.l2,
            "max_bin": self.max_bin,
            "bin_construct_sample_cnt": 20000,
            "feature_pre_filter": False,
            "force_col_wise": True,
            "deterministic": True,
            "num_threads": self.threads,
            "verbose": -1,
        }


def _out_of_range(method: LightGbm, name: str, expected: str) -> UserError:
    """Build the error for one hyper-parameter."""
    return UserError(
        f"method.{name}={getattr(method, name)} was given, but {expected} was expected: "
        f"type method.{name}={getattr(LightGbm, name)}"
    )

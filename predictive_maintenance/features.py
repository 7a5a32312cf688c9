"""Causal features of multi-sensor histories: what row t says about the past, never about the future.

Sensors are first freed from the operating conditions (a z-score for each *operating regime*, the regimes being the leaves
of a small regression tree from settings to sensors), then summarised over several horizons: now, the last 5 to 60 rows,
the whole life so far, and the change since the beginning of life. Everything is computed from prefix sums that
restart with each unit, so that a row's features are bit for bit the same whatever follows it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from predictive_maintenance.histories import Histories
from predictive_maintenance.signals import RegimeTree, regime_tree, wear_components
from predictive_maintenance.windows import PrefixSums, last_known

Z_LIMIT = 10.0  # a z-score beyond this is an outlier: a broken sensor must not fill a cumulative mean
AGE = "age"


@dataclass(frozen=True)
class FeatureSettings:
    """Which features are computed.

    Parameters
    ----------
    mean_windows, slope_windows, std_windows : tuple of int
        Lengths in rows of the rolling windows, which are shorter at the beginning of a life.
    start_rows : int
        Number of first rows that say what a unit was like when new.
    components : int
        Number of slow components, treated as further sensors.
    raw, expanding, age, settings : bool
        Whether the present value, the statistics over the whole life, the age and the operating settings are features.
    max_regimes : int
        Most operating regimes.
    min_gain : float
        Share of the sensors' variance that a split of the regime tree must explain, plus what chance gives (20 / n_rows).
    """

    mean_windows: tuple[int, ...] = (5, 15, 30, 60)
    slope_windows: tuple[int, ...] = (15, 30, 60)
    std_windows: tuple[int, ...] = (30,)
    start_rows: int = 20
    components: int = 3
    raw: bool = True
    expanding: bool = True
    age: bool = True
    settings: bool = False
    max_regimes: int = 12
    min_gain: float = 0.003


@dataclass(frozen=True)
class FeatureMap:
    """From histories to a feature matrix; fitted on training histories, immutable.

    Attributes
    ----------
    sensor_names : tuple of str
        Sensors that vary inside a regime, length n_kept.
    setting_names : tuple of str
        Operating settings.
    kept : ndarray of int, shape (n_kept,)
        Their columns in the histories.
    tree : RegimeTree or None
        Regime of a row from its settings; None when there is one regime only.
    leaves : ndarray of int, shape (n_regimes,)
        Leaf ids of the tree, sorted.
    mean, scale : ndarray of float, shape (n_regimes, n_kept)
        z-score of each sensor in each regime.
    loadings : ndarray of float, shape (n_kept, n_components)
        From z-scores to slow components.
    weight : ndarray of float, shape (n_kept, n_components)
        Share of each sensor in a component, for explanations; columns sum to one.
    """

    sensor_names: tuple[str, ...]
    setting_names: tuple[str, ...]
    kept: np.ndarray
    tree: RegimeTree | None
    leaves: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    loadings: np.ndarray
    weight: np.ndarray
    settings: FeatureSettings = field(default_factory=FeatureSettings)

    def regimes(self, histories: Histories) -> np.ndarray:
        """Operating regime of each row, 0 to ``n_regimes - 1``; shape (n_rows,)."""
        if self.tree is None:
            return np.zeros(histories.n_rows, dtype=np.int64)
        return np.searchsorted(self.leaves, self.tree.leaf(histories.settings))

    def normalise(self, histories: Histories) -> np.ndarray:
        """z-score of the kept sensors in their regime, NaN where a value is missing; shape (n_rows, n_kept)."""
        regime = self.regimes(histories)
        z = (histories.sensors[:, self.kept] - self.mean[regime]) / self.scale[regime]
        return np.clip(z, -Z_LIMIT, Z_LIMIT)

    def mean_of_life(self, histories: Histories) -> np.ndarray:
        """Mean z-score of the unit up to each row; shape (n_rows, n_kept), NaN before a sensor's first value."""
        return PrefixSums(self.normalise(histories), histories).mean(np.arange(histories.n_rows), None)

    def names(self) -> tuple[str, ...]:
        """Name of each feature, ``sensor: statistic``; length n_features."""
        signals = [*self.sensor_names, *(f"component {k + 1}" for k in range(self.loadings.shape[1]))]
        columns = [f"{signal}: {statistic}" for statistic in _statistics(self.settings) for signal in signals]
        columns += [AGE] * self.settings.age
        if self.settings.settings:
            columns += [
                f"{s}: {statistic}" for statistic in ("now", "mean of life") for s in self.setting_names
            ]
        return tuple(columns)

    def sources(self) -> tuple[str, ...]:
        """Sensors, ``age`` and settings that features come from; length n_sources."""
        return (
            *self.sensor_names,
            *[AGE] * self.settings.age,
            *(self.setting_names * self.settings.settings),
        )

    def shares(self) -> np.ndarray:
        """Part of each source in each feature, shape (n_features, n_sources); rows sum to one."""
        n_sensors, n_statistics = len(self.sensor_names), len(_statistics(self.settings))
        of_sensors = np.tile(np.vstack([np.eye(n_sensors), self.weight.T]), (n_statistics, 1))
        others = len(self.sources()) - n_sensors
        of_others = np.eye(others)
        if self.settings.settings:  # each setting has two features
            of_others = np.vstack([of_others, np.eye(others)[int(self.settings.age) :]])
        n_features = len(of_sensors) + len(of_others)
        shares = np.zeros((n_features, n_sensors + others))
        shares[: len(of_sensors), :n_sensors] = of_sensors
        shares[len(of_sensors) :, n_sensors:] = of_others
        return shares

    def transform(self, histories: Histories, rows: np.ndarray | None = None) -> np.ndarray:
        """Features at some rows, each from the rows of its unit up to it.

        Parameters
        ----------
        histories : Histories
            With the sensors and settings of the training histories.
        rows : ndarray of int, shape (n_asked,), optional
            Rows at which features are wanted; all by default.

        Returns
        -------
        ndarray of float32, shape (n_asked, n_features)
            NaN where a statistic has no valid value to stand on.
        """
        rows = np.arange(histories.n_rows) if rows is None else np.asarray(rows)
        z = self.normalise(histories)
        if self.loadings.shape[1]:
            z = np.concatenate([z, last_known(z, histories) @ self.loadings], axis=1)
        sums = PrefixSums(z, histories)
        blocks = _sensor_features(z, sums, rows, self.settings)
        if self.settings.age:
            blocks.append(histories.time[rows, None])
        if self.settings.settings:
            past = PrefixSums(histories.settings, histories)
            blocks += [histories.settings[rows], past.mean(rows, None)]
        return np.concatenate([b.astype(np.float32) for b in blocks], axis=1)


def fit_features(
    train: Histories, settings: FeatureSettings | None = None, labels: np.ndarray | None = None
) -> FeatureMap:
    """Learn operating regimes and z-scores from training histories.

    The regimes are the leaves of a regression tree [1]_ from the operating settings to the standardised sensors; a split
    must explain `min_gain` of their variance. Settings that only jitter give one regime, six flight conditions six.

    Parameters
    ----------
    train : Histories
        Training histories.
    settings : FeatureSettings, optional
        Which features to compute.
    labels : ndarray of float, shape (n_rows,), optional
        Capped remaining lives; with them, the components are followed by a health index.

    Returns
    -------
    FeatureMap
        The fitted map.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees", 1984.

    Examples
    --------
    >>> h = Histories(np.zeros(4, int), np.arange(1.0, 5), np.array([[1.0, 7], [2, 7], [3, 7], [4, 7]]),
    ...               np.empty((4, 0)), ("A",), ("A",), ("temperature", "constant"))
    >>> features = fit_features(h, FeatureSettings((2,), (), (), components=0, expanding=False))
    >>> features.names()
    ('temperature: now', 'temperature: mean of 2', 'temperature: change since new', 'age')
    >>> features.transform(h)[:, 3].tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    settings = settings or FeatureSettings()
    tree = regime_tree(train, max_regimes=settings.max_regimes, min_gain=settings.min_gain)
    leaf = np.zeros(train.n_rows, np.int64) if tree is None else tree.leaf(train.settings)
    leaves, regime = np.unique(leaf, return_inverse=True)
    n_sensors = len(train.sensor_names)
    mean, scale = np.zeros((len(leaves), n_sensors)), np.zeros((len(leaves), n_sensors))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a sensor without any value in a regime
        whole_mean, whole_scale = np.nanmean(train.sensors, axis=0), np.nanstd(train.sensors, axis=0)
        for r in range(len(leaves)):
            mean[r] = np.nanmean(train.sensors[regime == r], axis=0)
            scale[r] = np.nanstd(train.sensors[regime == r], axis=0)
    mean = np.where(np.isfinite(mean), mean, np.nan_to_num(whole_mean))
    varies = np.nan_to_num(scale) > 1e-8 * (np.abs(mean) + 1e-12)
    kept = np.flatnonzero(varies.any(axis=0))
    scale = np.where(varies, scale, whole_scale)
    plain = FeatureMap(
        sensor_names=tuple(train.sensor_names[k] for k in kept),
        setting_names=train.setting_names,
        kept=kept,
        tree=tree,
        leaves=leaves,
        mean=mean[:, kept],
        scale=scale[:, kept],
        loadings=np.empty((len(kept), 0)),
        weight=np.empty((len(kept), 0)),
        settings=settings,
    )
    loadings, weight = wear_components(plain.normalise(train), train, settings.components, labels)
    return replace(plain, loadings=loadings, weight=weight)


def _statistics(settings: FeatureSettings) -> list[str]:
    """Names of the statistics of a sensor, in the order of `_sensor_features`."""
    return (
        ["now"] * settings.raw
        + [f"mean of {w}" for w in settings.mean_windows]
        + [f"slope of {w}" for w in settings.slope_windows]
        + [f"deviation of {w}" for w in settings.std_windows]
        + ["mean of life", "slope of life"] * settings.expanding
        + ["change since new"]
    )


def _sensor_features(
    z: np.ndarray, sums: PrefixSums, rows: np.ndarray, s: FeatureSettings
) -> list[np.ndarray]:
    """Blocks of shape (n_asked, n_kept), in the order of `_statistics`; a missing mean falls back on a longer one."""
    of_life = longer = sums.mean(rows, None)
    means = {}
    for window in sorted(s.mean_windows, reverse=True):
        means[window] = longer = _or_else(sums.mean(rows, window), longer)
    blocks = [_or_else(z[rows], longer)] * s.raw
    blocks += [means[w] for w in s.mean_windows]
    blocks += [sums.slope(rows, w) for w in s.slope_windows]
    blocks += [sums.deviation(rows, w) for w in s.std_windows]
    if s.expanding:
        blocks += [of_life, sums.slope(rows, None)]
    blocks.append(_or_else(sums.mean(rows, 5), of_life) - sums.mean_of_first(rows, s.start_rows))
    return blocks


def _or_else(values: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, fallback)

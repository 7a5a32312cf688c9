"""What frees signals from operating conditions and from noise: regimes, and combinations of sensors that show wear."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from predictive_maintenance.histories import Histories
from predictive_maintenance.windows import PrefixSums, last_known


@dataclass(frozen=True)
class RegimeTree:
    """A binary tree of thresholds on the operating settings, as plain arrays: what scikit-learn grew, without its class.

    Parameters
    ----------
    feature : ndarray of int, shape (n_nodes,)
        Setting that a node looks at; any value at a leaf.
    threshold : ndarray of float, shape (n_nodes,)
        A setting up to it goes left.
    left, right : ndarray of int, shape (n_nodes,)
        Children of a node; -1 at a leaf.
    missing_left : ndarray of bool, shape (n_nodes,)
        Where a missing setting goes.

    Examples
    --------
    >>> tree = RegimeTree(np.array([0, -2, -2]), np.array([0.5, 0, 0]), np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, bool))
    >>> tree.leaf(np.array([[0.5], [0.6], [np.nan]])).tolist()
    [1, 2, 2]
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray

    def leaf(self, settings: np.ndarray) -> np.ndarray:
        """Leaf of each row of settings, compared in single precision as scikit-learn does; shape (n_rows,)."""
        x = settings.astype(np.float32)
        node = np.zeros(len(x), dtype=np.int64)
        while len(inner := np.flatnonzero(self.left[node] >= 0)):
            at = node[inner]
            value = x[inner, self.feature[at]]
            goes_left = np.where(np.isnan(value), self.missing_left[at], value <= self.threshold[at])
            node[inner] = np.where(goes_left, self.left[at], self.right[at])
        return node


def regime_tree(train: Histories, *, max_regimes: int, min_gain: float) -> RegimeTree | None:
    """Split the operating settings where the sensors differ: a regression tree [1]_ whose leaves are regimes.

    Parameters
    ----------
    train : Histories
        Training histories.
    max_regimes : int
        Most leaves; below 2 there is one regime.
    min_gain : float
        Share of the sensors' variance that a split must explain, plus what chance gives (20 / n_rows).

    Returns
    -------
    RegimeTree or None
        None when no split is worth it.

    References
    ----------
    .. [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and regression trees", 1984.

    Examples
    --------
    >>> speed = np.repeat([0.0, 1.0], 100)
    >>> h = Histories(np.zeros(200, int), np.arange(200.0), 5 * speed[:, None], speed[:, None], ("A",), ("A",), ("s",), ("speed",))
    >>> int((regime_tree(h, max_regimes=4, min_gain=0.01).left < 0).sum())
    2
    """
    from sklearn.tree import DecisionTreeRegressor

    if train.settings.shape[1] == 0 or max_regimes < 2:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a sensor without any value
        target = train.sensors - np.nanmean(train.sensors, axis=0)
        spread = np.nanstd(target, axis=0)
    target = np.nan_to_num(target / np.where(spread > 0, spread, 1.0))[:, np.nan_to_num(spread) > 0]
    if target.shape[1] == 0:
        return None
    tree = DecisionTreeRegressor(
        max_leaf_nodes=max_regimes,
        min_impurity_decrease=(min_gain + 20 / train.n_rows) * float(target.var(axis=0).mean()),
        min_samples_leaf=max(20, train.n_rows // 200),
        random_state=0,
    ).fit(train.settings.astype(np.float32), target)
    if tree.get_n_leaves() < 2:
        return None
    nodes = tree.tree_
    return RegimeTree(
        nodes.feature.copy(),
        nodes.threshold.copy(),
        nodes.children_left.copy(),
        nodes.children_right.copy(),
        nodes.missing_go_to_left.astype(bool),
    )


def wear_components(
    z: np.ndarray, train: Histories, n: int, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find combinations of sensors that show wear, and each sensor's share in them.

    Wear is slow and common to several sensors, noise is neither: the slow components maximise the variance of the mean of
    the last 15 rows over that of the differences between rows, near the min/max autocorrelation factors of [1]_. With
    labels they are followed by a health index, the ridge regression of the labels on the same means.

    Parameters
    ----------
    z : ndarray of float, shape (n_rows, n_sensors)
        Normalised sensors (z-scores), NaN where missing.
    train : Histories
        Whose rows they are.
    n : int
        Number of slow components.
    labels : ndarray of float, shape (n_rows,), optional
        Capped remaining lives.

    Returns
    -------
    loadings, weight : ndarray of float, shape (n_sensors, n_components)
        From z-scores to components; and shares, squared loadings times the sensor's slow variance, that sum to one.

    References
    ----------
    .. [1] P. Switzer, A. Green, "Min/max autocorrelation factors for multivariate spatial imagery", Stanford University,
       Department of Statistics, technical report 6, 1984.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> wear = np.linspace(-1, 1, 300)[:, None]
    >>> h = Histories(np.zeros(300, int), np.arange(300.0), np.hstack([wear, 0 * wear]), np.empty((300, 0)), ("A",), ("A",), ("s", "t"))
    >>> loadings, weight = wear_components(h.sensors + rng.normal(0, 0.5, (300, 2)), h, 1)
    >>> bool(weight[0, 0] > 0.9)
    True
    """
    from scipy.linalg import eigh

    n, n_kept = min(n, z.shape[1]), z.shape[1]
    same = np.flatnonzero(train.unit[1:] == train.unit[:-1])
    if n == 0 or len(same) < 2:
        return np.empty((n_kept, 0)), np.empty((n_kept, 0))
    z = last_known(z, train)
    smooth = PrefixSums(z, train).mean(np.arange(train.n_rows), 15)
    step = z[same + 1] - z[same]
    slow = np.atleast_2d(np.cov(smooth.T))
    noise = np.atleast_2d(np.cov(step.T)) / 2
    _, vectors = eigh(slow, noise + 1e-3 * np.eye(n_kept))
    loadings = vectors[:, ::-1][:, :n]
    if labels is not None:
        centred = smooth - smooth.mean(axis=0)
        target = centred.T @ (labels - labels.mean()) / train.n_rows
        index = np.linalg.solve(slow + 1e-3 * np.eye(n_kept), target)
        loadings = np.column_stack([loadings, index / max(np.abs(index).max(), 1e-12)])
    weight = loadings**2 * np.diag(slow)[:, None] + 1e-12
    return loadings, weight / weight.sum(axis=0)

"""A fitted feature map as a file, and back: plain JSON, never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from predictive_maintenance.features import FeatureMap, FeatureSettings
from predictive_maintenance.signals import RegimeTree
from usecases import paths


def save_features(features: FeatureMap, folder: Path) -> None:
    """Write a fitted map as ``features.json``; numbers are written in full, so that it computes the same again.

    Parameters
    ----------
    features : FeatureMap
        The fitted map.
    folder : pathlib.Path
        Where to write.

    Examples
    --------
    >>> import tempfile
    >>> from predictive_maintenance.features import fit_features
    >>> from predictive_maintenance.histories import Histories
    >>> h = Histories(np.zeros(4, int), np.arange(1.0, 5), np.array([[1.0], [2], [3], [5]]), np.empty((4, 0)), ("A",), ("A",), ("s",))
    >>> features, folder = fit_features(h), Path(tempfile.mkdtemp())
    >>> save_features(features, folder)
    >>> bool(np.array_equal(load_features(folder).transform(h), features.transform(h), equal_nan=True))
    True
    """
    paths.write_json(folder / "features.json", asdict(features))


def load_features(folder: Path) -> FeatureMap:
    """Read ``features.json`` again.

    Parameters
    ----------
    folder : pathlib.Path
        Where `save_features` wrote.

    Returns
    -------
    FeatureMap
        Equal to what was saved.

    Examples
    --------
    >>> load_features(Path("model/method"))  # doctest: +SKIP
    """
    saved = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    settings = {
        name: tuple(value) if isinstance(value, list) else value for name, value in saved["settings"].items()
    }
    n_kept, n_regimes = len(saved["kept"]), len(saved["leaves"])
    shapes = {
        "mean": (n_regimes, n_kept),
        "scale": (n_regimes, n_kept),
        "loadings": (n_kept, -1),
        "weight": (n_kept, -1),
    }
    arrays = {name: np.array(saved[name], dtype=np.float64) for name in shapes}
    tree = saved["tree"]
    return FeatureMap(
        sensor_names=tuple(saved["sensor_names"]),
        setting_names=tuple(saved["setting_names"]),
        kept=np.array(saved["kept"], dtype=np.int64),
        tree=None if tree is None else RegimeTree(**{name: np.array(value) for name, value in tree.items()}),
        leaves=np.array(saved["leaves"], dtype=np.int64),
        settings=FeatureSettings(**settings),
        **{
            name: arrays[name].reshape(shape if arrays[name].size else (shape[0], max(shape[1], 0)))
            for name, shape in shapes.items()
        },
    )

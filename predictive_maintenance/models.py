"""The model of a RUL run as a folder that outlives it: what it was trained on, its intervals, its method; no pickle.

========================= =============================================================================================
``schema.json``           columns, time unit, cap, scales of the training data; no row, no name of a unit
``intervals.json``        the calibration of the intervals
``method.json``           the class of the fitted method, by its qualified name
``method/``               what that class wrote: JSON, LightGBM's text format, safetensors
========================= =============================================================================================

A method of your own is saved when what its ``fit`` returns has ``save(folder)`` and a class method ``load(folder)``, the one
reading what the other wrote into a folder that only they use; ``predict`` must then give the same numbers again.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from predictive_maintenance.calibration import IntervalModel
from predictive_maintenance.histories import Histories, RulInputs
from predictive_maintenance.model_schema import Schema, describe
from predictive_maintenance.scales import Scale
from usecases import custom, paths
from usecases.contract import Outcome, Text
from usecases.errors import UserError

EARLY = 20  # rows after which a unit is judged new or worn


@dataclass(frozen=True)
class SavedModel:
    """A model that was read back.

    Parameters
    ----------
    schema : Schema
        What it was trained on.
    intervals : IntervalModel
        From a prediction to its interval.
    method : object
        With ``predict(histories)``.

    Examples
    --------
    >>> SavedModel(None, None, None).importance("vibration") is None
    True
    """

    schema: Schema
    intervals: IntervalModel
    method: Any

    def importance(self, name: str) -> float | None:
        """Share of a column in what the method learned from, where the method knows it."""
        return self.method.importance().get(name, 0.0) if hasattr(self.method, "importance") else None


def why_not_saved(method: Any) -> Text | None:
    """Say why a fitted method cannot be saved; None when it can.

    Parameters
    ----------
    method : object
        What ``fit`` returned.

    Examples
    --------
    >>> from predictive_maintenance.methods.mean_life import MeanLifeModel
    >>> why_not_saved(MeanLifeModel(200.0, 125.0)) is None, "save(folder)" in why_not_saved(object()).en
    (True, True)
    """
    kind = type(method)
    if (
        callable(getattr(method, "save", None))
        and callable(getattr(kind, "load", None))
        and "<locals>" not in kind.__qualname__
    ):
        return None
    name = kind.__name__
    return Text(
        f"The model of this run is not saved and cannot predict for a new file: {name} needs save(folder) and a class method "
        "load(folder).",
        f"Le modèle de cette exécution n'est pas enregistré et ne peut rien prédire pour un nouveau fichier\u202f: {name} doit avoir "
        "save(folder) et une méthode de classe load(folder).",
    )


def save_model(outcome: Outcome, folder: Path) -> None:
    """Write the model of a run.

    Parameters
    ----------
    outcome : Outcome
        Of `predictive_maintenance.tasks.rul.Rul.solve`.
    folder : pathlib.Path
        Where to write; it exists.

    Raises
    ------
    UserError
        When the fitted method has no ``save`` and ``load``.

    Examples
    --------
    >>> save_model(outcome, Path("model"))  # doctest: +SKIP
    """
    method, intervals = outcome.model, outcome.details["intervals"]
    if why_not_saved(method):
        raise UserError(f"{type(method).__name__} needs save(folder) and a class method load(folder)")
    inputs = outcome.details["inputs"]
    schema = describe(inputs, level=intervals.level)
    schema.training["prediction_when_new"] = prediction_when_new(method, inputs)
    paths.write_json(folder / "schema.json", asdict(schema))
    paths.write_json(folder / "intervals.json", asdict(intervals))
    (folder / "method").mkdir()
    method.save(folder / "method")
    kind = type(method)
    paths.write_json(folder / "method.json", {"module": kind.__module__, "class": kind.__qualname__})


def prediction_when_new(method: Any, inputs: RulInputs) -> float:
    """Predict the training units at their row 20, and take the lowest.

    A new file of a unit that has less at its row 20 probably begins in the middle of its life.

    Parameters
    ----------
    method : object
        The fitted method.
    inputs : RulInputs
        What it was given.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> from predictive_maintenance.methods.mean_life import MeanLifeModel
    >>> prediction_when_new(MeanLifeModel(200.0, 125.0), toy_data().inputs)
    125.0
    """
    predicted = np.asarray(method.predict(inputs.train, early_rows(inputs.train)), dtype=float)
    return float(np.nan_to_num(np.clip(predicted, 0, inputs.cap).min()))


def early_rows(histories: Histories) -> np.ndarray:
    """Row 20 of each unit, or its last where it has fewer; shape (n_units,).

    Parameters
    ----------
    histories : Histories
        Any.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> early_rows(toy_data().inputs.train).tolist()[:2]
    [19, 59]
    """
    edges = histories.bounds()
    return np.minimum(edges[:-1] + EARLY, edges[1:]) - 1


def load_model(folder: Path) -> SavedModel:
    """Read what `save_model` wrote; the last few models stay in memory as long as their files do not change.

    Parameters
    ----------
    folder : pathlib.Path
        The model.

    Returns
    -------
    SavedModel
        It predicts what the model of the run predicted.

    Raises
    ------
    UserError
        When a file is missing or damaged, or the class of the method is not there.

    Examples
    --------
    >>> load_model(Path("model"))  # doctest: +SKIP
    """
    folder = Path(folder).resolve()
    return _load(folder, _state(folder))


@lru_cache(maxsize=4)
def _load(folder: Path, state: tuple[tuple[str, int, int], ...]) -> SavedModel:
    """Read a model once for all requests; one whose files changed is read again."""
    schema = load_schema(folder)
    try:
        saved = _read(folder / "intervals.json")
        quantile = saved.pop("quantile")  # infinite where there were too few groups
        arrays = {name: np.array(saved.pop(name), dtype=float) for name in ("knots", "expected_error")}
        intervals = IntervalModel(quantile=np.inf if quantile is None else quantile, **arrays, **saved)
        method = method_class(_read(folder / "method.json")).load(folder / "method")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error
    return SavedModel(schema, intervals, method)


def load_schema(folder: Path) -> Schema:
    """Read ``schema.json`` alone: all that a new file is read with.

    Parameters
    ----------
    folder : pathlib.Path
        The model.

    Raises
    ------
    UserError
        When it is missing or damaged.

    Examples
    --------
    >>> load_schema(Path("model"))  # doctest: +SKIP
    """
    try:
        saved = _read(Path(folder) / "schema.json")
        names = {key: tuple(saved.pop(key)) for key in ("settings", "sensors")}
        return Schema(
            scales={name: Scale(**scale) for name, scale in saved.pop("scales").items()}, **names, **saved
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from error


def method_class(saved: Mapping[str, str]) -> Any:
    """Find the class of a saved method.

    Parameters
    ----------
    saved : mapping
        The content of ``method.json``: ``module`` and ``class``.

    Raises
    ------
    UserError
        When it cannot be imported from here.

    Examples
    --------
    >>> method_class({"module": "predictive_maintenance.methods.ridge", "class": "RidgeModel"}).__name__
    'RidgeModel'
    """
    custom.current_folder_on_path()  # a class of the user's own, where `usecases run` found it too
    try:
        found: Any = importlib.import_module(saved["module"])
        for part in saved["class"].split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"the model was saved by the class {saved['class']} of the module {saved['module']}, which cannot be imported here "
            f"({error}): go to the folder that holds the module, or install it"
        ) from error
    if not (isinstance(found, type) and callable(getattr(found, "load", None))):
        raise UserError(
            f"{saved['module']}.{saved['class']} has no class method load(folder): add it, or run again"
        )
    return found


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file of a model."""
    found = [(file, file.stat()) for file in sorted(folder.rglob("*")) if file.is_file()]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in found)


def _read(file: Path) -> dict[str, Any]:
    """Content of a JSON file."""
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _damaged(folder: Path, error: Exception) -> UserError:
    """Say that a model folder cannot be read."""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return UserError(
        f"the model in {folder} is not complete ({what}): run the training again, or copy the whole folder"
    )

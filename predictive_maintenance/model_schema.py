"""What a saved model was trained on, as far as a new file is concerned: columns, units, scales; no row, no name of a unit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from predictive_maintenance.histories import RulInputs
from predictive_maintenance.scales import Scale, training_scales
from usecases.contract import Text

READING = {
    "aliases": {"unit": ["unité"], "time": ["temps", "date"]}
}  # of a data source that says nothing else


@dataclass(frozen=True)
class Schema:
    """What a model was trained on, as far as a new file is concerned.

    Parameters
    ----------
    settings, sensors : tuple of str
        Columns, in the order of the histories.
    time_unit : str
        ``cycles``, ``days`` or ``hours``.
    cap : float
        Longest predicted remaining life.
    level : float
        Nominal coverage of the intervals.
    units : dict of str to str
        Unit of each column, where it is known.
    labels : dict of str to dict
        What people call the columns, by language.
    reading : dict
        How a file is read, see `predictive_maintenance.new_files`.
    training : dict
        ``units``, ``rows``, ``failures``, ``oldest`` (age), ``latest_start`` (first age of a unit), ``longest`` (rows of a unit),
        ``prediction_when_new`` (see `predictive_maintenance.models.prediction_when_new`).
    scales : dict of str to Scale
        See `predictive_maintenance.scales`.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> schema = describe(toy_data().inputs, level=0.9)
    >>> schema.columns, schema.training["oldest"]
    (('counter',), 40.0)
    """

    settings: tuple[str, ...]
    sensors: tuple[str, ...]
    time_unit: str
    cap: float
    level: float
    units: dict[str, str]
    labels: dict[str, dict[str, str]]
    reading: dict[str, Any]
    training: dict[str, float]
    scales: dict[str, Scale]

    @property
    def columns(self) -> tuple[str, ...]:
        """Settings and sensors."""
        return (*self.settings, *self.sensors)

    def label(self, name: str) -> Text:
        """What people call a column."""
        return Text(**self.labels[name]) if name in self.labels else Text(name, name)


def describe(inputs: RulInputs, *, level: float) -> Schema:
    """Describe the training data of a model, without any row and any name of a unit.

    Parameters
    ----------
    inputs : RulInputs
        What the method was given.
    level : float
        Nominal coverage of the intervals.

    Returns
    -------
    Schema
        Of the training histories.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> describe(toy_data().inputs, level=0.9).training["units"]
    10
    """
    train = inputs.train
    edges = train.bounds()
    return Schema(
        settings=train.setting_names,
        sensors=train.sensor_names,
        time_unit=train.time_unit,
        cap=float(inputs.cap),
        level=level,
        units=dict(train.sensor_units),
        labels={name: asdict(text) for name, text in train.sensor_labels.items()},
        reading=dict(train.reading or READING),
        training={
            "units": train.n_units,
            "rows": train.n_rows,
            "failures": int(np.sum(inputs.lives.failed)),
            "oldest": float(train.time.max()),
            "latest_start": float(train.time[edges[:-1]].max()),
            "longest": int(np.diff(edges).max()),
        },
        scales=training_scales(train),
    )

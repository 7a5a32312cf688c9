"""Multi-sensor histories of many units, and what became of the units: the data of every RUL method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from usecases.contract import Text


@dataclass(frozen=True)
class Histories:
    """Sensor records of many units, one row per time step, sorted by unit and then by time.

    Parameters
    ----------
    unit : ndarray of int, shape (n_rows,)
        Index of the row's unit, 0 to ``n_units - 1``, non-decreasing.
    time : ndarray of float, shape (n_rows,)
        Age of the unit at the row, in `time_unit`, strictly increasing inside a unit.
    sensors : ndarray of float, shape (n_rows, n_sensors)
        Measurements; NaN where a value is missing.
    settings : ndarray of float, shape (n_rows, n_settings)
        Operating conditions imposed from outside (load, speed, altitude); may have no column.
    unit_names : tuple of str, length n_units
        What people call the units.
    groups : tuple of str, length n_units
        What must stay on one side of a split: several lives of one machine share a group.
    sensor_names, setting_names : tuple of str
        Column names.
    time_unit : str
        ``cycles``, ``days`` or ``hours``.
    sensor_units : dict of str to str, optional
        Unit of each sensor.
    sensor_labels : dict of str to Text, optional
        What people call the sensors and settings; the column's name where it is missing.
    reading : dict, optional
        How a new file of the same kind is read (see `predictive_maintenance.new_files`): plain values, no row.

    Examples
    --------
    >>> h = Histories(np.array([0, 0, 1]), np.array([1.0, 2.0, 1.0]), np.array([[5.0], [6.0], [7.0]]),
    ...               np.empty((3, 0)), ("A", "B"), ("A", "B"), ("temperature",), (), "days")
    >>> h.n_units, h.last_rows().tolist()
    (2, [1, 2])
    >>> h.select([1]).unit_names
    ('B',)
    """

    unit: np.ndarray
    time: np.ndarray
    sensors: np.ndarray
    settings: np.ndarray
    unit_names: tuple[str, ...]
    groups: tuple[str, ...]
    sensor_names: tuple[str, ...]
    setting_names: tuple[str, ...] = ()
    time_unit: str = "cycles"
    sensor_units: dict[str, str] = field(default_factory=dict)
    sensor_labels: dict[str, Text] = field(default_factory=dict)
    reading: dict[str, Any] = field(default_factory=dict)

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.unit_names)

    @property
    def n_rows(self) -> int:
        """Number of rows of all units together."""
        return len(self.unit)

    def bounds(self) -> np.ndarray:
        """First row of each unit, and the number of rows at the end; shape (n_units + 1,)."""
        return np.searchsorted(self.unit, np.arange(self.n_units + 1))

    def last_rows(self) -> np.ndarray:
        """Index of each unit's last row, shape (n_units,)."""
        return self.bounds()[1:] - 1

    def slices(self) -> Iterator[slice]:
        """Yield the rows of each unit."""
        for first, end in pairwise(self.bounds().tolist()):
            yield slice(first, end)

    def select(self, units: Iterable[int]) -> Histories:
        """Keep some units, in the order given.

        Parameters
        ----------
        units : iterable of int
            Indices of units.
        """
        chosen = np.fromiter(units, dtype=np.int64)
        edges = self.bounds()
        rows = np.concatenate([np.arange(edges[u], edges[u + 1]) for u in chosen] or [np.empty(0, np.int64)])
        lengths = edges[chosen + 1] - edges[chosen]
        return replace(
            self,
            unit=np.repeat(np.arange(len(chosen)), lengths),
            time=self.time[rows],
            sensors=self.sensors[rows],
            settings=self.settings[rows],
            unit_names=tuple(self.unit_names[u] for u in chosen),
            groups=tuple(self.groups[u] for u in chosen),
        )

    def truncate(self, n_rows: np.ndarray) -> Histories:
        """Keep the first rows of each unit, as if time had stopped there.

        Parameters
        ----------
        n_rows : ndarray of int, shape (n_units,)
            Rows to keep of each unit, at least one.
        """
        edges = self.bounds()
        position = np.arange(self.n_rows) - edges[self.unit]
        keep = position < np.asarray(n_rows)[self.unit]
        return replace(
            self,
            unit=self.unit[keep],
            time=self.time[keep],
            sensors=self.sensors[keep],
            settings=self.settings[keep],
        )


@dataclass(frozen=True)
class Lives:
    """How the recorded life of each unit ended.

    Parameters
    ----------
    end : ndarray of float, shape (n_units,)
        Age at the end of the record, in the histories' time unit.
    failed : ndarray of bool, shape (n_units,)
        True when it ended by a failure; False when the unit was replaced before or still runs, so that
        its life is only known to be longer (right-censored).
    """

    end: np.ndarray
    failed: np.ndarray

    def select(self, units: Iterable[int]) -> Lives:
        """Keep some units, in the order given."""
        chosen = np.fromiter(units, dtype=np.int64)
        return Lives(self.end[chosen], self.failed[chosen])


@dataclass(frozen=True)
class RulInputs:
    """What a RUL method may see.

    Parameters
    ----------
    train : Histories
        Whole recorded lives.
    lives : Lives
        How they ended.
    test : Histories
        Histories up to now of the units whose remaining life is asked, at their last row.
    cap : float
        Labels are capped at this remaining life: far from the end nothing is seen yet.
    """

    train: Histories
    lives: Lives
    test: Histories
    cap: float


@dataclass(frozen=True)
class RulData:
    """What a data source reads: the inputs, the truth apart, and what to say about it.

    Parameters
    ----------
    inputs : RulInputs
        All that a method may see.
    rul : ndarray of float, shape (n_test_units,), or None
        True remaining life of the test units at their last row, uncapped; None when nobody knows it.
    description : dict
        ``name``, ``kind`` and plain values for the report.
    """

    inputs: RulInputs
    rul: np.ndarray | None
    description: dict

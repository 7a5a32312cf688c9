"""Whether the values of a new file are on the scale of the training data: °F for °C, kPa for bar, a lost decimal mark.

What is kept of the training data is, for each column, how high and how spread out the values of *one unit* were over its
life and over parts of it: medians and interquartile ranges, nobody's rows. A new file is compared unit by unit, so that a
file of one machine can be judged too, and refused when the typical unit of the file stands outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from predictive_maintenance.histories import Histories

TIME_STEP = "time step"  # between the rows of a unit: a column like the others
MOST_UNITS = 300  # training units that are looked at
FIRST_AND_LAST = 20  # rows: what a unit is like when new, and at its end
FAR_WIDTHS, FAR_SPREADS, FAR_SHARE = (
    3.0,
    5.0,
    0.1,
)  # of the range of levels, of the spread, of the value itself
NEAR_WIDTHS, NEAR_SPREADS = 0.25, 0.5  # outside these, a conversion that brings the values back is believed
SPREAD_FACTOR = 10.0  # a spread that many times the widest is another scale
STEP_FACTOR = 4.0
CONVERSIONS = (  # new = factor * old + shift, in the order in which they are believed
    (1.8, 32.0, "°C to °F"),
    (1 / 1.8, -32 / 1.8, "°F to °C"),
    (1.0, 273.15, "°C to K"),
    (1.0, -273.15, "K to °C"),
    (1000.0, 0.0, "a unit a thousand times larger (kW to W, m to mm, A to mA)"),
    (1e-3, 0.0, "a unit a thousand times smaller (W to kW, mm to m, mA to A)"),
    (100.0, 0.0, "bar to kPa, or a share to %"),
    (0.01, 0.0, "kPa to bar, or % to a share"),
    (10.0, 0.0, "a factor of 10 (a decimal mark?)"),
    (0.1, 0.0, "a factor of 1/10 (a decimal mark?)"),
    (1e5, 0.0, "bar to Pa"),
    (1e-5, 0.0, "Pa to bar"),
    (14.5038, 0.0, "bar to psi"),
    (1 / 14.5038, 0.0, "psi to bar"),
    (6.89476, 0.0, "psi to kPa"),
    (1 / 6.89476, 0.0, "kPa to psi"),
    (3.6, 0.0, "m/s to km/h, or l/s to m³/h"),
    (1 / 3.6, 0.0, "km/h to m/s, or m³/h to l/s"),
    (60.0, 0.0, "per second to per minute"),
    (1 / 60, 0.0, "per minute to per second"),
    (1e6, 0.0, "a unit a million times larger"),
    (1e-6, 0.0, "a unit a million times smaller"),
)
TIME_CONVERSIONS = (
    (24.0, "days to hours, or a row a day for a row an hour"),
    (1 / 24, "hours to days, or a row an hour for a row a day"),
    (60.0, "hours to minutes"),
    (1440.0, "days to minutes"),
    (3600.0, "hours to seconds"),
    (86400.0, "days to seconds"),
    (7.0, "a row a week for a row a day"),
    (1 / 7, "a row a day for a row a week"),
)


@dataclass(frozen=True)
class Scale:
    """How high and how spread out one column is, over the training units.

    Parameters
    ----------
    low, high : float
        Lowest and highest median of a unit, or of a part of its life.
    narrow, wide : float
        Smallest (above zero) and largest interquartile range of a unit, or of a part of its life; zero for a constant.
    lowest, highest : float
        The middle 98 % of single rows lie between them: what units of a few rows are compared with.

    Examples
    --------
    >>> temperature = Scale(40.0, 60.0, 2.0, 6.0)
    >>> temperature.outside(np.array([45.0, 131.0]), widths=1, spreads=1).tolist()
    [False, True]
    """

    low: float
    high: float
    narrow: float
    wide: float
    lowest: float = np.nan
    highest: float = np.nan

    @property
    def of_rows(self) -> Scale:
        """The range for units of a few rows."""
        return replace(self, low=np.fmin(self.low, self.lowest), high=np.fmax(self.high, self.highest))

    def outside(self, level: np.ndarray, *, widths: float, spreads: float, share: float = 0.0) -> np.ndarray:
        """Whether levels stand outside the range, widened by multiples of its width, of the spread and of the values."""
        margin = widths * (self.high - self.low) + spreads * self.wide
        margin += share * max(abs(self.low), abs(self.high)) + 1e-9
        return (level < self.low - margin) | (level > self.high + margin)


def columns_of(histories: Histories) -> pd.DataFrame:
    """Gather settings, sensors and the time between rows of one unit; one row for each row of the histories.

    Parameters
    ----------
    histories : Histories
        Any.

    Examples
    --------
    >>> h = Histories(np.array([0, 0]), np.array([1.0, 3.0]), np.array([[5.0], [6.0]]), np.empty((2, 0)), ("A",), ("A",), ("s",))
    >>> columns_of(h).columns.tolist()
    ['s', 'time step']
    """
    values = np.concatenate([histories.settings, histories.sensors], axis=1)
    frame = pd.DataFrame(values, columns=[*histories.setting_names, *histories.sensor_names])
    step = np.diff(histories.time, prepend=np.nan)
    step[histories.bounds()[:-1]] = np.nan
    return frame.assign(**{TIME_STEP: step})


def levels(frame: pd.DataFrame, part: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Median and interquartile range of each column in each part.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of floats.
    part : ndarray of int, shape (n_rows,)
        Part of each row.

    Returns
    -------
    level, spread : pandas.DataFrame
        One row for each part.

    Examples
    --------
    >>> level, spread = levels(pd.DataFrame({"s": [1.0, 2, 3, 10]}), np.array([0, 0, 0, 1]))
    >>> level["s"].tolist(), spread["s"].tolist()
    ([2.0, 10.0], [1.0, 0.0])
    """
    quartiles = frame.groupby(part).quantile([0.25, 0.5, 0.75]).unstack()
    at = {q: quartiles.xs(q, axis=1, level=1) for q in (0.25, 0.5, 0.75)}
    return at[0.5], at[0.75] - at[0.25]


def training_scales(train: Histories) -> dict[str, Scale]:
    """Learn the scale of every column from whole lives, their halves, their first and their last rows.

    Parameters
    ----------
    train : Histories
        Training histories; at most 300 units are looked at, evenly.

    Returns
    -------
    dict of str to Scale
        By setting, by sensor, and for the time between rows; columns without any value are left out.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> training_scales(toy_data().inputs.train)["time step"]
    Scale(low=1.0, high=1.0, narrow=0.0, wide=0.0, lowest=1.0, highest=1.0)
    """
    chosen = train.select(np.unique(np.linspace(0, train.n_units - 1, MOST_UNITS).round().astype(int)))
    frame, edges = columns_of(chosen), chosen.bounds()
    length = np.diff(edges)[chosen.unit]
    place = np.arange(chosen.n_rows) - edges[chosen.unit]
    found = []
    for rows in (
        place >= 0,
        2 * place < length,
        2 * place >= length,
        place < FIRST_AND_LAST,
        place >= length - FIRST_AND_LAST,
    ):
        found.append(levels(frame[rows], chosen.unit[rows]))
    level, spread = (pd.concat(part, ignore_index=True) for part in zip(*found, strict=True))
    scales = {}
    for name in frame.columns:
        known, widths = level[name].dropna(), spread[name][spread[name] > 0]
        if len(known):
            narrow, wide = (float(widths.min()), float(widths.max())) if len(widths) else (0.0, 0.0)
            lowest, highest = frame[name].quantile([0.01, 0.99]).tolist()
            scales[name] = Scale(float(known.min()), float(known.max()), narrow, wide, lowest, highest)
    return scales


def unusual(scales: Mapping[str, Scale], level: pd.DataFrame) -> dict[str, np.ndarray]:
    """Tell which units stand far outside all training units.

    Parameters
    ----------
    scales : mapping of str to Scale
        From `training_scales`.
    level : pandas.DataFrame
        Medians, one row for each unit.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_units,)
        By column, only those with such a unit.

    Examples
    --------
    >>> {name: far.tolist() for name, far in unusual({"s": Scale(1.0, 2.0, 0.1, 0.2)}, pd.DataFrame({"s": [1.5, 20.0]})).items()}
    {'s': [False, True]}
    """
    far = {
        name: _far(scale, level[name].to_numpy())
        for name, scale in scales.items()
        if name in level and name != TIME_STEP
    }
    return {name: units for name, units in far.items() if units.any()}


def _far(scale: Scale, level: np.ndarray) -> np.ndarray:
    return scale.outside(level, widths=FAR_WIDTHS, spreads=FAR_SPREADS, share=FAR_SHARE)


def other_scale(
    scales: Mapping[str, Scale], level: pd.DataFrame, spread: pd.DataFrame, *, few_rows: bool = False
) -> dict[str, str]:
    """Say which columns of a file are on another scale than at training, from its typical unit.

    A column is so when the typical unit stands far outside all training units; or outside them, and a usual conversion of
    units brings it back; or when its spread is out of all proportion.

    Parameters
    ----------
    scales : mapping of str to Scale
        From `training_scales`.
    level, spread : pandas.DataFrame
        From `levels`, one row for each unit of the file.
    few_rows : bool
        The units have so few rows that their medians vary as single rows do.

    Returns
    -------
    dict of str to str
        By column, a phrase with both ranges and the likely conversion; empty when nothing is wrong.

    Examples
    --------
    >>> celsius = {"temperature": Scale(40.0, 60.0, 2.0, 6.0)}
    >>> file = pd.DataFrame({"temperature": [120.0, 131.0]}), pd.DataFrame({"temperature": [7.0, 8.0]})
    >>> other_scale(celsius, *file)["temperature"]
    'its units stand at 120 to 131 and stood at 40 to 60 at training: °C to °F?'
    """
    found = {}
    for name, of_units in scales.items():
        scale = of_units.of_rows if few_rows else of_units
        if name not in level or not level[name].notna().any():
            continue
        given = level[name].dropna()
        typical = float(given.median())
        positive = spread[name][spread[name] > 0]
        wide = float(positive.median()) if len(positive) else 0.0
        phrase = _step(scale, typical) if name == TIME_STEP else _sensor(scale, typical, wide)
        if phrase is not None:
            found[name] = (
                f"its units stand at {_range(given.min(), given.max())} and stood at "
                f"{_range(scale.low, scale.high)} at training{phrase}"
            )
    return found


def _sensor(scale: Scale, typical: float, wide: float) -> str | None:
    """The likely conversion; an empty phrase when none is known; None when nothing is wrong."""
    far = bool(_far(scale, np.array([typical]))[0])
    out = far or bool(scale.outside(np.array([typical]), widths=NEAR_WIDTHS, spreads=NEAR_SPREADS)[0])
    out |= scale.low > 0 and 0 < typical < scale.low / 2
    odd_spread = wide > scale.wide * SPREAD_FACTOR > 0  # a narrow one is only a steady machine
    if not (out or odd_spread):
        return None
    likely = _conversions(scale, typical, wide)
    if likely:
        return f": {' or '.join(likely)}?"
    if far:
        return ""
    return f", with a spread of {wide:.3g} against {_range(scale.narrow, scale.wide)}" if odd_spread else None


def _conversions(scale: Scale, typical: float, wide: float) -> list[str]:
    """The two nearest conversions that bring level and spread back to those of training."""
    fits = []
    for place, (factor, shift, words) in enumerate(CONVERSIONS):
        level, spread = (typical - shift) / factor, wide / factor
        if scale.outside(np.array([level]), widths=0, spreads=0, share=0.02)[0]:
            continue
        if wide > 0 and scale.wide > 0 and not scale.narrow / 2 <= spread <= scale.wide * 2:
            continue
        fits.append((place, words))
    return [words for _, words in sorted(fits)[:2]]


def _step(scale: Scale, typical: float) -> str | None:
    """The same for the time between two rows."""
    if scale.low / STEP_FACTOR <= typical <= scale.high * STEP_FACTOR:
        return None
    likely = [
        words for factor, words in TIME_CONVERSIONS if scale.low * 0.9 <= typical / factor <= scale.high * 1.1
    ]
    return f": {' or '.join(likely[:2])}?" if likely else ""


def _range(low: float, high: float) -> str:
    """Both ends, or one number."""
    first, last = f"{low:.4g}", f"{high:.4g}"
    return first if first == last else f"{first} to {last}"

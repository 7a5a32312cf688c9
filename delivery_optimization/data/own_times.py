"""Times of a person's spreadsheet: 09:00, 9h30 or whole timestamps, windows past midnight, days with a change of hour.

On paper a day has 24 hours, on the clock of a courier it may have 23 or 25: what is read is local time ("wall"), what an
instance counts are seconds that pass since midnight (`elapsed`).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from usecases.cells import MISSING, OFFSET, Cells, type_cells
from usecases.errors import UserError
from usecases.tabular import Table

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)
Array = np.ndarray

DAY = 86_400.0
CLOCK = r"^(\d{1,2})(?: ?[hH]|:(?=\d))(\d\d)?(?::(\d\d))?(?:\.\d+)?$"
EVENING, MORNING = 18 * 3600.0, 6 * 3600.0  # a window from the evening to the morning ends on the next day
LATEST = 48 * 3600.0
TIME_HELP = "a time (09:00, 9h30, 26:00 for 2 in the next morning) or a timestamp (2026-03-29 09:00, 29/03/2026 09:00)"


@dataclass(frozen=True, eq=False)
class Times:
    """One column of times.

    Parameters
    ----------
    wall : ndarray of shape (n_rows,)
        Seconds since local midnight; NaN where the cell is empty.
    day : ndarray of datetime64[D], shape (n_rows,)
        Day of a timestamp; NaT where there is only a time.
    """

    wall: Array
    day: Array


def read_times(table: Table, name: str, zone: str, dayfirst: bool | None = None) -> Times | None:
    """Read a column of times, all of one kind: times of day or timestamps.

    Parameters
    ----------
    table : usecases.tabular.Table
        With the column as text.
    name : str
        The column; None is returned if there is none of that name.
    zone : str
        Time zone that timestamps with an offset are turned into.
    dayfirst : bool, optional
        Whether 01/02 is 1 February, where the dates themselves do not tell.

    Returns
    -------
    Times or None

    Raises
    ------
    UserError
        With file, row and column, for a cell that is no time.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"opens": ["9h30", "26:00", None]}, index=[2, 3, 4])
    >>> read_times(Table(frame, None, Path("a.csv")), "opens", "Europe/Paris").wall.tolist()
    [34200.0, 93600.0, nan]
    """
    import pandas as pd

    if name not in table.frame.columns:
        return None
    cells = table.frame[name].fillna("").astype(str).str.strip()
    known = ~cells.str.lower().isin(MISSING)
    if not known.any():
        return Times(np.full(len(cells), np.nan), np.full(len(cells), np.datetime64("NaT"), "datetime64[D]"))
    parts = cells.str.extract(CLOCK)
    clock = parts[0].notna()
    if clock[known].mean() >= 0.5:
        seconds = pd.to_numeric(parts[0]) * 3600 + pd.to_numeric(parts[1]).fillna(0) * 60
        seconds += pd.to_numeric(parts[2]).fillna(0)
        bad = known & ~(clock & (seconds <= LATEST) & (pd.to_numeric(parts[1]).fillna(0) < 60))
        _refuse(table, name, cells, bad)
        nothing = np.full(len(cells), np.datetime64("NaT"), "datetime64[D]")
        return Times(seconds.where(known).to_numpy(dtype=float), nothing)
    stamps = _timestamps(table, name, cells, zone, dayfirst)
    _refuse(table, name, cells, known & stamps.isna())
    day = stamps.dt.normalize()
    wall = (stamps - day).dt.total_seconds().to_numpy(dtype=float)
    return Times(wall, day.to_numpy(dtype="datetime64[D]"))


def _timestamps(table: Table, name: str, cells: pd.Series, zone: str, dayfirst: bool | None) -> pd.Series:
    """Timestamps as local time; NaT where a cell is none."""
    import pandas as pd

    written = Cells(table.path, pd.DataFrame({name: cells}), table.titles)
    typed = type_cells(written, sep=";", dates=[name], dayfirst=dayfirst, strict=False).frame[name]
    if not pd.api.types.is_datetime64_any_dtype(typed):
        return pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    offset = cells.str.contains(rf":\d\d.*{OFFSET}", regex=True)
    if offset.any():
        local = typed.dt.tz_localize("UTC").dt.tz_convert(str(zone)).dt.tz_localize(None)
        typed = typed.where(~offset, local)
    return typed


def _refuse(table: Table, name: str, cells: pd.Series, bad: pd.Series) -> None:
    if bad.any():
        row, more = bad.idxmax(), f" ({int(bad.sum())} such cells)" if bad.sum() > 1 else ""
        raise UserError(
            f"{table.place(int(row), name)}: {cells[row]!r} was given{more}; {TIME_HELP} was expected"
        )


def wall_clock(text: object) -> float | None:
    """Read one time of day; None if it is none.

    Parameters
    ----------
    text : object
        ``09:00``, ``9h30``.

    Returns
    -------
    float or None
        Seconds since midnight.

    Examples
    --------
    >>> wall_clock("9h30") / 3600, wall_clock("soon") is None
    (9.5, True)
    """
    found = re.match(CLOCK, str(text).strip())
    if not found:
        return None
    seconds = int(found[1]) * 3600.0 + int(found[2] or 0) * 60 + int(found[3] or 0)
    return seconds if seconds <= LATEST and int(found[2] or 0) < 60 else None


def past_midnight(opens: Array, closes: Array) -> Array:
    """Put the end of a window that goes from the evening to the morning on the next day: 22:00 to 02:00.

    Parameters
    ----------
    opens, closes : ndarray
        Seconds since midnight; NaN stays.

    Returns
    -------
    ndarray
        The ends; one that is before its beginning at another time of day stays, as a mistake to be told.

    Examples
    --------
    >>> past_midnight(np.array([22.0, 14.0]) * 3600, np.array([2.0, 10.0]) * 3600) / 3600
    array([26., 10.])
    """
    return np.where(
        (closes < opens) & (opens >= EVENING) & (opens < DAY) & (closes <= MORNING), closes + DAY, closes
    )


def check_zone(zone: str) -> str:
    """Refuse a time zone that does not exist.

    Raises
    ------
    UserError
        With an example.

    Examples
    --------
    >>> check_zone("Europe/Paris")
    'Europe/Paris'
    """
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(str(zone))
    except (KeyError, ValueError, OSError) as error:
        raise UserError(
            f"data.timezone={zone} is no time zone of this machine: type for example data.timezone=Europe/Paris, or UTC "
            "(on Windows: pip install tzdata)"
        ) from error
    return str(zone)


def elapsed(wall: Any, day: date | None, zone: str) -> Array:
    """Seconds that pass from midnight to a local time: another number on the two days a year with a change of hour.

    A time that the clock jumps over counts as if it had not been put forward; of two equal ones, the first is meant.

    Parameters
    ----------
    wall : array_like
        Seconds since midnight as the clock shows them; NaN and infinity stay.
    day : datetime.date or None
        None: a day without a change.
    zone : str
        Time zone.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> elapsed([9 * 3600.0], date(2026, 3, 29), "Europe/Paris").item() / 3600
    8.0
    """
    seconds = np.asarray(wall, dtype=float)
    if day is None:
        return seconds
    from zoneinfo import ZoneInfo

    local = ZoneInfo(zone)
    start = datetime(day.year, day.month, day.day, tzinfo=local)
    begun = start.timestamp()
    if all((start + timedelta(days=k)).utcoffset() == start.utcoffset() for k in (1, 2)):
        return seconds
    naive = start.replace(tzinfo=None)
    distinct, back = np.unique(seconds, return_inverse=True)
    passed = [
        (naive + timedelta(seconds=float(s))).replace(tzinfo=local).timestamp() - begun
        if np.isfinite(s)
        else s
        for s in distinct
    ]
    return np.array(passed, dtype=float)[back].reshape(seconds.shape)


def midnight(day: date | None, zone: str) -> str:
    """`Instance.day`: local midnight with its offset, and the time zone unless it is Europe/Paris; empty without a day.

    Examples
    --------
    >>> midnight(date(2026, 3, 29), "Europe/Paris"), midnight(date(2026, 3, 29), "Asia/Tokyo")
    ('2026-03-29T00:00:00+01:00', '2026-03-29T00:00:00+09:00[Asia/Tokyo]')
    """
    if day is None:
        return ""
    from zoneinfo import ZoneInfo

    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).isoformat()
    return begins if zone == "Europe/Paris" else f"{begins}[{zone}]"

"""Local hours of a day in northern France as seconds since its midnight, on days with a change of hour too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

PARIS = ZoneInfo("Europe/Paris")
_HOURS = np.arange(49)


def midnight(day: date) -> datetime:
    """Local midnight at which a day begins, with its offset.

    Parameters
    ----------
    day : datetime.date
        Any day.

    Returns
    -------
    datetime.datetime

    Examples
    --------
    >>> midnight(date(2026, 3, 29)).isoformat()
    '2026-03-29T00:00:00+01:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def elapsed(day: date, hour: float | np.ndarray) -> np.ndarray:
    """Seconds that have really passed since local midnight when clocks show an hour.

    Parameters
    ----------
    day : datetime.date
        The day that begins at that midnight.
    hour : float or ndarray
        Local hour, 0 to 48; 25 is one o'clock of the next day. An hour that the clocks skip counts as the moment of the
        change; one that comes twice is spread over both.

    Returns
    -------
    ndarray of float
        Seconds; whole for whole hours.

    Examples
    --------
    >>> [float(elapsed(date(2026, month, n), 8.0)) / 3600 for month, n in ((3, 28), (3, 29), (10, 25))]
    [8.0, 7.0, 9.0]
    """
    start = midnight(day).astimezone(UTC)
    wall = [datetime(day.year, day.month, day.day) + timedelta(hours=int(h)) for h in _HOURS]
    seconds = [(moment.replace(tzinfo=PARIS).astimezone(UTC) - start).total_seconds() for moment in wall]
    return np.asarray(np.interp(hour, _HOURS, np.maximum.accumulate(seconds)))

"""Times of an instance as people read them: 09:40 for a day, a plain number for a benchmark.

>>> hours(35_400, "s", "en"), hours(7.5, "", "en")
('09:50', '7.5')
"""

from __future__ import annotations

import math

from usecases.formatting import number, with_unit

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


def hours(time: float, unit: str, lang: str, day: str = "") -> str:
    """Write a moment as hours and minutes, or as a number where time has no unit.

    Parameters
    ----------
    time : float
        Since the start of the day, in `unit`.
    unit : str
        ``s``, ``min``, ``h``, or empty for a pure number.
    lang : {"en", "fr"}
        Language.
    day : str
        `Instance.day`: on a day with a change of hour, local time is told.

    Returns
    -------
    str
        ``25:10`` is ten past one of the next day.

    Examples
    --------
    >>> hours(3 * 3600, "s", "fr", "2026-03-29T00:00:00+01:00")
    '04:00'
    >>> hours(3 * 3600, "s", "fr", "2026-03-29T00:00:00-05:00[America/New_York]")
    '03:00'
    """
    if not math.isfinite(time):
        return "–"
    if unit not in SECONDS:
        return number(float(time), lang, 0 if float(time).is_integer() else 1)
    seconds = time * SECONDS[unit]
    minutes = round((seconds + change_of_hour(seconds, day)) / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def lasting(time: float, unit: str, lang: str) -> str:
    """Write a duration: minutes below two hours, then hours.

    Examples
    --------
    >>> print(lasting(5400, "s", "en"), lasting(4, "h", "en"), sep=", ")
    90 min, 4.0 h
    """
    if unit not in SECONDS:
        return f"{number(float(time), lang, 1)} {'unités de temps' if lang == 'fr' else 'units of time'}"
    minutes = time * SECONDS[unit] / 60
    return with_unit(minutes, "min", lang, 0) if minutes < 120 else with_unit(minutes / 60, "h", lang, 1)


def readable(value: float, unit: str) -> tuple[float, str]:
    """Turn totals into units that people think in: hours for seconds and minutes, kilometres for metres.

    Examples
    --------
    >>> readable(5400, "s"), readable(1500, "m"), readable(7, "EUR")
    ((1.5, 'hours'), (1.5, 'km'), (7, 'EUR'))
    """
    if unit in SECONDS:
        return value * SECONDS[unit] / 3600, "hours"
    return (value / 1000, "km") if unit == "m" else (value, unit)


def in_minutes(time: float, unit: str) -> tuple[float, str]:
    """Turn a lateness or a margin into minutes, where time has a unit.

    Examples
    --------
    >>> in_minutes(90, "s"), in_minutes(7, "")
    ((1.5, 'min'), (7, ''))
    """
    return (time * SECONDS[unit] / 60, "min") if unit in SECONDS else (time, unit)


def change_of_hour(seconds: float, day: str) -> float:
    """Seconds that the wall clock has been put forward since the start of the day, in the time zone that the day names.

    Examples
    --------
    >>> change_of_hour(7 * 3600, "2026-03-29T00:00:00+01:00"), change_of_hour(7 * 3600, "2026-03-28T00:00:00+01:00")
    (3600.0, 0.0)
    """
    if not day:
        return 0.0
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    begins, _, name = day.rstrip("]").partition("[")
    try:
        zone = ZoneInfo(name or "Europe/Paris")
    except ZoneInfoNotFoundError:  # Windows without the package tzdata
        return 0.0
    start = datetime.fromisoformat(begins).astimezone(zone)
    then = (start.astimezone(UTC) + timedelta(seconds=float(seconds))).astimezone(zone)
    return ((then.utcoffset() or timedelta()) - (start.utcoffset() or timedelta())).total_seconds()

"""The rows of the data source ``own``: sorted, with ages, ends and machines; every mistake is told with file, row, column."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.tabular import Table, fold_case

logger = logging.getLogger(__name__)

LONGEST_DAYS = 36525  # 100 years
HUGE = 1e12  # no physical quantity in usual units: a missing-value code or a lost decimal mark
DATE_UNITS = {"days": 1.0, "hours": 24.0}
TIME_UNITS = ("cycles", *DATE_UNITS)
NO_VALUE = Text("it has no value", "elle n'a aucune valeur")
CONSTANT = Text("it is constant", "elle est constante")
ANSWER = Text(
    "it falls by exactly the time that passes, it is the remaining life itself",
    "elle baisse exactement du temps qui passe, c'est la durée de vie résiduelle elle-même",
)
END_WORDS = {
    "failure": "failure",
    "défaillance": "failure",
    "panne": "failure",
    "preventive": "preventive",
    "préventif": "preventive",
    "running": "running",
    "en service": "running",
    "en marche": "running",
}


@dataclass(frozen=True)
class Rows:
    """The rows of a file, sorted by unit and time.

    Parameters
    ----------
    table : Table
        The file.
    frame : pandas.DataFrame
        Its rows, sorted; the index is the row number in the spreadsheet.
    code : ndarray of int, shape (n_rows,)
        Unit of each row, as an index into `names`.
    time : ndarray of float, shape (n_rows,)
        Age of the unit at the row, in `time_unit`.
    names : tuple of str, length n_units
        Units, in the order of the file.
    time_unit : str
        ``cycles``, ``days`` or ``hours``.
    from_dates : bool
        Whether the file has dates: ages then count from the unit's first row.
    unit_column : str
        Column of the unit's name.
    """

    table: Table
    frame: pd.DataFrame
    code: np.ndarray
    time: np.ndarray
    names: tuple[str, ...]
    time_unit: str
    from_dates: bool
    unit_column: str = "unit"

    def title(self, column: str) -> str:
        """The file's own title of a column."""
        return self.table.titles.get(column, column)

    def edges(self) -> np.ndarray:
        """First row of each unit, and the number of rows at the end."""
        return np.searchsorted(self.code, np.arange(len(self.names) + 1))

    def values(self, names: list[str]) -> np.ndarray:
        """Columns as floats, shape (n_rows, n_names)."""
        return np.ascontiguousarray(
            self.frame[names].to_numpy(dtype=np.float64).reshape(len(self.frame), len(names))
        )

    def row(self, position: int) -> int:
        """Row number in the spreadsheet."""
        return int(self.frame.index[position])

    def place(self, position: int, column: str) -> str:
        """Say where a cell stands in the file."""
        return self.table.place(self.row(position), column)


def sorted_rows(table: Table, *, unit: str, time: str, time_unit: str | None = None) -> Rows:
    """Number the units in the order of the file, compute ages, sort the rows.

    Parameters
    ----------
    table : Table
        The file.
    unit, time : str
        Columns of the unit's name (text) and of the time (numbers or dates).
    time_unit : {"cycles", "days", "hours"}, optional
        By default days for dates and cycles for numbers.

    Raises
    ------
    UserError
        When a row has no unit, no time, or the time of another row of the unit; when a time is no age.

    Examples
    --------
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"unit": ["B", "A", "B"], "time": [2.0, 1.0, 1.0]}, index=[2, 3, 4])
    >>> rows = sorted_rows(Table(frame, None, Path("a.csv")), unit="unit", time="time")
    >>> rows.names, rows.code.tolist(), rows.time.tolist(), rows.place(0, "time")
    (('B', 'A'), [0, 0, 1], [1.0, 2.0, 1.0], "a.csv, row 4, column 'time'")
    """
    frame = table.frame
    for name in (unit, time):
        if (empty := frame[name].isna()).any():
            rule = "each row needs a unit and a time" if name == unit else "each row needs a time"
            raise UserError(
                f"{table.place(int(empty.idxmax()), name)}: the cell is empty, {rule}: fill it or delete the row"
            )
    code, names = pd.factorize(frame[unit])
    age, time_unit, from_dates = _ages(table, time, time_unit, code)
    order = np.lexsort((age, code))
    if (np.diff(code) < 0).any() or ((np.diff(age) < 0) & (np.diff(code) == 0)).any():
        logger.info("the rows were not in the order of unit and time: they are sorted")
    rows = Rows(
        table, frame.iloc[order], code[order], age[order], tuple(map(str, names)), time_unit, from_dates, unit
    )
    same = np.flatnonzero((np.diff(rows.code) == 0) & (np.diff(rows.time) == 0))
    if len(same):
        first, second = sorted((rows.row(same[0]), rows.row(same[0] + 1)))
        more = f" ({len(same)} such rows in the file)" if len(same) > 1 else ""
        raise UserError(
            f"{table.place(second, time)}: unit {names[rows.code[same[0]]]!r} has the time {_plain(frame.at[second, time])} "
            f"already in row {first}{more}: keep one row for each unit and time, or give the hour too"
        )
    _check_length(rows, time)
    return rows


def _check_length(rows: Rows, time: str) -> None:
    """No machine has a record of more than a century: a date is mistyped; cycles have no such limit."""
    if rows.time_unit not in DATE_UNITS:
        return
    edges = rows.edges()
    for unit, (first, end) in enumerate(pairwise(edges.tolist())):
        age = rows.time[first:end]
        if age[-1] - age[0] <= LONGEST_DAYS * DATE_UNITS[rows.time_unit]:
            continue
        jump = int(np.diff(age).argmax()) + 1  # after the widest gap; its smaller side is the odd one
        odd = first + (jump - 1 if 2 * jump <= len(age) else jump)
        years = (age[-1] - age[0]) / (365.25 * DATE_UNITS[rows.time_unit])
        remedy = "is the year right?" if rows.from_dates else "or type data.time_unit=cycles if it is a count"
        raise UserError(
            f"{rows.place(odd, time)}: with {_plain(rows.frame[time].iloc[odd])} the record of unit {rows.names[unit]!r} lasts "
            f"{years:.0f} years, 100 at most are believed: correct the time, {remedy}"
        )


def _ages(table: Table, time: str, time_unit: str | None, code: np.ndarray) -> tuple[np.ndarray, str, bool]:
    """Age at each row, its unit, and whether the file has dates: these count from the unit's first row."""
    times = table.frame[time]
    if times.dtype.kind == "M":
        if time_unit == "cycles":
            raise UserError(
                f"{table.place(column=time)} holds dates, which make days or hours: type data.time_unit=days"
            )
        unit = time_unit or "days"
        since = times - times.groupby(code).transform("min")
        return (since / pd.Timedelta(days=1)).to_numpy(dtype=np.float64) * DATE_UNITS[unit], unit, True
    age = times.to_numpy(dtype=np.float64)
    for wrong, what in (
        (~np.isfinite(age), "is no finite number"),
        (age < 0, "is negative, times count from the start of the unit's life"),
        (age > HUGE, "is larger than 1e12, times are ages in cycles, hours or days"),
    ):
        if wrong.any():
            at = int(times.index[wrong.argmax()])
            raise UserError(
                f"{table.place(at, time)}: {_plain(times[at])} {what} ({int(wrong.sum())} such cells): correct it"
            )
    return age, time_unit or "cycles", False


def record_ends(rows: Rows, name: str | None) -> np.ndarray:
    """Tell how the record of each unit ended.

    Parameters
    ----------
    rows : Rows
        Of the file.
    name : str or None
        Column with words of `END_WORDS`; None, or a column that is not there: every unit ran to failure.

    Returns
    -------
    ndarray of str, shape (n_units,)
        ``failure``, ``preventive`` or ``running``.

    Raises
    ------
    UserError
        For an unknown word, two ends of one unit, an end before the last row, a unit without end. The end stands on the
        unit's last row only, or on all its rows: two failures of one unit are two lives.

    Examples
    --------
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"unit": ["A", "A", "B"], "time": [1.0, 2.0, 1.0], "fin": [None, "panne", "En marche"]})
    >>> rows = sorted_rows(Table(frame, None, Path("a.csv")), unit="unit", time="time")
    >>> record_ends(rows, "fin").tolist()
    ['failure', 'running']
    """
    if name is None or name not in rows.frame.columns:
        logger.info("no column says how the records ended: every unit is taken to have run to failure")
        return np.full(len(rows.names), "failure")
    words = {fold_case(word): end for word, end in END_WORDS.items()}
    filled = np.flatnonzero(rows.frame[name].notna().to_numpy())
    given = rows.frame[name].iloc[filled]
    ends = given.map({cell: words.get(fold_case(cell)) for cell in given.unique()})
    if (unknown := ends.isna().to_numpy()).any():
        at = int(filled[unknown.argmax()])
        word = str(rows.frame[name].iloc[at])
        raise UserError(f"{rows.place(at, name)}: {word!r} is no end of a record, {nearest(word, END_WORDS)}")
    found = np.full(len(rows.names), "", dtype=object)
    where = np.full(len(rows.names), -1)
    for unit, end, at in zip(rows.code[filled], ends, filled, strict=True):
        if found[unit] not in ("", end):
            raise UserError(
                f"{rows.place(int(at), name)}: unit {rows.names[unit]!r} ends by {end!r} here and by {found[unit]!r} in row "
                f"{rows.row(where[unit])}: give each life a unit of its own, and the machine's name in a column data.group=NAME"
            )
        found[unit], where[unit] = end, at
    _check_once(rows, name, found, filled)
    _check_last(rows, name, found, where)
    return found.astype(str)


def _check_once(rows: Rows, name: str, found: np.ndarray, filled: np.ndarray) -> None:
    """A unit ends once: several marks are one end only when all rows of the unit have it."""
    counts = np.bincount(rows.code[filled], minlength=len(rows.names))
    several = np.flatnonzero((counts > 1) & (counts < np.diff(rows.edges())))
    if not len(several):
        return
    unit = several[0]
    first, second = (int(at) for at in filled[rows.code[filled] == unit][:2])
    rest = f" ({len(several)} such units)" if len(several) > 1 else ""
    happens = {"failure": "fails", "preventive": "is replaced", "running": "is said to run"}[found[unit]]
    raise UserError(
        f"{rows.place(first, name)}: unit {rows.names[unit]!r} {happens} in row {rows.row(first)} and again in row "
        f"{rows.row(second)}{rest}: give each life a unit of its own (column {rows.title(rows.unit_column)}), with the "
        "machine's name in data.group=COLUMN, or write the end on the last row only if there is one life"
    )


def _check_last(rows: Rows, name: str, found: np.ndarray, where: np.ndarray) -> None:
    """Every unit must say how it ended, on its last row."""
    last = rows.edges()[1:] - 1
    wrong = np.flatnonzero(where != last)
    if not len(wrong):
        return
    unit = wrong[0]
    rest = f" ({len(wrong)} such units)" if len(wrong) > 1 else ""
    if found[unit]:
        raise UserError(
            f"{rows.place(int(where[unit]), name)}: unit {rows.names[unit]!r} ends by {found[unit]!r} here, but its record goes on to row "
            f"{rows.row(last[unit])}{rest}: write the end on the last row only, or give the life that follows a unit of its own"
        )
    raise UserError(
        f"{rows.place(int(last[unit]), name)}: nothing says how the record of unit {rows.names[unit]!r} ended{rest}: "
        "write failure, preventive or running on its last row, or type data.end=null if every unit ran to failure"
    )


def machine_names(rows: Rows, name: str) -> tuple[str, ...]:
    """Name the machine of each unit: one for all its rows, some of which may be empty.

    Parameters
    ----------
    rows : Rows
        Of the file.
    name : str
        Column of the machine.

    Returns
    -------
    tuple of str, length n_units
        One machine a unit.

    Raises
    ------
    UserError
        For a unit of two machines, or of none.

    Examples
    --------
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"unit": ["A", "A", "B"], "time": [1.0, 2.0, 1.0], "pump": ["P1", None, "P1"]})
    >>> machine_names(sorted_rows(Table(frame, None, Path("a.csv")), unit="unit", time="time"), "pump")
    ('P1', 'P1')
    """
    cells = rows.frame[name]
    known = cells.notna().to_numpy()
    groups: dict[int, str] = {}
    pairs = pd.DataFrame(
        {"unit": rows.code[known], "group": cells[known].to_numpy(), "at": np.flatnonzero(known)}
    )
    for unit, group, at in pairs.drop_duplicates(["unit", "group"]).itertuples(index=False):
        if unit in groups:
            raise UserError(
                f"{rows.place(int(at), name)}: unit {rows.names[unit]!r} belongs to {group!r} here and to {groups[unit]!r} above: "
                "a unit is one life of one machine, correct the column"
            )
        groups[unit] = str(group)
    if empty := [unit for unit in range(len(rows.names)) if unit not in groups]:
        at = int(rows.edges()[empty[0]])
        raise UserError(
            f"{rows.place(at, name)}: unit {rows.names[empty[0]]!r} has no machine, fill the column or type data.group=null"
        )
    return tuple(groups[unit] for unit in range(len(rows.names)))


def usable_columns(
    rows: Rows, names: Sequence[str], ends: np.ndarray, *, settings: bool = False
) -> tuple[list[str], list[dict[str, Any]]]:
    """Choose the columns to keep; what no physical quantity has is an error.

    Parameters
    ----------
    rows : Rows
        Of the file.
    names : sequence of str
        Number columns.
    ends : ndarray of str, shape (n_units,)
        From `record_ends`: a sensor that is the remaining life of the failed units gives the answer away.
    settings : bool
        Operating conditions only need a value; they may be constant.

    Returns
    -------
    kept : list of str
        Columns that can be used.
    gone : list of dict
        ``column`` and ``reason`` (in both languages) of the others.

    Raises
    ------
    UserError
        When a value is infinite or beyond 1e12.

    Examples
    --------
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"unit": "A", "time": [1.0, 2.0], "x": [5.0, 7.0], "fixed": 3.0})
    >>> rows = sorted_rows(Table(frame, None, Path("a.csv")), unit="unit", time="time")
    >>> usable_columns(rows, ["x", "fixed"], record_ends(rows, None))
    (['x'], [{'column': 'fixed', 'reason': {'en': 'it is constant', 'fr': 'elle est constante'}}])
    """
    kept: list[str] = []
    gone: list[dict[str, Any]] = []
    for name in names:
        values = rows.frame[name].to_numpy(dtype=np.float64)
        for wrong, what in ((np.isinf(values), "is infinite"), (np.abs(values) > HUGE, "is beyond 1e12")):
            if wrong.any():
                at = int(wrong.argmax())
                raise UserError(
                    f"{rows.place(at, name)}: {_plain(values[at])} {what} ({int(wrong.sum())} such cells): "
                    "correct it, or empty the cell if the value is missing"
                )
        reason = _useless(rows, values, ends, settings)
        if reason is None:
            kept.append(name)
            continue
        gone.append({"column": name, "reason": asdict(reason)})
        level = logging.INFO if reason == CONSTANT else logging.WARNING
        logger.log(level, "column %r is left out: %s", rows.table.titles.get(name, name), reason.en)
    return kept, gone


def _useless(rows: Rows, values: np.ndarray, ends: np.ndarray, settings: bool) -> Text | None:
    """Why a column cannot be used; None when it can."""
    known = values[~np.isnan(values)]
    if not len(known):
        return NO_VALUE
    if settings:
        return None
    if known.min() == known.max():
        return CONSTANT
    return ANSWER if _is_countdown(rows, values, ends == "failure") else None


def _is_countdown(rows: Rows, values: np.ndarray, failed: np.ndarray) -> bool:
    """Whether a column falls by the time that passes in every life that failed: it would give the answer away."""
    edges = rows.edges()
    chosen = failed[rows.code]
    first = edges[rows.code]
    change = np.abs((values - values[first]) + (rows.time - rows.time[first]))[chosen]
    return bool(
        (np.diff(edges)[failed] > 1).any() and (change <= 1e-6 * max(1.0, float(rows.time.max()))).all()
    )


def _plain(value: Any) -> str:
    """A cell's value for a message."""
    return f"{value:g}" if isinstance(value, float) else str(value).removesuffix(" 00:00:00")

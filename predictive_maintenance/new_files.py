"""A person's new file for a saved model: the columns of the training file, under the names that it had.

Any spreadsheet that ``data=own`` reads, and for a model of C-MAPSS also NASA's own text files without header. What is wrong
with the file as a whole is an error; what is wrong with a unit stays in the rows, for
`predictive_maintenance.new_rows.answer` to list.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance.data.own_rows import DATE_UNITS
from predictive_maintenance.model_schema import Schema
from usecases.errors import UserError, nearest
from usecases.tabular import Table, read_table
from usecases.textfile import decode, existing_file, read_bytes

logger = logging.getLogger(__name__)

Share = Callable[[str], float | None]
HEAD = 4096  # bytes that tell a text file without header from a spreadsheet


def unknown_share(name: str) -> float | None:
    """Say nothing of the share of a column in what the model learned from.

    Parameters
    ----------
    name : str
        Of the column.

    Examples
    --------
    >>> unknown_share("vibration") is None
    True
    """
    return None


def read_file(
    schema: Schema, path: str | Path, *, anyway: bool = False, share: Share = unknown_share
) -> pd.DataFrame:
    r"""Read a file as inputs of a model.

    Parameters
    ----------
    schema : Schema
        What the model was trained on.
    path : str or pathlib.Path
        CSV, .xlsx, or a text file of C-MAPSS for a model of C-MAPSS.
    anyway : bool
        A column of the training file that is not there is taken for a sensor without any value.
    share : callable
        See `check_columns`.

    Returns
    -------
    pandas.DataFrame
        Columns ``unit`` (text), ``time`` (age in the time unit of training), settings and sensors, as floats; the index is
        the row of the file. A cell with text stays what it is, in a column of objects. ``attrs["dialect"]`` says how a
        spreadsheet was written, ``attrs["from_dates"]`` whether ages were counted from each unit's first date.

    Raises
    ------
    UserError
        When the file cannot be read or lacks a column.

    Examples
    --------
    >>> import tempfile
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> from predictive_maintenance.model_schema import describe
    >>> file = Path(tempfile.mkdtemp()) / "week.csv"
    >>> _ = file.write_text("unit;time;counter\nA;1;0,5\nA;2;0,6\n", encoding="utf-8")
    >>> read_file(describe(toy_data().inputs, level=0.9), file)["counter"].tolist()
    [0.5, 0.6]
    """
    columns = schema.reading.get("text_columns")
    if columns and _is_plain_text(existing_file(path), len(columns)):
        frame = _plain_text(existing_file(path), columns)
    else:
        frame = _spreadsheet(schema, path, anyway, share)
    frame.index.name = "row"
    frame = _oldest_first(frame)
    return frame[["unit", "time", *schema.columns]]


def check_columns(
    schema: Schema,
    present: Collection[str],
    others: Collection[str],
    share: Share = unknown_share,
    *,
    where: str = "the input",
) -> None:
    """Refuse inputs that lack a column of the training data.

    Parameters
    ----------
    schema : Schema
        What the model was trained on.
    present : collection of str
        Columns that are there, by their names at training.
    others : collection of str
        Further titles, for the message.
    share : callable
        ``share(name)``: share of a column in what the model learned from, or None.
    where : str
        What lacks it.

    Raises
    ------
    UserError
        Naming all columns that lack, and the nearest titles.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> from predictive_maintenance.model_schema import describe
    >>> check_columns(describe(toy_data().inputs, level=0.9), ["unit", "time"], ["countr"], lambda name: 0.8)
    Traceback (most recent call last):
    usecases.errors.UserError: the input lacks the column 'counter' (80 % of what the model learned from): did you mean 'countr'? \
the other columns are countr; correct the title, or type --anyway to do without
    """
    missing = [name for name in schema.columns if name not in present]
    if not missing:
        return
    told = []
    for name in missing[:10]:
        part = share(name)
        told.append(
            f"{name!r}" + ("" if part is None else f" ({100 * part:.0f} % of what the model learned from)")
        )
    more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
    if others:
        hint = (
            nearest(missing[0], others).replace("allowed:", "the other columns are") + "; correct the title"
        )
    else:
        hint = "add it"
    raise UserError(
        f"{where} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(told)}{more}: {hint}, or type --anyway to do without"
    )


def _spreadsheet(schema: Schema, path: str | Path, anyway: bool, share: Share) -> pd.DataFrame:
    """Read a spreadsheet with the titles of the training file."""
    unit, time = schema.reading.get("unit", "unit"), schema.reading.get("time", "time")
    table = _table(schema, path, unit, time)
    missing = [name for name in schema.columns if name not in table.frame.columns]
    if missing and not anyway:
        check_columns(schema, table.frame.columns, table.others, share, where=str(table.path))
    if missing:
        logger.warning(
            "%s: no column %s, taken for a sensor without any value", table.path.name, ", ".join(missing)
        )
    if table.others:
        logger.info("%s: columns that the model does not use: %s", table.path.name, ", ".join(table.others))
    frame = table.frame.assign(**dict.fromkeys(missing, np.nan))
    frame[time] = _age(table, time, unit, schema.time_unit)
    frame = frame.rename(columns={unit: "unit", time: "time"})
    frame.attrs["dialect"] = table.dialect  # an answer is written as the file is
    frame.attrs["from_dates"] = table.frame[time].dtype.kind == "M"
    return frame


def _table(schema: Schema, path: str | Path, unit: str, time: str) -> Table:
    """Read the cells; what this file leaves undecided is decided as in the training file."""
    asked: dict[str, Any] = {
        "required": [unit, time],
        "numeric": list(schema.columns),
        "dates": [time],
        "text": [unit],
        "aliases": {
            name: titles
            for name, titles in schema.reading.get("aliases", {}).items()
            if name in (unit, time, *schema.columns)
        },
        "keep": [unit, time, *schema.columns],
        "within": unit,
        "strict": False,
    }
    try:
        return read_table(path, **asked)
    except UserError as error:
        dialect = schema.reading.get("dialect")
        if not dialect:
            raise
        try:
            return read_table(path, **asked, **dialect)
        except UserError:
            raise error from None


def _age(table: Table, time: str, unit: str, time_unit: str) -> pd.Series:
    """Age at each row: dates count from the unit's first row, as at training."""
    times = table.frame[time]
    if times.dtype.kind != "M":
        return times
    if time_unit not in DATE_UNITS:
        raise UserError(
            f"{table.place(column=time)} holds dates and the model was trained on {time_unit}: give the age in {time_unit}"
        )
    since = times - times.groupby(table.frame[unit].fillna("")).transform("min")
    return (since / pd.Timedelta(days=1)).astype(np.float64) * DATE_UNITS[time_unit]


def _oldest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn a file that goes backwards in time, as some systems export it; a disorder in some units stays."""
    if frame["time"].dtype != np.float64:
        return frame
    step = frame.groupby(frame["unit"].fillna(""))["time"].diff().dropna()
    if not len(step) or (step >= 0).any():
        return frame
    logger.info("the rows go backwards in time: they are turned")
    order = frame.groupby("unit", sort=False, dropna=False).ngroup().to_numpy()
    return frame.iloc[np.lexsort((np.arange(len(frame))[::-1], order))]


def _is_plain_text(path: Path, n_columns: int) -> bool:
    """Whether the first line is so many numbers between spaces."""
    content = read_bytes(path)
    lines = [line for line in content[:HEAD].splitlines() if line.strip()]
    try:
        return bool(lines) and len([float(cell) for cell in lines[0].split()]) == n_columns
    except ValueError:
        return False


def _plain_text(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a text file without header: unit, time, settings, sensors."""
    text, _ = decode(path, read_bytes(path), "utf-8")
    cells = [(row, line.split()) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    for row, line in cells:
        if len(line) != len(columns):
            raise UserError(
                f"{path}, row {row}: {len(line)} columns, {len(columns)} expected (unit, time, settings, sensors): correct it"
            )
    frame = pd.DataFrame([line for _, line in cells], columns=columns, index=[row for row, _ in cells])
    for name in columns[1:]:
        values = pd.to_numeric(frame[name], errors="coerce")
        bad = values.isna() & (frame[name].str.lower() != "nan")
        frame[name] = (
            values.astype(object).where(~bad, frame[name]) if bad.any() else values.astype(np.float64)
        )
    return frame

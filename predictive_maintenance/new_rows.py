"""New rows for a saved model: every unit gets a prediction, or the reason why it has none.

What concerns the whole input is an error: no row, a column that lacks, values on another scale. What concerns one unit is its
status: ``ok``, ``scored with a warning`` or ``not scored``; the other units are scored. No unit is left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from predictive_maintenance.data.own_rows import DATE_UNITS, HUGE, LONGEST_DAYS
from predictive_maintenance.histories import Histories
from predictive_maintenance.model_schema import Schema
from predictive_maintenance.models import EARLY, SavedModel, early_rows
from predictive_maintenance.new_files import check_columns
from predictive_maintenance.new_row_words import (
    AGES_FROM_FIRST_ROW,
    Faults,
    Warnings,
    on_another_scale,
)
from predictive_maintenance.scales import FIRST_AND_LAST, TIME_STEP, columns_of, levels, other_scale, unusual
from usecases.contract import Outcome, Text
from usecases.errors import UserError

logger = logging.getLogger(__name__)

OK, WARNED, NOT_SCORED = "ok", "scored with a warning", "not scored"
Say = Text | Callable[[int], Text]  # the same for all, or by row or unit
FEW_ROWS = 5  # a history this short shows no trend


def answer(model: SavedModel, inputs: pd.DataFrame, *, anyway: bool = False) -> Outcome:
    """Predict the remaining life of every unit at its last row.

    Parameters
    ----------
    model : SavedModel
        From `predictive_maintenance.models.load_model`.
    inputs : pandas.DataFrame
        Columns ``unit``, ``time``, settings and sensors; one row for each unit and time, in the order of time. Others are
        not looked at.
    anyway : bool
        Score also without a column, and with columns on another scale than at training: with a warning.

    Returns
    -------
    Outcome
        `answer` has one row for each unit, in the order of appearance: unit, time (of the last row), prediction, low, high,
        status, reason (English; in both languages in ``details["reasons"]``). Not ``complete`` when a unit was not scored.

    Raises
    ------
    UserError
        When the input has no row, lacks a column, or is on another scale.

    Examples
    --------
    >>> answer(model, frame).answer  # doctest: +SKIP
    """
    frame = _table(model, inputs, anyway=anyway)
    code, names = pd.factorize(frame["unit"])
    values, faults = _sort_out(frame, code, names, model.schema)
    scored = np.array([unit for unit in range(len(names)) if unit not in faults], dtype=np.int64)
    out = pd.DataFrame(
        {"unit": pd.Series(names, dtype=object), "time": _last(values["time"], code, len(names))}
    )
    for name in ("prediction", "low", "high"):
        out[name] = np.nan
    warnings: dict[int, Text] = {}
    if len(scored):
        histories = _histories(values, code, names, scored, model.schema)
        elsewhere = _elsewhere(model.schema, histories, anyway=anyway)
        predicted, early = _predict(model, histories)
        warnings = dict(zip(scored.tolist(), _check(model, histories, elsewhere, early), strict=True))
        low, high = model.intervals.interval(predicted)
        out.loc[scored, ["prediction", "low", "high"]] = np.column_stack([predicted, low, high])
        for unit in scored[~np.isfinite(predicted)].tolist():
            faults[unit] = Faults.NO_NUMBER
            out.loc[unit, ["low", "high"]] = np.nan
    reasons = {**{unit: text for unit, text in warnings.items() if text.en}, **faults}
    out["status"] = [NOT_SCORED if u in faults else WARNED if u in reasons else OK for u in range(len(names))]
    out["reason"] = [reasons[u].en if u in reasons else "" for u in range(len(names))]
    return Outcome(
        answer=out,
        model=model.method,
        details={"reasons": {str(names[unit]): text for unit, text in sorted(reasons.items())}},
        complete=not faults,
        notes=(AGES_FROM_FIRST_ROW,) if inputs.attrs.get("from_dates") else (),
    )


def invented(schema: Schema, n_units: int = 2, n_rows: int = 30) -> pd.DataFrame:
    """Invent rows inside the ranges of the training data: they show the form of an input and are nobody's.

    Parameters
    ----------
    schema : Schema
        Of the model.
    n_units, n_rows : int
        How many units, and rows of each.

    Returns
    -------
    pandas.DataFrame
        Columns unit, time, settings, sensors.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> from predictive_maintenance.model_schema import describe
    >>> invented(describe(toy_data().inputs, level=0.9)).shape
    (60, 3)
    """
    rng = np.random.default_rng(0)
    step = schema.scales[TIME_STEP].low if TIME_STEP in schema.scales else 1.0
    first = min(step, schema.training["latest_start"])
    parts = []
    for unit in range(n_units):
        part = {"unit": f"example {unit + 1}", "time": first + step * np.arange(n_rows)}
        for name in schema.columns:
            scale = schema.scales.get(name)
            level = np.nan if scale is None else rng.uniform(scale.low, scale.high)
            spread = 0.0 if scale is None else (scale.narrow + scale.wide) / 2
            part[name] = level + spread * rng.uniform(-1, 1, n_rows)
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def _table(model: SavedModel, inputs: pd.DataFrame, *, anyway: bool) -> pd.DataFrame:
    """The columns of the model, and units as text; the rest is left out."""
    frame, schema = pd.DataFrame(inputs), model.schema
    if twice := sorted({str(name) for name in frame.columns[frame.columns.duplicated()]}):
        raise UserError(f"the input has two columns {', '.join(twice)}: rename or delete one")
    if missing := [name for name in ("unit", "time") if name not in frame]:
        raise UserError(
            f"the input has no column {' and no column '.join(missing)}: one row for each unit and time was expected, with the columns "
            f"unit, time, {', '.join(schema.columns)}"
        )
    if frame.empty:
        raise UserError("the input has no row: give at least one row of a unit")
    if not anyway:  # a column without any value is there: a silent sensor costs a warning
        others = [str(name) for name in frame.columns if name not in (*schema.columns, "unit", "time")]
        check_columns(schema, list(frame.columns), others, model.importance)
    frame = frame.reindex(columns=["unit", "time", *schema.columns])
    return frame.assign(unit=[_name(unit) for unit in frame["unit"]])


def _name(unit: object) -> str:
    """Name of a unit as text: 5.0 is "5", a missing one is empty."""
    if unit is None or unit is pd.NA or unit is pd.NaT or (isinstance(unit, float) and np.isnan(unit)):
        return ""
    if isinstance(unit, float | np.floating) and float(unit).is_integer():
        return str(int(unit))
    return str(unit).strip()


def _sort_out(
    frame: pd.DataFrame, code: np.ndarray, names: Iterable[str], schema: Schema
) -> tuple[pd.DataFrame, dict[int, Text]]:
    """The values as floats, and the first reason why a unit cannot be scored."""
    faults: dict[int, Text] = {unit: Faults.NO_NAME for unit, name in enumerate(names) if not name}

    def fault(rows: np.ndarray, say: Say) -> None:
        units, first = np.unique(code[rows], return_index=True)
        for unit, at in zip(units.tolist(), np.flatnonzero(rows)[first].tolist(), strict=True):
            if unit not in faults:
                faults[unit] = say(at) if callable(say) else say

    place = Faults.places(frame.index)
    values = {}
    for name in ("time", *schema.columns):
        given = frame[name]
        values[name] = number = pd.to_numeric(given, errors="coerce").to_numpy(
            dtype=np.float64, na_value=np.nan
        )
        blank = (
            given.isna().to_numpy() | (given.astype(str).str.strip() == "").to_numpy()
            if given.dtype == object
            else np.isnan(number)
        )
        fault(
            np.isnan(number) & ~blank,
            lambda at, name=name, given=given: Faults.text(name, given.iloc[at], place(at)),
        )
    time = values["time"]
    fault(np.isnan(time), lambda at: Faults.no_time(place(at)))
    fault(~(np.abs(time) <= HUGE) | (time < 0), lambda at: Faults.odd_time(time[at], place(at)))
    previous = pd.Series(time).groupby(code).shift().to_numpy()
    fault(time == previous, lambda at: Faults.same_time(time[at], place(at)))
    fault(time < previous, lambda at: Faults.backwards(time[at], previous[at], place(at)))
    if schema.time_unit in DATE_UNITS:
        by_unit = pd.Series(time).groupby(code)
        length = (by_unit.transform("max") - by_unit.transform("min")).to_numpy()
        fault(length > LONGEST_DAYS * DATE_UNITS[schema.time_unit], Faults.CENTURY)
    for name in schema.columns:
        column = values[name]
        fault(
            np.abs(column) > HUGE,
            lambda at, name=name, column=column: Faults.huge(name, column[at], place(at)),
        )
    if schema.sensors:
        silent = np.isnan(np.column_stack([values[name] for name in schema.sensors])).all(axis=1)
        fault(pd.Series(silent).groupby(code).transform("all").to_numpy(), Faults.SILENT)
    return pd.DataFrame(values), faults


def _last(time: pd.Series, code: np.ndarray, n_units: int) -> np.ndarray:
    """Time of each unit's last row, NaN where it has none; shape (n_units,)."""
    last = np.full(n_units, np.nan)
    last[code] = time.to_numpy()  # the last row of a unit writes last
    return last


def _histories(
    values: pd.DataFrame, code: np.ndarray, names: np.ndarray, scored: np.ndarray, schema: Schema
) -> Histories:
    """Histories of the units that can be scored, in the order of appearance."""
    rows = np.flatnonzero(np.isin(code, scored))
    rows = rows[np.argsort(code[rows], kind="stable")]
    called = tuple(str(names[unit]) for unit in scored)
    return Histories(
        unit=np.searchsorted(scored, code[rows]),
        time=values["time"].to_numpy()[rows],
        sensors=values[list(schema.sensors)].to_numpy()[rows].reshape(len(rows), len(schema.sensors)),
        settings=values[list(schema.settings)].to_numpy()[rows].reshape(len(rows), len(schema.settings)),
        unit_names=called,
        groups=called,
        sensor_names=schema.sensors,
        setting_names=schema.settings,
        time_unit=schema.time_unit,
    )


def _predict(model: SavedModel, histories: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Predictions at each unit's last row and at its row 20, from one call; each of shape (n_units,)."""
    rows = np.concatenate([histories.last_rows(), early_rows(histories)])
    predicted = np.asarray(model.method.predict(histories, rows), dtype=float)
    last, early = np.clip(predicted, 0, model.schema.cap).reshape(2, histories.n_units)
    return last, early


def _elsewhere(schema: Schema, histories: Histories, *, anyway: bool) -> list[str]:
    """Columns on another scale; refuses them unless one insists."""
    level, spread = levels(columns_of(histories), histories.unit)
    few = np.median(np.diff(histories.bounds())) < FIRST_AND_LAST
    elsewhere = other_scale(schema.scales, level, spread, few_rows=bool(few))
    if elsewhere and not anyway:
        raise on_another_scale(schema, elsewhere)
    return list(elsewhere)


def _check(model: SavedModel, histories: Histories, elsewhere: list[str], early: np.ndarray) -> list[Text]:
    """What is unusual in each unit (an empty text: nothing)."""
    schema = model.schema
    level, _ = levels(columns_of(histories), histories.unit)
    edges = histories.bounds()
    first, last, rows = histories.time[edges[:-1]], histories.time[edges[1:] - 1], np.diff(edges)
    found: list[list[Text]] = [[] for _ in range(histories.n_units)]

    def warn(units: np.ndarray, say: Say) -> None:
        for unit in np.flatnonzero(units).tolist():
            found[unit].append(say(unit) if callable(say) else say)

    known, unit = schema.training, schema.time_unit
    for name in elsewhere:
        warn(
            np.ones(histories.n_units, dtype=bool),
            Warnings.scale(TIME_STEP if name == TIME_STEP else schema.label(name)),
        )
    for name in schema.columns:
        lacks = level[name].isna().to_numpy() & (name in schema.scales)
        if lacks.any():
            warn(lacks, Warnings.lacks(schema.label(name), model.importance(name)))
    for name, far in unusual(schema.scales, level).items():
        if name not in elsewhere:
            scale = schema.scales[name]
            warn(
                far,
                lambda u, name=name, scale=scale: Warnings.far(
                    schema.label(name), level[name].iloc[u], scale
                ),
            )
    warn(last > known["oldest"], lambda u: Warnings.old(last[u], known["oldest"], unit))
    warn(first > known["latest_start"], lambda u: Warnings.late(first[u], known["latest_start"], unit))
    whole = (first <= known["latest_start"]) & (early < known.get("prediction_when_new", 0.0) - 1e-6)
    warn(whole & (rows >= EARLY), Warnings.begins_worn)
    warn(rows > known["longest"], lambda u: Warnings.long(int(rows[u]), int(known["longest"])))
    warn(rows < FEW_ROWS, lambda u: Warnings.short(int(rows[u])))
    return [Warnings.joined(texts) for texts in found]

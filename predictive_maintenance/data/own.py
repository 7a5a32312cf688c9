"""The data source ``own``: a person's spreadsheet of machine histories, read into lives and questions.

One row for each unit and time; what a column holds is said by its title. How the file is written (separator, decimal
comma, dates) is the business of `usecases.tabular`, what the rows mean of `predictive_maintenance.data.own_rows`; an
example file comes from `predictive_maintenance.data.own_template`. No row of the person's data goes into the description.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance.data.own_rows import (
    TIME_UNITS,
    Rows,
    machine_names,
    record_ends,
    sorted_rows,
    usable_columns,
)
from predictive_maintenance.data.protocol import apply_protocol, check_protocol, hold_out
from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.contract import Text
from usecases.errors import TooFewError, UserError, nearest
from usecases.tabular import Table, check_options, read_table

logger = logging.getLogger(__name__)

LEAST_FAILURES = (
    6  # lives to learn from: fewer cannot be split into a part to learn from and a part to check on
)
CAP_SHARE = 0.6  # of the median length of the failed lives, as 125 of 206 cycles is on C-MAPSS FD001
HELD_OUT_STREAM = 75  # first word of the random stream; the protocol has 71 to 74
ALIASES = {"unit": ("unité",), "time": ("temps", "date"), "end": ("fin",)}  # titles of the French template
# What the description says, to people.
YOURS = Text("yours", "la vôtre")
ENDS = {
    True: Text("column", "données par une colonne"),
    False: Text("run to end", "chaque unité est réputée avoir fonctionné jusqu'à la défaillance"),
}
ASKED = {
    True: Text("running units", "unités en service"),
    False: Text("held-out units", "unités mises de côté"),
}
ORIGIN = {
    True: Text("first row of the unit", "première ligne de l'unité"),
    False: Text("the file's own", "celle du fichier"),
}
CAP_RULE = {
    True: Text("given", "donné"),
    False: Text(
        "60 % of the median length of the failed lives",
        "60 % de la durée médiane des vies finies par une défaillance",
    ),
}
ONE_ROW = Text("one row only: not learned from", "une seule ligne : non utilisée pour l'apprentissage")
ONE_ROW_ASKED = Text(
    "one row only: not learned from, but answered",
    "une seule ligne : non utilisée pour l'apprentissage, mais sa durée de vie résiduelle est estimée",
)

NO_SENSOR_VALUE = Text(
    "not one sensor value in its rows: nothing is known of its state",
    "aucune valeur de capteur dans ses lignes : rien n'est connu de son état",
)
NO_SENSOR_VALUE_ASKED = Text(
    "not one sensor value in its rows: its remaining life is estimated without knowing its state",
    "aucune valeur de capteur dans ses lignes : sa durée de vie résiduelle est estimée sans connaître son état",
)


@dataclass(frozen=True)
class Own:
    """A person's own histories of machines as RUL data.

    The file has one row for each unit and time: a unit, a time (numbers, or dates, which become days since the unit's first
    row), sensors, and in the column `end` how the record of the unit ended, on its last row or on all: ``failure``,
    ``preventive`` or ``running``. Without that column every unit is taken to have run to failure.

    Units that still run are those whose remaining life is asked: they are the test set, without truth, and training lives
    known to be longer (right-censored). When none runs, a share of the machines is held out, each cut at a random row.

    A unit with one row teaches nothing: it is left out of training with a warning, and still answered if it runs.

    Parameters
    ----------
    path : str
        The file, CSV or .xlsx.
    unit, time : str
        Columns of the unit's name and of the time.
    end : str, optional
        Column that says how the record ended; None ignores it.
    group : str, optional
        Column of the machine, when one machine has several lives; by default each unit is a machine.
    settings : sequence of str
        Columns of operating conditions imposed from outside (load, speed).
    sensors : sequence of str, optional
        Columns of sensors; by default all other number columns.
    time_unit : {"cycles", "days", "hours"}, optional
        Unit of the time; by default days for dates and cycles for numbers. Dates may be turned into hours.
    cap : float, optional
        Labels are capped at this remaining life; by default 60 % of the median length of the failed lives, rounded to
        two digits.
    sep, decimal, encoding, dayfirst : optional
        Force what `usecases.tabular.read_table` recognises.
    test_share : float
        Share of the machines with a failure that is held out when no unit runs, 0.05 to 0.5.
    max_groups, fold, shuffle_target
        See `predictive_maintenance.data.protocol.apply_protocol`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from predictive_maintenance.data.own_template import write_template
    >>> file = Path(tempfile.mkdtemp()) / "relevés.csv"
    >>> write_template(file, lang="fr")
    >>> data = Own(path=str(file)).read(seed=0)
    >>> data.inputs.test.n_units, int(data.inputs.lives.failed.sum()), data.inputs.train.time_unit, data.rul
    (4, 16, 'days', None)
    """

    path: str | None = None
    unit: str = "unit"
    time: str = "time"
    end: str | None = "end"
    group: str | None = None
    settings: Sequence[str] = ()
    sensors: Sequence[str] | None = None
    time_unit: str | None = None
    cap: float | None = None
    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    dayfirst: bool | None = None
    test_share: float = 0.25
    max_groups: int | None = None
    fold: int | None = None
    shuffle_target: bool = False

    def __post_init__(self) -> None:
        if not self.path:
            raise UserError(
                "data=own needs data.path=FILE, a CSV file with one row for each unit and time: "
                "usecases data template predictive_maintenance/rul writes an example"
            )
        if self.time_unit is not None and self.time_unit not in TIME_UNITS:
            raise UserError(
                f"data.time_unit={self.time_unit} was given: {nearest(str(self.time_unit), TIME_UNITS)}"
            )
        check_options(sep=self.sep, decimal=self.decimal, encoding=self.encoding)
        if self.dayfirst not in (None, True, False):
            raise UserError(
                f"data.dayfirst={self.dayfirst} was given: type data.dayfirst=true, false, or null to have it recognised"
            )
        if not isinstance(self.test_share, int | float) or not 0.05 <= self.test_share <= 0.5:
            raise UserError(
                f"data.test_share={self.test_share} was given, a share from 0.05 to 0.5 was expected: type data.test_share=0.25"
            )
        roles = [self.unit, self.time, self.end, self.group, *self.settings, *(self.sensors or ())]
        named = [name for name in roles if name is not None]
        if twice := next((name for name in named if named.count(name) > 1), None):
            raise UserError(
                f"column {twice!r} was given two parts to play: name it once among data.unit to data.sensors"
            )
        check_protocol(cap=1.0 if self.cap is None else self.cap, max_groups=self.max_groups, fold=self.fold)

    def read(self, seed: int) -> RulData:
        """Read the file.

        Parameters
        ----------
        seed : int
            Of the held-out machines and their cuts; not used when units are running.

        Returns
        -------
        RulData
            Inputs; true remaining lives, or None when running units are asked; a description without any row of the file.

        Raises
        ------
        UserError
            With file, row and column, for whatever is wrong in the file.
        """
        state = _state(str(self.path))
        rows, histories, ends, left_out = _parsed(state, *_choices(self)) if state else self._parse()
        data = _split(rows, histories, ends, self, seed)
        data.description["left_out_columns"] = list(left_out)
        if silent := _say_silent(rows, histories, ends):
            data.description["no_sensor_value"] = silent
        return apply_protocol(
            data, max_groups=self.max_groups, fold=self.fold, shuffle_target=self.shuffle_target, seed=seed
        )

    def _parse(self) -> tuple[Rows, Histories, np.ndarray, tuple[dict[str, Any], ...]]:
        """Read the file into histories, how they ended, and the columns that were left out."""
        rows = sorted_rows(self._table(), unit=self.unit, time=self.time, time_unit=self.time_unit)
        ends = record_ends(rows, self.end)
        groups = rows.names if self.group is None else machine_names(rows, self.group)
        settings, gone = usable_columns(rows, list(self.settings), ends, settings=True)
        sensors, also_gone = usable_columns(rows, self._sensor_names(rows.frame), ends)
        if not sensors:
            raise self._no_sensor(rows, also_gone)
        titles = {name: rows.title(name) for name in (*sensors, *settings)}
        histories = Histories(
            rows.code, rows.time, rows.values(sensors), rows.values(settings), rows.names, groups,
            tuple(sensors), tuple(settings), rows.time_unit,
            sensor_labels={name: Text(title, title) for name, title in titles.items()},
            reading=self._reading(rows),
        )  # fmt: skip
        return rows, histories, ends, (*gone, *also_gone)

    def _table(self) -> Table:
        """Read the file; the default titles have French equivalents."""
        named = dict.fromkeys(self.settings, "data.settings") | dict.fromkeys(
            self.sensors or (), "data.sensors"
        )
        required = {self.unit: "data.unit", self.time: "data.time"} | named
        if self.end not in (None, "end"):
            required[str(self.end)] = "data.end"
        if self.group is not None:
            required[self.group] = "data.group"
        return read_table(
            str(self.path),
            sep=self.sep,
            decimal=self.decimal,
            encoding=self.encoding,
            dayfirst=self.dayfirst,
            required=required,
            numeric=list(named),
            dates=[self.time],
            text=[name for name in (self.unit, self.end, self.group) if name is not None],
            aliases={name: ALIASES[name] for name in (self.unit, self.time, self.end) if name in ALIASES},
            keep=None if self.sensors is None else [*required, *([self.end] if self.end else [])],
            within=self.unit,
        )

    def _reading(self, rows: Rows) -> dict[str, Any]:
        """How a new file of the same kind is read: what columns are called, and how this file was written."""
        dialect = rows.table.dialect
        known = {**rows.table.titles, self.unit: rows.title(self.unit), self.time: rows.title(self.time)}
        aliases = {
            name: list(dict.fromkeys([title, *ALIASES.get(name, ())]))
            for name, title in known.items()
            if name != self.end
        }
        return {
            "unit": self.unit,
            "time": self.time,
            "aliases": aliases,
            "from_dates": rows.from_dates,
            "dialect": {
                "sep": dialect.sep or None,
                "decimal": dialect.decimal,
                "encoding": None if dialect.encoding == "xlsx" else dialect.encoding,
                "dayfirst": dialect.dayfirst,
            },
        }

    def _sensor_names(self, frame: pd.DataFrame) -> list[str]:
        """The sensors asked for, else all number columns that play no other part."""
        if self.sensors is not None:
            return list(self.sensors)
        free = self._free(frame)
        numbers = [name for name in free if frame[name].dtype == np.float64]
        if len(numbers) < len(free):
            texts = ", ".join(name for name in free if name not in numbers)
            logger.info("columns of text are no sensors and are left out: %s", texts)
        return numbers

    def _free(self, frame: pd.DataFrame) -> list[str]:
        """Columns that play no other part."""
        taken = (self.unit, self.time, self.end, self.group, *self.settings)
        return [name for name in frame.columns if name not in taken]

    def _no_sensor(self, rows: Rows, gone: Sequence[dict[str, Any]]) -> UserError:
        """Name the columns that are no sensors, and why."""
        why = [f"{rows.title(entry['column'])!r} ({entry['reason']['en']})" for entry in gone]
        for name in self._free(rows.frame) if self.sensors is None else ():
            column = rows.frame[name].sort_index()
            if column.dtype != np.float64:
                row = int(column.notna().idxmax())
                why.append(f"{rows.title(name)!r} (text, such as {str(column[row])!r} in row {row})")
        left_out = f" ({', '.join(why[:10])} left out)" if why else ""
        return UserError(
            f"{rows.table.path} has no sensor column left{left_out}: a column that varies and holds numbers alone, without "
            "unit or sign, is needed beside unit, time and end; correct the cells, or name columns with data.sensors=[a,b]"
        )


def _choices(own: Own) -> tuple[Any, ...]:
    """All that decides how the file is read, as values that can be compared; the protocol comes after it."""
    plain = replace(own, max_groups=None, fold=None, shuffle_target=False)
    return tuple(tuple(v) if isinstance(v, list) else v for v in vars(plain).values())


def _state(path: str) -> tuple[str, int, int] | None:
    """Place, time and size of the file: one that was saved again is read again. None when it cannot be told."""
    try:
        file = Path(path).resolve()
        found = file.stat()
    except (OSError, ValueError):
        return None
    return str(file), found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _parsed(
    state: tuple[str, int, int], *choices: Any
) -> tuple[Rows, Histories, np.ndarray, tuple[dict[str, Any], ...]]:
    """Read the same file once for all folds, group limits and shuffles that are asked of it one after the other."""
    return Own(*choices)._parse()


def _split(rows: Rows, histories: Histories, ends: np.ndarray, own: Own, seed: int) -> RulData:
    """Training lives and questions: the running units, or else held-out machines."""
    edges = rows.edges()
    single = np.diff(edges) < 2
    ends_at = rows.time[edges[1:] - 1]
    failed, running = ends == "failure", ends == "running"
    left_out = _say_left_out(rows, ends, single)
    usable = failed & ~single
    if usable.sum() < LEAST_FAILURES:
        alone = f", {int((failed & single).sum())} with one row only" if (failed & single).any() else ""
        raise TooFewError(
            f"{rows.table.path} has {int(usable.sum())} units to learn from that ended by a failure, {LEAST_FAILURES} are "
            f"needed ({int((ends == 'preventive').sum())} preventive, {int(running.sum())} running{alone}, which do not count as "
            "failures): add lives"
        )
    cap = own.cap or _default_cap((ends_at - rows.time[edges[:-1]])[usable], rows.time_unit)
    learned = np.flatnonzero(~single)
    train, lives = histories.select(learned), Lives(ends_at[learned], failed[learned])
    if running.any():
        inputs, rul = RulInputs(train, lives, histories.select(np.flatnonzero(running)), cap), None
    elif own.fold is not None:  # the fold will be the test set: nothing else is held out
        inputs, rul = RulInputs(train, lives, histories.select([]), cap), None
    else:
        held = _held_groups(train.groups, lives.failed, own.test_share, seed)
        inputs, rul = hold_out(train, lives, held, seed=seed, cap=cap)
    return RulData(inputs, rul, _describe(rows, histories, ends, own, cap) | {"left_out": left_out})


def _describe(rows: Rows, histories: Histories, ends: np.ndarray, own: Own, cap: float) -> dict[str, Any]:
    """What was read, without any row."""
    return {
        "name": "own",
        "kind": "own",
        "licence": asdict(YOURS),
        "file": rows.table.path.name,
        "dialect": {lang: rows.table.dialect.phrase(lang) for lang in ("en", "fr")},
        "ends": asdict(ENDS[own.end in rows.frame.columns]),
        "asked": asdict(ASKED[bool((ends == "running").any())]),
        "time_unit": rows.time_unit,
        "time_origin": asdict(ORIGIN[rows.from_dates]),
        "cap": cap,
        "cap_rule": asdict(CAP_RULE[own.cap is not None]),
        "n_units": len(rows.names),
        "n_rows": len(rows.frame),
        "n_failed": int((ends == "failure").sum()),
        "n_preventive": int((ends == "preventive").sum()),
        "n_running": int((ends == "running").sum()),
        "n_sensors": len(histories.sensor_names),
        "n_settings": len(histories.setting_names),
    }


def _say_left_out(rows: Rows, ends: np.ndarray, single: np.ndarray) -> list[dict[str, Any]]:
    """Units with one row: named in the log and in the description."""
    left_out = []
    for unit in np.flatnonzero(single):
        name, reason = rows.names[unit], ONE_ROW_ASKED if ends[unit] == "running" else ONE_ROW
        left_out.append({"unit": name, "reason": asdict(reason)})
        logger.warning("unit %r (row %d): %s", name, rows.row(int(rows.edges()[unit])), reason.en)
    return left_out


def _say_silent(rows: Rows, histories: Histories, ends: np.ndarray) -> list[dict[str, Any]]:
    """Units without one sensor value: named in the log and in the description."""
    known = np.zeros(histories.n_units, dtype=bool)
    np.logical_or.at(known, histories.unit, ~np.isnan(histories.sensors).all(axis=1))
    silent = []
    for unit in np.flatnonzero(~known):
        reason = NO_SENSOR_VALUE_ASKED if ends[unit] == "running" else NO_SENSOR_VALUE
        silent.append({"unit": rows.names[unit], "reason": asdict(reason)})
        logger.warning("unit %r (row %d): %s", rows.names[unit], rows.row(int(rows.edges()[unit])), reason.en)
    return silent


def _default_cap(lengths: np.ndarray, time_unit: str) -> float:
    """60 % of the median length, rounded to two digits."""
    value = CAP_SHARE * float(np.median(lengths))
    cap = float(f"{value:.1e}")
    logger.info(
        "labels are capped at %g %s, 60 %% of the median length of the failed lives (data.cap=NUMBER sets it)",
        cap,
        time_unit,
    )
    return cap


def _held_groups(groups: Sequence[str], failed: np.ndarray, share: float, seed: int) -> list[int]:
    """Units of a share of the machines that had a failure, drawn with the seed."""
    machines = list(dict.fromkeys(group for group, fails in zip(groups, failed, strict=True) if fails))
    if len(machines) < 3:
        raise UserError(
            f"the failures belong to {len(machines)} machines and none is running, 3 machines are needed to hold one out: "
            "give histories of more machines, or type data.group=null"
        )
    order = np.random.default_rng([HELD_OUT_STREAM, seed]).permutation(len(machines))
    held = {machines[at] for at in order[: min(max(1, round(share * len(machines))), len(machines) - 2)]}
    logger.info(
        "no unit is running: %d of %d machines are held out, each cut at a random row",
        len(held),
        len(machines),
    )
    return [unit for unit, group in enumerate(groups) if group in held]

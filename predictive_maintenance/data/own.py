"""The data source ``own``: a person's spreadsheet of machine histories, read into lives and questions.

One row for each unit and time; what a column holds is said by its title. How the file is written (separator, decimal
comma, dates) is the business of `usecases.tabular`; what the rows mean is checked here. No row of the person's data goes
into the description. One file on purpose: the template at the end must stay what the reader above it expects.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance.data.protocol import apply_protocol, check_protocol, hold_out
from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.tabular import Table, fold_case, read_table

logger = logging.getLogger(__name__)

LEAST_FAILURES = (
    6  # lives to learn from: fewer cannot be split into a part to learn from and a part to check on
)
HUGE = 1e12  # no physical quantity in usual units: a missing-value code or a lost decimal mark
CAP_SHARE = 0.6  # of the median length of the failed lives, as 125 of 206 cycles is on C-MAPSS FD001
HELD_OUT_STREAM = 75  # first word of the random stream; the protocol has 71 to 74
DATE_UNITS = {"days": 1.0, "hours": 24.0}
TIME_UNITS = ("cycles", *DATE_UNITS)
ALIASES = {"unit": ("unité",), "time": ("temps", "date"), "end": ("fin",)}  # titles of the French template
NO_VALUE, CONSTANT = "it has no value", "it is constant"
ANSWER = "it falls by exactly the time that passes, it is the remaining life itself"
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
        if not 0.05 <= self.test_share <= 0.5:
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
        rows = _sorted_rows(self._table(), self)
        ends = _ends(rows, self.end)
        groups = rows.names if self.group is None else _group_names(rows, self.group)
        settings, gone = _measured(rows, list(self.settings), ends, settings=True)
        sensors, also_gone = _measured(rows, self._sensor_names(rows.frame), ends)
        if not sensors:
            raise UserError(
                f"{rows.table.path} has no sensor column left: a column of numbers that varies is needed beside "
                "unit, time and end; name columns with data.sensors=[a,b]"
            )
        histories = Histories(
            rows.code, rows.time, rows.values(sensors), rows.values(settings), rows.names, groups,
            tuple(sensors), tuple(settings), rows.time_unit,
        )  # fmt: skip
        data = _split(rows, histories, ends, self, seed)
        data.description["left_out_columns"] = [*gone, *also_gone]
        return apply_protocol(
            data, max_groups=self.max_groups, fold=self.fold, shuffle_target=self.shuffle_target, seed=seed
        )

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
            self.path or "",
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

    def _sensor_names(self, frame: pd.DataFrame) -> list[str]:
        """The sensors asked for, else all number columns that play no other part."""
        if self.sensors is not None:
            return list(self.sensors)
        free = [
            name
            for name in frame.columns
            if name not in (self.unit, self.time, self.end, self.group, *self.settings)
        ]
        numbers = [name for name in free if frame[name].dtype == np.float64]
        if len(numbers) < len(free):
            texts = ", ".join(name for name in free if name not in numbers)
            logger.info("columns of text are no sensors and are left out: %s", texts)
        return numbers


@dataclass(frozen=True)
class _Rows:
    """The rows of a file sorted by unit and time; `frame` keeps the spreadsheet's row numbers as its index."""

    table: Table
    frame: pd.DataFrame
    code: np.ndarray
    time: np.ndarray
    names: tuple[str, ...]
    time_unit: str
    from_dates: bool

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


def _sorted_rows(table: Table, own: Own) -> _Rows:
    """Units numbered in the order of the file, ages, rows sorted; every row must have a unit and a time of its own."""
    frame = table.frame
    for name in (own.unit, own.time):
        if (empty := frame[name].isna()).any():
            rule = "each row needs a unit and a time" if name == own.unit else "each row needs a time"
            raise UserError(
                f"{table.place(int(empty.idxmax()), name)}: the cell is empty, {rule}: fill it or delete the row"
            )
    code, names = pd.factorize(frame[own.unit])
    age, time_unit, from_dates = _ages(table, own, code)
    order = np.lexsort((age, code))
    if (np.diff(code) < 0).any() or ((np.diff(age) < 0) & (np.diff(code) == 0)).any():
        logger.info("the rows were not in the order of unit and time: they are sorted")
    rows = _Rows(
        table, frame.iloc[order], code[order], age[order], tuple(map(str, names)), time_unit, from_dates
    )
    same = np.flatnonzero((np.diff(rows.code) == 0) & (np.diff(rows.time) == 0))
    if len(same):
        first, second = sorted((rows.row(same[0]), rows.row(same[0] + 1)))
        more = f" ({len(same)} such rows in the file)" if len(same) > 1 else ""
        raise UserError(
            f"{table.place(second, own.time)}: unit {names[rows.code[same[0]]]!r} has the time {_plain(frame.at[second, own.time])} "
            f"already in row {first}{more}: keep one row for each unit and time, or give the hour too"
        )
    return rows


def _ages(table: Table, own: Own, code: np.ndarray) -> tuple[np.ndarray, str, bool]:
    """Age at each row, its unit, and whether the file has dates: these count from the unit's first row."""
    times = table.frame[own.time]
    if times.dtype.kind == "M":
        if own.time_unit == "cycles":
            raise UserError(
                f"{table.place(column=own.time)} holds dates, which make days or hours: type data.time_unit=days"
            )
        unit = own.time_unit or "days"
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
                f"{table.place(at, own.time)}: {_plain(times[at])} {what} ({int(wrong.sum())} such cells): correct it"
            )
    return age, own.time_unit or "cycles", False


def _ends(rows: _Rows, name: str | None) -> np.ndarray:
    """How the record of each unit ended: failure, preventive or running; shape (n_units,)."""
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
    _check_last(rows, name, found, where)
    return found.astype(str)


def _check_last(rows: _Rows, name: str, found: np.ndarray, where: np.ndarray) -> None:
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


def _group_names(rows: _Rows, name: str) -> tuple[str, ...]:
    """Machine of each unit: one name for all its rows, some of which may be empty."""
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


def _measured(
    rows: _Rows, names: list[str], ends: np.ndarray, *, settings: bool = False
) -> tuple[list[str], list[dict[str, str]]]:
    """Columns to keep, and those left out with the reason; a value that no physical quantity has is an error."""
    kept: list[str] = []
    gone: list[dict[str, str]] = []
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
        gone.append({"column": name, "reason": reason})
        level = logging.INFO if reason == CONSTANT else logging.WARNING
        logger.log(level, "column %r is left out: %s", rows.table.titles.get(name, name), reason)
    return kept, gone


def _useless(rows: _Rows, values: np.ndarray, ends: np.ndarray, settings: bool) -> str | None:
    """Why a column cannot be used; None when it can."""
    known = values[~np.isnan(values)]
    if not len(known):
        return NO_VALUE
    if settings:
        return None
    if known.min() == known.max():
        return CONSTANT
    return ANSWER if _is_countdown(rows, values, ends == "failure") else None


def _is_countdown(rows: _Rows, values: np.ndarray, failed: np.ndarray) -> bool:
    """Whether a column falls by the time that passes in every life that failed: it would give the answer away."""
    edges = rows.edges()
    chosen = failed[rows.code]
    first = edges[rows.code]
    change = np.abs((values - values[first]) + (rows.time - rows.time[first]))[chosen]
    return bool(
        (np.diff(edges)[failed] > 1).any() and (change <= 1e-6 * max(1.0, float(rows.time.max()))).all()
    )


def _split(rows: _Rows, histories: Histories, ends: np.ndarray, own: Own, seed: int) -> RulData:
    """Training lives and questions: the running units, or else held-out machines."""
    edges = rows.edges()
    single = np.diff(edges) < 2
    ends_at = rows.time[edges[1:] - 1]
    failed, running = ends == "failure", ends == "running"
    left_out = _say_left_out(rows, ends, single)
    usable = failed & ~single
    if usable.sum() < LEAST_FAILURES:
        alone = f", {int((failed & single).sum())} with one row only" if (failed & single).any() else ""
        raise UserError(
            f"{rows.table.path} has {int(usable.sum())} units to learn from that ended by a failure, {LEAST_FAILURES} are "
            f"needed ({int((ends == 'preventive').sum())} preventive, {int(running.sum())} running{alone}, which do not count as "
            "failures): add lives"
        )
    cap = own.cap or _default_cap((ends_at - rows.time[edges[:-1]])[usable], rows.time_unit)
    learned = np.flatnonzero(~single)
    train, lives = histories.select(learned), Lives(ends_at[learned], failed[learned])
    if running.any():
        inputs, rul = RulInputs(train, lives, histories.select(np.flatnonzero(running)), cap), None
    else:
        held = _held_groups(train.groups, lives.failed, own.test_share, seed)
        inputs, rul = hold_out(train, lives, held, seed=seed, cap=cap)
    return RulData(inputs, rul, _describe(rows, histories, ends, own, cap) | {"left_out": left_out})


def _describe(rows: _Rows, histories: Histories, ends: np.ndarray, own: Own, cap: float) -> dict[str, Any]:
    """What was read, without any row."""
    return {
        "name": "own",
        "kind": "own",
        "licence": "yours",
        "file": rows.table.path.name,
        "dialect": str(rows.table.dialect),
        "ends": "column" if own.end in rows.frame.columns else "run to end",
        "asked": "running units" if (ends == "running").any() else "held-out units",
        "time_unit": rows.time_unit,
        "time_origin": "first row of the unit" if rows.from_dates else "the file's own",
        "cap": cap,
        "cap_rule": "given" if own.cap else "60 % of the median length of the failed lives",
        "n_units": len(rows.names),
        "n_rows": len(rows.frame),
        "n_failed": int((ends == "failure").sum()),
        "n_preventive": int((ends == "preventive").sum()),
        "n_running": int((ends == "running").sum()),
        "n_sensors": len(histories.sensor_names),
        "n_settings": len(histories.setting_names),
    }


def _say_left_out(rows: _Rows, ends: np.ndarray, single: np.ndarray) -> list[dict[str, str]]:
    """Units with one row: named in the log and in the description."""
    left_out = []
    for unit in np.flatnonzero(single):
        answered = ends[unit] == "running"
        reason = (
            "one row only: not learned from, but answered" if answered else "one row only: not learned from"
        )
        left_out.append({"unit": rows.names[unit], "reason": reason})
        logger.warning("unit %r (row %d): %s", rows.names[unit], rows.row(int(rows.edges()[unit])), reason)
    return left_out


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


def _plain(value: Any) -> str:
    """A cell's value for a message."""
    return f"{value:g}" if isinstance(value, float) else str(value).removesuffix(" 00:00:00")


# The template ----------------------------------------------------------------------------------------------------

TEMPLATE_HELP = Text(
    en="""\
unit              name of the machine, or of one of its lives if it has several (then name the machine: data.group=COLUMN)
time              date of the row (2024-12-31 or 31/12/2024, with or without 08:30), or age as a number (cycles, hours, days)
end               on the unit's last row: failure, preventive (replaced before) or running (its remaining life is asked)
load_percent      an operating condition; data.settings=[load_percent] says so, otherwise it is one more sensor
vibration_mm_s, temperature_c, current_a
                  sensors; every other column of numbers is one, an empty cell is a missing value
Replace the rows by yours and keep the titles. At least 6 units must end by a failure; without the column `end` every
unit is taken to have run to failure. The figures of the template are invented.""",
    fr="""\
unité             nom de la machine, ou de l’une de ses vies si elle en a plusieurs (nommer alors la machine : data.group=COLONNE)
date              date de la ligne (31/12/2024 ou 2024-12-31, avec ou sans 08:30), ou âge en nombre (cycles, heures, jours)
fin               sur la dernière ligne de l’unité : défaillance, préventif (remplacée avant la défaillance) ou en service
                  (sa durée de vie résiduelle est demandée)
charge_pourcent   une condition de fonctionnement ; data.settings=[charge_pourcent] le dit, sinon c’est un capteur de plus
vibration_mm_s, température_c, courant_a
                  des capteurs ; toute autre colonne de nombres en est un, une cellule vide est une valeur manquante
Remplacez les lignes par les vôtres et gardez les titres. Il faut au moins 6 unités finissant par une défaillance ; sans la
colonne « fin », chaque unité est réputée avoir fonctionné jusqu’à la défaillance. Les valeurs du modèle sont inventées.""",
)

_TITLES = Text(
    en="unit time end load_percent vibration_mm_s temperature_c current_a",
    fr="unité date fin charge_pourcent vibration_mm_s température_c courant_a",
)
_TEMPLATE_ENDS = {
    "failure": Text("failure", "défaillance"),
    "preventive": Text("preventive", "préventif"),
    "running": Text("running", "en service"),
}


def write_template(path: Path, lang: str = "en") -> None:
    """Write an example file that runs as it is: 24 invented machines, daily rows, three sensors, one setting.

    The French file is what a French spreadsheet saves (semicolons, decimal comma, dd/mm/yyyy, UTF-8 with a mark); both
    hold the same values.

    Parameters
    ----------
    path : pathlib.Path
        Where to write; an existing file is overwritten.
    lang : {"en", "fr"}
        Language of titles and words.

    Raises
    ------
    OSError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "template.csv"
    >>> write_template(file)
    >>> file.read_text(encoding="utf-8").splitlines()[0]
    'unit,time,end,load_percent,vibration_mm_s,temperature_c,current_a'
    """
    rng = np.random.default_rng(2021)
    ends = rng.permutation(np.repeat(["failure", "preventive", "running"], [16, 4, 4]))
    parts = [_invented_life(rng, f"P{number:02d}", str(end), lang) for number, end in enumerate(ends, 1)]
    frame = pd.concat(parts, ignore_index=True)
    french = lang == "fr"
    frame.to_csv(
        path,
        index=False,
        header=_TITLES[lang].split(),
        sep=";" if french else ",",
        decimal="," if french else ".",
        encoding="utf-8-sig" if french else "utf-8",
        date_format="%d/%m/%Y" if french else "%Y-%m-%d",
        lineterminator="\n",
    )


def _invented_life(rng: np.random.Generator, name: str, end: str, lang: str) -> pd.DataFrame:
    """Daily rows of one machine: slow wear that ends fast, seen through load and noise."""
    life = 40 + 70 * rng.weibull(3.0)
    days = math.ceil(life * (1.0 if end == "failure" else rng.uniform(0.45, 0.9)))
    age = np.arange(days)
    wear = np.minimum(age / life, 1.0) ** 3
    load = np.clip(75 + 12 * np.sin(2 * np.pi * age / 7) + rng.normal(0, 4, days), 40, 100)
    vibration = (1.8 + rng.normal(0, 0.1)) * (1 + 1.6 * wear) * rng.lognormal(0, 0.06, days)
    temperature = 42 + 0.22 * load + 11 * wear + rng.normal(0, 0.9, days)
    current = 6 + 0.11 * load + 1.1 * wear + rng.normal(0, 0.25, days)
    sensors = np.column_stack([vibration, temperature, current]).round(2)
    sensors[rng.random(sensors.shape) < 0.004] = np.nan
    start = pd.Timestamp("2024-01-08") + pd.Timedelta(days=int(rng.integers(0, 90)))
    frame = pd.DataFrame({"unit": name, "time": start + pd.to_timedelta(age, unit="D"), "end": ""})
    frame.loc[days - 1, "end"] = _TEMPLATE_ENDS[end][lang]
    frame["load"] = load.round(1)
    return pd.concat([frame, pd.DataFrame(sensors, columns=["vibration", "temperature", "current"])], axis=1)

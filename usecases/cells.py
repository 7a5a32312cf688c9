"""From the cells of a person's spreadsheet to numbers and dates: French and English ways of writing them.

Whether 1,234 is one thousand or a little more than one, and 01/02 a day in January or in February, is decided by the
other cells; only the undecidable is an error. `usecases.tabular` cuts a file into cells, `type_cells` gives them types.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .contract import Text
from .errors import UserError

if TYPE_CHECKING:
    import pandas as pd

DECIMAL = {",": Text("decimal comma", "virgule décimale"), ".": Text("decimal point", "point décimal")}
BETWEEN_THOUSANDS = {
    ",": Text("comma between thousands", "virgule entre les milliers"),
    ".": Text("point between thousands", "point entre les milliers"),
}
MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "#n/a", "#n/d"}
)  # whatever the case; #N/D is French for #N/A
SPACES = " \u00a0\u202f\u2009"  # plain, no-break, narrow no-break, thin
EXPONENT = r"(?:[eE][+-]?\d+)?"
DAY = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})"
DAY_PARTS = r"^(\d+)[-/.](\d+)[-/.](\d+)(?:[ T]+|$)"
COMPACT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
OFFSET = r"(?:Z|[+-]\d\d:?\d\d)$"
HALF_DAY = re.compile(rf"\b(\d{{1,2}})((?::\d\d){{1,2}}(?:\.\d+)?)[{SPACES}]?([AaPp])\.?[{SPACES}]?[Mm]\.?$")
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
DATE_HELP = "a date (2024-12-31 or 31/12/2024, with or without 08:30) or a number"


@dataclass(frozen=True)
class Cells:
    """All cells of a file as text, and where they stand.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    frame : pandas.DataFrame
        Stripped text; the index is the row number in the spreadsheet.
    titles : mapping of str to str
        The file's own title of a column that has another name here.

    Examples
    --------
    >>> Cells(Path("a.csv"), None, {"unit": "unité"}).place(7, "unit")
    "a.csv, row 7, column 'unité'"
    """

    file: Path
    frame: pd.DataFrame
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, name: str) -> str:
        """Title of a column in the file."""
        return self.titles.get(name, name)

    def place(self, row: Any, name: str) -> str:
        """Say where a cell stands."""
        return place(self.file, int(row), self.title(name))

    def error(self, name: str, bad: pd.Series, what: str, remedy: str) -> UserError:
        """Say what is wrong with the first of the bad cells of a column, and how many there are."""
        row, count = bad.idxmax(), int(bad.sum())
        more = f"{count} such cells in the column" if count > 1 else "the only such cell in the column"
        return UserError(f"{self.place(row, name)}: {self.frame.at[row, name]!r} {what} ({more}): {remedy}")


@dataclass(frozen=True)
class TypedCells:
    """Cells that have their types.

    Parameters
    ----------
    frame : pandas.DataFrame
        Numbers as float64, dates as datetime64, the rest as text; missing cells are NaN or NaT.
    decimal : {",", "."}
        Decimal mark of most columns; a point when no column has any.
    dayfirst : bool, optional
        Whether 01/02 is 1 February; None when no date depends on it.
    remarks : tuple of Text
        What else was recognised, as phrases.
    """

    frame: pd.DataFrame
    decimal: str
    dayfirst: bool | None
    remarks: tuple[Text, ...]


def place(file: Path, row: int | None = None, title: str | None = None) -> str:
    """Say where something stands: file, row, column.

    Examples
    --------
    >>> place(Path("a.csv"), 7, "unité")
    "a.csv, row 7, column 'unité'"
    """
    parts = [str(file)]
    parts += [f"row {row}"] if row is not None else []
    parts += [f"column {title!r}"] if title is not None else []
    return ", ".join(parts)


def type_cells(
    cells: Cells,
    *,
    sep: str,
    decimal: str | None = None,
    dayfirst: bool | None = None,
    numeric: Collection[str] = (),
    dates: Collection[str] = (),
    text: Collection[str] = (),
    within: str | None = None,
    strict: bool = True,
) -> TypedCells:
    """Give each column its type: numbers, dates or text.

    Parameters
    ----------
    cells : Cells
        All as text.
    sep : str
        Separator of the file: with a semicolon, the decimal mark is likely to be a comma.
    decimal, dayfirst : optional
        Force what would be recognised.
    numeric, dates, text, within, strict
        See `usecases.tabular.read_table`.

    Returns
    -------
    TypedCells
        The frame and what was recognised.

    Raises
    ------
    UserError
        With file, row and column.

    Examples
    --------
    >>> import pandas as pd
    >>> written = pd.DataFrame({"jour": ["31/01/2024", "01/02/2024"], "débit": ["1 250,5", "n/a"]}, index=[2, 3])
    >>> typed = type_cells(Cells(Path("a.csv"), written), sep=";", dates=["jour"])
    >>> typed.frame["débit"].tolist(), str(typed.frame["jour"].iloc[1].date()), typed.decimal, typed.dayfirst
    ([1250.5, nan], '2024-02-01', ',', True)
    """
    import pandas as pd

    plain = {name: _ungrouped(cells.frame[name]) for name in cells.frame.columns if name not in text}
    marks = _decimal_marks(cells, plain, sep, decimal)
    columns: dict[str, pd.Series] = {}
    remarks: list[Text] = []
    order = None
    for name in cells.frame.columns:
        known = ~cells.frame[name].str.lower().isin(MISSING)
        written = cells.frame[name].where(known)
        if name in text:
            columns[name] = written
            continue
        values, bad, thousands = _numbers(plain[name], known, marks.get(name, "."), sure=decimal is not None)
        remarks += [_remark(BETWEEN_THOUSANDS[thousands], cells.title(name))] if thousands else []
        mostly_numbers = 2 * bad.sum() <= known.sum()
        if name in dates and (not mostly_numbers or _all_compact(written[known])):
            columns[name], found = _dates(cells, name, known, dayfirst, within, strict)
            order = order if found is None else found
        elif bad.any() and name in {*numeric, *dates} and not strict:
            columns[name] = values.astype(object).where(~bad, written)
        elif bad.any() and (name in numeric or mostly_numbers):
            remedy = "correct or empty them, or leave the column out"
            remedy += ", or have the decimal mark recognised with data.decimal=null" if decimal else ""
            raise cells.error(name, bad, "is not a number", remedy)
        else:
            columns[name] = written if bad.any() else values
    main = decimal or _most(marks)
    if rare := [cells.title(name) for name, mark in marks.items() if mark != main]:
        remarks.append(_remark(DECIMAL["," if main == "." else "."], *rare))
    return TypedCells(pd.DataFrame(columns, index=cells.frame.index), main, order, tuple(remarks))


def _remark(what: Text, *titles: str) -> Text:
    """Say in which columns something was recognised."""
    return Text(f"{what.en} in {', '.join(titles)}", f"{what.fr} dans {', '.join(titles)}")


# Numbers ---------------------------------------------------------------------------------------------------------


def _most(marks: Mapping[str, str]) -> str:
    """Decimal mark of most columns; a point when no column has any, or as many have each."""
    given = list(marks.values())
    return "," if given.count(",") > given.count(".") else "."


def _ungrouped(cells: pd.Series) -> pd.Series:
    """Cells without the spaces between thousands and with a plain minus sign."""
    spaced = cells.str.contains(f"[{SPACES}]", regex=True)
    if spaced.any():
        grouped = spaced & cells.str.fullmatch(rf"[+−-]?\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d*)?")
        cells = cells.where(~grouped, cells.str.replace(f"[{SPACES}]", "", regex=True))
    if cells.str.startswith("−").any():
        cells = cells.str.replace("^−", "-", regex=True)
    return cells


def _decimal_marks(
    cells: Cells, plain: Mapping[str, pd.Series], sep: str, forced: str | None
) -> dict[str, str]:
    """Decimal mark of each column that shows one: from its own cells, else the other columns, else the separator."""
    marks: dict[str, str] = {}
    unsure: dict[str, str] = {}
    for name, column in plain.items():
        proven, ambiguous = _decimal_of(column)
        if forced and (proven or ambiguous):
            marks[name] = forced
        elif proven:
            marks[name] = proven
        elif ambiguous:
            unsure[name] = ambiguous
    votes = set(marks.values())
    for name, mark in unsure.items():
        if mark == "." and "," not in votes:
            marks[name] = "."  # 1.234: a French or an English file does not group thousands with a point
        elif mark == "," and len(votes) == 1:
            (marks[name],) = votes
        elif mark == "," and sep == ";":
            marks[name] = ","
        else:
            row = cells.frame.index[plain[name].str.contains(mark, regex=False).argmax()]
            cell = cells.frame.at[row, name]
            raise UserError(
                f"{cells.place(row, name)}: {cell!r} may be {cell.replace(mark, '.')} or {cell.replace(mark, '')}, and nothing "
                "in the file decides: type data.decimal=comma or data.decimal=point"
            )
    return marks


def _decimal_of(cells: pd.Series) -> tuple[str | None, str | None]:
    """Decimal mark that a column's own cells prove, and the mark that it shows without proof (1,234 or 1.234)."""
    proofs: Counter[str] = Counter()
    ambiguous = None
    for mark, other in ((",", "."), (".", ",")):
        if not cells.str.contains(mark, regex=False).any():
            continue
        either = cells.str.fullmatch(rf"[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}")
        shape = rf"[+-]?(?:(?:\d{{1,3}}(?:\{other}\d{{3}})+|\d+)\{mark}\d*|\{mark}\d+){EXPONENT}"
        proven = cells.str.fullmatch(shape) & ~either
        groups = cells.str.fullmatch(rf"[+-]?\d{{1,3}}(?:\{mark}\d{{3}}){{2,}}")
        proofs[mark] += int(proven.sum())
        proofs[other] += int(groups.sum())
        ambiguous = mark if either.any() else ambiguous
    return next((mark for mark, count in proofs.most_common(1) if count), None), ambiguous


def _numbers(
    cells: pd.Series, known: pd.Series, mark: str, *, sure: bool
) -> tuple[pd.Series, pd.Series, str | None]:
    """Numbers of a column, where a known cell is none, and the mark that stands between thousands, if any."""
    import pandas as pd

    other = "." if mark == "," else ","
    thousands = None
    stray = cells.str.contains(other, regex=False)
    if stray.any():
        grouped = cells.str.fullmatch(rf"[+-]?\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?")
        # A lone 12.345 among decimal commas is a slip or a thousand: only clear groups elsewhere, or the user, may say.
        clear = mark == "." or sure or cells.str.contains(r"\.\d{3}[.,]\d", regex=True).any()
        if clear and grouped.any():
            cells = cells.where(~grouped, cells.str.replace(other, "", regex=False))
            stray &= ~grouped
            thousands = other
    if mark == ",":
        cells = cells.str.replace(",", ".", regex=False)
    values = pd.to_numeric(cells.where(known & ~stray), errors="coerce").astype("float64")
    return values, known & (stray | values.isna()), thousands


# Dates -----------------------------------------------------------------------------------------------------------


def _all_compact(cells: pd.Series) -> bool:
    """Whether all cells are dates without separators, 20241231."""
    return len(cells) > 0 and bool(cells.str.fullmatch(COMPACT).all())


def _dates(
    cells: Cells, name: str, known: pd.Series, dayfirst: bool | None, within: str | None, strict: bool
) -> tuple[pd.Series, bool | None]:
    """Dates of a column, and the order of day and month, decided once for the whole column; None if no cell needs it."""
    column = cells.frame[name]
    split = column.str.match(DAY) & known
    if not split.any():
        dayfirst = None
    elif dayfirst is None:
        dayfirst = _day_first(cells, name, column[split], within)
    values = _parse_dates(column.where(known), bool(dayfirst))
    bad = known & values.isna()
    if bad.any() and (strict or bad.all()):
        raise cells.error(name, bad, f"is not {DATE_HELP}", "correct them")
    return values, dayfirst


def _day_first(cells: Cells, name: str, column: pd.Series, within: str | None) -> bool:
    """Whether the day stands before the month: by a number above 12, else by the order of the rows."""
    heads = column.str.slice(0, 10).drop_duplicates()
    parts = heads.str.extract(DAY).astype(int)
    first, second = parts[0], parts[1]
    day, month = first[first > 12].index, second[second > 12].index
    if len(day) and len(month):
        raise UserError(
            f"{cells.place(day[0], name)}: {column[day[0]]!r} is day/month and {column[month[0]]!r} in row {month[0]} is month/day, "
            "write all dates of the column in one way"
        )
    if len(day) or len(month) or (first == second).all():
        return not len(month)
    runs = cells.frame[within] if within in cells.frame.columns else None
    day_in_order, month_in_order = (_in_order(_parse_dates(column, way), runs) for way in (True, False))
    if day_in_order == month_in_order:
        row = first.index[(first != second).argmax()]
        raise UserError(
            f"{cells.place(row, name)}: {column[row]!r} and all other dates of the column are valid as day/month and as month/day, "
            "type data.dayfirst=true or data.dayfirst=false"
        )
    return day_in_order


def _in_order(values: pd.Series, runs: pd.Series | None) -> bool:
    """Whether dates only rise, or only fall, inside each run of equal values."""
    import pandas as pd

    steps = values.diff()
    if runs is not None:
        runs = runs[values.index]
        steps = steps[runs == runs.shift()]
    zero = pd.Timedelta(0)
    return not (steps < zero).any() or not (steps > zero).any()


def _24_hours(time: re.Match[str]) -> str:
    """A time of 12 hours as one of 24; a time that no clock shows stays as it is."""
    hour = int(time[1])
    if not 1 <= hour <= 12:
        return time[0]
    return f"{hour % 12 + (12 if time[3].lower() == 'p' else 0):02d}{time[2]}"


def _parse_dates(cells: pd.Series, dayfirst: bool) -> pd.Series:
    """Dates in any of the forms of `DATE_HELP`, NaT where a cell has none of them; offsets are turned into UTC."""
    import pandas as pd

    codes, distinct = pd.factorize(cells)  # the same days come back for every machine
    text = pd.Series(distinct, dtype="str").str.replace(DAY_PARTS, r"\1-\2-\3 ", regex=True).str.strip()
    text = text.str.replace(HALF_DAY, _24_hours, regex=True)
    text = text.str.replace(r"(\d)[hH](\d\d)", r"\1:\2", regex=True)
    text = text.str.replace(r"(:\d\d),", r"\1.", regex=True)
    values = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    offset = text.str.contains(rf":\d\d.*{OFFSET}", regex=True)
    if offset.any():
        zoned = text[offset].str.replace(" ", "T")
        zoned = pd.to_datetime(zoned, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        values[offset] = zoned.astype(values.dtype)
    first = "%d-%m" if dayfirst else "%m-%d"
    for order in ("%Y-%m-%d", f"{first}-%Y", f"{first}-%y", "%Y%m%d"):
        for time in TIMES:
            left = values.isna()
            if left.any():
                parsed = pd.to_datetime(text[left], format=order + time, errors="coerce")
                values[left] = parsed.astype(values.dtype)
    found = values.reindex(codes)  # code -1, a missing cell, is in no index: NaT
    return found.set_axis(cells.index)

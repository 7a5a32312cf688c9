"""Read a person's own spreadsheet: what it is written in is recognised and said; only the undecidable is an error.

French spreadsheets are normal input: ``;``, tab and ``,`` between cells, decimal comma, thousands set apart by (no-break)
spaces, UTF-8 with or without a mark, UTF-16, Windows-1252, dd/mm/yyyy. Rows are numbered as a spreadsheet shows
them, the header being row 1, and every message names file, row and column.

A path becomes text in `usecases.textfile`, text becomes cells here, cells become numbers and dates in `usecases.cells`.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cells import DECIMAL, Cells, place, type_cells
from .contract import Text
from .errors import UserError, nearest
from .textfile import check_encoding, decode, existing_file, read_bytes, shown

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ","}  # in the order in which they are believed
WORKBOOK = "xl/workbook.xml"
NOT_CLOSED = "a quotation mark that is opened there is not closed, delete or close it"
DECIMALS = {"comma": ",", "point": "."}
SEPARATOR = {
    "": Text("first sheet of a workbook", "première feuille d'un classeur"),
    "\t": Text("separator tab", "séparateur tabulation"),
    ";": Text("separator semicolon", "séparateur point-virgule"),
    ",": Text("separator comma", "séparateur virgule"),
}


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet is written; as a string, a phrase in English.

    Parameters
    ----------
    sep : str
        Between cells; empty for a workbook.
    decimal : {",", "."}
        Decimal mark of most number columns.
    encoding : str
        Of the bytes; ``xlsx`` for a workbook.
    dayfirst : bool, optional
        Whether 01/02 is 1 February; None when no date depends on it.
    remarks : tuple of Text
        What else was recognised.

    Examples
    --------
    >>> str(Dialect(";", ",", "cp1252", True))
    'separator semicolon, decimal comma, encoding cp1252, dates dd/mm/yyyy'
    """

    sep: str
    decimal: str
    encoding: str
    dayfirst: bool | None = None
    remarks: tuple[Text, ...] = ()

    def __str__(self) -> str:
        return self.phrase("en")

    def phrase(self, lang: str) -> str:
        """Say it in a language.

        Examples
        --------
        >>> Dialect(";", ",", "utf-8").phrase("fr")
        'séparateur point-virgule, virgule décimale, encodage utf-8'
        """
        other = Text(f"separator {self.sep!r}", f"séparateur {self.sep!r}")
        parts = [SEPARATOR.get(self.sep, other), DECIMAL[self.decimal]]
        if self.sep:
            parts.append(Text(f"encoding {self.encoding}", f"encodage {self.encoding}"))
        if self.dayfirst is not None:
            order = Text("dd/mm", "jj/mm") if self.dayfirst else Text("mm/dd", "mm/jj")
            parts.append(Text(f"dates {order.en}/yyyy", f"dates {order.fr}/aaaa"))
        return ", ".join(part[lang] for part in [*parts, *self.remarks])


@dataclass(frozen=True)
class Table:
    """A spreadsheet that was read.

    Parameters
    ----------
    frame : pandas.DataFrame
        Numbers as float64, dates as datetime64, the rest as text; missing cells are NaN or NaT. The index is the row
        number in the spreadsheet; rows without any value are left out.
    dialect : Dialect
        What was recognised.
    path : pathlib.Path
        The file, for messages: a byte of its name that is no UTF-8 stands as ``?``.
    titles : mapping of str to str
        The file's own title of a column that `read_table` found under another name.
    others : tuple of str
        Titles of the columns that were not read.
    """

    frame: pd.DataFrame
    dialect: Dialect
    path: Path
    titles: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def place(self, row: int | None = None, column: str | None = None) -> str:
        """Say where something stands: file, row, column.

        Parameters
        ----------
        row : int, optional
            Row of the spreadsheet (the frame's index).
        column : str, optional
            Column of the frame.

        Examples
        --------
        >>> Table(None, None, Path("a.csv"), {"unit": "unité"}).place(7, "unit")
        "a.csv, row 7, column 'unité'"
        """
        return place(self.path, row, None if column is None else self.titles.get(column, column))


def read_table(
    path: str | Path,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    dayfirst: bool | None = None,
    required: Iterable[str] | Mapping[str, str] = (),
    numeric: Collection[str] = (),
    dates: Collection[str] = (),
    text: Collection[str] = (),
    aliases: Mapping[str, Collection[str]] | None = None,
    keep: Collection[str] | None = None,
    within: str | None = None,
    strict: bool = True,
) -> Table:
    r"""Read a spreadsheet saved as CSV (or an .xlsx workbook, with openpyxl) and recognise how it is written.

    A column named in none of `numeric`, `dates` and `text` is a number column if all its cells are numbers, a text column
    if most of them are not; mostly numbers with some text is an error, for a sensor must not vanish without a word.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    sep, decimal, encoding, dayfirst : optional
        Force what would be recognised. `sep` and `decimal` may be words: semicolon, comma, tab; comma, point.
    required : iterable of str, or mapping of str to str
        Columns that must be there; a mapping says which option names another column (``{"unit": "data.unit"}``).
    numeric, dates, text : collection of str
        What columns hold. A column of `dates` may hold numbers instead, all of them.
    aliases : mapping of str to collection of str, optional
        Other titles of a column, the preferred first; the frame has the key. Case and accents do not matter, and
        ``_``, ``-`` and a space are alike.
    keep : collection of str, optional
        The other columns are not read.
    within : str, optional
        Column in whose runs of equal values dates are expected in order: it helps to tell dd/mm from mm/dd.
    strict : bool
        False leaves text that stands in a column of `numeric` where it is (the column is then of objects), and a cell
        that is no date becomes NaT: for who wants to list the bad rows and use the others.

    Returns
    -------
    Table
        The frame and what was recognised.

    Raises
    ------
    UserError
        With file, row and column.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "relevé d'été.csv"
    >>> _ = file.write_text("unité;température\nA;20,5\nA;1 021,25\n", encoding="cp1252")
    >>> table = read_table(file, text=["unité"])
    >>> table.frame["température"].tolist(), str(table.dialect)
    ([20.5, 1021.25], 'separator semicolon, decimal comma, encoding cp1252')
    """
    source = existing_file(path)
    file = Path(shown(source))
    sep, decimal = _mark(sep, SEPARATORS, "sep"), _mark(decimal, DECIMALS, "decimal")
    raw = read_bytes(source)
    sheets = _sheets(source) if raw.startswith(b"PK\x03\x04") else None
    if sheets is not None:
        frame, sep, encoding = _workbook(file, source, sheets), "", "xlsx"
    else:
        content, encoding = decode(file, raw, encoding)
        content, sep = _separator(content, sep)
        frame = _cells(file, content, sep)
    wanted = {*numeric, *dates, *text, *(keep or ())}
    frame, titles = _rename(file, frame, required, aliases or {}, wanted, _which_sheet(sheets))
    others: tuple[str, ...] = ()
    if keep is not None:
        others = tuple(name for name in frame.columns if name not in {*keep, *required})
        frame = frame[[name for name in frame.columns if name in set(keep) | set(required)]]
    typed = type_cells(
        Cells(file, frame, titles), sep=sep, decimal=decimal, dayfirst=dayfirst,
        numeric=numeric, dates=dates, text=text, within=within, strict=strict,
    )  # fmt: skip
    dialect = Dialect(sep, typed.decimal, encoding, typed.dayfirst, typed.remarks)
    logger.info("%s: %d rows, %d columns; %s", file.name, *frame.shape, dialect)
    return Table(typed.frame, dialect, file, titles, others)


def fold_case(text: str) -> str:
    """Forget case, accents and surplus spaces, to compare titles and words.

    Examples
    --------
    >>> fold_case("  En  Marche "), fold_case("Défaillance")
    ('en marche', 'defaillance')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def fold_title(title: str) -> str:
    """Forget case, accents and what stands between the words of a title: underscore, hyphen, space.

    Examples
    --------
    >>> fold_title("Heure_début") == fold_title("heure debut") == fold_title("HEURE-DEBUT")
    True
    """
    return fold_case(re.sub(r"[_\-]", " ", title))


def check_options(*, sep: str | None = None, decimal: str | None = None, encoding: str | None = None) -> None:
    """Refuse what `read_table` would refuse before it has read anything.

    Parameters
    ----------
    sep, decimal, encoding : optional
        As for `read_table`.

    Raises
    ------
    UserError
        For a separator, a decimal mark or an encoding that is none.

    Examples
    --------
    >>> check_options(sep="semicolon", decimal=",", encoding="cp1252")
    >>> check_options(sep="x")
    Traceback (most recent call last):
    usecases.errors.UserError: data.sep=x was given: allowed: comma, semicolon, tab
    """
    _mark(sep, SEPARATORS, "sep")
    _mark(decimal, DECIMALS, "decimal")
    check_encoding(encoding)


def _mark(given: str | None, words: Mapping[str, str], key: str) -> str | None:
    """A mark, from the mark itself or its word."""
    if given is None or given in words.values():
        return given
    given = str(given)  # YAML reads data.sep=1 as a number
    mark = words.get(given.strip().lower(), "\t" if given == "\\t" and key == "sep" else None)
    if mark is None and key == "sep" and len(given) == 1 and not given.isalnum() and given not in "\"'\r\n":
        return given
    if mark is None:
        raise UserError(f"data.{key}={given} was given: {nearest(given, words)}")
    return mark


# From text to cells ----------------------------------------------------------------------------------------------


def _separator(text: str, sep: str | None) -> tuple[str, str]:
    """Separator that cuts most of the first rows into as many cells as the header; a line ``sep=;`` decides."""
    if line := re.match(r'"?sep=(.)"?\r?\n', text):
        return text[line.end() :], sep or line[1]
    if sep:
        return text, sep
    sample = io.StringIO(text[:100_000], newline="")
    best, most = ";", 0.0
    for mark in SEPARATORS.values():
        sample.seek(0)
        try:
            counts = [len(row) for row in islice(csv.reader(sample, delimiter=mark), 200) if any(row)]
        except csv.Error:
            continue
        agree = sum(count == counts[0] for count in counts) / len(counts) if counts and counts[0] > 1 else 0.0
        if agree > most:
            best, most = mark, agree
    return text, best


def _cells(file: Path, text: str, sep: str) -> pd.DataFrame:
    """All cells as text, after a look at the number of cells of every row."""
    import pandas as pd

    header, at, last = _shape(file, text, sep)
    names = _names(file, header, at)
    if last == at:
        raise UserError(f"{file} holds a header and no row of data: export it again with its rows")
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=sep, header=None, names=range(len(header)), index_col=False, dtype=str,
            na_filter=False, skip_blank_lines=False, skipinitialspace=True, engine="c",
        ).fillna("")  # fmt: skip
    except (pd.errors.ParserError, ValueError) as error:
        raise UserError(
            f"{file} cannot be cut into cells ({error}): is a quotation mark not closed?"
        ) from error
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return _tidy(file, frame.loc[at + 1 :], names)


def _shape(file: Path, text: str, sep: str) -> tuple[list[str], int, int]:
    """Header, its row number, and the number of the last row with data; every row must have the header's cells."""
    header: list[str] = []
    odd: list[tuple[int, list[str]]] = []
    last_row: list[str] = []
    at = last = 0
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=sep, skipinitialspace=True)
    try:
        for number, row in enumerate(rows, 1):
            if len(row) < 2 and not any(cell.strip() for cell in row):
                continue
            if not header:
                header, at = row, number
            elif len(row) != len(header):
                odd.append((number, row))
            last, last_row = number, row
    except csv.Error as error:
        raise UserError(f"{place(file, last + 1)}: {error}, is a quotation mark not closed?") from error
    if not header:
        raise UserError(f"{file} is empty: a header row and rows of data were expected, export it again")
    if odd:
        raise _odd_row(file, odd, len(header), sep)
    if text.count('"') % 2 and _over_lines(last_row):
        raise UserError(f"{place(file, last)}: {NOT_CLOSED}")
    return header, at, last


def _over_lines(row: list[str]) -> bool:
    """Whether a cell goes over several lines, as it does after a quotation mark that is not closed."""
    return any("\n" in cell or "\r" in cell for cell in row)


def _odd_row(file: Path, odd: list[tuple[int, list[str]]], expected: int, sep: str) -> UserError:
    """Say how many cells the first odd row has, and what is the likely reason."""
    number, row = odd[0]
    if _over_lines(row):
        hint = NOT_CLOSED
    elif len(row) < expected:
        hint = "complete the row (an empty cell needs its separator too) or delete it"
    elif sep == ",":
        hint = "delete the comma too many; a number with a decimal comma must stand in quotation marks here, or export with semicolons"
    else:
        hint = "correct the row, look for a separator or a quotation mark too many"
    if len(odd) > 1:
        hint += ", or force data.sep=semicolon, comma or tab"
    more = f" ({len(odd)} such rows)" if len(odd) > 1 else ""
    cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
    return UserError(
        f"{place(file, number)} has {cells}, {expected} were expected as the header has {expected}{more}: {hint}"
    )


def _names(file: Path, header: Iterable[Any], at: int) -> list[str]:
    names = [" ".join(str(name).split()) for name in header]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            raise UserError(
                f"{place(file, at, name)}: columns {names.index(name) + 1} and {number + 1} have the same title, rename one of them"
            )
    return names


def _tidy(file: Path, frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Strip the cells, leave out rows without any value and columns without title and value."""
    frame = frame.apply(lambda column: column.str.strip())
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise UserError(f"{file} holds a header and no row of data: export it again with its rows")
    for number, name in enumerate(names):
        if not name and (frame[number] != "").any():
            row = frame.index[(frame[number] != "").argmax()]
            raise UserError(
                f"{place(file, int(row))}: column {number + 1} has values but no title in the header, give it one"
            )
    frame = frame[[number for number, name in enumerate(names) if name]]
    return frame.set_axis([name for name in names if name], axis=1)


def _sheets(source: Path) -> list[str] | None:
    """Sheets of a workbook, in order; None when the file is no workbook."""
    try:
        with zipfile.ZipFile(source) as archive:
            if WORKBOOK not in archive.namelist():
                return None
            written = archive.read(WORKBOOK).decode("utf-8", "replace")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        return None
    return [unescape(name) for name in re.findall(r'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"', written)]


def _which_sheet(sheets: list[str] | None) -> str:
    """What to add to a message when the data may stand on another sheet."""
    if not sheets or len(sheets) < 2:
        return ""
    others = ", ".join(repr(name) for name in sheets[1:6])
    return f"; only the first sheet {sheets[0]!r} was read: if the data are on another one ({others}), make it the first"


def _workbook(file: Path, source: Path, sheets: list[str]) -> pd.DataFrame:
    """Cells of the first sheet as text."""
    import pandas as pd

    try:
        sheet = pd.read_excel(source, header=None, dtype=object, na_filter=False, engine="openpyxl")
    except ImportError as error:
        raise UserError(
            f"{file} is a workbook: save it as CSV, or pip install usecases[excel] to read it as it is"
        ) from error
    except Exception as error:  # a damaged workbook raises anything from KeyError to XML errors
        raise UserError(f"{file} is a workbook that cannot be read ({error}): save it as CSV") from error
    cells = sheet.map(_cell_text).astype(str)
    filled = (cells != "").any(axis=1).to_numpy().nonzero()[0]
    if not len(filled):
        raise UserError(
            f"{file} is empty: a header row and rows of data were expected in the first sheet{_which_sheet(sheets)}"
        )
    cells = cells.set_axis(range(cells.shape[1]), axis=1)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    at = int(filled[0]) + 1
    try:
        return _tidy(file, cells.loc[at + 1 :], _names(file, cells.loc[at], at))
    except UserError as error:
        raise UserError(f"{error}{_which_sheet(sheets)}") from error


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def _rename(
    file: Path,
    cells: pd.DataFrame,
    required: Iterable[str] | Mapping[str, str],
    aliases: Mapping[str, Collection[str]],
    wanted: Collection[str],
    sheet: str = "",
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give the columns the names asked for, and keep the titles they have in the file."""
    titles: dict[str, str] = {}
    folded = {fold_title(name): name for name in reversed(cells.columns)}
    for name in [*required, *aliases, *sorted(wanted)]:
        if name in cells.columns or name in titles:
            continue
        found = next(
            (folded[key] for key in map(fold_title, [name, *aliases.get(name, ())]) if key in folded), None
        )
        if found is not None and found not in titles.values():
            titles[name] = found
        elif name in required:
            option = required[name] if isinstance(required, Mapping) else None
            hint = f"; name the right one with {option}" if option else ""
            if len(cells.columns) == 1 and file.suffix.lower() != ".xlsx":
                hint += "; as only one column was found, force data.sep=semicolon, comma or tab if another character separates"
            raise UserError(
                f"{place(file, 1)}: no column {name!r}, {nearest(name, cells.columns)}{hint}{sheet}"
            )
    return cells.rename(columns={title: name for name, title in titles.items()}), titles

"""Read a person's own spreadsheet: what it is written in is recognised and said; only the undecidable is an error.

French spreadsheets are normal input: ``;``, tab and ``,`` between cells, decimal comma, thousands set apart by (no-break)
spaces, UTF-8 with or without a mark, UTF-16, Windows-1252, dd/mm/yyyy. Rows are numbered as a spreadsheet shows
them, the header being row 1, and every message names file, row and column.

One file on purpose, though long: bytes -> text -> cells -> numbers and dates is one chain, read from top to bottom.
"""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UserError, nearest

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

SEPARATORS = {"tab": "\t", "semicolon": ";", "comma": ","}  # in the order in which they are believed
DECIMALS = {"comma": ",", "point": "."}
MISSING = frozenset(
    {"", "na", "n/a", "nan", "null", "#n/a", "#n/d"}
)  # whatever the case; #N/D is French for #N/A
SPACES = " \u00a0\u202f\u2009"  # plain, no-break, narrow no-break, thin
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
BINARY = re.compile("[\0-\x08\x0e-\x1f]")
# Letters of DOS and Mac files that Windows-1252 shows as punctuation in the middle of a word (é of cp850 is 0x82, '‚').
ODD = re.compile("(?<=[A-Za-z])[‚ƒ„†‡ˆŠŽ˜šž]|[‚ƒ„†‡ˆŠŽ˜šž](?=[A-Za-z])")
EXPONENT = r"(?:[eE][+-]?\d+)?"
DAY = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})"
DAY_PARTS = r"^(\d+)[-/.](\d+)[-/.](\d+)(?:[ T]+|$)"
COMPACT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
OFFSET = r"(?:Z|[+-]\d\d:?\d\d)$"
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
NEWLINE = "\n"
DATE_HELP = "a date (2024-12-31 or 31/12/2024, with or without 08:30) or a number"


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet is written; as a string, a phrase for the log.

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
    remarks : tuple of str
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
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        separator = _word(self.sep, SEPARATORS)
        parts = [f"separator {separator}"] if self.sep else ["first sheet of a workbook"]
        parts += [f"decimal {_word(self.decimal, DECIMALS)}"]
        parts += [f"encoding {self.encoding}"] if self.sep else []
        if self.dayfirst is not None:
            parts.append("dates dd/mm/yyyy" if self.dayfirst else "dates mm/dd/yyyy")
        return ", ".join([*parts, *self.remarks])


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
        The file.
    titles : mapping of str to str
        The file's own title of a column that `read_table` found under another name.
    """

    frame: pd.DataFrame
    dialect: Dialect
    path: Path
    titles: Mapping[str, str] = field(default_factory=dict)

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
        return _place(self.path, row, None if column is None else self.titles.get(column, column))


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
        Other titles of a column, the preferred first; the frame has the key. Case, accents and spaces do not matter.
    keep : collection of str, optional
        The other columns are not read.
    within : str, optional
        Column in whose runs of equal values dates are expected in order: it helps to tell dd/mm from mm/dd.

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
    file = _existing(path)
    sep, decimal = _mark(sep, SEPARATORS, "sep"), _mark(decimal, DECIMALS, "decimal")
    raw = _bytes(file)
    if raw.startswith(b"PK\x03\x04") and _is_workbook(file):
        cells, sep, encoding = _workbook(file), "", "xlsx"
    else:
        content, encoding = _decode(file, raw, encoding)
        content, sep = _separator(content, sep)
        cells = _cells(file, content, sep)
    cells, titles = _rename(file, cells, required, aliases or {}, {*numeric, *dates, *text, *(keep or ())})
    if keep is not None:
        cells = cells[[name for name in cells.columns if name in set(keep) | set(required)]]
    reading = _Reading(file, cells, titles, sep, decimal, dayfirst)
    frame = reading.typed(numeric=set(numeric), dates=set(dates), text=set(text), within=within)
    dialect = Dialect(sep, reading.main_decimal(), encoding, reading.dayfirst, tuple(reading.remarks))
    logger.info("%s: %d rows, %d columns; %s", file.name, len(frame), len(frame.columns), dialect)
    return Table(frame, dialect, file, titles)


def fold_case(text: str) -> str:
    """Forget case, accents and surplus spaces, to compare titles and words.

    Examples
    --------
    >>> fold_case("  En  Marche "), fold_case("Défaillance")
    ('en marche', 'defaillance')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


# From a path to text ---------------------------------------------------------------------------------------------


def _place(file: Path, row: int | None = None, title: str | None = None) -> str:
    parts = [str(file)]
    parts += [f"row {row}"] if row is not None else []
    parts += [f"column {title!r}"] if title is not None else []
    return ", ".join(parts)


def _existing(path: str | Path) -> Path:
    file = Path(path).expanduser()
    if file.is_dir():
        names = sorted(
            p.name for p in file.iterdir() if p.suffix.lower() in (".csv", ".txt", ".tsv", ".xlsx")
        )[:5]
        inside = f"it holds {', '.join(names)}" if names else "it holds no CSV file"
        raise UserError(f"{file} is a folder, a CSV file was expected: give the path of a file ({inside})")
    if not file.exists():
        if not file.parent.is_dir():
            raise UserError(f"{file} does not exist, nor does its folder {file.parent}: check the path")
        names = sorted(p.name for p in file.parent.iterdir() if p.is_file())
        lower = {name.lower(): name for name in names}
        close = get_close_matches(file.name.lower(), lower, n=1, cutoff=0.5)
        hint = f"did you mean {lower[close[0]]!r}?" if close else "check the path"
        raise UserError(f"{file} does not exist in {file.parent.absolute()}: {hint}")
    return file


def _bytes(file: Path) -> bytes:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"{file} cannot be read ({error.strerror or error}): close it where it is open, or copy it to a folder of yours"
        ) from error
    if not raw.strip():
        raise UserError(f"{file} is empty: a header row and rows of data were expected, export it again")
    return raw


def _mark(given: str | None, words: Mapping[str, str], key: str) -> str | None:
    """A mark, from the mark itself or its word."""
    if given is None or given in words.values():
        return given
    mark = words.get(given.strip().lower(), "\t" if given == "\\t" and key == "sep" else None)
    if mark is None and key == "sep" and len(given) == 1 and not given.isalnum() and given not in "\"'\r\n":
        return given
    if mark is None:
        raise UserError(f"data.{key}={given} was given: {nearest(given, words)}")
    return mark


def _word(mark: str, words: Mapping[str, str]) -> str:
    return next((word for word, sign in words.items() if sign == mark), repr(mark))


def _decode(file: Path, raw: bytes, encoding: str | None) -> tuple[str, str]:
    """Text of the bytes: the encoding asked for, else a byte-order mark, UTF-8, Windows-1252."""
    raw = raw.rstrip(b"\x1a")  # the end of a file, in DOS
    asked = encoding or next((name for mark, name in BOMS.items() if raw.startswith(mark)), None)
    if asked:
        text = _decode_as(file, raw, asked).removeprefix("\ufeff")
        _refuse_binary(file, text)
        return text, asked
    _refuse_binary(file, raw.decode("latin-1"))
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _undecidable(file, raw, error.start) from error
    if found := ODD.search(text):
        raise _undecidable(file, raw, found.start())
    return text, "cp1252"


def _decode_as(file: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except LookupError as error:
        known = ["utf-8", "utf-16", "cp1252", "cp850", "mac_roman"]
        raise UserError(
            f"data.encoding={encoding} is no encoding of text: {nearest(encoding, known)}"
        ) from error
    except UnicodeError as error:
        at = int(getattr(error, "start", 0))
        raise UserError(
            f"{_place(file, _row(raw, at))}: byte 0x{raw[at]:02x} is not {encoding}, name the right encoding, "
            "for example data.encoding=cp1252, or data.encoding=null to have it recognised"
        ) from error


def _refuse_binary(file: Path, text: str) -> None:
    if found := BINARY.search(text):
        raise UserError(
            f"{file} is a binary file (byte 0x{ord(found[0]):02x} in row {text.count(NEWLINE, 0, found.start()) + 1} is in no "
            "text): open it in the program it comes from and export it as CSV"
        )


def _row(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _undecidable(file: Path, raw: bytes, at: int) -> UserError:
    """What the odd byte would be in each encoding, for a person to choose."""
    before = re.findall(rb"[^\s;,\"]*\Z", raw[max(0, at - 20) : at])[0]
    word = before + re.findall(rb"\A[^\s;,\"]*", raw[at : at + 20])[0]
    read = {name: word.decode(name, "replace") for name in ("cp850", "mac_roman", "cp1252")}
    guesses = [f"data.encoding={name} reads {text!r}" for name, text in read.items() if "\ufffd" not in text]
    return UserError(
        f"{_place(file, _row(raw, at))}: the encoding cannot be decided, byte 0x{raw[at]:02x} is neither UTF-8 nor "
        f"usual in Windows-1252: {', '.join(guesses)}; type the one that reads well, or save the file as 'CSV UTF-8'"
    )


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
            counts = [
                len(row)
                for _, row in zip(range(200), csv.reader(sample, delimiter=mark), strict=False)
                if any(row)
            ]
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
    at = last = odd = odd_row = odd_cells = 0
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=sep, skipinitialspace=True), 1
        ):
            if len(row) < 2 and not any(cell.strip() for cell in row):
                continue
            if not header:
                header, at = row, number
            elif len(row) != len(header):
                odd += 1
                odd_row, odd_cells = odd_row or number, odd_cells or len(row)
            last = number
    except csv.Error as error:
        raise UserError(f"{_place(file, last + 1)}: {error}, is a quotation mark not closed?") from error
    if not header:
        raise UserError(f"{file} is empty: a header row and rows of data were expected, export it again")
    if odd:
        hint = "a number with a decimal comma must stand in quotation marks here, or export with semicolons" if sep == "," else (
            "correct the row, look for a separator or a quotation mark too many, or force data.sep=semicolon, comma or tab"
        )  # fmt: skip
        more = f" ({odd} such rows)" if odd > 1 else ""
        raise UserError(
            f"{_place(file, odd_row)} has {odd_cells} cells, the header has {len(header)}{more}: {hint}"
        )
    return header, at, last


def _names(file: Path, header: Iterable[Any], at: int) -> list[str]:
    names = [" ".join(str(name).split()) for name in header]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise UserError(
                f"{_place(file, at, name)}: columns {names.index(name) + 1} and {place + 1} have the same title, rename one of them"
            )
    return names


def _tidy(file: Path, frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Strip the cells, leave out rows without any value and columns without title and value."""
    frame = frame.apply(lambda column: column.str.strip())
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise UserError(f"{file} holds a header and no row of data: export it again with its rows")
    for place, name in enumerate(names):
        if not name and (frame[place] != "").any():
            row = frame.index[(frame[place] != "").argmax()]
            raise UserError(
                f"{_place(file, int(row))}: column {place + 1} has values but no title in the header, give it one"
            )
    frame = frame[[place for place, name in enumerate(names) if name]]
    return frame.set_axis([name for name in names if name], axis=1)


def _is_workbook(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _workbook(file: Path) -> pd.DataFrame:
    """Cells of the first sheet as text."""
    import pandas as pd

    try:
        sheet = pd.read_excel(file, header=None, dtype=object, na_filter=False, engine="openpyxl")
    except ImportError as error:
        raise UserError(
            f"{file} is a workbook: save it as CSV, or pip install usecases[excel] to read it as it is"
        ) from error
    except Exception as error:  # a damaged workbook raises anything from KeyError to XML errors
        raise UserError(f"{file} is a workbook that cannot be read ({error}): save it as CSV") from error
    cells = sheet.map(_cell_text).astype(str)
    filled = (cells != "").any(axis=1).to_numpy().nonzero()[0]
    if not len(filled):
        raise UserError(f"{file} is empty: a header row and rows of data were expected in the first sheet")
    cells = cells.set_axis(range(cells.shape[1]), axis=1)
    cells.index = pd.RangeIndex(1, len(cells) + 1)
    at = int(filled[0]) + 1
    return _tidy(file, cells.loc[at + 1 :], _names(file, cells.loc[at], at))


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
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Give the columns the names asked for, and keep the titles they have in the file."""
    titles: dict[str, str] = {}
    folded = {fold_case(name): name for name in reversed(cells.columns)}
    for name in [*required, *aliases, *sorted(wanted)]:
        if name in cells.columns or name in titles:
            continue
        found = next(
            (folded[key] for key in map(fold_case, [name, *aliases.get(name, ())]) if key in folded), None
        )
        if found is not None and found not in titles.values():
            titles[name] = found
        elif name in required:
            option = required[name] if isinstance(required, Mapping) else None
            hint = f"; name the right one with {option}" if option else ""
            if len(cells.columns) == 1:
                hint += "; as only one column was found, force data.sep=semicolon, comma or tab if another character separates"
            raise UserError(f"{_place(file, 1)}: no column {name!r}, {nearest(name, cells.columns)}{hint}")
    return cells.rename(columns={title: name for name, title in titles.items()}), titles


# From cells to numbers and dates ---------------------------------------------------------------------------------


@dataclass
class _Reading:
    """The cells of a file on their way to numbers and dates, and what was recognised so far."""

    file: Path
    cells: pd.DataFrame
    titles: Mapping[str, str]
    sep: str
    forced: str | None
    dayfirst: bool | None
    decimals: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def typed(
        self, *, numeric: set[str], dates: set[str], text: set[str], within: str | None
    ) -> pd.DataFrame:
        """Give each column its type."""
        import pandas as pd

        asked, self.dayfirst = self.dayfirst, None
        missing = {name: self.cells[name].str.lower().isin(MISSING) for name in self.cells.columns}
        plain = {name: _ungrouped(self.cells[name]) for name in self.cells.columns if name not in text}
        self._decide_decimals(plain)
        columns: dict[str, Any] = {}
        for name in self.cells.columns:
            known = ~missing[name]
            if name in text:
                columns[name] = self.cells[name].where(known)
                continue
            values, bad = self._numbers(name, plain[name], known)
            mostly = 2 * bad.sum() <= known.sum()
            if name in dates and (not mostly or self._compact(name, known)):
                columns[name] = self._dates(name, known, asked, within)
            elif bad.any() and (name in numeric or mostly):
                remedy = "correct or empty them, or leave the column out"
                remedy += (
                    ", or have the decimal mark recognised with data.decimal=null" if self.forced else ""
                )
                raise self._error(name, bad, "is not a number", remedy)
            else:
                columns[name] = self.cells[name].where(known) if bad.any() else values
        if len(set(self.decimals.values())) > 1:
            rare = next(iter(set(DECIMALS.values()) - {self.main_decimal()}))
            who = ", ".join(
                self.titles.get(name, name) for name, mark in self.decimals.items() if mark == rare
            )
            self.remarks.append(f"decimal {_word(rare, DECIMALS)} in {who}")
        return pd.DataFrame(columns, index=self.cells.index)

    def main_decimal(self) -> str:
        """Decimal mark of most columns; a point when no column has any."""
        marks = list(self.decimals.values())
        return self.forced or max(",.", key=lambda mark: (marks.count(mark), mark == "."))

    def _decide_decimals(self, plain: Mapping[str, pd.Series]) -> None:
        """Decimal mark of each column, from its own cells, else from the other columns, else from the separator."""
        unsure: dict[str, str] = {}
        for name, cells in plain.items():
            mark, ambiguous = _decimal_of(cells)
            if decided := (self.forced or mark) if mark or ambiguous else None:
                self.decimals[name] = decided
            elif ambiguous:
                unsure[name] = ambiguous
        votes = set(self.decimals.values())
        for name, mark in unsure.items():
            if mark == "." and "," not in votes:
                decided = "."  # 1.234: a French or an English file does not group thousands with a point
            elif mark == "," and len(votes) == 1:
                decided = next(iter(votes))
            elif mark == "," and self.sep == ";":
                decided = ","
            else:
                row = self.cells.index[plain[name].str.contains(mark, regex=False).argmax()]
                cell = self.cells.at[row, name]
                raise UserError(
                    f"{self._at(row, name)}: {cell!r} may be {cell.replace(mark, '.')} or {cell.replace(mark, '')}, and nothing in the "
                    "file decides: type data.decimal=comma or data.decimal=point"
                )
            self.decimals[name] = decided

    def _numbers(self, name: str, cells: pd.Series, known: pd.Series) -> tuple[pd.Series, pd.Series]:
        """Numbers of a column, and where a known cell is none."""
        import pandas as pd

        mark = self.decimals.get(name, ".")
        other = "." if mark == "," else ","
        stray = cells.str.contains(other, regex=False)
        if stray.any():
            grouped = cells.str.fullmatch(rf"[+-]?\d{{1,3}}(?:\{other}\d{{3}})+(?:\{mark}\d*)?")
            # A lone 12.345 among decimal commas is a slip or a thousand: only clear groups elsewhere, or the user, may say.
            clear = mark == "." or self.forced or cells.str.contains(r"\.\d{3}[.,]\d", regex=True).any()
            if clear and grouped.any():
                cells = cells.where(~grouped, cells.str.replace(other, "", regex=False))
                stray &= ~grouped
                self.remarks.append(
                    f"{_word(other, DECIMALS)} between thousands in {self.titles.get(name, name)}"
                )
        if mark == ",":
            cells = cells.str.replace(",", ".", regex=False)
        values = pd.to_numeric(cells.where(known & ~stray), errors="coerce").astype("float64")
        bad = known & (stray | values.isna())
        return values, bad

    def _compact(self, name: str, known: pd.Series) -> bool:
        """Whether all cells are dates without separators, 20241231."""
        cells = self.cells[name][known]
        return len(cells) > 0 and bool(cells.str.fullmatch(COMPACT).all())

    def _dates(self, name: str, known: pd.Series, dayfirst: bool | None, within: str | None) -> pd.Series:
        """Dates of a column; the order of day and month is decided once for the whole column."""
        cells = self.cells[name]
        split = cells.str.match(DAY) & known
        if split.any():
            if dayfirst is None:
                dayfirst = self._day_first(name, cells[split], within)
            self.dayfirst = dayfirst
        values = _parse_dates(cells.where(known), bool(dayfirst))
        bad = known & values.isna()
        if bad.any():
            raise self._error(name, bad, f"is not {DATE_HELP}", "correct them")
        return values

    def _day_first(self, name: str, cells: pd.Series, within: str | None) -> bool:
        heads = cells.str.slice(0, 10).drop_duplicates()
        pairs = {row: [int(part) for part in re.match(DAY, head).groups()[:2]] for row, head in heads.items()}  # type: ignore[union-attr]
        day = next((row for row, (first, _) in pairs.items() if first > 12), None)
        month = next((row for row, (_, second) in pairs.items() if second > 12), None)
        if day is not None and month is not None:
            raise UserError(
                f"{self._at(day, name)}: {cells[day]!r} is day/month and {cells[month]!r} in row {month} is month/day, "
                "write all dates of the column in one way"
            )
        if day is not None or month is not None or all(first == second for first, second in pairs.values()):
            return month is None
        ordered = [self._in_order(_parse_dates(cells, way), within) for way in (True, False)]
        if ordered[0] == ordered[1]:
            row = next(row for row, (first, second) in pairs.items() if first != second)
            raise UserError(
                f"{self._at(row, name)}: {cells[row]!r} and all other dates of the column are valid as day/month and as month/day, "
                "type data.dayfirst=true or data.dayfirst=false"
            )
        return ordered[0]

    def _in_order(self, values: pd.Series, within: str | None) -> bool:
        import pandas as pd

        steps = values.diff()
        if within is not None and within in self.cells.columns:
            runs = self.cells.loc[values.index, within]
            steps = steps[runs == runs.shift()]
        zero = pd.Timedelta(0)
        return not (steps < zero).any() or not (steps > zero).any()

    def _at(self, row: Any, name: str) -> str:
        return _place(self.file, int(row), self.titles.get(name, name))

    def _error(self, name: str, bad: pd.Series, what: str, remedy: str) -> UserError:
        row, count = bad.idxmax(), int(bad.sum())
        more = f"{count} such cells in the column" if count > 1 else "the only such cell in the column"
        return UserError(f"{self._at(row, name)}: {self.cells.at[row, name]!r} {what} ({more}): {remedy}")


def _ungrouped(cells: pd.Series) -> pd.Series:
    """Cells without the spaces between thousands and with a plain minus sign."""
    spaced = cells.str.contains(f"[{SPACES}]", regex=True)
    if spaced.any():
        grouped = spaced & cells.str.fullmatch(rf"[+−-]?\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d*)?")
        if grouped.any():
            cells = cells.where(~grouped, cells.str.replace(f"[{SPACES}]", "", regex=True))
    if cells.str.startswith("−").any():
        cells = cells.str.replace("^−", "-", regex=True)
    return cells


def _decimal_of(cells: pd.Series) -> tuple[str | None, str | None]:
    """Decimal mark that a column's own cells prove, and the mark that it shows without proof (1,234 or 1.234)."""
    proofs: dict[str, int] = {}
    ambiguous = None
    for mark, other in ((",", "."), (".", ",")):
        if not cells.str.contains(mark, regex=False).any():
            continue
        either = cells.str.fullmatch(rf"[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}")
        shape = rf"[+-]?(?:(?:\d{{1,3}}(?:\{other}\d{{3}})+|\d+)\{mark}\d*|\{mark}\d+){EXPONENT}"
        proven = cells.str.fullmatch(shape) & ~either
        groups = cells.str.fullmatch(rf"[+-]?\d{{1,3}}(?:\{mark}\d{{3}}){{2,}}")
        proofs[mark] = proofs.get(mark, 0) + int(proven.sum())
        proofs[other] = proofs.get(other, 0) + int(groups.sum())
        ambiguous = mark if either.any() else ambiguous
    if not any(proofs.values()):
        return None, ambiguous
    return max(proofs, key=lambda mark: proofs[mark]), ambiguous


def _parse_dates(cells: pd.Series, dayfirst: bool) -> pd.Series:
    """Dates in any of the forms of `DATE_HELP`, NaT where a cell has none of them; offsets are turned into UTC."""
    import pandas as pd

    codes, distinct = pd.factorize(cells)  # the same days come back for every machine
    text = pd.Series(distinct, dtype="str").str.replace(DAY_PARTS, r"\1-\2-\3 ", regex=True).str.strip()
    text = text.str.replace(r"(\d)[hH](\d\d)", r"\1:\2", regex=True)
    text = text.str.replace(r"(:\d\d),", r"\1.", regex=True)
    values = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    offset = text.str.contains(rf":\d\d.*{OFFSET}", regex=True)
    if offset.any():
        zoned = text[offset].str.replace(" ", "T")
        zoned = pd.to_datetime(zoned, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        values[offset] = zoned.astype(values.dtype)
    first = "%d-%m" if dayfirst else "%m-%d"
    for form in [
        order + time for order in ("%Y-%m-%d", f"{first}-%Y", f"{first}-%y", "%Y%m%d") for time in TIMES
    ]:
        left = values.isna()
        if not left.any():
            break
        values[left] = pd.to_datetime(text[left], format=form, errors="coerce").astype(values.dtype)
    found = values.reindex(codes)  # code -1, a missing cell, is in no index: NaT
    return found.set_axis(cells.index)

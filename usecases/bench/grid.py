"""The table of a suite set in one language: columns, rows of cells and notes, the same for every rendering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from usecases.bench import layout as bench_layout
from usecases.bench.figures import (
    NOT_MEASURED,
    digits_of,
    figure_text,
    heading,
    interval_text,
    paper_name,
    paper_note,
)
from usecases.bench.layout import LETTERS, Layout
from usecases.bench.words import status, word
from usecases.formatting import NARROW, number, unit_name
from usecases.report_words import say

MARKS = {"better": "+", "worse": "−", "unclear": "~", "few": "?"}


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    value : str
        The figure, set in the language; empty when there is none.
    interval : str
        Its interval in square brackets, or empty.
    tag : str
        A word beside it.
    mark : str
        A sign in place of the word, where room is short; empty for the word itself.
    """

    value: str = ""
    interval: str = ""
    tag: str = ""
    mark: str = ""

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(part for part in (self.value, self.interval, self.tag) if part)

    @property
    def short(self) -> str:
        """The same with the sign instead of the word."""
        return " ".join(part for part in (self.value, self.interval, self.mark or self.tag) if part)


@dataclass(frozen=True)
class GridRow:
    """One row.

    Parameters
    ----------
    name : str
        The method.
    kind : {"method", "baseline", "trivial", "bound", "published", "failure"}
        What it is.
    cells : tuple of Cell
        One for each column; empty for a failure.
    tag : str
        A word beside the name.
    error : str
        Of a failure.
    best : bool
        Whether it has the best mean on its data.
    leaks : bool
        Whether a published value comes from a protocol that leaks.
    """

    name: str
    kind: str
    cells: tuple[Cell, ...] = ()
    tag: str = ""
    error: str = ""
    best: bool = False
    leaks: bool = False


@dataclass(frozen=True)
class Grid:
    """A task's part of the table.

    Parameters
    ----------
    title : str
        The task's title.
    columns : tuple of str
        Headings, without that of the method.
    groups : tuple of (str, tuple of GridRow)
        The rows of each data.
    headline : int
        Place of the headline.
    notes : tuple of str
        How to read it, one sentence each.
    short_notes : tuple of str
        The same where room is short: what the intervals and the gain are, and what makes rows less than whole.
    papers : tuple of str
        One note for each number in square brackets.
    least_needed : tuple of int
        Places of the columns, in the order in which a narrow table gives them up: the last metrics first, then costs.
    legend : dict of int to str
        What the short heading of a column stands for, by its place.
    """

    title: str
    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[GridRow, ...]], ...]
    headline: int
    notes: tuple[str, ...]
    short_notes: tuple[str, ...]
    papers: tuple[str, ...]
    least_needed: tuple[int, ...]
    legend: dict[int, str]


def grid(table: Mapping[str, Any], task: str, lang: str, *, full: bool = False) -> Grid:
    """Set a task's part of the table in one language.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    task : str
        One of its tasks.
    lang : {"en", "fr"}
        Language.
    full : bool
        An interval in every cell and all costs; else the interval of the headline only, and one convention of cost
        (the fit where every method has one).
    """
    shown = bench_layout.layout(table, task, full=full)
    groups = []
    for data in dict.fromkeys(line["data"] for line in shown.lines):
        rows: list[GridRow] = []
        for place, line in enumerate(line for line in shown.lines if line["data"] == data):
            if line["kind"] in ("bound", "published") or line["n_measured"]:
                rows.append(_row(line, shown, lang, best=place == 0 and "cost" in line))
            rows += [_failure(line, one, lang) for one in line.get("failures", [])]
        groups.append((data, tuple(rows)))
    first = shown.several + 1 + shown.gains  # place of the metric after the headline
    places = [int(shown.several), *range(first, first + len(shown.columns) - 1)]
    legend = zip(places, bench_layout.legend(shown.columns, lang), strict=True)
    return Grid(
        say(shown.task["title"], lang),
        _headings(shown, lang),
        tuple(groups),
        int(shown.several),
        tuple(bench_layout.notes(table, shown, lang)),
        tuple(bench_layout.short_notes(shown, lang)),
        tuple(paper_note(line, place, lang) for line, place in _first_of_each(shown.lines, shown.papers)),
        _least_needed(first, len(shown.columns) - 1, len(shown.costs)),
        {place: told for place, told in legend if told},
    )


def _headings(shown: Layout, lang: str) -> tuple[str, ...]:
    """Name the columns."""
    headline, *others = (heading(column, lang) for column in shown.columns)
    return (
        *([word("rows", lang)] if shown.several else []),
        headline,
        *([_gain_heading(shown.measured, lang)] if shown.gains else []),
        *others,
        *(word(name, lang) for name in shown.costs),
    )


def _row(line: Mapping[str, Any], shown: Layout, lang: str, *, best: bool) -> GridRow:
    """Set a line."""
    cells = [_rows_cell(line)] if shown.several else []
    for place, column in enumerate(shown.columns):
        cell = _figure(line["figures"][column["name"]], column, lang, shown)
        cells.append(cell if "cost" in line or cell.value != NOT_MEASURED else Cell())
        if not place and shown.gains:
            cells.append(_gain(line, lang))
    cells += [Cell(_cost(line, name, lang)) for name in shown.costs]
    name, tag = _name(line, shown.papers, lang), _tag(line, lang)
    return GridRow(name, line["kind"], tuple(cells), tag, "", best, line.get("leaks", False))


def _least_needed(first: int, metrics: int, costs: int) -> tuple[int, ...]:
    """Order the columns: what stands before `first` is needed most, then the costs, then the other metrics.

    Examples
    --------
    >>> _least_needed(2, 3, 1)
    (4, 3, 2, 5, 1, 0)
    """
    after = first + metrics
    return (
        *range(after - 1, first - 1, -1),
        *range(after + costs - 1, after - 1, -1),
        *range(first - 1, -1, -1),
    )


def _figure(figure: Mapping[str, Any], column: Mapping[str, Any], lang: str, shown: Layout) -> Cell:
    """Set a metric: its mean, and its interval marked by a letter where the table holds several kinds."""
    if figure["value"] is None:
        return Cell(NOT_MEASURED)
    unit = column["units"][0] if column["units"] else ""
    value = float(figure["value"])
    text = figure_text(figure, column, lang)
    if column["name"] not in shown.with_interval or not figure["interval"]:
        return Cell(text)
    interval = interval_text(figure["interval"], value, unit, lang)
    mark = LETTERS[shown.kinds.index(figure["interval_kind"]) % len(LETTERS)] if len(shown.kinds) > 1 else ""
    return Cell(text, interval + mark if interval else "")


def _gain(line: Mapping[str, Any], lang: str) -> Cell:
    if line.get("is_reference"):
        return Cell(tag=word("reference", lang))
    found = line.get("difference")
    if not found:
        return Cell()
    if found["refused"]:
        return Cell(tag=word("refused", lang))
    value = found["value"]
    interval = interval_text(found["interval"], value, found["unit"], lang)
    figure = number(value, lang, digits_of(value, found["unit"]))
    return Cell(figure, interval, word(found["verdict"], lang), MARKS[found["verdict"]])


def _gain_heading(lines: Iterable[Mapping[str, Any]], lang: str) -> str:
    """Name the column of gains, with its unit where it is one."""
    units = {
        line["difference"]["unit"]
        for line in lines
        if line["difference"] and not line["difference"]["refused"]
    }
    return word("gain", lang) + (
        f" ({unit_name(units.pop(), lang)})" if len(units) == 1 and "" not in units else ""
    )


def _rows_cell(line: Mapping[str, Any]) -> Cell:
    if "n_measured" not in line:
        return Cell()
    return Cell(str(line["n"]) if line["n_measured"] == line["n"] else f"{line['n_measured']}/{line['n']}")


def _cost(line: Mapping[str, Any], name: str, lang: str) -> str:
    value = line.get("cost", {}).get(name)
    if value is None:
        return ""
    return number(float(value), lang, 0 if name == "peak_memory_mb" else 1)


def _first_of_each(
    lines: Iterable[Mapping[str, Any]], papers: Mapping[tuple[str, str], int]
) -> list[tuple[Mapping[str, Any], int]]:
    first: dict[int, Mapping[str, Any]] = {}
    for line in lines:
        if line["kind"] == "published":
            first.setdefault(papers[line["method"], line["source"]], line)
    return [(line, place) for place, line in sorted(first.items(), key=lambda item: item[0])]


def _name(line: Mapping[str, Any], papers: Mapping[tuple[str, str], int], lang: str) -> str:
    if line["kind"] == "published":
        return f"{paper_name(line)} [{papers[line['method'], line['source']]}]"
    if line["kind"] == "bound" and line.get("name"):
        return say(line["name"], lang)
    return str(line["method"])


def _tag(line: Mapping[str, Any], lang: str) -> str:
    if line["kind"] == "method":
        return ""
    if line["kind"] == "published":
        return word("leaks" if line["leaks"] else "published", lang)
    return word(line["kind"], lang)


def _failure(line: Mapping[str, Any], one: Mapping[str, Any], lang: str) -> GridRow:
    """Set a row that failed."""
    where = [f"{word(axis, lang)} {one[axis]}" for axis in ("seed", "fold") if one[axis] is not None]
    name = ", ".join([line["method"], *where]) if line["n"] > 1 else line["method"]
    colon = f"{NARROW}:" if lang == "fr" else ":"
    return GridRow(name, "failure", error=f"{status(one['status'], lang)}{colon} {one['error']}")

"""The table of a suite as text: for a terminal, in Markdown, and as CSV for other programs."""

from __future__ import annotations

import csv
import io
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from usecases.bench.figures import figure_text, heading, paper_name
from usecases.bench.grid import Grid, GridRow, grid
from usecases.bench.published import CHECKED, PROTOCOLS
from usecases.bench.words import word
from usecases.formatting import NARROW, typeset
from usecases.report_words import say

ASIDE = ("bound", "published")  # what stands in a table and is no method of it
SHORTEST = 8  # narrowest heading, in characters
KEYS = (
    "task", "data", "method", "kind", "rows", "rows_measured", "seeds", "folds", "errors",
)  # fmt: skip
DIFFERENCE = ("with", "value", "low", "high", "interval_kind", "n", "unit", "verdict", "refused")
COST = ("solve_cpu_s", "fit_cpu_s", "solve_wall_s", "peak_memory_mb")
PAPER = ("year", "source", "protocol", "checked")


def text(table: Mapping[str, Any], lang: str, width: int | None = None) -> str:
    """Set the table for a terminal: short enough to be projected, the rest is for Markdown and the page.

    Columns that do not fit are left out and counted, the most needed stay; of papers, the headline alone; notes are short.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    lang : {"en", "fr"}
        Language.
    width : int, optional
        Characters a line; by default those of the terminal, 100 when there is none.

    Returns
    -------
    str
        One part for each task.
    """
    width = max(40, width or shutil.get_terminal_size((100, 24)).columns)
    return "\n\n".join(_aligned(grid(table, task, lang), lang, width) for task in table["tasks"])


def _aligned(part: Grid, lang: str, width: int) -> str:
    rows = [row for _, rows in part.groups for row in rows if row.cells and row.kind not in ASIDE]
    first = max([len(word("method", lang)), *(len(_named(row)) for row in rows)])
    first = min(first, max(16, width // 4))
    widths = [
        max([*map(len, _wrapped(name, SHORTEST)), *(len(row.cells[place].short) for row in rows)])
        for place, name in enumerate(part.columns)
    ]
    shown = _fitting(widths, part.least_needed, width - first - 2)
    lines = [
        part.title,
        *_headings([part.columns[n] for n in shown], [widths[n] for n in shown], first, lang),
    ]
    for data, its in part.groups:
        lines.append(data)
        for row in its:
            if row.kind not in ASIDE:
                lines += _row(row, {n: widths[n] for n in shown}, first, width)
        for kind in ASIDE:
            lines += _aside([row for row in its if row.kind == kind], part.headline, lang, width)
    notes = [" ".join(part.short_notes)]
    hidden = len(part.columns) - len(shown)
    notes += [word("hidden_note", lang).format(n=hidden)] if hidden else []
    folded = [
        textwrap.fill(note.replace(" %", "\u00a0%"), width, break_long_words=False) for note in notes if note
    ]
    return "\n".join([*lines, "", *folded])


def _aside(rows: Sequence[GridRow], headline: int, lang: str, width: int) -> list[str]:
    """Set on one line, folded, the headline of what is no method: bounds, or papers (sources are for larger pages)."""
    values = [
        f"{row.name.rpartition(' [')[0] if row.kind == 'published' else row.name} {row.cells[headline].short}"
        + (f" ({row.tag})" if row.leaks else "")
        for row in rows
        if row.cells[headline].value
    ]
    gap = NARROW if lang == "fr" else ""
    return _indented(f"{word(rows[0].kind, lang)}{gap}: {f'{gap}; '.join(values)}", width) if values else []


def _indented(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def _fitting(widths: Sequence[int], least_needed: Sequence[int], room: int) -> list[int]:
    """Choose the columns that fit, those most needed first; one is always shown."""
    shown: list[int] = []
    for place in reversed(least_needed):
        if not shown or sum(widths[n] + 2 for n in (*shown, place)) <= room:
            shown.append(place)
    return sorted(shown)


def _named(row: GridRow) -> str:
    return f"{row.name} ({row.tag})" if row.tag else row.name


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False) or [""]


def _headings(columns: Sequence[str], widths: Sequence[int], first: int, lang: str) -> list[str]:
    """Set the headings over several lines, standing on the rule below them."""
    blocks = [_wrapped(name, width) for name, width in zip(columns, widths, strict=False)]
    height = max(map(len, blocks), default=1)
    lines = []
    for level in range(height):
        name = word("method", lang) if level == height - 1 else ""
        cells = [
            (block[level - height + len(block)] if level >= height - len(block) else "").rjust(width)
            for block, width in zip(blocks, widths, strict=False)
        ]
        lines.append("  ".join([f"  {name:<{first}}", *cells]).rstrip())
    return [*lines, "-" * (2 + first + sum(width + 2 for _, width in zip(columns, widths, strict=False)))]


def _row(row: GridRow, widths: Mapping[int, int], first: int, width: int) -> list[str]:
    if row.kind == "failure":
        return _indented(f"{row.name}  {row.error}", width)
    cells = [row.cells[n].short.rjust(room) for n, room in widths.items()]
    name = _wrapped(_named(row), first)
    return [*(f"  {part}" for part in name[:-1]), "  ".join([f"  {name[-1]:<{first}}", *cells]).rstrip()]


def markdown(table: Mapping[str, Any], lang: str, *, papers: Literal["rows", "table"] = "rows") -> str:
    """Set the table in Markdown: a bold line for each data, its rows below, the notes in italics.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    lang : {"en", "fr"}
        Language.
    papers : {"rows", "table"}
        Whether values of papers stand below the measured ones of each data, with numbered notes, or in a small table of
        their own with one row a paper (the headline only).

    Returns
    -------
    str
        One part for each task, with a heading when there are several.
    """
    several = len(table["tasks"]) > 1
    measured = (
        table
        if papers == "rows"
        else {**table, "lines": [o for o in table["lines"] if o["kind"] != "published"]}
    )
    parts = []
    for task in table["tasks"]:
        part = grid(measured, task, lang)
        lines = [f"**{escaped(part.title)}**", ""] if several else []
        lines += [_cells([word("method", lang), *map(escaped, part.columns)])]
        lines += ["|" + " --- |" + " ---: |" * len(part.columns)]
        for data, rows in part.groups:
            lines.append(_cells([f"**{escaped(data)}**", *[""] * len(part.columns)]))
            lines += [_markdown_row(row, len(part.columns)) for row in rows]
        lines += ["", f"*{escaped(' '.join([*part.notes, *part.legend.values()]))}*"]
        lines += ["", *(f"- {escaped(note)}" for note in part.papers)] if part.papers else []
        lines += _paper_table(table, task, lang) if papers == "table" else []
        parts.append("\n".join(lines))
    return typeset("\n\n".join(parts), lang)


def _paper_table(table: Mapping[str, Any], task: str, lang: str) -> list[str]:
    """Set the headline values of papers, one row a paper and one column a data."""
    lines = [line for line in table["lines"] if line["task"] == task and line["kind"] == "published"]
    if not lines:
        return []
    column = table["tasks"][task]["columns"][0]
    datas = list(dict.fromkeys(line["data"] for line in lines))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        found.setdefault((line["method"], line["source"]), {"line": line})[line["data"]] = line["figures"][
            column["name"]
        ]
    title = f"{word('papers', lang)}, {heading(column, lang)}"
    keys = ("protocol", "checked", "source")
    made = ["", _cells([escaped(title), *map(escaped, datas), *(word(key, lang) for key in keys)])]
    made.append("| --- |" + " ---: |" * len(datas) + " --- |" * len(keys))
    for figures in found.values():
        line = figures["line"]
        values = [figure_text(figures[data], column, lang) if data in figures else "" for data in datas]
        flags = ", ".join(say(PROTOCOLS[flag], lang) for flag in line["protocol"])
        told = [
            f"**{flags}**" if line["leaks"] else flags,
            say(CHECKED[line["checked"]], lang),
            escaped(line["source"]),
        ]
        made.append(_cells([escaped(paper_name(line)), *values, *told]))
    return [*made, "", f"*{word('papers_text', lang)}*"]


def _markdown_row(row: GridRow, columns: int) -> str:
    tag = f" <sub>{escaped(row.tag)}</sub>" if row.kind in ASIDE and row.tag else ""
    name = escaped(row.name)
    if row.kind == "failure":
        return _cells([name, f"*{escaped(row.error)}*", *[""] * (columns - 1)])
    if row.best:
        name = f"**{name}**"
    elif tag:
        name = f"*{name}*"
    return _cells([name + tag, *(escaped(cell.text) for cell in row.cells)])


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def escaped(text: str) -> str:
    r"""Make a text safe inside a Markdown table: names of data and methods are a user's.

    Examples
    --------
    >>> print(escaped("a|b <script> *c*"))
    a\|b &lt;script> \*c\*
    """
    safe = " ".join(text.split("\n")).replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;")
    return safe.replace("|", "\\|").replace("*", "\\*").replace("`", "\\`")


def csv_text(table: Mapping[str, Any]) -> str:
    """Write the table for other programs: one line each, full precision, the same English keys in every language.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.

    Returns
    -------
    str
        With ``kind`` one of method, baseline, trivial, bound, published; ``<metric>``, ``<metric>_low``,
        ``<metric>_high``, ``<metric>_interval_kind``, ``<metric>_n``, ``<metric>_unit`` for each metric;
        ``difference_*`` from the best baseline (positive: better); costs; and the flags of published values.
    """
    units = {
        (task, column["name"]): " / ".join(column["units"])
        for task, facts in table["tasks"].items()
        for column in facts["columns"]
    }
    metrics = list(dict.fromkeys(name for _, name in units))
    parts = ("", "_low", "_high", "_interval_kind", "_n", "_unit")
    keys = [
        *KEYS,
        *(f"{name}{part}" for name in metrics for part in parts),
        *(f"difference_{key}" for key in DIFFERENCE),
        *COST,
        *PAPER,
    ]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, keys, restval="", lineterminator="\n")
    writer.writeheader()
    for line in table["lines"]:
        writer.writerow(_plain_row(line, units))
    return buffer.getvalue()


def _plain_row(line: Mapping[str, Any], units: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    row: dict[str, Any] = {key: line.get(key, "") for key in ("task", "data", "method", "kind")}
    row |= {"rows": line.get("n", ""), "rows_measured": line.get("n_measured", "")}
    row |= {key: " ".join(map(str, line.get(key, []))) for key in ("seeds", "folds")}
    row["errors"] = " | ".join(_error(one) for one in line.get("failures", []))
    for name, figure in line["figures"].items():
        low, high = figure["interval"] or ("", "")
        row |= {
            name: figure["value"],
            f"{name}_low": low,
            f"{name}_high": high,
            f"{name}_interval_kind": figure["interval_kind"],
            f"{name}_n": figure["n"],
            f"{name}_unit": units[line["task"], name],
        }
    found = line.get("difference") or {}
    low, high = found.get("interval") or ("", "")
    row |= {f"difference_{key}": found.get(key, "") for key in DIFFERENCE} | {
        "difference_low": low,
        "difference_high": high,
    }
    row |= {key: line.get("cost", {}).get(key, "") for key in COST}
    row |= {key: line.get(key, "") for key in PAPER} | {"protocol": " ".join(line.get("protocol", []))}
    return {key: "" if value is None else value for key, value in row.items()}


def _error(one: Mapping[str, Any]) -> str:
    fold = "" if one["fold"] is None else f", fold {one['fold']}"
    return f"seed {one['seed']}{fold}: {one['status']}: {one['error']}"

"""What a task's part of a table shows: which lines, columns and costs, and the notes that must stand under them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from usecases.bench.compare import REFUSALS
from usecases.bench.words import kind, word
from usecases.formatting import NARROW, differ
from usecases.report_words import say

COSTS = ("solve_cpu_s", "fit_cpu_s", "solve_wall_s", "peak_memory_mb")
LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲ"  # mark the kinds of intervals where a table holds several


@dataclass(frozen=True)
class Layout:
    """What is shown of a task.

    Parameters
    ----------
    task : mapping
        Its title, headline and columns.
    lines : tuple of mapping
        All its lines.
    measured : tuple of mapping
        Those of methods, without bounds and papers.
    columns : tuple of mapping
        Metrics, the headline first.
    with_interval : tuple of str
        Metrics whose interval is shown.
    kinds : tuple of str
        Kinds of the intervals that are shown.
    costs : tuple of str
        Columns of cost.
    papers : dict of (str, str) to int
        Number of each paper, by method and source.
    several : bool
        Whether a line is more than one run.
    gains : bool
        Whether lines are compared.
    """

    task: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    measured: tuple[Mapping[str, Any], ...]
    columns: tuple[Mapping[str, Any], ...]
    with_interval: tuple[str, ...]
    kinds: tuple[str, ...]
    costs: tuple[str, ...]
    papers: dict[tuple[str, str], int]
    several: bool
    gains: bool


def layout(table: Mapping[str, Any], task: str, *, full: bool) -> Layout:
    """Choose what is shown of a task.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    task : str
        One of its tasks.
    full : bool
        All intervals and costs; else the interval of the headline only, and one convention of cost.
    """
    facts = table["tasks"][task]
    lines = tuple(line for line in table["lines"] if line["task"] == task)
    measured = tuple(line for line in lines if "cost" in line)
    names = tuple(column["name"] for column in facts["columns"])
    with_interval = names if full else names[:1]
    return Layout(
        facts,
        lines,
        measured,
        tuple(facts["columns"]),
        with_interval,
        _kinds(lines, with_interval),
        _costs(measured, full),
        _numbered(lines),
        any(line["n"] > 1 for line in measured),
        any(line["difference"] and not line["difference"]["refused"] for line in measured),
    )


def _kinds(lines: Iterable[Mapping[str, Any]], names: Iterable[str]) -> tuple[str, ...]:
    """List the kinds of the intervals that are shown."""
    figures = [line["figures"][name] for name in names for line in lines]
    return tuple(dict.fromkeys(figure["interval_kind"] for figure in figures if figure["interval"]))


def _costs(lines: Iterable[Mapping[str, Any]], full: bool) -> tuple[str, ...]:
    """Choose the columns of cost; one convention for all lines of a short table."""
    known = [line for line in lines if line["n_measured"]]
    present = [name for name in COSTS if any(line["cost"][name] is not None for line in known)]
    if full:
        return tuple(present)
    fits = bool(known) and all(line["cost"]["fit_cpu_s"] is not None for line in known)
    left_out = {"solve_wall_s", "solve_cpu_s" if fits else "fit_cpu_s"}
    return tuple(name for name in present if name not in left_out)


def _numbered(lines: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Number the papers in the order in which they are first shown."""
    found = dict.fromkeys((one["method"], one["source"]) for one in lines if one["kind"] == "published")
    return {paper: place for place, paper in enumerate(found, start=1)}


def notes(table: Mapping[str, Any], shown: Layout, lang: str) -> list[str]:
    """Say how to read a task's part of the table, and what one must know of its runs.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    shown : Layout
        What is shown of the task.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    list of str
        One sentence each.
    """
    headline = say(shown.columns[0]["heading"], lang)
    told = [word("mean_note" if shown.several else "one_row_note", lang).format(headline=headline)]
    told += _intervals(shown, lang)
    if shown.gains:
        told.append(word("gain_note", lang))
    told += _refusals(shown.measured, lang)
    if {"fit_cpu_s", "solve_cpu_s"} <= set(shown.costs):
        told.append(word("both_note", lang))
    elif shown.costs:
        told.append(word("fit_note" if "fit_cpu_s" in shown.costs else "solve_note", lang))
    if shown.costs:
        told.append(word("timed_note" if table["timed"] else "untimed_note", lang))
    told += [*_origin(table, lang), *_less(shown.measured, lang)]
    return [*told, *([word("paper_note", lang)] if shown.papers else [])]


def short_notes(shown: Layout, lang: str) -> list[str]:
    """Say the least that one must know to read the table: what intervals and gain are, and which rows are less than whole."""
    gain = [word("gain_short_note", lang)] if shown.gains else []
    verdicts = {line["difference"].get("verdict") for line in shown.measured if line["difference"]}
    gain += [word("few_note", lang)] if "few" in verdicts else []
    return [*_intervals(shown, lang), *gain, *_refusals(shown.measured, lang), *_less(shown.measured, lang)]


def _intervals(shown: Layout, lang: str) -> list[str]:
    if not shown.kinds:
        return []
    marks = LETTERS[: len(shown.kinds)] if len(shown.kinds) > 1 else ""
    pairs = zip_longest(marks, shown.kinds[: len(LETTERS)], fillvalue="")
    listed = ", ".join(f"{mark} {kind(name, lang)}".strip() for mark, name in pairs)
    return [word("interval_note", lang).format(kinds=listed)]


def legend(columns: Iterable[Mapping[str, Any]], lang: str) -> list[str]:
    """Say what short headings stand for; an empty sentence where the heading is the metric's own label.

    Examples
    --------
    >>> label, short = {"en": "Mean absolute error", "fr": ""}, {"en": "MAE", "fr": ""}
    >>> legend([{"label": label, "heading": short}, {"label": label, "heading": label}], "en")
    ['MAE: Mean absolute error.', '']
    """
    colon = f"{NARROW}:" if lang == "fr" else ":"
    return [
        ""
        if column["heading"] == column["label"]
        else f"{say(column['heading'], lang)}{colon} {say(column['label'], lang)}."
        for column in columns
    ]


def _refusals(lines: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say which lines were not compared, and why."""
    refused: dict[str, list[str]] = {}
    for line in lines:
        if line["difference"] and line["difference"]["refused"]:
            refused.setdefault(line["difference"]["refused"], []).append(f"{line['data']} {line['method']}")
    compared = sum(bool(line["difference"]) for line in lines)
    return [
        word("refused_note", lang).format(
            names=word("all_lines", lang) if len(names) == compared else ", ".join(names),
            reason=say(REFUSALS[reason], lang),
        )
        for reason, names in refused.items()
    ]


def _origin(table: Mapping[str, Any], lang: str) -> list[str]:
    """Say what a reader must know of where the rows come from: no commit, several commits or machines."""
    there, notes = table["environment"], []
    if there["dirty"]:
        notes.append(word("dirty_note", lang).format(n=there["dirty"], all=there["rows"]))
    for key in ("commits", "machines"):
        if len(there[key]) > 1:
            notes.append(word(f"{key}_note", lang).format(n=len(there[key])))
    return notes


def _less(lines: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say which lines are less than whole: partial answers, time limits, less work than others."""
    notes = []
    for key, named in (
        ("partial_note", [line for line in lines if line["n_partial"]]),
        ("time_note", [line for line in lines if line["n_measured"] and not line["reproducible"]]),
    ):
        if named:
            names = ", ".join(f"{line['data']} {line['method']}" for line in named)
            notes.append(word(key, lang).format(names=names))
    shares: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        if line.get("share"):
            shares.setdefault(line["data"], []).append(line["share"])
    for there in shares.values():
        if differ(min(s["value"] for s in there), max(s["value"] for s in there)):
            label = say(there[0]["label"], lang) if there[0]["label"] else there[0]["name"]
            return [*notes, word("share_note", lang).format(label=label)]
    return notes

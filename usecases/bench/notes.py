"""What must be said under a table of results: how to read it, and what makes its rows less than whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from usecases.bench.compare import REFUSALS
from usecases.bench.layout import Layout
from usecases.bench.words import kind, word
from usecases.formatting import NARROW
from usecases.report_words import say

LETTERS = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲ"  # mark the kinds of intervals where a table holds several


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
    if shown.kinds:
        marks = LETTERS[: len(shown.kinds)] if len(shown.kinds) > 1 else ""
        pairs = zip_longest(marks, shown.kinds[: len(LETTERS)], fillvalue="")
        listed = ", ".join(f"{mark} {kind(name, lang)}".strip() for mark, name in pairs)
        told.append(word("interval_note", lang).format(kinds=listed))
    if shown.gains:
        told.append(word("gain_note", lang))
    told += _refusals(shown.measured, lang)
    if {"fit_cpu_s", "solve_cpu_s"} <= set(shown.costs):
        told.append(word("both_note", lang))
    elif shown.costs:
        told.append(word("fit_note" if "fit_cpu_s" in shown.costs else "solve_note", lang))
    if shown.costs:
        told.append(word("timed_note" if table["timed"] else "untimed_note", lang))
    told += _warnings(table, shown.measured, lang)
    return [*told, *([word("paper_note", lang)] if shown.papers else [])]


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


def _warnings(table: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], lang: str) -> list[str]:
    """Say what makes rows less than whole: no commit, several machines, partial answers, time limits."""
    there, notes = table["environment"], []
    if there["dirty"]:
        notes.append(word("dirty_note", lang).format(n=there["dirty"], all=there["rows"]))
    for key in ("commits", "machines"):
        if len(there[key]) > 1:
            notes.append(word(f"{key}_note", lang).format(n=len(there[key])))
    lines = list(lines)
    for key, named in (
        ("partial_note", [line for line in lines if line["n_partial"]]),
        ("time_note", [line for line in lines if line["n_measured"] and not line["reproducible"]]),
    ):
        if named:
            names = ", ".join(f"{line['data']} {line['method']}" for line in named)
            notes.append(word(key, lang).format(names=names))
    return notes

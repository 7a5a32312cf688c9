"""One self-contained HTML file per run, in French or English: no external address, printable.

The only script is the zoom of drawings; a report without a drawing has none.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from usecases import drawings
from usecases.contract import Drawing, Paragraph, Picture, Section, Table, Text
from usecases.formatting import between, dates, decimals, differ, interval_kind, number, unit_name, with_unit
from usecases.report_facts import data_rows, day, timing_rows, whereabouts
from usecases.report_words import KEYS, STATUSES, WORDS, say, word
from usecases.trap_report import section as trap_section

__all__ = [
    "KEYS_FR",
    "WORDS",
    "data_rows",
    "figures",
    "label",
    "render",
    "rendered_section",
    "say",
    "verdict",
    "word",
]

TEMPLATES = Path(__file__).resolve().parent / "templates"
FIXED = "\u00a0"  # a space at which no line breaks

COLUMNS = 4  # metrics shown side by side in the comparison; all of them stand in the table below it

KEYS_FR = {key: text.fr for key, text in KEYS.items()}


def render(
    record: Mapping[str, Any],
    sections: Sequence[Section],
    card: Mapping[str, Any],
    card_task: Mapping[str, Any],
    lang: str,
    folder: Path,
) -> str:
    """Set a run's report.

    Parameters
    ----------
    record : mapping
        The content of ``result.json`` (plain values).
    sections : sequence of Section
        From the task; the one of kind ``takeaways`` comes first, those of kind ``limits`` join the card's limits.
    card, card_task : mapping
        The use case's card and its entry of the task.
    lang : {"en", "fr"}
        Language of the page.
    folder : pathlib.Path
        Where the run's files are.

    Returns
    -------
    str
        A whole HTML page that opens without a network.
    """
    by_kind: dict[str, list[dict[str, Any]]] = {"takeaways": [], "plain": [], "limits": []}
    for section in sections:
        by_kind[section.kind].append(rendered_section(section, lang))
    return page("report.html").render(
        lang=lang,
        word=partial(word, lang=lang),
        title=say(card_task["title"], lang),
        use_case=say(card["title"], lang),
        record=record,
        kind=word(f"kind_{record['data'].get('kind') or 'generated'}", lang),
        started=day(record["started_at"], lang),
        status=say(STATUSES[record["status"]], lang),
        takeaways=by_kind["takeaways"],
        zoom=drawings.script() if _has_drawing(by_kind) else "",
        trap=rendered_section(trap_section(record["trap"]), lang) if record.get("trap") else None,
        sections=by_kind["plain"],
        limits=by_kind["limits"],
        card_limits=[say(limit, lang) for limit in card.get("limits", [])],
        notes=[say(note, lang) for note in record["notes"]],
        comparison=comparison(record, card_task, lang),
        figures=figures(record["metrics"], lang),
        groups=groups(record, lang),
        verdict=verdict(record["baselines"], lang),
        unequal=unequal(record, lang),
        data_rows=data_rows(_unsaid(record), lang),
        timing_rows=timing_rows(record, lang),
        whereabouts=whereabouts(record, folder, lang),
    )


def _has_drawing(by_kind: Mapping[str, list[dict[str, Any]]]) -> bool:
    blocks = (block for sections in by_kind.values() for section in sections for block in section["blocks"])
    return any(block["type"] == "drawing" for block in blocks)


def page(name: str) -> Any:
    """Load a page of `templates`, whose values are escaped.

    Parameters
    ----------
    name : str
        Its file.

    Returns
    -------
    jinja2.Template
        Fails when a value is missing.

    Examples
    --------
    >>> page("demo.html").name
    'demo.html'
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    ).get_template(name)


def unbroken(value: Any) -> Any:
    """Set every percentage and interval of a page in one form, inside which no line breaks; markup stays as it is.

    Examples
    --------
    >>> unbroken("63% of 95 %").replace(FIXED, "~"), unbroken(12)
    ('63~% of 95~%', 12)
    """
    if type(value) is not str:
        return value
    return re.sub(r"(?<=\d) ; (?=[\d−])", f"{FIXED};{FIXED}", re.sub(r"(?<=\d) ?%(?!\w)", f"{FIXED}%", value))


def label(name: str, metric: Mapping[str, Any], lang: str) -> str:
    """Name a metric with its unit."""
    given = metric.get("label")
    text = say(given, lang) if given else name
    return f"{text} ({unit_name(metric['unit'], lang)})" if metric.get("unit") else text


def called(key: str, record: Mapping[str, Any], lang: str) -> str:
    """Name a part of the test data or a bound as people do."""
    name = record["names"].get(key)
    return say(name, lang) if name else dates(key, lang)


def comparison(record: Mapping[str, Any], card_task: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Build the table of this run, its baselines (failures stay as rows) and the bounds."""
    metrics = record["metrics"]
    order = sorted(metrics, key=lambda name: name != card_task["headline"])
    rated = [name for name in order if metrics[name]["higher_is_better"] is not None]
    shown = [name for name in rated if metrics[name]["value"] is not None][:COLUMNS]

    def row(name: str, tag: str, of: Mapping[str, Any], difference: Any = None, error: Any = None) -> dict:
        cells = [_value(of.get(column, metrics[column] | {"value": None}), lang) for column in shown]
        return {
            "name": name,
            "tag": word(tag, lang),
            "cells": cells,
            "gain": _gain(difference, lang),
            "error": error,
        }

    rows = [row(record["method"], "this_run", metrics)]
    for name, other in record["baselines"].items():
        tag = "trivial" if name == card_task["trivial"] else "baseline"
        rows.append(row(name, tag, other["metrics"], other["difference"], other["error"]))
    rows += [row(called(name, record, lang), "bound", bound) for name, bound in record["bounds"].items()]
    return {
        "columns": [label(name, metrics[name], lang) for name in shown],
        "rows": rows,
        "gains": any(line["gain"] for line in rows),
        "gain_text": word("gain_text" if any("[" in line["gain"] for line in rows) else "gain_alone", lang),
    }


def _gain(difference: Mapping[str, Any] | None, lang: str) -> str:
    if not difference or difference["value"] is None or difference["value"] != difference["value"]:
        return ""
    digits = decimals(difference["value"])
    low, high = difference["interval"]
    value = with_unit(difference["value"], difference["unit"], lang, digits)
    interval = between(low, high, difference["value"], lang, digits)
    return f"{value} {interval}" if interval else value  # none for a few groups


def verdict(baselines: Mapping[str, Mapping[str, Any]], lang: str) -> str:
    """Say which baselines this run clearly beats, and which not; a baseline that failed is not counted.

    Parameters
    ----------
    baselines : mapping
        As in ``result.json``: each with its paired ``difference`` (positive: this run is better), or None.
    lang : {"en", "fr"}
        Language of the sentences.

    Returns
    -------
    str
        Empty when nothing was compared.

    Examples
    --------
    >>> print(verdict({"mean": {"error": None, "difference": {"interval": [-3.0, -1.0]}}}, "en"))
    mean is better than this run.
    """
    sides: dict[str, list[str]] = {"beats": [], "equal": [], "worse": []}
    losses: list[str] = []
    for name, row in baselines.items():
        if row["error"] or not row["difference"]:
            continue
        low, high = row["difference"]["interval"]
        if low is None or high is None:  # fewer than `stats.FEWEST_GROUPS`
            continue
        sides["beats" if low > 0 else "worse" if high < 0 else "equal"].append(name)
        named = row["difference"].get("loss")
        losses = [word("loss", lang).format(loss=say(named, lang))] if named else []
    sentences = losses
    for side, names in sides.items():
        if names:
            key = side if side == "beats" else f"{side}_one" if len(names) == 1 else f"{side}_many"
            listed = f" {word('and', lang)} ".join([", ".join(names[:-1]), names[-1]][len(names) == 1 :])
            sentences.append(word(key, lang).format(names=listed))
    return " ".join(sentences)


def unequal(record: Mapping[str, Any], lang: str) -> list[str]:
    """Say where a baseline did more or less of the work than this run: a cost of fewer orders is not a saving.

    Parameters
    ----------
    record : mapping
        The content of ``result.json``; its ``share`` names the metric that says how much of the work was done.
    lang : {"en", "fr"}
        Language of the sentences.

    Returns
    -------
    list of str
        One for each baseline whose share differs by more than a hundredth.

    Examples
    --------
    >>> accepted = {"value": 80.0, "unit": "%", "label": {"en": "orders accepted", "fr": "commandes acceptées"}}
    >>> other = {"error": None, "metrics": {"accepted": accepted | {"value": 50.0}}}
    >>> print(*unequal({"share": "accepted", "metrics": {"accepted": accepted}, "baselines": {"first": other}}, "en"))
    Not the same work: “orders accepted” is 80.0 % for this run and 50.0 % for first; read the figures together.
    """
    mine = record["metrics"].get(record.get("share") or "")
    if mine is None or mine["value"] is None:
        return []
    told = []
    for name, row in record["baselines"].items():
        theirs = row["metrics"].get(record["share"])
        if theirs is None or theirs["value"] is None:
            continue
        if differ(theirs["value"], mine["value"]):
            told.append(unequal_work(record["share"], mine, theirs, word("this_run", lang), name, lang))
    return told


def unequal_work(
    name: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], method: str, other: str, lang: str
) -> str:
    """Say that two methods did not do the same work, so that their costs are not compared alone.

    Parameters
    ----------
    name : str
        Of the metric that says how much was done.
    mine, theirs : mapping
        That metric of both, with ``value``, ``unit``, ``label``.
    method, other : str
        What the two are called.
    lang : {"en", "fr"}
        Language.

    Examples
    --------
    >>> half, all_ = ({"value": v, "unit": "%", "label": None} for v in (50.0, 100.0))
    >>> print(unequal_work("accepted", half, all_, "mine", "ridge", "en"))
    Not the same work: “accepted” is 50.0 % for mine and 100.0 % for ridge; read the figures together.
    """
    both = [with_unit(m["value"], m["unit"], lang, decimals(m["value"], m["unit"])) for m in (mine, theirs)]
    called = say(mine["label"], lang) if mine.get("label") else name
    return word("share", lang).format(label=called, mine=both[0], theirs=both[1], method=method, other=other)


def _value(metric: Mapping[str, Any], lang: str) -> str:
    return number(metric["value"], lang, _digits(metric))


def _digits(metric: Mapping[str, Any]) -> int:
    """Decimals that a figure deserves; figures neither good nor bad (a width) have one at most."""
    digits = decimals(metric["value"], metric.get("unit") or "")
    return min(digits, 1) if metric["higher_is_better"] is None else digits


def _interval(metric: Mapping[str, Any], lang: str) -> str:
    if not metric.get("interval"):
        return ""
    (low, high), digits = metric["interval"], _digits(metric)
    if metric.get("unit") == "%" and digits == 1:
        digits = 0
    interval = between(low, high, metric["value"], lang, digits)
    return f"{interval} {interval_kind(metric.get('interval_kind'), lang)}" if interval else ""


def _unsaid(record: Mapping[str, Any]) -> dict[str, Any]:
    """Facts about the data that the head of the page does not say already."""
    return {k: v for k, v in record["data"].items() if k != "seed" or v != record["seed"]}


def figures(metrics: Mapping[str, Mapping[str, Any]], lang: str) -> list[dict[str, str]]:
    """Rows of the table of all figures."""
    rows = []
    for name, metric in metrics.items():
        better = {True: word("higher", lang), False: word("lower", lang), None: ""}[
            metric["higher_is_better"]
        ]
        rows.append(
            {
                "name": label(name, metric, lang),
                "key": name,
                "value": _value(metric, lang),
                "interval": _interval(metric, lang),
                "better": better,
            }
        )
    return rows


def groups(record: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Build the table of the figures by part of the test data."""
    by_group = record["by_group"]
    names: dict[str, Mapping[str, Any]] = {}
    for metrics in by_group.values():
        for name, metric in metrics.items():
            names.setdefault(name, metric)
    rows = [
        [
            called(group, record, lang),
            *(_value(metrics[name], lang) if name in metrics else "" for name in names),
        ]
        for group, metrics in by_group.items()
    ]
    return {"columns": [label(name, metric, lang) for name, metric in names.items()], "rows": rows}


def rendered_section(section: Section, lang: str) -> dict[str, Any]:
    """Set a section: its title and its blocks, ready for the template.

    Examples
    --------
    >>> section = Section(Text("Limits", "Limites"), (Paragraph(Text("None.", "Aucune.")),))
    >>> rendered_section(section, "fr")
    {'title': 'Limites', 'blocks': [{'type': 'paragraph', 'text': 'Aucune.'}]}
    """
    setters: dict[type, Callable[[Any], dict[str, Any]]] = {
        Paragraph: lambda block: {"type": "paragraph", "text": say(block.text, lang)},
        Table: partial(_table, lang=lang),
        Picture: partial(_picture, lang=lang),
        Drawing: partial(_drawing, lang=lang),
    }
    return {
        "title": say(section.title, lang),
        "blocks": [setters[type(block)](block) for block in section.blocks],
    }


def _table(table: Table, lang: str) -> dict[str, Any]:
    def cell(value: Any) -> dict[str, Any]:
        if isinstance(value, Text):
            return {"text": say(value, lang), "numeric": False}
        if value is None or isinstance(value, int | float):
            return {"text": number(value, lang, table.digits), "numeric": True}
        return {"text": dates(str(value), lang), "numeric": False}

    rows = [[cell(value) for value in row] for row in table.rows]
    numeric = [all(row[place]["numeric"] for row in rows) for place in range(len(table.columns))]
    return {
        "type": "table",
        "columns": [
            {"text": say(c, lang), "numeric": n} for c, n in zip(table.columns, numeric, strict=True)
        ],
        "rows": rows,
        "caption": say(table.caption, lang) if table.caption else "",
    }


def _drawing(drawing: Drawing, lang: str) -> dict[str, Any]:
    return {
        "type": "drawing",
        "svg": drawings.checked(drawing.draw(lang)),
        "caption": say(drawing.caption, lang),
    }


def _picture(picture: Picture, lang: str) -> dict[str, Any]:
    figure = picture.draw(lang)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, bbox_inches="tight", facecolor="white")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return {
        "type": "picture",
        "source": f"data:image/png;base64,{data}",
        "caption": say(picture.caption, lang),
    }

"""The table of a suite as one self-contained HTML page: no script, no external address, printable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from usecases import report
from usecases.bench.figures import digits_of, interval_text, paper_name, with_gain
from usecases.bench.grid import grid
from usecases.bench.published import CHECKED, DOUBTFUL, PROTOCOLS
from usecases.bench.words import kind, of, word
from usecases.formatting import NARROW, differ, number, with_unit
from usecases.report import unequal_work
from usecases.report_words import say


def page(table: Mapping[str, Any], lang: str) -> str:
    """Set the page of a table.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    str
        A whole HTML page that opens without a network.
    """
    return report.page("bench.html").render(
        lang=lang,
        word=partial(word, lang=lang),
        title=say(table["title"], lang),
        case=f"{table['package']} · {table['suite']}",
        takeaways=takeaways(table, lang),
        parts=[(grid(table, task, lang, full=True), papers(table, task, lang)) for task in table["tasks"]],
        failures=_failures(table, lang),
        command=table["command"],
        facts=facts(table["environment"], lang),
        version=", ".join(table["environment"]["versions"].get("usecases", [])),
    )


def takeaways(table: Mapping[str, Any], lang: str) -> list[str]:
    """Say for each task and data which method is best and by how much, then what failed.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    list of str
        One paragraph for each task and data; sentence by sentence where there is only one.
    """
    found: list[list[str]] = []
    for task, facts_of_task in table["tasks"].items():
        lines = [line for line in table["lines"] if line["task"] == task]
        for data in dict.fromkeys(line["data"] for line in lines):
            there = [line for line in lines if line["data"] == data]
            data = f"{data} ({say(facts_of_task['title'], lang)})" if len(table["tasks"]) > 1 else data
            found.append(_takeaway(there, facts_of_task["columns"][0], data, lang))
    told = [*found[0], *_costs(table["lines"], lang)] if len(found) == 1 else [" ".join(one) for one in found]
    rows = sum(line["n"] for line in table["lines"] if "cost" in line)
    failed = sum(len(line["failures"]) for line in table["lines"] if "cost" in line)
    if failed:
        told.append(word("take_failures", lang).format(n=failed, all=rows))
    return told


def _takeaway(
    lines: Sequence[Mapping[str, Any]], column: Mapping[str, Any], data: str, lang: str
) -> list[str]:
    """Say what came out on one data, one sentence each."""
    name, unit = column["name"], column["units"][0] if column["units"] else ""
    first = lines[0]
    figure = first["figures"][name]
    if figure["value"] is None:
        return [word("take_none", lang).format(data=data)]
    value = with_unit(float(figure["value"]), unit, lang, digits_of(float(figure["value"]), unit))
    interval = interval_text(figure["interval"], figure["value"], unit, lang)
    mark = f"{NARROW};" if lang == "fr" else ";"
    over = f"{mark} {kind(figure['interval_kind'], lang)}" if interval and figure["interval_kind"] else ""
    sentences = [
        word("take_best", lang).format(
            data=data,
            method=first["method"],
            label=say(column["label"], lang),
            value=value,
            interval=f" {interval}" if interval else "",
            kind=over,
        )
    ]
    difference = first["difference"]
    if first["is_reference"] and sum("cost" in line for line in lines) > 1:
        sentences.append(word("take_reference", lang))
    elif difference and not difference["refused"]:
        told = word(f"take_{difference['verdict']}", lang)
        sentences.append(
            told.format(gain=with_gain(difference, lang), **_named("reference", difference["with"], lang))
        )
        sentences += _unequal(first, next(line for line in lines if line.get("is_reference")), lang)
    papers = [
        line for line in lines if line["kind"] == "published" and not set(line["protocol"]) & set(DOUBTFUL)
    ]
    clean = [line for line in papers if line["figures"][name]["value"] is not None]
    if clean:
        paper = clean[0]
        published = float(paper["figures"][name]["value"])
        sentences.append(
            word("take_paper", lang).format(
                value=with_unit(published, unit, lang, digits_of(published, unit)),
                method=paper_name(paper),
                protocol=", ".join(say(PROTOCOLS[flag], lang) for flag in paper["protocol"]),
            )
        )
    return sentences


def _unequal(line: Mapping[str, Any], reference: Mapping[str, Any], lang: str) -> list[str]:
    """Say where a method did more or less of the work than the baseline that it is compared with."""
    mine, theirs = line.get("share"), reference.get("share")
    if not mine or not theirs or not differ(mine["value"], theirs["value"]):
        return []
    return [unequal_work(mine["name"], mine, theirs, line["method"], reference["method"], lang)]


def _costs(lines: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Say what the best method costs beside the baseline it is compared with (beside the next one, if it is the baseline)."""
    timed = [line for line in lines if line.get("cost", {}).get("solve_cpu_s") is not None]
    if not timed or timed[0] is not lines[0]:
        return []
    best, *others = timed
    beside = next((line for line in others if line["is_reference"]), others[0] if others else None)
    if beside is None:
        return []
    ours, theirs = (number(float(line["cost"]["solve_cpu_s"]), lang, 1) for line in (best, beside))
    names = _named("method", best["method"], lang) | _named("reference", beside["method"], lang)
    return [word("take_cost", lang).format(ours=ours, theirs=theirs, **names)]


def _named(key: str, name: str, lang: str) -> dict[str, str]:
    """Give a name to a sentence: alone, after "of", and after "from"."""
    after = of(name, lang)
    return {key: name, f"of_{key}": after, f"from_{key}": after if lang == "fr" else f"from {name}"}


def _failures(table: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """List the rows that failed, with their one-line error."""
    found = []
    for task in table["tasks"]:
        for data, rows in grid(table, task, lang).groups:
            place = f"{say(table['tasks'][task]['title'], lang)}, {data}" if len(table["tasks"]) > 1 else data
            found += [(f"{place}, {row.name}", row.error) for row in rows if row.kind == "failure"]
    return found


def papers(table: Mapping[str, Any], task: str, lang: str) -> list[dict[str, str]]:
    """List the papers of a task once each, with source, protocol, how far they were checked, and a note.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    task : str
        One of its tasks.
    lang : {"en", "fr"}
        Language.

    Returns
    -------
    list of dict
        In the order of the numbers that `usecases.bench.grid.grid` gives them.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for line in table["lines"]:
        if line["kind"] == "published" and line["task"] == task:
            found.setdefault(
                (line["method"], line["source"]),
                {
                    "name": paper_name(line),
                    "protocol": ", ".join(say(PROTOCOLS[flag], lang) for flag in line["protocol"]),
                    "leaks": "yes" if line["leaks"] else "",
                    "checked": say(CHECKED[line["checked"]], lang),
                    "source": line["source"],
                    "note": say(line["note"], lang),
                },
            )
    return list(found.values())


def facts(environment: Mapping[str, Any], lang: str) -> list[tuple[str, str]]:
    """List machine, devices, commits and versions, one line a fact."""
    rows = [("machine", " | ".join(environment["machines"]))]
    rows += [(key, ", ".join(environment[f"{key}s"])) for key in ("device", "budget", "commit")]
    if environment["dirty"]:
        rows.append(("git", word("dirty_note", lang).format(n=environment["dirty"], all=environment["rows"])))
    rows += [(name, ", ".join(map(str, found))) for name, found in environment["versions"].items()]
    return [(key, value) for key, value in rows if value]

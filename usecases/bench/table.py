"""The table of a suite: rows in, one plain value out, from which every rendering is made in both languages.

The lines of a task stand in the order of the suite's data; for each data the measured methods come best first (by the
mean of the card's headline metric), then those without a figure, the bounds, and the values of papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from usecases import catalogue, config, paths
from usecases.bench import compare as bench_compare
from usecases.bench import lines as bench_lines
from usecases.bench import published
from usecases.bench.page import page
from usecases.bench.saved import file_names, load_saved, results_folder, save
from usecases.bench.suites import Row, Suite
from usecases.bench.text import csv_text, markdown, text
from usecases.contract import Text

__all__ = [
    "csv_text",
    "file_names",
    "load_saved",
    "make",
    "markdown",
    "page",
    "results_folder",
    "save",
    "text",
]


def make(rows: Sequence[Row], suite: Suite, command: str) -> dict[str, Any]:
    """Make the table of a suite.

    Parameters
    ----------
    rows : sequence of Row
        All rows of the suite in its order, with their records; failed ones and those that did not run stay.
    suite : Suite
        What the table is about, and its columns.
    command : str
        What makes the rows again.

    Returns
    -------
    dict
        Plain values, ready for JSON: ``tasks``, ``lines`` (`bench_lines.line` with a ``difference``, then bounds and
        published values, in the order in which they are shown), ``environment``.

    Raises
    ------
    UserError
        When a task is unknown, or its published values are not what their schema says.
    """
    tasks = {task: _task(suite, task, rows) for task in dict.fromkeys(row.task for row in rows)}
    lines: list[dict[str, Any]] = []
    for task, facts in tasks.items():
        own = [row for row in rows if row.task == task]
        values = published.load(suite.package, task)
        for data in dict.fromkeys(row.data_label for row in own):
            there = [row for row in own if row.data_label == data]
            lines += _lines_of_data(there, facts, values)
    made: dict[str, Any] = {
        "schema": 1,
        "package": suite.package,
        "task": suite.task,
        "suite": suite.name,
        "title": asdict(suite.title),
        "timed": suite.timed,
        "command": command,
        "tasks": tasks,
        "lines": lines,
        "environment": environment(rows),
    }
    return dict(paths.plain(made))  # as it will be read back: NaN is null


def _task(suite: Suite, task: str, rows: Iterable[Row]) -> dict[str, Any]:
    """Gather what the table must know of a task: its title, headline, baselines, and its columns."""
    _, card_task = catalogue.find_task(f"{suite.package}/{task}")
    headline = suite.headline or card_task["headline"]
    baselines = suite.baselines
    if baselines is None:
        baselines = config.compose(suite.package, task).values.get("baselines") or ()
    records = [row.record for row in rows if row.task == task and bench_lines.measured(row) and row.record]
    names = list(dict.fromkeys([headline, *suite.metrics]))
    return {
        "title": card_task["title"],
        "headline": headline,
        "trivial": card_task["trivial"],
        "baselines": list(baselines),
        "columns": [column(name, records, suite.headings.get(name)) for name in names],
    }


def column(name: str, records: Iterable[Mapping[str, Any]], heading: Text | None = None) -> dict[str, Any]:
    """Describe a column of the table as the runs themselves describe the metric.

    Parameters
    ----------
    name : str
        The metric.
    records : iterable of mapping
        Contents of ``result.json``.
    heading : Text, optional
        A short name for narrow tables; by default the metric's own label.

    Returns
    -------
    dict
        ``name``, ``label``, ``heading``, ``units`` (more than one where the data differ), ``higher_is_better``.

    Examples
    --------
    >>> column("mae", [{"metrics": {"mae": {"unit": "days", "higher_is_better": False}}}])["units"]
    ['days']
    """
    found = [record["metrics"][name] for record in records if name in record["metrics"]]
    label = next((metric["label"] for metric in found if metric.get("label")), {"en": name, "fr": name})
    return {
        "name": name,
        "label": label,
        "heading": asdict(heading) if heading else label,
        "units": list(dict.fromkeys(metric["unit"] for metric in found if metric.get("unit"))),
        "higher_is_better": found[0]["higher_is_better"] if found else None,
    }


def _lines_of_data(
    rows: Sequence[Row], task: Mapping[str, Any], values: Iterable[published.Published]
) -> list[dict[str, Any]]:
    """Make the lines of one task and data, in the order in which they are shown."""
    names = [one["name"] for one in task["columns"]]
    headline, higher = task["headline"], bool(task["columns"][0]["higher_is_better"])
    by_method = {
        method: [row for row in rows if row.method == method]
        for method in dict.fromkeys(row.method for row in rows)
    }
    lines = [bench_lines.line(own, names, _role(own, task)) for own in by_method.values()]
    reference = bench_compare.best_baseline(lines, headline, higher)
    for line in lines:
        line["is_reference"] = reference is line
        if reference is not None and reference is not line and line["n_measured"]:
            against = by_method[reference["method"]]
            line["difference"] = bench_compare.difference(by_method[line["method"]], against)
    data: Mapping[str, Any] = next(
        (row.record["data"] for row in rows if bench_lines.measured(row) and row.record), {}
    )
    papers = [
        _paper(rows[0], value, names, task["columns"]) for value in published.beside(values, data, names)
    ]
    ordered = bench_lines.best_first(lines, headline, higher)
    return [*ordered, *bench_lines.bounds(rows, names), *bench_lines.best_first(papers, headline, higher)]


def _role(rows: Sequence[Row], task: Mapping[str, Any]) -> str:
    name = rows[0].method.partition(" ")[0]  # "ridge alpha=1" is ridge
    return "trivial" if name == task["trivial"] else "baseline" if name in task["baselines"] else "method"


def _paper(
    row: Row, value: published.Published, names: Iterable[str], columns: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Make the line of a paper."""
    figures = {
        name: {
            "value": value.metrics.get(name),
            "n": 1 if name in value.metrics else 0,
            "interval": None,
            "interval_kind": None,
        }
        for name in names
    }
    return {
        "task": row.task,
        "data": row.data_label,
        "method": value.method,
        "kind": "published",
        "figures": figures,
        "year": value.year,
        "source": value.source,
        "protocol": list(value.protocol),
        "leaks": value.leaks,
        "checked": value.checked,
        "note": asdict(value.note),
    }


def environment(rows: Iterable[Row]) -> dict[str, Any]:
    """Say where the rows were made, and whether their code can be found again.

    Parameters
    ----------
    rows : iterable of Row
        All rows.

    Returns
    -------
    dict
        ``machines``, ``commits``, ``devices``, ``budgets``: all that differ; ``versions``: of each package, all that
        differ; ``dirty``: number of rows whose code had changes that no commit holds; ``rows``: number of rows.
    """
    records = [row.record for row in rows if row.record]
    versions: dict[str, list[str]] = {}
    for record in records:
        for name, version in record["versions"].items():
            if version not in versions.setdefault(name, []):
                versions[name].append(version)
    return {
        "machines": _different(
            f"{r['environment']['platform']}, {r['environment']['processor']}, {r['environment']['cores']}"
            for r in records
        ),
        "commits": _different(record["git"].get("commit") for record in records),
        "devices": _different(record["device"] for record in records),
        "budgets": _different(record["budget"] for record in records),
        "versions": versions,
        "dirty": sum(bool(record["git"].get("dirty")) for record in records),
        "rows": len(records),
    }


def _different(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(value for value in values if value))

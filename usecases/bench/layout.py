"""What a task's part of a table shows: which lines, columns, costs and kinds of intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

COSTS = ("solve_cpu_s", "fit_cpu_s", "solve_wall_s", "peak_memory_mb")


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

"""From the rows of a suite to the lines of a table: one line for each task, data and method, over seeds and folds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from usecases import stats
from usecases.bench.suites import Row

Runs = dict[tuple[int, int | None], Mapping[str, Any]]  # figures of a bound by seed and fold

ENOUGH = 5  # seeds (or folds) from which a Student-t interval is published
MEASURED = ("ok", "partial")


def measured(row: Row) -> bool:
    """Tell whether a row has figures; a partial one has."""
    return row.record is not None and row.record["status"] in MEASURED


def line(rows: Sequence[Row], metrics: Iterable[str], role: str) -> dict[str, Any]:
    """Make the line of one task, data and method.

    Parameters
    ----------
    rows : sequence of Row
        All its rows, failed ones included.
    metrics : iterable of str
        Columns of the table.
    role : {"method", "baseline", "trivial"}
        What the method is in its task.

    Returns
    -------
    dict
        Plain values: ``n`` rows, ``n_measured``, ``failures``, ``figures`` (`summary` of each metric), ``cost``.
    """
    good = [row for row in rows if measured(row)]
    first = rows[0]
    return {
        "task": first.task,
        "data": first.data_label,
        "method": first.method,
        "kind": role,
        "n": len(rows),
        "n_measured": len(good),
        "n_partial": sum(row.record["status"] == "partial" for row in good if row.record),
        "seeds": sorted({row.seed for row in rows}),
        "folds": sorted({row.fold for row in rows if row.fold is not None}),
        "reproducible": all(row.record["reproducible"] for row in good if row.record),
        "failures": [failure(row) for row in rows if not measured(row)],
        "figures": {
            name: summary(
                [(row.seed, row.fold, row.record["metrics"].get(name)) for row in good if row.record]
            )
            for name in metrics
        },
        "cost": cost([row.record for row in good if row.record]),
        "share": share([row.record for row in good if row.record]),
        "difference": None,
    }


def share(records: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """How much of the work was done, where a task says that methods may do less than all of it; a mean over rows.

    Parameters
    ----------
    records : sequence of mapping
        Contents of ``result.json``, whose ``share`` names the metric.

    Examples
    --------
    >>> accepted = {"value": 50.0, "unit": "%", "label": None}
    >>> share([{"share": "accepted", "metrics": {"accepted": accepted}}])["value"], share([{"metrics": {}}])
    (50.0, None)
    """
    found = [record["metrics"].get(record.get("share") or "") for record in records]
    known = [metric for metric in found if metric and metric["value"] is not None]
    if not known:
        return None
    mean = sum(metric["value"] for metric in known) / len(known)
    name = next(record["share"] for record in records if record.get("share"))
    return {"name": name, "label": known[0].get("label"), "unit": known[0]["unit"], "value": mean}


def failure(row: Row) -> dict[str, Any]:
    """Say what became of a row without figures, in one line."""
    record = row.record or {"status": "not run", "error": None}
    return {
        "seed": row.seed,
        "fold": row.fold,
        "status": record["status"],
        "error": " ".join(str(record["error"] or "this row has not run").split()),
    }


def summary(figures: Sequence[tuple[int, int | None, Mapping[str, Any] | None]]) -> dict[str, Any]:
    """Sum up one metric over seeds and folds: its mean, an interval, and what the interval is.

    Parameters
    ----------
    figures : sequence of (seed, fold, metric)
        One for each row; the metric as in ``result.json``, None where it was not measured.

    Returns
    -------
    dict
        ``value``, ``n`` rows, ``interval`` and ``interval_kind``: that of the run itself for one row, the range for
        two to four seeds (or folds), Student-t from five on. Where both vary, the folds of a seed are averaged first
        (the seeds of a fold when there are fewer than five seeds): 25 rows are not 25 independent ones.

    Examples
    --------
    >>> found = summary([(seed, None, {"value": v}) for seed, v in enumerate([9.6, 9.4, 9.5, 9.7, 9.3])])
    >>> round(found["value"], 2), [round(bound, 3) for bound in found["interval"]], found["interval_kind"]
    (9.5, [9.304, 9.696], '95 % Student-t over 5 seeds')
    >>> summary([(0, None, {"value": 3.0}), (1, None, {"value": 4.0})])["interval_kind"]
    'range over 2 seeds'
    """
    known = [(seed, fold, m["value"]) for seed, fold, m in figures if m and m["value"] is not None]
    if not known:
        return {"value": None, "n": 0, "interval": None, "interval_kind": None}
    if len(known) == 1:
        only = next(m for _, _, m in figures if m and m["value"] is not None)
        return {
            "value": only["value"],
            "n": 1,
            "interval": only.get("interval"),
            "interval_kind": only.get("interval_kind"),
        }
    values, over = _units(known)
    interval: tuple[float, float] | None = (min(values), max(values))
    kind: str | None = f"range over {len(values)} {over}"
    if len(values) >= ENOUGH:
        interval, kind = stats.student_interval(values), f"95 % Student-t over {len(values)} {over}"
    if len(values) == 1:
        interval = kind = None
    return {
        "value": sum(values) / len(values),
        "n": len(known),
        "interval": interval,
        "interval_kind": kind,
    }


def _units(known: Sequence[tuple[int, int | None, float]]) -> tuple[list[float], str]:
    """Average what does not vary on its own: one value for each seed, or for each fold."""
    seeds, folds = {seed for seed, _, _ in known}, {fold for _, fold, _ in known}
    by_fold = len(folds) > 1 and len(seeds) < ENOUGH
    groups: dict[Any, list[float]] = {}
    for seed, fold, value in known:
        groups.setdefault(fold if by_fold else seed, []).append(value)
    return [sum(values) / len(values) for values in groups.values()], "folds" if by_fold else "seeds"


def cost(records: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Sum up what the rows of a line cost: means of processor and wall seconds, the largest peak of memory.

    Parameters
    ----------
    records : sequence of mapping
        Contents of ``result.json``.

    Returns
    -------
    dict
        ``solve_cpu_s`` and ``solve_wall_s`` (fit and predict, or route, with all that a method does there, such as
        calibration folds; of a policy also ``play``, where it decides), ``fit_cpu_s`` (the part that the method itself
        names ``fit``; None when it names none),
        ``peak_memory_mb``.

    Examples
    --------
    >>> timings = {"solve": {"cpu_s": 2.0, "wall_s": 3.0}, "play": {"cpu_s": 1.0, "wall_s": 1.0}}
    >>> cost([{"timings": timings, "peak_memory_mb": 150}])["solve_cpu_s"]
    3.0
    """

    def mean(phase: str, clock: str) -> float | None:
        found = [
            record["timings"][phase][clock]
            + (record["timings"].get("play", {}).get(clock, 0.0) if phase == "solve" else 0.0)
            for record in records
            if phase in record["timings"]
        ]
        return sum(found) / len(found) if found else None

    peaks = [record["peak_memory_mb"] for record in records if record.get("peak_memory_mb") is not None]
    return {
        "solve_cpu_s": mean("solve", "cpu_s"),
        "solve_wall_s": mean("solve", "wall_s"),
        "fit_cpu_s": mean("solve/fit", "cpu_s"),
        "peak_memory_mb": max(peaks, default=None),
    }


def bounds(rows: Sequence[Row], metrics: Sequence[str]) -> list[dict[str, Any]]:
    """Make the lines of what no method could know (a clairvoyant plan, the floor of a convention), once for the data.

    Parameters
    ----------
    rows : sequence of Row
        All rows of one task and data.
    metrics : sequence of str
        Columns of the table.

    Returns
    -------
    list of dict
        Lines of kind ``bound``. One for all methods where it is the same for them (the best published plan); else one for
        each of them (its own plan improved in hindsight), named after the method.
    """
    found: dict[str, dict[str, Runs]] = {}
    names: dict[str, Any] = {}
    for row in rows:
        for name, figures in row.record["bounds"].items() if measured(row) and row.record else ():
            found.setdefault(name, {}).setdefault(row.method, {})[row.seed, row.fold] = figures
            names[name] = row.record["names"].get(name) if row.record else None
    lines = []
    for name, by_method in found.items():
        whole = {key: figures for known in by_method.values() for key, figures in known.items()}
        shared = all(figures == whole[key] for known in by_method.values() for key, figures in known.items())
        for method, known in {"": whole}.items() if shared else by_method.items():
            figures = {metric: _bound(known, metric) for metric in metrics}
            if any(figure["value"] is not None for figure in figures.values()):
                lines.append(
                    {
                        "task": rows[0].task,
                        "data": rows[0].data_label,
                        "method": f"{name} ({method})" if method else name,
                        "name": _of_method(names[name], method),
                        "kind": "bound",
                        "n": len(known),
                        "figures": figures,
                    }
                )
    return lines


def _bound(runs: Runs, metric: str) -> dict[str, Any]:
    """One figure of a bound; what is the same in all runs has no interval."""
    figure = summary([(seed, fold, figures.get(metric)) for (seed, fold), figures in runs.items()])
    values = {m["value"] for figures in runs.values() if (m := figures.get(metric))}
    return figure if len(values) > 1 or len(runs) == 1 else figure | {"interval": None, "interval_kind": None}


def _of_method(name: Mapping[str, str] | None, method: str) -> dict[str, str] | None:
    """Name of a bound, with the method whose runs it belongs to."""
    if name is None:
        return None
    return {lang: f"{text} – {method}" if method else text for lang, text in name.items()}


def best_first(lines: Iterable[dict[str, Any]], headline: str, higher: bool) -> list[dict[str, Any]]:
    """Sort lines by the mean of the headline, the best first; what was not measured comes last.

    Examples
    --------
    >>> lines = [{"method": m, "figures": {"mae": {"value": v}}} for m, v in {"a": 3.0, "b": None, "c": 1.0}.items()]
    >>> [line["method"] for line in best_first(lines, "mae", higher=False)]
    ['c', 'a', 'b']
    """
    sign = -1.0 if higher else 1.0
    key: Callable[[dict[str, Any]], tuple[bool, float, str]] = lambda one: (  # noqa: E731
        one["figures"][headline]["value"] is None,
        sign * (one["figures"][headline]["value"] or 0.0),
        one["method"],
    )
    return sorted(lines, key=key)

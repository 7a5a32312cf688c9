"""What a run writes down: the record that becomes ``result.json``, from plain values only."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from usecases import environment, paths
from usecases.config import RunConfig
from usecases.contract import Evaluation, Metric, Problem


def first_record(run: RunConfig, run_id: str) -> dict[str, Any]:
    """Write down what is known before any work: it is kept even if the run fails at once.

    Parameters
    ----------
    run : RunConfig
        The run.
    run_id : str
        Its name.

    Returns
    -------
    dict
        Every key of ``result.schema.json``, most of them still empty, with the status ``failed``.

    Examples
    --------
    >>> from usecases import config
    >>> run = config.compose("predictive_maintenance", "rul", ["seed=3"])
    >>> record = first_record(run, "20240131T083000Z-0a1b2c")
    >>> record["seed"], record["status"], record["metrics"]
    (3, 'failed', {})
    """
    return {
        "schema": 1,
        "run_id": run_id,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": run.command,
        "use_case": run.package,
        "task": run.task,
        "status": "failed",
        "error": None,
        "reproducible": run.settings.budget.time_limit_s is None,
        "data": {"name": run.choices.get("data"), "kind": None, "fingerprint": None},
        "method": method_name(run),
        "seed": run.settings.seed,
        "fold": run.values["data"].get("fold"),
        "budget": run.settings.budget.name,
        "device": run.settings.device.name,
        "lang": run.settings.lang,
        "metrics": {},
        "by_group": {},
        "bounds": {},
        "curves": {},
        "names": {},
        "share": "",
        "baselines": {},
        "trap": None,
        "notes": [],
        "timings": {},
        "peak_memory_mb": None,
        "versions": environment.versions(),
        "git": environment.git_state(),
        "environment": environment.describe(),
        "config": run.values,
    }


def method_name(run: RunConfig) -> str:
    """Name the method: its configuration, or its class for ``method=custom``.

    Examples
    --------
    >>> from usecases import config
    >>> method_name(config.compose("predictive_maintenance", "rul", ["method=ridge"]))
    'ridge'
    """
    name = str(run.choices.get("method"))
    return str(run.values["method"]["_target_"]).rpartition(".")[2] if name == "custom" else name


def save_losses(folder: Path, evaluation: Evaluation, problem: Problem) -> None:
    """Write ``losses.csv``, one row for each test unit (group, loss): what two runs are compared by, pair by pair.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    evaluation : Evaluation
        With losses of shape (n_units,), or None: nothing is written.
    problem : Problem
        Whose groups are written beside them; without groups each unit is its own.
    """
    if evaluation.losses is None:
        return
    losses = list(evaluation.losses)
    groups = range(len(losses)) if problem.groups is None else problem.groups
    with (
        paths.atomic(folder / "losses.csv") as temporary,
        temporary.open("w", encoding="utf-8", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["group", f"loss [{evaluation.loss_unit}]"])
        writer.writerows([str(group), repr(float(loss))] for group, loss in zip(groups, losses, strict=True))


def scores(evaluation: Evaluation) -> dict[str, Any]:
    """Write down an evaluation, without its losses.

    Examples
    --------
    >>> scores(Evaluation({"mae": Metric(3.0, "days")}))["metrics"]["mae"]["value"]
    3.0
    """
    return {
        "metrics": plain_metrics(evaluation.metrics),
        "by_group": {name: plain_metrics(metrics) for name, metrics in evaluation.by_group.items()},
        "bounds": {name: plain_metrics(metrics) for name, metrics in evaluation.bounds.items()},
        "curves": {name: asdict(curve) for name, curve in evaluation.curves.items()},
        "names": {name: asdict(text) for name, text in evaluation.names.items()},
        "share": evaluation.share,
    }


def plain_metrics(metrics: Mapping[str, Metric]) -> dict[str, dict[str, Any]]:
    """Write down metrics.

    Examples
    --------
    >>> plain_metrics({"mae": Metric(3.0, "days")})["mae"]["unit"]
    'days'
    """
    return {name: asdict(metric) for name, metric in metrics.items()}


def difference(mine: Evaluation, other: Evaluation, problem: Problem, seed: int) -> dict[str, Any] | None:
    """Compare two evaluations of the same problem, unit by unit.

    Parameters
    ----------
    mine, other : Evaluation
        Of the method and of the baseline, with their losses of shape (n_units,).
    problem : Problem
        Whose groups are resampled.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict or None
        Mean loss of the baseline minus that of the method, with its interval: positive means that the method is
        better. None when one of them has no losses.

    Examples
    --------
    >>> mine, other = Evaluation({}, losses=[1.0, 2.0], loss_unit="days"), Evaluation({}, losses=[2.0, 4.0])
    >>> difference(mine, other, Problem(None, groups=["a", "b"]), seed=0)["value"]
    1.5
    """
    from usecases import stats

    if mine.losses is None or other.losses is None:
        return None
    paired = stats.paired_difference(other.losses, mine.losses, problem.groups, seed=seed)
    return {
        "value": paired.mean,
        "interval": [paired.low, paired.high],
        "interval_kind": "95 % bootstrap over groups of test units, paired",
        "n": paired.n,
        "unit": mine.loss_unit,
        "loss": asdict(mine.loss_name) if mine.loss_name else None,
    }

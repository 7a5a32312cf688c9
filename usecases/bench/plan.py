"""Before a suite runs: every row of it is composed, checked and given its key, so that a mistake is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from usecases import config, custom, launcher, paths, record, runner
from usecases.bench import row_key, suite_rows
from usecases.bench.suite_rows import Job
from usecases.bench.suites import Row, Suite
from usecases.errors import UserError
from usecases.schemas import ExecutorNode, TrackingNode


@dataclass(frozen=True)
class Plan:
    """A suite whose rows have been composed and checked, before any of them runs.

    Parameters
    ----------
    suite : Suite
        What was asked.
    folder : pathlib.Path
        Where its rows and its table are.
    rows : tuple of Row
        In the order of the table.
    runs : dict of str to RunConfig
        The configuration of each row, by its key.
    executor : ExecutorNode
        Where rows run.
    tracking : TrackingNode
        Where they are tracked.
    """

    suite: Suite
    folder: Path
    rows: tuple[Row, ...]
    runs: dict[str, config.RunConfig]
    executor: ExecutorNode
    tracking: TrackingNode


def prepare(suite: Suite, given: Sequence[str] = ()) -> Plan:
    """Compose and check every row of a suite, so that a mistake is told before any row runs.

    Parameters
    ----------
    suite : Suite
        From `usecases.bench.suites.load`.
    given : sequence of str
        Overrides of the command line; see `usecases.bench.suite_rows.spread`.

    Raises
    ------
    UserError
        For a row that cannot be composed or built, naming it and its block.

    Examples
    --------
    >>> from usecases.bench import suites
    >>> plan = prepare(suites.load("predictive_maintenance/rul"), ["method=ridge,weibull"])
    >>> [(row.data_label, row.method, row.seed) for row in plan.rows]
    [('fleet', 'ridge', 0), ('fleet', 'weibull', 0)]
    """
    custom.current_folder_on_path()
    row_key.module_sum.cache_clear()
    axes = [text for text in given if not _is_setting(text)]
    settings = [text for text in given if _is_setting(text)]
    _refuse_stray_class(axes)
    for text in settings:
        if len(launcher.jobs([text], True)) > 1:
            raise UserError(f"{text} was given, but it is the same for all rows of a suite: give one value")
    folder = paths.runs_folder() / "-".join(filter(None, ("bench", suite.package, suite.task, suite.name)))
    jobs = suite_rows.spread(suite, axes)
    also = suite_rows.telling_apart(jobs)
    composed = [(job, _compose(suite.package, job, settings)) for job in jobs]
    runs = {row_key.row_key(run): (job, run) for job, run in reversed(composed)}  # of equal rows, the first
    rows = [_row(key, *runs[key], folder, also) for key in reversed(runs)]
    if len({_place(row) for row in rows}) < len(rows):
        rows = [_row(key, *runs[key], folder, also, in_full=True) for key in reversed(runs)]
    one = composed[0][1].settings
    configurations = {key: replace(run, overrides=job.overrides) for key, (job, run) in runs.items()}
    return Plan(suite, folder, tuple(suite_rows.by_data(rows)), configurations, one.executor, one.tracking)


def _place(row: Row) -> tuple[object, ...]:
    """Where a row stands in the table; two rows in one place would be taken for two runs of the same thing."""
    return row.task, row.data_label, row.method, row.seed, row.fold


def _is_setting(text: str) -> bool:
    return text.partition("=")[0].lstrip("+~").partition(".")[0] in suite_rows.NOT_A_ROW


def _refuse_stray_class(axes: Sequence[str]) -> None:
    """A class given without ``method=custom`` would take the place of every method under its name."""
    has_class = any(text.lstrip("+").startswith("method._target_=") for text in axes)
    has_custom = any(text.startswith("method=") and custom.NAME in text for text in axes)
    if has_class and not has_custom:
        raise UserError("method._target_ was given without a method to hold it: type method=custom before it")


def _compose(package: str, job: Job, settings: Sequence[str]) -> config.RunConfig:
    try:
        run = config.compose(package, job.task, [*job.overrides, *settings])
        runner.rehearse(run)
    except UserError as error:
        raise UserError(f"{job.where}, row {' '.join(job.overrides)}: {error}") from error
    return run


def _row(
    key: str, job: Job, run: config.RunConfig, folder: Path, also: Sequence[str], *, in_full: bool = False
) -> Row:
    method = record.method_name(run)
    if in_full and run.choices.get("method") == custom.NAME:
        method = str(run.values["method"]["_target_"])
    return Row(
        key=key,
        task=job.task,
        data_label=suite_rows.data_label(str(run.choices.get("data")), job.overrides, also, in_full=in_full),
        method=suite_rows.method_label(method, job.overrides, in_full=in_full),
        seed=run.settings.seed,
        fold=run.values["data"].get("fold"),
        overrides=job.overrides,
        folder=folder / "rows" / key,
    )

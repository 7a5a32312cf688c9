"""The whole run, readable in a minute: load, solve, play, evaluate, compare, report, write.

Everything computed is written as soon as it exists, so that an error, a full disk or Ctrl-C loses nothing
that was already known. ``result.json`` is the source of truth; MLflow is a view of it.
"""

from __future__ import annotations

import errno
import logging
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from usecases import catalogue, config, environment, models, parallel, paths
from usecases.contract import Evaluation, Finding, Item, Outcome, Problem, Section
from usecases.errors import UserError
from usecases.record import difference, first_record, plain_metrics, save_losses, scores

logger = logging.getLogger(__name__)

EXIT_CODES = {"ok": 0, "failed": 1, "partial": 3, "interrupted": 130}


@dataclass(frozen=True)
class Result:
    """What a run left behind.

    Parameters
    ----------
    folder : pathlib.Path
        With ``result.json``, ``report.html``, the predictions, ``config.yaml`` and ``log.txt``.
    record : dict
        The content of ``result.json``.
    interrupted : bool
        Ctrl-C came while the finished run was being tracked.
    """

    folder: Path
    record: dict[str, Any]
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 ok, 1 failed, 3 partial, 130 interrupted."""
        return 130 if self.interrupted else EXIT_CODES[self.record["status"]]


def progress_bar(
    iterable: Iterable[Item], *, description: str = "", total: int | None = None
) -> Iterable[Item]:
    """Show a progress bar on stderr when it is a terminal; otherwise pass the items through."""
    from tqdm import tqdm

    bar: Iterable[Item] = tqdm(
        iterable, desc=description, total=total, leave=False, file=sys.stderr, disable=not sys.stderr.isatty()
    )
    return bar


class Clock:
    """Wall seconds of each phase of a run, and processor seconds of this process."""

    def __init__(self) -> None:
        self.timings: dict[str, Any] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time the block under `name`."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.timings[name] = {
                "wall_s": round(time.perf_counter() - wall, 4),
                "cpu_s": round(time.process_time() - cpu, 4),
            }

    def raise_to_parts(self, phase: str, parts: Mapping[str, Mapping[str, float]]) -> None:
        """Let a phase take no fewer processor seconds than the parts that the task timed itself, in whatever processes.

        Examples
        --------
        >>> clock = Clock()
        >>> clock.timings["solve"] = {"wall_s": 5.0, "cpu_s": 0.5}
        >>> clock.raise_to_parts("solve", {"search": {"wall_s": 4.9, "cpu_s": 9.0}})
        >>> clock.timings["solve"]
        {'wall_s': 5.0, 'cpu_s': 9.0}
        """
        spent = sum(part.get("cpu_s", 0.0) for part in parts.values())
        self.timings[phase]["cpu_s"] = max(self.timings[phase]["cpu_s"], round(spent, 4))


def execute(run: config.RunConfig, folder: Path | None = None, *, with_report: bool = True) -> Result:
    """Carry out one run and leave its folder behind.

    Parameters
    ----------
    run : RunConfig
        From `usecases.config.compose`.
    folder : pathlib.Path, optional
        Where to leave it; by default a new folder named by the time, below the runs folder.
    with_report : bool
        False for the rows of a suite: their table is the report.

    Returns
    -------
    Result
        Also for a run that failed or was interrupted.

    Raises
    ------
    UserError
        Only before there is a run folder: an unknown device, a folder that cannot be written.
    """
    if run.settings.device.name == "cuda":
        environment.resolve_device("cuda")
    rehearse(run)
    entry, card_task = catalogue.find_task(f"{run.package}/{run.task}")
    task = catalogue.load_task(entry, card_task)
    run_id = paths.new_run_id()
    place = folder or paths.runs_folder() / f"{run.package}-{run.task}" / run_id
    folder = paths.working_folder(place)
    clock, record = Clock(), first_record(run, run_id)
    log = _log_to(folder / "log.txt")
    sections: list[Section] = []
    try:
        with parallel.using(run.settings.executor):
            problem, outcome, evaluation = _solve_and_score(run, task, folder, clock, record)
            record["baselines"] = _baselines(run, task, problem, evaluation)
            if run.values.get("trap"):
                record["trap"] = _spring(run, task, problem, outcome, evaluation)
            if with_report:
                sections = task.report(problem, outcome, evaluation)
        record["status"] = "ok" if outcome.complete and evaluation.complete else "partial"
    except KeyboardInterrupt as interruption:
        record |= {"status": "interrupted", "error": "interrupted by the user (Ctrl-C)"}
        _rescue_decisions(folder, interruption)
    except SystemExit as error:  # a method of one's own that calls sys.exit
        record |= {"status": "failed", "error": f"the method ended the program (sys.exit({error.code}))"}
    except Exception as error:
        record |= {"status": "failed", "error": _say(error, folder)}
        _rescue_decisions(folder, error)
        logger.debug("run failed", exc_info=error)
        if not isinstance(error, UserError | OSError):
            (log.stream or sys.stderr).write(traceback.format_exc())
    finally:
        record["timings"] = clock.timings | record.pop("decision_timings", {})
        record["peak_memory_mb"] = record["peak_memory_mb"] or environment.peak_memory_mb()
        record["finished_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    return _close(run, entry.card, card_task, folder, record, sections, log)


def rehearse(run: config.RunConfig) -> None:
    """Build the data source and the method, so that a value out of range is refused before any work."""
    for node in ("data", "method", "trap"):
        if run.values.get(node) is not None:
            config.build(run.values[node])


def _solve_and_score(
    run: config.RunConfig, task: Any, folder: Path, clock: Clock, record: dict[str, Any]
) -> tuple[Problem, Outcome, Evaluation]:
    """Load, solve, play and evaluate; each result goes to the folder or the record at once."""
    shared = shared_arguments(run)
    with clock.phase("load"):
        problem = task.load(config.build(run.values["data"]), seed=run.settings.seed)
    record["data"] = {**problem.description, "fingerprint": problem.fingerprint}
    method = config.build(run.values["method"])
    with clock.phase("solve"):
        outcome = task.solve(method, problem.inputs, **shared)
    clock.raise_to_parts("solve", outcome.timings)
    _save_answer(folder, outcome)
    if hasattr(task, "save") and outcome.model is not None:
        with clock.phase("save"):
            models.save(task, outcome, folder, run)
    if hasattr(task, "play"):
        with clock.phase("play"):
            outcome = task.play(problem, outcome, **shared)
        _save_answer(folder, outcome)
        if outcome.log is not None:
            record["decision_timings"] = {"decision": outcome.log.timings()}
    clock.timings |= {f"solve/{part}": dict(timing) for part, timing in outcome.timings.items()}
    record |= {"reproducible": outcome.reproducible, "device": outcome.device}
    with clock.phase("evaluate"):
        evaluation = task.evaluate(problem, outcome, **shared)
    record |= scores(evaluation)
    save_losses(folder, evaluation, problem)
    record["notes"] = [asdict(note) for note in dict.fromkeys((*outcome.notes, *evaluation.notes))]
    record["peak_memory_mb"] = environment.peak_memory_mb()  # before the baselines add theirs
    return problem, outcome, evaluation


def shared_arguments(run: config.RunConfig) -> dict[str, Any]:
    """Gather what every step of a task is given: seed, budget, device, progress.

    Examples
    --------
    >>> shared_arguments(config.compose("predictive_maintenance", "rul", ["seed=3", "device=cpu"]))["device"]
    'cpu'
    """
    settings = run.settings
    return {
        "seed": settings.seed,
        "budget": settings.budget,
        "device": settings.device.name,
        "progress": progress_bar,
    }


def _baselines(
    run: config.RunConfig, task: Any, problem: Problem, evaluation: Evaluation
) -> dict[str, dict[str, Any]]:
    """Solve the same problem with the baselines; a baseline that fails is a row with its error."""
    rows = {}
    for name in progress_bar(run.settings.baselines, description="baselines"):
        if name == run.choices.get("method"):
            continue
        clock = Clock()
        try:
            method = config.build(config.compose(run.package, run.task, [f"method={name}"]).values["method"])
            with clock.phase("solve"):
                outcome = task.solve(method, problem.inputs, **shared_arguments(run))
            clock.raise_to_parts("solve", outcome.timings)
            if hasattr(task, "play"):
                with clock.phase("play"):
                    outcome = task.play(problem, outcome, **shared_arguments(run))
            other = task.evaluate(problem, outcome, **shared_arguments(run))
        except Exception as error:
            logger.warning("baseline %s failed: %s", name, error)
            rows[name] = {"error": str(error), "metrics": {}, "difference": None, "timings": clock.timings}
            continue
        rows[name] = {
            "error": None,
            "metrics": plain_metrics(other.metrics),
            "difference": difference(evaluation, other, problem, run.settings.seed),
            "timings": clock.timings,
        }
    return rows


def _spring(
    run: config.RunConfig, task: Any, problem: Problem, outcome: Outcome, evaluation: Evaluation
) -> dict[str, Any]:
    """Make the mistake that ``experiment=trap_*`` is about, beside the honest run."""
    trap, method = config.build(run.values["trap"]), config.build(run.values["method"])
    finding: Finding = trap.spring(task, method, problem, outcome, evaluation, **shared_arguments(run))
    return asdict(finding)


def _save_answer(folder: Path, outcome: Outcome) -> None:
    """Write the answer before anybody scores it."""
    if hasattr(outcome.answer, "to_csv"):
        with paths.atomic(folder / f"{outcome.name}.csv") as temporary:
            outcome.answer.to_csv(temporary, index=False, encoding="utf-8", lineterminator="\n")
    else:
        paths.write_json(folder / f"{outcome.name}.json", outcome.answer)


def _rescue_decisions(folder: Path, error: BaseException) -> None:
    """Keep what a broken-off run had: decisions of a game (`simulation.play`), or the best answer so far (a task's `solve`)."""
    outcome = getattr(error, "outcome", None)
    if outcome is not None:
        _save_answer(folder, outcome)
    log = getattr(error, "log", None)
    if log is not None:
        paths.write_json(
            folder / "decisions_until_then.json", {"actions": log.actions, "timings": log.timings()}
        )


class _RunLog(logging.FileHandler):
    """The log of a run; a full disk silences it rather than stop the run."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: the run itself reports that the disk is full."""

    def close(self) -> None:
        """Close the file, whatever the disk says."""
        with suppress(OSError):
            super().close()


def _log_to(path: Path) -> logging.FileHandler:
    handler = _RunLog(path, encoding="utf-8", errors="replace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    root = logging.getLogger()
    root.addHandler(handler)
    if root.level > logging.INFO or root.level == logging.NOTSET:
        root.setLevel(logging.INFO)
    return handler


def _say(error: Exception, folder: Path) -> str:
    """Say what went wrong in one sentence."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{error.strerror} in {folder.parent}: free some space, or choose another folder with USECASES_RUNS; "
            "what could be written before is kept"
        )
    if isinstance(error, OSError):
        return f"{error.strerror or error} ({error.filename or folder.parent}): check that the file can be read or written"
    return " ".join(f"{type(error).__name__}: {error}".split())


def _close(
    run: config.RunConfig,
    card: dict[str, Any],
    card_task: dict[str, Any],
    folder: Path,
    record: dict[str, Any],
    sections: list[Section],
    log: logging.FileHandler,
) -> Result:
    """Write report, configuration and result, give the folder its final name, and track the run.

    The result comes last, so that its status also covers what happened to the report.
    """
    from usecases import tracking

    final = folder.with_name(folder.name.removeprefix(".").removesuffix(".partial"))
    try:
        if sections:
            from usecases import report

            page = report.render(paths.plain(record), sections, card, card_task, run.settings.lang, final)
            paths.write_text(folder / "report.html", page)
        paths.write_text(folder / "config.yaml", _as_yaml(run.values))
    except KeyboardInterrupt:
        record |= {
            "status": "interrupted",
            "error": "interrupted by the user (Ctrl-C) while the report was written",
        }
    except Exception as error:  # an error of a report must not lose the figures
        record |= {"status": "failed", "error": _say(error, folder)}
        logger.info("the report could not be written", exc_info=None if isinstance(error, OSError) else error)
    _write_record(folder, record)
    with suppress(OSError):  # on a full disk the sums are what can be done without
        paths.write_sums(folder, leave_out=("log.txt",))
    logging.getLogger().removeHandler(log)
    log.close()
    try:
        final = paths.publish(folder)
    except OSError as error:
        logger.warning("the run folder keeps its working name %s: %s", folder, error)
        final = folder
    interrupted = False
    try:
        tracking.track(run, paths.plain(record), final)
    except KeyboardInterrupt:
        interrupted = True
    return Result(final, paths.plain(record), interrupted)


def _as_yaml(values: dict[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(paths.plain(values), allow_unicode=True, sort_keys=False))


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write ``result.json``; on a full disk the report makes room for it, since the figures matter more."""
    for sacrificed in (None, "report.html", "log.txt"):
        try:
            if sacrificed:
                (folder / sacrificed).unlink(missing_ok=True)
            paths.write_json(folder / "result.json", record)
            return
        except OSError as error:
            record |= {"status": "failed", "error": _say(error, folder)}
    record["error"] += "; result.json could not be written"

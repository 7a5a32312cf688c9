"""Benchmarks: carry out the rows of a suite, each in a process of its own, and go on where a stopped suite was.

A finished row is a run folder ``runs/bench-<suite>/rows/<key>``, renamed into place once everything is in it. Its key
(`usecases.bench.row_key`) says what was measured, its ``SHA256SUMS`` that nobody edited it: such a row is never run again.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from usecases import config, paths, record
from usecases.bench import row
from usecases.bench.plan import Plan
from usecases.bench.suites import Row
from usecases.commands import Say
from usecases.errors import UserError

SETTLED = ("ok", "partial", "failed")  # what a finished row may be; an interrupted one runs again
ATTEMPT = ".attempt-"


@dataclass(frozen=True)
class Measured:
    """What became of a suite.

    Parameters
    ----------
    rows : tuple of Row
        With their records; None for those that did not come to an end.
    ran : int
        How many rows were run this time; the others were there already.
    interrupted : bool
        Whether Ctrl-C came.
    """

    rows: tuple[Row, ...]
    ran: int
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0 all ok, 1 all failed, 3 some, 130 interrupted."""
        if self.interrupted:
            return 130
        states = {one.record["status"] if one.record else "failed" for one in self.rows}
        return 0 if states == {"ok"} else 1 if states == {"failed"} else 3


def finished(one: Row) -> dict[str, Any] | None:
    """Read the record of a row that has come to an end; None when there is none.

    Raises
    ------
    UserError
        When a file of it was edited, or another version of the library wrote it.
    """
    if not one.folder.is_dir():
        return None
    again = f"delete the folder {one.folder} to measure this row again"
    try:
        edited = paths.changed(one.folder)
        if "  result.json\n" not in (one.folder / paths.SUMS).read_text(encoding="utf-8"):
            edited = ["result.json"]
    except (OSError, UserError):
        edited = [paths.SUMS]
    if edited:
        raise UserError(
            f"{one.folder / edited[0]} is not the file that was written (it was edited, or is gone): {again}"
        )
    found: dict[str, Any] = json.loads((one.folder / "result.json").read_text(encoding="utf-8"))
    if found.get("schema") != 1:
        raise UserError(f"{one.folder / 'result.json'} was written by another version of usecases: {again}")
    return found if found["status"] in SETTLED else None


def measure(plan: Plan, *, retry_failed: bool = False, say: Say) -> Measured:
    """Run the rows that have not come to an end yet.

    Parameters
    ----------
    plan : Plan
        From `usecases.bench.plan.prepare`.
    retry_failed : bool
        Run failed rows again.
    say : callable
        Prints a line; progress goes to stderr.

    Raises
    ------
    UserError
        When another process works on the same suite, a finished row was edited, or the folder cannot be written.
    """
    with _claimed(plan.folder):
        for left in (plan.folder / "rows").glob(f"{ATTEMPT}*"):
            shutil.rmtree(left, ignore_errors=True)
        records = {one.key: finished(one) for one in plan.rows}
        missing = [one for one in plan.rows if _is_missing(records[one.key], retry_failed)]
        if len(missing) < len(plan.rows):
            say(
                f"{len(plan.rows) - len(missing)} of {len(plan.rows)} rows are there already", file=sys.stderr
            )
        ran, interrupted = 0, False
        processes = row.Rows()
        try:
            for one, found in _carry_out(plan, missing, processes):
                records[one.key] = found
                ran += 1
                say(f"[{ran}/{len(missing)}] {_describe(one, found)}", file=sys.stderr)
        except KeyboardInterrupt:
            processes.stop()
            interrupted = True
        # a row may have come to its end just when Ctrl-C came, without being told of
        rows = tuple(replace(one, record=records[one.key] or finished(one)) for one in plan.rows)
        return Measured(rows, ran, interrupted)


def _is_missing(found: dict[str, Any] | None, retry_failed: bool) -> bool:
    return found is None or (retry_failed and found["status"] == "failed")


def _describe(one: Row, found: dict[str, Any]) -> str:
    seconds = sum(timing.get("cpu_s", 0) for name, timing in found["timings"].items() if "/" not in name)
    fold = "" if one.fold is None else f"  fold {one.fold}"
    said = f"  ({found['error']})" if found["error"] else f"  {seconds:.1f} s CPU"
    return f"{one.task}  {one.data_label}  {one.method}  seed {one.seed}{fold}: {found['status']}{said}"


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Keep a second process away from the folder; the system lets go of it when this one dies."""
    from filelock import FileLock, Timeout

    try:
        (folder / "rows").mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise UserError(
            f"another usecases bench is working on {folder}: wait until it has ended, or choose another USECASES_RUNS"
        ) from error
    except OSError as error:
        raise UserError(
            f"the results folder {folder} cannot be written ({error.strerror or error}): "
            "set USECASES_RUNS to a folder of yours, for example USECASES_RUNS=~/runs"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _carry_out(
    plan: Plan, missing: Sequence[Row], processes: row.Rows
) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Run rows through joblib and yield each as it ends: timed rows one after the other."""
    from joblib import Parallel, delayed

    from usecases import parallel

    def here(one: Row) -> tuple[Row, dict[str, Any]]:
        attempt = plan.folder / "rows" / f"{ATTEMPT}{secrets.token_hex(4)}"
        reason = row.carry_out(row.order(plan.runs[one.key]), attempt, processes)
        return one, _accept(one, plan.runs[one.key], attempt, reason, processes)

    if not missing:
        return
    if plan.executor.name == "local":
        cores = 1 if plan.suite.timed else plan.executor.n_jobs
        yield from _ended(Parallel(cores, backend="threading", batch_size=1, return_as="generator_unordered")(
            delayed(here)(one) for one in missing
        ), processes)  # fmt: skip
        return
    with parallel.using(plan.executor):
        portions = [[one] for one in missing] if plan.suite.timed else [list(missing)]
        for portion in portions:
            orders = [(one.key, row.order(plan.runs[one.key])) for one in portion]
            for key, files, reason in Parallel(batch_size=1, return_as="generator_unordered")(
                delayed(_elsewhere)(key, what) for key, what in orders
            ):
                one = next(row_ for row_ in portion if row_.key == key)
                attempt = plan.folder / "rows" / f"{ATTEMPT}{secrets.token_hex(4)}"
                _unpack(files, attempt / row.RESULT)
                yield one, _accept(one, plan.runs[key], attempt, reason, processes)


def _ended(results: Any, processes: row.Rows) -> Iterator[Any]:
    """Hand over what joblib yields; on Ctrl-C the processes end first, so that its threads do."""
    try:
        yield from results
    except BaseException:
        processes.stop()
        raise


def _elsewhere(key: str, what: dict[str, Any]) -> tuple[str, dict[str, bytes], str | None]:
    return key, *row.carry_out_elsewhere(what)


def _unpack(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _accept(
    one: Row, run: config.RunConfig, attempt: Path, reason: str | None, processes: row.Rows
) -> dict[str, Any]:
    """Give the run folder of an attempt its place among the rows; without a result it becomes a row that failed."""
    folder = attempt / row.RESULT
    if processes.stopped:
        raise KeyboardInterrupt
    try:
        if reason is not None:
            _write_failure(run, attempt, reason)
        elif not (folder / paths.SUMS).is_file():
            paths.write_sums(folder, leave_out=("log.txt",))
        found: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if one.folder.exists():
            shutil.rmtree(one.folder)
        folder.rename(one.folder)
    except OSError as error:
        raise UserError(
            f"{one.folder} could not be written ({error.strerror or error}): free some space, or choose another folder "
            "with USECASES_RUNS, and type the same command again to go on"
        ) from error
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    return found


def _write_failure(run: config.RunConfig, attempt: Path, reason: str) -> None:
    """Write the record that a process could not write any more, beside the files that it left."""
    folder, begun = attempt / row.RESULT, attempt / f".{row.RESULT}.partial"
    with suppress(OSError):
        begun.rename(folder)
    folder.mkdir(exist_ok=True, parents=True)
    failed = record.first_record(row.composed(row.order(run)), paths.new_run_id()) | {"error": reason}
    paths.write_json(folder / "result.json", failed)
    paths.write_sums(folder, leave_out=("log.txt",))

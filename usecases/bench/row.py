"""One row of a suite is one process, ``python -m usecases.bench.row``: both ends of the pipe between it and its suite.

The process reads what to run from its standard input, as one line of JSON, and keeps an eye on that pipe afterwards: when
the suite is gone, however it died, the pipe closes and the row ends too. It uses one thread, tracks nothing and writes a
run folder like any other, without a report.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from usecases import environment
from usecases.config import RunConfig
from usecases.schemas import Settings, typed

RESULT = "row"  # name of the run folder inside the folder of an attempt
ERRORS = "errors.txt"

ALONE: dict[str, Any] = {  # what a row is given in place of the suite's own settings
    "tracking": {"name": "none", "uri": None},
    "executor": {"name": "local", "n_jobs": 1, "backend": "threading"},
    "baselines": [],
}


class Rows:
    """The processes that are running, so that Ctrl-C can end them all."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: set[subprocess.Popen[bytes]] = set()
        self.stopped = False

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes] | None:
        """Start a process, unless `stop` was called."""
        with self.lock:
            if self.stopped:
                return None
            process: subprocess.Popen[bytes] = subprocess.Popen(command, **options)
            self.running.add(process)
            return process

    def ended(self, process: subprocess.Popen[bytes]) -> None:
        """Forget a process that has ended."""
        with self.lock:
            self.running.discard(process)

    def stop(self) -> None:
        """End all processes and start no other."""
        with self.lock:
            self.stopped = True
            for process in self.running:
                with suppress(OSError):
                    process.kill()


def order(run: RunConfig) -> dict[str, Any]:
    """Write down what the process of a row needs; it composes nothing itself, which saves Hydra's time in each row.

    Parameters
    ----------
    run : RunConfig
        The row, composed and checked.

    Examples
    --------
    >>> from usecases import config
    >>> order(config.compose("predictive_maintenance", "rul", ["seed=3"]))["values"]["tracking"]["name"]
    'none'
    """
    return {
        "package": run.package,
        "task": run.task,
        "values": run.values | ALONE,
        "choices": dict(run.choices) | {"tracking": "none", "executor": "local"},
        "overrides": list(run.overrides),
        "sys_path": [str(Path(place).absolute()) for place in sys.path],
        "cwd": str(Path.cwd()),
    }


def composed(what: dict[str, Any]) -> RunConfig:
    """Read again what `order` wrote.

    Examples
    --------
    >>> from usecases import config
    >>> composed(order(config.compose("predictive_maintenance", "rul", ["seed=3"]))).settings.seed
    3
    """
    values = what["values"]
    shared = {field.name: values[field.name] for field in fields(Settings) if field.name in values}
    settings = typed(Settings, shared, "")
    return RunConfig(
        what["package"], what["task"], values, what["choices"], tuple(what["overrides"]), settings
    )


def carry_out(what: dict[str, Any], attempt: Path, rows: Rows) -> str | None:
    """Run a row in a process and wait for it.

    Parameters
    ----------
    what : dict
        From `order`.
    attempt : pathlib.Path
        A new folder, which the run folder ``row`` is left in.
    rows : Rows
        Where the process is entered while it runs.

    Returns
    -------
    str or None
        Why it left no result, in one sentence; None when it did.
    """
    attempt.mkdir(parents=True)
    line = json.dumps({**what, "folder": str(attempt / RESULT)}).encode() + b"\n"
    here = what["cwd"] if Path(what["cwd"]).is_dir() else None  # on a cluster, the folder may not exist
    with (attempt / ERRORS).open("wb") as errors:
        process = rows.start(
            [sys.executable, "-m", "usecases.bench.row"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, cwd=here,
            env=os.environ | dict.fromkeys(environment.THREAD_VARIABLES, "1") | {"PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        if process is None:
            return "stopped before it began"
        try:
            with suppress(OSError):  # it died at once: its exit code says why
                process.stdin.write(line)  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            code = process.wait()
        finally:
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]
            rows.ended(process)
    return None if (attempt / RESULT / "result.json").is_file() else _why(code, attempt / ERRORS)


def carry_out_elsewhere(what: dict[str, Any]) -> tuple[dict[str, bytes], str | None]:
    """Run a row on a machine that may not share a disk with the suite, and hand over its files.

    That machine needs this library, the use case, and the module of an own method; own data at the same path.

    Parameters
    ----------
    what : dict
        From `order`.

    Returns
    -------
    files : dict of str to bytes
        Content of the run folder.
    reason : str or None
        As of `carry_out`.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        attempt = Path(place) / "attempt"
        reason = carry_out(what, attempt, Rows())
        folder = attempt / RESULT
        files = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
    return files, reason


def _why(code: int, errors: Path) -> str:
    """Say why a process left no result."""
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        memory = ", probably for want of memory" if name == "SIGKILL" else ""
        return f"the process of this row was killed by the system (signal {name}{memory})"
    said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"the process of this row ended with code {code} and no result{': ' + said[-1] if said else ''}"


def _end_with_the_suite() -> None:
    """End this process when the suite that started it is gone."""
    while os.read(0, 1024):
        pass
    os._exit(130)


def main() -> int:
    """Run the row that the standard input describes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the suite, which ends its rows
    what = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_suite, daemon=True).start()
    sys.path.extend(place for place in what["sys_path"] if place not in sys.path)
    from usecases import runner
    from usecases.errors import UserError

    try:
        result = runner.execute(composed(what), Path(what["folder"]), with_report=False)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if result.record["error"]:
        sys.stderr.write(f"{result.record['error']}\n")
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())

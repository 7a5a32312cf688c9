"""``usecases bench``: run a suite, data x method x seed x fold, and make one table; it goes on where it was stopped."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from usecases import paths, tracking
from usecases.bench import plan as bench_plan
from usecases.bench import runner, suites
from usecases.commands import Say, command_parser
from usecases.errors import UserError

EXAMPLES = """\
examples:
  usecases bench predictive_maintenance/rul                       all methods, built-in data
  usecases bench predictive_maintenance/rul suite=cmapss          a suite; type it again to go on after a stop
  usecases bench predictive_maintenance/rul suite=cmapss method=custom method._target_=mymodule.MyMethod
  usecases bench predictive_maintenance/rul seed=0,1,2,3,4 budget=smoke
"""


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out the command.

    Parameters
    ----------
    rest : sequence of str
        What was typed after ``usecases bench``.
    lang : {"en", "fr"}
        Language of the table when ``--lang`` is not given.
    say : callable
        Prints a line.

    Returns
    -------
    int
        0 all rows ok, 1 all failed, 3 some of them, 130 interrupted.
    """
    from usecases.bench import table as bench_table

    arguments, given = _parse(rest, lang)
    named = [text.partition("=")[2] for text in given if text.startswith("suite=")]
    suite = suites.load(arguments.name, named[-1] if named else None)
    plan = bench_plan.prepare(suite, [text for text in given if not text.startswith("suite=")])
    measured = runner.measure(plan, retry_failed=arguments.retry_failed, say=say)
    rows = [row for row in measured.rows if row.record is not None]
    if rows:
        command = shlex.join(["usecases", "bench", *rest])
        table = bench_table.make(measured.rows, suite, command)
        written = _write(table, plan.folder, arguments.lang)
        tracking.track_suite(plan.tracking, plan.folder, rows, written, interrupted=measured.interrupted)
        say(bench_table.text(table, arguments.lang))
        where = "dans" if arguments.lang == "fr" else "in"
        say(f"\n{', '.join(file.name for file in written)} {where} {plan.folder}")
        failed = sum(row.record["status"] == "failed" for row in rows if row.record)
        if failed:
            say(
                f"usecases: {failed} of {len(rows)} rows failed: --retry-failed runs them again",
                file=sys.stderr,
            )
        if arguments.save and not measured.interrupted:
            say(f"saved in {bench_table.save(table, measured.rows)}")
    elif measured.interrupted:
        say("usecases: interrupted before any row had ended", file=sys.stderr)
    return measured.exit_code


def _write(table: dict[str, Any], folder: Path, lang: str) -> list[Path]:
    """Write the table in every form, beside its rows."""
    from usecases.bench import table as bench_table

    texts = {
        "table.html": bench_table.page(table, lang),
        "table.md": bench_table.markdown(table, lang),
        "table.csv": bench_table.csv_text(table),
    }
    try:
        for name, content in texts.items():
            paths.write_text(folder / name, content)
        paths.write_json(folder / "table.json", table)
    except OSError as error:
        raise UserError(
            f"the table could not be written in {folder} ({error.strerror or error}): free some space and type the "
            "same command again; the finished rows are kept"
        ) from error
    return [folder / name for name in (*texts, "table.json")]


def _parse(rest: Sequence[str], lang: str) -> tuple[argparse.Namespace, list[str]]:
    parser = command_parser(
        "bench",
        "Run a suite: data x method x seed x fold, one process per row, and make one table.",
        lang,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", help="NAME/TASK, or NAME for a suite of the whole use case")
    parser.add_argument(
        "overrides", nargs="*", metavar="KEY=VALUE", help="suite=NAME; an axis, e.g. seed=0,1,2"
    )
    parser.add_argument("--save", action="store_true", help="keep the results below benchmarks/results")
    parser.add_argument("--retry-failed", action="store_true", help="run rows that failed again")
    arguments = parser.parse_intermixed_args(list(rest))
    for text in arguments.overrides:
        if "=" not in text:
            raise UserError(
                f"{text!r} is no override: KEY=VALUE was expected, for example suite=cmapss or seed=0,1,2"
            )
        if text.startswith("lang="):
            arguments.lang = "fr" if text == "lang=fr" else "en"
    return arguments, arguments.overrides

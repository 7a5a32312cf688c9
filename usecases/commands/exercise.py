"""``usecases exercise``: list, show and check the exercises of the course."""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from usecases import exercise_check, exercise_text, exercises
from usecases.commands import Say, add_language
from usecases.errors import UserError

RIGHT, NOT_YET = 0, 1


def run(rest: Sequence[str], lang: str, *, say: Say) -> int:
    """Carry out ``list``, ``show`` or ``check``; 0 right, 1 not yet, 2 (by `UserError`) refused."""
    parser = argparse.ArgumentParser(prog="usecases exercise", description="The exercises of the course.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the exercises, the easy ones first")
    listing.add_argument("spec", nargs="?", metavar="NAME/TASK")
    show = commands.add_parser("show", help="what to do; with --solution, the trainer's sheet")
    show.add_argument("name")
    show.add_argument("--solution", action="store_true", help="expected figure, solution, marking grid")
    check = commands.add_parser("check", help="compare your run with what was asked")
    check.add_argument("name")
    check.add_argument(
        "run_dir", nargs="?", type=Path, help="a run's folder (default: the latest run of the task)"
    )
    check.add_argument("--predicted", metavar="X", help="what you wrote before: how far was it?")
    check.add_argument(
        "--solution", action="store_true", help="run the reference solution and check its figure"
    )
    for command in commands.choices.values():
        add_language(command, lang)
    arguments = parser.parse_args(list(rest))
    chosen: dict[str, Callable[[Any, Say], int]] = {"list": _list, "show": _show, "check": _check}
    return chosen[arguments.command](arguments, say)


def _list(arguments: Any, say: Say) -> int:
    found = exercises.exercises(arguments.spec)
    for line in exercise_text.listed(found, arguments.lang, _width()):
        say(line)
    return RIGHT


def _show(arguments: Any, say: Say) -> int:
    exercise = exercises.find(arguments.name)
    for line in exercise_text.sheet(exercise, arguments.lang, _width(), solution=arguments.solution):
        say(line)
    return RIGHT


def _check(arguments: Any, say: Say) -> int:
    exercise = exercises.find(arguments.name)
    predicted = None if arguments.predicted is None else _number(arguments.predicted)
    if arguments.solution:
        if arguments.run_dir:
            raise UserError("a run's folder and --solution were both given: type one of them")
        with tempfile.TemporaryDirectory(prefix="usecases-", ignore_cleanup_errors=True) as folder:
            return _judge(
                exercise, exercise_check.solve(exercise, Path(folder)), predicted, arguments.lang, say
            )
    return _judge(
        exercise, arguments.run_dir or exercise_check.latest_run(exercise), predicted, arguments.lang, say
    )


def _judge(exercise: exercises.Exercise, folder: Path, predicted: float | None, lang: str, say: Say) -> int:
    record = exercise_check.read_run(folder)
    remarks = exercise_check.check(exercise, record)
    say(f"{exercise.full_name}  {folder}")
    for line in exercise_text.verdict(exercise, record, remarks, lang, _width(), predicted):
        say(line)
    return RIGHT if all(remark.right for remark in remarks) else NOT_YET


def _number(text: str) -> float:
    """Read the prediction as people type it: 12.5, 12,5, 12 %."""
    try:
        value = float(text.strip().removesuffix("%").strip().replace("\u202f", "").replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(
            f"--predicted {text} was given, but a number was expected: type for example --predicted 12.5"
        )
    return value


def _width() -> int:
    return shutil.get_terminal_size().columns - 1

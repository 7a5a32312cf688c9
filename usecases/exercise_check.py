"""Check an exercise: the trainee's run against what was asked and expected, or the reference solution against itself."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usecases import paths
from usecases.errors import UserError
from usecases.exercises import Exercise


@dataclass(frozen=True)
class Remark:
    """One line of a check.

    Parameters
    ----------
    kind : {"condition", "excluded", "figure", "status"}
        What was looked at.
    right : bool
        Whether it is as it should be.
    path : str
        Where it stands in ``result.json``.
    found, wanted : object
        The value of the run, and the one expected.
    """

    kind: str
    right: bool
    path: str
    found: Any
    wanted: Any


def latest_run(exercise: Exercise) -> Path:
    """Find the latest run of the exercise's task below the runs folder.

    Raises
    ------
    UserError
        When there is none.
    """
    place = paths.runs_folder() / f"{exercise.package}-{exercise.task}"
    runs = [file.parent for file in place.glob("*/result.json") if not file.parent.name.startswith(".")]
    if not runs:
        name = exercise.short_name
        raise UserError(
            f"there is no run of {exercise.package}/{exercise.task} in {paths.runs_folder()}: carry out the exercise first "
            f"(usecases exercise show {name}), or give the run's folder: usecases exercise check {name} RUN_DIR"
        )
    return max(runs, key=lambda folder: (folder.name[:16], (folder / "result.json").stat().st_mtime_ns))


def read_run(folder: Path) -> dict[str, Any]:
    """Read the ``result.json`` of a run that nobody edited.

    Parameters
    ----------
    folder : pathlib.Path
        A run's folder.

    Raises
    ------
    UserError
        When it is no run's folder, or a file of it was edited since the run wrote it.
    """
    file = folder / "result.json"
    if not file.is_file():
        raise UserError(
            f"{folder} is not the folder of a run (it holds no result.json): give a folder that `usecases run` named"
        )
    edited = paths.changed(folder)
    if edited:
        raise UserError(
            f"{', '.join(edited)} in {folder} changed after the run wrote it, so its figures prove nothing: run the command again"
        )
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{file} is not valid JSON ({error}): run the command again") from error
    if not isinstance(record, dict):
        raise UserError(f"{file} does not hold the result of a run: run the command again")
    return record


def check(exercise: Exercise, record: Mapping[str, Any]) -> list[Remark]:
    """Compare a run with what the exercise asks: what was run, then the figure.

    Parameters
    ----------
    exercise : Exercise
        With its conditions and its expected figure.
    record : mapping
        The content of the run's ``result.json``.

    Returns
    -------
    list of Remark
        All of them right when the exercise is done.

    Raises
    ------
    UserError
        When the run is of another task.
    """
    ran = f"{record.get('use_case')}/{record.get('task')}"
    if ran != f"{exercise.package}/{exercise.task}":
        raise UserError(
            f"this run is of {ran}, but {exercise.name} is an exercise of {exercise.package}/{exercise.task}: give a run of that task"
        )
    content = exercise.content
    remarks = [
        Remark("status", record.get("status") in ("ok", "partial"), "status", record.get("status"), "ok")
    ]
    for path, wanted in content["must"].items():
        found = value_at(record, path)
        remarks.append(Remark("condition", found in _many(wanted), path, found, wanted))
    for path, unwanted in content.get("must_not", {}).items():
        found = value_at(record, path)
        remarks.append(Remark("excluded", found not in _many(unwanted), path, found, unwanted))
    expected = content["expected"]
    found = value_at(record, expected["path"])
    near = isinstance(found, int | float) and abs(found - expected["value"]) <= expected["tolerance"]
    return [*remarks, Remark("figure", near, expected["path"], found, expected["value"])]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """Read a value of ``result.json`` by its path; None where there is none.

    Examples
    --------
    >>> value_at({"metrics": {"mae": {"value": 3.0}}}, "metrics.mae.value")
    3.0
    >>> value_at({"trap": None}, "trap.honest.value") is None
    True
    """
    found: Any = record
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def unit_at(record: Mapping[str, Any], path: str) -> str:
    """Read the unit of the figure at a path: the one that stands beside its value.

    Examples
    --------
    >>> unit_at({"metrics": {"mae": {"value": 3.0, "unit": "days"}}}, "metrics.mae.value")
    'days'
    """
    return str(value_at(record, f"{path.rpartition('.')[0]}.unit") or "")


def solve(exercise: Exercise, folder: Path) -> Path:
    """Carry out the reference solution, as a trainer or CI does.

    Parameters
    ----------
    exercise : Exercise
        Whose solution's commands are run, each in a process of its own; runs are not tracked.
    folder : pathlib.Path
        Where they run, and where the runs go.

    Returns
    -------
    pathlib.Path
        Folder of the run that the solution left.

    Raises
    ------
    UserError
        When a command of the solution fails.
    """
    if exercise.solution_file:
        shutil.copy(exercise.solution_file, folder)
    environment = os.environ | {
        "USECASES_RUNS": str(folder / "runs"),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(
            filter(None, sys.path)
        ),  # what this process finds, also from another folder
    }
    for command in exercise.content["solution"]["commands"]:
        program, *arguments = shlex.split(command)
        if program == "usecases":
            arguments = [
                "-m",
                "usecases.cli",
                *arguments,
                *(["tracking=none"] if arguments[0] == "run" else []),
            ]
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode:
            told = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["no message"]
            raise UserError(f"the solution of {exercise.name} failed at `{command}`: {told[-1]}")
    runs = sorted((folder / "runs").glob(f"{exercise.package}-{exercise.task}/*/result.json"))
    if not runs:
        raise UserError(
            f"the solution of {exercise.name} left no run: its last command must be `usecases run`"
        )
    return runs[-1].parent

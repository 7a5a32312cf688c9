"""The exercises of the course: found beside the tasks they belong to.

An exercise is a file ``<package>/exercises/<task>/<name>.yaml``, in French and English; ``exercise.schema.json``, beside
this module, says what it holds. `usecases.exercise_check` compares a trainee's run with it, `usecases.exercise_text` sets
it for a terminal.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usecases import catalogue
from usecases.errors import UserError, nearest

logger = logging.getLogger(__name__)

SCHEMA_FILE = Path(__file__).with_name("exercise.schema.json")
LEVELS = ("voir", "modifier", "construire")
PHASES = ("need", "data", "development", "proof", "deployment", "change")


@dataclass(frozen=True)
class Exercise:
    """One exercise of a task.

    Parameters
    ----------
    package, task, name : str
        Where it belongs, and the stem of its file.
    file : pathlib.Path
        The file.
    content : dict
        As read; `problems` tells whether it is as the schema asks.
    """

    package: str
    task: str
    name: str
    file: Path
    content: dict[str, Any]

    @property
    def full_name(self) -> str:
        """``package/task/name``."""
        return f"{self.package}/{self.task}/{self.name}"

    @property
    def short_name(self) -> str:
        """What to type: the name alone, unless another package brings one of that name, as a copy does."""
        folders = [entry.folder for entry in catalogue.entries().values() if entry.folder]
        same = [file for folder in folders for file in folder.glob(f"exercises/*/{self.name}.yaml")]
        return self.name if len(same) < 2 else self.full_name

    @property
    def solution_file(self) -> Path | None:
        """The file of the reference solution, when there is one."""
        name = self.content["solution"].get("file")
        return self.file.with_name(name) if name else None


def exercises(spec: str | None = None) -> list[Exercise]:
    """Find the exercises of all packages, or of one package or task.

    Parameters
    ----------
    spec : str, optional
        ``NAME`` or ``NAME/TASK``.

    Returns
    -------
    list of Exercise
        Easy ones first: by task, level, minutes, name. A file that cannot be read or breaks the schema is logged and left
        out.

    Raises
    ------
    UserError
        For an unknown name.

    Examples
    --------
    >>> {exercise.task for exercise in exercises("predictive_maintenance/rul")}
    {'rul'}
    """
    package, _, task = (spec or "").partition("/")
    if package:
        catalogue.find_task(f"{package}/{task}" if task else package)
    entries = [e for e in catalogue.entries().values() if e.folder and package in ("", e.name)]
    found = [x for entry in entries for x in _of_package(entry, task)]
    return sorted(
        found,
        key=lambda x: (x.package, x.task, LEVELS.index(x.content["level"]), x.content["minutes"], x.name),
    )


def _of_package(entry: catalogue.Entry, task: str) -> Iterator[Exercise]:
    assert entry.folder is not None
    for file in sorted((entry.folder / "exercises").glob("*/*.yaml")):
        if task in ("", file.parent.name):
            try:
                yield Exercise(entry.name, file.parent.name, file.stem, file, read(file))
            except UserError as error:
                logger.warning("%s; it is left out", error)


def read(file: Path) -> dict[str, Any]:
    """Read the file of an exercise and check it against the schema.

    Parameters
    ----------
    file : pathlib.Path
        ``<package>/exercises/<task>/<name>.yaml``, in UTF-8.

    Raises
    ------
    UserError
        When it cannot be read, or is not as the schema asks.
    """
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        told = " ".join(str(error).split())
        raise UserError(f"the exercise {file} cannot be read ({told}): correct that file") from error
    wrong = problems(content)
    if wrong:
        raise UserError(
            f"the exercise {file} is not as exercise.schema.json asks ({wrong[0]}): correct that file"
        )
    return dict(content)


def problems(content: Any) -> list[str]:
    """Check an exercise against ``exercise.schema.json``.

    Parameters
    ----------
    content : object
        What a YAML reader returned.

    Returns
    -------
    list of str
        One phrase for each problem; empty for a valid exercise.

    Examples
    --------
    >>> problems({"schema": 2})[0]
    "$: 'title' is a required property"
    """
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    errors = sorted(validator.iter_errors(content), key=lambda error: str(error.json_path))
    return [f"{error.json_path}: {error.message}" for error in errors]


def find(name: str) -> Exercise:
    """Find one exercise by its name, or by ``PACKAGE/TASK/NAME`` where several have the same.

    Raises
    ------
    UserError
        When there is none of that name, or several.

    Examples
    --------
    >>> find("own_method").full_name
    'predictive_maintenance/rul/own_method'
    """
    known = exercises()
    fitting = [x for x in known if name in (x.name, x.full_name)]
    if len(fitting) > 1:
        raise UserError(
            f"several exercises are called {name!r}: type one of {', '.join(x.full_name for x in fitting)}"
        )
    if not fitting:
        raise UserError(
            f"unknown exercise {name!r}: {nearest(name, [x.name for x in known])}; type 'usecases exercise list'"
        )
    return fitting[0]

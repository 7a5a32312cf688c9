"""Models that outlive their run: the folder ``model/``, its format and version, and what reads it again.

``model/model.json`` says which task wrote the model and in which format; everything else in the folder belongs to the
task. Nothing in it is a pickle. `usecases predict`, the served model and a monitor all go through `load`::

    model = load("runs/predictive_maintenance-rul/20260102T030405Z-0a1b2c")
    outcome = model.apply(model.read("week12.csv"))
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from usecases import __version__, catalogue, paths, run_folders
from usecases.config import RunConfig
from usecases.contract import Outcome
from usecases.errors import UserError

logger = logging.getLogger(__name__)

FOLDER = "model"
FORMAT = 1
RECORD_SCHEMA = 1  # of result.json


@dataclass(frozen=True)
class Model:
    """A fitted model that was read back.

    Parameters
    ----------
    task : Task
        The task that wrote it.
    folder : pathlib.Path
        The folder ``model/``.
    record : mapping
        The content of the run's ``result.json``; empty when the folder was opened alone.
    """

    task: Any
    folder: Path
    record: dict[str, Any] = field(default_factory=dict)

    def read(self, path: str | Path, *, anyway: bool = False) -> Any:
        """Read a person's file as inputs of this model.

        Parameters
        ----------
        path : str or pathlib.Path
            The file.
        anyway : bool
            Accept what looks wrong (a scale that was never seen).

        Raises
        ------
        UserError
            When the file cannot be understood.
        """
        with self._told():
            return self.task.read(self.folder, path, anyway=anyway)

    def apply(self, inputs: Any, *, anyway: bool = False) -> Outcome:
        """Answer for new inputs.

        Parameters
        ----------
        inputs : object
            From `read`, or of the same form.
        anyway : bool
            Accept what looks wrong.

        Returns
        -------
        Outcome
            Not ``complete`` when a part could not be answered; the answer says which and why.

        Raises
        ------
        UserError
            When the inputs are not what the model was trained on, or when the model fails.
        """
        with self._told():
            outcome: Outcome = self.task.apply(self.folder, inputs, anyway=anyway)
        return outcome

    def example(self) -> Any:
        """Invent an input: it shows the form, and is nobody's."""
        return self.task.example(self.folder)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one sentence what a stranger's method, or a folder of another state of the code, raises."""
        try:
            yield
        except (UserError, OSError, MemoryError):
            raise
        except Exception as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())
            again = self.record.get("command", "usecases run")
            raise UserError(
                f"the model in {self.folder} failed ({told}): correct its method if it is your own (--debug shows where), "
                f"or run it again with `{again}`"
            ) from error


def save(task: Any, outcome: Outcome, folder: Path, run: RunConfig) -> bool:
    """Save the model of a run below its folder; a model that cannot be saved costs a warning, never the run.

    Parameters
    ----------
    task : Task
        With ``save(outcome, folder)``.
    outcome : Outcome
        With its fitted model.
    folder : pathlib.Path
        The run's folder.
    run : RunConfig
        The run.

    Returns
    -------
    bool
        Whether the model was saved.
    """
    import shutil

    place = folder / FOLDER
    try:
        place.mkdir()
        task.save(outcome, place)
        paths.write_json(
            place / "model.json",
            {"format": FORMAT, "usecases": __version__, "use_case": run.package, "task": run.task},
        )
    except Exception as error:
        logger.warning("the model of this run could not be saved: %s", error)
        shutil.rmtree(place, ignore_errors=True)
        return False
    return True


def load(run: str | Path) -> Model:
    """Load the model of a run.

    Parameters
    ----------
    run : str or pathlib.Path
        The run's folder, or its ``result.json``, or its ``model/``.

    Returns
    -------
    Model
        Ready to `Model.apply`.

    Raises
    ------
    UserError
        When there is no such run, when it has no model, when its files were edited, or when another version wrote it.
    """
    folder = run_folders.find(run)
    record = _json(folder / "result.json")
    _refuse_other_version(folder, record.get("schema"), RECORD_SCHEMA, _version(record))
    if not (folder / FOLDER / "model.json").is_file():
        raise UserError(_why_no_model(folder, record))
    edited = edited_files(folder)
    if edited:
        raise UserError(
            f"{', '.join(edited)} in {folder} is not what the run wrote (its sum differs), so it is not used: "
            f"run it again with `{record.get('command')}`"
        )
    opened = open_folder(folder / FOLDER)
    return Model(opened.task, opened.folder, record)


def open_folder(folder: Path) -> Model:
    """Open a folder ``model/`` alone, wherever it was copied; the sums of its run are not looked at.

    Parameters
    ----------
    folder : pathlib.Path
        With ``model.json``.

    Raises
    ------
    UserError
        When another version wrote it, or its use case is not installed.
    """
    about = _json(folder / "model.json")
    _refuse_other_version(folder, about.get("format"), FORMAT, str(about.get("usecases")))
    name = f"{about.get('use_case')}/{about.get('task')}"
    try:
        task = catalogue.load_task(*catalogue.find_task(name))
    except UserError as error:
        raise UserError(
            f"the model in {folder} belongs to {name}, which cannot be used here: {error}"
        ) from error
    if not hasattr(task, "apply"):
        raise UserError(
            f"{name} saved a model in {folder}, but this version of it has no `apply`: install another"
        )
    return Model(task, folder)


def edited_files(folder: Path) -> list[str]:
    """Name the files of a run that its answers depend on, and that are not what the run wrote.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder. Its report may have been edited, its result and its model may not.

    Raises
    ------
    UserError
        When the folder has no sums.
    """
    present = {file.relative_to(folder).as_posix() for file in (folder / FOLDER).rglob("*") if file.is_file()}
    suspect = {*paths.changed(folder), *({"result.json"} | present) - paths.sums(folder).keys()}
    return sorted(name for name in suspect if name == "result.json" or name.startswith(f"{FOLDER}/"))


def _json(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} cannot be read ({error.__class__.__name__}): give a folder that `usecases run` wrote"
        ) from error
    if not isinstance(value, dict):
        raise UserError(f"{file} is not what `usecases run` writes: give a folder that it wrote")
    return value


def _version(record: dict[str, Any]) -> str:
    versions = record.get("versions")
    return str(versions.get("usecases") if isinstance(versions, dict) else None)


def _refuse_other_version(folder: Path, found: Any, expected: int, version: str) -> None:
    """Refuse a format that is not ours, and what a later major version wrote."""
    major = version.partition(".")[0]
    later = major.isdigit() and int(major) > int(__version__.partition(".")[0])
    if found != expected or later:
        raise UserError(
            f"{folder} was written by another version of usecases ({version}, format {found}; this is {__version__}, "
            f"format {expected}): install that version (pip install usecases=={version}), or run it again with this one"
        )


def _why_no_model(folder: Path, record: dict[str, Any]) -> str:
    name = f"{record.get('use_case')}/{record.get('task')}"
    again = f"`{record.get('command')}`"
    if record.get("status") in ("failed", "interrupted"):
        return (
            f"{folder} has no model, because the run ended as {record['status']}: run it again with {again}"
        )
    try:
        saves = hasattr(catalogue.load_task(*catalogue.find_task(name)), "save")
    except UserError as error:
        return f"{folder} has no model, and {name} cannot be used here: {error}"
    if not saves:
        return f"{folder} has no model, because {name} does not learn one: only tasks that learn can predict for a new file"
    return (
        f"{folder} has no model: the method {record.get('method')!r} gave none, or it could not be saved "
        f"(see {folder / 'log.txt'}); type `usecases run {name} method=NAME` with another method and the same data"
    )

"""Models that outlive their run: the folder ``model/``, its format and version, and what reads it again.

``model/model.json`` says which task wrote the model and in which format; everything else in the folder belongs to the
task. Nothing in it is a pickle. `usecases predict`, the served model and a monitor all go through `load`.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from usecases import paths
from usecases.config import RunConfig
from usecases.contract import Outcome

logger = logging.getLogger(__name__)

FOLDER = "model"
FORMAT = 1


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

    from usecases import __version__

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

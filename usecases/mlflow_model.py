"""The model of a run as an MLflow model: for the tracking store, and for ``mlflow models serve``. No pickle."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usecases import __version__, models, served_model, tracking

if TYPE_CHECKING:
    from mlflow import MlflowClient

logger = logging.getLogger(__name__)

MODEL_ADDRESS = """\
{uri}

Serve it with one of:

    usecases serve "{folder}"
    mlflow models serve -m {uri} --env-manager local --port 5001

The second needs MLFLOW_TRACKING_URI to be the address of this store.
"""


def log(client: MlflowClient, experiment: str, run: str, folder: Path) -> None:
    """Log the model of a run, so that ``mlflow models serve`` answers with it; its address becomes an artifact.

    What goes wrong here costs a warning: the run is tracked all the same.

    Parameters
    ----------
    client : mlflow.MlflowClient
        Of the store.
    experiment, run : str
        MLflow's identities.
    folder : pathlib.Path
        The run's folder.
    """
    from mlflow.entities import LoggedModelOutput

    try:
        with tempfile.TemporaryDirectory() as scratch:
            export(folder / models.FOLDER, Path(scratch) / "model")
            logged = client.create_logged_model(experiment, name="model", source_run_id=run)
            client.log_model_artifacts(logged.model_id, str(Path(scratch) / "model"))
        client.finalize_logged_model(logged.model_id, "READY")
        client.log_outputs(run, models=[LoggedModelOutput(logged.model_id, step=0)])
        client.log_text(run, MODEL_ADDRESS.format(uri=logged.model_uri, folder=folder), "model_address.txt")
    except Exception as error:
        logger.warning(
            "MLflow tracked this run, but not its model (%s); `usecases serve` works without it",
            (str(error).splitlines() or [type(error).__name__])[0][:200],
        )


def export(folder: Path, target: Path) -> None:
    """Write the model of a run as an MLflow model: the folder, a script that reads it, signature, synthetic example.

    Parameters
    ----------
    folder : pathlib.Path
        The run's ``model/``.
    target : pathlib.Path
        The folder to write, which must not exist.

    Raises
    ------
    UserError
        When the model cannot be opened.
    """
    tracking.be_quiet(os.environ)
    from mlflow.pyfunc import save_model

    model = models.open_folder(folder)
    example = model.example()
    save_model(
        target,
        python_model=served_model.__file__,
        artifacts={"model": str(folder)},
        signature=_signature(example, served_model.plain_rows(model.apply(example).answer)),
        input_example=served_model.plain_rows(example),
        pip_requirements=[f"usecases=={__version__}"],  # given, or MLflow would run the model to guess them
    )


def _signature(example: Any, answer: Any) -> Any:
    """Describe inputs and answers: whole numbers may come with decimals, and no column is MLflow's to miss.

    The task itself checks columns and values, and its sentences are better; so every column is optional here. Dates
    are text, because MLflow would read 01/02/2026 as January without a word.
    """
    from mlflow.models import infer_signature
    from mlflow.types import ColSpec, DataType, Schema

    signature = infer_signature(example, answer, params={"anyway": False})
    if hasattr(example, "columns"):
        kinds = dict.fromkeys((DataType.integer, DataType.long, DataType.float), DataType.double)
        kinds[DataType.datetime] = DataType.string
        signature.inputs = Schema(
            [ColSpec(kinds.get(c.type, c.type), c.name, required=False) for c in signature.inputs]
        )
    return signature

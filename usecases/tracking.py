"""MLflow, and nothing else: the only file that imports it. Tracking is a view of ``result.json`` and never stops a run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usecases import paths

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from usecases.config import RunConfig

logger = logging.getLogger(__name__)

TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"


def store_uri() -> str:
    """Address of the default store: a SQLite file in the runs folder."""
    return f"sqlite:///{(paths.runs_folder() / 'mlflow.db').as_posix()}"


def artifact_root() -> str:
    """Where the default store keeps files, always beside its database."""
    return (paths.runs_folder() / "mlartifacts").as_uri()


def track(run: RunConfig, record: dict[str, Any], folder: Path) -> str | None:
    """Log a finished run to MLflow; a server that cannot be reached costs a warning.

    Parameters
    ----------
    run : RunConfig
        With ``tracking.name`` (``mlflow`` or ``none``) and ``tracking.uri``.
    record : dict
        The content of ``result.json``.
    folder : pathlib.Path
        The run's folder, whose report, result and predictions become artifacts.

    Returns
    -------
    str or None
        MLflow's identity of the run, or None when it was not tracked.
    """
    if run.settings.tracking.name == "none":
        return None
    os.environ.setdefault(TELEMETRY, "true")  # said in the README: no usage data leaves the machine
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # what goes wrong is said below, in one line
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    try:
        return _log(run.settings.tracking.uri, record, folder)
    except Exception as error:  # whatever the store does, the run stands
        logger.warning(
            "MLflow could not log this run (%s): check tracking.uri, or type tracking=none",
            str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
        )
        return None


def _log(uri: str | None, record: dict[str, Any], folder: Path) -> str:
    """Create the MLflow run: parameters, metrics, tags and files."""
    for library in ("mlflow", "alembic", "sqlalchemy", "urllib3"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    client = _client(uri)
    name = f"{record['use_case']}/{record['task']}"
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        location = artifact_root() if uri is None else None
        identity = client.create_experiment(name, artifact_location=location)
    else:
        identity = experiment.experiment_id
    title = f"{record['data']['name']} {record['method']} seed {record['seed']}"
    created = client.create_run(identity, run_name=title, tags=_tags(record, folder)).info.run_id
    for key, value in flatten(record["config"]):
        client.log_param(created, key, str(value)[:6000])
    for key, metric in record["metrics"].items():
        if metric["value"] is not None:
            client.log_metric(created, key, float(metric["value"]))
    for phase, timing in record["timings"].items():
        for key, value in timing.items():
            if isinstance(value, int | float):
                client.log_metric(created, f"timings/{phase}/{key}", float(value))
    for file in sorted(folder.iterdir()):
        if file.is_file():
            client.log_artifact(created, str(file))
    status = {"ok": "FINISHED", "partial": "FINISHED", "interrupted": "KILLED"}.get(
        record["status"], "FAILED"
    )
    client.set_terminated(created, status=status)
    return created


def _client(uri: str | None) -> MlflowClient:
    """Open the store; the tables of a new database are made by one process at a time."""
    from filelock import FileLock
    from mlflow import MlflowClient

    if uri is not None:
        return MlflowClient(tracking_uri=uri)
    database = paths.runs_folder() / "mlflow.db"
    if database.exists() and not database.is_file():
        raise OSError(f"{database} is not a file")
    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{database}.lock", timeout=120):
        client = MlflowClient(tracking_uri=store_uri())
        client.search_experiments(max_results=1)
    return client


def _tags(record: dict[str, Any], folder: Path) -> dict[str, str]:
    tags = {
        "usecases.run_id": record["run_id"],
        "usecases.folder": str(folder),
        "usecases.status": record["status"],
        "usecases.command": record["command"],
        "usecases.fingerprint": record["data"].get("fingerprint"),
        "usecases.data_kind": record["data"].get("kind"),
        "usecases.commit": record["git"].get("commit"),
        "usecases.dirty": record["git"].get("dirty"),
    }
    return {key: str(value) for key, value in tags.items() if value is not None}


def flatten(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a nested configuration as dotted keys.

    Examples
    --------
    >>> list(flatten({"seed": 0, "data": {"subset": "FD001"}}))
    [('seed', 0), ('data.subset', 'FD001')]
    """
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from flatten(value, f"{name}.")
        else:
            yield name, value

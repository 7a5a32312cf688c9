"""The only way to MLflow's store. Tracking is a view of ``result.json`` and never stops a run."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from usecases import models, paths

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from usecases.bench.suites import Row
    from usecases.config import RunConfig
    from usecases.schemas import TrackingNode

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
    return _safely("this run", lambda: _log(run.settings.tracking.uri, record, folder))


def _safely(what: str, log: Callable[[], str]) -> str | None:
    """Log something; whatever the store does costs a warning and nothing else."""
    be_quiet(os.environ)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    try:
        return log()
    except Exception as error:
        logger.warning(
            "MLflow could not log %s (%s): check tracking.uri, or type tracking=none",
            what,
            (str(error).splitlines() or [type(error).__name__])[0][:200],
        )
        return None


def be_quiet(environment: MutableMapping[str, str]) -> None:
    """Keep MLflow from sending usage data, and from writing more than what goes wrong.

    Examples
    --------
    >>> environment = {}
    >>> be_quiet(environment)
    >>> environment["MLFLOW_DISABLE_TELEMETRY"]
    'true'
    """
    environment.setdefault(TELEMETRY, "true")  # said in the README: no usage data leaves the machine
    environment.setdefault("DO_NOT_TRACK", "true")
    environment.setdefault("MLFLOW_LOGGING_LEVEL", "CRITICAL")  # what goes wrong is said by us, in one line
    environment.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for library in ("mlflow", "alembic", "sqlalchemy", "urllib3"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


def _log(uri: str | None, record: dict[str, Any], folder: Path) -> str:
    """Create the MLflow run: parameters, metrics, tags, files and model."""
    from usecases import mlflow_model

    client = _client(uri)
    identity = _experiment(client, uri, f"{record['use_case']}/{record['task']}")
    title = f"{record['data']['name']} {record['method']} seed {record['seed']}"
    created: str = client.create_run(identity, run_name=title, tags=_tags(record, folder)).info.run_id
    _fill(client, created, record, folder)
    if (folder / models.FOLDER).is_dir():
        mlflow_model.log(client, identity, created, folder)
    client.set_terminated(created, status=_status(record["status"]))
    return created


def _experiment(client: MlflowClient, uri: str | None, name: str) -> str:
    """Find or create an experiment; in the default store its files stay beside the database."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    return str(client.create_experiment(name, artifact_location=artifact_root() if uri is None else None))


def _fill(client: MlflowClient, created: str, record: dict[str, Any], folder: Path) -> None:
    """Give an MLflow run its parameters, metrics and files."""
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


def _status(of_run: str) -> str:
    """Name the state of a run in MLflow's words."""
    return {"ok": "FINISHED", "partial": "FINISHED", "interrupted": "KILLED"}.get(of_run, "FAILED")


def track_suite(
    tracking: TrackingNode,
    folder: Path,
    rows: Sequence[Row],
    files: Sequence[Path],
    *,
    interrupted: bool = False,
) -> str | None:
    """Log a suite to MLflow as one parent run with a child for each row; again after a resume, it adds what is missing.

    The rows are read from what they left behind, after all of them have run: no row is slowed down by MLflow, and each is
    logged once, however often the suite was stopped. A server that cannot be reached costs a warning.

    Parameters
    ----------
    tracking : TrackingNode
        ``tracking=mlflow`` or ``tracking=none``, and ``tracking.uri``.
    folder : pathlib.Path
        The suite's folder, which makes the parent run the same one after a resume.
    rows : sequence of Row
        Those that came to an end.
    files : sequence of pathlib.Path
        The table, which becomes artifacts of the parent.
    interrupted : bool
        Whether rows are missing still.

    Returns
    -------
    str or None
        MLflow's identity of the parent run, or None when it was not tracked.
    """
    if tracking.name == "none" or not rows:
        return None
    return _safely("this suite", lambda: _log_suite(tracking.uri, folder, rows, files, interrupted))


def _log_suite(
    uri: str | None, folder: Path, rows: Sequence[Row], files: Sequence[Path], interrupted: bool
) -> str:
    client = _client(uri)
    records = {row.key: row.record for row in rows if row.record is not None}
    first = next(iter(records.values()))
    tasks = {row.task for row in rows}
    place = f"{first['use_case']}/{first['task']}" if len(tasks) == 1 else first["use_case"]
    experiment = _experiment(client, uri, place)
    identity = hashlib.sha256(str(folder).encode("utf-8", "replace")).hexdigest()[:16]
    known = client.search_runs([experiment], f"tags.`usecases.bench` = '{identity}'", max_results=1)
    tags = {"usecases.bench": identity, "usecases.folder": str(folder)}
    parent: str = (
        known[0].info.run_id
        if known
        else client.create_run(experiment, run_name=folder.name, tags=tags).info.run_id
    )
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent}'", max_results=10_000)
    complete = set()
    for child in children:
        key = str(child.data.tags.get("usecases.bench.row"))
        now = records.get(key, {}).get("run_id")
        if child.info.end_time and now in (None, child.data.tags.get("usecases.run_id")):
            complete.add(key)
        else:  # logged by half when the suite was killed, or run again since
            client.delete_run(child.info.run_id)
    for row in rows:
        if row.record is not None and row.key not in complete:
            _log_row(client, experiment, parent, row, row.record)
    for file in files:
        client.log_artifact(parent, str(file))
    client.set_terminated(parent, status="KILLED" if interrupted else "FINISHED")
    return parent


def _log_row(client: MlflowClient, experiment: str, parent: str, row: Row, record: dict[str, Any]) -> None:
    fold = "" if row.fold is None else f" fold {row.fold}"
    title = f"{row.data_label} {row.method} seed {row.seed}{fold}"
    tags = _tags(record, row.folder) | {"mlflow.parentRunId": parent, "usecases.bench.row": row.key}
    created = client.create_run(experiment, run_name=title, tags=tags).info.run_id
    _fill(client, created, record, row.folder)
    client.set_terminated(created, status=_status(record["status"]))


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

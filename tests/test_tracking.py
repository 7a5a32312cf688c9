"""MLflow is a view of result.json: the same figures, and never a reason for a run to fail."""

import pytest

from usecases import config, runner, tracking


def execute(*overrides):
    return runner.execute(config.compose("toy_cases", "average", ["method=linear", *overrides]))


def test_run_is_logged_with_parameters_metrics_files_and_tags(tracked_runs):
    from mlflow import MlflowClient

    result = execute("tracking=mlflow", "seed=3")
    client = MlflowClient(tracking_uri=tracking.store_uri())
    experiment = client.get_experiment_by_name("toy_cases/average")
    (logged,) = client.search_runs([experiment.experiment_id])
    assert logged.info.status == "FINISHED"
    assert logged.data.params["seed"] == "3"
    assert logged.data.params["data.n_groups"] == "20"
    assert logged.data.metrics["mae"] == result.record["metrics"]["mae"]["value"]
    assert logged.data.tags["usecases.fingerprint"] == result.record["data"]["fingerprint"]
    assert logged.data.tags["usecases.folder"] == str(result.folder)
    artifacts = {file.path for file in client.list_artifacts(logged.info.run_id)}
    assert {"report.html", "result.json", "predictions.csv"} <= artifacts
    assert str(tracked_runs) in experiment.artifact_location.replace("file://", ""), (
        "artifacts stay in the runs folder"
    )


def test_no_tracking_changes_nothing_else(tracked_runs):
    with_mlflow, without = execute("tracking=mlflow"), execute("tracking=none")
    assert with_mlflow.record["metrics"] == without.record["metrics"]
    assert {p.name for p in with_mlflow.folder.iterdir()} == {p.name for p in without.folder.iterdir()}


def test_unreachable_server_is_a_warning(caplog):
    result = execute("tracking=mlflow", "tracking.uri=http://127.0.0.1:9")
    assert result.exit_code == 0
    assert any("MLflow could not log this run" in record.message for record in caplog.records)


def test_failed_run_is_logged_as_failed(tracked_runs):
    from mlflow import MlflowClient

    execute("tracking=mlflow", "method.fail=true")
    client = MlflowClient(tracking_uri=tracking.store_uri())
    experiment = client.get_experiment_by_name("toy_cases/average")
    (logged,) = client.search_runs([experiment.experiment_id])
    assert logged.info.status == "FAILED"


def test_telemetry_is_off(monkeypatch, tracked_runs):
    import os

    monkeypatch.delenv(tracking.TELEMETRY, raising=False)
    execute("tracking=mlflow")
    assert os.environ[tracking.TELEMETRY] == "true"


@pytest.mark.parametrize("name", ["file:./mlruns", "nonsense://x"])
def test_bad_store_is_a_warning(name, caplog):
    assert execute("tracking=mlflow", f"tracking.uri={name}").exit_code == 0
    assert any("tracking.uri" in record.message for record in caplog.records)

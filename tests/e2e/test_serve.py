"""A model over HTTP: what `mlflow models serve` answers is what `usecases predict` writes, and mistakes are HTTP 400."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pandas as pd
import pytest

from usecases import config, models, runner, servers, tracking

ROOT = Path(__file__).resolve().parents[2]
OPEN = build_opener(ProxyHandler({})).open


def post(address, body, kind="application/json"):
    """Status and parsed body of the answer."""
    data = (body if isinstance(body, str) else json.dumps(body)).encode("utf-8")
    try:
        with OPEN(Request(address, data, {"Content-Type": kind}), timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def wait_for(address, process):
    """Until the server answers; its death is a failure."""
    for _ in range(1200):
        assert process.poll() is None, "the server ended by itself"
        try:
            return OPEN(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within two minutes")


def members(group):
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def tracked(tmp_path_factory, migrated_store):
    """A tracked run of the remaining useful life on a tiny generated fleet."""
    import shutil

    runs = tmp_path_factory.mktemp("served")
    shutil.copy(migrated_store, runs / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USECASES_RUNS", str(runs))
        overrides = ["data.n_machines=24", "method=lightgbm", "budget=smoke", "device=cpu", "tracking=mlflow"]
        run = config.compose(
            "predictive_maintenance", "rul", [*overrides, "baselines=[]", "executor.n_jobs=1"]
        )
        result = runner.execute(run)
        assert result.record["status"] == "ok", result.record["error"]
        return result, tracking.store_uri()


@pytest.fixture(scope="module")
def server(tracked):
    """``mlflow models serve`` as anybody would type it, on the model that the run logged."""
    from mlflow import MlflowClient

    _, store = tracked
    client = MlflowClient(tracking_uri=store)
    (model,) = client.search_logged_models(
        [client.get_experiment_by_name("predictive_maintenance/rul").experiment_id]
    )
    port = servers.free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model.model_uri]
    command += ["--env-manager", "local", "--port", str(port)]
    environment = servers.mlflow_environment(store)
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/ping", process)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="module")
def example(tracked):
    """Synthetic rows of the model."""
    return models.load(tracked[0].folder).example()


def split(frame):
    """Rows as MLflow's clients send them."""
    from usecases.served_model import plain_rows

    return {"dataframe_split": plain_rows(frame).to_dict(orient="split")}


def test_served_answer_is_the_predicted_one(tracked, server, example, usecases, tmp_path):
    example.to_csv(tmp_path / "rows.csv", index=False)
    done = usecases("predict", tracked[0].folder, "rows.csv")
    assert done.returncode == 0, done.stderr
    written = pd.read_csv(tmp_path / "rows_predictions.csv", dtype={"unit": str})
    status, body = post(server, split(example))
    assert status == 200, body
    served = pd.DataFrame(body["predictions"])
    assert served["unit"].astype(str).tolist() == written["unit"].tolist()
    for column in ("prediction", "low", "high"):
        assert (served[column] - written[column]).abs().max() < 1e-9, column


def test_rows_that_cannot_be_scored_come_back_with_their_reason(server, example):
    names = example["unit"].unique()
    rows = example.copy()
    sensors = [name for name in rows.columns if name not in ("unit", "time")]
    rows.loc[rows["unit"] == names[1], "time"] = 5.0
    status, body = post(server, split(rows))
    assert status == 200, body
    first, second = body["predictions"]
    assert (first["status"], first["reason"]) == ("ok", "")
    assert second["status"] == "not scored"
    assert "time" in second["reason"]
    assert second["prediction"] is None
    rows = example.copy()
    rows.loc[rows["unit"] == names[1], sensors] = None
    status, body = post(server, split(rows))
    assert status == 200, body
    assert [row["status"] for row in body["predictions"]][1] == "not scored"


def test_what_changes_nothing_changes_nothing(server, example):
    """Other columns, another order, whole numbers, records and CSV."""
    status, expected = post(server, split(example))
    assert status == 200
    for rows in (example.assign(operator="Zoé", shift=1), example[example.columns[::-1]]):
        assert post(server, split(rows)) == (200, expected)
    assert post(server, {"dataframe_records": example.to_dict("records")}) == (200, expected)
    assert post(server, example.to_csv(index=False), "text/csv") == (200, expected)
    numbered = example.assign(unit=[7] * len(example), time=range(1, len(example) + 1))
    status, body = post(server, split(numbered))
    assert status == 200, body
    (row,) = body["predictions"]
    assert (row["unit"], row["time"]) == ("7", len(example))


def test_another_scale_is_refused_unless_one_insists(server, example):
    sensor = example.columns[-1]
    rows = example.assign(**{sensor: example[sensor] * 1000 + 1e5})
    status, body = post(server, split(rows))
    assert status == 400
    assert "scale" in body["message"] or "unit" in body["message"]
    assert "Traceback" not in json.dumps(body)
    status, body = post(server, split(rows) | {"params": {"anyway": True}})
    assert status == 200, body
    assert all(row["reason"] for row in body["predictions"])


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: split(rows.drop(columns=rows.columns[-1])),
        lambda rows: split(rows.drop(columns="unit")),
        lambda rows: split(rows.drop(columns="time")),
        lambda rows: split(rows[[]]),
        lambda rows: split(rows[:0]),
        lambda rows: split(rows.assign(**{rows.columns[-1]: "high"})),
        lambda rows: split(pd.DataFrame({"pressure": [1.0]})),
        lambda rows: {"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}},
        lambda rows: {"dataframe_records": [1, 2]},
        lambda rows: {"dataframe_records": []},
        lambda rows: {"rows": []},
        lambda rows: {},
        lambda rows: [],
        lambda rows: "",
        lambda rows: "not JSON",
        lambda rows: "null",
        lambda rows: split(rows) | {"params": {"anyway": "perhaps"}},
    ],
)
def test_a_wrong_request_is_refused_with_a_sentence(server, example, change):
    status, body = post(server, change(example))
    assert status == 400, body
    assert body["message"]
    assert "Traceback" not in json.dumps(body)
    assert "unexpected error" not in json.dumps(body)

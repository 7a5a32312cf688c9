"""A model outlives its run: read back in a fresh process, refused when it was edited or is of another version."""

import json
import logging
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from usecases import cli, config, models, paths, predictions, runner
from usecases.contract import Outcome, Text
from usecases.errors import UserError


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """One run of the toy task, which no test may touch."""
    place = tmp_path_factory.mktemp("models") / "toy_cases-average" / "20260102T030405Z-0a1b2c"
    return runner.execute(config.compose("toy_cases", "average", ["method=linear"]), place).folder


@pytest.fixture
def run_folder(original, tmp_path, monkeypatch):
    """A copy of it in this test's runs folder, and the test's own folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(original, tmp_path / "runs" / "toy_cases-average" / original.name)


def predict(capsys, *arguments):
    """Exit code, lines of the answer, lines of the errors."""
    code = cli.main(["predict", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err.splitlines()


def rewrite(folder, name, **changes):
    """Change a JSON file of a run and its sum, as another version would have written it."""
    file = folder / name
    paths.write_json(file, json.loads(file.read_text(encoding="utf-8")) | changes)
    (folder / paths.SUMS).unlink()
    paths.write_sums(folder, leave_out=("log.txt",))


def test_fresh_process_gives_the_predictions_of_the_run(usecases, run_folder, tmp_path):
    expected = pd.read_csv(run_folder / "predictions.csv")
    expected[["x"]].to_csv(tmp_path / "week 12, été.csv", index=False)
    done = usecases("predict", run_folder, "week 12, été.csv")
    assert done.returncode == 0, done.stderr
    answer = pd.read_csv(tmp_path / "week 12, été_predictions.csv")
    assert (answer["prediction"] - expected["prediction"]).abs().max() < 1e-12
    assert done.stdout.splitlines() == [
        "25 of 25 scored",
        str(tmp_path / "week 12, été_predictions.csv"),
    ]


def test_nothing_in_the_model_is_a_pickle(run_folder):
    assert sorted(p.name for p in (run_folder / "model").iterdir()) == ["line.json", "model.json"]
    about = json.loads((run_folder / "model" / "model.json").read_text(encoding="utf-8"))
    assert (about["format"], about["use_case"], about["task"]) == (models.FORMAT, "toy_cases", "average")


@pytest.mark.parametrize("inside", ["", "model", "result.json", "model/model.json"])
def test_a_run_is_found_by_any_of_its_paths(run_folder, inside):
    path = run_folder / inside
    if inside == "model/model.json":
        path = path.parent
    assert models.load(path).folder == run_folder / "model"


@pytest.mark.parametrize("given", ["runs/toy_cases-average", "nowhere", "runs", "README", "", "relev\udce9s"])
def test_what_is_no_run_is_answered_with_the_latest_runs(run_folder, tmp_path, given):
    (tmp_path / "README").touch()
    with pytest.raises(UserError) as refused:
        models.load(given)
    assert run_folder.name in str(refused.value)


@pytest.mark.parametrize("given", ["a" * 300, "~nobody/run", "\0", "run\n"])
def test_a_name_that_no_folder_has(run_folder, given):
    with pytest.raises(UserError):
        models.load(given)


def test_no_run_at_all(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"there is no run in .*usecases run"):
        models.load("nowhere")


@pytest.mark.parametrize(
    ("overrides", "task", "why"),
    [
        (["method=linear", "method.fail=true"], "average", "ended as failed.*usecases run"),
        ([], "knapsack", "does not learn one"),
    ],
)
def test_run_without_a_model_says_why(tmp_path, overrides, task, why):
    folder = runner.execute(config.compose("toy_cases", task, overrides)).folder
    with pytest.raises(UserError, match=why):
        models.load(folder)


def test_method_that_gave_no_model(run_folder):
    shutil.rmtree(run_folder / "model")
    with pytest.raises(UserError, match="method 'linear' gave none"):
        models.load(run_folder)


@pytest.mark.parametrize("name", ["model/line.json", "result.json", "model/model.json"])
def test_an_edited_file_is_refused(run_folder, name):
    file = run_folder / name
    file.write_text(file.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    with pytest.raises(UserError, match=f"{name} .*is not what the run wrote.*usecases run"):
        models.load(run_folder)


def test_a_lost_file_is_refused_and_an_edited_report_is_not(run_folder):
    (run_folder / "report.html").write_text("my notes", encoding="utf-8")
    models.load(run_folder)
    (run_folder / "model" / "line.json").unlink()
    with pytest.raises(UserError, match=r"model/line\.json"):
        models.load(run_folder)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"one two three\n"])
def test_sums_that_are_gone_or_nonsense(run_folder, content):
    (run_folder / paths.SUMS).unlink()
    if content is not None:
        (run_folder / paths.SUMS).write_bytes(content)
    with pytest.raises(UserError):
        models.load(run_folder)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("model/model.json", {"format": 2, "usecases": "9.1.0"}),
        ("model/model.json", {"format": models.FORMAT, "usecases": "9.1.0"}),
        ("result.json", {"schema": 7, "versions": {"usecases": "9.1.0"}}),
        ("result.json", {"versions": {"usecases": "9.1.0"}}),
    ],
)
def test_a_run_of_another_version_says_which_one(run_folder, name, changes):
    rewrite(run_folder, name, **changes)
    with pytest.raises(UserError, match=r"another version.*9\.1\.0.*pip install usecases==9\.1\.0"):
        models.load(run_folder)


def test_a_use_case_that_is_not_installed(run_folder):
    rewrite(run_folder, "model/model.json", use_case="toys_of_others")
    with pytest.raises(UserError, match="toys_of_others/average, which cannot be used here"):
        models.load(run_folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00"])
def test_a_model_that_is_nonsense(run_folder, content):
    (run_folder / "model" / "model.json").write_text(content, encoding="utf-8")
    (run_folder / paths.SUMS).unlink()
    paths.write_sums(run_folder, leave_out=("log.txt",))
    with pytest.raises(UserError, match=r"model\.json"):
        models.load(run_folder)


def test_a_model_that_cannot_be_saved_costs_a_warning(tmp_path, monkeypatch, caplog):
    from toy_cases.learning import Average

    def full(self, outcome, folder):
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Average, "save", full)
    result = runner.execute(config.compose("toy_cases", "average", ["method=linear"]))
    assert result.exit_code == 0
    assert not (result.folder / "model").exists()
    assert any("could not be saved" in record.message for record in caplog.records)


def test_what_could_not_be_scored_is_listed_and_kept(run_folder, tmp_path, capsys):
    rows = ["name;x"] + [f"row{i};{'' if i < 25 else '1,5'}" for i in range(30)]
    (tmp_path / "in.csv").write_text("\n".join(rows), encoding="utf-8")
    code, out, _ = predict(capsys, run_folder, "in.csv")
    assert code == 3
    assert out[:3] == ["5 of 30 scored", "not scored:", "  row 1: x is missing"]
    assert len(out) == 24
    assert out[22] == "  … and 5 more, all in the file"
    answer = pd.read_csv(tmp_path / "in_predictions.csv", sep=";", decimal=",", encoding="utf-8-sig")
    assert len(answer) == 30, "none is dropped"
    assert (answer["status"] != "ok").sum() == 25
    code, out, _ = predict(capsys, run_folder, "in.csv", "--lang", "fr", "--out", "fr.csv")
    assert out[:2] == ["5 sur 30 avec prédiction", "sans prédiction\u202f:"]


def test_what_holds_for_all_rows_is_said_too():
    answer = pd.DataFrame({"unit": ["M1"], "status": ["ok"], "reason": [""]})
    note = Text("give whole histories", "donnez les historiques entiers")
    assert predictions.summary(Outcome(answer, notes=(note,)), "fr")[1:] == ["donnez les historiques entiers"]
    assert predictions.summary(Outcome([1.0], notes=(note,)), "en") == ["give whole histories"]


@pytest.mark.parametrize("step", [lambda m: m.read("a.csv"), lambda m: m.apply(None)])
def test_a_model_that_fails_is_a_sentence(step, tmp_path):
    def broken(*given, **named):
        raise AttributeError("nothing\nhere")

    model = models.Model(
        SimpleNamespace(read=broken, apply=broken), tmp_path, {"command": "usecases run mine"}
    )
    with pytest.raises(UserError, match=r"failed \(AttributeError: nothing here\).*`usecases run mine`"):
        step(model)


@pytest.mark.parametrize(
    ("content", "start"),
    [("x\n1.5\n2\n", b"x,prediction"), ("x;n\n1,5;a\n2;b\n", b"\xef\xbb\xbfx;prediction")],
)
def test_answer_is_written_in_the_dialect_of_the_file(run_folder, tmp_path, capsys, content, start):
    (tmp_path / "in.csv").write_text(content, encoding="utf-8")
    assert predict(capsys, run_folder, "in.csv")[0] == 0
    written = (tmp_path / "in_predictions.csv").read_bytes()
    assert written.startswith(start)
    assert (b"\n1,5;" in written) == (";" in content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, "nowhere.csv does not exist"),
        ("empty.csv", "", "empty"),
        ("header.csv", "x\n", "header.csv"),
        ("other.csv", "pressure\n1\n", "x"),
        ("text.csv", "x\n1\nhigh\n3\n4\n", "row 3"),
        ("scale.csv", "x\n1500\n", "metres"),
        (".", None, "folder"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(run_folder, tmp_path, capsys, name, content, words):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    code, out, err = predict(capsys, run_folder, name)
    assert (code, out, len(err)) == (2, [], 1)
    assert words in err[0]
    assert not list(tmp_path.glob("*_predictions*"))


def test_anyway_goes_on(run_folder, tmp_path, capsys):
    (tmp_path / "scale.csv").write_text("x\n1500\n", encoding="utf-8")
    assert predict(capsys, run_folder, "scale.csv", "--anyway")[0] == 0


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("in.csv", "not overwritten"),
        ("nowhere/out.csv", "does not exist"),
        ("out.xlsx", "CSV"),
        ("runs", "CSV"),
    ],
)
def test_nothing_is_overwritten(run_folder, tmp_path, capsys, out, words):
    (tmp_path / "in.csv").write_text("x\n1.5\n", encoding="utf-8")
    code, _, err = predict(capsys, run_folder, "in.csv", "--out", out)
    assert code == 2
    assert words in err[0]
    assert "--out" in err[0] or "name" in err[0]
    assert (tmp_path / "in.csv").read_text(encoding="utf-8") == "x\n1.5\n"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(run_folder, tmp_path, capsys):
    (tmp_path / "in.csv").write_text("x\n1.5\n", encoding="utf-8")
    (tmp_path / "locked").mkdir(mode=0o500)
    code, _, err = predict(capsys, run_folder, "in.csv", "--out", "locked/out.csv")
    assert code == 2
    assert "cannot be written" in err[0]


def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path):
    class Answer:
        def to_csv(self, path, **form):
            path.write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left on device"):
        predictions.write(Answer(), tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


def test_an_answer_that_is_no_table_becomes_json(tmp_path):
    file = predictions.write({"items": (1, 2)}, tmp_path / "out.csv")
    assert json.loads(file.read_text(encoding="utf-8")) == {"items": [1, 2]}
    assert predictions.summary(Outcome({"items": []}, complete=False), "fr")
    with pytest.raises(UserError, match="not overwritten"):
        predictions.write({}, tmp_path / "out.csv")


def test_mlflow_gets_the_model_with_signature_and_a_synthetic_example(tracked_runs, monkeypatch):
    from mlflow import MlflowClient, artifacts
    from mlflow.models import Model
    from mlflow.pyfunc import load_model

    from usecases import tracking

    result = runner.execute(config.compose("toy_cases", "average", ["method=linear", "tracking=mlflow"]))
    client = MlflowClient(tracking_uri=tracking.store_uri())
    (logged,) = client.search_runs([client.get_experiment_by_name("toy_cases/average").experiment_id])
    assert "model_address.txt" in {file.path for file in client.list_artifacts(logged.info.run_id)}
    address = f"runs:/{logged.info.run_id}/model"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking.store_uri())
    folder = artifacts.download_artifacts(artifact_uri=address)
    described = Model.load(folder)
    assert described.signature.inputs.input_names() == ["x"]
    assert described.signature.outputs.input_names() == ["x", "prediction", "status", "reason"]
    assert described.load_input_example(folder)["x"].tolist() == [0.0, 0.5], "nobody's rows"
    assert not [file for file in Path(folder).rglob("*") if file.suffix in (".pkl", ".pickle")]
    shutil.rmtree(result.folder)  # the logged model needs nothing of the run folder
    served = load_model(folder)
    assert served.predict(pd.DataFrame({"x": [1.0, None]}))["reason"].tolist() == ["", "x is missing"]
    assert served.predict(pd.DataFrame({"x": [1e6]}), params={"anyway": True})["status"].tolist() == ["ok"]


def test_a_model_that_mlflow_does_not_take_costs_a_warning(tracked_runs, monkeypatch, caplog):
    from mlflow import MlflowClient
    from toy_cases.learning import Average

    from usecases import tracking

    def broken(self, folder):
        raise RuntimeError("no example today")

    monkeypatch.setattr(Average, "example", broken)
    result = runner.execute(config.compose("toy_cases", "average", ["method=linear", "tracking=mlflow"]))
    assert result.exit_code == 0
    warned = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warned) == 1
    assert "not its model (no example today)" in warned[0]
    client = MlflowClient(tracking_uri=tracking.store_uri())
    (logged,) = client.search_runs([client.get_experiment_by_name("toy_cases/average").experiment_id])
    assert logged.info.status == "FINISHED"

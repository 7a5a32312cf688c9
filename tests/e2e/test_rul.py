"""Remaining useful life from the command line to the page: generated data, public data, a file of one's own."""

import json
import re

import pandas as pd
import pytest

from usecases import config, runner
from usecases.testing import check_task

RUL = ("predictive_maintenance", "rul")


def execute(*overrides):
    return runner.execute(config.compose(*RUL, ["budget=smoke", "tracking=none", "device=cpu", *overrides]))


def visible(page):
    """What a reader sees of a page."""
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    return re.sub(r"<[^>]+>", " ", text)


def test_conforms():
    check_task(
        "predictive_maintenance/rul",
        ["budget=smoke", "method=ridge", "data.n_machines=24", "executor.n_jobs=1"],
    )


def test_shuffled_sensors_are_no_better_than_age_alone():
    """What still beats the sensor-free method after the link is cut has found a leak."""
    record = execute("method=ridge", "data.shuffle_target=true", "baselines=[weibull]").record
    low, _ = record["baselines"]["weibull"]["difference"]["interval"]
    assert low < 3, "days"


@pytest.mark.slow
def test_default_method_beats_both_methods_without_sensors():
    record = execute("budget=laptop", "seed=1").record
    assert record["method"] == "lightgbm"
    for name in ("mean_life", "weibull"):
        assert record["baselines"][name]["difference"]["interval"][0] > 0, name
    explained = record["timings"]["solve/fit"]["cpu_s"]
    assert explained > 0


@pytest.mark.parametrize("censored", [0.0, 0.7])
def test_censored_lives(censored):
    record = execute("method=weibull", f"data.censored={censored}").record
    assert record["status"] == "ok"
    assert abs(record["data"]["censored_share"] - censored) < 0.03


def test_public_data_in_french(mirror):
    result = execute("data=cmapss", "data.subset=FD001", "method=ridge", "lang=fr")
    record = result.record
    assert record["status"] == "ok", record["error"]
    assert record["data"]["kind"] == "simulated"
    assert len(pd.read_csv(result.folder / "predictions.csv")) == 100, (
        "one prediction for each test engine, none left out"
    )
    (bound,) = record["bounds"].values()
    assert round(bound["rmse_raw"]["value"], 2) == 3.74
    text = visible((result.folder / "report.html").read_text(encoding="utf-8"))
    for words in (
        "Ce qu’il faut retenir",
        "Durée de vie résiduelle",
        "simulation de turboréacteurs",
        "moteurs",
    ):
        assert words in text
    for english in ("What to remember", "not measured", "engines", "Remaining life", "Look first"):
        assert english not in text


def test_loader_of_a_subset_needs_only_its_own_files(mirror, tmp_path, monkeypatch):
    import shutil

    small = tmp_path / "mirror" / "cmapss"
    small.mkdir(parents=True)
    for name in ("train_FD003.txt", "test_FD003.txt", "RUL_FD003.txt"):
        shutil.copy(mirror / "cmapss" / name, small / name)
    monkeypatch.setenv("USECASES_MIRROR", str(small.parent))
    assert (
        execute("data=cmapss", "data.subset=FD003", "method=mean_life", "baselines=[]").record["status"]
        == "ok"
    )
    failed = execute("data=cmapss", "data.subset=FD004", "method=mean_life", "baselines=[]")
    assert failed.exit_code == 1
    assert "usecases data fetch cmapss" in failed.record["error"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_template_runs_as_it_is(usecases, tmp_path, lang):
    name = "mes machines, été [1].csv"
    written = usecases("data", "template", "predictive_maintenance/rul", "--lang", lang, "--out", name)
    assert written.returncode == 0, written.stderr
    again = usecases("data", "template", "predictive_maintenance/rul", "--out", name)
    assert again.returncode == 2, "an existing file is not overwritten"
    done = usecases(
        "run",
        "predictive_maintenance/rul",
        "data=own",
        f"data.path={name}",
        "budget=smoke",
        "tracking=none",
        f"lang={lang}",
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs" / "predictive_maintenance-rul").iterdir()
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert record["data"]["kind"] == "own"
    assert record["metrics"]["rmse_capped"]["value"] is None, (
        "nobody knows how long the running machines will last"
    )
    assert record["metrics"]["rmse_held_out"]["value"] > 0
    predictions = pd.read_csv(folder / "predictions.csv")
    assert len(predictions) == 4
    assert (predictions["low"] <= predictions["prediction"]).all()
    assert (predictions["prediction"] <= predictions["high"]).all()
    text = visible((folder / "report.html").read_text(encoding="utf-8"))
    assert ("non mesuré" if lang == "fr" else "not measured") in text
    assert str(folder) in text, "the report says where the data went"


def test_mistake_in_an_own_file_names_file_row_and_column(usecases, tmp_path):
    rows = ["unit;time;vibration;end"]
    rows += [
        f"M{unit};{t};{t / 10};{'failure' if t == 30 else ''}" for unit in range(8) for t in range(1, 31)
    ]
    rows[40] = rows[40].replace(";", ";broken", 1).replace("broken", "", 1)
    rows[50] = "M1;19;high;"
    (tmp_path / "own.csv").write_text("\n".join(rows), encoding="utf-8")
    done = usecases(
        "run", "predictive_maintenance/rul", "data=own", "data.path=own.csv", "budget=smoke", "tracking=none"
    )
    assert done.returncode == 1
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("usecases: ")]
    for part in ("own.csv", "51", "vibration", "high"):
        assert part in sentence
    (folder,) = (tmp_path / "runs" / "predictive_maintenance-rul").iterdir()
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["status"] == "failed"


@pytest.mark.gpu
def test_tcn_on_a_gpu():
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    record = runner.execute(
        config.compose(*RUL, ["budget=smoke", "tracking=none", "method=tcn", "device=cuda"])
    ).record
    assert record["status"] == "ok", record["error"]
    assert record["device"] == "cuda"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_report_fits_the_screen(width, tmp_path):
    """No sideways scrolling of the page, at projector's and at phone's width; tables scroll inside their own frame."""
    import shutil
    import subprocess

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("chromium is not installed")
    result = execute("method=ridge", "data.n_machines=16", "lang=fr", "baselines=[mean_life]")
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    quoted = page.replace("'", "&#39;")
    frame = f"<iframe id=f width={width} height=900 srcdoc='{quoted}'></iframe>"
    measure = "document.title = document.getElementById('f').contentDocument.documentElement.scrollWidth"
    probe = tmp_path / "probe.html"
    probe.write_text(
        f"<meta charset=utf-8>{frame}<script>onload = () => {{ {measure} }}</script>", encoding="utf-8"
    )
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command = [chromium, *flags, "--virtual-time-budget=5000", "--dump-dom", probe.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    (title,) = re.findall(r"<title>(\d+)</title>", done.stdout)
    assert int(title) <= width

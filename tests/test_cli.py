"""The command line as a person types it: another folder, a process of its own, exit codes, one sentence for a mistake."""

import json
import subprocess
import sys
import time

import pytest

from usecases import launcher


def said(done):
    """The one sentence on stderr."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("usecases: ")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def result_of(tmp_path, task="toy_cases-average"):
    (folder,) = (tmp_path / "runs" / task).iterdir()
    return folder, json.loads((folder / "result.json").read_text(encoding="utf-8"))


def test_help_and_version(usecases):
    assert "usecases run" in usecases("--help", check=True).stdout
    assert usecases(check=True).stdout == usecases("--help", check=True).stdout
    assert usecases("--version", check=True).stdout.startswith("usecases 0.")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_list_and_show(usecases, lang):
    listed = usecases("list", "--lang", lang, check=True).stdout
    for name in (
        "predictive_maintenance",
        "vision_inspection",
        "delivery_optimization",
        "configurator",
        "greenhouse",
        "toy_cases",
    ):
        assert name in listed
    assert "DiagRAMS" in usecases("show", "predictive_maintenance", "--lang", lang, check=True).stdout


def test_list_is_fast_in_processor_time():
    """At most .5 s; processor time, since other work may hold the cores."""
    code = "import time; from usecases.cli import main; main(['list']); print(time.process_time())"
    seconds = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        seconds.append(float(done.stdout.splitlines()[-1]))
    assert min(seconds) < 0.5


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["lst"], ["lst", "did you mean 'list'"]),
        (["show", "predictive_maintenence"], ["did you mean 'predictive_maintenance'"]),
        (["run"], ["needs a use case"]),
        (["run", "toy_case"], ["did you mean 'toy_cases'"]),
        (["run", "toy_cases/averge"], ["did you mean 'average'"]),
        (["run", "greenhouse"], ["greenhouse", "not implemented"]),
        (["run", "vision_inspection"], ["vision_inspection", "no task"]),
        (["run", "toy_cases", "method=linaer"], ["did you mean 'linear'", "mean"]),
        (["run", "toy_cases", "data=cmaps"], ["unknown data", "line"]),
        (["run", "toy_cases", "sead=1"], ["did you mean 'seed'"]),
        (["run", "toy_cases", "--multi"], ["unknown option", "--multirun"]),
        (["run", "toy_cases", "seed=1,x", "-m"], ["seed=x", "a whole number"]),
        (["run", "toy_cases", "seed=[1"], ["KEY=VALUE"]),
        (["data", "fetch", "cmaps"], ["did you mean 'cmapss'"]),
        (["data", "template", "toy_cases/average"], ["no template", "predictive_maintenance/rul"]),
    ],
)
def test_mistakes_are_one_sentence_and_exit_2(usecases, tmp_path, arguments, expected):
    done = usecases(*arguments)
    assert done.returncode == 2, done.stderr
    sentence = said(done)
    for part in expected:
        assert part in sentence
    assert not (tmp_path / "runs" / "toy_cases-average").exists(), "refused before any work"


@pytest.mark.parametrize(
    "override",
    [
        "data.n_machines=3",
        "data.fold=99",
        "data.cap=-1",
        "data.test_share=2",
        "data.censored=1.5",
        "method.members=0",
    ],
)
def test_values_out_of_range_are_refused_before_any_work(usecases, tmp_path, override):
    done = usecases("run", "predictive_maintenance/rul", "budget=smoke", "tracking=none", override)
    assert done.returncode == 2, done.stderr
    assert override.partition("=")[0] in said(done)
    assert not (tmp_path / "runs" / "predictive_maintenance-rul").exists()


def test_sweep_with_one_bad_job_runs_none(usecases, tmp_path):
    done = usecases("run", "predictive_maintenance/rul", "tracking=none", "data.n_machines=10,3", "-m")
    assert done.returncode == 2
    assert not (tmp_path / "runs" / "predictive_maintenance-rul").exists()


def test_help_of_a_run_names_choices_and_keys(usecases):
    shown = usecases("run", "predictive_maintenance", "--help", check=True).stdout
    for words in ("[fleet]", "cmapss", "[lightgbm]", "[laptop]", "[auto]", "seed=", "data.KEY", "n_machines"):
        assert words in shown
    assert "usecases run NAME" in usecases("run", "--help", check=True).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let a current folder be deleted")
def test_deleted_current_folder_is_said(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os, sys; from usecases.cli import main; os.rmdir({str(gone)!r}); sys.exit(main(['list']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=gone)
    assert done.returncode == 2
    assert "no longer exists" in done.stderr


def test_debug_shows_the_traceback(usecases):
    done = usecases("--debug", "show", "nothing_like_it")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_run_from_another_folder(usecases, tmp_path):
    done = usecases("run", "toy_cases", "method=linear", "seed=3")
    assert done.returncode == 0, done.stderr
    folder, record = result_of(tmp_path)
    assert str(folder / "report.html") in done.stdout
    assert "Mean absolute error" in done.stdout
    assert record["command"] == "usecases run toy_cases/average method=linear seed=3"
    assert record["seed"] == 3


def test_sweep(usecases, tmp_path):
    done = usecases("run", "toy_cases", "method=mean,linear", "seed=1,2", "-m")
    assert done.returncode == 0, done.stderr
    records = [
        json.loads((f / "result.json").read_text(encoding="utf-8"))
        for f in (tmp_path / "runs" / "toy_cases-average").iterdir()
    ]
    assert {(r["method"], r["seed"]) for r in records} == {
        ("mean", 1),
        ("mean", 2),
        ("linear", 1),
        ("linear", 2),
    }


def test_sweep_goes_on_after_a_failure_and_says_so(usecases, tmp_path):
    done = usecases("run", "toy_cases", "method=linear", "method.fail=true,false", "-m")
    assert done.returncode == 1
    records = [
        json.loads((f / "result.json").read_text(encoding="utf-8"))
        for f in (tmp_path / "runs" / "toy_cases-average").iterdir()
    ]
    assert sorted(r["status"] for r in records) == ["failed", "ok"]


def test_cfg_job_prints_the_configuration(usecases, tmp_path):
    done = usecases("run", "toy_cases", "method=linear", "--cfg", "job")
    assert done.returncode == 0, done.stderr
    assert "slope_penalty: 0.0" in done.stdout
    assert not (tmp_path / "runs").exists(), "showing a configuration runs nothing and leaves nothing"


def test_wrong_data_value_is_a_failed_run_with_a_result(usecases, tmp_path):
    done = usecases("run", "toy_cases", "data.n_groups=2")
    assert done.returncode in (1, 2)
    assert "at least 4" in said(done)


def test_results_folder_that_cannot_be_written(usecases, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = usecases("run", "toy_cases", env={"USECASES_RUNS": str(tmp_path / "file" / "runs")})
    assert done.returncode == 2
    assert "cannot be written" in said(done)


def test_no_gpu_is_said_before_any_work(usecases, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = usecases("run", "toy_cases", "device=cuda")
    assert done.returncode == 2
    assert "device=cpu" in said(done)


def test_output_folder_may_have_any_name(usecases, tmp_path):
    odd = tmp_path / "résultats, été [1] 'x'"
    done = usecases("run", "toy_cases", env={"USECASES_RUNS": str(odd)})
    assert done.returncode == 0, done.stderr
    assert list((odd / "toy_cases-average").iterdir())


def test_closed_pipe_is_no_error(tmp_path):
    done = subprocess.run(
        f"{sys.executable} -m usecases.cli list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_worst_exit_code_wins():
    assert launcher.worst([0, 3, 0]) == 3
    assert launcher.worst([3, 1]) == 1
    assert launcher.worst([2, 3, 1]) == 1
    assert launcher.worst([1, 130]) == 130
    assert launcher.worst([]) == 0


def test_two_runs_at_once_do_not_meet(usecases, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    start = time.time()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda seed: usecases("run", "toy_cases", f"seed={seed}"), (1, 2)))
    assert [d.returncode for d in done] == [0, 0], (start, [d.stderr for d in done])
    assert len(list((tmp_path / "runs" / "toy_cases-average").iterdir())) == 2


def test_without_truth_the_console_says_a_figure_that_was_measured():
    metric = {"unit": "days", "interval": None, "label": None}
    metrics = {
        "rmse": metric | {"value": None, "higher_is_better": False},
        "width": metric | {"value": 3.0, "higher_is_better": None},
        "rmse_held_out": metric | {"value": 2.0, "higher_is_better": False},
    }
    assert launcher._foremost(metrics, "rmse")[0] == "rmse_held_out"
    assert launcher._foremost(metrics | {"rmse": metric | {"value": 1.0}}, "rmse")[0] == "rmse"
    assert launcher._foremost({}, "rmse") == ("rmse", None)


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    """As `usecases run ... | head`: the run is complete, and nothing is said of a broken pipe."""
    import os
    import subprocess
    import sys

    command = [
        sys.executable,
        "-u",
        "-m",
        "usecases.cli",
        "run",
        "delivery_optimization/routing",
        "data.n_orders=5",
    ]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*command, "budget=smoke", "tracking=none", "method=nearest", "baselines=[]"],
        stdout=write, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
    assert [*tmp_path.glob("runs/*/*/result.json")]

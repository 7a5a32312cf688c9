"""Benchmarks: each row once, in a process of its own; resumed after anything, refused when edited, the same on a cluster."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from usecases import config, paths
from usecases.bench import plan as bench_plan
from usecases.bench import row, row_key, suites
from usecases.bench import runner as bench
from usecases.errors import UserError

TOYS = Path(__file__).parent / "toys"
KNAPSACK = "toy_cases/knapsack"  # the lightest: its rows load neither pandas nor scipy
GREEDY = ("method=greedy", "data.n_items=6")


def silent(*_, **__):
    """Print nothing."""


def prepare(*given, spec=KNAPSACK, name=None):
    return bench_plan.prepare(suites.load(spec, name), given)


def measure(*given, spec=KNAPSACK, **options):
    return bench.measure(prepare(*given, spec=spec), say=silent, **options)


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory):
    """Two rows, measured once for all tests that only look at what rows leave."""
    folder = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USECASES_RUNS", str(folder / "runs"))
        assert measure(*GREEDY, "seed=0,1").exit_code == 0
    return folder / "runs"


@pytest.fixture
def there(measured_once, tmp_path):
    """The two rows in this test's runs folder, of which it may do what it likes; a test that measures them measures nothing."""
    shutil.copytree(measured_once, tmp_path / "runs")
    found = measure(*GREEDY, "seed=0,1")
    assert found.ran == 0
    return found


def metrics(measured):
    return {one.key: one.record["metrics"] for one in measured.rows}


def by_method(measured):
    return {one.method: one for one in measured.rows}


def identities(measured):
    return {one.key: one.record["run_id"] for one in measured.rows}


def test_rows_run_once_and_leave_run_folders(there, tmp_path):
    first = there
    folder = tmp_path / "runs" / "bench-toy_cases-knapsack-default" / "rows"
    assert {place.name for place in folder.iterdir()} == {one.key for one in first.rows}
    for one in first.rows:
        assert {"result.json", "plan.json", "config.yaml", "SHA256SUMS"} <= {
            f.name for f in one.folder.iterdir()
        }
        assert one.record["baselines"] == {}
        assert one.record["config"]["executor"]["n_jobs"] == 1
        assert one.record["environment"]["threads"]["OMP_NUM_THREADS"] == "1"
        assert one.record["command"].startswith("usecases run toy_cases/knapsack data=random")
    again = measure(*GREEDY, "seed=0,1,2")
    assert again.ran == 1
    assert identities(first).items() <= identities(again).items()


def test_a_row_gives_the_figures_of_a_run(there):
    from usecases import runner

    one = there.rows[1]
    alone = runner.execute(config.compose("toy_cases", "knapsack", [*GREEDY, "seed=1"]))
    assert one.record["metrics"] == alone.record["metrics"]
    assert one.record["data"]["fingerprint"] == alone.record["data"]["fingerprint"]


OWN = """\
import os, signal


class Killed:
    def solve(self, instance, stop):
        os.kill(os.getpid(), signal.SIGKILL)


class Exits:
    def solve(self, instance, stop):
        os._exit(7)


class Fails:
    def __init__(self, really=True):
        self.really = really

    def solve(self, instance, stop):
        return 1 / 0 if self.really else []


class Nothing:
    def __init__(self, note="") -> None:
        self.note = note

    def solve(self, instance, stop):
        return []
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Methods of the user's own, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place])
    (tmp_path / "own_methods.py").write_text(OWN, encoding="utf-8")
    yield tmp_path / "own_methods.py"
    sys.modules.pop("own_methods", None)


def test_failures_are_rows_and_run_again_only_when_asked(own):
    both = (
        "method=greedy,custom",
        "method._target_=own_methods.Fails",
        "method.really=true,false",
        "data.n_items=6",
    )
    first = measure(*both)
    own_rows = {name: one for name, one in by_method(first).items() if name.startswith("Fails")}
    assert {name: one.record["status"] for name, one in own_rows.items()} == {
        "Fails really=true": "failed",
        "Fails really=false": "ok",
    }
    assert first.exit_code == 3
    assert measure(*both).ran == 0
    retried = measure(*both, retry_failed=True)
    assert retried.ran == 1
    changed = [key for key, run_id in identities(retried).items() if identities(first)[key] != run_id]
    assert changed == [own_rows["Fails really=true"].key]
    assert bench.Measured((own_rows["Fails really=true"],), ran=1).exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_dies_is_a_row_with_its_reason(own):
    found = measure(
        "method=custom,greedy", "method._target_=own_methods.Killed,own_methods.Exits", "data.n_items=6"
    )
    errors = {one.method: one.record["error"] for one in found.rows}
    assert "SIGKILL" in errors["Killed"]
    assert "code 7" in errors["Exits"]
    assert errors["greedy"] is None
    assert found.exit_code == 3
    dead = next(one for one in found.rows if one.method == "Killed")
    assert paths.changed(dead.folder) == [], "its sums hold, so it is not run again"
    assert dead.record["config"]["method"]["_target_"] == "own_methods.Killed"


def test_an_own_method_takes_part_and_is_measured_again_when_edited(own):
    given = ("method=greedy,custom", "method._target_=own_methods.Nothing", "data.n_items=6")
    first = measure(*given)
    assert [one.method for one in first.rows] == ["greedy", "Nothing"]
    assert first.rows[1].record["metrics"]["value"]["value"] == 0
    own.write_text(OWN.replace("return []", "return [0]"), encoding="utf-8")
    second = measure(*given)
    assert second.ran == 1
    assert second.rows[1].record["metrics"]["value"]["value"] > 0
    assert first.rows[0] == second.rows[0]


def test_an_own_method_on_the_command_line(own, usecases):
    """From the current folder, with the script's path, in `run` and in `bench`."""
    given = ["method=custom", "method._target_=own_methods.Nothing", "method.note=été"]
    ran = usecases("run", KNAPSACK, *given, "tracking=none", env={"PYTHONSAFEPATH": "1"})
    assert ran.returncode == 0, ran.stderr
    assert "Nothing" in ran.stdout
    done = usecases("bench", KNAPSACK, *given, "method=greedy,custom", env={"PYTHONSAFEPATH": "1"})
    assert done.returncode == 0, done.stderr
    assert "Nothing" in done.stdout
    assert "greedy" in done.stdout
    folder = own.parent / "runs" / "bench-toy_cases-knapsack-default"
    assert {"table.html", "table.md", "table.csv", "table.json"} <= {file.name for file in folder.iterdir()}


def key(*overrides, task="average"):
    row_key.module_sum.cache_clear()
    return row_key.row_key(config.compose("toy_cases", task, list(overrides)))


@pytest.mark.parametrize("same", ["lang=fr", "tracking=mlflow", "executor.n_jobs=2", "baselines=[]"])
def test_what_changes_no_figure_changes_no_key(same):
    assert key(same) == key()


@pytest.mark.parametrize("other", ["seed=1", "data.noise=0.2", "method=linear", "budget=full", "data.fold=1"])
def test_what_changes_figures_changes_the_key(other):
    assert key(other) != key()


def test_the_key_changes_with_the_code_of_the_package(tmp_path, monkeypatch):
    import dataclasses

    from usecases import catalogue

    copy = tmp_path / "toy_cases"
    shutil.copytree(TOYS / "toy_cases", copy)
    entry = dataclasses.replace(catalogue.find("toy_cases"), folder=copy)
    run = config.compose("toy_cases", "average")
    monkeypatch.setattr(catalogue, "find", lambda name: entry)
    before = row_key.row_key(run)
    (copy / "configs" / "average" / "suite" / "more.yaml").write_text("title: x", encoding="utf-8")
    assert row_key.row_key(run) == before, "another suite measures nothing anew"
    (copy / "learning.py").write_text("# edited", encoding="utf-8")
    assert row_key.row_key(run) != before


def test_the_key_changes_with_the_file_that_is_read(tmp_path):
    file = tmp_path / "données é.csv"
    keys = []
    for text in ("a;b", "a;c"):
        file.write_text(text, encoding="utf-8")
        run = config.compose("predictive_maintenance", "rul", ["data=own", f"data.path={file}"])
        keys.append(row_key.row_key(run))
    file.unlink()
    keys.append(row_key.row_key(run))
    assert len(set(keys)) == 3


def test_an_edited_result_is_refused_until_it_is_deleted(there):
    one = there.rows[0]
    file = one.folder / "result.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    with pytest.raises(
        UserError, match=r"result\.json is not the file that was written .* delete the folder"
    ):
        measure(*GREEDY)
    shutil.rmtree(one.folder)
    assert measure(*GREEDY).ran == 1


@pytest.mark.parametrize("how", ["gone", "empty", "sums gone", "binary"])
def test_a_damaged_row_is_refused(there, how):
    one = there.rows[0]
    if how == "gone":
        (one.folder / "result.json").unlink()
    elif how == "empty":
        (one.folder / paths.SUMS).write_text("", encoding="utf-8")
    elif how == "binary":
        (one.folder / paths.SUMS).write_bytes(b"\xff\xfe\x00")
    else:
        (one.folder / paths.SUMS).unlink()
    with pytest.raises(UserError, match="delete the folder"):
        bench.finished(one)


def test_a_row_of_another_version_is_refused(there):
    one = there.rows[0]
    paths.write_json(one.folder / "result.json", one.record | {"schema": 2})
    paths.write_sums(one.folder, leave_out=("log.txt",))
    with pytest.raises(UserError, match="another version"):
        bench.finished(one)


def test_an_interrupted_row_is_no_finished_row(there):
    one = there.rows[0]
    paths.write_json(one.folder / "result.json", one.record | {"status": "interrupted"})
    paths.write_sums(one.folder, leave_out=("log.txt",))
    assert measure(*GREEDY).ran == 1


def test_two_benches_of_one_suite_do_not_meet():
    from filelock import FileLock

    plan = prepare(*GREEDY)
    plan.folder.mkdir(parents=True)
    with FileLock(plan.folder / ".lock"), pytest.raises(UserError, match="another usecases bench is working"):
        bench.measure(plan, say=silent)


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path / "file" / "runs"))
    with pytest.raises(UserError, match="cannot be written"):
        measure(*GREEDY)


def test_what_a_killed_suite_left_is_cleaned_up():
    plan = prepare(*GREEDY)
    left = plan.folder / "rows" / f"{bench.ATTEMPT}0123" / ".row.partial"
    left.mkdir(parents=True)
    bench.measure(plan, say=silent)
    assert [place.name for place in (plan.folder / "rows").iterdir()] == [plan.rows[0].key]


def test_ctrl_c_keeps_finished_rows(monkeypatch):
    describe = bench._describe

    def interrupted(*given):
        describe(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bench, "_describe", interrupted)
        first = bench.measure(prepare(*GREEDY, "seed=0,1,2", "executor.n_jobs=1"), say=silent)
    assert (first.interrupted, first.exit_code) == (True, 130)
    there = [one for one in first.rows if one.record]
    assert 1 <= len(there) < 3
    assert measure(*GREEDY, "seed=0,1,2").ran == 3 - len(there)


def test_a_row_ends_when_its_suite_is_gone(tmp_path):
    """Close the pipe that a row watches, as the death of its suite does."""
    waiting = tmp_path / "waiting.py"
    waiting.write_text(
        "import time\nclass Waits:\n    def solve(self, instance, stop):\n"
        "        open('begun', 'w').close()\n        time.sleep(60)\n",
        encoding="utf-8",
    )
    what = row.order(config.compose("toy_cases", "knapsack"))
    what["values"]["method"] = {"_target_": "waiting.Waits"}
    what |= {"sys_path": [*what["sys_path"], str(tmp_path)], "folder": str(tmp_path / "row")}
    process = subprocess.Popen(
        [sys.executable, "-m", "usecases.bench.row"], stdin=subprocess.PIPE, cwd=tmp_path
    )
    process.stdin.write(json.dumps(what).encode() + b"\n")
    process.stdin.flush()
    for _ in range(300):
        if (tmp_path / "begun").exists():
            break
        time.sleep(0.1)
    process.stdin.close()
    assert process.wait(timeout=10) == 130
    assert not (tmp_path / "row").exists()


# ------------------------------------------------------------------ tracking


def test_one_parent_with_a_child_for_each_row_once(tracked_runs, measured_once):
    from mlflow import MlflowClient

    from usecases import tracking

    plan = prepare(*GREEDY, "seed=0,1", "tracking=mlflow")
    shutil.copytree(measured_once / plan.folder.name, plan.folder)
    table = plan.folder / "table.csv"
    for _ in range(2):  # the second time nothing is new
        rows = bench.measure(plan, say=silent).rows
        paths.write_text(table, "a,b\n")
        parent = tracking.track_suite(plan.tracking, plan.folder, rows, [table])
    client = MlflowClient(tracking_uri=tracking.store_uri())
    experiment = client.get_experiment_by_name(KNAPSACK).experiment_id
    runs = {run.info.run_id: run for run in client.search_runs([experiment])}
    children = [run for run in runs.values() if run.data.tags.get("mlflow.parentRunId") == parent]
    assert len(runs) == 3
    assert {run.data.tags["usecases.bench.row"] for run in children} == {one.key for one in rows}
    assert all(run.data.metrics["value"] > 0 for run in children)
    assert [file.path for file in client.list_artifacts(parent)] == ["table.csv"]
    half = client.create_run(
        experiment, tags={"mlflow.parentRunId": parent, "usecases.bench.row": rows[0].key}
    )
    tracking.track_suite(plan.tracking, plan.folder, rows, [])
    left = {run.info.run_id for run in client.search_runs([experiment])}
    assert half.info.run_id not in left, "what a killed suite logged by half is taken away"
    assert len(left) == 3


def test_a_store_that_fails_costs_a_warning(there, caplog):
    from usecases import tracking

    rows = there.rows
    node = tracking_node("http://127.0.0.1:9")
    assert tracking.track_suite(node, Path("x"), rows, []) is None
    assert any("could not log this suite" in one.message for one in caplog.records)


def tracking_node(uri):
    from usecases.schemas import TrackingNode

    return TrackingNode("mlflow", uri)


# ------------------------------------------------------------------ a cluster


@pytest.fixture(scope="class")
def cluster():
    """Start a Dask cluster on the loopback interface, with workers that are processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as started:
        yield started.scheduler_address


class TestCluster:
    def test_a_cluster_gives_the_same_table(self, cluster, there, monkeypatch, tmp_path):
        rows = (*GREEDY, "seed=0,1")
        local = there
        monkeypatch.setenv("USECASES_RUNS", str(tmp_path / "other"))
        far = measure(*rows, "executor=dask", f"executor.address={cluster}")
        assert far.exit_code == 0
        assert metrics(far) == metrics(local)
        assert [one.folder.is_relative_to(tmp_path / "other") for one in far.rows] == [True, True]
        assert measure(*rows).ran == 0, "where a row ran is no part of its key"

    def test_folds_and_scenarios_of_a_run_go_to_the_cluster(self, cluster):
        from joblib import Parallel, delayed

        from usecases.parallel import using
        from usecases.schemas import ExecutorNode

        with using(ExecutorNode(name="dask", address=cluster)):
            assert os.getpid() not in Parallel()(delayed(os.getpid)() for _ in range(2))


@pytest.mark.parametrize("address", ["null", "tcp://127.0.0.1:9", "nonsense://x", "tcp://127.0.0.1"])
def test_an_address_where_nobody_answers(address):
    before = time.monotonic()
    with pytest.raises(UserError, match=r"executor\.address="):
        measure(*GREEDY, "executor=dask", f"executor.address={address}")
    assert time.monotonic() - before < 15


def test_dask_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"pip install usecases\[cluster\]"):
        measure(*GREEDY, "executor=dask", "executor.address=tcp://127.0.0.1:8786")


# ------------------------------------------------------------------ killed and started again

STARTED = """\
import sys
from usecases import cli
from usecases.bench import runner as bench
measure = bench.measure
def told(plan, **options):
    print("measuring", flush=True)
    return measure(plan, **options)
bench.measure = told
sys.exit(cli.main(["bench", *sys.argv[1:]]))
"""


def start(arguments, runs):
    environment = os.environ | {"PYTHONPATH": str(TOYS), "USECASES_RUNS": str(runs)}
    return subprocess.Popen(
        [sys.executable, "-c", STARTED, *arguments, "tracking=none"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, encoding="utf-8",
    )  # fmt: skip


def files_of_rows(folder):
    """Every file of every finished row, with its content and its time."""
    return {
        file.relative_to(folder): (file.read_bytes(), file.stat().st_mtime_ns)
        for place in folder.glob("rows/[0-9a-f]*")
        for file in place.rglob("*")
        if file.is_file()
    }


def figures(folder):
    read = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("rows/*/result.json")]
    return sorted(json.dumps([one["command"], one["metrics"], one["status"]]) for one in read)


def kill_and_start_again(arguments, tmp_path, times, n_rows):
    """Kill a suite at random moments, start it again each time, and compare with one that nobody disturbed."""
    name = f"bench-{arguments[0].replace('/', '-')}-{'smoke' if 'suite=smoke' in arguments else 'default'}"
    whole = start(arguments, tmp_path / "whole")
    assert whole.stdout.readline() == "measuring\n"
    began = time.monotonic()
    whole.communicate()
    length = time.monotonic() - began
    assert whole.returncode == 0
    expected = figures(tmp_path / "whole" / name)
    assert len(expected) == n_rows
    draw, attempts, killed_at_work = random.Random(times), 0, 0
    while killed_at_work < times:
        attempts += 1
        folder = tmp_path / f"killed{attempts}" / name
        finished = {}
        for _ in range(5):  # the same suite up to five times, each a little further
            process = start(arguments, folder.parent)
            assert process.stdout.readline() == "measuring\n"
            time.sleep(draw.uniform(0, 0.4 * length))
            process.kill()
            process.wait()
            process.stdout.close()
            now = files_of_rows(folder)
            assert finished.items() <= now.items(), "a finished row was touched"
            finished = now
            killed_at_work += 1
            if killed_at_work == times or len(figures(folder)) == n_rows:
                break
        last = start(arguments, folder.parent)
        last.communicate()
        assert last.returncode == 0
        now = files_of_rows(folder)
        assert finished.items() <= now.items(), "a finished row was run again"
        assert figures(folder) == expected
        assert not list(folder.glob(f"rows/{bench.ATTEMPT}*"))


def test_a_killed_suite_goes_on(tmp_path):
    """One kill of a toy; the twenty on smoke data are the slow test below."""
    kill_and_start_again([KNAPSACK, *GREEDY, "seed=0,1,2"], tmp_path, 1, 3)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_suite_killed_twenty_times_goes_on(tmp_path):
    """The figure that decides: no finished row is repeated, and the metrics are those of an undisturbed suite."""
    given = ["predictive_maintenance/rul", "suite=smoke", "method=mean_life,weibull"]
    kill_and_start_again(given, tmp_path, 20, 4)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_from_a_terminal(tmp_path):
    """A real Ctrl-C: finished rows are kept, the table of what there is is written, no row goes on."""
    arguments = [KNAPSACK, *GREEDY, "seed=range(0,12)", "executor.n_jobs=1"]
    process = start(arguments, tmp_path / "runs")
    assert process.stdout.readline() == "measuring\n"
    folder = tmp_path / "runs" / "bench-toy_cases-knapsack-default"
    for _ in range(300):
        if list(folder.glob("rows/*/result.json")):
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "greedy" in said
    assert (folder / "table.csv").is_file()
    assert 1 <= len(figures(folder)) < 12

"""A run: files, exit codes, Ctrl-C, a full disk, a folder that cannot be written; nothing computed is lost."""

import dataclasses
import errno
import json
import os
import subprocess
import sys

import pytest

from usecases import catalogue, config, contract, launcher, paths, runner
from usecases.errors import UserError

AVERAGE = ("toy_cases", "average")


def compose(*overrides):
    return config.compose(*AVERAGE, list(overrides))


def patched_task(monkeypatch, **methods):
    """Give the toy task other methods."""
    entry, card_task = catalogue.find_task("toy_cases/average")
    task = type("Patched", (type(catalogue.load_task(entry, card_task)),), methods)()
    monkeypatch.setattr(catalogue, "load_task", lambda *_: task)


def files(folder):
    return {path.name for path in folder.iterdir()}


def test_a_run_leaves_its_files_under_the_promised_name(tmp_path):
    result = runner.execute(compose("method=linear"))
    assert result.folder.parent == tmp_path / "runs" / "toy_cases-average"
    assert files(result.folder) == {
        "result.json", "report.html", "config.yaml", "log.txt", "predictions.csv", "losses.csv", "model", "SHA256SUMS",
    }  # fmt: skip
    assert result.folder.name == result.record["run_id"]
    assert ":" not in result.folder.name
    assert result.exit_code == 0
    assert [path.name for path in result.folder.parent.iterdir()] == [result.folder.name], (
        "no working folder is left"
    )


def test_durations_are_not_metrics():
    record = runner.execute(compose("method=linear")).record
    assert set(record["timings"]) >= {"load", "solve", "evaluate"}
    assert not any("_s" in name or "time" in name for name in record["metrics"])


def test_ctrl_c_keeps_what_was_computed(monkeypatch):
    def interrupted(self, problem, outcome, **_):
        raise KeyboardInterrupt

    patched_task(monkeypatch, evaluate=interrupted)
    result = runner.execute(compose())
    assert result.record["status"] == "interrupted"
    assert result.exit_code == 130
    assert "predictions.csv" in files(result.folder), "the answer was saved before it was scored"


def test_error_in_the_report_keeps_the_figures(monkeypatch):
    def broken(self, problem, outcome, evaluation):
        raise ZeroDivisionError("no picture today")

    patched_task(monkeypatch, report=broken)
    result = runner.execute(compose())
    assert result.exit_code == 1
    assert "no picture today" in result.record["error"]
    assert (
        json.loads((result.folder / "result.json").read_text(encoding="utf-8"))["metrics"]["mae"]["value"] > 0
    )
    assert "ZeroDivisionError" in (result.folder / "log.txt").read_text(encoding="utf-8"), (
        "the log has the traceback"
    )


def test_mistake_in_the_data_is_a_failed_run_with_a_result_file(monkeypatch):
    def refuse(self, data, *, seed):
        raise UserError("row 3 holds text: correct it")

    patched_task(monkeypatch, load=refuse)
    result = runner.execute(compose())
    assert result.exit_code == 1
    assert result.record["error"] == "row 3 holds text: correct it"
    assert (result.folder / "result.json").is_file()


def test_incomplete_answer_is_partial(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    original = catalogue.load_task(entry, card_task)

    def solve(self, method, inputs, **shared):
        return dataclasses.replace(original.solve(method, inputs, **shared), complete=False)

    patched_task(monkeypatch, solve=solve)
    assert runner.execute(compose()).exit_code == 3


def test_an_answer_that_the_judge_refuses_is_partial_and_says_why(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    original = catalogue.load_task(entry, card_task)
    note = contract.Text("one plan is not valid", "un plan n'est pas valide")

    def evaluate(self, problem, outcome, **shared):
        found = original.evaluate(problem, outcome, **shared)
        return dataclasses.replace(found, complete=False, notes=(note,))

    patched_task(monkeypatch, evaluate=evaluate)
    result = runner.execute(compose())
    assert (result.record["status"], result.exit_code) == ("partial", 3)
    assert dataclasses.asdict(note) in result.record["notes"]
    said = []
    launcher.summarise(result, card_task, lambda line, **_: said.append(line))
    assert "  one plan is not valid" in said


def test_the_terminal_says_three_of_the_reasons_why_an_answer_is_partial():
    notes = [{"en": f"Cannot be served: {n}", "fr": f"Ne peut être servie : {n}"} for n in range(5)]
    notes.insert(0, {"en": "Service takes 5 minutes.", "fr": "5 minutes."})
    record = {"status": "partial", "lang": "en", "notes": notes}
    assert launcher._incomplete(record) == [
        *(f"  Cannot be served: {n}" for n in range(3)),
        "  and 2 more in result.json",
    ]
    assert launcher._incomplete(record | {"lang": "fr"})[0] == "  Ne peut être servie\u202f: 0"
    assert launcher._incomplete(record | {"status": "ok"}) == []
    assert launcher._incomplete(record | {"notes": notes[:1]}) == ["  Service takes 5 minutes."]


def test_seconds_of_other_processes_count_where_a_task_states_them(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    original = catalogue.load_task(entry, card_task)
    search = {"wall_s": 1.0, "cpu_s": 1000.0}

    def solve(self, method, inputs, **shared):
        return dataclasses.replace(original.solve(method, inputs, **shared), timings={"search": search})

    patched_task(monkeypatch, solve=solve)
    timings = runner.execute(compose()).record["timings"]
    assert timings["solve"]["cpu_s"] == 1000.0
    assert timings["solve/search"] == search


def test_memory_of_workers_counts():
    # a new process inherits the high-water mark of its parent on Linux, so the worker takes 200 MB more than that
    code = (
        "import subprocess, sys; from usecases import environment; before = environment.peak_memory_mb();"
        "work = f'len(bytes([1]) * {int(before + 200)}_000_000)';"
        "subprocess.run([sys.executable, '-c', work], check=True);"
        "sys.exit(not environment.peak_memory_mb() > before + 100)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def full_disk(monkeypatch, room):
    """Let `paths.write_text` write only what `room(path)` allows."""
    write = paths.write_text

    def limited(path, text):
        if not room(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, text)

    monkeypatch.setattr(paths, "write_text", limited)


def test_full_disk_is_one_sentence_and_leaves_no_half_file(monkeypatch):
    full_disk(monkeypatch, lambda path: path.name != "report.html")
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 1
    assert "No space left on device" in result.record["error"]
    assert "USECASES_RUNS" in result.record["error"]
    assert ".partial" not in result.record["error"]
    saved = json.loads((result.folder / "result.json").read_text(encoding="utf-8"))
    assert saved["status"] == "failed", "the saved status covers what happened to the report"
    assert saved["metrics"]["mae"]["value"] > 0
    assert not [name for name in files(result.folder) if name.endswith(".tmp")]


def test_the_report_makes_room_for_the_figures(monkeypatch):
    full_disk(
        monkeypatch, lambda path: path.name != "result.json" or not (path.parent / "report.html").exists()
    )
    result = runner.execute(compose("method=linear"))
    assert "report.html" not in files(result.folder)
    assert (
        json.loads((result.folder / "result.json").read_text(encoding="utf-8"))["metrics"]["mae"]["value"] > 0
    )


def test_totally_full_disk_still_gives_the_figures(monkeypatch):
    full_disk(monkeypatch, lambda path: False)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 1
    assert result.record["metrics"]["mae"]["value"] > 0, "the command line prints them"
    assert "result.json could not be written" in result.record["error"]


def test_ctrl_c_during_the_report_is_recorded(monkeypatch):
    from usecases import report

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "render", interrupted)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 130
    assert not result.folder.name.startswith("."), "the folder got its final name"
    assert json.loads((result.folder / "result.json").read_text(encoding="utf-8"))["status"] == "interrupted"


def test_ctrl_c_during_tracking_leaves_a_complete_run(monkeypatch):
    from usecases import tracking

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(tracking, "track", interrupted)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 130
    assert result.record["status"] == "ok"
    assert (result.folder / "report.html").is_file()


def test_a_file_name_that_is_no_text_does_not_stop_the_record(tmp_path):
    paths.write_json(tmp_path / "x.json", {"path": "relev\udce9s.csv"})
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["path"] == "relev?s.csv"


@pytest.mark.skipif(not os.path.exists("/dev/shm"), reason="needs a small file system to fill")  # noqa: PTH110
def test_atomic_write_on_a_really_full_disk(tmp_path):
    """Fill a real file system: the old file stays whole."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mounted)], capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a small file system is not allowed here")
    try:
        target = mounted / "result.json"
        paths.write_text(target, "old")
        with pytest.raises(OSError, match="No space left"):
            paths.write_text(target, "x" * 1_000_000)
        assert target.read_text(encoding="utf-8") == "old"
        assert files(mounted) == {"result.json"}
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path / "file" / "runs"))
    with pytest.raises(UserError, match="cannot be written"):
        runner.execute(compose())


def test_a_baseline_that_fails_is_a_row(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    original = catalogue.load_task(entry, card_task)

    def solve(self, method, inputs, **shared):
        if type(method).__name__ == "Mean":
            raise RuntimeError("the baseline broke")
        return original.solve(method, inputs, **shared)

    patched_task(monkeypatch, solve=solve)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 0
    assert "the baseline broke" in result.record["baselines"]["mean"]["error"]
    assert "the baseline broke" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_same_seed_same_figures_other_seed_other_figures():
    values = [runner.execute(compose(f"seed={seed}")).record["metrics"]["mae"]["value"] for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_sigint_from_outside_ends_with_130(tmp_path):
    """A real Ctrl-C on a real process while it works."""
    import signal
    import time

    script = (
        "import time, sys\n"
        "from usecases import catalogue, cli\n"
        "from toy_cases import learning\n"
        "def wait(self, x, y):\n"
        "    print('working', flush=True); time.sleep(60)\n"
        "learning.Mean.fit = wait\n"
        "sys.exit(cli.main(['run', 'toy_cases/average']))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p.endswith("toys"))}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    )
    assert process.stdout.readline().strip() == "working"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    (folder,) = (tmp_path / "runs" / "toy_cases-average").iterdir()
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["status"] == "interrupted"


def test_interrupted_game_keeps_its_decisions(monkeypatch):
    from toy_cases import sequential

    step = sequential.Shop.step

    def interrupted(self, order):
        if self.day == 5:
            raise KeyboardInterrupt
        return step(self, order)

    monkeypatch.setattr(sequential.Shop, "step", interrupted)
    result = runner.execute(config.compose("toy_cases", "newsvendor"))
    assert result.exit_code == 130
    saved = json.loads((result.folder / "decisions_until_then.json").read_text(encoding="utf-8"))
    assert len(saved["actions"]) >= 5


def test_an_interrupted_task_keeps_the_answer_it_had(monkeypatch):
    def solve(self, *_, **__):
        interruption = KeyboardInterrupt()
        interruption.outcome = contract.Outcome({"until": "then"}, name="answer")
        raise interruption

    patched_task(monkeypatch, solve=solve)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 130
    assert json.loads((result.folder / "answer.json").read_text(encoding="utf-8")) == {"until": "then"}


def test_a_method_that_ends_the_program_is_a_failed_run(monkeypatch):
    def solve(self, *_, **__):
        sys.exit(5)

    patched_task(monkeypatch, solve=solve)
    result = runner.execute(compose("method=linear"))
    assert result.exit_code == 1
    assert "sys.exit(5)" in result.record["error"]
    assert (result.folder / "result.json").is_file()

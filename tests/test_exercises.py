"""Exercises: found beside their task, in both languages, solved by their own solution; a check that can say no."""

import json
import re
import shutil

import pytest

from usecases import exercise_check, exercise_text, exercises, paths
from usecases.commands import exercise as command
from usecases.errors import UserError
from usecases.formatting import NARROW

OURS = exercises.exercises("predictive_maintenance/rul")
FAST = ()  # none runs in less than five seconds


def texts(node):
    """Every pair of texts in an exercise."""
    if isinstance(node, dict) and set(node) == {"fr", "en"}:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from texts(child)


@pytest.fixture
def checked(capsys):
    """Check an exercise: exit code and what was said."""

    def run(*arguments):
        code = command.run([*map(str, arguments)], "en", say=print)
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def toy_run():
    """Run the toy task and give the run's folder."""
    from usecases import config, runner

    return lambda *overrides: runner.execute(config.compose("toy_cases", "average", overrides)).folder


def test_there_are_enough_of_each_level_and_they_span_the_project():
    levels = [x.content["level"] for x in OURS]
    assert levels.count("voir") >= 2
    assert levels.count("modifier") >= 3
    assert levels.count("construire") >= 2
    assert {x.content["phase"] for x in OURS} == set(exercises.PHASES)
    on_traps = [
        x for x in OURS if x.content["level"] == "modifier" and "experiment=trap_" in x.content["commands"][0]
    ]
    assert len(on_traps) >= 2


def test_every_file_is_an_exercise():
    """None was left out for breaking the schema."""
    folder = OURS[0].file.parent
    assert {x.name for x in OURS} == {file.stem for file in folder.glob("*.yaml")}


@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_exercise_is_complete(exercise):
    content = exercise.content
    assert exercises.problems(content) == []
    assert sum(row["points"] for row in content["grid"]) == 20
    assert content["minutes"] == {"voir": 5, "modifier": 20, "construire": 60}[content["level"]]
    assert exercise.solution_file is None or exercise.solution_file.is_file()
    assert (exercise.solution_file is not None) == (content["level"] == "construire")
    for pair in texts(content):
        assert len(pair["fr"].split()) > 1, pair
        assert pair["fr"] != pair["en"], pair


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_sheet_fits_the_terminal_and_hides_the_solution(exercise, lang, width):
    trainee = "\n".join(exercise_text.sheet(exercise, lang, width))
    trainer = exercise_text.sheet(exercise, lang, width, solution=True)
    for line in trainer:
        assert len(line) <= width or line.startswith("    "), line  # only a command or a file may stick out
    said = "\n".join(trainer)
    assert trainee in said
    for hidden in ("expected", "solution", "grid", "answer"):
        heading = exercise_text.word(hidden, lang)
        assert heading in said
        assert not re.search(rf"^{heading}", trainee, flags=re.M)
    assert exercise_text.word("deploy", lang) in trainee
    if lang == "fr":
        sentences = [line for line in trainer if not line.startswith("    ")]
        assert not any(re.search(r" [;:!?%»]", line) for line in sentences)
        assert f"pourquoi{NARROW}?" in trainee


@pytest.mark.parametrize(
    "exercise",
    [pytest.param(x, marks=[] if x.name in FAST else pytest.mark.slow) for x in OURS],
    ids=lambda x: x.name,
)
def test_solution_meets_its_expectation(exercise, tmp_path):
    record = exercise_check.read_run(exercise_check.solve(exercise, tmp_path))
    assert [r for r in exercise_check.check(exercise, record) if not r.right] == []


def test_a_strangers_exercise_is_listed_shown_and_solved(checked):
    assert "slope — A slope" in checked("list", "toy_cases")[1]
    assert "Run the linear method" in checked("show", "slope")[1]
    code, said = checked("check", "slope", "--solution", "--predicted", "0,1")
    assert code == 0
    assert "0.06 m, as expected" in said
    assert "You wrote 0.10 m" in said


def test_prediction_is_shown_as_written_and_shares_differ_by_points():
    exercise = exercises.find("too_late")
    record = {"metrics": {"late_10_share": {"value": 34.375, "unit": "%"}}}
    said = "\n".join(exercise_text.verdict(exercise, record, [], "en", predicted=50.0))
    assert "You wrote 50 %, the run measured 34.38 %: 15.62 points apart" in said


def test_check_takes_the_latest_run_and_says_what_is_missing(checked, toy_run):
    toy_run("method=linear")
    wrong = toy_run("method=mean")
    code, said = checked("check", "slope", "--predicted", "1")
    assert code == 1
    assert str(wrong) in said
    assert "method: mean; the exercise asks for linear" in said
    assert "as expected" not in said, "a figure of another run means nothing"
    assert "measured" not in said, "nor does a prediction of it"
    assert said.splitlines()[-1].strip() == exercises.find("slope").content["commands"][-1], "what to type"
    toy_run("method=linear")
    assert checked("check", "slope")[0] == 0


def test_check_refuses_another_figure(checked, toy_run):
    code, said = checked("check", "slope", toy_run("method=linear", "data.noise=2.0"))
    assert code == 1
    assert "not the one expected" in said


def test_method_of_the_library_is_not_a_method_of_ones_own():
    exercise = exercises.find("own_method")
    record = {
        "use_case": "predictive_maintenance", "task": "rul", "status": "ok", "method": "ridge", "seed": 0, "budget": "laptop",
        "data": {"name": "fleet"}, "metrics": {"rmse_capped": {"value": 34.77, "unit": "days"}},
    }  # fmt: skip
    assert [r.path for r in exercise_check.check(exercise, record) if not r.right] == ["method"]
    record["method"] = "MedianLife"
    assert all(r.right for r in exercise_check.check(exercise, record))
    record["metrics"] = {}
    assert not exercise_check.check(exercise, record)[-1].right


def test_edited_result_is_refused(checked, toy_run):
    folder = toy_run("method=mean")
    file = folder / "result.json"
    file.write_text(
        file.read_text(encoding="utf-8").replace('"method": "mean"', '"method": "linear"'), encoding="utf-8"
    )
    with pytest.raises(UserError, match=r"result\.json .* changed after the run wrote it"):
        checked("check", "slope", folder)


def test_run_of_another_task_is_refused(checked, toy_run):
    with pytest.raises(UserError, match="this run is of toy_cases/average"):
        checked("check", "own_method", toy_run("method=mean"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "own_metod"], "did you mean 'own_method'"),
        (["check", "slope"], "there is no run of toy_cases/average"),
        (["check", "slope", "nowhere é"], "not the folder of a run"),
        (["check", "slope", "--predicted", "beaucoup"], "a number was expected"),
        (["check", "slope", "--predicted", "inf"], "a number was expected"),
        (["check", "slope", "nowhere", "--solution"], "type one of them"),
        (["list", "predictive_maintenance/rull"], "did you mean 'rul'"),
    ],
)
def test_mistakes_are_told_in_one_sentence(checked, arguments, message):
    with pytest.raises(UserError, match=message) as told:
        checked(*arguments)
    assert "\n" not in str(told.value)


def test_run_folder_without_sums_or_with_broken_files_is_refused(toy_run):
    folder = toy_run("method=linear")
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(UserError, match="SHA256SUMS"):
        exercise_check.read_run(folder)
    for content in ("", "[]", "{", "null"):
        paths.write_text(folder / "result.json", content)
        paths.write_sums(folder)
        with pytest.raises(UserError, match="run the command again"):
            exercise_check.read_run(folder)


def test_broken_exercise_is_left_out_and_said(tmp_path, monkeypatch, caplog):
    from usecases import catalogue

    entry = catalogue.find("toy_cases")
    copy = tmp_path / "toy_cases"
    shutil.copytree(entry.folder, copy)
    place = copy / "exercises" / "average"
    (place / "empty.yaml").write_text("", encoding="utf-8")
    (place / "odd.yaml").write_text("title: [", encoding="utf-8")
    (place / "latin.yaml").write_bytes("schema: é".encode("latin-1"))
    monkeypatch.setattr(
        catalogue,
        "entries",
        lambda: {"toy_cases": catalogue.Entry("toy_cases", copy, entry.card, "checkout")},
    )
    assert [x.name for x in exercises.exercises()] == ["slope"]
    assert {"empty", "odd", "latin"} <= set(re.findall(r"(\w+)\.yaml", caplog.text))


def test_same_name_in_two_tasks_asks_which(monkeypatch):
    twins = [exercises.Exercise(p, "t", "slope", None, {}) for p in ("a", "b")]
    monkeypatch.setattr(exercises, "exercises", lambda: twins)
    with pytest.raises(UserError, match="a/t/slope, b/t/slope"):
        exercises.find("slope")
    assert exercises.find("b/t/slope") is twins[1]


def test_twins_are_listed_by_the_name_to_type(tmp_path, monkeypatch):
    """A copy of a use case brings its exercises again: what the list and the sheet say must still be accepted."""
    from usecases import catalogue

    entry = catalogue.find("toy_cases")
    shutil.copytree(entry.folder / "exercises", tmp_path / "exercises")
    both = {"toy_cases": entry, "my_toys": catalogue.Entry("my_toys", tmp_path, entry.card, "checkout")}
    assert exercises.find("slope").short_name == "slope"
    monkeypatch.setattr(catalogue, "entries", lambda: both)
    for exercise in exercises.exercises():
        assert exercises.find(exercise.short_name) == exercise
        assert f"check {exercise.full_name} " in "\n".join(exercise_text.sheet(exercise, "en"))
    assert "my_toys/average/slope — " in "\n".join(exercise_text.listed(exercises.exercises(), "en"))


def test_exit_code_of_the_command_line(usecases):
    assert usecases("exercise", "list", "--lang", "fr").returncode == 0
    refused = usecases("exercise", "show", "nothing")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert json.loads(exercises.SCHEMA_FILE.read_text(encoding="utf-8"))["type"] == "object"

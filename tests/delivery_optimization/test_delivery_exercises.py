"""Exercises of delivery_optimization: complete, in both languages, short, offline; each solved by its own solution (slow)."""

import re

import pytest

from usecases import exercise_check, exercise_text, exercises
from usecases.formatting import NARROW

OURS = exercises.exercises("delivery_optimization")
BUILT_IN = ("city", "plane")


def texts(node):
    """Every pair of texts in an exercise."""
    if isinstance(node, dict) and set(node) == {"fr", "en"}:
        yield node
    elif isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from texts(child)


def test_every_file_is_an_exercise_and_they_progress():
    folder = OURS[0].file.parent.parent
    assert {x.name for x in OURS} == {file.stem for file in folder.glob("*/*.yaml")}
    routing = [x.content for x in OURS if x.task == "routing"]
    assert {x["level"] for x in routing} == set(exercises.LEVELS)
    assert len(routing) >= 5
    assert len(OURS) - len(routing) >= 3
    assert {x.content["phase"] for x in OURS} == set(exercises.PHASES)
    assert not {x.name for x in OURS} & {x.name for x in exercises.exercises("predictive_maintenance")}


@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_exercise_is_complete_and_short(exercise):
    content = exercise.content
    assert sum(row["points"] for row in content["grid"]) == 20
    assert content["minutes"] <= 20
    assert (exercise.solution_file is not None) == (content["level"] == "construire")
    assert exercise.solution_file is None or exercise.solution_file.is_file()
    for pair in texts(content):
        assert len(pair["fr"].split()) > 1, pair
        assert pair["fr"] != pair["en"], pair
        assert not re.search(r"\d,\d{3}\b(?! ?%)", pair["fr"]), "an English thousand in French"
        assert not re.search(r"\d,\d(?!\d{2}\b)", pair["en"]), "a French decimal in English"


@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_commands_run_on_built_in_data(exercise):
    from usecases import config

    for command in (*exercise.content["commands"], *exercise.content["solution"]["commands"]):
        words = command.split()
        assert words[:2] == ["usecases", "run"]
        if "method=custom" in words:
            continue
        package, task = words[2].split("/")
        run = config.compose(package, task, words[3:])
        data = run.values["data"]
        assert any(
            f".{name}." in data.get("reader", data["_target_"])
            for name in (*BUILT_IN, "quote_days", "city_days")
        )


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_sheet_is_set_and_hides_the_solution(exercise, lang):
    trainee = "\n".join(exercise_text.sheet(exercise, lang, 80))
    trainer = exercise_text.sheet(exercise, lang, 80, solution=True)
    assert trainee in "\n".join(trainer)
    for line in trainer:
        assert len(line) <= 80 or line.startswith("    "), line
    for hidden in ("expected", "solution", "grid", "answer"):
        assert not re.search(rf"^{exercise_text.word(hidden, lang)}", trainee, flags=re.M)
    if lang == "fr":
        sentences = [line for line in trainer if not line.startswith("    ")]
        assert not any(re.search(r" [;:!?%»]", line) for line in sentences)
        assert f"pourquoi{NARROW}?" in trainee


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("exercise", OURS, ids=lambda x: x.name)
def test_solution_meets_its_expectation(exercise, tmp_path):
    record = exercise_check.read_run(exercise_check.solve(exercise, tmp_path))
    assert [r for r in exercise_check.check(exercise, record) if not r.right] == []

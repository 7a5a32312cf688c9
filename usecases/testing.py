"""The conformance suite of a task: for the tasks of this library and for a stranger's.

A test of one line is enough::

    from usecases.testing import check_task

    def test_conforms(tmp_path, monkeypatch):
        monkeypatch.setenv("USECASES_RUNS", str(tmp_path))
        check_task("my_package/my_task")
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from usecases import cards, catalogue, config, drawings, paths, report, runner
from usecases.contract import Evaluation, Outcome, Problem, Section, Task

LANGUAGES = ("en", "fr")
RESULT_SCHEMA = Path(__file__).resolve().parent / "result.schema.json"


def check_task(spec: str, overrides: Sequence[str] = ("budget=smoke",)) -> None:
    """Check that a task keeps the contract, at smoke budget on its built-in data.

    Parameters
    ----------
    spec : str
        ``NAME/TASK``.
    overrides : sequence of str
        How to run it.

    Raises
    ------
    AssertionError
        Saying what is not kept.
    """
    entry, card_task = catalogue.find_task(spec)
    assert not cards.validate(entry.card), f"the card is not valid: {cards.validate(entry.card)}"
    check_configurations(entry.name, card_task)
    run = config.compose(entry.name, card_task["name"], ["tracking=none", "device=cpu", *overrides])
    task = catalogue.load_task(entry, card_task)
    assert isinstance(task, Task), f"{card_task['adapter']} lacks load, solve, evaluate or report"
    assert (card_task["kind"] == "sequential") == hasattr(task, "play"), (
        "sequential tasks, and only they, have play"
    )
    problem = check_load(task, run)
    outcome, evaluation = check_solve(task, run, problem, card_task)
    check_without_truth(task, run, problem)
    check_report(task.report(problem, outcome, evaluation))
    check_result(runner.execute(run), card_task)


def check_configurations(package: str, card_task: dict[str, Any]) -> None:
    """Every method and data file composes; the trivial method is among the methods."""
    name = card_task["name"]
    methods = config.methods(package, name)
    assert card_task["trivial"] in methods, f"the trivial method {card_task['trivial']} has no configuration"
    for group, choices in (("method", methods), ("data", config.options(package, name, "data"))):
        assert choices, f"no configuration in {group}/"
        for choice in choices:
            config.compose(package, name, [f"{group}={choice}"])


def check_load(task: Any, run: config.RunConfig) -> Problem:
    """The same seed gives the same data, with a name, a kind and a fingerprint; the truth is not among the inputs."""
    problem = task.load(config.build(run.values["data"]), seed=run.settings.seed)
    again = task.load(config.build(run.values["data"]), seed=run.settings.seed)
    assert len(problem.fingerprint) == 64, "fingerprint: a sha256 in hexadecimal is expected"
    assert problem.fingerprint == again.fingerprint, "the same seed gave another fingerprint"
    assert {"name", "kind"} <= set(problem.description), "the description needs name and kind"
    assert problem.truth is None or problem.truth is not problem.inputs, "the truth is handed to the method"
    return problem


def check_solve(
    task: Any, run: config.RunConfig, problem: Problem, card_task: dict[str, Any]
) -> tuple[Outcome, Evaluation]:
    """Twice the same seed gives twice the same answer and figures; the headline is among the metrics."""
    first = _solve(task, run, problem)
    second = _solve(task, run, problem)
    evaluation = first[1]
    assert card_task["headline"] in evaluation.metrics, f"no metric {card_task['headline']}"
    if first[0].reproducible:
        assert _values(first[1]) == _values(second[1]), "the same seed gave other figures"
    for name, metric in evaluation.metrics.items():
        assert metric.value is None or math.isfinite(metric.value), f"{name} is {metric.value}"
        if metric.interval is not None:
            assert metric.interval_kind, f"{name}: the interval does not say what it is over"
            assert metric.interval[0] <= metric.interval[1], f"{name}: the interval is upside down"
    return first


def check_without_truth(task: Any, run: config.RunConfig, problem: Problem) -> None:
    """On a user's own data nobody knows the truth: what can be checked is, the rest is "not measured"."""
    if hasattr(task, "play"):
        return  # the environment is the truth: there is no run without it
    blind = replace(problem, truth=None)
    outcome, evaluation = _solve(task, run, blind)
    check_report(task.report(blind, outcome, evaluation))


def check_report(sections: list[Section]) -> None:
    """Three sentences to remember come with every report, and every text exists in both languages."""
    takeaways = [section for section in sections if section.kind == "takeaways"]
    assert len(takeaways) == 1, "exactly one section of kind takeaways is expected"
    assert len(takeaways[0].blocks) == 3, "the takeaways are three sentences"
    for lang in LANGUAGES:
        for section in sections:
            shown = report.rendered_section(section, lang)
            assert shown["title"].strip(), "a section without a title"
            assert all(block.get("text", "-").strip() for block in shown["blocks"]), "an empty paragraph"


def check_result(result: runner.Result, card_task: dict[str, Any]) -> None:
    """A whole run ends well and leaves the files that others rely on."""
    import jsonschema

    assert result.record["status"] == "ok", (
        f"the run ended as {result.record['status']}: {result.record['error']}"
    )
    for name in ("result.json", "report.html", "config.yaml", "log.txt"):
        assert (result.folder / name).is_file(), f"{name} is missing from the run folder"
    record = json.loads((result.folder / "result.json").read_text(encoding="utf-8"))
    schema = json.loads(RESULT_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(record)
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    page = page.replace(drawings.script(), "")  # the zoom of drawings
    for address in ('src="http', "url(http", '<link rel="stylesheet"', "<script"):
        assert address not in page, f"the report has an external address or a script: {address}"
    compared = {result.record["method"], *result.record["baselines"]}
    assert card_task["trivial"] in compared, "the trivial method takes no part in the comparison"


def _solve(task: Any, run: config.RunConfig, problem: Problem) -> tuple[Outcome, Evaluation]:
    shared = runner.shared_arguments(run)
    outcome = task.solve(config.build(run.values["method"]), problem.inputs, **shared)
    if hasattr(task, "play"):
        outcome = task.play(problem, outcome, **shared)
    return outcome, task.evaluate(problem, outcome, **shared)


def _values(evaluation: Evaluation) -> Any:
    return paths.plain({name: metric.value for name, metric in evaluation.metrics.items()})

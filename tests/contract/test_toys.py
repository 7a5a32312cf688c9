"""The contract, proven by a toy task of each kind; and the conformance suite, proven by toys that break it."""

import dataclasses

import pytest

from usecases import catalogue, config, runner
from usecases.testing import check_report, check_task


@pytest.mark.parametrize(
    ("spec", "overrides"),
    [
        ("toy_cases/average", ["method=linear"]),
        ("toy_cases/knapsack", ["method=exact"]),
        ("toy_cases/newsvendor", ["method=quantile"]),
    ],
)
def test_toy_conforms(spec, overrides):
    check_task(spec, overrides)


def run(spec, *overrides):
    package, task = spec.split("/")
    return runner.execute(config.compose(package, task, list(overrides)))


def test_learning_beats_trivial_pair_by_pair():
    record = run("toy_cases/average", "method=linear").record
    gain = record["baselines"]["mean"]["difference"]
    assert gain["interval"][0] > 0, "least squares is better than the mean, and the interval says so"
    assert record["metrics"]["mae"]["value"] < record["baselines"]["mean"]["metrics"]["mae"]["value"]


def test_shuffled_target_leaves_nothing_to_learn():
    gain = run("toy_cases/average", "method=linear", "data.shuffle_target=true", "data.n_groups=100").record[
        "baselines"
    ]["mean"]["difference"]
    assert gain["interval"][0] < 0


def test_folds_are_different_test_groups():
    seen = [set(run("toy_cases/average", f"data.fold={k}").record["by_group"]) for k in range(4)]
    assert len(set.union(*seen)) == sum(map(len, seen)) == 20


def test_unknown_truth_is_not_measured():
    result = run("toy_cases/average", "data.known=false")
    assert result.record["status"] == "ok"
    assert result.record["metrics"]["mae"]["value"] is None
    assert "not measured" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_checker_does_not_believe_a_cheat():
    honest = run("toy_cases/knapsack", "method=exact").record["metrics"]
    cheat = run("toy_cases/knapsack", "method=greedy", "method.cheat=true").record["metrics"]
    assert cheat["overload"]["value"] > 0
    assert cheat["value"]["value"] == 0 < honest["value"]["value"]


def test_bound_is_a_row_of_its_own():
    record = run("toy_cases/knapsack", "method=exact").record
    assert (
        record["metrics"]["value"]["value"] <= record["bounds"]["fractional bound"]["value"]["value"] + 1e-9
    )


def test_time_limit_says_not_reproducible():
    assert run("toy_cases/knapsack", "method=exact", "budget=laptop").record["reproducible"] is False
    assert run("toy_cases/knapsack", "method=exact", "budget=smoke").record["reproducible"] is True


def test_policy_is_timed_and_never_beats_the_clairvoyant():
    record = run("toy_cases/newsvendor", "method=quantile").record
    decision = record["timings"]["decision"]
    assert decision["n"] == 30
    assert decision["max_ms"] >= decision["p50_ms"] >= 0
    assert record["metrics"]["profit"]["value"] <= record["bounds"]["clairvoyant"]["profit"]["value"]


def test_same_future_for_all_methods():
    fingerprints = {
        run("toy_cases/newsvendor", f"method={m}").record["data"]["fingerprint"]
        for m in ("constant", "quantile")
    }
    assert len(fingerprints) == 1


def test_failing_baseline_is_a_row():
    record = run("toy_cases/average", "method=mean", "baselines=[linear]").record
    assert record["baselines"]["linear"]["error"] is None
    failing = run("toy_cases/average", "method=linear", "method.fail=true").record
    assert failing["status"] == "failed"
    assert "told to fail" in failing["error"]


def broken(task, **changes):
    return type("Broken", (type(task),), changes)()


def test_suite_sees_a_report_without_takeaways():
    with pytest.raises(AssertionError, match="takeaways"):
        check_report([])


def test_suite_sees_a_leak_and_a_wandering_seed(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    task = catalogue.load_task(entry, card_task)

    def leak(self, data, *, seed):
        problem = task.load(data, seed=seed)
        return dataclasses.replace(problem, inputs=problem.truth)

    monkeypatch.setattr(catalogue, "load_task", lambda *_: broken(task, load=leak))
    with pytest.raises(AssertionError, match="truth is handed"):
        check_task("toy_cases/average")
    draws = iter(range(100))
    monkeypatch.setattr(
        catalogue,
        "load_task",
        lambda *_: broken(task, load=lambda self, data, *, seed: task.load(data, seed=next(draws))),
    )
    with pytest.raises(AssertionError, match="another fingerprint"):
        check_task("toy_cases/average")


def test_suite_sees_a_missing_headline(monkeypatch):
    entry, card_task = catalogue.find_task("toy_cases/average")
    monkeypatch.setattr(catalogue, "find_task", lambda _: (entry, card_task | {"headline": "rmse"}))
    with pytest.raises(AssertionError, match="no metric rmse"):
        check_task("toy_cases/average")

"""The task `robustness`: the contract, a plan made elsewhere, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from delivery_optimization.data.city import City
from delivery_optimization.data.own import Own
from delivery_optimization.data.own_template import write_template
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break
from delivery_optimization.plan import Plan, Route, plan_to_json
from delivery_optimization.robustness.monte_carlo import simulate
from delivery_optimization.robustness.noise import Law
from delivery_optimization.robustness.planning import Given, Inflated, Nominal, Priced
from delivery_optimization.robustness.source import Days, Mission, Truth
from delivery_optimization.robustness.weak import weak_stops
from delivery_optimization.solution import Stop
from delivery_optimization.tasks.robustness import Robustness
from usecases import config
from usecases.contract import Budget, Evaluation, Problem
from usecases.errors import UserError
from usecases.runner import progress_bar
from usecases.testing import check_task

CITY = "delivery_optimization.data.city.City"
SHARED = {"seed": 0, "budget": Budget("smoke", 0.1), "device": "cpu", "progress": progress_bar}
LAW = {"travel_cv": 0.2, "route_share": 0.5}


@pytest.mark.timeout(300)
def test_conforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path))
    small = ["data.n_orders=15", "data.scenarios=1000", "method.iterations=300"]
    check_task("delivery_optimization/robustness", ["budget=smoke", *small])


@pytest.fixture(scope="module")
def routing_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run of `routing` on a small city leaves behind."""
    folder = tmp_path_factory.mktemp("run")
    instance = City(n_orders=10).read(0).instances[0]
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=50), seed=0).plan
    (folder / "plan.json").write_text(json.dumps({"plans": [plan_to_json(instance, plan)]}), encoding="utf-8")
    (folder / "config.yaml").write_text(
        f"data: {{_target_: {CITY}, n_orders: 10}}\nseed: 0\n", encoding="utf-8"
    )
    return folder


def test_a_plan_made_elsewhere_is_judged(routing_run: Path) -> None:
    task, budget = Robustness(), Budget("laptop", 0.01)
    problem = task.load(
        Days(from_run=str(routing_run), law=LAW, scenarios=500, departure="first_window"), seed=0
    )
    outcome = task.solve(Given(3000), problem.inputs, **{**SHARED, "budget": budget})
    evaluation = task.evaluate(problem, outcome, **SHARED)
    saved = json.loads((routing_run / "plan.json").read_text(encoding="utf-8"))["plans"][0]
    assert [r["stops"] for r in outcome.answer["plans"][0]["routes"]] == [r["stops"] for r in saved["routes"]]
    assert 0 < evaluation.metrics["on_time_rate"].value <= 100  # type: ignore[operator]
    assert {"nominal", "priced 2", "this plan"} <= set(evaluation.curves)
    each = evaluation.curves["on_time_by_order"].y
    assert np.mean(each) == pytest.approx(evaluation.metrics["on_time_rate"].value, abs=1e-3)
    assert "extra_cost" in evaluation.metrics
    titles = [section.title.en for section in task.report(problem, outcome, evaluation)]
    assert "What reliability costs" in titles
    assert "Weak stops" in titles


def test_methods_meet_the_same_days_and_other_seeds_other_days() -> None:
    source = Days(CITY, n_orders=10, scenarios=400, law=LAW)
    task = Robustness()
    problem, again, other = (task.load(source, seed=seed) for seed in (0, 0, 1))
    assert problem.fingerprint == again.fingerprint != other.fingerprint
    outcome = task.solve(Nominal(500), problem.inputs, **SHARED)
    first, second = (task.evaluate(p, outcome, **SHARED) for p in (problem, again))
    assert first.losses.tolist() == second.losses.tolist()
    assert len(first.losses) == len(problem.groups)
    assert first.metrics["on_time_rate"].value == pytest.approx(100 - first.losses.mean())
    assert {"Courses du Nord"} <= set(first.by_group)


def test_a_law_is_part_of_the_fingerprint() -> None:
    task = Robustness()
    prints = {
        task.load(Days(CITY, n_orders=5, scenarios=200, law=law), seed=0).fingerprint
        for law in (LAW, {"travel_cv": 0.3}, None)
    }
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"reader": CITY, "scenarios": 3}, "100 to 1,000,000"),
        ({"reader": CITY, "departure": "never"}, "data.departure"),
        ({"reader": CITY, "law": {"travel_sd": 0.2}}, "law.travel_sd"),
        ({"reader": CITY, "law": {"travel_cv": -1}}, "travel_cv"),
        ({"reader": CITY, "n_orders": -1}, "n_orders"),
        ({}, "data.from_run"),
        ({"from_run": "/nowhere/at/all"}, "config.yaml and plan.json"),
    ],
)
def test_refused(keys: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Days(**keys)  # type: ignore[arg-type]


def test_only_the_city_knows_its_law(mirror: Path) -> None:
    source = Days("delivery_optimization.data.solomon.Solomon", instance="R101", law=None)
    with pytest.raises(UserError, match=r"data\.law\.travel_cv"):
        source.read(0)


def test_plans_that_do_not_fit_are_refused(routing_run: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes((routing_run / "plan.json").read_bytes())
    (tmp_path / "config.yaml").write_text(
        f"data: {{_target_: {CITY}, n_orders: 3}}\nseed: 0\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match="do not fit"):
        Days(from_run=str(tmp_path), law=LAW).read(0)


@pytest.mark.parametrize("experiment", config.options("delivery_optimization", "robustness", "experiment"))
def test_experiments_compose(experiment: str) -> None:
    config.compose("delivery_optimization", "robustness", [f"experiment={experiment}"])


def test_data_that_changed_since_the_run_are_refused(routing_run: Path, tmp_path: Path) -> None:
    for name in ("plan.json", "config.yaml"):
        (tmp_path / name).write_bytes((routing_run / name).read_bytes())
    (tmp_path / "result.json").write_text('{"data": {"fingerprint": "of other orders"}}', encoding="utf-8")
    with pytest.raises(UserError, match="have changed since"):
        Days(from_run=str(tmp_path), law=LAW).read(0)


def test_an_order_that_nobody_can_take_is_left_out_and_said() -> None:
    instance = City(n_orders=10).read(0).instances[0]
    size = instance.orders.size.copy()
    size[3] = 1e6
    mission = Mission(replace(instance, orders=replace(instance.orders, size=size)))
    for method in (Nominal(100), Priced(100)):
        outcome = Robustness().solve(method, (mission,), **SHARED)
        assert not outcome.complete
        assert outcome.answer["plans"][0]["unserved"] == [instance.orders.names[3]]
        assert "Cannot be served" in outcome.notes[0].en


def test_orders_that_may_be_left_out() -> None:
    instance = City(n_orders=10).read(0).instances[0]
    penalty = np.where(np.arange(10) < 3, 1.0, np.inf)
    mission = Mission(replace(instance, orders=replace(instance.orders, penalty=penalty)))
    for method in (Nominal(200), Inflated(200), Priced(200)):
        outcome = Robustness().solve(method, (mission,), **SHARED)
        assert outcome.complete
        assert set(outcome.answer["plans"][0]["unserved"]) <= set(instance.orders.names[:3])


def test_a_partial_plan_made_elsewhere_is_judged() -> None:
    instance = City(n_orders=10).read(0).instances[0]
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=50), seed=0).plan
    less = Plan(plan.routes[1:], tuple(s for s in plan.routes[0].stops if s < 10))
    outcome = Robustness().solve(Given(100), (Mission(instance, given=less),), **SHARED)
    assert not outcome.complete
    assert outcome.answer["plans"][0]["stated_cost"] < plan.stated_cost  # type: ignore[operator]


def test_breaks_are_refused_with_what_to_do_and_a_given_plan_is_judged_all_the_same() -> None:
    instance = City(n_orders=6).read(0).instances[0]
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=50), seed=0).plan
    vehicles = tuple(replace(v, breaks=(Break(v.opens, v.closes, 60.0),)) for v in instance.vehicles)
    paused = replace(instance, vehicles=vehicles)
    with pytest.raises(UserError, match="method=given"):
        Robustness().solve(Nominal(100), (Mission(paused),), **SHARED)
    routes = tuple(replace(r, stops=(-1, *r.stops)) for r in plan.routes)
    given = Mission(paused, given=Plan(routes, plan.unserved))
    outcome = Robustness().solve(Given(100), (given,), **{**SHARED, "budget": Budget("laptop", 0.01)})
    assert not outcome.answer["others"]
    assert any("Not shown beside it, nominal" in note.en for note in outcome.notes)


def test_a_relative_path_is_found_from_where_the_run_was_typed(tmp_path: Path, monkeypatch) -> None:
    write_template(tmp_path / "typed here" / "my day")
    run = tmp_path / "typed here" / "runs" / "delivery_optimization-routing" / "20260301T000000Z-abcdef"
    run.mkdir(parents=True)
    instance = Own(path=str(tmp_path / "typed here" / "my day")).read(0).instances[0]
    plan = {"routes": [], "unserved": list(instance.orders.names)}
    (run / "plan.json").write_text(json.dumps({"plans": [plan]}), encoding="utf-8")
    (run / "config.yaml").write_text(
        "data: {_target_: delivery_optimization.data.own.Own, path: my day}\nseed: 0\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    read, missions, _ = Days(from_run=str(run), law=LAW).read(0)
    assert read.instances[0].n_orders == instance.n_orders
    assert missions[0].given is not None


def judged(mission: Mission, others: Any = ()) -> Evaluation:
    """A given plan on 200 days."""
    problem = Problem((mission,), truth={"days": Truth((Law(**LAW),), (None,), 200, 0)}, description={})
    outcome = Robustness().solve(Given(100, beside=False), (mission,), **SHARED)
    outcome.answer["others"].update(others)
    return Robustness().evaluate(problem, outcome, **SHARED)


def test_a_partial_plan_has_finite_figures_and_no_saving() -> None:
    instance = City(n_orders=10).read(0).instances[0]
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=50), seed=0).plan
    less = Plan(plan.routes[1:], tuple(s for s in plan.routes[0].stops if s < 10))
    beside = {"nominal": [plan_to_json(instance, replace(plan, stated_cost=None))]}
    found = judged(Mission(instance, given=less), beside)
    assert np.isfinite([found.metrics[name].value for name in ("mean_cost", "cvar_95", "cost")]).all()
    assert found.metrics["served_share"].value < 100
    assert "extra_cost" not in found.metrics


def test_a_given_plan_that_breaks_a_rule_is_not_scored_and_says_which() -> None:
    instance = City(n_orders=10).read(0).instances[0]
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=50), seed=0).plan
    wrong = Plan((*plan.routes, plan.routes[0]), plan.unserved)
    found = judged(Mission(instance, given=wrong))
    assert not found.complete
    assert found.metrics["on_time_rate"].value is None
    assert "est servie ou citée deux fois" in found.notes[0].fr


def test_weak_stops_are_the_same_with_unix_times() -> None:
    early, shift = tiny(), 1_700_006_400.0
    o = early.orders
    late = replace(
        early,
        orders=replace(
            o, opens=o.opens + shift, closes=o.closes + shift,
            pickup_opens=o.pickup_opens + shift, pickup_closes=o.pickup_closes + shift,
        ),
        vehicles=tuple(replace(v, opens=v.opens + shift, closes=v.closes + shift) for v in early.vehicles),
    )  # fmt: skip
    plan, law, found = Plan((Route(0, (4, 5, 0, 1, 2, 3)),)), Law(travel_cv=3.0), []
    for instance in (early, late):
        days = simulate(instance, plan, law)
        weak = weak_stops(instance, plan, law, days, seed=0, departure="shift")
        found.append([(w.order, w.cause, round(w.share, 6)) for w in weak])
    assert found[0] == found[1]

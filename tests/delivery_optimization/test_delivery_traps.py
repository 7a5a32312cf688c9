"""Traps of delivery_optimization: two figures for the same work, and a sentence that is true whatever the figures are."""

import json
import re
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from delivery_optimization import trap_words
from delivery_optimization.checker import check
from delivery_optimization.data.plane import Plane
from delivery_optimization.methods.insertion import Insertion
from delivery_optimization.solution import Stop
from delivery_optimization.traps import FirstSolution, exact, found_by
from usecases import config, runner
from usecases.bench import published
from usecases.contract import Metric
from usecases.errors import UserError
from usecases.paths import HERE

TASKS = {
    "first_solution": "routing",
    "truncated": "routing",
    "independent_noise": "robustness",
    "nominal_plan": "robustness",
}
SMALL = {
    "routing": ["data.instances=3", "data.n_orders=20", "data.per_tour=10", "budget=smoke"],
    "robustness": ["data.n_orders=12", "data.scenarios=500", "method.iterations=50", "budget=smoke"],
}


def sprung(name, *overrides, report=False):
    task = TASKS[name]
    small = [] if "full" in overrides else [*SMALL[task], "executor.n_jobs=1"]
    chosen = [word for word in overrides if word != "full"]
    words = [f"experiment=trap_{name}", "tracking=none", "device=cpu", *small, *chosen]
    return runner.execute(config.compose("delivery_optimization", task, words), with_report=report)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """One small run of each trap."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USECASES_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("USECASES_OFFLINE", "1")
        yield {name: sprung(name) for name in TASKS}


@pytest.mark.parametrize("name", TASKS)
def test_every_trap_leaves_two_figures_and_a_sentence(small, name):
    record = small[name].record
    assert record["status"] == "ok", record["error"]
    schema = json.loads((HERE / "result.schema.json").read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(record))
    trap = record["trap"]
    assert trap["wrong"]["unit"] == trap["honest"]["unit"] != ""
    for side in ("wrong", "honest"):
        assert np.isfinite(trap[side]["value"])
        if trap[side]["interval"]:
            assert trap[side]["interval"][0] <= trap[side]["value"] <= trap[side]["interval"][1]
    assert not re.search(r"\d\.\d", trap["sentence"]["fr"]), "a decimal point in French"
    assert trap["sentence"]["fr"] != trap["sentence"]["en"]


def test_honest_figure_is_that_of_the_run(small):
    nominal = small["nominal_plan"].record
    assert nominal["trap"]["honest"]["value"] == nominal["metrics"]["perfect_days"]["value"]
    assert nominal["trap"]["wrong"]["value"] == 100.0
    first = small["first_solution"].record
    assert first["trap"]["honest"]["value"] == pytest.approx(
        100 * first["metrics"]["complete_plans"]["value"] / 3
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "least"),
    [("first_solution", 30), ("truncated", 5), ("independent_noise", 5), ("nominal_plan", 50)],
)
def test_effect_at_full_size_over_seeds(name, least):
    """The gap of the two figures (points, or minutes), in the direction that the sentence tells."""
    gaps = []
    for seed in range(3):
        trap = sprung(name, "full", f"seed={seed}").record["trap"]
        gaps.append(trap["honest"]["value"] - trap["wrong"]["value"])
    signed = np.array(gaps) * (-1 if name in ("truncated", "nominal_plan") else 1)
    assert signed.min() >= 0
    assert signed.mean() > least


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_truncated_on_public_data(mirror):
    record = sprung("truncated", "full", "data=solomon", "data.instance=C1").record
    assert record["status"] == "ok", record["error"]


def test_plane_is_frozen_and_feasible_by_construction():
    read = Plane(n_orders=20, instances=2, spare=0).read(seed=0)
    digest = sha256()
    for instance in read.instances:  # whole numbers only: distances may differ in their last bit
        for values in (instance.places.x, instance.places.y, *_whole(instance)):
            digest.update(np.asarray(values).astype(np.int64).tobytes())
    assert digest.hexdigest()[:16] == FROZEN, "the generator changed: give it another version"
    again = Plane(n_orders=20, instances=2, spare=0, convention="dimacs").read(seed=0)
    for one, other in zip(read.instances, again.instances, strict=True):
        assert (one.orders.opens == other.orders.opens).all()
        assert one.vehicles == other.vehicles
        assert (other.travel[0].distances <= one.travel[0].distances).all()
        assert np.array_equal(exact(other).travel[0].distances, one.travel[0].distances)
        plan = Insertion().solve(
            replace(one, vehicles=(replace(one.vehicles[0], number=9),)), stop=Stop(iterations=1)
        )
        assert not plan.plan.unserved


FROZEN = "1b9d421588ab70e7"


def _whole(instance):
    orders, vehicle = instance.orders, instance.vehicles[0]
    return orders.opens, orders.closes, orders.size, [vehicle.number, vehicle.capacity[0], vehicle.closes]


def test_hidden_plan_serves_everybody():
    from delivery_optimization.data.plane import _tours
    from delivery_optimization.plan import delivery_plan

    for instance in Plane(n_orders=40, instances=3, spare=0).read(seed=5).instances:
        tours = _tours(instance.places.x, instance.places.y, instance.travel[0].distances, 10)
        plan = delivery_plan([[int(place) - 1 for place in tour] for tour in tours], instance)
        assert check(instance, plan).valid


def test_a_rule_gives_up_without_a_clock():
    instance = Plane(n_orders=50, instances=1, spare=1).read(seed=0).instances[0]
    assert not found_by(instance, "PATH_CHEAPEST_ARC")
    roomy = Plane(n_orders=50, instances=1, spare=10).read(seed=0).instances[0]
    assert found_by(roomy, "PATH_CHEAPEST_ARC")


METRIC = {"min": lambda value: Metric(value, "min"), "%": lambda value: Metric(value, "%")}
WORDINGS = {
    "first_solution": lambda w, h: trap_words.first_solution(
        METRIC["%"](w), METRIC["%"](h), "SAVINGS", int(w / 10), int(h / 10), 10
    ),
    "truncated": lambda w, h: trap_words.truncated(
        METRIC["%"](h), METRIC["%"](w), 10, int((h - w) / 10), 1000.0, 1003.0
    ),
    "independent_noise": lambda w, h: trap_words.independent_noise(
        METRIC["min"](w), METRIC["min"](h), 1.0, 2.0
    ),
    "nominal_plan": lambda w, h: trap_words.nominal_plan(METRIC["%"](h), METRIC["%"](w), METRIC["%"](95.0)),
}


@pytest.mark.parametrize("name", TASKS)
def test_sentence_says_when_the_trap_does_not_bite(name):
    same = WORDINGS[name](40.0, 40.0).sentence
    assert "the trap did not bite" in same.en
    assert "le piège n’a pas mordu" in same.fr
    bites = WORDINGS[name](40.0, 90.0).sentence
    assert "did not bite" not in bites.en
    assert "pas mordu" not in bites.fr
    zero = WORDINGS[name](0.0, 90.0).sentence
    assert "nan" not in zero.en
    assert "inf" not in zero.en


def test_the_nominal_trap_calls_no_plan_one_without_margins():
    """The run may have planned with margins (method=inflated)."""
    sentence = WORDINGS["nominal_plan"](40.0, 90.0).sentence
    assert "without margins" not in sentence.en
    assert "sans marge" not in sentence.fr


def test_independent_noise_is_told_in_whole_sentences():
    sentence = WORDINGS["independent_noise"](20.0, 40.0).sentence
    assert " / " not in sentence.en + sentence.fr
    assert (
        "stays within 20.00 min of its window on 95 % of days, and 1.00 % of the orders are late"
        in sentence.en
    )


def test_several_plans_are_told_as_a_mean():
    assert "On average over 10 plans they cost" in WORDINGS["truncated"](40.0, 90.0).sentence.en


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: FirstSolution(rule="SAVING"), "SAVINGS"),
        (lambda: Plane(n_orders=0), r"data\.n_orders=0"),
        (lambda: Plane(instances=1000), r"data\.instances=1000"),
        (lambda: Plane(window=-1.0), r"data\.window=-1"),
        (lambda: Plane(convention="exact"), r"data\.convention=exact"),
        (lambda: exact(Plane(n_orders=3, instances=1).read(0).instances[0]), r"type data=plane"),
    ],
)
def test_bad_values_are_one_sentence(make, told):
    with pytest.raises(UserError, match=told):
        make()


def test_traps_on_data_that_cannot_show_them_are_told():
    record = sprung("truncated", "data.convention=double", "data.instances=1").record
    assert record["status"] == "failed"
    assert "data.convention=dimacs" in record["error"]


def test_published_values_stand_beside_the_public_data():
    routing = published.load("delivery_optimization", "routing")
    dynamic = published.load("delivery_optimization", "dynamic")
    assert {value.checked for value in (*routing, *dynamic)} == {"quoted"}, "nobody read the works themselves"
    assert published.beside(routing, {"name": "solomon all"}, ["gap"])
    shown = published.beside(dynamic, {"name": "ortec2022 dynamic all"}, ["against_greedy"])
    best = min(shown, key=lambda value: value.metrics["against_greedy"])
    assert (best.method, best.metrics["against_greedy"]) == ("Kleopatra", -15.24)
    assert not published.beside(routing, {"name": "city, shops"}, ["gap", "cost"])


def test_published_dynamic_values_are_those_of_the_list_of_best_known():
    from delivery_optimization.data.best_known import ortec_dynamic
    from delivery_optimization.data.ortec import Ortec

    values = published.load("delivery_optimization", "dynamic")
    days = [ortec_dynamic(name).costs for name in Ortec("all").names]
    for value in values:
        name = value.method.removesuffix(" (published)")
        mean = np.mean([100 * (day[name] / day["greedy"] - 1) for day in days])
        assert value.metrics["against_greedy"] == pytest.approx(mean, abs=0.006)

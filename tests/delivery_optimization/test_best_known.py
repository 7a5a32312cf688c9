"""Best known values: the right ones for each convention and objective, none where none is known; loaders use the official files only."""

import csv

import numpy as np
import pytest

from delivery_optimization.data import best_known
from delivery_optimization.data.ortec import NAMES as DAYS
from delivery_optimization.data.ortec import Ortec
from delivery_optimization.data.solomon import NAMES, Solomon
from delivery_optimization.evaluation import evaluate_plans
from delivery_optimization.plan import delivery_plan
from delivery_optimization.tasks.routing import Routing
from usecases.errors import UserError
from usecases.registry import datasets


def test_sums_are_those_of_the_published_tables():
    distance = [best_known.solomon(name) for name in NAMES]
    both = [
        best_known.solomon(name, convention="double", objective="vehicles_then_distance") for name in NAMES
    ]
    assert len(NAMES) == 56
    assert round(sum(value.cost for value in distance), 1) == 54501.5
    assert sum(value.vehicles for value in both) == 405
    assert round(sum(value.cost for value in both), 2) == 57186.89
    assert all(value.proven and value.verified for value in distance)
    assert not any(value.proven or value.verified for value in both)


def test_objectives_and_conventions_are_never_mixed():
    assert best_known.solomon("R204", convention="dimacs", objective="vehicles_then_distance") is None
    assert best_known.solomon("R204", convention="double", objective="distance") is None
    with pytest.raises(UserError, match="R1O1"):
        best_known.solomon("R1O1")


def test_the_dynamic_days_are_those_of_the_competition():
    days = [best_known.ortec_dynamic(name) for name in DAYS]
    assert [day.requests for day in days] == [517, 479, 482, 473, 538, 450, 521, 491]
    gain = [100 * (1 - day.costs["Kleopatra"] / day.costs["greedy"]) for day in days]
    assert np.mean(gain) == pytest.approx(15.2, abs=0.05)
    assert all(len(day.costs) == 15 for day in days)


def test_the_stored_values_are_the_mirror_s(mirror):
    with (mirror / "solomon" / "best_known.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            one = best_known.solomon(row["instance"])
            two = best_known.solomon(row["instance"], convention="double", objective="vehicles_then_distance")
            assert (one.cost, one.vehicles) == (float(row["dimacs_cost"]), int(row["dimacs_vehicles"]))
            assert (two.cost, two.vehicles) == (float(row["hier_distance"]), int(row["hier_vehicles"]))
    with (mirror / "ortec2022" / "best_known.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = best_known.ortec_dynamic(row["instance"])
            assert best_known.ortec_static(row["instance"]).cost == float(row["static_best_known"])
            assert day.seed == int(row["dynamic_seed"])
            assert day.costs["greedy"] == float(row["dynamic_baseline_greedy"])
            assert day.costs["Team_sb"] == float(row["dynamic_Team_sb"])


def test_datasets_list_what_the_official_address_serves():
    for name in ("solomon", "ortec2022"):
        files = datasets()[name].files
        assert all("/" not in file and file.endswith((".txt", ".sol")) for file in files)
        assert "LICENSE.txt" not in files
    assert len(datasets()["solomon"].files) == 56
    assert len(datasets()["ortec2022"].files) == 16


def test_vehicles_first_has_its_own_reference_and_its_own_gap(mirror):
    data = Solomon(instance="C101", convention="double", objective="vehicles_then_distance")
    problem = Routing().load(data, seed=0)
    assert problem.truth["best_known"] == (828.94,)
    assert problem.truth["best_known_vehicles"] == (10,)
    instance = problem.inputs[0]
    alone = delivery_plan([[order] for order in range(instance.n_orders)], instance)
    instance = type(instance)(**{**vars_of(instance), "vehicles": (more(instance.vehicles[0], 100),)})
    problem = type(problem)(**{**vars_of(problem), "inputs": (instance,)})
    scored = evaluate_plans(problem, [alone], [], 0)
    assert scored.losses.tolist() == [90.0]
    assert scored.loss_unit == "vehicles"
    assert "gap" not in scored.metrics
    assert "gap_at_equal_vehicles" not in scored.metrics
    assert not scored.curves


def vars_of(frozen):
    return {name: getattr(frozen, name) for name in frozen.__dataclass_fields__}


def more(vehicle, number):
    return type(vehicle)(**{**vars_of(vehicle), "number": number})


def test_where_no_value_is_known_there_is_no_gap(mirror):
    assert Solomon(instance="C101", convention="double").read(0).best_known is None
    assert Solomon(instance="C101", objective="vehicles_then_distance").read(0).best_known is None
    assert Solomon(instance="C1").read(0).proven
    assert Ortec(instance="n200").read(0).best_known == (121959.0,)
    assert not Ortec(instance="n200").read(0).proven

"""Files in and out: Solomon, VRPLIB with solutions, VROOM; whatever is wrong is told in one sentence."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_plans import make

from delivery_optimization.checker import check
from delivery_optimization.data.formats import read_any, recognise
from delivery_optimization.data.reading import read_text
from delivery_optimization.data.solomon import Solomon, read_solomon, write_solomon
from delivery_optimization.data.vroom import read_vroom, vroom_instance
from delivery_optimization.data.vroom_plans import plan_from_vroom, plan_to_vroom
from delivery_optimization.data.vroom_problems import vroom_problem
from delivery_optimization.data.vroom_runs import run_to_vroom
from delivery_optimization.data.vrplib_files import read_vrplib, write_vrplib
from delivery_optimization.data.vrplib_solutions import read_solution, write_solution
from delivery_optimization.examples import small, tiny
from delivery_optimization.instance import Convention, Instance, Orders, Places, Table, VehicleType
from delivery_optimization.plan import Plan, Route, delivery_plan, plan_from_json, plan_to_json
from usecases.errors import UserError

SOLOMON = """toy

VEHICLE
NUMBER     CAPACITY
  3         200

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0          35      35           0       0         230           0
    1          41      49          10     161         171          10
    2          35      17           7      50          60          10
"""
CVRP = """NAME : toy
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 1 1
3 3 4
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
EOF
"""


def sentence(error):
    """One sentence: no line break, a full stop at the end, no traceback words."""
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def put(folder, text, name="file.txt"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---- Solomon


def test_solomon_conventions_differ_as_they_should(tmp_path):
    path = put(tmp_path, SOLOMON)
    exact, cut = read_solomon(path, convention="double"), read_solomon(path)
    assert exact.travel[0].distances[0, 1] == pytest.approx(np.hypot(6, 14))
    assert cut.travel[0].distances[0, 1] == 15.2
    assert (cut.convention.name, exact.convention.name) == ("dimacs", "double")
    assert cut.vehicles[0].number == 3
    assert cut.vehicles[0].closes == 230
    assert cut.orders.names == ("1", "2")
    assert cut.orders.opens.tolist() == [161, 50]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: "", "is empty"),
        (
            lambda t: t.replace("10     161         171          10", "10     161         171"),
            "line 11: 6 columns",
        ),
        (lambda t: t[:-20], "columns were found"),
        (lambda t: t.replace("161", "nan"), "'nan' stands where"),
        (lambda t: t.replace("161", "abc"), "'abc' stands where"),
        (lambda t: t.replace("161", "1e999"), "finite"),
        (lambda t: t.replace("161", "181"), "order 1: its window closes at 171 before it opens at 181"),
        (lambda t: t.replace("          10     161", "         -10     161"), "order 1: its size is -10"),
        (lambda t: t.replace("171          10", "171         -10"), "order 1: the service"),
        (
            lambda t: t.replace("    2          35", "    1          35"),
            "order 1: the name is given to 2 orders",
        ),
        (lambda t: t.replace("230", "-5"), "its shift ends at -5 before it starts at 0"),
        (lambda t: t.replace("  3         200", "  3"), "line 5: number of vehicles and capacity"),
        (lambda t: t.replace("  3         200", "  3.5       200"), "3.5 vehicles"),
        (lambda t: t[: t.index("    0     ")], "ends before its first customer"),
        (lambda t: t.replace("CUSTOMER", "CLIENT"), "not in Solomon's form"),
        (lambda t: "name;x;y\n1;2;3\n", "not in Solomon's form"),
    ],
)
def test_a_wrong_solomon_file_is_told_in_one_sentence(tmp_path, change, told):
    path = put(tmp_path, change(SOLOMON))
    with pytest.raises(UserError) as error:
        read_solomon(path)
    assert told in sentence(error)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"PK\x03\x04\x00\x00", "binary"),
        (SOLOMON.encode("utf-16"), "UTF-16"),
        (SOLOMON.replace("toy", "été").encode("cp1252"), "line 1: byte 0 is not UTF-8"),
        (b"  \n\n", "is empty"),
    ],
)
def test_what_is_no_utf8_text_is_told(tmp_path, raw, told):
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    for read in (read_text, read_solomon, read_vrplib, read_vroom, read_any):
        with pytest.raises(UserError) as error:
            read(path)
        assert told in sentence(error)


def test_absent_files_and_folders_are_told(tmp_path):
    for path in (tmp_path, tmp_path / "nothing.txt"):
        with pytest.raises(UserError, match="cannot be read"):
            read_any(path)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "été, 1 [x].txt"
    path.write_bytes(b"\xef\xbb\xbf" + SOLOMON.replace("\n", "\r\n").encode())
    assert read_any(path).n_orders == 2


@pytest.mark.parametrize("n", [0, 1, 1000])
def test_solomon_files_of_any_size(tmp_path, n):
    head = SOLOMON[: SOLOMON.index("    1     ")]
    rows = "".join(f"{k} {k % 37} {k % 41} 1 0 200 10\n" for k in range(1, n + 1))
    assert read_solomon(put(tmp_path, head + rows)).n_orders == n


def test_all_mirrored_files_are_recognised(mirror):
    for path in sorted((mirror / "solomon").glob("R*.txt"))[:3]:
        assert recognise(path) == "solomon"
        assert read_any(path).n_orders == 100
    for path in sorted((mirror / "ortec2022").glob("ORTEC*.txt"))[:1]:
        assert recognise(path) == "vrplib"


def test_a_file_too_large_for_a_table_is_told(tmp_path):
    head = SOLOMON[: SOLOMON.index("    1     ")]
    rows = "".join(f"{k} 1 1 1 0 200 10\n" for k in range(1, 20_001))
    with pytest.raises(UserError) as error:
        read_solomon(put(tmp_path, head + rows))
    assert "20001 places" in sentence(error)


def test_a_convention_that_does_not_exist_is_told(tmp_path):
    for make_one in (
        lambda: read_solomon(put(tmp_path, SOLOMON), convention="dimac"),
        lambda: Solomon(convention="dimac"),
        lambda: Solomon(objective="vehicle_then_distance"),
        lambda: Solomon(instance="R1O1"),
        lambda: read_vrplib(put(tmp_path, CVRP), rounding="dimac"),
    ):
        with pytest.raises(UserError) as error:
            make_one()
        assert "did you mean" in sentence(error)


# ---- VRPLIB


def test_plane_distances_are_rounded_as_tsplib_says(tmp_path):
    path = put(tmp_path, CVRP)
    instance = read_vrplib(path)
    assert instance.travel[0].distances[0].tolist() == [0, 1, 5]
    assert instance.convention.name == "integer"
    assert read_vrplib(path, rounding="double").travel[0].distances[0, 1] == pytest.approx(2**0.5)
    assert read_vrplib(path, rounding="dimacs").travel[0].distances[0, 1] == 1.4
    assert instance.vehicles[0].number == 2  # no number is given: one for each order
    assert np.isinf(instance.orders.closes).all()


def test_a_limit_of_route_duration_becomes_the_shift(tmp_path):
    text = CVRP.replace("CAPACITY", "DISTANCE : 99\nSERVICE_TIME : 10\nCAPACITY")
    instance = read_vrplib(put(tmp_path, text))
    assert instance.vehicles[0].closes == 99
    assert instance.orders.service.tolist() == [10, 10]


def test_another_depot_than_the_first_node(tmp_path):
    instance = read_vrplib(put(tmp_path, CVRP.replace("DEPOT_SECTION\n1", "DEPOT_SECTION\n3")))
    assert instance.vehicles[0].start == 2
    assert instance.orders.place.tolist() == [0, 1]
    assert instance.places.names == ("1", "2", "depot")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t[: t.index("DEMAND")], "has no DEMAND"),
        (lambda t: t.replace("3 5\nDEPOT", "DEPOT"), "DEMAND has shape (2,)"),
        (lambda t: t.replace("3 3 4", "3 3"), "NODE_COORD"),
        (lambda t: t.replace("3 3 4", "3 3 x"), "NODE_COORD"),
        (lambda t: t.replace("3 3 4", "3 3 nan"), "no number"),
        (lambda t: t.replace("3 5", "3 -5"), "order 2: its size is -5"),
        (lambda t: t.replace("EUC_2D", "GEO"), "EDGE_WEIGHT_TYPE GEO"),
        (lambda t: t.replace("EUC_2D", "EXPLICIT"), "no EDGE_WEIGHT_SECTION"),
        (lambda t: t.replace("CAPACITY : 10", "CAPACITY : ten"), "CAPACITY is 'ten'"),
        (lambda t: t.replace("DEPOT_SECTION\n1", "DEPOT_SECTION\n1\n2"), "exactly one"),
        (lambda t: t.replace("DEPOT_SECTION\n1", "DEPOT_SECTION\n7"), "exactly one"),
        (
            lambda t: t.replace("DEPOT_SECTION", "BACKHAUL_SECTION\n2\n-1\nDEPOT_SECTION"),
            "BACKHAUL is not known",
        ),
        (lambda t: t.replace("TYPE : CVRP", "what is this"), "not a VRPLIB file"),
        (lambda t: t.replace("DIMENSION : 3", "DIMENSION : three"), "needs"),
    ],
)
def test_a_wrong_vrplib_file_is_told_in_one_sentence(tmp_path, change, told):
    with pytest.raises(UserError) as error:
        read_vrplib(put(tmp_path, change(CVRP)))
    assert told in sentence(error)


finite = st.floats(0, 1000, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def instances(draw):
    """Instances that VRPLIB can say."""
    n = draw(st.integers(1, 5))
    table = np.array(
        [[0 if a == b else draw(finite) for b in range(n + 1)] for a in range(n + 1)], dtype=float
    )
    opens = np.array([draw(finite) for _ in range(n)])
    orders = Orders.from_depot(
        [str(k + 1) for k in range(n)], np.arange(1, n + 1), opens, opens + [draw(finite) for _ in range(n)],
        [draw(finite) for _ in range(n)], np.array([[draw(st.integers(0, 9))] for _ in range(n)]),
    )  # fmt: skip
    vehicle = VehicleType(
        "vehicle", draw(st.integers(1, 4)), (float(draw(st.integers(9, 99))),), closes=5000.0
    )
    x = np.array([draw(finite) for _ in range(n + 1)])
    places = Places(("depot", *orders.names), x, x[::-1].copy())
    return Instance("made", places, (Table(table, table),), orders, (vehicle,))


@settings(max_examples=25, deadline=None)
@given(instances())
def test_vrplib_gives_back_what_was_written(tmp_path_factory, instance):
    path = tmp_path_factory.mktemp("vrplib") / "a.vrp"
    write_vrplib(path, instance)
    again = read_any(path)
    assert np.array_equal(again.travel[0].durations, instance.travel[0].durations)
    assert again.vehicles == instance.vehicles
    assert again.orders.names == instance.orders.names
    for name in ("opens", "closes", "service", "size", "place"):
        assert np.array_equal(getattr(again.orders, name), getattr(instance.orders, name)), name
    assert np.array_equal(again.places.x, instance.places.x)
    plan = delivery_plan([[k] for k in range(instance.n_orders)], instance)
    write_solution(path.with_suffix(".sol"), instance, plan)
    back = read_solution(path.with_suffix(".sol"), again)
    assert back.routes == plan.routes
    assert back.stated_cost == pytest.approx(check(instance, plan).cost, abs=1e-5)


def test_what_vrplib_cannot_say_is_refused(tmp_path):
    with pytest.raises(UserError, match="several types of vehicles"):
        write_vrplib(tmp_path / "a.vrp", tiny())
    costly = replace(small(), vehicles=(replace(small().vehicles[0], fixed_cost=3.0),))
    with pytest.raises(UserError, match="costs other than distance"):
        write_vrplib(tmp_path / "a.vrp", costly)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Cost 3\n", "holds no route"),
        ("Route #1: 2\nCost 7\n", "visits customer 2"),
        ("Route #1: 0\nCost 7\n", "visits customer 0"),
        ("Route #1: 1 x\nCost 7\n", "is no route"),
        ("Route #1: 1\nCost seven\n", "give a number"),
    ],
)
def test_a_wrong_solution_is_told(tmp_path, text, told):
    with pytest.raises(UserError) as error:
        read_solution(put(tmp_path, text), small())
    assert told in sentence(error)


def test_a_solution_that_states_nan_is_read_and_not_believed(tmp_path):
    plan = read_solution(put(tmp_path, "Route #1: 1\nCost nan\n"), small())
    assert [violation.kind for violation in check(small(), plan).violations] == ["cost"]


# ---- VROOM

DURATIONS = [[0, 600, 900, 700], [650, 0, 400, 500], [950, 450, 0, 800], [720, 480, 810, 0]]


def problem():
    return {
        "vehicles": [
            {"id": 11, "start_index": 0, "end_index": 0, "capacity": [4], "time_window": [0, 40000], "costs": {"fixed": 500},
             "breaks": [{"id": 3, "service": 300, "time_windows": [[3000, 9000]]}]},
            {"id": 12, "profile": "bike", "start_index": 0, "capacity": [2], "costs": {"per_hour": 1800}},
        ],
        "jobs": [
            {"id": 1, "location_index": 1, "service": 60, "delivery": [1], "time_windows": [[3600, 7200]]},
            {"id": 2, "location_index": 2, "service": 60, "delivery": [2]},
            {"id": 5, "location_index": 3, "delivery": [1], "location": [3.06, 50.63]},
        ],
        "shipments": [
            {"amount": [1], "pickup": {"id": 4, "service": 30, "location_index": 3},
             "delivery": {"id": 3, "location_index": 1, "time_windows": [[0, 20000]]}},
        ],
        "matrices": {
            "car": {"durations": [list(row) for row in DURATIONS], "distances": (10 * np.array(DURATIONS)).tolist()},
            "bike": {"durations": (2 * np.array(DURATIONS)).tolist()},
        },
    }  # fmt: skip


def test_a_vroom_problem_means_what_vroom_means():
    instance = vroom_instance(problem())
    assert instance.orders.names == ("1", "2", "5", "4>3")
    assert instance.has_pickup.tolist() == [False, False, False, True]
    assert [v.name for v in instance.vehicles] == ["11", "12"]
    van, bike = instance.vehicles
    # by hand: 0 -> 3 (700) -> 1 (480) -> 2 (400) -> 0 (950) = 2530 s at 1 a second, and 500 for the vehicle
    verdict = check(instance, Plan((Route(0, (-1, 2, 7, 0, 3, 1)),)))
    assert verdict.valid
    assert verdict.cost == 3030
    # the bike ends where it likes: 0 -> 2 takes 1800 s at half a unit a second
    assert check(instance, Plan((Route(1, (1,)),), (0, 2, 3))).cost == 900
    assert instance.places.names[bike.end] == "anywhere"
    assert van.breaks[0].closes == 9000


def test_prices_by_distance_and_by_both():
    given = problem()
    for costs, expected in (
        ({"per_hour": 0, "per_km": 2}, 2 * 13),
        ({"per_hour": 3600, "per_km": 2}, 1300 + 2 * 13),
    ):
        given["vehicles"] = [{"id": 1, "start_index": 0, "end_index": 3, "capacity": [9], "costs": costs}]
        instance = vroom_instance(given)
        verdict = check(instance, Plan((Route(0, (0, 2)),), (1, 3)))  # 600 + 500 s, then nothing; 0 -> 1 -> 3
        distance = 600 + 500
        assert verdict.cost == pytest.approx(expected * distance / 1300)


def test_own_coordinates_without_a_matrix():
    given = {
        "vehicles": [{"id": 1, "start": [3.06, 50.63], "end": [3.06, 50.63]}],
        "jobs": [{"id": 1, "location": [3.06, 50.73]}],
    }
    instance = vroom_instance(given)
    verdict = check(instance, Plan((Route(0, (0,)),)))
    assert verdict.distance == pytest.approx(2 * 11119 * 1.3, rel=1e-3)
    assert verdict.cost == pytest.approx(
        verdict.duration, rel=1e-3
    )  # VROOM's price: one for each second of driving
    assert len(instance.places.names) == 2


def test_plans_go_out_and_come_back_in_vroom_form():
    raw = problem()
    instance = vroom_instance(raw)
    plan = Plan((Route(0, (-1, 2, 7, 0, 3)), Route(1, (1,))))
    out = json.loads(json.dumps(plan_to_vroom(instance, plan, raw)))
    assert plan_from_vroom(instance, out, raw) == plan
    first, second = out["routes"]
    assert [s.get("id") for s in first["steps"]] == [None, 3, 5, 4, 1, 3, None]
    assert [s["type"] for s in first["steps"]] == [
        "start",
        "break",
        "job",
        "pickup",
        "job",
        "delivery",
        "end",
    ]
    assert [s["load"] for s in first["steps"]] == [[2], [2], [1], [2], [1], [0], [0]]
    assert [s["type"] for s in second["steps"]] == ["start", "job"]  # it ends where it likes
    assert first["vehicle"] == 11
    assert out["summary"]["cost"] == first["cost"] + second["cost"] == round(check(instance, plan).cost)
    assert first["steps"][2]["location"] == [3.06, 50.63]


@pytest.mark.parametrize("seed", range(20))
def test_any_plan_goes_out_and_comes_back(seed):
    made = make(seed)
    out = json.loads(json.dumps(plan_to_vroom(made.instance, made.plan)))
    back = plan_from_vroom(made.instance, out)
    assert replace(back, stated_cost=made.cost) == made.plan
    assert check(made.instance, back).valid
    tasks = sum(2 if made.instance.has_pickup[i] else 1 for i in made.plan.unserved)
    assert out["summary"]["unassigned"] == len(out["unassigned"]) == tasks


def test_vroom_itself_agrees(tmp_path):
    vroom = pytest.importorskip("vroom", reason="the extra peers holds pyvroom")
    raw = problem()
    del raw["matrices"]["car"]["distances"]  # VROOM wants them for all profiles or none
    path = put(tmp_path, json.dumps(raw), "problem.json")
    assert recognise(path) == "vroom"
    solved = vroom.Input.from_json(path).solve(exploration_level=1, nb_threads=1).to_dict()
    instance = read_any(path)
    verdict = check(instance, plan_from_vroom(instance, solved, raw))
    assert verdict.valid
    assert verdict.cost == solved["summary"]["cost"]


def sayable(seed):
    """A made instance without what VROOM cannot say."""
    made = make(seed)
    n = made.instance.n_orders
    orders = made.instance.orders
    closes = np.where(np.isfinite(orders.late_cost), np.inf, orders.closes)
    orders = replace(orders, penalty=np.full(n, np.inf), late_cost=np.full(n, np.inf), closes=closes)
    vehicles = tuple(replace(v, cost_per_duration=0.0) for v in made.instance.vehicles)
    return replace(made.instance, orders=orders, vehicles=vehicles), replace(made.plan, stated_cost=None)


@pytest.mark.parametrize("seed", range(20))
def test_instances_go_out_and_come_back_in_vroom_form(seed):
    instance, plan = sayable(seed)
    raw = json.loads(json.dumps(vroom_problem(instance)))
    again = vroom_instance(raw)
    assert sorted(again.orders.size.tolist()) == sorted(instance.orders.size.tolist())
    assert len(again.vehicles) == sum(vehicle.number for vehicle in instance.vehicles)
    back = check(again, plan_from_vroom(again, plan_to_vroom(instance, plan), raw))
    whole = all(np.array_equal(t.durations, np.rint(t.durations)) for t in instance.travel)
    if whole:  # nothing was rounded: the plan means the same there and here
        here = check(instance, plan)
        assert {v.kind for v in back.violations} == {v.kind for v in here.violations}
        assert back.cost == pytest.approx(here.cost)


def test_vroom_solves_what_was_written_for_it(tmp_path):
    vroom = pytest.importorskip("vroom", reason="the extra peers holds pyvroom")
    path = put(tmp_path, json.dumps(vroom_problem(tiny())), "problem.json")
    solved = vroom.Input.from_json(path).solve(exploration_level=1, nb_threads=1).to_dict()
    verdict = check(tiny(), plan_from_vroom(tiny(), solved))
    assert verdict.valid
    assert verdict.cost == solved["summary"]["cost"]


def test_prices_that_are_not_whole_are_counted_in_hundredths():
    raw = vroom_problem(replace(tiny(), vehicles=(replace(tiny().vehicles[0], cost_per_distance=0.25),)))
    assert raw["vehicles"][0]["costs"] == {"fixed": 1000}
    assert raw["matrices"]["travel-0"]["costs"][0][1] == 50


def test_a_plan_that_is_too_late_is_not_written():
    late = replace(tiny(), orders=replace(tiny().orders, closes=np.full(4, 5.0), opens=np.zeros(4)))
    with pytest.raises(UserError) as error:
        plan_to_vroom(late, Plan((Route(0, (4, 5, 0, 1, 2, 3)),)))
    assert "too late" in sentence(error)


def test_what_vroom_cannot_say_is_refused():
    for instance, told in (
        (replace(tiny(), objective="vehicles_then_distance"), "vehicles first"),
        (replace(tiny(), vehicles=(replace(tiny().vehicles[0], cost_per_duration=1.0),)), "working time"),
        (replace(tiny(), orders=replace(tiny().orders, penalty=np.ones(4))), "left out"),
        (replace(tiny(), orders=replace(tiny().orders, late_cost=np.ones(4))), "soft windows"),
        (replace(tiny(), orders=replace(tiny().orders, size=np.full((4, 1), 0.5))), "whole numbers"),
    ):
        with pytest.raises(UserError) as error:
            vroom_problem(instance)
        assert told in sentence(error)


def drop(*path):
    """A problem without one of its keys."""

    def change(given):
        place = given
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return change


def put_in(value, *path):
    """A problem with one value changed."""

    def change(given):
        place = given
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put_in([1], "jobs", 0, "skills"), "job 1 asks for skills [1]"),
        (put_in(60, "jobs", 0, "setup"), "setup time"),
        (put_in([[0, 9], [20, 30]], "jobs", 0, "time_windows"), "2 time windows"),
        (put_in([[9, 0]], "jobs", 0, "time_windows"), "order 1: its window closes at 0 before it opens at 9"),
        (put_in([1], "jobs", 0, "pickup"), "brings goods back"),
        (put_in(-1, "jobs", 0, "service"), "order 1: the service"),
        (put_in("60", "jobs", 0, "service"), "'60'"),
        (put_in(9, "jobs", 0, "location_index"), "location_index 9"),
        (drop("jobs", 0, "location_index"), "location_index None"),
        (drop("jobs", 0, "id"), "the id None"),
        (put_in(2, "jobs", 0, "id"), "order 2: the name is given to 2 orders"),
        (put_in([1, 2], "jobs", 0, "delivery"), "amounts"),
        (put_in([1], "jobs", 0, "location"), "[longitude, latitude]"),
        (drop("shipments", 0, "pickup"), "pickup of a shipment"),
        (put_in(3, "vehicles", 0, "max_tasks"), "max_tasks"),
        (put_in([1, 1], "vehicles", 0, "capacity"), "capacity has 2 dimension(s)"),
        (put_in("plane", "vehicles", 0, "profile"), "profile plane"),
        (put_in(7, "vehicles", 0, "speed_factor"), "speed_factor 7"),
        (put_in([50, 10], "vehicles", 0, "time_window"), "shift ends at 10 before"),
        (put_in([], "vehicles"), "at least one vehicle"),
        (put_in("many", "vehicles"), "a list was expected"),
        (drop("vehicles", 1, "start_index"), "no start and no end"),
        (put_in({"fixed": 1, "per_stop": 3}, "vehicles", 0, "costs"), "per_stop"),
        (put_in({"per_km": 3}, "vehicles", 1, "costs"), "no distances"),
        (put_in([[0, 1], [2]], "matrices", "car", "durations"), "no square matrix"),
        (put_in([[0, 1], [2, 0]], "matrices", "car", "durations"), "one size"),
        (put_in(-5, "matrices", "car", "durations", 0, 1), "the duration from 0 to 1 is -5"),
        (put_in(float("nan"), "matrices", "car", "durations", 0, 1), "the duration from 0 to 1 is nan"),
        (put_in([{"id": 1, "max_load": [1]}], "vehicles", 0, "breaks"), "max_load"),
    ],
)
def test_what_cannot_be_planned_with_is_told_in_one_sentence(tmp_path, change, told):
    given = problem()
    change(given)
    path = put(tmp_path, json.dumps(given), "problem.json")
    with pytest.raises(UserError) as error:
        read_any(path)
    assert told in sentence(error)
    assert str(path) in str(error.value)


def test_other_json_and_other_text_are_told(tmp_path):
    for text, told in (
        ('{"vehicles": [', "not valid JSON"),
        ('{"a": 1}', "none of the known forms"),
        ("a;b\n1;2\n", "none of the known"),
    ):
        with pytest.raises(UserError) as error:
            read_any(put(tmp_path, text))
        assert told in sentence(error)


def test_a_solution_of_another_problem_is_told():
    instance = vroom_instance(problem())
    out = plan_to_vroom(instance, Plan((Route(0, (-1, 0)),), (1, 2, 3)))
    out["routes"][0]["steps"][2]["id"] = 99
    with pytest.raises(UserError, match="job 99"):
        plan_from_vroom(instance, out)
    with pytest.raises(UserError, match="no vehicle"):
        plan_from_vroom(instance, {"code": 2, "error": "no vehicle"})


def test_conventions_are_told_from_the_numbers(tmp_path):
    path = tmp_path / "a.vrp"
    for decimals, name in ((0, "integer"), (1, "dimacs"), (3, "double")):
        table = np.round(np.array([[0, 3.1234], [4.5678, 0]]), decimals)
        write_vrplib(path, replace(small(), travel=(Table(table, table),)))
        assert read_vrplib(path).convention.name == name
    assert isinstance(read_vrplib(path).convention, Convention)


def test_the_plan_of_a_run_goes_back_to_vroom(tmp_path):
    problem = tmp_path / "today.json"
    matrices = {"car": {"durations": [[0, 60], [70, 0]]}}
    vehicle = {"id": 5, "start_index": 0, "end_index": 0}
    raw = {"vehicles": [vehicle], "jobs": [{"id": 9, "location_index": 1}], "matrices": matrices}
    problem.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(UserError, match=r"holds no plan\.json"):
        run_to_vroom(tmp_path, problem)
    instance = read_vroom(problem)
    plan = plan_to_json(instance, Plan((Route(0, (0,)),), stated_cost=130.0))
    (tmp_path / "plan.json").write_text(json.dumps({"plans": [plan]}), encoding="utf-8")
    [route] = run_to_vroom(tmp_path, problem)["routes"]
    assert (route["vehicle"], route["steps"][1]["id"]) == (5, 9)
    other = problem.rename(tmp_path / "tomorrow.json")
    with pytest.raises(UserError, match="a plan for today, not for tomorrow"):
        run_to_vroom(tmp_path, other)


# ---- mistakes that were raw errors of Python


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"vehicles": [{"id": 1}], "matrices": [[0]]}', "matrices is"),
        ('{"vehicles": ' + "[" * 100_000, "not valid JSON"),
        (
            '{"vehicles": [{"id": 1, "start": [3, 50], "end": [3, 50]}, {"id": 1, "start": [3, 50], "end": [3, 50]}]}',
            "vehicle 1: the name is given to several",
        ),
    ],
    ids=["matrices", "brackets", "one id twice"],
)
def test_a_vroom_file_that_cannot_be_is_told_in_a_sentence(tmp_path, text, expected):
    with pytest.raises(UserError, match=expected) as error:
        read_any(put(tmp_path, text))
    sentence(error)


@pytest.mark.parametrize("cost", ["abc", 10**400, float("nan"), True])
def test_a_stated_cost_that_is_no_number_is_refused(cost):
    with pytest.raises(ValueError, match="states the cost"):
        plan_from_json(tiny(), {"routes": [], "unserved": [], "stated_cost": cost})


@pytest.mark.parametrize("number", [7, -1, "a", None])
def test_a_break_that_does_not_exist_is_refused(number):
    route = {"vehicle": tiny().vehicles[0].name, "stops": [{"action": "break", "number": number}]}
    with pytest.raises(ValueError, match="names the break"):
        plan_from_json(tiny(), {"routes": [route], "unserved": []})


def test_a_matrix_with_a_diagonal_counts_it_as_nothing(tmp_path, caplog):
    problem = {
        "vehicles": [{"id": 1, "start_index": 0, "end_index": 0}],
        "jobs": [{"id": 7, "location_index": 1}],
        "matrix": [[5, 60], [70, 5]],
    }
    instance = read_any(put(tmp_path, json.dumps(problem)))
    assert instance.travel[0].durations.tolist() == [[0, 60], [70, 0]]
    assert "counts as 0" in caplog.text


@pytest.mark.parametrize("convention", ["dimacs", "double"])
def test_solomon_goes_out_and_comes_back(tmp_path, convention):
    first = read_solomon(put(tmp_path, SOLOMON), convention=convention)
    write_solomon(tmp_path / "again.txt", first)
    again = read_solomon(tmp_path / "again.txt", convention=convention)
    assert (again.name, again.vehicles) == (first.name, first.vehicles)
    for name in ("names", "place", "opens", "closes", "service", "size"):
        np.testing.assert_array_equal(getattr(again.orders, name), getattr(first.orders, name))
    np.testing.assert_array_equal(again.travel[0].durations, first.travel[0].durations)


def test_what_solomon_cannot_say_is_told(tmp_path):
    one = read_solomon(put(tmp_path, SOLOMON))
    longer = one.travel[0].durations + 3
    table = Table(longer, longer)
    with pytest.raises(UserError, match=r"not those of its coordinates.*write_vrplib") as error:
        write_solomon(tmp_path / "a.txt", replace(one, travel=(table,)))
    sentence(error)
    closes = np.array([np.inf, 60.0])
    with pytest.raises(UserError, match="no limit of capacity or of time"):
        write_solomon(tmp_path / "a.txt", replace(one, orders=replace(one.orders, closes=closes)))

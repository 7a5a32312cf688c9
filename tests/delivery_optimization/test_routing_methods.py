"""Every routing method on problems of every kind: what it returns is a plan, by the independent checker."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
import pyvrp

from delivery_optimization.attempt import attempt
from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.examples import tiny
from delivery_optimization.instance import (
    DOUBLE,
    FROM_DEPOT,
    UNREACHABLE,
    Break,
    Instance,
    Orders,
    Places,
    Table,
    VehicleType,
)
from delivery_optimization.methods.insertion import Insertion
from delivery_optimization.methods.nearest import Nearest
from delivery_optimization.methods.ortools_solver import OrTools
from delivery_optimization.methods.pyvrp_model import model, penalty_params
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.methods.route_pool import RoutePool
from delivery_optimization.methods.vroom import Vroom
from delivery_optimization.plan import Plan, Route
from delivery_optimization.repair import repaired, wrong
from delivery_optimization.solution import Solution, Stop
from usecases.errors import UserError

METHODS = {
    "nearest": (Nearest(), Stop(iterations=1)),
    "insertion": (Insertion(), Stop(iterations=1)),
    "pyvrp": (PyVrp(), Stop(iterations=300)),
    "ortools": (OrTools(), Stop(iterations=30)),
}


def drawn(seed: int, *, n: int = 14, pickups: float = 0.5) -> Instance:
    """Draw an instance: two depots, vans and bikes, asymmetric travel in tenths, two dimensions of size."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 30, (2 * n + 2, 2))
    distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    duration = np.ceil(10 * distance * rng.uniform(1, 1.3, distance.shape)) / 10
    opens = rng.integers(20, 200, n).astype(float)
    paired = rng.random(n) < pickups
    orders = Orders(
        names=tuple(f"o{i}" for i in range(n)),
        place=np.arange(2, n + 2),
        opens=opens,
        closes=opens + 120,
        service=np.full(n, 3.5),
        size=np.stack([rng.integers(1, 4, n), rng.uniform(0.1, 1, n)], axis=1),
        pickup_place=np.where(paired, np.arange(n + 2, 2 * n + 2), FROM_DEPOT),
        pickup_opens=np.zeros(n),
        pickup_closes=opens + 60,
        pickup_service=np.full(n, 1.5),
        penalty=np.full(n, np.inf),
        late_cost=np.full(n, np.inf),
    )
    van = VehicleType("van", n, (8.0, 3.0), 0, 0, closes=400.0, fixed_cost=30, cost_per_distance=1.1)
    bike = VehicleType(
        "bike", n, (4.0, 1.5), 1, 1, closes=300.0, fixed_cost=5, cost_per_distance=0.4, travel=1
    )
    return Instance(
        f"drawn{seed}",
        Places(tuple(str(k) for k in range(len(places))), places[:, 0], places[:, 1]),
        (Table(duration, distance), Table(1.5 * duration, distance)),
        orders,
        (van, replace(bike, cost_per_duration=0.05)),
        convention=replace(DOUBLE, scale=100),
    )


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_a_drawn_instance_is_served_at_the_stated_cost(name, seed):
    instance = drawn(seed, pickups=(0.0, 0.5, 1.0)[seed])
    method, stop = METHODS[name]
    solution = method.solve(instance, stop=stop, seed=seed)
    verdict = check(instance, solution.plan)
    assert verdict.valid, verdict.violations[:3]
    assert solution.plan.stated_cost == pytest.approx(verdict.cost)
    assert solution.trace[-1][1] == pytest.approx(verdict.cost, rel=0.03)
    assert solution.reproducible


def test_solvers_beat_the_floors():
    cost = {}
    for name, (method, stop) in METHODS.items():
        cost[name] = np.mean(
            [method.solve(drawn(seed), stop=stop, seed=0).plan.stated_cost for seed in range(2)]
        )
    assert max(cost["pyvrp"], cost["ortools"]) < cost["insertion"] < cost["nearest"]
    assert abs(cost["pyvrp"] / cost["ortools"] - 1) < 0.1


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("n", [0, 1])
def test_no_order_and_one_order(name, n):
    instance = tiny().restricted(range(n))
    method, stop = METHODS[name]
    assert check(instance, method.solve(instance, stop=stop, seed=0).plan).valid


@pytest.mark.parametrize("name", METHODS)
def test_no_vehicle_an_order_too_large_and_a_place_out_of_reach(name):
    method, stop = METHODS[name]
    one = tiny()
    nobody = replace(one, vehicles=tuple(replace(v, number=0) for v in one.vehicles))
    large = replace(one, orders=replace(one.orders, size=np.array([[1.0], [1.0], [99.0], [1.0]])))
    cut = np.where(np.arange(5) == 4, UNREACHABLE, one.travel[0].durations)
    island = replace(one, travel=(Table(cut, cut), Table(2 * cut, cut)))
    for instance, unserved in ((nobody, (0, 1, 2, 3)), (large, (2,)), (island, (2,))):
        found = attempt(method, instance, stop=stop, seed=0)
        assert found.error is None
        assert found.solution.plan.unserved == unserved
        assert check(instance, found.solution.plan).partial
        assert found.solution.notes


def test_ortools_takes_breaks_and_the_others_refuse():
    one = tiny()
    tired = replace(one, vehicles=tuple(replace(v, breaks=(Break(5, 20, 10.0),)) for v in one.vehicles))
    plan = OrTools().solve(tired, stop=Stop(iterations=30)).plan
    assert check(tired, plan).valid
    assert any(stop == -1 for route in plan.routes for stop in route.stops)
    for name in ("nearest", "insertion", "pyvrp"):
        with pytest.raises(UserError, match=r"breaks.*method=ortools"):
            METHODS[name][0].solve(tired, stop=METHODS[name][1], seed=0)


@pytest.mark.parametrize("stop", [Stop(iterations=30), Stop(seconds=1)], ids=["iterations", "seconds"])
def test_ortools_takes_no_break_on_the_way(stop):
    """One order an hour away, a break in the middle of that hour: only the vehicle without a break is on time."""
    table = Table(np.array([[0.0, 60.0], [60.0, 0.0]]), np.array([[0.0, 60.0], [60.0, 0.0]]))
    orders = Orders.from_depot(["A"], [1], [150], [155], [5], [[1]])
    fleet = (
        VehicleType("break", 1, (9.0,), closes=400.0, breaks=(Break(100.0, 100.0, 10.0),)),
        VehicleType("dear", 1, (9.0,), closes=400.0, cost_per_distance=3.0),
    )
    one = Instance("b", Places(("d", "a"), np.zeros(2), np.zeros(2)), (table,), orders, fleet)
    plan = OrTools().solve(one, stop=stop).plan
    assert check(one, plan).valid
    assert plan.routes == (Route(1, (0,)),)


def test_cheap_lateness_is_not_free():
    """Prices below one half, where all other costs are whole numbers: ten times all prices, ten times the cost."""
    one = drawn(3)
    orders = replace(one.orders, closes=one.orders.opens, late_cost=np.full(one.n_orders, 0.4))

    def priced(times: float) -> Instance:
        fleet = [
            replace(v, cost_per_distance=times, cost_per_duration=0.0, fixed_cost=10 * times)
            for v in one.vehicles
        ]
        late = replace(orders, late_cost=times * orders.late_cost)
        return replace(one, orders=late, vehicles=tuple(fleet), convention=replace(DOUBLE, scale=1))

    costs = [OrTools().solve(i, stop=Stop(iterations=50)).plan.stated_cost for i in (priced(1), priced(10))]
    assert costs[1] == pytest.approx(10 * costs[0], rel=0.05)


def test_soft_windows_cost_what_they_say():
    one = tiny()
    late_cost = np.array([np.inf, np.inf, 2.0, 0.5])
    soft = replace(one, orders=replace(one.orders, closes=np.array([60, 60, 10.0, 3.0]), late_cost=late_cost))
    for name in ("insertion", "ortools"):
        plan = METHODS[name][0].solve(soft, stop=METHODS[name][1]).plan
        assert check(soft, plan).valid
        assert plan.stated_cost == pytest.approx(check(soft, plan).cost)
    with pytest.raises(UserError, match="soft windows"):
        PyVrp().solve(soft, stop=Stop(iterations=5))


@pytest.mark.parametrize("name", ["pyvrp", "ortools"])
def test_an_order_may_be_left_out_at_its_price(name):
    one = tiny()
    cheap = replace(one, orders=replace(one.orders, penalty=np.array([0.5, np.inf, 1000.0, 3.0])))
    plan = METHODS[name][0].solve(cheap, stop=Stop(iterations=5000 if name == "pyvrp" else 50), seed=0).plan
    assert plan.unserved == (0, 3)
    assert plan.stated_cost == pytest.approx(17.5)


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_goes_to_pyvrp_and_back(seed):
    instance = drawn(seed, pickups=(0.0, 0.5, 1.0)[seed])
    plan = Insertion().solve(instance, stop=Stop(iterations=1)).plan
    made = model(instance)
    translated = made.solution(plan)
    assert translated.is_feasible()
    back = made.plan(translated)
    assert sorted(back.routes, key=lambda r: r.stops) == sorted(plan.routes, key=lambda r: r.stops)
    assert back.stated_cost == pytest.approx(plan.stated_cost)
    started = PyVrp().solve(instance, stop=Stop(iterations=1), seed=0, start=plan).plan
    assert started.stated_cost <= plan.stated_cost * 1.001


def test_infinite_windows_and_capacities():
    one = tiny()
    never = np.full(4, np.inf)
    free = replace(
        one,
        vehicles=(replace(one.vehicles[0], capacity=(np.inf,), closes=np.inf),),
        orders=replace(one.orders, closes=never, pickup_closes=never),
    )
    peers = [(Vroom(), Stop(iterations=1))] if importlib.util.find_spec("vroom") else []  # the extra `peers`
    for method, stop in (*METHODS.values(), *peers):
        assert check(free, method.solve(free, stop=stop, seed=0).plan).valid


def test_vehicles_first_uses_fewer_of_them():
    one = drawn(0, pickups=0.0)
    few = replace(one, objective="vehicles_then_distance")
    plain = replace(one, vehicles=tuple(replace(v, fixed_cost=0.0) for v in one.vehicles))
    for name in ("pyvrp", "ortools"):
        method, stop = METHODS[name]
        n_few = len(method.solve(few, stop=stop, seed=0).plan.routes)
        assert n_few <= len(method.solve(plain, stop=stop, seed=0).plan.routes)
        assert n_few == 4  # 14 orders whose sizes fill a little more than three vans


def test_vroom_agrees_on_a_small_problem():
    pytest.importorskip("vroom")
    found = Vroom().solve(tiny(), stop=Stop(iterations=5))
    assert found.plan.stated_cost == pytest.approx(26.0)
    with pytest.raises(UserError, match="pays for time"):
        Vroom().solve(drawn(1), stop=Stop(iterations=1))


def test_vroom_that_is_not_installed_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "vroom", None)
    with pytest.raises(UserError, match=r"usecases\[peers\]"):
        Vroom().solve(tiny(), stop=Stop(iterations=1))


def test_an_unknown_rule_is_a_sentence():
    with pytest.raises(UserError, match="did you mean 'SAVINGS'"):
        OrTools(first=("SAVING",))


class Careless:
    """Returns a plan that is wrong, or fails, by the name of the instance."""

    def solve(self, instance, *, stop, seed):
        if instance.name == "bad luck":
            raise ZeroDivisionError("by zero")
        return Solution(Plan((Route(0, (0, 4, 5, 1, 2, 3)),)))


def test_a_wrong_plan_is_repaired_and_said():
    found = attempt(Careless(), tiny(), stop=Stop(iterations=1), seed=0)
    assert check(tiny(), found.solution.plan).valid
    assert any("valid" in note.en for note in found.solution.notes)
    failed = attempt(Careless(), replace(tiny(), name="bad luck"), stop=Stop(iterations=1), seed=0)
    assert failed.solution.plan.unserved == (0, 1, 2, 3)
    assert "by zero" in failed.error


@pytest.mark.parametrize("seed", range(5))
def test_repair_gives_a_valid_plan_whatever_was_broken(seed):
    instance = drawn(seed)
    rng = np.random.default_rng(seed)
    good = Insertion().solve(instance, stop=Stop(iterations=1)).plan
    routes = [list(route.stops) for route in good.routes]
    routes[0] += routes[1][:1]  # twice, or half an order
    rng.shuffle(routes[-1])
    broken = Plan(tuple(Route(r.vehicle, tuple(s)) for r, s in zip(good.routes, routes, strict=True)))
    assert wrong(instance, broken)
    mended = repaired(instance, broken)
    assert not wrong(instance, mended)


def test_money_is_counted_in_fine_coins_and_plans_stay_on_time():
    """The cost that PyVRP sees is ours to a tenth of a percent, and its penalties grow with its coins."""
    instance = City(n_orders=20).read(seed=1).instances[0]
    for method in (PyVrp(), RoutePool()):
        solution = method.solve(instance, stop=Stop(iterations=300), seed=0)
        assert check(instance, solution.plan).valid
        assert solution.trace[-1][1] == pytest.approx(solution.plan.stated_cost, rel=0.001)
    made = model(instance)
    assert penalty_params(made).max_penalty == pytest.approx(5000 * 1000, rel=0.01)
    plain = replace(
        instance,
        vehicles=tuple(replace(v, cost_per_distance=1, cost_per_duration=0) for v in instance.vehicles),
    )
    assert penalty_params(model(plain), solutions_between_updates=7) == pyvrp.PenaltyParams(7)


def test_penalties_never_outgrow_64_bits():
    instance = replace(drawn(1), convention=DOUBLE)
    table = np.full_like(instance.travel[0].durations, UNREACHABLE)
    made = model(replace(instance, travel=(Table(table, table),) * 2))
    assert penalty_params(made).max_penalty * 1e4 * UNREACHABLE * instance.n_stops < 2**63


def test_load_weighs_more_than_a_vehicle_where_vehicles_come_first():
    few = replace(drawn(0), objective="vehicles_then_distance", convention=DOUBLE)
    kind = model(few).data.vehicle_type(0)
    assert kind.capacity[0] * pyvrp.PenaltyParams().max_penalty >= 8 * kind.fixed_cost  # it takes 8 units


@pytest.mark.parametrize("name", ["pyvrp", "ortools"])
def test_too_many_places_for_whole_tables_are_refused_at_once(name, monkeypatch):
    monkeypatch.setattr("delivery_optimization.methods.integers.MOST_PLACES", 3)
    with pytest.raises(
        UserError, match=rf"\d places, method={name} .* use method=sectors, or method=nearest"
    ):
        METHODS[name][0].solve(tiny(), stop=Stop(iterations=1))


def test_repair_keeps_what_a_courier_with_a_break_can_drive():
    courier = replace(tiny().vehicles[0], breaks=(Break(5.0, 50.0, 3.0),))
    instance = replace(tiny(), vehicles=(courier, tiny().vehicles[1]))
    mended = repaired(instance, Plan((Route(0, (4, 5, -1, 0, 1, 1, 99)), Route(7, (3,))), (2,)))
    assert not wrong(instance, mended)
    assert mended.routes[0].stops == (4, 5, -1, 0, 1)
    assert mended.unserved == (2, 3)


def test_a_penalty_at_its_bound_is_not_told_to_a_person(recwarn):
    import warnings

    import pyvrp

    penalty_params(model(tiny()))
    warnings.warn("bound", pyvrp.exceptions.PenaltyBoundWarning, stacklevel=1)
    assert not recwarn.list

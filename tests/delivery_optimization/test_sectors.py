"""Days cut into sectors: nothing is lost at the borders, vehicles are not used twice, workers do not change the result."""

from __future__ import annotations

from dataclasses import replace

import joblib
import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break, Crow, Instance, Orders, Places, Table, VehicleType
from delivery_optimization.methods.insertion import Insertion
from delivery_optimization.methods.sectors import Sectors, _Run
from delivery_optimization.methods.sectors_borders import FULL, clustered, order_points, swept
from delivery_optimization.methods.sectors_part import fleet_used, part, shared_out
from delivery_optimization.plan import Plan
from delivery_optimization.solution import Stop
from usecases.errors import UserError

SMALL = Sectors(sector_orders=16, rounds=2)


def depots(seed: int = 0, *, n: int = 48, number: int = 4, penalty: float = np.inf) -> Instance:
    """Orders of size 1 around three depots, vans that hold six; asymmetric travel, windows for every second order."""
    rng = np.random.default_rng(seed)
    place = np.concatenate([[[0, 0], [20, 0], [10, 18]], rng.uniform(-5, 25, (n, 2))])
    distance = np.round(np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)), 1)
    opens = np.where(np.arange(n) % 2, rng.uniform(0, 60, n).round(), 0.0)
    closes = np.where(np.arange(n) % 2, opens + 60, 200.0)
    names = [f"o{i}" for i in range(n)]
    orders = Orders.from_depot(names, np.arange(3, n + 3), opens, closes, np.full(n, 2.0), np.ones((n, 1)))
    orders = replace(orders, penalty=np.full(n, penalty))
    vans = tuple(
        VehicleType(
            f"depot {k}", number, (6.0,), k, k, closes=200.0, fixed_cost=20.0 + k, carrier="Nord" if k else ""
        )
        for k in range(3)
    )
    travel = Table(np.ceil(distance * rng.uniform(1, 1.2, distance.shape)), distance)
    places = Places(tuple(str(k) for k in range(len(place))), place[:, 0], place[:, 1])
    return Instance(f"depots{seed}", places, (travel,), orders, vans)


def city(**wish: object) -> Instance:
    return City(**wish).read(seed=100).instances[0]


@pytest.mark.parametrize("borders", ["barycentre", "sweep"])
def test_several_depots_every_order_once_no_vehicle_twice(borders: str) -> None:
    instance = depots()
    method = Sectors(sector_orders=16, rounds=3, borders=borders)
    solution = method.solve(instance, stop=Stop(iterations=900), seed=1)
    verdict = check(instance, solution.plan)
    assert verdict.valid, verdict.violations[:3]
    assert solution.plan.stated_cost == pytest.approx(verdict.cost)
    assert {route.vehicle for route in solution.plan.routes} == {0, 1, 2}
    floor = Insertion().solve(instance, stop=Stop(iterations=1)).plan.stated_cost
    assert verdict.cost < 0.97 * floor
    costs = [cost for _, cost in solution.trace]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(floor)
    assert costs[-1] == pytest.approx(verdict.cost)
    assert solution.reproducible
    assert 0.9 * 900 <= solution.iterations <= 1.1 * 900


def test_shops_with_carriers_shifts_and_bikes() -> None:
    instance = city(n_orders=60)
    start = Insertion().solve(instance, stop=Stop(iterations=1)).plan
    solution = SMALL.solve(instance, stop=Stop(iterations=300), seed=0)
    verdict = check(instance, solution.plan)
    assert verdict.valid
    assert verdict.cost < start.stated_cost
    assert instance.has_pickup.all()
    mine = SMALL.solve(instance, stop=Stop(iterations=200), seed=0, start=solution.plan)
    assert mine.plan.stated_cost <= verdict.cost + 1e-6


def test_two_workers_give_the_plan_of_one_and_their_seconds_count() -> None:
    instance = depots()
    alone = SMALL.solve(instance, stop=Stop(iterations=300), seed=3)
    with joblib.parallel_config(backend="loky", n_jobs=2):
        both = SMALL.solve(instance, stop=Stop(iterations=300), seed=3)
        timed = SMALL.solve(instance, stop=Stop(seconds=0.6), seed=3)
    assert alone.plan == both.plan
    assert alone.iterations == both.iterations
    assert SMALL.solve(instance, stop=Stop(iterations=300), seed=4).plan != alone.plan
    assert check(instance, timed.plan).valid
    assert not timed.reproducible
    assert 0.5 < timed.cpu_s < 1.2


def test_a_fleet_that_is_too_small_leaves_orders_out_and_says_so() -> None:
    instance = depots(number=2)
    solution = SMALL.solve(instance, stop=Stop(iterations=200), seed=0)
    verdict = check(instance, solution.plan)
    assert verdict.partial, verdict.violations[:3]
    assert len(solution.plan.unserved) == 48 - 3 * 2 * 6 == len(verdict.violations)
    assert solution.trace == ()
    assert "12 order(s)" in solution.notes[0].en
    none = replace(instance, vehicles=tuple(replace(v, number=0) for v in instance.vehicles))
    assert len(SMALL.solve(none, stop=Stop(iterations=10)).plan.unserved) == 48


def test_orders_that_may_be_left_out_change_sides() -> None:
    cheap = depots(penalty=3.0)
    solution = SMALL.solve(cheap, stop=Stop(iterations=400), seed=0)
    verdict = check(cheap, solution.plan)
    assert verdict.valid
    assert len(solution.plan.unserved) > 12
    dear = depots(penalty=1000.0)
    left = Plan((), tuple(range(48)))
    start = replace(left, routes=Insertion().solve(dear, stop=Stop(iterations=1)).plan.routes[:-2])
    served = {stop for route in start.routes for stop in route.stops}
    start = replace(start, unserved=tuple(i for i in range(48) if i not in served))
    assert start.unserved
    plan = SMALL.solve(dear, stop=Stop(iterations=400), seed=0, start=start).plan
    assert check(dear, plan).valid
    assert not plan.unserved


def test_places_without_coordinates_and_vehicles_that_come_first() -> None:
    instance = depots()
    nowhere = np.full(len(instance.places.names), np.nan)
    blind = replace(instance, places=replace(instance.places, x=nowhere, y=nowhere))
    assert np.isfinite(order_points(blind)).all()
    counted = replace(blind, objective="vehicles_then_distance", vehicles=tuple(
        replace(vehicle, fixed_cost=0.0) for vehicle in blind.vehicles))  # fmt: skip
    solution = SMALL.solve(counted, stop=Stop(iterations=400), seed=0)
    verdict = check(counted, solution.plan)
    assert verdict.valid
    assert verdict.vehicles <= 9


@pytest.mark.parametrize("n", [0, 1, 20])
def test_one_sector_or_less(n: int) -> None:
    instance = depots(n=n)
    solution = SMALL.solve(instance, stop=Stop(iterations=300), seed=5)
    assert check(instance, solution.plan).valid
    assert solution.iterations == (300 if n else 0)
    floor = Insertion().solve(instance, stop=Stop(iterations=1)).plan.stated_cost
    assert solution.plan.stated_cost <= floor * (1 if n < 20 else 0.97)


def test_one_sector_begins_anew_where_insertion_leaves_orders_out() -> None:
    whole = depots(2, n=9, number=1)  # three vans of nine, three orders of four, of three, of two
    orders = replace(whole.orders, size=np.array([[4.0], [3.0], [2.0]] * 3), opens=np.zeros(9))
    vans = tuple(replace(vehicle, capacity=(9.0,)) for vehicle in whole.vehicles)
    tight = replace(whole, orders=replace(orders, closes=np.full(9, 200.0)), vehicles=vans)
    left = Insertion().solve(tight, stop=Stop(iterations=1)).plan
    assert left.unserved
    assert check(tight, SMALL.solve(tight, stop=Stop(iterations=300), seed=0, start=left).plan).valid


def test_what_it_does_not_plan_is_said_in_a_sentence() -> None:
    instance = depots()
    pause = replace(instance.vehicles[0], breaks=(Break(10.0, 20.0, 5.0),))
    with pytest.raises(UserError, match="method=sectors"):
        SMALL.solve(replace(instance, vehicles=(pause,)), stop=Stop(iterations=1))
    soft = replace(instance, orders=replace(instance.orders, late_cost=np.ones(48)))
    with pytest.raises(UserError, match="soft windows"):
        SMALL.solve(soft, stop=Stop(iterations=1))
    for wrong in ({"rounds": 0}, {"sector_orders": 2.5}, {"borders": "barycenter"}):
        with pytest.raises(UserError, match=f"method.{next(iter(wrong))}="):
            Sectors(**wrong)  # type: ignore[arg-type]


def test_a_sector_has_tables_of_its_own_and_finds_the_way_back() -> None:
    instance = city(n_orders=60)
    routes = Insertion().solve(instance, stop=Stop(iterations=1)).plan.routes[:3]
    used = fleet_used(routes, len(instance.vehicles))
    orders = sorted({stop % 60 for route in routes for stop in route.stops})
    sector = part(instance, orders, used)
    assert sector.outside(sector.inside(routes)) == routes
    assert sector.instance.travel[0].durations.dtype == np.float32
    assert len(sector.instance.places.names) <= 2 * len(orders) + 3
    inside = check(sector.instance, sector.inside(routes))
    assert inside.valid
    others = tuple(i for i in range(60) if i not in orders)
    assert inside.cost == pytest.approx(check(instance, Plan(routes, others)).cost)
    thirds = replace(tiny(), travel=tuple(Table(t.durations / 3, t.distances) for t in tiny().travel))
    assert part(thirds, [0, 1], [1, 1]).instance.travel[0].durations.dtype == np.float64


def test_memory_grows_with_the_sector_not_with_the_day() -> None:
    rng = np.random.default_rng(0)
    n = 20_000  # two tables of all places would take 6.4 GB
    places = Places(tuple(map(str, range(n + 1))), *rng.uniform(0, 0.5, (2, n + 1)), geographic=True)
    orders = Orders.from_depot(
        places.names[1:], np.arange(1, n + 1), np.zeros(n), np.full(n, 9e4), np.ones(n), np.ones(n)
    )
    van = VehicleType("van", 100, (200.0,), closes=9e4)
    whole = Instance("many", places, (Crow(places.y, places.x, speed=10.0),), orders, (van,))
    sector = part(whole, range(100, 200), [2])
    assert sector.instance.travel[0].durations.shape == (101, 101)


def test_borders_are_balanced_and_move_with_the_seed() -> None:
    points = np.random.default_rng(0).uniform(0, 10, (200, 2))
    for rule in (clustered, swept):
        groups = [rule(points, np.ones(200), 8, seed) for seed in (0, 1)]
        for group in groups:
            assert len(np.bincount(group)) == 8
            assert np.bincount(group).max() <= FULL * 200 / 8
        same = [group[:, None] == group[None, :] for group in groups]
        assert 0.02 < (same[0] != same[1]).mean() < 0.25
    one = replace(depots(), vehicles=depots().vehicles[:1])
    chosen = [_Run(SMALL, instance, Stop(iterations=1), 0).borders for instance in (one, depots())]
    assert chosen == [swept, clustered]
    assert clustered(np.zeros((5, 2)), np.ones(5), 3, 0).tolist() == [0] * 5


def test_free_vehicles_go_to_one_sector_each() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        taken = rng.integers(0, 4, (5, 3))
        fleet = taken.sum(axis=0) + rng.integers(0, 7, 3)
        given = shared_out(fleet, rng.uniform(1, 9, 5), taken)
        assert (given >= taken).all()
        assert (given.sum(axis=0) == fleet).all()

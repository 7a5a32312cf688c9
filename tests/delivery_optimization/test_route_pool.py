"""The best method of routing: set partitioning against brute force, and what the pool makes of routes from several searches."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Instance, Orders, Places, Table, VehicleType
from delivery_optimization.methods.pyvrp_model import model
from delivery_optimization.methods.route_pool import RoutePool, _Run
from delivery_optimization.methods.route_pool_search import Pool, solution_cost
from delivery_optimization.methods.set_partitioning import Columns, choice_cost, set_partitioning
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Stop


def random_columns(seed: int, optional: bool) -> tuple[Columns, np.ndarray]:
    """Eleven columns over five orders and two vehicle types; the first choice is feasible."""
    rng = np.random.default_rng(seed)
    orders = (rng.random((8, 5)) < 0.4).astype(float)
    orders[orders.sum(axis=1) == 0, 0] = 1
    rows = np.vstack([[[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]], orders])
    cost = np.concatenate([[60, 60, 60], rng.integers(5, 50, 8)])
    vehicle = np.concatenate([[0, 0, 1], rng.integers(0, 2, 8)])
    skip = np.where(rng.random(5) < 0.5, 20.0, np.inf) if optional else np.full(5, np.inf)
    return Columns(cost, csr_array(rows), vehicle, np.array([2, 1]), skip), np.arange(3)


def cheapest(columns: Columns) -> float:
    """By enumeration."""
    best = np.inf
    for size in range(len(columns.cost) + 1):
        for chosen in map(list, itertools.combinations(range(len(columns.cost)), size)):
            served = columns.orders[chosen].sum(axis=0) if chosen else np.zeros(columns.orders.shape[1])
            used = np.bincount(columns.vehicle[chosen], minlength=2) if chosen else np.zeros(2)
            if served.max() <= 1 and (used <= columns.numbers).all():
                best = min(best, float(columns.cost[chosen].sum() + columns.skip_cost[served == 0].sum()))
    return best


@pytest.mark.parametrize("optional", [False, True])
def test_set_partitioning_is_exact_on_small_pools(optional):
    improved = 0
    for seed in range(6):
        columns, start = random_columns(seed, optional)
        chosen, _ = set_partitioning(columns, start)
        assert choice_cost(columns, chosen) == pytest.approx(cheapest(columns))
        assert columns.orders[chosen].sum(axis=0).max() <= 1
        assert (np.bincount(columns.vehicle[chosen], minlength=2) <= columns.numbers).all()
        improved += list(chosen) != list(start)
    assert improved > 2  # the cases are not trivial


def two_depots() -> Instance:
    """Six orders on a line between two depots; one cheap van at the left depot, two dear ones at the right; one order optional."""
    x = np.array([0.0, 100.0, 10.0, 20.0, 30.0, 70.0, 80.0, 90.0])
    distance = np.abs(x[:, None] - x[None, :])
    orders = Orders.from_depot(
        list("ABCDEF"), np.arange(2, 8), np.zeros(6), np.full(6, 500.0), np.ones(6), np.ones((6, 1))
    )
    penalty = orders.penalty.copy()
    penalty[5] = 1.0
    return Instance(
        "two depots",
        Places(tuple("LR234567"), x, np.zeros(8)),
        (Table(distance, distance),),
        replace(orders, penalty=penalty),
        (
            VehicleType("left", 1, (3.0,), 0, 0, closes=1000.0),
            VehicleType("right", 2, (2.0,), 1, 1, closes=1000.0, fixed_cost=5.0, cost_per_distance=2.0),
        ),
    )


def test_two_depots_two_types_and_an_optional_order():
    instance = two_depots()
    solution = RoutePool().solve(instance, stop=Stop(iterations=300), seed=1)
    verdict = check(instance, solution.plan)
    assert not verdict.violations
    # left van serves A, B, C (60); one right van serves E, D (5 + 2 x 60); F is not worth its detour
    assert verdict.cost == pytest.approx(60 + 125 + 1)
    assert solution.reproducible
    assert solution.iterations <= 301


def test_pickups_and_the_same_plan_again():
    first = RoutePool().solve(tiny(), stop=Stop(iterations=200), seed=3)
    again = RoutePool().solve(tiny(), stop=Stop(iterations=200), seed=3)
    assert not check(tiny(), first.plan).violations
    assert first.plan == again.plan
    assert first.plan.stated_cost == 26.0


def test_the_pool_recombines_routes_of_two_plans():
    """Two plans, each with one good half: the pool makes the plan of the two good halves."""
    instance = two_depots()
    made = model(instance)
    good_left, bad_left = Route(0, (0, 1, 2)), Route(0, (1, 0, 2))
    good_right, bad_right = Route(1, (4, 3)), Route(1, (3,))
    pool = Pool(made)
    one = made.solution(Plan((good_left, bad_right, Route(1, (4,))), (5,)))
    two = made.solution(Plan((bad_left, good_right), (5,)))
    pool.add(one)
    pool.add(two)
    best = min(one, two, key=solution_cost)
    mixed = pool.recombine(best, effort=0.1)
    assert solution_cost(mixed) < solution_cost(best)
    assert set(made.plan(mixed).routes) == {good_left, good_right}
    assert pool.recombine(mixed, effort=0.1) is mixed  # nothing better in the pool


def test_an_infeasible_route_never_enters_a_plan():
    instance = two_depots()
    made = model(instance)
    pool = Pool(made)
    start = made.solution(Plan((Route(0, (0, 1, 2)), Route(1, (4, 3))), (5,)))
    overloaded = made.solution(
        Plan((Route(0, (0, 1, 2, 4, 3)),), (5,))
    )  # cheaper, but five in a van of three
    assert solution_cost(overloaded) < solution_cost(start)
    assert not overloaded.is_feasible()
    pool.add(overloaded)
    assert pool.recombine(start, effort=0.1) is start


@pytest.mark.parametrize("kept", [[], [1]])
def test_no_order_and_one_order(kept):
    instance = tiny().restricted(np.array(kept, dtype=int))
    solution = RoutePool().solve(instance, stop=Stop(iterations=20), seed=0)
    assert not check(instance, solution.plan).violations
    assert len(solution.plan.routes) == len(kept)


def test_orders_that_nobody_wants_stay_where_they_are():
    """All penalties below the cheapest detour: the best plan has no route at all."""
    instance = two_depots()
    lazy = replace(instance, orders=replace(instance.orders, penalty=np.full(6, 0.5)))
    solution = RoutePool().solve(lazy, stop=Stop(iterations=50), seed=0)
    assert solution.plan.routes == ()
    assert check(lazy, solution.plan).cost == pytest.approx(3.0)


def test_it_uses_its_seconds_and_no_more():
    """Where every offspring is a plan that is known, too: six orders have few plans."""
    solution = RoutePool().solve(two_depots(), stop=Stop(seconds=0.4), seed=1)
    assert 0.4 <= solution.cpu_s < 0.45
    assert not solution.reproducible


def test_the_population_keeps_the_cheapest_plans_once_each():
    run = _Run(RoutePool(population=2), two_depots(), Stop(iterations=1), seed=0)
    left = [Route(0, (0, 1, 2)), Route(0, (1, 0, 2))]
    right = [(Route(1, (4, 3)),), (Route(1, (3,)), Route(1, (4,)))]
    plans = [run.made.solution(Plan((a, *b), (5,))) for a in left for b in right]
    overloaded = run.made.solution(Plan((Route(0, (0, 1, 2, 4, 3)),), (5,)))
    for plan in [*plans, *plans, overloaded]:
        run.join(plan)
    costs = sorted({solution_cost(plan) for plan in plans})
    assert len(costs) > 2
    assert sorted(run.plans) == costs[:2]
    assert solution_cost(run.best) == costs[0]


def test_time_that_is_over_before_the_first_search_still_gives_a_plan() -> None:
    instance = City(n_orders=12).read(0).instances[0]
    found = RoutePool().solve(instance, stop=Stop(seconds=1e-6), seed=0)
    assert check(instance, found.plan).valid
    assert "time was over" in found.notes[-1].en


def test_a_start_with_fewer_vehicles_is_a_plan_of_the_whole_instance() -> None:
    instance = tiny()
    alike = replace(instance, vehicles=(replace(instance.vehicles[0], number=4, fixed_cost=0.0),))
    run = _Run(RoutePool(), alike, Stop(iterations=400), 0)
    apart = Plan(tuple(Route(0, stops) for stops in ((4, 0), (5, 1), (2,), (3,))))
    assert check(alike, apart).valid
    run.join(run.made.solution(apart))
    assert run.fleet == 4
    found = run.fewer()
    assert found.num_routes() <= 3
    assert check(alike, run.made.plan(found)).valid
    assert run.fleet <= 3  # it joined the population
    several = _Run(RoutePool(), instance, Stop(iterations=400), 0)
    several.search(several.random())
    assert several.fleet == 0  # vans and bikes: which of them to do without is another question

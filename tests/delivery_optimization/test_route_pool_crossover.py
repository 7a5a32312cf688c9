"""Crossover of two plans: what an offspring inherits, and that no order is ever served twice."""

from __future__ import annotations

import numpy as np
import pytest

from delivery_optimization.examples import tiny
from delivery_optimization.instance import Instance, Orders, Places, Table, VehicleType
from delivery_optimization.methods.pyvrp_model import model
from delivery_optimization.methods.route_pool_crossover import Crossover
from delivery_optimization.plan import Plan, Route


def on_a_ring(n: int = 12, vans: int = 4) -> Instance:
    """Orders on a circle around the depot."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    x, y = np.concatenate([[0], 100 * np.cos(angle)]), np.concatenate([[0], 100 * np.sin(angle)])
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    orders = Orders.from_depot(
        [str(k) for k in range(n)],
        np.arange(1, n + 1),
        np.zeros(n),
        np.full(n, 9999.0),
        np.ones(n),
        np.ones((n, 1)),
    )
    names = tuple(f"P{k}" for k in range(n + 1))
    return Instance(
        "ring", Places(names, x, y), (Table(distance, distance),), orders, (VehicleType("van", vans, (6.0,)),)
    )


def parents(made):
    """Quarters of the circle, and the same quarters turned by one order."""
    first = Plan(tuple(Route(0, tuple(range(k, k + 3))) for k in (0, 3, 6, 9)), ())
    turned = [[(k + i) % 12 for i in range(3)] for k in (1, 4, 7, 10)]
    second = Plan(tuple(Route(0, tuple(route)) for route in turned), ())
    return made.solution(first), made.solution(second)


def test_an_offspring_serves_no_order_twice_and_has_routes_of_both_parents():
    made = model(on_a_ring())
    first, second = parents(made)
    of_first, of_second = ({str(r) for r in plan.routes()} for plan in (first, second))
    cross = Crossover(made, seed=0)
    whole_from_both = 0
    for _ in range(50):
        child = cross(first, second)
        served = [token for route in child.routes() for token in str(route).split()]
        assert len(served) == len(set(served))
        assert child.num_missing_clients() <= 6  # two routes at most are given up
        texts = {str(r) for r in child.routes()}
        whole_from_both += bool(texts & of_first) and bool(texts & of_second)
    assert whole_from_both > 10


def test_the_routes_given_up_are_neighbours():
    made = model(on_a_ring())
    first, _ = parents(made)
    cross = Crossover(made, seed=1)
    trips = cross._trips(first)
    for _ in range(20):
        pair = sorted(cross._neighbours(trips, 2))
        assert pair in ([0, 1], [1, 2], [2, 3], [0, 3])


def test_pickups_stay_with_their_deliveries_and_vehicles_are_not_used_twice():
    instance = tiny()
    made = model(instance)
    from delivery_optimization.methods.route_pool import RoutePool
    from delivery_optimization.solution import Stop

    plans = {
        RoutePool().solve(instance, stop=Stop(iterations=k), seed=seed).plan
        for k in (1, 5)
        for seed in range(6)
    }
    solutions = [made.solution(plan) for plan in plans]
    cross = Crossover(made, seed=2)
    numbers = [vehicle.num_available for vehicle in made.data.vehicle_types()]
    for first in solutions:
        for second in solutions:
            child = cross(first, second)  # PyVRP refuses a pickup without its delivery
            used = np.bincount([r.vehicle_type() for r in child.routes()], minlength=len(numbers))
            assert (used <= numbers).all()


@pytest.mark.parametrize("seed", [3, 4])
def test_the_same_seed_gives_the_same_offspring(seed):
    made = model(on_a_ring())
    first, second = parents(made)
    one, two = Crossover(made, seed), Crossover(made, seed)
    assert [one(first, second) for _ in range(5)] == [two(first, second) for _ in range(5)]

"""The search that all planners share: routes of several plans make a better one, and no route is simulated in vain."""

from __future__ import annotations

import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_model import model
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.noise import Law
from delivery_optimization.robustness.recombination import plain_search, recombine, route_key
from delivery_optimization.robustness.search import LateOrders, PricedRoutes, inflated, priced_search
from delivery_optimization.solution import Stop


@pytest.fixture(scope="module")
def city() -> Instance:
    return City(n_orders=12).read(0).instances[0]


def test_recombination_takes_the_better_route() -> None:
    made = model(tiny())
    good, bad = (
        made.solution(Plan((Route(0, stops),))) for stops in ((4, 5, 0, 1, 2, 3), (3, 2, 4, 5, 0, 1))
    )
    keys = [route_key(solution.routes()[0]) for solution in (good, bad)]
    found = recombine(made, {keys[0]: 1.0, keys[1]: 2.0}, bad)
    assert route_key(found.routes()[0]) == keys[0]
    assert recombine(made, {keys[0]: 2.0, keys[1]: 1.0}, bad) is bad


def test_recombined_pickups_and_deliveries_are_a_valid_plan(city: Instance) -> None:
    plan, iterations = plain_search(city, stop=Stop(iterations=80), seed=2)
    verdict = check(city, plan)
    assert verdict.valid
    assert plan.stated_cost == pytest.approx(verdict.cost)
    assert iterations == 80


def test_a_plan_that_is_too_dear_is_not_simulated(city: Instance) -> None:
    made = model(city)
    plan, _ = plain_search(city, stop=Stop(iterations=40), seed=0)
    solution = made.solution(plan)
    priced = PricedRoutes(made, city, LateOrders(city, Law(), scenarios=16))
    assert priced.of(solution, below=0.1) is None
    assert not priced.known
    assert priced.of(solution) is not None
    assert priced.of(solution, below=0.1) is not None  # all its routes are known now


def test_routes_that_differ_only_in_order_are_two_routes() -> None:
    made = model(tiny())
    priced = PricedRoutes(made, tiny(), LateOrders(tiny(), Law(), scenarios=16))
    for stops in ((4, 5, 0, 1, 2, 3), (4, 5, 1, 0, 2, 3)):
        priced.of(made.solution(Plan((Route(0, stops),))))
    assert len(priced.known) == 2


def test_the_priced_plan_is_never_worth_less_than_its_start(city: Instance) -> None:
    start, _ = plain_search(city, stop=Stop(iterations=40), seed=0)
    late = LateOrders(city, Law(travel_cv=0.5), scenarios=64, departure="first_window")
    plan, _ = priced_search(
        city, start=start, stop=Stop(iterations=60), seed=0, seen=inflated(city, 1.2), late=late, price=3.0
    )
    assert check(city, plan).valid
    unit = 3.0 * start.stated_cost / city.n_orders  # type: ignore[operator]
    values = [p.stated_cost + unit * late.routes(list(p.routes)).sum() for p in (start, plan)]  # type: ignore[operator]
    assert values[1] <= values[0] + 1e-9
    assert np.isfinite(values).all()

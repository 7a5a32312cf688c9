"""Planners with margins: what they promise, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.examples import tiny
from delivery_optimization.methods.pyvrp_model import model
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.monte_carlo import simulate
from delivery_optimization.robustness.noise import Law
from delivery_optimization.robustness.planning import (
    Given,
    Inflated,
    Nominal,
    Priced,
    Shortened,
    possible,
    without_margin,
)
from delivery_optimization.robustness.search import LateOrders, PricedRoutes, inflated
from delivery_optimization.robustness.source import Mission, city_law
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Solution, Stop
from usecases.errors import UserError


def detour() -> Mission:
    """Two orders on one line: together they are cheap and always close to late; two vans are dear and always on time."""
    instance = tiny()
    orders = instance.orders.take(np.array([2, 3]))
    orders = replace(orders, opens=np.zeros(2), closes=np.array([10.5, 60.0]), service=np.array([0.0, 0.0]))
    orders = replace(orders, place=np.array([4, 1]))
    van = replace(instance.vehicles[0], number=2, fixed_cost=1.0)
    return Mission(replace(instance, orders=orders, vehicles=(van,)))


@pytest.mark.parametrize(
    "planner", [Nominal(), Inflated(factor=1.3), Shortened(margin=5.0), Priced(price=5.0)]
)
def test_plans_are_valid_and_state_their_true_cost(planner: Nominal) -> None:
    mission = Mission(tiny())
    plan = planner.plan(mission, stop=Stop(iterations=30), seed=0).plan
    verdict = check(mission.instance, plan)
    assert verdict.valid
    assert plan.stated_cost == pytest.approx(verdict.cost)


def test_margins_stay_where_time_costs_money() -> None:
    """A plan's cost at longer durations is not its cost: that alone is no reason to plan without margins."""
    mission = Mission(City(n_orders=12).read(0).instances[0], "first_window")
    for planner in (Inflated(factor=1.3), Shortened(margin=300.0)):
        found = planner.plan(mission, stop=Stop(iterations=200), seed=0)
        assert not found.notes
        assert check(mission.instance, found.plan).valid
    nominal = Nominal().plan(mission, stop=Stop(iterations=200), seed=0).plan
    assert nominal.stated_cost < found.plan.stated_cost  # type: ignore[operator]


def test_a_price_buys_reliability() -> None:
    mission = detour()
    law = {"travel_cv": 0.4, "route_share": 0.5}
    plans = [
        Priced(price=price, factor=1.0, law=law).plan(mission, stop=Stop(iterations=200), seed=0).plan
        for price in (0.0, 20.0)
    ]
    days = [simulate(mission.instance, plan, Law(**law), scenarios=4000) for plan in plans]  # type: ignore[arg-type]
    assert plans[0].stated_cost <= plans[1].stated_cost  # type: ignore[operator]
    assert days[1].on_time_rate >= days[0].on_time_rate


def test_same_seed_same_plan() -> None:
    mission = Mission(City(n_orders=12).read(0).instances[0], "first_window")
    first, second = (Priced().plan(mission, stop=Stop(iterations=40), seed=3).plan for _ in range(2))
    assert first == second


def test_worth_of_routes_is_the_cost_of_the_plan() -> None:
    instance = City(n_orders=12).read(0).instances[0]
    made = model(inflated(instance, 1.2))
    plan = Nominal().plan(Mission(instance), stop=Stop(iterations=60), seed=1).plan
    worth = PricedRoutes(made, instance, LateOrders(instance, Law(), scenarios=64)).of(made.solution(plan))
    assert worth.possible
    assert worth.cost == pytest.approx(plan_cost(instance, plan))


def test_inflation_keeps_distances_and_lengthens_durations() -> None:
    longer = inflated(tiny(), 1.25)
    a, b = np.array([0]), np.array([1])
    assert longer.travel[0].pairs(a, b)[0] == 3.0
    assert longer.travel[0].pairs(a, b)[1] == 2.0


def test_without_any_possible_plan_the_nominal_one_is_shown_and_said() -> None:
    stop, nothing = Stop(iterations=50), Solution(Plan((), unserved=(0, 1, 2)), cpu_s=1.0)
    solution = without_margin(tiny(), nothing, stop, 0)
    assert possible(tiny(), solution.plan)
    assert "margins" in solution.notes[0].en
    assert solution.cpu_s >= 1.0


def test_given_needs_a_plan() -> None:
    with pytest.raises(UserError, match="from_run"):
        Given().plan(Mission(tiny()), stop=Stop(iterations=1), seed=0)
    plan = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
    assert Given().plan(Mission(tiny(), given=plan), stop=Stop(iterations=1), seed=0).plan.stated_cost == 26.0


@pytest.mark.parametrize(
    "make",
    [lambda: Inflated(factor=0.9), lambda: Priced(price=-1), lambda: Shortened(margin=float("nan")), lambda: Nominal(iterations=0),
     lambda: Priced(law={"travel": 1}), lambda: Priced(scenarios=3)],
)  # fmt: skip
def test_refused(make: object) -> None:
    with pytest.raises(UserError):
        make()  # type: ignore[operator]


def test_city_truth_is_a_law() -> None:
    city = City(n_orders=20)
    law, speeds = city_law(city.day(0, 0).truth, city.read(0).instances[0])
    assert law.travel_cv == (0.2, 0.1)
    assert law.route_share == 0.5
    assert law.service_cv == 0.35
    assert speeds.travel == (0,)
    assert len(speeds.factors) == len(speeds.edges)

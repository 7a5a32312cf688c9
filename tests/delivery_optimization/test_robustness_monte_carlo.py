"""The simulation against formulas, against hand computation, and against itself on other plans and engines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break, Instance, Orders, Places, SpeedProfile, Table, VehicleType
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.monte_carlo import simulate
from delivery_optimization.robustness.noise import Law, draw
from delivery_optimization.robustness.search import LateOrders
from delivery_optimization.robustness.weak import weak_stops, wilson
from usecases.errors import UserError

DAYS = 12_000


def line(closes: list[float], leg: float = 10.0, service: float = 0.0) -> Instance:
    """Stops in a row, `leg` apart, that close at given times."""
    n = len(closes)
    x = leg * np.arange(n + 1)
    table = np.abs(x[:, None] - x[None, :])
    names = [f"s{k}" for k in range(1, n + 1)]
    orders = Orders.from_depot(
        names, np.arange(1, n + 1), np.zeros(n), closes, np.full(n, service), np.ones((n, 1))
    )
    vehicle = VehicleType("van", n, (100.0,), closes=1e4, cost_per_distance=1.0, cost_per_duration=0.5)
    return Instance("line", Places(("depot", *names), x, 0 * x), (Table(table, table),), orders, (vehicle,))


def one_route(instance: Instance) -> Plan:
    return Plan((Route(0, tuple(range(instance.n_orders))),))


def chance(slack: float, planned: float, cv: float) -> float:
    """P(planned x log-normal factor of mean 1 <= slack)."""
    sigma = np.sqrt(np.log1p(cv**2))
    return float(norm.cdf((np.log(slack / planned) + sigma**2 / 2) / sigma))


@pytest.mark.parametrize("cv", [0.1, 0.4])
@pytest.mark.parametrize("closes", [9.0, 10.0, 13.0])
def test_one_leg_has_the_closed_form(closes: float, cv: float) -> None:
    days = simulate(line([closes]), one_route(line([closes])), Law(travel_cv=cv), scenarios=DAYS, seed=3)
    expected = chance(closes, 10.0, cv)
    assert abs(days.on_time[0] - expected) < 4 * np.sqrt(expected * (1 - expected) / DAYS) + 1e-9


def test_all_common_makes_the_route_one_leg() -> None:
    instance = line([1e3, 1e3, 36.0])
    common = simulate(instance, one_route(instance), Law(route_share=1.0), scenarios=DAYS)
    assert abs(common.on_time[2] - chance(36.0, 30.0, 0.2)) < 0.01


def test_independence_is_too_optimistic() -> None:
    """Bomboi, Buchheim and Pruente (2022): the sum of correlated legs varies more, so a late stop is late more often."""
    instance = line([1e3] * 7 + [88.0])
    rates = [
        simulate(instance, one_route(instance), Law(route_share=share), scenarios=DAYS).on_time[7]
        for share in (0.0, 0.5, 1.0)
    ]
    assert rates[0] > rates[1] + 0.03 > rates[2] + 0.05
    sigma2 = np.log1p(0.2**2)
    own, shared = np.expm1(0.5 * sigma2), np.expm1(0.5 * sigma2)
    deviation = np.sqrt(8 * 100 * own * (1 + shared) + 6400 * shared)  # of the sum of eight legs of 10
    assert abs(rates[1] - norm.cdf(8 / deviation)) < 0.02  # nearly normal


def test_travel_keeps_its_mean_and_deviation() -> None:
    law = Law(travel_cv=0.3, route_share=0.4, hour_share=0.2)
    days = draw(law, 50, 4000, seed=1, key="evaluation", block=0)
    factor = days.leg * days.route * days.hour[:1]
    assert abs(factor.mean() - 1) < 0.01
    assert abs(factor.std() / factor.mean() - 0.3) < 0.01
    logs = np.log(days.leg[0] * days.route[0]), np.log(days.leg[1] * days.route[0])
    assert abs(np.corrcoef(*logs)[0, 1] - 0.4 / 0.8) < 0.05


def test_same_route_meets_the_same_days_in_any_plan() -> None:
    instance = line([11.0, 21.0, 31.0, 41.0])
    a, b, c = Route(0, (0, 1)), Route(0, (2,)), Route(0, (3,))
    first = simulate(instance, Plan((a, Route(0, (2, 3)))), Law(), scenarios=5000)
    second = simulate(instance, Plan((c, b, a)), Law(), scenarios=5000)
    assert first.late_days[:2].tolist() == second.late_days[:2].tolist()
    assert first.route_late[0] == second.route_late[2]
    assert first.late_days[3] != second.late_days[3]


def test_one_more_noise_changes_no_other() -> None:
    base, more = Law(), Law(service_cv=0.5, no_show=0.1, breakdown=0.1, late_order=0.1)
    a = draw(base, 5, 100, seed=0, key="evaluation", block=0)
    b = draw(more, 5, 100, seed=0, key="evaluation", block=0)
    assert np.array_equal(a.leg, b.leg)
    assert np.array_equal(a.route, b.route)
    planning = draw(base, 5, 100, seed=0, key="planning", block=0)
    assert not np.array_equal(a.leg, planning.leg)


def test_calm_days_are_the_plan() -> None:
    calm = Law(travel_cv=0.0)
    instance = line([10.0, 20.0, 25.0])  # on the minute, and five too late
    days = simulate(instance, one_route(instance), calm, scenarios=200)
    assert days.on_time.tolist() == [1.0, 1.0, 0.0]
    assert days.lateness[2] == pytest.approx(5.0)
    assert days.worst[0] == pytest.approx(5.0)
    assert days.cost[0] == pytest.approx(60 + 0.5 * 60)


def test_no_shows_breakdowns_and_late_orders() -> None:
    calm = Law(travel_cv=0.0)
    instance = line([1e3, 35.0], service=10.0)  # reaches the second stop at 30
    plan = one_route(instance)

    def on_time(law: Law) -> float:
        return float(simulate(instance, plan, law, scenarios=DAYS).on_time[1])

    assert on_time(calm) == 1.0
    assert abs(on_time(replace(calm, no_show=0.3, no_show_service=3.0)) - 0.7) < 0.02
    assert on_time(replace(calm, no_show=0.3, no_show_service=0.0)) == 1.0
    assert abs(on_time(replace(calm, breakdown=0.4, breakdown_time=60.0)) - 0.6) < 0.02
    assert abs(on_time(replace(calm, late_order=0.2, late_order_time=6.0)) - 0.64) < 0.02
    lost = simulate(instance, plan, replace(calm, breakdown=1.0, breakdown_lost=1.0), scenarios=DAYS)
    assert abs(lost.on_time[0] - 0.5) < 0.02
    assert lost.on_time[1] == 0.0
    assert np.isinf(lost.worst).all()
    assert np.isfinite(lost.cost).all()
    assert abs(on_time(replace(calm, service_cv=0.5)) - chance(15.0, 10.0, 0.5)) < 0.02


def test_rush_hours_by_hand() -> None:
    jam = SpeedProfile(
        np.array([0.0, 5.0]), np.array([1.0, 2.0])
    )  # the second half of the first leg takes twice as long
    instance = replace(line([100.0, 100.0]), speeds=jam)
    days = simulate(instance, one_route(instance), Law(travel_cv=0.0), scenarios=10)
    assert days.late_orders.sum() == 0
    strict = replace(instance, orders=replace(instance.orders, closes=np.array([14.5, 34.5])))
    assert simulate(strict, one_route(strict), Law(travel_cv=0.0), scenarios=10).lateness[
        :2
    ] == pytest.approx([0.5, 0.5])
    spared = replace(strict, speeds=replace(jam, travel=(1,)))
    assert simulate(spared, one_route(spared), Law(travel_cv=0.0), scenarios=10).late_orders.sum() == 0


def test_bikes_vary_less() -> None:
    instance = tiny()
    plan = Plan((Route(0, (2,)), Route(1, (3,))))
    tight = replace(
        instance, orders=replace(instance.orders, closes=np.array([60.0, 60.0, 8.0, 4.0]), opens=np.zeros(4))
    )
    days = simulate(tight, plan, Law(travel_cv=(0.2, 0.0)), scenarios=2000, departure="shift")
    assert days.late_days[3] == 0
    assert 500 < days.late_days[2] < 1500


def test_bikes_vary_less_with_the_hours_too() -> None:
    instance = line([9.0])
    vans = replace(instance, vehicles=(replace(instance.vehicles[0], travel=1),), travel=instance.travel * 2)
    law = Law(travel_cv=(0.4, 0.1), route_share=0.2, hour_share=0.5)
    days = simulate(vans, one_route(vans), law, scenarios=DAYS)
    assert abs(days.on_time[0] - chance(9.0, 10.0, 0.1)) < 0.01


def test_times_since_1970_are_the_same_day() -> None:
    instance = line([9.0, 21.0, 33.0])
    profile = SpeedProfile(np.array([0.0, 15.0]), np.array([1.0, 1.2]))
    instance = replace(instance, speeds=profile)
    origin = 20_000 * 86_400.0
    orders, van = instance.orders, instance.vehicles[0]
    later = replace(
        instance,
        orders=replace(orders, opens=orders.opens + origin, closes=orders.closes + origin),
        vehicles=(replace(van, opens=origin, closes=van.closes + origin),),
        speeds=replace(profile, edges=np.array([0.0, origin + 15.0])),
    )
    law = Law(travel_cv=0.3, hour_share=0.2, hour=3600.0)
    one, other = (simulate(i, one_route(i), law, scenarios=500, departure="shift") for i in (instance, later))
    assert one.late_orders.tolist() == other.late_orders.tolist()
    assert 0 < one.on_time_rate < 1


def test_what_a_breakdown_loses_is_late_whatever_its_window() -> None:
    instance = line([np.inf, np.inf])
    days = simulate(instance, one_route(instance), Law(breakdown=1.0, breakdown_lost=1.0), scenarios=400)
    assert days.on_time[1] == 0
    assert 0 < days.on_time[0] < 1
    assert days.perfect_days == 0
    assert np.isinf(days.worst).all()


def test_a_far_shift_end_makes_nobody_punctual() -> None:
    instance = line([9.0])
    endless = replace(instance, vehicles=(replace(instance.vehicles[0], closes=1e8),))
    assert simulate(endless, one_route(endless), Law(travel_cv=0.0), scenarios=8).on_time_rate == 0


def test_breaks_and_left_out_orders() -> None:
    instance = line([15.0, 1e3])
    vehicle = replace(instance.vehicles[0], breaks=(Break(0.0, 50.0, 30.0),))
    instance = replace(instance, vehicles=(vehicle,))
    days = simulate(instance, Plan((Route(0, (-1, 0)),), unserved=(1,)), Law(travel_cv=0.0), scenarios=20)
    assert days.on_time.tolist() == [0.0, 0.0]
    assert days.perfect_days == 0.0
    assert days.lateness[0] == pytest.approx(25.0)


def test_torch_has_the_same_law() -> None:
    jam = SpeedProfile(np.array([0.0, 25.0]), np.array([1.0, 1.2]))
    instance = replace(line([11.0, 23.0, 35.0, 50.0], service=1.0), speeds=jam)
    doors = {"service_cv": 0.3, "no_show": 0.1, "late_order": 0.05, "late_order_time": 4.0}
    vans = {"breakdown": 0.05, "breakdown_time": 20.0, "breakdown_lost": 0.3}
    law = Law(hour_share=0.1, hour=20.0, **doors, **vans)
    plan = one_route(instance)
    ours = simulate(instance, plan, law, scenarios=DAYS)
    theirs = simulate(instance, plan, law, scenarios=DAYS, device="torch")
    assert np.allclose(ours.on_time, theirs.on_time, atol=0.025)
    assert ours.cost.mean() == pytest.approx(theirs.cost.mean(), rel=0.01)


def test_a_planner_scores_routes_as_the_simulation_does() -> None:
    instance = line([11.0, 21.0, 31.0, 41.0])
    late = LateOrders(instance, Law(), scenarios=4000).routes([Route(0, (0, 1)), Route(0, (2, 3))])
    days = simulate(instance, Plan((Route(0, (0, 1)), Route(0, (2, 3)))), Law(), scenarios=DAYS)
    assert late == pytest.approx(days.route_late, abs=0.03)


def test_weak_stop_and_its_cause() -> None:
    instance = line([1e3, 1e3, 1e3, 46.0])
    table = instance.travel[0].durations.copy()  # type: ignore[attr-defined]
    table[1, 2] = 13.0  # the longest leg leads to the second stop
    instance = replace(instance, travel=(Table(table, table),))
    plan, law = one_route(instance), Law(route_share=0.0)
    found = weak_stops(instance, plan, law, simulate(instance, plan, law), seed=0, departure="shift")
    assert [stop.order for stop in found] == [3]
    assert found[0].cause == 1
    assert found[0].slack == pytest.approx(3.0)
    assert found[0].interval[0] < found[0].on_time < found[0].interval[1]
    assert 0.25 < found[0].share < 0.6


def test_wilson_is_within_zero_and_one() -> None:
    assert wilson(100, 100)[1] == 1.0
    assert wilson(0, 100)[0] == 0.0


@pytest.mark.parametrize(
    "wrong",
    [{"travel_cv": -1}, {"route_share": 1.2}, {"route_share": 0.7, "hour_share": 0.7}, {"no_show": "often"}, {"hour": 0},
     {"travel_cv": float("nan")}],
)  # fmt: skip
def test_no_law(wrong: dict[str, object]) -> None:
    with pytest.raises(UserError, match="given"):
        Law(**wrong)  # type: ignore[arg-type]


def test_empty_day() -> None:
    empty = tiny().restricted(np.array([], dtype=int))
    days = simulate(empty, Plan(()), Law(), scenarios=100)
    assert days.perfect_days == 1.0
    assert days.on_time_rate == 1.0

"""The live plan: quotes equal trying every place, the past stays as it is, what is wrong is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery_optimization.checker import check
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break, Crow, Instance, Places, Table, VehicleType
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.requests import Request, orders_of, request_of
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import schedule_route
from usecases.errors import UserError

HORIZON = 100.0


def fleet(seed):
    """Asymmetric travel without triangle inequality, two types at two depots, two dimensions of capacity."""
    rng = np.random.default_rng(seed)
    n = 9
    tables = tuple(
        Table(rng.integers(1, 25, (n, n)) * 1.0, rng.integers(1, 25, (n, n)) * 1.0) for _ in range(2)
    )
    vehicles = (
        VehicleType("van", 2, (6.0, 4.0), 0, 0, 0.0, HORIZON, 12.0, 1.0, float(rng.choice([0.0, 0.5]))),
        VehicleType("bike", 1, (3.0, 3.0), 1, 2, 5.0, HORIZON - 10, 3.0, 0.5, 0.0, travel=1),
    )
    places = Places(tuple(map(str, range(n))), np.full(n, np.nan), np.full(n, np.nan))
    nobody = orders_of([], 2)
    return Instance("random", places, tables, nobody, vehicles)


def requests(seed, count):
    rng = np.random.default_rng([seed, 1])
    made = []
    for number in range(count):
        pickup = int(rng.integers(3, 9)) if rng.random() < 0.5 else -1
        made.append(
            Request(
                f"order {number}", int(rng.integers(3, 9)), float(rng.integers(0, 4)), tuple(map(float, rng.integers(0, 3, 2))),
                pickup, float(rng.integers(0, 20)), float(rng.integers(30, 90)), float(rng.integers(0, 3)),
            )
        )  # fmt: skip
    return made


def windows(seed, count=4):
    opens = np.random.default_rng([seed, 2]).integers(0, 80, count).astype(float)
    return np.stack([opens, opens + 20], axis=1)


def everywhere(live, request, opens, closes, at_end=False):
    """Cheapest feasible insertion by trying every place; the checker decides what is possible and what it costs."""
    n = live.n_orders + 1
    n_dimensions = len(request.size)
    instance = replace(live.base, orders=orders_of([*live.promised, (request, opens, closes)], n_dimensions))
    new = n - 1
    tours = dict(live.tours)
    best = np.inf
    for vehicle, numbers in enumerate(live.numbers):
        for courier in numbers:
            old = tours.get(courier)
            stops = [] if old is None else [code // 2 + n * (code % 2) for code in old.stops]
            others = [
                Route(t.vehicle, tuple(code // 2 + n * (code % 2) for code in t.stops))
                for c, t in tours.items()
                if c != courier
            ]
            for at in range(len(stops) + 1):
                with_delivery = [*stops[:at], new, *stops[at:]]
                pickups = range(at + 1) if request.has_pickup else [None]
                for before in pickups:
                    if at_end and (at < len(stops) or before not in (None, at)):
                        continue
                    tried = list(with_delivery)
                    if before is not None:
                        tried.insert(before, n + new)
                    verdict = check(instance, Plan((*others, Route(vehicle, tuple(tried)))))
                    if verdict.valid:
                        best = min(best, verdict.cost)
    return best - live.cost


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_quotes_equal_trying_every_place(seed):
    live = LivePlan(fleet(seed))
    for number, request in enumerate(requests(seed, 7)):
        slots = windows([seed, number])
        quotes = live.quote(request, slots)
        tried = [everywhere(live, request, *slot) for slot in slots]
        np.testing.assert_allclose(quotes.costs, tried, atol=1e-6)
        appended = [everywhere(live, request, *slot, at_end=True) for slot in slots]
        np.testing.assert_allclose(live.quote(request, slots, at_end=True).costs, appended, atol=1e-6)
        if quotes.best().feasible:
            before, quoted = live.cost, quotes.best().cost
            live.accept(quotes.best())
            assert live.cost == pytest.approx(before + quoted)
            verdict = check(live.instance(), live.plan())
            assert verdict.valid, verdict.violations


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_under_way_stays_and_nobody_is_late_when_time_goes_on(seed):
    live = LivePlan(fleet(seed), now=0.0)
    for number, request in enumerate(requests(seed, 10)):
        live.advance(6.0 * number)
        done = {c: (t.left, t.stops[: t.frozen(live.now)]) for c, t in live.tours.items()}
        best = live.quote(request, windows([seed, number])).best()
        if not best.feasible:
            continue
        live.accept(best)
        for courier, (left, stops) in done.items():
            tour = live.tours[courier]
            assert tour.left == left
            assert tour.stops[: len(stops)] == stops
        codes = live.tours[best.courier].stops
        new = 2 * (live.n_orders - 1)
        frozen = done.get(best.courier, (None, ()))[1]
        assert codes.index(new) >= len(frozen)
        assert_driven_on_time(live)
    assert check(live.instance(), live.plan()).valid


def assert_driven_on_time(live):
    """Drive each tour with a plain loop from the moment it left, or may leave."""
    instance, plan = live.instance(), live.plan()
    for route, (_, tour) in zip(plan.routes, sorted(live.tours.items()), strict=True):
        vehicle = instance.vehicles[route.vehicle]
        clock, here = (tour.departure, vehicle.start) if tour.left is None else (tour.left, vehicle.start)
        assert tour.left is not None or clock >= live.now
        table = instance.travel[vehicle.travel].durations
        for stop in route.stops:
            clock = max(clock + table[here, instance.stop_place[stop]], instance.stop_opens[stop])
            assert clock <= instance.stop_closes[stop] + 1e-6
            clock, here = clock + instance.stop_service[stop], instance.stop_place[stop]
        assert clock + table[here, vehicle.end] <= vehicle.closes + 1e-6


def test_a_courier_leaves_when_the_schedule_says():
    plan = Plan((Route(0, (3, 2)),), unserved=(0, 1))
    late = replace(
        tiny(), orders=replace(tiny().orders, opens=np.array([0.0, 0.0, 50.0, 0.0]), closes=np.full(4, 90.0))
    )
    live = LivePlan(late, plan)
    assert live.tours[0].departure == schedule_route(late, plan.routes[0]).departure[0]


def test_an_order_loaded_at_the_depot_cannot_join_who_has_left():
    live = LivePlan(tiny(), Plan((Route(0, (3, 2)),), unserved=(0, 1)), now=0.0)
    live.advance(live.tours[0].departure + 1)
    again = replace(request_of(tiny(), 3), name="late one")
    assert live.quote(again, [(0.0, 120.0)]).best().courier == 1  # the bike, which is still there
    picked = live.quote(request_of(tiny(), 0), [(0.0, 120.0)])
    assert picked.best().feasible


def test_a_stale_quote_and_an_infeasible_one_are_refused():
    live = LivePlan(tiny().restricted([]))
    first = live.quote(request_of(tiny(), 0), [(0.0, 60.0)]).best()
    live.accept(first)
    with pytest.raises(UserError, match="has changed"):
        live.accept(first)
    huge = replace(request_of(tiny(), 0), name="huge", size=(99.0,))
    with pytest.raises(UserError, match="does not fit"):
        live.accept(live.quote(huge, [(0.0, 60.0)]).best())
    with pytest.raises(UserError, match="only moves on"):
        live.advance(-np.inf) if live.now > -np.inf else live.advance(5.0) or live.advance(4.0)


def test_a_late_plan_breaks_and_too_many_vehicles_are_refused():
    late = replace(tiny(), orders=replace(tiny().orders, closes=np.full(4, 1.0)))
    with pytest.raises(UserError, match="late or overloaded"):
        LivePlan(late, Plan((Route(0, (3, 2)),), unserved=(0, 1)))
    with pytest.raises(UserError, match="more vehicles"):
        LivePlan(tiny(), Plan((Route(0, (3,)), Route(0, (2,))), unserved=(0, 1)))
    tired = replace(tiny(), vehicles=(replace(tiny().vehicles[0], breaks=(Break(1.0, 2.0, 1.0),)),))
    with pytest.raises(UserError, match="breaks"):
        LivePlan(tired)


def test_travel_computed_on_demand_gives_the_quotes_of_its_table():
    crow = Crow(np.array([50.6, 50.62, 50.64, 50.66]), np.array([3.0, 3.02, 3.05, 3.1]), speed=8.0)
    base = replace(
        tiny().restricted([]),
        travel=(crow, crow),
        vehicles=tuple(replace(v, closes=10_000.0) for v in tiny().vehicles),
    )
    table = Table(*crow.table(np.arange(4)))
    slots = [(0.0, 900.0), (900.0, 4000.0)]
    order = Request("a", 3, 60.0, (1.0,), 2)
    costs = [
        LivePlan(replace(base, travel=t)).quote(order, slots).costs for t in ((crow, crow), (table, table))
    ]
    assert costs[0].tolist() == costs[1].tolist()

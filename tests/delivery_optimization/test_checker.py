"""The checker accepts what is valid by construction and refuses what is not, for the right reason."""

import ast
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_plans import INF, make, walk

from delivery_optimization import checker, checker_times
from delivery_optimization.checker import check
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break, Instance, Orders, Places, SpeedProfile, Table, VehicleType
from delivery_optimization.plan import Plan, Route, delivery_plan
from delivery_optimization.schedule import plan_cost

PLANS = 100


# ---- ten and more kinds of invalid plans: each function gives the instance, the plan, and nothing else may be wrong


def pick(random, values):
    return values[int(random.integers(len(values)))]


def with_routes(plan, routes):
    return Plan(tuple(routes), plan.unserved, None)


def changed(plan, number, stops):
    return with_routes(
        plan, [r if k != number else Route(r.vehicle, tuple(stops)) for k, r in enumerate(plan.routes)]
    )


def with_vehicle(instance, kind, **changes):
    vehicles = list(instance.vehicles)
    vehicles[kind] = replace(vehicles[kind], **changes)
    return replace(instance, vehicles=tuple(vehicles))


def with_orders(instance, order, **values):
    arrays = {}
    for name, value in values.items():
        arrays[name] = getattr(instance.orders, name).copy()
        arrays[name][order] = value
    return replace(instance, orders=replace(instance.orders, **arrays))


def unknown(seed):
    made = make(seed, loose=True)
    n, random, plan = made.instance.n_orders, made.random, made.plan
    number = int(random.integers(len(plan.routes)))
    route = plan.routes[number]
    absent = [n + i for i in range(n) if not made.instance.has_pickup[i]]
    n_breaks = len(made.instance.vehicles[route.vehicle].breaks)
    stop = pick(random, [2 * n, 2 * n + 7, -1 - n_breaks, 1.5, float("nan"), True, *absent])
    if random.random() < 0.2:
        routes = [
            r if k != number else Route(pick(random, [-1, 9]), r.stops) for k, r in enumerate(plan.routes)
        ]
        return made.instance, with_routes(plan, routes)
    if random.random() < 0.2:
        return made.instance, replace(plan, unserved=(*plan.unserved, pick(random, [-1, n])))
    return made.instance, changed(plan, number, (*route.stops, stop))


def empty(seed):
    made = make(seed, loose=True)
    kind = int(made.random.integers(len(made.instance.vehicles)))
    breaks = tuple(-1 - k for k in range(len(made.instance.vehicles[kind].breaks)))
    stops = breaks if made.random.random() < 0.5 else ()
    return with_vehicle(made.instance, kind, number=99), with_routes(
        made.plan, [*made.plan.routes, Route(kind, stops)]
    )


def cover(seed):
    made = make(seed, loose=True)
    n, plan, random = made.instance.n_orders, made.plan, made.random
    order = int(pick(random, [s for r in plan.routes for s in r.stops if 0 <= s < n]))
    if random.random() < 0.5:  # served and listed; with a finite penalty, so that no other rule is broken
        return with_orders(made.instance, order, penalty=1.0), Plan(plan.routes, (*plan.unserved, order))
    number = next(k for k, r in enumerate(plan.routes) if order in r.stops)
    stops = [s for s in plan.routes[number].stops if s not in (order, n + order)]
    if any(s >= 0 for s in stops):
        return made.instance, changed(plan, number, stops)
    return made.instance, with_routes(plan, [r for k, r in enumerate(plan.routes) if k != number])


def twice(seed):
    made = make(seed, loose=True)
    plan, random = made.plan, made.random
    if plan.unserved and random.random() < 0.3:
        return made.instance, Plan(plan.routes, (*plan.unserved, plan.unserved[0]))
    number = int(random.integers(len(plan.routes)))
    stops = plan.routes[number].stops
    return made.instance, changed(plan, number, (*stops, pick(random, [s for s in stops if s >= 0])))


def fleet(seed):
    made = make(seed)
    kind = pick(made.random, made.plan.routes).vehicle
    used = sum(route.vehicle == kind for route in made.plan.routes)
    return with_vehicle(made.instance, kind, number=used - 1), made.plan


def capacity(seed):
    made = make(seed)
    kind = pick(made.random, made.plan.routes).vehicle
    room = list(made.instance.vehicles[kind].capacity)  # the largest loads themselves
    dimension = int(made.random.integers(len(room)))
    room[dimension] -= pick(made.random, [0.001, 0.5, 1.0])
    return with_vehicle(made.instance, kind, capacity=tuple(room)), made.plan


def precedence(seed):
    made = make(seed, loose=True)
    n, plan = made.instance.n_orders, made.plan
    number, order = pick(
        made.random, [(k, s - n) for k, r in enumerate(plan.routes) for s in r.stops if s >= n]
    )
    swap = {order: n + order, n + order: order}
    return made.instance, changed(plan, number, [swap.get(s, s) for s in plan.routes[number].stops])


def pairing(seed):
    made = make(seed, loose=True)
    n, plan, random = made.instance.n_orders, made.plan, made.random
    number, order = pick(random, [(k, s - n) for k, r in enumerate(plan.routes) for s in r.stops if s >= n])
    half = pick(random, [order, n + order])
    routes = [list(r.stops) for r in plan.routes]
    routes[number].remove(half)
    if random.random() < 0.6:
        routes[(number + 1) % len(routes)].append(half)
    return made.instance, with_routes(
        plan, [Route(r.vehicle, tuple(s)) for r, s in zip(plan.routes, routes, strict=True)]
    )


def window(seed):
    made = make(seed)
    instance, n = made.instance, made.instance.n_orders
    hard = [
        (arrival, s)
        for r in made.plan.routes
        for s, arrival in zip(r.stops, walk(instance, r, instance.vehicles[r.vehicle].opens)[0], strict=True)
        if s >= n or (s >= 0 and np.isinf(instance.orders.late_cost[s]))
    ]
    arrival, stop = pick(made.random, hard) if hard else (None, None)
    if stop is None:
        return None
    early = arrival - pick(made.random, [1e-3, 0.5, 1.0])
    prefix = "pickup_" if stop >= n else ""
    opens = min(float(instance.stop_opens[stop]), early)
    return with_orders(instance, stop % n, **{f"{prefix}opens": opens, f"{prefix}closes": early}), made.plan


def shift(seed):
    made = make(seed)
    route = pick(made.random, made.plan.routes)
    vehicle = made.instance.vehicles[route.vehicle]
    end = walk(made.instance, route, vehicle.opens)[1]
    return with_vehicle(made.instance, route.vehicle, closes=end - pick(made.random, [1e-3, 1.0])), made.plan


def breaks(seed):
    made = make(seed, loose=True)
    plan, random = made.plan, made.random
    resting = [k for k, r in enumerate(plan.routes) if any(s < 0 for s in r.stops)]
    if not resting:
        return None
    number = pick(random, resting)
    route = plan.routes[number]
    rest = pick(random, [s for s in route.stops if s < 0])
    if random.random() < 0.4:
        return made.instance, changed(plan, number, [s for s in route.stops if s != rest])
    if random.random() < 0.4:
        return made.instance, changed(plan, number, [*route.stops, rest])
    vehicle = made.instance.vehicles[route.vehicle]
    arrival = walk(made.instance, route, vehicle.opens)[0][route.stops.index(rest)]
    late = [Break(0.0, arrival - 0.5, 5.0) if k == -1 - rest else b for k, b in enumerate(vehicle.breaks)]
    return with_vehicle(made.instance, route.vehicle, breaks=tuple(late)), plan


def cost(seed):
    made = make(seed)
    error = pick(made.random, [0.01, -0.01, 1.0, -1.0, float("nan"), INF, -INF])
    stated = pick(
        made.random, [made.cost + error, made.cost * (1 + 1e-4) + 0.01, 0.0 if made.cost > 1 else 9.0]
    )
    return made.instance, replace(made.plan, stated_cost=stated)


def required(seed):
    made = make(seed, loose=True)
    n, plan = made.instance.n_orders, made.plan
    order = int(pick(made.random, [s for r in plan.routes for s in r.stops if 0 <= s < n]))
    routes = [Route(r.vehicle, tuple(s for s in r.stops if s not in (order, n + order))) for r in plan.routes]
    routes = [r for r in routes if any(s >= 0 for s in r.stops)]
    return with_orders(made.instance, order, penalty=INF), Plan(tuple(routes), (*plan.unserved, order))


KINDS = {
    "unknown": unknown, "empty": empty, "cover": cover, "twice": twice, "fleet": fleet, "capacity": capacity,
    "precedence": precedence, "pairing": pairing, "window": window, "shift": shift, "break": breaks, "cost": cost,
    "required": required,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_plans_of_each_kind_are_refused_for_that_reason_alone(kind):
    refused, seed = 0, 0
    while refused < PLANS:
        case = KINDS[kind](seed)
        seed += 1
        if case is None:  # a plan without a break has none to leave out
            continue
        instance, plan = case
        plan = plan if kind == "cost" else replace(plan, stated_cost=None)
        verdict = check(instance, plan)
        assert not verdict.valid
        assert {violation.kind for violation in verdict.violations} == {kind}, (seed, verdict.violations)
        assert verdict.partial == (kind == "required")
        refused += 1


def test_a_thousand_valid_plans_are_accepted_at_their_cost():
    for seed in range(1000):
        made = make(10_000 + seed)
        verdict = check(made.instance, made.plan)
        assert verdict.valid, (seed, verdict.violations)
        assert verdict.cost == pytest.approx(made.cost, abs=1e-6)
        assert verdict.distance == pytest.approx(made.distance, abs=1e-9)
        assert verdict.vehicles == len(made.plan.routes)


def test_the_checker_and_the_schedule_agree_on_costs():
    soft = 0
    for seed in range(200):
        made = make(20_000 + seed)
        verdict = check(made.instance, made.plan)
        soft += verdict.late > 0
        assert plan_cost(made.instance, made.plan) == pytest.approx(verdict.cost, abs=1e-6)
    assert soft > 20  # lateness that is paid for was among them


# ---- numbers that are none


@pytest.mark.parametrize(
    "broken",
    [
        lambda i: replace(i, travel=(Table(np.full((5, 5), np.nan), i.travel[0].distances), i.travel[1])),
        lambda i: replace(i, travel=(Table(i.travel[0].durations, np.full((5, 5), np.nan)), i.travel[1])),
        lambda i: replace(i, travel=(Table(np.full((5, 5), np.inf), i.travel[0].distances), i.travel[1])),
        lambda i: with_orders(i, 0, opens=np.nan),
        lambda i: with_orders(i, 0, closes=np.nan),
        lambda i: with_orders(i, 0, service=np.nan),
        lambda i: with_orders(i, 0, size=np.nan),
        lambda i: with_orders(i, 0, late_cost=np.nan, closes=1.0),
        lambda i: with_vehicle(i, 0, capacity=(np.nan,)),
        lambda i: with_vehicle(i, 0, capacity=()),
        lambda i: with_vehicle(i, 0, closes=np.nan),
        lambda i: with_vehicle(i, 0, opens=np.nan),
        lambda i: with_vehicle(i, 0, fixed_cost=np.nan),
        lambda i: with_vehicle(i, 0, number=np.nan),
    ],
)
def test_no_plan_is_valid_where_a_number_is_missing(broken):
    plan = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
    assert check(tiny(), plan).valid
    assert not check(broken(tiny()), plan).valid


@pytest.mark.parametrize("stated", [float("nan"), INF, -INF, "26", "much", np.float64("nan")])
def test_a_stated_cost_is_never_believed(stated):
    verdict = check(tiny(), Plan((Route(0, (4, 5, 0, 1, 2, 3)),), (), stated))
    assert verdict.cost == 26.0
    assert verdict.valid == (stated == "26")


# ---- rush hours


def test_rush_hours_are_stated_and_are_no_violation():
    plan = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
    assert check(tiny(), plan).rush_hours is None
    jam = replace(tiny(), speeds=SpeedProfile(np.array([0.0, 8.0]), np.array([1.0, 10.0])))
    verdict = check(jam, plan)
    assert verdict.valid
    assert verdict.cost == 26.0
    # by hand: B from 8 on takes 20 instead of 2; C begins at 50 (closes 40), D at 112 (closes 60), home at 134 (shift 120)
    assert verdict.rush_hours == checker_times.RushHours((2, 3), 62.0, 52.0, 0, 14.0)
    bikes = replace(jam, speeds=replace(jam.speeds, travel=(1,)))
    assert check(bikes, plan).rush_hours == checker_times.RushHours((), 0.0, 0.0, 0, 0.0)


def test_late_pickups_are_counted_apart():
    jam = replace(tiny(), speeds=SpeedProfile(np.array([0.0]), np.array([20.0])))
    verdict = check(jam, Plan((Route(0, (4, 5, 0, 1, 2, 3)),)))
    assert verdict.rush_hours.late_pickups == 2  # both shops close at 30, the van comes at 40


def test_speeds_of_one_change_nothing_and_lateness_grows_with_the_jam():
    for seed in range(60):
        made = make(30_000 + seed)
        lateness = []
        for factor in (1.0, 1.3, 2.0):
            speeds = SpeedProfile(np.array([0.0, 40.0, 90.0]), np.array([1.0, factor, factor]))
            verdict = check(replace(made.instance, speeds=speeds), made.plan)
            assert verdict.valid
            lateness.append(verdict.rush_hours.late_total)
        assert lateness[0] == pytest.approx(verdict.late, abs=1e-6)
        assert lateness == sorted(lateness)


def test_a_leg_through_several_periods_takes_what_small_steps_say():
    edges, factors = [0.0, 10.0, 12.0, 30.0], [1.0, 2.5, 0.5, 1.4]
    for leaves, duration in ((0.0, 5.0), (8.0, 30.0), (11.0, 0.0), (29.9, 3.0), (40.0, 2.0), (-3.0, 4.0)):
        clock, left, step = leaves, duration, 1e-3
        while left > 1e-6:
            factor = factors[max(np.searchsorted(edges, clock + 1e-9, side="right") - 1, 0)]
            driven = min(step, left * factor)
            clock, left = clock + driven, left - driven / factor
        assert checker_times._arrival(edges, factors, leaves, duration) == pytest.approx(clock, abs=1e-2)


# ---- independence, size, public solutions


def test_the_checker_shares_no_code_with_methods_or_the_schedule():
    allowed = {
        "delivery_optimization.instance",
        "delivery_optimization.plan",
        "delivery_optimization.checker_times",
    }
    for module in (checker, checker_times):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name for name in used if name.startswith("delivery_optimization")} <= allowed


@pytest.mark.parametrize("n_routes", [1, 200])
def test_ten_thousand_stops_take_a_few_seconds(n_routes):
    n = 10_000
    table = np.ones((2, 2))
    orders = Orders.from_depot(
        [str(i) for i in range(n)], np.ones(n), np.zeros(n), np.full(n, INF), np.ones(n), np.ones((n, 2))
    )
    vehicle = VehicleType("van", n_routes, (n, n))
    places = Places(("a", "b"), np.zeros(2), np.zeros(2))
    instance = Instance("large", places, (Table(table, table),), orders, (vehicle,))
    plan = delivery_plan([range(k, n, n_routes) for k in range(n_routes)], instance)
    begun = time.process_time()
    assert check(instance, plan).distance == n + n_routes
    assert time.process_time() - begun < 3.0


def test_all_public_solutions_of_solomon_cost_what_the_table_says(mirror):
    from delivery_optimization.data import best_known
    from delivery_optimization.data.solomon import NAMES, read_solomon
    from delivery_optimization.data.vrplib_solutions import read_solution

    late = []
    for name in NAMES:
        known = best_known.solomon(name)
        exact = read_solomon(mirror / "solomon" / f"{name}.txt", convention="double")
        instance = read_solomon(mirror / "solomon" / f"{name}.txt")
        plan = read_solution(mirror / "solomon" / "solutions_dimacs" / f"{name}.sol", instance)
        verdict = check(instance, plan)
        assert verdict.valid
        assert round(verdict.cost, 6) == known.cost
        assert verdict.vehicles == known.vehicles
        if not check(exact, replace(plan, stated_cost=None)).valid:
            late.append(name)
    assert late == best_known.table()["solomon"]["infeasible_in_double"]["values"]
    assert len(late) == 8


def test_all_public_solutions_of_ortec_cost_what_the_table_says(mirror):
    from delivery_optimization.data import best_known
    from delivery_optimization.data.ortec import NAMES, read_ortec
    from delivery_optimization.data.vrplib_solutions import read_solution

    for name in NAMES:
        instance = read_ortec(mirror / "ortec2022" / f"{name}.txt")
        verdict = check(instance, read_solution(mirror / "ortec2022" / f"{name}.sol", instance))
        assert verdict.valid
        assert verdict.cost == best_known.ortec_static(name).cost

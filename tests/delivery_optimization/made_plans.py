"""Valid plans by construction: drive routes first, then draw windows, shifts, capacities and breaks around what happened.

Nothing here uses the checker or `schedule.py`.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from delivery_optimization.instance import (
    FROM_DEPOT,
    Break,
    Instance,
    Orders,
    Places,
    Table,
    VehicleType,
)
from delivery_optimization.plan import Plan, Route
from usecases.simulation import stream

INF = float("inf")


@dataclass
class Made:
    """An instance, a valid plan with its cost, and its random numbers."""

    instance: Instance
    plan: Plan
    cost: float
    distance: float
    random: np.random.Generator


def make(seed: int, *, loose: bool = False) -> Made:
    """Draw an instance and a valid plan; `loose`: windows, shifts, capacities never bind, so that a change breaks one rule only."""
    random = stream(seed, "made plans", int(loose))
    n, dimensions = int(random.integers(3, 13)), int(random.integers(1, 4))
    n_places = n + 4
    whole = bool(random.integers(2))
    tables = []
    for _ in range(2):
        durations, distances = random.uniform(1, 30, (2, n_places, n_places))
        if whole:
            durations, distances = np.rint(durations), np.rint(distances)
        np.fill_diagonal(durations, 0)
        np.fill_diagonal(distances, 0)
        tables.append(Table(durations, distances))
    paired = random.random(n) < 0.5
    paired[0] = True
    size = random.integers(1, 6, (n, dimensions)).astype(float)
    orders = Orders(
        names=tuple(f"order-{i}" for i in range(n)),
        place=random.integers(2, n_places, n),
        opens=np.zeros(n),
        closes=np.full(n, INF),
        service=np.rint(random.uniform(0, 10, n)),
        size=size,
        pickup_place=np.where(paired, random.integers(2, n_places, n), FROM_DEPOT),
        pickup_opens=np.zeros(n),
        pickup_closes=np.full(n, INF),
        pickup_service=np.rint(random.uniform(0, 5, n)),
        penalty=np.where(random.random(n) < 0.3, np.rint(random.uniform(1, 90, n)), INF),
        late_cost=np.where(random.random(n) < (0 if loose else 0.2), 2.5, INF),
    )
    vehicles = tuple(
        VehicleType(
            f"type-{k}",
            0,
            (INF,) * dimensions,
            int(random.integers(2)),
            int(random.integers(2)),
            opens=float(random.integers(0, 100)),
            fixed_cost=float(random.integers(0, 40)),
            cost_per_distance=float(random.integers(0, 3)),
            cost_per_duration=float(random.integers(0, 2)) / 2,
            travel=int(random.integers(2)),
            breaks=tuple(Break(0.0, INF, 5.0) for _ in range(int(random.integers(0, 3)))),
        )
        for k in range(int(random.integers(1, 4)))
    )
    unserved = tuple(
        int(i) for i in np.flatnonzero(np.isfinite(orders.penalty) & (random.random(n) < 0.3)) if i
    )
    routes = draw_routes(random, n, paired, unserved, vehicles)
    used = [sum(route.vehicle == k for route in routes) for k in range(len(vehicles))]
    vehicles = tuple(replace(v, number=used[k] + int(random.integers(3))) for k, v in enumerate(vehicles))
    instance = Instance(
        f"made-{seed}", Places(tuple(map(str, range(n_places))), np.zeros(n_places), np.zeros(n_places)),
        tuple(tables), orders, vehicles,
    )  # fmt: skip
    if not loose:
        instance = tighten(instance, routes, random)
    distance, cost = price(instance, routes)
    cost += sum(float(orders.penalty[i]) for i in unserved)
    return Made(instance, Plan(routes, unserved, cost), cost, distance, random)


def draw_routes(random, n, paired, unserved, vehicles):
    """Orders over routes at random, pickups before deliveries, breaks anywhere."""
    served = [i for i in random.permutation(n).tolist() if i not in unserved]
    n_routes = min(len(served), int(random.integers(2, 5)))
    routes = []
    for part in range(n_routes):
        stops: list[int] = []
        for order in served[part::n_routes]:
            at = int(random.integers(len(stops) + 1))
            stops.insert(at, order)
            if paired[order]:
                stops.insert(int(random.integers(at + 1)), n + order)
        kind = int(random.integers(len(vehicles)))
        for number in range(len(vehicles[kind].breaks)):
            stops.insert(int(random.integers(len(stops) + 1)), -1 - number)
        routes.append(Route(kind, tuple(stops)))
    return tuple(routes)


def tighten(instance, routes, random):
    """Drive with some idling; draw windows around the services, breaks and shifts; capacities are the largest loads."""
    n, o = instance.n_orders, instance.orders
    opens, closes, pickup_opens, pickup_closes = (np.zeros(n), np.full(n, INF), np.zeros(n), np.full(n, INF))
    breaks = {k: [[INF, -INF] for _ in v.breaks] for k, v in enumerate(instance.vehicles)}
    ends = {k: v.opens for k, v in enumerate(instance.vehicles)}
    peaks = {k: np.zeros(o.size.shape[1]) for k in range(len(instance.vehicles))}
    for route in routes:
        vehicle = instance.vehicles[route.vehicle]
        clock, here = vehicle.opens + float(random.integers(0, 20)), vehicle.start
        load = sum(
            (o.size[s] for s in route.stops if 0 <= s < n and o.pickup_place[s] == FROM_DEPOT),
            np.zeros(o.size.shape[1]),
        )
        peaks[route.vehicle] = np.maximum(peaks[route.vehicle], load)
        for stop in route.stops:
            there = place_of(instance, stop, here)
            clock += float(instance.travel[vehicle.travel].durations[here, there]) + float(
                random.integers(0, 15)
            )
            here = there
            before, after = float(random.integers(0, 30)), float(random.integers(0, 30))
            if stop < 0:
                window = breaks[route.vehicle][-1 - stop]
                window[0], window[1] = min(window[0], clock - before), max(window[1], clock + after)
                clock += vehicle.breaks[-1 - stop].duration
            elif stop >= n:
                pickup_opens[stop - n], pickup_closes[stop - n] = max(clock - before, 0), clock + after
                clock += float(o.pickup_service[stop - n])
                load = load + o.size[stop - n]
            else:
                late = np.isfinite(o.late_cost[stop]) and random.random() < 0.5
                opens[stop] = max(clock - before - 40 * late, 0)
                closes[stop] = max(clock + after - 40 * late, opens[stop])
                clock += float(o.service[stop])
                load = load - o.size[stop]
            peaks[route.vehicle] = np.maximum(peaks[route.vehicle], load)
        clock += float(instance.travel[vehicle.travel].durations[here, vehicle.end])
        ends[route.vehicle] = max(ends[route.vehicle], clock)
    vehicles = tuple(
        replace(
            v,
            capacity=tuple(peaks[k].tolist()),
            closes=ends[k] + float(random.integers(0, 10)),
            breaks=tuple(
                Break(max(a, 0.0), b, v.breaks[j].duration) if b > -INF else v.breaks[j]
                for j, (a, b) in enumerate(breaks[k])
            ),
        )
        for k, v in enumerate(instance.vehicles)
    )
    orders = replace(o, opens=opens, closes=closes, pickup_opens=pickup_opens, pickup_closes=pickup_closes)
    return replace(instance, orders=orders, vehicles=vehicles)


def place_of(instance, stop, here):
    if stop < 0:
        return here
    n = instance.n_orders
    return int(instance.orders.place[stop] if stop < n else instance.orders.pickup_place[stop - n])


def walk(instance, route, leaves):
    """Drive from a departure on: arrivals at every stop, the return, and soft lateness."""
    n, o, vehicle = instance.n_orders, instance.orders, instance.vehicles[route.vehicle]
    clock, here, arrivals, late = leaves, vehicle.start, [], 0.0
    for stop in route.stops:
        there = place_of(instance, stop, here)
        clock += float(instance.travel[vehicle.travel].durations[here, there])
        here = there
        arrivals.append(clock)
        if stop < 0:
            rest = vehicle.breaks[-1 - stop]
            opens, closes, service = rest.opens, rest.closes, rest.duration
        elif stop < n:
            opens, closes, service = o.opens[stop], o.closes[stop], o.service[stop]
        else:
            opens, closes, service = (
                o.pickup_opens[stop - n],
                o.pickup_closes[stop - n],
                o.pickup_service[stop - n],
            )
        clock = max(clock, float(opens))
        late += max(clock - float(closes), 0.0)
        clock += float(service)
    return arrivals, clock + float(instance.travel[vehicle.travel].durations[here, vehicle.end]), late


def price(instance, routes):
    """Distance and cost without penalties; the departure is found by bisection: the latest that makes nothing later."""
    total, cost = 0.0, 0.0
    for route in routes:
        vehicle = instance.vehicles[route.vehicle]
        stations = [vehicle.start]
        for stop in route.stops:
            stations.append(place_of(instance, stop, stations[-1]))
        stations.append(vehicle.end)
        distance = sum(float(instance.travel[vehicle.travel].distances[a, b]) for a, b in pairwise(stations))
        _, end, late = walk(instance, route, vehicle.opens)
        low, high = vehicle.opens, end + 1.0
        for _ in range(48 if vehicle.cost_per_duration else 0):
            middle = (low + high) / 2
            _, later_end, later_late = walk(instance, route, middle)
            if later_end <= end + 1e-10 and later_late <= late + 1e-10:
                low = middle
            else:
                high = middle
        soft = sum(
            2.5 * max(max(arrival, float(instance.orders.opens[s])) - float(instance.orders.closes[s]), 0.0)
            for s, arrival in zip(route.stops, walk(instance, route, vehicle.opens)[0], strict=True)
            if 0 <= s < instance.n_orders and np.isfinite(instance.orders.late_cost[s])
        )
        total += distance
        cost += (
            vehicle.fixed_cost
            + vehicle.cost_per_distance * distance
            + vehicle.cost_per_duration * (end - low)
            + soft
        )
    return total, cost

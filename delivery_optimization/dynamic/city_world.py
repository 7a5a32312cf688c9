"""What a policy may know and compute in the built-in city: the days that are over, tours of a moment, sampled futures.

The same four verbs as `delivery_optimization.dynamic.ortec_world`, so that a policy is written once. A future is a bootstrap:
the orders that a past day brought at the same time of day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.data.city_demand import Demand
from delivery_optimization.data.city_geography import Geography
from delivery_optimization.data.city_travel import city_travel
from delivery_optimization.dynamic.city_moment import Moment, open_tables
from delivery_optimization.instance import Instance, Orders, Places
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import schedule_route
from delivery_optimization.solution import Stop

Array = np.ndarray
MUST, WORTH = 1000.0, 200.0  # EUR: what serving is worth where it must be now, and where it was chosen
MOST, MOST_FUTURE = 300, 30  # iterations of a decision and of a future: a dozen of orders need no more
STEP = 1800.0  # s of the future for each unit of `lookahead`


@dataclass(frozen=True, eq=False)
class PastDay:
    """What remains of a day that is over: its orders and the shops, nothing of the laws of chance.

    Parameters
    ----------
    demand : Demand
        The order stream.
    geography : Geography
        Bases and shops.
    """

    demand: Demand
    geography: Geography


@dataclass(eq=False)
class CityFuture:
    """One imagined future.

    Parameters
    ----------
    instance : Instance
        The waiting orders first, then those that may come; free couriers first, then those that will be.
    plan : Plan, optional
        Last plan found, where the next search begins.
    """

    instance: Instance
    plan: Plan | None = None


@dataclass(frozen=True, eq=False)
class CityWorld:
    """What is known before the days begin.

    Parameters
    ----------
    history : tuple of PastDay
        Days that are over; none for a person's own data.
    streets : SimpleNamespace, optional
        ``travel`` and ``zones`` of the city's parameters, as planners know them; not needed without a history.
    """

    history: tuple[PastDay, ...]
    streets: SimpleNamespace | None = None

    def route(
        self, seen: Moment, chosen: Array, stop: Stop, seed: int, prize: Array | None = None
    ) -> list[tuple[int, list[int]]]:
        """Make tours of the chosen orders; others that have a prize (EUR) may come along.

        Returns
        -------
        list of (int, list of int)
            Couriers and their stops, the action; orders that no free courier can serve keep waiting.
        """
        worth = np.where(seen.must_go, MUST, WORTH)
        kept = np.flatnonzero(chosen | seen.must_go)
        if prize is not None:
            worth, kept = np.where(chosen | seen.must_go, worth, prize), np.arange(len(seen.order))
        if not len(kept) or not seen.instance.vehicles:
            return []
        instance = replace(
            seen.instance, orders=replace(seen.instance.orders.take(kept), penalty=worth[kept].astype(float))
        )
        plan = _solve(instance, stop, MOST, seed)
        late = {violation.route for violation in check(instance, plan).violations}
        n, order = len(kept), seen.order[kept]
        return [
            (
                int(seen.courier[r.vehicle]),
                [int(order[s]) if s < n else -1 - int(order[s - n]) for s in r.stops],
            )
            for number, r in enumerate(plan.routes)
            if number not in late  # found in too little time: its orders wait
        ]

    def typical_cost(self, seen: Moment, nearest: int) -> Array:
        """Cost of serving each order on its own (EUR): way from the shop, handling, mean way to the nearest known places."""
        if not seen.instance.vehicles:
            return np.zeros(len(seen.order))
        instance, orders = seen.instance, seen.instance.orders
        vehicle = instance.vehicles[0]
        durations, distances = (values[:-1, :-1] for values in _both(instance, vehicle.travel))
        cost = vehicle.cost_per_duration * durations + vehicle.cost_per_distance * distances
        near = (
            np.sort(cost[:, orders.pickup_place], axis=0)[1 : nearest + 1].mean(axis=0)
            if len(cost) > 1
            else 0.0
        )
        handling = vehicle.cost_per_duration * (orders.service + orders.pickup_service)
        result: Array = cost[orders.pickup_place, orders.place] + handling + near
        return result

    def sample(self, seen: Moment, lookahead: int, rng: np.random.Generator) -> CityFuture:
        """Imagine the orders of the next half hours: those of a past day at the same time; none without a past."""
        if not self.history:
            worth = np.full(len(seen.order), WORTH)
            return CityFuture(
                replace(
                    seen.instance,
                    orders=replace(seen.instance.orders, penalty=worth),
                    vehicles=(*seen.instance.vehicles, *seen.soon),
                )
            )
        past = self.history[int(rng.integers(len(self.history)))]
        demand = past.demand
        until = seen.time + lookahead * STEP
        coming = demand.take(np.flatnonzero((demand.purchase > seen.time) & (demand.purchase <= until)))
        g, n = past.geography, len(coming.purchase)
        known = len(seen.spots.zone)
        spots = seen.spots.joined(g.shops).joined(coming.address)
        assert self.streets is not None
        travel = city_travel(self.streets, spots, seen.congestion)
        nowhere = len(spots.zone)
        orders = _joined(
            seen.instance.orders,
            Orders(
                names=tuple(f"future {k}" for k in range(n)),
                place=known + len(g.shops.zone) + np.arange(n),
                opens=coming.opens,
                closes=coming.closes,
                service=coming.delivery_time,
                size=coming.size,
                pickup_place=known + coming.shop,
                pickup_opens=np.maximum(coming.ready, seen.next_time),
                pickup_closes=coming.closes,
                pickup_service=coming.pickup_time,
                penalty=np.full(n, WORTH),
                late_cost=np.full(n, np.inf),
                product=coming.product,
            ),
        )
        orders = replace(orders, penalty=np.full(len(orders.names), WORTH))
        vehicles = tuple(replace(v, end=nowhere) for v in (*seen.instance.vehicles, *seen.soon))
        at = np.append(spots.longitude, np.nan), np.append(spots.latitude, np.nan)
        names = tuple(str(k) for k in range(nowhere + 1))
        instance = replace(
            seen.instance,
            places=Places(names, *at, geographic=True),
            travel=open_tables(travel, np.arange(nowhere)),
            orders=orders,
            vehicles=vehicles,
        )
        return CityFuture(instance)

    def leaving(
        self, seen: Moment, future: CityFuture, go: Array, wait: Array, stop: Stop, seed: int
    ) -> Array:
        """Solve one future and say which waiting orders leave now: bool of shape (n_orders,).

        An order leaves if its courier has to set off before the next decision, and it is picked up before any order of the
        future is.
        """
        n = len(go)
        if not seen.instance.vehicles:
            return go.copy()
        orders = future.instance.orders
        opens = orders.pickup_opens.copy()
        opens[:n][wait] = np.maximum(opens[:n][wait], seen.next_time)
        instance = replace(future.instance, orders=replace(orders, pickup_opens=opens))
        plan = future.plan = _solve(instance, stop, MOST_FUTURE, seed, future.plan)
        result, total = np.zeros(n, dtype=bool), instance.n_orders
        for route in plan.routes:
            if route.vehicle >= len(seen.courier):
                continue
            if schedule_route(instance, route).departure[0] >= seen.next_time:
                continue
            for s in route.stops:
                if s % total >= n:
                    break
                if s >= total:
                    result[s - total] = True
        return result


def _solve(instance: Instance, stop: Stop, most: int, seed: int, start: Plan | None = None) -> Plan:
    """Plan with PyVRP, in no more iterations than such a small problem needs."""
    capped = Stop(stop.seconds, most if stop.iterations is None else min(stop.iterations, most))
    return PyVrp().solve(instance, stop=capped, seed=seed, start=start).plan


def _both(instance: Instance, kind: int) -> tuple[Array, Array]:
    table: Any = instance.travel[kind]
    return table.durations, table.distances


def _joined(first: Orders, second: Orders) -> Orders:
    """Orders one behind the other."""
    made: dict[str, Any] = {}
    for name in Orders.__dataclass_fields__:
        a, b = getattr(first, name), getattr(second, name)
        made[name] = a + b if isinstance(a, tuple) else np.concatenate([a, b])
    return Orders(**made)

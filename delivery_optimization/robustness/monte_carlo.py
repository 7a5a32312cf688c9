"""Many possible days of one plan: who is late, how late, what it costs.

What couriers do on such a day, the same in every plan: they leave as planned, keep the planned sequence, wait for a window to
open and serve late rather than not at all. Nobody re-plans; what a dispatcher would save on the day is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.robustness.backend import Backend, backend
from delivery_optimization.robustness.noise import N_HOURS, Days, Law, block_size, draw
from delivery_optimization.robustness.tours import Departure, Tours, from_first_day, tours
from delivery_optimization.schedule import schedule_route

Array = np.ndarray
GONE = 1e9  # time of what never happens; half of it tells
TOLERANCE = 1e-6  # of the clock at the end of the plan: single precision is not lateness


@dataclass(frozen=True, eq=False)
class Simulation:
    """What happened over all scenarios.

    Parameters
    ----------
    n_scenarios : int
        Days simulated.
    late_days : ndarray of int, shape (n_stops,)
        On how many days each stop began after its window closed.
    lateness : ndarray of shape (n_stops,)
        Mean lateness over all days.
    late_orders : ndarray of int, shape (n_scenarios,)
        Deliveries that were late on each day; orders that the plan leaves out are late every day.
    worst : ndarray of shape (n_scenarios,)
        Lateness of the latest delivery of each day; infinite when one was lost.
    positive : ndarray
        All finite lateness above zero, over all deliveries and days.
    cost : ndarray of shape (n_scenarios,)
        Realised cost of each day, by the instance's convention.
    route_late : ndarray of shape (n_routes,)
        Mean number of late deliveries of each route, in the plan's order.
    route_late_days : ndarray of int, shape (n_routes,)
        Days on which each route had a late delivery.
    served : ndarray of bool, shape (n_orders,)
        Orders that the plan serves.
    """

    n_scenarios: int
    late_days: Array
    lateness: Array
    late_orders: Array
    worst: Array
    positive: Array
    cost: Array
    route_late: Array
    route_late_days: Array
    served: Array

    @property
    def on_time(self) -> Array:
        """Share of days on which each order was on time: shape (n_orders,); 0 for an order that is not served."""
        n = len(self.served)
        return np.where(self.served, 1 - self.late_days[:n] / self.n_scenarios, 0.0)

    @property
    def on_time_rate(self) -> float:
        """Share of orders on time, over all orders and days."""
        return float(self.on_time.mean()) if len(self.served) else 1.0

    @property
    def perfect_days(self) -> float:
        """Share of days on which nobody was served late."""
        return float((self.late_orders == 0).mean())


def simulate(
    instance: Instance,
    plan: Plan,
    law: Law,
    *,
    scenarios: int = 10_000,
    seed: int = 0,
    key: str = "evaluation",
    departure: Departure = "first_window",
    device: str = "cpu",
) -> Simulation:
    """Drive a plan through many days.

    Parameters
    ----------
    instance : Instance
        With mean times; its rush hours, if it has them, apply.
    plan : Plan
        Valid or partial.
    law : Law
        How days differ.
    scenarios : int
        Number of days.
    seed, key : int, str
        Of the days; see `delivery_optimization.robustness.noise.draw`.
    departure : {"first_window", "shift"}
        When vehicles leave.
    device : str
        ``cpu`` (numpy, one thread) or a device of torch.

    Returns
    -------
    Simulation

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Plan, Route
    >>> calm = simulate(tiny(), Plan((Route(0, (4, 5, 0, 1, 2, 3)),)), Law(travel_cv=0), scenarios=8)
    >>> calm.on_time_rate, calm.perfect_days, calm.cost[0].item()
    (1.0, 1.0, 26.0)
    """
    instance = from_first_day(instance, law.hour)
    laid = tours(instance, plan.routes, departure)
    total = _Total(instance, plan, laid, scenarios)
    for block, size in blocks(instance, scenarios):
        xp = backend(device)
        days = draw(law, n_rows(instance), size, seed=seed, key=key, block=block, device=device)
        total.add(drive(instance, laid, law, days, xp), size, xp)
    return total.result()


def n_rows(instance: Instance) -> int:
    """Rows of random numbers: one for each stop that can exist."""
    return instance.n_stops if instance.has_pickup.any() else instance.n_orders


def blocks(instance: Instance, scenarios: int) -> Iterator[tuple[int, int]]:
    """Numbers and sizes of the blocks that scenarios are simulated in.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> list(blocks(tiny(), 5000))
    [(0, 2048), (1, 2048), (2, 904)]
    """
    size = block_size(n_rows(instance))
    for block, begin in enumerate(range(0, scenarios, size)):
        yield block, min(size, scenarios - begin)


@dataclass
class Leg:
    """One position of all routes that have one, over a block of scenarios; arrays of shape (n_active, n_scenarios).

    Parameters
    ----------
    position : int
        Which one; behind the last stop of a route comes the leg home, at position -1.
    rows : slice or ndarray
        Rows of `Tours`.
    drive : array
        Time driven on the leg.
    start : array
        Begin of service (arrival for the leg home).
    late : array
        Time after the window.
    waited : array
        Time before the window opened.
    service : array
        Time at the stop.
    """

    position: int
    rows: Any
    drive: Any
    start: Any
    late: Any = None
    waited: Any = None
    service: Any = None


def drive(instance: Instance, laid: Tours, law: Law, days: Days, xp: Backend) -> Iterator[Leg]:
    """Drive all routes through a block of scenarios, stop by stop.

    Yields
    ------
    Leg
        One for each position; then one for each route's way home.
    """
    shared = xp.take(days.route, laid.first)
    size = shared.shape[1]
    clock = xp.column(laid.departure) + xp.zeros(len(laid.first), size)
    speeds = instance.speeds
    slowed = speeds is not None and (speeds.travel is None or np.isin(laid.travel, speeds.travel))
    arrive = xp.travel(speeds)
    relative = law.relative_sigma(laid.travel)
    broken = _breakdowns(law, laid, days, xp)

    def leg(k: int, rows: Any, own: Any, planned: Array) -> tuple[Any, Any]:
        """Time of arrival and time driven."""
        duration = own * shared[rows]
        if law.hour_share > 0:
            hour = xp.clip(xp.whole(clock[rows] / law.hour), 0, N_HOURS - 1)
            duration = duration * xp.along(days.hour, hour)
        if relative is not None:  # a log-normal of mean 1 and smaller variance, from the same numbers
            r = xp.column(relative[rows])
            duration = duration**r * xp.exp((r - r * r) * (0.5 * law.sigma**2))
        duration = duration * xp.column(planned)
        arrival = clock[rows] + duration
        if np.any(slowed):
            jammed = arrive(clock[rows], duration)
            arrival = jammed if np.all(slowed) else xp.where(xp.column(slowed[rows]) > 0, jammed, arrival)
        driven = arrival - clock[rows]
        if broken is not None:
            arrival = arrival + xp.where(broken.leg[rows] == k, broken.stands[rows], xp.zeros(1))
        return arrival, driven

    for k, m in enumerate(laid.active):
        m, stop = int(m), laid.stop[: int(m), k]
        rows, number = slice(0, m), np.maximum(stop, 0)
        arrival, driven = leg(k, rows, xp.take(days.leg, number), laid.leg[:m, k])
        if law.late_order > 0:
            arrival = arrival + xp.where(
                xp.take(days.added, number) < law.late_order, xp.zeros(1) + law.late_order_time, xp.zeros(1)
            )
        start = xp.maximum(arrival, xp.column(laid.opens[:m, k]))
        service = _service(law, days, laid.service[:m, k], stop, xp)
        clock[rows] = start + service
        late = xp.clip(start - xp.column(laid.closes[:m, k]), 0.0, np.inf)
        if (
            broken is not None and law.breakdown_lost > 0
        ):  # what is lost is late, even where any time would have done
            late = xp.where(start > GONE / 2, xp.zeros(1) + GONE, late)
        yield Leg(k, rows, driven, start, late, start - arrival, service)
    for length in np.unique(laid.n_stops):
        rows = np.flatnonzero(laid.n_stops == length)
        back, driven = leg(-1, rows, xp.take(days.back, laid.last[rows]), laid.leg[rows, length])
        yield Leg(-1, rows, driven, back)


@dataclass
class _Broken:
    """Leg on which each route breaks down (-2: none), and how long it stands (`GONE`: the rest is lost)."""

    leg: Any
    stands: Any


def _breakdowns(law: Law, laid: Tours, days: Days, xp: Backend) -> _Broken | None:
    if law.breakdown == 0:
        return None
    happens = xp.take(days.broken, laid.first) < law.breakdown
    where = xp.whole(xp.take(days.where, laid.first) * xp.column(laid.n_stops))
    stands = xp.zeros(*happens.shape) + law.breakdown_time
    if law.breakdown_lost > 0:
        stands = xp.where(xp.take(days.lost, laid.first) < law.breakdown_lost, xp.zeros(1) + GONE, stands)
    return _Broken(xp.where(happens, where, xp.whole(xp.zeros(1) - 2)), stands)


def _service(law: Law, days: Days, planned: Array, stop: Array, xp: Backend) -> Any:
    """Time at the stops of one position; a break takes its time always, only deliveries can be no-shows."""
    number, planned_column = np.maximum(stop, 0), xp.column(planned)
    if law.service_cv == 0 and law.no_show == 0:
        return planned_column
    service = planned_column
    real = xp.column(stop >= 0) > 0
    if law.service_cv > 0:
        service = xp.where(real, service * xp.take(days.service, number), planned_column)
    if law.no_show > 0:
        absent = (xp.take(days.absent, number) < law.no_show) & real
        service = xp.where(absent, service * law.no_show_service, service)
    return service


class _Total:
    """Sums over blocks."""

    def __init__(self, instance: Instance, plan: Plan, laid: Tours, scenarios: int) -> None:
        self.instance, self.plan, self.laid, self.scenarios = instance, plan, laid, scenarios
        self.late_days, self.lateness = np.zeros(instance.n_stops, dtype=int), np.zeros(instance.n_stops)
        self.positive: list[Array] = []
        self.days: list[tuple[Array, Array, Array]] = []
        self.route_late = np.zeros(len(plan.routes))
        self.route_late_days = np.zeros(len(plan.routes), dtype=int)
        self.least = TOLERANCE * float(laid.planned_back.max(initial=1.0))
        self.price = prices(instance, plan)

    def add(self, legs: Iterator[Leg], size: int, xp: Backend) -> None:
        """Add one block."""
        n, laid, price = self.instance.n_orders, self.laid, self.price
        late_orders, worst, cost = xp.zeros(size), xp.zeros(size), xp.zeros(size)
        late_here = xp.zeros(len(laid.first), size)
        for leg in legs:
            route = laid.order[leg.rows]
            if price.driven[route].any():
                cost = cost + (leg.drive * xp.column(price.driven[route])).sum(0)
            if leg.position < 0:
                back = xp.where(leg.start < GONE / 2, leg.start, xp.column(laid.planned_back[leg.rows]))
                away = back - xp.column(laid.departure[leg.rows])
                cost = cost + (away * xp.column(price.time[route])).sum(0)
                continue
            stop = laid.stop[leg.rows, leg.position]
            real, delivery = stop >= 0, (stop >= 0) & (stop < n)
            is_late = leg.late > self.least
            finite = xp.where(is_late & (leg.late < GONE / 2), leg.late, xp.zeros(1))
            self.late_days[stop[real]] += xp.back(is_late.sum(1)).astype(int)[real]
            self.lateness[stop[real]] += xp.back(finite.sum(1))[real]
            rate = np.where(delivery, price.late[np.maximum(stop, 0) % n], 0.0)
            if rate.any():
                cost = cost + (finite * xp.column(rate)).sum(0)
            if not delivery.all():
                is_late = is_late & (xp.column(delivery) > 0)
            self.positive.append(xp.back(finite[is_late & (finite > 0)]).astype(np.float32))
            worst = xp.maximum(worst, xp.amax(xp.where(is_late, leg.late, xp.zeros(1)), 0))
            late_orders = late_orders + is_late.sum(0)
            late_here[leg.rows] += is_late
        self.days.append((xp.back(late_orders), xp.back(worst), xp.back(cost)))
        self.route_late[laid.order] += xp.back(late_here.sum(1))
        self.route_late_days[laid.order] += xp.back((late_here > 0).sum(1)).astype(int)

    def result(self) -> Simulation:
        """Turn sums into means; what the plan leaves out is late every day."""
        late, worst, cost = (np.concatenate(parts) for parts in zip(*self.days, strict=True))
        n, left_out = self.instance.n_orders, list(self.plan.unserved)
        served = np.ones(n, dtype=bool)
        served[left_out] = False
        return Simulation(
            self.scenarios,
            self.late_days,
            self.lateness / self.scenarios,
            late.astype(int) + len(left_out),
            np.where((worst > GONE / 2) | (len(left_out) > 0), np.inf, worst),
            np.concatenate(self.positive) if self.positive else np.zeros(0, dtype=np.float32),
            cost + self.price.fixed,
            self.route_late / self.scenarios,
            self.route_late_days,
            served,
        )


@dataclass(frozen=True, eq=False)
class Prices:
    """What a day is paid by.

    Parameters
    ----------
    fixed : float
        What no delay changes: vehicles used, distance, penalties of unserved orders.
    driven : ndarray of shape (n_routes,)
        Cost of a unit of driving time, where the instance's distance is driving time.
    time : ndarray of shape (n_routes,)
        Cost of a unit of time between leaving and coming back.
    late : ndarray of shape (n_orders,)
        Cost of a unit of lateness; 0 for a hard window, whose lateness has no price in the instance.
    """

    fixed: float
    driven: Array
    time: Array
    late: Array


def prices(instance: Instance, plan: Plan) -> Prices:
    """Split the cost of a plan into what delays change and what they do not.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Plan, Route
    >>> prices(tiny(), Plan((Route(0, (4, 5, 0, 1, 2, 3)),))).fixed
    26.0
    """
    vehicles = [instance.vehicles[route.vehicle] for route in plan.routes]
    per_distance = np.array([vehicle.cost_per_distance for vehicle in vehicles])
    penalty = instance.orders.penalty[list(plan.unserved)] if plan.unserved else np.zeros(0)
    fixed = float(penalty[np.isfinite(penalty)].sum())  # as the checker does: who must be served has no price
    fixed += sum(vehicle.fixed_cost for vehicle in vehicles)
    is_time = bool(instance.time_unit) and instance.time_unit == instance.distance_unit
    if not is_time:
        fixed += float(
            sum(
                rate * schedule_route(instance, route).distance.sum()
                for rate, route in zip(per_distance, plan.routes, strict=True)
            )
        )
    late = np.where(np.isfinite(instance.orders.late_cost), instance.orders.late_cost, 0.0)
    per_time = np.array([vehicle.cost_per_duration for vehicle in vehicles])
    return Prices(fixed, per_distance * is_time, per_time, late)

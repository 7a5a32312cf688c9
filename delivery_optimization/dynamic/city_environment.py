"""The two-hour promise of the built-in city: every few minutes, which waiting orders leave with which free courier.

Orders appear when they are bought. A dispatched tour is driven as decided; travel and handling take what the day's truth says,
the same for every policy (common random numbers by courier, leg and stop). A courier gets the next tour where the last one ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.data.city_day import CityDay
from delivery_optimization.data.city_geography import Spots
from delivery_optimization.dynamic.city_moment import Courier, Moment, open_tables
from delivery_optimization.dynamic.own_day import OwnDay
from delivery_optimization.dynamic.travel_noise import TravelNoise
from delivery_optimization.instance import Places, Table, VehicleType
from delivery_optimization.plan import Plan, Route
from usecases.errors import UserError
from usecases.simulation import stream

Array = np.ndarray
Tours = Sequence[tuple[int, Sequence[int]]]
APPROACH = 900.0  # s kept for the way to the shop, where it is judged whether an order can wait
OVERTIME = 4 * 3600.0  # s after the service has closed, in which what waits is still delivered
EARLY = 3600.0  # s before its window opens, from which on an order can be dispatched


class CityShifts:
    """One day of the city; an environment for `usecases.simulation.play`.

    Parameters
    ----------
    made : CityDay or OwnDay
        With its order stream and its truth.
    seed : int
        Of the data, for the random numbers of legs and stops.
    number : int
        Day that the observations carry.
    period : float
        Time between two decisions (s).

    Examples
    --------
    >>> from delivery_optimization.data.city import city_day
    >>> moment = CityShifts(city_day(0, n_orders=20), seed=0).reset()
    >>> moment.n_left, moment.time / 3600
    (78, 8.0)
    """

    def __init__(self, made: CityDay | OwnDay, seed: int, number: int = 0, period: float = 600.0) -> None:
        self.made, self.number, self.period = made, number, period
        self.whole = made.instance
        n, m = self.whole.n_orders, len(self.whole.places.names)
        rng = stream(seed, "dynamic", self.whole.name)
        opens, closes = (made.at_hour(hour) for hour in made.hours)
        self.times = np.arange(opens, closes + 1, period)
        n_couriers = sum(vehicle.number for vehicle in self.whole.vehicles)
        driven = min(vehicle.opens for vehicle in self.whole.vehicles), closes + OVERTIME
        self.noise = TravelNoise.drawn(made.truth.travel, m, n_couriers, driven, rng)
        cv = made.truth.service.cv
        factor = rng.gamma(1 / cv**2, cv**2, 2 * n) if cv > 0 else np.ones(2 * n)
        self.handling = self.whole.stop_service * factor

    def reset(self) -> Moment | None:
        """Begin the day."""
        self.k = 0
        everyone = [
            (v, vehicle) for v, vehicle in enumerate(self.whole.vehicles) for _ in range(vehicle.number)
        ]
        self.couriers = [
            Courier(number, v, vehicle.start, vehicle.opens, vehicle.opens)
            for number, (v, vehicle) in enumerate(everyone)
        ]
        n = self.whole.n_orders
        self.served = np.zeros(n, dtype=bool)
        self.delivered_at = np.full(n, np.nan)
        return self._observe()

    @property
    def now(self) -> float:
        """Moment of the decision (s)."""
        return float(self.times[0] + self.k * self.period)

    def step(self, tours: Tours) -> Moment | None:
        """Send couriers off; what is in no tour waits.

        Parameters
        ----------
        tours : sequence of (int, sequence of int)
            Number of a free courier, and the stops: order ``i`` is its delivery, ``-1 - i`` its pickup.

        Raises
        ------
        UserError
            If the checker refuses the tours.
        """
        plan = self._plan(tours)
        verdict = check(self.seen.instance, plan)
        wrong = verdict.wrong
        if wrong:
            raise UserError(self._refusal(wrong[0].detail))
        for courier, stops in tours:
            self._drive(self.couriers[int(courier)], [int(stop) for stop in stops])
        self.k += 1
        return self._observe()

    def _plan(self, tours: Tours) -> Plan:
        """Translate an action to the instance that was seen."""
        seen = self.seen
        n, vehicles = seen.instance.n_orders, {int(c): k for k, c in enumerate(seen.courier)}
        position = {int(o): k for k, o in enumerate(seen.order)}
        routes, served = [], set()
        for courier, stops in tours:
            orders = [stop if stop >= 0 else -1 - stop for stop in map(int, stops)]
            unknown = [order for order in orders if order not in position]
            if int(courier) not in vehicles:
                raise UserError(self._refusal(f"courier {courier} is not free"))
            if unknown:
                raise UserError(self._refusal(f"order {unknown[0]} does not wait"))
            numbers = [position[o] + (n if stop < 0 else 0) for o, stop in zip(orders, stops, strict=True)]
            routes.append(Route(vehicles[int(courier)], tuple(numbers)))
            served |= {number % n for number in numbers}
        return Plan(tuple(routes), tuple(k for k in range(n) if k not in served))

    def _refusal(self, why: str) -> str:
        return (
            f"The action at {self.now / 3600:.2f} h of {self.whole.name} was refused: {why}; "
            "tours of free couriers with waiting orders were expected, so the policy has an error"
        )

    def _drive(self, courier: Courier, stops: list[int]) -> None:
        """Let a courier do a tour, in true times."""
        whole, n = self.whole, self.whole.n_orders
        time = expected = self.now
        courier.left_at = time if courier.left_at is None else courier.left_at
        for stop in stops:
            s = stop if stop >= 0 else n + (-1 - stop)
            place = int(whole.stop_place[s])
            nominal, real = self._leg(courier, place, time)
            courier.busy += real + self.handling[s]
            expected = max(expected + nominal, whole.stop_opens[s]) + whole.stop_service[s]
            begin = max(time + real, whole.stop_opens[s])
            time, courier.place = begin + self.handling[s], place
            courier.stops.append(s)
            if s < n:
                self.served[s], self.delivered_at[s] = True, begin
        courier.free_at, courier.expected = time, expected

    def _leg(self, courier: Courier, place: int, time: float) -> tuple[float, float]:
        """Planned and true time of a leg; its distance is added."""
        kind = self.whole.vehicles[courier.vehicle].travel
        a, b = np.array([courier.place]), np.array([place])
        duration, distance = (float(values[0]) for values in self.whole.travel[kind].pairs(a, b))
        courier.distance += distance
        factor = self.noise.factor(kind, courier.number, time, (courier.place, place))
        if kind == 0:  # rush hours and the day's own factor are felt by vans
            law = self.made.truth.travel
            period = int(np.searchsorted(law.profile.edges, time, side="right")) - 1
            factor *= float(law.profile.factors[max(period, 0)]) * law.day_factor
        return duration, duration * factor

    def _observe(self) -> Moment | None:
        """What can be seen now; None when the service is closed and nothing waits."""
        closed = self.now > self.times[-1]
        if closed and (self.served.all() or self.now > self.times[-1] + OVERTIME):
            return None
        whole, demand, now = self.whole, self.made.demand, self.now
        later = now + self.period
        from_when = np.maximum(demand.ready, demand.opens - EARLY)
        waiting = np.flatnonzero(~self.served & (demand.purchase <= now) & (from_when <= later))
        direct = whole.travel[0].pairs(whole.orders.pickup_place[waiting], whole.orders.place[waiting])[0]
        latest = whole.orders.closes[waiting] - direct - demand.pickup_time[waiting] - APPROACH
        must_go = (latest < later) | closed
        free = [
            k
            for k, c in enumerate(self.couriers)
            if c.free_at <= now < self._shift_end(c) - 1800 and (not self._external(c) or must_go.any())
        ]
        self.seen = self._moment(waiting, np.array(free, dtype=int), must_go, later)
        return self.seen

    def _shift_end(self, courier: Courier) -> float:
        last = self.times[-1]
        end = self.whole.vehicles[courier.vehicle].closes
        return end if end < last else end + OVERTIME  # who closes the day stays until all is delivered

    def _external(self, courier: Courier) -> bool:
        carrier = self.whole.vehicles[courier.vehicle].carrier
        return any(one.external and one.name == carrier for one in self.made.carriers)

    def _moment(self, waiting: Array, free: Array, must_go: Array, later: float) -> Moment:
        whole, orders = self.whole, self.whole.orders.take(waiting)
        soon = [
            k
            for k, c in enumerate(self.couriers)
            if k not in set(free.tolist())
            and c.expected <= self.now + 3600 < self._shift_end(c)
            and not self._external(c)
        ]
        used = np.unique(
            np.concatenate(
                [orders.place, orders.pickup_place, [self.couriers[k].place for k in (*free, *soon)]]
            )
        ).astype(int)
        where = {int(place): k for k, place in enumerate(used)}
        travel = open_tables(whole.travel, used)

        def vehicle(k: int, opens: float) -> VehicleType:
            c = self.couriers[k]
            kind = whole.vehicles[c.vehicle]
            fixed = kind.fixed_cost if c.left_at is None else 0.0
            return replace(
                kind,
                number=1,
                start=where[c.place],
                end=len(used),
                opens=opens,
                closes=self._shift_end(c),
                fixed_cost=fixed,
            )

        vehicles = tuple(vehicle(k, self.now) for k in free)
        moved = replace(
            orders,
            place=np.array([where[int(p)] for p in orders.place], dtype=int),
            pickup_place=np.array([where[int(p)] for p in orders.pickup_place], dtype=int),
        )
        moved = replace(moved, closes=np.maximum(moved.closes, self._earliest(moved, vehicles, travel)))
        nan = np.append(whole.places.x[used], np.nan), np.append(whole.places.y[used], np.nan)
        instance = replace(
            whole,
            name=f"{whole.name} at {self.now:.0f} s",
            places=Places((*(whole.places.names[p] for p in used), "nowhere"), *nan, geographic=True),
            travel=travel,
            orders=replace(moved, pickup_closes=moved.closes),
            vehicles=vehicles,
            speeds=None,
        )
        spots = self.made.geography.bases.joined(self.made.geography.shops).joined(self.made.demand.address)
        return Moment(
            day=self.number,
            number=self.k,
            n_left=max(len(self.times) - 1 - self.k, 0),
            time=self.now,
            next_time=later,
            instance=instance,
            order=waiting,
            courier=free,
            must_go=must_go,
            soon=tuple(vehicle(k, max(self.couriers[k].expected, later)) for k in soon),
            spots=Spots(spots.latitude[used], spots.longitude[used], spots.zone[used]),
            congestion=self.made.congestion,
        )

    def _earliest(self, orders: Any, vehicles: tuple[VehicleType, ...], travel: tuple[Table, ...]) -> Array:
        """Earliest begin of each delivery by the nearest free courier, and a minute."""
        best = np.full(len(orders.names), np.inf)
        for vehicle in vehicles:
            table = travel[vehicle.travel].durations
            at_shop = np.maximum(self.now + table[vehicle.start, orders.pickup_place], orders.pickup_opens)
            best = np.minimum(
                best, at_shop + orders.pickup_service + table[orders.pickup_place, orders.place]
            )
        return np.where(np.isfinite(best), np.ceil(best) + 60, 0.0)

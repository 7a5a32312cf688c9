"""A tour that grows: what it costs to put orders anywhere into it, for many orders at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.instance import UNREACHABLE, Instance
from delivery_optimization.plan import Route

Array = np.ndarray
TOLERANCE = 1e-6


class Tour:
    """The tour of one vehicle; position 0 is the start of its shift, the last one its end.

    Parameters
    ----------
    instance : Instance
        What it belongs to.
    vehicle : int
        Number of its type.
    closes : ndarray of shape (n_stops,), optional
        Closing times to keep instead of the instance's.
    stops : sequence of int
        Stops that it has from the beginning.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> tour = Tour(tiny(), 0)
    >>> cost, _, _ = tour.insertions(np.array([0, 3]))
    >>> cost.tolist()
    [8.0, 4.0]
    >>> tour.insert(0, 0, 0)
    >>> tour.stops
    [4, 0]
    """

    def __init__(
        self, instance: Instance, vehicle: int, closes: Array | None = None, stops: Sequence[int] = ()
    ) -> None:
        self.instance, self.vehicle = instance, vehicle
        self.kind = instance.vehicles[vehicle]
        self.travel = instance.travel[self.kind.travel]
        self.closes = instance.stop_closes if closes is None else closes
        self.room = np.array(self.kind.capacity, dtype=float) + TOLERANCE
        self.stops: list[int] = list(stops)
        self._update()

    def route(self) -> Route:
        """The tour as a route of a plan."""
        return Route(self.vehicle, tuple(self.stops))

    def insert(self, order: int, first: int, second: int) -> None:
        """Put an order into the tour at positions that `insertions` gave."""
        if self.instance.has_pickup[order]:
            self.stops.insert(second, order)
            self.stops.insert(first, self.instance.n_orders + order)
        else:
            self.stops.insert(first, order)
        self._update()

    def legs(self, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations and distances, for arrays of places that are broadcast against each other."""
        a, b = np.broadcast_arrays(origins, destinations)
        return self.travel.pairs(a, b)

    def insertions(self, orders: Array) -> tuple[Array, Array, Array]:
        """Cheapest feasible insertion of each order.

        Parameters
        ----------
        orders : ndarray of int, shape (n,)
            Numbers of orders that are not in the tour.

        Returns
        -------
        cost : ndarray of shape (n,)
            What it adds (without the fixed cost); infinite where there is no feasible place.
        first, second : ndarray of int, shape (n,)
            Number of stops before the pickup and before the delivery (the pickup not counted); both are the same for an
            order without a pickup.
        """
        orders = np.asarray(orders, dtype=int)
        cost, first, second = np.full(len(orders), np.inf), *np.zeros((2, len(orders)), dtype=int)
        paired = self.instance.has_pickup[orders]
        for chosen, evaluate in ((~paired, self._single), (paired, self._pairs)):
            if chosen.any():
                cost[chosen], first[chosen], second[chosen] = evaluate(orders[chosen])
        return cost, first, second

    def _update(self) -> None:
        """Times and loads at every position, after a change."""
        instance, kind, n = self.instance, self.kind, self.instance.n_orders
        stops = np.array(self.stops, dtype=int)
        self.place = np.concatenate([[kind.start], instance.stop_place[stops], [kind.end]]).astype(int)
        self.leg, self.length = self.legs(self.place[:-1], self.place[1:])
        opens = np.concatenate([[kind.opens], instance.stop_opens[stops], [kind.opens]])
        closes = np.concatenate([[np.inf], self.closes[stops], [kind.closes]])
        service = np.concatenate([[0.0], instance.stop_service[stops], [0.0]])
        departure, latest = np.empty(len(opens)), closes.copy()
        clock = kind.opens
        for k in range(len(opens)):
            clock = max(clock + (self.leg[k - 1] if k else 0.0), opens[k]) + service[k]
            departure[k] = clock
        for k in range(len(opens) - 2, -1, -1):
            latest[k] = min(closes[k], latest[k + 1] - self.leg[k] - service[k])
        self.departure, self.latest = departure, latest
        self.opens_at, self.closes_at, self.service_at = opens, closes, service
        change = np.zeros((len(opens), instance.orders.size.shape[1]))
        for k, stop in enumerate(self.stops, start=1):
            size = instance.orders.size[stop % n]
            change[k] += size if stop >= n else -size
            if stop < n and not instance.has_pickup[stop]:
                change[0] += size
        self.load = np.cumsum(change, axis=0)  # on board when leaving each position

    def _price(self, distance: Array, duration: Array) -> Array:
        priced = self.kind.cost_per_distance * distance
        if self.kind.cost_per_duration:
            priced = priced + self.kind.cost_per_duration * duration
        return priced

    def _single(self, orders: Array) -> tuple[Array, Array, Array]:
        """Orders on board from the depot: all orders against all positions, shape (n, n_positions)."""
        instance, data = self.instance, self.instance.orders
        where = data.place[orders][:, None]
        out, out_far = self.legs(self.place[None, :-1], where)
        back, back_far = self.legs(where, self.place[None, 1:])
        start = np.maximum(self.departure[None, :-1] + out, data.opens[orders][:, None])
        arrival = start + data.service[orders][:, None] + back
        possible = start <= self.closes[orders][:, None] + TOLERANCE
        possible &= arrival <= self.latest[None, 1:] + TOLERANCE
        possible &= (out < UNREACHABLE) & (back < UNREACHABLE)
        peak = np.maximum.accumulate(self.load[:-1], axis=0)
        possible &= (peak[None] + instance.orders.size[orders][:, None, :] <= self.room).all(axis=2)
        longer = out + data.service[orders][:, None] + back - self.leg[None]
        cost = np.where(possible, self._price(out_far + back_far - self.length[None], longer), np.inf)
        best = np.argmin(cost, axis=1)
        return cost[np.arange(len(orders)), best], best, best

    def _pairs(self, orders: Array) -> tuple[Array, Array, Array]:
        """Orders with a pickup: for each pair of positions, all orders at once."""
        data, n = self.instance.orders, self.instance.n_orders
        shop, door, size = data.pickup_place[orders], data.place[orders], data.size[orders]
        latest_pickup = self.closes[orders + n] + TOLERANCE
        to_shop, to_shop_far = self.legs(self.place[None, :-1], shop[:, None])
        from_shop, from_shop_far = self.legs(shop[:, None], self.place[None, 1:])
        to_door, to_door_far = self.legs(self.place[None, :-1], door[:, None])
        from_door, from_door_far = self.legs(door[:, None], self.place[None, 1:])
        direct, direct_far = self.legs(shop, door)
        reach = (
            (direct < UNREACHABLE)
            & (to_shop < UNREACHABLE).all(axis=1)
            & (from_door < UNREACHABLE).all(axis=1)
        )
        best = np.full(len(orders), np.inf)
        first, second = np.zeros((2, len(orders)), dtype=int)
        work = data.pickup_service[orders] + data.service[orders]
        last = len(self.place) - 2
        for a in range(last + 1):
            start = np.maximum(self.departure[a] + to_shop[:, a], data.pickup_opens[orders])
            alive = reach & (start <= latest_pickup) & (self.load[a] + size <= self.room).all(axis=1)
            if not alive.any():
                continue
            clock = (
                start + data.pickup_service[orders]
            )  # when leaving the stop after which the delivery may come
            for b in range(a, last + 1):
                if b > a:  # drive on to the stop at position b first
                    leg = from_shop[:, a] if b == a + 1 else self.leg[b - 1]
                    arrival = np.maximum(clock + leg, self.opens_at[b])
                    alive &= (arrival <= self.latest[b] + TOLERANCE) & (self.load[b] + size <= self.room).all(
                        axis=1
                    )
                    if not alive.any():
                        break
                    clock = arrival + self.service_at[b]
                leg, far = (direct, direct_far) if b == a else (to_door[:, b], to_door_far[:, b])
                begin = np.maximum(clock + leg, data.opens[orders])
                possible = alive & (begin <= self.closes[orders] + TOLERANCE)
                possible &= begin + data.service[orders] + from_door[:, b] <= self.latest[b + 1] + TOLERANCE
                if not possible.any():
                    continue
                if b == a:
                    distance = to_shop_far[:, a] + far + from_door_far[:, b] - self.length[a]
                    duration = to_shop[:, a] + leg + from_door[:, b] - self.leg[a] + work
                else:
                    distance = to_shop_far[:, a] + from_shop_far[:, a] - self.length[a]
                    distance = distance + far + from_door_far[:, b] - self.length[b]
                    duration = to_shop[:, a] + from_shop[:, a] - self.leg[a]
                    duration = duration + leg + from_door[:, b] - self.leg[b] + work
                cost = self._price(distance, duration)
                better = possible & (cost < best)
                best[better], first[better], second[better] = cost[better], a, b
        return best, first, second

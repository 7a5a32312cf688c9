"""A sector: some orders and some vehicles of an instance, with tables of its own, so that memory grows with the sector only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Instance, Places, Table
from delivery_optimization.plan import Plan, Route

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Part:
    """A sector, and the way back to the whole.

    Parameters
    ----------
    instance : Instance
        With its own places, tables and vehicles.
    orders : ndarray of int, shape (n_orders of the part,)
        Order k of the part is order ``orders[k]`` of the whole.
    types : tuple of int
        Vehicle type k of the part is type ``types[k]`` of the whole.
    n_whole : int
        Number of orders of the whole.
    """

    instance: Instance
    orders: Array
    types: tuple[int, ...]
    n_whole: int

    def inside(self, routes: Sequence[Route]) -> Plan:
        """Give routes of the whole the part's numbers; its other orders are unserved."""
        n, number = self.instance.n_orders, {int(order): k for k, order in enumerate(self.orders)}
        made = []
        for route in routes:
            stops = (number[s % self.n_whole] + (n if s >= self.n_whole else 0) for s in route.stops)
            made.append(Route(self.types.index(route.vehicle), tuple(stops)))
        served = {stop % n for route in made for stop in route.stops}
        return Plan(tuple(made), tuple(k for k in range(n) if k not in served))

    def outside(self, plan: Plan) -> tuple[Route, ...]:
        """Give the routes of a plan of the part the numbers of the whole."""
        n = self.instance.n_orders
        return tuple(
            Route(
                self.types[route.vehicle],
                tuple(int(self.orders[s % n]) + (self.n_whole if s >= n else 0) for s in route.stops),
            )
            for route in plan.routes
        )


def part(instance: Instance, orders: Sequence[int] | Array, numbers: Sequence[int] | Array) -> Part:
    """Cut a sector out of an instance.

    Parameters
    ----------
    instance : Instance
        The whole.
    orders : sequence of int
        Orders of the sector.
    numbers : sequence of int
        How many vehicles of each type of the whole it may use.

    Returns
    -------
    Part
        Its tables hold the sector's places only, in 32 bits where that loses nothing.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> sector = part(tiny(), [2, 3], [1, 0])
    >>> sector.instance.travel[0].durations.shape, [v.name for v in sector.instance.vehicles]
    ((3, 3), ['van'])
    >>> sector.outside(Plan((Route(0, (1, 0)),)))
    (Route(vehicle=0, stops=(3, 2)),)
    """
    chosen = np.asarray(orders, dtype=int)
    some = instance.restricted(chosen)
    types = tuple(k for k, number in enumerate(numbers) if number > 0)
    fleet = [replace(instance.vehicles[k], number=int(numbers[k])) for k in types]
    ends = [place for vehicle in fleet for place in (vehicle.start, vehicle.end)]
    used = np.unique(np.concatenate([ends, some.stop_place[some.stop_place != FROM_DEPOT]]).astype(int))
    drives = sorted({vehicle.travel for vehicle in fleet})

    def here(place: int) -> int:
        return int(np.searchsorted(used, place))

    vehicles = tuple(
        replace(v, start=here(v.start), end=here(v.end), travel=drives.index(v.travel)) for v in fleet
    )
    pickup = some.orders.pickup_place
    stops = replace(
        some.orders,
        place=np.searchsorted(used, some.orders.place),
        pickup_place=np.where(pickup == FROM_DEPOT, FROM_DEPOT, np.searchsorted(used, pickup)),
    )
    places = instance.places
    near = Places(
        tuple(places.names[int(i)] for i in used), places.x[used], places.y[used], places.geographic
    )
    travel = tuple(Table(*(_small(table) for table in instance.travel[k].table(used))) for k in drives)
    made = replace(some, places=near, travel=travel, orders=stops, vehicles=vehicles, speeds=None, notes=())
    return Part(made, chosen, types, instance.n_orders)


def _small(table: Array) -> Array:
    """A table in 32 bits, if all its numbers are the same in them."""
    small = np.asarray(table, dtype=np.float32)
    return small if np.array_equal(small, table) else np.asarray(table, dtype=float)


def shared_out(numbers: Sequence[int] | Array, weights: Array, taken: Array) -> Array:
    """Share the vehicles that no sector uses yet.

    Each vehicle in turn goes to the sector that has the fewest for its weight, so that none of them is given twice.

    Parameters
    ----------
    numbers : sequence of int, shape (n_types,)
        The whole fleet.
    weights : ndarray of shape (n_sectors,)
        Work of each sector.
    taken : ndarray of int, shape (n_sectors, n_types)
        Vehicles that each sector uses already.

    Returns
    -------
    ndarray of int, shape (n_sectors, n_types)
        At least `taken`; each column sums to the fleet's number.

    Examples
    --------
    >>> shared_out([3, 1], np.array([2.0, 1.0]), np.array([[1, 0], [1, 0]])).tolist()
    [[2, 1], [1, 0]]
    """
    given = np.array(taken, dtype=int)
    for kind, number in enumerate(numbers):
        for _ in range(int(number) - int(given[:, kind].sum())):
            given[np.argmin((given.sum(axis=1) + 1) / weights), kind] += 1
    return given


def fleet_used(routes: Sequence[Route], n_types: int) -> Array:
    """Count the vehicles of each type that routes use: int of shape (n_types,).

    Examples
    --------
    >>> fleet_used([Route(1, (0,)), Route(1, (2,))], 3).tolist()
    [0, 2, 0]
    """
    used = Counter(route.vehicle for route in routes)
    return np.array([used[kind] for kind in range(n_types)], dtype=int)

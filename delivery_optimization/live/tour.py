"""One courier's tour as arrays: what an insertion must know of each gap between two stops, and of each pair of gaps.

Stops are numbered so that new orders do not renumber old ones: ``2 * order`` is its delivery, ``2 * order + 1`` its pickup.
Gap k lies after element k of the tour; element 0 is the start of the shift, the last one its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import VehicleType
from delivery_optimization.live.legs import Legs
from delivery_optimization.live.segment import Segment

Array = np.ndarray
LEG, PREFIX, SUFFIX, PAID, PER_DISTANCE, PER_DURATION, FIXED, LEFT, ROOM = 0, 1, 4, 7, 8, 9, 10, 11, 12
PAIR_SEGMENT, PAIR_ROOM = 0, 3


@dataclass
class Stops:
    """What is known of every stop: arrays that grow by two with each order.

    Parameters
    ----------
    place : ndarray of int, shape (2 * n_orders,)
        Place of each stop.
    times : ndarray of float, shape (2 * n_orders, 3)
        When it opens, when it closes, how long the service is.
    change : ndarray of float, shape (2 * n_orders, n_dimensions)
        What it adds to the load.
    on_board : ndarray of bool, shape (2 * n_orders,)
        Whether it is a delivery of what was loaded at the depot.
    """

    place: Array
    times: Array
    change: Array
    on_board: Array


@dataclass
class Tour:
    """A courier and the stops to make.

    Parameters
    ----------
    courier : int
        Unique in the fleet.
    vehicle : int
        Number of the type.
    stops : tuple of int
        See above for their numbers.
    left : float, optional
        When the courier left the depot; None before.
    cost : float
        Of the tour, once it is built.
    departure : float
        When the courier will leave: as late as possible without coming back later.
    feasible : bool
        Whether everything is on time and fits.
    """

    courier: int
    vehicle: int
    stops: tuple[int, ...]
    left: float | None = None
    cost: float = 0.0
    departure: float = 0.0
    feasible: bool = True

    def build(self, stops: Stops, vehicle: VehicleType, legs: Legs, now: float) -> None:
        """Compute all arrays of the tour.

        Parameters
        ----------
        stops : Stops
            Of all orders.
        vehicle : VehicleType
            Who drives.
        legs : Legs
            Travel.
        now : float
            A courier still at the depot cannot leave before.
        """
        chosen = np.array(self.stops, dtype=int)
        m = len(chosen)
        begin = max(vehicle.opens, now) if self.left is None else self.left
        end = vehicle.closes if self.left is None else self.left
        place = np.concatenate([[vehicle.start], stops.place[chosen], [vehicle.end]])
        bounds = [[begin, end, 0.0]], stops.times[chosen], [[vehicle.opens, vehicle.closes, 0.0]]
        opens, closes, service = np.concatenate(bounds).T
        kind = np.full(m + 1, vehicle.travel)
        durations, distances = legs.pairs(kind, place[:-1], place[1:])
        # arrival and departure of each element if nobody ever waited and the tour began at 0
        arrival = np.concatenate([[0.0], np.cumsum(service[:-1] + durations)])
        away = arrival + service
        early, late = opens - arrival, closes - arrival
        self._times = arrival, away, early, late
        whole_early, whole_late = early.max(), late.min()
        earliest = np.maximum.accumulate(early)
        self.feasible = bool(np.all(earliest <= late + 1e-7))
        self.departure = float(min(whole_late, max(whole_early, begin)))
        paid = float(max(arrival[-1], arrival[-1] + whole_early - whole_late))
        load = self._load(stops, chosen)
        room = np.array(vehicle.capacity) - load
        self.feasible = self.feasible and bool(np.all(room >= -1e-6))
        used = m > 0
        self.cost = used * (
            vehicle.fixed_cost
            + vehicle.cost_per_distance * distances.sum()
            + vehicle.cost_per_duration * paid
        )
        self.room, self.pair_block, self.pair_gaps = room, None, None
        self.places = np.stack([place[:-1], place[1:], kind, np.full(m + 1, self.courier), np.arange(m + 1)])
        self.block = self._columns(vehicle, distances if used else 0.0 * distances, paid if used else 0.0)

    def _columns(self, vehicle: VehicleType, distances: Array, paid: float) -> Array:
        """Fill what an insertion must know of each gap; an unused vehicle costs nothing so far."""
        arrival, away, early, late = self._times
        n_dimensions = self.room.shape[1]
        block = np.empty((ROOM + 2 * n_dimensions, len(distances)))
        block[LEG], block[PAID] = distances, paid
        block[PREFIX] = away[:-1]
        block[PREFIX + 1] = (np.maximum.accumulate(early) + away)[:-1]
        block[PREFIX + 2] = np.minimum.accumulate(late)[:-1]
        block[SUFFIX] = arrival[-1] - arrival[1:]
        block[SUFFIX + 1] = arrival[-1] + np.maximum.accumulate(early[::-1])[::-1][1:]
        block[SUFFIX + 2] = arrival[1:] + np.minimum.accumulate(late[::-1])[::-1][1:]
        block[PER_DISTANCE], block[PER_DURATION] = vehicle.cost_per_distance, vehicle.cost_per_duration
        block[FIXED] = 0.0 if self.stops else vehicle.fixed_cost
        block[LEFT] = self.left is not None
        block[ROOM : ROOM + n_dimensions] = np.minimum.accumulate(self.room, axis=0).T
        block[ROOM + n_dimensions :] = self.room.T
        return block

    def build_pairs(self) -> None:
        """Compute what lies between each pair of gaps: segments of stops, and the room left along them.

        The earliest and latest times of all segments are running maxima and minima over a triangle of stops.
        """
        if self.pair_gaps is not None:
            return
        arrival, away, early, late = (values[1:-1] for values in self._times)
        m = len(arrival)
        first, last = np.triu_indices(m)
        upper = np.triu(np.ones((m, m), dtype=bool))
        earliest = np.maximum.accumulate(np.where(upper, early, -np.inf), axis=1)[first, last]
        latest = np.minimum.accumulate(np.where(upper, late, np.inf), axis=1)[first, last]
        block = np.empty((PAIR_ROOM + self.room.shape[1], len(first)))
        block[0] = away[last] - arrival[first]
        block[1] = away[last] + earliest
        block[2] = arrival[first] + latest
        longer = np.triu(np.ones((m + 1, m + 1), dtype=bool))
        for d, room in enumerate(self.room.T):
            least = np.minimum.accumulate(np.where(longer, room, np.inf), axis=1)
            block[PAIR_ROOM + d] = least[first, last + 1]
        # stops first..last (from 0) lie between gap `first` and gap `last + 1`
        self.pair_gaps, self.pair_block = np.stack([first, last + 1]), block

    def departures(self) -> Array:
        """When the courier leaves each element of the tour but the last: shape (n_stops + 1,)."""
        return self.block[PREFIX + 1]

    def frozen(self, now: float) -> int:
        """Count the stops that are done or under way: the courier has left the element before."""
        if self.left is None:
            return 0
        return min(len(self.stops), int(np.searchsorted(self.departures(), now, side="right")))

    def segment_from(self, gap: int) -> Segment:
        """Give the part of the tour before a gap."""
        return Segment(*self.block[PREFIX : PREFIX + 3, gap])

    @staticmethod
    def _load(stops: Stops, chosen: Array) -> Array:
        """Load on each leg: what is loaded at the depot is on board from the start."""
        change = stops.change[chosen]
        start = -change[stops.on_board[chosen]].sum(axis=0, keepdims=True)
        return np.concatenate([start, start + np.cumsum(change, axis=0)])


def courier_numbers(vehicles: Sequence[VehicleType]) -> list[range]:
    """Number the couriers of a fleet, type by type.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> courier_numbers(tiny().vehicles)
    [range(0, 1), range(1, 2)]
    """
    numbers, first = [], 0
    for vehicle in vehicles:
        numbers.append(range(first, first + vehicle.number))
        first += vehicle.number
    return numbers

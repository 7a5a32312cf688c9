"""What a dispatcher of the city sees at a moment: orders that wait, couriers that are free; and where a courier is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from delivery_optimization.data.city_geography import Spots
from delivery_optimization.instance import Instance, Table, Travel, VehicleType

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Moment:
    """One observation: orders that wait, couriers that are free.

    Parameters
    ----------
    day, number : int
        Which day of the run, and which decision of it.
    n_left : int
        Decisions until the service closes.
    time, next_time : float
        Now, and the moment of the next decision (s from midnight).
    instance : Instance
        Waiting orders and free couriers, one vehicle type for each; tours end at their last stop. Windows are the promises, or the
        earliest moment that is still possible.
    order, courier : ndarray of int
        Numbers that the action uses: of the instance's orders, of its vehicles.
    must_go : ndarray of bool, shape (n_orders,)
        Orders that would hardly be on time at the next decision.
    soon : tuple of VehicleType
        Couriers that are expected to be free within the hour, with the moment and the place.
    spots : Spots
        The instance's places, with their zones.
    congestion : float
        Of the day, as planners know it.
    """

    day: int
    number: int
    n_left: int
    time: float
    next_time: float
    instance: Instance
    order: Array
    courier: Array
    must_go: Array
    soon: tuple[VehicleType, ...]
    spots: Spots
    congestion: float


@dataclass
class Courier:
    """Number of a courier, where he is, and what he did."""

    number: int
    vehicle: int
    place: int
    free_at: float
    expected: float
    left_at: float | None = None
    stops: list[int] = field(default_factory=list)
    distance: float = 0.0
    busy: float = 0.0


def open_tables(travel: tuple[Travel, ...], places: Array) -> tuple[Table, ...]:
    """Tables among some places, and one more that is nowhere: going there takes nothing, so that a tour can end anywhere."""
    made = []
    for one in travel:
        made.append(Table(*(np.pad(values, (0, 1)) for values in one.table(places))))
    return tuple(made)

"""Small instances in the plane, made from a seed: tight fleet, tight windows, and a plan that is known to exist.

They are made backwards. Tours are drawn first (orders by angle around the depot, then always the nearest next one), driven with
exact distances, and each window is laid around the time at which its order was served; the fleet and the capacity are those of
these tours. So a plan that serves everybody exists, and a method that finds none has failed: nothing of it is in the instance.

Windows around the times of a known plan: M. M. Solomon, *Operations Research* 35(2), 1987, section 4 (his clustered instances).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from delivery_optimization.data.describe import GENERATED, both, convention, objective
from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.instance import DIMACS, DOUBLE, Instance, Orders, Places, Table, VehicleType
from usecases.errors import UserError, nearest
from usecases.simulation import stream

VERSION = "1.0"  # of the generator; its numbers never change within a version
SIDE, SERVICE, LARGEST = 100, 10.0, 30  # of the square; time at a stop; largest size of an order
CONVENTIONS = {"dimacs": DIMACS, "double": DOUBLE}


@dataclass(frozen=True)
class Plane:
    """Instances made backwards from tours.

    Parameters
    ----------
    n_orders : int
        Orders of each instance, from 1 to 400.
    instances : int
        How many instances, from 1 to 100.
    per_tour : int
        Orders of a tour of the hidden plan.
    window : float
        Length of a time window; driving across the square takes 100.
    spare : int
        Vehicles beyond those of the hidden plan, 0 or more.
    convention : {"double", "dimacs"}
        Distances as they are, or truncated to one decimal.

    Raises
    ------
    UserError
        If a value is out of range.

    Examples
    --------
    >>> read = Plane(n_orders=12, instances=2).read(seed=0)
    >>> [instance.name for instance in read.instances], read.instances[0].n_orders
    (['plane 1', 'plane 2'], 12)
    """

    n_orders: int = 50
    instances: int = 10
    per_tour: int = 10
    window: float = 20.0
    spare: int = 2
    convention: Literal["double", "dimacs"] = "double"

    def __post_init__(self) -> None:
        for key, least, most in (
            ("n_orders", 1, 400),
            ("instances", 1, 100),
            ("per_tour", 1, 400),
            ("spare", 0, 100),
        ):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise UserError(
                    f"data.{key}={value} was given; a whole number from {least} to {most} was expected: type data.{key}=10"
                )
        if not 0 < self.window < np.inf:
            raise UserError(
                f"data.window={self.window} was given; a number above 0 was expected: type data.window=20"
            )
        if self.convention not in CONVENTIONS:
            raise UserError(
                f"data.convention={self.convention} was given: {nearest(str(self.convention), CONVENTIONS)}."
            )

    def read(self, seed: int) -> RoutingData:
        """Make the instances; the same seed gives the same ones, in either convention."""
        made = tuple(
            make_instance(
                stream(seed, "plane", number),
                f"plane {number + 1}",
                n_orders=self.n_orders,
                per_tour=self.per_tour,
                window=self.window,
                spare=self.spare,
                convention=self.convention,
            )
            for number in range(self.instances)
        )
        return RoutingData(
            made,
            description={
                "name": "plane",
                "kind": "simulated",
                "licence": both(GENERATED),
                "convention": convention(self.convention),
                "objective": objective("distance"),
                "n_instances": len(made),
                "n_orders": sum(instance.n_orders for instance in made),
                "generator_version": VERSION,
            },
        )


def make_instance(
    random: np.random.Generator,
    name: str,
    *,
    n_orders: int,
    per_tour: int,
    window: float,
    spare: int = 0,
    convention: str = "double",
) -> Instance:
    """Draw one instance.

    Parameters
    ----------
    random : numpy.random.Generator
        Draws the same numbers in either convention.
    name : str
        Of the instance.
    n_orders, per_tour : int
        Orders, and orders of a tour of the hidden plan.
    window : float
        Length of a time window.
    spare : int
        Vehicles beyond those of the hidden plan.
    convention : {"double", "dimacs"}
        How the distances of the instance are rounded; the hidden plan is made with exact ones.

    Returns
    -------
    Instance
        As many vehicles as the hidden plan has tours, and `spare` ones; the largest load of a tour is the capacity of all.

    Examples
    --------
    >>> from usecases.simulation import stream
    >>> one = make_instance(stream(0, "plane", 0), "one", n_orders=12, per_tour=6, window=20.0)
    >>> one.vehicles[0].number, one.convention.name
    (2, 'double')
    """
    x, y = random.integers(0, SIDE + 1, (2, n_orders + 1)).astype(float)
    x[0] = y[0] = SIDE / 2
    size = random.integers(1, LARGEST + 1, n_orders).astype(float)
    early = random.random(n_orders)  # which share of its window lies before the time of the hidden plan
    exact = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    tours = _tours(x, y, exact, per_tour)
    served, back = _served(tours, exact)
    opens = np.maximum(0, np.floor(served[1:] - early * window))
    closes = np.maximum(np.ceil(served[1:]), opens + np.ceil(window))
    capacity = max(float(size[tour - 1].sum()) for tour in tours)
    shown = np.floor(10 * exact + 1e-9) / 10 if convention == "dimacs" else exact
    names = [str(number) for number in range(n_orders + 1)]
    return Instance(
        name=name,
        places=Places(tuple(names), x, y),
        travel=(Table(shown, shown),),
        orders=Orders.from_depot(
            names[1:], np.arange(1, n_orders + 1), opens, closes, np.full(n_orders, SERVICE), size[:, None]
        ),
        vehicles=(
            VehicleType("vehicle", len(tours) + spare, (capacity,), closes=float(np.ceil(back + window))),
        ),
        convention=CONVENTIONS[convention],
    )


def _tours(x: np.ndarray, y: np.ndarray, distance: np.ndarray, per_tour: int) -> list[np.ndarray]:
    """Places of each tour: a sector around the depot, always on to the nearest place left."""
    angle = np.arctan2(y[1:] - y[0], x[1:] - x[0])
    order = 1 + np.argsort(angle, kind="stable")
    tours = []
    for sector in (order[k : k + per_tour] for k in range(0, len(order), per_tour)):
        tour, left = [0], list(sector)
        while left:
            tour.append(left.pop(int(np.argmin(distance[tour[-1], left]))))
        tours.append(np.array(tour[1:]))
    return tours


def _served(tours: list[np.ndarray], distance: np.ndarray) -> tuple[np.ndarray, float]:
    """When each place is reached, and when the last vehicle is back."""
    served, last = np.zeros(len(distance)), 0.0
    for tour in tours:
        clock, place = 0.0, 0
        for stop in tour:
            clock += distance[place, stop]
            served[stop], place = clock, stop
            clock += SERVICE
        last = max(last, clock + float(distance[place, 0]))
    return served, last

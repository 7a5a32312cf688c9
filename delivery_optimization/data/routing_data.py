"""What a data source of routing hands over: one or several instances, and what is known of their best plans."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance, Table


@dataclass(frozen=True, eq=False)
class RoutingData:
    """Instances of one source.

    Parameters
    ----------
    instances : tuple of Instance
        What a method sees; several days, or several benchmark instances.
    best_known : tuple of float, optional
        Cost of the best known plan of each instance, by the same convention and objective; only `evaluate` sees it.
    proven : bool
        Whether `best_known` are proven optima.
    description : mapping
        ``name``, ``kind``, ``licence`` and what people want to know.
    best_known_vehicles : tuple of int, optional
        Number of vehicles of the best known plans, where vehicles come first in the objective; `best_known` is then its distance.
    """

    instances: tuple[Instance, ...]
    best_known: tuple[float, ...] | None = None
    proven: bool = False
    description: Mapping[str, Any] = field(default_factory=dict)
    best_known_vehicles: tuple[int, ...] | None = None


def fingerprint(instances: tuple[Instance, ...]) -> str:
    """Sha256 over all numbers and names of the instances.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> fingerprint((tiny(),)) == fingerprint((tiny(),))
    True
    """
    digest = hashlib.sha256()

    def add(*values: Any) -> None:
        for value in values:
            if isinstance(value, np.ndarray):
                digest.update(np.ascontiguousarray(value).tobytes())
            else:
                digest.update(repr(value).encode())

    for instance in instances:
        orders = instance.orders
        add(instance.name, instance.convention, instance.objective, instance.vehicles, orders.names)
        add(orders.place, orders.opens, orders.closes, orders.service, orders.size, orders.pickup_place)
        add(
            orders.pickup_opens, orders.pickup_closes, orders.pickup_service, orders.penalty, orders.late_cost
        )
        add(instance.places.x, instance.places.y)
        if instance.speeds is not None:
            add(instance.speeds.edges, instance.speeds.factors, instance.speeds.travel)
        for travel in instance.travel:
            if isinstance(travel, Table):
                add(travel.durations, travel.distances)
            else:
                add(type(travel).__name__, *vars(travel).values())
    return digest.hexdigest()

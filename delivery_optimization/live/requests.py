"""An order that asks for a delivery, before it has a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Instance, Orders


@dataclass(frozen=True)
class Request:
    """An order without a delivery window: the window is what is quoted.

    Parameters
    ----------
    name : str
        Unique.
    place : int
        Where it goes.
    service : float
        Time at the door.
    size : tuple of float
        One number for each dimension of the vehicles' capacity.
    pickup_place : int
        Where it is picked up; `FROM_DEPOT` if it is loaded at the depot before the vehicle leaves.
    pickup_opens, pickup_closes, pickup_service : float
        Window and time of the pickup.

    Examples
    --------
    >>> Request("a", place=3, service=2.0, size=(1.0,)).has_pickup
    False
    """

    name: str
    place: int
    service: float
    size: tuple[float, ...]
    pickup_place: int = FROM_DEPOT
    pickup_opens: float = 0.0
    pickup_closes: float = float("inf")
    pickup_service: float = 0.0

    @property
    def has_pickup(self) -> bool:
        """Whether it is picked up on the way."""
        return self.pickup_place != FROM_DEPOT


def request_of(instance: Instance, order: int) -> Request:
    """Forget the delivery window of an order.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> request_of(tiny(), 0).pickup_place
    1
    """
    orders = instance.orders
    return Request(
        orders.names[order],
        int(orders.place[order]),
        float(orders.service[order]),
        tuple(float(value) for value in orders.size[order]),
        int(orders.pickup_place[order]),
        float(orders.pickup_opens[order]),
        float(orders.pickup_closes[order]),
        float(orders.pickup_service[order]),
    )


def orders_of(promised: list[tuple[Request, float, float]], n_dimensions: int) -> Orders:
    """Make orders of requests and the windows that they were promised: hard ones, all to be served.

    Parameters
    ----------
    promised : list of (Request, float, float)
        Each with the window in which the delivery must begin.
    n_dimensions : int
        Of the vehicles' capacity.

    Returns
    -------
    Orders

    Examples
    --------
    >>> orders_of([(Request("a", 3, 2.0, (1.0,)), 10.0, 20.0)], 1).closes.tolist()
    [20.0]
    """
    requests = [request for request, _, _ in promised]
    n = len(requests)

    def numbers(name: str, kind: type) -> np.ndarray:
        return np.array([getattr(request, name) for request in requests], dtype=kind)

    return Orders(
        names=tuple(request.name for request in requests),
        place=numbers("place", int),
        opens=np.array([opens for _, opens, _ in promised], dtype=float),
        closes=np.array([closes for _, _, closes in promised], dtype=float),
        service=numbers("service", float),
        size=np.array([request.size for request in requests], dtype=float).reshape(n, n_dimensions),
        pickup_place=numbers("pickup_place", int),
        pickup_opens=numbers("pickup_opens", float),
        pickup_closes=numbers("pickup_closes", float),
        pickup_service=numbers("pickup_service", float),
        penalty=np.full(n, np.inf),
        late_cost=np.full(n, np.inf),
    )

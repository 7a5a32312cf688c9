"""What was decided: which vehicle makes which stops in which order.

A plan holds no times: times follow from the instance (`delivery_optimization.schedule`), so that a method cannot state
wrong ones. What a method states is its cost, and the checker compares it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance

MOST = sys.float_info.max  # a longer whole number is no float


@dataclass(frozen=True)
class Route:
    """The tour of one vehicle, without its depots.

    Parameters
    ----------
    vehicle : int
        Number of the type in `Instance.vehicles`.
    stops : tuple of int
        Numbers of stops, see `delivery_optimization.instance`; ``-1 - k`` is break k of the vehicle's type.
    """

    vehicle: int
    stops: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Routes, the orders that no route serves, and the cost that the method states.

    Parameters
    ----------
    routes : tuple of Route
        None of them empty.
    unserved : tuple of int
        Numbers of the orders left out.
    stated_cost : float, optional
        By the instance's convention, penalties of unserved orders with a finite penalty included.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plan = Plan((Route(0, (4, 5, 0, 1)),), unserved=(2, 3))
    >>> plan_from_json(tiny(), plan_to_json(tiny(), plan)) == plan
    True
    """

    routes: tuple[Route, ...]
    unserved: tuple[int, ...] = ()
    stated_cost: float | None = None


def plan_to_json(instance: Instance, plan: Plan) -> dict[str, Any]:
    """Write a plan with names instead of numbers.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        The plan.

    Returns
    -------
    dict
        ``instance``, ``routes`` (``vehicle``, ``stops``: each ``{"order": name, "action": "delivery"}``, ``pickup`` or
        ``{"action": "break", "number": k}``), ``unserved`` (names), ``stated_cost``.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plan_to_json(tiny(), Plan((Route(1, (3,)),)))["routes"]
    [{'vehicle': 'bike', 'stops': [{'order': 'D', 'action': 'delivery'}]}]
    """
    names, n = instance.orders.names, instance.n_orders

    def stop(number: int) -> dict[str, Any]:
        if number < 0:
            return {"action": "break", "number": -1 - number}
        return {"order": names[number % n], "action": "delivery" if number < n else "pickup"}

    return {
        "instance": instance.name,
        "routes": [
            {"vehicle": instance.vehicles[route.vehicle].name, "stops": [stop(s) for s in route.stops]}
            for route in plan.routes
        ],
        "unserved": [names[i] for i in plan.unserved],
        "stated_cost": None if plan.stated_cost is None else float(plan.stated_cost),
    }


def plan_from_json(instance: Instance, value: Mapping[str, Any]) -> Plan:
    """Read what `plan_to_json` wrote.

    Raises
    ------
    ValueError
        If it names an order, a vehicle or a break that the instance does not have, or states a cost that is no number.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> plan_from_json(tiny(), {"routes": [], "unserved": ["A", "Z"]})
    Traceback (most recent call last):
        ...
    ValueError: the plan names the order 'Z', which tiny does not have
    """
    orders = {name: number for number, name in enumerate(instance.orders.names)}
    vehicles = {vehicle.name: number for number, vehicle in enumerate(instance.vehicles)}

    def known(table: Mapping[str, int], name: Any, what: str) -> int:
        if name not in table:
            raise ValueError(f"the plan names the {what} {name!r}, which {instance.name} does not have")
        return table[name]

    def stop(item: Mapping[str, Any], vehicle: int) -> int:
        if item["action"] == "break":
            return -1 - _break(instance, vehicle, item.get("number"))
        order = known(orders, item["order"], "order")
        return order if item["action"] == "delivery" else instance.n_orders + order

    chosen = [known(vehicles, route["vehicle"], "vehicle") for route in value["routes"]]
    routes = tuple(
        Route(vehicle, tuple(stop(s, vehicle) for s in route["stops"]))
        for vehicle, route in zip(chosen, value["routes"], strict=True)
    )
    unserved = tuple(known(orders, name, "order") for name in value["unserved"])
    return Plan(routes, unserved, _stated(value.get("stated_cost")))


def _break(instance: Instance, vehicle: int, number: Any) -> int:
    """A break that the vehicle has."""
    kind = instance.vehicles[vehicle]
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(kind.breaks):
        raise ValueError(
            f"the plan names the break {str(number)[:40]} of vehicle {kind.name!r}, which has {len(kind.breaks)} (from 0)"
        )
    return number


def _stated(cost: Any) -> float | None:
    """The stated cost, a finite number."""
    if cost is None:
        return None
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not abs(cost) <= MOST:
        raise ValueError(f"the plan states the cost {str(cost)[:40]!r}; a number was expected")
    return float(cost)


def delivery_plan(routes: Sequence[Sequence[int]], instance: Instance, vehicle: int = 0) -> Plan:
    """Make a plan from lists of order numbers, all loaded at the depot of one vehicle type; the rest is unserved.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> delivery_plan([[0, 1]], tiny()).unserved
    (2, 3)
    """
    served = {int(order) for route in routes for order in route}
    unserved = tuple(int(i) for i in np.setdiff1d(np.arange(instance.n_orders), list(served)))
    return Plan(tuple(Route(vehicle, tuple(int(i) for i in r)) for r in routes if len(r)), unserved)

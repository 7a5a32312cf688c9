"""The only file that builds PyVRP objects: an `Instance` in, ProblemData out, and plans both ways.

PyVRP changes its interface with every minor version and counts in integers only; everything that depends on either is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Instance
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost
from usecases.errors import UserError

FOREVER = np.iinfo(np.int64).max
RESOLUTION = 10_000  # of the smallest cost coefficient, where costs are not plain distances


@dataclass(frozen=True, eq=False)
class Model:
    """An instance as PyVRP sees it.

    Parameters
    ----------
    instance : Instance
        The original.
    data : pyvrp.ProblemData
        Its translation.
    clients, shipments : tuple of int
        Order of each PyVRP client (no pickup of its own) and of each PyVRP shipment (with one).
    cost_scale : float
        PyVRP's cost over ours.
    """

    instance: Instance
    data: Any
    clients: tuple[int, ...]
    shipments: tuple[int, ...]
    cost_scale: float

    def plan(self, solution: Any) -> Plan:
        """Translate a PyVRP solution; its cost is computed anew in the instance's own numbers."""
        n = self.instance.n_orders
        routes = []
        for route in solution.routes():
            stops: list[int] = []
            for activity in route:
                if activity.is_client():
                    stops.append(self.clients[activity.idx])
                elif activity.is_pickup():
                    stops.append(n + self.shipments[activity.idx])
                elif activity.is_delivery():
                    stops.append(self.shipments[activity.idx])
            if stops:
                routes.append(Route(route.vehicle_type(), tuple(stops)))
        served = {stop % n for route in routes for stop in route.stops}
        plan = Plan(tuple(routes), tuple(i for i in range(n) if i not in served))
        return Plan(plan.routes, plan.unserved, plan_cost(self.instance, plan))

    def solution(self, plan: Plan) -> Any:
        """Translate a plan, for a warm start."""
        import pyvrp

        n = self.instance.n_orders
        client = {order: k for k, order in enumerate(self.clients)}
        shipment = {order: k for k, order in enumerate(self.shipments)}
        kinds = pyvrp.ActivityType

        def activity(stop: int) -> Any:
            if stop >= n:
                return pyvrp.Activity(kinds.PICKUP, shipment[stop - n])
            if stop in client:
                return pyvrp.Activity(kinds.CLIENT, client[stop])
            return pyvrp.Activity(kinds.DELIVERY, shipment[stop])

        routes = [
            pyvrp.Route(self.data, [activity(stop) for stop in route.stops], route.vehicle)
            for route in plan.routes
        ]
        return pyvrp.Solution(self.data, routes)


def model(instance: Instance) -> Model:
    """Translate an instance.

    Parameters
    ----------
    instance : Instance
        Without breaks and soft windows, which PyVRP 0.14 does not have.

    Returns
    -------
    Model

    Raises
    ------
    UserError
        If the instance has breaks or soft windows.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> model(tiny()).data.num_shipments
    2
    """
    import pyvrp

    if any(vehicle.breaks for vehicle in instance.vehicles):
        raise UserError("this instance has breaks, which PyVRP does not know; use method=ortools")
    if np.isfinite(instance.orders.late_cost).any():
        raise UserError("this instance has soft windows, which PyVRP does not know; use method=ortools")
    scale, orders = instance.convention.scale, instance.orders
    ends = sorted({place for vehicle in instance.vehicles for place in (vehicle.start, vehicle.end)})
    used = np.unique(np.concatenate([ends, instance.stop_place[instance.stop_place != FROM_DEPOT]])).astype(int)
    location = {int(place): k for k, place in enumerate(used)}
    x, y = np.nan_to_num(instance.places.x[used]), np.nan_to_num(instance.places.y[used])
    tables = [travel.table(used) for travel in instance.travel]
    up = _exact if instance.convention.exact else _up
    durations = [up(table[0], scale) for table in tables]
    distances = [_nearest(table[1], scale) for table in tables]
    for matrix in (*durations, *distances):
        np.fill_diagonal(matrix, 0)
    cost_scale, distance_cost, duration_cost, fixed_cost = _costs(instance, distances)
    sizes = _sizes(instance)
    clients = tuple(int(i) for i in np.flatnonzero(~instance.has_pickup))
    shipments = tuple(int(i) for i in np.flatnonzero(instance.has_pickup))

    def whole(value: float) -> int:
        return FOREVER if not np.isfinite(value) else int(np.floor(value * scale + 1e-9))

    def prize(i: int) -> dict[str, Any]:
        penalty = float(orders.penalty[i])
        return {"required": True} if np.isinf(penalty) else {"required": False, "prize": round(penalty * cost_scale)}

    def duration(value: float) -> int:
        return int(np.ceil(value * scale - 1e-9))

    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(float(a), float(b)) for a, b in zip(x, y, strict=True)],
        clients=[
            pyvrp.Client(
                location[int(orders.place[i])],
                delivery=sizes.orders[i],
                service_duration=duration(orders.service[i]),
                tw_early=duration(orders.opens[i]),
                tw_late=whole(orders.closes[i]),
                **prize(i),
            )
            for i in clients
        ],
        depots=[pyvrp.Depot(location[place]) for place in ends],
        vehicle_types=[
            pyvrp.VehicleType(
                vehicle.number,
                sizes.vehicles[k],
                ends.index(vehicle.start),
                ends.index(vehicle.end),
                fixed_cost[k],
                duration(vehicle.opens),
                whole(vehicle.closes),
                unit_distance_cost=distance_cost[k],
                unit_duration_cost=duration_cost[k],
                profile=vehicle.travel,
                name=vehicle.name,
            )
            for k, vehicle in enumerate(instance.vehicles)
        ],
        distance_matrices=distances,
        duration_matrices=durations,
        shipments=[
            pyvrp.Shipment(
                location[int(orders.pickup_place[i])],
                location[int(orders.place[i])],
                duration(orders.pickup_opens[i]),
                whole(orders.pickup_closes[i]),
                duration(orders.pickup_service[i]),
                duration(orders.opens[i]),
                whole(orders.closes[i]),
                duration(orders.service[i]),
                sizes.orders[i],
                **prize(i),
            )
            for i in shipments
        ],
    )
    return Model(instance, data, clients, shipments, cost_scale)


def _costs(instance: Instance, distances: list[np.ndarray]) -> tuple[float, list[int], list[int], list[int]]:
    """Integer cost coefficients: plain distances stay exact, money is counted in small enough coins."""
    scale = instance.convention.scale
    if instance.objective == "vehicles_then_distance":
        longest = int(max(matrix.max(initial=0) for matrix in distances))
        heavy = longest * (instance.n_stops + 2)
        ones, zeros = [1] * len(instance.vehicles), [0] * len(instance.vehicles)
        return float(scale), ones, zeros, [heavy] * len(instance.vehicles)
    units = [
        value
        for vehicle in instance.vehicles
        for value in (vehicle.cost_per_distance, vehicle.cost_per_duration)
        if value > 0
    ]
    whole = all(float(value).is_integer() for value in units)
    coins = 1 if whole or not units else RESOLUTION / min(units)
    return (
        coins * scale,
        [round(v.cost_per_distance * coins) for v in instance.vehicles],
        [round(v.cost_per_duration * coins) for v in instance.vehicles],
        [round(v.fixed_cost * coins * scale) for v in instance.vehicles],
    )


@dataclass(frozen=True)
class _Sizes:
    orders: list[list[int]]
    vehicles: list[list[int]]


def _sizes(instance: Instance) -> _Sizes:
    """Sizes and capacities as integers: sizes rounded up, capacities down, in thousandths unless all are whole."""
    size = instance.orders.size
    capacity = np.array([vehicle.capacity for vehicle in instance.vehicles], dtype=float)
    finite = capacity[np.isfinite(capacity)]
    scale = 1 if np.all(size == np.round(size)) and np.all(finite == np.round(finite)) else 1000
    most = int(np.ceil(size.sum() * scale)) + 1
    room = np.where(np.isfinite(capacity), np.floor(capacity * scale + 1e-9), most)
    return _Sizes(
        np.ceil(size * scale - 1e-9).astype(np.int64).tolist(), np.minimum(room, 2**40).astype(np.int64).tolist()
    )


def _exact(values: np.ndarray, scale: int) -> np.ndarray:
    return np.ascontiguousarray(np.rint(values * scale).astype(np.int64))


def _up(values: np.ndarray, scale: int) -> np.ndarray:
    return np.ascontiguousarray(np.ceil(values * scale - 1e-9).astype(np.int64))


def _nearest(values: np.ndarray, scale: int) -> np.ndarray:
    return np.ascontiguousarray(np.rint(values * scale).astype(np.int64))

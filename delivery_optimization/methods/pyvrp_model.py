"""The only file that builds PyVRP objects: an `Instance` in, ProblemData out, and plans both ways.

PyVRP changes its interface with every minor version and counts in integers only; everything that depends on either is here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, UNREACHABLE, Instance
from delivery_optimization.methods.integers import (
    WholeCosts,
    longest_leg,
    refuse_many,
    rounded_down,
    rounded_up,
    whole_costs,
    whole_sizes,
)
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost
from usecases.errors import UserError

FOREVER = np.iinfo(np.int64).max
HIGHEST = 100_000  # PyVRP's own bound of the penalty of a unit too late or too much
PENALTY = 5000  # that bound over the smallest cost coefficient, where money is counted in coins


def penalty_params(made: Model, **others: Any) -> Any:
    """PyVRP's parameters of penalties, in the coins of the model.

    PyVRP's own bounds (0.1 to 100,000) suit a cost that is a plain distance, and stay there. Where money is counted in small
    coins, they would make lateness cheaper than driving, and no plan would ever be on time. Nor may they be so high that the
    penalty of a whole day too late outgrows 64 bits.

    Parameters
    ----------
    made : Model
        Its cost coefficients say how small a coin is.
    **others : object
        Other parameters of `pyvrp.PenaltyParams`.

    Returns
    -------
    pyvrp.PenaltyParams

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> penalty_params(model(tiny())).max_penalty
    5000000.0
    """
    import pyvrp

    # whoever reads the terminal can do nothing about a penalty at its bound; whether a plan is possible, the checker says
    warnings.filterwarnings("ignore", category=pyvrp.exceptions.PenaltyBoundWarning)
    usual = pyvrp.PenaltyParams()
    types = made.data.vehicle_types()
    units = [unit for v in types for unit in (v.unit_distance_cost, v.unit_duration_cost) if unit > 0]
    longest = max(int(made.data.duration_matrix(k).max()) for k in range(made.data.num_profiles))
    safe = 2**62 / max(longest * made.data.num_locations, 1)
    higher = max(1.0, min(PENALTY * min(units, default=1), safe) / HIGHEST)
    bounds = {"min_penalty": usual.min_penalty * higher, "max_penalty": HIGHEST * higher}
    return pyvrp.PenaltyParams(**(bounds | others))


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
    types : tuple of int
        Vehicle type of each PyVRP type: those of which there is at least one.
    """

    instance: Instance
    data: Any
    clients: tuple[int, ...]
    shipments: tuple[int, ...]
    cost_scale: float
    types: tuple[int, ...]

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
                routes.append(Route(self.types[route.vehicle_type()], tuple(stops)))
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
            pyvrp.Route(self.data, [activity(stop) for stop in route.stops], self.types.index(route.vehicle))
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
        If the instance has breaks or soft windows, or too many places for whole tables.

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
    stops = instance.stop_place[instance.stop_place != FROM_DEPOT]
    used = np.unique(np.concatenate([np.array(ends, dtype=int), stops])).astype(int)
    refuse_many(len(used), "pyvrp")
    location = {int(place): k for k, place in enumerate(used)}
    tables = [travel.table(used) for travel in instance.travel]
    durations = [rounded_up(np.minimum(table[0], UNREACHABLE), scale) for table in tables]
    distances = [
        np.ascontiguousarray(np.rint(np.minimum(t[1], UNREACHABLE) * scale).astype(np.int64)) for t in tables
    ]
    for matrix in (*durations, *distances):
        np.fill_diagonal(matrix, 0)
    costs = whole_costs(instance, longest_leg([table[1] for table in tables]))
    sizes, capacities = _loads(instance, costs)
    types = tuple(k for k, vehicle in enumerate(instance.vehicles) if vehicle.number > 0)
    clients = tuple(int(i) for i in np.flatnonzero(~instance.has_pickup))
    shipments = tuple(int(i) for i in np.flatnonzero(instance.has_pickup))
    opens, closes = rounded_up(instance.stop_opens, scale), rounded_down(instance.stop_closes, scale, FOREVER)
    service = rounded_up(instance.stop_service, scale)

    def prize(i: int) -> dict[str, Any]:
        penalty = float(orders.penalty[i])
        if np.isinf(penalty):
            return {"required": True}
        return {"required": False, "prize": round(penalty * costs.scale)}

    def times(stop: int) -> tuple[int, int, int]:
        return int(opens[stop]), int(closes[stop]), int(service[stop])

    def client(i: int) -> Any:
        early, late, lasts = times(i)
        where = location[int(orders.place[i])]
        return pyvrp.Client(
            where, delivery=sizes[i], service_duration=lasts, tw_early=early, tw_late=late, **prize(i)
        )

    def shipment(i: int) -> Any:
        pickup, delivery = times(instance.n_orders + i), times(i)
        where = location[int(orders.pickup_place[i])], location[int(orders.place[i])]
        return pyvrp.Shipment(*where, *pickup, *delivery, sizes[i], **prize(i))

    def vehicle_type(k: int) -> Any:
        vehicle = instance.vehicles[k]
        return pyvrp.VehicleType(
            vehicle.number,
            capacities[k],
            ends.index(vehicle.start),
            ends.index(vehicle.end),
            costs.fixed[k],
            int(rounded_up(vehicle.opens, scale)),
            int(rounded_down(vehicle.closes, scale, FOREVER)),
            unit_distance_cost=costs.distance[k],
            unit_duration_cost=costs.duration[k],
            profile=vehicle.travel,
            name=vehicle.name,
        )

    x, y = np.nan_to_num(instance.places.x[used]), np.nan_to_num(instance.places.y[used])
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(float(a), float(b)) for a, b in zip(x, y, strict=True)],
        clients=[client(i) for i in clients],
        depots=[pyvrp.Depot(location[place]) for place in ends],
        vehicle_types=[vehicle_type(k) for k in types],
        distance_matrices=distances,
        duration_matrices=durations,
        shipments=[shipment(i) for i in shipments],
    )
    return Model(instance, data, clients, shipments, costs.scale, types)


def _loads(instance: Instance, costs: WholeCosts) -> tuple[list[list[int]], list[list[int]]]:
    """Sizes and capacities; where vehicles come first, in units so small that one too many is never worth a vehicle."""
    sizes, capacities = whole_sizes(instance)
    if instance.objective != "vehicles_then_distance":
        return sizes, capacities
    finer = max(1, -(-max(costs.fixed, default=0) // HIGHEST))
    return [[finer * s for s in row] for row in sizes], [[finer * c for c in row] for row in capacities]

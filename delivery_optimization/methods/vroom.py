"""VROOM through pyvroom (extra ``peers``): a strong open solver to compare with; it stops by itself.

Source: J. Coupey, J.-M. Nicod, C. Varnier, *VROOM, Vehicle Routing Open-source Optimization Machine*, v1.15; https://github.com/VROOM-Project/vroom.
It counts in whole seconds and cost units of 32 bits, treats the number of orders served as worth more than any cost, and
minimises the sum of the vehicles' costs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, UNREACHABLE, Instance
from delivery_optimization.methods.insertion import with_cost
from delivery_optimization.methods.integers import rounded_down, rounded_up, whole_sizes
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Text
from usecases.errors import UserError

LARGEST = 2**31  # of a matrix entry; VROOM keeps 32 bits
COINS = 100  # of a cost unit
EXTREME = Text(
    "VROOM stops by itself: seconds are an upper bound of wall time, not a budget that it uses up.",
    "VROOM s’arrête de lui-même : les secondes sont une borne du temps écoulé, et non un budget qu’il consomme.",
)


@dataclass(frozen=True)
class Vroom:
    """One run of VROOM.

    Parameters
    ----------
    seconds : float
        Upper bound of wall time for one instance.
    iterations : int
        Exploration level at the budget ``smoke`` (1 to 5).
    level : int
        Exploration level otherwise.
    """

    seconds: float = 30.0
    iterations: int = 1
    level: int = 5

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Solve one instance.

        Parameters
        ----------
        instance : Instance
            Without soft windows, breaks, and vehicles-first objectives, which are not translated.
        stop : Stop
            Seconds (of wall time), or the exploration level as iterations.
        seed : int
            Not used: VROOM draws no random numbers.

        Returns
        -------
        Solution
            Orders that VROOM could not place are unserved; it serves all it can, whatever leaving one out would save.

        Raises
        ------
        UserError
            If pyvroom is not installed, or the instance has what is not translated.
        """
        vroom = _library()
        _refuse(instance)
        begun = time.process_time()
        if not instance.n_orders or not any(v.number for v in instance.vehicles):
            unserved = tuple(range(instance.n_orders))
            return Solution(Plan((), unserved), cpu_s=0.0, reproducible=stop.reproducible)
        problem, stop_of, types = _problem(vroom, instance)
        level = self.level if stop.seconds is not None else min(int(stop.iterations or 1), 5)
        limit = None
        if stop.seconds is not None:
            from datetime import timedelta

            limit = timedelta(seconds=stop.seconds)
        found = problem.solve(level, 1, limit).to_dict()
        plan = _plan(instance, found, stop_of, types)
        cpu = time.process_time() - begun
        trace = ((cpu, float(plan.stated_cost or 0)),) if not plan.unserved else ()
        return Solution(
            plan, trace, cpu, level, stop.reproducible, (EXTREME,) if stop.seconds is not None else ()
        )


def _library() -> Any:
    try:
        import vroom
    except ImportError as error:
        raise UserError(
            'method=vroom needs pyvroom, which is not installed: type pip install "usecases[peers]", or method=pyvrp'
        ) from error
    return vroom


def _refuse(instance: Instance) -> None:
    """Say what is not translated."""
    if np.isfinite(instance.orders.late_cost).any():
        raise UserError("this instance has soft windows, which VROOM does not know; use method=ortools")
    if any(vehicle.breaks for vehicle in instance.vehicles):
        raise UserError("this instance has breaks, which are not translated for VROOM; use method=ortools")
    if any(vehicle.cost_per_duration for vehicle in instance.vehicles):
        raise UserError(
            "this instance pays for time, waiting included, which VROOM does not count; use method=pyvrp or method=ortools"
        )
    if instance.objective == "vehicles_then_distance":
        raise UserError(
            "VROOM's 32-bit costs cannot put vehicles first and stay exact in distance; use method=pyvrp or method=ortools"
        )


def _problem(vroom: Any, instance: Instance) -> tuple[Any, dict[tuple[str, int], int], dict[int, int]]:
    """Translate: matrices by vehicle type, jobs and shipments, and what their numbers mean."""
    scale, n = instance.convention.scale, instance.n_orders
    ends = [place for v in instance.vehicles for place in (v.start, v.end)]
    stops = instance.stop_place[instance.stop_place != FROM_DEPOT]
    used = np.unique(np.concatenate([np.array(ends, dtype=int), stops])).astype(int)
    location = {int(place): k for k, place in enumerate(used)}
    problem = vroom.Input()
    sizes, capacities = whole_sizes(instance)
    opens = rounded_up(instance.stop_opens, scale)
    closes = np.minimum(rounded_down(instance.stop_closes, scale, LARGEST), LARGEST)
    service = rounded_up(instance.stop_service, scale)
    whole = all(float(v.cost_per_distance).is_integer() for v in instance.vehicles)
    coins = scale if whole else scale * COINS
    types, number = {}, 0
    for k, kind in enumerate(instance.vehicles):
        durations, distances = instance.travel[kind.travel].table(used)
        profile, price = f"type{k}", kind.cost_per_distance
        lasts = np.minimum(rounded_up(np.minimum(durations, UNREACHABLE), scale), LARGEST)
        cost = np.minimum(np.rint(np.minimum(distances, UNREACHABLE) * price * coins), LARGEST)
        problem.set_durations_matrix(profile, lasts.astype(np.uint32))
        problem.set_costs_matrix(profile, cost.astype(np.uint32))
        window = vroom.TimeWindow(
            int(rounded_up(kind.opens, scale)), int(min(rounded_down(kind.closes, scale, LARGEST), LARGEST))
        )
        for _ in range(min(kind.number, n)):
            types[number] = k
            problem.add_vehicle(
                vroom.Vehicle(
                    number,
                    location[kind.start],
                    location[kind.end],
                    profile=profile,
                    capacity=capacities[k],
                    time_window=window,
                    costs=vroom.VehicleCosts(fixed=round(kind.fixed_cost * coins), per_hour=3600),
                )
            )
            number += 1

    def windows(stop: int) -> list[Any]:
        return [vroom.TimeWindow(int(opens[stop]), int(closes[stop]))]

    stop_of = {}
    for order in range(n):
        where = location[int(instance.orders.place[order])]
        if instance.has_pickup[order]:
            shop, pickup = location[int(instance.orders.pickup_place[order])], n + order
            problem.add_shipment(
                vroom.ShipmentStep(
                    order, shop, default_service=int(service[pickup]), time_windows=windows(pickup)
                ),
                vroom.ShipmentStep(
                    order, where, default_service=int(service[order]), time_windows=windows(order)
                ),
                vroom.Amount(sizes[order]),
            )
            stop_of["pickup", order] = pickup
            stop_of["delivery", order] = order
        else:
            problem.add_job(
                vroom.Job(
                    order,
                    where,
                    default_service=int(service[order]),
                    delivery=vroom.Amount(sizes[order]),
                    time_windows=windows(order),
                )
            )
            stop_of["job", order] = order
    return problem, stop_of, types


def _plan(
    instance: Instance, found: dict[str, Any], stop_of: dict[tuple[str, int], int], types: dict[int, int]
) -> Plan:
    """Translate back; the cost is computed anew."""
    routes = []
    for route in found["routes"]:
        stops = tuple(
            stop_of[s["type"], s["id"]] for s in route["steps"] if s["type"] in ("job", "pickup", "delivery")
        )
        if stops:
            routes.append(Route(types[route["vehicle"]], stops))
    n = instance.n_orders
    served = {stop % n for route in routes for stop in route.stops}
    unserved = tuple(i for i in range(n) if i not in served)
    return with_cost(instance, Plan(tuple(routes), unserved))

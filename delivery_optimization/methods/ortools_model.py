"""The only file that builds OR-Tools' routing model: an `Instance` in, and plans both ways.

The model has one node for each stop (and one for each place where a shift begins or ends), one vehicle for each vehicle of the
fleet, a dimension for time and one for each dimension of the sizes. Transit times and costs are matrices, not Python functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, UNREACHABLE, Instance
from delivery_optimization.methods.integers import (
    longest_leg,
    refuse_many,
    rounded_down,
    rounded_up,
    whole_costs,
    whole_sizes,
)
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost

Array = np.ndarray
TIME = "time"


@dataclass(frozen=True, eq=False)
class Model:
    """An instance as OR-Tools sees it.

    Parameters
    ----------
    instance : Instance
        The original.
    manager, routing : object
        ``RoutingIndexManager`` and ``RoutingModel``.
    stop_of_node : ndarray of int, shape (n_nodes,)
        Stop of each node; -1 for places of shifts.
    types : ndarray of int, shape (n_vehicles,)
        Vehicle type of each vehicle.
    cost_scale : float
        OR-Tools' cost over ours.
    breaks : dict of int to list
        Interval variables of each vehicle that has breaks.
    """

    instance: Instance
    manager: Any
    routing: Any
    stop_of_node: Array
    types: Array
    cost_scale: float
    breaks: dict[int, list[Any]]

    def plan(self, assignment: Any) -> Plan:
        """Translate a solution; its cost is computed anew in the instance's own numbers."""
        routing, routes = self.routing, []
        time = routing.GetMutableDimension(TIME) if self.breaks else None
        for vehicle in range(len(self.types)):
            index, stops, starts = assignment.Value(routing.NextVar(routing.Start(vehicle))), [], []
            while not routing.IsEnd(index):
                stops.append(int(self.stop_of_node[self.manager.IndexToNode(index)]))
                if time is not None:
                    starts.append(assignment.Value(time.CumulVar(index)))
                index = assignment.Value(routing.NextVar(index))
            if stops:
                if vehicle in self.breaks:
                    stops = self._with_breaks(assignment, vehicle, stops, starts)
                routes.append(Route(int(self.types[vehicle]), tuple(stops)))
        n = self.instance.n_orders
        served = {stop % n for route in routes for stop in route.stops if stop >= 0}
        plan = Plan(tuple(routes), tuple(i for i in range(n) if i not in served))
        return Plan(plan.routes, plan.unserved, plan_cost(self.instance, plan))

    def _with_breaks(self, assignment: Any, vehicle: int, stops: list[int], starts: list[int]) -> list[int]:
        """Put the breaks between the stops by their times."""
        moments = [(assignment.StartValue(b), -1 - k) for k, b in enumerate(self.breaks[vehicle])]
        merged = [(start, 1, stop) for start, stop in zip(starts, stops, strict=True)]
        merged += [(start, 0, stop) for start, stop in moments]
        return [stop for _, _, stop in sorted(merged, key=lambda item: item[:2])]

    def assignment(self, plan: Plan) -> Any:
        """Translate a plan, for a warm start; None if OR-Tools finds it impossible."""
        routes: list[list[int]] = [[] for _ in self.types]
        node = {int(stop): k for k, stop in enumerate(self.stop_of_node) if stop >= 0}
        free = {k: list(np.flatnonzero(self.types == k)) for k in range(len(self.instance.vehicles))}
        for route in plan.routes:
            if not free[route.vehicle]:
                return None
            vehicle = int(free[route.vehicle].pop(0))
            routes[vehicle] = [self.manager.NodeToIndex(node[stop]) for stop in route.stops if stop >= 0]
        self.routing.CloseModel()
        return self.routing.ReadAssignmentFromRoutes(routes, True)


def model(instance: Instance, *, optional: float | None = None) -> Model:
    """Translate an instance.

    Parameters
    ----------
    instance : Instance
        Soft windows and breaks are understood.
    optional : float, optional
        Cost of leaving out an order that must be served; by default none may be left out.

    Returns
    -------
    Model

    Raises
    ------
    UserError
        If there are too many stops for whole tables.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> made = model(tiny())
    >>> made.routing.vehicles(), made.manager.GetNumberOfNodes()
    (2, 7)
    """
    from ortools.constraint_solver import pywrapcp

    types = np.repeat(
        np.arange(len(instance.vehicles)), [min(v.number, instance.n_orders) for v in instance.vehicles]
    )
    stops = np.flatnonzero(instance.stop_place != FROM_DEPOT)
    ends = sorted({place for v in instance.vehicles for place in (v.start, v.end)})
    stop_of_node = np.concatenate([stops, np.full(len(ends), -1)]).astype(int)
    where = np.concatenate([instance.stop_place[stops], ends]).astype(int)
    refuse_many(len(where), "ortools")
    first = len(stops)
    manager = pywrapcp.RoutingIndexManager(
        len(where),
        len(types),
        [first + ends.index(instance.vehicles[k].start) for k in types],
        [first + ends.index(instance.vehicles[k].end) for k in types],
    )
    routing = pywrapcp.RoutingModel(manager)
    tables = [travel.table(where) for travel in instance.travel]
    costs = whole_costs(instance, longest_leg([table[1] for table in tables]))
    made = Model(instance, manager, routing, stop_of_node, types, costs.scale, {})
    _add_costs(made, tables, costs)
    _add_time(made, tables, costs)
    _add_loads(made)
    _add_orders(made, optional)
    return made


def _node(made: Model) -> dict[int, int]:
    """Solver's index of each stop."""
    nodes = np.flatnonzero(made.stop_of_node >= 0)
    return {int(made.stop_of_node[k]): made.manager.NodeToIndex(int(k)) for k in nodes}


def _add_costs(made: Model, tables: list[tuple[Array, Array]], costs: Any) -> None:
    """Distances at each type's own rate, and its fixed cost."""
    routing, scale = made.routing, made.instance.convention.scale
    evaluators: dict[tuple[int, int], int] = {}
    for vehicle, k in enumerate(made.types):
        key = (made.instance.vehicles[k].travel, costs.distance[k])
        if key not in evaluators:
            matrix = np.rint(np.minimum(tables[key[0]][1], UNREACHABLE) * scale).astype(np.int64) * key[1]
            evaluators[key] = routing.RegisterTransitMatrix(matrix.tolist())
        routing.SetArcCostEvaluatorOfVehicle(evaluators[key], vehicle)
        routing.SetFixedCostOfVehicle(costs.fixed[k], vehicle)


def _add_time(made: Model, tables: list[tuple[Array, Array]], costs: Any) -> None:
    """Travel and service, windows hard and soft, shifts, what time costs, breaks."""
    instance, routing, scale = made.instance, made.routing, made.instance.convention.scale
    service = np.where(made.stop_of_node >= 0, instance.stop_service[made.stop_of_node], 0.0)
    evaluators = []
    for durations, _ in tables:
        matrix = rounded_up(np.minimum(durations, UNREACHABLE), scale) + rounded_up(service, scale)[:, None]
        evaluators.append(routing.RegisterTransitMatrix(matrix.tolist()))
    horizon = _horizon(instance, tables)
    transits = [evaluators[instance.vehicles[k].travel] for k in made.types]
    routing.AddDimensionWithVehicleTransits(transits, horizon, horizon, False, TIME)
    time = routing.GetDimensionOrDie(TIME)
    opens, closes = rounded_up(instance.stop_opens, scale), rounded_down(instance.stop_closes, scale, horizon)
    late_cost = instance.orders.late_cost
    for stop, index in _node(made).items():
        soft = stop < instance.n_orders and np.isfinite(late_cost[stop])
        latest = horizon if soft else min(int(closes[stop]), horizon)
        time.CumulVar(index).SetRange(min(int(opens[stop]), horizon), latest)
        if soft and closes[stop] < horizon:
            price = round(float(late_cost[stop]) * costs.scale / scale)
            time.SetCumulVarSoftUpperBound(index, int(closes[stop]), price)
    for vehicle, k in enumerate(made.types):
        kind = instance.vehicles[k]
        begin, end = (
            int(rounded_up(kind.opens, scale)),
            min(int(rounded_down(kind.closes, scale, horizon)), horizon),
        )
        time.CumulVar(routing.Start(vehicle)).SetRange(begin, end)
        time.CumulVar(routing.End(vehicle)).SetRange(begin, end)
        if costs.duration[k]:
            time.SetSpanCostCoefficientForVehicle(costs.duration[k], vehicle)
        routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(vehicle)))
        routing.AddVariableMaximizedByFinalizer(time.CumulVar(routing.Start(vehicle)))
        if kind.breaks:
            _add_breaks(made, time, vehicle, service, horizon)


def _add_breaks(made: Model, time: Any, vehicle: int, service: Array, horizon: int) -> None:
    """Breaks of one vehicle: between two stops, and over before the shift ends."""
    solver, scale = made.routing.solver(), made.instance.convention.scale
    kind = made.instance.vehicles[made.types[vehicle]]
    intervals = []
    for number, pause in enumerate(kind.breaks):
        interval = solver.FixedDurationIntervalVar(
            int(rounded_up(max(pause.opens, kind.opens), scale)),
            min(int(rounded_down(pause.closes, scale, horizon)), horizon),
            int(rounded_up(pause.duration, scale)),
            False,
            f"break {vehicle} {number}",
        )
        solver.Add(interval.EndExpr() <= time.CumulVar(made.routing.End(vehicle)))
        intervals.append(interval)
        _between_stops(made, time, vehicle, service, interval)
    time.SetBreakIntervalsOfVehicle(intervals, vehicle, rounded_up(service, scale).tolist())
    made.breaks[vehicle] = intervals


def _between_stops(made: Model, time: Any, vehicle: int, service: Array, interval: Any) -> None:
    """No break on the way: it ends before a leg begins, or begins after it has ended.

    OR-Tools itself keeps breaks off the stops only. A leg that leaves node i begins at cumul + service + slack and ends at
    cumul + transit + slack, where the transit is service and travel.
    """
    routing, solver = made.routing, made.routing.solver()
    first = routing.Start(vehicle)
    nodes = {index: int(s) for index, s in zip(_node(made).values(), _services(made, service), strict=True)}
    for index, at_stop in (*nodes.items(), (first, 0)):
        begun = time.CumulVar(index) + time.SlackVar(index)
        before = (interval.EndExpr() <= begun + at_stop).Var()
        after = (interval.StartExpr() >= begun + time.TransitVar(index)).Var()
        elsewhere = [] if index == first else [(routing.VehicleVar(index) != vehicle).Var()]
        solver.Add(solver.Sum([before, after, *elsewhere]) >= 1)


def _services(made: Model, service: Array) -> list[int]:
    """Whole time at each stop, in the order of `_node`."""
    whole = rounded_up(service, made.instance.convention.scale)
    return [int(whole[k]) for k in np.flatnonzero(made.stop_of_node >= 0)]


def _horizon(instance: Instance, tables: list[tuple[Array, Array]]) -> int:
    """A moment after which nothing can happen."""
    scale = instance.convention.scale
    ends = [vehicle.closes for vehicle in instance.vehicles]
    if not np.all(np.isfinite(ends)):
        times = np.concatenate([instance.stop_opens, [vehicle.opens for vehicle in instance.vehicles], [0.0]])
        work = float(np.sum(instance.stop_service[instance.stop_place != FROM_DEPOT]))
        longest = longest_leg([table[0] for table in tables])
        ends = [float(times.max()) + work + longest * (instance.n_stops + 1)]
    return int(rounded_up(max(ends, default=0.0), scale))


def _add_loads(made: Model) -> None:
    """What is on board, in each dimension: loaded at the depot before leaving, or at a pickup."""
    instance, routing = made.instance, made.routing
    sizes, capacities = whole_sizes(instance)
    n, paired = instance.n_orders, instance.has_pickup
    mixed = bool(paired.any() and not paired.all())
    for dimension in range(instance.orders.size.shape[1]):
        demand = []
        for stop in made.stop_of_node:
            size = sizes[stop % n][dimension] if stop >= 0 else 0
            if stop < 0:
                demand.append(0)
            elif stop >= n:
                demand.append(size)
            else:  # all from the depot: loads add up until the end of the tour, which is the same as counting down
                demand.append(-size if paired[stop] or mixed else size)
        evaluator = routing.RegisterUnaryTransitVector(demand)
        room = [capacities[k][dimension] for k in made.types]
        name = f"load {dimension}"
        routing.AddDimensionWithVehicleCapacity(evaluator, 0, room, not mixed, name)
        if mixed:
            load = routing.GetDimensionOrDie(name)
            for vehicle in range(len(made.types)):
                load.CumulVar(routing.End(vehicle)).SetValue(0)


def _add_orders(made: Model, optional: float | None) -> None:
    """Pickup before delivery on one vehicle; what it costs to leave an order out."""
    instance, routing = made.instance, made.routing
    node, solver, time = _node(made), routing.solver(), routing.GetDimensionOrDie(TIME)
    n = instance.n_orders
    for order in range(n):
        penalty = float(instance.orders.penalty[order])
        if np.isinf(penalty) and optional is not None:
            penalty = optional
        if np.isfinite(penalty):
            routing.AddDisjunction([node[order]], round(penalty * made.cost_scale))
        if instance.has_pickup[order]:
            pickup, delivery = node[n + order], node[order]
            if np.isfinite(penalty):
                routing.AddDisjunction([pickup], 0)
            routing.AddPickupAndDelivery(pickup, delivery)
            solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
            solver.Add(time.CumulVar(pickup) <= time.CumulVar(delivery))

"""An independent look at a plan: is it possible, and does it cost what it says?

Written with plain loops, from the definition of the problem; it shares no code with any method nor with `schedule.py`.
Every result of every task passes here before it is scored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from delivery_optimization.instance import FROM_DEPOT, Instance
from delivery_optimization.plan import Plan, Route

TOLERANCE = 1e-6

Kind = Literal[
    "unknown",  # a stop, vehicle or break that the instance does not have
    "empty",  # a route without a stop
    "cover",  # an order in no route and not among the unserved, or in both
    "twice",  # a stop that is made twice
    "fleet",  # more vehicles of a type than there are
    "capacity",
    "precedence",  # a delivery before its pickup
    "pairing",  # pickup and delivery on two routes, or one of them missing
    "window",
    "shift",
    "break",
    "cost",
    "required",  # an order that must be served is not (the plan is partial, not wrong)
]


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a plan.

    Parameters
    ----------
    kind : str
        See `Kind`.
    detail : str
        Which order or route, what was found, what is allowed.
    route : int, optional
        Number of the route in the plan.
    order : int, optional
        Number of the order.
    """

    kind: Kind
    detail: str
    route: int | None = None
    order: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What the checker found.

    Parameters
    ----------
    violations : tuple of Violation
        Empty for a valid plan; ``required`` alone means a valid but partial one.
    cost : float
        By the instance's convention, penalties of unserved orders with a finite penalty included.
    distance, duration, waiting : float
        Totals over all routes.
    vehicles : int
        Routes of the plan.
    late : float
        Total time after soft windows.
    """

    violations: tuple[Violation, ...]
    cost: float
    distance: float
    duration: float
    waiting: float
    vehicles: int
    late: float

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong, all orders that must be served being served."""
        return not self.violations

    @property
    def partial(self) -> bool:
        """Whether the only thing wrong is that orders are left out."""
        return bool(self.violations) and all(v.kind == "required" for v in self.violations)


def check(instance: Instance, plan: Plan) -> Verdict:
    """Check a plan and compute its cost.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Anything a method returned.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> verdict = check(tiny(), Plan((Route(0, (4, 5, 0, 1, 2, 3)),)))
    >>> verdict.valid, verdict.cost, verdict.distance
    (True, 26.0, 16.0)
    >>> check(tiny(), Plan((Route(0, (0, 4, 5, 1, 2, 3)),))).violations[0].kind
    'precedence'
    """
    found = _known(instance, plan)
    if found:
        return Verdict(tuple(found), float("nan"), 0.0, 0.0, 0.0, len(plan.routes), 0.0)
    found += _cover(instance, plan)
    found += _fleet(instance, plan)
    cost = distance = duration = waiting = late = 0.0
    for number, route in enumerate(plan.routes):
        found += _load(instance, route, number)
        walked = _walk(instance, route, number)
        found += walked.violations
        vehicle = instance.vehicles[route.vehicle]
        cost += vehicle.fixed_cost + walked.late_cost
        cost += vehicle.cost_per_distance * walked.distance + vehicle.cost_per_duration * walked.duration
        distance, duration = distance + walked.distance, duration + walked.duration
        waiting, late = waiting + walked.waiting, late + walked.late
    for order in plan.unserved:
        penalty = float(instance.orders.penalty[order])
        if penalty == float("inf"):
            found.append(
                Violation("required", f"order {instance.orders.names[order]} is not served", order=order)
            )
        else:
            cost += penalty
    if plan.stated_cost is not None and abs(plan.stated_cost - cost) > TOLERANCE * max(1.0, abs(cost)):
        found.append(Violation("cost", f"the plan states a cost of {plan.stated_cost:g}; it costs {cost:g}"))
    return Verdict(tuple(found), cost, distance, duration, waiting, len(plan.routes), late)


def _known(instance: Instance, plan: Plan) -> list[Violation]:
    """Numbers that mean something."""
    found = []
    n = instance.n_orders
    for number, route in enumerate(plan.routes):
        if not 0 <= route.vehicle < len(instance.vehicles):
            found.append(
                Violation("unknown", f"route {number} drives vehicle type {route.vehicle}", route=number)
            )
            continue
        if not any(stop >= 0 for stop in route.stops):
            found.append(Violation("empty", f"route {number} makes no stop", route=number))
        for stop in route.stops:
            if stop >= 2 * n or (stop >= n and instance.orders.pickup_place[stop - n] == FROM_DEPOT):
                found.append(Violation("unknown", f"route {number} makes stop {stop}", route=number))
            if stop < 0 and -1 - stop >= len(instance.vehicles[route.vehicle].breaks):
                found.append(
                    Violation("unknown", f"route {number} takes break {-1 - stop}", route=number)
                )
    found += [
        Violation("unknown", f"order {i} is called unserved") for i in plan.unserved if not 0 <= i < n
    ]
    return found


def _cover(instance: Instance, plan: Plan) -> list[Violation]:
    """Each order once: in one route, or unserved."""
    found = []
    n, names = instance.n_orders, instance.orders.names
    where: dict[int, int] = {}
    for number, route in enumerate(plan.routes):
        for stop in route.stops:
            if stop < 0:
                continue
            if stop in where:
                found.append(
                    Violation("twice", f"order {names[stop % n]} is visited twice", number, stop % n)
                )
            where[stop] = number
    unserved = Counter(plan.unserved)
    for order in range(n):
        delivered = where.get(order)
        paired = instance.orders.pickup_place[order] != FROM_DEPOT
        picked = where.get(n + order) if paired else delivered
        if unserved[order] > 1:
            found.append(Violation("twice", f"order {names[order]} is listed unserved twice", None, order))
        if delivered is None and picked is None:
            if not unserved[order]:
                found.append(
                    Violation("cover", f"order {names[order]} is neither served nor listed", None, order)
                )
        elif unserved[order]:
            found.append(
                Violation("cover", f"order {names[order]} is served and listed as unserved", None, order)
            )
        elif delivered != picked:
            found.append(
                Violation(
                    "pairing",
                    f"order {names[order]}: pickup on route {picked}, delivery on {delivered}",
                    None,
                    order,
                )
            )
    return found


def _fleet(instance: Instance, plan: Plan) -> list[Violation]:
    """No more vehicles than there are."""
    used = Counter(route.vehicle for route in plan.routes)
    return [
        Violation("fleet", f"{n} vehicles of type {instance.vehicles[k].name}; {instance.vehicles[k].number} exist")
        for k, n in used.items()
        if n > instance.vehicles[k].number
    ]


def _load(instance: Instance, route: Route, number: int) -> list[Violation]:
    """Never more on board than fits, and nothing delivered before it is on board."""
    found = []
    n, orders = instance.n_orders, instance.orders
    capacity = instance.vehicles[route.vehicle].capacity
    on_board = {
        stop for stop in route.stops if 0 <= stop < n and orders.pickup_place[stop] == FROM_DEPOT
    }
    for position in range(-1, len(route.stops)):
        stop = route.stops[position] if position >= 0 else None
        if stop is not None and stop >= n:
            on_board.add(stop - n)
        elif stop is not None and stop >= 0:
            if stop not in on_board and (n + stop) in route.stops:
                found.append(
                    Violation("precedence", f"order {orders.names[stop]} is delivered before its pickup", number, stop)
                )
            on_board.discard(stop)
        for dimension, room in enumerate(capacity):
            load = sum(float(orders.size[order][dimension]) for order in on_board)
            if load > room + TOLERANCE:
                found.append(
                    Violation("capacity", f"route {number} carries {load:g}; {room:g} fit", number)
                )
                return found
    return found


@dataclass
class _Walk:
    """What driving a route gave."""

    violations: list[Violation]
    distance: float = 0.0
    duration: float = 0.0
    waiting: float = 0.0
    late: float = 0.0
    late_cost: float = 0.0


def _walk(instance: Instance, route: Route, number: int) -> _Walk:
    """Drive the route with the tables: as early as possible, then leave later by the waiting that can be spared."""
    vehicle, orders, n = instance.vehicles[route.vehicle], instance.orders, instance.n_orders
    travel = instance.travel[vehicle.travel]
    walk = _Walk([])
    clock, here = float(vehicle.opens), vehicle.start
    # how much later the shift could begin without a window closing (`spare`) and how much waiting there was so far
    spare, waited = float(vehicle.closes) - clock, 0.0
    taken: set[int] = set()
    for stop in (*route.stops, None):
        if stop is None:
            there, opens, closes, service, soft = vehicle.end, 0.0, float("inf"), 0.0, False
        elif stop < 0:
            pause = vehicle.breaks[-1 - stop]
            taken.add(-1 - stop)
            there, opens, closes, service, soft = here, pause.opens, pause.closes, pause.duration, False
        elif stop < n:
            there, opens, closes = int(orders.place[stop]), float(orders.opens[stop]), float(orders.closes[stop])
            service, soft = float(orders.service[stop]), orders.late_cost[stop] < float("inf")
        else:
            there, opens = int(orders.pickup_place[stop - n]), float(orders.pickup_opens[stop - n])
            closes, service = float(orders.pickup_closes[stop - n]), float(orders.pickup_service[stop - n])
            soft = False
        leg, length = (float(v) for v in travel.pairs(here, there))
        clock += leg
        walk.distance += length
        if clock < opens:
            waited += opens - clock
            clock = opens
        late = clock - closes
        if late > TOLERANCE and soft:
            walk.late += late
            walk.late_cost += late * float(orders.late_cost[stop])
        elif late > TOLERANCE:
            kind: Kind = "break" if stop is not None and stop < 0 else "window"
            what = "a break" if kind == "break" else f"order {orders.names[stop % n]}"
            walk.violations.append(
                Violation(kind, f"{what} begins at {clock:g}; its window closes at {closes:g}", number, None if stop < 0 else stop % n)
            )
        spare = min(spare, waited + max(closes - clock, 0.0))
        clock += service
        here = there
    if clock > vehicle.closes + TOLERANCE:
        walk.violations.append(
            Violation("shift", f"route {number} ends at {clock:g}; its shift ends at {vehicle.closes:g}", number)
        )
    missing = set(range(len(vehicle.breaks))) - taken
    if missing:
        walk.violations.append(
            Violation("break", f"route {number} leaves out {len(missing)} break(s)", number)
        )
    saved = max(min(spare, waited), 0.0)
    walk.duration = clock - float(vehicle.opens) - saved
    walk.waiting = waited - saved
    return walk

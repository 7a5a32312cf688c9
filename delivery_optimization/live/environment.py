"""Days on which orders arrive one by one: a customer is quoted twelve slots, takes one or leaves, and the plan is confirmed.

The environment alone knows the orders to come and what customers wish; both depend on the data's seed only, so that two
policies meet the same customers. It drives the couriers itself, with plain loops, and trusts nothing of a policy's plan.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from delivery_optimization.checker import TOLERANCE, check
from delivery_optimization.instance import Instance
from delivery_optimization.live.requests import Request, orders_of
from delivery_optimization.live.tour import courier_numbers
from delivery_optimization.plan import Plan, Route, plan_to_json
from delivery_optimization.schedule import schedule_route
from usecases.errors import UserError

logger = logging.getLogger(__name__)
BROKEN = (
    "window",
    "shift",
    "cover",
    "pairing",
    "precedence",
    "required",
)  # a promise is broken; the rest is no plan at all

RETIMED = 15.0  # minutes by which a planned time must move to be counted, or units where the data have none
MINUTE = {"s": 60.0, "min": 1.0, "h": 1 / 60}  # a minute in the data's unit of time


@dataclass(frozen=True, eq=False)
class QuoteDay:
    """One day of requests.

    Parameters
    ----------
    fleet : Instance
        Couriers, places and travel, without an order: what a method sees.
    requests : tuple of Request
        In the order in which they come.
    purchase : ndarray of float, shape (n_requests,)
        When; never decreasing.
    slots : ndarray of float, shape (n_slots, 2)
        Windows that are quoted, the same for everybody.
    wishes : tuple of tuple of int
        Slots that each customer would take, the dearest wish first; nobody takes another one.
    """

    fleet: Instance
    requests: tuple[Request, ...]
    purchase: np.ndarray
    slots: np.ndarray
    wishes: tuple[tuple[int, ...], ...]


@dataclass
class _Day:
    """What has happened on a day so far."""

    promised: list[tuple[Request, float, float]] = field(default_factory=list)
    stops: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    departure: dict[int, float] = field(default_factory=dict)
    confirmed: float = -np.inf
    refused: int = 0
    broken: set[str] = field(default_factory=set)
    moved: list[int] = field(default_factory=list)
    ever_moved: set[str] = field(default_factory=set)
    first_time: dict[str, float] = field(default_factory=dict)
    retimed: set[str] = field(default_factory=set)
    wish: list[int] = field(default_factory=list)
    example: dict[str, Any] = field(default_factory=dict)


class QuoteEnvironment:
    """The days, one after the other.

    Parameters
    ----------
    days : sequence of QuoteDay
        What happens.

    Notes
    -----
    Observations are mappings with a ``kind``: ``day`` (a new day begins; any answer), ``quote`` (``now``, ``request``,
    ``slots``; the answer has ``costs``, one for each slot, None where the order does not fit) and ``confirm`` (the customer
    took ``slot``; the answer has ``tours``: for each courier's number the stops as (order, ``delivery`` or ``pickup``)).
    """

    def __init__(self, days: Sequence[QuoteDay]) -> None:
        self.days = list(days)
        self.records: list[dict[str, Any]] = []

    def reset(self) -> Any:
        """Begin the first day."""
        self.records, self.number = [], -1
        return self._next_day()

    def step(self, action: Any) -> Any:
        """Carry out an answer."""
        if self.kind == "day":
            self.request = -1
            return self._next_request()
        if self.kind == "quote":
            return self._choose(action)
        self._confirm(action)
        return self._next_request()

    def summary(self) -> list[dict[str, Any]]:
        """One record for each day that is over."""
        return self.records

    # ---- the course of a day

    def _next_day(self) -> Any:
        self.number += 1
        if self.number == len(self.days):
            return None
        self.day, self.kind = self.days[self.number], "day"
        self.so_far = _Day()
        return {"kind": "day", "day": self.number}

    def _next_request(self) -> Any:
        self.request += 1
        if self.request == len(self.day.requests):
            self.records.append(self._record())
            return self._next_day()
        self.kind, self.now = "quote", float(self.day.purchase[self.request])
        return {
            "kind": "quote",
            "now": self.now,
            "request": self.day.requests[self.request],
            "slots": self.day.slots,
        }

    def _choose(self, action: Mapping[str, Any]) -> Any:
        """The customer takes the slot wished most among those that fit, or leaves."""
        costs = list(action["costs"])
        if len(costs) != len(self.day.slots):
            raise UserError(f"{len(costs)} costs were answered; {len(self.day.slots)} slots were asked for")
        wishes = self.day.wishes[self.request]
        chosen = next((k for k, slot in enumerate(wishes) if costs[slot] is not None), None)
        if chosen is None:
            self.so_far.refused += 1
            return self._next_request()
        if self.request >= len(self.day.requests) // 2 and not self.so_far.example:
            self.so_far.example = {
                "order": self.day.requests[self.request].name,
                "costs": costs,
                "taken": wishes[chosen],
                "wishes": list(wishes),
            }
        self.so_far.wish.append(chosen)
        opens, closes = self.day.slots[wishes[chosen]]
        self.so_far.promised.append((self.day.requests[self.request], float(opens), float(closes)))
        self.kind = "confirm"
        return {"kind": "confirm", "slot": wishes[chosen]}

    # ---- what the environment checks itself

    def instance(self) -> Instance:
        """All orders promised so far with their windows."""
        fleet = self.day.fleet
        return replace(fleet, orders=orders_of(self.so_far.promised, len(fleet.vehicles[0].capacity)))

    def _confirm(self, action: Mapping[str, Any]) -> None:
        """Take over the new plan: check it, see that the past is as it was, count who changed courier."""
        day, instance = self.so_far, self.instance()
        tours = {
            int(courier): tuple((str(name), str(what)) for name, what in stops)
            for courier, stops in action["tours"].items()
        }
        plan = _plan(instance, tours)
        verdict = check(instance, plan)
        wrong = [violation for violation in verdict.violations if violation.kind not in BROKEN]
        if wrong:
            raise UserError(
                f"the confirmed plan is not possible ({wrong[0].detail}); a plan that passes `check` was expected"
            )
        names = instance.orders.names
        day.broken |= {names[v.order] for v in verdict.violations if v.order is not None}
        before, after = _deliverers(day.stops), _deliverers(tours)
        changed = {name for name, courier in before.items() if after.get(name) != courier}
        day.moved.append(len(changed))
        day.ever_moved |= changed
        for courier, stops in self._frozen(instance).items():
            if tours.get(courier, ())[: len(stops)] != stops:
                raise UserError(
                    f"the confirmed plan changes what courier {courier} has already done or begun"
                )
            self._check_load(courier, stops, tours, instance)
        gone = {courier for courier, moment in day.departure.items() if moment <= self.now}
        for courier, route in zip(tours, plan.routes, strict=True):
            if courier not in gone and day.stops.get(courier) != tours[courier]:
                leaves = float(schedule_route(instance, route).departure[0])
                day.departure[courier] = max(leaves, self.now)
            late, leaving, _ = _drive(instance, route, day.departure[courier])
            day.broken |= {names[order] for order in late}
            self._note_times(instance, route, leaving)
        day.departure = {c: moment for c, moment in day.departure.items() if c in tours}
        day.stops = tours

    def _check_load(
        self,
        courier: int,
        done: tuple[tuple[str, str], ...],
        tours: Mapping[int, tuple[tuple[str, str], ...]],
        instance: Instance,
    ) -> None:
        """See that who has left carries what he left with: nothing is loaded behind him, nothing leaves his vehicle."""
        at_depot = {
            name
            for name, picked in zip(instance.orders.names, instance.has_pickup, strict=True)
            if not picked
        }
        old, new = _delivered(self.so_far.stops[courier]), _delivered(tours[courier])
        loaded, loads = old & at_depot, new & at_depot
        if loads - loaded:
            raise UserError(
                f"the confirmed plan gives order {min(loads - loaded)} to courier {courier}, who has left the depot without it"
            )
        on_board = loaded | {name for name, what in done if what == "pickup"}
        if on_board - new:
            raise UserError(
                f"the confirmed plan takes order {min(on_board - new)} from courier {courier}, who has it on board"
            )

    def _note_times(self, instance: Instance, route: Route, leaving: Sequence[float]) -> None:
        """Compare the planned begin of each delivery with that of the plan in which it was accepted."""
        day, allowed = self.so_far, RETIMED * MINUTE.get(instance.time_unit, 1.0)
        for stop, left in zip(route.stops, leaving, strict=True):
            if stop >= instance.n_orders:
                continue
            name, begins = instance.orders.names[stop], left - float(instance.stop_service[stop])
            if abs(begins - day.first_time.setdefault(name, begins)) > allowed + TOLERANCE:
                day.retimed.add(name)

    def _frozen(self, instance: Instance) -> dict[int, tuple[tuple[str, str], ...]]:
        """Stops that each courier has made or is driving to."""
        day, done = self.so_far, {}
        for courier, stops in day.stops.items():
            moment = day.departure[courier]
            if moment >= self.now - TOLERANCE:
                continue
            _, leaving, _ = _drive(
                instance, _plan(instance, {courier: stops}, partial=True).routes[0], moment
            )
            done[courier] = stops[: int(np.sum(np.array([moment, *leaving[:-1]]) < self.now - TOLERANCE))]
        return done

    def _record(self) -> dict[str, Any]:
        """Sum the day up; time that couriers were really out is paid."""
        day, instance = self.so_far, self.instance()
        plan = _plan(instance, day.stops)
        verdict = check(instance, plan)
        cost = verdict.cost
        for courier, route in zip(day.stops, plan.routes, strict=True):
            _, _, end = _drive(instance, route, day.departure[courier])
            out = end - day.departure[courier] - schedule_route(instance, route).duration
            cost += instance.vehicles[route.vehicle].cost_per_duration * max(out, 0.0)
        n_before = np.arange(len(day.promised))
        return {
            "name": instance.name,
            "requests": len(self.day.requests),
            "accepted": [[request.name, opens, closes] for request, opens, closes in day.promised],
            "refused": day.refused,
            "broken": sorted(day.broken),
            "moved": day.moved,
            "ever_moved": sorted(day.ever_moved),
            "retimed": sorted(day.retimed),
            "moved_share": float(np.mean(day.moved / np.maximum(n_before, 1))) if day.moved else 0.0,
            "first_wish": float(np.mean(np.array(day.wish) == 0)) if day.wish else 0.0,
            "cost": float(cost),
            "plan": plan_to_json(instance, plan),
            "example": day.example,
        }


def _deliverers(tours: Mapping[int, tuple[tuple[str, str], ...]]) -> dict[str, int]:
    return {name: courier for courier, stops in tours.items() for name, what in stops if what == "delivery"}


def _delivered(stops: Sequence[tuple[str, str]]) -> set[str]:
    return {name for name, what in stops if what == "delivery"}


def _plan(
    instance: Instance, tours: Mapping[int, tuple[tuple[str, str], ...]], *, partial: bool = False
) -> Plan:
    """Translate names into numbers; one route for each courier."""
    numbers = {name: order for order, name in enumerate(instance.orders.names)}
    types = courier_numbers(instance.vehicles)
    routes = []
    for courier, stops in tours.items():
        vehicle = next((k for k, couriers in enumerate(types) if courier in couriers), None)
        unknown = next((name for name, _ in stops if name not in numbers), None)
        if vehicle is None or unknown is not None:
            raise UserError(
                f"the plan names {'courier ' + str(courier) if vehicle is None else 'order ' + str(unknown)}, unknown here"
            )
        n = instance.n_orders
        routes.append(Route(vehicle, tuple(numbers[name] + n * (what == "pickup") for name, what in stops)))
    return Plan(tuple(routes))


def _drive(instance: Instance, route: Route, departure: float) -> tuple[list[int], list[float], float]:
    """Drive a tour from the moment it leaves.

    Returns
    -------
    late : list of int
        Orders that are served after their window closed, or all if the shift ends too late.
    leaving : list of float
        When each stop is left.
    end : float
        Return to the depot.
    """
    vehicle, n = instance.vehicles[route.vehicle], instance.n_orders
    clock, here, late, leaving = departure, vehicle.start, [], []
    for stop in route.stops:
        there = int(instance.stop_place[stop])
        leg = float(instance.travel[vehicle.travel].pairs(here, there)[0])  # type: ignore[arg-type]
        clock = max(clock + leg, float(instance.stop_opens[stop]))
        if clock > instance.stop_closes[stop] + TOLERANCE:
            late.append(stop % n)
        clock, here = clock + float(instance.stop_service[stop]), there
        leaving.append(clock)
    end = clock + float(instance.travel[vehicle.travel].pairs(here, vehicle.end)[0])  # type: ignore[arg-type]
    if end > vehicle.closes + TOLERANCE:
        late += [stop % n for stop in route.stops]
    return late, leaving, end

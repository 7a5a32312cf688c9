"""A plan to which orders are added while it is being carried out.

The native API in three lines::

    live = LivePlan(instance, plan)
    quotes = live.quote(order, slots)
    live.accept(quotes.best())

A quote looks at every gap of every tour at once (`delivery_optimization.live.insertion`); an acceptance rebuilds the arrays
of the one tour that changes. Stops that are done or under way stay where they are: `LivePlan.advance` moves the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Instance
from delivery_optimization.live.insertion import Gaps, cheapest_insertion
from delivery_optimization.live.legs import Legs
from delivery_optimization.live.quotes import Quote, Quotes
from delivery_optimization.live.requests import Request, orders_of, request_of
from delivery_optimization.live.tour import Stops, Tour, courier_numbers
from delivery_optimization.plan import Plan, Route
from usecases.errors import UserError


class LivePlan:
    """A plan that is being carried out.

    Parameters
    ----------
    instance : Instance
        Fleet and travel, and the orders that are already promised.
    plan : Plan, optional
        How they are served; without it no courier has a stop yet.
    couriers : sequence of int, optional
        Who drives each route of `plan`; by default the couriers of each type in turn.
    now : float, optional
        The time; by default before all shifts.

    Raises
    ------
    UserError
        If the plan is not feasible, or the instance has breaks, which a live plan does not know.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 0, 1)),), unserved=(2, 3)))
    >>> quotes = live.quote(request_of(tiny(), 3), [(0.0, 20.0), (20.0, 40.0), (119.0, 120.0)])
    >>> quotes.costs.tolist()
    [0.0, 0.0, inf]
    >>> live.accept(quotes.best())
    >>> live.plan().routes
    (Route(vehicle=0, stops=(2, 3, 4, 0, 1)),)
    """

    def __init__(
        self,
        instance: Instance,
        plan: Plan | None = None,
        couriers: Sequence[int] | None = None,
        now: float = -np.inf,
    ) -> None:
        if any(vehicle.breaks for vehicle in instance.vehicles):
            raise UserError(
                "this instance has breaks, which a live plan does not know; take the breaks out of the fleet"
            )
        self.base, self.now, self.version = instance, now, 0
        self.legs = Legs(instance)
        self.numbers = courier_numbers(instance.vehicles)
        self.promised: list[tuple[Request, float, float]] = []
        n_dimensions = len(instance.vehicles[0].capacity)
        self.stops = Stops(
            np.empty(0, dtype=int), np.empty((0, 3)), np.empty((0, n_dimensions)), np.empty(0, dtype=bool)
        )
        self.tours: dict[int, Tour] = {}
        self._gaps: dict[bool, Gaps] = {}
        self._spare: dict[int, Tour] = {}
        if plan is not None:
            self._begin(instance, plan, couriers)
        self._find_spare()

    def _begin(self, instance: Instance, plan: Plan, couriers: Sequence[int] | None) -> None:
        """Take over a plan."""
        n, orders = instance.n_orders, instance.orders
        served = sorted({stop % n for route in plan.routes for stop in route.stops})
        number = {order: k for k, order in enumerate(served)}
        for order in served:
            self._promise(
                request_of(instance, order), float(orders.opens[order]), float(orders.closes[order])
            )
        free = [iter(numbers) for numbers in self.numbers]
        chosen = couriers or [next(free[route.vehicle], -1) for route in plan.routes]
        for courier, route in zip(chosen, plan.routes, strict=True):
            if courier not in self.numbers[route.vehicle]:
                raise UserError(
                    f"the plan uses more vehicles of type {instance.vehicles[route.vehicle].name} than there are"
                )
            codes = tuple(2 * number[stop % n] + (stop >= n) for stop in route.stops)
            self._set(Tour(courier, route.vehicle, codes))
            if not self.tours[courier].feasible:
                raise UserError(
                    f"the tour of courier {courier} is late or overloaded: start from a plan that passes `check`"
                )

    # ---- reading

    @property
    def n_orders(self) -> int:
        """Orders promised so far."""
        return len(self.promised)

    @property
    def cost(self) -> float:
        """Of all tours."""
        return float(sum(tour.cost for tour in self.tours.values()))

    def instance(self) -> Instance:
        """Make the instance of all orders promised so far, each with its promised window."""
        n_dimensions = self.stops.change.shape[1]
        return replace(self.base, orders=orders_of(self.promised, n_dimensions))

    def plan(self) -> Plan:
        """Make the plan as it stands, for `instance`; routes in the order of their couriers.

        Once somebody has left it states no cost: the checker, which lets everybody leave at the best moment, may find less.
        """
        n = self.n_orders
        routes = tuple(
            Route(tour.vehicle, tuple(code // 2 + n * (code % 2) for code in tour.stops))
            for _, tour in sorted(self.tours.items())
        )
        gone = any(tour.left is not None for tour in self.tours.values())
        return Plan(routes, (), None if gone else self.cost)

    def courier_of(self) -> dict[int, int]:
        """Tell who delivers each order."""
        return {code // 2: c for c, tour in self.tours.items() for code in tour.stops if code % 2 == 0}

    def stops_of(self, courier: int) -> tuple[int, ...]:
        """Give a courier's stops, none for an unused one."""
        return self.tours[courier].stops if courier in self.tours else ()

    def spares(self) -> list[Tour]:
        """Give the empty tour of one unused courier of each type."""
        return list(self._spare.values())

    def gaps(self, *, pairs: bool) -> Gaps:
        """Give the arrays of the whole plan, kept until the plan changes."""
        if pairs not in self._gaps:
            self._gaps[pairs] = Gaps.of([*self.tours.values(), *self._spare.values()], pairs=pairs)
        return self._gaps[pairs]

    # ---- quoting and accepting

    def quote(
        self, order: Request, slots: Sequence[tuple[float, float]] | np.ndarray, *, at_end: bool = False
    ) -> Quotes:
        """Price an order for several slots: what the plan costs more with it, the rest staying as it is.

        Parameters
        ----------
        order : Request
            The order.
        slots : array_like of float, shape (n_slots, 2)
            Windows in which the delivery may begin.
        at_end : bool
            Only after the last stop of a tour: what a dispatcher does who does not want to reorder anything.

        Returns
        -------
        Quotes
        """
        windows = np.asarray(slots, dtype=float).reshape(-1, 2)
        gaps = self.gaps(pairs=order.has_pickup)
        gaps = gaps.ends() if at_end else gaps
        found = cheapest_insertion(gaps, self.legs, order, windows, self.now)
        return Quotes(order, windows, found, self.version)

    def accept(self, quote: Quote) -> None:
        """Promise a slot and insert the order where the quote said.

        Raises
        ------
        UserError
            If the order did not fit, or the plan has changed since the quote.
        """
        if not quote.feasible:
            raise UserError(
                f"order {quote.request.name} does not fit into slot {quote.slot}: choose a feasible quote"
            )
        if quote.version != self.version:
            raise UserError(
                f"the plan has changed since order {quote.request.name} was quoted: quote it again"
            )
        old = self.tours.get(quote.courier) or next(
            t for t in self._spare.values() if t.courier == quote.courier
        )
        order = self._promise(quote.request, quote.opens, quote.closes)
        stops = list(old.stops)
        stops.insert(quote.gap, 2 * order)
        if quote.request.has_pickup:
            stops.insert(quote.pickup_gap, 2 * order + 1)
        self.assign({quote.courier: tuple(stops)})

    def advance(self, now: float) -> None:
        """Let time pass: couriers whose time has come leave, and what they leave behind or drive to is frozen.

        Raises
        ------
        UserError
            If `now` is in the past.
        """
        if now < self.now:
            raise UserError(f"advance({now:g}) was called at {self.now:g}: time only moves on")
        self.now = now
        leaving = [tour for tour in self.tours.values() if tour.left is None and tour.departure <= now]
        for tour in leaving:
            self._set(replace(tour, left=tour.departure))
        if leaving:
            self._changed()

    def assign(self, stops: Mapping[int, tuple[int, ...]]) -> None:
        """Give couriers other stops; the caller has made sure that all of them are on time (`trial`).

        Parameters
        ----------
        stops : mapping of int to tuple of int
            Stops of each courier who changes, numbered as in `delivery_optimization.live.tour`.
        """
        for courier, codes in stops.items():
            if codes:
                self._set(self.trial(courier, codes))
            else:
                self.tours.pop(courier, None)
        self._find_spare()
        self._changed()

    def trial(self, courier: int, codes: tuple[int, ...]) -> Tour:
        """Compute a tour without changing the plan."""
        old = self.tours.get(courier)
        vehicle = next(k for k, numbers in enumerate(self.numbers) if courier in numbers)
        tour = Tour(courier, vehicle, codes, None if old is None else old.left)
        tour.build(self.stops, self.base.vehicles[vehicle], self.legs, self.now)
        return tour

    # ---- keeping the arrays

    def _promise(self, request: Request, opens: float, closes: float) -> int:
        """Add an order's two stops to the arrays."""
        self.promised.append((request, opens, closes))
        stops, size = self.stops, np.array([request.size])
        place = [request.place, request.pickup_place if request.has_pickup else FROM_DEPOT]
        times = [
            [opens, closes, request.service],
            [request.pickup_opens, request.pickup_closes, request.pickup_service],
        ]
        self.stops = Stops(
            np.append(stops.place, place),
            np.concatenate([stops.times, times]),
            np.concatenate([stops.change, -size, size]),
            np.append(stops.on_board, [not request.has_pickup, False]),
        )
        return len(self.promised) - 1

    def _set(self, tour: Tour) -> None:
        tour.build(self.stops, self.base.vehicles[tour.vehicle], self.legs, self.now)
        self.tours[tour.courier] = tour

    def _find_spare(self) -> None:
        """Keep one unused courier of each type ready, for a new tour."""
        for vehicle, numbers in enumerate(self.numbers):
            spare = next((c for c in numbers if c not in self.tours), None)
            if spare is None:
                self._spare.pop(vehicle, None)
            elif vehicle not in self._spare or self._spare[vehicle].courier != spare:
                tour = Tour(spare, vehicle, ())
                tour.build(self.stops, self.base.vehicles[vehicle], self.legs, -np.inf)
                self._spare[vehicle] = tour

    def _changed(self) -> None:
        self._gaps.clear()
        self.version += 1

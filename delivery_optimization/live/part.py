"""Some tours of a live plan as an instance of their own, in which an order that changes courier costs more."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from delivery_optimization.instance import (
    FROM_DEPOT,
    Convention,
    Instance,
    Orders,
    Places,
    Table,
    VehicleType,
)
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.tour import Tour
from delivery_optimization.plan import Plan, Route

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Part:
    """Some tours of a live plan as an instance of their own.

    Parameters
    ----------
    instance : Instance
        What is frozen is cut off, and each courier is a vehicle type.
    start : Plan
        The tours as they are.
    couriers : tuple of int
        Of each vehicle type.
    frozen : dict of int to tuple of int
        Stops of each courier that stay.
    numbers : tuple of int
        The live plan's numbers of the orders.
    """

    instance: Instance
    start: Plan
    couriers: tuple[int, ...]
    frozen: dict[int, tuple[int, ...]]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, live: LivePlan, tours: list[Tour], price: float, free: set[int]) -> Part | None:
        """Cut the part out."""
        n_frozen = {tour.courier: tour.frozen(live.now) for tour in tours}
        tours = [tour for tour in tours if len(tour.stops) > n_frozen[tour.courier]]
        codes = [code for tour in tours for code in tour.stops[n_frozen[tour.courier] :]]
        if len(codes) < 2:
            return None
        spares = [tour for tour in live.spares() if tour.vehicle in {t.vehicle for t in tours}]
        everybody = [*tours, *spares]
        ends = [place for tour in everybody for place in _ends(live, tour, n_frozen.get(tour.courier, 0))]
        places = np.concatenate([ends, live.stops.place[codes]]).astype(int)
        at = {code: len(ends) + k for k, code in enumerate(codes)}
        tables = tuple(_table(live, tour, places, at, price, free, tours) for tour in everybody)
        vehicles = tuple(_vehicle(live, tour, k, n_frozen) for k, tour in enumerate(everybody))
        orders, numbers = _orders(live, codes, at)
        n = len(numbers)
        local = {number: k for k, number in enumerate(numbers)}
        unknown = np.full(len(places), np.nan)
        instance = replace(
            live.base,
            name="part of a live plan",
            places=Places(tuple(map(str, range(len(places)))), unknown, unknown),
            travel=tables,
            orders=orders,
            vehicles=vehicles,
            convention=_convention(live.base.convention),
            speeds=None,
        )
        start = Plan(
            tuple(
                Route(k, tuple(local[c // 2] + n * (c % 2) for c in tour.stops[n_frozen[tour.courier] :]))
                for k, tour in enumerate(tours)
            )
        )
        frozen = {tour.courier: tour.stops[: n_frozen[tour.courier]] for tour in tours}
        return cls(instance, start, tuple(t.courier for t in everybody), frozen, tuple(numbers))

    def tours(self, plan: Plan) -> dict[int, tuple[int, ...]]:
        """Stops of every courier of the part, in the live plan's numbers."""
        n = len(self.numbers)
        made = dict(self.frozen)
        for route in plan.routes:
            courier = self.couriers[route.vehicle]
            codes = tuple(2 * self.numbers[stop % n] + (stop >= n) for stop in route.stops)
            made[courier] = self.frozen.get(courier, ()) + codes
        return made


def _convention(given: Convention) -> Convention:
    """Prices of moves are no whole numbers: distances are counted in finer units where they must be whole."""
    return Convention(given.name, given.scale if given.scale > 1 else 10, given.exact)


def _ends(live: LivePlan, tour: Tour, n_frozen: int) -> tuple[int, int]:
    """Where the rest of the tour begins and ends."""
    vehicle = live.base.vehicles[tour.vehicle]
    return (int(live.stops.place[tour.stops[n_frozen - 1]]) if n_frozen else vehicle.start), vehicle.end


def _table(
    live: LivePlan,
    tour: Tour,
    places: Array,
    at: dict[int, int],
    price: float,
    free: set[int],
    tours: list[Tour],
) -> Table:
    """Travel of one courier: what is another courier's costs more to reach, or cannot be reached."""
    vehicle = live.base.vehicles[tour.vehicle]
    given = live.base.travel[vehicle.travel].table(places)
    durations, distances = (np.array(values, dtype=float) for values in given)
    per_distance = vehicle.cost_per_distance or 1.0
    if not vehicle.cost_per_distance:
        distances[:] = 0.0
    horizon = max((v.closes for v in live.base.vehicles if np.isfinite(v.closes)), default=durations.sum())
    mine = set(tour.stops)
    for other in tours:
        for code in other.stops[other.frozen(live.now) :]:
            if code in mine:
                continue
            bound = live.stops.on_board[code] and not (other.left is None and tour.left is None)
            bound |= code % 2 == 0 and code + 1 in other.stops[: other.frozen(live.now)]
            if bound:
                durations[:, at[code]] += 2 * horizon
            elif code % 2 == 0 and code // 2 not in free:
                distances[:, at[code]] += price / per_distance
    return Table(durations, distances)


def _vehicle(live: LivePlan, tour: Tour, number: int, n_frozen: dict[int, int]) -> VehicleType:
    """One courier as a vehicle type of the part; who has left goes on from the last frozen stop."""
    vehicle = live.base.vehicles[tour.vehicle]
    done = n_frozen.get(tour.courier, 0)
    begins = tour.departures()[done] if tour.left is not None else max(vehicle.opens, live.now)
    return replace(
        vehicle,
        number=1,
        start=2 * number,
        end=2 * number + 1,
        opens=float(begins),
        fixed_cost=0.0 if tour.left is not None else vehicle.fixed_cost,
        cost_per_distance=vehicle.cost_per_distance or 1.0,
        travel=number,
    )


def _orders(live: LivePlan, codes: list[int], at: dict[int, int]) -> tuple[Orders, list[int]]:
    """Orders of the part; one whose pickup is done is on board, like one loaded at the depot."""
    numbers = [code // 2 for code in codes if code % 2 == 0]
    delivery = np.array([2 * number for number in numbers])
    paired = np.array([2 * number + 1 in at for number in numbers])
    opens, closes, service = live.stops.times[delivery].T
    pickup_opens, pickup_closes, pickup_service = live.stops.times[delivery + 1].T
    n = len(numbers)
    orders = Orders(
        names=tuple(map(str, numbers)),
        place=np.array([at[code] for code in delivery]),
        opens=opens,
        closes=closes,
        service=service,
        size=-live.stops.change[delivery],
        pickup_place=np.array([at.get(code, FROM_DEPOT) for code in delivery + 1]),
        pickup_opens=np.where(paired, pickup_opens, 0.0),
        pickup_closes=np.where(paired, pickup_closes, np.inf),
        pickup_service=np.where(paired, pickup_service, 0.0),
        penalty=np.full(n, np.inf),
        late_cost=np.full(n, np.inf),
    )
    return orders, numbers

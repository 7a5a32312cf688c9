"""Improve a live plan around the tours that an order has touched, at a price for every order that changes courier.

The tours near the new order become a problem of their own: each courier is a vehicle type with a travel table of its own, in
which a delivery that another courier has so far costs `price_of_move` more, and what a courier cannot do (goods that are on
board elsewhere, a depot left behind) is out of reach. PyVRP then minimises cost and moves together, from the plan as it is.
Its answer counts only if the true saving pays for the moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Convention, Instance, Orders, Places, Table
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.tour import LEFT, PREFIX, Tour
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Stop

Array = np.ndarray
MOST_STOPS, USUAL_STOPS = 200, 80


@dataclass(frozen=True)
class Change:
    """What a re-optimisation did.

    Parameters
    ----------
    saving : float
        Cost saved; 0 if nothing was changed.
    moved : tuple of int
        Orders, by number, that another courier delivers now.
    """

    saving: float
    moved: tuple[int, ...]


NOTHING = Change(0.0, ())


def near(live: LivePlan, order: int, n_tours: int) -> list[int]:
    """Couriers with stops to come near an order, the nearest first.

    Parameters
    ----------
    live : LivePlan
        The plan.
    order : int
        Number of a promised order.
    n_tours : int
        Couriers at most; who delivers the order is the first.

    Returns
    -------
    list of int
        Distances are the shortest leg from a stop to the order, plus how far their times are apart.
    """
    gaps = live.gaps(pairs=bool(live.promised[order][0].has_pickup))
    place, (opens, closes, _) = live.stops.place[2 * order], live.stops.times[2 * order]
    to_come = (gaps.position > 0) & ((gaps.block[LEFT] == 0) | (gaps.block[PREFIX + 1] > live.now))
    way, _ = live.legs.pairs(gaps.kind, gaps.origin, place)
    begin = gaps.block[PREFIX + 1]
    apart = np.maximum(0.0, np.maximum(opens - begin - way, begin + way - closes))
    score = np.where(to_come, way + apart, np.inf)
    best: dict[int, float] = {}
    for courier, value in zip(gaps.courier[to_come].tolist(), score[to_come].tolist(), strict=True):
        best[courier] = min(value, best.get(courier, np.inf))
    best[live.courier_of()[order]] = -1.0
    return sorted(best, key=lambda courier: (best[courier], courier))[:n_tours]


def improve_around(
    live: LivePlan, order: int, *, neighbours: int, iterations: int, price_of_move: float, seed: int = 0
) -> Change:
    """Improve the tours near an order that was just promised.

    Parameters
    ----------
    live : LivePlan
        Changed in place.
    order : int
        Its number; it may change courier for nothing.
    neighbours : int
        Tours at most, fewer when they are long: two at least, then as many as have `MOST_STOPS` stops together.
    iterations : int
        Of PyVRP, for a part of `USUAL_STOPS` stops; fewer for a larger one, where each takes longer.
    price_of_move : float
        Saving asked for each order that changes courier, in mean costs of an order of the plan.
    seed : int
        Of the search.

    Returns
    -------
    Change

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 1, 0)), Route(1, (3,))), unserved=(2,)))
    >>> change = improve_around(live, 0, neighbours=2, iterations=50, price_of_move=0.0)
    >>> change.saving > 0
    True
    """
    couriers, n_stops = [], 0
    for courier in near(live, order, neighbours):
        more = len(live.tours[courier].stops) - live.tours[courier].frozen(live.now)
        if len(couriers) >= 2 and n_stops + more > MOST_STOPS:
            break
        couriers.append(courier)
        n_stops += more
    stop = Stop(iterations=max(1, round(iterations * min(1.0, USUAL_STOPS / max(n_stops, 1)))))
    price = price_of_move * live.cost / live.n_orders
    return reoptimise(live, couriers, price_of_move=price, stop=stop, seed=seed, free=[order])


def reoptimise(
    live: LivePlan,
    couriers: Sequence[int],
    *,
    price_of_move: float,
    stop: Stop,
    seed: int = 0,
    free: Sequence[int] = (),
    warm: bool = True,
) -> Change:
    """Improve some couriers' tours together.

    Parameters
    ----------
    live : LivePlan
        Changed in place, if the saving pays for the moves.
    couriers : sequence of int
        Whose tours.
    price_of_move : float
        Least saving for each order that changes courier, in units of cost.
    stop : Stop
        Of PyVRP.
    seed : int
        Of the search.
    free : sequence of int
        Orders that may change courier for nothing: the one that was just promised.
    warm : bool
        Start from the tours as they are; otherwise from nothing.

    Returns
    -------
    Change

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 1, 0)), Route(1, (3,))), unserved=(2,)))
    >>> reoptimise(live, [0, 1], price_of_move=0.0, stop=Stop(iterations=50)).saving > 0
    True
    """
    from delivery_optimization.methods.pyvrp_solver import PyVrp

    part = _Part.of(live, [live.tours[courier] for courier in couriers], price_of_move, set(free))
    if part is None:
        return NOTHING
    solution = PyVrp().solve(part.instance, stop=stop, seed=seed, start=part.start if warm else None)
    if solution.plan.unserved:
        return NOTHING
    tours = part.tours(solution.plan)
    before = live.courier_of()
    moved = tuple(
        sorted(
            code // 2
            for courier, codes in tours.items()
            for code in codes
            if code % 2 == 0 and before[code // 2] != courier and code // 2 not in free
        )
    )
    tried = [live.trial(courier, codes) for courier, codes in tours.items() if codes]
    if not all(tour.feasible for tour in tried):
        return NOTHING
    old = sum(live.tours[courier].cost for courier in tours if courier in live.tours)
    saving = old - sum(tour.cost for tour in tried)
    if saving <= 1e-9 + price_of_move * len(moved):
        return NOTHING
    live.assign({c: codes for c, codes in tours.items() if codes != live.stops_of(c)})
    return Change(float(saving), moved)


@dataclass(frozen=True, eq=False)
class _Part:
    """Some tours of a live plan as an instance of their own: what is frozen is cut off, each courier is a vehicle type."""

    instance: Instance
    start: Plan
    couriers: tuple[int, ...]  # of each vehicle type
    frozen: dict[int, tuple[int, ...]]
    numbers: tuple[int, ...]  # of the live plan's orders

    @classmethod
    def of(cls, live: LivePlan, tours: list[Tour], price: float, free: set[int]) -> _Part | None:
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
        made = {courier: stops for courier, stops in self.frozen.items()}
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


def _vehicle(live: LivePlan, tour: Tour, number: int, n_frozen: dict[int, int]) -> object:
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

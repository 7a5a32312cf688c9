"""Improve a live plan around the tours that an order has touched, at a price for every order that changes courier.

The tours near the new order become a problem of their own: each courier is a vehicle type with a travel table of its own, in
which a delivery that another courier has so far costs `price_of_move` more, and what a courier cannot do (goods that are on
board elsewhere, a depot left behind) is out of reach. PyVRP then minimises cost and moves together, from the plan as it is.
Its answer counts only if the true saving pays for the moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.part import Part
from delivery_optimization.live.tour import LEFT, PREFIX
from delivery_optimization.solution import Stop

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

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Plan, Route
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 1, 0)), Route(1, (3,))), unserved=(2,)))
    >>> near(live, 2, 2)
    [1, 0]
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
        Of PyVRP, for a part of `USUAL_STOPS` stops; fewer for a larger one, where each takes longer, by the square of the
        ratio.
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
    >>> from delivery_optimization.plan import Plan, Route
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 1, 0)), Route(1, (3,))), unserved=(2,)))
    >>> change = improve_around(live, 0, neighbours=2, iterations=50, price_of_move=0.0)
    >>> change.saving > 0
    True
    """
    couriers: list[int] = []
    n_stops = 0
    for courier in near(live, order, neighbours):
        more = len(live.tours[courier].stops) - live.tours[courier].frozen(live.now)
        if len(couriers) >= 2 and n_stops + more > MOST_STOPS:
            break
        couriers.append(courier)
        n_stops += more
    stop = Stop(iterations=max(1, round(iterations * min(1.0, USUAL_STOPS / max(n_stops, 1)) ** 2)))
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
    >>> from delivery_optimization.plan import Plan, Route
    >>> live = LivePlan(tiny(), Plan((Route(0, (4, 5, 1, 0)), Route(1, (3,))), unserved=(2,)))
    >>> reoptimise(live, [0, 1], price_of_move=0.0, stop=Stop(iterations=50)).saving > 0
    True
    """
    from delivery_optimization.methods.pyvrp_solver import PyVrp

    part = Part.of(live, [live.tours[courier] for courier in couriers], price_of_move, set(free))
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

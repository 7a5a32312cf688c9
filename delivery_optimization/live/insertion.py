"""Cheapest feasible insertion of one order into a whole plan, for many delivery windows at once, without a loop over stops.

Every gap (and, for a pickup and its delivery, every pair of gaps of one tour) is judged at once: three joined segments say
whether all later stops stay on time and how long the courier is out; the load on the legs between says whether it fits. No
triangle inequality is assumed. The result is exact, and the tests compare it with trying every place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.live.legs import Legs
from delivery_optimization.live.requests import Request
from delivery_optimization.live.segment import Segment, join, stop_segment
from delivery_optimization.live.tour import (
    FIXED,
    LEFT,
    LEG,
    PAID,
    PAIR_ROOM,
    PER_DISTANCE,
    PER_DURATION,
    PREFIX,
    ROOM,
    SUFFIX,
    Tour,
)

Array = np.ndarray
ON_TIME = 1e-7  # rounding of sums; the checker allows 1e-6
FITS = 1e-9


@dataclass(frozen=True, eq=False)
class Gaps:
    """All gaps of all tours, one after the other; an unused vehicle of each type has one gap.

    Parameters
    ----------
    origin, destination, kind, courier, position : ndarray of int, shape (n_gaps,)
        Places before and after, kind of travel, whose tour, number of the gap in it.
    block : ndarray of float, shape (n_columns, n_gaps)
        See `delivery_optimization.live.tour`.
    pair_gaps : ndarray of int, shape (2, n_pairs), optional
        Gap of the pickup and gap of the delivery, for every two gaps of one tour.
    pair_block : ndarray of float, shape (3 + n_dimensions, n_pairs), optional
        The segment of stops between the two, and the room along it.
    """

    origin: Array
    destination: Array
    kind: Array
    courier: Array
    position: Array
    block: Array
    pair_gaps: Array | None = None
    pair_block: Array | None = None

    @classmethod
    def of(cls, tours: list[Tour], *, pairs: bool) -> Gaps:
        """Concatenate the arrays of tours."""
        places = np.concatenate([tour.places for tour in tours], axis=1)
        block = np.concatenate([tour.block for tour in tours], axis=1)
        if not pairs:
            return cls(*places, block)
        for tour in tours:
            tour.build_pairs()
        n_gaps = np.array([tour.block.shape[1] for tour in tours])
        n_pairs = np.array([tour.pair_gaps.shape[1] for tour in tours])
        offset = np.repeat(np.cumsum(n_gaps) - n_gaps, n_pairs)
        pair_gaps = np.concatenate([tour.pair_gaps for tour in tours], axis=1) + offset
        return cls(*places, block, pair_gaps, np.concatenate([tour.pair_block for tour in tours], axis=1))

    def ends(self) -> Gaps:
        """Keep the last gap of each tour."""
        last = np.append(self.courier[1:] != self.courier[:-1], True)
        places = (self.origin, self.destination, self.kind, self.courier, self.position)
        pair_gaps, pair_block = np.empty((2, 0), dtype=int), np.empty((PAIR_ROOM + self.n_dimensions, 0))
        return Gaps(*(values[last] for values in places), self.block[:, last], pair_gaps, pair_block)

    @property
    def n_dimensions(self) -> int:
        """Of capacity."""
        return (len(self.block) - ROOM) // 2

    def prefix(self, now: float) -> Segment:
        """Parts of the tours before each gap; nobody who is still at the depot leaves before `now`."""
        duration, earliest, latest = self.block[PREFIX : PREFIX + 3]
        waiting = np.where(self.block[LEFT], -np.inf, now)
        return Segment(duration, np.maximum(earliest, waiting + duration), latest)


@dataclass(frozen=True, eq=False)
class Insertions:
    """The best insertion for each window.

    Parameters
    ----------
    cost : ndarray of float, shape (n_windows,)
        What the plan costs more; infinite where the order does not fit.
    courier, pickup_gap, gap : ndarray of int, shape (n_windows,)
        Whose tour; gap of the pickup (-1 without one) and of the delivery, both numbered in the tour as it is.
    """

    cost: Array
    courier: Array
    pickup_gap: Array
    gap: Array


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Ways to come to the delivery: what has been driven before, and which gap the delivery goes to."""

    before: Segment
    origin: Array
    added: Array  # cost of distance so far, the leg that goes away deducted
    pickup: Array  # gap of the pickup, -1 without one
    gap: Array

    def keep(self, chosen: Array) -> _Candidates:
        return _Candidates(
            self.before.at(chosen),
            self.origin[chosen],
            self.added[chosen],
            self.pickup[chosen],
            self.gap[chosen],
        )


def cheapest_insertion(gaps: Gaps, legs: Legs, request: Request, windows: Array, now: float) -> Insertions:
    """Find the cheapest feasible insertion of an order for each of several delivery windows.

    Parameters
    ----------
    gaps : Gaps
        The plan; with pairs if the order has a pickup.
    legs : Legs
        Travel.
    request : Request
        The order.
    windows : ndarray of float, shape (n_windows, 2)
        When a delivery may begin: from, to.
    now : float
        What is done or under way stays as it is.

    Returns
    -------
    Insertions

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.live.live_plan import LivePlan
    >>> from delivery_optimization.live.requests import request_of
    >>> live = LivePlan(tiny().restricted([]))
    >>> windows = np.array([[0.0, 10.0], [10.0, 20.0]])
    >>> cheapest_insertion(live.gaps(pairs=True), live.legs, request_of(tiny(), 0), windows, now=0.0).cost.tolist()
    [6.0, 6.0]
    """
    candidates = (_after_pickup if request.has_pickup else _loaded_at_depot)(gaps, legs, request, now)
    return _deliver(gaps, legs, request, windows, candidates)


def _open(gaps: Gaps, before: Segment, now: float) -> Array:
    """Gaps that the courier has not driven into yet."""
    return (gaps.block[LEFT] == 0) | (before.earliest > now)


def _loaded_at_depot(gaps: Gaps, legs: Legs, request: Request, now: float) -> _Candidates:
    """The order must be on board from the start: the courier has not left, and it fits on every leg up to its gap."""
    room = gaps.block[ROOM : ROOM + gaps.n_dimensions]
    fits = (room >= np.array(request.size)[:, None] - FITS).all(axis=0) & (gaps.block[LEFT] == 0)
    chosen = np.flatnonzero(fits)
    before = gaps.prefix(now).at(chosen)
    added = -gaps.block[PER_DISTANCE, chosen] * gaps.block[LEG, chosen]
    return _Candidates(before, gaps.origin[chosen], added, np.full(len(chosen), -1), chosen)


def _after_pickup(gaps: Gaps, legs: Legs, request: Request, now: float) -> _Candidates:
    """First the pickup in every gap, then the delivery right after it, or in a later gap of the same tour."""
    assert gaps.pair_gaps is not None
    assert gaps.pair_block is not None
    size = np.array(request.size)[:, None] - FITS
    before = gaps.prefix(now)
    per_distance, leg = gaps.block[PER_DISTANCE], gaps.block[LEG]
    way, length = legs.pairs(gaps.kind, gaps.origin, request.pickup_place)
    fits = (gaps.block[ROOM + gaps.n_dimensions :] >= size).all(axis=0)
    possible = fits & _open(gaps, before, now) & (before.earliest + way <= request.pickup_closes + ON_TIME)
    pickup = stop_segment(request.pickup_opens, request.pickup_closes, request.pickup_service)
    loaded = join(before, way, pickup)
    cost = per_distance * (length - leg)

    at_once = np.flatnonzero(possible)
    here = np.full(len(at_once), request.pickup_place)
    direct = _Candidates(loaded.at(at_once), here, cost[at_once], at_once, at_once)

    onward, further = legs.pairs(gaps.kind, request.pickup_place, gaps.destination)
    first, last = gaps.pair_gaps
    chosen = np.flatnonzero(possible[first] & (gaps.pair_block[PAIR_ROOM:] >= size).all(axis=0))
    first, last = first[chosen], last[chosen]
    between = Segment(*gaps.pair_block[:PAIR_ROOM, chosen])
    in_time = loaded.earliest[first] + onward[first] <= between.latest + ON_TIME
    first, last, between = first[in_time], last[in_time], between.at(in_time)
    later = _Candidates(
        join(loaded.at(first), onward[first], between),
        gaps.origin[last],
        cost[first] + per_distance[first] * (further[first] - leg[last]),
        first,
        last,
    )
    return _Candidates(
        Segment(*(np.concatenate(two) for two in zip(direct.before, later.before, strict=True))),
        np.concatenate([direct.origin, later.origin]),
        np.concatenate([direct.added, later.added]),
        np.concatenate([direct.pickup, later.pickup]),
        np.concatenate([direct.gap, later.gap]),
    )


def _deliver(gaps: Gaps, legs: Legs, request: Request, windows: Array, candidates: _Candidates) -> Insertions:
    """Come to the delivery and go on to the next stop: every candidate against every window."""
    kind, destination = gaps.kind[candidates.gap], gaps.destination[candidates.gap]
    way, length = legs.pairs(kind, candidates.origin, request.place)
    onward, further = legs.pairs(kind, request.place, destination)
    limit = gaps.block[SUFFIX + 2, candidates.gap] - onward - request.service
    arrival = candidates.before.earliest + way
    opens, closes = windows[:, 0, None], windows[:, 1, None]
    kept = np.flatnonzero((arrival <= limit + ON_TIME) & (arrival <= closes.max() + ON_TIME))
    if not len(kept):
        nothing = np.full(len(windows), -1)
        return Insertions(np.full(len(windows), np.inf), nothing, nothing, nothing)
    candidates, way, onward, limit, arrival = (
        candidates.keep(kept), way[kept], onward[kept], limit[kept], arrival[kept],
    )  # fmt: skip
    block = gaps.block[:, candidates.gap]
    cost = candidates.added + block[PER_DISTANCE] * (length[kept] + further[kept]) + block[FIXED]
    begin = np.maximum(arrival, opens)
    latest = np.minimum(limit, closes)
    if block[PER_DURATION].any():
        after = Segment(*block[SUFFIX : SUFFIX + 3])
        whole = join(
            join(candidates.before, way, Segment(request.service, begin + request.service, latest)),
            onward,
            after,
        )
        cost = cost + block[PER_DURATION] * (whole.paid - block[PAID])
    cost = np.where(begin <= latest + ON_TIME, cost, np.inf)
    best = cost.argmin(axis=1)
    gap, pickup = candidates.gap[best], candidates.pickup[best]
    return Insertions(
        cost[np.arange(len(windows)), best],
        gaps.courier[gap],
        np.where(pickup < 0, -1, gaps.position[pickup]),
        gaps.position[gap],
    )

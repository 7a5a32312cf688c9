"""The routing problem of one epoch in PyVRP: release times, prizes, and vehicles that leave now or later.

An `Instance` has no release times, hence a model of its own. The vehicles are of two types: those that leave now, and those
that leave at the next epoch or later. What is decided to leave now counts one unit in a second dimension of size, of which
the later vehicles have none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.dynamic.requests import CustomerLaw, Requests

Array = np.ndarray
Routes = list[list[int]]


@dataclass(frozen=True, eq=False)
class EpochPlan:
    """Routes found for an epoch.

    Parameters
    ----------
    routes : list of list of int
        Positions in the requests, in the order of the stops.
    latest : list of int
        Until when each route could wait at the depot without more lateness (s).
    feasible : bool
        Whether all windows and capacities are kept.
    cost : int
        Driving time (s).
    """

    routes: Routes
    latest: list[int]
    feasible: bool
    cost: int


def solve_epoch(
    law: CustomerLaw,
    requests: Requests,
    departure: int,
    stop: Callable[..., bool],
    *,
    seed: int = 0,
    release: Array | None = None,
    now: Array | None = None,
    prize: Array | None = None,
    next_departure: int | None = None,
    start: Routes | None = None,
) -> EpochPlan:
    """Route requests with PyVRP.

    Parameters
    ----------
    law : CustomerLaw
        Driving times, capacity, closing time of the depot.
    requests : Requests
        What to route; may hold imagined future ones.
    departure : int
        When vehicles leave now (s).
    stop : callable
        True when it is time to stop; called at every iteration.
    seed : int
        Of the search.
    release : ndarray of int, optional
        Before this moment the request cannot leave the depot (s).
    now : ndarray of bool, optional
        Requests that must be on a vehicle that leaves now; needs `next_departure`.
    prize : ndarray of int, optional
        What serving a request is worth (s of driving); -1 where it must be served.
    next_departure : int, optional
        When the vehicles leave that do not leave now (s).
    start : list of list of int, optional
        Warm start.

    Returns
    -------
    EpochPlan
        The best plan found; empty when there is no request.
    """
    import pyvrp

    n = len(requests)
    if n == 0:
        return EpochPlan([], [], True, 0)
    places, place = np.unique(np.concatenate([[0], requests.customer]), return_inverse=True)
    data = _data(law, requests, departure, release, now, prize, next_departure, places, place[1:])
    initial = None if start is None else _solution(data, start, now)
    if n == 1:  # the search needs two clients
        initial = _solution(data, [[0]], now)
        return _plan(initial)
    params = pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams())
    result = pyvrp.solve(data, stop, seed=seed, collect_stats=False, params=params, initial_solution=initial)
    return _plan(result.best)


def _data(
    law: CustomerLaw,
    requests: Requests,
    departure: int,
    release: Array | None,
    now: Array | None,
    prize: Array | None,
    next_departure: int | None,
    places: Array,
    place: Array,
) -> Any:
    import pyvrp

    n, closes = len(requests), law.depot_closes
    released = np.full(n, departure) if release is None else np.maximum(release, departure)
    durations: Any = np.ascontiguousarray(law.durations[np.ix_(places, places)])
    two = now is not None
    clients = []
    for k in range(n):
        size = [int(requests.size[k]), int(now[k])] if now is not None else [int(requests.size[k])]
        optional = prize is not None and prize[k] >= 0
        clients.append(
            pyvrp.Client(
                int(place[k]),
                size,
                service_duration=int(requests.service[k]),
                tw_early=int(requests.opens[k]),
                tw_late=int(requests.closes[k]),
                release_time=int(released[k]),
                prize=int(prize[k]) if prize is not None and optional else 0,
                required=not optional,
            )
        )
    vehicles = [
        pyvrp.VehicleType(n, [law.capacity, n] if two else [law.capacity], tw_early=departure, tw_late=closes)
    ]
    if two:
        assert next_departure is not None
        vehicles = [
            pyvrp.VehicleType(n, [law.capacity, n], tw_early=departure, tw_late=closes, start_late=departure),
            pyvrp.VehicleType(n, [law.capacity, 0], tw_early=next_departure, tw_late=closes),
        ]
    zero = np.zeros(len(places))
    return pyvrp.ProblemData(
        [pyvrp.Location(float(a), float(a)) for a in zero],
        clients,
        [pyvrp.Depot(0)],
        vehicles,
        [durations],
        [durations],
    )


def _solution(data: Any, routes: Sequence[Sequence[int]], now: Array | None) -> Any:
    import pyvrp

    client = pyvrp.ActivityType.CLIENT

    def kind(route: Sequence[int]) -> int:
        return 0 if now is None or any(now[k] for k in route) else 1

    return pyvrp.Solution(
        data,
        [pyvrp.Route(data, [pyvrp.Activity(client, int(k)) for k in route], kind(route)) for route in routes],
    )


def _plan(solution: Any) -> EpochPlan:
    routes, latest = [], []
    for route in solution.routes():
        stops = [activity.idx for activity in route if activity.is_client()]
        if stops:
            routes.append(stops)
            latest.append(int(route.start_time() + route.slack()))
    return EpochPlan(routes, latest, bool(solution.is_feasible()), int(solution.distance()))

"""What a policy may know and compute on ORTEC's days: the law of requests, routing of an epoch, sampled futures.

Every world (this one, and that of the city) has the same four verbs, so that a policy is written once:
``route``, ``typical_cost``, ``sample`` and ``leaving``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.dynamic.epoch_model import Routes, solve_epoch
from delivery_optimization.dynamic.requests import EPOCH, CustomerLaw, Epoch, Requests
from delivery_optimization.solution import Stop

Array = np.ndarray


@dataclass(eq=False)
class Future:
    """One imagined future: the waiting requests first, then those that may come.

    Parameters
    ----------
    requests : Requests
        All of them.
    release : ndarray of int
        When each can leave the depot (s).
    routes : list of list of int, optional
        Last plan found, where the next search begins.
    """

    requests: Requests
    release: Array
    routes: Routes | None = None


@dataclass(frozen=True, eq=False)
class OrtecWorld:
    """The laws of the days, one for each.

    Parameters
    ----------
    laws : tuple of CustomerLaw
        Of day 0, 1, ...
    """

    laws: tuple[CustomerLaw, ...]

    def route(
        self, epoch: Epoch, chosen: Array, stop: Stop, seed: int, prize: Array | None = None
    ) -> list[list[int]]:
        """Route the chosen requests; others that have a prize may come along.

        Parameters
        ----------
        epoch : Epoch
            What is seen.
        chosen : ndarray of bool, shape (n_requests,)
            What must be dispatched.
        stop : Stop
            Work of the search.
        seed : int
            Of the search.
        prize : ndarray, shape (n_requests,), optional
            What dispatching each of the others now is worth (s of driving).

        Returns
        -------
        list of list of int
            Routes of request numbers, the action.
        """
        requests = epoch.requests if prize is not None else epoch.requests.take(chosen)
        prizes = None if prize is None else np.where(chosen, -1, np.maximum(prize, 0)).astype(np.int64)
        law = self.laws[epoch.day]
        plan = solve_epoch(law, requests, epoch.departure, stop.start(), seed=seed, prize=prizes)
        routes: Routes = []
        for (
            route
        ) in plan.routes:  # a search of hardly any time may end with a route that is late: then each alone
            routes += [route] if feasible(law, requests, route, epoch.departure) else [[k] for k in route]
        return [[int(requests.number[k]) for k in route] for route in routes]

    def typical_cost(self, epoch: Epoch, nearest: int) -> Array:
        """Mean driving time between each request and its nearest customers (s): shape (n_requests,)."""
        durations = self.laws[epoch.day].durations
        both = (durations + durations.T)[1:, 1:] / 2
        closest: Array = np.sort(both, axis=1)[:, 1 : nearest + 1].mean(axis=1)
        return closest[epoch.requests.customer - 1]

    def sample(self, epoch: Epoch, lookahead: int, rng: np.random.Generator) -> Future:
        """Imagine the requests of the next `lookahead` epochs."""
        law = self.laws[epoch.day]
        requests, release = epoch.requests, [np.full(len(epoch.requests), epoch.departure)]
        for ahead in range(1, min(lookahead, epoch.n_left) + 1):
            drawn = law.draw(rng, epoch.number + ahead)
            requests = requests.join(drawn)
            release.append(np.full(len(drawn), epoch.departure + ahead * EPOCH))
        return Future(requests, np.concatenate(release))

    def leaving(self, epoch: Epoch, future: Future, go: Array, wait: Array, stop: Stop, seed: int) -> Array:
        """Solve one future and say which waiting requests leave now: bool of shape (n_requests,).

        Parameters
        ----------
        epoch : Epoch
            What is seen.
        future : Future
            Its routes are replaced by those found.
        go, wait : ndarray of bool, shape (n_requests,)
            What was decided before.
        stop : Stop
            Work of the search.
        seed : int
            Of the search.

        Returns
        -------
        ndarray of bool
            Requests on routes that hold one that must go, or that would be late if they left at the next epoch.
        """
        law, n, later = self.laws[epoch.day], len(epoch.requests), epoch.departure + EPOCH
        release, now = future.release.copy(), np.zeros(len(future.requests), dtype=bool)
        release[:n][wait] = later
        now[:n] = go
        plan = solve_epoch(
            law,
            future.requests,
            epoch.departure,
            stop.start(),
            seed=seed,
            release=release,
            now=now,
            next_departure=later,
            start=future.routes,
        )
        future.routes = plan.routes
        result = np.zeros(n, dtype=bool)
        for route in plan.routes:
            if max(route) < n and (now[route].any() or not in_time(law, future.requests, route, later)):
                result[route] = True
        return result


def feasible(law: CustomerLaw, requests: Requests, route: list[int], departure: int) -> bool:
    """Say whether a route keeps all windows and the capacity."""
    return int(requests.size[route].sum()) <= law.capacity and in_time(law, requests, route, departure)


def in_time(law: CustomerLaw, requests: Requests, route: list[int], departure: int) -> bool:
    """Say whether a route that leaves the depot at `departure` keeps all windows.

    Examples
    --------
    >>> from delivery_optimization.dynamic.examples import small_law
    >>> law = small_law()
    >>> requests = law.draw(np.random.default_rng(0), 0)
    >>> in_time(law, requests, [0], 3600), in_time(law, requests, [0], 7 * 3600)
    (True, False)
    """
    time, place = departure, 0
    for k in route:
        time = max(time + int(law.durations[place, requests.customer[k]]), int(requests.opens[k]))
        if time > requests.closes[k]:
            return False
        time, place = time + int(requests.service[k]), int(requests.customer[k])
    return time + int(law.durations[place, 0]) <= law.depot_closes

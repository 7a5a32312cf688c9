"""Iterative conditional dispatch: sampled futures vote on what leaves now.

Source: L. Lan, J. van Doorn, N. A. Wouda, A. Rijal, S. Bhulai, "An iterative sample scenario approach for the dynamic dispatch
waves problem", *Transportation Science* 58(4), 2024 (arXiv 2308.14476). Each scenario is a routing problem of the waiting requests
and imagined future ones with release times; a request that most scenarios send out at once is dispatched, one that hardly any
does is postponed; given these decisions the scenarios are solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.dynamic.epoch_model import Routes, solve_epoch
from delivery_optimization.dynamic.requests import EPOCH, CustomerLaw, Epoch, Requests
from delivery_optimization.solution import Stop
from usecases.simulation import stream

Array = np.ndarray


@dataclass(frozen=True)
class Consensus:
    """Votes of sampled futures.

    Parameters
    ----------
    scenarios : int
        Futures sampled at each epoch.
    rounds : int
        How often all scenarios are solved.
    lookahead : int
        Epochs of future requests in a scenario.
    dispatch : float
        Share of the scenarios from which on a request is dispatched.
    postpone : float
        Share of the scenarios up to which a request is postponed.
    search : float
        Part of an epoch's work that goes into the scenarios; the rest routes what is dispatched.
    seconds, iterations : float, int
        Work of one epoch: processor seconds (laptop), iterations (smoke).
    """

    scenarios: int = 20
    rounds: int = 3
    lookahead: int = 2
    dispatch: float = 0.5
    postpone: float = 0.15
    search: float = 0.8
    seconds: float = 10.0
    iterations: int = 2000

    def policy(self, laws: tuple[CustomerLaw, ...], *, stop: Stop, seed: int) -> Any:
        """Make the policy; it remembers nothing from one epoch to the next."""

        def decide(epoch: Epoch) -> list[list[int]]:
            rng = stream(seed, "consensus", epoch.day, epoch.number)
            law = laws[epoch.day]
            go = self.chosen(law, epoch, stop.part(self.search), rng) if epoch.n_left else epoch.must_go
            last = stop.part(1 - self.search) if epoch.n_left else stop
            requests = epoch.requests.take(go)
            plan = solve_epoch(law, requests, epoch.departure, last.start(), seed=seed)
            return [[int(requests.number[k]) for k in route] for route in plan.routes]

        return decide

    def chosen(self, law: CustomerLaw, epoch: Epoch, stop: Stop, rng: np.random.Generator) -> Array:
        """Vote: bool of shape (n_requests,), what is dispatched."""
        n = len(epoch.requests)
        futures = [_future(law, epoch, self.lookahead, rng) for _ in range(self.scenarios)]
        starts: list[Routes | None] = [None] * self.scenarios
        go, wait = epoch.must_go.copy(), np.zeros(n, dtype=bool)
        one = stop.part(1 / (self.scenarios * self.rounds))
        for round_ in range(self.rounds):
            votes = np.zeros(n)
            for k, (requests, release) in enumerate(futures):
                release = release.copy()
                release[:n][wait] = epoch.departure + EPOCH
                now = np.zeros(len(requests), dtype=bool)
                now[:n] = go
                plan = solve_epoch(
                    law,
                    requests,
                    epoch.departure,
                    one.start(),
                    seed=k,
                    release=release,
                    now=now,
                    next_departure=epoch.departure + EPOCH,
                    start=starts[k],
                )
                starts[k] = plan.routes
                votes[leaving(law, requests, plan.routes, epoch.departure + EPOCH, now, n)] += 1
            share = votes / self.scenarios
            go |= (share >= self.dispatch) & ~wait
            if round_ < self.rounds - 1:
                wait |= (share <= self.postpone) & ~go
        return go


def _future(law: CustomerLaw, epoch: Epoch, lookahead: int, rng: np.random.Generator) -> tuple[Requests, Array]:
    """One sampled future: the waiting requests and imagined ones, and when each can leave the depot."""
    requests, release = epoch.requests, [np.full(len(epoch.requests), epoch.departure)]
    for ahead in range(1, min(lookahead, epoch.n_left) + 1):
        drawn = law.draw(rng, epoch.number + ahead)
        requests = requests.join(drawn)
        release.append(np.full(len(drawn), epoch.departure + ahead * EPOCH))
    return requests, np.concatenate(release)


def leaving(law: CustomerLaw, requests: Requests, routes: Routes, moment: int, now: Array, n: int) -> list[int]:
    """Requests on routes that cannot wait until `moment`: they hold one that must leave now, or would be late."""
    result = []
    for route in routes:
        if max(route) < n and (any(now[k] for k in route) or not _can_leave_at(law, requests, route, moment)):
            result += route
    return result


def _can_leave_at(law: CustomerLaw, requests: Requests, route: list[int], moment: int) -> bool:
    time, place = moment, 0
    for k in route:
        time = max(time + int(law.durations[place, requests.customer[k]]), int(requests.opens[k]))
        if time > requests.closes[k]:
            return False
        time, place = time + int(requests.service[k]), int(requests.customer[k])
    return time + int(law.durations[place, 0]) <= law.depot_closes

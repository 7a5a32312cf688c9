"""Iterative conditional dispatch: sampled futures vote on what leaves now.

Source: L. Lan, J. van Doorn, N. A. Wouda, A. Rijal, S. Bhulai, "An iterative sample scenario approach for the dynamic dispatch
waves problem", *Transportation Science* 58(4), 2024 (arXiv 2308.14476). Each scenario is a routing problem of the waiting requests
and imagined future ones with release times; a request that most scenarios send out at once is dispatched, one that hardly any
does is postponed; given these decisions the scenarios are solved again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.solution import Stop
from usecases.simulation import stream

Array = np.ndarray
LEAST = 8  # iterations of one future, where iterations are counted


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

    scenarios: int = 10
    rounds: int = 3
    lookahead: int = 1
    dispatch: float = 0.5
    postpone: float = 0.15
    search: float = 0.8
    seconds: float = 6.0
    iterations: int = 60

    def policy(self, world: Any, *, stop: Stop, seed: int) -> Callable[[Any], Any]:
        """Make the policy; it remembers nothing from one epoch to the next."""

        def decide(seen: Any) -> Any:
            if not seen.n_left or seen.must_go.all():
                return world.route(seen, seen.must_go, stop, seed)
            go = self.chosen(
                world, seen, stop.part(self.search), stream(seed, "consensus", seen.day, seen.number)
            )
            return world.route(seen, go, stop.part(1 - self.search), seed)

        return decide

    def chosen(self, world: Any, seen: Any, stop: Stop, rng: np.random.Generator) -> Array:
        """Let the futures vote.

        Parameters
        ----------
        world : object
            With ``sample`` and ``leaving``.
        seen : object
            The observation.
        stop : Stop
            Work of all scenarios and rounds.
        rng : numpy.random.Generator
            Of the imagined futures.

        Returns
        -------
        ndarray of bool, shape (n_requests,)
            What is dispatched now.
        """
        n_futures = self.scenarios
        if stop.iterations is not None:  # a future that is hardly searched has no opinion
            n_futures = max(1, min(n_futures, stop.iterations // (self.rounds * LEAST)))
        futures = [world.sample(seen, self.lookahead, rng) for _ in range(n_futures)]
        go, wait = seen.must_go.copy(), np.zeros(len(seen.must_go), dtype=bool)
        one = stop.part(1 / (n_futures * self.rounds))
        for _ in range(self.rounds):
            votes = [world.leaving(seen, future, go, wait, one, k) for k, future in enumerate(futures)]
            share = np.mean(votes, axis=0)
            go |= (share >= self.dispatch) & ~wait
            wait |= (share <= self.postpone) & ~go
        return go

"""Rules that need no future: dispatch all, dispatch what must go, toss a coin, fixed prizes.

The first three are the baselines of the EURO Meets NeurIPS 2022 competition (W. Kool et al., 2022).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.solution import Stop
from usecases.simulation import stream

Policy = Callable[[Any], Any]


@dataclass(frozen=True)
class Greedy:
    """Dispatch all requests at once.

    Parameters
    ----------
    seconds : float
        Processor seconds of one epoch at the budget ``laptop``.
    iterations : int
        Iterations of one epoch at the budget ``smoke``.
    """

    seconds: float = 2.0
    iterations: int = 100

    def policy(self, world: Any, *, stop: Stop, seed: int) -> Policy:
        """Make the policy."""
        return lambda seen: world.route(seen, np.ones(len(seen.must_go), dtype=bool), stop, seed)


@dataclass(frozen=True)
class Lazy:
    """Dispatch only what would be too late otherwise.

    Parameters
    ----------
    seconds, iterations : float, int
        As in `Greedy`.
    """

    seconds: float = 2.0
    iterations: int = 100

    def policy(self, world: Any, *, stop: Stop, seed: int) -> Policy:
        """Make the policy."""
        return lambda seen: world.route(seen, seen.must_go, stop, seed)


@dataclass(frozen=True)
class Random:
    """Dispatch what must go, and each other request with a fixed probability.

    Parameters
    ----------
    probability : float
        Of the coin.
    seconds, iterations : float, int
        As in `Greedy`.
    """

    probability: float = 0.5
    seconds: float = 2.0
    iterations: int = 100

    def policy(self, world: Any, *, stop: Stop, seed: int) -> Policy:
        """Make the policy; its coin is its own, not the environment's."""

        def decide(seen: Any) -> Any:
            rng = stream(seed, "random policy", seen.day, seen.number)
            return world.route(
                seen, seen.must_go | (rng.random(len(seen.must_go)) < self.probability), stop, seed
            )

        return decide


@dataclass(frozen=True)
class FixedPrize:
    """Dispatch what must go, and others where the detour costs less than a fixed prize.

    Parameters
    ----------
    alpha : float
        The prize is this times the mean cost of driving to the nearest customers.
    nearest : int
        How many of them.
    seconds, iterations : float, int
        As in `Greedy`.
    """

    alpha: float = 1.0
    nearest: int = 10
    seconds: float = 2.0
    iterations: int = 100

    def policy(self, world: Any, *, stop: Stop, seed: int) -> Policy:
        """Make the policy."""

        def decide(seen: Any) -> Any:
            prize = self.alpha * world.typical_cost(seen, self.nearest)
            return world.route(seen, seen.must_go, stop, seed, prize)

        return decide

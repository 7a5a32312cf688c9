"""What a shop can do when an order asks for a slot: from appending it somewhere to planning everything anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.quotes import Quotes
from delivery_optimization.live.reoptimise import improve_around, reoptimise
from delivery_optimization.solution import Stop
from usecases.contract import Budget
from usecases.errors import UserError

Policy = Callable[[Mapping[str, Any]], Any]
SMOKE = 10  # iterations for each accepted order at the budget smoke: a first look, not a measurement


class FirstCome:
    """Append each order to the tour where that costs least; nobody's stops are reordered. The floor."""

    reproducible = True

    def policy(self, fleets: Sequence[Instance], *, seed: int, budget: Budget) -> Policy:
        """Make the policy for some days.

        Parameters
        ----------
        fleets : sequence of Instance
            Couriers and travel of each day, without orders.
        seed : int
            Of searches.
        budget : Budget
            How much work.

        Returns
        -------
        callable
            See `delivery_optimization.live.environment.QuoteEnvironment`.
        """
        return _Desk(fleets, at_end=True)


class Insertion:
    """Insert each order where it costs least, in exact arithmetic; the rest stays as it is."""

    reproducible = True

    def policy(self, fleets: Sequence[Instance], *, seed: int, budget: Budget) -> Policy:
        """Make the policy for some days; see `FirstCome.policy`."""
        return _Desk(fleets)


class InsertionReoptimised:
    """Insert, then improve the tours nearby together, where the saving pays for each order that changes courier.

    Parameters
    ----------
    neighbours : int
        Tours improved together at most, the one with the new order included.
    iterations : int
        Of PyVRP, for each accepted order; fewer where the tours are long.
    price_of_move : float
        Saving asked for each order that changes courier, in mean costs of an order of the plan.
    compare_prices : sequence of float, optional
        Other prices of a move: the report draws what they do to cost and stability on the first day.
    """

    reproducible = True

    def __init__(
        self,
        neighbours: int = 6,
        iterations: int = 300,
        price_of_move: float = 0.2,
        compare_prices: Sequence[float] | None = None,
    ) -> None:
        _at_least("neighbours", neighbours, 1)
        _at_least("iterations", iterations, 1)
        _at_least("price_of_move", price_of_move, 0)
        for price in compare_prices or ():
            _at_least("compare_prices", price, 0)
        self.neighbours, self.iterations, self.price_of_move = neighbours, iterations, price_of_move
        self.compare_prices = tuple(compare_prices or ())

    def policy(self, fleets: Sequence[Instance], *, seed: int, budget: Budget) -> Policy:
        """Make the policy for some days; see `FirstCome.policy`."""
        iterations = _iterations(self.iterations, budget)

        def improve(live: LivePlan) -> None:
            improve_around(
                live,
                live.n_orders - 1,
                neighbours=self.neighbours,
                iterations=iterations,
                price_of_move=self.price_of_move,
                seed=seed,
            )

        return _Desk(fleets, improve)

    def variants(self) -> dict[float, InsertionReoptimised]:
        """Make the same method at each of `compare_prices`.

        Examples
        --------
        >>> [method.price_of_move for method in InsertionReoptimised(compare_prices=[0, 1]).variants().values()]
        [0, 1]
        """
        return {
            price: InsertionReoptimised(self.neighbours, self.iterations, price)
            for price in self.compare_prices
        }


class Resolve:
    """Plan everything anew at each accepted order, except what is done or under way: cheap, and nobody knows their tour.

    Parameters
    ----------
    iterations : int
        Of PyVRP, for each accepted order.
    warm : bool
        Start from the plan as it is; False starts from nothing, as a planner does who calls a solver again.
    """

    reproducible = True

    def __init__(self, iterations: int = 1000, warm: bool = False) -> None:
        _at_least("iterations", iterations, 1)
        self.iterations, self.warm = iterations, warm

    def policy(self, fleets: Sequence[Instance], *, seed: int, budget: Budget) -> Policy:
        """Make the policy for some days; see `FirstCome.policy`."""
        stop = Stop(iterations=_iterations(self.iterations, budget))

        def improve(live: LivePlan) -> None:
            new = live.n_orders - 1
            reoptimise(
                live, list(live.tours), price_of_move=0.0, stop=stop, seed=seed, free=[new], warm=self.warm
            )

        return _Desk(fleets, improve)


def _at_least(key: str, value: float, least: float) -> None:
    if not value >= least:
        raise UserError(f"method.{key}={value} was given; at least {least} expected")


def _iterations(configured: int, budget: Budget) -> int:
    return min(configured, SMOKE) if budget.name == "smoke" else budget.iterations(configured)


class _Desk:
    """Answers the environment's questions with a live plan."""

    def __init__(
        self,
        fleets: Sequence[Instance],
        improve: Callable[[LivePlan], None] | None = None,
        *,
        at_end: bool = False,
    ) -> None:
        self.fleets, self.improve, self.at_end = fleets, improve, at_end
        self.live: LivePlan | None = None
        self.quotes: Quotes | None = None

    def __call__(self, seen: Mapping[str, Any]) -> Any:
        if seen["kind"] == "day":
            self.live = LivePlan(self.fleets[seen["day"]])
            self.live.gaps(pairs=True)
            return None
        assert self.live is not None
        if seen["kind"] == "quote":
            self.live.advance(max(self.live.now, seen["now"]))
            self.quotes = self.live.quote(seen["request"], seen["slots"], at_end=self.at_end)
            return {"costs": [float(cost) if np.isfinite(cost) else None for cost in self.quotes.costs]}
        assert self.quotes is not None
        self.live.accept(self.quotes[seen["slot"]])
        if self.improve is not None:
            self.improve(self.live)
        return {"tours": _named(self.live)}


def _named(live: LivePlan) -> dict[str, list[list[str]]]:
    """Tours by courier, stops by the names of their orders."""
    names = [request.name for request, _, _ in live.promised]
    kinds = ("delivery", "pickup")
    return {
        str(courier): [[names[code // 2], kinds[code % 2]] for code in tour.stops]
        for courier, tour in sorted(live.tours.items())
    }

"""Crossover of two plans: some neighbouring routes of one give way to the routes of the other that serve the same orders.

Source: Y. Nagata, S. Kobayashi, "A memetic algorithm for the pickup and delivery problem with time windows using selective
route exchange crossover", *Parallel Problem Solving from Nature (PPSN XI)*, 2010; here the routes are drawn at random, and
PyVRP's local search inserts what is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.methods.pyvrp_model import Model

Array = np.ndarray
Trip = tuple[
    int, list[str]
]  # vehicle type, and the activities as PyVRP writes them: C3 client, L0 pickup, U0 delivery


class Crossover:
    """Selective route exchange between PyVRP solutions of one instance.

    Parameters
    ----------
    made : Model
        The instance as PyVRP sees it.
    seed : int
        Of the draws.
    """

    def __init__(self, made: Model, seed: int) -> None:
        data = made.data
        self.data, self.rng = data, np.random.default_rng(seed)
        clients, shipments = data.clients(), data.shipments()
        self._row = {f"C{k}": k for k in range(len(clients))}
        self._row |= {f"U{k}": len(clients) + k for k in range(len(shipments))}
        self._order = self._row | {f"L{k}": len(clients) + k for k in range(len(shipments))}
        place = [c.location for c in clients] + [s.delivery.location for s in shipments]
        between = data.duration_matrix(0)[np.ix_(place, place)].astype(float)
        self._between = between + between.T
        self._numbers = [vehicle.num_available for vehicle in data.vehicle_types()]

    def __call__(self, first: Any, second: Any) -> Any:
        """Cross two solutions.

        Parameters
        ----------
        first, second : pyvrp.Solution
            With at least one route each.

        Returns
        -------
        pyvrp.Solution
            Every order at most once; some may be missing, and a route may be late or too full.
        """
        old, other = self._trips(first), self._trips(second)
        most = self.rng.integers(1, max(2, len(old) // 2 + 1))
        gone = self._neighbours(old, most)
        freed = set().union(*(self._orders(old[k]) for k in gone))
        shares = [len(freed & self._orders(trip)) / len(trip[1]) for trip in other]
        chosen = sorted(range(len(other)), key=lambda k: -shares[k])[:most]
        new = [other[k] for k in chosen if shares[k] > 0]
        kept = [trip for k, trip in enumerate(old) if k not in gone]
        if self.rng.random() < 0.5:  # what is served twice leaves the old routes, or the new ones
            kept = self._without(kept, set().union(*map(self._orders, new)))
        else:
            new = self._without(new, set().union(*map(self._orders, kept)))
        return self._solution(kept + new)

    def _trips(self, solution: Any) -> list[Trip]:
        return [
            (route.vehicle_type(), [token for token in str(route).split() if token in self._order])
            for route in solution.routes()
        ]

    def _orders(self, trip: Trip) -> set[int]:
        return {self._order[token] for token in trip[1]}

    def _without(self, trips: list[Trip], orders: set[int]) -> list[Trip]:
        return [(kind, [t for t in tokens if self._order[t] not in orders]) for kind, tokens in trips]

    def _neighbours(self, trips: list[Trip], number: int) -> set[int]:
        """A route drawn at random and those whose orders are nearest to its own, by mean driving time."""
        members = [sorted(self._orders(trip)) for trip in trips]
        middle = self._between[members[self.rng.integers(len(trips))]].mean(axis=0)
        return set(np.argsort([middle[orders].mean() for orders in members], kind="stable")[:number].tolist())

    def _solution(self, trips: list[Trip]) -> Any:
        """Build the solution; routes for which there is no vehicle left are dropped."""
        import pyvrp

        left, routes = list(self._numbers), []
        for kind, tokens in trips:
            if tokens and left[kind]:
                left[kind] -= 1
                routes.append(pyvrp.Route(self.data, activities(tokens), kind))
        return pyvrp.Solution(self.data, routes)


def activities(tokens: list[str]) -> list[Any]:
    """Translate activities that PyVRP wrote as text.

    Examples
    --------
    >>> len(activities("C3 L0 U0".split()))
    3
    """
    import pyvrp

    kinds = {"C": pyvrp.ActivityType.CLIENT, "L": pyvrp.ActivityType.PICKUP, "U": pyvrp.ActivityType.DELIVERY}
    return [pyvrp.Activity(kinds[token[0]], int(token[1:])) for token in tokens]

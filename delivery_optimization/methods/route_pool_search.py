"""PyVRP's local search as `route_pool` uses it: every feasible route that it makes on its way is kept.

A local search that ends in a plan of no use still leaves good routes behind. PyVRP writes a route as text faster than it
hands out its activities, so the pool keeps texts.
"""

from __future__ import annotations

from array import array
from itertools import islice
from typing import Any

import numpy as np

from delivery_optimization.methods.pyvrp_model import Model
from delivery_optimization.methods.route_pool_crossover import activities
from delivery_optimization.methods.set_partitioning import Columns, set_partitioning

INFEASIBLE = -1
MOST_ROUTES = 200_000  # a full pool takes no more until it is recombined and emptied: memory of a long run


class Pool:
    """All feasible routes seen.

    Parameters
    ----------
    made : Model
        The instance as PyVRP sees it.
    """

    def __init__(self, made: Model) -> None:
        data = made.data
        clients, shipments = len(made.clients), len(made.shipments)
        self.made = made
        self._row = {f"C{k}": k for k in range(clients)} | {f"U{k}": clients + k for k in range(shipments)}
        visits = [*data.clients(), *data.shipments()]
        self._skip_cost = np.array([np.inf if v.required else float(v.prize) for v in visits])
        self._numbers = np.array([vehicle.num_available for vehicle in data.vehicle_types()])
        self._weight = np.random.default_rng(0).integers(1, 2**62, size=len(visits), dtype=np.int64)
        self._prices: np.ndarray | None = None
        self.empty()

    def empty(self) -> None:
        """Forget all routes."""
        self.costs: dict[tuple[int, str], int] = {}  # by vehicle type and PyVRP's text of the route
        self._read = 0  # how many of the texts are already in the arrays below
        self._cost, self._kind, self._entry = array("q"), array("q"), array("q")
        self._member, self._end = array("q"), array("q", [0])

    @property
    def full(self) -> bool:
        """Whether it takes no more routes."""
        return len(self.costs) >= MOST_ROUTES

    def add(self, solution: Any) -> None:
        """Keep the feasible routes of a PyVRP solution, whether it is feasible as a whole or not."""
        if not self.full:
            self._add(solution)

    def _add(self, solution: Any) -> None:
        costs = self.costs
        for route in solution.routes():
            key = (route.vehicle_type(), str(route))
            if key not in costs:
                costs[key] = route_cost(route) if route.is_feasible() else INFEASIBLE

    def recombine(self, best: Any, *, effort: float) -> Any:
        """Find the best plan that the pool's routes make.

        Parameters
        ----------
        best : pyvrp.Solution
            The best feasible solution so far.
        effort : float
            Of the integer program, see `set_partitioning`.

        Returns
        -------
        pyvrp.Solution
            `best` itself where the pool holds nothing better.
        """
        import pyvrp

        self._add(best)
        if max(self.costs.values(), default=INFEASIBLE) == INFEASIBLE:
            return best
        columns, entries, key = self._columns()
        column = {int(k): number for number, k in enumerate(key)}
        start = [column[self._key(r.vehicle_type(), self._members(str(r)))] for r in best.routes()]
        chosen, self._prices = set_partitioning(
            columns, np.array(start, dtype=int), effort=effort, prices=self._prices
        )
        texts = list(self.costs)
        routes = [
            pyvrp.Route(self.made.data, activities(texts[entries[k]][1].split()), texts[entries[k]][0])
            for k in chosen
        ]
        solution = pyvrp.Solution(self.made.data, routes)
        return solution if solution.is_feasible() and solution_cost(solution) < solution_cost(best) else best

    def _columns(self) -> tuple[Columns, np.ndarray, np.ndarray]:
        """Columns with the cheapest order of each set of stops, their entries among the texts, and their keys."""
        from scipy.sparse import csr_array

        for number, ((kind, text), cost) in enumerate(
            islice(self.costs.items(), self._read, None), start=self._read
        ):
            if cost != INFEASIBLE:
                self._member.extend(self._members(text))
                self._end.append(len(self._member))
                self._cost.append(cost)
                self._kind.append(kind)
                self._entry.append(number)
        self._read = len(self.costs)
        cost, kind, member = (np.array(values) for values in (self._cost, self._kind, self._member))
        rows = csr_array(
            (np.ones(len(member)), member, np.array(self._end)), shape=(len(cost), len(self._weight))
        )
        key = (np.add.reduceat(self._weight[member], np.array(self._end)[:-1]) + kind) if len(cost) else kind
        order = np.lexsort((cost, key))
        first = order[np.concatenate([[True], np.diff(key[order]) != 0])] if len(cost) else order
        chosen = Columns(cost[first], rows[first], kind[first], self._numbers, self._skip_cost)
        return chosen, np.array(self._entry)[first], key[first]

    def _members(self, text: str) -> list[int]:
        row = self._row
        return [row[token] for token in text.split() if token in row]

    def _key(self, kind: int, members: list[int]) -> int:
        return int(self._weight[members].sum() + kind)


class HarvestingSearch:
    """A PyVRP search method that keeps all routes it makes in a pool.

    Parameters
    ----------
    search : pyvrp.search.LocalSearch
        Does the work.
    pool : Pool
        Where the routes go.
    """

    def __init__(self, search: Any, pool: Pool) -> None:
        self.search, self.pool = search, pool

    def __call__(self, solution: Any, cost_evaluator: Any, exhaustive: bool = False) -> Any:
        """Improve a solution (PyVRP's interface)."""
        found = self.search(solution, cost_evaluator, exhaustive)
        self.pool.add(found)
        return found


def local_search(
    made: Model, rng: Any, *, neighbours: int | None = None, perturbations: int | None = None
) -> Any:
    """PyVRP's local search with its usual operators.

    Without numbers, the neighbourhood is PyVRP's own (50 neighbours, 25 perturbations), or a smaller one (15 and 10) where orders
    are picked up first: a move of a pickup and its delivery costs the square of the neighbours.
    """
    from pyvrp import search

    usual = (15, 10) if made.shipments else (50, 25)
    neighbours, perturbations = neighbours or usual[0], perturbations or usual[1]
    made_search = search.LocalSearch(
        made.data,
        rng,
        search.compute_neighbours(made.data, search.NeighbourhoodParams(num_neighbours=neighbours)),
        search.PerturbationManager(search.PerturbationParams(max_perturbations=perturbations)),
    )
    for operator in search.OPERATORS:
        if operator.supports(made.data):
            made_search.add_operator(operator(made.data))
    return made_search


def average_penalties(data: Any) -> tuple[list[float], float, float]:
    """First penalties of a unit of excess load, lateness, and excess distance: an average leg costs one average order.

    PyVRP 0.14 starts so high that a run of some seconds never leaves feasible plans; this is what it did before 0.13.
    """
    profiles = range(data.num_profiles)
    distance = float(np.mean([data.distance_matrix(k).mean() for k in profiles]))
    duration = float(np.mean([data.duration_matrix(k).mean() for k in profiles]))
    leg = min(v.unit_distance_cost * distance + v.unit_duration_cost * duration for v in data.vehicle_types())
    amounts = [c.delivery for c in data.clients()] + [s.amount for s in data.shipments()]
    load = np.mean(amounts, axis=0) if amounts else np.ones(data.num_load_dimensions)
    return [leg / max(float(a), 1.0) for a in load], leg / max(duration, 1.0), leg / max(distance, 1.0)


def route_cost(route: Any) -> int:
    """Cost of a PyVRP route."""
    return route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost()


def solution_cost(solution: Any) -> int:
    """Cost of a PyVRP solution, without penalties for what is infeasible."""
    return (
        solution.distance_cost()
        + solution.duration_cost()
        + solution.fixed_vehicle_cost()
        + solution.uncollected_prizes()
    )

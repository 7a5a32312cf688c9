"""Sectors: days of many thousands of orders, cut into pieces that PyVRP solves one by one, with other borders every round.

Cutting costs quality (``benchmarks/notes_sectors.md``); what it saves is memory, and several cores can work. So sectors are
large, and an instance of one sector is not cut.

Source: A. Santini, M. Schneider, T. Vidal, D. Vigo, "Decomposition strategies for vehicle routing heuristics", *INFORMS Journal
on Computing* 35(3), 2023: sectors hold whole routes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import Insertion, refuse_breaks, with_cost
from delivery_optimization.methods.sectors_borders import BORDERS, barycentres, order_points
from delivery_optimization.methods.sectors_part import Part, fleet_used, part, shared_out
from delivery_optimization.methods.sectors_search import Improved, improve, rank
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Interrupted, Solution, Stop
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.simulation import stream

Routes = tuple[Route, ...]


class Sectors:
    """Cheapest insertion makes a plan of the whole; then, round after round, its routes are grouped into sectors and improved.

    A sector holds whole routes that lie close together, with the vehicles that drive them and some that nobody uses; PyVRP
    improves it from there. Depots, carriers and types mix freely inside a sector. Orders that found no place are inserted
    again after each round. An instance of one sector is one search, from a random start where insertion left orders out.

    Parameters
    ----------
    seconds : float
        Processor seconds for one instance at the budget ``laptop``, those of all processes together.
    iterations : int
        Iterations of all sectors and rounds together at the budget ``smoke``.
    sector_orders : int
        Orders of a sector, about; memory of a process grows with its square (2,500: about 0.3 GB).
    rounds : int
        How often the borders are drawn.
    borders : {"auto", "sweep", "barycentre"}
        How routes are grouped: by angle around the middle of all, or by k-means of their barycentres; ``auto``: by angle
        where all shifts begin at one place, else by barycentres.

    Raises
    ------
    UserError
        If a parameter is out of its range.
    """

    def __init__(
        self,
        seconds: float = 60.0,
        iterations: int = 2000,
        sector_orders: int = 2500,
        rounds: int = 2,
        borders: str = "auto",
    ) -> None:
        for name, value in {"sector_orders": sector_orders, "rounds": rounds}.items():
            if not isinstance(value, int) or value < 1:
                raise UserError(
                    f"method.{name}={value} was given, a whole number of at least 1 was expected: type for example "
                    f"method.{name}={2500 if name == 'sector_orders' else 2}."
                )
        if borders not in ("auto", *BORDERS):
            raise UserError(
                f"method.borders={borders} was given: {nearest(str(borders), ['auto', *BORDERS])}."
            )
        self.seconds, self.iterations = seconds, iterations
        self.sector_orders, self.rounds, self.borders = sector_orders, rounds, borders

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0, start: Plan | None = None) -> Solution:
        """Solve one instance; sectors are spread over the cores that joblib was given.

        Parameters
        ----------
        instance : Instance
            Without breaks and soft windows.
        stop : Stop
            When to stop; seconds are those of all processes together.
        seed : int
            Of borders and searches.
        start : Plan, optional
            A valid plan to begin with, instead of cheapest insertion.

        Returns
        -------
        Solution
            Orders that found no place are unserved.

        Raises
        ------
        UserError
            If vehicles have breaks, or windows are soft.
        """
        refuse_breaks(instance, "sectors")
        if not instance.n_orders:
            return Solution(Plan((), (), 0.0), reproducible=stop.reproducible)
        run = _Run(self, instance, stop, seed)
        try:
            return run.solve(start)
        except KeyboardInterrupt:
            if run.best is None:
                raise
            raise Interrupted(run.solution(run.best)) from None


class _Run:
    """One call of `Sectors.solve`."""

    def __init__(self, method: Sectors, instance: Instance, stop: Stop, seed: int) -> None:
        self.begun = time.process_time()
        self.method, self.instance, self.stop, self.seed = method, instance, stop, seed
        self.elsewhere, self.count = 0.0, 0  # processor seconds of other processes, iterations
        self.points = order_points(instance)
        usual = "sweep" if len({vehicle.start for vehicle in instance.vehicles}) == 1 else "barycentre"
        self.borders = BORDERS[usual if method.borders == "auto" else method.borders]
        self.trace: list[tuple[float, float]] = []
        self.best: Plan | None = None

    def solve(self, start: Plan | None) -> Solution:
        plan = start or Insertion().solve(self.instance, stop=Stop(iterations=1)).plan
        self.note(plan)
        for number in range(self.method.rounds):
            if not plan.routes or (self.stop.seconds is not None and self.spent() >= self.stop.seconds):
                break
            groups = self.groups(plan, number)
            alone = len(groups) == 1  # no borders to draw anew
            plan = self.round(plan, groups, number, 1 if alone else self.method.rounds - number)
            self.note(plan)
            if alone:
                break
        return self.solution(plan)

    def solution(self, plan: Plan) -> Solution:
        """A plan as the answer."""
        return Solution(
            with_cost(self.instance, plan),
            tuple(self.trace),
            self.spent(),
            self.count,
            self.stop.reproducible,
            self.told(plan),
        )

    def spent(self) -> float:
        """Processor seconds so far, those of other processes included."""
        return time.process_time() - self.begun + self.elsewhere

    def note(self, plan: Plan) -> None:
        self.best = plan
        missing, _, cost = rank(self.instance, plan)
        if not missing:
            self.trace.append((self.spent(), cost))

    def round(self, plan: Plan, groups: Sequence[Routes], number: int, left: int) -> Plan:
        """Improve every sector, then insert what was left out; `left` rounds share the rest of the work."""
        from joblib import Parallel, delayed

        work = self.shares(groups, number, left)
        jobs = (
            delayed(improve)(sector, routes, stop, seed)
            for (sector, routes), (stop, seed) in zip(self.sectors(plan, groups), work, strict=True)
        )
        found: list[Improved] = list(Parallel(return_as="generator", pre_dispatch="2*n_jobs")(jobs))
        self.count += sum(one.iterations for one in found)
        self.elsewhere += sum(one.cpu_s for one in found if one.process != os.getpid())
        made = self.completed([route for one in found for route in one.routes])
        return min(made, plan, key=lambda one: rank(self.instance, one))

    def groups(self, plan: Plan, number: int) -> list[Routes]:
        """Group routes into sectors, the largest first; a single one is empty if it shall begin anew."""
        routes = plan.routes
        sizes = np.array([len({s % self.instance.n_orders for s in route.stops}) for route in routes], float)
        n_groups = max(1, round(self.instance.n_orders / self.method.sector_orders))
        if n_groups == 1:
            return [() if rank(self.instance, plan)[0] else routes]
        seed = int(stream(self.seed, "borders", number).integers(2**31))
        group = self.borders(barycentres(routes, self.points), sizes, n_groups, seed)
        order = np.argsort(-np.bincount(group, weights=sizes), kind="stable")
        return [tuple(r for r, g in zip(routes, group, strict=True) if g == k) for k in order]

    def shares(self, groups: Sequence[Routes], number: int, left: int) -> list[tuple[Stop, int]]:
        """When each sector stops, and its seed: work is shared by the number of stops."""
        seconds, iterations = self.stop.seconds, self.stop.iterations
        rest = Stop(
            None if seconds is None else max(seconds - self.spent(), 0.01) / left,
            None if iterations is None else max(1, (iterations - self.count) // left),
        )
        stops = np.array([max(1, sum(len(route.stops) for route in routes)) for routes in groups])
        return [
            (rest.part(float(share)), int(stream(self.seed, "sector", number, k).integers(2**31)))
            for k, share in enumerate(stops / stops.sum())
        ]

    def sectors(self, plan: Plan, groups: Sequence[Routes]) -> Iterator[tuple[Part, Routes]]:
        """Cut the sectors out, one after the other: their tables are made when they are needed."""
        n, fleet = self.instance.n_orders, [vehicle.number for vehicle in self.instance.vehicles]
        if len(groups) == 1:
            yield part(self.instance, range(n), fleet), groups[0]
            return
        served = [sorted({s % n for route in routes for s in route.stops}) for routes in groups]
        extra = self.left_to_choice(plan, served)
        taken = np.array([fleet_used(routes, len(fleet)) for routes in groups])
        given = shared_out(fleet, np.array([len(orders) for orders in served], dtype=float), taken)
        for routes, orders, others, numbers in zip(groups, served, extra, given, strict=True):
            yield part(self.instance, list(chain(orders, others)), numbers), routes

    def left_to_choice(self, plan: Plan, served: Sequence[Sequence[int]]) -> list[list[int]]:
        """Unserved orders that may stay so at a price: each goes to the sector whose middle is nearest."""
        extra: list[list[int]] = [[] for _ in served]
        middle = np.array([self.points[orders].mean(axis=0) for orders in served])
        for order in plan.unserved:
            if np.isfinite(self.instance.orders.penalty[order]):
                away = np.hypot(*(middle - self.points[order]).T)
                extra[int(np.argmin(away))].append(order)
        return extra

    def completed(self, routes: Sequence[Route]) -> Plan:
        """Insert the orders that must be served and are not, with all vehicles; the others stay as they are."""
        instance, n = self.instance, self.instance.n_orders
        left = np.ones(n, dtype=bool)
        left[[stop % n for route in routes for stop in route.stops]] = False
        must = left & np.isinf(instance.orders.penalty)
        if must.any():
            chosen = np.flatnonzero(~left | must)
            some = Part(instance.restricted(chosen), chosen, tuple(range(len(instance.vehicles))), n)
            routes = some.outside(Insertion().complete(some.instance, some.inside(routes).routes))
            left[[stop % n for route in routes for stop in route.stops]] = False
        return Plan(tuple(routes), tuple(int(i) for i in np.flatnonzero(left)))

    def told(self, plan: Plan) -> tuple[Text, ...]:
        missing = rank(self.instance, plan)[0]
        if not missing:
            return ()
        return (
            Text(
                f"{self.instance.name}: {missing} order(s) that must be served found no place in any sector.",
                f"{self.instance.name} : {missing} commande(s) à servir n’ont trouvé de place dans aucun secteur.",
            ),
        )

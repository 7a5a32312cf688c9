"""The data source ``ortec`` of the task `dynamic`: eight days of the competition, or other days drawn from the same customers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delivery_optimization.data.best_known import ortec_dynamic
from delivery_optimization.data.describe import objective
from delivery_optimization.data.ortec import Ortec
from delivery_optimization.dynamic.days import DynamicData, Score, Wave
from delivery_optimization.dynamic.epoch_model import solve_epoch
from delivery_optimization.dynamic.ortec_environment import OrtecDay
from delivery_optimization.dynamic.ortec_world import OrtecWorld
from delivery_optimization.dynamic.requests import CustomerLaw, Epoch, Requests, epoch_instance
from delivery_optimization.evaluation import checked
from delivery_optimization.plan import delivery_plan
from delivery_optimization.solution import Stop

Routes = Sequence[Sequence[int]]


@dataclass(frozen=True)
class OrtecDays:
    """Days of the competition's dynamic problem.

    Parameters
    ----------
    instance : str
        As in `delivery_optimization.data.ortec.Ortec`: ``n200``, ``n200+n250`` or ``all``.
    day_seed : int, optional
        By default the competition's seed of each instance, so that costs compare with the published ones; another number draws
        another day from the same customers (to develop a method).
    """

    instance: str = "all"
    day_seed: int | None = None

    def __post_init__(self) -> None:
        Ortec(self.instance)

    def read(self, seed: int) -> DynamicData:
        """Fetch the instances and make the days; the seed of the run changes nothing."""
        instances = Ortec(self.instance).read(seed).instances
        laws = tuple(CustomerLaw.of(instance) for instance in instances)
        known = [ortec_dynamic(instance.name) for instance in instances]
        seeds = [k.seed if self.day_seed is None else int(self.day_seed) for k in known]
        days = tuple(PlayedOrtecDay(law, s) for law, s in zip(laws, seeds, strict=True))
        digest = hashlib.sha256()
        for law, s in zip(laws, seeds, strict=True):
            digest.update(f"{law.name} {s} {law.capacity}".encode())
            for values in (law.durations, law.opens, law.closes, law.service, law.size):
                digest.update(np.ascontiguousarray(values).tobytes())
        return DynamicData(
            OrtecWorld(laws),
            days,
            {
                "name": f"ortec2022 dynamic {self.instance}",
                "kind": "field",
                "licence": "CC BY-NC 4.0",
                "n_days": len(days),
                "seeds": [str(number) for number in seeds],
                "objective": objective("driving_time"),
            },
            digest.hexdigest(),
            "s",
            None if self.day_seed is not None else tuple(k.costs for k in known),
        )


@dataclass(frozen=True, eq=False)
class PlayedOrtecDay:
    """One day, for play and for evaluation.

    Parameters
    ----------
    law : CustomerLaw
        What requests are drawn from.
    seed : int
        Of the day.
    """

    law: CustomerLaw
    seed: int

    @property
    def name(self) -> str:
        """Name of the instance and seed of the day."""
        return f"{self.law.name} seed {self.seed}"

    def environment(self, number: int) -> OrtecDay:
        """Make the environment."""
        return OrtecDay(self.law, self.seed, number)

    def score(self, actions: Sequence[Routes]) -> Score:
        """Replay the logged routes; each epoch passes the independent checker."""
        environment = self.environment(0)
        epoch: Epoch | None = environment.reset()
        waves: list[Wave] = []
        seen = served = 0
        for routes in actions:
            assert epoch is not None
            total = environment.n_requests
            requests, position = epoch.requests, {int(r): k for k, r in enumerate(epoch.requests.number)}
            chosen = np.array([position[int(r)] for route in routes for r in route], dtype=int)
            cost = self._checked_cost(requests, routes, chosen, position, epoch.departure)
            must = int(epoch.must_go.sum())
            waves.append(
                Wave(epoch.departure, total - seen, len(requests), must, len(chosen), len(routes), cost)
            )
            seen, served = total, served + len(chosen)
            epoch = environment.step(routes)
        cost = sum(wave.cost for wave in waves)
        return Score(self.name, tuple(waves), cost, self.n_requests, self.n_requests - served)

    @property
    def n_requests(self) -> int:
        """All requests of the day."""
        return len(self._requests()[0])

    def hindsight(self, actions: Sequence[Routes], iterations: int) -> float | None:
        """Driving time of the played routes after a search by one who knew all requests and their release times.

        No proof, but never above the played cost: the search begins with the played routes.
        """
        requests, release = self._requests()
        start = [[int(number) for number in route] for routes in actions for route in routes]
        stop = Stop(iterations=iterations).start()
        plan = solve_epoch(self.law, requests, int(release[0]), stop, release=release, start=start)
        return float(plan.cost) if plan.feasible else None

    def _requests(self) -> tuple[Requests, np.ndarray]:
        """All requests of the day, and when each can leave the depot."""
        environment = self.environment(0)
        epoch: Epoch | None = environment.reset()
        parts, releases = [], []
        while epoch is not None:
            parts.append(epoch.requests)
            releases.append(np.full(len(epoch.requests), epoch.departure))
            epoch = environment.step([[int(number)] for number in epoch.requests.number])
        everything = parts[0]
        for part in parts[1:]:
            everything = everything.join(part)
        return everything, np.concatenate(releases)

    def _checked_cost(
        self, requests: Requests, routes: Routes, chosen: np.ndarray, position: dict[int, int], departure: int
    ) -> float:
        """Cost of an epoch's routes by the independent checker, shift opening at the departure."""
        if not len(chosen):
            return 0.0
        number = {int(requests.number[k]): i for i, k in enumerate(chosen)}
        instance = epoch_instance(requests.take(chosen), law=self.law, departure=departure)
        plan = delivery_plan([[number[int(r)] for r in route] for route in routes], instance)
        return checked(instance, plan).cost

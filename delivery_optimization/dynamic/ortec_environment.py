"""The dynamic protocol of the EURO Meets NeurIPS 2022 competition, reproduced draw by draw.

Source: W. Kool, L. Bliek, D. Numeroso, et al., "The EURO Meets NeurIPS 2022 Vehicle Routing Competition", 2022, and
``environment.py`` of https://github.com/ortec/euro-neurips-vrp-2022-quickstart. Every hour up to 100 requests arrive; the routes
decided now leave one hour after the begin of the epoch; the cost is the driving time of all routes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.dynamic.requests import EPOCH, MARGIN, CustomerLaw, Epoch, Requests
from usecases.errors import UserError

Routes = Sequence[Sequence[int]]


class OrtecDay:
    """One day of requests; an environment for `usecases.simulation.play`.

    Parameters
    ----------
    law : CustomerLaw
        What requests are drawn from.
    seed : int
        Of the day; the competition's seeds give the competition's days.
    day : int
        Number that the observations carry.

    Examples
    --------
    >>> from delivery_optimization.dynamic.examples import small_law
    >>> day = OrtecDay(small_law(), seed=1)
    >>> epoch = day.reset()
    >>> epoch.must_go.dtype, epoch.durations.shape[0] == len(epoch.requests) + 1
    (dtype('bool'), True)
    """

    def __init__(self, law: CustomerLaw, seed: int, day: int = 0) -> None:
        self.law, self.seed, self.day = law, seed, day
        self.first, self.last = law.epochs

    def reset(self) -> Epoch:
        """Begin the day; the first epoch."""
        self.rng = np.random.default_rng(self.seed)
        self.epoch, self.n_requests = self.first, 0
        none = np.zeros(0, dtype=np.int64)
        self.waiting = Requests(none, none, none, none, none, none)
        return self._observe()

    def step(self, routes: Routes) -> Epoch | None:
        """Dispatch routes of request numbers; what is in none of them is postponed.

        Parameters
        ----------
        routes : sequence of sequence of int
            In the order of their stops.

        Returns
        -------
        Epoch or None
            None at the end of the day.

        Raises
        ------
        UserError
            If a route serves a request that is unknown or already served, or comes too late, or is too heavy; or if a
            request that must go is left behind.
        """
        position = {int(number): k for k, number in enumerate(self.waiting.number)}
        served = np.zeros(len(self.waiting), dtype=bool)
        for route in routes:
            self._check(route, position, served)
        left = self._must_go() & ~served
        if left.any():
            numbers = self.waiting.number[left].tolist()
            raise UserError(self._refusal(f"requests {numbers} were postponed, but must go now"))
        self.waiting = self.waiting.take(~served)
        self.epoch += 1
        return self._observe() if self.epoch <= self.last else None

    def _observe(self) -> Epoch:
        new = self.law.draw(self.rng, self.epoch, self.n_requests)
        self.n_requests += len(new)
        self.waiting = self.waiting.join(new)
        places = np.concatenate([[0], self.waiting.customer])
        return Epoch(
            day=self.day,
            number=self.epoch,
            n_left=self.last - self.epoch,
            departure=self.departure,
            requests=self.waiting,
            must_go=self._must_go(),
            durations=self.law.durations[np.ix_(places, places)],
            capacity=self.law.capacity,
            depot_closes=self.law.depot_closes,
        )

    @property
    def departure(self) -> int:
        """When the routes of the epoch leave (s)."""
        return self.epoch * EPOCH + MARGIN

    def _must_go(self) -> np.ndarray:
        if self.epoch == self.last:
            return np.ones(len(self.waiting), dtype=bool)
        return ~self.law.in_time(self.waiting, self.departure + EPOCH)

    def _check(self, route: Sequence[int], position: dict[int, int], served: np.ndarray) -> None:
        """Refuse a route that cannot be driven; mark its requests as served."""
        now, place, load, waiting = self.departure, 0, 0, self.waiting
        if len(route) == 0:
            raise UserError(self._refusal("a route without a stop was given"))
        for number in route:
            k = position.get(int(number))
            if k is None:
                raise UserError(self._refusal(f"request {number} is unknown or was dispatched before"))
            if served[k]:
                raise UserError(self._refusal(f"request {number} is served twice"))
            served[k] = True
            now = max(now + int(self.law.durations[place, waiting.customer[k]]), int(waiting.opens[k]))
            if now > waiting.closes[k]:
                raise UserError(
                    self._refusal(
                        f"request {number} is served at {now} s, its window closes at {waiting.closes[k]} s"
                    )
                )
            now, place = now + int(waiting.service[k]), int(waiting.customer[k])
            load += int(waiting.size[k])
        if load > self.law.capacity:
            raise UserError(self._refusal(f"a route carries {load}, a vehicle {self.law.capacity}"))
        if now + int(self.law.durations[place, 0]) > self.law.depot_closes:
            raise UserError(self._refusal("a route is back after the depot closed"))

    def _refusal(self, why: str) -> str:
        return (
            f"The action at epoch {self.epoch} of {self.law.name} was refused: {why}; "
            "routes of request numbers that can be driven were expected, so the policy has an error"
        )

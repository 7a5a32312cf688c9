"""How a day differs from its plan: a law of travel times, services, no-shows, breakdowns and late orders.

A scenario is one possible day. Its random numbers belong to orders, not to places in a route: the leg that leads to a stop has
one number, and what a whole route shares (a slow courier, an accident on the ring road) has the number of the route's first
stop. So the same route meets the same day in any plan (common random numbers), plans are compared on the same days, and routes
can be scored one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from usecases.errors import UserError
from usecases.simulation import stream

Array = Any  # numpy or torch
BLOCK = 4_000_000  # random numbers of one kind that are held at once: memory stays bounded


@dataclass(frozen=True)
class Law:
    """The law of a day, around a plan made with mean times.

    Every leg takes its planned time multiplied by a log-normal factor of mean 1; the logarithms of the factors of one route are
    correlated. Of their variance, `route_share` is common to the route and `hour_share` common to all who drive in the same
    hour; the rest is each leg's own.

    Parameters
    ----------
    travel_cv : float or tuple of float
        Coefficient of variation of the travel time of a leg; a tuple has one for each of `Instance.travel` (vans, cargo bikes).
    route_share, hour_share : float
        Shares of the log-variance; together at most 1.
    service_cv : float
        Coefficient of variation of the time at a stop (log-normal, mean 1, independent).
    no_show : float
        Probability that nobody opens the door; the stop then takes `no_show_service` times its planned time.
    no_show_service : float
        Below 1 where the courier leaves at once, above where he waits.
    breakdown : float
        Probability that a vehicle breaks down during its route, on any of its legs alike.
    breakdown_time : float
        How long it then stands still, in the instance's time unit.
    breakdown_lost : float
        Probability that a broken-down vehicle does not go on: the rest of its orders is not served.
    late_order : float
        Probability, for each leg, that an order which was not in the plan is served on the way.
    late_order_time : float
        How long that takes, detour and service, in the instance's time unit.
    hour : float
        Length of an hour in the instance's time unit.

    Raises
    ------
    UserError
        If a value is out of range.

    References
    ----------
    M. Bomboi, C. Buchheim, J. Pruente, "On the stochastic vehicle routing problem with time windows, correlated travel times,
    and time dependency", *4OR* 20, 2022: plans made for independent travel times often fail when they are correlated.

    Examples
    --------
    >>> round(Law(travel_cv=0.2).sigma, 4)
    0.198
    """

    travel_cv: float | tuple[float, ...] = 0.2
    route_share: float = 0.5
    hour_share: float = 0.0
    service_cv: float = 0.0
    no_show: float = 0.0
    no_show_service: float = 0.5
    breakdown: float = 0.0
    breakdown_time: float = 0.0
    breakdown_lost: float = 0.0
    late_order: float = 0.0
    late_order_time: float = 0.0
    hour: float = 3600.0

    def __post_init__(self) -> None:
        """Refuse what is no law."""
        shares = ("route_share", "hour_share", "no_show", "breakdown", "breakdown_lost", "late_order")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "travel_cv" and isinstance(value, tuple) and value:
                value = min(value, key=lambda v: v if isinstance(v, int | float) else -1)
            most = 1.0 if field.name in shares else np.inf
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                limit = "from 0 to 1" if most == 1 else "of at least 0"
                raise UserError(f"{field.name}={value!r} was given; a number {limit} is expected")
        if self.route_share + self.hour_share > 1 + 1e-12:
            raise UserError(
                f"route_share={self.route_share:g} and hour_share={self.hour_share:g} were given; "
                "together they are at most 1, since they are shares of one variance"
            )
        if self.hour <= 0:
            raise UserError(
                "hour=0 was given; the length of an hour in the instance's time unit is expected (3600 for s)"
            )

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm of a travel factor; the largest one where `travel_cv` is a tuple."""
        return float(np.sqrt(np.log1p(np.max(self.travel_cv) ** 2)))

    def relative_sigma(self, travel: Array) -> Array | None:
        """How much smaller the deviation is for routes of some travel kinds; None where all are alike.

        Examples
        --------
        >>> Law(travel_cv=(0.2, 0.0)).relative_sigma(np.array([0, 1])).tolist()
        [1.0, 0.0]
        """
        if not isinstance(self.travel_cv, tuple) or self.sigma == 0:
            return None
        every = np.sqrt(np.log1p(np.array(self.travel_cv) ** 2)) / self.sigma
        chosen = every[np.minimum(travel, len(every) - 1)]
        return None if np.all(chosen == 1) else chosen


@dataclass(frozen=True, eq=False)
class Days:
    """Random numbers of a block of scenarios; all arrays have shape (n_rows, n_scenarios), None where the law needs none.

    Parameters
    ----------
    leg : array
        Travel factors of mean 1, one row for each stop: the leg that leads there.
    back : array
        The same for the leg home of the route that ends there.
    route : array
        Factors of mean 1, one row for each stop: what all legs of the route that begins there have in common.
    hour : array
        Factors of mean 1, one row for each hour of the day.
    service : array
        Factors of mean 1, one row for each stop.
    absent, added : array
        Uniform, one row for each stop: no-shows and late orders.
    broken, where, lost : array
        Uniform, one row for each stop: whether the route that begins there breaks down, on which leg, and for good.
    """

    leg: Array
    back: Array
    route: Array
    hour: Array = None
    service: Array = None
    absent: Array = None
    added: Array = None
    broken: Array = None
    where: Array = None
    lost: Array = None


N_HOURS = 48


def block_size(n_rows: int) -> int:
    """How many scenarios are drawn at once; depends on the instance alone, so that the numbers do not depend on the plan.

    Examples
    --------
    >>> block_size(300), block_size(10_000_000)
    (2048, 16)
    """
    return int(min(2048, max(16, BLOCK // max(n_rows, 1))))


def draw(
    law: Law, n_rows: int, n_scenarios: int, *, seed: int, key: str, block: int, device: str = "cpu"
) -> Days:
    """Draw the random numbers of one block of scenarios.

    Parameters
    ----------
    law : Law
        Says which numbers are needed; each kind has a stream of its own, so that asking for one more changes no other.
    n_rows : int
        Number of stops of the instance.
    n_scenarios : int
        Scenarios of this block.
    seed : int
        Seed of the scenarios.
    key : str
        ``evaluation`` or ``planning``: a planner never sees the days it is scored on.
    block : int
        Number of the block.
    device : str
        ``cuda`` draws the same law on the GPU with torch's own generator: not the same numbers.

    Returns
    -------
    Days

    Examples
    --------
    >>> days = draw(Law(), 3, 4, seed=0, key="evaluation", block=0)
    >>> days.leg.shape, days.service is None
    ((3, 4), True)
    """

    def numbers(kind: str, rows: int, uniform: bool) -> Array:
        generator = stream(seed, "robustness", key, kind, block)
        if device != "cpu":
            return _on_device(generator, (rows, n_scenarios), device, uniform=uniform)
        if uniform:
            return generator.random((rows, n_scenarios), dtype=np.float32)
        return generator.standard_normal((rows, n_scenarios), dtype=np.float32)

    def factors(kind: str, variance: float, rows: int = n_rows) -> Array:
        values = numbers(kind, rows, uniform=False)
        values *= float(np.sqrt(variance))
        values -= variance / 2
        return np.exp(values, out=values) if device == "cpu" else values.exp_()

    variance = law.sigma**2
    own = max(0.0, 1 - law.route_share - law.hour_share) * variance
    wanted: Mapping[str, bool] = {
        "absent": law.no_show > 0,
        "added": law.late_order > 0,
        "broken": law.breakdown > 0,
        "where": law.breakdown > 0,
        "lost": law.breakdown * law.breakdown_lost > 0,
    }
    more = {kind: numbers(kind, n_rows, uniform=True) for kind, needed in wanted.items() if needed}
    if law.service_cv > 0:
        more["service"] = factors("service", float(np.log1p(law.service_cv**2)))
    if law.hour_share > 0:
        more["hour"] = factors("hour", law.hour_share * variance, N_HOURS)
    return Days(
        factors("leg", own), factors("back", own), factors("route", law.route_share * variance), **more
    )


def _on_device(
    generator: np.random.Generator, shape: tuple[int, int], device: str, *, uniform: bool
) -> Array:
    """The same law with torch's generator."""
    import torch

    device = "cpu" if device == "torch" else device
    own = torch.Generator(device=device)
    own.manual_seed(int(generator.integers(2**62)))
    make = torch.rand if uniform else torch.randn
    return make(shape, generator=own, device=device, dtype=torch.float32)

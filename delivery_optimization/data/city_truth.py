"""What really happens in the built-in city, on the road and at the door: never part of an `Instance`.

The laws are those of all days; `TravelLaw.profile` and `TravelLaw.day_factor` belong to one. Means are kept: a factor of the
laws has mean 1, so that a plan with the table's times is right on the average, but for rush hours, the day and lateness.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from delivery_optimization.instance import SpeedProfile


@dataclass(frozen=True, eq=False)
class TravelLaw:
    """True travel times: table x day x rush hour x log-normal factor of mean 1.

    Parameters
    ----------
    cv : tuple of float
        Coefficient of variation of a leg's factor, for each of `Instance.travel` (vans, bikes).
    common_share : float
        Share of the factor's log-variance that all legs of one route share; the rest is each leg's own.
    common_hours : float
        How long the shared part remembers itself (h): correlation ``exp(-lag / common_hours)`` along the route.
    profile : SpeedProfile
        The day's true rush hours, for vans; relative to the table.
    day_factor : float
        What all vans' legs of the day are multiplied by (rain, works); mean 1 over days.

    Examples
    --------
    >>> law = TravelLaw((0.2, 0.1), 0.5, 2.0, SpeedProfile(np.zeros(1), np.ones(1)), 1.0)
    >>> [round(sd, 3) for sd in law.log_sd(0)]
    [0.14, 0.14]
    """

    cv: tuple[float, ...]
    common_share: float
    common_hours: float
    profile: SpeedProfile
    day_factor: float

    def log_sd(self, travel: int) -> tuple[float, float]:
        """Standard deviations of the logarithm: shared by the route, and of each leg."""
        variance = float(np.log1p(self.cv[travel] ** 2))
        return (variance * self.common_share) ** 0.5, (variance * (1 - self.common_share)) ** 0.5


@dataclass(frozen=True)
class ServiceLaw:
    """True times at the door and at the counter.

    Parameters
    ----------
    cv : float
        Coefficient of variation of the handling time: gamma law around the planned one.
    no_show : float
        Probability that nobody opens.
    no_show_wait : float
        What the courier then spends instead (s), before leaving with the goods.
    """

    cv: float
    no_show: float
    no_show_wait: float


@dataclass(frozen=True)
class BreakdownLaw:
    """Breakdowns of vehicles.

    Parameters
    ----------
    per_hour : float
        Rate of a Poisson process while on the way (1/h).
    lost : float
        Time until the courier goes on (s).
    """

    per_hour: float
    lost: float


@dataclass(frozen=True, eq=False)
class CityTruth:
    """The laws of one day.

    Parameters
    ----------
    travel : TravelLaw
        Of the road.
    service : ServiceLaw
        Of handling.
    breakdown : BreakdownLaw
        Of vehicles.
    expected_orders : float
        Mean number of orders of such a day, which the number that came was drawn around.
    """

    travel: TravelLaw
    service: ServiceLaw
    breakdown: BreakdownLaw
    expected_orders: float


def draw_truth(
    p: SimpleNamespace, known: SpeedProfile, expected_orders: float, rng: np.random.Generator
) -> CityTruth:
    """Draw the laws of a day around what is known.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.
    known : SpeedProfile
        Rush hours as planners know them, relative to the table.
    expected_orders : float
        Of the day.
    rng : numpy.random.Generator
        Random numbers of the day's truth.

    Returns
    -------
    CityTruth

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> known = SpeedProfile(np.array([0.0, 7.0]), np.array([0.9, 1.2]))
    >>> truth = draw_truth(load_parameters(), known, 100.0, np.random.default_rng(0))
    >>> truth.travel.cv, truth.service.no_show
    ((0.2, 0.1), 0.02)
    """
    law, service = p.travel_law, p.service_law
    free = known.factors.min()
    worse = np.exp(law.peak_sd * rng.standard_normal(len(known.factors)) - law.peak_sd**2 / 2)
    day = float(np.exp(law.day_sd * rng.standard_normal() - law.day_sd**2 / 2))
    profile = SpeedProfile(known.edges, free + (known.factors - free) * worse, known.travel)
    return CityTruth(
        TravelLaw((law.cv, law.bike_cv), law.common_share, law.common_hours, profile, day),
        ServiceLaw(service.cv, service.no_show, service.no_show_wait),
        BreakdownLaw(p.breakdown_law.per_hour, p.breakdown_law.lost),
        expected_orders,
    )

"""The built-in data source ``city``: an area like that of Lille, its orders and couriers; no download needed.

Two kinds of day. ``shops``: orders are bought in shops all day long, to be delivered within two hours or in a one-hour
appointment, as in the documented case (Colisweb and Inria Inocs). ``parcels``: delivery tours from one or several depots,
for scale. `City.read` gives the days as problems of routing; `City.day` gives one with its order stream and its truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np

from delivery_optimization.data.city_day import CityDay, rush_hours
from delivery_optimization.data.city_demand import draw_number, draw_orders, draw_parcels, expected_orders
from delivery_optimization.data.city_fleet import carriers, couriers, parcel_vans
from delivery_optimization.data.city_geography import draw_geography
from delivery_optimization.data.city_parameters import load_parameters, parameter_hash
from delivery_optimization.data.city_truth import draw_truth
from delivery_optimization.data.describe import GENERATED, KNOWN, SERVICES, both, day_line
from delivery_optimization.data.routing_data import RoutingData
from usecases.errors import UserError, nearest
from usecases.simulation import stream

HOURS = {"shops": (8.0, 21.0), "parcels": (9.0, 17.0)}


@dataclass(frozen=True)
class City:
    """Days of orders in a city like Lille.

    Parameters
    ----------
    n_orders : int
        Orders of a day, 0 to 50,000; of a mean day with `seasons`.
    days : int
        Days to read, one problem each: 1 to 400.
    first_day : str
        ISO date of the first one.
    kind : {"shops", "parcels"}
        Pickup in a shop and delivery, or delivery tours from depots.
    seasons : bool
        Weekday, month and chance change the number of orders, and couriers are planned for what was expected; otherwise
        every day has exactly `n_orders`.
    known : {"all", "start"}
        Orders in the problems of `read`: all of the day, as if they had been booked in advance, or only those that were
        really bought before the day began.
    n_shops : int
        Shops, 1 to 1000; without effect for parcels.
    n_depots : int
        Depots of parcels, 1 to 50; without effect for shops.
    two_hour_share : float, optional
        Share of the two-hour product, 0 to 1; by default as in ``city.yaml``.
    opens, closes : float, optional
        Local hours between which the service is open, up to 30 (six in the morning of the next day); by default 8 to 21,
        for parcels 9 to 17.
    parameters : str
        Family of parameters: ``default``, ``varied``, or ``held_out``, which is never for development.

    Raises
    ------
    UserError
        If a value is out of its range.

    Examples
    --------
    >>> data = City(n_orders=30, days=2).read(seed=0)
    >>> [instance.name for instance in data.instances], data.instances[0].n_orders
    (['city 2026-03-16', 'city 2026-03-17'], 30)
    """

    n_orders: int = 120
    days: int = 1
    first_day: str = "2026-03-16"
    kind: Literal["shops", "parcels"] = "shops"
    seasons: bool = False
    known: Literal["all", "start"] = "all"
    n_shops: int = 12
    n_depots: int = 1
    two_hour_share: float | None = None
    opens: float | None = None
    closes: float | None = None
    parameters: str = "default"

    def __post_init__(self) -> None:
        for key, choices in {"kind": HOURS, "known": ("all", "start")}.items():
            given = getattr(self, key)
            if given not in choices:
                raise UserError(f"data.{key}={given} was given: {nearest(str(given), choices)}.")
        _check("n_orders", self.n_orders, 0, 50_000, whole=True)
        _check("days", self.days, 1, 400, whole=True)
        _check("n_shops", self.n_shops, 1, 1000, whole=True)
        _check("n_depots", self.n_depots, 1, 50, whole=True)
        if self.two_hour_share is not None:
            _check("two_hour_share", self.two_hour_share, 0, 1)
        opens, closes = self.hours
        _check("opens", opens, 0, 24)
        _check("closes", closes, opens + 4, 30)
        load_parameters(self.parameters)
        _date(self.first_day)

    @property
    def hours(self) -> tuple[float, float]:
        """Local hours between which the service is open."""
        opens, closes = HOURS[self.kind]
        return (opens if self.opens is None else self.opens, closes if self.closes is None else self.closes)

    def read(self, seed: int) -> RoutingData:
        """Make the days as problems of routing.

        Parameters
        ----------
        seed : int
            Of the city: the same seed gives the same shops, orders and couriers.

        Returns
        -------
        RoutingData
            One instance for each day, without a best known cost.
        """
        made = [self.day(seed, number) for number in range(self.days)]
        instances = tuple(day.instance if self.known == "all" else day.known_at(0.0) for day in made)
        p = load_parameters(self.parameters, seed)
        return RoutingData(
            instances,
            description={
                "name": f"city, {self.kind}",
                "kind": "generated",
                "licence": both(GENERATED),
                "service": both(SERVICES[self.kind]),
                "n_days": len(instances),
                "n_orders": sum(instance.n_orders for instance in instances),
                "by_day": [day_line(day.summary) for day in made[:7]],
                "seed": seed,
                "known": both(KNOWN[self.known]),
                "generator_version": p.version,
                "parameters": self.parameters,
                "parameter_hash": parameter_hash(),
                "sources": "delivery_optimization/data/city.yaml",
            },
        )

    def day(self, seed: int, number: int) -> CityDay:
        """Make one day with its order stream and its truth.

        Parameters
        ----------
        seed : int
            Of the city.
        number : int
            Days after `first_day`; negative for the days before it, to learn from.

        Returns
        -------
        CityDay

        Examples
        --------
        >>> day = City(n_orders=40).day(seed=0, number=-7)
        >>> day.day.isoformat(), day.instance.n_orders, day.known_at(0.0).n_orders < 40
        ('2026-03-09', 40, True)
        """
        p = load_parameters(self.parameters, seed)
        when = _date(self.first_day) + timedelta(days=int(number))
        rng = stream(seed, "day", self.kind, when.isoformat())
        parcels = self.kind == "parcels"
        people = carriers(p)
        geography = draw_geography(
            p,
            seed,
            n_shops=0 if parcels else self.n_shops,
            n_bases=self.n_depots if parcels else len(people) - 1,
            depots=parcels,
        )
        expected = expected_orders(p, self.n_orders, when) if self.seasons else float(self.n_orders)
        n = draw_number(p, expected, rng) if self.seasons else self.n_orders
        if parcels:
            demand = draw_parcels(p, geography, n, when, self.hours, rng)
            vehicles = parcel_vans(p, expected, when, self.hours, self.n_depots)
        else:
            share = p.products.two_hour_share if self.two_hour_share is None else self.two_hour_share
            demand = draw_orders(p, geography, n, when, self.hours, min(share, 1.0), rng)
            vehicles = couriers(p, expected, when, self.hours)
        speeds, congestion = rush_hours(p, when, self.hours)
        truth = draw_truth(p, speeds, expected, stream(seed, "truth", self.kind, when.isoformat()))
        return CityDay(when, demand, geography, vehicles, people, speeds, congestion, self.hours, p, truth)

    def history(self, seed: int, days: int = 28) -> tuple[CityDay, ...]:
        """Make the days before the first one, the latest last: what demand can be learned from."""
        return tuple(self.day(seed, number) for number in range(-days, 0))


def city_day(seed: int, number: int = 0, **city: Any) -> CityDay:
    """Make one day of a city in one call.

    Parameters
    ----------
    seed : int
        Of the city.
    number : int
        Days after the first one; negative for history.
    **city : object
        Of `City`.

    Returns
    -------
    CityDay

    Examples
    --------
    >>> day = city_day(0, n_orders=50)
    >>> bool((np.diff(day.demand.purchase) >= 0).all()), day.truth.travel.common_share
    (True, 0.5)
    """
    return City(**city).day(seed, number)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise UserError(
            f"data.first_day={text} was given, a date was expected: type for example data.first_day=2026-03-16."
        ) from None


def _check(key: str, value: float, least: float, most: float, *, whole: bool = False) -> None:
    number = isinstance(value, int | np.integer) if whole else isinstance(value, int | float | np.number)
    if not number or isinstance(value, bool) or not math.isfinite(value) or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        default: Any = {field.name: field.default for field in fields(City)}[key]
        example = default if default is not None and least <= default <= most else least
        raise UserError(
            f"data.{key}={value} was given, {kind} from {least:g} to {most:g} was expected: "
            f"type for example data.{key}={example:g}."
        )

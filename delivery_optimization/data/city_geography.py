"""Where things are in the built-in city: zones, shops, bases of carriers, depots, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from usecases.simulation import stream

Array = np.ndarray
KINDS = ("centre", "inner", "outer")
METRES_PER_DEGREE = 111_195.0  # of latitude
CENTRE = (50.6365, 3.0630)  # Grand'Place of Lille
EAST = float(METRES_PER_DEGREE * 0.63423)  # metres per degree of longitude: cosine of 50.64 degrees


@dataclass(frozen=True, eq=False)
class Spots:
    """Some points of the city.

    Parameters
    ----------
    latitude, longitude : ndarray of shape (n,)
        Degrees (WGS 84), in steps of a hundred-thousandth (about a metre).
    zone : ndarray of int, shape (n,)
        Number of the zone that each belongs to.
    """

    latitude: Array
    longitude: Array
    zone: Array

    def joined(self, other: Spots) -> Spots:
        """These points, then the others."""
        return Spots(
            *(
                np.concatenate([getattr(self, n), getattr(other, n)])
                for n in ("latitude", "longitude", "zone")
            )
        )


@dataclass(frozen=True, eq=False)
class Geography:
    """What does not change from day to day.

    Parameters
    ----------
    bases : Spots
        Where shifts begin and end: one for each carrier, or the depots of parcels.
    shops : Spots
        Origins of orders; none for parcels.
    shop_weight : ndarray of shape (n_shops,)
        Share of the orders of each shop.
    """

    bases: Spots
    shops: Spots
    shop_weight: Array


def draw_geography(p: SimpleNamespace, seed: int, *, n_shops: int, n_bases: int, depots: bool) -> Geography:
    """Draw shops, and bases or depots.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.
    seed : int
        Of the city.
    n_shops, n_bases : int
        How many.
    depots : bool
        Depots of parcels at the edge of the city, instead of carriers' bases in its inner zones.

    Returns
    -------
    Geography

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> city = draw_geography(load_parameters(), 0, n_shops=5, n_bases=3, depots=False)
    >>> len(city.shops.zone), float(city.shop_weight.sum().round(9))
    (5, 1.0)
    """
    rng = stream(seed, "geography")
    people = np.array([zone.inhabitants for zone in p.zones], dtype=float)
    shop_zone = rng.choice(len(p.zones), n_shops, p=people / people.sum())
    shops = around(p, shop_zone, p.geography.shop_radius, rng)
    weight = np.exp(p.demand.shop_spread * rng.standard_normal(n_shops))
    if depots:
        angle = 2 * np.pi * (rng.random() + np.arange(n_bases) / n_bases)
        pull = p.geography.depot_pull * rng.random(n_bases) * (n_bases > 1)
        distance = p.geography.depot_distance * (1 - pull)
        latitude = CENTRE[0] + 0.02 + distance * np.sin(angle) / METRES_PER_DEGREE
        longitude = CENTRE[1] + 0.05 + distance * np.cos(angle) / EAST
        bases = Spots(latitude.round(5), longitude.round(5), nearest_zone(p, latitude, longitude))
    else:
        inner = np.flatnonzero([zone.kind == "inner" for zone in p.zones])
        bases = around(p, rng.choice(inner, n_bases), p.geography.shop_radius, rng)
    return Geography(bases, shops, weight / weight.sum())


def around(p: SimpleNamespace, zone: Array, radius: float, rng: np.random.Generator) -> Spots:
    """Draw a point around the centre of each zone given, normal with a standard deviation of `radius` metres.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> around(load_parameters(), np.array([4, 0]), 1000.0, np.random.default_rng(0)).zone.tolist()
    [4, 0]
    """
    centre = np.array([[z.latitude, z.longitude] for z in p.zones])[zone].reshape(-1, 2)
    north, east = radius * rng.standard_normal((2, len(zone)))
    return Spots(
        (centre[:, 0] + north / METRES_PER_DEGREE).round(5),
        (centre[:, 1] + east / EAST).round(5),
        np.asarray(zone),
    )


def nearest_zone(p: SimpleNamespace, latitude: Array, longitude: Array) -> Array:
    """Zone whose centre is nearest, for each point.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> nearest_zone(load_parameters(), np.array([CENTRE[0]]), np.array([CENTRE[1]])).tolist()
    [0]
    """
    north = METRES_PER_DEGREE * (latitude[:, None] - [z.latitude for z in p.zones])
    east = EAST * (longitude[:, None] - [z.longitude for z in p.zones])
    return np.hypot(north, east).argmin(axis=1)


def draw_addresses(
    p: SimpleNamespace, geography: Geography, shop: Array | None, n: int, rng: np.random.Generator
) -> Spots:
    """Draw where customers live: near their shop, or anywhere when there is none.

    Parameters
    ----------
    p : SimpleNamespace
        Parameters.
    geography : Geography
        Of the city.
    shop : ndarray of int, shape (n,), or None
        Shop of each order.
    n : int
        How many addresses.
    rng : numpy.random.Generator
        Random numbers.

    Returns
    -------
    Spots

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> p, rng = load_parameters(), np.random.default_rng(0)
    >>> city = draw_geography(p, 0, n_shops=2, n_bases=1, depots=False)
    >>> len(draw_addresses(p, city, np.array([0, 1, 1]), 3, rng).zone)
    3
    """
    people = np.array([zone.inhabitants for zone in p.zones], dtype=float)
    if shop is None:
        return around(p, rng.choice(len(people), n, p=people / people.sum()), p.geography.zone_radius, rng)
    shops = geography.shops
    north = METRES_PER_DEGREE * (shops.latitude[:, None] - [z.latitude for z in p.zones])
    east = EAST * (shops.longitude[:, None] - [z.longitude for z in p.zones])
    weight = people * np.exp(-np.hypot(north, east) / p.demand.near)
    upto = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    zone = np.minimum((rng.random(n)[:, None] > upto[shop]).sum(axis=1), len(people) - 1)
    return around(p, zone, p.geography.zone_radius, rng)

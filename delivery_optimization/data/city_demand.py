"""A day's orders in the built-in city: how many, who buys what where and when, and what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from delivery_optimization.data.city_calendar import elapsed
from delivery_optimization.data.city_geography import Geography, Spots, draw_addresses

Array = np.ndarray
TWO_HOUR, ONE_HOUR, PARCEL = "two-hour", "one-hour", "parcel"


@dataclass(frozen=True, eq=False)
class Demand:
    """Orders as they were bought, in the order of their purchase; all arrays have length n_orders.

    Parameters
    ----------
    purchase : ndarray
        Seconds since local midnight of the day of delivery; negative when bought the day before.
    product : tuple of str
        ``two-hour``, ``one-hour`` or ``parcel``.
    shop : ndarray of int
        Where the goods are; -1 for parcels, which are in the depot.
    address : Spots
        Where they go, with the zone.
    ready : ndarray
        When the shop has the goods ready (s).
    opens, closes : ndarray
        Window of the delivery (s).
    size : ndarray of shape (n_orders, 2)
        Litres and kilograms.
    pickup_time, delivery_time : ndarray
        Planned handling at the shop and at the door (s).
    """

    purchase: Array
    product: tuple[str, ...]
    shop: Array
    address: Spots
    ready: Array
    opens: Array
    closes: Array
    size: Array
    pickup_time: Array
    delivery_time: Array

    def take(self, chosen: Array) -> Demand:
        """Keep some orders, by number."""
        kept: dict[str, Any] = {
            name: getattr(self, name)[chosen]
            for name in (
                "purchase",
                "shop",
                "ready",
                "opens",
                "closes",
                "size",
                "pickup_time",
                "delivery_time",
            )
        }
        address = Spots(*(getattr(self.address, n)[chosen] for n in ("latitude", "longitude", "zone")))
        return Demand(product=tuple(self.product[i] for i in chosen), address=address, **kept)


def expected_orders(p: SimpleNamespace, mean: float, day: date) -> float:
    """Expected number of orders of a day: weekday and month.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.
    mean : float
        Orders of a mean day.
    day : datetime.date
        Any day.

    Returns
    -------
    float

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> saturday, monday = date(2026, 3, 21), date(2026, 3, 16)
    >>> expected_orders(load_parameters(), 100, saturday) > expected_orders(load_parameters(), 100, monday)
    True
    """
    return float(mean * p.demand.weekday[day.weekday()] * p.demand.month[day.month - 1])


def draw_number(p: SimpleNamespace, expected: float, rng: np.random.Generator) -> int:
    """Draw how many orders a day brings: the day's own factor, then the chance of each order (Poisson).

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> 60 < draw_number(load_parameters(), 100.0, np.random.default_rng(0)) < 140
    True
    """
    sd = p.demand.day_to_day
    return int(rng.poisson(expected * np.exp(sd * rng.standard_normal() - sd**2 / 2)))


def purchases_by_hour(p: SimpleNamespace, first: float, last: float) -> Array:
    """Share of the purchases made in each hour from `first` to `last`: shape (48,).

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> share = purchases_by_hour(load_parameters(), 8, 19)
    >>> float(share.sum().round(9)), bool(share[17] > share[8] > share[7] == 0)
    (1.0, True)
    """
    hours = np.arange(48)
    covered = np.clip(np.minimum(hours + 1, last) - np.maximum(hours, first), 0, 1)
    weight = p.demand.by_hour[hours % 24] * covered
    return weight / weight.sum()


def draw_orders(
    p: SimpleNamespace,
    geography: Geography,
    n: int,
    day: date,
    hours: tuple[float, float],
    two_hour_share: float,
    rng: np.random.Generator,
) -> Demand:
    """Draw the orders of the two-hour and the one-hour product.

    Parameters
    ----------
    p : SimpleNamespace
        Parameters.
    geography : Geography
        With at least one shop.
    n : int
        How many.
    day : datetime.date
        Day of delivery.
    hours : tuple of float
        Local hours between which the service is open.
    two_hour_share : float
        Share of the two-hour product.
    rng : numpy.random.Generator
        Random numbers.

    Returns
    -------
    Demand

    Examples
    --------
    >>> from delivery_optimization.data.city_geography import draw_geography
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> p, rng = load_parameters(), np.random.default_rng(0)
    >>> city = draw_geography(p, 0, n_shops=2, n_bases=1, depots=False)
    >>> demand = draw_orders(p, city, 5, date(2026, 3, 16), (8, 21), 1.0, rng)
    >>> (demand.closes - demand.purchase).tolist()
    [7200.0, 7200.0, 7200.0, 7200.0, 7200.0]
    """
    promise, window = p.products.two_hour_promise, p.products.one_hour_window
    open_at, close_at = elapsed(day, np.array(hours))
    quick = rng.random(n) < two_hour_share
    bought = elapsed(day, _draw_hours(p, hours[0], hours[1] - promise / 3600, n, rng))
    slots = _draw_slots(p, day, hours, n, rng)
    before = (rng.random(n) < p.products.booked_before) | (slots - p.products.appointment_lead <= open_at)
    evening = -3600 * 10 * rng.random(n)
    same_day = open_at + rng.random(n) * np.maximum(slots - p.products.appointment_lead - open_at, 0)
    purchase = np.round(np.where(quick, bought, np.where(before, evening, same_day)))
    shortest, longest = p.products.preparation_shortest, p.products.preparation_longest
    prepared = np.maximum(purchase, open_at - longest) + shortest + (longest - shortest) * rng.random(n)
    ready = np.maximum(np.where(quick, prepared, np.maximum(prepared, slots - p.products.held)), open_at)
    shop = rng.choice(len(geography.shop_weight), n, p=geography.shop_weight)
    address = draw_addresses(p, geography, shop, n, rng)
    size, size_class = _draw_sizes(p, p.sizes.share, n, rng)
    times = p.handling.per_size_class[size_class]
    drawn = Demand(
        purchase,
        tuple(np.where(quick, TWO_HOUR, ONE_HOUR).tolist()),
        shop,
        address,
        np.round(ready),
        np.where(quick, np.round(ready), slots),
        np.minimum(np.where(quick, purchase + promise, slots + window), close_at),
        size,
        np.round(p.handling.pickup * times),
        np.round(p.handling.delivery * times),
    )
    return drawn.take(np.argsort(drawn.purchase, kind="stable"))


def draw_parcels(
    p: SimpleNamespace,
    geography: Geography,
    n: int,
    day: date,
    hours: tuple[float, float],
    rng: np.random.Generator,
) -> Demand:
    """Draw parcels that are in the depot before the day begins: whole day, morning or afternoon.

    Examples
    --------
    >>> from delivery_optimization.data.city_geography import draw_geography
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> p, rng = load_parameters(), np.random.default_rng(0)
    >>> city = draw_geography(p, 0, n_shops=0, n_bases=1, depots=True)
    >>> draw_parcels(p, city, 3, date(2026, 3, 16), (9, 17), rng).shop.tolist()
    [-1, -1, -1]
    """
    open_at, noon, close_at = elapsed(day, np.array([hours[0], np.clip(p.parcels.noon, *hours), hours[1]]))
    whole, morning = rng.random(n) < p.parcels.whole_day, rng.random(n) < 0.5
    address = draw_addresses(p, geography, None, n, rng)
    size, size_class = _draw_sizes(p, p.sizes.parcel_share, n, rng)
    return Demand(
        purchase=np.full(n, -3600.0),
        product=(PARCEL,) * n,
        shop=np.full(n, -1),
        address=address,
        ready=np.zeros(n),
        opens=np.where(whole | morning, open_at, noon),
        closes=np.where(~whole & morning, noon, close_at),
        size=size,
        pickup_time=np.zeros(n),
        delivery_time=np.round(p.handling.parcel * p.handling.per_size_class[size_class]),
    )


def _draw_hours(p: SimpleNamespace, first: float, last: float, n: int, rng: np.random.Generator) -> Array:
    """Local hours of purchases between two hours, by the profile of the day."""
    upto = np.concatenate([[0.0], np.cumsum(purchases_by_hour(p, first, last))])
    hour = np.searchsorted(upto, rng.random(n), side="right") - 1
    low, high = np.maximum(hour, first), np.minimum(hour + 1, last)
    return low + (high - low) * rng.random(n)


def _draw_slots(
    p: SimpleNamespace, day: date, hours: tuple[float, float], n: int, rng: np.random.Generator
) -> Array:
    """Starts of one-hour appointments (s): whole hours, by the profile of the day."""
    window = p.products.one_hour_window / 3600
    starts = np.arange(np.ceil(hours[0] + window), hours[1] - window + 1e-9)
    if not len(starts):
        starts = np.array([hours[1] - window])
    weight = p.demand.by_hour[starts.astype(int) % 24]
    return elapsed(day, rng.choice(starts, n, p=weight / weight.sum()))


def _draw_sizes(p: SimpleNamespace, share: Array, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Litres and kilograms (whole, at least one), and the class of each order."""
    size_class = rng.choice(len(share), n, p=share)
    around = np.exp(p.sizes.spread * rng.standard_normal((n, 2)))
    median = np.column_stack([p.sizes.litres, p.sizes.kilograms])[size_class]
    return np.maximum(np.round(median * around), 1.0), size_class

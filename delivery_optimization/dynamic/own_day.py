"""A person's own day as the city's environment plays it: orders known when they were bought, assumed noise on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from delivery_optimization.data.city_demand import Demand
from delivery_optimization.data.city_fleet import Carrier
from delivery_optimization.data.city_geography import Geography, Spots
from delivery_optimization.data.city_truth import BreakdownLaw, CityTruth, ServiceLaw, TravelLaw
from delivery_optimization.instance import FROM_DEPOT, Instance, SpeedProfile
from usecases.errors import UserError

Array = np.ndarray
COMMON_SHARE, COMMON_HOURS = 0.5, 2.0  # as in the built-in city: assumed


@dataclass(frozen=True, eq=False)
class OwnDay:
    """One day; the same names as `delivery_optimization.data.city_day.CityDay`.

    Parameters
    ----------
    instance : Instance
        All orders of the day, each with a pickup: what is loaded at a depot is picked up there.
    demand : Demand
        When each order became known, and its window.
    truth : CityTruth
        Laws of the assumed noise.
    geography : Geography
        All places, as bases.
    hours : tuple of float
        From the begin of the first shift to the end of the last (h).
    lost_price : float
        What an order that is never served is charged (EUR).
    carriers : tuple of Carrier
        None that is called from outside.
    congestion : float
        Already in the durations.
    """

    instance: Instance
    demand: Demand
    truth: CityTruth
    geography: Geography
    hours: tuple[float, float]
    lost_price: float
    carriers: tuple[Carrier, ...] = ()
    congestion: float = 1.0

    @property
    def n_orders(self) -> int:
        """Number of orders that the day brings."""
        return self.instance.n_orders

    def at_hour(self, hour: float) -> float:
        """Seconds since midnight of an hour."""
        return 3600 * hour


def own_day(
    instance: Instance, purchase: Array, *, travel_cv: float, handling_cv: float, lost_price: float
) -> OwnDay:
    """Make a day of an instance and the moments at which its orders become known.

    Parameters
    ----------
    instance : Instance
        Of the user's files, in seconds.
    purchase : ndarray of shape (n_orders,)
        Seconds since midnight; minus infinity for what is known before the day.
    travel_cv, handling_cv : float
        Coefficients of variation of the assumed noise; 0 for none.
    lost_price : float
        EUR.

    Returns
    -------
    OwnDay

    Raises
    ------
    UserError
        If a shift never ends.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> day = own_day(tiny(), np.array([0.0, 5.0, 9.0, 9.0]), travel_cv=0.2, handling_cv=0.0, lost_price=100.0)
    >>> day.instance.orders.pickup_place.tolist(), bool(day.instance.has_pickup.all())
    ([1, 1, 0, 0], True)
    """
    opens, closes = _hours(instance)
    if not np.isfinite(closes - opens):
        raise UserError(
            f"{instance.name} has a shift without an end: give each vehicle the time at which its shift ends"
        )
    whole = _picked_up(instance, purchase, opens, closes)
    orders, n = whole.orders, whole.n_orders
    nowhere = Spots(np.zeros(0), np.zeros(0), np.zeros(0, dtype=int))
    here = Spots(whole.places.y, whole.places.x, np.zeros(len(whole.places.names), dtype=int))
    demand = Demand(
        purchase=purchase,
        product=orders.product,
        shop=np.full(n, -1),
        address=nowhere,
        ready=orders.pickup_opens,
        opens=orders.opens,
        closes=instance.orders.closes,  # a courier in overtime may still keep it
        size=orders.size,
        pickup_time=orders.pickup_service,
        delivery_time=orders.service,
    )
    flat = SpeedProfile(np.zeros(1), np.ones(1))
    travel = TravelLaw((travel_cv,) * len(whole.travel), COMMON_SHARE, COMMON_HOURS, flat, 1.0)
    truth = CityTruth(travel, ServiceLaw(handling_cv, 0.0, 0.0), BreakdownLaw(0.0, 0.0), float(n))
    geography = Geography(here, nowhere, np.zeros(0))
    return OwnDay(whole, demand, truth, geography, (opens / 3600, closes / 3600), lost_price)


def playable(instance: Instance, purchase: Array) -> Array:
    """Tell which orders can be delivered between the first shift's begin and the last one's end, once they are known.

    Parameters
    ----------
    instance : Instance
        Of the user's files.
    purchase : ndarray of shape (n_orders,)
        As for `own_day`.

    Returns
    -------
    ndarray of bool, shape (n_orders,)

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> playable(tiny(), np.array([0.0, 5.0, 9.0, 61.0])).tolist()
    [True, True, True, False]
    """
    orders = _picked_up(instance, purchase, *_hours(instance)).orders
    return np.asarray(np.maximum(orders.opens, orders.pickup_opens) <= orders.closes)


def _hours(instance: Instance) -> tuple[float, float]:
    """When the first shift begins and the last one ends."""
    return min(v.opens for v in instance.vehicles), max(v.closes for v in instance.vehicles)


def _picked_up(instance: Instance, purchase: Array, opens: float, closes: float) -> Instance:
    """Let every order have a pickup, not before it is bought, and a window inside the shifts."""
    orders, n = instance.orders, instance.n_orders
    depots = np.unique([vehicle.start for vehicle in instance.vehicles])
    far = np.stack([instance.travel[0].pairs(np.full(n, depot), orders.place)[0] for depot in depots])
    loaded = orders.pickup_place == FROM_DEPOT
    ends = np.minimum(orders.closes, closes)
    made = replace(
        orders,
        opens=np.maximum(orders.opens, opens),
        closes=ends,
        pickup_place=np.where(loaded, depots[far.argmin(axis=0)], orders.pickup_place),
        pickup_opens=np.maximum(np.where(loaded, opens, orders.pickup_opens), np.maximum(purchase, opens)),
        pickup_closes=ends,
        pickup_service=np.where(loaded, 0.0, orders.pickup_service),
        penalty=np.full(n, np.inf),
        late_cost=np.full(n, np.inf),
    )
    return replace(instance, orders=made)

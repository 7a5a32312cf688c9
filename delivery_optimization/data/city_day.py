"""One day of the built-in city: what was bought when, who can deliver it, and what a method may know at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import SimpleNamespace

import numpy as np

from delivery_optimization.data.city_calendar import elapsed, midnight
from delivery_optimization.data.city_demand import Demand
from delivery_optimization.data.city_fleet import Carrier
from delivery_optimization.data.city_geography import Geography, Spots
from delivery_optimization.data.city_travel import VAN, city_travel
from delivery_optimization.data.city_truth import CityTruth
from delivery_optimization.instance import INTEGER, Instance, Orders, Places, SpeedProfile, VehicleType

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class CityDay:
    """A day with all its orders: the environment's, never a method's. A method gets `known_at`, or a day that is over.

    Parameters
    ----------
    day : datetime.date
        Which day.
    demand : Demand
        The order stream, by time of purchase.
    geography : Geography
        Bases or depots, and shops.
    vehicles : tuple of VehicleType
        Couriers; places of start and end are numbers of bases.
    carriers : tuple of Carrier
        Who employs them.
    speeds : SpeedProfile
        Rush hours as planners know them, for vans; relative to the table.
    congestion : float
        Mean factor of the vans' free-flow times over the day, which the table holds.
    hours : tuple of float
        Local hours between which the service is open.
    parameters : SimpleNamespace
        Of the city.
    truth : CityTruth
        Laws of what really happens.
    """

    day: date
    demand: Demand
    geography: Geography
    vehicles: tuple[VehicleType, ...]
    carriers: tuple[Carrier, ...]
    speeds: SpeedProfile
    congestion: float
    hours: tuple[float, float]
    parameters: SimpleNamespace = field(repr=False)
    truth: CityTruth = field(repr=False)

    @property
    def n_orders(self) -> int:
        """Number of orders that the day brings."""
        return len(self.demand.purchase)

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Names of the zones that `Demand.address` numbers."""
        return tuple(zone.name for zone in self.parameters.zones)

    @property
    def summary(self) -> Mapping[str, object]:
        """Counts for people."""
        product = self.demand.product
        return {
            "day": self.day.isoformat(),
            "orders": self.n_orders,
            "products": {name: product.count(name) for name in sorted(set(product))},
            "couriers": sum(v.number for v in self.vehicles if not self._external(v)),
            "external_couriers": sum(v.number for v in self.vehicles if self._external(v)),
        }

    @cached_property
    def instance(self) -> Instance:
        """All orders of the day, as if they had been booked in advance (the clairvoyant's problem)."""
        return self._instance(np.arange(self.n_orders))

    def known_at(self, time: float) -> Instance:
        """What a method may know at a moment: the orders bought until then, and no place of a later one.

        Parameters
        ----------
        time : float
            Seconds since local midnight; 0 for the start of the day.

        Returns
        -------
        Instance
            Its orders are the first ones of `demand`, under the same names and numbers as in `instance`.
        """
        return self._instance(np.flatnonzero(self.demand.purchase <= time))

    def at_hour(self, hour: float) -> float:
        """Seconds since local midnight when clocks show an hour."""
        return float(elapsed(self.day, hour))

    def _external(self, vehicle: VehicleType) -> bool:
        return any(carrier.external and carrier.name == vehicle.carrier for carrier in self.carriers)

    def _instance(self, chosen: Array) -> Instance:
        demand, geography = self.demand.take(chosen), self.geography
        n_bases, n_shops, n = len(geography.bases.zone), len(geography.shops.zone), len(chosen)
        spots: Spots = geography.bases.joined(geography.shops).joined(demand.address)
        names = (
            *(f"base {k + 1}" for k in range(n_bases)),
            *(f"shop {k + 1}" for k in range(n_shops)),
            *(f"order {i + 1}" for i in chosen),
        )
        from_shop = demand.shop >= 0
        orders = Orders(
            names=tuple(f"{i + 1:05d}" for i in chosen),
            place=n_bases + n_shops + np.arange(n),
            opens=demand.opens,
            closes=demand.closes,
            service=demand.delivery_time,
            size=demand.size,
            pickup_place=np.where(from_shop, n_bases + demand.shop, -1),
            pickup_opens=demand.ready,
            pickup_closes=np.where(from_shop, demand.closes, np.inf),
            pickup_service=demand.pickup_time,
            penalty=np.full(n, np.inf),
            late_cost=np.full(n, np.inf),
            product=demand.product,
        )
        return Instance(
            name=f"city {self.day.isoformat()}",
            places=Places(names, spots.longitude, spots.latitude, geographic=True),
            travel=city_travel(self.parameters, spots, self.congestion),
            orders=orders,
            vehicles=self.vehicles,
            convention=INTEGER,
            time_unit="s",
            distance_unit="m",
            cost_unit="EUR",
            speeds=self.speeds,
            day=midnight(self.day).isoformat(),
        )


def rush_hours(p: SimpleNamespace, day: date, hours: tuple[float, float]) -> tuple[SpeedProfile, float]:
    """Rush hours as planners know them.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.
    day : datetime.date
        Weekdays differ from Saturday and Sunday.
    hours : tuple of float
        Local hours between which the service is open.

    Returns
    -------
    profile : SpeedProfile
        For vans; relative to the mean over the hours given, until the end of the next day.
    mean : float
        Mean factor over these hours, times free flow.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> profile, mean = rush_hours(load_parameters(), date(2026, 3, 16), (8, 21))
    >>> 1.1 < mean < 1.4, bool(profile.factors.min() < 1 < profile.factors.max())
    (True, True)
    """
    c = p.congestion
    share = {5: c.saturday, 6: c.sunday}.get(day.weekday(), 1.0)
    factors = np.tile(1 + share * (c.factors - 1), 2)
    edges = np.concatenate([c.edges, c.edges + 24])
    grid = np.arange(hours[0], hours[1], 0.25)
    mean = float(factors[np.searchsorted(edges, grid, side="right") - 1].mean())
    return SpeedProfile(elapsed(day, edges), factors / mean, travel=(VAN,)), mean

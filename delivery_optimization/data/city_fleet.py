"""Couriers of the built-in city: carriers, shifts, vans and cargo bikes, and how many there are.

The number follows from the demand that was expected, not from the orders that came: for each hour, the work of the orders
expected in it (some standard deviations above the mean) over the time of a courier; then shifts are filled from the first
hour to the last, each time the shift that lasts longest. External couriers can be called at a higher price, as in
M. I. Restrepo, F. Semet, T. Pocreau, *Transportation Science* 53(4), 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from delivery_optimization.data.city_calendar import elapsed
from delivery_optimization.data.city_demand import purchases_by_hour
from delivery_optimization.data.city_travel import BIKE, VAN
from delivery_optimization.instance import VehicleType

Array = np.ndarray


@dataclass(frozen=True)
class Carrier:
    """Who employs couriers.

    Parameters
    ----------
    name : str
        Unique.
    contract_share : float
        Share of the work that was promised; 0 for the external couriers.
    van_share : float
        Share of the couriers that drive a van; the others ride a cargo bike.
    cost_factor : float
        Times the costs of ``city.yaml``.
    base : int
        Place where shifts begin and end.
    external : bool
        Called only when needed, at a higher price.
    """

    name: str
    contract_share: float
    van_share: float
    cost_factor: float
    base: int
    external: bool = False


def carriers(p: SimpleNamespace) -> tuple[Carrier, ...]:
    """List the carriers, the external one last; carrier k has its base at place k, the external one at place 0.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.

    Returns
    -------
    tuple of Carrier

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> round(sum(carrier.contract_share for carrier in carriers(load_parameters())), 9)
    1.0
    """
    own = (
        Carrier(row.name, row.contract_share, row.van_share, row.cost_factor, base)
        for base, row in enumerate(p.carriers)
    )
    return (*own, Carrier(p.external, 0.0, 1.0, 1.0, 0, external=True))


def shift_starts(p: SimpleNamespace, hours: tuple[float, float]) -> Array:
    """Local hours at which shifts begin: the first before the service opens, the last so that it ends after closing.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> shift_starts(load_parameters(), (8, 21)).tolist()
    [7.5, 10.0, 12.5, 15.0]
    """
    first = hours[0] - p.shifts.before / 3600
    last = max(first, hours[1] + (p.shifts.after - p.shifts.length) / 3600)
    return np.unique(np.round(np.linspace(first, last, p.shifts.number) * 4) / 4)


def couriers_per_shift(p: SimpleNamespace, expected: float, hours: tuple[float, float]) -> Array:
    """How many couriers begin each shift.

    Parameters
    ----------
    p : SimpleNamespace
        Parameters.
    expected : float
        Orders expected on the day.
    hours : tuple of float
        Local hours between which the service is open.

    Returns
    -------
    ndarray of int, shape (n_shifts,)

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> p = load_parameters()
    >>> few, many = (couriers_per_shift(p, n, (8, 21)).sum() for n in (50, 500))
    >>> bool(few < many < 10 * few)
    True
    """
    planned = expected + p.sizing.quantile * np.sqrt(expected)
    share, s = p.sizes.share, p.sizing
    handling = float((share * p.handling.per_size_class).sum()) * (p.handling.pickup + p.handling.delivery)
    per_order = handling + s.travel_floor + s.travel_density / np.sqrt(max(planned, 1.0))
    bought = purchases_by_hour(p, hours[0], hours[1] - p.products.two_hour_promise / 3600)
    work = np.convolve(bought, [0.25, 0.5, 0.25])[:48]  # done in the hours after the purchase
    need = p.sizing.bustle * planned * work * per_order / 3600
    starts = shift_starts(p, hours)
    ends = starts + p.shifts.length / 3600
    number = np.zeros(len(starts), dtype=int)
    for hour in range(48):
        on_duty = (starts <= hour + 0.5) & (ends >= hour + 1)
        lacking = int(np.ceil(need[hour] - number[on_duty].sum() - 1e-9))
        if lacking > 0 and on_duty.any():
            number[np.flatnonzero(on_duty)[-1]] += lacking
    return number


def couriers(
    p: SimpleNamespace, expected: float, day: date, hours: tuple[float, float]
) -> tuple[VehicleType, ...]:
    """Couriers of a day of the two-hour and one-hour products: by carrier and shift, external ones last.

    Parameters
    ----------
    p : SimpleNamespace
        Parameters.
    expected : float
        Orders expected on the day.
    day : datetime.date
        Day of the shifts.
    hours : tuple of float
        Local hours between which the service is open.

    Returns
    -------
    tuple of VehicleType

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> couriers(load_parameters(), 100.0, date(2026, 3, 16), (8, 21))[0].name
    'Courses du Nord, van from 07:30'
    """
    everyone = carriers(p)
    made = []
    share = np.array([carrier.contract_share for carrier in everyone[:-1]])
    owed = np.zeros(len(share))
    numbers = couriers_per_shift(p, expected, hours)
    for start, number in zip(shift_starts(p, hours), numbers, strict=True):
        given = np.zeros(len(share), dtype=int)
        for _ in range(number):  # the carrier that is furthest behind its contract
            owed += share
            chosen = int(owed.argmax())
            owed[chosen] -= 1
            given[chosen] += 1
        made += [
            _type(p, carrier, int(count), day, float(start))
            for carrier, count in zip(everyone, given, strict=False)
            if count
        ]
    reserve = max(1, int(np.ceil(p.sizing.external * numbers.sum() / len(numbers))))
    made += [_type(p, everyone[-1], reserve, day, float(start)) for start in shift_starts(p, hours)]
    return tuple(made)


def parcel_vans(
    p: SimpleNamespace, expected: float, day: date, hours: tuple[float, float], n_depots: int
) -> tuple[VehicleType, ...]:
    """Vans of delivery tours: one type for each depot.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> [van.start for van in parcel_vans(load_parameters(), 500.0, date(2026, 3, 16), (9, 17), 2)]
    [0, 1]
    """
    planned = expected + p.sizing.quantile * np.sqrt(expected)
    share = p.sizes.parcel_share
    handling = p.handling.parcel * float((share * p.handling.per_size_class).sum())
    per_parcel = handling + p.sizing.parcel_floor + p.sizing.parcel_density / np.sqrt(max(planned, 1.0))
    litres = planned * float((share * p.sizes.litres).sum()) * np.exp(p.sizes.spread**2 / 2)
    duty = (hours[1] - hours[0]) * 3600
    number = max(p.sizing.bustle * planned * per_parcel / duty, 1.1 * litres / p.vehicles.van_litres)
    each = int(np.ceil(number / n_depots)) + 1
    opens, closes = elapsed(day, np.array(hours)) + np.array([-p.parcels.before, p.parcels.after])
    return tuple(
        VehicleType(
            f"depot {k + 1}",
            each,
            (p.vehicles.van_litres, p.vehicles.van_kilograms),
            k,
            k,
            float(opens),
            float(closes),
            **_costs(p, "van", 1.0),
            carrier=p.carriers[k % 2].name,
        )
        for k in range(n_depots)
    )


def _type(p: SimpleNamespace, carrier: Carrier, number: int, day: date, start: float) -> VehicleType:
    """Couriers of one carrier in one shift."""
    van = carrier.van_share >= 0.5
    kind = "van" if van else "bike"
    opens = float(elapsed(day, start))
    capacity = (getattr(p.vehicles, f"{kind}_litres"), getattr(p.vehicles, f"{kind}_kilograms"))
    costs = _costs(p, kind, carrier.cost_factor)
    if carrier.external:
        costs |= {"fixed_cost": p.costs.external_fixed, "cost_per_duration": p.costs.external_per_hour / 3600}
    return VehicleType(
        f"{carrier.name}, {kind} from {int(start) % 24:02d}:{round(start % 1 * 60):02d}",
        number,
        capacity,
        carrier.base,
        carrier.base,
        opens,
        opens + p.shifts.length,
        **costs,
        travel=VAN if van else BIKE,
        carrier=carrier.name,
    )


def _costs(p: SimpleNamespace, kind: str, factor: float) -> dict[str, Any]:
    """Costs in EUR per shift, metre and second."""
    return {
        "fixed_cost": round(factor * getattr(p.costs, f"{kind}_fixed"), 2),
        "cost_per_distance": factor * getattr(p.costs, f"{kind}_per_km") / 1000,
        "cost_per_duration": factor * getattr(p.costs, f"{kind}_per_hour") / 3600,
    }

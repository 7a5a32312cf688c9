"""From a person's rows to an instance: places without doubles, times that pass, whole seconds and metres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from delivery_optimization.data.osrm import DurationTable
from delivery_optimization.data.own_carriers import Vehicles
from delivery_optimization.data.own_orders import OrderRows
from delivery_optimization.data.own_places import refuse
from delivery_optimization.data.own_times import elapsed, midnight
from delivery_optimization.data.own_travel import Located, travel
from delivery_optimization.diagnosis_words import figure, say
from delivery_optimization.instance import FROM_DEPOT, Break, Instance, Orders, Places, VehicleType
from usecases.contract import Text

Array = np.ndarray
LAST = 2 * 86_400.0  # seconds after midnight: no window of a day closes later


def make_instance(
    rows: OrderRows,
    fleet: Sequence[Vehicles],
    table: DurationTable | None,
    day: date | None,
    *,
    zone: str,
    service_s: float,
    speed_km_h: float,
    detour: float,
    notes: tuple[Text, ...] = (),
) -> Instance:
    r"""Make the instance of one day.

    Parameters
    ----------
    rows : OrderRows
        Orders of the day.
    fleet : sequence of Vehicles
        Kinds of vehicles.
    table : DurationTable, optional
        Durations; without one, as the crow flies.
    day : datetime.date, optional
        The day, for its changes of hour.
    zone : str
        Time zone.
    service_s : float
        Of an order that has none.
    speed_km_h, detour : float
        Where there is no table.
    notes : tuple of Text
        What was assumed so far.

    Returns
    -------
    Instance
        Whole seconds and metres, EUR.

    Raises
    ------
    UserError
        If an order is picked up at a depot that does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from delivery_optimization.data.own_carriers import Assumed, assumed_fleet
    >>> from delivery_optimization.data.own_orders import read_orders
    >>> file = Path(tempfile.mkdtemp()) / "orders.csv"
    >>> _ = file.write_text("order,lat,lon,opens,closes\nA,50.63,3.06,09:00,10:00\n", encoding="utf-8")
    >>> rows = read_orders(str(file))
    >>> fleet, _ = assumed_fleet(Assumed(0, 86400, 0.3, 25, 0, 25), 1, 1, (50.6, 3.1))
    >>> made = make_instance(rows, fleet, None, date(2026, 3, 29), zone="Europe/Paris", service_s=300, speed_km_h=25, detour=1.3)
    >>> made.orders.opens.tolist(), made.day
    ([28800.0], '2026-03-29T00:00:00+01:00')
    """
    places, depot, delivery, pickup = _places(rows, fleet)
    travels, chosen, said = travel(
        places,
        [v.speed_km_h for v in fleet],
        table,
        speed_km_h=speed_km_h,
        detour=detour,
        names=[v.vehicle for v in fleet],
    )
    vehicles = tuple(
        VehicleType(
            vehicle.vehicle, vehicle.number, vehicle.capacity, int(depot[k]), int(depot[k]),
            _passed(vehicle.opens, day, zone), _passed(vehicle.closes, day, zone), vehicle.fixed_cost,
            vehicle.cost_per_km / 1000, vehicle.cost_per_hour / 3600, chosen[k],
            () if vehicle.pause is None
            else (Break(_passed(vehicle.pause[0], day, zone), _passed(vehicle.pause[1], day, zone), vehicle.pause[2]),),
            vehicle.carrier,
        )
        for k, vehicle in enumerate(fleet)
    )  # fmt: skip
    orders = _orders(rows, delivery, pickup, day, zone, service_s)
    assumed = say(
        "Service takes {minutes} minutes where the file does not say it.",
        "Le service dure {minutes} minutes là où le fichier ne le dit pas.",
        minutes=figure(service_s / 60),
    )
    return Instance(
        name="own" if day is None else day.isoformat(),
        places=Places(places.names, places.longitude, places.latitude, geographic=True),
        travel=travels,
        orders=orders,
        vehicles=vehicles,
        time_unit="s",
        distance_unit="m",
        cost_unit="EUR",
        day=midnight(day, zone),
        notes=(*notes, *((assumed,) if np.isnan(rows.service).any() else ()), *said),
    )


def _passed(wall: float, day: date | None, zone: str) -> float:
    return float(elapsed([wall], day, zone)[0])


def _orders(
    rows: OrderRows, delivery: Array, pickup: Array, day: date | None, zone: str, service_s: float
) -> Orders:
    """Orders in seconds that pass; a window without an end stays open to the end of the next day."""

    def time(wall: Array, default: float) -> Array:
        return elapsed(np.where(np.isnan(wall), default, wall), day, zone)

    def lasting(seconds: Array) -> Array:
        return np.ceil(np.where(np.isnan(seconds), service_s, seconds))

    return Orders(
        rows.names, delivery, np.ceil(time(rows.opens, 0.0)), np.floor(time(rows.closes, LAST)), lasting(rows.service),
        rows.size, pickup, np.ceil(time(rows.pickup_opens, 0.0)), np.floor(time(rows.pickup_closes, LAST)),
        lasting(rows.pickup_service), rows.penalty, rows.late_cost, rows.product,
    )  # fmt: skip


def _places(rows: OrderRows, fleet: Sequence[Vehicles]) -> tuple[Located, Array, Array, Array]:
    """All places once, and which of them each depot, delivery and pickup is."""
    n = len(rows.names)
    depots = {vehicle.depot: (vehicle.latitude, vehicle.longitude) for vehicle in fleet}
    lat, lon = rows.pickup_latitude.copy(), rows.pickup_longitude.copy()
    for k in np.flatnonzero(np.isnan(lat) & np.array([bool(name) for name in rows.pickup_name], dtype=bool)):
        if rows.pickup_name[k] in depots:
            lat[k], lon[k] = depots[rows.pickup_name[k]]
    lost = np.isnan(lat) & np.array([bool(name) for name in rows.pickup_name], dtype=bool)
    refuse(
        rows.table, _in_file(rows, lost), "pickup", _speaking(rows),
        "the pickup {value} is no depot of the vehicles and has no coordinates",
        f"add pickup_latitude and pickup_longitude, or name one of {', '.join(map(repr, list(depots)[:5]))}",
    )  # fmt: skip
    paired = np.flatnonzero(~np.isnan(lat))
    where = np.concatenate([
        np.array([(v.latitude, v.longitude) for v in fleet]).reshape(-1, 2),
        np.column_stack([rows.latitude, rows.longitude]),
        np.column_stack([lat[paired], lon[paired]]),
    ])  # fmt: skip
    names = [
        *(v.depot for v in fleet),
        *rows.label,
        *(rows.pickup_name[k] or f"{rows.names[k]} (pickup)" for k in paired),
    ]
    _, first, index = np.unique(np.round(where, 6), axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))  # places in the order of the files
    listed = rank[np.asarray(index).reshape(-1)]
    first = np.sort(first)
    pickup = np.full(n, FROM_DEPOT)
    pickup[paired] = listed[len(fleet) + n :]
    called = {
        name: int(place)
        for name, place in zip([*(v.depot for v in fleet), *rows.names], listed, strict=False)
    }
    called |= {rows.pickup_name[k] or f"{rows.names[k]} (pickup)": int(pickup[k]) for k in paired}
    located = Located(tuple(names[k] for k in first), where[first, 0], where[first, 1], listed, called)
    return located, listed[: len(fleet)], listed[len(fleet) : len(fleet) + n], pickup


def _in_file(rows: OrderRows, bad: Array) -> Array:
    """Which rows of the file are bad, when `rows` are those of one day."""
    row_of = {name: k for k, name in enumerate(_file_names(rows))}
    marked = np.zeros(len(row_of), dtype=bool)
    marked[[row_of[rows.names[k]] for k in np.flatnonzero(bad)]] = True
    return marked


def _file_names(rows: OrderRows) -> list[str]:
    frame = rows.table.frame
    return list(frame["order"]) if "order" in frame.columns else [str(row) for row in frame.index]


def _speaking(rows: OrderRows) -> list[str]:
    return [f"order {name!r}" for name in _file_names(rows)]

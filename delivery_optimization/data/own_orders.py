"""A person's orders: one row each, columns found by their title, in English or French; every number looked at."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization.data.own_columns import file_titles, number_column, read_columns, unread
from delivery_optimization.data.own_places import check_coordinates, check_geocoding, refuse
from delivery_optimization.data.own_times import Times, past_midnight, read_times
from delivery_optimization.data.own_titles import ALIASES, GEOCODER, NUMBERS, PURCHASE, TEXTS
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.tabular import Table

logger = logging.getLogger(__name__)
Array = np.ndarray


@dataclass(frozen=True, eq=False)
class OrderRows:
    """Orders as they were written, checked; arrays of length n_rows.

    Parameters
    ----------
    table : usecases.tabular.Table
        The file.
    names : tuple of str
        Unique.
    label : tuple of str
        Address of the delivery, or the name.
    latitude, longitude : ndarray
        Of the delivery (degrees).
    day : ndarray of datetime64[D]
        Day of the delivery, NaT where none is given.
    opens, closes : ndarray
        Local seconds since midnight of that day; NaN where there is no limit.
    service : ndarray
        Seconds; NaN where not given.
    size : ndarray of shape (n_rows, n_dimensions)
        One where the file has no size.
    penalty : ndarray
        EUR; infinite where the order must be served.
    late_cost : ndarray
        EUR for each second after the window; infinite where it must be kept.
    product : tuple of str
        Empty when the file has none.
    pickup_name : tuple of str
        Name of a depot, or a label; empty without pickup.
    pickup_latitude, pickup_longitude : ndarray
        NaN without a pickup, or where `pickup_name` is that of a depot.
    pickup_opens, pickup_closes, pickup_service : ndarray
        As for the delivery.
    notes : tuple of Text
        What was assumed.
    warnings : tuple of Text
        What is doubtful; names orders.
    """

    table: Table
    names: tuple[str, ...]
    label: tuple[str, ...]
    latitude: Array
    longitude: Array
    day: Array
    opens: Array
    closes: Array
    service: Array
    size: Array
    penalty: Array
    late_cost: Array
    product: tuple[str, ...]
    pickup_name: tuple[str, ...]
    pickup_latitude: Array
    pickup_longitude: Array
    pickup_opens: Array
    pickup_closes: Array
    pickup_service: Array
    notes: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()

    @property
    def speaking(self) -> tuple[str, ...]:
        """What messages call each row."""
        return tuple(f"order {name!r}" for name in self.names)

    def take(self, chosen: Array) -> OrderRows:
        """Keep some rows, by number."""
        from dataclasses import fields

        kept: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                kept[field.name] = value[chosen]
            elif isinstance(value, tuple) and value and field.name not in ("notes", "warnings"):
                kept[field.name] = tuple(value[int(k)] for k in chosen)
        return replace(self, **kept)


def read_orders(
    path: str,
    *,
    columns: Mapping[str, str | None] | None = None,
    sizes: Sequence[str] | None = None,
    zone: str = "Europe/Paris",
    least_score: float = 0.5,
    farthest_km: float = 300.0,
    **dialect: Any,
) -> OrderRows:
    r"""Read and check a file of orders.

    Parameters
    ----------
    path : str
        CSV or .xlsx.
    columns : mapping of str to str, optional
        Title of a column in this file, where it is none of `delivery_optimization.data.own_titles.ALIASES`; that of ``purchase``
        is read by `delivery_optimization.data.own_purchases`.
    sizes : sequence of str, optional
        Columns of sizes; by default ``size`` where there is one.
    zone : str
        Time zone of timestamps.
    least_score, farthest_km : float
        See `delivery_optimization.data.own_places`.
    **dialect : object
        Options sep, decimal, encoding, dayfirst of `usecases.tabular.read_table`.

    Returns
    -------
    OrderRows

    Raises
    ------
    UserError
        With file, row, column and order.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "commandes.csv"
    >>> _ = file.write_text("commande;lat;lon;ouvre;ferme\nA;50,63;3,06;9h;11h30\n", encoding="cp1252")
    >>> rows = read_orders(str(file))
    >>> rows.names, (rows.closes / 3600).tolist()
    (('A',), [11.5])
    """
    named = dict(columns or {})
    bought = named.pop("purchase", None)
    table = read_columns(
        path, named, (*ALIASES, *GEOCODER), (*NUMBERS, *(sizes or ("size",))), TEXTS, ALIASES, **dialect
    )
    frame = table.frame
    names = _names(table)
    speaking = tuple(f"order {name!r}" for name in names)
    _need_coordinates(table)
    latitude, longitude = number_column(table, "latitude"), number_column(table, "longitude")
    warnings = check_geocoding(table, latitude, speaking, "latitude", least_score)
    check_coordinates(table, latitude, longitude, speaking, ("latitude", "longitude"), farthest_km)
    day, times = _times(table, zone, dialect.get("dayfirst"), speaking)
    pickup = _pickups(table, speaking, farthest_km)
    product = tuple(frame["product"].fillna("")) if "product" in frame.columns else ()
    penalty = number_column(table, "penalty", least=0.0, speaking=speaking)
    late_cost = number_column(table, "late_cost", least=0.0, speaking=speaking) / 60
    endless = ~np.isnan(late_cost) & np.isnan(times["closes"])
    refuse(
        table,
        endless,
        "late_cost",
        speaking,
        "a cost of lateness without the end of a window (closes)",
        "fill it in, or empty the cost",
    )
    address = frame["address"] if "address" in frame.columns else frame.get("result_label")
    label = (
        names
        if address is None
        else tuple(a if isinstance(a, str) else n for a, n in zip(address, names, strict=True))
    )
    size, size_notes = _sizes(table, sizes, speaking)
    notes = (*size_notes, *_no_windows(table), *unread(table, (str(bought),) if bought else PURCHASE))
    return OrderRows(
        table, names, label, latitude, longitude, day, times["opens"], times["closes"],
        60 * number_column(table, "service_minutes", least=0.0, speaking=speaking),
        size, np.where(np.isnan(penalty), np.inf, penalty), np.where(np.isnan(late_cost), np.inf, late_cost), product, *pickup,
        times["pickup_opens"], times["pickup_closes"],
        60 * number_column(table, "pickup_service_minutes", least=0.0, speaking=speaking),
        notes,
        warnings,
    )  # fmt: skip


def _no_windows(table: Table) -> tuple[Text, ...]:
    """Say that orders come at any time of day, where no column says when."""
    if {"opens", "closes"} & set(table.frame.columns):
        return ()
    note = Text(
        "The orders have no windows (no column opens or closes): any time of day.",
        "Les commandes n’ont pas de fenêtre (pas de colonne ouvre ou ferme)\u202f: à toute heure.",
    )
    logger.warning("%s: %s", table.path.name, note.en)
    return (note,)


def _names(table: Table) -> tuple[str, ...]:
    """Names of the orders, unique; row numbers where the file has none."""
    frame = table.frame
    if "order" not in frame.columns:
        logger.info("%s: no column 'order': orders are called by their row", table.path.name)
        return tuple(str(row) for row in frame.index)
    missing = frame["order"].isna().to_numpy()
    refuse(
        table,
        missing,
        "order",
        [f"row {row}" for row in frame.index],
        "no name",
        "give each order a name of its own",
    )
    twice = frame["order"].duplicated(keep="first").to_numpy()
    if twice.any():
        name = frame["order"].iloc[int(np.argmax(twice))]
        first = int(frame.index[(frame["order"] == name).to_numpy().argmax()])
        speaking = [f"order {n!r}" for n in frame["order"]]
        refuse(
            table,
            twice,
            "order",
            speaking,
            f"row {first} has the same name",
            "delete one of them or rename it",
        )
    return tuple(frame["order"])


def _need_coordinates(table: Table) -> None:
    """Say how to get coordinates when there are only addresses."""
    for column in ("latitude", "longitude"):
        if column in table.frame.columns:
            continue
        if "address" in table.frame.columns:
            raise UserError(
                f"{table.path} has addresses and no column {column!r}: geocode the file first (free of charge: "
                "https://adresse.data.gouv.fr/outils/csv) and give the file that it returns"
            )
        raise UserError(
            f"{table.place(1)}: no column {column!r}, {nearest(column, file_titles(table))}; name the right one with data.columns.{column}"
        )


def _times(
    table: Table, zone: str, dayfirst: bool | None, speaking: Sequence[str]
) -> tuple[Array, dict[str, Array]]:
    """Day of each order, and its windows in local seconds since the midnight of that day."""
    n = len(table.frame)
    none = Times(np.full(n, np.nan), np.full(n, np.datetime64("NaT"), "datetime64[D]"))
    read = {
        name: read_times(table, name, zone, dayfirst) or none
        for name in ("date", "opens", "closes", "pickup_opens", "pickup_closes")
    }
    day = read["date"].day.copy()
    for name in ("opens", "closes", "pickup_opens", "pickup_closes"):
        day = np.where(np.isnat(day), read[name].day, day)
    wall = {}
    for name in ("opens", "closes", "pickup_opens", "pickup_closes"):
        later = (read[name].day - day) / np.timedelta64(1, "D")
        wall[name] = read[name].wall + 86_400 * np.where(np.isnan(later), 0.0, later)
    for first, last in (("opens", "closes"), ("pickup_opens", "pickup_closes")):
        if np.isnat(read[first].day).all() and np.isnat(read[last].day).all():
            wall[last] = past_midnight(wall[first], wall[last])
        refuse(
            table, wall[last] < wall[first], last, speaking, "its window ends ({value}) before it opens",
            "correct it (22:00 to 02:00 is understood as a window past midnight; for other hours write 26:00, or timestamps)",
        )  # fmt: skip
    some = ~np.isnat(day)
    if some.any() and not some.all():
        refuse(table, ~some, "date" if "date" in table.frame.columns else "opens", speaking, "no day, while other orders have one",
               "give all orders a date, or none")  # fmt: skip
    return day, wall


def _pickups(
    table: Table, speaking: Sequence[str], farthest_km: float
) -> tuple[tuple[str, ...], Array, Array]:
    """Where orders are picked up: coordinates, or the name of a depot."""
    lat, lon = number_column(table, "pickup_latitude"), number_column(table, "pickup_longitude")
    check_coordinates(table, lat, lon, speaking, ("pickup_latitude", "pickup_longitude"), farthest_km)
    names = np.full(len(lat), "", dtype=object)
    for column in ("pickup_address", "pickup"):
        if column in table.frame.columns:
            names = np.where(table.frame[column].notna(), table.frame[column], names)
    if "pickup_address" in table.frame.columns and "pickup" not in table.frame.columns:
        unknown = (names != "") & np.isnan(lat)
        refuse(table, unknown, "pickup_address", speaking, "{value} has no coordinates",
               "add the columns pickup_latitude and pickup_longitude (https://adresse.data.gouv.fr/outils/csv)")  # fmt: skip
    return tuple(str(name) for name in names), lat, lon


def _sizes(
    table: Table, sizes: Sequence[str] | None, speaking: Sequence[str]
) -> tuple[Array, tuple[Text, ...]]:
    """Sizes of shape (n_rows, n_dimensions), and what was assumed."""
    chosen = list(sizes or ["size"])
    for name in chosen if sizes else ():
        if name not in table.frame.columns:
            raise UserError(
                f"{table.path}: data.sizes names {name!r}, and no column has this title: "
                f"{nearest(name, file_titles(table))}"
            )
    if not sizes and "size" not in table.frame.columns:
        note = Text(
            "The orders have no size: each counts as 1.",
            "Les commandes n’ont pas de taille : chacune compte pour 1.",
        )
        return np.ones((len(table.frame), 1)), (note,)
    for name in chosen:
        empty = np.isnan(table.frame[name].to_numpy(dtype=float))
        refuse(table, empty, name, speaking, "no size", "fill it in (0 where it takes no room)")
    return np.column_stack([number_column(table, name, least=0.0, speaking=speaking) for name in chosen]), ()

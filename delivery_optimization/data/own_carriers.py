"""A person's carriers and vehicles: one row for each kind of vehicle; what is not said is assumed, and the assumption told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from delivery_optimization.data.own_columns import file_titles, number_column, read_columns, unread
from delivery_optimization.data.own_places import check_coordinates, refuse
from delivery_optimization.data.own_times import past_midnight, read_times
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.formatting import number
from usecases.tabular import Table

logger = logging.getLogger(__name__)
Array = np.ndarray

ALIASES: dict[str, tuple[str, ...]] = {
    "carrier": ("transporteur",),
    "vehicle": ("vehicule", "type", "nom", "name"),
    "number": ("nombre", "quantite"),
    "capacity": ("capacite",),
    "opens": ("ouvre", "debut", "shift_start", "from", "heure_debut", "debut_vacation", "vacation_debut"),
    "closes": ("ferme", "fin", "shift_end", "to", "heure_fin", "fin_vacation", "vacation_fin"),
    "depot": ("depot", "dépôt", "adresse", "address", "result_label"),
    "latitude": ("lat",),
    "longitude": ("lon", "lng", "long"),
    "cost_per_km": ("cout_km", "cout_par_km", "cout_au_km"),
    "cost_per_hour": ("cout_heure", "cout_par_heure", "cout_horaire"),
    "fixed_cost": ("cout_fixe",),
    "speed_km_h": ("vitesse_km_h", "speed", "vitesse"),
    "break_opens": ("pause_debut", "debut_pause", "pause_ouvre", "break_start"),
    "break_closes": ("pause_fin", "fin_pause", "pause_ferme", "break_end"),
    "break_minutes": ("pause_minutes", "duree_pause"),
}
TEXTS = ("carrier", "vehicle", "opens", "closes", "depot", "break_opens", "break_closes")
MOST = 100_000  # vehicles of one kind


@dataclass(frozen=True)
class Assumed:
    """What is taken for granted where no file says it.

    Parameters
    ----------
    opens, closes : float
        Shift, in local seconds since midnight.
    cost_per_km, cost_per_hour, fixed_cost : float
        EUR.
    speed_km_h : float
        Mean driving speed.
    depot : tuple of float, optional
        Latitude and longitude; None: the middle of the deliveries.
    """

    opens: float
    closes: float
    cost_per_km: float
    cost_per_hour: float
    fixed_cost: float
    speed_km_h: float
    depot: tuple[float, float] | None = None


@dataclass(frozen=True)
class Vehicles:
    """One kind of vehicle, as it was written.

    Parameters
    ----------
    carrier, vehicle, depot : str
        Names.
    number : int
        How many.
    capacity : tuple of float
        Infinite where not given.
    opens, closes : float
        Shift, in local seconds since midnight.
    latitude, longitude : float
        Of its depot.
    cost_per_km, cost_per_hour, fixed_cost : float
        EUR.
    speed_km_h : float, optional
        None where the file gives none.
    pause : tuple of float, optional
        Earliest and latest begin of its break (local seconds since midnight), and how long it is (s).
    """

    carrier: str
    vehicle: str
    depot: str
    number: int
    capacity: tuple[float, ...]
    opens: float
    closes: float
    latitude: float
    longitude: float
    cost_per_km: float
    cost_per_hour: float
    fixed_cost: float
    speed_km_h: float | None = None
    pause: tuple[float, float, float] | None = None


def assumed_fleet(
    assumed: Assumed, n_orders: int, n_dimensions: int, middle: tuple[float, float]
) -> tuple[tuple[Vehicles, ...], tuple[Text, ...]]:
    """Make a fleet without a file: as many vehicles as orders, all alike, without a limit of capacity.

    Parameters
    ----------
    assumed : Assumed
        Shift, costs, speed, depot.
    n_orders, n_dimensions : int
        Of the orders.
    middle : tuple of float
        Latitude and longitude of the middle of the deliveries, for want of a depot.

    Returns
    -------
    vehicles : tuple of Vehicles
        One kind.
    notes : tuple of Text
        What was assumed.

    Examples
    --------
    >>> fleet, notes = assumed_fleet(Assumed(0, 86400, 0.3, 25, 0, 25), 3, 1, (50.6, 3.1))
    >>> fleet[0].number, len(notes)
    (3, 2)
    """
    lat, lon = assumed.depot or middle
    notes = [
        Text(
            "No file of vehicles was given (data.vehicles): as many vehicles as needed, without a limit of capacity, "
            f"at {number(float(assumed.cost_per_km), 'en')} EUR a km and {number(float(assumed.cost_per_hour), 'en')} EUR an hour.",
            "Aucun fichier de véhicules n’a été donné (data.vehicles) : autant de véhicules qu’il en faut, sans limite de "
            f"capacité, à {number(float(assumed.cost_per_km), 'fr')} EUR le km "
            f"et {number(float(assumed.cost_per_hour), 'fr')} EUR l’heure.",
        )
    ]
    if assumed.depot is None:
        notes.append(
            Text(
                f"No depot was given: routes begin and end in the middle of the deliveries ({lat:.4f}, {lon:.4f}); "
                "data.depot=[latitude,longitude] sets it.",
                "Aucun dépôt n’a été donné : les tournées partent du milieu des livraisons et y reviennent "
                f"({lat:.4f}\u202f; {lon:.4f})\u202f; data.depot=[latitude,longitude] le fixe.",
            )
        )
    one = Vehicles(
        "", "vehicle", "depot", max(n_orders, 1), (float("inf"),) * n_dimensions, assumed.opens, assumed.closes, lat, lon,
        assumed.cost_per_km, assumed.cost_per_hour, assumed.fixed_cost,
    )  # fmt: skip
    return (one,), tuple(notes)


def read_vehicles(
    path: str,
    assumed: Assumed,
    *,
    sizes: Sequence[str] = (),
    middle: tuple[float, float],
    zone: str,
    farthest_km: float = 300.0,
    **dialect: Any,
) -> tuple[tuple[Vehicles, ...], tuple[Text, ...]]:
    r"""Read and check a file of vehicles; empty cells and missing columns take what is assumed.

    Parameters
    ----------
    path : str
        CSV or .xlsx.
    assumed : Assumed
        For what the file does not say.
    sizes : sequence of str
        Columns of sizes of the orders: the columns of the same titles hold the capacities; without any, ``capacity``.
    middle : tuple of float
        Of the deliveries, for want of a depot.
    zone : str
        Time zone.
    farthest_km : float
        How far depots may be from each other.
    **dialect : object
        Of `usecases.tabular.read_table`.

    Returns
    -------
    vehicles : tuple of Vehicles
        Those of which there is at least one.
    notes : tuple of Text
        What was assumed.

    Raises
    ------
    UserError
        With file, row and column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "véhicules.csv"
    >>> _ = file.write_text("véhicule;nombre;capacité;lat;lon\nvan;2;40;50,63;3,06\n", encoding="utf-8")
    >>> fleet, notes = read_vehicles(str(file), Assumed(0, 86400, 0.3, 25, 0, 25), middle=(50.6, 3.1), zone="Europe/Paris")
    >>> fleet[0].number, fleet[0].capacity
    (2, (40.0,))
    """
    rooms = tuple(sizes) or ("capacity",)
    numbers = (
        "number", "latitude", "longitude", "cost_per_km", "cost_per_hour", "fixed_cost", "speed_km_h", "break_minutes", *rooms,
    )  # fmt: skip
    table = read_columns(path, None, tuple(ALIASES), numbers, TEXTS, ALIASES, **dialect)
    speaking = _speaking(table)
    for name in sizes:
        if name not in table.frame.columns:
            raise UserError(
                f"{table.path}: no column {name!r} for the capacity in {name}, {nearest(name, file_titles(table))}"
            )

    def column(name: str, default: float, least: float = 0.0) -> Array:
        return number_column(table, name, least=least, speaking=speaking, default=default)

    count = column("number", 1.0)
    refuse(
        table,
        (count != np.round(count)) | (count > MOST),
        "number",
        speaking,
        "{value} is no number of vehicles",
        "correct it",
    )
    if not (count > 0).any():
        raise UserError(
            f"{table.place(None, 'number')}: there is no vehicle at all, at least one was expected: correct the numbers"
        )
    speed = column("speed_km_h", np.nan)
    refuse(table, speed <= 0, "speed_km_h", speaking, "{value} is no speed", "correct or empty it")
    capacity = np.column_stack([column(name, np.inf) for name in rooms])
    opens, closes = _shifts(table, zone, assumed, speaking)
    latitude, longitude, depots, notes = _depots(table, assumed, middle, speaking, farthest_km)
    pauses = _breaks(table, zone, speaking)
    costs = [column(n, getattr(assumed, n)) for n in ("cost_per_km", "cost_per_hour", "fixed_cost")]
    carriers = (
        table.frame["carrier"].fillna("") if "carrier" in table.frame.columns else [""] * len(table.frame)
    )
    fleet = tuple(
        Vehicles(
            carriers.iloc[k] if not isinstance(carriers, list) else "", name, depots[k], int(count[k]),
            tuple(float(room) for room in capacity[k]), float(opens[k]), float(closes[k]), float(latitude[k]), float(longitude[k]),
            *(float(cost[k]) for cost in costs), None if np.isnan(speed[k]) else float(speed[k]), pauses[k],
        )
        for k, name in enumerate(_unique_names(table))
        if count[k] > 0
    )  # fmt: skip
    return fleet, (*_missing(table, rooms, assumed), *notes, *unread(table))


def _speaking(table: Table) -> tuple[str, ...]:
    return tuple(f"vehicle {name!r}" for name in _vehicle_names(table))


def _vehicle_names(table: Table) -> list[str]:
    frame = table.frame
    if "vehicle" not in frame.columns:
        return [f"vehicle {row}" for row in frame.index]
    return [
        n if isinstance(n, str) else f"vehicle {row}"
        for n, row in zip(frame["vehicle"], frame.index, strict=True)
    ]


def _unique_names(table: Table) -> list[str]:
    """Names of the kinds of vehicle; two carriers' vans are told apart by their carriers, else by their rows."""
    names = _vehicle_names(table)
    if len(set(names)) == len(names):
        return names
    if "carrier" in table.frame.columns:
        carried = [
            f"{n} {c}" if isinstance(c, str) else n
            for n, c in zip(names, table.frame["carrier"], strict=True)
        ]
        if len(set(carried)) == len(carried):
            return carried
    return [f"{name} ({row})" for name, row in zip(names, table.frame.index, strict=True)]


def _shifts(table: Table, zone: str, assumed: Assumed, speaking: Sequence[str]) -> tuple[Array, Array]:
    """Shifts in local seconds since midnight; one from the evening to the morning ends on the next day."""
    n = len(table.frame)
    walls = []
    for name, default in (("opens", assumed.opens), ("closes", assumed.closes)):
        times = read_times(table, name, zone)
        wall = np.full(n, np.nan) if times is None else times.wall
        if times is not None and not np.isnat(times.day).all():
            refuse(
                table,
                ~np.isnat(times.day),
                name,
                speaking,
                "{value} names a day",
                "write times alone, 08:00: shifts are those of every day",
            )
        walls.append(np.where(np.isnan(wall), default, wall))
    opens, closes = walls[0], past_midnight(*walls)
    refuse(table, closes <= opens, "closes" if "closes" in table.frame.columns else "opens", speaking,
           "its shift ends before it begins", "correct it (26:00 is 2 in the next morning)")  # fmt: skip
    return opens, closes


def _depots(
    table: Table, assumed: Assumed, middle: tuple[float, float], speaking: Sequence[str], farthest_km: float
) -> tuple[Array, Array, list[str], list[Text]]:
    """Coordinates and names of the depots, one for each row."""
    lat, lon = number_column(table, "latitude"), number_column(table, "longitude")
    check_coordinates(table, lat, lon, speaking, ("latitude", "longitude"), farthest_km)
    frame, notes = table.frame, []
    names = (
        [n if isinstance(n, str) else "" for n in frame["depot"]]
        if "depot" in frame.columns
        else [""] * len(frame)
    )
    known: dict[str, tuple[float, float]] = {}
    for k, n in enumerate(names):
        if n and not np.isnan(lat[k]):
            known.setdefault(n, (lat[k], lon[k]))
    elsewhere = np.array([n in known and not np.isnan(lat[k]) and not np.allclose(known[n], (lat[k], lon[k]), rtol=0, atol=1e-5)
                          for k, n in enumerate(names)], dtype=bool)  # fmt: skip
    refuse(table, elsewhere, "depot", speaking, "another row has a depot {value} at another place",
           "rename one of them, or give both the same coordinates")  # fmt: skip
    for k, name in enumerate(names):
        if np.isnan(lat[k]) and name in known:
            lat[k], lon[k] = known[name]
    without = np.isnan(lat)
    if without.any():
        place = assumed.depot or middle
        lat, lon = np.where(without, place[0], lat), np.where(without, place[1], lon)
        if assumed.depot is None:
            notes.append(
                Text(
                    f"{int(without.sum())} rows of vehicles have no coordinates of a depot: the middle of the deliveries was taken.",
                    f"{int(without.sum())} lignes de véhicules n’ont pas de coordonnées de dépôt : le milieu des livraisons a été pris.",
                )
            )
    different = list(dict.fromkeys(zip(lat.tolist(), lon.tolist(), strict=True)))
    plain = ["depot"] if len(different) == 1 else [f"depot {k}" for k in range(1, len(different) + 1)]
    return lat, lon, [n or plain[different.index((lat[k], lon[k]))] for k, n in enumerate(names)], notes


def _breaks(table: Table, zone: str, speaking: Sequence[str]) -> list[tuple[float, float, float] | None]:
    """One break for each row, or None."""
    minutes = number_column(table, "break_minutes", least=0.0, speaking=speaking, default=0.0)
    first, last = (read_times(table, name, zone) for name in ("break_opens", "break_closes"))
    n = len(table.frame)
    opens = np.full(n, np.nan) if first is None else first.wall
    closes = np.full(n, np.nan) if last is None else last.wall
    unsaid = (minutes > 0) & (np.isnan(opens) | np.isnan(closes))
    refuse(
        table,
        unsaid,
        "break_minutes",
        speaking,
        "a break of {value} minutes without break_opens and break_closes",
        "fill them in",
    )
    refuse(
        table,
        (minutes > 0) & (closes < opens),
        "break_closes",
        speaking,
        "its break's window ends before it opens",
        "correct it",
    )
    return [
        (float(opens[k]), float(closes[k]), 60 * float(minutes[k])) if minutes[k] > 0 else None
        for k in range(n)
    ]


def _missing(table: Table, rooms: Sequence[str], assumed: Assumed) -> list[Text]:
    """Say which columns the file does not have, and what was taken instead."""
    frame, said = table.frame, []
    money = {name: f"{getattr(assumed, name):g}" for name in ("cost_per_km", "cost_per_hour", "fixed_cost")}
    absent = [name for name in money if name not in frame.columns or frame[name].isna().any()]
    if absent:
        en = ", ".join(f"{name} {money[name]} EUR" for name in absent)
        said.append(
            Text(
                f"Assumed where the file of vehicles does not say it: {en}.",
                f"Supposé là où le fichier des véhicules ne le dit pas : {en.replace('.', ',')}.",
            )
        )
    if any(room not in frame.columns or frame[room].isna().any() for room in rooms):
        said.append(
            Text(
                "Vehicles without a capacity carry everything.", "Les véhicules sans capacité emportent tout."
            )
        )
    return said

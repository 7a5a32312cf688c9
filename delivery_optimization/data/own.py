"""The data source ``own``: a person's deliveries, from a spreadsheet of orders or from a file in a known form.

Orders are rows of a CSV or .xlsx file (`delivery_optimization.data.own_orders`), vehicles too (`own_carriers`), durations come
from an OSRM table or a CSV matrix (`own_travel`, `osrm`); an example of all three comes from `own_template`. A Solomon, VRPLIB or
VROOM file is read as well. No row of the person's data goes into the description.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.own_carriers import Assumed, Vehicles, assumed_fleet, read_vehicles
from delivery_optimization.data.own_files import find_files, is_known_form, read_known_form
from delivery_optimization.data.own_instance import make_instance
from delivery_optimization.data.own_orders import OrderRows, read_orders
from delivery_optimization.data.own_places import check_depot
from delivery_optimization.data.own_times import TIME_HELP, check_zone, wall_clock
from delivery_optimization.data.own_titles import ALIASES
from delivery_optimization.data.own_travel import SECONDS, read_durations
from delivery_optimization.data.routing_data import RoutingData
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.tabular import check_options

logger = logging.getLogger(__name__)

YOURS = Text("yours", "la vôtre")


@dataclass(frozen=True)
class Own:
    """A person's own deliveries.

    One row for each order: where (coordinates, or the columns that the French address geocoder adds), when, how large. Orders
    of several days are several instances. What the files do not say is assumed, and the report tells the assumption.

    Parameters
    ----------
    path : str
        File of orders, a folder with ``orders.csv`` (``commandes.csv``), ``vehicles.csv`` (``vehicules.csv``) and ``durations.json``
        or ``.csv``, or a Solomon, VRPLIB or VROOM file.
    vehicles, durations : str, optional
        Files of vehicles and of durations.
    durations_unit : {"s", "min"}
        Of a CSV matrix of durations.
    depot : sequence of float, optional
        Latitude and longitude, where no file of vehicles gives any.
    day : str, optional
        2026-03-29, where the orders have no date; only a day with a change of hour makes a difference.
    timezone : str
        Of all times.
    opens, closes : str
        Shift, where no file of vehicles gives any.
    service_minutes : float
        Of an order, where the file gives none.
    cost_per_km, cost_per_hour, fixed_cost : float
        EUR, where the file of vehicles gives none.
    speed_km_h, detour : float
        Mean driving speed, and road over straight distance, where there is no duration table.
    sizes : sequence of str, optional
        Columns of sizes, when there are several (weight, volume); the file of vehicles has columns of the same titles.
    columns : mapping of str to str, optional
        Titles of columns in the file of orders, where they are not found.
    least_score : float
        Addresses that the geocoder found with a lower score are told, 0 to 1.
    farthest_km : float
        A place farther from the middle of all is taken for a mistake.
    sep, decimal, encoding, dayfirst : optional
        Force what `usecases.tabular.read_table` recognises.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.data.own_template import write_template
    >>> folder = Path(tempfile.mkdtemp()) / "journée"
    >>> write_template(folder, lang="fr")
    >>> data = Own(path=str(folder)).read(seed=0)
    >>> data.instances[0].n_orders, data.description["kind"]
    (40, 'own')
    """

    path: str | None = None
    vehicles: str | None = None
    durations: str | None = None
    durations_unit: str = "s"
    depot: Sequence[float] | None = None
    day: str | None = None
    timezone: str = "Europe/Paris"
    opens: str = "08:00"
    closes: str = "20:00"
    service_minutes: float = 5.0
    cost_per_km: float = 0.3
    cost_per_hour: float = 25.0
    fixed_cost: float = 0.0
    speed_km_h: float = 25.0
    detour: float = 1.3
    sizes: Sequence[str] | None = None
    columns: Mapping[str, str | None] = field(default_factory=dict)
    least_score: float = 0.5
    farthest_km: float = 300.0
    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    dayfirst: bool | None = None

    def __post_init__(self) -> None:
        if not self.path:
            raise UserError(
                "data=own needs data.path=FILE, a CSV file with one row for each order: "
                "usecases data template delivery_optimization/routing writes an example"
            )
        for name, least in (("speed_km_h", 0.1), ("detour", 1.0), ("service_minutes", 0.0), ("cost_per_km", 0.0),
                            ("cost_per_hour", 0.0), ("fixed_cost", 0.0), ("least_score", 0.0), ("farthest_km", 0.1)):  # fmt: skip
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < np.inf:
                raise UserError(f"data.{name}={value} was given: a number of at least {least:g} was expected")
        if self.durations_unit not in SECONDS:
            raise UserError(
                f"data.durations_unit={self.durations_unit} was given: {nearest(str(self.durations_unit), SECONDS)}"
            )
        if self.depot is not None and not (
            len(self.depot) == 2 and all(isinstance(v, int | float) for v in self.depot)
            and -90 <= self.depot[0] <= 90 and -180 <= self.depot[1] <= 180
        ):  # fmt: skip
            raise UserError(
                f"data.depot={list(self.depot)} was given: latitude and longitude were expected: type data.depot=[50.63,3.06]"
            )
        if unknown := [name for name in self.columns if name not in (*ALIASES, "purchase")]:
            raise UserError(f"data.columns.{unknown[0]} was given: {nearest(unknown[0], ALIASES)}")
        check_options(sep=self.sep, decimal=self.decimal, encoding=self.encoding)
        check_zone(self.timezone)
        self._date(), self._shift()

    def read(self, seed: int) -> RoutingData:
        """Read the files; the seed changes nothing.

        Parameters
        ----------
        seed : int
            Not used.

        Returns
        -------
        RoutingData
            One instance for each day; a description without any row.

        Raises
        ------
        UserError
            With file, row and column, for whatever is wrong in the files.
        """
        files = find_files(str(self.path), self.vehicles, self.durations)
        if is_known_form(files.orders):
            for key, given in (("vehicles", self.vehicles), ("durations", self.durations)):
                if given is not None:
                    raise UserError(
                        f"data.{key}={given} was given, and {files.orders.name} (Solomon, VRPLIB or VROOM) has its own "
                        f"{key}: leave out data.{key}, or give a spreadsheet of orders"
                    )
            return read_known_form(files.orders)
        rows = self._orders(str(files.orders))
        middle = (float(np.median(rows.latitude)), float(np.median(rows.longitude)))
        fleet, notes = self._fleet(files.vehicles, rows, middle)
        self._check_depots(files.vehicles, fleet, rows)
        table = (
            None
            if files.durations is None
            else read_durations(str(files.durations), self.durations_unit, **self._marks())
        )
        given = self._date()
        instances = []
        for day in np.unique(rows.day) if not np.isnat(rows.day).any() else [np.datetime64("NaT")]:
            today = rows.take(np.flatnonzero((rows.day == day) | np.isnat(day)))
            when: date | None = given if np.isnat(day) else day.astype("datetime64[D]").item()
            instances.append(
                make_instance(
                    today, fleet, table, when,
                    zone=self.timezone, service_s=60 * float(self.service_minutes), speed_km_h=self.speed_km_h,
                    detour=self.detour, notes=(*rows.warnings, *rows.notes, *notes),
                )
            )  # fmt: skip
        for note in dict.fromkeys(note for instance in instances for note in instance.notes):
            logger.info("%s", note.en)
        return RoutingData(tuple(instances), description=self._describe(rows, fleet, instances, files))

    def _orders(self, path: str) -> OrderRows:
        return read_orders(
            path,
            columns=self.columns,
            sizes=self.sizes,
            zone=self.timezone,
            least_score=self.least_score,
            farthest_km=self.farthest_km,
            dayfirst=self.dayfirst,
            **self._marks(),
        )

    def _marks(self) -> dict[str, Any]:
        return {"sep": self.sep, "decimal": self.decimal, "encoding": self.encoding}

    def _fleet(
        self, path: Path | None, rows: OrderRows, middle: tuple[float, float]
    ) -> tuple[tuple[Vehicles, ...], tuple[Text, ...]]:
        opens, closes = self._shift()
        depot = None if self.depot is None else (float(self.depot[0]), float(self.depot[1]))
        assumed = Assumed(
            opens, closes, self.cost_per_km, self.cost_per_hour, self.fixed_cost, self.speed_km_h, depot
        )
        if path is None:
            return assumed_fleet(assumed, len(rows.names), rows.size.shape[1], middle)
        return read_vehicles(
            str(path), assumed, sizes=tuple(self.sizes or ()), middle=middle, zone=self.timezone,
            farthest_km=self.farthest_km, **self._marks(),
        )  # fmt: skip

    def _check_depots(self, path: Path | None, fleet: Sequence[Vehicles], rows: OrderRows) -> None:
        """Refuse a depot that is exchanged, or far from the deliveries."""
        for vehicle in fleet:
            where = (
                f"data.depot={list(self.depot or ())}"
                if path is None
                else f"{path}: vehicle {vehicle.vehicle!r}"
            )
            check_depot(
                where, (vehicle.latitude, vehicle.longitude), rows.latitude, rows.longitude, self.farthest_km
            )

    def _shift(self) -> tuple[float, float]:
        """Default shift in local seconds since midnight."""
        walls = []
        for name in ("opens", "closes"):
            wall = wall_clock(getattr(self, name))
            if wall is None:
                raise UserError(
                    f"data.{name}={getattr(self, name)} was given: {TIME_HELP} was expected, for example data.{name}='08:00'"
                )
            walls.append(wall)
        if walls[1] <= walls[0]:
            raise UserError(
                f"data.opens={self.opens} and data.closes={self.closes} were given: the shift ends before it begins; "
                "26:00 is 2 in the next morning"
            )
        return walls[0], walls[1]

    def _date(self) -> date | None:
        if self.day is None:
            return None
        try:
            return date.fromisoformat(str(self.day))
        except ValueError as error:
            raise UserError(
                f"data.day={self.day} was given: a date was expected, for example data.day=2026-03-29"
            ) from error

    def _describe(
        self, rows: OrderRows, fleet: Sequence[Vehicles], instances: Sequence[Any], files: Any
    ) -> dict[str, Any]:
        """What was read, without any row."""
        said = [note for instance in instances for note in instance.notes]
        return {
            "name": "own",
            "kind": "own",
            "licence": asdict(YOURS),
            "file": rows.table.path.name,
            "vehicles_file": None if files.vehicles is None else files.vehicles.name,
            "durations_file": None if files.durations is None else files.durations.name,
            "dialect": {lang: rows.table.dialect.phrase(lang) for lang in ("en", "fr")},
            "n_orders": len(rows.names),
            "n_pickups": int(sum(instance.has_pickup.sum() for instance in instances)),
            "n_places": int(max(len(instance.places.names) for instance in instances)),
            "n_vehicles": int(sum(vehicle.number for vehicle in fleet)),
            "n_days": len(instances),
            "timezone": self.timezone,
            "assumptions": [asdict(note) for note in dict.fromkeys(said) if note not in rows.warnings],
        }

"""Solomon's 56 instances of the vehicle routing problem with time windows (100 customers, artificial).

Source: M. M. Solomon, "Algorithms for the Vehicle Routing and Scheduling Problems with Time Window Constraints",
*Operations Research* 35(2), 1987. Larger files of the same form (Gehring & Homberger) are read by `read_solomon`.

Two conventions, two objectives, four different problems: ``dimacs`` truncates distances to one decimal (DIMACS challenge,
CVRPLIB), ``double`` does not round (SINTEF); total distance, or vehicles first and then distance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from delivery_optimization.data import best_known
from delivery_optimization.data.describe import convention, objective
from delivery_optimization.data.reading import numbers, read_text, refuse_a_table
from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.instance import DIMACS, DOUBLE, Instance, Orders, Places, Table, VehicleType
from delivery_optimization.instance_checks import validate
from usecases.errors import UserError, nearest

CLASSES = {"C1": 9, "C2": 8, "R1": 12, "R2": 11, "RC1": 8, "RC2": 8}
NAMES = tuple(f"{kind}{number:02d}" for kind, count in CLASSES.items() for number in range(1, count + 1))
CONVENTIONS, OBJECTIVES = ("dimacs", "double"), ("distance", "vehicles_then_distance")
COLUMNS = ("customer", "x", "y", "demand", "ready time", "due date", "service time")


@dataclass(frozen=True)
class Solomon:
    """Solomon's instances: one, a class, or all.

    Parameters
    ----------
    instance : str
        ``R101``, a class (``C1``, ``R2``, ``RC1`` ...), or ``all``.
    convention : {"dimacs", "double"}
        How distances are rounded.
    objective : {"distance", "vehicles_then_distance"}
        What is minimised.

    Raises
    ------
    UserError
        If there is no such instance.
    """

    instance: str = "all"
    convention: Literal["dimacs", "double"] = "dimacs"
    objective: Literal["distance", "vehicles_then_distance"] = "distance"

    def __post_init__(self) -> None:
        if self.instance not in ("all", *CLASSES, *NAMES):
            raise UserError(
                f"Unknown instance data.instance={self.instance}: {nearest(str(self.instance), ('all', *CLASSES, *NAMES))}."
            )

        for key, allowed in (("convention", CONVENTIONS), ("objective", OBJECTIVES)):
            if getattr(self, key) not in allowed:
                raise UserError(
                    f"data.{key}={getattr(self, key)} was given: {nearest(str(getattr(self, key)), allowed)}."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the chosen instances."""
        if self.instance in NAMES:
            return (self.instance,)
        return tuple(n for n in NAMES if self.instance in ("all", re.sub(r"\d\d$", "", n)))

    def read(self, seed: int) -> RoutingData:
        """Fetch and read the files; the seed changes nothing."""
        from usecases import data

        files = data.fetch("solomon", [f"{name}.txt" for name in self.names])
        hierarchical = self.objective == "vehicles_then_distance"
        instances = tuple(
            read_solomon(files[f"{name}.txt"], convention=self.convention, hierarchical=hierarchical)
            for name in self.names
        )
        found = [
            best_known.solomon(n, convention=self.convention, objective=self.objective) for n in self.names
        ]
        best = [value for value in found if value is not None]
        known = len(best) == len(found)
        return RoutingData(
            instances,
            tuple(value.cost for value in best) if known else None,
            proven=known and all(value.proven for value in best),
            description={
                "name": f"solomon {self.instance}",
                "kind": "simulated",
                "licence": "research benchmark, no explicit licence",
                "convention": convention(self.convention),
                "objective": objective(self.objective),
                "n_instances": len(instances),
                "n_orders": sum(instance.n_orders for instance in instances),
            },
            best_known_vehicles=tuple(int(value.vehicles or 0) for value in best)
            if known and hierarchical
            else None,
        )


def read_solomon(path: Path, *, convention: str = "dimacs", hierarchical: bool = False) -> Instance:
    r"""Read a file in Solomon's form, of any size.

    Parameters
    ----------
    path : Path
        The text file: name, vehicles, capacity, one line for each customer with the depot first.
    convention : {"dimacs", "double"}
        How distances are rounded; durations are the distances.
    hierarchical : bool
        Vehicles first, then distance.

    Returns
    -------
    Instance

    Raises
    ------
    UserError
        If the file is no such file, is cut off, or holds impossible numbers: with the line or the order.

    Examples
    --------
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.txt"
    ...     head = "small\nVEHICLE\nNUMBER CAPACITY\n 3 10\nCUSTOMER\nCUST NO. XCOORD. YCOORD. DEMAND READY DUE SERVICE\n"
    ...     _ = path.write_text(head + "0 0 0 0 0 90 0\n1 3 4 2 10 20 5\n", encoding="utf-8")
    ...     read_solomon(path).travel[0].durations[0, 1].item()
    5.0
    """
    if convention not in CONVENTIONS:
        raise UserError(f"convention={convention} was given: {nearest(str(convention), CONVENTIONS)}.")
    name, count, capacity, rows = _parse(Path(path))
    refuse_a_table(len(rows), path)
    number, x, y, demand, opens, closes, service = rows.T
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    if convention == "dimacs":
        distance = np.floor(10 * distance + 1e-9) / 10
    n = len(rows)
    names = [f"{value:g}" for value in number]
    instance = Instance(
        name=name,
        places=Places(tuple(names), x, y),
        travel=(Table(distance, distance),),
        orders=Orders.from_depot(
            names[1:], np.arange(1, n), opens[1:], closes[1:], service[1:], demand[1:, None]
        ),
        vehicles=(
            VehicleType("vehicle", int(count), (capacity,), opens=float(opens[0]), closes=float(closes[0])),
        ),
        convention=DIMACS if convention == "dimacs" else DOUBLE,
        objective="vehicles_then_distance" if hierarchical else "cost",
    )
    validate(instance, source=str(path))
    return instance


def write_solomon(path: Path, instance: Instance) -> None:
    """Write an instance whose distances are those of the plane; `read_solomon` gives it back.

    Parameters
    ----------
    path : Path
        The file to write.
    instance : Instance
        What Solomon's form can say: one type of vehicle with one depot, one dimension of size, no pickups, hard windows,
        coordinates in the plane, cost equal to distance equal to duration, each the distance of the coordinates, either
        exact or cut to tenths.

    Raises
    ------
    UserError
        If the instance has what the form cannot say.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> write_solomon(Path("tiny.txt"), tiny())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: tiny has several types of vehicles, which Solomon's form cannot say; ...
    """
    from delivery_optimization.data.vrplib_files import plain, sayable

    vehicle, orders = sayable(instance, form="Solomon's form"), instance.orders
    places = np.concatenate([[vehicle.start], orders.place]).astype(int)
    x, y = instance.places.x[places], instance.places.y[places]
    table = instance.travel[vehicle.travel].table(places)[0]
    exact = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    if not any(np.allclose(table, d, rtol=0, atol=1e-6) for d in (exact, np.floor(10 * exact + 1e-9) / 10)):
        raise UserError(
            f"{instance.name} has distances that are not those of its coordinates, which Solomon's form cannot say: "
            "write it as VRPLIB (write_vrplib) instead."
        )
    if not np.isfinite([*vehicle.capacity, vehicle.closes, *orders.closes]).all():
        raise UserError(
            f"{instance.name} has no limit of capacity or of time, which Solomon's form cannot say: "
            "write it as VRPLIB (write_vrplib) instead."
        )
    rows = np.column_stack([
        np.arange(len(places)), x, y, [0.0, *orders.size[:, 0]], [vehicle.opens, *orders.opens], [vehicle.closes, *orders.closes],
        [0.0, *orders.service],
    ])  # fmt: skip
    lines = [
        " ".join(instance.name.split()) or "instance", "", "VEHICLE", "NUMBER     CAPACITY",
        f"{int(vehicle.number):4d} {plain(vehicle.capacity[0]):>12}", "", "CUSTOMER",
        "CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME", "",
        *(" ".join(f"{plain(float(value)):>10}" for value in row) for row in rows),
    ]  # fmt: skip
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _parse(path: Path) -> tuple[str, float, float, np.ndarray]:
    """Name, vehicles, capacity and the table of customers: shape (n_customers + 1, 7)."""
    lines = [
        (number, line.split())
        for number, line in enumerate(read_text(path, "a file in Solomon's form").splitlines(), start=1)
        if line.strip()
    ]
    heads = {cells[0].upper(): k for k, (_, cells) in enumerate(lines) if len(cells) == 1}
    if "VEHICLE" not in heads or "CUSTOMER" not in heads:
        raise UserError(
            f"{path} is not in Solomon's form: a line VEHICLE and a line CUSTOMER were expected, as in the files of "
            "'usecases data fetch solomon'."
        )
    fleet, first = heads["VEHICLE"] + 2, heads["CUSTOMER"] + 2
    line, cells = lines[fleet] if fleet < heads["CUSTOMER"] else (lines[heads["VEHICLE"]][0], [])
    if len(cells) != 2:
        raise UserError(
            f"{path}, line {line}: number of vehicles and capacity were expected below VEHICLE; {len(cells)} number(s) "
            "were found: complete that line."
        )
    count, capacity = numbers(cells, f"{path}, line {line}")
    if count != int(count):
        raise UserError(f"{path}, line {line}: {count:g} vehicles were given: give a whole number.")
    for line, cells in lines[first:]:
        if len(cells) != len(COLUMNS):
            raise UserError(
                f"{path}, line {line}: {len(cells)} columns were found, {len(COLUMNS)} were expected ({', '.join(COLUMNS)}): "
                "complete that line, the file may be cut off there."
            )
    rows = [numbers(cells, f"{path}, line {line}") for line, cells in lines[first:]]
    if not rows:
        raise UserError(
            f"{path} ends before its first customer: the depot's line and one for each customer were expected."
        )
    return " ".join(lines[0][1]), count, capacity, np.array(rows)

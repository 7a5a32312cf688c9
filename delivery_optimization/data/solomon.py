"""Solomon's 56 instances of the vehicle routing problem with time windows (100 customers, artificial).

Source: M. M. Solomon, "Algorithms for the Vehicle Routing and Scheduling Problems with Time Window Constraints",
*Operations Research* 35(2), 1987. Larger files of the same form (Gehring & Homberger) are read by `read_solomon`.

Two conventions, two objectives, four different problems: ``dimacs`` truncates distances to one decimal (DIMACS challenge,
CVRPLIB), ``double`` does not round (SINTEF); total distance, or vehicles first and then distance.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.instance import DIMACS, DOUBLE, Instance, Orders, Places, Table, VehicleType
from usecases.errors import UserError, nearest

CLASSES = {"C1": 9, "C2": 8, "R1": 12, "R2": 11, "RC1": 8, "RC2": 8}
NAMES = tuple(f"{kind}{number:02d}" for kind, count in CLASSES.items() for number in range(1, count + 1))


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

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the chosen instances."""
        if self.instance in NAMES:
            return (self.instance,)
        return tuple(n for n in NAMES if self.instance in ("all", re.sub(r"\d\d$", "", n)))

    def read(self, seed: int) -> RoutingData:
        """Fetch and read the files; the seed changes nothing."""
        from usecases import data

        files = data.fetch("solomon", [*(f"{name}.txt" for name in self.names), "best_known.csv"])
        hierarchical = self.objective == "vehicles_then_distance"
        instances = tuple(
            read_solomon(files[f"{name}.txt"], convention=self.convention, hierarchical=hierarchical)
            for name in self.names
        )
        with files["best_known.csv"].open(encoding="utf-8", newline="") as file:
            best = {row["instance"]: row for row in csv.DictReader(file)}
        # the table holds proven optima for truncated distances only; the other conventions have no verified reference
        known = self.convention == "dimacs" and not hierarchical
        return RoutingData(
            instances,
            tuple(float(best[name]["dimacs_cost"]) for name in self.names) if known else None,
            proven=known,
            description={
                "name": f"solomon {self.instance}",
                "kind": "simulated",
                "licence": "research benchmark, no explicit licence",
                "convention": self.convention,
                "objective": self.objective,
                "instances": len(instances),
            },
        )


def read_solomon(path: Path, *, convention: str = "dimacs", hierarchical: bool = False) -> Instance:
    """Read a file in Solomon's form, of any size.

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
    """
    lines = [line.split() for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    name = lines[0][0]
    numbers = [[float(cell) for cell in line] for line in lines if all(_is_number(cell) for cell in line)]
    (count, capacity), customers = numbers[0], np.array(numbers[1:])
    _, x, y, demand, opens, closes, service = customers.T
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    if convention == "dimacs":
        distance = np.floor(10 * distance + 1e-9) / 10
    n = len(customers)
    names = [str(int(number)) for number in customers[:, 0]]
    return Instance(
        name=name,
        places=Places(tuple(names), x, y),
        travel=(Table(distance, distance),),
        orders=Orders.from_depot(
            names[1:], np.arange(1, n), opens[1:], closes[1:], service[1:], demand[1:, None]
        ),
        vehicles=(
            VehicleType("vehicle", int(count), (capacity,), opens=opens[0], closes=closes[0]),
        ),
        convention=DIMACS if convention == "dimacs" else DOUBLE,
        objective="vehicles_then_distance" if hierarchical else "cost",
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

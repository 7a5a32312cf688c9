"""Places, durations and prices of a VROOM problem, from its matrices or its coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from delivery_optimization.data.vroom_fields import number, only, square
from delivery_optimization.instance import Crow, Table, Travel
from usecases.errors import UserError

SPEED = {"car": 30 / 3.6, "bike": 15 / 3.6, "foot": 5 / 3.6}  # m/s, assumed, where there are coordinates only
ANYWHERE = "anywhere"  # place of an open end: VROOM's vehicles may lack a start or an end


class VroomPlaces:
    """Places in the order of the matrices, or of first appearance where there are only coordinates.

    Parameters
    ----------
    problem : mapping
        The VROOM problem.
    open_ended : bool
        Whether a vehicle lacks its start or its end: there is then a place without any distance, after all others.

    Examples
    --------
    >>> book = VroomPlaces({"matrices": {"car": {"durations": [[0, 60], [70, 0]]}}}, open_ended=False)
    >>> book.place({"location_index": 1}, "job 1"), book.price("car", 1.0, 3600.0, 0.0)
    (1, 1.0)
    """

    def __init__(self, problem: Mapping[str, Any], open_ended: bool) -> None:
        matrices = problem.get("matrices") or (
            {"car": {"durations": problem["matrix"]}} if "matrix" in problem else {}
        )
        if not isinstance(matrices, Mapping):
            raise UserError(
                f'matrices is {str(matrices)[:40]!r}: an object with one profile each was expected, {{"car": {{"durations": [[0]]}}}}.'
            )
        self.matrices = {}
        for profile, given in matrices.items():
            only(given, "matrix", f"the matrix of profile {profile}")
            if "durations" not in given:
                raise UserError(f"the matrices of profile {profile} have no durations: give them.")
            self.matrices[profile] = {
                key: square(value, f"{key} of profile {profile}") for key, value in given.items()
            }
        sizes = {len(array) for given in self.matrices.values() for array in given.values()}
        if len(sizes) > 1:
            raise UserError(f"the matrices have {sorted(sizes)} rows: give matrices of one size.")
        self.given = max(sizes, default=0)
        self.names = [str(k) for k in range(self.given)]
        self.x, self.y = [np.nan] * self.given, [np.nan] * self.given
        self.anywhere = self.given if open_ended and self.matrices else None
        if self.anywhere is not None:
            self.names.append(ANYWHERE)
            self.x.append(np.nan)
            self.y.append(np.nan)
        self.found: dict[tuple[float, float], int] = {}

    @property
    def geographic(self) -> bool:
        """Whether all known coordinates can be degrees."""
        known = np.isfinite(self.x)
        return bool(
            known.any()
            and (np.abs(np.array(self.x)[known]) <= 180).all()
            and (np.abs(np.array(self.y)[known]) <= 90).all()
        )

    def place(self, item: Mapping[str, Any], what: str, prefix: str = "location") -> int:
        """Number of the place of a task (``location``) or of a vehicle's ``start`` or ``end``."""
        point, index = item.get(prefix), item.get(f"{prefix}_index")
        if point is not None:
            wrong = not isinstance(point, list) or len(point) != 2
            x, y = (np.nan, np.nan) if wrong else (number(value, f"{prefix} of {what}") for value in point)
            if wrong:
                raise UserError(f"{prefix} of {what} is {point!r}: [longitude, latitude] was expected.")
        if self.matrices:
            if not isinstance(index, int) or not 0 <= index < self.given:
                raise UserError(
                    f"{what} has {prefix}_index {index!r}: a row of the matrices (0 to {self.given - 1}) was expected."
                )
            if point is not None:
                self.x[index], self.y[index] = x, y
            return index
        if point is None:
            raise UserError(
                f"{what} has no {prefix}: give [longitude, latitude], or matrices and {prefix}_index."
            )
        if (x, y) not in self.found:
            self.found[x, y] = len(self.names)
            self.names.append(f"{x:g},{y:g}")
            self.x.append(x)
            self.y.append(y)
        return self.found[x, y]

    def travel(self, profile: str, factor: float, per_hour: float, per_km: float) -> Travel:
        """Durations in seconds; distances are what the cost is counted in, see the head of this file."""
        if not self.matrices:
            return Crow(np.array(self.y), np.array(self.x), SPEED[profile] * factor)
        given = self.matrices[profile]
        durations = given["durations"] if factor == 1 else np.rint(given["durations"] / factor)
        if "costs" in given:
            paid = given["costs"]
        elif per_km and "distances" not in given:
            raise UserError(f"a vehicle pays per_km, but profile {profile} has no distances: give them.")
        elif per_km and per_hour:
            paid = durations * per_hour / 3600 + given["distances"] * per_km / 1000
        else:
            paid = given["distances"] if per_km else durations
        if self.anywhere is not None:  # nothing to drive to or from an open end
            durations, paid = np.pad(durations, (0, 1)), np.pad(paid, (0, 1))
        return Table(durations, paid)

    def price(self, profile: str, factor: float, per_hour: float, per_km: float) -> float:
        """Cost of a unit of what `travel` calls distance."""
        if not self.matrices:
            return per_hour / 3600 / (SPEED[profile] * factor) + per_km / 1000
        if "costs" in self.matrices[profile] or (per_km and per_hour):
            return 1.0
        return per_km / 1000 if per_km else per_hour / 3600

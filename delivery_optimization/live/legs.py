"""Travel of a mixed fleet, looked up for many legs at once."""

from __future__ import annotations

import numpy as np

from delivery_optimization.instance import Instance, Table

Array = np.ndarray


class Legs:
    """Durations and distances by kind of vehicle.

    Parameters
    ----------
    instance : Instance
        Its `travel` is used; tables are laid out so that one lookup serves vehicles of all kinds.
    """

    def __init__(self, instance: Instance) -> None:
        self.travel = instance.travel
        self._tables: tuple[Array, Array] | None = None
        tables = [travel for travel in instance.travel if isinstance(travel, Table)]
        if len(tables) == len(instance.travel):
            self._n = len(tables[0].durations)
            self._tables = (_flat([t.durations for t in tables]), _flat([t.distances for t in tables]))

    def pairs(self, kind: Array, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations and distances of single legs.

        Parameters
        ----------
        kind : ndarray of int, shape (n,)
            `VehicleType.travel` of the vehicle that drives each leg.
        origins, destinations : int or ndarray of int, shape (n,)
            Places.

        Returns
        -------
        durations, distances : ndarray of float, shape (n,)
        """
        if self._tables is not None:
            index = (kind * self._n + origins) * self._n + destinations
            return self._tables[0].take(index), self._tables[1].take(index)
        kind, origins, destinations = np.broadcast_arrays(kind, origins, destinations)
        durations, distances = np.empty(len(kind)), np.empty(len(kind))
        for number, travel in enumerate(self.travel):
            mine = kind == number
            if mine.any():
                durations[mine], distances[mine] = travel.pairs(origins[mine], destinations[mine])
        return durations, distances


def _flat(tables: list[Array]) -> Array:
    """All tables in one row; a single one is not copied."""
    if len(tables) == 1:
        return np.ascontiguousarray(tables[0], dtype=float).reshape(-1)
    return np.stack(tables).astype(float).reshape(-1)

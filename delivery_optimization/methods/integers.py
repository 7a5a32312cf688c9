"""Instances in whole numbers, for solvers that count in nothing else: on the safe side, so that a plan stays valid in real ones.

Durations and sizes are rounded up, closing times and capacities down; distances to the nearest, since the cost of a plan is
always computed anew in the instance's own numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import UNREACHABLE, Instance
from usecases.errors import UserError

Array = np.ndarray
RESOLUTION = 1000  # of the smallest cost coefficient, where costs are not plain distances
MOST_PLACES = 5000  # that whole tables are made of: some GB with the solver's own copies
ALMOST = 1e-6  # how far above a whole number still counts as that number (0.1 + 0.2)


@dataclass(frozen=True)
class WholeCosts:
    """Cost coefficients in whole numbers.

    Parameters
    ----------
    scale : float
        A solver's cost over the instance's.
    distance, duration, fixed : list of int
        One for each vehicle type: of a unit of scaled distance, of a unit of scaled time, of using one.
    """

    scale: float
    distance: list[int]
    duration: list[int]
    fixed: list[int]


def refuse_many(n_places: int, method: str) -> None:
    """Say that an instance is too large for whole tables, before they fill the memory.

    Parameters
    ----------
    n_places : int
        Rows of the table.
    method : str
        Who needs it.

    Raises
    ------
    UserError
        If there are more than `MOST_PLACES`.

    Examples
    --------
    >>> refuse_many(5000, "pyvrp")
    """
    if n_places > MOST_PLACES:
        raise UserError(
            f"this instance has {n_places} places, method={method} makes whole tables of up to {MOST_PLACES}: "
            "use method=sectors, or method=nearest for a first plan"
        )


def whole_costs(instance: Instance, longest: float) -> WholeCosts:
    """Translate the costs: plain distances stay exact, money is counted in small enough coins.

    Parameters
    ----------
    instance : Instance
        Where vehicles come first, one of them weighs more than all legs that a plan can have.
    longest : float
        The longest leg of the instance that exists (in its own unit).

    Returns
    -------
    WholeCosts

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> whole_costs(tiny(), 8.0).fixed
    [20000, 4000]
    """
    scale, fleet = instance.convention.scale, instance.vehicles
    if instance.objective == "vehicles_then_distance":
        heavy = int(np.ceil(longest * scale)) * (instance.n_stops + 2)
        return WholeCosts(float(scale), [1] * len(fleet), [0] * len(fleet), [heavy] * len(fleet))
    late, penalty = instance.orders.late_cost, instance.orders.penalty
    units = [value for v in fleet for value in (v.cost_per_distance, v.cost_per_duration) if value > 0]
    units += [float(value) for value in np.unique(late[np.isfinite(late) & (late > 0)])]
    sums = [float(value) for value in np.unique(penalty[np.isfinite(penalty)])]
    whole = all(float(value).is_integer() for value in (*units, *sums))
    coins = 1.0 if whole else RESOLUTION / min(units, default=1.0)
    return WholeCosts(
        coins * scale,
        [round(v.cost_per_distance * coins) for v in fleet],
        [round(v.cost_per_duration * coins) for v in fleet],
        [round(v.fixed_cost * coins * scale) for v in fleet],
    )


def whole_sizes(instance: Instance) -> tuple[list[list[int]], list[list[int]]]:
    """Sizes rounded up and capacities rounded down, in thousandths unless all are whole.

    Parameters
    ----------
    instance : Instance
        Capacities may be infinite.

    Returns
    -------
    sizes : list of list of int
        One list for each order, one number for each dimension.
    capacities : list of list of int
        One list for each vehicle type.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> whole_sizes(tiny())
    ([[1], [1], [2], [1]], [[5], [2]])
    """
    size = instance.orders.size
    capacity = np.array([vehicle.capacity for vehicle in instance.vehicles], dtype=float).reshape(
        -1, size.shape[1]
    )
    finite = capacity[np.isfinite(capacity)]
    scale = 1 if np.all(size == np.round(size)) and np.all(finite == np.round(finite)) else 1000
    most = np.ceil(size.sum() * scale) + 1  # as good as infinite
    room = np.minimum(np.floor(np.where(np.isfinite(capacity), capacity, most) * scale + ALMOST), most)
    return np.ceil(size * scale - ALMOST).astype(int).tolist(), room.astype(int).tolist()


def rounded_up(values: Array | float, scale: int) -> Array:
    """Scale durations and opening times and round them up.

    Examples
    --------
    >>> rounded_up(np.array([1.2, 1.23]), 10).tolist()
    [12, 13]
    """
    return np.ceil(np.asarray(values, dtype=float) * scale - ALMOST).astype(np.int64)


def rounded_down(values: Array | float, scale: int, forever: int) -> Array:
    """Scale closing times and round them down; an infinite one becomes `forever`.

    Examples
    --------
    >>> rounded_down(np.array([1.27, np.inf]), 10, 999).tolist()
    [12, 999]
    """
    values = np.asarray(values, dtype=float)
    known = np.isfinite(values)
    whole = np.floor(np.where(known, values, 0) * scale + ALMOST).astype(np.int64)
    return np.where(known, whole, forever)  # not through floats, which cannot hold `forever`


def longest_leg(distances: Sequence[Array]) -> float:
    """Longest leg that exists, in the numbers of the tables.

    Examples
    --------
    >>> longest_leg([np.array([[0, 5], [UNREACHABLE, 0]])])
    5.0
    """
    return float(max((table[table < UNREACHABLE].max(initial=0) for table in distances), default=0))

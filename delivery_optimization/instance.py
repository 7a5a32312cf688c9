"""What has to be delivered: one immutable `Instance`, whatever it was read from.

Orders come first. Order ``i`` has a delivery; it may have a pickup of its own (a shop), otherwise its goods are on board
when the vehicle leaves its depot. A stop is an integer, so that plans and arrays stay plain::

    stop i                delivery of order i                       0 <= i < n_orders
    stop n_orders + i     pickup of order i, if it has one

Times count from the start of the day in `Instance.time_unit`; a vehicle that comes early waits, service must begin inside
the window. Numbers are kept as they were given; `Convention` says how travel was rounded, since two conventions give two
different problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

Array = np.ndarray
ORDER_ARRAYS = (
    "place", "opens", "closes", "service", "size", "pickup_place", "pickup_opens", "pickup_closes", "pickup_service",
    "penalty", "late_cost",
)  # fmt: skip
FROM_DEPOT = -1  # `Orders.pickup_place` of an order that is on board when the vehicle leaves its depot
# duration and distance of a leg that does not exist: longer than any shift, and no infinity in sums
UNREACHABLE = 1e7


def _fixed(array: Any) -> Array:
    """Make an array read-only; a view of somebody else's array is copied first, a whole array is taken as it is."""
    array = np.asarray(array)
    if array.flags.writeable:
        array = array if array.flags.owndata else array.copy()
        array.flags.writeable = False
    return array


class _Immutable:
    """Arrays of a dataclass cannot be written to once it is made, nor after it was sent to another process."""

    def __post_init__(self) -> None:
        """Fix all arrays."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                object.__setattr__(self, name, _fixed(value))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Fix them again in a worker: pickled arrays come back writable."""
        for name, value in state.items():
            object.__setattr__(self, name, _fixed(value) if isinstance(value, np.ndarray) else value)


class Travel(Protocol):
    """Durations and distances between places, from a table or computed when asked for."""

    def pairs(self, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations and distances of single legs; all arrays have one shape."""
        ...

    def table(self, places: Array) -> tuple[Array, Array]:
        """Durations and distances among some places: two arrays of shape (n, n)."""
        ...


@dataclass(frozen=True, eq=False)
class Table(_Immutable):
    """Travel given as a matrix.

    Parameters
    ----------
    durations : ndarray of shape (n_places, n_places)
        Need not be symmetric.
    distances : ndarray of shape (n_places, n_places)
        May be the durations themselves, where the objective is driving time.

    Examples
    --------
    >>> travel = Table(np.array([[0, 5], [6, 0]]), np.array([[0, 50], [60, 0]]))
    >>> travel.pairs(np.array([0, 1]), np.array([1, 0]))[0].tolist()
    [5, 6]
    """

    durations: Array
    distances: Array

    def pairs(self, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations and distances of single legs."""
        return self.durations[origins, destinations], self.distances[origins, destinations]

    def table(self, places: Array) -> tuple[Array, Array]:
        """Durations and distances among some places."""
        chosen = np.ix_(places, places)
        return self.durations[chosen], self.distances[chosen]


@dataclass(frozen=True, eq=False)
class Crow(_Immutable):
    """Travel as the crow flies times a detour factor, computed when asked for: no table, whatever the number of places.

    Parameters
    ----------
    latitude, longitude : ndarray of shape (n_places,)
        Degrees (WGS 84).
    speed : float
        Mean driving speed (m/s).
    detour : float
        Road distance over great-circle distance.

    References
    ----------
    R. W. Sinnott, "Virtues of the haversine", *Sky and Telescope* 68(2), 1984.

    Examples
    --------
    >>> lille_paris = Crow(np.array([50.63, 48.86]), np.array([3.06, 2.35]), speed=25.0, detour=1.0)
    >>> int(lille_paris.pairs(np.array([0]), np.array([1]))[1][0] / 1000)
    203
    """

    latitude: Array
    longitude: Array
    speed: float
    detour: float = 1.3

    def pairs(self, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations (s, whole) and distances (m, whole) of single legs."""
        lat, lon = np.radians(self.latitude), np.radians(self.longitude)
        half_lat = (lat[destinations] - lat[origins]) / 2
        half_lon = (lon[destinations] - lon[origins]) / 2
        chord = (
            np.sin(half_lat) ** 2 + np.cos(lat[origins]) * np.cos(lat[destinations]) * np.sin(half_lon) ** 2
        )
        distance = 2 * 6_371_000 * np.arcsin(np.sqrt(np.clip(chord, 0, 1))) * self.detour
        return np.ceil(distance / self.speed), np.round(distance)

    def table(self, places: Array) -> tuple[Array, Array]:
        """Durations and distances among some places."""
        places = np.asarray(places)
        return self.pairs(places[:, None], places[None, :])


@dataclass(frozen=True)
class Convention:
    """How travel was rounded: results of two conventions are never compared.

    Parameters
    ----------
    name : str
        ``dimacs`` (truncated to one decimal), ``double`` (not rounded), ``integer`` (whole numbers).
    scale : int
        What solvers that only count in integers multiply times and distances by.
    exact : bool
        True when ``scale`` times any number of the instance is an integer; otherwise solvers round durations up, so that
        what they call on time is on time.

    Examples
    --------
    >>> Convention("dimacs", scale=10).exact
    True
    """

    name: str = "integer"
    scale: int = 1
    exact: bool = True


DIMACS = Convention("dimacs", scale=10)
DOUBLE = Convention("double", scale=10_000, exact=False)
INTEGER = Convention("integer")


@dataclass(frozen=True, eq=False)
class Places(_Immutable):
    """Where things are.

    Parameters
    ----------
    names : tuple of str
        One for each place.
    x, y : ndarray of shape (n_places,)
        Longitude and latitude (degrees) when `geographic`, else plane coordinates; NaN where unknown.
    geographic : bool
        Whether `x` and `y` are degrees.
    """

    names: tuple[str, ...]
    x: Array
    y: Array
    geographic: bool = False


@dataclass(frozen=True, eq=False)
class Orders(_Immutable):
    """Orders as arrays of length n_orders.

    Parameters
    ----------
    names : tuple of str
        Unique.
    place : ndarray of int
        Place of the delivery.
    opens, closes, service : ndarray of float
        Window in which the delivery must begin, and how long it takes.
    size : ndarray of float, shape (n_orders, n_dimensions)
        What it takes of a vehicle's capacity.
    pickup_place : ndarray of int
        Place of the pickup, `FROM_DEPOT` where there is none.
    pickup_opens, pickup_closes, pickup_service : ndarray of float
        The same for the pickup; not used where there is none.
    penalty : ndarray of float
        Cost of not serving the order; infinite where it must be served.
    late_cost : ndarray of float
        Cost of a unit of time after `closes`; infinite for a hard window.
    product : tuple of str
        What was promised (``two-hour``, ``one-hour``); empty when there is only one product.
    """

    names: tuple[str, ...]
    place: Array
    opens: Array
    closes: Array
    service: Array
    size: Array
    pickup_place: Array
    pickup_opens: Array
    pickup_closes: Array
    pickup_service: Array
    penalty: Array
    late_cost: Array
    product: tuple[str, ...] = ()

    @classmethod
    def from_depot(
        cls,
        names: Sequence[str],
        place: Any,
        opens: Any,
        closes: Any,
        service: Any,
        size: Any,
        *,
        penalty: float = np.inf,
    ) -> Orders:
        """Make orders without a pickup: all is on board when a vehicle leaves.

        Examples
        --------
        >>> Orders.from_depot(["a"], [1], [0], [10], [2], [[3]]).pickup_place.tolist()
        [-1]
        """
        n = len(names)
        zero, never = np.zeros(n), np.full(n, np.inf)
        sizes = np.asarray(size, dtype=float)
        n_dimensions = sizes.shape[1] if sizes.ndim == 2 else max(sizes.size // max(n, 1), 1)
        return cls(
            tuple(names),
            np.asarray(place, dtype=int),
            np.asarray(opens, dtype=float),
            np.asarray(closes, dtype=float),
            np.asarray(service, dtype=float),
            sizes.reshape(n, n_dimensions),
            np.full(n, FROM_DEPOT),
            zero,
            never,
            zero,
            np.full(n, float(penalty)),
            never,
        )

    def take(self, chosen: Array) -> Orders:
        """Keep some of the orders, by number, in the order given."""
        chosen = np.asarray(chosen, dtype=int)
        arrays = {name: getattr(self, name)[chosen] for name in ORDER_ARRAYS}
        names = tuple(self.names[i] for i in chosen)
        product = tuple(self.product[i] for i in chosen) if self.product else ()
        return Orders(names=names, product=product, **arrays)


@dataclass(frozen=True)
class Break:
    """A pause of a courier: `duration` long, to begin from `opens` to `closes`, between two stops."""

    opens: float
    closes: float
    duration: float


@dataclass(frozen=True)
class VehicleType:
    """Vehicles (and their couriers) that are alike.

    Parameters
    ----------
    name : str
        For people.
    number : int
        How many there are.
    capacity : tuple of float
        One for each dimension of `Orders.size`.
    start, end : int
        Places where the shift begins and ends.
    opens, closes : float
        Shift: no departure before, no return after.
    fixed_cost : float
        Cost of using one of them at all.
    cost_per_distance, cost_per_duration : float
        Cost of a unit of distance driven, and of a unit of time from departure to return.
    travel : int
        Which of `Instance.travel` it drives with (vans, cargo bikes).
    breaks : tuple of Break
        Pauses that its couriers must take; a method that does not know them must refuse the instance.
    carrier : str
        Who runs it.
    """

    name: str
    number: int
    capacity: tuple[float, ...]
    start: int = 0
    end: int = 0
    opens: float = 0.0
    closes: float = np.inf
    fixed_cost: float = 0.0
    cost_per_distance: float = 1.0
    cost_per_duration: float = 0.0
    travel: int = 0
    breaks: tuple[Break, ...] = ()
    carrier: str = ""


@dataclass(frozen=True, eq=False)
class SpeedProfile(_Immutable):
    """Rush hours: travel takes longer by a factor that depends on the hour, alike on every leg.

    Parameters
    ----------
    edges : ndarray of shape (n_periods,)
        When each period begins; the first one is 0, the last one lasts for ever.
    factors : ndarray of shape (n_periods,)
        What the table's durations are multiplied by, for the part of the leg driven in that period.
    travel : tuple of int, optional
        Which of `Instance.travel` it holds for (cargo bikes know no rush hour); all of them when None.

    References
    ----------
    S. Ichoua, M. Gendreau, J.-Y. Potvin, "Vehicle dispatching with time-dependent travel times", *European Journal of
    Operational Research* 144(2), 2003: speeds by period, so that who leaves earlier arrives earlier.
    """

    edges: Array
    factors: Array
    travel: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Instance(_Immutable):
    """One problem of delivery: places, travel, orders, vehicles, and the convention of its figures.

    It cannot be changed: its arrays are read-only (an array handed over becomes so), `dataclasses.replace` and
    `restricted` make another one. `delivery_optimization.instance_checks.validate` refuses impossible numbers.

    Parameters
    ----------
    name : str
        For people and result files.
    places : Places
        All n_places of them.
    travel : tuple of Travel
        One for each kind of vehicle that drives at its own speed.
    orders : Orders
        All n_orders of them.
    vehicles : tuple of VehicleType
        The fleet.
    convention : Convention
        How travel was rounded.
    objective : {"cost", "vehicles_then_distance"}
        What is minimised; figures of the two are never mixed.
    time_unit, distance_unit, cost_unit : str
        ``s``, ``m``, ``EUR``; empty for the pure numbers of a benchmark.
    speeds : SpeedProfile, optional
        Rush hours, where the data has them: plans are made with the table, lateness is stated with these.
    day : str
        ISO date and offset of time 0 (``2026-03-29T00:00:00+01:00``), then the time zone in brackets as RFC 9557 writes it
        (``[America/New_York]``) unless it is Europe/Paris; empty when the data names no day.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> tiny().n_orders, tiny().n_stops
    (4, 8)
    """

    name: str
    places: Places
    travel: tuple[Travel, ...]
    orders: Orders
    vehicles: tuple[VehicleType, ...]
    convention: Convention = INTEGER
    objective: Literal["cost", "vehicles_then_distance"] = "cost"
    time_unit: str = ""
    distance_unit: str = ""
    cost_unit: str = ""
    speeds: SpeedProfile | None = None
    day: str = ""
    notes: tuple[Any, ...] = field(default=())

    @property
    def n_orders(self) -> int:
        """Number of orders."""
        return len(self.orders.names)

    @property
    def n_stops(self) -> int:
        """Twice the number of orders: stop ``n_orders + i`` exists only where order i has a pickup."""
        return 2 * self.n_orders

    @cached_property
    def has_pickup(self) -> Array:
        """Which orders are picked up on the way: bool of shape (n_orders,)."""
        return _fixed(self.orders.pickup_place != FROM_DEPOT)

    @cached_property
    def stop_place(self) -> Array:
        """Place of each stop: int of shape (n_stops,); `FROM_DEPOT` where there is no such stop."""
        return _fixed(np.concatenate([self.orders.place, self.orders.pickup_place]))

    @cached_property
    def stop_opens(self) -> Array:
        """Earliest begin of each stop: shape (n_stops,)."""
        return _fixed(np.concatenate([self.orders.opens, self.orders.pickup_opens]))

    @cached_property
    def stop_closes(self) -> Array:
        """Latest begin of each stop: shape (n_stops,)."""
        return _fixed(np.concatenate([self.orders.closes, self.orders.pickup_closes]))

    @cached_property
    def stop_service(self) -> Array:
        """Time that each stop takes: shape (n_stops,)."""
        return _fixed(np.concatenate([self.orders.service, self.orders.pickup_service]))

    def restricted(self, chosen: Array, name: str = "") -> Instance:
        """Keep some orders only (a sector, an epoch); places and travel stay as they are.

        Parameters
        ----------
        chosen : array_like of int
            Numbers of the orders to keep; order k of the result is ``chosen[k]``.
        name : str
            Name of the result.

        Returns
        -------
        Instance
        """
        return replace(self, orders=self.orders.take(np.asarray(chosen)), name=name or self.name)

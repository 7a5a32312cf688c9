"""Travel in the built-in city, computed when asked for: no table, whatever the number of places.

A leg is driven in the streets of its two zones, at their paces, up to a certain length; the rest on main roads. One-way
streets lengthen each direction by another amount, drawn from the two places themselves: the same pair has the same
distance in every instance, whatever else is in it, and A to B differs from B to A.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from delivery_optimization.data.city_geography import EAST, KINDS, METRES_PER_DEGREE, Spots
from delivery_optimization.instance import Table, Travel

Array = np.ndarray
VAN, BIKE = 0, 1  # numbers in `Instance.travel`
TABLE_UP_TO = 1200  # places: two tables of this size take 46 MB
_STEP = 1e5  # places are known to a hundred-thousandth of a degree


@dataclass(frozen=True, eq=False)
class Streets:
    """Asymmetric travel between points, as a function.

    Parameters
    ----------
    latitude, longitude : ndarray of shape (n_places,)
        Degrees (WGS 84).
    pace : ndarray of shape (n_places,)
        Seconds per metre in the streets around each place.
    pace_far : float
        Seconds per metre on main roads.
    near : float
        Metres of a leg that are driven in streets.
    detour : float
        Road distance over straight distance.
    one_way : float
        Metres that one-way streets add at most on a straight kilometre; more with the square root of the distance.

    Examples
    --------
    >>> way = Streets(np.array([50.63, 50.65]), np.array([3.06, 3.06]), np.full(2, 0.2), 0.1, 3000, 1.3, 500)
    >>> there, back = (way.pairs(np.array([a]), np.array([1 - a]))[1].item() for a in (0, 1))
    >>> there != back, 2800 < there < 3600
    (True, True)
    """

    latitude: Array
    longitude: Array
    pace: Array
    pace_far: float
    near: float
    detour: float
    one_way: float
    key: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make a number of each place that depends on nothing but where it is."""
        place = np.rint((self.latitude + 90) * _STEP).astype(np.uint64) << np.uint64(32)
        place |= np.rint((self.longitude + 180) * _STEP).astype(np.uint64)
        object.__setattr__(self, "key", _mix(place))

    def pairs(self, origins: Array, destinations: Array) -> tuple[Array, Array]:
        """Durations (s, whole) and distances (m, whole) of single legs."""
        north = METRES_PER_DEGREE * (self.latitude[destinations] - self.latitude[origins])
        east = EAST * (self.longitude[destinations] - self.longitude[origins])
        road = self.detour * np.sqrt(north * north + east * east)
        draw = _mix(self.key[origins] ^ (self.key[destinations] * np.uint64(0x9E3779B97F4A7C15)))
        share = (draw >> np.uint64(11)).astype(float) / 2.0**53
        distance = road + share * np.minimum(self.one_way * np.sqrt(road / 1000), road / 2)
        slow = np.minimum(distance, self.near)
        duration = (
            slow * (self.pace[origins] + self.pace[destinations]) / 2 + (distance - slow) * self.pace_far
        )
        return np.ceil(duration), np.round(distance)

    def table(self, places: Array) -> tuple[Array, Array]:
        """Durations and distances among some places."""
        places = np.asarray(places)
        return self.pairs(places[:, None], places[None, :])


def city_travel(p: SimpleNamespace, spots: Spots, congestion: float) -> tuple[Travel, Travel]:
    """Travel of vans and of cargo bikes.

    Parameters
    ----------
    p : SimpleNamespace
        See `city_parameters.load_parameters`.
    spots : Spots
        Places.
    congestion : float
        What the vans' free-flow durations are multiplied by.

    Returns
    -------
    tuple of Travel
        Vans, bikes: as tables up to `TABLE_UP_TO` places, else as a function.

    Examples
    --------
    >>> from delivery_optimization.data.city_parameters import load_parameters
    >>> spots = Spots(np.array([50.63, 50.64]), np.array([3.06, 3.07]), np.array([0, 0]))
    >>> van, bike = city_travel(load_parameters(), spots, 1.2)
    >>> van.durations.shape
    (2, 2)
    """
    of_kind = [p.travel.van_pace_centre, p.travel.van_pace_inner, p.travel.van_pace_outer]
    kind = np.array([KINDS.index(zone.kind) for zone in p.zones])[spots.zone]
    t = p.travel
    van = Streets(
        spots.latitude,
        spots.longitude,
        congestion * np.array(of_kind)[kind] / 1000,
        congestion * min(t.van_pace_far, *of_kind) / 1000,
        t.van_near,
        t.van_detour,
        t.van_one_way,
    )
    bike_pace = np.full(len(spots.zone), t.bike_pace / 1000)
    bike = Streets(
        spots.latitude,
        spots.longitude,
        bike_pace,
        t.bike_pace / 1000,
        t.van_near,
        t.bike_detour,
        t.bike_one_way,
    )
    if len(spots.zone) > TABLE_UP_TO:
        return van, bike
    everywhere = np.arange(len(spots.zone))
    return Table(*van.table(everywhere)), Table(*bike.table(everywhere))


def _mix(number: Array) -> Array:
    """Scramble 64-bit numbers (finaliser of SplitMix64, Steele, Lea, Flood, OOPSLA 2014)."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))

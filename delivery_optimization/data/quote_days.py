"""Days on which orders arrive one by one, from any source of instances: public ones, the city, a user's own.

Public instances hold no purchase times and no wishes: orders arrive in random order before the shift begins, the slots are
twelfths of the longest shift, and a customer's wishes are the slot in the middle of the given window, then its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization.data.describe import ARRIVALS, both
from delivery_optimization.data.routing_data import fingerprint
from delivery_optimization.instance import Instance
from delivery_optimization.live.environment import QuoteDay
from delivery_optimization.live.requests import request_of
from usecases.errors import UserError
from usecases.simulation import stream

N_SLOTS = 12


@dataclass(frozen=True, eq=False)
class QuoteData:
    """Days of one source.

    Parameters
    ----------
    days : tuple of QuoteDay
        With the requests to come: truth.
    fingerprint : str
        Sha256 of the instances, arrivals and wishes.
    description : dict
        For people.
    """

    days: tuple[QuoteDay, ...]
    fingerprint: str
    description: dict[str, Any]


def slots_of(instance: Instance, n_slots: int = N_SLOTS) -> np.ndarray:
    """Cut the time between the first and the last moment of all shifts into equal slots.

    Parameters
    ----------
    instance : Instance
        Its fleet is looked at.
    n_slots : int
        How many.

    Returns
    -------
    ndarray of shape (n_slots, 2)

    Raises
    ------
    UserError
        If a shift never ends.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> slots_of(tiny(), 3).tolist()
    [[0.0, 40.0], [40.0, 80.0], [80.0, 120.0]]
    """
    opens = min(vehicle.opens for vehicle in instance.vehicles)
    closes = max(vehicle.closes for vehicle in instance.vehicles)
    if not np.isfinite(closes - opens):
        raise UserError(
            f"{instance.name} has a shift without an end: give each vehicle the time at which its shift ends"
        )
    edges = np.linspace(opens, closes, n_slots + 1)
    return np.stack([edges[:-1], edges[1:]], axis=1)


def quote_day(
    instance: Instance,
    rng: np.random.Generator,
    *,
    n_orders: int,
    purchase: np.ndarray | None = None,
    n_slots: int = N_SLOTS,
) -> QuoteDay:
    """Turn an instance into a day of requests.

    Parameters
    ----------
    instance : Instance
        With all orders of the day.
    rng : numpy.random.Generator
        Which orders come, in which order, and what customers wish.
    n_orders : int
        Orders that come, at most.
    purchase : ndarray of shape (instance.n_orders,), optional
        When each order is bought; by default all before the first shift, in random order.
    n_slots : int
        Slots that are quoted.

    Returns
    -------
    QuoteDay

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> day = quote_day(tiny(), np.random.default_rng(0), n_orders=3)
    >>> len(day.requests), day.fleet.n_orders, len(day.wishes[0])
    (3, 0, 3)
    """
    slots, n = slots_of(instance, n_slots), instance.n_orders
    coming = rng.permutation(n)[:n_orders]
    side = rng.random(n) < 0.5
    if purchase is not None:
        coming = coming[np.argsort(purchase[coming], kind="stable")]
    begin = slots[0, 0]
    when = np.full(len(coming), begin) if purchase is None else np.maximum(purchase[coming], begin)
    requests = [request_of(instance, int(order)) for order in coming]
    middle = (instance.orders.opens + np.minimum(instance.orders.closes, slots[-1, 1])) / 2
    first = np.clip(np.searchsorted(slots[:, 1], middle), 0, len(slots) - 1)
    wishes = tuple(_wishes(int(first[order]), bool(side[order]), len(slots)) for order in coming)
    return QuoteDay(instance.restricted(np.array([], dtype=int)), tuple(requests), when, slots, wishes)


def _wishes(first: int, later: bool, n_slots: int) -> tuple[int, ...]:
    """A slot, then its two neighbours, the later one first or not; at the ends of the day there is only one."""
    sides = (first + 1, first - 1) if later else (first - 1, first + 1)
    return (first, *(slot for slot in sides if 0 <= slot < n_slots))


@dataclass(frozen=True)
class Solomon:
    """Orders of Solomon's instances, arriving in random order.

    Parameters
    ----------
    instance : str
        ``R101``, a class (``RC1``), or ``all``.
    n_orders : int
        Orders of each instance that come, at most.
    """

    instance: str = "RC1"
    n_orders: int = 100

    def __post_init__(self) -> None:
        self._source()
        _at_least_one(self.n_orders)

    def _source(self) -> Any:
        from delivery_optimization.data import solomon

        return solomon.Solomon(instance=self.instance)

    def read(self, seed: int) -> QuoteData:
        """Fetch the files; the seed says in which order the orders come, and what customers wish."""
        return _from_instances(self._source().read(seed), seed, self.n_orders)


@dataclass(frozen=True)
class Ortec:
    """Orders of ORTEC's real days, arriving in random order.

    Parameters
    ----------
    instance : str
        ``n200``, several as ``n200+n250``, or ``all``.
    n_orders : int
        Orders of each instance that come, at most.
    """

    instance: str = "n200+n222+n250"
    n_orders: int = 150

    def __post_init__(self) -> None:
        self._source()
        _at_least_one(self.n_orders)

    def _source(self) -> Any:
        from delivery_optimization.data import ortec

        return ortec.Ortec(instance=self.instance)

    def read(self, seed: int) -> QuoteData:
        """Fetch the files; the seed says in which order the orders come, and what customers wish."""
        return _from_instances(self._source().read(seed), seed, self.n_orders)


@dataclass(frozen=True)
class City:
    """Days of the built-in city, orders arriving when they are bought, picked up in shops.

    Parameters
    ----------
    n_orders : int
        Orders of a day.
    days : int
        Days.
    parameters : str
        Family of the city's parameters: ``default``, ``varied`` or ``held_out``.
    """

    n_orders: int = 60
    days: int = 3
    parameters: str = "default"

    def __post_init__(self) -> None:
        self._source()
        _at_least_one(self.n_orders)

    def _source(self) -> Any:
        from delivery_optimization.data import city

        return city.City(n_orders=self.n_orders, days=self.days, parameters=self.parameters)

    def read(self, seed: int) -> QuoteData:
        """Make the days; the seed is the city's."""
        source = self._source()
        made = [source.day(seed, number) for number in range(self.days)]
        days = []
        for number, day in enumerate(made):
            purchase = np.asarray(day.demand.purchase, dtype=float)
            rng = stream(seed, "quote", number)
            days.append(
                quote_day(_ready(day.instance, purchase), rng, n_orders=self.n_orders, purchase=purchase)
            )
        said = {**source.read(seed).description, "arrivals": both(ARRIVALS["bought"])}
        return make_data(days, [day.instance for day in made], said, seed)


def _ready(instance: Instance, purchase: np.ndarray) -> Instance:
    """Let the goods be ready in the shop from the purchase on."""
    begin = min(vehicle.opens for vehicle in instance.vehicles)
    orders = replace(
        instance.orders,
        pickup_opens=np.maximum(purchase, begin),
        pickup_closes=np.full(instance.n_orders, np.inf),
    )
    return replace(instance, orders=orders)


def _at_least_one(n_orders: int) -> None:
    if n_orders < 1:
        raise UserError(f"data.n_orders={n_orders} was given; at least 1 order expected")


def _from_instances(read: Any, seed: int, n_orders: int) -> QuoteData:
    days = [
        quote_day(instance, stream(seed, "quote", number), n_orders=n_orders)
        for number, instance in enumerate(read.instances)
    ]
    said = {**read.description, "arrivals": both(ARRIVALS["drawn"])}
    return make_data(days, read.instances, said, seed)


def make_data(
    days: Sequence[QuoteDay], instances: Sequence[Instance], description: Mapping[str, Any], seed: int
) -> QuoteData:
    """Put days together; the fingerprint covers who comes when and wishes what.

    Parameters
    ----------
    days : sequence of QuoteDay
        What happens.
    instances : sequence of Instance
        What they were made of.
    description : mapping
        Of the source.
    seed : int
        Of arrivals and wishes.

    Returns
    -------
    QuoteData

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> day = quote_day(tiny(), np.random.default_rng(0), n_orders=3)
    >>> make_data([day], [tiny()], {"name": "tiny", "kind": "own"}, seed=0).description["n_requests"]
    3
    """
    import hashlib

    digest = hashlib.sha256(fingerprint(tuple(instances)).encode())
    for day in days:
        digest.update(repr((day.requests, day.purchase.tolist(), day.slots.tolist(), day.wishes)).encode())
    said = {
        **{key: value for key, value in description.items() if key != "known"},
        "n_requests": sum(len(day.requests) for day in days),
        "n_slots": len(days[0].slots),
        "seed": seed,
    }
    return QuoteData(tuple(days), digest.hexdigest(), said)

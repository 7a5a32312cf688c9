"""What a dispatcher sees at an epoch, and the law that new requests follow: plain data, no future.

A request is an order of the day: a customer's place, a time window, a service time, a size. All times are seconds from the
start of the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from delivery_optimization.instance import INTEGER, Instance, Orders, Places, Table, VehicleType

Array = np.ndarray
EPOCH = 3600  # s, from one decision to the next
MARGIN = 3600  # s, from the begin of an epoch to the moment when its routes leave
DRAWS = 100  # requests drawn in each epoch, before those that could not be served are dropped


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests as arrays of one length.

    Parameters
    ----------
    number : ndarray of int
        Which request, counted over the day from 0.
    customer : ndarray of int
        Its place: row of the customers' matrix of durations (0 is the depot).
    opens, closes : ndarray of int
        Window in which the service must begin (s).
    service : ndarray of int
        Service time (s).
    size : ndarray of int
        What it takes of a vehicle's capacity.
    """

    number: Array
    customer: Array
    opens: Array
    closes: Array
    service: Array
    size: Array

    def __len__(self) -> int:
        """Count the requests."""
        return len(self.number)

    def take(self, chosen: Array) -> Requests:
        """Keep some of them: a mask or positions."""
        return Requests(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def join(self, other: Requests) -> Requests:
        """Put others behind them."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in self.__dataclass_fields__)
        return Requests(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True, eq=False)
class Epoch:
    """One observation: the requests that wait for a decision.

    Parameters
    ----------
    day : int
        Which day of the run, from 0.
    number : int
        Hour of the day in which the epoch begins.
    n_left : int
        Epochs that follow; 0 is the last one.
    departure : int
        When the routes of this epoch leave the depot (s).
    requests : Requests
        All that arrived and were not dispatched.
    must_go : ndarray of bool
        Which would be too late if postponed; all of them in the last epoch.
    durations : ndarray of int, shape (n_requests + 1, n_requests + 1)
        Driving time from place to place (s); row 0 is the depot, row 1 + k is request k.
    capacity : int
        Of each vehicle; there are as many vehicles as wanted.
    depot_closes : int
        When the last vehicle must be back (s).
    """

    day: int
    number: int
    n_left: int
    departure: int
    requests: Requests
    must_go: Array
    durations: Array
    capacity: int
    depot_closes: int


@dataclass(frozen=True, eq=False)
class CustomerLaw:
    """The law of new requests, known to all participants of the competition: everything is drawn from one list of customers.

    Parameters
    ----------
    name : str
        Of the list: the static instance.
    durations : ndarray of int, shape (n_customers + 1, n_customers + 1)
        Driving times (s), depot first.
    opens, closes, service, size : ndarray of int, shape (n_customers + 1,)
        Of the customers; entry 0 is the depot.
    capacity : int
        Of a vehicle.
    """

    name: str
    durations: Array
    opens: Array
    closes: Array
    service: Array
    size: Array
    capacity: int

    @classmethod
    def of(cls, instance: Instance) -> CustomerLaw:
        """Take the lists from a static instance with one depot, whose travel is a table."""
        travel, vehicle, orders = instance.travel[0], instance.vehicles[0], instance.orders
        places = np.arange(instance.n_orders + 1)

        def with_depot(depot: float, values: Array) -> Array:
            return np.concatenate([[depot], values]).astype(np.int64)

        return cls(
            instance.name,
            travel.table(places)[0].astype(np.int64),
            with_depot(vehicle.opens, orders.opens),
            with_depot(vehicle.closes, orders.closes),
            with_depot(0, orders.service),
            with_depot(0, orders.size[:, 0]),
            int(vehicle.capacity[0]),
        )

    @property
    def depot_closes(self) -> int:
        """When the last vehicle must be back (s)."""
        return int(self.closes[0])

    @property
    def epochs(self) -> tuple[int, int]:
        """First and last epoch of the day."""
        starts = self.opens[1:]
        return max(int((starts.min() - MARGIN) // EPOCH), 0), max(int((starts.max() - MARGIN) // EPOCH), 0)

    def draw(self, rng: np.random.Generator, epoch: int, first_number: int = 0) -> Requests:
        """Draw the new requests of one epoch.

        Parameters
        ----------
        rng : numpy.random.Generator
            Four vectors are drawn from it: customers, windows, sizes, service times, in this order.
        epoch : int
            Number of the epoch.
        first_number : int
            Number of the first request.

        Returns
        -------
        Requests
            Without those that no vehicle leaving at once could serve.
        """
        n = len(self.opens) - 1
        customer, window, size, service = (rng.integers(n, size=DRAWS) + 1 for _ in range(4))
        drawn = Requests(
            np.arange(DRAWS),
            customer,
            self.opens[window],
            self.closes[window],
            self.service[service],
            self.size[size],
        )
        kept = drawn.take(self.in_time(drawn, epoch * EPOCH + MARGIN))
        return replace(kept, number=np.arange(len(kept)) + first_number)

    def in_time(self, requests: Requests, departure: int) -> Array:
        """Say which requests a vehicle leaving at `departure` for them alone serves in time: bool of shape (n_requests,)."""
        start = np.maximum(departure + self.durations[0, requests.customer], requests.opens)
        back = start + requests.service + self.durations[requests.customer, 0]
        result: Array = (start <= requests.closes) & (back <= self.depot_closes)
        return result


def epoch_instance(requests: Requests, *, law: CustomerLaw, departure: int) -> Instance:
    """Make the routing problem of some requests whose vehicles leave at `departure` at the earliest.

    Parameters
    ----------
    requests : Requests
        Order k of the instance is request k.
    law : CustomerLaw
        For the driving times.
    departure : int
        Begin of the shift (s).

    Returns
    -------
    Instance
        Cost is driving time (s).
    """
    places = np.concatenate([[0], requests.customer])
    durations = law.durations[np.ix_(places, places)].astype(float)
    names = [f"r{number}" for number in requests.number]
    nowhere = np.full(len(places), np.nan)
    vehicle = VehicleType(
        "vehicle",
        max(len(requests), 1),
        (float(law.capacity),),
        opens=float(departure),
        closes=float(law.depot_closes),
    )
    return Instance(
        name=f"{law.name} at {departure}",
        places=Places(("depot", *names), nowhere, nowhere),
        travel=(Table(durations, durations),),
        orders=Orders.from_depot(
            names, np.arange(1, len(places)), requests.opens, requests.closes, requests.service, requests.size
        ),
        vehicles=(vehicle,),
        convention=INTEGER,
        time_unit="s",
        distance_unit="s",
        cost_unit="s",
    )

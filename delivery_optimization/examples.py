"""Two instances small enough to check by hand, for doctests, tests and classrooms."""

from __future__ import annotations

import numpy as np

from delivery_optimization.instance import FROM_DEPOT, Instance, Orders, Places, Table, VehicleType


def tiny() -> Instance:
    """Four orders on a line, two of them picked up at a shop; one van and one cargo bike; minutes and kilometres.

    Returns
    -------
    Instance
        Depot at 0 km, places at 2, 4, 6, 8 km; one minute a kilometre for the van, two for the bike.

    Examples
    --------
    >>> tiny().has_pickup.tolist()
    [True, True, False, False]
    """
    x = np.array([0.0, 2.0, 4.0, 6.0, 8.0])
    distance = np.abs(x[:, None] - x[None, :])
    n = 4
    orders = Orders(
        names=("A", "B", "C", "D"),
        place=np.array([2, 3, 4, 1]),
        opens=np.array([0.0, 0.0, 10.0, 0.0]),
        closes=np.array([60.0, 60.0, 40.0, 60.0]),
        service=np.full(n, 2.0),
        size=np.array([[1.0], [1.0], [2.0], [1.0]]),
        pickup_place=np.array([1, 1, FROM_DEPOT, FROM_DEPOT]),
        pickup_opens=np.zeros(n),
        pickup_closes=np.full(n, 30.0),
        pickup_service=np.full(n, 1.0),
        penalty=np.full(n, np.inf),
        late_cost=np.full(n, np.inf),
    )
    van = VehicleType("van", 1, (5.0,), closes=120.0, fixed_cost=10.0, cost_per_distance=1.0, carrier="Nord")
    bike = VehicleType(
        "bike", 1, (2.0,), closes=120.0, fixed_cost=2.0, cost_per_distance=0.5, travel=1, carrier="Vert"
    )
    return Instance(
        name="tiny",
        places=Places(("depot", "p2", "p4", "p6", "p8"), x, np.zeros(5)),
        travel=(Table(distance, distance), Table(2 * distance, distance)),
        orders=orders,
        vehicles=(van, bike),
        time_unit="min",
        distance_unit="km",
        cost_unit="EUR",
    )


def small() -> Instance:
    """One customer at 3 (there) and 4 (back) from its depot, for examples.

    Examples
    --------
    >>> small().n_orders
    1
    """
    table = np.array([[0, 3], [4, 0]])
    return Instance(
        "small",
        Places(("depot", "1"), np.array([0.0, 3.0]), np.zeros(2)),
        (Table(table, table),),
        Orders.from_depot(["1"], [1], [0], [10], [2], [[3]]),
        (VehicleType("vehicle", 1, (5.0,), closes=20.0),),
    )

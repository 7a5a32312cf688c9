"""Instances cannot be changed, and those that mean nothing are refused with the name of the order."""

import pickle
import time
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from made_plans import make

from delivery_optimization.examples import small, tiny
from delivery_optimization.instance import (
    Break,
    Crow,
    Instance,
    Orders,
    Places,
    SpeedProfile,
    Table,
    VehicleType,
)
from delivery_optimization.instance_checks import validate
from usecases.errors import UserError


def arrays(instance):
    """All arrays of an instance, by name."""
    parts = [
        instance.orders,
        instance.places,
        *instance.travel,
        *([instance.speeds] if instance.speeds else []),
    ]
    found = {f"{type(p).__name__}.{f.name}": getattr(p, f.name) for p in parts for f in fields(p)}
    found |= {
        name: getattr(instance, name)
        for name in ("has_pickup", "stop_place", "stop_opens", "stop_closes", "stop_service")
    }
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def test_nothing_of_an_instance_can_be_written_to():
    instance = replace(tiny(), speeds=SpeedProfile(np.zeros(1), np.ones(1)))
    crow = replace(instance, travel=(Crow(np.zeros(5), np.zeros(5), 5.0),) * 2)
    arrays(instance)
    for one in (instance, crow, pickle.loads(pickle.dumps(instance)), instance.restricted([2, 0])):
        assert len(arrays(one)) > 17
        for name, array in arrays(one).items():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
            assert not array.flags.writeable, name
    with pytest.raises(FrozenInstanceError):
        instance.name = "other"


def test_the_giver_of_an_array_cannot_change_the_instance_either():
    table = np.ones((4, 4))
    travel = Table(table[:2, :2], table[:2, :2])  # a view is copied
    table[0, 1] = 9
    assert travel.durations[0, 1] == 1
    whole = np.ones((2, 2))
    travel = Table(whole, whole)  # a whole array is taken as it is: no copy of a large table
    assert travel.durations is whole
    with pytest.raises(ValueError, match="read-only"):
        whole[0, 1] = 9


def test_no_orders_at_all_are_an_instance():
    for size in ([], np.zeros((0, 3))):
        orders = Orders.from_depot([], [], [], [], [], size)
        assert orders.size.shape == (0, 3 if len(np.shape(size)) == 2 else 1)


def with_orders(**values):
    """The tiny instance with one value of order B changed."""
    changes = {}
    for name, value in values.items():
        changes[name] = getattr(tiny().orders, name).copy()
        changes[name][1] = value
    return replace(tiny(), orders=replace(tiny().orders, **changes))


def with_van(**values):
    return replace(tiny(), vehicles=(replace(tiny().vehicles[0], **values), tiny().vehicles[1]))


def with_durations(value):
    table = tiny().travel[0].durations.copy()
    table[1, 3] = value
    return replace(tiny(), travel=(Table(table, tiny().travel[0].distances), tiny().travel[1]))


@pytest.mark.parametrize(
    ("instance", "told"),
    [
        (with_durations(np.nan), "travel 0: the duration from p2 to p6 is nan"),
        (with_durations(-1), "the duration from p2 to p6 is -1"),
        (with_durations(np.inf), "the duration from p2 to p6 is inf"),
        (
            replace(tiny(), travel=(Table(np.zeros((3, 3)), np.zeros((3, 3))),) * 2),
            "shape (3, 3), but there are 5 places",
        ),
        (
            replace(
                tiny(), travel=(tiny().travel[0], Table(tiny().travel[0].durations, np.full((5, 5), -2.0)))
            ),
            "travel 1: the distance from depot to depot is -2",
        ),
        (
            replace(tiny(), orders=replace(tiny().orders, names=("A", "B", "A", "D"))),
            "order A: the name is given to 2",
        ),
        (with_orders(opens=70.0), "order B: its window closes at 60 before it opens at 70"),
        (with_orders(closes=np.nan), "order B: its window is from 0 to nan"),
        (with_orders(opens=-np.inf), "order B: its window opens at -inf"),
        (
            with_orders(pickup_opens=31.0),
            "order B: the window of its pickup closes at 30 before it opens at 31",
        ),
        (with_orders(service=-1.0), "order B: the service at its window takes -1"),
        (with_orders(service=np.inf), "order B: the service"),
        (with_orders(pickup_service=np.nan), "order B: the service at the window of its pickup takes nan"),
        (with_orders(size=-1.0), "order B: its size is -1"),
        (with_orders(size=np.inf), "order B: its size is inf"),
        (with_orders(penalty=-3.0), "order B: its penalty for leaving it out is -3"),
        (with_orders(late_cost=np.nan), "order B: its cost of lateness is nan"),
        (with_orders(place=5), "order B: its delivery is at place 5"),
        (with_orders(pickup_place=-2), "order B: its pickup is at place -2"),
        (
            replace(tiny(), orders=replace(tiny().orders, service=np.zeros(3))),
            "orders.service has shape (3,)",
        ),
        (replace(tiny(), orders=replace(tiny().orders, size=np.zeros(4))), "orders.size has shape (4,)"),
        (replace(tiny(), orders=replace(tiny().orders, product=("one-hour",))), "1 products"),
        (with_van(closes=-1.0), "vehicle van: its shift ends at -1 before it starts at 0"),
        (with_van(opens=np.nan), "vehicle van: its shift is from nan"),
        (with_van(capacity=(1.0, 2.0)), "vehicle van: its capacity has 2 dimension(s)"),
        (with_van(capacity=(-1.0,)), "vehicle van: its capacity is (-1.0,)"),
        (with_van(capacity=(np.nan,)), "vehicle van: its capacity"),
        (with_van(number=-1), "vehicle van: there are -1 of it"),
        (with_van(number=1.5), "vehicle van: there are 1.5 of it"),
        (with_van(end=9), "vehicle van: its shift ends at place 9"),
        (with_van(travel=2), "vehicle van: it drives with travel 2"),
        (with_van(cost_per_distance=np.nan), "vehicle van: one of its costs is nan"),
        (with_van(fixed_cost=-1.0), "vehicle van: one of its costs is -1"),
        (with_van(breaks=(Break(5, 4, 1),)), "vehicle van: a break begins from 5 to 4"),
        (with_van(breaks=(Break(5, 6, -1),)), "vehicle van: a break takes -1"),
        (replace(tiny(), vehicles=()), "there is no vehicle"),
        (replace(tiny(), objective="time"), "objective 'time'"),
        (
            replace(tiny(), places=Places(tiny().places.names, np.zeros(4), np.zeros(5))),
            "5 places have 4 x and 5 y",
        ),
        (
            replace(tiny(), travel=(Crow(np.full(5, 91.0), np.zeros(5), 5.0),) * 2),
            "place depot is at latitude 91",
        ),
        (replace(tiny(), travel=(Crow(np.zeros(5), np.full(5, np.nan), 5.0),) * 2), "longitude nan"),
        (replace(tiny(), travel=(Crow(np.zeros(5), np.zeros(5), 0.0),) * 2), "speed 0 m/s"),
        (replace(tiny(), speeds=SpeedProfile(np.array([0.0, 0.0]), np.ones(2))), "periods of its rush hours"),
        (replace(tiny(), speeds=SpeedProfile(np.array([5.0]), np.ones(1))), "periods of its rush hours"),
        (replace(tiny(), speeds=SpeedProfile(np.array([0.0]), np.zeros(1))), "factors of its rush hours"),
        (
            replace(tiny(), speeds=SpeedProfile(np.array([0.0]), np.ones(1), (7,))),
            "rush hours hold for travel (7,)",
        ),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(instance, told):
    with pytest.raises(UserError) as error:
        validate(instance)
    assert told in str(error.value)
    assert str(error.value).startswith("tiny: ")
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")


def test_what_means_something_is_not_refused():
    validate(tiny())
    validate(small())
    validate(with_orders(pickup_opens=0.0, pickup_closes=np.inf, penalty=0.0, late_cost=0.0))
    single = Orders.from_depot(["a"], [1], [0], [0], [0], [[0]])  # a window of a moment
    validate(replace(small(), orders=single))
    unused = replace(
        single, pickup_opens=np.array([np.nan])
    )  # there is no pickup: its window is not looked at
    validate(replace(small(), orders=unused))
    for seed in range(50):
        validate(make(seed).instance)


def test_fifty_thousand_orders_are_checked_in_a_second():
    n = 50_000
    orders = Orders.from_depot(
        [str(i) for i in range(n)], np.arange(n), np.zeros(n), np.ones(n), np.ones(n), np.ones((n, 2))
    )
    places = Places(orders.names, np.zeros(n), np.zeros(n))
    travel = (Crow(np.zeros(n), np.zeros(n), 5.0),)
    instance = Instance("large", places, travel, orders, (VehicleType("van", 9, (1.0, 1.0)),))
    begun = time.process_time()
    validate(instance)
    assert time.process_time() - begun < 1.0

"""The two-hour promise: what can be seen, what is refused, what is counted."""

import numpy as np
import pytest

from delivery_optimization.data.city import city_day
from delivery_optimization.dynamic.city_days import CityDays, PlayedCityDay
from delivery_optimization.dynamic.city_environment import CityShifts
from delivery_optimization.dynamic.policies.consensus import Consensus
from delivery_optimization.dynamic.policies.rules import FixedPrize, Greedy, Lazy, Random
from delivery_optimization.solution import Stop
from usecases.errors import UserError
from usecases.simulation import canonical, play
from usecases.testing import check_task

METHODS = [Greedy(), Lazy(), Random(), FixedPrize(), Consensus(scenarios=2, rounds=2, lookahead=1)]


@pytest.fixture(scope="module")
def data():
    return CityDays(n_orders=30, days=1, history=3).read(seed=1)


def first_with_orders(shifts):
    moment = shifts.reset()
    while not (len(moment.order) and moment.instance.vehicles):
        moment = shifts.step([])
    return moment


def test_the_task_keeps_the_contract(tmp_path, monkeypatch):
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path))
    check_task("delivery_optimization/dynamic", ("budget=smoke", "data.days=2", "data.n_orders=12"))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_every_policy_serves_every_order(data, method):
    day = data.days[0]
    log = play(method.policy(data.world, stop=Stop(iterations=40), seed=0), day.environment(0))
    assert log.error is None
    score = day.score(log.actions)
    assert score.lost == 0
    assert score.n_requests == sum(wave.arrived for wave in score.waves) == day.made.n_orders
    assert score.n_requests == sum(wave.dispatched for wave in score.waves)
    assert 0 <= score.figures["idle"].value < 100
    assert score.cost > sum(wave.cost for wave in score.waves)  # the way home


def test_orders_of_the_future_cannot_be_seen(data):
    made = data.days[0].made
    shifts = data.days[0].environment(0)
    moment = shifts.reset()
    while moment is not None and moment.number < 30:
        assert (made.demand.purchase[moment.order] <= moment.time).all()
        known = set(shifts.whole.places.names[: len(shifts.whole.places.names) - made.n_orders])
        bought = {f"order {i + 1}" for i in np.flatnonzero(made.demand.purchase <= moment.time)}
        assert set(moment.instance.places.names) - {"nowhere"} <= known | bought
        canonical(moment, forbidden=shifts)
        moment = shifts.step([])


@pytest.mark.parametrize(
    ("tours", "reason"),
    [
        (lambda m: [(int(m.courier[0]), [9999])], "does not wait"),
        (lambda m: [(9999, [-1 - int(m.order[0]), int(m.order[0])])], "is not free"),
        (lambda m: [(int(m.courier[0]), [int(m.order[0]), -1 - int(m.order[0])])], "refused"),
        (lambda m: [(int(m.courier[0]), [int(m.order[0])])], "refused"),
        (lambda m: [(int(m.courier[0]), [-1 - int(m.order[0]), int(m.order[0])] * 2)], "refused"),
    ],
)
def test_nonsense_is_refused(data, tours, reason):
    shifts = data.days[0].environment(0)
    moment = first_with_orders(shifts)
    with pytest.raises(UserError, match=reason):
        shifts.step(tours(moment))


def test_a_courier_on_the_way_is_not_free(data):
    shifts = data.days[0].environment(0)
    moment = first_with_orders(shifts)
    order, courier = int(moment.order[0]), int(moment.courier[0])
    after = shifts.step([(courier, [-1 - order, order])])
    assert courier not in after.courier
    assert order not in after.order
    assert shifts.delivered_at[order] > moment.time


def test_nature_does_not_depend_on_the_policy():
    made = city_day(0, n_orders=20)
    a, b = CityShifts(made, seed=0), CityShifts(made, seed=0)
    moment = first_with_orders(a)
    first_with_orders(b)
    order, courier = int(moment.order[0]), int(moment.courier[0])
    a.step([(courier, [-1 - order, order])])
    b.step([(courier, [-1 - order, order])])
    assert a.delivered_at[order] == b.delivered_at[order]
    assert not np.array_equal(a.leg[0], CityShifts(made, seed=1).leg[0])


def test_who_never_acts_loses_all():
    day = PlayedCityDay(city_day(0, n_orders=10), 0, 1800.0)
    log = play(lambda moment: [], day.environment(0))
    score = day.score(log.actions)
    assert score.lost == 10
    assert score.cost == 0
    assert score.figures["on_time"].value == 0


@pytest.mark.parametrize(
    ("values", "typed"),
    [({"period": 0}, "period=10"), ({"history": 0}, "history=14"), ({"n_orders": -1}, "n_orders")],
)
def test_values_out_of_range_say_what_to_type(values, typed):
    with pytest.raises(UserError, match=typed):
        CityDays(**values)


def test_no_law_of_chance_is_among_the_inputs(data):
    assert set(vars(data.world)) == {"history", "streets"}
    assert set(vars(data.world.streets)) == {"travel", "zones"}
    assert all(set(vars(day)) == {"demand", "geography"} for day in data.world.history)

"""The two-hour promise: what can be seen, what is refused, what is counted."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.data.city import city_day
from delivery_optimization.dynamic.city_days import CityDays, PlayedCityDay
from delivery_optimization.dynamic.city_environment import CityShifts
from delivery_optimization.dynamic.policies.consensus import Consensus
from delivery_optimization.dynamic.policies.rules import FixedPrize, Greedy, Lazy, Random
from delivery_optimization.dynamic.travel_noise import TravelNoise
from delivery_optimization.solution import Stop
from delivery_optimization.tasks.dynamic import Dynamic
from usecases.contract import Budget, Outcome
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
    assert not np.array_equal(a.noise.own[0], CityShifts(made, seed=1).noise.own[0])
    assert np.array_equal(a.noise.shared, b.noise.shared)


def test_legs_of_a_courier_are_correlated_as_the_truth_says():
    made = city_day(0, n_orders=20)
    law, rng = made.truth.travel, np.random.default_rng(0)
    noise = TravelNoise.drawn(law, 60, 4000, (0.0, 8 * 3600.0), rng)
    pairs = [((k % 59, 59), (59, k % 58)) for k in range(4000)]

    def logs(time, number):
        return np.log([noise.factor(0, k, time, pair[number]) for k, pair in enumerate(pairs)])

    first, second, later = logs(0.0, 0), logs(0.0, 1), logs(2 * 3600.0, 1)
    variance = np.log1p(law.cv[0] ** 2)
    assert first.var() == pytest.approx(variance, rel=0.2)
    assert np.exp(np.log([noise.factor(0, k, 0.0, (k % 59, k % 60)) for k in range(4000)])).mean() == (
        pytest.approx(1.0, abs=0.02)
    )
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(law.common_share, abs=0.08)
    kept = np.exp(-2 / law.common_hours)
    assert np.corrcoef(first, later)[0, 1] == pytest.approx(law.common_share * kept, abs=0.08)


def evaluated(days, policy):
    """Cost per request of some days played by a policy."""
    task = Dynamic()
    shared = {
        "seed": 0,
        "budget": Budget("smoke", 0.1),
        "device": "cpu",
        "progress": lambda items, **_: items,
    }
    problem = task.load(Given(days), seed=0)
    outcome = task.play(problem, Outcome({}, name="decisions", policy=policy), **shared)
    return task.evaluate(problem, outcome, **shared)


def test_a_plan_with_all_orders_known_is_a_row_of_its_own_and_says_what_it_is(data):
    greedy = Greedy().policy(data.world, stop=Stop(iterations=40), seed=0)
    evaluation = evaluated(data, greedy)
    bound = evaluation.bounds["hindsight"]["cost_per_request"].value
    assert 0 < bound < evaluation.metrics["cost_per_request"].value
    assert "no strict bound" in evaluation.names["hindsight"].en
    assert bound == evaluated(data, lambda seen: []).bounds["hindsight"]["cost_per_request"].value


class Given:
    """A data source that was read before."""

    def __init__(self, data):
        self.data = data

    def read(self, seed):
        return self.data


def test_dropping_orders_and_doing_nothing_lose(data):
    greedy = Greedy().policy(data.world, stop=Stop(iterations=40), seed=0)

    def near_only(seen):
        """Serves the orders whose shop is near, and lets the others be lost."""
        orders = seen.instance.orders
        way = seen.instance.travel[0].pairs(orders.pickup_place, orders.place)[0]
        seen = replace(seen, must_go=np.zeros(len(way), dtype=bool))
        return data.world.route(seen, way < 500, Stop(iterations=40), 0)

    costs = {}
    for name, policy in {"greedy": greedy, "near": near_only, "never": lambda seen: []}.items():
        evaluation = evaluated(data, policy)
        costs[name] = evaluation.metrics["cost_per_request"].value
        assert "100 EUR" in evaluation.metrics["cost_per_request"].label.en
    assert costs["never"] == pytest.approx(100.0)
    assert costs["greedy"] < costs["near"] < costs["never"]
    assert "100" in data.description["assumptions"][0]["fr"]


def test_work_in_another_thread_is_seen(data):
    def burn():
        end = time.thread_time() + 0.3
        while time.thread_time() < end:
            pass

    def policy(seen):
        if seen.number == 0:
            thread = threading.Thread(target=burn)
            thread.start()
            thread.join()
        return []

    task = Dynamic()
    shared = {
        "seed": 0,
        "budget": Budget("smoke", 0.1),
        "device": "cpu",
        "progress": lambda items, **_: items,
    }
    problem = task.load(Given(data), seed=0)
    given = Outcome({}, name="decisions", policy=policy, reproducible=False)
    outcome = task.play(problem, given, **shared)
    assert outcome.timings["decision"]["max_ms"] >= 290
    longest = task.evaluate(problem, outcome, **shared).metrics["longest_decision"]
    assert (longest.unit, longest.value >= 0.29) == ("s", True)


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

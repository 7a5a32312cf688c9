"""The competition's protocol, draw by draw; what the environment refuses; what the judge counts."""

from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.data.ortec import NAMES
from delivery_optimization.dynamic.days import Days
from delivery_optimization.dynamic.epoch_model import solve_epoch
from delivery_optimization.dynamic.examples import small_law
from delivery_optimization.dynamic.ortec_days import OrtecDays, PlayedOrtecDay
from delivery_optimization.dynamic.ortec_environment import OrtecDay
from delivery_optimization.dynamic.ortec_world import OrtecWorld, feasible
from delivery_optimization.dynamic.policies.consensus import Consensus
from delivery_optimization.dynamic.policies.rules import FixedPrize, Greedy, Lazy, Random
from delivery_optimization.dynamic.requests import EPOCH
from delivery_optimization.solution import Stop
from usecases.errors import UserError
from usecases.simulation import play

COUNTS = (517, 479, 482, 473, 538, 450, 521, 491)  # in the order of the competition's table


def alone(epoch):
    """Every request on a route of its own."""
    return [[int(number)] for number in epoch.requests.number]


@pytest.fixture(scope="module")
def law():
    return small_law()


def test_the_competitions_days_have_as_many_requests_as_published(mirror):
    days = OrtecDays().read(seed=0).days
    assert tuple(day.n_requests for day in days) == COUNTS
    assert len(days) == len(NAMES)


def test_a_greedy_day_costs_what_was_published_within_the_solvers_noise(mirror):
    data = OrtecDays("n222").read(seed=0)
    policy = Greedy().policy(data.world, stop=Stop(iterations=150), seed=0)
    score = data.days[0].score(play(policy, data.days[0].environment(0)).actions)
    assert 0.99 < score.cost / data.published[0]["greedy"] < 1.06


def test_own_seeds_give_other_days_without_published_costs(mirror):
    data = OrtecDays("n200", day_seed=7).read(seed=0)
    assert data.published is None
    assert data.days[0].n_requests != COUNTS[0]
    assert data.fingerprint != OrtecDays("n200").read(seed=0).fingerprint


def test_must_go_is_exactly_what_a_vehicle_for_it_alone_would_miss_next_time(law):
    day = OrtecDay(law, seed=3)
    epoch = day.reset()
    while epoch is not None:
        for k in range(len(epoch.requests)):
            alone_later = feasible(law, epoch.requests, [k], epoch.departure + EPOCH)
            assert epoch.must_go[k] == (not alone_later or epoch.n_left == 0)
            assert feasible(law, epoch.requests, [k], epoch.departure)
        epoch = day.step([[int(n)] for n in epoch.requests.number[epoch.must_go]])


def test_postponed_requests_stay_and_dispatched_ones_are_gone(law):
    day = OrtecDay(law, seed=3)
    first = day.reset()
    assert not first.must_go.all()
    gone = set(first.requests.number[first.must_go].tolist()) | {
        int(first.requests.number[~first.must_go][0])
    }
    second = day.step([[number] for number in gone])
    seen = set(second.requests.number.tolist())
    assert not gone & seen
    assert set(first.requests.number.tolist()) - gone <= seen


def too_heavy(epoch):
    """As many requests on one route as it takes to be heavier than a vehicle may be."""
    order = np.argsort(epoch.requests.closes)
    return [[int(n) for n in epoch.requests.number[order]]]


@pytest.mark.parametrize(
    ("routes", "reason"),
    [
        (lambda epoch: [*alone(epoch), [10_000]], "unknown"),
        (lambda epoch: [*alone(epoch), alone(epoch)[0]], "served twice"),
        (lambda epoch: [*alone(epoch), []], "without a stop"),
        (lambda epoch: alone(epoch)[: -len(epoch.requests)], "must go now"),
        (too_heavy, "closes|carries|back after"),
    ],
)
def test_nonsense_is_refused(law, routes, reason):
    day = OrtecDay(law, seed=3)
    epoch = day.reset()
    while not epoch.must_go.any():
        epoch = day.step([])
    with pytest.raises(UserError, match=reason):
        day.step(routes(epoch))


def test_capacity_and_the_depots_closing_time_are_checked(law):
    day = OrtecDay(replace(law, capacity=5), seed=3)
    epoch = day.reset()
    heavy = [[int(n)] for n, size in zip(epoch.requests.number, epoch.requests.size, strict=True) if size > 5]
    with pytest.raises(UserError, match="carries"):
        day.step(heavy)


def test_what_was_dispatched_cannot_be_dispatched_again(law):
    day = OrtecDay(law, seed=3)
    first = alone(day.reset())
    day.step(first)
    with pytest.raises(UserError, match="dispatched before"):
        day.step(first[:1])


METHODS = [Greedy(), Lazy(), Random(), FixedPrize(), Consensus(scenarios=3, rounds=2, lookahead=1)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: type(method).__name__)
def test_every_policy_loses_nothing_and_repeats_itself(law, method):
    days = [PlayedOrtecDay(law, seed) for seed in (1, 2)]
    world = OrtecWorld((law, law))
    logs = []
    for _ in range(2):
        policy = method.policy(world, stop=Stop(iterations=20), seed=0)
        logs.append(play(policy, Days([day.environment(k) for k, day in enumerate(days)])))
    assert logs[0].error is None
    assert logs[0].digest == logs[1].digest
    score = days[0].score(logs[0].actions[: len(logs[0].actions) // 2])
    assert score.lost == 0
    assert score.cost == sum(wave.cost for wave in score.waves) > 0


def test_the_judge_does_not_believe_the_log(law):
    day = PlayedOrtecDay(law, seed=3)
    log = play(Greedy().policy(OrtecWorld((law,)), stop=Stop(iterations=20), seed=0), day.environment(0))
    honest = day.score(log.actions)
    shortened = [log.actions[0][1:], *log.actions[1:]]
    with pytest.raises((UserError, KeyError)):
        day.score([*shortened[:-1], []])
    assert honest.n_requests == sum(wave.arrived for wave in honest.waves)


def test_a_stopped_log_counts_what_was_lost(law):
    day = PlayedOrtecDay(law, seed=3)
    score = day.score([alone(day.environment(0).reset())])
    assert score.lost == day.n_requests - score.waves[0].dispatched > 0


def test_now_and_release_times_bind_the_model(law):
    epoch = OrtecDay(law, seed=3).reset()
    n = len(epoch.requests)
    later = epoch.departure + EPOCH
    now = np.arange(n) == int(np.flatnonzero(~epoch.must_go)[0])
    release = np.where(now, epoch.departure, later)
    plan = solve_epoch(
        law,
        epoch.requests,
        epoch.departure,
        Stop(iterations=200).start(),
        now=now,
        release=np.where(epoch.must_go, epoch.departure, release),
        next_departure=later,
    )
    chosen = int(np.flatnonzero(now)[0])
    route = next(route for route in plan.routes if chosen in route)
    assert plan.feasible
    assert all(now[k] or epoch.must_go[k] for k in route)


def test_one_and_no_request_are_routed(law):
    epoch = OrtecDay(law, seed=3).reset()
    one = epoch.requests.take(np.array([0]))
    stop = Stop(iterations=5)
    assert solve_epoch(law, one, epoch.departure, stop.start()).routes == [[0]]
    assert solve_epoch(law, one.take(np.zeros(0, dtype=int)), epoch.departure, stop.start()).routes == []


def test_waiting_does_not_pay_where_nothing_comes_any_more(law):
    """In the last epoch every policy dispatches all, so that their costs differ by the search alone."""
    last = law.epochs[1]
    assert OrtecDay(law, seed=3).last == last
    day = OrtecDay(law, seed=3)
    epoch = day.reset()
    while epoch.n_left:
        epoch = day.step([[int(n)] for n in epoch.requests.number[epoch.must_go]])
    world = OrtecWorld((law,))
    for method in METHODS:
        routes = method.policy(world, stop=Stop(iterations=20), seed=0)(epoch)
        assert sorted(n for route in routes for n in route) == sorted(epoch.requests.number.tolist())


def test_hindsight_is_never_dearer_than_what_was_played(law):
    day = PlayedOrtecDay(law, seed=3)
    actions = play(
        Greedy().policy(OrtecWorld((law,)), stop=Stop(iterations=20), seed=0), day.environment(0)
    ).actions
    assert 0 < day.hindsight(actions, 30) <= day.score(actions).cost

"""The task quote: customers pair, promises are kept, moves are counted, and what a policy may not do is refused."""

from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.data.quote_days import City, quote_day
from delivery_optimization.examples import tiny
from delivery_optimization.live.environment import QuoteDay, QuoteEnvironment
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.policies import FirstCome, Insertion, InsertionReoptimised, Resolve
from delivery_optimization.live.reoptimise import near, reoptimise
from delivery_optimization.live.requests import Request, request_of
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Stop
from delivery_optimization.tasks.quote import Quote
from usecases.contract import Budget
from usecases.errors import UserError
from usecases.simulation import play
from usecases.testing import check_task

SMOKE = Budget("smoke", effort=0.1)


@pytest.mark.timeout(120)
def test_conforms(tmp_path, monkeypatch):
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path))
    check_task("delivery_optimization/quote", ["budget=smoke", "data.n_orders=8", "data.days=1"])


def test_the_report_draws_other_prices_of_a_move():
    task, method = Quote(), InsertionReoptimised(compare_prices=[0.0, 5.0])
    problem = task.load(City(n_orders=10, days=1), seed=1)
    shared = {"seed": 0, "budget": SMOKE, "device": "cpu", "progress": lambda items, **_: items}
    outcome = task.play(problem, task.solve(method, problem.inputs, **shared), **shared)
    points = {price: (cost, moved) for price, cost, moved in outcome.details["prices"]}
    assert sorted(points) == [0.0, 5.0]
    assert points[0.0][1] >= points[5.0][1]
    titles = [
        chapter.title.en
        for chapter in task.report(problem, outcome, task.evaluate(problem, outcome, **shared))
    ]
    assert "Cost against stability" in titles


def played(days, method):
    fleets = [day.fleet for day in days]
    return play(method.policy(fleets, seed=0, budget=SMOKE), QuoteEnvironment(days))


@pytest.mark.parametrize("method", [FirstCome(), Insertion(), InsertionReoptimised(), Resolve()])
def test_promises_are_kept_on_a_day_that_goes_on(method):
    days = City(n_orders=15, days=1).read(1).days
    log = played(days, method)
    assert log.error is None
    (record,) = log.summary
    assert record["broken"] == []
    assert len(record["accepted"]) + record["refused"] == 15
    assert len(record["accepted"]) > 10


def test_all_methods_meet_the_same_customers():
    day = quote_day(tiny(), np.random.default_rng(0), n_orders=4)
    again = quote_day(tiny(), np.random.default_rng(0), n_orders=4)
    other = quote_day(tiny(), np.random.default_rng(1), n_orders=4)
    assert (day.requests, day.wishes) == (again.requests, again.wishes)
    assert (day.requests, day.wishes) != (other.requests, other.wishes)


def line(purchases=(0.0, 0.0, 0.0)):
    """Three orders of `tiny` that are loaded at the depot, in one long slot."""
    requests = tuple(Request(name, place, 2.0, (1.0,)) for name, place in (("A", 1), ("B", 2), ("C", 3)))
    slots = np.array([[0.0, 60.0], [60.0, 110.0]])
    return QuoteDay(tiny().restricted([]), requests, np.array(purchases), slots, ((0,), (0,), (0,)))


def scripted(tours):
    """A policy that says yes and answers with given tours."""
    answers = iter(tours)

    def policy(seen):
        if seen["kind"] == "confirm":
            return {"tours": next(answers)}
        return {"costs": [0.0, 0.0]} if seen["kind"] == "quote" else None

    return policy


def stops(*names):
    return [[name, "delivery"] for name in names]


def test_moves_are_counted_and_the_new_order_is_not_one():
    tours = [{"0": stops("A")}, {"0": stops("A", "B")}, {"1": stops("A"), "0": stops("B", "C")}]
    (record,) = play(scripted(tours), QuoteEnvironment([line()])).summary
    assert record["moved"] == [0, 0, 1]
    assert record["moved_share"] == pytest.approx((0 + 0 + 1 / 2) / 3)


def test_moves_of_the_day_count_every_order_once_and_planned_times_are_compared():
    tours = [
        {"0": stops("A")},
        {"0": stops("B"), "1": stops("A")},
        {"0": stops("A", "B", "C")},
    ]
    (record,) = play(scripted(tours), QuoteEnvironment([line()])).summary
    assert record["moved"] == [0, 1, 1]
    assert record["ever_moved"] == ["A"]
    late = replace(line(), slots=np.array([[0.0, 110.0], [60.0, 110.0]]), wishes=((0,), (0,), (1,)))
    waits = [{"0": stops("A")}, {"0": stops("A", "B")}, {"0": stops("A", "C", "B")}]
    (record,) = play(scripted(waits), QuoteEnvironment([late])).summary
    assert (record["ever_moved"], record["retimed"]) == ([], ["B"])  # B comes after C, who waits until 60


@pytest.mark.parametrize(
    ("purchases", "tours", "why"),
    [
        ((0.0, 1.5, 3.0), [{"0": stops("A")}, {"0": stops("A", "B")}], "has left the depot without it"),
        (
            (0.0, 0.0, 1.5),
            [{"0": stops("A")}, {"0": stops("A", "B")}, {"0": stops("A"), "1": stops("B", "C")}],
            "has it on board",
        ),
        (
            (0.0, 0.0, 1.5),
            [{"0": stops("A")}, {"0": stops("A", "B")}, {"0": stops("A"), "1": stops("C")}],
            "has it on board",
        ),
    ],
)
def test_goods_do_not_jump_between_the_depot_and_couriers_who_have_left(purchases, tours, why):
    with pytest.raises(UserError, match=why):
        play(scripted(tours), QuoteEnvironment([line(purchases)]))


def test_goods_picked_up_on_the_way_stay_with_their_courier():
    picked = tuple(
        Request(name, place, 2.0, (1.0,), pickup_place=1, pickup_service=1.0)
        for name, place in (("A", 2), ("B", 3))
    )
    day = replace(line((0.0, 2.5)), requests=picked, wishes=((0,), (0,)))
    own = [["A", "pickup"], ["A", "delivery"]]
    tours = [
        {"0": own},
        {"0": [["A", "pickup"]], "1": [["A", "delivery"], ["B", "pickup"], ["B", "delivery"]]},
    ]
    with pytest.raises(UserError, match="takes order A from courier 0, who has it on board"):
        play(scripted(tours), QuoteEnvironment([day]))


SHARED = {"seed": 0, "budget": SMOKE, "device": "cpu", "progress": lambda items, **_: items}


def test_hindsight_is_never_dearer_than_the_played_plan():
    task = Quote()
    problem = task.load(City(n_orders=12, days=1), seed=1)
    outcome = task.play(problem, task.solve(Resolve(), problem.inputs, **SHARED), **SHARED)
    evaluation = task.evaluate(problem, outcome, **SHARED)
    assert evaluation.metrics["gap_to_hindsight"].value >= 0
    bound = evaluation.bounds["hindsight"]["cost_per_order"].value
    assert bound <= evaluation.metrics["cost_per_order"].value


def test_a_hindsight_that_failed_is_no_perfect_gap(monkeypatch):
    task = Quote()
    problem = task.load(City(n_orders=8, days=1), seed=1)
    outcome = task.play(problem, task.solve(FirstCome(), problem.inputs, **SHARED), **SHARED)
    monkeypatch.setattr("delivery_optimization.tasks.quote._anew", lambda *_: float("nan"))
    evaluation = task.evaluate(problem, outcome, **SHARED)
    assert evaluation.metrics["gap_to_hindsight"].value is None
    assert "hindsight" not in evaluation.bounds
    (first, *_) = task.report(problem, outcome, evaluation)
    assert "no plan in hindsight was found" in first.blocks[0].text.en


def test_a_late_or_forgotten_order_is_a_broken_promise():
    day = line()
    late = QuoteDay(day.fleet, day.requests, day.purchase, np.array([[0.0, 3.0], [3.0, 9.0]]), day.wishes)
    tours = [{"0": stops("A")}, {"0": stops("A", "B")}, {"0": stops("A", "C")}]
    (record,) = play(scripted(tours), QuoteEnvironment([late])).summary
    assert record["broken"] == ["B", "C"]


@pytest.mark.parametrize(
    ("tours", "why"),
    [
        ([{"7": stops("A")}], "names courier 7"),
        ([{"0": stops("Z")}], "names order Z"),
        ([{"0": stops("A", "A")}], "twice"),
        ([{"0": stops("A")}, {"0": stops("B", "A")}], "already done"),
    ],
)
def test_what_is_no_plan_or_changes_the_past_is_refused(tours, why):
    with pytest.raises(UserError, match=why):
        play(scripted(tours), QuoteEnvironment([line((0.0, 100.0, 100.0))]))


def test_customers_who_find_no_slot_leave():
    def nothing_fits(seen):
        return {"costs": [None, None]} if seen["kind"] == "quote" else None

    (record,) = play(nothing_fits, QuoteEnvironment([line()])).summary
    assert (record["refused"], record["accepted"], record["cost"]) == (3, [], 0.0)


def busy(seed=0):
    day = City(n_orders=14, days=1).read(seed).days[0]
    live = LivePlan(day.fleet)
    for request in day.requests:
        best = live.quote(request, day.slots).best()
        if best.feasible:
            live.accept(best)
    return live


def test_a_reoptimised_plan_is_valid_and_cheaper_and_a_dear_move_is_not_made():
    live = busy()
    before, couriers = live.cost, live.courier_of()
    change = reoptimise(live, list(live.tours), price_of_move=0.0, stop=Stop(iterations=60))
    verdict = check(live.instance(), live.plan())
    assert verdict.valid, verdict.violations
    assert live.cost == pytest.approx(before - change.saving)
    after = live.courier_of()
    assert change.moved == tuple(sorted(i for i in couriers if couriers[i] != after[i]))
    stable = busy()
    kept = reoptimise(stable, list(stable.tours), price_of_move=1e6, stop=Stop(iterations=60))
    assert kept.moved == ()
    assert stable.courier_of() == couriers
    assert kept.saving <= change.saving + 1e-6 or change.saving == 0


def test_reoptimising_keeps_what_is_under_way():
    live = busy()
    noon = 12.5 * 3600
    live.advance(noon)
    frozen = {c: t.stops[: t.frozen(noon)] for c, t in live.tours.items()}
    assert any(frozen.values())
    left = {c: t.left for c, t in live.tours.items()}
    for seed in range(3):
        reoptimise(
            live, list(live.tours), price_of_move=0.0, stop=Stop(iterations=60), seed=seed, warm=seed > 0
        )
    for courier, done in frozen.items():
        if done:
            assert live.tours[courier].stops[: len(done)] == done
            assert live.tours[courier].left == left[courier]
    assert all(tour.feasible for tour in live.tours.values())
    assert check(live.instance(), live.plan()).valid


def test_the_nearest_courier_is_the_one_who_delivers():
    live = LivePlan(tiny(), Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), unserved=(2,)))
    assert near(live, 0, 2) == [0, 1]
    assert near(live, 2, 1) == [1]


def test_a_source_without_orders_is_refused():
    with pytest.raises(UserError, match="at least 1"):
        City(n_orders=0)
    with pytest.raises(UserError, match="price_of_move=-1 was given"):
        InsertionReoptimised(price_of_move=-1)
    assert request_of(tiny(), 3).name == "D"


def test_broken_promises_are_counted_in_words():
    from delivery_optimization.quote_report import _broken

    assert [_broken(n, "en") for n in range(3)] == [
        "no promise was broken", "1 promise was broken", "2 promises were broken",
    ]  # fmt: skip
    assert _broken(1, "fr") == "1 promesse a été rompue"

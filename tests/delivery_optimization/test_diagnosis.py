"""Why orders cannot be served: the right reason with the right figures, and never for an order that can be."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.diagnosis import serve_what_can_be, shortages, solve_what_can_be
from delivery_optimization.examples import tiny
from delivery_optimization.impossible import impossible_orders
from delivery_optimization.instance import UNREACHABLE, Table
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.plan import Plan, Route
from delivery_optimization.solution import Interrupted, Solution, Stop


def changed(**arrays):
    """The tiny instance with other arrays of orders."""
    instance = tiny()
    new = {
        name: np.array(values, dtype=getattr(instance.orders, name).dtype) for name, values in arrays.items()
    }
    return replace(instance, orders=replace(instance.orders, **new))


def the_reason(instance):
    [reason] = impossible_orders(instance)
    return reason


def test_nothing_is_said_of_what_can_be_served():
    part = serve_what_can_be(tiny())
    assert part.reasons == ()
    assert part.instance is tiny() or part.instance.orders.names == ("A", "B", "C", "D")
    assert np.isinf(part.instance.orders.penalty).all()
    plan = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
    assert part.plan(plan) == Plan(plan.routes, (), 26.0)


def test_larger_than_any_vehicle():
    reason = the_reason(changed(size=[[1], [1], [7], [1]]))
    assert (reason.kind, reason.order) == ("size", 2)
    assert reason.text.en == "order C: its size is 7, the largest vehicle takes 5"
    assert "commande C\u202f: sa taille est 7" in reason.text.fr


def test_window_before_the_earliest_arrival():
    reason = the_reason(changed(opens=[0, 0, 0, 0], closes=[60, 60, 7, 60]))
    assert (reason.kind, reason.order) == ("window", 2)
    assert "earliest possible arrival 00:08 (from depot with van" in reason.text.en


def test_pickup_window_before_the_earliest_arrival():
    assert the_reason(changed(pickup_closes=[30, 1, 30, 30])).kind == "pickup window"


def test_gap_between_pickup_and_delivery():
    reason = the_reason(changed(pickup_opens=[20, 0, 0, 0], closes=[22, 60, 40, 60]))
    assert (reason.kind, reason.order) == ("gap", 0)
    assert "picked up at 00:21 at the earliest, the trip takes 2 min" in reason.text.en


def test_shift_too_short():
    reason = the_reason(changed(opens=[0, 0, 112, 0], closes=[60, 60, 115, 60]))
    assert (reason.kind, reason.order) == ("shift", 2)
    assert reason.text.en == "order C: back at depot at 02:02 at the earliest, the shift of van ends at 02:00"


def test_unreachable():
    instance = tiny()
    durations = instance.travel[0].durations.copy()
    durations[:4, 4] = UNREACHABLE
    cut = replace(instance, travel=(Table(durations, durations), Table(durations, durations)))
    reason = the_reason(cut)
    assert (reason.kind, reason.order) == ("unreachable", 2)


def test_a_leg_that_is_quicker_over_another_place_is_no_proof():
    """Tables need not obey the triangle inequality: the direct way is too slow, the way over another place is not."""
    instance = changed(opens=[0, 0, 0, 0], closes=[60, 60, 9, 60])
    durations = instance.travel[0].durations.copy()
    durations[0, 4] = 50.0
    slow = replace(instance, travel=(Table(durations, durations), instance.travel[1]))
    assert impossible_orders(slow) == ()


def test_no_vehicle_at_all():
    instance = replace(tiny(), vehicles=tuple(replace(v, number=0) for v in tiny().vehicles))
    assert [reason.kind for reason in impossible_orders(instance)] == ["no vehicle"] * 4
    part = serve_what_can_be(instance)
    assert part.plan(Plan(())).unserved == (0, 1, 2, 3)
    assert check(instance, part.plan(Plan(()))).partial


def test_soft_windows_are_no_reason():
    instance = changed(opens=[0, 0, 0, 0], closes=[60, 60, 7, 60], late_cost=[np.inf, np.inf, 1.0, np.inf])
    assert impossible_orders(instance) == ()


def test_too_few_vehicle_hours():
    van = replace(tiny().vehicles[0], closes=26.0)
    [reason] = shortages(replace(changed(service=[6, 6, 6, 6]), vehicles=(van,)))
    assert reason.kind == "hours"
    assert "at least 34 min" in reason.text.en
    assert "26 min in all" in reason.text.en


def test_too_little_capacity_lets_methods_leave_orders():
    instance = replace(tiny(), vehicles=(replace(tiny().vehicles[0], capacity=(2.0,)),))
    part = serve_what_can_be(instance)
    assert [reason.kind for reason in part.reasons] == ["capacity"]
    assert np.isfinite(part.instance.orders.penalty).all()
    assert part.instance.orders.penalty.min() > 100  # far above the cost of any route
    assert np.isinf(serve_what_can_be(instance, may_leave=False).instance.orders.penalty).all()
    assert np.isfinite(serve_what_can_be(tiny(), may_leave=True).instance.orders.penalty).all()


def test_the_way_back_to_the_numbers_of_the_original():
    instance = changed(size=[[1], [9], [2], [1]])
    part = serve_what_can_be(instance)
    assert part.kept.tolist() == [0, 2, 3]
    assert part.instance.orders.names == ("A", "C", "D")
    # in the part: stops 0, 1, 2 are deliveries of A, C, D; stop 3 is the pickup of A
    plan = part.plan(Plan((Route(0, (3, 0, 1, 2)),)))
    assert plan.routes == (Route(0, (4, 0, 2, 3)),)
    assert plan.unserved == (1,)
    verdict = check(instance, plan)
    assert verdict.partial
    assert plan.stated_cost == pytest.approx(verdict.cost)
    left = part.plan(Plan((Route(0, (3, 0)),), unserved=(1, 2)))
    assert left.unserved == (1, 2, 3)


def test_optional_orders_keep_their_penalty():
    instance = changed(penalty=[np.inf, np.inf, 7.0, np.inf], size=[[1], [1], [9], [1]])
    part = serve_what_can_be(instance)
    plan = part.plan(Plan((Route(0, (3, 4, 0, 1, 2)),)))
    assert check(instance, plan).valid
    assert plan.stated_cost == pytest.approx(check(instance, plan).cost)


def test_notes_are_few_and_in_both_languages():
    part = serve_what_can_be(changed(size=[[9], [9], [9], [9]]))
    assert len(part.notes) == 4
    assert part.notes[0].en.startswith("Cannot be served: order A: its size is 9")
    assert part.notes[0].fr.startswith("Impossible à servir\u202f: commande A\u202f: sa taille")


def test_what_is_called_impossible_is_impossible():
    """Against brute force: an order alone, on every vehicle, by the independent checker."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        opens = rng.integers(0, 60, 4).astype(float)
        instance = changed(
            opens=opens, closes=opens + rng.integers(0, 20, 4), size=rng.integers(1, 8, (4, 1)),
            pickup_opens=rng.integers(0, 50, 4), pickup_closes=rng.integers(0, 60, 4),
        )  # fmt: skip
        found = {reason.order for reason in impossible_orders(instance)}
        for order in range(4):
            stops = (4 + order, order) if instance.has_pickup[order] else (order,)
            others = tuple(k for k in range(4) if k != order)
            alone = any(
                all(
                    v.kind == "required" for v in check(instance, Plan((Route(k, stops),), others)).violations
                )
                for k in range(2)
            )
            assert alone == (order not in found)


class Recorder:
    """A method that serves nothing feasible until it may leave orders out."""

    def __init__(self):
        self.asked = []

    def solve(self, instance, *, stop, seed):
        self.asked.append(instance)
        n = instance.n_orders
        if np.isinf(instance.orders.penalty).any():
            return Solution(Plan((Route(0, (0,)),) * 3, tuple(range(1, n))))
        return Solution(Plan((), tuple(range(n))))


def test_a_method_that_finds_no_plan_is_asked_again():
    method = Recorder()
    found = solve_what_can_be(method, tiny(), stop=Stop(iterations=1), seed=0)
    assert len(method.asked) == 2
    assert np.isfinite(method.asked[1].orders.penalty).all()
    assert found.plan.unserved == (0, 1, 2, 3)
    assert check(tiny(), found.plan).partial
    assert found.notes[-1].en == "Orders left out, as no plan was found that serves them all: 4."


def test_a_feasible_instance_is_solved_as_it_is():
    stop = Stop(iterations=100)
    found, plain = (
        solve_what_can_be(PyVrp(), tiny(), stop=stop, seed=1),
        PyVrp().solve(tiny(), stop=stop, seed=1),
    )
    assert found.plan == plain.plan
    assert len(found.trace) == len(plain.trace)
    assert found.notes == ()


def test_too_few_vehicles_give_the_best_partial_plan():
    """One short shift, nothing proven: PyVRP leaves out what it cannot serve, and the checker agrees."""
    van = replace(tiny().vehicles[0], closes=20.0)
    instance = replace(tiny(), vehicles=(van,))
    assert serve_what_can_be(instance).reasons == ()
    found = solve_what_can_be(PyVrp(), instance, stop=Stop(iterations=200), seed=0)
    verdict = check(instance, found.plan)
    assert verdict.partial
    assert 0 < len(found.plan.unserved) < 4
    assert found.notes


class InterruptedTwice:
    """Finds nothing at first; interrupted in the second attempt, with a plan that serves the last order it was given."""

    def __init__(self):
        self.asked = 0

    def solve(self, instance, *, stop, seed):
        self.asked += 1
        everyone = tuple(range(instance.n_orders))
        if self.asked == 1:
            return Solution(Plan(()))  # neither served nor left out
        last = instance.n_orders - 1
        self.served = instance.orders.names[last]
        raise Interrupted(Solution(Plan((Route(0, (last,)),), everyone[:last])))


def test_an_interruption_in_the_second_attempt_names_the_right_orders():
    instance = changed(size=[[9.0], [1.0], [1.0], [1.0]])
    method = InterruptedTwice()
    with pytest.raises(Interrupted) as interruption:
        solve_what_can_be(method, instance, stop=Stop(iterations=1), seed=0)
    plan = interruption.value.solution.plan
    assert [instance.orders.names[stop] for stop in plan.routes[0].stops] == [method.served]
    assert sorted(plan.unserved) == [0, 1, 2]


def test_an_interruption_keeps_its_plan_between_processes():
    kept = pickle.loads(pickle.dumps(Interrupted(Solution(Plan((), (0,))))))
    assert kept.solution.plan.unserved == (0,)

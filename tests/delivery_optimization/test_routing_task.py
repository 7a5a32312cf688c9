"""The task `routing`: conformance, partial plans, a plan that somebody gives, errors of one instance, the anytime curve."""

import json
from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.anytime import anytime
from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.evaluation import evaluate_plans
from delivery_optimization.examples import tiny
from delivery_optimization.methods.given import Given
from delivery_optimization.methods.nearest import Nearest
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.methods.route_pool import RoutePool
from delivery_optimization.plan import Plan, Route, plan_from_json, plan_to_json
from delivery_optimization.solution import Solution
from delivery_optimization.tasks.routing import Routing
from usecases.contract import Budget, Problem
from usecases.errors import UserError
from usecases.testing import check_task

SHARED = {"seed": 0, "budget": Budget("smoke"), "device": "cpu", "progress": lambda items, **_: items}


class Two:
    """A data source of two instances, the second one with an order that no vehicle can take."""

    def read(self, seed):
        large = replace(tiny().orders, size=np.array([[1.0], [1.0], [99.0], [1.0]]))
        return RoutingData(
            (tiny(), replace(tiny(), name="large", orders=large)),
            best_known=(26.0, 20.0),
            description={"name": "two", "kind": "generated"},
        )


class Unlucky(Nearest):
    """Fails on one instance."""

    def solve(self, instance, *, stop, seed=0):
        if instance.name == "tiny":
            raise self.error
        return super().solve(instance, stop=stop, seed=seed)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_conforms(tmp_path, monkeypatch):
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path))
    check_task("delivery_optimization/routing")


def test_what_cannot_be_served_is_left_out_and_said():
    problem = Routing().load(Two(), seed=0)
    outcome = Routing().solve(Nearest(), problem.inputs, **SHARED)
    evaluation = Routing().evaluate(problem, outcome, **SHARED)
    assert not outcome.complete
    assert any("its size is 99" in note.en for note in outcome.notes)
    assert np.isfinite(evaluation.losses).tolist() == [True, False]
    assert evaluation.metrics["gap"].value is None  # the plans that are complete would look better alone
    assert evaluation.losses[0] == pytest.approx(100 * (30 / 26 - 1))
    assert evaluation.metrics["served_share"].value == pytest.approx(100 * 7 / 8)
    assert evaluation.metrics["complete_plans"].value == 1
    assert Routing().report(problem, outcome, evaluation)


@pytest.mark.parametrize("error", [UserError("no such thing"), ValueError("a bug")])
def test_one_instance_that_fails_does_not_lose_the_others(error):
    method = Unlucky()
    object.__setattr__(method, "error", error)
    problem = Routing().load(Two(), seed=0)
    outcome = Routing().solve(method, problem.inputs, **SHARED)
    assert outcome.details["errors"] == ("tiny",)
    assert not outcome.complete
    evaluation = Routing().evaluate(problem, outcome, **SHARED)
    assert np.isnan(evaluation.losses).all()
    assert evaluation.metrics["vehicles"].value == 1
    with pytest.raises(UserError if isinstance(error, UserError) else RuntimeError):
        Routing().solve(method, problem.inputs[:1], **SHARED)


def test_ctrl_c_hands_over_the_plans_that_are_finished():
    def stopped(items, **_):
        yield next(iter(items))
        raise KeyboardInterrupt

    problem = Routing().load(Two(), seed=0)
    with pytest.raises(KeyboardInterrupt) as caught:
        Routing().solve(Nearest(), problem.inputs, **(SHARED | {"progress": stopped}))
    assert [plan["instance"] for plan in caught.value.outcome.answer["plans"]] == ["tiny"]


def test_a_given_plan_is_judged_as_it_is(tmp_path):
    problem = Problem((tiny(),), groups=np.array(["tiny"]), description={"name": "tiny", "kind": "own"})
    good, late = Plan((Route(0, (4, 5, 0, 1, 2, 3)),)), Plan((Route(0, (0, 4, 5, 1, 2, 3)),))
    for plan, cost in ((good, 26.0), (late, None)):
        path = tmp_path / "plan.json"
        path.write_text(json.dumps({"plans": [plan_to_json(tiny(), plan)]}), encoding="utf-8")
        outcome = Routing().solve(Given(str(path)), problem.inputs, **SHARED)
        evaluation = Routing().evaluate(problem, outcome, **SHARED)
        assert evaluation.metrics["cost"].value == cost
        assert outcome.complete is (cost is not None)
        assert evaluation.complete is (cost is not None)
    assert any("delivered before its pickup" in note.en for note in outcome.notes)
    assert evaluation.metrics["violations"].value == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ('{"a": 1}', "holds no plan"),
        ('{"plans": [{"instance": "other", "routes": []}]}', "no plan for tiny"),
        ('{"routes": [{"vehicle": "lorry", "stops": []}]}', "lorry"),
        ('{"routes": [{"vehicle": "van"}]}', "'stops' is missing"),
        ('{"routes": [{"vehicle": "van", "stops": [{"order": "Z", "action": "delivery"}]}]}', "order 'Z'"),
    ],
)
def test_a_file_that_holds_no_plan_is_a_sentence(tmp_path, text, message):
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        Routing().solve(Given(str(path)), (tiny(),), **SHARED)
    with pytest.raises(UserError, match="cannot be read"):
        Given(str(tmp_path / "none.json")).solve(tiny(), stop=None)


def test_the_anytime_curve_begins_when_all_instances_have_a_plan():
    quick = Solution(Plan(()), trace=((0.0, 12.0), (5.0, 11.0)), cpu_s=10.0)
    slow = Solution(Plan(()), trace=((2.5, 20.0),), cpu_s=10.0)
    curve = anytime([quick, slow], np.array([10.0, 20.0]))["gap_by_time"]
    assert list(curve.x) == [3.0, 5.0, 7.5, 10.0]
    assert curve.y == pytest.approx([10.0, 5.0, 5.0, 5.0])
    assert curve.interval is None
    cost = anytime([quick, slow], None, unit="EUR")["cost_by_time"]
    assert cost.y == pytest.approx([32.0, 31.0, 31.0, 31.0])
    assert anytime([quick] * 5, np.full(5, 10.0))["gap_by_time"].interval[0] == pytest.approx((20.0, 20.0))


def test_figures_by_class_carrier_and_vehicle():
    instances = tuple(replace(tiny(), name=name) for name in ("R101", "RC201"))
    problem = Problem(instances, {"best_known": (26.0, 13.0)}, np.array(["R101", "RC201"]))
    plan = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
    found = evaluate_plans(problem, [plan, plan], (), seed=0)
    assert found.by_group["class R1"]["gap"].value == pytest.approx(0)
    assert found.by_group["class RC2"]["gap"].value == pytest.approx(100)
    assert found.by_group["carrier Nord"]["orders"].value == 8
    assert found.by_group["carrier Vert"]["routes"].value == 0
    assert set(found.names) == set(found.by_group)
    kinds = [key.split()[0] for key in found.by_group]
    assert kinds == sorted(kinds, key=["carrier", "vehicle", "class"].index), "one kind after the other"


class CtrlC:
    """A stop that breaks off like Ctrl-C after some looks at it."""

    seconds, reproducible = 60.0, False

    def __init__(self):
        self.left = 300

    @property
    def iterations(self):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return None

    def start(self):
        return lambda *_: self.iterations is not None


@pytest.mark.parametrize("method", [PyVrp(), RoutePool()], ids=["pyvrp", "route_pool"])
def test_ctrl_c_keeps_the_best_plan_so_far(method, monkeypatch):
    monkeypatch.setattr("delivery_optimization.tasks.routing.stop_for", lambda *_: CtrlC())
    instance = City(n_orders=15).read(0).instances[0]
    with pytest.raises(KeyboardInterrupt) as caught:
        Routing().solve(method, (instance,), **SHARED)
    saved = caught.value.outcome.answer["plans"][0]
    assert check(instance, plan_from_json(instance, saved)).valid

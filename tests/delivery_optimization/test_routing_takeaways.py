"""What a routing report says first: true of a plan that is not valid, partial, late, at the optimum, or of several days."""

from dataclasses import replace

import numpy as np
import pytest

from delivery_optimization.evaluation import evaluate_plans
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Break
from delivery_optimization.plan import Plan, Route
from delivery_optimization.route_map import route_map
from delivery_optimization.routing_report import ROUNDING, sections
from delivery_optimization.routing_takeaways import takeaways
from delivery_optimization.unserved import unserved_table
from delivery_optimization.violation_words import WRONG
from usecases.contract import Metric, Outcome, Problem

WHOLE = Plan((Route(0, (4, 5, 0, 1, 2, 3)),))
BACKWARDS = Plan((Route(0, (3, 2, 1, 0, 5, 4)),))


def said(instances, plans, *, truth=None, more=None):
    problem = Problem(tuple(instances), truth=truth, groups=np.array([i.name for i in instances]))
    evaluation = evaluate_plans(problem, plans, (), seed=0)
    evaluation.metrics.update(more or {})
    return [block.text for block in takeaways(problem, list(plans), evaluation).blocks]


def test_a_plan_that_is_not_valid_is_called_so_first():
    first, _, risk = said([tiny()], [BACKWARDS])
    assert first.en.startswith("The plan is not valid, so it has no cost: 2 violations")
    assert "order B is delivered before its pickup" in first.en
    assert "la commande B est livrée avant d’avoir été retirée" in first.fr
    assert "not measured" not in first.en
    assert "nominal" not in risk.en
    several = said([tiny(), tiny()], [BACKWARDS, WHOLE])[0]
    assert several.en.startswith("Of 2 plans, 1 is not valid and has no cost")


def test_late_stops_are_told_apart_from_tight_ones():
    soft = replace(
        tiny().orders,
        closes=np.array([60.0, 60.0, 60.0, 1.0]),
        late_cost=np.array([np.inf, np.inf, np.inf, 1.0]),
    )
    risk = said([replace(tiny(), orders=soft)], [WHOLE])[2]
    assert "At 17% of the stops service begins after the window has closed." in risk.en
    assert "at 0% of the stops less than 10 min is left" in risk.en


def test_lateness_at_rush_hours_is_said():
    late = {"late_share_rush_hours": Metric(12.5, "%", False)}
    risk = said([tiny()], [WHOLE], more=late)[2]
    assert "12.5% of the orders would be late" in risk.en
    assert "12,5\u202f% des commandes seraient en retard" in risk.fr


def test_one_vehicle_and_several_days():
    one = said([tiny()], [WHOLE])[0]
    assert one.en.startswith("The plan serves 4 orders with 1 vehicle, for ")
    assert one.fr.startswith("Le plan sert 4 commandes avec 1 véhicule, pour ")
    two = said([tiny(), tiny()], [WHOLE, Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), (2,))])
    assert two[0].en.startswith(
        "On average over 2 days, a plan serves 3.5 of 4 orders with 1.5 vehicles, for "
    )
    assert "1 order is not served" in two[2].en
    assert "does not compare" in two[2].en
    assert "(s)" not in " ".join(text.en + text.fr for text in two)


@pytest.mark.parametrize(
    ("best", "proven", "told"),
    [
        (26.0, True, "The plan reaches the proven optimum."),
        (26.0, False, "The plan costs as much as the best plan known."),
        (25.0, True, "The plan costs 4.0% more than the proven optimum."),
    ],
)
def test_the_gap_to_the_best_known(best, proven, told):
    truth = {"best_known": [best], "best_known_vehicles": [1], "proven": proven}
    assert said([tiny()], [WHOLE], truth=truth)[0].en == told


def test_a_break_is_no_time_at_stops():
    vehicle = tiny().vehicles[0]
    paused = replace(
        tiny(), vehicles=(replace(vehicle, breaks=(Break(0.0, 60.0, 300.0),)), *tiny().vehicles[1:])
    )
    with_break = Plan((Route(0, (4, 5, 0, 1, 2, 3, -1)),))
    assert said([paused], [with_break])[1] == said([tiny()], [WHOLE])[1]


def test_every_order_that_is_not_served_is_named_with_its_reason():
    large = replace(tiny(), orders=replace(tiny().orders, size=np.array([[1.0], [1.0], [9.0], [1.0]])))
    table = unserved_table([large], [Plan((), unserved=(0, 1, 2, 3))]).blocks[0]
    assert [row[0] for row in table.rows] == ["A", "B", "C", "D"]
    reasons = [row[-1] for row in table.rows]
    assert reasons[2].en.startswith("Its size is 9")
    assert reasons[2].fr.startswith("Sa taille est 9")
    assert all(reason.en[0].isupper() and reason.fr[0].isupper() for reason in reasons)


def test_the_table_follows_the_map_whose_caption_explains_the_crosses():
    plan = Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), (2,))
    problem = Problem((tiny(),), groups=np.array(["tiny"]))
    from delivery_optimization.plan import plan_to_json

    outcome = Outcome({"plans": [plan_to_json(tiny(), plan)]}, name="plan")
    made = sections(problem, outcome, evaluate_plans(problem, [plan], (), seed=0))
    titles = [section.title.fr for section in made]
    assert titles[1:3] == ["Les tournées", "Commandes non servies"]
    assert "Crosses are orders not served" in made[1].blocks[0].caption.en
    whole = Outcome({"plans": [plan_to_json(tiny(), WHOLE)]}, name="plan")
    made = sections(problem, whole, evaluate_plans(problem, [WHOLE], (), seed=0))
    assert "Commandes non servies" not in [section.title.fr for section in made]
    assert "Crosses" not in made[1].blocks[0].caption.en


def test_no_table_is_spoken_of_where_none_was_given():
    assert "given" not in ROUNDING["integer"].en
    assert "fournie" not in ROUNDING["integer"].fr


def test_a_window_that_never_closes_has_no_limit():
    open_all_day = replace(tiny(), orders=replace(tiny().orders, closes=np.full(4, 2880.0)))
    assert "window: no limit" in route_map(open_all_day, WHOLE, "en")
    assert "fenêtre\u202f: sans limite" in route_map(open_all_day, WHOLE, "fr")


def test_every_kind_of_violation_has_words():
    from typing import get_args

    from delivery_optimization.checker_times import Kind

    assert set(WRONG) == set(get_args(Kind))


def test_each_speed_that_is_assumed_names_its_vehicles():
    from delivery_optimization.data.own_travel import Located, travel

    places = Located(("depot", "A"), np.array([50.6, 50.7]), np.array([3.0, 3.0]), np.array([0, 1]), {})
    *_, notes = travel(places, [None, 13.0], None, speed_km_h=25.0, detour=1.3, names=["van", "bike"])
    assert notes[0].en.startswith("Durations of van are estimated")
    assert notes[1].fr.startswith("Les durées de bike sont estimées")
    *_, alike = travel(places, [None], None, speed_km_h=25.0, detour=1.3, names=["van"])
    assert alike[0].en.startswith("Durations are estimated")

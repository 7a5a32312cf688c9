"""The map and the couriers' day: what is drawn is what is planned."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from delivery_optimization.clock import hours
from delivery_optimization.examples import tiny
from delivery_optimization.instance import Places
from delivery_optimization.plan import Plan, Route
from delivery_optimization.route_map import has_map, route_map
from delivery_optimization.timeline import timeline
from usecases.drawings import SVG, checked

PLAN = Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), unserved=(2,))


def shapes(svg, tag):
    return ElementTree.fromstring(checked(svg)).iter(f"{{{SVG}}}{tag}")


def tips(svg):
    return [title.text for title in shapes(svg, "title")]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_stop_route_depot_and_unserved_order_is_on_the_map(lang):
    svg = route_map(tiny(), PLAN, lang)
    assert len(list(shapes(svg, "polyline"))) == 2
    assert len(list(shapes(svg, "circle"))) == 3  # deliveries
    assert len(list(shapes(svg, "rect"))) == 3  # two pickups and the depot
    said = " ".join(tips(svg))
    assert {"en": "C (not served)", "fr": "C (non servie)"}[lang] in said
    assert {"en": "Route 1: van", "fr": "Tournée 1\u202f: van"}[lang] in said


def test_a_late_delivery_is_marked():
    late = replace(tiny(), orders=replace(tiny().orders, closes=np.array([60.0, 7.0, 40.0, 60.0])))
    assert "late" in " ".join(tips(route_map(late, PLAN, "en")))
    assert "late" not in " ".join(tips(route_map(tiny(), PLAN, "en")))
    assert "begins late" in " ".join(tips(timeline(late, PLAN, "en")))


def test_places_without_coordinates_have_no_map_and_some_missing_do_no_harm():
    unknown = Places(tiny().places.names, np.full(5, np.nan), np.full(5, np.nan))
    assert not has_map(replace(tiny(), places=unknown))
    x = tiny().places.x.copy()
    x[2] = np.nan
    svg = route_map(replace(tiny(), places=replace(tiny().places, x=x)), PLAN, "en")
    assert "nan" not in svg
    assert len(list(shapes(svg, "circle"))) == 2


def test_one_place_only_is_drawn():
    same = Places(tiny().places.names, np.full(5, 3.06), np.full(5, 50.63), geographic=True)
    assert "nan" not in route_map(replace(tiny(), places=same), PLAN, "fr")


def test_the_day_shows_waiting_and_the_times_of_the_schedule():
    plan = Plan((Route(0, (3, 2)),), unserved=(0, 1))
    early = replace(
        tiny(),
        orders=replace(
            tiny().orders, opens=np.array([0.0, 0.0, 50.0, 0.0]), closes=np.array([60.0, 60.0, 60.0, 5.0])
        ),
    )
    said = tips(timeline(early, plan, "en"))
    assert any(text.startswith("waiting") for text in said)
    assert any(text.startswith("C: 00:50") for text in said)


def test_an_empty_plan_is_drawn():
    empty = Plan((), unserved=(0, 1, 2, 3))
    assert checked(timeline(tiny(), empty, "fr"))
    assert checked(route_map(tiny(), empty, "fr"))


@pytest.mark.parametrize(
    ("day", "seconds", "said"),
    [
        ("", 3 * 3600, "03:00"),
        ("2026-03-29T00:00:00+01:00", 3 * 3600, "04:00"),  # 23 hours
        ("2026-10-25T00:00:00+02:00", 3 * 3600, "02:00"),  # 25 hours
        ("2026-03-16T00:00:00+01:00", 25 * 3600, "25:00"),
    ],
)
def test_days_of_a_change_of_hour(day, seconds, said):
    assert hours(seconds, "s", "en", day) == said


def test_the_driving_line_speaks_and_no_tick_is_minus_zero():
    said = tips(timeline(tiny(), PLAN, "fr"))
    assert any(text.startswith("van\u202f: de ") and "de trajet" in text for text in said)
    pure = replace(tiny(), time_unit="")
    words = [text.text for text in shapes(timeline(pure, PLAN, "en"), "text")]
    assert "0" in words
    assert not {"-0", "−0"} & set(words)


def test_vehicles_of_the_built_in_data_have_french_names():
    van, bike = tiny().vehicles
    fleet = (replace(van, name="Nord, van from 07:30"), replace(bike, name="vehicle"))
    city = replace(tiny(), vehicles=fleet)
    drawn = timeline(city, PLAN, "fr")
    assert "1  Nord, fourgon dès 07:30" in drawn
    assert "véhicule 2" in drawn
    assert "fourgon dès 07:30" in route_map(city, PLAN, "fr")
    assert "1  Nord, van from 07:30" in timeline(city, PLAN, "en")

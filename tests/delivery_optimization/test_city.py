"""The built-in city: frozen, the same for the same seed, plausible, feasible; its truth stays apart."""

import dataclasses
import re
from datetime import date

import numpy as np
import pytest

from delivery_optimization.checker import check
from delivery_optimization.data import city_parameters
from delivery_optimization.data.city import City, city_day
from delivery_optimization.data.city_calendar import elapsed, midnight
from delivery_optimization.data.city_day import CityDay, rush_hours
from delivery_optimization.data.city_demand import Demand
from delivery_optimization.data.city_fleet import couriers_per_shift
from delivery_optimization.data.city_travel import BIKE, VAN, Streets
from delivery_optimization.data.city_truth import BreakdownLaw, CityTruth, ServiceLaw, TravelLaw
from delivery_optimization.data.routing_data import fingerprint
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.solution import Stop
from usecases.errors import UserError

FROZEN = {"1.0": "dc72e07f8e10c3880a21e0e2367b353df9a9013259dd2800731adfa228787ce2"}
FINGERPRINT = "c0576f622d8a11890d54bce04de719465c33a3101557ba73ae7b7e0d754901e3"  # of the default day, seed 0: code and values together


@pytest.fixture(scope="module")
def day():
    return city_day(0)


@pytest.fixture(scope="module")
def solved():
    """Instances of two seeds and their plans, limited by iterations."""
    instances = [City(n_orders=40).read(seed).instances[0] for seed in (0, 1)]
    return [(i, PyVrp().solve(i, stop=Stop(iterations=300), seed=0).plan) for i in instances]


def table():
    return city_parameters._parameter_table()


# frozen values


def test_values_are_frozen():
    assert FROZEN[city_parameters.load_parameters().version] == city_parameters.parameter_hash()


def test_default_day_is_frozen():
    assert fingerprint(City().read(0).instances) == FINGERPRINT


def test_every_value_has_unit_and_source():
    sections = {k: v for k, v in table().items() if k not in ("version", "families", "zones", "carriers")}
    assert len(sections) > 10
    for section, entries in sections.items():
        for name, entry in entries.items():
            assert set(entry) <= {"value", "unit", "source", "vary"}, f"{section}.{name}"
            assert entry["unit"], f"{section}.{name}"
            assert len(entry["source"]) > 6, f"{section}.{name}"
    assert all(len(table()[name]["source"]) > 20 for name in ("zones", "carriers"))


def test_every_value_is_used():
    folder = city_parameters.PARAMETER_FILE.parent
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("city*.py")))
    built = re.compile(r"^(van|bike)_(litres|kilograms|fixed|per_km|per_hour)$")  # names made in city_fleet
    for section in set(table()) - {"version", "families", "zones", "carriers"}:
        for name in table()[section]:
            assert built.match(name) or re.search(rf"\b\w+\.{name}\b", code), (
                f"{section}.{name} changes nothing"
            )


def test_families_draw_around_the_default():
    default, one, two, kept = (
        city_parameters.load_parameters(family, seed)
        for family, seed in (("default", 1), ("varied", 1), ("varied", 2), ("held_out", 1))
    )
    paces = {p.travel.van_pace_centre for p in (default, one, two, kept)}
    assert len(paces) == 4
    assert abs(np.log(one.handling.delivery / default.handling.delivery)) < 0.31
    held = [city_parameters.load_parameters("held_out", seed).travel_law.cv for seed in range(30)]
    assert np.mean(held) > 1.1 * default.travel_law.cv


def test_factors_of_families_belong_to_varied_values():
    for family in table()["families"].values():
        for name in family["factors"]:
            section, key = name.split(".")
            assert table()[section][key].get("vary"), name


def test_held_out_is_another_city_and_says_so():
    said = City(n_orders=10, parameters="held_out").read(0)
    assert said.description["parameters"] == "held_out"
    assert fingerprint(said.instances) != fingerprint(City(n_orders=10).read(0).instances)


# determinism


def test_same_seed_same_bytes():
    one, two, other = (fingerprint(City(n_orders=40, days=2).read(seed).instances) for seed in (3, 3, 4))
    assert one == two != other


def test_days_do_not_depend_on_how_many_are_read():
    alone, week = City(n_orders=20).read(0).instances, City(n_orders=20, days=3).read(0).instances
    assert fingerprint(alone) == fingerprint(week[:1])
    later = City(n_orders=20, first_day="2026-03-18").read(0).instances
    assert fingerprint(later) == fingerprint(week[2:])


def test_history_has_the_same_shops_and_other_orders():
    before, today = City(n_orders=30).history(0, days=2)[1], city_day(0, n_orders=30)
    assert before.day == date(2026, 3, 15)
    np.testing.assert_array_equal(before.geography.shops.latitude, today.geography.shops.latitude)
    assert before.demand.purchase.tolist() != today.demand.purchase.tolist()


def test_description():
    said = City(n_orders=25).read(0).description
    assert (said["name"], said["kind"], said["n_orders"]) == ("city, shops", "generated", 25)
    assert said["parameter_hash"] == city_parameters.parameter_hash()
    products = city_day(0, n_orders=25).summary["products"]
    assert products["two-hour"] + products["one-hour"] == 25
    assert said["by_day"][0]["fr"].startswith("16/03/2026\u202f: 25 commandes")


# promises


def test_two_hours_after_purchase(day):
    d = day.demand
    quick = np.array(d.product) == "two-hour"
    assert 0.3 < quick.mean() < 0.7
    np.testing.assert_array_equal(d.closes[quick] - d.purchase[quick], 7200)
    assert (d.purchase[quick] >= day.at_hour(8)).all()


def test_appointments_last_an_hour(day):
    d = day.demand
    slot = np.array(d.product) == "one-hour"
    np.testing.assert_array_equal((d.closes - d.opens)[slot], 3600)
    assert (d.purchase[slot] < d.opens[slot] - 7199).all()
    assert 0.2 < (d.purchase[slot] < 0).mean() < 0.9


def test_every_order_can_be_delivered_alone():
    for seed in range(5):
        instance = City(n_orders=200).read(seed).instances[0]
        o = instance.orders
        there = instance.travel[VAN].pairs(o.pickup_place, o.place)[0]
        assert (o.pickup_opens + o.pickup_service + there <= o.closes).all()
        assert (o.size <= np.array([v.capacity for v in instance.vehicles if v.travel == VAN])[0]).all()


def test_stream_is_sorted_and_known_at_grows(day):
    assert (np.diff(day.demand.purchase) >= 0).all()
    start, noon = day.known_at(0.0), day.known_at(day.at_hour(12))
    assert 0 < start.n_orders < noon.n_orders < day.n_orders
    np.testing.assert_array_equal(noon.orders.closes, day.instance.orders.closes[: noon.n_orders])
    assert noon.orders.names == day.instance.orders.names[: noon.n_orders]
    assert City(known="start").read(0).instances[0].n_orders == start.n_orders


# truth apart


def everything_in(value, seen):
    """All objects that can be reached from one."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    if dataclasses.is_dataclass(value) or hasattr(value, "__dict__"):
        for part in vars(value).values():
            everything_in(part, seen)
    elif isinstance(value, list | tuple):
        for part in value:
            everything_in(part, seen)


def test_truth_cannot_be_reached_from_an_instance(day):
    seen = {}
    for instance in (day.instance, day.known_at(0.0), *City(n_orders=20).read(0).instances):
        everything_in(instance, seen)
    hidden = CityDay | CityTruth | TravelLaw | ServiceLaw | BreakdownLaw | Demand
    assert not [value for value in seen.values() if isinstance(value, hidden)]
    assert not [value for value in seen.values() if value is day.demand.purchase]
    assert day.instance.speeds is not day.truth.travel.profile
    assert not np.array_equal(day.instance.speeds.factors, day.truth.travel.profile.factors)


def test_known_at_holds_no_place_of_a_later_order(day):
    now = day.known_at(day.at_hour(10))
    later = day.demand.address.latitude[now.n_orders :]
    assert len(now.places.x) == len(now.places.names) == 3 + 12 + now.n_orders
    assert not np.isin(later, now.places.y[15:]).all()


def test_travel_does_not_change_when_orders_come(day):
    early, late = day.known_at(0.0), day.instance
    n = 15 + early.n_orders
    for mode in (VAN, BIKE):
        np.testing.assert_array_equal(early.travel[mode].durations, late.travel[mode].durations[:n, :n])


def test_laws_have_mean_one():
    days = [city_day(0, number, n_orders=1).truth.travel for number in range(200)]
    assert np.mean([law.day_factor for law in days]) == pytest.approx(1, abs=0.02)
    shared, own = days[0].log_sd(VAN)
    assert np.sqrt(np.expm1(shared**2 + own**2)) == pytest.approx(0.2)
    assert shared == pytest.approx(own)


# travel


def test_travel_is_asymmetric_and_bikes_win_in_the_centre_only(day):
    van, bike = day.instance.travel
    there, back = van.durations, van.durations.T
    far = van.distances > 1000
    ratio = (there / np.maximum(back, 1))[far]
    assert (there != back)[far].mean() > 0.9
    assert 0.02 < np.abs(np.log(ratio)).mean() < 0.15
    assert (bike.distances <= van.distances + 80).mean() > 0.99
    zone = np.array([day.parameters.zones[z].kind for z in day.demand.address.zone])
    middle, outer = (15 + np.flatnonzero(zone == kind) for kind in ("centre", "outer"))
    faster = (bike.durations < van.durations).astype(float)
    assert faster[np.ix_(middle, middle)].mean() > 0.5 > 0.2 > faster[np.ix_(outer, outer)].mean()


def test_speeds_are_plausible(day):
    van = day.instance.travel[VAN]
    legs = van.distances > 500
    speed = 3.6 * van.distances[legs].sum() / van.durations[legs].sum()
    assert 18 < speed < 40


def test_rush_hours(day):
    profile = day.instance.speeds
    assert profile.travel == (VAN,)
    hour = lambda h: profile.factors[np.searchsorted(profile.edges, 3600 * h, side="right") - 1]  # noqa: E731
    assert hour(8.5) > 1.1 > hour(11) > 0.85
    assert hour(17) > hour(13) > hour(21) > 0.7
    sunday, _ = rush_hours(day.parameters, date(2026, 3, 22), (8, 21))
    assert np.ptp(sunday.factors) < 0.5 * np.ptp(profile.factors)


def test_function_and_table_agree():
    small, large = City(n_orders=5).read(0).instances[0], City(n_orders=1300).read(0).instances[0]
    assert isinstance(large.travel[VAN], Streets)
    shops = np.arange(15)  # bases and shops are the same in both
    np.testing.assert_array_equal(small.travel[VAN].durations[:15, :15], large.travel[VAN].table(shops)[0])
    np.testing.assert_array_equal(
        large.travel[BIKE].pairs(shops[:-1], shops[1:])[1],
        small.travel[BIKE].distances[shops[:-1], shops[1:]],
    )


# seasons, sizes


@pytest.mark.slow
def test_seasons_are_visible():
    city = City(n_orders=100, seasons=True, first_day="2026-01-05")
    days = [city.day(0, number) for number in range(364)]
    n = np.array([d.n_orders for d in days]).reshape(52, 7)
    assert n[:, 5].mean() > 1.3 * n[:, 6].mean()
    month = np.array([d.day.month for d in days])
    assert n.ravel()[month == 12].mean() > 1.3 * n.ravel()[month == 8].mean()
    assert 0.9 < n.mean() / 100 < 1.1
    saturday, sunday = (sum(v.number for v in d.vehicles) for d in days[5:7])
    assert saturday > sunday


def test_couriers_follow_the_contracts():
    vehicles = City(n_orders=800).day(0, 0).vehicles
    own = {}
    for vehicle in vehicles:
        own[vehicle.carrier] = own.get(vehicle.carrier, 0) + vehicle.number
    external = own.pop("Renfort")
    share = np.array(list(own.values())) / sum(own.values())
    np.testing.assert_allclose(share, [0.45, 0.33, 0.22], atol=0.03)
    assert 0 < external < sum(own.values()) / 2
    numbers = couriers_per_shift(city_parameters.load_parameters(), 100, (8, 21))
    assert (numbers >= 0).all()
    assert numbers.sum() > 8


@pytest.mark.parametrize("n", [0, 1, 50_000])
def test_sizes(n):
    kind = "parcels" if n > 1000 else "shops"
    instance = City(n_orders=n, kind=kind).read(0).instances[0]
    assert instance.n_orders == n
    assert len(instance.orders.size) == n


def test_parcels_travel_is_computed_on_demand():
    instance = City(n_orders=10_000, kind="parcels", n_depots=3).read(0).instances[0]
    assert isinstance(instance.travel[VAN], Streets)
    assert not instance.has_pickup.any()
    assert {v.start for v in instance.vehicles} == {0, 1, 2}
    durations, distances = instance.travel[VAN].table(np.arange(100))
    assert durations.shape == distances.shape == (100, 100)
    assert not np.diag(durations).any()


# the calendar


@pytest.mark.parametrize(
    ("when", "offset", "eight", "whole"),
    [("2026-03-28", "+01:00", 8, 24), ("2026-03-29", "+01:00", 7, 23), ("2026-10-25", "+02:00", 9, 25)],
)
def test_change_of_hour(when, offset, eight, whole):
    instance = City(n_orders=30, first_day=when).read(0).instances[0]
    assert instance.day == f"{when}T00:00:00{offset}"
    assert elapsed(date.fromisoformat(when), 8.0) == 3600 * eight
    assert elapsed(date.fromisoformat(when), 24.0) == 3600 * whole
    assert min(instance.orders.pickup_opens) >= 3600 * eight
    assert min(v.opens for v in instance.vehicles) == 3600 * eight - 1800
    assert (np.diff(instance.speeds.edges) > 0).all()


def test_hours_around_midnight():
    instance = City(n_orders=80, opens=18, closes=26).read(0).instances[0]
    assert instance.orders.closes.max() > 24 * 3600
    assert instance.orders.closes.max() <= 26 * 3600
    assert max(v.closes for v in instance.vehicles) >= 26 * 3600
    assert midnight(date(2026, 7, 1)).isoformat().endswith("+02:00")


# bad input


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("n_orders", -1, "0 to 50000"),
        ("n_orders", 2.5, "whole number"),
        ("n_orders", True, "whole number"),
        ("days", 0, "1 to 400"),
        ("kind", "shop", "shops"),
        ("known", "none", "known=none"),
        ("closes", 9, "12 to 30"),
        ("opens", float("nan"), "from 0 to 24"),
        ("first_day", "16/03/2026", "2026-03-16"),
        ("two_hour_share", 1.2, "from 0 to 1"),
        ("parameters", "helf_out", "held_out"),
    ],
)
def test_bad_values_are_one_sentence(key, value, words):
    with pytest.raises(UserError, match=re.escape(words)) as caught:
        City(**{key: value})
    assert f"data.{key}=" in str(caught.value)


# plans


def test_days_are_feasible(solved):
    for instance, plan in solved:
        assert check(instance, plan).valid


def test_handling_is_about_forty_percent(solved):
    """T. Pocreau (Colisweb), Inria 2018: collecting and handing over are 40 % of logistics time."""
    shares = []
    for instance, plan in solved:
        handling = sum(instance.stop_service[list(route.stops)].sum() for route in plan.routes)
        shares.append(handling / check(instance, plan).duration)
    assert 0.3 < np.mean(shares) < 0.45


def test_days_are_tight(solved):
    """A sensible plan takes more than half of the couriers."""
    for instance, plan in solved:
        own = sum(v.number for v in instance.vehicles if v.carrier != "Renfort")
        assert 0.5 * own < len(plan.routes) <= own + 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_default_days_are_feasible_and_handling_is_forty_percent():
    shares = []
    for seed in (0, 1, 2):
        instance = City().read(seed).instances[0]
        plan = PyVrp().solve(instance, stop=Stop(iterations=2000), seed=0).plan
        verdict = check(instance, plan)
        assert verdict.valid
        assert sum(instance.vehicles[route.vehicle].carrier == "Renfort" for route in plan.routes) <= 2
        handling = sum(instance.stop_service[list(route.stops)].sum() for route in plan.routes)
        shares.append(handling / verdict.duration)
    assert 0.36 < np.mean(shares) < 0.44

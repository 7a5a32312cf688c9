"""A person's own deliveries: spreadsheets in, instances out; every mistake told in one sentence that names the row."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from delivery_optimization.data.own import Own
from delivery_optimization.data.own_template import write_template
from delivery_optimization.diagnosis import serve_what_can_be
from delivery_optimization.instance import FROM_DEPOT, UNREACHABLE, Crow, Table
from usecases.errors import UserError

HEAD = "order,latitude,longitude,opens,closes,service_minutes,size"
GOOD = ["A,50.63,3.06,09:00,10:00,5,1", "B,50.64,3.07,,,,2", "C,50.62,3.05,10h,11h30,4,1"]
# What the CSV service of the French address geocoder returns (data.geopf.fr/geocodage/search/csv), made-up rows.
GEOCODED = """commande;adresse;longitude;latitude;result_score;result_score_next;result_label;result_type;result_id;result_housenumber;result_name;result_street;result_postcode;result_city;result_context;result_citycode;result_status
A12;1 place du Théâtre Lille;3.0640;50.6372;0.97;;1 Place du Théâtre 59800 Lille;housenumber;59350_1;1;1 Place du Théâtre;Place du Théâtre;59800;Lille;59, Nord, Hauts-de-France;59350;ok
A13;rue des Frères Lille;3.0500;50.6310;0.41;0.40;Rue des Frères Vaillant 59800 Lille;street;59350_2;;Rue des Frères Vaillant;Rue des Frères Vaillant;59800;Lille;59, Nord, Hauts-de-France;59350;ok
"""  # noqa: E501


def orders(folder, *rows, head=HEAD, name="orders.csv", encoding="utf-8"):
    file = folder / name
    file.write_text("\n".join([head, *(rows or GOOD)]) + "\n", encoding=encoding)
    return str(file)


def read(path, **options):
    return Own(path=str(path), **options).read(seed=0)


def only(path, **options):
    [instance] = read(path, **options).instances
    return instance


def test_a_plain_file_and_what_is_assumed(tmp_path):
    data = read(orders(tmp_path))
    [instance] = data.instances
    assert instance.orders.names == ("A", "B", "C")
    assert instance.orders.opens.tolist() == [32400, 0, 36000]
    assert instance.orders.closes[[0, 2]].tolist() == [36000, 41400]
    assert instance.orders.service.tolist() == [300, 300, 240]
    assert instance.orders.size[:, 0].tolist() == [1, 2, 1]
    assert isinstance(instance.travel[0], Crow)
    assert instance.vehicles[0].number == 3
    assert (instance.vehicles[0].opens, instance.vehicles[0].closes) == (8 * 3600, 20 * 3600)
    assert instance.vehicles[0].cost_per_distance == pytest.approx(0.3 / 1000)
    said = " ".join(note.en for note in instance.notes)
    for assumed in ("No file of vehicles", "No depot", "as the crow flies", "Service takes 5 minutes"):
        assert assumed in said
    assert data.description["kind"] == "own"
    assert len(data.description["assumptions"]) == len(instance.notes)
    assert "50.63" not in json.dumps(data.description) or "middle" in said  # the middle only


def test_the_description_holds_no_row(tmp_path):
    file = orders(tmp_path, "secret-7,50.6312345,3.0698765,,,,1", "B,50.64,3.07,,,,1", "C,50.62,3.05,,,,1")
    told = json.dumps(read(file, depot=[50.6, 3.0]).description)
    assert "secret-7" not in told
    assert "6312345" not in told


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_french_spreadsheets(tmp_path, encoding):
    rows = ["n°1;50,63;3,06;17/03/2026;9h;11h30;7,5", "n°2;50,64;3,07;17/03/2026;10:00;12:00;5"]
    file = orders(
        tmp_path, *rows, head="commande;latitude;longitude;date;ouvre;ferme;minutes_service",
        name="relevé d'été.csv", encoding=encoding,
    )  # fmt: skip
    instance = only(file)
    assert instance.orders.names == ("n°1", "n°2")
    assert instance.orders.service[0] == 450
    assert instance.day.startswith("2026-03-17")


def test_what_the_address_geocoder_returns(tmp_path, caplog):
    file = tmp_path / "géocodées.csv"
    file.write_text(GEOCODED, encoding="utf-8")
    data = read(file)
    [instance] = data.instances
    assert "A13" not in json.dumps(data.description)
    assert instance.places.geographic
    assert "1 place du Théâtre Lille" in instance.places.names
    low, vague = (note for note in instance.notes if "A13" in note.en)
    assert "score below 0.5" in low.en
    assert "row 3" in low.en
    assert "inférieur à 0,5" in low.fr
    assert "ligne 3" in low.fr
    assert "without its house number" in vague.en
    assert any("A13" in record.message for record in caplog.records if record.levelname == "WARNING")


BAD = {
    "not found": (["A,,,,,,1"], "row 2.*order 'A'.*no coordinates.*geocode"),
    "one coordinate": (["A,50.63,,,,,1"], "row 2.*'A'.*one coordinate without the other"),
    "exchanged": (["A,3.06,50.63,,,,1", *GOOD[1:]], "row 2.*'A'.*exchanged"),
    "zero": ([*GOOD[1:], "Z,0,0,,,,1"], "row 4.*'Z'.*latitude 0 and longitude 0"),
    "stray": ([*GOOD, "Z,43.6,1.44,,,,1"], r"row 5.*'Z'.*km from the middle.*farthest_km=\d+"),
    "no latitude": (["A,123,3,,,,1", *GOOD[1:]], "row 2.*123 is no latitude"),
    "text": (["A,here,3.06,,,,1", *GOOD[1:]], "row 2.*'latitude'.*'here' is not a number"),
    "same name": ([*GOOD, "A,50.6,3,,,,1"], "row 5.*'A'.*row 2 has the same name"),
    "no name": ([*GOOD, ",50.6,3,,,,1"], "row 5.*no name"),
    "window": (["A,50.63,3.06,14:00,10:00,5,1", *GOOD[1:]], "row 2.*'A'.*'10:00'.*before it opens"),
    "no time": (["A,50.63,3.06,soon,10:00,5,1", *GOOD[1:]], "row 2.*'opens'.*'soon'.*timestamp"),
    "minute 75": (["A,50.63,3.06,09:75,10:00,5,1", *GOOD[1:]], "row 2.*'09:75'"),
    "negative service": (["A,50.63,3.06,,,-5,1", *GOOD[1:]], "row 2.*'A'.*-5.*at least 0"),
    "negative size": (["A,50.63,3.06,,,5,-1", *GOOD[1:]], "row 2.*'A'.*-1.*at least 0"),
    "no size": (["A,50.63,3.06,,,5,", *GOOD[1:]], "row 2.*'A'.*no size"),
    "infinite": (["A,50.63,3.06,,,1e999,1", *GOOD[1:]], "row 2.*'A'.*not a finite number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_in_a_row_is_named(tmp_path, name):
    rows, expected = BAD[name]
    with pytest.raises(UserError, match=expected) as told:
        read(orders(tmp_path, *rows))
    assert "\n" not in str(told.value)


def test_files_that_are_not_orders(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(UserError, match="is empty"):
        read(empty)
    header = tmp_path / "header.csv"
    header.write_text(HEAD + "\n", encoding="utf-8")
    with pytest.raises(UserError, match="no row of data"):
        read(header)
    with pytest.raises(UserError, match="does not exist"):
        read(tmp_path / "nowhere" / "orders.csv")
    with pytest.raises(UserError, match=r"folder without orders\.csv"):
        read(tmp_path)
    addresses = orders(tmp_path, "A,1 rue de Paris", head="order,address", name="addresses.csv")
    with pytest.raises(UserError, match="geocode the file first"):
        read(addresses)
    other = orders(tmp_path, "1,2,3", head="a,b,latitud", name="other.csv")
    with pytest.raises(
        UserError, match=r"no column 'latitude', did you mean 'latitud'.*data\.columns\.latitude"
    ):
        read(other)
    assert (
        only(
            orders(tmp_path, "1,50.6,3.1", head="a,y,x"),
            columns={"order": "a", "latitude": "y", "longitude": "x"},
        ).n_orders
        == 1
    )
    with pytest.raises(UserError, match=r"data\.columns\.opens=Y"):
        read(orders(tmp_path), columns={"opens": "Y"})
    (tmp_path / "b.csv").write_bytes(b"\x00\x01\x02" * 40)
    with pytest.raises(UserError, match="binary"):
        read(tmp_path / "b.csv")


BAD_OPTIONS = {
    "path": (None, "data template"),
    "speed_km_h": (0, "speed_km_h=0"),
    "detour": (0.5, "detour=0.5"),
    "depot": ([3.0], "latitude and longitude"),
    "day": ("soon", "data.day=soon"),
    "timezone": ("Paris", "no time zone"),
    "opens": ("noon", "data.opens=noon"),
    "closes": ("07:00", "ends before it begins"),
    "durations_unit": ("h", "durations_unit=h"),
    "columns": ({"opns": "x"}, "did you mean 'opens'"),
    "sep": ("abc", "data.sep=abc"),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_an_option_that_cannot_be(name):
    value, expected = BAD_OPTIONS[name]
    with pytest.raises(UserError, match=expected):
        Own(**({"path": "a.csv"} | {name: value}))


def test_soft_windows(tmp_path):
    """EUR for each minute late, in English and French; empty: the window must be kept."""
    for title in ("late_cost", "Coût retard"):
        head = f"order,latitude,longitude,closes,{title}"
        instance = only(orders(tmp_path, "A,50.63,3.06,09:00,1.5", "B,50.64,3.07,10:00,", head=head))
        assert instance.orders.late_cost.tolist() == [0.025, np.inf]
    for row, expected in (
        ("A,50.63,3.06,,2", "without the end of a window"),
        ("A,50.63,3.06,9h,-2", "-2 was given"),
    ):
        with pytest.raises(UserError, match=rf"row 2, column 'Coût retard'.*'A'.*{expected}"):
            read(orders(tmp_path, row, head=head))


@pytest.mark.slow
def test_a_late_order_is_paid_for_by_ortools(tmp_path):
    """One vehicle, two doors that close before both can be reached: one is late, and its minutes are paid."""
    from delivery_optimization.checker import check
    from delivery_optimization.methods.ortools_solver import OrTools
    from delivery_optimization.methods.pyvrp_solver import PyVrp
    from delivery_optimization.solution import Stop

    head = "order,latitude,longitude,closes,late_cost"
    rows = ("A,50.63,3.06,08:05,0.5", "B,50.66,3.06,08:05,0.5")
    van = fleet(tmp_path, "van,1,50.63,3.06", head="vehicle,number,latitude,longitude")
    instance = only(orders(tmp_path, *rows, head=head), vehicles=van)
    plan = OrTools().solve(instance, stop=Stop(iterations=30)).plan
    assert plan.unserved == ()
    verdict = check(instance, plan)
    assert verdict.valid
    assert verdict.late > 0
    with pytest.raises(UserError, match="method=ortools"):
        PyVrp().solve(instance, stop=Stop(iterations=3))


def test_windows_past_midnight(tmp_path):
    instance = only(
        orders(tmp_path, "A,50.63,3.06,22:00,02:00,5,1", "B,50.63,3.07,25:00,26h30,5,1"), closes="28:00"
    )
    assert (instance.orders.opens / 3600).tolist() == [22, 25]
    assert (instance.orders.closes / 3600).tolist() == [26, 26.5]
    rows = [
        "A,50.63,3.06,2026-03-17 22:00,2026-03-18 02:00,5,1",
        "B,50.63,3.07,2026-03-17 23:00,2026-03-18 00:30,5,1",
    ]
    stamped = only(orders(tmp_path, *rows))
    assert (stamped.orders.closes / 3600).tolist() == [26, 24.5]
    assert stamped.day.startswith("2026-03-17")


def test_days_with_a_change_of_hour(tmp_path):
    """09:00 in Paris is 8 hours after midnight on one Sunday in March, and 10 hours on one in October."""
    from delivery_optimization.clock import hours

    for day, passed in (("2026-03-29", 8), ("2026-10-25", 10), ("2026-06-01", 9)):
        instance = only(orders(tmp_path), day=day)
        assert instance.orders.opens[0] / 3600 == passed
        assert instance.vehicles[0].opens / 3600 == passed - 1
        assert hours(instance.orders.opens[0], "s", "en", instance.day) == "09:00"
    for zone in ("UTC", "America/New_York"):
        there = only(orders(tmp_path), day="2026-03-29", timezone=zone)  # no change of hour on that day
        assert there.orders.opens[0] / 3600 == 9
        assert hours(there.orders.opens[0], "s", "en", there.day) == "09:00"
    offset = only(orders(tmp_path, "A,50.63,3.06,2026-03-29T07:00:00+00:00,2026-03-29T08:00:00Z,5,1"))
    assert offset.orders.opens[0] / 3600 == 8  # 09:00 in Paris
    assert offset.day == "2026-03-29T00:00:00+01:00"


def test_several_days_are_several_instances(tmp_path):
    head = "order,latitude,longitude,date"
    file = orders(tmp_path, "A,50.6,3,2026-03-17", "B,50.6,3.1,2026-03-18", "C,50.7,3,2026-03-18", head=head)
    data = read(file)
    assert [instance.name for instance in data.instances] == ["2026-03-17", "2026-03-18"]
    assert [instance.n_orders for instance in data.instances] == [1, 2]
    assert data.description["n_days"] == 2
    with pytest.raises(UserError, match=r"row 3.*no day"):
        read(orders(tmp_path, "A,50.6,3,2026-03-17", "B,50.6,3.1,", head=head))


def test_places_that_are_alike_are_one(tmp_path):
    instance = only(
        orders(tmp_path, *(f"{k},50.63,3.06,,,5,1" for k in range(20)), "X,50.7,3.1,,,5,1"), depot=[50.6, 3.0]
    )
    assert len(instance.places.names) == 3
    assert len(set(instance.orders.place.tolist())) == 2


def test_pickups(tmp_path):
    head = "order,latitude,longitude,pickup,pickup_latitude,pickup_longitude,pickup_opens,pickup_closes"
    rows = ["A,50.63,3.06,,,,,", "B,50.64,3.07,corner shop,50.65,3.08,09:00,12:00", "C,50.62,3.05,main,,,,"]
    fleet = tmp_path / "vehicles.csv"
    fleet.write_text(
        "vehicle,number,capacity,depot,latitude,longitude\nvan,2,10,main,50.6,3.0\n", encoding="utf-8"
    )
    instance = only(tmp_path / Path(orders(tmp_path, *rows, head=head)).name, vehicles=str(fleet))
    assert instance.orders.pickup_place[0] == FROM_DEPOT
    assert instance.places.names[instance.orders.pickup_place[1]] == "corner shop"
    assert instance.orders.pickup_place[2] == instance.vehicles[0].start
    assert instance.orders.pickup_opens[1] == 32400
    with pytest.raises(UserError, match=r"row 2.*'A'.*'nowhere' is no depot.*'main'"):
        read(orders(tmp_path, "A,50.63,3.06,nowhere,,,,", head=head), vehicles=str(fleet))


FLEET = "carrier,vehicle,number,capacity,opens,closes,latitude,longitude,cost_per_km,speed_km_h,break_opens,break_closes,break_minutes"


def fleet(folder, *rows, head=FLEET):
    file = folder / "fleet.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return str(file)


def test_vehicles(tmp_path):
    rows = [
        "North,van,2,20,07:00,15:00,50.6,3.0,0.5,,11:00,13:00,30",
        "South,van,1,10,22:00,06:00,50.61,3.1,,15,,,",
    ]
    instance = only(orders(tmp_path), vehicles=fleet(tmp_path, *rows))
    first, second = instance.vehicles
    assert (first.name, second.name) == ("van North", "van South")
    assert (first.number, first.capacity, first.carrier) == (2, (20.0,), "North")
    assert first.breaks[0].duration == 1800
    assert (second.opens / 3600, second.closes / 3600) == (22, 30)
    assert first.cost_per_distance == pytest.approx(0.0005)
    assert second.cost_per_distance == pytest.approx(0.0003)
    assert first.travel != second.travel
    assert instance.places.names[first.start] == "depot 1"
    assert any("cost_per_km 0.3 EUR" in note.en for note in instance.notes)
    assert any("cost_per_km 0,3 EUR" in note.fr for note in instance.notes)


def test_titles_with_other_words_and_marks(tmp_path):
    """Heure début, heure_début and HEURE-DEBUT are one title."""
    for head in ("N° commande,Lat,Lon,Heure début,Heure fin", "commande,lat,lon,HEURE-DEBUT,heure_fin"):
        instance = only(orders(tmp_path, "A,50.63,3.06,09:00,09:30", head=head))
        assert instance.orders.names == ("A",)
        assert (instance.orders.opens[0], instance.orders.closes[0]) == (32400, 34200)
    head = "Véhicule,Nombre,Coût km,Pause début,Pause fin,Pause minutes"
    [van] = only(orders(tmp_path), vehicles=fleet(tmp_path, "van,1,0.9,12:00,13:00,45", head=head)).vehicles
    assert van.cost_per_distance == pytest.approx(0.0009)
    assert van.breaks[0].duration == 2700


def test_columns_that_are_not_read_are_told(tmp_path, caplog):
    head = "order,latitude,longitude,Begin,achat,result_city"
    vehicles = fleet(tmp_path, "van,1,x", head="vehicle,number,colour")
    notes = only(orders(tmp_path, "A,50.63,3.06,09:00,,Lille", head=head), vehicles=vehicles).notes
    assert any(note.en == "orders.csv: columns not read: Begin." for note in notes)
    assert any("colonnes non lues\u202f: colour." in note.fr for note in notes)
    assert any("any time of day" in note.en for note in notes)
    assert {"Begin", "any time"} <= {w for w in ("Begin", "any time") if w in caplog.text}
    assert not any("not read" in note.en or "any time" in note.en for note in only(orders(tmp_path)).notes)


def test_depots_are_looked_at_together_with_the_orders(tmp_path):
    with pytest.raises(UserError, match=r"data\.depot=\[3.06, 50.63\].*exchanged"):
        read(orders(tmp_path), depot=[3.06, 50.63])
    with pytest.raises(UserError, match=r"the depot is \d+ km from the middle.*data\.farthest_km=\d+"):
        read(orders(tmp_path), depot=[43.6, 1.44])
    head = "vehicle,number,depot,latitude,longitude"
    with pytest.raises(UserError, match=r"fleet\.csv: vehicle 'van': the depot is \d+ km"):
        read(orders(tmp_path), vehicles=fleet(tmp_path, "van,1,D,43.6,1.44", head=head))
    rows = ("van,1,D,50.6,3.0", "bike,1,D,50.7,3.1")
    with pytest.raises(UserError, match=r"row 3.*'bike'.*another row has a depot 'D' at another place"):
        read(orders(tmp_path), vehicles=fleet(tmp_path, *rows, head=head))


def test_files_beside_a_known_form_are_refused(tmp_path):
    problem = {"vehicles": [{"id": 1, "start": [3.0, 50.6]}], "jobs": [{"id": 7, "location": [3.1, 50.7]}]}
    (tmp_path / "a.json").write_text(json.dumps(problem), encoding="utf-8")
    for key in ("vehicles", "durations"):
        with pytest.raises(UserError, match=rf"data\.{key}=.*a\.json.*has its own {key}"):
            read(tmp_path / "a.json", **{key: fleet(tmp_path, "van")})


def test_a_path_that_begins_like_a_home_of_nobody(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~nobody here").mkdir()
    orders(tmp_path / "~nobody here")
    assert only("~nobody here").n_orders == 3
    (tmp_path / "day").mkdir()
    with pytest.raises(UserError, match=re.escape(f"day/none.json does not exist in {tmp_path}: check")):
        read("~nobody here", durations="day/none.json")


def test_the_way_of_a_place_to_itself_counts_as_nothing(tmp_path):
    table = [[9, *row[1:]] if i == 0 else row for i, row in enumerate(DURATIONS)]
    instance = only(orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, table))
    assert not np.diagonal(instance.travel[0].durations).any()
    assert any("the way of 1 places to themselves" in note.en for note in instance.notes)


BAD_FLEETS = {
    "none": ("N,van,0,20,,,50.6,3,,,,,", "no vehicle at all"),
    "half": ("N,van,1.5,20,,,50.6,3,,,,,", "row 2.*1.5 is no number of vehicles"),
    "negative": ("N,van,-1,20,,,50.6,3,,,,,", "row 2.*-1.*at least 0"),
    "capacity": ("N,van,1,-20,,,50.6,3,,,,,", "row 2.*'capacity'.*-20"),
    "shift": ("N,van,1,20,15:00,07:00,50.6,3,,,,,", "row 2.*shift ends before it begins"),
    "speed": ("N,van,1,20,,,50.6,3,,0,,,", "row 2.*0 is no speed"),
    "break": ("N,van,1,20,,,50.6,3,,,,,30", "row 2.*break of 30 minutes"),
    "depot": ("N,van,1,20,,,3,50.6,,,,,", "row 2.*exchanged"),
}


@pytest.mark.parametrize("name", BAD_FLEETS)
def test_a_mistake_in_the_vehicles_is_named(tmp_path, name):
    row, expected = BAD_FLEETS[name]
    with pytest.raises(UserError, match=expected):
        read(orders(tmp_path), vehicles=fleet(tmp_path, row))


def test_several_sizes(tmp_path):
    head = "order,latitude,longitude,poids,volume"
    file = orders(tmp_path, "A,50.63,3.06,12.5,1", "B,50.64,3.07,3,2", head=head)
    vehicles = fleet(tmp_path, "van,3,100,9", head="vehicle,number,poids,volume")
    instance = only(file, sizes=["poids", "volume"], vehicles=vehicles)
    assert instance.orders.size.tolist() == [[12.5, 1], [3, 2]]
    assert instance.vehicles[0].capacity == (100, 9)
    with pytest.raises(UserError, match="no column 'poids' for the capacity"):
        read(file, sizes=["poids"], vehicles=fleet(tmp_path, "van,3", head="vehicle,number"))
    with pytest.raises(UserError, match=r"'poid'.*did you mean 'poids'"):
        read(file, sizes=["poid"])


# Durations

PLACES = [(50.60, 3.00), (50.63, 3.06), (50.64, 3.07), (50.62, 3.05)]  # depot, A, B, C


def osrm(folder, durations, *, places=PLACES, name="durations.json", **more):
    listed = [
        {"location": [lon + 1e-4, lat], "name": "", "hint": "x", "distance": 7.1} for lat, lon in places
    ]
    answer = {"code": "Ok", "durations": durations, "sources": listed, "destinations": listed} | more
    file = folder / name
    file.write_text(json.dumps(answer), encoding="utf-8")
    return str(file)


DURATIONS = [[0, 100.2, 200, 300], [110, 0, 120, 130], [210, 220, 0, 230], [310, 320, 330, 0]]


def test_an_osrm_table_as_it_is(tmp_path):
    instance = only(
        orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, DURATIONS, distances=DURATIONS)
    )
    assert isinstance(instance.travel[0], Table)
    home, a = instance.vehicles[0].start, instance.orders.place[0]
    assert instance.travel[0].pairs(home, a) == (101, 100)
    assert instance.travel[0].pairs(a, home) == (110, 110)
    assert not any("crow" in note.en for note in instance.notes)


def test_an_osrm_table_in_another_order_and_larger(tmp_path):
    order = [3, 1, 0, 2, 0]
    shuffled = [[DURATIONS[i][j] for j in order] for i in order]
    places = [PLACES[i] for i in order]
    plain = only(orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, DURATIONS))
    mixed = only(orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, shuffled, places=places))
    np.testing.assert_array_equal(plain.travel[0].durations, mixed.travel[0].durations)
    assert any("no distances" in note.en for note in plain.notes)


def test_an_unreachable_place_is_left_out_with_its_reason(tmp_path):
    table = [
        [None if i != j and 2 in (i, j) else d for j, d in enumerate(row)] for i, row in enumerate(DURATIONS)
    ]
    instance = only(orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, table))
    assert instance.travel[0].durations.max() == UNREACHABLE
    assert np.isfinite(instance.travel[0].durations).all()
    part = serve_what_can_be(instance)
    assert [(reason.kind, reason.order) for reason in part.reasons] == [("unreachable", 1)]
    assert part.kept.tolist() == [0, 2]
    assert "B" in part.reasons[0].text.en


BAD_TABLES = {
    "negative": ({"durations": [[0, -5.0, 1, 1], *DURATIONS[1:]]}, "-5 from row 1 to column 2"),
    "nan": ({"durations": [[0, float("nan"), 1, 1], *DURATIONS[1:]]}, "nan from row 1 to column 2"),
    "ragged": ({"durations": [[0, 1], [1]]}, "no matrix"),
    "error": ({"code": "InvalidQuery", "message": "too many"}, "error of OSRM"),
    "far": ({"places": [(48.8, 2.3), *PLACES[1:]]}, "does not know the place of 'depot'.*km away"),
    "too few": (
        {"sources": [], "destinations": [], "durations": [[0, 1], [1, 0]]},
        "has 2 rows.*4 were expected",
    ),
    "shapes": ({"distances": [[0, 1], [1, 0]]}, "durations are"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_mistake_in_the_durations_is_named(tmp_path, name):
    changes, expected = BAD_TABLES[name]
    arguments = {"durations": DURATIONS} | changes
    with pytest.raises(UserError, match=expected):
        read(orders(tmp_path), depot=[50.6, 3.0], durations=osrm(tmp_path, **arguments))


def test_files_that_are_no_duration_tables(tmp_path):
    for name, text, expected in (
        ("a.json", "{", "no JSON file"), ("b.json", "{}", "no 'durations'"), ("c.json", "[1]", "no 'durations'"),
    ):  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=expected):
            read(orders(tmp_path), durations=str(tmp_path / name))
    with pytest.raises(UserError, match="does not exist"):
        read(orders(tmp_path), durations=str(tmp_path / "none.json"))


def test_a_matrix_of_durations_as_csv(tmp_path):
    file = tmp_path / "durées.csv"
    file.write_text("de;depot;A;B;C\ndepot;0;1,5;2;3\nA;1;0;;1\nB;2;1;0;1\nC;3;1;1;0\n", encoding="cp1252")
    instance = only(orders(tmp_path), depot=[50.6, 3.0], durations=str(file), durations_unit="min")
    home, a, b = instance.vehicles[0].start, *instance.orders.place[:2]
    assert instance.travel[0].durations[home, a] == 90
    assert instance.travel[0].durations[a, b] == UNREACHABLE
    file.write_text("de;depot;A;B\ndepot;0;1;2\nA;1;0;1\nB;2;1;0\n", encoding="utf-8")
    with pytest.raises(UserError, match="no row named 'C'"):
        read(orders(tmp_path), depot=[50.6, 3.0], durations=str(file))
    file.write_text("de;depot;A\ndepot;0;-1\nA;1;0\n", encoding="utf-8")
    with pytest.raises(UserError, match="-1 from row 1 to column 2"):
        read(orders(tmp_path), depot=[50.6, 3.0], durations=str(file))


def test_names_of_a_matrix_may_be_numbers(tmp_path):
    """Order names such as 1001 or 007 stay text."""
    file = tmp_path / "durations.csv"
    rows = orders(tmp_path, "007,50.63,3.06,,,,1", "1001,50.64,3.07,,,,1")
    file.write_text("from,depot,007,1001\ndepot,0,10,20\n007,11,0,5\n1001,12,6,0\n", encoding="utf-8")
    instance = only(rows, depot=[50.6, 3.0], durations=str(file))
    assert instance.travel[0].durations[instance.vehicles[0].start, instance.orders.place].tolist() == [
        10,
        20,
    ]


CLOSE = [(50.6300, 3.0600), (50.6320, 3.0620), (50.6310, 3.0650), (50.6345, 3.0610)]  # all within a kilometre


def close_orders(folder):
    rows = [f"{name},{lat},{lon},,,,1" for name, (lat, lon) in zip("ABC", CLOSE[1:], strict=True)]
    return orders(folder, *rows)


@pytest.mark.parametrize("said", [True, False])
def test_a_permuted_table_of_places_that_lie_close_together(tmp_path, said):
    order = [3, 1, 0, 2]
    shuffled = [[DURATIONS[i][j] for j in order] for i in order]
    tables = [
        osrm(tmp_path, DURATIONS, places=CLOSE, name="plain.json"),
        osrm(tmp_path, shuffled, places=[CLOSE[i] for i in order], name="mixed.json"),
    ]
    if not said:
        for path in tables:
            Path(path).write_text(
                Path(path).read_text().replace('"distance": 7.1', '"x": 0'), encoding="utf-8"
            )
    plain, mixed = (
        only(close_orders(tmp_path), depot=list(CLOSE[0]), durations=path).travel[0] for path in tables
    )
    np.testing.assert_array_equal(plain.durations, mixed.durations)
    assert plain.durations[0, 1] == 101


@pytest.mark.parametrize("said", [True, False])
def test_a_place_that_the_table_lacks_does_not_get_its_neighbours_row(tmp_path, said):
    path = osrm(tmp_path, [row[:3] for row in DURATIONS[:3]], places=CLOSE[:3])
    if not said:
        Path(path).write_text(Path(path).read_text().replace('"distance": 7.1', '"x": 0'), encoding="utf-8")
    with pytest.raises(UserError, match=r"does not know the place of 'C'.*ask OSRM"):
        read(close_orders(tmp_path), depot=list(CLOSE[0]), durations=path)


def test_two_places_moved_to_one_spot_have_a_row_each(tmp_path):
    """Two doors of one street may be moved to the same point of it."""
    moved = [CLOSE[0], CLOSE[1], CLOSE[1], CLOSE[3]]
    path = Path(osrm(tmp_path, DURATIONS, places=moved))
    answer = json.loads(path.read_text(encoding="utf-8"))
    answer["sources"][2]["distance"] = answer["destinations"][2]["distance"] = 244.0
    path.write_text(json.dumps(answer), encoding="utf-8")
    table = only(close_orders(tmp_path), depot=list(CLOSE[0]), durations=str(path)).travel[0]
    assert table.durations[0, 3] == 300


def test_many_doors_of_one_yard_have_a_row_each_and_an_unused_row_is_no_neighbour(tmp_path):
    """Twelve doors moved to one gate; asked with four decimals."""
    doors = [(round(50.63 + 0.0002 * k, 6), 3.06) for k in range(1, 13)]
    rows = [f"D{k},{lat},{lon},,,,1" for k, (lat, lon) in enumerate(doors)]
    folder = orders(tmp_path, *rows)
    n = len(doors) + 1
    durations = [[0 if a == b else 10 + a for b in range(n)] for a in range(n)]
    path = Path(osrm(tmp_path, durations, places=[(50.6, 3.0), *[(50.63, 3.06)] * 12]))
    answer = json.loads(path.read_text(encoding="utf-8"))
    for listed in (answer["sources"], answer["destinations"]):
        for k, (lat, _) in enumerate(doors, start=1):
            listed[k]["distance"] = (lat - 50.63) * 111_195 + 6
    path.write_text(json.dumps(answer), encoding="utf-8")
    found = only(folder, depot=[50.6, 3.0], durations=str(path))
    assert found.n_orders == 12
    rows[0] = "near,50.63004,3.0601,,,,1"  # 4 m from the gate, to which nothing was moved by so little
    with pytest.raises(UserError, match="does not know the place of"):
        read(orders(tmp_path, *rows), depot=[50.6, 3.0], durations=str(path))


# Whole folders, other forms, sizes


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_template_is_what_is_read(tmp_path, lang):
    folder = tmp_path / "journée d'été" / "à livrer"
    write_template(folder, lang=lang)
    instance = only(folder)
    assert instance.n_orders == 40
    assert instance.has_pickup.sum() == 15
    assert [(v.number, v.capacity) for v in instance.vehicles] == [(4, (40.0,)), (3, (12.0,))]
    assert not serve_what_can_be(instance).reasons
    assert not any("assumed" in note.en.lower() for note in instance.notes)


def test_both_templates_hold_the_same_values(tmp_path):
    found = []
    for lang in ("en", "fr"):
        write_template(tmp_path / lang, lang=lang)
        found.append(only(tmp_path / lang))
    english, french = found
    for name in ("place", "opens", "closes", "service", "size", "pickup_place"):
        np.testing.assert_array_equal(getattr(english.orders, name), getattr(french.orders, name))
    np.testing.assert_array_equal(english.places.x, french.places.x)
    with pytest.raises(UserError, match="name without an ending"):
        write_template(tmp_path / "a.csv")


def test_a_folder_with_an_osrm_table(tmp_path):
    orders(tmp_path, name="Commandes.CSV")
    osrm(tmp_path, DURATIONS, name="durées.json")
    fleet(tmp_path, "van,1,50.6,3.0", head="véhicule,nombre,latitude,longitude")
    (tmp_path / "fleet.csv").rename(tmp_path / "véhicules.csv")
    instance = only(tmp_path)
    assert isinstance(instance.travel[0], Table)
    assert instance.vehicles[0].number == 1


def test_a_solomon_file(mirror):
    data = read(mirror / "solomon" / "R101.txt")
    assert data.instances[0].n_orders == 100
    assert data.description["kind"] == "own"
    assert data.best_known is None


def test_a_vroom_file_and_a_vrplib_file(tmp_path):
    from delivery_optimization.data.vrplib_files import write_vrplib
    from delivery_optimization.examples import small

    vroom = {
        "vehicles": [{"id": 1, "start": [3.0, 50.6], "end": [3.0, 50.6]}],
        "jobs": [{"id": 7, "location": [3.1, 50.7]}],
    }
    (tmp_path / "été.json").write_text(json.dumps(vroom), encoding="utf-8")
    assert only(tmp_path / "été.json").n_orders == 1
    write_vrplib(tmp_path / "a.vrp", small())
    assert only(tmp_path / "a.vrp").n_orders == 1
    with pytest.raises(UserError, match="none of the known forms"):
        read(osrm(tmp_path, DURATIONS))


def test_a_workbook(tmp_path):
    pytest.importorskip("openpyxl")
    import datetime

    import pandas as pd

    rows = {
        "commande": [101, 102], "latitude": [50.63, 50.64], "longitude": [3.06, 3.07],
        "ouvre": [datetime.time(9), datetime.time(10, 30)], "ferme": ["11h", "12:00"],
    }  # fmt: skip
    pd.DataFrame(rows).to_excel(tmp_path / "commandes.xlsx", index=False)
    instance = only(tmp_path)
    assert instance.orders.names == ("101", "102")
    assert (instance.orders.opens / 3600).tolist() == [9, 10.5]


def test_a_tracked_run_keeps_rows_out_of_the_description(tmp_path):
    """What MLflow gets of own data is the description: it names files and counts, no order and no address."""
    from delivery_optimization.tasks.routing import Routing

    write_template(tmp_path / "day")
    told = json.dumps(Routing().load(Own(path=str(tmp_path / "day")), seed=0).description)
    assert "C001" not in told
    assert "Lille" not in told


def test_one_order_and_50_000(tmp_path):
    one = only(orders(tmp_path, GOOD[0]))
    assert one.n_orders == 1
    rng = np.random.default_rng(0)
    lat, lon = 50.63 + 0.05 * rng.standard_normal(50_000), 3.06 + 0.05 * rng.standard_normal(50_000)
    rows = [f"{k},{a:.6f},{b:.6f},09:00,12:00,5,1" for k, (a, b) in enumerate(zip(lat, lon, strict=True))]
    many = only(orders(tmp_path, *rows))
    assert many.n_orders == 50_000
    assert isinstance(many.travel[0], Crow)
    assert len(serve_what_can_be(many).kept) > 40_000


def test_on_the_command_line_in_a_folder_with_accents(tmp_path, monkeypatch, capsys):
    from usecases.cli import main

    place = tmp_path / "Livraisons d'été 2026"
    place.mkdir()
    monkeypatch.chdir(place)
    assert (
        main(["data", "template", "delivery_optimization/routing", "--lang", "fr", "--out", "ma journée"])
        == 0
    )
    typed = capsys.readouterr().out.strip().splitlines()[-1]
    assert '"data.path=ma journée"' in typed
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', typed)][1:]
    assert main([*words, "budget=smoke", "tracking=none", "method.iterations=50"]) in (0, 3)
    [page] = (tmp_path / "runs").rglob("report.html")
    text = page.read_text(encoding="utf-8")
    assert "ma journée" in text
    assert "vol d’oiseau" in text
    assert main(["data", "template", "delivery_optimization/routing", "--out", "ma journée"]) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_own_deliveries_from_the_documentation_alone(lang, tmp_path, monkeypatch):
    """Every command of the page in its order, at a budget for tests; the OSRM table is made up where the page asks for it."""
    from usecases.cli import main

    page = Path(__file__).resolve().parents[2] / "docs" / lang / "own-deliveries.md"
    blocks = re.findall(r"^```bash\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    for line in "".join(blocks).splitlines():
        words = line.split()[1:]
        if words[0] == "run":
            words += ["budget=smoke", "tracking=none"]
        if named := [word.partition("=")[2] for word in words if word.startswith("data.durations=")]:
            instance = only(Path(named[0]).parent)
            places = list(zip(instance.places.y.tolist(), instance.places.x.tolist(), strict=True))
            durations, distances = (
                table.tolist() for table in instance.travel[0].table(np.arange(len(places)))
            )
            osrm(tmp_path, durations, places=places, name=named[0], distances=distances)
        assert main(words) == 0, line


def test_robustness_lists_the_keys_of_own_data(tmp_path):
    """data.vehicles=FILE works without a plus, as for routing."""
    from usecases import config

    van = fleet(tmp_path, "van,7", head="vehicle,number")
    typed = ["data=own", f"data.path={orders(tmp_path)}", f"data.vehicles={van}", "data.speed_km_h=20"]
    run = config.compose("delivery_optimization", "robustness", typed)
    assert config.build(run.values["data"]).source.vehicles == van

"""A person's own orders as requests: slots of the files' shifts, purchase times, mistakes told in one sentence."""

import numpy as np
import pytest

from delivery_optimization.data.own_purchases import purchases
from delivery_optimization.data.own_template import write_template
from delivery_optimization.data.quote_own import Own
from delivery_optimization.live.environment import QuoteEnvironment
from delivery_optimization.live.policies import Insertion
from usecases.contract import Budget
from usecases.errors import UserError
from usecases.simulation import play

HEAD = "order,latitude,longitude,date,opens,closes,service_minutes,size,purchase"
ROWS = (
    "A,50.63,3.06,2026-03-16,15:00,16:00,5,1,10:30",
    "B,50.64,3.07,2026-03-16,,,5,1,09:15",
    "C,50.62,3.05,2026-03-16,17:00,18:00,5,1,08:30",
    "D,50.62,3.06,2026-03-16,12:00,13:00,5,1,",
)


def file(folder, *rows, head=HEAD):
    path = folder / "orders.csv"
    path.write_text("\n".join([head, *(rows or ROWS)]) + "\n", encoding="utf-8")
    return str(path)


def test_orders_come_when_they_were_bought_and_ask_for_the_slot_of_their_window(tmp_path):
    (day,) = Own(path=file(tmp_path), opens="08:00", closes="20:00").read(0).days
    assert day.slots[[0, -1]].tolist() == [[28800, 32400], [68400, 72000]]
    assert [request.name for request in day.requests] == ["D", "C", "B", "A"]
    assert (day.purchase / 3600).tolist() == [8, 8.5, 9.25, 10.5]
    wished = {request.name: wish[0] for request, wish in zip(day.requests, day.wishes, strict=True)}
    assert (wished["A"], wished["C"], wished["D"]) == (7, 9, 4)
    assert day.slots[wished["B"], 1] > 9.25 * 3600


def test_without_purchase_times_the_order_is_drawn_by_the_seed(tmp_path):
    rows = [f"{name},50.6{k},3.06,,,,5,1" for k, name in enumerate("ABCDEF")]
    path = file(tmp_path, *rows, head=HEAD.removesuffix(",purchase"))
    one, same, other = (
        tuple(r.name for r in Own(path=path).read(seed).days[0].requests) for seed in (0, 0, 1)
    )
    assert one == same != other
    read = Own(path=path, n_slots=6).read(0)
    assert len(read.days[0].slots) == read.description["n_slots"] == 6
    assert set(read.days[0].purchase) == {28800.0}
    assert len({wish[0] for wish in read.days[0].wishes}) > 1


def test_a_named_column_and_a_french_one_are_found(tmp_path):
    titled = file(tmp_path, head=HEAD.replace("purchase", "moment"))
    assert Own(path=titled, columns={"purchase": "moment"}).read(0).days[0].purchase.max() == 10.5 * 3600
    french = file(tmp_path, head=HEAD.replace("purchase", "achat"))
    assert Own(path=french).read(0).days[0].purchase.max() == 10.5 * 3600
    with pytest.raises(UserError, match=r"data.columns.purchase=when was given"):
        Own(path=french, columns={"purchase": "when"}).read(0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ((",10:30", ",18:30"), "bought after its window had closed"),
        ((",10:30", ",soon"), "'soon' was given"),
    ],
)
def test_a_wrong_purchase_is_named_with_its_row(tmp_path, change, why):
    with pytest.raises(UserError, match=rf"row 2.*{why}"):
        Own(path=file(tmp_path, *(row.replace(*change) for row in ROWS))).read(0)


STAMPS = [row.replace("2026-03-16,", ",", 1) for row in ROWS[:3]]
for k, moment in enumerate(("2026-03-16 10:30", "2026-03-15 21:00", "2026-03-16 09:00")):
    STAMPS[k] = STAMPS[k].rsplit(",", 1)[0] + f",{moment}"


def test_dated_purchases_need_a_dated_day(tmp_path):
    undated = file(tmp_path, *STAMPS)
    with pytest.raises(UserError, match="a date was given, and the orders have none"):
        Own(path=undated).read(0)
    (day,) = Own(path=undated, day="2026-03-16").read(0).days
    assert [request.name for request in day.requests] == ["B", "C", "A"]
    assert (day.purchase / 3600).tolist() == [8, 9, 10.5]


def test_slots_are_a_number(tmp_path):
    for wrong in (0, 2.5, True, 1000):
        with pytest.raises(UserError, match="from 1 to 96"):
            Own(path=file(tmp_path), n_slots=wrong)


def test_a_break_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "vehicles.csv").write_text(
        "vehicle,number,break_opens,break_closes,break_minutes\nvan,2,12:00,14:00,45\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match="'van' has a break"):
        Own(path=file(tmp_path), vehicles=str(tmp_path / "vehicles.csv")).read(0)


def test_the_template_is_played_in_both_languages(tmp_path):
    costs = []
    for lang in ("en", "fr"):
        write_template(tmp_path / lang, lang=lang)
        days = Own(path=str(tmp_path / lang)).read(0).days
        policy = Insertion().policy([day.fleet for day in days], seed=0, budget=Budget("smoke", effort=0.1))
        (record,) = play(policy, QuoteEnvironment(days)).summary
        assert record["broken"] == []
        assert len(record["accepted"]) + record["refused"] == 40
        costs.append(record["cost"])
    assert np.isclose(*costs)


def test_dates_of_purchase_are_read_as_data_dayfirst_says(tmp_path):
    rows = [
        "A,50.63,3.06,03/04/2026,15:00,16:00,5,1,02/04/2026 10:30",
        "B,50.6,3.06,03/04/2026,15:00,16:00,5,1,",
    ]
    for dayfirst, hours in ((True, -24 + 10.5), (False, -28 * 24 + 10.5)):
        read = Own(path=file(tmp_path, *rows), dayfirst=dayfirst, timezone="UTC")
        (moments,) = purchases(read.source, read.source.read(0).instances)
        assert moments[0] / 3600 == hours


def test_a_cost_of_lateness_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"order 'A' has a cost of lateness.*empty that column"):
        Own(
            path=file(tmp_path, "A,50.63,3.06,09:00,2", head="order,latitude,longitude,closes,late_cost")
        ).read(0)

"""A person's own days in the task dynamic: orders are known when they were bought, assumptions are named, mistakes too."""

import numpy as np
import pytest

from delivery_optimization.data.own_template import write_template
from delivery_optimization.dynamic.own_days import OwnDays
from delivery_optimization.dynamic.policies.consensus import Consensus
from delivery_optimization.dynamic.policies.rules import Greedy
from delivery_optimization.solution import Stop
from usecases import config, runner
from usecases.errors import UserError
from usecases.simulation import play
from usecases.testing import check_result

ORDERS = """order,latitude,longitude,date,opens,closes,purchase,pickup,pickup_latitude,pickup_longitude
A,50.630,3.060,2026-03-17,09:00,12:00,,,,
B,50.640,3.070,2026-03-17,11:00,13:00,09:10,shop,50.635,3.065
C,50.620,3.050,2026-03-17,13:00,15:00,11:40,,,
D,50.645,3.055,2026-03-17,,,13:05,,,
"""
VEHICLES = """vehicle,number,capacity,opens,closes,depot,latitude,longitude,fixed_cost
van,2,10,08:00,18:00,warehouse,50.60,3.08,20
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (tmp_path / "vehicles.csv").write_text(VEHICLES, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("method", [Greedy(), Consensus(scenarios=2, rounds=2)])
def test_a_day_is_replayed_and_no_order_is_seen_before_it_was_bought(folder, method):
    data = OwnDays(path=str(folder)).read(seed=0)
    (day,) = data.days
    bought = day.made.demand.purchase / 3600
    assert bought.tolist() == [
        -np.inf,
        pytest.approx(9 + 1 / 6),
        pytest.approx(11 + 2 / 3),
        pytest.approx(13 + 1 / 12),
    ]
    policy = method.policy(data.world, stop=Stop(iterations=20), seed=0)

    def watched(seen):
        assert (bought[seen.order] <= seen.time / 3600).all()
        return policy(seen)

    log = play(watched, day.environment(0))
    assert log.error is None
    score = day.score(log.actions)
    assert (score.n_requests, score.lost, score.name) == (4, 0, "2026-03-17")
    assert score.cost > 20
    assert day.hindsight(log.actions, 60) > 20


def test_the_same_seed_is_the_same_day_and_without_noise_times_are_the_planned_ones(folder):
    def served(seed, **values):
        data = OwnDays(path=str(folder), **values).read(seed)
        shifts = data.days[0].environment(0)
        play(Greedy().policy(data.world, stop=Stop(iterations=20), seed=0), shifts)
        return shifts.delivered_at.tolist()

    assert served(0) == served(0) != served(1)
    assert served(0, travel_cv=0, handling_cv=0) == served(1, travel_cv=0, handling_cv=0)
    exact = OwnDays(path=str(folder), travel_cv=0, handling_cv=0).read(0).days[0].environment(0)
    assert [exact.noise.factor(0, 0, 36_000.0, (a, b)) for a in range(3) for b in range(3)] == [1.0] * 9
    assert exact.handling.tolist() == exact.whole.stop_service.tolist()


def test_assumptions_are_named_in_both_languages(folder):
    said = OwnDays(path=str(folder), travel_cv=0.3).read(0).description
    english, french = (" ".join(note[lang] for note in said["assumptions"]) for lang in ("en", "fr"))
    assert "Travel times vary by 30 %" in english.replace("\u202f", " ").replace("\xa0", " ")
    assert "100 EUR" in english
    assert "supposé" in french
    assert "before its window opens" not in english
    write_template(folder / "without purchases")
    said = OwnDays(path=str(folder / "without purchases"), lead_hours=3).read(0).description
    assert "it is known 3 h before its window opens" in said["assumptions"][-1]["en"]


def test_the_template_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path / "runs"))
    write_template(tmp_path / "day", lang="fr")
    words = [
        "data=own",
        f"data.path={(tmp_path / 'day').as_posix()}",
        "method=greedy",
        "budget=smoke",
        "tracking=none",
    ]
    run = config.compose("delivery_optimization", "dynamic", words)
    from usecases.catalogue import find_task

    check_result(runner.execute(run), find_task("delivery_optimization/dynamic")[1])


@pytest.mark.parametrize(
    ("values", "typed"),
    [
        ({"period": 0}, "period=10"),
        ({"travel_cv": -1}, "travel_cv=-1"),
        ({"lost_cost": "much"}, "lost_cost=much"),
    ],
)
def test_values_out_of_range_say_what_was_expected(folder, values, typed):
    with pytest.raises(UserError, match=typed):
        OwnDays(path=str(folder), **values)


def test_a_break_is_refused(folder):
    file = folder / "vehicles.csv"
    file.write_text(
        VEHICLES.replace("fixed_cost\n", "fixed_cost,break_opens,break_closes,break_minutes\n").replace(
            ",20\n", ",20,12:00,14:00,30\n"
        ),
        encoding="utf-8",
    )
    with pytest.raises(UserError, match="has a break, which dynamic does not know"):
        OwnDays(path=str(folder)).read(0)


def test_a_cost_of_lateness_is_refused(tmp_path):
    (tmp_path / "orders.csv").write_text(
        "order,latitude,longitude,closes,late_cost\nA,50.63,3.06,09:00,2\n", encoding="utf-8"
    )
    with pytest.raises(UserError, match=r"order 'A' has a cost of lateness.*which dynamic does not know"):
        OwnDays(path=str(tmp_path)).read(0)


def test_the_column_that_was_named_for_purchases_is_not_told_as_unread(tmp_path, caplog):
    rows = "order,latitude,longitude,opens,closes,quand,note\nA,50.63,3.06,15:00,16:00,10:30,x\n"
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    data = OwnDays(path=str(tmp_path), columns={"purchase": "quand"}).read(0)
    assert data.days[0].made.demand.purchase.tolist() == [10.5 * 3600]
    assert "columns not read: note." in caplog.text
    assert "quand" not in caplog.text


def test_orders_that_no_shift_can_serve_are_left_out_and_named(tmp_path):
    rows = [
        "early,50.630,3.060,2026-03-17,06:00,07:00,,,,",
        "A,50.640,3.070,2026-03-17,10:00,12:00,,,,",
        "evening,50.620,3.050,2026-03-17,19:00,20:00,,,,",
        "late,50.645,3.055,2026-03-17,,,19:30,,,",
    ]
    (tmp_path / "orders.csv").write_text("\n".join([ORDERS.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    (tmp_path / "vehicles.csv").write_text(VEHICLES, encoding="utf-8")
    data = OwnDays(path=str(tmp_path)).read(0)
    (day,) = data.days
    assert day.made.instance.orders.names == ("A",)
    assert "left out" in data.left_out[0].en
    assert "3 order(s) (early, evening, late)" in data.left_out[0].en
    log = play(Greedy().policy(data.world, stop=Stop(iterations=20), seed=0), day.environment(0))
    assert day.score(log.actions).n_requests == 1
    assert day.hindsight(log.actions, 60) > 20


def test_a_window_that_outlasts_the_shift_is_kept_in_overtime(tmp_path):
    rows = "A,50.640,3.070,2026-03-17,17:50,20:00,17:40,,,"
    (tmp_path / "orders.csv").write_text(ORDERS.splitlines()[0] + f"\n{rows}\n", encoding="utf-8")
    (tmp_path / "vehicles.csv").write_text(VEHICLES, encoding="utf-8")
    data = OwnDays(path=str(tmp_path), travel_cv=0.0, handling_cv=0.0).read(0)
    (day,) = data.days
    log = play(Greedy().policy(data.world, stop=Stop(iterations=20), seed=0), day.environment(0))
    score = day.score(log.actions)
    assert (score.lost, score.figures["on_time"].value) == (0, 100.0)


def test_two_columns_of_purchases_are_not_guessed_between(tmp_path):
    rows = "order,latitude,longitude,date,opens,closes,heure_achat,date_achat\nA,50.63,3.06,2026-03-17,15:00,16:00,10:30,2026-03-16\n"
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(UserError, match=r"both 'heure_achat' and 'date_achat'.*data\.columns\.purchase="):
        OwnDays(path=str(tmp_path)).read(0)


def test_the_number_of_an_order_is_not_that_of_its_house(tmp_path):
    rows = "N° commande,numero,latitude,longitude,opens,closes\nX7,12,50.63,3.06,15:00,16:00\nX8,12,50.64,3.06,15:00,16:00\n"
    (tmp_path / "orders.csv").write_text(rows, encoding="utf-8")
    assert OwnDays(path=str(tmp_path)).read(0).days[0].made.instance.orders.names == ("X7", "X8")

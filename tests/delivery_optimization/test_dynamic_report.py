"""What the dynamic report says is measured: no cause that is none, the unit of the cost, bars that can be read."""

from delivery_optimization.dynamic.days import Score, Wave
from delivery_optimization.dynamic.report import _caption, _cost, _kept, _waited, by_hour
from usecases.contract import Evaluation, Metric


def day(dispatched=2, n=3):
    waves = tuple(Wave(600.0 * k, 2, 2, 0, dispatched, 1, 5.0) for k in range(n))
    return Score("a", waves, 15.0, 2 * n, 0)


def test_waiting_is_no_cause_where_nothing_waits():
    assert _waited([day()]).en == "Nothing was made to wait; a route takes 2.0 requests on average."
    assert "so that" not in _waited([day(1)]).en
    assert "si bien" not in _waited([day(1)]).fr


def test_lateness_is_told_beside_the_cost():
    metrics = {"cost_per_request": Metric(8.1, "EUR"), "on_time": Metric(91.0, "%")}
    assert (
        "a request costs 8.10 EUR on average, and 91.0 % of the requests"
        in _cost([day()], Evaluation(metrics)).en
    )


def test_greedy_is_compared_with_the_published_run_and_in_driving_time():
    metrics = {"cost_per_request": Metric(300.0, "s"), "against_greedy": Metric(2.4, "%")}
    assert "2.4% more driving time than the published greedy" in _cost([day()], Evaluation(metrics)).en
    assert "driving time" in _caption(1, "s", hourly=False).en


def test_many_decisions_are_summed_by_hour():
    at, values = by_hour([day(n=53)], ["dispatched"])
    assert len(at) == 9
    assert values["dispatched"].sum() == 2 * 53
    assert len(by_hour([day(n=7)], ["dispatched"])[0]) == 7


def test_lateness_is_told_once():
    metrics = {"lost": Metric(0, ""), "requests": Metric(6, ""), "on_time": Metric(91.0, "%")}
    assert _kept(Evaluation(metrics)).en == "All 6 requests were served."

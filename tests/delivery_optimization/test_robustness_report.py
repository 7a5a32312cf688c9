"""What the robustness report says of the price of reliability, and where it puts the plan on the curve."""

import pytest

from delivery_optimization.robustness.report import _limits, _takeaways, point_label
from usecases.contract import Evaluation, Metric


def price(extra):
    metrics = {"on_time_rate": Metric(95.0, "%"), "perfect_days": Metric(14.0, "%")}
    if extra is not None:
        metrics["extra_cost"] = Metric(extra, "%")
    return _takeaways(Evaluation(metrics), None, "").blocks[2].text


def test_no_command_and_no_absent_row_in_the_takeaways():
    said = price(None)
    assert "method=" not in said.en + said.fr
    assert "below" not in said.en


@pytest.mark.parametrize(
    ("extra", "told"), [(3.0, "give or take about 1 %"), (0.4, "no price of reliability")]
)
def test_the_price_is_told_with_the_noise_of_the_search(extra, told):
    assert told in price(extra).en


def test_limits_tell_the_noise_of_the_search():
    assert any("about 1 % of the cost to chance" in block.text.en for block in _limits(None).blocks)


def test_this_plan_stands_in_its_family():
    mine, given = {"priced 1": (90.0, 10.0), "priced 5": (95.0, 12.0)}, {"priced 2": (90.0, 10.0)}
    assert point_label("this plan", mine).fr == "ce plan (prix 2)"
    assert point_label("this plan", given).fr == "ce plan"


def test_orders_that_are_not_served_are_told_first():
    metrics = {
        "on_time_rate": Metric(95.0, "%"),
        "perfect_days": Metric(0.0, "%"),
        "served_share": Metric(97.5, "%"),
    }
    first = _takeaways(Evaluation(metrics), None, "").blocks[0].text
    assert first.en.startswith("The plan serves 97.5 % of the orders only")
    assert "ne sert que 97,5" in first.fr

"""RUL figures against known values, closed forms and each other."""

import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from predictive_maintenance import metrics
from predictive_maintenance.evaluation import evaluate_rul
from usecases.errors import UserError
from usecases.stats import bootstrap_by_group

MIRROR = os.environ.get("USECASES_MIRROR")


def _example(n=60, seed=0):
    rng = np.random.default_rng(seed)
    rul = rng.uniform(1, 180, size=n)
    predicted = np.clip(np.minimum(rul, 125) + rng.normal(0, 12, size=n), 0, 125)
    table = pd.DataFrame({"prediction": predicted, "low": predicted - 15, "high": predicted + 20})
    return rul, table


def _evaluate(rul, table, **changes):
    arguments = {"cap": 125.0, "groups": np.arange(len(table)), "time_unit": "cycles", "seed": 0} | changes
    return evaluate_rul(rul, table, **arguments)


@pytest.mark.skipif(MIRROR is None, reason="USECASES_MIRROR is not set: no copy of C-MAPSS")
@pytest.mark.parametrize(("subset", "floor"), [("FD001", 3.74), ("FD002", 18.32), ("FD003", 4.71)])
def test_floor_of_a_predictor_capped_at_125_on_cmapss(subset, floor):
    rul = np.loadtxt(Path(MIRROR) / "cmapss" / f"RUL_{subset}.txt")
    assert metrics.capped_floor(rul, 125.0) == pytest.approx(floor, abs=0.005)


def test_nasa_score_is_asymmetric():
    assert metrics.nasa_score([100.0], [110.0]) == pytest.approx(math.e - 1)
    assert metrics.nasa_score([100.0], [87.0]) == pytest.approx(math.e - 1)
    assert metrics.nasa_score([100.0, 30.0], [100.0, 30.0]) == 0
    assert metrics.nasa_score([140.0], [125.0], cap=125) == 0
    assert metrics.nasa_score([0.0], [1e6]) == math.inf  # no warning, no crash


def test_late_share_counts_only_late_by_more():
    assert metrics.late_share([20.0] * 4, [30.0, 30.5, 5.0, 60.0]) == 0.5
    assert metrics.late_share([20.0] * 4, [30.0, 30.5, 5.0, 60.0], by=20) == 0.25


def test_bands_are_a_partition():
    rul = np.random.default_rng(0).uniform(0, 200, 500)
    rul[:3] = [50.0, 125.0, 0.0]
    named = metrics.bands(rul, 125.0)
    assert list(named) == ["RUL <= 50", "50 < RUL < 125", "RUL >= 125"]
    np.testing.assert_array_equal(sum(mask.astype(int) for mask in named.values()), 1)
    capped = metrics.bands(np.minimum(rul, 125), 125.0)
    assert all((capped[name] == named[name]).all() for name in named)
    assert list(metrics.bands(rul, 30.0)) == ["RUL <= 12", "12 < RUL < 30", "RUL >= 30"]


def test_evaluation_equals_the_functions():
    rul, table = _example()
    got, by_group, bounds, losses = _evaluate(rul, table)
    predicted, labels = table["prediction"].to_numpy(), np.minimum(rul, 125)
    low = rul <= 50
    expected = {
        "rmse_capped": metrics.rmse(rul, predicted, cap=125),
        "rmse_raw": metrics.rmse(rul, predicted),
        "mae_capped": np.abs(predicted - labels).mean(),
        "nasa_score": metrics.nasa_score(rul, predicted, cap=125),
        "nasa_score_raw": metrics.nasa_score(rul, predicted),
        "rmse_low_rul": metrics.rmse(rul[low], predicted[low]),
        "late_10_share": 100 * metrics.late_share(rul, predicted, cap=125),
        "coverage_90": 100 * metrics.coverage(labels, table["low"], table["high"]),
        "width_90": metrics.mean_width(table["low"], table["high"]),
    }
    assert {name: metric.value for name, metric in got.items()} == pytest.approx(expected)
    np.testing.assert_allclose(losses, np.abs(predicted - labels))
    assert sum(row["n"].value for row in by_group.values()) == 60
    for band, mask in metrics.bands(rul, 125.0).items():
        row = by_group[band]
        assert row["rmse"].value == pytest.approx(metrics.rmse(labels[mask], predicted[mask]))
        inside = metrics.coverage(labels[mask], table["low"][mask], table["high"][mask])
        assert row["coverage"].value == pytest.approx(100 * inside)
    (floor,) = bounds.values()
    assert list(bounds) == ["perfect capped predictor"]
    assert floor["rmse_capped"].value == 0
    assert floor["rmse_raw"].value == pytest.approx(metrics.capped_floor(rul, 125.0))
    assert floor["rmse_raw"].value < got["rmse_raw"].value


def test_intervals_are_over_groups():
    rul, table = _example()
    pairs = np.repeat(np.arange(30), 2)
    got, *_ = _evaluate(rul, table, groups=pairs, over="machines")
    metric = got["rmse_capped"]
    assert metric.interval_kind == "95 % bootstrap over machines"
    squared = (table["prediction"].to_numpy() - np.minimum(rul, 125)) ** 2
    expected = bootstrap_by_group(lambda rows: np.sqrt(rows.mean()), squared, pairs, seed=0)
    assert metric.interval == pytest.approx(expected)
    for m in got.values():
        assert m.interval[0] <= m.value <= m.interval[1]
    doubled = pd.concat([table, table], ignore_index=True)
    same, *_ = _evaluate(np.tile(rul, 2), doubled, groups=np.tile(np.arange(60), 2))
    once, *_ = _evaluate(rul, table)
    assert same["mae_capped"].interval == pytest.approx(once["mae_capped"].interval)  # copies are no evidence


def test_metrics_are_labelled_in_both_languages():
    rul, table = _example()
    got, by_group, _, _ = _evaluate(rul, table, time_unit="days", cap=125.0)
    assert got["rmse_capped"].unit == "days"
    assert got["rmse_capped"].label["fr"] == "RMSE, étiquettes plafonnées à 125"
    assert got["coverage_90"].unit == got["late_10_share"].unit == "%"
    assert got["coverage_90"].higher_is_better is got["width_90"].higher_is_better is None
    assert got["rmse_capped"].higher_is_better is False
    for metric in [*got.values(), *(m for row in by_group.values() for m in row.values())]:
        assert metric.label.en
        assert metric.label.fr
        assert (metric.interval is None) == (metric.interval_kind is None)


def test_without_truth_only_the_width_is_measured():
    _, table = _example()
    got, by_group, bounds, losses = _evaluate(None, table)
    assert {name for name, metric in got.items() if metric.value is not None} == {"width_90"}
    assert got["width_90"].value == pytest.approx(35.0)
    assert (by_group, bounds, losses) == ({}, {}, None)


def test_without_intervals_coverage_is_not_measured():
    rul, table = _example()
    got, by_group, _, _ = _evaluate(rul, table[["prediction"]])
    assert got["coverage_90"].value is None
    assert got["coverage_90"].interval is None
    assert got["width_90"].value is None
    assert got["rmse_capped"].value is not None
    assert all(row["coverage"].value is None for row in by_group.values())


def test_an_empty_band_is_not_measured():
    got, by_group, _, _ = _evaluate(
        [140.0, 130.0, 126.0], pd.DataFrame({"prediction": [125.0, 120.0, 125.0]})
    )
    assert got["rmse_low_rul"].value is None
    assert by_group["RUL <= 50"]["n"].value == 0
    assert by_group["RUL <= 50"]["rmse"].value is None
    assert by_group["RUL >= 125"]["rmse"].value == pytest.approx(math.sqrt(25 / 3))


def test_one_unit_has_values_without_intervals():
    got, *_ = _evaluate([100.0], pd.DataFrame({"prediction": [90.0]}))
    assert got["rmse_capped"].value == 10
    assert got["rmse_capped"].interval is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.rename(columns={"prediction": "rul"}), "'prediction' was expected"),
        (lambda t: t.iloc[:-1], "59 predictions were given for 60 units"),
        (lambda t: t.assign(prediction=t["prediction"].where(t.index != 4)), "unit 5 of 60 is not a finite"),
        (lambda t: t.assign(low=t["low"].where(t.index != 4)), "interval of unit 5 of 60 is missing"),
        (lambda t: t.assign(low=t["high"], high=t["low"]), "lower bound above the upper"),
    ],
)
def test_what_a_method_may_not_answer(change, words):
    rul, table = _example()
    with pytest.raises(UserError, match=words):
        _evaluate(rul, change(table))

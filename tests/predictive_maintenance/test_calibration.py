"""Intervals of RUL on simulated predictions whose errors are known."""

import numpy as np
import pandas as pd
import pytest

from predictive_maintenance.calibration import fit_intervals
from predictive_maintenance.metrics import bands
from usecases.stats import grouped_quantile

CAP = 125.0


def _predictions(rng, n_units, cuts=5):
    """Errors that grow with the remaining life, half of them shared by all moments of a unit."""
    unit = np.repeat(np.arange(n_units), cuts)
    rul = rng.uniform(0, 200, size=len(unit))
    labels = np.minimum(rul, CAP)
    noise = np.sqrt(0.5) * rng.normal(size=n_units)[unit] + np.sqrt(0.5) * rng.normal(size=len(unit))
    predicted = np.clip(labels + (1 + 0.15 * labels) * noise, 0, CAP)
    return pd.DataFrame({"unit": unit, "group": unit, "time": 1.0, "rul": labels, "prediction": predicted})


def test_coverage_of_new_units_and_width_against_a_constant_width():
    rng, draws = np.random.default_rng(0), 150
    covered, width, constant_covered, constant_width = [], [], [], []
    in_band = {"RUL <= 50": [], "50 < RUL < 125": [], "RUL >= 125": []}
    for _ in range(draws):
        table, new = _predictions(rng, 100), _predictions(rng, 100, cuts=1)
        model = fit_intervals(table, cap=CAP)
        low, high = model.interval(new["prediction"])
        inside = ((low <= new["rul"]) & (new["rul"] <= high)).to_numpy()
        covered.append(inside.mean())
        width.append((high - low).mean())
        for band, mask in bands(new["rul"], CAP).items():
            in_band[band].append(inside[mask].mean())
        half = grouped_quantile((table["rul"] - table["prediction"]).abs(), table["group"], level=0.9)
        low = np.clip(new["prediction"] - half, 0, CAP)
        high = np.clip(new["prediction"] + half, 0, CAP)
        constant_covered.append(((low <= new["rul"]) & (new["rul"] <= high)).mean())
        constant_width.append((high - low).mean())
    by_band = {band: np.mean(values) for band, values in in_band.items()}
    assert 0.885 <= np.mean(covered) <= 0.925, by_band  # its Monte-Carlo error is 0.004
    assert 0.88 <= np.mean(constant_covered) <= 0.93
    assert np.mean(width) < 0.9 * np.mean(constant_width)
    assert min(by_band.values()) > 0.75, by_band
    assert by_band["RUL <= 50"] > 0.85, by_band


def test_width_follows_the_error_at_the_prediction():
    rng = np.random.default_rng(1)
    model = fit_intervals(_predictions(rng, 400), cap=CAP)
    expected = np.interp([20.0, 60.0], model.knots, model.expected_error)
    true = (1 + 0.15 * np.array([20.0, 60.0])) * np.sqrt(2 / np.pi)
    np.testing.assert_allclose(expected, true, rtol=0.35)  # given the prediction rather than the label
    assert model.enough
    assert model.note is None
    assert model.n_groups == 400


def test_bounds_stay_between_zero_and_the_cap():
    model = fit_intervals(_predictions(np.random.default_rng(0), 50), cap=CAP)
    predictions = np.linspace(-10, 300, 80)
    low, high = model.interval(predictions)
    assert (low >= 0).all()
    assert (high <= CAP).all()
    assert (low <= high).all()
    inside = (predictions >= 0) & (predictions <= CAP)
    assert (low[inside] <= predictions[inside]).all()
    assert (predictions[inside] <= high[inside]).all()


@pytest.mark.parametrize("n_groups", [0, 1, 8])
def test_too_few_groups_say_so(n_groups):
    table = _predictions(np.random.default_rng(0), 30)
    table["group"] = table["unit"] % max(n_groups, 1)  # many units of few machines
    model = fit_intervals(table.iloc[: 150 if n_groups else 0], cap=CAP)
    assert not model.enough
    low, high = model.interval([0.0, 60.0, CAP])
    assert low.tolist() == [0, 0, 0]
    assert high.tolist() == [CAP] * 3
    assert f"at least 9 independent units that were followed to a known end; here there are {n_groups}," in (
        model.note.en
    )
    assert "au moins 9 unités" in model.note.fr


def test_just_enough_groups():
    assert fit_intervals(_predictions(np.random.default_rng(0), 9), cap=CAP).enough


def test_a_unit_that_repeats_itself_weighs_no_more():
    table = _predictions(np.random.default_rng(0), 40)
    often = pd.concat([table] + [table[table["unit"] == 3]] * 50, ignore_index=True)
    once, repeated = fit_intervals(table, cap=CAP), fit_intervals(often, cap=CAP)
    assert repeated.quantile == pytest.approx(once.quantile)
    np.testing.assert_allclose(repeated.expected_error, once.expected_error)


def test_unknown_labels_are_left_out():
    table = _predictions(np.random.default_rng(0), 40)
    hidden = table.assign(rul=table["rul"].where(table["unit"] < 20))
    model, expected = fit_intervals(hidden, cap=CAP), fit_intervals(table[table["unit"] < 20], cap=CAP)
    assert model.n_groups == 20
    assert model.quantile == expected.quantile


def test_perfect_predictions_have_no_width():
    table = _predictions(np.random.default_rng(0), 40)
    low, high = fit_intervals(table.assign(prediction=table["rul"]), cap=CAP).interval([10.0, 100.0])
    assert low.tolist() == high.tolist() == [10.0, 100.0]


@pytest.mark.parametrize(
    ("change", "cap"),
    [
        (lambda t: t.drop(columns="group"), CAP),
        (lambda t: t.assign(prediction=np.nan), CAP),
        (lambda t: t, 0.0),
        (lambda t: t, np.inf),
    ],
)
def test_what_cannot_be_calibrated(change, cap):
    with pytest.raises(ValueError, match="expected"):
        fit_intervals(change(_predictions(np.random.default_rng(0), 20)), cap=cap)

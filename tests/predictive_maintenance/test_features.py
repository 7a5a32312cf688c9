"""Features: causal to the last bit, one regime or six, gaps handled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive_maintenance.features import FeatureSettings, fit_features
from predictive_maintenance.histories import Histories
from predictive_maintenance.windows import PrefixSums, last_known


def draw_histories(
    seed: int, lengths: list[int], *, gaps: float = 0.0, n_sensors: int = 4, regimes: int = 1
) -> Histories:
    """Noisy wear in a few units, seen by sensors that also depend on the operating regime."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(len(lengths)), lengths)
    time = np.concatenate([np.cumsum(rng.choice([1.0, 1.0, 2.0], n)) for n in lengths])
    regime = rng.integers(regimes, size=len(unit))
    wear = (time / 40)[:, None] * rng.normal(1, 0.2, (1, n_sensors))
    sensors = wear + rng.normal(0, 0.3, (len(unit), n_sensors)) + 20.0 * regime[:, None]
    sensors[rng.random(sensors.shape) < gaps] = np.nan
    names = tuple(f"u{k}" for k in range(len(lengths)))
    return Histories(
        unit,
        time,
        sensors,
        regime[:, None] + rng.normal(0, 0.01, (len(unit), 1)),
        names,
        names,
        tuple(f"s{k}" for k in range(n_sensors)),
        ("load",),
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 90), min_size=2, max_size=5),
    gaps=st.sampled_from([0.0, 0.1, 0.7]),
    regimes=st.sampled_from([1, 3]),
    data=st.data(),
)
def test_features_of_a_truncated_history_are_those_of_the_full_one(seed, lengths, gaps, regimes, data):
    train = draw_histories(seed + 1, [60, 80, 50], gaps=gaps / 2, regimes=regimes)
    features = fit_features(train, FeatureSettings(settings=True))
    full = draw_histories(seed, lengths, gaps=gaps, regimes=regimes)
    kept = np.array([data.draw(st.integers(1, n)) for n in lengths])
    rows = np.concatenate(
        [np.arange(first, first + k) for first, k in zip(full.bounds(), kept, strict=False)]
    )
    np.testing.assert_array_equal(features.transform(full.truncate(kept)), features.transform(full, rows))
    np.testing.assert_array_equal(features.transform(full, rows), features.transform(full)[rows])


def test_features_of_a_unit_do_not_depend_on_the_other_units():
    train = draw_histories(0, [60, 80, 50], gaps=0.1)
    features = fit_features(train)
    alone = train.select([1])
    np.testing.assert_array_equal(features.transform(alone), features.transform(train)[60:140])


def test_window_statistics_equal_those_of_numpy_with_gaps():
    h = draw_histories(3, [50, 20], gaps=0.3)
    sums = PrefixSums(h.sensors, h)
    row = np.array([44])
    window = slice(30, 45)
    values, time = h.sensors[window, 0], h.time[window]
    valid = np.isfinite(values)
    assert sums.mean(row, 15)[0, 0] == pytest.approx(np.nanmean(values))
    assert sums.deviation(row, 15)[0, 0] == pytest.approx(np.nanstd(values))
    assert sums.slope(row, 15)[0, 0] == pytest.approx(np.polyfit(time[valid], values[valid], 1)[0])
    assert sums.mean_of_first(row, 10)[0, 0] == pytest.approx(np.nanmean(h.sensors[:10, 0]))
    start_of_second = sums.mean(np.array([55]), 60)[0]
    np.testing.assert_allclose(start_of_second, np.nanmean(h.sensors[50:56], axis=0))


@pytest.mark.filterwarnings("error")
def test_a_sensor_without_any_value_gives_missing_features_and_no_warning():
    train = draw_histories(0, [40, 40])
    features = fit_features(train)
    gone = draw_histories(1, [30])
    gone.sensors[:, 2] = np.nan
    columns = [k for k, name in enumerate(features.names()) if name.startswith("s2: mean of 5")]
    assert np.isnan(features.transform(gone)[:, columns]).all()
    others = [k for k, name in enumerate(features.names()) if not name.startswith("s2")]
    assert np.isfinite(features.transform(gone)[:, others]).all()


def test_constant_and_empty_sensors_are_dropped():
    train = draw_histories(0, [40, 40])
    train.sensors[:, 1] = 518.67
    train.sensors[:, 3] = np.nan
    assert fit_features(train).sensor_names == ("s0", "s2")


def test_no_sensor_at_all_leaves_the_age():
    train = draw_histories(0, [40, 40])
    train.sensors[:] = 1.0
    features = fit_features(train)
    assert features.names() == ("age",)
    assert features.transform(train)[:, 0].tolist() == train.time.tolist()


@pytest.mark.parametrize("regimes", [1, 3, 6])
def test_regimes_are_found_from_the_settings(regimes):
    train = draw_histories(0, [200] * 10, regimes=regimes)
    features = fit_features(train)
    assert len(features.leaves) == regimes
    z = features.normalise(train)
    found = features.regimes(train)
    for r in range(regimes):
        np.testing.assert_allclose(z[found == r].mean(axis=0), 0, atol=0.05)


def test_histories_without_settings_have_one_regime():
    h = draw_histories(0, [40, 40])
    plain = Histories(h.unit, h.time, h.sensors, np.empty((80, 0)), h.unit_names, h.groups, h.sensor_names)
    features = fit_features(plain, FeatureSettings(settings=True))
    assert features.tree is None
    assert features.transform(plain).shape == (80, len(features.names()))


def test_the_first_component_shows_wear_better_than_any_sensor():
    train = draw_histories(0, [120] * 8)
    features = fit_features(train)
    wear = np.abs([np.corrcoef(train.time, s)[0, 1] for s in train.sensors.T])
    component = features.normalise(train) @ features.loadings[:, 0]
    assert abs(np.corrcoef(train.time, component)[0, 1]) > wear.max()


def test_shares_account_for_every_feature():
    features = fit_features(draw_histories(0, [60, 60]), FeatureSettings(settings=True))
    shares = features.shares()
    assert shares.shape == (len(features.names()), len(features.sources()))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    for name, share in zip(features.names(), shares, strict=True):
        source = name.split(":")[0]
        if source in features.sources():
            assert share[features.sources().index(source)] == 1


def test_last_known_does_not_cross_units():
    h = draw_histories(0, [2, 2])
    values = np.array([[1.0], [np.nan], [np.nan], [4.0]])
    assert last_known(values, h).ravel().tolist() == [1.0, 1.0, 0.0, 4.0]


def test_missing_settings_are_assigned_to_a_regime():
    train = draw_histories(0, [200] * 6, regimes=3)
    train.settings[::50] = np.nan
    features = fit_features(train)
    assert len(features.leaves) == 3
    assert np.isfinite(features.transform(train)).all()


def test_one_regime_at_most_when_asked():
    assert fit_features(draw_histories(0, [200] * 6, regimes=3), FeatureSettings(max_regimes=1)).tree is None

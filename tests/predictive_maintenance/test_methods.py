"""Methods: same interface, causal, seeded, better than nothing; contributions add up; mistakes are told."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.methods.lightgbm_rul import LightGbm
from predictive_maintenance.methods.mean_life import MeanLife
from predictive_maintenance.methods.ridge import RidgeRul
from predictive_maintenance.methods.tcn import Tcn, resolve_device
from predictive_maintenance.methods.weibull import WeibullLife
from usecases.config import build, roots
from usecases.contract import Budget
from usecases.errors import UserError

CAP = 40.0
METHODS = {
    "mean_life": MeanLife(),
    "weibull": WeibullLife(),
    "ridge": RidgeRul(),
    "lightgbm": LightGbm(members=2, rounds=60, min_rows_in_leaf=5),
    "tcn": Tcn(blocks=3, channels=12, epochs=25, batch_units=4),
}
LEARNING = ("ridge", "lightgbm", "tcn")
CONFIGS = roots("predictive_maintenance", "rul")[0] / "method"


def quiet(items, **_):
    return items


def fleet(
    seed: int, n_units: int = 16, *, gaps: float = 0.05, censored: float = 0.0
) -> tuple[Histories, Lives]:
    """Units whose wear, the time since they began to fail, shows in two of three sensors."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(50, 110, n_units)
    unit = np.repeat(np.arange(n_units), ends)
    time = np.concatenate([np.arange(1.0, n + 1) for n in ends])
    wear = np.maximum(0, 1 - (ends[unit] - time) / CAP)
    sensors = np.stack([wear, -2 * wear, 0 * wear], axis=1) + rng.normal(0, 0.1, (len(unit), 3))
    sensors[rng.random(sensors.shape) < gaps] = np.nan
    names = tuple(f"u{k}" for k in range(n_units))
    settings_ = rng.choice([0.0, 1.0], (len(unit), 1))
    histories = Histories(
        unit, time, sensors, settings_, names, names, ("vibration", "flow", "noise"), ("load",)
    )
    failed = rng.random(n_units) >= censored
    failed[:2] = True
    kept = np.where(failed, ends, np.maximum(20, ends - rng.integers(0, 50, n_units)))
    histories = histories.truncate(kept)
    return histories, Lives(histories.time[histories.last_rows()], failed)


def fit(name: str, train: Histories, lives: Lives, **changes):
    arguments = {"cap": CAP, "seed": 0, "budget": Budget(), "device": "cpu", "progress": quiet} | changes
    return METHODS[name].fit(train, lives, **arguments)


@cache
def fitted(name: str):
    return fit(name, *fleet(0))


def random_cuts(histories: Histories, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.integers(s.start + 10, s.stop) for s in histories.slices()])


@pytest.mark.parametrize("name", METHODS)
def test_predictions_have_one_value_a_row_within_the_cap(name):
    test, _ = fleet(1, 5)
    model = fitted(name)
    last = model.predict(test)
    assert last.shape == (5,)
    everywhere = model.predict(test, np.arange(test.n_rows))
    assert everywhere.shape == (test.n_rows,)
    assert np.isfinite(everywhere).all()
    assert everywhere.min() >= 0
    assert everywhere.max() <= CAP
    np.testing.assert_allclose(everywhere[test.last_rows()], last, atol=1e-6)
    shuffled = np.array([test.n_rows - 1, 0, 30, 30])
    np.testing.assert_allclose(model.predict(test, shuffled), everywhere[shuffled], atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), gaps=st.sampled_from([0.0, 0.3]), data=st.data())
def test_the_future_changes_no_prediction(name, seed, gaps, data):
    full, _ = fleet(seed, 3, gaps=gaps)
    lengths = np.diff(full.bounds())
    kept = np.array([data.draw(st.integers(1, int(n))) for n in lengths])
    rows = full.bounds()[:-1] + kept - 1
    model = fitted(name)
    tolerance = {"rtol": 0, "atol": 1e-6 if name == "tcn" else 1e-9}
    np.testing.assert_allclose(model.predict(full.truncate(kept)), model.predict(full, rows), **tolerance)


@pytest.mark.parametrize("name", LEARNING)
def test_sensors_beat_the_age(name):
    test, lives = fleet(2, 30)
    rows = random_cuts(test, 0)
    truth = np.minimum(lives.end[test.unit[rows]] - test.time[rows], CAP)

    def rmse(model):
        return np.sqrt(np.mean((model.predict(test, rows) - truth) ** 2))

    assert rmse(fitted(name)) < 0.6 * rmse(fitted("weibull"))
    assert rmse(fitted("weibull")) < 1.05 * rmse(fitted("mean_life"))


@pytest.mark.parametrize("name", LEARNING)
def test_censored_lives_are_learned_from(name):
    train, lives = fleet(3, 24, censored=0.6)
    test, ends = fleet(4, 30)
    rows = random_cuts(test, 0)
    truth = np.minimum(ends.end[test.unit[rows]] - test.time[rows], CAP)
    prediction = fit(name, train, lives).predict(test, rows)
    assert np.sqrt(np.mean((prediction - truth) ** 2)) < 0.75 * truth.std()


@pytest.mark.parametrize("name", METHODS)
def test_same_seed_same_predictions(name):
    train, lives = fleet(0)
    again = fit(name, train, lives)
    np.testing.assert_array_equal(again.predict(train), fitted(name).predict(train))


@pytest.mark.parametrize("name", ["lightgbm", "tcn"])
def test_another_seed_another_model(name):
    train, lives = fleet(0)
    assert (fit(name, train, lives, seed=1).predict(train) != fitted(name).predict(train)).any()


@pytest.mark.parametrize("name", ["lightgbm", "ridge"])
def test_contributions_add_up_to_the_prediction(name):
    test, _ = fleet(1, 5)
    model = fitted(name)
    rows = np.arange(0, test.n_rows, 7)
    contributions = model.contributions(test, rows)
    assert contributions.names == ("vibration", "flow", "noise", "age")
    assert contributions.values.shape == (len(rows), 4)
    np.testing.assert_allclose(np.clip(contributions.total(), 0, CAP), model.predict(test, rows), atol=1e-6)
    assert model.contributions(test).values.shape == (5, 4)


@pytest.mark.parametrize("name", ["lightgbm", "ridge"])
def test_contributions_point_to_the_sensors_that_show_wear(name):
    test, _ = fleet(1, 12, gaps=0.0)
    strength = np.abs(fitted(name).contributions(test).values).mean(axis=0)
    assert strength[:2].sum() > 5 * strength[2]


@pytest.mark.parametrize("name", METHODS)
def test_no_failure_in_training_is_told(name):
    train, lives = fleet(0, 4)
    with pytest.raises(UserError, match="ended with a failure"):
        fit(name, train, Lives(lives.end, np.zeros(4, bool)))


def test_mean_life_ignores_censored_lives_and_weibull_does_not():
    train, _ = fleet(0, 4)
    lives = Lives(np.array([60.0, 60.0, 100.0, 100.0]), np.array([True, True, False, False]))
    assert fit("mean_life", train, lives).mean_life == 60
    assert fit("weibull", train, lives).law.scale > 80


@pytest.mark.parametrize("name", LEARNING)
def test_two_tiny_lives_are_enough(name):
    train, lives = fleet(0, 2)
    few = train.truncate(np.array([3, 1]))
    prediction = fit(name, few, Lives(np.array([3.0, 1.0]), lives.failed)).predict(few)
    assert np.isfinite(prediction).all()


def test_smoke_budget_trains_less():
    train, lives = fleet(0, 6)
    model = fit("lightgbm", train, lives, budget=Budget("smoke", effort=0.1))
    assert [b.num_trees() for b in model.boosters] == [6, 6]


def test_small_data_keeps_trees_possible():
    train, lives = fleet(0, 3)
    model = LightGbm(members=1, rounds=20, min_rows_in_leaf=500).fit(
        train, lives, cap=CAP, seed=0, budget=Budget(), device="cpu", progress=quiet
    )
    assert np.ptp(model.predict(train, np.arange(train.n_rows))) > 5


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        (LightGbm, "members", 0),
        (LightGbm, "feature_share", 0.0),
        (LightGbm, "learning_rate", 2.0),
        (LightGbm, "l2", -1.0),
        (RidgeRul, "alpha", -0.1),
        (Tcn, "blocks", 0),
        (Tcn, "dropout", 1.0),
        (Tcn, "learning_rate", 0.0),
    ],
)
def test_a_wrong_hyper_parameter_is_told_with_what_to_type(kind, key, value):
    with pytest.raises(UserError, match=rf"method\.{key}={value}.*type method\.{key}="):
        kind(**{key: value})


def test_a_gpu_that_is_not_there_is_told(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="type device=cpu"):
        resolve_device("cuda")
    assert resolve_device("auto") == "cpu"


@pytest.mark.gpu
def test_tcn_trains_on_a_gpu():
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    train, lives = fleet(0)
    model = fit("tcn", train, lives, device="auto")
    assert model.device == "cuda"
    np.testing.assert_allclose(model.predict(train), fitted("tcn").predict(train), atol=8)


def test_fitting_leaves_the_thread_setting_of_torch_alone():
    import torch

    before = torch.get_num_threads()
    train, lives = fleet(0, 4)
    replace(METHODS["tcn"], epochs=1, threads=before + 1).fit(
        train, lives, cap=CAP, seed=0, budget=Budget(), device="cpu", progress=quiet
    )
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("name", METHODS)
def test_the_saved_configuration_names_every_hyper_parameter(name):
    values = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))
    method = build(values)
    assert type(method) is type(METHODS[name])
    assert set(values) - {"_target_"} == {f.name for f in fields(method)}

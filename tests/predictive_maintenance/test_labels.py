"""Labels: exact where the end is known, expected where it is not; the Weibull law behind them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.labels import Weibull, capped_labels, fit_weibull
from usecases.errors import UserError


def whole_lives(ends: list[int]) -> Histories:
    unit = np.repeat(np.arange(len(ends)), ends)
    time = np.concatenate([np.arange(1.0, n + 1) for n in ends])
    names = tuple(f"u{k}" for k in range(len(ends)))
    return Histories(unit, time, np.ones((len(unit), 1)), np.empty((len(unit), 0)), names, names, ("s",))


def test_failed_lives_have_exact_capped_labels():
    labels = capped_labels(whole_lives([5]), Lives(np.array([5.0]), np.array([True])), cap=2.0)
    assert labels.value.tolist() == [2, 2, 2, 1, 0]
    assert labels.known.all()


def test_censored_lives_are_at_least_what_was_seen_and_exact_far_from_the_end():
    lives = Lives(np.array([60.0, 90.0, 50.0]), np.array([True, True, False]))
    labels = capped_labels(whole_lives([60, 90, 50]), lives, cap=20.0)
    value, known = labels.value[150:], labels.known[150:]
    assert (value[:30] == 20).all()
    assert known[:30].all()
    assert not known[30:].any()
    rest = 50 - np.arange(31, 51)
    assert (value[30:] > rest).all()
    assert (value[30:] < 20).all()
    assert (np.diff(value[30:]) < 0).all()


@pytest.mark.parametrize("age", [0.0, 30.0, 100.0, 400.0])
@pytest.mark.parametrize("shape", [0.7, 1.0, 3.5, 12.0])
def test_mean_remaining_is_the_integral_of_the_survival(shape, age):
    law = Weibull(shape, 100.0)
    alive = stats.weibull_min(shape, scale=100.0).logsf
    expected, _ = integrate.quad(
        lambda u: np.exp(alive(age + u) - alive(age)), 0, 50, epsabs=1e-12, limit=500
    )
    assert law.mean_remaining(age, 50.0) == pytest.approx(expected, rel=2e-3, abs=1e-5)


def test_mean_remaining_accepts_a_cap_of_zero_and_arrays():
    law = Weibull(2.0, 10.0)
    assert law.mean_remaining([1.0, 2.0], [0.0, 5.0])[0] == 0
    assert law.mean_remaining([1.0, 2.0], [0.0, 5.0]).shape == (2,)


def test_weibull_fit_agrees_with_scipy_on_censored_data():
    rng = np.random.default_rng(1)
    life, stop = 200 * rng.weibull(2.5, 400), rng.uniform(50, 400, 400)
    lives = Lives(np.minimum(life, stop), life <= stop)
    law = fit_weibull(lives)
    data = stats.CensoredData.right_censored(lives.end, ~lives.failed)
    shape, _, scale = stats.weibull_min.fit(data, floc=0)
    assert law.shape == pytest.approx(shape, rel=1e-3)
    assert law.scale == pytest.approx(scale, rel=1e-3)
    naive = fit_weibull(Lives(lives.end[lives.failed], np.ones(lives.failed.sum(), bool)))
    assert naive.scale < 0.9 * law.scale


def test_no_failure_is_said_in_one_sentence():
    with pytest.raises(UserError, match="none of the 3 training lives ended with a failure"):
        fit_weibull(Lives(np.ones(3), np.zeros(3, bool)))


def test_equal_lives_do_not_break_the_fit():
    law = fit_weibull(Lives(np.full(4, 30.0), np.ones(4, bool)))
    assert law.mean_remaining(10.0, 100.0) == pytest.approx(20, abs=1.5)

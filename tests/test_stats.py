"""Intervals, conformal quantiles and scores against other libraries, closed forms and simulation."""

import math

import numpy as np
import pytest
from scipy import stats as reference
from sklearn.dummy import DummyRegressor
from sklearn.metrics import brier_score_loss, mean_pinball_loss

from usecases import stats


def test_bootstrap_equals_scipy_when_each_row_is_a_group():
    values = np.random.default_rng(1).gamma(2.0, size=80)
    n = 20_000
    mine = stats.bootstrap_by_group(np.mean, values, np.arange(80), n_resamples=n, seed=0)
    theirs = reference.bootstrap(
        (values,), np.mean, n_resamples=n, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert mine == pytest.approx((theirs.low, theirs.high), abs=0.05 * (theirs.high - theirs.low))


def test_bootstrap_takes_a_group_as_a_whole():
    rng = np.random.default_rng(0)
    effect = np.repeat(rng.normal(size=30), 20)
    values = effect + 0.01 * rng.normal(size=600)
    shuffled = rng.permutation(600)
    groups = np.array([f"machine {i // 20}" for i in range(600)], dtype=object)
    low, high = stats.bootstrap_by_group(np.mean, values, groups, seed=0)
    naive_low, naive_high = stats.bootstrap_by_group(np.mean, values, None, seed=0)
    assert high - low > 3 * (naive_high - naive_low)  # sqrt(20) = 4.5 if rows only repeat their group
    permuted = stats.bootstrap_by_group(np.mean, values[shuffled], groups[shuffled], seed=0)
    assert permuted == pytest.approx((low, high), rel=1e-9)


def test_bootstrap_covers_the_mean_of_correlated_rows():
    rng = np.random.default_rng(3)
    hits = 0
    for seed in range(200):
        sizes = rng.integers(1, 8, size=40)
        groups = np.repeat(np.arange(40), sizes)
        values = rng.normal(size=40)[groups] + 0.3 * rng.normal(size=len(groups))
        low, high = stats.bootstrap_by_group(np.mean, values, groups, n_resamples=300, seed=seed)
        hits += low <= 0 <= high
    assert 178 <= hits <= 200  # 190 expected, standard deviation 3; the percentile interval is a little short


def test_bootstrap_of_several_arrays_and_several_statistics():
    rng = np.random.default_rng(0)
    truth, predicted = rng.normal(size=50), rng.normal(size=50)

    def both(y, p):
        return np.array([np.mean(y - p), np.sqrt(np.mean((y - p) ** 2))])

    low, high = stats.bootstrap_by_group(both, (truth, predicted), np.arange(50), seed=4)
    alone = stats.bootstrap_by_group(np.mean, truth - predicted, np.arange(50), seed=4)
    assert low.shape == high.shape == (2,)
    assert (low[0], high[0]) == pytest.approx(alone)


def test_bootstrap_leaves_out_resamples_without_a_value():
    values = np.array([1.0, np.nan, np.nan, np.nan, 3.0])

    def mean_if_any(v):
        return np.array([v[~np.isnan(v)].mean() if (~np.isnan(v)).any() else np.nan, np.nan])

    low, high = stats.bootstrap_by_group(mean_if_any, values, np.arange(5), seed=0)
    assert (low[0], high[0]) == (1.0, 3.0)
    assert math.isnan(low[1])
    assert math.isnan(high[1])


def test_bootstrap_of_one_group_knows_nothing():
    low, high = stats.bootstrap_by_group(np.mean, [1.0, 2.0], ["a", "a"], seed=0)
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize(
    ("values", "groups", "level"),
    [([], [], 0.9), ([1.0, 2.0], ["a"], 0.9), (([1.0, 2.0], [1.0]), None, 0.9), ([1.0, 2.0], None, 90)],
)
def test_bootstrap_refuses_what_does_not_fit(values, groups, level):
    with pytest.raises(ValueError, match="expected"):
        stats.bootstrap_by_group(np.mean, values, groups, level=level, seed=0)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_student_interval_equals_scipy(level):
    values = [9.6, 9.1, 9.9, 9.4, 9.45]
    expected = reference.ttest_1samp(values, 0).confidence_interval(level)
    assert stats.student_interval(values, level) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("values", [[1.0], [], [1.0, math.nan]])
def test_student_interval_needs_two_figures(values):
    with pytest.raises(ValueError, match="at least two"):
        stats.student_interval(values)


def test_paired_difference_is_narrower_than_unpaired():
    rng = np.random.default_rng(0)
    difficulty = rng.gamma(2.0, 5.0, size=100)
    a, b = difficulty + 1 + 0.2 * rng.normal(size=100), difficulty
    paired = stats.paired_difference(a, b, np.arange(100), level=0.95, seed=0)
    assert paired.mean == pytest.approx(np.mean(a - b))
    assert 0.9 < paired.low < paired.mean < paired.high < 1.1
    assert paired.n == 100
    alone = stats.bootstrap_by_group(np.mean, a, None, seed=0)
    assert alone[1] - alone[0] > 10 * (paired.high - paired.low)


def test_paired_difference_says_how_many_pairs_there_were():
    paired = stats.paired_difference([1.0, math.nan, 4.0], [0.0, 0.0, 1.0], ["a", "b", "c"], seed=0)
    assert (paired.mean, paired.n) == (2.0, 2)
    nothing = stats.paired_difference([math.nan], [1.0], seed=0)
    assert nothing.n == 0
    assert math.isnan(nothing.mean)
    with pytest.raises(ValueError, match="one length"):
        stats.paired_difference([1.0, 2.0], [1.0], seed=0)


def _mapie_half_width(y, level):
    from mapie.regression import SplitConformalRegressor

    zero = DummyRegressor(strategy="constant", constant=0.0).fit(np.zeros((2, 1)), np.zeros(2))
    mapie = SplitConformalRegressor(estimator=zero, confidence_level=level, prefit=True)
    mapie.conformalize(np.zeros((len(y), 1)), y)
    return mapie.predict_interval(np.zeros((1, 1)))[1][0, 1, 0]


@pytest.mark.parametrize(
    ("level", "n"),
    [
        (level, n)
        for level in (0.5, 0.8, 0.9, 0.95, 0.99)
        for n in (9, 10, 19, 20, 37, 99, 100, 250)
        if n >= 1 / (1 - level) - 1e-9  # MAPIE refuses fewer rows
    ],
)
def test_grouped_quantile_equals_mapie_with_one_row_a_group(level, n):
    y = np.random.default_rng(n).standard_t(3, size=n)
    assert stats.grouped_quantile(np.abs(y), np.arange(n), level=level) == _mapie_half_width(y, level)


@pytest.mark.parametrize(("level", "n"), [(0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_with_just_enough_groups_the_quantile_is_the_largest_score(level, n):
    """The rank ceil(level * (n + 1)) is n: enough in theory; MAPIE asks for one row more than that."""
    y = np.random.default_rng(n).standard_t(3, size=n)
    assert n == stats.groups_needed(level)
    assert stats.grouped_quantile(np.abs(y), level=level) == np.abs(y).max()
    with pytest.raises(ValueError, match="too low"):
        _mapie_half_width(y, level)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_groups_needed_is_the_fewest(level):
    n = stats.groups_needed(level)
    assert math.isfinite(stats.grouped_quantile(np.arange(n), level=level))
    assert stats.grouped_quantile(np.arange(n - 1.0), level=level) == math.inf


def test_rows_repeated_inside_their_group_change_nothing():
    scores = np.random.default_rng(0).random(25)
    groups = np.arange(25)
    repeats = np.random.default_rng(1).integers(1, 9, size=25)
    once = stats.grouped_quantile(scores, groups, level=0.9)
    assert stats.grouped_quantile(np.repeat(scores, repeats), np.repeat(groups, repeats), level=0.9) == once


@pytest.mark.parametrize(("scores", "groups"), [([1.0, math.nan], [0, 1]), ([1.0], [0, 1]), ([[1.0]], [0])])
def test_grouped_quantile_refuses_what_does_not_fit(scores, groups):
    with pytest.raises(ValueError, match="expected"):
        stats.grouped_quantile(scores, groups, level=0.9)


def _scores_of_groups(rng, n_groups):
    """Strongly correlated scores; long groups are easy, so that counting rows flatters."""
    sizes = rng.integers(1, 40, size=n_groups)
    groups = np.repeat(np.arange(n_groups), sizes)
    centre = np.abs(rng.normal(size=n_groups)) * 8 / np.sqrt(sizes)
    return np.abs(centre[groups] + 0.1 * rng.normal(size=len(groups))), groups


def test_grouped_quantile_covers_new_groups_where_the_ungrouped_one_does_not():
    rng, level, draws = np.random.default_rng(0), 0.9, 1500
    grouped = ungrouped = 0.0
    for _ in range(draws):
        scores, groups = _scores_of_groups(rng, 40)
        new, _ = _scores_of_groups(rng, 1)
        grouped += np.mean(new <= stats.grouped_quantile(scores, groups, level=level))
        ungrouped += np.mean(new <= stats.grouped_quantile(scores, level=level))
    noise = 3 * math.sqrt(level * (1 - level) / draws)
    assert grouped / draws >= level - noise
    assert grouped / draws <= level + 0.03 + noise  # it is not bought with intervals that are far too wide
    assert ungrouped / draws < level - 2 * noise


def test_pinball_loss_equals_scikit_learn():
    rng = np.random.default_rng(0)
    y, predicted = rng.normal(size=30), rng.normal(size=30)
    for level in (0.05, 0.5, 0.9):
        expected = mean_pinball_loss(y, predicted, alpha=level)
        assert stats.pinball_loss(y, predicted, level).mean() == pytest.approx(expected)


def test_interval_score_is_the_sum_of_two_pinball_losses():
    rng = np.random.default_rng(0)
    y, low = rng.normal(size=200), rng.normal(size=200) - 1
    high = low + rng.gamma(2.0, size=200)
    tail = (1 - 0.8) / 2
    both = stats.pinball_loss(y, low, tail) + stats.pinball_loss(y, high, 1 - tail)
    np.testing.assert_allclose(stats.interval_score(y, low, high, 0.8), both / tail)


def test_interval_score_is_best_at_the_true_quantiles():
    y = np.random.default_rng(0).normal(size=100_000)
    at = {z: stats.interval_score(y, -z, z, 0.9).mean() for z in (1.2, 1.645, 2.1)}
    assert min(at, key=at.get) == 1.645
    # Closed form for N(0, 1) at its own quantiles: 2 pdf(z) * 2 / (1 - level).
    assert at[1.645] == pytest.approx(2 * reference.norm.pdf(1.645) * 2 / 0.1, rel=0.01)


def test_brier_score_equals_scikit_learn():
    rng = np.random.default_rng(0)
    probability = rng.random(50)
    happened = rng.random(50) < probability
    assert stats.brier_score(happened, probability).mean() == pytest.approx(
        brier_score_loss(happened, probability)
    )


def test_crps_of_samples_tends_to_the_closed_form_of_the_normal_law():
    y = np.array([-1.0, 0.3, 2.5])
    samples = np.random.default_rng(0).normal(size=(3, 200_000))
    pdf, cdf = reference.norm.pdf(y), reference.norm.cdf(y)
    expected = y * (2 * cdf - 1) + 2 * pdf - 1 / math.sqrt(math.pi)  # Gneiting & Raftery 2007, equation 20
    np.testing.assert_allclose(stats.crps_sample(y, samples), expected, atol=0.01)


def test_crps_equals_its_definition_and_of_one_sample_is_the_absolute_error():
    samples = np.random.default_rng(0).normal(size=(1, 7))
    spread = np.abs(samples[0][:, None] - samples[0][None, :]).mean()
    expected = np.abs(samples - 0.4).mean() - spread / 2
    assert stats.crps_sample([0.4], samples)[0] == pytest.approx(expected)
    assert stats.crps_sample([2.0], [[5.0]])[0] == 3.0

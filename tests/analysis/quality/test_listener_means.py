"""Means over listeners: hand-computed intervals, SciPy's bootstrap, and coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from jndlab.analysis.intervals import t_interval
from jndlab.analysis.quality.differences import contrasts_of, equivalence_of_mean, holm_within
from jndlab.analysis.quality.listener_means import (
    bca_interval,
    cell_means,
    summarise,
    t_p_value,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def of(values, **changes):
    options = {"n_votes": 10, "coverage": 0.95, "rng": rng(), "n_resamples": 500} | changes
    return summarise(np.asarray(values, dtype=float), **options)


def test_mean_and_interval_are_those_of_scipy() -> None:
    values = [3.0, 4.5, 4.0, 2.5, 4.25, 3.75]
    found = of(values)
    expected = stats.t.interval(0.95, 5, np.mean(values), stats.sem(values))
    assert (found.interval.low, found.interval.high) == pytest.approx(expected)
    test = stats.ttest_1samp(values, 3.0)
    shifted = np.array(values) - 3.0
    p_value = t_p_value(shifted.mean(), shifted.std(ddof=1), 6)
    assert p_value == pytest.approx(test.pvalue)


def test_the_resampled_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(5).exponential(size=30)
    found = bca_interval(values, coverage=0.95, rng=rng(), n_resamples=20_000)
    expected = stats.bootstrap(
        (values,), np.mean, confidence_level=0.95, n_resamples=20_000, rng=rng()
    ).confidence_interval
    assert found.low == pytest.approx(expected.low, abs=0.02)
    assert found.high == pytest.approx(expected.high, abs=0.02)
    assert found.high - values.mean() > values.mean() - found.low  # skewed as the data are


def test_one_listener_has_no_interval_and_few_no_resampled_one() -> None:
    alone = of([4.0, np.nan])
    assert (alone.n_listeners, alone.sd, alone.interval) == (1, None, None)
    assert alone.standard_error is None
    assert of([4.0, 3.0, 5.0]).resampled is None
    assert of([4.0] * 8).resampled is None
    assert t_p_value(0.3, None, 1) is None


def test_a_listener_counts_once_however_much_he_votes() -> None:
    listener = np.array([0] * 90 + [1] * 2)
    value = np.array([5.0] * 90 + [1.0, 3.0])
    means, counts = cell_means(listener, np.zeros(92, dtype=int), value, n_listeners=2, n_cells=1)
    assert of(means[:, 0]).mean == 3.5
    assert counts[:, 0].tolist() == [90, 2]


def test_intervals_cover_as_stated() -> None:
    draws = np.random.default_rng(8)
    hits = 0
    for _ in range(1000):
        values = draws.normal(2.0, 1.0, size=8)
        interval = t_interval(values.mean(), values.std(ddof=1), 8, coverage=0.95)
        hits += 2.0 in interval
    assert stats.binomtest(hits, 1000, 0.95).pvalue > 0.001


def test_equivalence_is_two_one_sided_t_tests() -> None:
    values = np.random.default_rng(2).normal(0.1, 0.5, size=20)
    found = equivalence_of_mean(values.mean(), values.std(ddof=1), 20, bound=0.4, alpha=0.05)
    upper = stats.ttest_1samp(values, 0.4, alternative="less").pvalue
    lower = stats.ttest_1samp(values, -0.4, alternative="greater").pvalue
    assert found.p_value == pytest.approx(max(upper, lower))
    # The smallest bound that is rejected is where the test turns.
    for factor, verdict in ((1.001, "equivalent"), (0.999, "undecided")):
        again = equivalence_of_mean(
            values.mean(), values.std(ddof=1), 20, bound=factor * found.smallest_bound, alpha=0.05
        )
        assert again.verdict == verdict


@pytest.mark.parametrize(
    ("mean", "sd", "bound", "verdict"),
    [
        (0.0, 0.2, 0.5, "equivalent"),
        (0.3, 0.2, 0.5, "different-but-small"),
        (0.9, 0.2, 0.5, "different"),
        (0.1, 3.0, 0.5, "undecided"),
        (0.0, 0.0, 0.5, "equivalent"),
        (0.6, 0.0, 0.5, "different"),
        (0.0, 0.2, None, None),
        (0.0, None, 0.5, "undecided"),
    ],
)
def test_verdicts(mean, sd, bound, verdict) -> None:
    assert equivalence_of_mean(mean, sd, 16, bound=bound, alpha=0.05).verdict == verdict


def test_equal_listeners_are_weighed_by_their_number() -> None:
    assert equivalence_of_mean(0.0, 0.0, 4, bound=0.5, alpha=0.05).verdict == "undecided"
    assert t_p_value(0.5, 0.0, 6) == pytest.approx(2 / 2**6)
    assert t_p_value(0.0, 0.0, 6) == 1.0


def test_equivalence_is_claimed_no_more_often_than_alpha_at_the_bound() -> None:
    draws = np.random.default_rng(4)
    claims = 0
    for _ in range(1000):
        values = draws.normal(0.5, 0.6, size=12)
        found = equivalence_of_mean(values.mean(), values.std(ddof=1), 12, bound=0.5, alpha=0.05)
        claims += found.verdict in ("equivalent", "different-but-small")
    assert stats.binomtest(claims, 1000, 0.05, alternative="greater").pvalue > 0.001


def test_families_are_adjusted_by_themselves() -> None:
    assert holm_within([0.03, 0.02, 0.04], ["a", "a", "b"]) == [0.04, 0.04, 0.04]
    worse, same = of([-1.0, -1.2, -0.8, -1.1]), of([0.1, -0.1, 0.2, -0.2])
    contrasts = contrasts_of([worse, same], ["a", "a"], bound=None, alpha=0.05)
    assert contrasts[0].p_value_holm == pytest.approx(2 * contrasts[0].p_value)
    assert contrasts[1].p_value_holm == contrasts[1].p_value

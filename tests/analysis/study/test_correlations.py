"""Correlations: equal to SciPy's, within groups, and bootstrapped by the stated unit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, kendalltau, pearsonr, rankdata, spearmanr

from jndlab.analysis.study.correlations import (
    bootstrap_correlations,
    check_resample,
    correlate,
    mean_ranks,
)
from jndlab.errors import DataError


@pytest.mark.parametrize("seed", range(4))
def test_they_are_scipys_with_ties(seed) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 6, 25).astype(float), rng.normal(size=25).round(1)
    expected = [pearsonr(x, y)[0], spearmanr(x, y)[0], kendalltau(x, y)[0]]
    assert correlate(x, y) == pytest.approx(expected, abs=1e-12)
    assert mean_ranks(y) == pytest.approx(rankdata(y))


def test_within_groups_the_differences_of_groups_do_not_count() -> None:
    group = np.repeat([0, 1, 2], 10)
    rng = np.random.default_rng(1)
    x = rng.normal(size=30) + 10 * group
    y = rng.normal(size=30) - 10 * group
    overall, within = correlate(x, y), correlate(x, y, group)
    assert (overall < -0.5).all()
    assert (np.abs(within) < 0.4).all()
    centred = [v - np.repeat([v[group == g].mean() for g in range(3)], 10) for v in (x, y)]
    assert within[0] == pytest.approx(pearsonr(*centred)[0])


def test_what_does_not_vary_has_no_correlation() -> None:
    assert np.isnan(correlate([0.1] * 5, [1, 2, 3, 4, 5])).all()
    assert np.isnan(correlate([1, 2, 3, 4], [7, 7, 8, 8], [0, 0, 1, 1])).all()
    assert np.isnan(correlate([], [])).all()


def bootstrap(resample, n_listeners=12, seed=1, **options):
    rng = np.random.default_rng(3)
    scores = np.linspace(4.5, 1.5, 8)
    chance = np.linspace(0.5, 0.98, 8)
    n = np.full((n_listeners, 8), 10.0)
    k = rng.binomial(10, np.broadcast_to(chance, n.shape)).astype(float)
    options = {"items": np.arange(8), "groups": None, "n_resamples": 300} | options
    return bootstrap_correlations(
        scores,
        lambda k, n: k / n,
        k,
        n,
        resample=resample,
        rng=np.random.default_rng(seed),
        **options,
    )


def test_equal_seeds_give_equal_intervals_around_the_estimate() -> None:
    for resample in ("listeners", "stimuli", "both"):
        one = bootstrap(resample)
        assert one == bootstrap(resample)
        assert one.pearson.interval is not None
        assert one.pearson.estimate in one.pearson.interval
    assert bootstrap("both", seed=2) != bootstrap("both")


def test_more_units_drawn_make_longer_intervals() -> None:
    lengths = {
        resample: bootstrap(resample, n_resamples=1000).pearson.interval.length
        for resample in ("listeners", "stimuli", "both")
    }
    assert lengths["both"] > max(lengths["listeners"], lengths["stimuli"]) * 0.95


def test_items_are_drawn_as_a_whole() -> None:
    """Two items of four stimuli: a resample has eight of one, or four of either."""
    seen: set[tuple[int, ...]] = set()

    def outcome(k: np.ndarray, n: np.ndarray) -> np.ndarray:
        seen.add(tuple(int(value) for value in np.sort(k)))
        return k / n

    bootstrap_correlations(
        np.linspace(4.5, 1.5, 8),
        outcome,
        np.repeat([[1.0, 2.0]], 4, axis=1),  # k tells the item
        np.full((1, 8), 10.0),
        resample="stimuli",
        items=np.repeat([0, 1], 4),
        groups=None,
        rng=np.random.default_rng(1),
        n_resamples=50,
    )
    assert seen == {(1,) * 8, (1,) * 4 + (2,) * 4, (2,) * 8}


def test_every_resample_is_reported() -> None:
    calls: list[int] = []
    bootstrap("stimuli", n_resamples=7, progress=calls.append)
    assert calls == [1] * 7


def test_a_constant_outcome_has_neither_estimate_nor_interval() -> None:
    k = np.full((3, 4), 5.0)
    result = bootstrap_correlations(
        np.array([1.0, 2.0, 3.0, 4.0]),
        lambda k, n: k / n,
        k,
        np.full((3, 4), 10.0),
        resample="listeners",
        items=np.arange(4),
        groups=None,
        rng=np.random.default_rng(1),
        n_resamples=20,
    )
    assert (result.kendall.estimate, result.kendall.interval) == (None, None)


@pytest.mark.parametrize(("n_listeners", "n_trials"), [(6, 10), (12, 20)])
def test_intervals_over_listeners_cover_the_panel_of_all(n_listeners: int, n_trials: int) -> None:
    """Pearson over 120 panels, four items whose difficulty the score does not know; seed 8.

    Percentile intervals cover the correlation of the whole population in 25 % of panels of six
    and in 70 % of panels of twelve, since noise lowers it twice.
    """
    rng = np.random.default_rng(8)
    scores = np.tile(np.linspace(4.5, 1.5, 6), 4)
    ease = np.tile(np.arange(6) - 2.5, 4) + np.repeat([0.5, 1.2, 0.5, -2.0], 6)

    def chances(n: int) -> np.ndarray:
        logits = rng.normal(1.0, 0.6, (n, 1)) * ease + rng.normal(0.0, 0.7, (n, 1))
        return 0.5 + 0.45 / (1 + np.exp(-logits))

    truth = correlate(scores, chances(20_000).mean(axis=0))[0]
    covered = 0
    for _ in range(120):
        k = rng.binomial(n_trials, chances(n_listeners)).astype(float)
        result = bootstrap_correlations(
            scores,
            lambda k, n: k / n,
            k,
            np.full(k.shape, float(n_trials)),
            resample="listeners",
            items=np.repeat(np.arange(4), 6),
            groups=None,
            rng=rng,
            n_resamples=150,
        )
        assert result.pearson.interval is not None
        covered += truth in result.pearson.interval
    assert covered >= binom.ppf(0.001, 120, 0.93)


def test_units_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(DataError, match="One of the listeners"):
        check_resample("both", n_listeners=1, n_items=5)
    with pytest.raises(DataError, match="One of the stimuli"):
        check_resample("stimuli", n_listeners=5, n_items=1)
    with pytest.raises(DataError, match="no resampling of 'trials'"):
        check_resample("trials", n_listeners=5, n_items=5)

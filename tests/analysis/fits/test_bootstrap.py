"""Resampling listeners: repeatable, equal to one-by-one fits, and wider where people differ."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import bootstrap_listeners, fit_psychometric
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import proportion_correct, sigmoid

MODE = {"method": "map", "overdispersion": False}
LEVELS = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])


def exact_counts(thresholds: list[float], n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Rounded expected counts of listeners with these thresholds: no sampling noise."""
    heard = sigmoid("norm", LEVELS, np.array(thresholds)[:, None], 2.0)
    n_trials = np.full((len(thresholds), len(LEVELS)), float(n))
    return np.round(n * proportion_correct(heard, 0.5, 0.0)), n_trials


def test_the_pooled_fit_is_the_single_fit_of_the_sums() -> None:
    n_correct, n_trials = exact_counts([1.5, 2.0, 2.5, 3.0, 3.5, 2.2])
    group = bootstrap_listeners(LEVELS, n_correct, n_trials, paradigm="abx", seed=1)
    fit = fit_psychometric(
        LEVELS, n_correct.sum(axis=0), n_trials.sum(axis=0), paradigm="abx", **MODE
    )
    assert group.threshold == pytest.approx(fit.threshold, rel=1e-7)
    assert group.threshold_at(0.6).value == pytest.approx(fit.threshold_at(0.6).value, rel=1e-6)
    assert group.n_listeners == 6
    assert group.n_converged == group.n_resamples == 1000
    assert group.threshold in group.threshold_interval
    assert "listeners" in group.threshold_interval.method


def test_resamples_are_fits_of_drawn_listeners() -> None:
    """The draws of seed 5, fitted one by one with the public function."""
    n_correct, n_trials = exact_counts([1.5, 2.0, 2.5, 3.0, 3.5, 2.2])
    group = bootstrap_listeners(
        LEVELS, n_correct, n_trials, paradigm="abx", seed=5, n_resamples=100
    )
    draws = np.random.default_rng(5).multinomial(6, np.full(6, 1 / 6), 100)
    single = [
        fit_psychometric(LEVELS, w @ n_correct, w @ n_trials, paradigm="abx", **MODE).threshold
        for w in draws[:10]
    ]
    np.testing.assert_allclose(group.resamples.estimate("threshold")[:10], single, rtol=1e-6)


def test_equal_seeds_equal_results() -> None:
    n_correct, n_trials = exact_counts([1.5, 2.0, 2.5, 3.0, 3.5])

    def interval(seed: int | np.random.Generator) -> object:
        return bootstrap_listeners(
            LEVELS, n_correct, n_trials, paradigm="abx", seed=seed, n_resamples=200
        ).threshold_interval

    assert interval(4) == interval(4) == interval(np.random.default_rng(4))
    assert interval(4) != interval(5)


def test_listeners_who_differ_widen_the_interval_and_equal_ones_leave_none() -> None:
    alike = bootstrap_listeners(*with_levels([2.5] * 8), paradigm="abx", seed=1)
    spread = bootstrap_listeners(
        *with_levels([1.0, 1.4, 1.8, 2.2, 2.8, 3.2, 3.6, 4.0]), paradigm="abx", seed=1
    )
    assert alike.threshold_interval.length == pytest.approx(0.0, abs=1e-6)
    # The mean of 8 thresholds with this spread has a standard error of 0.38.
    assert 0.9 < spread.threshold_interval.length < 2.1


def with_levels(thresholds: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return LEVELS, *exact_counts(thresholds)


def test_order_of_levels_and_direction_do_not_matter() -> None:
    levels, n_correct, n_trials = with_levels([1.5, 2.0, 2.5, 3.0, 3.5])
    one = bootstrap_listeners(levels, n_correct, n_trials, paradigm="abx", seed=2)
    order = [3, 0, 5, 1, 4, 2]
    shuffled = bootstrap_listeners(
        levels[order], n_correct[:, order], n_trials[:, order], paradigm="abx", seed=2
    )
    assert shuffled.threshold_interval == one.threshold_interval
    falling = bootstrap_listeners(
        -levels, n_correct, n_trials, paradigm="abx", seed=2, direction="falls"
    )
    assert falling.threshold_interval.low == pytest.approx(-one.threshold_interval.high)


def test_the_band_holds_the_pooled_curve() -> None:
    levels, n_correct, n_trials = with_levels([1.5, 2.0, 2.5, 3.0, 3.5])
    group = bootstrap_listeners(levels, n_correct, n_trials, paradigm="abx", seed=2)
    fit = fit_psychometric(
        levels, n_correct.sum(axis=0), n_trials.sum(axis=0), paradigm="abx", **MODE
    )
    low, high = group.band(levels)
    assert np.all((low <= fit.predict(levels)) & (fit.predict(levels) <= high))


def test_advice_on_few_listeners_and_extrapolation() -> None:
    levels, n_correct, n_trials = with_levels([4.5, 5.0, 5.5, 6.0, 6.5])
    group = bootstrap_listeners(levels, n_correct, n_trials, paradigm="abx", seed=2)
    text = " ".join(group.warnings)
    assert "Only 5 listeners" in text
    assert "outside the tested levels" in text
    assert bootstrap_listeners(*with_levels([2.0, 3.0] * 6), paradigm="abx", seed=1).warnings == ()


def test_wrong_input_is_refused() -> None:
    levels, n_correct, n_trials = with_levels([2.0, 3.0])

    def call(levels=levels, n_correct=n_correct, n_trials=n_trials, **options):
        options = {"paradigm": "abx", "seed": 1} | options
        return bootstrap_listeners(levels, n_correct, n_trials, **options)

    with pytest.raises(DataError, match="n_correct two"):
        call(n_correct=n_correct[0], n_trials=n_trials[0])
    with pytest.raises(DataError, match="do not fit"):
        call(levels=levels[:-1])
    with pytest.raises(DataError, match="do not fit"):
        call(levels=np.array([0, 0, 1, 2, 3, 4.0]))
    with pytest.raises(DataError, match="impossible"):
        call(n_correct=n_trials + 1)
    with pytest.raises(DataError, match="at least two"):
        call(n_correct=n_correct[:1], n_trials=n_trials[:1])
    with pytest.raises(DataError, match="too few for an interval"):
        call(n_resamples=20)
    with pytest.raises(DataError, match="A level has no trials"):
        call(n_correct=n_correct * 0, n_trials=n_trials * (levels > 0) * 1.0)
    with pytest.raises(FitError, match="target probability"):
        call().threshold_at(0.4)

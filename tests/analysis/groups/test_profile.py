"""Intervals by profile likelihood: their ends against a search by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from jndlab.analysis.groups.cutoffs import (
    chi_square_cutoffs,
    mean_cutoffs,
    mean_p_value,
    spread_cutoffs,
)
from jndlab.analysis.groups.fit import fit_group
from jndlab.errors import DataError, FitError

from .dense import GLMM, columns, random_intercept, simulate

ROWS = columns(GLMM, 20)


@pytest.fixture(scope="module")
def fit():
    return fit_group(*ROWS, paradigm="yes_no")


def profile(fix) -> float:
    """The highest log-likelihood by brute force, given what ``fix`` makes of two free numbers."""

    def height(free) -> float:
        intercept, slope, sd = fix(*free)
        return -random_intercept(GLMM, 20, intercept=intercept, slope=slope, sd=sd, n_nodes=401)

    best = min(
        (
            minimize(height, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-7})
            for start in ([0.69, 0.7],)
        ),
        key=lambda found: found.fun,
    )
    return -float(best.fun)


def test_ends_of_the_threshold_s_interval(fit) -> None:
    interval = fit.interval("threshold")
    cutoff = mean_cutoffs(0.95, 12).low
    for end in (interval.low, interval.high):
        height = profile(lambda slope, sd, end=end: (-slope * end, slope, sd))
        assert 2 * (fit.log_likelihood - height) == pytest.approx(cutoff, abs=0.01)
    assert "t over listeners" in interval.method
    assert interval.low < fit.estimate("threshold") < interval.high
    assert fit.interval("threshold", 0.5).length < interval.length


def test_ends_of_the_spread_s_interval(fit) -> None:
    interval = fit.interval("sd_intercept")
    cutoffs = spread_cutoffs(0.95, 12)
    for end, cutoff in ((interval.low, cutoffs.low), (interval.high, cutoffs.high)):
        height = profile(lambda slope, shift, end=end: (-1.66 + shift - 0.7, slope, end))
        assert 2 * (fit.log_likelihood - height) == pytest.approx(cutoff, abs=0.01)


def test_every_number_has_an_interval_around_it() -> None:
    table = simulate(np.random.default_rng(8), n_listeners=8, n_trials=20, sd=0.8, guess=0.5)
    for random in ("slope", "threshold+width", "slope-only"):
        fit = fit_group(*columns(table, 20), paradigm="2afc", random=random, lapse_rate="estimate")
        for name in fit.estimates:
            interval = fit.interval(name)
            assert interval.low <= fit.estimate(name) <= interval.high or np.isnan(
                fit.estimate(name)
            )
            assert name in ("guess_rate", "lapse_rate") or interval.length > 0


def test_a_threshold_that_data_do_not_bound_has_an_open_interval() -> None:
    table = np.array(
        [[5.0, 6, 5, 7, 6, 6], [6, 5, 5, 6, 7, 6], [4, 6, 6, 5, 6, 7], [6, 5, 6, 6, 5, 7]]
    )
    fit = fit_group(*columns(table, 10), paradigm="2afc")
    interval = fit.threshold_at(0.75).interval
    assert np.isinf(interval.low) or np.isinf(interval.high)
    assert any("hardly show" in warning for warning in fit.warnings)


def test_targets(fit) -> None:
    assert fit.threshold_at(0.5).value == pytest.approx(fit.estimate("threshold"))
    higher = fit.threshold_at(0.9)
    slope = fit.estimate("slope")
    assert higher.value - fit.estimate("threshold") == pytest.approx(1.2815516 / slope)
    assert higher.estimate == higher.value
    assert higher.value in higher.interval
    assert higher.inside_tested_range
    assert not fit.threshold_at(1 - 1e-9).inside_tested_range
    assert fit.predict([higher.value])[0] == pytest.approx(0.9)


def test_a_d_prime_is_the_proportion_that_it_means_in_the_task() -> None:
    table = simulate(np.random.default_rng(8), n_listeners=10, n_trials=20, sd=0.6, guess=0.5)
    for paradigm, model, proportion in (
        ("2afc", None, 0.76024994),
        ("abx", "independent_observation", 0.59970),
        ("abx", "differencing", 0.58250),
    ):
        fit = fit_group(*columns(table, 20), paradigm=paradigm)
        found = fit.threshold_at(d_prime=1.0, model=model)
        assert found.target_probability == pytest.approx(proportion, abs=1e-4)
        assert found.value == pytest.approx(fit.threshold_at(found.target_probability).value)


def test_lapses_move_a_target_only_where_asked() -> None:
    table = simulate(
        np.random.default_rng(6), n_listeners=10, n_trials=40, sd=0.6, guess=0.5, lapse=0.06
    )
    fit = fit_group(*columns(table, 40), paradigm="2afc", lapse_rate="estimate")
    assert fit.threshold_at(0.75).value == pytest.approx(fit.estimate("threshold"))
    lapsing = fit.threshold_at(0.75, lapse_free=False)
    assert lapsing.value > fit.estimate("threshold")
    assert fit.predict(lapsing.value) == pytest.approx(0.75)
    with pytest.raises(FitError, match="never reaches"):
        fit.threshold_at(0.99, lapse_free=False)


def test_refusals(fit) -> None:
    with pytest.raises(FitError, match="false alarms"):
        fit.threshold_at(d_prime=1.0)
    with pytest.raises(FitError):
        fit.threshold_at()
    with pytest.raises(FitError):
        fit.threshold_at(1.2)
    with pytest.raises(DataError):
        fit.interval("threshold", 1.5)


def test_cutoffs_are_exact_for_known_values() -> None:
    """Means and variances of 5 normal values, 40,000 times, seed 1."""
    rng = np.random.default_rng(1)
    m, n = 5, 40_000
    values = rng.normal(size=(n, m))
    variance = values.var(axis=1)
    mean = m * np.log1p(values.mean(axis=1) ** 2 / variance)
    band = 3 * np.sqrt(0.95 * 0.05 / n)
    assert np.mean(mean < mean_cutoffs(0.95, m).low) == pytest.approx(0.95, abs=band)
    spread = m * (variance - 1 - np.log(variance))
    cutoffs = spread_cutoffs(0.95, m)
    above = np.mean((variance > 1) & (spread > cutoffs.low))
    below = np.mean((variance < 1) & (spread > cutoffs.high))
    assert above == pytest.approx(0.025, abs=band)
    assert below == pytest.approx(0.025, abs=band)
    assert np.mean(spread < chi_square_cutoffs(0.95).low) < 0.93
    p_values = [mean_p_value(value, 1, m) for value in mean[:4000]]
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.012)


def test_cutoff_of_groups_is_that_of_a_two_sample_test() -> None:
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(2, 20_000, 4))
    both = np.concatenate([first, second], axis=1)
    within = (first.var(axis=1) + second.var(axis=1)) / 2
    statistic = 8 * np.log(both.var(axis=1) / within)
    share = np.mean(statistic < mean_cutoffs(0.95, 8, 2).low)
    assert share == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 20_000))


def test_coverage_of_the_population_threshold() -> None:
    """Six listeners who differ as much as a curve is wide, 60 studies, seed 7: 95 % must lie
    within three binomial standard deviations; χ² would cover fewer."""
    rng = np.random.default_rng(7)
    covered = 0
    n_studies = 60
    for _ in range(n_studies):
        table = simulate(rng, n_listeners=6, n_trials=8, sd=1.0, threshold=3.4)
        covered += 3.4 in fit_group(*columns(table, 8), paradigm="yes_no").interval("threshold")
    assert covered / n_studies == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / n_studies))

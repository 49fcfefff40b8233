"""The single fit against published fits, and the promises of its result."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from jndlab.analysis import fit_psychometric
from jndlab.errors import FitError
from tests.analysis.reference import entries, needs_reference

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
SEVEN = ([1, 2, 3, 4, 5, 6, 7], [11, 10, 14, 17, 18, 19, 18], [20] * 7)
# The worked example of psignifit's documentation.
DOCUMENTATION = (
    [0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004, 0.0045, 0.005, 0.006, 0.007, 0.008, 0.01],
    [45, 50, 44, 44, 52, 53, 62, 64, 76, 79, 88, 90, 90],
    [90] * 13,
)
# Binomial model with the default priors of psignifit 4.3. Modes: psignifit's, polished by an
# independent search. Ends of 95 % intervals: dense integration over 121 × 121 × 61 points
# (psignifit prints its own ends half a grid step too low).
PUBLISHED = {
    "six": (SIX, (3.3261427, 4.8851744, 0.0), (2.4328015, 3.7905428), (2.2659161, 7.6165966)),
    "seven": (
        SEVEN,
        (3.2043738, 3.1658777, 0.06642113),
        (1.8984164, 4.2837428),
        (1.7499477, 11.682015),
    ),
    "documentation": (
        DOCUMENTATION,
        (0.004647817, 0.0046590718, 0.0),
        (0.0043178912, 0.0049259739),
        (0.0036254266, 0.005883574),
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_fits(name: str) -> None:
    data, mode, threshold_ends, width_ends = PUBLISHED[name]
    fit = fit_psychometric(*data, paradigm="2afc", overdispersion=False)
    assert fit.converged
    for parameter, value in zip(("threshold", "width", "lapse_rate"), mode, strict=True):
        assert fit.estimate(parameter, "mode") == pytest.approx(value, rel=1e-5, abs=1e-5)
    for parameter, ends in (("threshold", threshold_ends), ("width", width_ends)):
        interval = fit.interval(parameter)
        slack = 0.005 * (ends[1] - ends[0])
        assert interval.low == pytest.approx(ends[0], abs=slack)
        assert interval.high == pytest.approx(ends[1], abs=slack)


# R 4.2.2 glm with the 2AFC probit link of psyphy 0.3: maximum likelihood, no lapses.
@pytest.mark.parametrize(
    ("data", "threshold", "sd", "deviance", "log_likelihood"),
    [
        (SIX, 3.3261428, 1.4849876, 0.42714533, -10.396331),
        (DOCUMENTATION, 0.004647817, 0.0014162573, 5.932813, -28.101801),
    ],
)
def test_without_lapses_as_r_glm(data, threshold, sd, deviance, log_likelihood) -> None:
    fit = fit_psychometric(
        *data, paradigm="2afc", method="ml", lapse_rate=0.0, overdispersion=False
    )
    assert fit.threshold == pytest.approx(threshold, rel=1e-5)
    assert fit.width == pytest.approx(sd * 2 * norm.ppf(0.95), rel=1e-4)
    assert fit.deviance == pytest.approx(deviance, abs=1e-3)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-5)
    assert fit.lapse_rate == 0.0
    assert fit.interval("lapse_rate").length == 0.0


SYMBOLS = {"threshold": "threshold", "width": "width", "lambda": "lapse_rate"}
SYMBOLS |= {"eta": "overdispersion", "gamma": "guess_rate"}


@needs_reference
@pytest.mark.parametrize("reference", entries("psychometric_fit_bayes"), ids=lambda e: e["id"])
def test_posteriors_of_the_reference_file(reference) -> None:
    """Means and equal-tailed ends of all parameters. psignifit's own ends are up to 0.72 of a
    grid step low, which is the tolerance here; the dense entries are held to 1 % of the length."""
    table, task = np.array(reference["data"]["levels_k_n"]), reference["data"]["task"]
    fit = fit_psychometric(
        *table.T,
        paradigm=task.replace("/", "_"),
        sigmoid=reference["data"]["sigmoid"],
        overdispersion="betabinomial" in reference["id"],
    )
    result = reference["result"]
    for symbol, ends in result["ci95"].items():
        name, length = SYMBOLS[symbol], ends[1] - ends[0]
        if length == 0.0:
            continue
        interval = fit.interval(name)
        if "grid_step" in result:
            step = result["grid_step"][symbol]
            slack, mean_slack = 1.0 * step, 0.25 * step
        else:
            slack = (0.01 if symbol in ("threshold", "width") else 0.02) * length
            mean_slack = slack
        assert fit.estimate(name) == pytest.approx(result["mean"][symbol], abs=mean_slack)
        if symbol in ("threshold", "width") or "grid_step" not in result:
            assert interval.low == pytest.approx(ends[0], abs=slack)
            assert interval.high == pytest.approx(ends[1], abs=slack)


@needs_reference
@pytest.mark.parametrize("reference", entries("psychometric_fit_ml"), ids=lambda e: e["id"])
def test_maxima_of_the_reference_file(reference) -> None:
    free = "free_lapse" in reference["id"]
    fit = fit_psychometric(
        *np.array(reference["data"]["levels_k_n"]).T,
        paradigm=reference["data"]["task"],
        method="ml",
        lapse_rate=None if free else 0.0,
        overdispersion=False,
    )
    result = reference["result"]
    assert fit.log_likelihood == pytest.approx(result["loglik"], abs=1e-3)
    threshold = result["mean"] if free else result["threshold_mid"]
    assert fit.threshold == pytest.approx(threshold, rel=1e-3)


def test_falling_levels_are_the_mirror_of_rising_ones() -> None:
    levels, n_correct, n_trials = SIX
    rising = fit_psychometric(*SIX, paradigm="abx")
    falling = fit_psychometric(
        [-level for level in levels], n_correct, n_trials, paradigm="abx", direction="falls"
    )
    assert falling.threshold == pytest.approx(-rising.threshold)
    assert falling.width == pytest.approx(rising.width)
    assert falling.slope == pytest.approx(-rising.slope)
    assert falling.slope < 0
    assert falling.interval("threshold").low == pytest.approx(-rising.interval("threshold").high)
    np.testing.assert_allclose(falling.predict([-2.0, -5.0]), rising.predict([2.0, 5.0]))
    assert falling.threshold_at(0.9).value == pytest.approx(-rising.threshold_at(0.9).value)


def test_the_unit_of_the_level_does_not_matter() -> None:
    levels, n_correct, n_trials = SIX
    one = fit_psychometric(*SIX, paradigm="abx")
    other = fit_psychometric(
        [1000 * level + 5 for level in levels], n_correct, n_trials, paradigm="abx"
    )
    assert other.threshold == pytest.approx(1000 * one.threshold + 5)
    assert other.width == pytest.approx(1000 * one.width)
    assert other.deviance == pytest.approx(one.deviance)


def test_slope_is_the_derivative_of_the_curve_at_the_threshold() -> None:
    for sigmoid in ("norm", "gumbel", "weibull", "lognormal"):
        fit = fit_psychometric(*SEVEN, paradigm="two-interval", sigmoid=sigmoid, method="map")
        h = 1e-5
        ends = fit.predict([fit.threshold - h, fit.threshold + h])
        assert fit.slope == pytest.approx((ends[1] - ends[0]) / (2 * h), rel=1e-6)


def test_threshold_at_a_target() -> None:
    fit = fit_psychometric(*SEVEN, paradigm="two-interval")
    middle, interval = fit.threshold_at(0.75), fit.interval("threshold")
    assert middle.value == pytest.approx(fit.threshold)
    assert middle.interval.low == pytest.approx(interval.low, abs=2e-4 * interval.length)
    assert middle.interval.high == pytest.approx(interval.high, abs=2e-4 * interval.length)
    assert fit.threshold_at(0.6).value < middle.value < fit.threshold_at(0.9).value
    assert fit.threshold_at(0.8, lapse_free=False).value > fit.threshold_at(0.8).value
    with pytest.raises(FitError, match="never reaches"):
        fit.threshold_at(0.999, lapse_free=False)
    # d' = 1 is 76 % correct with two intervals; in ABX it depends on the model of the listener.
    assert fit.threshold_at(d_prime=1.0).target_probability == pytest.approx(0.76025, abs=1e-5)
    assert fit.threshold_at(d_prime=1.0).value == pytest.approx(fit.threshold_at(0.76025).value)
    abx = fit_psychometric(*SEVEN, paradigm="abx")
    differencing = abx.threshold_at(d_prime=1.0, model="differencing").target_probability
    assert differencing < abx.threshold_at(d_prime=1.0).target_probability
    with pytest.raises(FitError, match="one target"):
        fit.threshold_at(0.75, d_prime=1.0)
    with pytest.raises(FitError, match="one target"):
        fit.threshold_at()
    for target in (0.5, 1.0, 0.2, 75):
        with pytest.raises(FitError, match="target probability"):
            fit.threshold_at(target)


def test_yes_no_estimates_the_guess_rate() -> None:
    counts = [2, 4, 10, 21, 33, 38, 39]
    fit = fit_psychometric(range(7), counts, [40] * 7, paradigm="yes_no")
    assert 0.01 < fit.guess_rate < 0.12
    assert fit.interval("guess_rate").length > 0.02
    fixed = fit_psychometric(range(7), counts, [40] * 7, paradigm="yes_no", guess_rate=0.05)
    assert fixed.guess_rate == 0.05
    assert fixed.interval("threshold").length < fit.interval("threshold").length
    # d' = 1 above a false-alarm rate of 5 % is 26 % "yes".
    assert fixed.threshold_at(d_prime=1.0).target_probability == pytest.approx(0.2595, abs=1e-4)


def test_overdispersion_is_found_and_widens_the_interval() -> None:
    """Counts of blocks that scatter more than binomially, by hand."""
    scattered = [18, 31, 20, 38, 26, 39]
    binomial = fit_psychometric(SIX[0], scattered, SIX[2], paradigm="abx", overdispersion=False)
    free = fit_psychometric(SIX[0], scattered, SIX[2], paradigm="abx")
    assert binomial.overdispersion == 0.0
    assert free.overdispersion > 0.15 > fit_psychometric(*SIX, paradigm="abx").overdispersion
    assert free.interval("threshold").length > 1.15 * binomial.interval("threshold").length
    assert fit_psychometric(*SIX, paradigm="abx", overdispersion=0.2).overdispersion == 0.2


def test_the_band_surrounds_the_curve_and_matches_the_threshold_interval() -> None:
    fit = fit_psychometric(*SIX, paradigm="two-interval")
    levels = np.linspace(1, 6, 21)
    low, high = fit.band(levels)
    assert np.all(low <= fit.predict(levels) + 0.01)
    assert np.all(high >= fit.predict(levels) - 0.01)
    assert np.all(high > low)
    # At level 1 nearly everybody guesses: the band cannot be wider than the data's interval.
    assert high[0] - low[0] < 0.2

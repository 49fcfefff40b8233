"""The single fit against published fits, and the promises of its result."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.design import make_design
from jndlab.analysis.fits.engine import log_posterior, maximise
from jndlab.analysis.fits.posterior import integrate
from jndlab.errors import DataError, FitError

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "data" / "reference_psychometrics.json"

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
    data, (threshold, width, lapse_rate), threshold_ends, width_ends = PUBLISHED[name]
    fit = fit_psychometric(*data, paradigm="two-interval")
    assert fit.converged
    assert fit.threshold == pytest.approx(threshold, rel=1e-5)
    assert fit.width == pytest.approx(width, rel=1e-5)
    assert fit.lapse_rate == pytest.approx(lapse_rate, abs=1e-5)
    for interval, ends in (
        (fit.threshold_interval, threshold_ends),
        (fit.width_interval, width_ends),
    ):
        slack = 0.005 * (ends[1] - ends[0])
        assert interval.low == pytest.approx(ends[0], abs=slack)
        assert interval.high == pytest.approx(ends[1], abs=slack)


# R 4.2.2 glm with the 2AFC probit link of psyphy 0.3: maximum likelihood, no lapses. The prior
# is flat around these estimates, so the posterior mode is the same point.
@pytest.mark.parametrize(
    ("data", "threshold", "sd", "deviance"),
    [
        (SIX, 3.3261428, 1.4849876, 0.42714533),
        (DOCUMENTATION, 0.004647817, 0.0014162573, 5.932813),
    ],
)
def test_without_lapses_as_r_glm(data, threshold, sd, deviance) -> None:
    fit = fit_psychometric(*data, paradigm="two-interval", lapse_rate=0.0)
    assert fit.threshold == pytest.approx(threshold, rel=1e-5)
    assert fit.width == pytest.approx(sd * 2 * norm.ppf(0.95), rel=1e-4)
    assert fit.deviance == pytest.approx(deviance, abs=1e-3)
    assert fit.lapse_rate == 0.0
    assert fit.lapse_rate_interval is None


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference values are not here")
@pytest.mark.parametrize("entry", ["doc13", "six", "lapse", "three_afc"])
def test_intervals_of_the_reference_file(entry: str) -> None:
    """Equal-tailed ends of all parameters, another chance level and the logistic sigmoid too."""
    entries = {e["id"]: e for e in json.loads(REFERENCE.read_text(encoding="utf-8"))["entries"]}
    reference = entries[f"pf_{entry}_binomial_dense"]
    table = np.array(reference["data"]["levels_k_n"], dtype=float)
    design = make_design(
        table[:, 0],
        guess_rate=reference["data"]["gamma"],
        sigmoid=reference["data"]["sigmoid"],
        direction="rises",
        lapse_prior=(1.0, 10.0),
        lapse_rate=None,
    )
    modes = maximise(design, table[None, :, 1], table[None, :, 2])
    grid = integrate(design, modes, table[:, 1], table[:, 2])
    scales = {"threshold": design.scale, "width": design.scale, "lambda": 1.0}
    for parameter, (name, scale) in enumerate(scales.items()):
        low, high = reference["result"]["ci95"][name]
        ends = np.array(grid.equal_tailed(parameter, 0.95)) * scale
        mean = grid.mean(parameter) * scale
        if name == "threshold":
            ends, mean = ends + design.origin, mean + design.origin
        np.testing.assert_allclose(ends, [low, high], atol=0.01 * (high - low))
        assert mean == pytest.approx(reference["result"]["mean"][name], abs=0.01 * (high - low))


def test_a_general_optimiser_finds_nothing_better() -> None:
    """Hard little data sets: the mode must beat simplex searches from many places. Seed 7."""
    rng = np.random.default_rng(7)
    levels = np.array([0.0, 1.0, 2.0, 3.0, 5.0])
    design = make_design(
        levels,
        guess_rate=0.5,
        sigmoid="logistic",
        direction="rises",
        lapse_prior=(1.0, 10.0),
        lapse_rate=None,
    )
    n_trials = rng.integers(1, 12, (25, 5)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), rng.uniform(0.3, 1.0, (25, 5))).astype(float)
    modes = maximise(design, n_correct, n_trials)
    assert modes.converged.all()
    for i in range(25):
        correct, wrong = n_correct[i : i + 1], (n_trials - n_correct)[i : i + 1]

        def loss(p: np.ndarray, correct: np.ndarray = correct, wrong: np.ndarray = wrong) -> float:
            if not 0.0 <= p[2] <= 0.5:
                return 1e9
            return min(1e9, -float(log_posterior(design, p[None, :], correct, wrong)[0]))

        for start in ([0.2, -0.5, 0.05], [0.8, -0.5, 0.05], [0.5, 0.5, 0.2], [1.2, 0.0, 0.01]):
            found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 800})
            assert -found.fun <= modes.log_posterior[i] + 1e-6, (i, start)


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
    assert falling.threshold_interval.low == pytest.approx(-rising.threshold_interval.high)
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
    for sigmoid in ("norm", "gumbel", "weibull"):
        fit = fit_psychometric(*SEVEN, paradigm="two-interval", sigmoid=sigmoid)
        h = 1e-5
        ends = fit.predict([fit.threshold - h, fit.threshold + h])
        assert fit.slope == pytest.approx((ends[1] - ends[0]) / (2 * h), rel=1e-6)


def test_threshold_at_a_target() -> None:
    fit = fit_psychometric(*SEVEN, paradigm="two-interval")
    middle = fit.threshold_at(0.75)
    assert middle.value == pytest.approx(fit.threshold)
    assert middle.interval.low == pytest.approx(fit.threshold_interval.low, rel=1e-6)
    assert middle.interval.high == pytest.approx(fit.threshold_interval.high, rel=1e-6)
    # On the fitted curve, lapses included, the curve passes through the target itself.
    scaled = fit.threshold_at(0.8, lapse_free=False)
    assert fit.predict(scaled.value) == pytest.approx(0.8)
    assert scaled.value > fit.threshold_at(0.8).value
    assert fit.threshold_at(0.6).value < middle.value < fit.threshold_at(0.9).value
    with pytest.raises(FitError, match="never reaches"):
        fit.threshold_at(0.99, lapse_free=False)
    for target in (0.5, 1.0, 0.2, 75):
        with pytest.raises(FitError, match="target probability"):
            fit.threshold_at(target)


def test_intervals_of_other_targets_come_from_the_joint_posterior() -> None:
    """Against plain draws from the grid. Seed 3, 200 000 draws."""
    fit = fit_psychometric(*SEVEN, paradigm="two-interval")
    grid, design = fit.posterior, fit.design
    rng = np.random.default_rng(3)
    cells = rng.choice(grid.mass.size, size=200_000, p=grid.mass.ravel())
    i, j, m = np.unravel_index(cells, grid.mass.shape)

    def spread(axis, index):
        return rng.uniform(axis.edges[index], axis.edges[index + 1])

    threshold, width = spread(grid.threshold, i), spread(grid.width, j)
    for lapse_free in (True, False):
        room = 0.5 - (0.0 if lapse_free else spread(grid.lapse_rate, m))
        drawn = design.to_level(design.inner_at(0.3 / room * np.ones(len(i)), threshold, width))
        drawn = drawn[np.isfinite(drawn)]
        interval = fit.threshold_at(0.8, lapse_free=lapse_free).interval
        ends = np.percentile(drawn, [2.5, 97.5])
        slack = 0.015 * interval.length
        np.testing.assert_allclose([interval.low, interval.high], ends, atol=slack)


def test_the_band_surrounds_the_curve_and_matches_the_threshold_interval() -> None:
    fit = fit_psychometric(*SIX, paradigm="two-interval")
    levels = np.linspace(1, 6, 21)
    low, high = fit.band(levels)
    assert np.all(low <= fit.predict(levels) + 0.01)
    assert np.all(high >= fit.predict(levels) - 0.01)
    assert np.all(high > low)
    # At level 1 nearly everybody guesses: the band cannot be wider than the data's interval.
    assert high[0] - low[0] < 0.2


def test_equal_levels_are_added_up_and_empty_ones_dropped() -> None:
    whole = fit_psychometric(*SIX, paradigm="abx")
    split = fit_psychometric(
        [1, 2, 3, 4, 5, 6, 6, 9],
        [21, 23, 29, 33, 38, 20, 19, 0],
        [40] * 5 + [20, 20, 0],
        paradigm="abx",
    )
    assert split.data_digest == whole.data_digest
    assert split.threshold == whole.threshold
    assert split.levels == (1, 2, 3, 4, 5, 6)


def test_advice_goes_into_the_result() -> None:
    assert fit_psychometric(*SIX, paradigm="abx").warnings == ()
    flat = fit_psychometric([1, 2, 3, 4], [10, 9, 11, 10], [20] * 4, paradigm="abx")
    text = " ".join(flat.warnings)
    assert "outside the tested levels 1 to 4" in text
    assert "Only 80 trials" in text
    assert "Only 4 levels" in text
    assert not flat.threshold_at(0.75).inside_tested_range


def test_all_correct_and_all_wrong_still_end() -> None:
    for count in (0, 20):
        fit = fit_psychometric([1, 2, 3, 4], [count] * 4, [20] * 4, paradigm="abx")
        assert fit.converged
        assert np.isfinite(fit.threshold)
        assert not 1 <= fit.threshold <= 4


def test_the_result_says_how_it_was_made() -> None:
    fit = fit_psychometric(*SIX, paradigm="abx", lapse_prior=(1, 20), coverage=0.9)
    assert fit.options == {"lapse_prior": (1, 20), "fixed_lapse_rate": None, "coverage": 0.9}
    assert fit.guess_rate == 0.5
    assert fit.version
    assert fit.threshold_interval.coverage == 0.9
    wide = fit_psychometric(*SIX, paradigm="abx", lapse_prior=(1, 20)).threshold_interval
    assert wide.low < fit.threshold_interval.low < fit.threshold_interval.high < wide.high
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.threshold = 1.0  # type: ignore[misc]


def test_the_paradigm_has_no_default() -> None:
    with pytest.raises(TypeError):
        fit_psychometric(*SIX)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("levels", "n_correct", "n_trials", "options", "error", "message"),
    [
        ([1, 2], [5, 8], [10, 10], {}, FitError, "2 level"),
        ([1, 2, 3], [5, 8], [10, 10], {}, DataError, "differ in length"),
        ([1, 2, 3], [5, 11, 9], [10, 10, 10], {}, DataError, "11 correct of 10 trials at level 2"),
        ([1, 2, 3], [0.5, 0.7, 0.9], [10, 10, 10], {}, DataError, "whole numbers"),
        ([1, 2, np.nan], [5, 7, 9], [10, 10, 10], {}, DataError, "missing"),
        ([1, 2, 3], [0, 0, 0], [0, 0, 0], {}, DataError, "no trials"),
        ([0, 1, 2], [5, 7, 9], [10, 10, 10], {"sigmoid": "weibull"}, FitError, "above 0"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"sigmoid": "probit"}, FitError, "no sigmoid"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"direction": "up"}, FitError, "no direction"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"lapse_rate": 0.6}, FitError, "cannot be fixed"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"lapse_prior": (0.5, 10)}, FitError, "unbounded"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"coverage": 95}, DataError, "coverage"),
        ([1, 2, 3], [5, 7, 9], [10, 10, 10], {"paradigm": "yes-no"}, DataError, "no paradigm"),
    ],
)
def test_wrong_input_is_refused_with_a_remedy(
    levels, n_correct, n_trials, options, error, message
) -> None:
    with pytest.raises(error, match=message) as caught:
        fit_psychometric(levels, n_correct, n_trials, **({"paradigm": "abx"} | options))
    assert caught.value.remedy

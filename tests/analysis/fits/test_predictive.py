"""Draws from prior and posterior: the densities they come from, and what they predict."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom, kstest

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.curves import NAMES
from jndlab.analysis.fits.design import make_design
from jndlab.analysis.fits.draws import posterior_draws, prior_draws
from jndlab.analysis.fits.predictive import posterior_predictive, prior_predictive
from jndlab.analysis.fits.targets import make_target
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import sigmoid

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
SCATTERED = ([1, 2, 3, 4, 5, 6], [28, 18, 36, 26, 39, 33], [40] * 6)
FALLING = ([6, 5, 4, 3, 2, 1], [3, 5, 14, 25, 34, 37], [40] * 6)


def test_prior_draws_have_the_published_densities() -> None:
    """Schütt et al. 2016: raised cosines about the tested range, Beta(1, 10). Seed 1."""
    design = make_design([2, 4, 6, 8, 10], guess_rate=None, overdispersion=None)
    draws = prior_draws(design, 20_000, seed=1)
    for name, largest in (("lapse_rate", 0.5), ("guess_rate", 0.5), ("overdispersion", 0.99)):
        shares = beta(1, 10).cdf(draws.values(name)) / beta(1, 10).cdf(largest)
        found = kstest(shares, "uniform")
        assert found.pvalue > 0.001
    threshold = (draws.values("threshold") - 2) / 8
    # 1 inside, and half of half a range on either side.
    assert np.mean((threshold > 0) & (threshold < 1)) == pytest.approx(1 / 1.5, abs=0.012)
    width = draws.values("width") / 8
    assert (width.min(), width.max()) == pytest.approx((0.25, 3.0), abs=0.1)
    # Rising over 0.25 to 0.5, flat to 1, falling to 3: areas 0.125, 0.5, 1.
    assert np.mean(width < 0.5) == pytest.approx(0.125 / 1.625, abs=0.012)
    assert np.mean(width > 1.0) == pytest.approx(1 / 1.625, abs=0.012)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (SIX, {"paradigm": "2afc", "overdispersion": False}),
        (SCATTERED, {"paradigm": "2afc"}),
        (FALLING, {"paradigm": "yes_no", "direction": "falls", "sigmoid": "gumbel"}),
        (SIX, {"paradigm": "2afc", "sigmoid": "weibull", "lapse_rate": 0.02}),
    ],
)
def test_posterior_draws_have_the_quantiles_of_the_posterior(data, options) -> None:
    """Ends of 95 % intervals and medians, in shares of the interval; 16 000 draws, seed 1.

    The standard error of an end is about 1 % of the length for these skewed densities.
    """
    fit = fit_psychometric(*data, **options)
    draws = posterior_draws(fit, 16_000, seed=1)
    for name in NAMES:
        interval = fit.interval(name)
        if interval.length == 0.0:
            assert np.all(draws.values(name) == fit.estimate(name))
            continue
        low, middle, high = np.quantile(draws.values(name), [0.025, 0.5, 0.975])
        assert low == pytest.approx(interval.low, abs=0.02 * interval.length)
        assert high == pytest.approx(interval.high, abs=0.03 * interval.length)
        median = fit.estimate(name, "median")
        assert middle == pytest.approx(median, abs=0.01 * interval.length)


def test_posterior_draws_are_joint() -> None:
    """Levels at targets depend on all parameters together."""
    fit = fit_psychometric(*SIX, paradigm="2afc")
    draws = posterior_draws(fit, 16_000, seed=2)
    for lapse_free in (True, False):
        target = make_target(
            0.85, None, paradigm="2afc", guess_rate=0.5, model=None, lapse_free=lapse_free
        )
        interval = fit.threshold_at(0.85, lapse_free=lapse_free).interval
        ends = np.quantile(draws.values(target), [0.025, 0.975], method="inverted_cdf")
        np.testing.assert_allclose(ends, [interval.low, interval.high], atol=0.03 * interval.length)
    low, high = fit.band([2.5])
    ends = np.quantile(draws.proportions([2.5]), [0.025, 0.975])
    np.testing.assert_allclose(ends, [low[0], high[0]], atol=0.003)


def test_replicates_come_from_the_drawn_curves() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", overdispersion=False)
    check = posterior_predictive(fit, seed=1, n_draws=5000)
    expected = check.proportions
    assert check.replicates.shape == expected.shape == (5000, 6)
    np.testing.assert_allclose(
        check.replicates.mean(axis=0) / 40, expected.mean(axis=0), atol=0.006
    )
    total = expected.var(axis=0) + (expected * (1 - expected)).mean(axis=0) / 40
    np.testing.assert_allclose((check.replicates / 40).var(axis=0), total, rtol=0.12)
    low, high = check.band(0.9)
    assert np.all((low <= np.array(SIX[1]) / 40) & (np.array(SIX[1]) / 40 <= high))


def test_a_gross_misfit_shows_and_a_good_fit_is_no_proof() -> None:
    good = posterior_predictive(fit_psychometric(*SIX, paradigm="2afc"), seed=1)
    assert good.p_value is not None
    assert 0.4 < good.p_value < 1.0
    assert "gross misfits" in good.verdict
    wild = fit_psychometric(*SCATTERED, paradigm="2afc", overdispersion=False)
    bad = posterior_predictive(wild, seed=1)
    assert bad.p_value is not None
    assert bad.p_value < 0.01
    assert "unlike data sets" in bad.verdict
    # With overdispersion the same data are what the model expects.
    allowed = posterior_predictive(fit_psychometric(*SCATTERED, paradigm="2afc"), seed=1)
    assert allowed.p_value is not None
    assert allowed.p_value > 0.1


def test_prior_predictive_before_and_after_the_data() -> None:
    design = make_design([1, 2, 3, 4], guess_rate=0.5)
    before = prior_predictive(design, [20, 20, 20, 40], seed=1)
    assert before.n_correct is None
    assert before.p_value is None
    assert before.n_trials == (20, 20, 20, 40)
    assert before.to_dict()["band"]["low"][0] >= binom(20, 0.5).ppf(0.01) / 20
    fit = fit_psychometric(*SIX, paradigm="2afc", method="ml", overdispersion=False)
    after = prior_predictive(fit, seed=1)
    assert after.source == "prior"
    assert after.level_p_values is not None
    assert min(after.level_p_values) > 0.01
    with pytest.raises(DataError, match="no trials"):
        prior_predictive(design, seed=1)
    with pytest.raises(DataError, match="A level has no trials"):
        prior_predictive(design, [20, 20, 20, 0], seed=1)


def test_p_values_of_levels_are_uniform_with_truths_from_the_prior() -> None:
    """100 studies with seed 50 whose curve and counts come from the prior predictive itself."""
    design = make_design([1, 2, 3, 4, 5], guess_rate=0.5)
    truths = prior_draws(design, 100, seed=50)
    rng = np.random.default_rng(51)
    counts = rng.binomial(100, truths.proportions(design.levels))
    found = []
    for correct in counts:
        fit = fit_psychometric(
            design.levels, correct, [100] * 5, paradigm="2afc", method="ml", overdispersion=False
        )
        check = prior_predictive(fit, seed=rng, n_draws=400)
        assert check.level_p_values is not None
        found.append(check.level_p_values[2])
    assert kstest(found, "uniform").pvalue > 0.001


def test_what_cannot_be_drawn_is_refused() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="map")
    with pytest.raises(FitError, match="no posterior"):
        posterior_predictive(fit, seed=1)
    with pytest.raises(DataError, match="cannot be"):
        prior_draws(fit, 0, seed=1)
    with pytest.raises(DataError, match="too few"):
        prior_predictive(fit, seed=1, n_draws=5)
    one = prior_draws(fit, 50, seed=3)
    other = prior_draws(fit, 50, seed=3)
    np.testing.assert_array_equal(one.values("slope"), other.values("slope"))
    heard = sigmoid("norm", 2.5, one.values("threshold"), one.values("width"))
    lapse = one.values("lapse_rate")
    np.testing.assert_allclose(one.proportions(2.5)[:, 0], 0.5 + (0.5 - lapse) * heard)

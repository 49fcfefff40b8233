"""Bootstrap of a fit: what is drawn, BCa by the book, coverage of its intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, norm

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.acceleration import beta_binomial_moments
from jndlab.analysis.fits.resampling import bootstrap_fit
from jndlab.analysis.fits.simulation import draw_counts
from jndlab.errors import DataError, FitError
from jndlab.sigmoids import sigmoid

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
BLOCKS = (
    SIX[0] * 5,
    [4, 4, 5, 6, 8, 8, 5, 5, 6, 7, 7, 8, 3, 4, 6, 7, 8, 7, 5, 6, 7, 7, 8, 8, 4, 4, 5, 6, 7, 8],
    [8] * 30,
)


def fit_of(**options):
    return fit_psychometric(
        *SIX, **({"paradigm": "2afc", "method": "map", "overdispersion": False} | options)
    )


def test_counts_are_beta_binomial() -> None:
    """Mean, variance and third moment of 200 000 draws with seed 2, and from scipy."""
    psi, eta, n = 0.7, 0.3, 12
    drawn = draw_counts(np.random.default_rng(2), psi, np.full(200_000, n), eta)
    strength = 1 / eta**2 - 1
    exact = betabinom(n, psi * strength, (1 - psi) * strength)
    assert drawn.mean() == pytest.approx(exact.mean(), abs=0.03)
    assert drawn.var() == pytest.approx(exact.var(), rel=0.02)
    second, third = beta_binomial_moments(np.array([psi]), np.array([float(n)]), eta)
    assert second[0] == pytest.approx(exact.var())
    k = np.arange(n + 1)
    assert third[0] == pytest.approx(np.sum(exact.pmf(k) * (k - exact.mean()) ** 3))


def test_resamples_scatter_as_the_information_says() -> None:
    """Parametric: the delta-method standard error of R (glm with psyphy's 2AFC link) is 0.3026."""
    fit = fit_of(method="ml", lapse_rate=0.0)
    resampled = bootstrap_fit(fit, seed=1, n_resamples=4000)
    # The tails are heavier than normal: compare the middle.
    low, high = np.quantile(resampled.estimates("threshold"), norm.cdf([-1, 1]))
    assert (high - low) / 2 == pytest.approx(0.3026, rel=0.06)
    assert resampled.standard_error("threshold") == pytest.approx(0.31, abs=0.03)
    assert resampled.estimate("threshold") == pytest.approx(fit.threshold)
    mean = resampled.resamples.n_correct.mean(axis=0)
    np.testing.assert_allclose(mean, 40 * fit.predict(SIX[0]), atol=0.2)


def test_nonparametric_resamples_keep_the_observed_proportions() -> None:
    resampled = bootstrap_fit(fit_of(), kind="nonparametric", seed=1, n_resamples=4000)
    np.testing.assert_allclose(resampled.resamples.n_correct.mean(axis=0), SIX[1], atol=0.2)
    np.testing.assert_array_equal(resampled.resamples.n_trials[7], SIX[2])


def test_blocks_are_drawn_whole_and_within_their_level() -> None:
    correct = np.array(BLOCKS[1]).reshape(5, 6)
    totals = correct.sum(axis=0)
    fit = fit_psychometric(SIX[0], totals, [40] * 6, paradigm="2afc", method="map")
    resampled = bootstrap_fit(fit, kind="nonparametric", blocks=BLOCKS, seed=1, n_resamples=2000)
    np.testing.assert_array_equal(resampled.resamples.n_trials, 40)
    for level in range(6):
        drawn = resampled.resamples.n_correct[:, level]
        # A sum of five blocks drawn with replacement.
        assert drawn.var() == pytest.approx(5 * correct[:, level].var(), rel=0.15)
        assert drawn.min() >= 5 * correct[:, level].min()
    assert resampled.options["blocks"] is True
    two = (SIX[0] * 2, np.concatenate([totals // 2, totals - totals // 2]), [20] * 12)
    few = bootstrap_fit(fit, kind="nonparametric", blocks=two, seed=1, n_resamples=100)
    assert any("2 block(s)" in sentence for sentence in few.warnings)


def test_bca_by_the_book() -> None:
    """Efron 1987 from the resamples themselves; acceleration as a sixth of the skewness."""
    fit = fit_of(method="ml", lapse_rate=0.02)
    resampled = bootstrap_fit(fit, seed=3, n_resamples=3000)
    values, value = np.sort(resampled.estimates("threshold")), fit.threshold
    z0 = norm.ppf(np.mean(values < value))
    psi, k = fit.predict(SIX[0]), np.array(SIX[1])
    slopes = []
    for level in range(6):
        up, down = k.copy(), k.copy()
        up[level] += 1
        down[level] -= 1
        ends = [
            fit_psychometric(
                SIX[0],
                c,
                SIX[2],
                paradigm="2afc",
                method="ml",
                overdispersion=False,
                lapse_rate=0.02,
            ).threshold
            for c in (up, down)
        ]
        slopes.append((ends[0] - ends[1]) / 2)
    g, variance = np.array(slopes), 40 * psi * (1 - psi)
    a = np.sum(g**3 * variance * (1 - 2 * psi)) / (6 * np.sum(g**2 * variance) ** 1.5)
    z = norm.ppf([0.025, 0.975])
    shares = norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
    expected = np.quantile(values, shares, method="inverted_cdf")
    interval = resampled.interval("threshold", kind="bca")
    np.testing.assert_allclose([interval.low, interval.high], expected, atol=1e-6)
    assert interval.method == "parametric bootstrap, BCa"
    assert resampled.influence.acceleration(lambda c: c.estimate("threshold")) == pytest.approx(
        a, rel=1e-3
    )


def test_acceleration_of_a_proportion_is_that_of_the_binomial() -> None:
    """For a mean the jackknife gives skewness / 6 √n: Efron 1987, section 2."""
    fit = fit_of(method="ml", lapse_rate=0.02)
    resampled = bootstrap_fit(fit, kind="nonparametric", seed=3, n_resamples=100)
    # The "estimate": the proportion correct at the third level.
    a = resampled.influence.acceleration(lambda c: c.n_correct[:, 2] / c.n_trials[:, 2])
    p = 29 / 40
    assert a == pytest.approx((1 - 2 * p) / np.sqrt(40 * p * (1 - p)) / 6, rel=1e-6)


def test_all_kinds_of_intervals_for_all_that_has_a_name() -> None:
    resampled = bootstrap_fit(fit_of(method="ml"), seed=1, n_resamples=500)
    for kind in ("percentile", "bca", "basic"):
        for name in ("threshold", "width", "slope", "lapse_rate"):
            interval = resampled.interval(name, 0.9, kind)
            assert interval.low < interval.high
            assert interval.coverage == 0.9
        assert resampled.interval("guess_rate", kind=kind).length == 0.0
        target = resampled.target(0.9)
        assert resampled.interval(target, kind=kind).low > resampled.interval("threshold").low
    assert resampled.interval("width", kind="basic").low > 0.0
    assert resampled.interval("lapse_rate", kind="basic").low >= 0.0
    plain = resampled.to_dict()
    assert set(plain["intervals"]) == set(plain["standard_errors"])
    assert "resamples" not in plain


def test_thresholds_that_some_curves_never_reach_are_infinite() -> None:
    resampled = bootstrap_fit(
        fit_psychometric(
            SIX[0],
            [20, 24, 28, 33, 35, 35],
            SIX[2],
            paradigm="2afc",
            method="ml",
            overdispersion=False,
        ),
        seed=1,
        n_resamples=500,
    )
    target = resampled.target(0.85, lapse_free=False)
    assert np.isinf(resampled.estimates(target)).any()
    assert resampled.interval(target, kind="percentile").high == np.inf
    assert resampled.standard_error(target) == np.inf


def test_a_posterior_is_resampled_by_its_mode() -> None:
    fit = fit_of(method="posterior")
    resampled = bootstrap_fit(fit, seed=1, n_resamples=100)
    assert resampled.method == "map"
    assert resampled.estimate("threshold") == pytest.approx(fit.estimate("threshold", "mode"))


def test_equal_seeds_and_what_is_refused() -> None:
    fit = fit_of()
    seen: list[int] = []
    one = bootstrap_fit(fit, seed=4, n_resamples=700, progress=seen.append)
    other = bootstrap_fit(fit, seed=4, n_resamples=700)
    assert seen == [500, 200]
    np.testing.assert_array_equal(one.estimates("width"), other.estimates("width"))
    with pytest.raises(FitError, match="no bootstrap"):
        bootstrap_fit(fit, kind="wild", seed=1)  # type: ignore[arg-type]
    with pytest.raises(FitError, match="no interval"):
        one.interval("width", kind="wald")  # type: ignore[arg-type]
    with pytest.raises(FitError, match="no parameter"):
        one.interval("jnd")
    with pytest.raises(FitError, match="has no blocks"):
        bootstrap_fit(fit, blocks=BLOCKS, seed=1)
    others = (BLOCKS[0][:29], BLOCKS[1][:29], BLOCKS[2][:29])
    with pytest.raises(DataError, match="add up"):
        bootstrap_fit(fit, kind="nonparametric", blocks=others, seed=1)
    with pytest.raises(DataError, match="too few"):
        bootstrap_fit(fit, seed=1, n_resamples=20)


def test_levels_that_do_not_vary_are_told() -> None:
    fit = fit_psychometric([1, 2, 3, 4], [10, 12, 20, 20], [20] * 4, paradigm="2afc", method="map")
    resampled = bootstrap_fit(fit, kind="nonparametric", seed=1, n_resamples=100)
    assert "2 of 4 levels" in resampled.warnings[-1]
    assert resampled.warnings[:-1] == fit.warnings
    assert bootstrap_fit(fit, seed=1, n_resamples=100).warnings == fit.warnings


def test_coverage_of_percentile_and_bca() -> None:
    """250 data sets with seed 40: threshold and width within the 99.9 % band or a little wide."""
    rng = np.random.default_rng(40)
    levels = np.arange(1.0, 8.0)
    right = 0.5 + 0.48 * sigmoid("norm", levels, 4.0, 4.0)
    hits = {(name, kind): 0 for name in ("threshold", "width") for kind in ("percentile", "bca")}
    for _ in range(250):
        fit = fit_psychometric(
            levels,
            rng.binomial(40, right),
            [40] * 7,
            paradigm="2afc",
            method="map",
            overdispersion=False,
        )
        resampled = bootstrap_fit(fit, seed=rng, n_resamples=400)
        for name, kind in hits:
            hits[name, kind] += 4.0 in resampled.interval(name, kind=kind)
    assert 224 <= hits["threshold", "percentile"] <= 247
    assert 224 <= hits["threshold", "bca"] <= 247
    assert hits["width", "percentile"] >= 224
    assert hits["width", "bca"] >= 224

"""Goodness of fit: statistics by hand and from R, and p-values that are uniform under the model."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import fit_psychometric
from jndlab.analysis.fits.goodness import goodness_of_fit
from jndlab.errors import DataError
from jndlab.sigmoids import sigmoid

SIX = ([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6)
DOCUMENTATION = (
    [0.001, 0.0015, 0.002, 0.0025, 0.003, 0.0035, 0.004, 0.0045, 0.005, 0.006, 0.007, 0.008, 0.01],
    [45, 50, 44, 44, 52, 53, 62, 64, 76, 79, 88, 90, 90],
    [90] * 13,
)
SCATTERED = ([1, 2, 3, 4, 5, 6], [28, 18, 36, 26, 39, 33], [40] * 6)
LEVELS = np.arange(1.0, 8.0)


# R 4.2.2 glm with the 2AFC probit link of psyphy 0.3.
@pytest.mark.parametrize(
    ("data", "deviance", "pearson"),
    [(SIX, 0.42714533, 0.42783194), (DOCUMENTATION, 5.932813, 5.6251477)],
)
def test_deviance_and_pearson_as_r(data, deviance, pearson) -> None:
    fit = fit_psychometric(*data, paradigm="2afc", method="ml", lapse_rate=0.0, overdispersion=0)
    result = goodness_of_fit(fit, seed=1, n_simulations=100)
    assert result.deviance == pytest.approx(deviance, abs=1e-6)
    assert result.pearson == pytest.approx(pearson, abs=1e-5)
    assert result.n_levels - result.n_parameters == len(data[0]) - 2


def test_a_good_fit_is_not_sold_as_a_proof() -> None:
    result = goodness_of_fit(fit_psychometric(*SIX, paradigm="2afc"), seed=1, n_simulations=300)
    assert result.p_value == result.deviance_p_value > 0.5
    assert result.pearson_p_value > 0.5
    assert result.overdispersion_p_value > 0.5
    assert "does not prove" in result.verdict
    assert "240 trials at 6 levels" in result.verdict
    assert "simulated_deviance" not in result.to_dict()
    assert len(result.simulated_deviance) == result.n_simulations == 300


def test_scatter_is_found_and_both_of_its_reasons_are_named() -> None:
    for overdispersion, said in ((True, "has overdispersion"), (False, "too narrow")):
        fit = fit_psychometric(*SCATTERED, paradigm="2afc", overdispersion=overdispersion)
        result = goodness_of_fit(fit, seed=1, n_simulations=300)
        assert result.deviance_p_value == pytest.approx(1 / 301)
        assert result.overdispersion_p_value == pytest.approx(1 / 301)
        assert result.overdispersion > 0.2
        assert "another shape" in result.verdict
        assert "depend on one another" in result.verdict
        assert said in result.verdict


def test_counts_that_are_too_good_are_questioned() -> None:
    right = 0.5 + 0.5 * sigmoid("norm", LEVELS, 4.0, 4.0)
    counts = np.round(400 * right).astype(int)
    fit = fit_psychometric(LEVELS, counts, [400] * 7, paradigm="2afc", method="ml")
    assert "raw counts" in goodness_of_fit(fit, seed=1, n_simulations=300).verdict


def test_equal_seeds_give_equal_results() -> None:
    fit = fit_psychometric(*SIX, paradigm="2afc", method="map")
    seen: list[int] = []
    one = goodness_of_fit(fit, seed=5, n_simulations=200, progress=seen.append)
    other = goodness_of_fit(fit, seed=np.random.default_rng(5), n_simulations=200)
    assert sum(seen) == 200
    assert (one.seed, other.seed) == (5, None)
    np.testing.assert_array_equal(one.simulated_deviance, other.simulated_deviance)
    with pytest.raises(DataError, match="too few"):
        goodness_of_fit(fit, seed=1, n_simulations=10)


def test_p_values_are_uniform_under_the_model() -> None:
    """200 studies with seed 30: Kolmogorov distance below its 0.1 % point, rejections near 5 %."""
    rng = np.random.default_rng(30)
    right = 0.5 + 0.47 * sigmoid("norm", LEVELS, 4.0, 4.0)
    found = []
    for _ in range(200):
        fit = fit_psychometric(
            LEVELS, rng.binomial(30, right), [30] * 7, paradigm="2afc", method="map"
        )
        result = goodness_of_fit(fit, seed=rng, n_simulations=199)
        found.append(
            (result.deviance_p_value, result.pearson_p_value, result.overdispersion_p_value)
        )
    p_values = np.sort(np.array(found), axis=0)
    for column in (0, 1):
        steps = np.arange(1, 201) / 200
        assert np.max(np.abs(p_values[:, column] - steps)) < 1.95 / np.sqrt(200)
    rejected = np.sum(p_values <= 0.05, axis=0)
    assert np.all(rejected <= 22)  # 99.9 % of binomial(200, 0.05)
    assert np.all(rejected[:2] >= 2)

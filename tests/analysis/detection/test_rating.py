"""Rating ROC fits: two categories are yes/no, truths are recovered, intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from jndlab.analysis.detection.rating import fit_rating_roc
from jndlab.analysis.detection.yes_no import d_prime_yes_no
from jndlab.errors import DataError, FitError

NOISE, SIGNAL = [40, 30, 15, 10, 5], [8, 12, 15, 25, 40]
CUTS = np.array([-0.5, 0.2, 0.8, 1.5])


def ratings(rng: np.random.Generator, n: int, d_prime: float, sigma: float) -> list[np.ndarray]:
    return [
        np.bincount(np.searchsorted(CUTS, values), minlength=len(CUTS) + 1)
        for values in (rng.normal(size=n), rng.normal(d_prime, sigma, size=n))
    ]


def test_two_categories_are_yes_no() -> None:
    fit, plain = fit_rating_roc([45, 15], [18, 42]), d_prime_yes_no(42, 60, 15, 60)
    assert fit.estimate == pytest.approx(plain.estimate, abs=1e-7)
    assert fit.standard_error == pytest.approx(plain.standard_error, abs=1e-6)
    assert fit.interval.low == pytest.approx(plain.interval.low, abs=1e-6)
    assert fit.interval.high == pytest.approx(plain.interval.high, abs=1e-6)
    assert fit.p_value == pytest.approx(plain.p_value, rel=1e-6)
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood)
    assert (fit.deviance, fit.degrees_of_freedom) == (pytest.approx(0, abs=1e-9), 0)
    assert fit.goodness_of_fit_p_value is None


def test_exact_counts_give_the_truth_back() -> None:
    cuts = np.concatenate([[-np.inf], CUTS, [np.inf]])
    noise = np.round(1e7 * np.diff(ndtr(cuts)))
    signal = np.round(1e7 * np.diff(ndtr((cuts - 1.2) / 1.4)))
    fit = fit_rating_roc(noise, signal, unequal_variance=True)  # type: ignore[arg-type]
    assert fit.d_prime == pytest.approx(1.2, abs=1e-5)
    assert fit.sigma_ratio == pytest.approx(1.4, abs=1e-5)
    assert fit.estimate == pytest.approx(1.2 * np.sqrt(2 / (1 + 1.4**2)), abs=1e-5)
    assert fit.area == pytest.approx(ndtr(1.2 / np.sqrt(1 + 1.4**2)), abs=1e-5)
    np.testing.assert_allclose(fit.criteria, CUTS, atol=1e-5)
    assert (fit.goodness_of_fit_p_value or 0) > 0.9
    assert 1.2 in fit.d_prime_interval
    assert fit.sigma_ratio_interval is not None
    assert 1.4 in fit.sigma_ratio_interval


def test_equal_variances_are_found_wanting_where_they_are() -> None:
    noise, signal = ratings(np.random.default_rng(20260306), 5000, 1.2, 1.6)
    equal, unequal = (
        fit_rating_roc(noise, signal, unequal_variance=free)  # type: ignore[arg-type]
        for free in (False, True)
    )
    assert (equal.goodness_of_fit_p_value or 0) < 1e-6
    assert (unequal.goodness_of_fit_p_value or 0) > 0.01
    assert equal.degrees_of_freedom == unequal.degrees_of_freedom + 1
    assert unequal.area == pytest.approx(unequal.empirical_area.estimate, abs=0.02)
    assert equal.sigma_ratio_interval is None
    assert equal.estimate == equal.d_prime
    assert equal.interval == equal.d_prime_interval


@pytest.mark.parametrize(("unequal", "n_data_sets"), [(False, 200), (True, 90)])
def test_coverage(unequal, n_data_sets) -> None:
    """60 + 60 ratings, d′ = 1.2, s = 1 or 1.3; seed 20260307; 4 standard errors of 95 %."""
    rng, sigma, held = np.random.default_rng(20260307), 1.3 if unequal else 1.0, []
    for _ in range(n_data_sets):
        fit = fit_rating_roc(*ratings(rng, 60, 1.2, sigma), unequal_variance=unequal)  # type: ignore[arg-type]
        d_a = 1.2 * np.sqrt(2 / (1 + sigma**2))
        held.append((d_a in fit.interval, 1.2 in fit.d_prime_interval))
        if unequal:
            assert fit.sigma_ratio_interval is not None
            held[-1] += (sigma in fit.sigma_ratio_interval,)
    band = 4 * np.sqrt(0.95 * 0.05 / n_data_sets)
    np.testing.assert_allclose(np.mean(held, axis=0), 0.95, atol=band)


def test_ratings_told_apart_without_a_mistake_give_a_bound() -> None:
    fit = fit_rating_roc([10, 5, 0], [0, 3, 9])
    assert fit.estimate == fit.interval.high == np.inf
    assert 1 < fit.interval.low < 3
    assert fit.area == fit.area_interval.high == 1.0
    assert fit.criteria == ()
    assert fit.standard_error is None
    assert any("one side only" in warning for warning in fit.warnings)
    turned = fit_rating_roc([0, 3, 9], [10, 5, 0])
    assert turned.interval.high == pytest.approx(-fit.interval.low, abs=1e-6)
    same = d_prime_yes_no(16, 20, 0, 20)
    assert fit_rating_roc([20, 0], [4, 16]).interval.low == pytest.approx(
        same.interval.low, abs=1e-6
    )
    with pytest.raises(FitError, match="ratio of the spreads"):
        fit_rating_roc([10, 5, 0], [0, 3, 9], unequal_variance=True)


def test_a_ratio_that_the_data_do_not_set_is_refused() -> None:
    with pytest.raises(FitError, match="ratio of the spreads") as error:
        fit_rating_roc([10, 0, 0, 3], [2, 5, 6, 9], unequal_variance=True)
    assert "unequal_variance=False" in error.value.remedy


def test_unused_categories_are_left_out_and_said() -> None:
    fit = fit_rating_roc([10, 5, 0, 2], [1, 3, 0, 9])
    without = fit_rating_roc([10, 5, 2], [1, 3, 9])
    assert fit.estimate == without.estimate
    assert any("never used: 1" in warning for warning in fit.warnings)


def test_result_says_how_it_was_made() -> None:
    fit = fit_rating_roc(NOISE, SIGNAL)
    assert "equal variances" in fit.method
    assert "5 categories (100 ratings of noise, 100 of signal)" in fit.method
    assert fit.to_dict()["empirical_area"]["n_noise"] == 100
    assert len(fit.criteria) == len(fit.criteria_standard_errors) == 4
    assert fit.area == pytest.approx(ndtr(fit.estimate / np.sqrt(2)))


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="as many counts"):
        fit_rating_roc([1, 2, 3], [1, 2])
    with pytest.raises(FitError, match="1 category"):
        fit_rating_roc([5, 0], [5, 0])
    with pytest.raises(FitError, match="2 categories"):
        fit_rating_roc([5, 4], [2, 5], unequal_variance=True)

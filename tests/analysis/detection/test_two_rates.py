"""Two rates: corrections by their definitions, profile and exact intervals by enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, log_ndtr, ndtr, ndtri, xlog1py, xlogy

from jndlab.analysis.detection.two_rates import (
    TwoRates,
    chi_square_tail,
    corrected_rate,
    deviance_bound,
    distance_interval,
    exact_interval,
    profile_interval,
)
from jndlab.analysis.intervals import clopper_pearson
from jndlab.errors import DataError


def test_corrections() -> None:
    assert corrected_rate(3, 12) == 0.25
    np.testing.assert_allclose(
        corrected_rate([0, 3, 12], 12, correction="log_linear"), np.array([0.5, 3.5, 12.5]) / 13
    )
    np.testing.assert_allclose(
        corrected_rate([0, 3, 12], 12, correction="half_count"), [1 / 24, 0.25, 23 / 24]
    )


def test_deviance_is_the_loss_of_the_best_criterion() -> None:
    """Against a numerical search over the bias."""
    rates = TwoRates(17, 25, 9, 30)

    def loss(middle: float, distance: float) -> float:
        high, low = middle + distance / 2, middle - distance / 2
        fit = 17 * log_ndtr(high) + 8 * log_ndtr(-high) + 9 * log_ndtr(low) + 21 * log_ndtr(-low)
        return float(2 * (rates.log_likelihood() - fit))

    for distance in (-2.0, 0.0, 0.9, 3.0):
        best = minimize_scalar(loss, args=(distance,), bounds=(-6, 6), method="bounded")
        assert rates.deviance(distance) == pytest.approx(best.fun, abs=1e-8)
    estimate = float(ndtri(17 / 25) - ndtri(9 / 30))
    assert rates.deviance(estimate) == pytest.approx(0.0, abs=1e-9)


def test_profile_ends_lie_where_the_deviance_is_the_quantile() -> None:
    rates = TwoRates(17, 25, 9, 30)
    interval = profile_interval(rates, coverage=0.9)
    for end in (interval.low, interval.high):
        assert rates.deviance(end) == pytest.approx(2.705543, abs=1e-5)


def test_exact_interval_is_the_rectangle() -> None:
    each = np.sqrt(0.95)
    hits, alarms = clopper_pearson(17, 25, coverage=each), clopper_pearson(9, 30, coverage=each)
    interval = exact_interval(TwoRates(17, 25, 9, 30), coverage=0.95)
    assert interval.low == pytest.approx(ndtri(hits.low) - ndtri(alarms.high))
    assert interval.high == pytest.approx(ndtri(hits.high) - ndtri(alarms.low))


@pytest.mark.parametrize(
    ("counts", "low_is_finite", "high_is_finite"),
    [
        ((12, 12, 3, 8), True, False),
        ((5, 12, 0, 8), True, False),
        ((12, 12, 0, 8), True, False),
        ((0, 12, 3, 8), False, True),
        ((0, 12, 8, 8), False, True),
        ((12, 12, 8, 8), False, False),
        ((0, 12, 0, 8), False, False),
        ((1, 1, 0, 1), True, False),
    ],
)
@pytest.mark.parametrize("method", ["profile", "exact"])
def test_extreme_counts_give_an_infinite_end(counts, low_is_finite, high_is_finite, method) -> None:
    interval = distance_interval(TwoRates(*counts), method, coverage=0.95)
    assert interval.low < interval.high
    assert np.isfinite(interval.low) == low_is_finite
    assert np.isfinite(interval.high) == high_is_finite


def test_coverage_of_the_distance() -> None:
    """By enumeration of all outcomes of 14 + 14 trials, d′ 0 to 3, criterion −1 to ½."""
    n = 14
    k = np.arange(n + 1)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    def likely(rate: float) -> np.ndarray:
        return np.asarray(np.exp(choose + xlogy(k, rate) + xlog1py(n - k, -rate)))

    covered: dict[str, list[float]] = {"profile": [], "exact": []}
    for method, found in covered.items():
        cells = [
            [distance_interval(TwoRates(a, n, b, n), method, coverage=0.95) for b in k]  # type: ignore[arg-type]
            for a in k
        ]
        low, high = (
            np.array([[getattr(cell, end) for cell in row] for row in cells])
            for end in ("low", "high")
        )
        for d in np.linspace(0, 3, 13):
            for c in (-1.0, -0.5, 0.0, 0.5):
                weight = np.outer(likely(ndtr(d / 2 - c)), likely(ndtr(-d / 2 - c)))
                found.append(float((weight * ((low <= d) & (d <= high))).sum()))
    assert np.mean(covered["profile"]) == pytest.approx(0.945, abs=0.01)
    assert min(covered["profile"]) > 0.84
    assert min(covered["exact"]) >= 0.999


def test_large_counts() -> None:
    interval = profile_interval(TwoRates(700_000, 1_000_000, 3, 1_000_000), coverage=0.95)
    assert interval.low < ndtri(0.7) - ndtri(3e-6) < interval.high


def test_bounds_and_tails() -> None:
    assert chi_square_tail(0.0) == 1.0
    assert chi_square_tail(6.634897) == pytest.approx(0.01, abs=1e-8)
    assert deviance_bound(lambda x: 1.0, 4.0, 0.0, -60.0) == -np.inf


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be"):
        corrected_rate([3, 13], 12)
    with pytest.raises(DataError, match="cannot be"):
        corrected_rate([3, np.nan], 12)
    with pytest.raises(DataError, match="no correction"):
        corrected_rate(3, 12, correction="hautus")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no interval"):
        distance_interval(TwoRates(3, 4, 1, 4), "wald", coverage=0.95)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="cannot be"):
        TwoRates(5, 4, 1, 4)

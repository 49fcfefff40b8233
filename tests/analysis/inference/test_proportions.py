"""Intervals of a proportion: published values, and coverage computed exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from jndlab.analysis.inference.proportions import (
    exact_interval,
    mid_p_interval,
    proportion_interval,
)
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

# statsmodels 0.15 proportion_confint; k, n, then the ends by method.
PUBLISHED = {
    (12, 16): {
        "wilson": (0.50501683, 0.89817933),
        "jeffreys": (0.50927101, 0.9091718),
        "agresti-coull": (0.5002691, 0.90292706),
        "clopper-pearson": (0.47622918, 0.92733796),
    },
    (16, 16): {
        "wilson": (0.80639232, 1.0),
        "jeffreys": (0.85681586, 0.99996979),
        "agresti-coull": (0.77308977, 1.0),
        "clopper-pearson": (0.79409279, 1.0),
    },
}
METHODS = ("clopper-pearson", "wilson", "jeffreys", "mid-p", "agresti-coull")


def ends(interval: ConfidenceInterval) -> tuple[float, float]:
    return interval.low, interval.high


@pytest.mark.parametrize("counts", PUBLISHED)
def test_published_values(counts: tuple[int, int]) -> None:
    for method, expected in PUBLISHED[counts].items():
        found = proportion_interval(*counts, method=method)  # type: ignore[arg-type]
        assert ends(found) == pytest.approx(expected, abs=1e-8)


@needs_reference
@pytest.mark.parametrize("reference", entries("exact_binomial"), ids=lambda e: e["id"])
def test_values_of_the_reference_file(reference) -> None:
    k, n = reference["data"]["k"], reference["data"]["n"]
    result, tolerance = reference["result"], reference["tolerance"]["interval"]
    for coverage in (0.95, 0.9):
        found = proportion_interval(k, n, coverage=coverage)
        assert ends(found) == pytest.approx(
            result[f"clopper_pearson{100 * coverage:.0f}"], abs=tolerance
        )
    names = {"wilson": "wilson", "jeffreys": "jeffreys", "agresti_coull": "Agresti-Coull"}
    for theirs, ours in (names | {"beta": "exact"}).items():
        found = proportion_interval(k, n, method=ours)
        assert ends(found) == pytest.approx(result["other95"][theirs], abs=tolerance)


@pytest.mark.parametrize(("k", "n"), [(12, 16), (1, 30), (29, 30), (40, 60), (0, 9), (9, 9)])
def test_mid_p_ends_solve_their_equations(k: int, n: int) -> None:
    low, high = ends(mid_p_interval(k, n))
    if k > 0:
        assert binom.sf(k, n, low) + 0.5 * binom.pmf(k, n, low) == pytest.approx(0.025)
    if k < n:
        assert binom.cdf(k - 1, n, high) + 0.5 * binom.pmf(k, n, high) == pytest.approx(0.025)
    assert (low == 0.0) is (k == 0)
    assert (high == 1.0) is (k == n)
    exact = exact_interval(k, n, coverage=0.95, alternative="two-sided")
    assert exact.low <= low < high <= exact.high


def test_one_sided_limits() -> None:
    greater = mid_p_interval(12, 16, alternative="greater", coverage=0.975)
    assert greater.high == 1.0
    assert greater.low == pytest.approx(mid_p_interval(12, 16).low)
    less = mid_p_interval(12, 16, alternative="less", coverage=0.975)
    assert ends(less) == pytest.approx((0.0, mid_p_interval(12, 16).high))
    assert "one-sided" in less.method


def coverage_of(method: str, n: int, proportions: np.ndarray) -> np.ndarray:
    """Probability that the interval holds the truth, exactly, for each true proportion."""
    found = [proportion_interval(k, n, method=method) for k in range(n + 1)]  # type: ignore[arg-type]
    low, high = np.array([ends(one) for one in found]).T
    inside = (low[:, None] <= proportions) & (proportions <= high[:, None])
    return np.sum(binom.pmf(np.arange(n + 1)[:, None], n, proportions) * inside, axis=0)


@pytest.mark.parametrize("method", METHODS)
def test_coverage(method: str) -> None:
    proportions = np.linspace(0.5, 0.98, 97)
    covered = coverage_of(method, 40, proportions)
    if method == "clopper-pearson":
        assert covered.min() >= 0.95
    assert 0.94 < covered.mean() < 0.985
    assert covered.min() > 0.85


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="no interval"):
        proportion_interval(3, 4, method="wald")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="cannot be"):
        proportion_interval(5, 4)
    with pytest.raises(DataError, match="coverage"):
        mid_p_interval(3, 4, coverage=1.0)
    with pytest.raises(DataError, match="alternative"):
        mid_p_interval(3, 4, alternative="more")  # type: ignore[arg-type]

"""Exact binomial intervals against R and statsmodels, and by their defining property."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson, jeffreys, wilson
from jndlab.errors import DataError

# R 4.2.2 binom.test; statsmodels 0.15.0 proportion_confint.
PUBLISHED = [
    (clopper_pearson, 12, 16, 0.47622918, 0.92733796),
    (clopper_pearson, 59, 100, 0.4871442, 0.68738002),
    (clopper_pearson, 16, 16, 0.79409279, 1.0),
    (wilson, 12, 16, 0.50501683, 0.89817933),
    (wilson, 16, 16, 0.80639232, 1.0),
    (jeffreys, 12, 16, 0.50927101, 0.9091718),
    (jeffreys, 16, 16, 0.85681586, 0.99996979),
]


@pytest.mark.parametrize(("method", "k", "n", "low", "high"), PUBLISHED)
def test_published_values(method, k, n, low, high) -> None:
    interval = method(k, n)
    assert interval.low == pytest.approx(low, abs=1e-8)
    assert interval.high == pytest.approx(high, abs=1e-8)
    assert interval.coverage == 0.95


def test_the_coverage_asked_for_is_used_and_stated() -> None:
    interval = clopper_pearson(12, 16, coverage=0.90)
    assert (interval.low, interval.high) == pytest.approx((0.51560358, 0.90974757), abs=1e-8)
    assert interval.coverage == 0.90
    assert interval.method == "Clopper-Pearson"


@pytest.mark.parametrize("proportion", [0.02, 0.3, 0.5, 0.77, 0.99])
def test_clopper_pearson_covers_at_least_its_coverage(proportion: float) -> None:
    n = 23
    covered = sum(
        binom.pmf(k, n, proportion) for k in range(n + 1) if proportion in clopper_pearson(k, n)
    )
    assert covered >= 0.95


@pytest.mark.parametrize("method", [clopper_pearson, wilson, jeffreys])
def test_intervals_mirror_when_right_and_wrong_change_places(method) -> None:
    for k in range(0, 9):
        one, other = method(k, 8), method(8 - k, 8)
        assert one.low == pytest.approx(1 - other.high, abs=1e-12)
        assert 0.0 <= one.low <= k / 8 <= one.high <= 1.0 or method is jeffreys


@pytest.mark.parametrize(("k", "n"), [(5, 4), (-1, 4), (0, 0), (0.5, 4)])
def test_impossible_counts_are_refused(k, n) -> None:
    with pytest.raises(DataError) as caught:
        clopper_pearson(k, n)
    assert caught.value.remedy


def test_an_impossible_coverage_is_refused() -> None:
    with pytest.raises(DataError, match="coverage of 95"):
        wilson(3, 4, coverage=95)


def test_an_interval_knows_its_members_and_length() -> None:
    interval = ConfidenceInterval(low=1.0, high=3.0, coverage=0.95, method="by hand")
    assert 1.0 in interval
    assert 3.5 not in interval
    assert interval.length == 2.0

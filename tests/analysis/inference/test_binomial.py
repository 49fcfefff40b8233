"""Exact tests against R's binom.test, and their error rates computed exactly."""

from __future__ import annotations

import pytest
from scipy.stats import binom, binomtest

from jndlab.analysis.inference.binomial import binomial_test, holm
from jndlab.errors import DataError

# R 4.2.2 binom.test(k, n, p).
PUBLISHED = [
    (12, 16, 0.5, 0.038406372, 0.076812744),
    (59, 100, 0.5, 0.04431304, 0.08862608),
    (40, 60, 1 / 3, 1.36176e-07, 1.4905389e-07),
    (16, 16, 0.5, 1.5258789e-05, 3.0517578e-05),
]


@pytest.mark.parametrize(("k", "n", "null", "greater", "two_sided"), PUBLISHED)
def test_published_values(k: int, n: int, null: float, greater: float, two_sided: float) -> None:
    one = binomial_test(k, n, null_proportion=null)
    assert one.alternative == "greater"
    assert one.p_value == pytest.approx(greater, rel=1e-6)
    both = binomial_test(k, n, null_proportion=null, alternative="two-sided")
    assert both.p_value == pytest.approx(two_sided, rel=1e-6)


@pytest.mark.parametrize("null", [0.5, 1 / 3, 0.12])
def test_two_sided_agrees_with_scipy_for_every_count(null: float) -> None:
    for n in (1, 2, 7, 30):
        for k in range(n + 1):
            ours = binomial_test(k, n, null_proportion=null, alternative="two-sided").p_value
            assert ours == pytest.approx(binomtest(k, n, null).pvalue, abs=1e-12), (k, n)


def test_one_sided_error_rate_is_at_most_nominal() -> None:
    n = 40
    rejected = sum(
        binom.pmf(k, n, 0.5)
        for k in range(n + 1)
        if binomial_test(k, n, null_proportion=0.5).p_value <= 0.05
    )
    assert 0.03 < rejected <= 0.05


def test_mid_p_halves_the_outcome_seen() -> None:
    plain = binomial_test(12, 16, null_proportion=0.5).p_value
    mid = binomial_test(12, 16, null_proportion=0.5, mid_p=True)
    assert mid.mid_p
    assert plain - mid.p_value == pytest.approx(0.5 * binom.pmf(12, 16, 0.5))


def test_nobody_right_is_no_evidence() -> None:
    assert binomial_test(0, 8, null_proportion=0.5).p_value == 1.0


def test_holm_as_r_p_adjust() -> None:
    raw = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
    adjusted = [0.008, 0.056, 0.234, 0.234, 0.234, 0.234, 0.234, 0.234]
    assert holm(raw) == pytest.approx(adjusted, abs=1e-12)
    order = [3, 0, 7, 5, 1, 2, 6, 4]
    assert holm([raw[i] for i in order]) == pytest.approx([adjusted[i] for i in order])
    assert holm([]) == ()


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="null proportion"):
        binomial_test(3, 4, null_proportion=1.0)
    with pytest.raises(DataError, match="alternative"):
        binomial_test(3, 4, null_proportion=0.5, alternative="less")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="p-value"):
        holm([0.2, 1.2])

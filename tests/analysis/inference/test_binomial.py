"""Exact tests against R's binom.test, and their error rates computed exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

# R 4.2.2 binom.test(k, n, p).
PUBLISHED = [
    (12, 16, 0.5, 0.038406372, 0.076812744),
    (59, 100, 0.5, 0.04431304, 0.08862608),
    (40, 60, 1 / 3, 1.36176e-07, 1.4905389e-07),
    (16, 16, 0.5, 1.5258789e-05, 3.0517578e-05),
]


@pytest.mark.parametrize(("k", "n", "null", "greater", "two_sided"), PUBLISHED)
def test_published_values(k: int, n: int, null: float, greater: float, two_sided: float) -> None:
    one = binomial_test(k, n, chance=null)
    assert one.alternative == "greater"
    assert one.p_value == pytest.approx(greater, rel=1e-6)
    both = binomial_test(k, n, chance=null, alternative="two-sided")
    assert both.p_value == pytest.approx(two_sided, rel=1e-6)


@pytest.mark.parametrize("null", [0.5, 1 / 3, 0.12])
def test_two_sided_agrees_with_scipy_for_every_count(null: float) -> None:
    for n in (1, 2, 7, 30):
        for k in range(n + 1):
            ours = binomial_test(k, n, chance=null, alternative="two-sided").p_value
            assert ours == pytest.approx(binomtest(k, n, null).pvalue, abs=1e-12), (k, n)


def test_one_sided_error_rate_is_at_most_nominal() -> None:
    n = 40
    rejected = sum(
        binom.pmf(k, n, 0.5)
        for k in range(n + 1)
        if binomial_test(k, n, chance=0.5).p_value <= 0.05
    )
    assert 0.03 < rejected <= 0.05


def test_mid_p_halves_the_outcome_seen() -> None:
    plain = binomial_test(12, 16, chance=0.5).p_value
    mid = binomial_test(12, 16, chance=0.5, mid_p=True)
    assert mid.mid_p
    assert plain - mid.p_value == pytest.approx(0.5 * binom.pmf(12, 16, 0.5))
    both = binomial_test(12, 16, chance=0.5, mid_p=True, alternative="two-sided")
    assert both.p_value == pytest.approx(2 * mid.p_value)
    middle = binomial_test(8, 16, chance=0.5, mid_p=True, alternative="two-sided")
    assert middle.p_value == pytest.approx(1.0)


def test_mid_p_errs_as_often_as_stated_on_average() -> None:
    rates = []
    for n in range(20, 61):
        rejected = [
            k for k in range(n + 1) if binomial_test(k, n, chance=0.5, mid_p=True).p_value <= 0.05
        ]
        rates.append(float(binom.pmf(rejected, n, 0.5).sum()))
    assert 0.045 < sum(rates) / len(rates) < 0.055
    assert max(rates) < 0.08


@pytest.mark.parametrize("mid_p", [False, True])
@pytest.mark.parametrize("alternative", ["greater", "less"])
@pytest.mark.parametrize("chance", [0.5, 1 / 3])
def test_one_sided_tests_and_intervals_agree(chance: float, alternative: str, mid_p: bool) -> None:
    for n in (5, 16, 41):
        for k in range(n + 1):
            result = binomial_test(
                k,
                n,
                chance=chance,
                alternative=alternative,  # type: ignore[arg-type]
                mid_p=mid_p,
            )
            assert (result.p_value <= 0.05) is (chance not in result.interval), (k, n)


def test_nobody_right_is_no_evidence() -> None:
    assert binomial_test(0, 8, chance=0.5).p_value == 1.0


def test_the_lower_tail_and_the_intervals_that_belong_to_each() -> None:
    less = binomial_test(52, 100, chance=0.55, alternative="less")
    assert less.p_value == pytest.approx(0.30687846, abs=1e-8)
    assert (less.interval.low, less.estimate) == (0.0, 0.52)
    assert less.interval.high == pytest.approx(0.60585934, abs=1e-8)
    assert binomial_test(12, 16, chance=0.5).interval.high == 1.0
    both = binomial_test(12, 16, chance=0.5, alternative="two-sided").interval
    assert (both.low, both.high) == pytest.approx((0.47622918, 0.92733796), abs=1e-8)


@needs_reference
@pytest.mark.parametrize("reference", entries("exact_binomial"), ids=lambda e: e["id"])
def test_values_of_the_reference_file(reference) -> None:
    k, n, chance = (reference["data"][name] for name in ("k", "n", "p0"))
    result = reference["result"]
    assert binomial_test(k, n, chance=chance).p_value == pytest.approx(
        result["p_greater"], abs=1e-8
    )
    two = binomial_test(k, n, chance=chance, alternative="two-sided")
    assert two.p_value == pytest.approx(result["p_two_sided"], abs=1e-8)
    ends = (two.interval.low, two.interval.high)
    assert ends == pytest.approx(result["clopper_pearson95"], abs=1e-6)


def test_what_the_data_cannot_tell_is_said() -> None:
    assert "too few" in binomial_test(3, 3, chance=0.5).warnings[0]
    assert "Fewer responses" in binomial_test(8, 40, chance=0.5).warnings[0]
    assert binomial_test(30, 40, chance=0.5).warnings == ()
    # 4 of 10 against 0.125: p = 0.026, but the interval with equal tails reaches down to 0.1216.
    disagree = binomial_test(4, 10, chance=0.125, alternative="two-sided")
    assert disagree.p_value < 0.05
    assert 0.125 in disagree.interval
    assert "disagree" in disagree.warnings[0]


def test_numbers_of_any_kind_become_whole_ones() -> None:
    result = binomial_test(np.int64(12), 16.0, chance=0.5)  # type: ignore[arg-type]
    assert (result.n_correct, result.n_trials) == (12, 16)
    assert result.to_dict()["interval"]["high"] == 1.0


@pytest.mark.parametrize(
    ("n_correct", "n_trials"),
    [(17, 16), (-1, 16), (1.5, 16), (float("nan"), 16), ("many", 16), (0, 0), ([3, 4], [5, 5])],
)
def test_impossible_counts_are_refused(n_correct: object, n_trials: object) -> None:
    with pytest.raises(DataError):
        binomial_test(n_correct, n_trials, chance=0.5)  # type: ignore[arg-type]


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="chance"):
        binomial_test(3, 4, chance=1.0)
    with pytest.raises(DataError, match="alternative"):
        binomial_test(3, 4, chance=0.5, alternative="more")  # type: ignore[arg-type]

"""Rejection regions: the counts at which the exact tests of the analysis reject, all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.planning.regions import (
    rejection_probability,
    rejection_region,
    upper_tail,
)
from jndlab.errors import DataError


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("null", [0.5, 1 / 3, 0.2, 0.62])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_region_is_where_the_p_value_is_at_most_alpha(
    alternative: Any, null: float, alpha: float
) -> None:
    n = np.arange(1, 31)
    low, high = rejection_region(n, null=null, alpha=alpha, alternative=alternative)
    for trials, up_to, start in zip(n.tolist(), low, high, strict=True):
        rejected = {
            k
            for k in range(trials + 1)
            if binomial_test(k, trials, chance=null, alternative=alternative).p_value
            <= alpha * (1 + 1e-12)
        }
        assert rejected == {k for k in range(trials + 1) if k <= up_to or k >= start}


def test_a_p_value_equal_to_alpha_rejects() -> None:
    low, high = rejection_region(np.array([4]), null=0.5, alpha=0.0625, alternative="greater")
    assert (low[0], high[0]) == (-1, 4)


def test_tails_at_the_ends() -> None:
    tail = upper_tail(np.array([0, 1, 3, 4]), np.array([3, 3, 3, 3]), 0.5)
    assert tail.tolist() == pytest.approx([1.0, 0.875, 0.125, 0.0], abs=1e-15)
    n = np.array([3])
    full = rejection_probability(n, np.array([1]), np.array([2]), proportion_correct=0.3)
    assert full[0] == pytest.approx(1.0)


def test_large_numbers_of_trials_and_unknown_alternatives() -> None:
    n = np.array([1_000_000])
    low, high = rejection_region(n, null=0.5, alpha=0.05, alternative="two-sided")
    assert low[0] == n[0] - high[0]
    assert high[0] == pytest.approx(500_000 + 1.959964 * 500, abs=2)
    with pytest.raises(DataError, match="no alternative"):
        rejection_region(n, null=0.5, alpha=0.05, alternative="upper")  # type: ignore[arg-type]

"""Rates, counts and values of d′ that cannot be are refused with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import jndlab.analysis as analysis
from jndlab.errors import DataError

MISSING = float("nan")


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.remedy


@pytest.mark.parametrize(
    "proportion",
    [
        1.2,
        -0.1,
        MISSING,
        [0.6, None],
        "half",
        [[0.5, 0.6], [0.7]],
        70,
        0.5j,
        np.ma.masked_array([0.6, 0.7], mask=[False, True]),
    ],
)
def test_proportions_that_cannot_be(proportion: Any) -> None:
    refused(lambda: analysis.d_prime(proportion, paradigm="abx"))
    refused(lambda: analysis.d_prime_same_different(proportion, 0.2))
    refused(lambda: analysis.d_prime_same_different(0.7, proportion))


@pytest.mark.parametrize("d_prime", [MISSING, None, "one", [[1, 2], [3]]])
def test_values_of_d_prime_that_cannot_be(d_prime: Any) -> None:
    refused(lambda: analysis.proportion_correct(d_prime, paradigm="abx"))
    refused(lambda: analysis.proportion_correct_at(d_prime))


@pytest.mark.parametrize(
    ("n", "n_trials"),
    [(21, 20), (-1, 20), (MISSING, 20), ("x", 20), (None, 20), (0, 0), ([[1, 2], [3]], 20)],
)
def test_counts_that_cannot_be(n: Any, n_trials: Any) -> None:
    refused(lambda: analysis.corrected_rate(n, n_trials))
    refused(lambda: analysis.estimate_d_prime(n, n_trials, paradigm="abx"))
    refused(lambda: analysis.d_prime_yes_no(n, n_trials, 5, 20))
    refused(lambda: analysis.d_prime_yes_no(14, 20, n, n_trials))
    refused(lambda: analysis.d_prime_2afc_bias(n, n_trials, 12, 20))
    refused(lambda: analysis.d_prime_2afc_bias(12, 20, n, n_trials))
    refused(lambda: analysis.estimate_same_different(n, n_trials, 5, 20))


def test_shapes_that_do_not_fit() -> None:
    refused(lambda: analysis.corrected_rate([1, 2, 3], [10, 10]))
    refused(lambda: analysis.d_prime_same_different([0.6, 0.7], [0.1, 0.2, 0.3]))


@pytest.mark.parametrize(
    "counts",
    [[10, -5, 3], [10, MISSING, 3], [10, 2.5, 3], ["x", 1, 2], [0, 0, 0], [5], [], [1, 2], None],
)
@pytest.mark.parametrize("name", ["fit_rating_roc", "roc_points", "roc_area"])
def test_ratings_that_cannot_be(name: str, counts: Any) -> None:
    refused(lambda: getattr(analysis, name)(counts, [2, 3, 5]))
    refused(lambda: getattr(analysis, name)([2, 3, 5], counts))


@pytest.mark.parametrize("coverage", [0.0, 1.0, 1.2, MISSING, "wide"])
def test_coverage_that_cannot_be(coverage: Any) -> None:
    refused(lambda: analysis.estimate_d_prime(14, 20, paradigm="abx", coverage=coverage))
    refused(lambda: analysis.d_prime_yes_no(14, 20, 5, 20, coverage=coverage))
    refused(lambda: analysis.d_prime_2afc_bias(14, 20, 12, 20, coverage=coverage))
    refused(lambda: analysis.estimate_same_different(14, 20, 5, 20, coverage=coverage))
    refused(lambda: analysis.fit_rating_roc([5, 3, 2], [2, 3, 5], coverage=coverage))
    refused(lambda: analysis.roc_area([5, 3, 2], [2, 3, 5], coverage=coverage))


@pytest.mark.parametrize(("n_correct", "ends"), [(20, "high"), (0, "low")])
def test_all_and_no_correct_answers_have_an_open_interval(n_correct: int, ends: str) -> None:
    """2AFC, where d′ below chance has a meaning: one end is infinite, the other is a number."""
    result = analysis.estimate_d_prime(n_correct, 20, paradigm="2afc", below_chance="negative")
    other = {"high": "low", "low": "high"}[ends]
    assert np.isinf(getattr(result.interval, ends))
    assert np.isfinite(getattr(result.interval, other))

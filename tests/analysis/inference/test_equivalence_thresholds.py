"""Equivalence of two thresholds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, t

from jndlab.analysis.inference.equivalence_thresholds import equivalence_of_thresholds
from jndlab.errors import DataError


def test_normal_and_t() -> None:
    normal = equivalence_of_thresholds(0.1, 0.2, bound=0.5)
    assert normal.p_value == pytest.approx(norm.sf(2.0))
    assert normal.p_value_above == pytest.approx(norm.sf(3.0))
    assert normal.p_value_difference == pytest.approx(2 * norm.sf(0.5))
    assert normal.interval.low == pytest.approx(0.1 - 0.2 * norm.ppf(0.95))
    student = equivalence_of_thresholds(0.1, 0.2, bound=0.5, degrees_of_freedom=9)
    assert student.p_value == pytest.approx(t.sf(2.0, 9))
    assert student.smallest_rejected_bound == pytest.approx(0.1 + 0.2 * t.ppf(0.95, 9))


def test_two_thresholds_are_subtracted_and_their_variances_added() -> None:
    pair = equivalence_of_thresholds((3.0, 3.1), (0.12, 0.16), bound=0.5)
    one = equivalence_of_thresholds(0.1, 0.2, bound=0.5)
    assert pair.p_value == pytest.approx(one.p_value)
    assert "independent" in pair.warnings[0]


@pytest.mark.parametrize(
    ("estimate", "error", "verdict"),
    [
        (0.0, 0.1, "equivalent"),
        (0.3, 0.1, "both"),
        (-0.3, 0.1, "both"),
        (0.6, 0.1, "different"),
        (0.3, 0.4, "undecided"),
    ],
)
def test_verdicts(estimate: float, error: float, verdict: str) -> None:
    result = equivalence_of_thresholds(estimate, error, bound=0.5)
    assert result.verdict == verdict
    assert (result.smallest_rejected_bound < 0.5) is (verdict in ("equivalent", "both"))
    json.dumps(result.to_dict())


def test_draws_agree_with_the_normal_they_come_from() -> None:
    draws = 0.1 + 0.2 * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    drawn = equivalence_of_thresholds(draws=draws, bound=0.5)
    normal = equivalence_of_thresholds(0.1, 0.2, bound=0.5)
    assert drawn.p_value == pytest.approx(normal.p_value, abs=1e-4)
    assert drawn.interval.high == pytest.approx(normal.interval.high, abs=1e-3)
    assert drawn.estimate == pytest.approx(0.1)
    assert (drawn.n_draws, drawn.standard_error, drawn.warnings) == (20_000, None, ())
    pairs = equivalence_of_thresholds(draws=(np.zeros(20_000), draws), bound=0.5)
    assert pairs.p_value == drawn.p_value


def test_few_draws_warn_and_never_give_zero() -> None:
    result = equivalence_of_thresholds(draws=np.linspace(-0.1, 0.1, 99), bound=0.5)
    assert result.p_value == pytest.approx(0.01)
    assert "99 draws" in result.warnings[0]


@pytest.mark.parametrize(
    "options",
    [
        {"estimate": 0.1, "standard_error": 0.2, "bound": None},
        {"estimate": 0.1, "standard_error": 0.2, "bound": 0.0},
        {"estimate": 0.1, "standard_error": 0.2, "bound": -0.5},
        {"estimate": 0.1, "standard_error": 0.0, "bound": 0.5},
        {"estimate": 0.1, "standard_error": float("nan"), "bound": 0.5},
        {"estimate": 0.1, "standard_error": (0.1, 0.2), "bound": 0.5},
        {"estimate": 0.1, "bound": 0.5},
        {"standard_error": 0.1, "bound": 0.5},
        {"estimate": 0.1, "standard_error": 0.2, "draws": [0.1, 0.2], "bound": 0.5},
        {"draws": [0.1], "bound": 0.5},
        {"draws": ([0.1, 0.2], [0.1]), "bound": 0.5},
        {"estimate": 0.1, "standard_error": 0.2, "bound": 0.5, "alpha": 2.0},
        {"estimate": 0.1, "standard_error": 0.2, "bound": 0.5, "degrees_of_freedom": 0},
        {"estimate": "x", "standard_error": 0.2, "bound": 0.5},
    ],
)
def test_impossible_input_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        equivalence_of_thresholds(**options)
    assert caught.value.remedy

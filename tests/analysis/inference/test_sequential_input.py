"""Counts as sequential analyses get them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.sequential_input import (
    cumulative_counts,
    listener_proportions,
    require_rate,
    whole_numbers,
)
from jndlab.errors import DataError


def test_numbers_are_one_moment() -> None:
    correct, trials = cumulative_counts(None, 12, 20)
    assert correct.tolist() == [12]
    assert trials.tolist() == [20]


def test_one_number_of_trials_for_all_listeners() -> None:
    assert listener_proportions([5, 10], 20).tolist() == [0.25, 0.5]
    assert listener_proportions([5, 10], [10, 40]).tolist() == [0.5, 0.25]


def test_whole_numbers_of_any_type() -> None:
    assert whole_numbers((1.0, np.int8(2), True), "n_correct").tolist() == [1, 2, 1]


@pytest.mark.parametrize("rate", [0.0, 0.5, -1, float("nan"), None, "low"])
def test_impossible_rates_are_refused(rate: Any) -> None:
    with pytest.raises(DataError, match="beta of"):
        require_rate(rate, "beta")

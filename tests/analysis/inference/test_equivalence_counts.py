"""Counts for equivalence claims: what is a listener, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.analysis.inference.equivalence_counts import listener_totals
from jndlab.errors import DataError


def test_labels_add_up_whatever_their_order() -> None:
    totals = listener_totals([1, 2, 3, 4], [4, 4, 4, 5], listener=[7, 3, 7, 3])
    assert totals.n_correct.tolist() == [6, 4]
    assert totals.n_trials.tolist() == [9, 8]
    assert (totals.unit, totals.n_listeners) == ("listeners", 2)


def test_listeners_without_trials_are_left_out_and_named() -> None:
    totals = listener_totals([5, 0, 6], [10, 0, 10])
    assert totals.n_correct.tolist() == [5, 6]
    assert "1 listener" in totals.warnings[0]


def test_one_number_of_trials_for_all() -> None:
    assert listener_totals([5, 6], 10).n_trials.tolist() == [10, 10]


@pytest.mark.parametrize(
    ("n_correct", "n_trials", "options"),
    [
        (5, 4, {}),
        (-1, 4, {}),
        (1.5, 4, {}),
        (float("nan"), 4, {}),
        ("five", 10, {}),
        (0, 0, {}),
        ([], [], {}),
        ([1, 2], [3], {}),
        ([[1, 2]], [[3, 3]], {}),
        ([1, 5], [3, 3], {}),
        ([4, 1], [3, 3], {"listener": ["a", "a"]}),
        ([1, 2], [3, 3], {"listener": ["a"]}),
        ([1, 2], [3, 3], {"listener": ["a", None]}),
        ([1, 2], [3, 3], {"n_listeners": 3}),
        (1, 3, {"n_listeners": 0}),
        (1, 3, {"unit": "listeners"}),
        (1, 3, {"unit": "persons"}),
        ([0, 0], [0, 0], {}),
    ],
)
def test_impossible_counts_are_refused(
    n_correct: Any, n_trials: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(DataError) as caught:
        listener_totals(n_correct, n_trials, **options)
    assert caught.value.remedy

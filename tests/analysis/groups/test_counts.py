"""Rows of counts: what is packed how, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from jndlab.analysis.groups.counts import pack_counts
from jndlab.errors import DataError


def test_listeners_of_different_length_are_padded_with_empty_rows() -> None:
    counts = pack_counts(["b", "a", "b", "b"], [3, 1, 1, 2], [1, 2, 3, 4], [5, 5, 5, 5])
    assert counts.listeners == ("b", "a")
    np.testing.assert_array_equal(counts.level[0], [1, 2, 3])
    np.testing.assert_array_equal(counts.n_correct, [[3, 4, 1], [2, 0, 0]])
    np.testing.assert_array_equal(counts.n_trials, [[5, 5, 5], [5, 0, 0]])
    assert counts.levels.tolist() == [1, 2, 3]


def test_equal_rows_are_added_up_but_keep_their_coefficients() -> None:
    counts = pack_counts([1, 1, 1], [2, 2, 3], [1, 3, 2], [4, 4, 4])
    assert counts.n_pooled == 1
    np.testing.assert_array_equal(counts.n_correct, [[4, 2]])
    expected = sum(gammaln(5) - gammaln(k + 1) - gammaln(5 - k) for k in (1, 3, 2))
    assert counts.log_coefficients == pytest.approx(expected)
    shares = np.array([1, 3, 2]) / 4
    saturated = (4 * (shares * np.log(shares) + (1 - shares) * np.log(1 - shares))).sum()
    assert counts.saturated == pytest.approx(expected + saturated)


def test_rows_of_different_items_or_conditions_stay_apart() -> None:
    counts = pack_counts(
        [1, 1, 1],
        [2, 2, 2],
        [1, 3, 2],
        [4, 4, 4],
        item=["x", "y", "x"],
        condition=["a", "a", "b"],
    )
    assert counts.n_pooled == 0
    assert counts.items == ("x", "y")
    assert counts.conditions == ("a", "b")


def test_rows_without_trials_are_dropped_and_their_listener_is_named() -> None:
    counts = pack_counts(
        ["a", "b", "a"], [1, 1, 2], [1, 0, 2], [4, 0, 4], condition=["x", "y", "x"]
    )
    assert counts.listeners == ("a",)
    assert counts.empty_listeners == ("b",)
    assert counts.empty_conditions == ("y",)
    assert counts.n_rows == 2


def test_other_answers_to_the_same_trials() -> None:
    counts = pack_counts([1, 1], [1, 2], [1, 3], [4, 4])
    other = counts.with_correct(np.array([[2.0, 2.0]]))
    again = pack_counts([1, 1], [1, 2], [2, 2], [4, 4])
    assert other.log_coefficients == pytest.approx(again.log_coefficients)
    assert other.saturated == pytest.approx(again.saturated)
    np.testing.assert_array_equal(other.n_correct, again.n_correct)


def test_the_digest_is_that_of_the_data() -> None:
    one = pack_counts(["a", "b"], [1, 2], [1, 3], [4, 4])
    same = pack_counts(["x", "y"], [1, 2], [1, 3], [4, 4])
    other = pack_counts(["a", "b"], [1, 2], [2, 3], [4, 4])
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([], [], [], []), "no trials"),
        ((["a"], [1], [0], [0]), "no trials"),
        ((["a", "a"], [1, 2], [1, 5], [4, 4]), "Row 2: 5 correct of 4"),
        ((["a", "a"], [1, 2], [1, -1], [4, 4]), "Row 2: -1 correct"),
        ((["a"], [1], [1.5], [4]), "whole numbers"),
        ((["a"], ["loud"], [1], [4]), "level holds something that is not a number"),
        ((["a"], [float("nan")], [1], [4]), "level holds a missing"),
        ((["a"], [[1]], [1], [4]), "2 axes"),
        ((["a", "b"], [1], [1], [4]), "differ in length"),
        (("ab", [1, 2], [1, 1], [4, 4]), "is one text"),
        (([None], [1], [1], [4]), "listener is missing"),
        (([float("nan")], [1], [1], [4]), "listener is missing"),
        (([["a"]], [1], [1], [4]), "is no label"),
    ],
)
def test_what_cannot_be_counts_is_refused_with_a_remedy(columns, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        pack_counts(*columns)
    assert caught.value.remedy

"""Counts are merged by level, and equal data have equal digests."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.checks import digest_counts, merge_counts


def test_levels_are_sorted_added_up_and_dropped_when_empty() -> None:
    levels, n_correct, n_trials = merge_counts([3, 1, 3, 2], [5, 2, 1, 0], [8, 4, 2, 0])
    np.testing.assert_array_equal(levels, [1, 3])
    np.testing.assert_array_equal(n_correct, [2, 6])
    np.testing.assert_array_equal(n_trials, [4, 10])


def test_digests_tell_data_apart() -> None:
    one = digest_counts(*merge_counts([1, 2], [3, 4], [5, 5]))
    assert one == digest_counts(*merge_counts([2, 1], [4, 3], [5, 5]))
    assert one != digest_counts(*merge_counts([1, 2], [4, 3], [5, 5]))
    assert len(one) == 64

"""Confidence sequences: they cover at all moments together, and shrink."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.sequential_confidence import (
    confidence_sequence,
    confidence_sequence_listeners,
)
from jndlab.analysis.intervals import clopper_pearson
from jndlab.errors import DataError


@pytest.mark.parametrize("truth", [0.5, 0.75, 0.95])
def test_all_moments_together_cover(truth: float) -> None:
    rng, n_studies, missed = np.random.default_rng(3), 200, 0
    for _ in range(n_studies):
        responses = rng.random(150) < truth
        sequence = confidence_sequence(np.cumsum(responses), np.arange(1, 151), coverage=0.9)
        history = sequence.history
        missed += bool(np.any((history.low > truth) | (history.high < truth)))
    # 99.9 % band of 10 %.
    assert missed / n_studies <= 0.1 + 3.1 * np.sqrt(0.1 * 0.9 / n_studies)


def test_listeners_are_the_unit() -> None:
    # Half hear everything, half guess: the mean is 0.75, and 40 listeners tell it only roughly.
    rng, n_studies, missed, pooled_missed = np.random.default_rng(4), 100, 0, 0
    for _ in range(n_studies):
        own = np.where(rng.random(25) < 0.5, 1.0, 0.5)
        counts = rng.binomial(40, own)
        history = confidence_sequence_listeners(counts, 40, coverage=0.9).history
        missed += bool(np.any((history.low > 0.75) | (history.high < 0.75)))
        trials = 40 * np.arange(1, 26)
        pooled = confidence_sequence(np.cumsum(counts), trials, coverage=0.9).history
        pooled_missed += bool(np.any((pooled.low > 0.75) | (pooled.high < 0.75)))
    assert missed / n_studies <= 0.1 + 3.1 * np.sqrt(0.1 * 0.9 / n_studies)
    assert pooled_missed / n_studies > 0.5


def test_longer_than_a_fixed_interval_but_not_by_much() -> None:
    for n in (30, 100, 1000):
        fixed = clopper_pearson(3 * n // 5, n)
        always = confidence_sequence(3 * n // 5, n).interval
        assert always.low < fixed.low
        assert always.high > fixed.high
        assert 1.3 < always.length / fixed.length < 1.8


def test_one_side_is_narrower_and_leaves_the_other_open() -> None:
    both = confidence_sequence(70, 100).interval
    lower = confidence_sequence(70, 100, alternative="greater").interval
    upper = confidence_sequence(70, 100, alternative="less").interval
    assert both.low < lower.low < 0.7 < upper.high < both.high
    assert (lower.high, upper.low) == (1.0, 0.0)
    listeners = confidence_sequence_listeners([14] * 20, 20, alternative="less").interval
    assert listeners.low == 0.0
    assert 0.7 < listeners.high < 0.85


def test_what_was_ruled_out_stays_so() -> None:
    sequence = confidence_sequence([18, 30, 45], [20, 40, 60])
    history = sequence.history
    assert np.all(np.diff(history.low) >= 0)
    assert np.all(np.diff(history.high) <= 0)
    alone = confidence_sequence(45, 60).interval
    assert sequence.interval.low >= alone.low
    assert sequence.interval.high <= alone.high


def test_a_proportion_that_changes_is_pointed_out() -> None:
    rising = confidence_sequence([5, 100], [50, 150])
    assert "changed during the study" in rising.warnings[0]
    assert rising.interval.low == pytest.approx(confidence_sequence(100, 150).interval.low)
    listeners = confidence_sequence_listeners([*[0] * 20, *[10] * 60], 10)
    assert "changed during the study" in listeners.warnings[0]
    assert listeners.interval.low < listeners.estimate < listeners.interval.high


def test_mirror_images() -> None:
    right = confidence_sequence([6, 15], [10, 20]).interval
    wrong = confidence_sequence([4, 5], [10, 20]).interval
    assert right.low == pytest.approx(1 - wrong.high)
    counts = np.array([6, 7, 9, 5, 8])
    right = confidence_sequence_listeners(counts, 10).interval
    wrong = confidence_sequence_listeners(10 - counts, 10).interval
    assert right.high == pytest.approx(1 - wrong.low)


def test_history_is_a_table() -> None:
    table = confidence_sequence([6, 15], [10, 20]).history.table
    assert [row["n"] for row in table] == [10, 20]
    assert set(table[0]) == {"n", "estimate", "low", "high"}


@pytest.mark.parametrize(
    "options", [{"coverage": 1.0}, {"coverage": 0.0}, {"alternative": "up"}, {"prior": (1, -1)}]
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        confidence_sequence(5, 10, **options)

"""Repeated, gold and trap trials, and intraclass correlations against published numbers."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.quality.reliability import agreement_of, check_reliability, icc_pairs
from tests.analysis.quality.simulated import simulate

# Shrout & Fleiss 1979, table 2: six targets, four judges.
TARGETS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]]
)


def test_correlations_are_those_of_shrout_and_fleiss() -> None:
    single, panel = agreement_of(TARGETS.T, coverage=0.95)
    assert (round(single.value, 2), round(panel.value, 2)) == (0.29, 0.62)
    # R's irr::icc and psych::ICC print this interval for the example.
    assert (single.interval.low, single.interval.high) == pytest.approx((0.019, 0.761), abs=0.001)
    assert panel.interval.low < panel.value < panel.interval.high


def test_pairs_have_the_one_way_correlation() -> None:
    pairs = TARGETS[:, :2]
    found = icc_pairs(pairs, coverage=0.95)
    within = np.sum((pairs - pairs.mean(axis=1, keepdims=True)) ** 2) / 6
    between = 2 * np.sum((pairs.mean(axis=1) - pairs.mean()) ** 2) / 5
    assert found.value == pytest.approx((between - within) / (between + within))
    assert found.interval.low < found.value < found.interval.high
    assert icc_pairs(np.ones((4, 2)), coverage=0.95) is None
    same = icc_pairs(np.array([[1.0, 1.0], [3.0, 3.0]]), coverage=0.95)
    assert (same.value, same.interval) == (1.0, None)


def test_too_few_say_nothing() -> None:
    assert agreement_of(TARGETS.T[:2], coverage=0.95) == (None, None)
    assert agreement_of(np.ones((5, 4)), coverage=0.95) == (None, None)


def of(rows, *, preference=False):
    means = np.full((1, 1), np.nan)
    table = TrialTable.from_rows(rows)
    return check_reliability(table, means, coverage=0.95, preference=preference)


def test_a_repeated_trial_is_held_against_the_first_one() -> None:
    rows = simulate("acr", n_listeners=2, n_items=2, n_repeated=2)
    said = {"test": iter("45" * 30), "repeated": iter("4453")}
    for row in rows:
        row["response"] = next(said[row["trial_kind"]])
    found = of(rows).repeats
    assert (found.n_pairs, found.n_listeners) == (4, 2)
    # Listener 1 said 4, 5 and then 4, 4; listener 2 said 4, 5 and then 5, 3.
    assert found.n_equal == 1
    assert found.share_equal == pytest.approx(0.25)
    assert found.mean_difference == pytest.approx(((0 - 1) / 2 + (1 - 2) / 2) / 2)
    assert found.mean_distance == pytest.approx((0.5 + 1.5) / 2)


def test_a_repeated_comparison_may_be_heard_the_other_way_round() -> None:
    first = simulate("ccr", n_listeners=1, n_items=1)[0] | {"order": "BC", "response": "-2"}
    again = first | {"trial": 99, "trial_kind": "repeated", "order": "CB", "response": "2"}
    assert of([first, again]).repeats.n_equal == 1
    assert of([first]).repeats is None


def test_known_answers_are_counted() -> None:
    rows = simulate("preference", n_listeners=2, n_items=2)
    for number, row in enumerate(rows):
        if row["trial"] <= 4:
            row["trial_kind"] = "gold" if row["trial"] <= 3 else "trap"
            row["correct_response"] = "A"
            row["response"] = "A" if row["participant"] == 1 or number % 2 else "B"
            row["correct"] = row["response"] == "A"
    found = of(rows, preference=True)
    assert (found.gold.n_trials, found.trap.n_trials) == (6, 2)
    assert found.gold.n_right == sum(r["trial_kind"] == "gold" and r["correct"] for r in rows)
    assert 1 not in found.gold.failing
    assert found.repeats is None

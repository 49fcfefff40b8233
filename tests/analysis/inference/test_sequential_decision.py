"""Decisions: every possible study of fourteen trials, enumerated, at many proportions correct."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.proportions import exact_interval, mid_p_interval
from jndlab.analysis.inference.sequential_decision import (
    GroupSequentialDecision,
    decide_group_sequential,
)
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan
from jndlab.analysis.inference.sequential_power import group_sequential_power
from jndlab.errors import DataError

N = 14
GRID = np.linspace(0.005, 0.995, 199)
PLANS = {
    "greater": plan_group_sequential([4, 8, 12, N], chance=0.5, alpha=0.1),
    "futility": plan_group_sequential(
        [4, 8, 12, N], chance=0.5, alpha=0.1, spending="pocock", futility_proportion=0.8, beta=0.2
    ),
    "two-sided": plan_group_sequential(
        [5, 9, N], chance=1 / 3, alpha=0.1, alternative="two-sided", spending=("power", 1)
    ),
    "less": plan_group_sequential(
        [5, 9, N], chance=0.5, alpha=0.1, alternative="less", futility_proportion=0.2, beta=0.2
    ),
    "equivalence and difference": plan_group_sequential_equivalence(
        [4, 8, N], paradigm="abx", bound=0.85, alpha=0.1, spending="pocock"
    ),
    "equivalence": plan_group_sequential_equivalence(
        [4, 8, N],
        paradigm="abx",
        bound=0.8,
        alpha=0.1,
        spending="pocock",
        test_difference=False,
        beta=0.2,
    ),
    "certain to end": plan_group_sequential_equivalence(
        [6, 10, N], paradigm="abx", bound=0.95, alpha=0.2, spending="pocock"
    ),
}
Studies = list[tuple[GroupSequentialDecision, np.ndarray]]


def every_study(plan: GroupSequentialPlan) -> Studies:
    """Each way a study can end, with its probability at each proportion of the grid."""
    design = plan.boundaries
    endings: dict[tuple[int, ...], np.ndarray] = {}
    n = design.looks[-1]
    for responses in itertools.product((0, 1), repeat=n):
        so_far = np.cumsum(responses)
        counts: list[int] = []
        for look, trials in enumerate(design.looks):
            counts.append(int(so_far[trials - 1]))
            if design.stops(look, counts[-1]):
                break
        total = int(so_far[-1])
        chance = GRID**total * (1 - GRID) ** (n - total)
        endings[tuple(counts)] = endings.get(tuple(counts), 0.0) + chance
    cache: dict[tuple[int, int], GroupSequentialDecision] = {}
    studies = []
    for counts_seen, probability in endings.items():
        # The way there does not matter: one decision per look and count is enough.
        key = (len(counts_seen), counts_seen[-1])
        if key not in cache:
            cache[key] = decide_group_sequential(plan, list(counts_seen))
        studies.append((cache[key], probability))
    return studies


@pytest.fixture(scope="module", params=list(PLANS))
def case(request: pytest.FixtureRequest) -> tuple[GroupSequentialPlan, Studies]:
    plan = PLANS[request.param]
    return plan, every_study(plan)


def test_verdicts_are_as_probable_as_the_power_says(
    case: tuple[GroupSequentialPlan, Studies],
) -> None:
    plan, studies = case
    power = group_sequential_power(plan, GRID)
    for verdict in ("different", "equivalent", "both", "undecided"):
        total = sum((p for one, p in studies if one.verdict == verdict), np.zeros(len(GRID)))
        assert total == pytest.approx(getattr(power, verdict), abs=1e-10), verdict
    trials = sum((p * one.n_trials[-1] for one, p in studies), np.zeros(len(GRID)))
    assert trials == pytest.approx(power.expected_trials)


def test_intervals_cover_and_no_more_than_each_tail_misses(
    case: tuple[GroupSequentialPlan, Studies],
) -> None:
    _, studies = case
    below, above = np.zeros(len(GRID)), np.zeros(len(GRID))
    for one, probability in studies:
        assert one.action == "stop"
        assert one.interval is not None
        assert one.estimate is not None
        assert one.interval.low <= one.estimate <= one.interval.high
        below += probability * (one.interval.high < GRID)
        above += probability * (one.interval.low > GRID)
        tail = (1 - one.interval.coverage) / 2
    assert below.max() <= tail + 1e-9
    assert above.max() <= tail + 1e-9
    assert below.max() > 0.8 * tail


def test_p_values_are_valid_and_agree_with_verdict_and_interval(
    case: tuple[GroupSequentialPlan, Studies],
) -> None:
    plan, studies = case
    for one, _ in studies:
        assert one.interval is not None
        if plan.alternative is not None:
            assert one.p_value_difference is not None
            claimed = one.verdict in ("different", "both")
            assert (one.p_value_difference <= plan.alpha * (1 + 1e-9)) == claimed
        if plan.alternative == "greater":
            assert (one.interval.low >= plan.chance - 1e-9) == claimed
        if plan.bound is not None:
            assert one.p_value is not None
            claimed = one.verdict in ("equivalent", "both")
            assert (one.p_value <= plan.alpha * (1 + 1e-9)) == claimed
            assert (one.interval.high <= plan.bound + 1e-9) == claimed
    if plan.alternative == "greater":
        at_chance = [p[np.argmin(np.abs(GRID - 0.5))] for _, p in studies]
        values = [one.p_value_difference for one, _ in studies]
        _assert_valid(values, at_chance)


def _assert_valid(p_values: list[Any], probabilities: list[float]) -> None:
    """No p-value of x or less is more probable than x."""
    order = np.argsort(p_values)
    gathered = np.cumsum(np.array(probabilities)[order])
    sorted_values = np.array(p_values)[order]
    last = np.append(np.diff(sorted_values) > 1e-12, True)
    assert np.all(gathered[last] <= sorted_values[last] + 1e-9)


def test_estimates_are_median_unbiased_beyond_rounding(
    case: tuple[GroupSequentialPlan, Studies],
) -> None:
    _, studies = case
    low, high = np.zeros(len(GRID)), np.zeros(len(GRID))
    for one, probability in studies:
        low += probability * (np.array(one.estimate) < GRID - 1e-9)
        high += probability * (np.array(one.estimate) > GRID + 1e-9)
    # Counts are whole numbers: one result may hold a good part of the probability.
    middle = (GRID > 0.1) & (GRID < 0.9)
    assert abs(np.mean(low[middle]) - 0.5) < 0.05
    assert abs(np.mean(high[middle]) - 0.5) < 0.05


@pytest.mark.parametrize(("k", "n"), [(0, 9), (7, 12), (20, 30), (30, 30)])
def test_one_look_is_the_fixed_test(k: int, n: int) -> None:
    result = decide_group_sequential(plan_group_sequential([n], chance=0.5), [k])
    assert result.p_value == pytest.approx(binomial_test(k, n, chance=0.5).p_value)
    assert result.interval is not None
    exact = [exact_interval(k, n, coverage=0.95, alternative=a) for a in ("greater", "less")]
    assert result.interval.low == pytest.approx(exact[0].low, abs=1e-9)
    assert result.interval.high == pytest.approx(exact[1].high, abs=1e-9)
    median = mid_p_interval(k, n, coverage=0.5, alternative="greater").low
    assert result.estimate == pytest.approx(median, abs=1e-9)


def test_while_it_goes_on_nothing_is_claimed() -> None:
    result = decide_group_sequential(PLANS["greater"], [3])
    assert (result.action, result.verdict) == ("continue", "undecided")
    assert result.p_value is None
    assert result.estimate is None
    assert result.interval is None
    assert "goes on" in result.warnings[-1]
    assert json.loads(json.dumps(result.to_dict()))["reason"].startswith("3 of 4")


def test_futility_is_no_verdict() -> None:
    plan = plan_group_sequential([40, 80], chance=0.5, futility_proportion=0.7)
    result = decide_group_sequential(plan, [17])
    assert (result.action, result.verdict) == ("stop", "undecided")
    assert "no evidence" in result.reason
    assert result.p_value is not None
    assert result.p_value > 0.5


def test_futility_may_be_passed_over() -> None:
    plan = plan_group_sequential([40, 80, 120], chance=0.5, futility_proportion=0.7)
    plain = plan_group_sequential([40, 80, 120], chance=0.5)
    counts = [plan.boundaries.lower[0], 50, plan.boundaries.upper[2] + 2]
    assert plan.boundaries.lower[1] < 50 < plan.boundaries.upper[1]
    result = decide_group_sequential(plan, counts)
    assert result.verdict == "different"
    assert "passed over" in result.warnings[-1]
    assert result.p_value == pytest.approx(decide_group_sequential(plain, counts).p_value)


def test_what_comes_after_a_claim_is_left_out() -> None:
    plan = plan_group_sequential([40, 80, 120], chance=0.5)
    early = decide_group_sequential(plan, [35])
    late = decide_group_sequential(plan, [35, 50, 60])
    assert (late.verdict, late.look, late.p_value) == ("different", 1, early.p_value)
    assert "should have stopped at look 1" in late.warnings[-1]


def test_looks_at_other_moments_use_the_spending_function() -> None:
    plan = plan_group_sequential([40, 80, 120], chance=0.5)
    moved = decide_group_sequential(plan, [30, 55], n_trials=[50, 90])
    assert moved.plan.boundaries.looks == (50, 90, 120)
    assert moved.plan.boundaries == plan_group_sequential([50, 90, 120], chance=0.5).boundaries
    assert "did not decide when to look" in moved.warnings[0]
    assert moved.plan.size_difference is not None
    assert moved.plan.size_difference <= 0.05
    same = decide_group_sequential(plan, [24, 52], n_trials=[40, 80])
    assert same.warnings == decide_group_sequential(plan, [24, 52]).warnings
    longer = decide_group_sequential(plan, [24, 45, 80], n_trials=[40, 80, 133])
    assert (longer.action, longer.n_trials) == ("stop", (40, 80, 133))


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([24, 20], {}, "decrease"),
        ([41], {}, "cannot be"),
        ([24, 70], {}, "cannot be"),
        ([-1], {}, "negative"),
        ([24.5], {}, "whole"),
        ([float("nan")], {}, "missing"),
        (["many"], {}, "not a number"),
        ([], {}, "list of counts"),
        ([20, 40, 60, 80], {}, "more than the 3"),
        ([20], {"n_trials": [40, 80]}, "n_trials"),
        ([20, 30], {"n_trials": [80, 40]}, "increase"),
    ],
)
def test_impossible_counts_are_refused(counts: Any, options: Any, message: str) -> None:
    plan = plan_group_sequential([40, 80, 120], chance=0.5)
    with pytest.raises(DataError, match=message):
        decide_group_sequential(plan, counts, **options)

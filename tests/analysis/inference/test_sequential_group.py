"""Group-sequential plans: exact sizes, fixed tests as the special case, what they refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.inference.sequential_group import (
    plan_group_sequential,
    plan_group_sequential_equivalence,
)
from jndlab.analysis.inference.sequential_power import group_sequential_power
from jndlab.analysis.inference.sequential_spending import Spending
from jndlab.errors import DataError

SPENDING: list[Spending] = ["obrien-fleming", "pocock", ("power", 2)]


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
@pytest.mark.parametrize("spending", SPENDING)
@pytest.mark.parametrize("chance", [0.5, 1 / 3, 0.25])
def test_the_size_is_exact_and_nominal(chance: float, spending: Spending, alternative: Any) -> None:
    plan = plan_group_sequential(
        [25, 50, 75, 100], chance=chance, spending=spending, alternative=alternative
    )
    power = group_sequential_power(plan, chance)
    assert plan.size_difference == pytest.approx(power.different[0], abs=1e-12)
    assert plan.size_difference is not None
    assert 0.03 < plan.size_difference <= 0.05


def test_the_size_is_largest_at_chance() -> None:
    plan = plan_group_sequential([20, 40, 60], chance=0.5, spending="pocock")
    power = group_sequential_power(plan, np.linspace(0.3, 0.7, 41)).different
    assert np.all(np.diff(power) > 0)


@pytest.mark.parametrize("n", [16, 57, 100])
def test_one_look_is_the_exact_binomial_test(n: int) -> None:
    plan = plan_group_sequential([n], chance=0.5)
    (critical,) = plan.boundaries.upper
    assert binom.sf(critical - 1, n, 0.5) <= 0.05 < binom.sf(critical - 2, n, 0.5)
    assert plan.size_difference == pytest.approx(binom.sf(critical - 1, n, 0.5))


def test_one_look_is_the_exact_equivalence_test() -> None:
    plan = plan_group_sequential_equivalence([400], paradigm="abx", bound=0.6, n_listeners=1)
    (critical,) = plan.boundaries.lower
    assert equivalence_test(critical, 400, paradigm="abx", bound=0.6).p_value <= 0.05
    assert equivalence_test(critical + 1, 400, paradigm="abx", bound=0.6).p_value > 0.05


def test_futility_is_not_needed_for_the_size() -> None:
    plain = plan_group_sequential([40, 80, 120], chance=0.5)
    given_up = plan_group_sequential([40, 80, 120], chance=0.5, futility_proportion=0.65)
    assert given_up.boundaries.upper == plain.boundaries.upper
    power = group_sequential_power(given_up, [0.5, 0.65])
    free = group_sequential_power(plain, [0.5, 0.65])
    assert power.different[0] < free.different[0] <= 0.05
    # Fewer trials where there is nothing; of the power, at most beta is given away.
    assert power.expected_trials[0] < 0.75 * free.expected_trials[0]
    assert free.different[1] - 0.1 < power.different[1] < free.different[1]
    assert power.futility[1] < power.futility[0]


def test_futility_below_a_test_for_less() -> None:
    plan = plan_group_sequential([20, 40], chance=0.5, alternative="less", futility_proportion=0.3)
    assert plan.boundaries.upper_rule is not None
    assert plan.boundaries.upper_rule.stop == "futility"
    assert plan.boundaries.upper[-1] == plan.boundaries.lower[-1] + 1


def test_each_claim_keeps_its_rate_beside_the_other() -> None:
    plan = plan_group_sequential_equivalence([100, 200, 300], paradigm="abx", bound=0.6)
    power = group_sequential_power(plan, [plan.chance, 0.6])
    assert plan.size_difference is not None
    assert plan.size_equivalence is not None
    # Obeying the other boundary can only prevent false claims.
    assert power.different[0] + power.both[0] <= plan.size_difference <= 0.05
    assert power.equivalent[1] + power.both[1] <= plan.size_equivalence <= 0.05
    assert power.equivalent[0] > 0.7
    assert power.different[1] > 0.7


def test_all_verdicts_are_possible_and_add_up() -> None:
    plan = plan_group_sequential_equivalence([50, 150, 350], paradigm="abx", bound=0.62)
    proportions = np.linspace(0.0, 1.0, 51)
    power = group_sequential_power(plan, proportions)
    total = power.different + power.equivalent + power.both + power.undecided
    assert total == pytest.approx(np.ones(51), abs=1e-9)
    assert power.stop_at_look.sum(axis=1) == pytest.approx(np.ones(51), abs=1e-9)
    assert power.both.max() > 0.05


def test_bounds_on_other_scales_are_the_same_plan() -> None:
    plans = [
        plan_group_sequential_equivalence([60, 120], paradigm="oddity", **bound)
        for bound in (
            {"bound": 0.5},
            {"bound": 0.25, "bound_on": "discriminators"},
        )
    ]
    assert plans[0].boundaries == plans[1].boundaries
    assert plans[0].chance == pytest.approx(1 / 3)


def test_a_study_that_is_certain_to_end_drops_later_looks() -> None:
    looks = [100, 200, 300, 400, 500]
    plan = plan_group_sequential_equivalence(looks, paradigm="abx", bound=0.65, n_listeners=1)
    assert plan.looks == tuple(looks)
    assert len(plan.boundaries.looks) < 5
    assert "certain to end" in plan.warnings[0]
    power = group_sequential_power(plan, [0.5, 0.57, 0.65])
    assert power.undecided == pytest.approx([0, 0, 0], abs=1e-9)
    assert plan.size_difference is not None
    assert 0.04 < plan.size_difference <= 0.05


def test_advice() -> None:
    assert "2 of its 3 looks" in plan_group_sequential([2, 4, 30], chance=0.5).warnings[0]
    assert "never support" in plan_group_sequential([2, 4], chance=0.5).warnings[-1]
    unknown = plan_group_sequential_equivalence([90, 180], paradigm="abx", bound=0.6)
    assert "If the trials come from several listeners" in unknown.warnings[0]
    pooled = plan_group_sequential_equivalence([90, 180], paradigm="abx", bound=0.6, n_listeners=12)
    assert "12 listeners" in pooled.warnings[0]


def test_a_plan_is_plain_data() -> None:
    plan = plan_group_sequential(120, n_looks=4, chance=0.5, futility_proportion=0.62)
    data = json.loads(json.dumps(plan.to_dict()))
    assert data["boundaries"]["looks"] == [30, 60, 90, 120]
    assert data["boundaries"]["lower_rule"]["stop"] == "futility"
    power = json.loads(json.dumps(group_sequential_power(plan, [0.5, 0.7]).to_dict()))
    assert len(power["expected_trials"]) == 2


@pytest.mark.parametrize(
    ("n_trials", "options", "message"),
    [
        ([40, 40], {}, "increase"),
        ([40, 20], {}, "increase"),
        ([0, 20], {}, "below 1"),
        ([10.5, 20], {}, "whole"),
        ([], {}, "looks"),
        (["a", 3], {}, "number"),
        ([[10, 20]], {}, "list"),
        ([10, float("nan")], {}, "list"),
        (100, {}, "missing"),
        (100, {"n_looks": 0}, "0 looks"),
        (3, {"n_looks": 4}, "4 looks"),
        (30, {"n_looks": 2.5}, "2.5 looks"),
        (30, {"n_looks": "many"}, "n_looks of 'many'"),
        ([10, 20], {"n_looks": 3}, "n_looks"),
        ([10, 20], {"chance": 1.0}, "tested"),
        ([10, 20], {"alpha": 0.0}, "alpha"),
        ([10, 20], {"alpha": 0.5}, "alpha"),
        ([10, 20], {"alpha": "five"}, "alpha"),
        ([10, 20], {"spending": "linear"}, "spending"),
        ([10, 20], {"alternative": "more"}, "alternative"),
        ([10, 20], {"futility_proportion": 0.4}, "hoped"),
        ([10, 20], {"futility_proportion": 0.7, "beta": 0.0}, "beta"),
        ([10, 20], {"futility_proportion": 0.7, "alternative": "two-sided"}, "side"),
    ],
)
def test_impossible_plans_are_refused(n_trials: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        plan_group_sequential(n_trials, **{"chance": 0.5, **options})
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": None}, "needs a bound"),
        ({"bound": 0.5}, "no effect"),
        ({"bound": 1.0}, "not between"),
        ({"paradigm": "same_different"}, "chance level"),
        ({"beta": 0.1}, "futility"),
    ],
)
def test_equivalence_needs_a_bound(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        plan_group_sequential_equivalence([50, 100], **{"paradigm": "abx", "bound": 0.6, **options})

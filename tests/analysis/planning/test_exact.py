"""Exact power against sums by hand, published constants and the tests that it is the power of."""

from __future__ import annotations

from math import comb
from typing import Any

import pytest

from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.planning.exact import power_binomial, power_equivalence
from jndlab.errors import DataError


def mass(k: int, n: int, p: float) -> float:
    return comb(n, k) * p**k * (1 - p) ** (n - k)


def test_power_is_the_sum_over_the_region_by_hand() -> None:
    # 12 of 16 is the first count with P(X >= k; 0.5) <= 0.05.
    power = power_binomial(16, proportion_correct=0.8, chance=0.5)
    assert power.claim_from == 12
    assert power.claim_up_to is None
    assert power.power == pytest.approx(sum(mass(k, 16, 0.8) for k in range(12, 17)), abs=1e-12)
    assert power.size == pytest.approx(0.038406372, abs=1e-9)


def test_the_teeth_of_the_difference_test() -> None:
    # Against 0.5 at alpha 0.05 a true 0.6 has 90 % power first at 213 trials and always from 224.
    power = {
        n: power_binomial(n, proportion_correct=0.6, chance=0.5).power for n in range(200, 260)
    }
    assert min(n for n in power if power[n] >= 0.9) == 213
    assert max(n for n in power if power[n] < 0.9) == 223
    assert power[214] < power[213]


def test_the_teeth_of_the_equivalence_claim() -> None:
    power = {
        n: power_equivalence(n, proportion_correct=0.5, paradigm="2afc", bound=0.6).power
        for n in range(200, 260)
    }
    assert min(n for n in power if power[n] >= 0.9) == 214
    assert max(n for n in power if power[n] < 0.9) == 226


@pytest.mark.parametrize("n_trials", [20, 61, 100])
def test_the_claim_is_that_of_the_equivalence_test_of_one_listener(n_trials: int) -> None:
    power = power_equivalence(n_trials, proportion_correct=0.55, paradigm="abx", bound=0.7)
    claimed = [
        k
        for k in range(n_trials + 1)
        if equivalence_test(k, n_trials, paradigm="abx", bound=0.7).p_value <= 0.05
    ]
    assert claimed == list(range((power.claim_up_to or -1) + 1))
    assert power.power == pytest.approx(sum(mass(k, n_trials, 0.55) for k in claimed), abs=1e-12)


def test_bounds_on_three_scales_are_one_bound() -> None:
    on: dict[Any, float] = {"proportion_correct": 0.6, "discriminators": 0.2, "d_prime": 0.3582869}
    powers = [
        power_equivalence(
            150, proportion_correct=0.5, paradigm="2afc", bound=bound, bound_on=scale
        ).power
        for scale, bound in on.items()
    ]
    assert powers == pytest.approx([powers[0]] * 3, abs=1e-9)
    differencing = power_equivalence(
        150,
        proportion_correct=0.5,
        paradigm="abx",
        bound=1.0,
        bound_on="d_prime",
        model="differencing",
    )
    assert differencing.null_proportion == pytest.approx(0.5825, abs=5e-5)


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_the_size_stays_below_alpha_and_power_rises_with_the_effect(alternative: Any) -> None:
    truths = [0.4, 0.3, 0.2, 0.1] if alternative == "less" else [0.6, 0.7, 0.8, 0.9]
    for n in (5, 17, 40, 133):
        powers = [
            power_binomial(n, proportion_correct=p, chance=0.5, alternative=alternative)
            for p in truths
        ]
        assert all(power.size <= 0.05 + 1e-12 for power in powers)
        values = [power.power for power in powers]
        assert values == sorted(values)


def test_too_few_trials_say_so() -> None:
    power = power_binomial(4, proportion_correct=0.9, chance=0.5)
    assert (power.power, power.claim_from) == (0.0, None)
    assert "No count of 4 trials can make the claim: use more." in power.warnings


def test_a_truth_beyond_the_bound_is_called_a_false_claim() -> None:
    power = power_equivalence(100, proportion_correct=0.6, paradigm="abx", bound=0.6)
    assert power.power == pytest.approx(power.size)
    assert power.power <= 0.05
    assert any("rate of false claims" in warning for warning in power.warnings)


def test_it_says_that_trials_are_taken_as_independent_and_goes_into_json() -> None:
    power = power_binomial(100, proportion_correct=0.6, chance=0.5)
    assert "plan_study" in power.warnings[0]
    assert power.to_dict()["claim_from"] == 59


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_trials": 0}, "0 trials cannot be"),
        ({"n_trials": 10.5}, "10.5 trials cannot be"),
        ({"chance": 1.0}, "chance cannot be 1"),
        ({"proportion_correct": 1.2}, "proportion_correct cannot be 1.2"),
        ({"alpha": 0.0}, "alpha cannot be 0"),
        ({"alternative": "more"}, "no alternative 'more'"),
        ({"chance": float("nan")}, "chance cannot be nan"),
    ],
)
def test_impossible_options_of_a_difference(change: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"n_trials": 20, "proportion_correct": 0.6, "chance": 0.5} | change
    with pytest.raises(DataError, match=message):
        power_binomial(options.pop("n_trials"), **options)


@pytest.mark.parametrize(
    "change",
    [{"bound": 0.5}, {"bound": 1.0}, {"bound": None}, {"paradigm": "yes_no"}, {"bound_on": "ears"}],
)
def test_impossible_bounds(change: dict[str, Any]) -> None:
    options: dict[str, Any] = {"proportion_correct": 0.5, "paradigm": "abx", "bound": 0.6} | change
    with pytest.raises(DataError) as caught:
        power_equivalence(20, **options)
    assert caught.value.remedy

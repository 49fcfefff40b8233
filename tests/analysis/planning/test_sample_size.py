"""Sample sizes: what is known, what an exhaustive search finds, what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from jndlab.analysis.planning.exact import power_binomial, power_equivalence
from jndlab.analysis.planning.sample_size import sample_size
from jndlab.analysis.planning.widths import expected_width
from jndlab.errors import DataError


def test_both_guarantees_of_the_two_known_cases() -> None:
    difference: dict[str, Any] = {"proportion_correct": 0.6, "chance": 0.5}
    equivalence: dict[str, Any] = {"proportion_correct": 0.5, "paradigm": "2afc", "bound": 0.6}
    assert sample_size("difference", **difference, guarantee="first").n_trials == 213
    assert sample_size("difference", **difference, guarantee="all").n_trials == 224
    assert sample_size("equivalence", **equivalence, guarantee="first").n_trials == 214
    assert sample_size("equivalence", **equivalence, guarantee="all").n_trials == 227


@pytest.mark.parametrize(
    ("truth", "chance", "alternative", "power", "alpha"),
    [
        (0.75, 0.5, "greater", 0.8, 0.05),
        (0.6, 1 / 3, "greater", 0.95, 0.01),
        (0.5, 0.2, "two-sided", 0.9, 0.05),
        (0.35, 0.5, "less", 0.8, 0.1),
        (1.0, 0.5, "greater", 0.99, 0.05),
    ],
)
def test_an_exhaustive_search_finds_the_same(
    truth: float, chance: float, alternative: Any, power: float, alpha: float
) -> None:
    powers = {
        n: power_binomial(
            n, proportion_correct=truth, chance=chance, alpha=alpha, alternative=alternative
        ).power
        for n in range(1, 501)
    }
    size = sample_size(
        "difference",
        proportion_correct=truth,
        chance=chance,
        alpha=alpha,
        alternative=alternative,
        power=power,
    )
    assert size.first_reached == min(n for n in powers if powers[n] >= power)
    assert size.holds_from == max([0, *(n for n in powers if powers[n] < power)]) + 1
    assert size.reached == pytest.approx(powers[size.n_trials], abs=1e-12)


def test_equivalence_on_another_scale_and_paradigm() -> None:
    size = sample_size(
        "equivalence",
        proportion_correct=0.36,
        paradigm="oddity",
        bound=0.25,
        bound_on="discriminators",
        power=0.8,
    )
    assert size.null_proportion == pytest.approx(0.5)
    powers = [
        power_equivalence(n, proportion_correct=0.36, paradigm="triangle", bound=0.5).power
        for n in (size.holds_from - 1, size.holds_from)
    ]
    assert powers[0] < 0.8 <= powers[1]


@pytest.mark.parametrize("interval", ["clopper-pearson", "wilson", "jeffreys"])
def test_the_width_is_reached_at_the_answer_and_not_before(interval: Any) -> None:
    size = sample_size("width", proportion_correct=0.8, width=0.15, interval=interval)
    before, there = (
        expected_width(n, proportion_correct=0.8, interval=interval).expected
        for n in (size.n_trials - 1, size.n_trials)
    )
    assert there <= 0.15 < before
    assert (size.reached, size.target) == (there, 0.15)


def test_a_small_effect_takes_no_longer_than_it_needs() -> None:
    size = sample_size("difference", proportion_correct=0.52, chance=0.5)
    assert (size.first_reached, size.holds_from) == (5372, 5435)


@pytest.mark.parametrize(
    ("goal", "change", "message"),
    [
        ("difference", {"proportion_correct": 0.5}, "No number of trials is enough"),
        ("difference", {"proportion_correct": 0.4}, "does not lie above"),
        ("difference", {"proportion_correct": 0.5001}, "more than 50,000 trials"),
        ("difference", {"chance": None}, "must be given once"),
        ("difference", {"paradigm": "abx"}, "must be given once"),
        ("difference", {"power": 1.0}, "power cannot be 1"),
        ("difference", {"guarantee": "some"}, "no guarantee 'some'"),
        ("equivalence", {"proportion_correct": 0.5, "bound": 0.6}, "needs a paradigm"),
        ("equivalence", {"paradigm": "abx"}, "needs a bound"),
        ("equivalence", {"paradigm": "abx", "bound": 0.6}, "does not lie below"),
        ("width", {}, "largest width is missing"),
        ("width", {"width": 1e-4}, "more than 50,000 trials"),
        ("threshold", {}, "no goal 'threshold'"),
    ],
)
def test_goals_that_cannot_be(goal: Any, change: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"proportion_correct": 0.6, "chance": 0.5} | change
    with pytest.raises(DataError, match=message) as caught:
        sample_size(goal, **options)
    assert caught.value.remedy

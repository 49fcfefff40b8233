"""Equivalence tests: exact values, verdicts, wording, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.detection.convert import d_prime
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.equivalence import EquivalenceTest, equivalence_test
from jndlab.errors import DataError
from tests.analysis.reference import entries, needs_reference

# sensR 1.5-3 discrim(..., test = "similarity") and statsmodels binom_tost, bound 0.55 in 2AFC:
# correct, trials, one-sided p, TOST p, one-sided 95 % limit.
EXACT = [
    (52, 100, 0.30687846, 0.30687846, 0.60585934),
    (210, 400, 0.16980902, 0.16980902, 0.56708009),
    (440, 800, 0.51369941, 0.51369941, 0.57938446),
]
GUESSING = [19, 22, 21, 18, 20, 23, 20, 19, 21, 20, 18, 22, 20, 21, 19, 20]
HEARING = [32, 36, 38, 30, 39, 33, 35, 37]


@pytest.mark.parametrize(("n_correct", "n_trials", "one_sided", "tost", "upper"), EXACT)
def test_one_listener_is_exact(
    n_correct: int, n_trials: int, one_sided: float, tost: float, upper: float
) -> None:
    result = equivalence_test(n_correct, n_trials, paradigm="2afc", bound=0.55)
    assert result.p_value == pytest.approx(one_sided, abs=1e-8)
    assert result.p_value_tost == pytest.approx(tost, abs=1e-8)
    assert result.interval.high == pytest.approx(upper, abs=1e-8)
    assert result.verdict not in ("equivalent", "both")
    assert (result.unit, result.warnings[:0]) == ("trials", ())


@needs_reference
@pytest.mark.parametrize("entry", entries("equivalence_proportion"), ids=lambda entry: entry["id"])
def test_reference_values(entry: dict[str, Any]) -> None:
    data, expected, tolerance = entry["data"], entry["result"], entry["tolerance"]
    result = equivalence_test(data["k"], data["n"], paradigm="2afc", bound=data["upper_bound"])
    # The file holds eight decimals of the p-values and limits.
    assert result.p_value == pytest.approx(
        expected["p_one_sided_upper"], abs=max(tolerance["p"], 5e-9)
    )
    assert result.p_value_tost == pytest.approx(expected["p_tost"], abs=max(tolerance["p"], 5e-9))
    assert result.interval.high == pytest.approx(
        expected["upper_95_one_sided"], abs=tolerance["upper"]
    )
    assert result.lower_bound_proportion == pytest.approx(data["lower_bound"])
    assert (result.verdict in ("equivalent", "both")) is expected["equivalent_at_5pct"]


def test_a_bound_in_three_languages() -> None:
    as_share = equivalence_test(210, 400, paradigm="abx", bound=0.6)
    as_people = equivalence_test(210, 400, paradigm="abx", bound=0.2, bound_on="discriminators")
    as_d_prime = equivalence_test(
        210, 400, paradigm="abx", bound=float(d_prime(0.6, paradigm="abx")), bound_on="d_prime"
    )
    differencing = equivalence_test(
        210,
        400,
        paradigm="abx",
        bound=float(d_prime(0.6, paradigm="abx", model="differencing")),
        bound_on="d_prime",
        model="differencing",
    )
    for other in (as_people, as_d_prime, differencing):
        assert other.p_value == pytest.approx(as_share.p_value, rel=1e-9)
        assert other.interval.high == as_share.interval.high
    assert as_people.smallest_rejected_bound == pytest.approx(2 * as_share.interval.high - 1)
    assert as_d_prime.smallest_rejected_bound == as_d_prime.interval_d_prime.high
    assert differencing.model == "differencing"
    assert "% discriminators" in as_people.wording
    assert "d′ = " in as_d_prime.wording


@pytest.mark.parametrize(
    ("n_correct", "n_trials", "bound", "verdict"),
    [
        (200, 400, 0.6, "equivalent"),
        (440, 800, 0.6, "both"),
        (270, 400, 0.6, "different"),
        (26, 50, 0.55, "undecided"),
        (GUESSING, 40, 0.6, "equivalent"),
        (HEARING, 40, 0.6, "different"),
        (GUESSING[:6], 40, 0.55, "undecided"),
        ([62] * 20, 120, 0.65, "equivalent"),
        ([66] * 20, 120, 0.65, "both"),
    ],
)
def test_four_verdicts(n_correct: Any, n_trials: int, bound: float, verdict: str) -> None:
    result = equivalence_test(n_correct, n_trials, paradigm="abx", bound=bound)
    assert result.verdict == verdict
    assert (result.p_value <= 0.05) is (verdict in ("equivalent", "both"))
    assert (result.p_value_difference <= 0.05) is (verdict in ("different", "both"))
    openings = {
        "equivalent": "Equivalent within the bound.",
        "both": "Audible, but less than the bound.",
        "different": "Different.",
        "undecided": "Undecided.",
    }
    assert result.wording.startswith(openings[verdict])
    assert "inaudible" not in result.wording
    assert ("This is no evidence" in result.wording) is (verdict == "undecided")


def test_a_small_study_that_finds_nothing_claims_nothing() -> None:
    result = equivalence_test(8, 16, paradigm="abx", bound=0.6)
    assert result.p_value_difference > 0.5
    assert result.verdict == "undecided"
    assert any("could not have supported" in text for text in result.warnings)


@pytest.mark.parametrize("bound", [None, float("nan"), "wide", 0.5, 0.4, 1.0])
def test_no_claim_without_a_bound(bound: Any) -> None:
    with pytest.raises(DataError) as caught:
        equivalence_test(50, 100, paradigm="abx", bound=bound)
    assert "before the data are seen" in caught.value.remedy
    with pytest.raises(DataError):
        equivalence_test(50, 100, paradigm="abx")


@pytest.mark.parametrize(
    "options",
    [
        {"paradigm": "yes_no"},
        {"paradigm": "same_different"},
        {"paradigm": "no such"},
        {"bound_on": "no such"},
        {"bound_on": "d_prime", "bound": -1.0},
        {"bound_on": "discriminators", "bound": 1.0},
        {"alpha": 0.0},
        {"alpha": 0.7},
        {"model": "no such"},
        {"largest_spread": -0.1},
        {"largest_spread": 0.7},
        {"unit": "listeners"},
        {"unit": "studies"},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        equivalence_test(50, 100, **({"paradigm": "abx", "bound": 0.6} | options))


def test_pooling_warns() -> None:
    once = equivalence_test(318, 640, paradigm="abx", bound=0.6, n_listeners=16)
    pooled = equivalence_test(GUESSING, 40, paradigm="abx", bound=0.6, unit="trials")
    for result in (once, pooled):
        assert result.unit == "trials"
        assert any("26 %" in text for text in result.warnings)
        assert "pooled over listeners" in result.wording
    assert pooled.p_value < equivalence_test(GUESSING, 40, paradigm="abx", bound=0.6).p_value


def test_listeners_are_the_unit() -> None:
    result = equivalence_test(GUESSING, 40, paradigm="abx", bound=0.6)
    assert (result.unit, result.n_listeners, result.n_trials) == ("listeners", 16, 640)
    assert result.estimate == pytest.approx(np.mean(GUESSING) / 40)
    assert result.largest_spread == 0.15
    assert result.observed_spread == 0.0
    # Not exactly the p-value of a formula: guarded against a large change of method.
    assert result.p_value == pytest.approx(0.0016, abs=0.0008)
    chance = binomial_test(sum(GUESSING), 640, chance=0.5)
    assert result.p_value_difference == pytest.approx(chance.p_value, rel=1e-12)
    labels = [letter for letter in "abcdefghijklmnop" for _ in range(2)]
    halves = [part for count in GUESSING for part in (count - 8, 8)]
    assert equivalence_test(
        halves, [20] * 32, paradigm="abx", bound=0.6, listener=labels
    ).p_value == pytest.approx(result.p_value, rel=1e-12)


def test_one_listener_among_sequences_is_exact_and_said_so() -> None:
    result = equivalence_test([210], [400], paradigm="abx", bound=0.6)
    assert result.p_value == equivalence_test(210, 400, paradigm="abx", bound=0.6).p_value
    assert "one listener" in result.warnings[0]


def test_one_detector_among_guessers_prevents_the_claim() -> None:
    without = equivalence_test([*GUESSING[:9], 20], 40, paradigm="abx", bound=0.6)
    with_one = equivalence_test([*GUESSING[:9], 40], 40, paradigm="abx", bound=0.6)
    assert without.verdict == "equivalent"
    assert with_one.p_value > 0.2
    three = equivalence_test([*GUESSING[:9], 40, 40, 40], 40, paradigm="abx", bound=0.6)
    assert three.observed_spread == pytest.approx(0.214, abs=0.001)
    assert any("spread more" in text for text in three.warnings)


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize(
    ("counts", "n_trials", "paradigm"),
    [(GUESSING, 40, "abx"), (HEARING, 40, "abx"), ([7, 6, 8, 9, 5, 7], 20, "oddity")],
)
def test_limits_agree_with_p_values(
    counts: list[int], n_trials: int, paradigm: str, two_sided: bool
) -> None:
    chance = 0.5 if paradigm == "abx" else 1 / 3
    for bound in (chance + 0.04, chance + 0.1, chance + 0.2, 0.95):
        result = equivalence_test(
            counts, n_trials, paradigm=paradigm, bound=bound, two_sided=two_sided
        )
        assert (result.p_value <= 0.05) is (result.interval.high <= bound)
        if two_sided:
            inside = result.interval.low >= result.lower_bound_proportion
            assert (result.p_value_tost <= 0.05) is (inside and result.interval.high <= bound)
            assert result.interval.coverage == pytest.approx(0.9)
        assert result.interval.low < result.estimate < result.interval.high


def test_two_sided_looks_below_chance_too() -> None:
    below = equivalence_test(30, 100, paradigm="abx", bound=0.6)
    both_sides = equivalence_test(30, 100, paradigm="abx", bound=0.6, two_sided=True)
    assert below.verdict == "equivalent"
    assert both_sides.verdict == "undecided"
    assert both_sides.p_value_tost > 0.9
    assert any("check the scoring" in text for text in below.warnings)
    # The smallest symmetric bound is on the other side of chance: 1 − the lower limit.
    assert both_sides.smallest_rejected_bound == pytest.approx(1.0 - both_sides.interval.low)


def test_all_correct_rejects_no_bound() -> None:
    result = equivalence_test(20, 20, paradigm="3afc", bound=0.5)
    assert result.smallest_rejected_bound is None
    assert result.interval.high == 1.0
    assert result.interval_d_prime.high == np.inf
    assert equivalence_test(0, 20, paradigm="3afc", bound=0.5).smallest_rejected_bound == (
        pytest.approx(1 / 3)
    )


def test_a_further_correct_response_never_helps() -> None:
    counts = np.array(GUESSING[:8])
    base = equivalence_test(counts, 40, paradigm="abx", bound=0.6).p_value
    for at in range(8):
        for more in (1, 5, 15):
            raised = counts.copy()
            raised[at] += more
            assert equivalence_test(raised, 40, paradigm="abx", bound=0.6).p_value >= base


def test_a_larger_spread_to_withstand_makes_the_claim_harder() -> None:
    p_values = [
        equivalence_test(GUESSING, 40, paradigm="abx", bound=0.6, largest_spread=spread).p_value
        for spread in (0.0, 0.05, 0.15, 0.25)
    ]
    assert p_values == sorted(p_values)
    pooled = equivalence_test(sum(GUESSING), 640, paradigm="abx", bound=0.6).p_value
    assert p_values[0] == pytest.approx(pooled, rel=0.2)


def test_results_are_plain_and_repeatable() -> None:
    first, second = (
        equivalence_test(GUESSING, 40, paradigm="abx", bound=0.6, two_sided=True) for _ in range(2)
    )
    assert isinstance(first, EquivalenceTest)
    assert first == second
    as_text = json.dumps(first.to_dict())
    assert '"verdict": "equivalent"' in as_text


def test_the_search_for_the_limit_always_ends() -> None:
    """Two listeners with nearly equal counts: the root was once crept up to from one side."""
    for counts in ([9, 10], [10, 10], [0, 20], [20, 20], [1, 0]):
        test = equivalence_test(counts, [20, 20], paradigm="abx", bound=0.7)
        limit = test.smallest_rejected_bound
        assert limit is None or 0.0 < limit <= 1.0

"""Stop rules: what meets them, what never can, and the error rates of the sequential tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from jndlab.study.procedures.sequential import Evidence, SequentialTest
from jndlab.study.procedures.stopping import (
    AfterReversals,
    AfterTrials,
    AllOf,
    AnyOf,
    IntervalWidth,
    Means,
    Reached,
    StopRule,
    describe,
    fewest_trials,
    most_trials,
    stop_problems,
    stop_reason,
)
from jndlab.study.procedures.track import Outcome

LEVELS = (1.0, 2.0, 3.0)
STAIRCASE = Means(fewest_for_reversals=lambda n: 2 * n, levels=LEVELS)
POSTERIOR = Means(finest_interval=0.5, levels=LEVELS)
RIGHT, WRONG = Outcome(1.0, True), Outcome(1.0, False)


def test_rules_are_met() -> None:
    reached = Reached(outcomes=[RIGHT] * 20, n_reversals=4, interval=lambda mass: (0.0, 3.0 * mass))
    assert stop_reason(AfterTrials(20), reached) == "20 trials"
    assert stop_reason(AfterTrials(21), reached) is None
    assert stop_reason(AfterReversals(4), reached) == "4 reversals"
    assert stop_reason(AfterReversals(5), reached) is None
    assert stop_reason(IntervalWidth(1.5, 0.5), reached) == "interval narrower than 1.5"
    assert stop_reason(IntervalWidth(1.5, 0.9), reached) is None
    assert stop_reason(IntervalWidth(1.5), Reached(outcomes=[RIGHT])) is None
    both = (AfterTrials(20), AfterReversals(5))
    assert stop_reason(AnyOf(both), reached) == "20 trials"
    assert stop_reason(AllOf(both), reached) is None
    assert stop_reason(AllOf((AfterTrials(5), AfterReversals(4))), reached) == (
        "5 trials and 4 reversals"
    )


def test_limits_of_combined_rules() -> None:
    rule = AnyOf((AllOf((AfterTrials(30), AfterReversals(8))), AfterTrials(90)))
    assert (most_trials(rule), fewest_trials(rule, STAIRCASE)) == (90, 30)
    assert most_trials(AllOf((AfterTrials(30), AfterTrials(40)))) == 40
    assert most_trials(AfterReversals(4)) == math.inf
    assert describe(rule) == "30 trials and 8 reversals or 90 trials"
    assert describe(IntervalWidth(1.5)) == "a 95 % interval of 1.5"
    assert describe(AnyOf((Evidence(), SequentialTest(level=2.0)))) == (
        "an e-value of 20 or a sequential test at level 2"
    )


@pytest.mark.parametrize(
    ("rule", "means", "said"),
    [
        (AfterTrials(0), STAIRCASE, "0 trials is none"),
        (AfterReversals(0), STAIRCASE, "0 reversals is none"),
        (AfterReversals(8), POSTERIOR, "no reversals to stop by"),
        (AfterReversals(8), STAIRCASE, "no limit"),
        (AllOf((AfterTrials(80), AfterReversals(8))), STAIRCASE, "no limit"),
        (AnyOf((AfterReversals(50), AfterTrials(80))), STAIRCASE, "50 reversals can never be met"),
        (AnyOf((AfterTrials(90), AfterTrials(80))), STAIRCASE, "90 trials can never be met"),
        (IntervalWidth(1.0), STAIRCASE, "no posterior"),
        (IntervalWidth(1.0), POSTERIOR, "no limit"),
        (IntervalWidth(0.0), POSTERIOR, "width 0"),
        (IntervalWidth(1.0, 1.0), POSTERIOR, "holds 1 of"),
        (AnyOf((IntervalWidth(0.4), AfterTrials(80))), POSTERIOR, "can never be met"),
        (AnyOf(()), STAIRCASE, "empty"),
        (AllOf(()), STAIRCASE, "empty"),
        (SequentialTest(level=1.0), STAIRCASE, "no limit"),
        (AnyOf((SequentialTest(level=1.0), AfterTrials(4))), STAIRCASE, "takes 5 trials"),
        (SequentialTest(level=9.0), STAIRCASE, "level 9"),
        (SequentialTest(level=1.0, alternative=0.5), STAIRCASE, "cannot tell"),
        (SequentialTest(level=1.0, alpha=0.6, beta=0.4), STAIRCASE, "control nothing"),
        (Evidence(alpha=0.0), STAIRCASE, "error rate of 0"),
        (Evidence(), STAIRCASE, "no limit"),
        (AnyOf((Evidence(), AfterTrials(6))), STAIRCASE, "takes 7 trials"),
        (AnyOf((Evidence(null=0.9999), AfterTrials(60))), STAIRCASE, "infinitely many"),
    ],
)
def test_rules_that_cannot_serve(rule: StopRule, means: Means, said: str) -> None:
    found = stop_problems(rule, means)
    assert any(said in problem.message for problem in found), found


@pytest.mark.parametrize(
    ("rule", "means"),
    [
        (AfterTrials(1), POSTERIOR),
        (AnyOf((AfterReversals(40), AfterTrials(80))), STAIRCASE),
        (AnyOf((IntervalWidth(0.5), AfterTrials(80))), POSTERIOR),
        (AnyOf((SequentialTest(level=2.0), Evidence(), AfterTrials(80))), POSTERIOR),
        (AnyOf((AllOf((AfterTrials(30), AfterReversals(8))), AfterTrials(80))), STAIRCASE),
    ],
)
def test_rules_that_can_serve(rule: StopRule, means: Means) -> None:
    assert stop_problems(rule, means) == []


def test_sequential_test_by_hand() -> None:
    test = SequentialTest(level=1.0, null=0.5, alternative=0.75, alpha=0.05, beta=0.05)
    # ln 19 = 2.944; each right answer adds ln 1.5 = 0.405, each wrong one takes ln 2 = 0.693.
    assert test.verdict([RIGHT] * 7) is None
    assert test.verdict([RIGHT] * 8) == "sequential test: heard at level 1"
    assert test.verdict([WRONG] * 4) is None
    assert test.verdict([WRONG] * 5) == "sequential test: not heard at level 1"
    assert test.verdict([*[RIGHT] * 8, *[WRONG] * 40]) == "sequential test: heard at level 1"
    assert test.verdict([Outcome(2.0, True)] * 50) is None
    assert test.fewest_trials() == 5


def ends(test: SequentialTest, p: float, n_trials: int = 2000) -> tuple[float, float]:
    """Exact chances that the test ends with "heard" and with "not heard"."""
    upper, lower = math.log(0.95 / 0.05), math.log(0.05 / 0.95)
    right, wrong = math.log(0.75 / 0.5), math.log(0.25 / 0.5)
    going, heard, unheard = {0: 1.0}, 0.0, 0.0
    for n in range(1, n_trials + 1):
        after: dict[int, float] = {}
        for k, chance in going.items():
            for new, share in ((k + 1, p), (k, 1.0 - p)):
                ratio = new * right + (n - new) * wrong
                if ratio >= upper:
                    heard += chance * share
                elif ratio <= lower:
                    unheard += chance * share
                else:
                    after[new] = after.get(new, 0.0) + chance * share
        going = after
    return heard, unheard


def test_the_sequential_test_keeps_its_error_rates() -> None:
    test = SequentialTest(level=1.0)
    false_alarm, correct_rejection = ends(test, 0.5)
    hit, miss = ends(test, 0.75)
    assert 0.02 < false_alarm <= 0.05
    assert 0.02 < miss <= 0.05
    assert false_alarm + correct_rejection == pytest.approx(1.0, abs=1e-9)
    assert hit + miss == pytest.approx(1.0, abs=1e-9)


def test_the_e_value_is_the_mixed_likelihood_ratio() -> None:
    for null, k, n in ((0.5, 15, 20), (1 / 3, 9, 20), (0.5, 0, 3)):
        mixed = quad(lambda p, k=k, n=n: p**k * (1 - p) ** (n - k), null, 1)[0] / (1 - null)
        expected = mixed / (null**k * (1 - null) ** (n - k))
        found = float(np.exp(Evidence(null=null).log_e_value(k, n)))
        assert found == pytest.approx(expected, rel=1e-9)
    assert float(Evidence().log_e_value(0, 3000)) == -math.inf


def test_the_e_value_keeps_its_error_rate_however_often_one_looks() -> None:
    evidence = Evidence()
    going = np.zeros(601)
    going[0], crossed = 1.0, 0.0
    for n in range(1, 601):
        going[1:] = 0.5 * going[1:] + 0.5 * going[:-1]
        going[0] *= 0.5
        over = evidence.log_e_value(np.minimum(np.arange(601), n), n) >= math.log(20.0)
        crossed += going[over].sum()
        going[over] = 0.0
    assert 0.01 < crossed <= 0.05


def test_evidence_by_hand() -> None:
    evidence = Evidence()
    assert evidence.verdict([]) is None
    # n right answers: (2^(n + 1) − 1) / (n + 1), 18.1 for six and 31.9 for seven.
    assert evidence.verdict([RIGHT] * 6) is None
    assert evidence.verdict([RIGHT] * 7) == "sequential test: guessing ruled out"
    assert evidence.verdict([*[RIGHT] * 8, *[WRONG] * 30]) == "sequential test: guessing ruled out"
    assert evidence.fewest_trials() == 7
    assert evidence.verdict([RIGHT, WRONG] * 200) is None

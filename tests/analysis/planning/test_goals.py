"""Goals: judged by the analyses that the real study gets, at their nominal error rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.fits.bootstrap import bootstrap_listeners
from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.planning.goals import (
    TOO_FEW,
    DifferenceGoal,
    EquivalenceGoal,
    ThresholdGoal,
    counts_at,
)
from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.simulation import SimulatedStudy
from jndlab.errors import DataError, FitError

SEED = 7
EARS = CurveListeners(
    levels=(1, 2, 3, 4, 5), paradigm="abx", threshold=3.0, width=2.5, threshold_spread=0.4
)


def study_of(n_correct: list[int], n_trials: int, paradigm: str = "abx") -> SimulatedStudy:
    counts = np.array(n_correct, dtype=float)[:, None]
    return SimulatedStudy(
        levels=np.array([2.0]),
        n_correct=counts,
        n_trials=np.full_like(counts, n_trials),
        paradigm=paradigm,
        n_recruited=len(counts),
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def test_the_difference_is_the_t_test_over_listeners() -> None:
    from scipy.stats import ttest_1samp

    correct = [12, 15, 11, 13, 9, 14, 12, 16]
    result = ttest_1samp(np.array(correct) / 20, 0.5, alternative="greater")
    study = study_of(correct, 20)
    assert DifferenceGoal(alpha=result.pvalue * 1.001).judge(study, rng()).reached
    assert not DifferenceGoal(alpha=result.pvalue * 0.999).judge(study, rng()).reached
    interval = ttest_1samp(np.array(correct) / 20, 0.5).confidence_interval(0.95)
    assert DifferenceGoal().judge(study, rng()).width == pytest.approx(interval.high - interval.low)


def test_equal_proportions_are_judged_by_the_exact_test() -> None:
    # Two listeners with 3 of 4: no spread at all, and yet no evidence (6 of 8, p = 0.145).
    assert not DifferenceGoal().judge(study_of([3, 3], 4), rng()).reached
    assert DifferenceGoal().judge(study_of([9, 9], 10), rng()).reached


@pytest.mark.parametrize("paradigm", ["abx", "3afc", "5afc"])
@pytest.mark.parametrize(("n_listeners", "n_trials"), [(2, 4), (4, 8), (8, 1), (12, 20)])
def test_false_alarms_of_the_difference_stay_below_alpha(
    paradigm: str, n_listeners: int, n_trials: int
) -> None:
    nobody = ProportionListeners(
        paradigm=paradigm, proportion_correct={"abx": 1 / 2, "3afc": 1 / 3, "5afc": 1 / 5}[paradigm]
    )
    generator, goal = rng(), DifferenceGoal()
    found = [
        goal.judge(
            nobody(generator, n_listeners=n_listeners, trials_per_level=n_trials), generator
        ).reached
        for _ in range(2000)
    ]
    assert np.mean(found) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_the_threshold_is_the_interval_of_the_bootstrap_over_listeners() -> None:
    study = EARS(rng(), n_listeners=10, trials_per_level=12)
    group = bootstrap_listeners(
        study.levels, study.n_correct, study.n_trials, paradigm="abx", seed=SEED, n_resamples=400
    )
    width = group.threshold_at(0.75).interval.length
    found = ThresholdGoal(interval_width=width * 1.001).judge(study, rng())
    assert found == (True, width, "")
    assert not ThresholdGoal(interval_width=width * 0.999).judge(study, rng()).reached
    other = ThresholdGoal(interval_width=1.0, target_probability=0.85).judge(study, rng())
    assert other.width == pytest.approx(group.threshold_at(0.85).interval.length)


def test_a_level_that_nobody_heard_is_left_out() -> None:
    # An adaptive procedure visits what it wants to.
    study = EARS(rng(), n_listeners=10, trials_per_level=12)
    seen = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    partly = replace(study, n_correct=study.n_correct * seen, n_trials=study.n_trials * seen)
    four = replace(
        study,
        levels=study.levels[:4],
        n_correct=study.n_correct[:, :4],
        n_trials=study.n_trials[:, :4],
    )
    goal = ThresholdGoal(interval_width=1.0)
    assert goal.judge(partly, rng()) == goal.judge(four, rng())


def test_a_threshold_outside_the_tested_levels_is_not_reached() -> None:
    beyond = CurveListeners(levels=(1, 2, 3), paradigm="abx", threshold=4.5, width=1.0)
    study = beyond(rng(), n_listeners=12, trials_per_level=40)
    assert not ThresholdGoal(interval_width=1e6).judge(study, rng()).reached


def test_a_failed_analysis_is_a_failed_study_and_says_why() -> None:
    one_left = EARS(rng(), n_listeners=1, trials_per_level=12)
    found = ThresholdGoal(interval_width=1.0).judge(one_left, rng())
    assert (found.reached, found.width) == (False, np.inf)
    assert "at least two" in found.problem
    goals = (DifferenceGoal(), EquivalenceGoal(bound=0.6))
    for problem in (goal.judge(study_of([5], 9), rng()).problem for goal in goals):
        assert problem == TOO_FEW


def test_a_target_that_no_curve_has_is_an_error_not_a_failure() -> None:
    study = EARS(rng(), n_listeners=10, trials_per_level=12)
    with pytest.raises(FitError):
        ThresholdGoal(interval_width=1.0, target_probability=0.4).judge(study, rng())


@pytest.mark.parametrize(
    "correct", [[20, 21, 19, 20, 22, 18, 20, 21], [26, 22, 24, 21, 25, 23, 22, 26], [35] * 8]
)
def test_equivalence_is_the_verdict_of_the_test_over_listeners(correct: list[int]) -> None:
    result = equivalence_test(correct, [40] * 8, paradigm="abx", bound=0.65)
    found = EquivalenceGoal(bound=0.65).judge(study_of(correct, 40), rng())
    assert found.reached == (result.verdict in ("equivalent", "both"))
    assert found.width == result.interval.length


def test_the_level_is_found_or_asked_for() -> None:
    study = EARS(rng(), n_listeners=3, trials_per_level=10)
    correct, trials = counts_at(study, 4.0)
    assert np.array_equal(correct, study.n_correct[:, 3])
    assert trials.tolist() == [10, 10, 10]
    with pytest.raises(DataError, match="several levels: 1, 2, 3, 4, 5"):
        counts_at(study, None)
    with pytest.raises(DataError, match=r"no level 4\.5"):
        counts_at(study, 4.5)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (ThresholdGoal, {"interval_width": 0.0}),
        (ThresholdGoal, {"interval_width": 1.0, "coverage": 95}),
        (DifferenceGoal, {"alpha": 5}),
        (EquivalenceGoal, {"bound": 0.6, "alpha": 0.0}),
    ],
)
def test_goals_that_cannot_be(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        kind(**options)

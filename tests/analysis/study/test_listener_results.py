"""One listener's own threshold: the same quantity as the JND, or the reason why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import AnalysisOptions, fit_psychometric
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.listener_results import listener_result

LEVELS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
CORRECT = (39, 37, 34, 27, 22, 19)
TRIALS = (40,) * 6


def result_of(**options):
    part = ListenerCounts(
        condition="bits",
        listeners=(7,),
        levels=LEVELS,
        n_correct=np.array([CORRECT], dtype=float),
        n_trials=np.array([TRIALS], dtype=float),
    )
    return listener_result(
        part, 0, paradigm="abx", direction="falls", options=AnalysisOptions(**options)
    )


@pytest.mark.parametrize("target", [0.6, 0.75, 0.9])
def test_the_threshold_is_the_level_at_the_target_of_the_jnd(target: float) -> None:
    result = result_of(target_probability=target)
    fit = fit_psychometric(
        LEVELS, CORRECT, TRIALS, paradigm="abx", direction="falls", overdispersion=False
    )
    expected = fit.threshold_at(target)
    assert result.threshold == pytest.approx(expected.value)
    assert result.threshold_interval is not None
    assert result.threshold_interval.low == pytest.approx(expected.interval.low)
    assert result.inside_tested_range
    assert result.problem is None


def test_at_the_midpoint_it_is_the_fits_own_threshold() -> None:
    result = result_of()
    assert result.fit is not None
    assert result.threshold == pytest.approx(result.fit.threshold)


def test_easier_targets_lie_at_more_compression() -> None:
    sixty, ninety = (result_of(target_probability=p).threshold for p in (0.6, 0.9))
    assert sixty > ninety  # fewer bits are heard more often


def test_an_impossible_target_is_a_problem_and_no_threshold() -> None:
    result = result_of(target_probability=0.4)
    assert (result.threshold, result.threshold_interval) == (None, None)
    assert result.problem

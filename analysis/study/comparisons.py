"""Do the conditions of a study differ in their thresholds? Every pair that shares its axis."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from jndlab.analysis.groups.compare import compare_conditions
from jndlab.analysis.groups.comparison import ConditionComparison
from jndlab.analysis.study.condition import FEWEST_LISTENERS
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.errors import JndlabError


def comparisons_of(
    parts: tuple[ListenerCounts, ...],
    conditions: tuple[ConditionAnalysis, ...],
    *,
    options: AnalysisOptions,
) -> tuple[tuple[ConditionComparison, ...], tuple[str, ...]]:
    """Likelihood-ratio tests of a shift between pairs of conditions, and what could not be tested.

    Compared are conditions whose levels have the same unit and direction: 3 fraction bits and a
    sparsity of 0.8 are not on one axis.
    """
    if not options.group_model:
        return (), ()
    found: list[ConditionComparison] = []
    warnings: list[str] = []
    analysed = {condition.condition: condition for condition in conditions}
    for one, other in combinations(parts, 2):
        first, second = analysed[one.condition], analysed[other.condition]
        if (first.level_unit, first.direction) != (second.level_unit, second.direction):
            continue
        if min(len(one.listeners), len(other.listeners)) < FEWEST_LISTENERS:
            continue
        try:
            found.append(_compare(one, other, first, options))
        except JndlabError as error:
            warnings.append(
                f"{one.condition} and {other.condition} could not be compared. {error.message}"
            )
    return tuple(found), tuple(warnings)


def _compare(
    one: ListenerCounts,
    other: ListenerCounts,
    first: ConditionAnalysis,
    options: AnalysisOptions,
) -> ConditionComparison:
    rows = [_rows(part) for part in (one, other)]
    listener, level, n_correct, n_trials = (
        np.concatenate(columns) for columns in zip(*rows, strict=True)
    )
    labels = [part.condition for part, row in zip((one, other), rows, strict=True) for _ in row[0]]
    return compare_conditions(
        listener.tolist(),
        level,
        n_correct,
        n_trials,
        labels,
        paradigm=first.paradigm,
        test="shift",
        sigmoid=options.sigmoid,
        direction=first.direction,
        lapse_rate=options.lapse_prior,
        coverage=options.coverage,
    )


def _rows(part: ListenerCounts) -> tuple[np.ndarray, ...]:
    row, column = np.nonzero(part.n_trials)
    return (
        np.array(part.listeners)[row],
        np.array(part.levels)[column],
        part.n_correct[row, column],
        part.n_trials[row, column],
    )

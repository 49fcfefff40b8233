"""Learning and fatigue: does correctness change along the session, at equal levels?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.session_rows import require_one_study
from jndlab.analysis.study.within_listeners import (
    MeanEffect,
    effect_within_strata,
    mean_over_listeners,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """One block, averaged over the listeners who have it."""

    block: int
    n_listeners: int
    n_trials: int
    proportion_correct: float
    """Pooled, as it is: blocks may differ in their levels."""
    deviation: float
    """Proportion correct above each listener's own at the same levels, mean over listeners."""
    interval: ConfidenceInterval | None
    """Of the deviation, by t over listeners; None with fewer than three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How correctness changes with the trial number, at equal levels."""

    trend: MeanEffect
    """Change in proportion correct from the first to the last trial of a session, by a straight
    line; positive: listeners got better."""
    halves: MeanEffect
    """Proportion correct in the second half of the session less that in the first."""
    blocks: tuple[BlockResult, ...]
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_learning(table: TrialTable, *, coverage: float = 0.95) -> Learning:
    """Trend over trials, difference of halves, and blocks; the listener is the unit.

    Within each listener correctness is regressed on the trial number within cells of equal
    condition and level, so that a hard level late in the session is no fatigue (score test: Mantel
    1963, *J. Am. Stat. Assoc.* 58, 690–700). The mean over listeners is tested by t. A trend makes
    intervals too narrow and more trials do not mend it (Fründ, Haenel & Wichmann 2011, *Journal of
    Vision* 11(6):16). Levels at floor and ceiling cannot change, so the mean change is less than at
    the threshold. Answered test trials.

    DataError: none, several studies, mixed sessions.

    >>> from jndlab.analysis.study.example import example_trials
    >>> learning = check_learning(example_trials(learning=4.0))
    >>> round(learning.trend.estimate, 2), round(learning.trend.p_value, 3)
    (0.17, 0.006)
    """
    check_coverage(coverage)
    trials = scored_trials(table)
    require_one_study(trials)
    position = _position(trials)
    cells = listener_cells(trials)
    return Learning(
        trend=_effect("change along the session", trials, position, cells, coverage),
        halves=_effect("second half less first", trials, position > 0.5, cells, coverage),
        blocks=_blocks(trials, cells, coverage),
        method="correctness on trial number within listener, condition and level; mean over "
        "listeners with t interval and test",
    )


def listener_cells(trials: TrialTable) -> NDArray[np.intp]:
    """A number for every combination of listener, condition and level; shape (trials,).

    >>> from jndlab.analysis.study.example import example_trials
    >>> len(set(listener_cells(example_trials(n_listeners=3)).tolist()))
    24
    """
    cells = np.zeros(len(trials), dtype=np.intp)
    for name in ("participant", "condition", "level"):
        values, number = np.unique(trials[name], return_inverse=True)
        cells = cells * max(len(values), 1) + number
    return cells


def _position(trials: TrialTable) -> Floats:
    """Place of each trial in the main part of its session: 0 the first, 1 the last analysed."""
    position = np.zeros(len(trials))
    for session in np.unique(trials["session"]):
        rows = trials["session"] == session
        numbers = trials["trial"][rows].astype(float)
        position[rows] = (numbers - numbers.min()) / max(np.ptp(numbers), 1.0)
    return position


def _effect(
    name: str,
    trials: TrialTable,
    covariate: NDArray[Any],
    cells: NDArray[np.intp],
    coverage: float,
) -> MeanEffect:
    effects = []
    for listener in np.unique(trials["participant"]):
        rows = trials["participant"] == listener
        found = effect_within_strata(covariate[rows], trials["correct"][rows], cells[rows])
        if found is not None:
            effects.append((int(listener), *found))
    return mean_over_listeners(
        name,
        effects,
        coverage=coverage,
        method="slope of correctness within condition and level, mean over listeners",
    )


def _blocks(
    trials: TrialTable, cells: NDArray[np.intp], coverage: float
) -> tuple[BlockResult, ...]:
    correct = trials["correct"].astype(float)
    _, where = np.unique(cells, return_inverse=True)
    n = np.bincount(where)
    residual = correct - (np.bincount(where, weights=correct) / n)[where]
    found = []
    for block in np.unique(trials["block"]):
        rows = trials["block"] == block
        listeners, who = np.unique(trials["participant"][rows], return_inverse=True)
        means = np.bincount(who, weights=residual[rows]) / np.bincount(who)
        effect = mean_over_listeners(
            f"block {block}",
            [(int(one), float(mean), 0.0) for one, mean in zip(listeners, means, strict=True)],
            coverage=coverage,
        )
        found.append(
            BlockResult(
                block=int(block),
                n_listeners=len(listeners),
                n_trials=int(rows.sum()),
                proportion_correct=float(correct[rows].mean()),
                deviation=float(means.mean()),
                interval=effect.interval,
            )
        )
    return tuple(found)

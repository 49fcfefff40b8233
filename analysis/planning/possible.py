"""Goals that no number of listeners can reach, told before hours of simulation."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.inference.equivalence_bounds import bound_scale, require_bound
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.planning.goals import DifferenceGoal, EquivalenceGoal, Goal, ThresholdGoal
from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.simulation import Simulate
from jndlab.errors import DataError

_NOTHING = 1e-3
"""A proportion correct this little above chance is not to be found by any listening test."""


def require_possible(goal: Goal, simulate: Simulate) -> None:
    """Raise DataError where no number of listeners and trials can reach ``goal``.

    What any other simulation than our own listeners would come to is not known here.
    """
    if not isinstance(simulate, CurveListeners | ProportionListeners):
        return
    if isinstance(goal, ThresholdGoal):
        _require_threshold(simulate)
        return
    if not isinstance(goal, DifferenceGoal | EquivalenceGoal):
        return
    expected = _expected(simulate, goal.level)
    chance = require_guess_rate(simulate.paradigm)
    if isinstance(goal, EquivalenceGoal):
        scale = bound_scale(simulate.paradigm, bound_on=goal.bound_on, model=goal.model)
        bound = require_bound(goal.bound, scale).proportion
        if expected >= bound:
            raise DataError(
                f"These listeners are right in {expected:.1%} of the trials, and the bound is "
                f"{bound:.1%}: no number of listeners can show equivalence.",
                "Choose a less compressed level, or a wider bound if you can justify one.",
            )
    elif expected <= chance + _NOTHING:
        raise DataError(
            f"These listeners are right in {expected:.1%} of the trials, which is chance "
            f"({chance:.1%}): there is no difference to be found.",
            "Assume a true difference, such as a more compressed level; to show that there is "
            'none, plan for the goal "equivalence".',
        )


def _require_threshold(simulate: CurveListeners | ProportionListeners) -> None:
    if isinstance(simulate, ProportionListeners) or len(simulate.levels) < 3:
        raise DataError(
            "A threshold needs at least three levels.",
            "Test more levels, on both sides of the threshold, or plan for a test at one level.",
        )
    low, high = min(simulate.levels), max(simulate.levels)
    if not low <= simulate.threshold <= high:
        raise DataError(
            f"The listeners' threshold, {simulate.threshold:g}, lies outside the tested levels "
            f"{low:g} to {high:g}: no number of listeners can locate it there.",
            "Test levels on both sides of the threshold you expect.",
        )


def _expected(simulate: CurveListeners | ProportionListeners, level: float | None) -> float:
    """Proportion correct of the average listener at the level tested."""
    levels = simulate.levels if isinstance(simulate, CurveListeners) else (simulate.level,)
    if level is None and len(levels) == 1:
        level = levels[0]
    if level not in levels:
        shown = ", ".join(f"{one:g}" for one in levels)
        what = "no level is named" if level is None else f"there is no level {level:g}"
        raise DataError(
            f"The levels are {shown}, and {what}.", "Say which one is to be tested: level=..."
        )
    return float(np.asarray(simulate.expected_proportions())[levels.index(level)])

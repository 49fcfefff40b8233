"""Which listeners `jndlab plan` simulates: curves, a proportion correct, or whole sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jndlab.console import Bar
from jndlab.errors import DataError

if TYPE_CHECKING:
    from jndlab.analysis.planning.simulation import Simulate
    from jndlab.session_planning import PooledSessions
    from jndlab.study.definition import Condition, StudyDefinition
    from jndlab.study_planning import Assumptions


def simulation(
    definition: StudyDefinition,
    condition: Condition,
    assumed: Assumptions,
    *,
    goal: str,
    level: float | None,
    whole_sessions: bool,
) -> Simulate:
    """The listeners that the options describe: with a curve, or with a proportion correct."""
    from jndlab.analysis.paradigms import require_guess_rate
    from jndlab.study_planning import SessionListeners, curve_listeners, proportion_listeners

    by_curve = goal == "threshold" or level is not None
    if by_curve and assumed.proportion_correct is not None:
        raise DataError(
            "--proportion-correct is for a test without --level.",
            "Leave it out: at a level the listeners' curves decide (--threshold, --width).",
        )
    if by_curve:
        listeners = curve_listeners(definition, condition, assumed)
        if not whole_sessions:
            return listeners
        return SessionListeners(study=definition, condition=condition.name, listeners=listeners)
    if whole_sessions:
        raise DataError(
            "Whole sessions need listeners with a curve.", "Name the level tested with --level."
        )
    nobody_hears = require_guess_rate(definition.paradigm) if goal == "equivalence" else None
    return proportion_listeners(definition, assumed, default=nobody_hears)


def pooled(
    definition: StudyDefinition,
    condition: Condition,
    assumed: Assumptions,
    *,
    goal: str,
    trials: tuple[int, ...] | None,
    seed: int,
    hidden: bool,
) -> PooledSessions:
    """Sessions of the study's own procedure, from which the simulated studies draw."""
    from jndlab.session_planning import POOL, pool_sessions, require_free_levels
    from jndlab.study_planning import curve_listeners

    require_free_levels(goal)
    if trials is not None:
        raise DataError(
            "How many trials there are is for the procedure's stop rule to say.",
            "Leave --trials out, and change adaptive.stop in the study file.",
        )
    listeners = curve_listeners(definition, condition, assumed)
    with Bar("Simulating sessions", POOL, hidden=hidden) as step:
        return pool_sessions(definition, condition.name, listeners, seed=seed, progress=step)

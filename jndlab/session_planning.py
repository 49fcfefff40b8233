"""Planning for procedures whose levels follow from answers: the procedure itself is simulated.

Such sessions cannot be drawn from a formula, and answering whole sessions anew for every simulated
study would take hours. A pool of them is answered once, and the listeners of each simulated study
are drawn from the pool.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from jndlab.analysis.planning.listeners import CurveListeners
from jndlab.analysis.planning.simulation import Floats, SimulatedStudy
from jndlab.errors import DataError
from jndlab.listeners.memory import simulate_session
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.procedure_words import procedure_name
from jndlab.study.session_parts import all_parts

POOL = 200
"""Sessions that are simulated: enough for studies of some dozens of listeners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledSessions:
    """Listeners who have taken the study's own sessions, drawn anew for every simulated study."""

    listeners: CurveListeners
    procedure: str
    """In words."""
    n_sessions: int
    n_correct: Floats = field(repr=False)
    """Shape (sessions, levels)."""
    n_trials: Floats = field(repr=False)
    """Shape (sessions, levels); 0 where a session did not come to a level."""
    n_gross_right: Floats = field(repr=False)
    """Shape (sessions,)."""

    @property
    def trials_per_level(self) -> int:
        """Trials of a session over levels, on average and rounded."""
        return max(1, round(float(self.n_trials.mean())))

    def __call__(
        self, rng: np.random.Generator, *, n_listeners: int, trials_per_level: int
    ) -> SimulatedStudy:
        """The counts of one study; the number of trials is what the procedure made of it."""
        drawn = rng.choice(self.n_sessions, n_listeners, replace=n_listeners > self.n_sessions)
        attrition = self.listeners.attrition
        stay = attrition.finished(rng, n_listeners)
        stay &= attrition.attentive(self.n_gross_right[drawn])
        return SimulatedStudy(
            levels=np.array(self.listeners.levels),
            n_correct=self.n_correct[drawn][stay],
            n_trials=self.n_trials[drawn][stay],
            paradigm=self.listeners.paradigm,
            direction=self.listeners.direction,
            n_recruited=n_listeners,
        )


def pool_sessions(
    study: StudyDefinition,
    condition: str,
    listeners: CurveListeners,
    *,
    seed: int,
    n_sessions: int = POOL,
    progress: Callable[[], None] = lambda: None,
) -> PooledSessions:
    """So many sessions of the study, of one part and this condition only, answered trial by trial.

    ``progress`` is called after each session.
    """
    study = only_condition(study, condition)
    people = listeners.draw(np.random.default_rng([seed, 1]), n_sessions)
    n_correct, n_trials = np.zeros((2, n_sessions, len(listeners.levels)))
    n_gross_right = np.zeros(n_sessions)
    for number in range(n_sessions):
        truth = Truth(
            threshold=float(people.threshold[number]),
            width=float(people.width[number]),
            lapse_rate=min(float(people.lapse_rate[number]), 0.5),
            sigmoid=listeners.sigmoid,
        )
        listener = SimulatedListener(study=study, truth=truth, seed=seed, participant=number + 1)
        right, given, n_gross_right[number] = session_counts(listener, listeners.levels)
        n_correct[number], n_trials[number] = right, given
        progress()
    [part] = all_parts(study)
    return PooledSessions(
        listeners=listeners,
        procedure=procedure_name(study, part),
        n_sessions=n_sessions,
        n_correct=n_correct,
        n_trials=n_trials,
        n_gross_right=n_gross_right,
    )


def session_counts(
    listener: SimulatedListener, levels: tuple[float, ...]
) -> tuple[Floats, Floats, int]:
    """One session answered trial by trial: right answers and trials at each level, shape (levels,),
    and right answers to gross catch trials."""
    n_correct, n_trials = np.zeros((2, len(levels)))
    n_gross_right = 0
    for record in simulate_session(listener):
        trial, correct = record.trial, bool(record.correct)
        if trial.phase == "main" and trial.kind == "test" and trial.level is not None:
            column = levels.index(trial.level)
            n_trials[column] += 1
            n_correct[column] += correct
        elif trial.kind == "gross":
            n_gross_right += correct
    return n_correct, n_trials, n_gross_right


def require_free_levels(goal: str) -> None:
    """Raise DataError for a goal that an adaptive procedure cannot serve."""
    if goal != "threshold":
        raise DataError(
            "A test at one level needs a number of trials there that no answer changes, and this "
            "study's procedure chooses its own levels.",
            "Plan for a threshold, or use constant-stimuli.",
        )


def only_condition(study: StudyDefinition, condition: str) -> StudyDefinition:
    """The study with this condition alone."""
    stimuli = study.stimuli.model_copy(update={"conditions": (study.condition(condition),)})
    return study.model_copy(update={"stimuli": stimuli})

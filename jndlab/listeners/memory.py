"""A simulated study in memory: the same rows as through a server, in a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from jndlab import __version__
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import count_trials, plan_session
from jndlab.study.progress import next_trial, score
from jndlab.study.rows import Row, SessionFacts, tidy_rows
from jndlab.study.trials import TrialRecord

START = datetime(2000, 1, 1, tzinfo=UTC)
"""When the first trial of every simulated session takes place: no clock is read."""


def simulate_study(
    study: StudyDefinition,
    *,
    truth: Truth,
    n_listeners: int,
    seed: int,
    first_participant: int = 1,
    progress: Callable[[], None] = lambda: None,
    spared: Callable[[int], None] = lambda n_trials: None,
) -> Iterator[Row]:
    """Tidy rows of ``n_listeners`` whole sessions; ``progress`` is called per trial, ``spared`` at
    the end of a session with the number of trials that it did not need."""
    most = count_trials(study)
    for participant in range(first_participant, first_participant + n_listeners):
        listener = SimulatedListener(study=study, truth=truth, seed=seed, participant=participant)
        facts = SessionFacts(
            study_digest=study.digest(),
            session=f"simulated-{participant}",
            kind="simulated",
            state="finished",
            participant=participant,
            slot=participant,
            jndlab_version=__version__,
        )
        records = simulate_session(listener, progress=progress)
        spared(most - len(records))
        yield from tidy_rows(study, facts, records)


def simulate_session(
    listener: SimulatedListener, *, progress: Callable[[], None] = lambda: None
) -> list[TrialRecord]:
    """The records of one whole session."""
    study = listener.study
    plan = plan_session(study, participant=listener.participant, seed=study.seed)
    history: list[TrialRecord] = []
    now = START
    while (trial := next_trial(plan, history)) is not None:
        response = listener.respond(trial)
        answered_at = now + timedelta(milliseconds=response.response_time_ms)
        history.append(
            TrialRecord(
                trial=trial,
                presented_at=now,
                response=response,
                answered_at=answered_at,
                correct=score(study.paradigm, trial, response.value),
            )
        )
        now = answered_at
        progress()
    return history

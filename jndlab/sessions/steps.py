"""Where a stored session stands: its rows, read into :mod:`jndlab.study.flow`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from jndlab.errors import TrialOutOfOrder
from jndlab.store import sessions as rows
from jndlab.store.histories import session_history
from jndlab.store.models import SessionRow
from jndlab.store.questionnaires import answered_occasions
from jndlab.store.studies import definition_of
from jndlab.study.definition import StudyDefinition
from jndlab.study.flow import Done, Step, next_step
from jndlab.study.trials import Trial, TrialRecord


def step_of(
    db: Session, session: SessionRow, *, history: Sequence[TrialRecord] | None = None
) -> Step:
    """What comes next in a session; whoever has read its history already may hand it in."""
    history = session_history(db, session) if history is None else history
    study = definition_of(session.version)
    return next_step(study, rows.plan_of(session), _done_of(db, session, study, history))


def _done_of(
    db: Session,
    session: SessionRow,
    study: StudyDefinition,
    history: Sequence[TrialRecord],
) -> Done:
    """What a session has behind it."""
    asks = session.kind != "simulated" and bool(study.questionnaires)
    return Done(
        checks_over=session.checked_at is not None,
        history=history,
        questionnaires=answered_occasions(db, session.id) if asks else frozenset(),
        asks=asks,
    )


def trial_in_turn(step: Step) -> Trial | None:
    """The trial whose turn it is, or None when all are answered.

    Raises TrialOutOfOrder while a questionnaire comes first.
    """
    if step.occasion is not None:
        raise TrialOutOfOrder("A questionnaire comes first.", "Answer the current questionnaire.")
    return step.trial

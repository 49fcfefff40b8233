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
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Trial, TrialRecord


def step_of(
    db: Session,
    session: SessionRow,
    *,
    study: StudyDefinition | None = None,
    plan: SessionPlan | None = None,
    history: Sequence[TrialRecord] | None = None,
) -> Step:
    """What comes next in a session; whoever has read its parts already may hand them in."""
    study = study or definition_of(session.version)
    asks = session.kind != "simulated" and bool(study.questionnaires)
    done = Done(
        checks_over=session.checked_at is not None,
        history=session_history(db, session) if history is None else history,
        questionnaires=answered_occasions(db, session.id) if asks else frozenset(),
        asks=asks,
    )
    return next_step(study, plan or rows.plan_of(session), done)


def current_trial(db: Session, session: SessionRow, plan: SessionPlan) -> Trial | None:
    """The trial whose turn it is, or None when all are answered.

    Raises TrialOutOfOrder while a questionnaire comes first.
    """
    step = step_of(db, session, plan=plan)
    if step.occasion is not None:
        raise TrialOutOfOrder("A questionnaire comes first.", "Answer the current questionnaire.")
    return step.trial

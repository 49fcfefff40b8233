"""Asking where a session stands, its events, and its end."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from jndlab.errors import RequestInvalid, TrialOutOfOrder
from jndlab.sessions.endings import ENDINGS, leave_of
from jndlab.sessions.leaving import gap_seconds, require_not_expired
from jndlab.sessions.steps import step_of
from jndlab.sessions.views import Position
from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.histories import session_history
from jndlab.store.links import entry_of
from jndlab.store.models import ResumeRow, SessionRow
from jndlab.store.studies import definition_of
from jndlab.study.pace import seconds_per_trial
from jndlab.study.progress import trials_given
from jndlab.study.session_plan import SessionPlan

MAX_EVENTS = 5_000
MAX_EVENT_CHARACTERS = 2_000


def position(store: Store, token: str) -> Position:
    """Where the session of ``token`` stands. Raises TokenInvalid."""
    with store.read() as db:
        session = rows.require_session(db, token)
        return position_of(db, session, rows.plan_of(session))


def resume(store: Store, token: str, key: str) -> Position:
    """Go on with a session in a page that was loaded anew; counted once per ``key``.

    Raises SessionExpired when the study allows it no longer, TokenInvalid.
    """
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        at = position_of(db, session, rows.plan_of(session))
        if session.state != "open" or rows.find_resume(db, session.id, key) is not None:
            return at
        now = datetime.now(UTC)
        require_not_expired(session, definition_of(session.version).design, now)
        gap = gap_seconds(session, now)
        if rows.count_resumes(db, session.id) < MAX_EVENTS:
            db.add(ResumeRow(session_id=session.id, key=key, resumed_at=now, gap_seconds=gap))
        session.last_seen_at = now
        return at


def finish(store: Store, token: str) -> Position:
    """Confirm the end. Raises TrialOutOfOrder if trials are left."""
    at = position(store, token)
    if at.step == "questionnaire":
        raise TrialOutOfOrder("A questionnaire is left.", "Answer the current questionnaire.")
    if at.step != "finished":
        left = at.n_trials - at.n_answered
        raise TrialOutOfOrder(f"{left} trials are left.", "Answer the current trial.")
    return at


def store_event(store: Store, token: str, kind: str, detail: str) -> None:
    """Keep something that the participant's browser reported. Raises RequestInvalid."""
    if len(detail) > MAX_EVENT_CHARACTERS:
        raise RequestInvalid("The event is too long.", f"Send {MAX_EVENT_CHARACTERS} characters.")
    with store.write(shared=True) as db:
        session = rows.session_by_token(db, token, lock=True)
        if rows.count_events(db, session.id) >= MAX_EVENTS:
            raise RequestInvalid("This session has reported too many events.", "Send no more.")
        rows.add_event(db, session, kind, detail, datetime.now(UTC))


def position_of(db: Session, session: SessionRow, plan: SessionPlan) -> Position:
    """Where a session stands."""
    history = session_history(db, session)
    step = step_of(db, session, history=history)
    end = ENDINGS.get(session.state)
    leave = leave_of(db, session, end) if end else None
    return Position(
        step=step.kind if session.state == "open" else session.state,
        link=entry_of(db, session).token,
        version=session.version.number,
        participant=session.participant,
        n_answered=sum(record.response is not None for record in history),
        n_trials=len(trials_given(plan, history)),
        slot=session.slot if session.kind == "simulated" else None,
        completion_code=leave.code if leave else None,
        completion_url=leave.url if leave else None,
        gain_db=session.gain_db,
        questionnaire=step.occasion.questionnaire if step.occasion else None,
        block=step.occasion.block if step.occasion else None,
        seconds_per_trial=seconds_per_trial(history),
    )

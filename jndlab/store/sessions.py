"""Queries about sessions, presented trials and answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from jndlab.errors import SessionWithdrawn, TokenInvalid
from jndlab.store.models import (
    AnswerRow,
    CheckTrialRow,
    ConsentTextRow,
    EventRow,
    PresentedRow,
    ReleasedClipRow,
    ResumeRow,
    SessionRow,
)
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord


def token_digest(token: str) -> str:
    """What the store keeps of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(db: Session, token: str) -> SessionRow | None:
    """The session that a token opens, if there is one."""
    query = select(SessionRow).where(SessionRow.token_digest == token_digest(token))
    return db.scalars(query).one_or_none()


def session_by_token(db: Session, token: str) -> SessionRow:
    """The session that a participant's token opens. Raises TokenInvalid, SessionWithdrawn."""
    session = require_session(db, token)
    if session.state == "withdrawn":
        raise SessionWithdrawn("This session was withdrawn.", "Nothing of it is stored any more.")
    return session


def require_session(db: Session, token: str) -> SessionRow:
    """The session of a token, also one that was withdrawn. Raises TokenInvalid."""
    session = find_session(db, token)
    if session is None:
        raise TokenInvalid(
            "This session is not known here.", "Open the link that you were given once more."
        )
    return session


def next_participant(db: Session, study_id: int, *, kind: str) -> int:
    """The number for the next participant. Call it inside a write transaction."""
    highest = db.scalar(
        select(func.max(SessionRow.participant)).where(
            SessionRow.study_id == study_id, SessionRow.kind == kind
        )
    )
    return (highest or 0) + 1


def plan_of(session: SessionRow) -> SessionPlan:
    """The stored plan of a session."""
    return _parsed_plan(session.plan)


@lru_cache(maxsize=64)
def _parsed_plan(text: str) -> SessionPlan:
    # A plan is stored once and never changed: equal texts are one and the same plan.
    return SessionPlan.from_json(text)


def history_of(db: Session, session_id: int, *, first: int = 0) -> list[TrialRecord]:
    """What was presented to a session so far, in order, from trial number ``first`` on."""
    query = (
        select(PresentedRow)
        .where(
            PresentedRow.session_id == session_id,
            PresentedRow.number >= first,
            PresentedRow.n_loads > 0,
        )
        .order_by(PresentedRow.number)
        .options(selectinload(PresentedRow.answer))
    )
    return [_record(row) for row in db.scalars(query)]


def answered_numbers(db: Session, session_id: int) -> set[int]:
    """Numbers of the trials that have an answer."""
    query = (
        select(PresentedRow.number)
        .join(PresentedRow.answer)
        .where(PresentedRow.session_id == session_id)
    )
    return set(db.scalars(query))


def released(db: Session, session_id: int, number: int) -> PresentedRow | None:
    """The row of a trial, with its clips and its answer, if it was handed out."""
    query = (
        select(PresentedRow)
        .where(PresentedRow.session_id == session_id, PresentedRow.number == number)
        .options(selectinload(PresentedRow.answer), selectinload(PresentedRow.clips))
    )
    return db.scalars(query).one_or_none()


def trial_to_json(trial: Trial) -> str:
    """A trial as the store keeps it."""
    return json.dumps(trial.to_dict(), sort_keys=True, separators=(",", ":"))


def trial_of(row: PresentedRow) -> Trial:
    """The trial that was presented."""
    return Trial.from_dict(json.loads(row.trial))


def released_clip(db: Session, session_id: int, name: str) -> ReleasedClipRow | None:
    """The released clip of that opaque name, if it belongs to the session."""
    query = (
        select(ReleasedClipRow)
        .join(ReleasedClipRow.presented)
        .where(ReleasedClipRow.name == name, PresentedRow.session_id == session_id)
    )
    return db.scalars(query).one_or_none()


def check_trial(db: Session, session_id: int, name: str) -> CheckTrialRow | None:
    """The trial of a check of that opaque name, if it belongs to the session."""
    query = select(CheckTrialRow).where(
        CheckTrialRow.name == name, CheckTrialRow.session_id == session_id
    )
    return db.scalars(query).one_or_none()


def check_trials(db: Session, session_id: int) -> Sequence[CheckTrialRow]:
    """Every trial of a check that a session was given, in order."""
    query = select(CheckTrialRow).where(CheckTrialRow.session_id == session_id)
    return db.scalars(query.order_by(CheckTrialRow.id)).all()


def count_resumes(db: Session, session_id: int) -> int:
    """How often a session was gone on with."""
    query = select(func.count()).where(ResumeRow.session_id == session_id)
    return db.execute(query.select_from(ResumeRow)).scalar_one()


def find_resume(db: Session, session_id: int, key: str) -> ResumeRow | None:
    """The return to a session that a page has told of before."""
    query = select(ResumeRow).where(ResumeRow.session_id == session_id, ResumeRow.key == key)
    return db.scalars(query).one_or_none()


def keep_consent_text(db: Session, version: str, language: str, text: str) -> None:
    """Keep a text that somebody agrees to, once."""
    if db.get(ConsentTextRow, version) is None:
        db.add(ConsentTextRow(version=version, language=language, text=text))


def consent_texts_of(db: Session, study_id: int) -> Sequence[ConsentTextRow]:
    """The texts that participants of a study have agreed to."""
    agreed = select(SessionRow.consent_version).where(SessionRow.study_id == study_id)
    query = select(ConsentTextRow).where(ConsentTextRow.version.in_(agreed))
    return db.scalars(query.order_by(ConsentTextRow.version)).all()


def count_events(db: Session, session_id: int, *, kind: str | None = None) -> int:
    """How many events a session reported; of one kind, or all."""
    query = select(func.count()).where(EventRow.session_id == session_id)
    if kind is not None:
        query = query.where(EventRow.kind == kind)
    return db.execute(query.select_from(EventRow)).scalar_one()


def add_event(db: Session, session: SessionRow, kind: str, detail: str, at: datetime) -> None:
    """Store something that the participant's browser reported."""
    db.add(EventRow(session_id=session.id, kind=kind, detail=detail, received_at=at))


def events_of(db: Session, session_id: int) -> Sequence[EventRow]:
    """What the browser of a session reported, in order."""
    query = select(EventRow).where(EventRow.session_id == session_id).order_by(EventRow.id)
    return db.scalars(query).all()


def sessions_of(db: Session, study_id: int, *, kinds: Sequence[str]) -> Iterator[SessionRow]:
    """The sessions of a study, by kind and number."""
    query = (
        select(SessionRow)
        .where(SessionRow.study_id == study_id, SessionRow.kind.in_(kinds))
        .order_by(SessionRow.kind, SessionRow.participant)
    )
    yield from db.scalars(query)


def _record(row: PresentedRow) -> TrialRecord:
    answer: AnswerRow | None = row.answer
    if answer is None:
        return TrialRecord(trial=trial_of(row), presented_at=row.presented_at, n_loads=row.n_loads)
    return TrialRecord(
        trial=trial_of(row),
        presented_at=row.presented_at,
        n_loads=row.n_loads,
        response=Response(
            value=answer.response,
            response_time_ms=answer.response_time_ms,
            plays=tuple(json.loads(answer.plays)),
            confidence=answer.confidence,
        ),
        answered_at=answer.answered_at,
        correct=answer.correct,
        context_rate_hz=answer.context_rate_hz,
        output_latency_ms=answer.output_latency_ms,
    )

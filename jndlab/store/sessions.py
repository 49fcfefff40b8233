"""Queries about sessions, presented trials and answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, defer

from jndlab.errors import SessionWithdrawn, TokenInvalid
from jndlab.store.base import Base
from jndlab.store.models import (
    CheckTrialRow,
    ConsentTextRow,
    EventRow,
    PresentedRow,
    ReleasedClipRow,
    ResumeRow,
    SessionRow,
    VersionRow,
)
from jndlab.store.plans import parsed_plan
from jndlab.store.prepared import Prepared
from jndlab.store.studies import parsed_definition
from jndlab.study.definition import StudyDefinition
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord


def unknown() -> TokenInvalid:
    """What is told to who names a session that there is not."""
    return TokenInvalid(
        "This session is not known here.", "Open the link that you were given once more."
    )


def withdrawn() -> SessionWithdrawn:
    """What is told to who names a session that was withdrawn."""
    return SessionWithdrawn("This session was withdrawn.", "Nothing of it is stored any more.")


def token_digest(token: str) -> str:
    """What the store keeps of a secret token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(db: Session, token: str, *, lock: bool = False) -> SessionRow | None:
    """The session that a token opens, if there is one; with ``lock``, others wait for it."""
    query = (
        select(SessionRow)
        .where(SessionRow.token_digest == token_digest(token))
        .options(defer(SessionRow.plan))  # large, and seldom asked for: parsed plans are kept
    )
    return db.scalars(query.with_for_update() if lock else query).one_or_none()


def session_by_token(db: Session, token: str, *, lock: bool = False) -> SessionRow:
    """The session that a participant's token opens. Raises TokenInvalid, SessionWithdrawn."""
    session = require_session(db, token, lock=lock)
    if session.state == "withdrawn":
        raise withdrawn()
    return session


def require_session(db: Session, token: str, *, lock: bool = False) -> SessionRow:
    """The session of a token, also one that was withdrawn. Raises TokenInvalid."""
    session = find_session(db, token, lock=lock)
    if session is None:
        raise unknown()
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
    return parsed_plan(session.plan_digest, lambda: session.plan, over=session.state != "open")


_PRESENTED, _ANSWERS = (Base.metadata.tables[name] for name in ("presented_trials", "answers"))
_ANSWER_COLUMNS = (
    "response",
    "response_time_ms",
    "plays",
    "confidence",
    "answered_at",
    "correct",
    "context_rate_hz",
    "output_latency_ms",
)
_HISTORY = Prepared(
    select(
        *(_PRESENTED.c[name] for name in ("trial", "presented_at", "n_loads")),
        *(_ANSWERS.c[name] for name in _ANSWER_COLUMNS),
    )
    .outerjoin(_ANSWERS, _ANSWERS.c.presented_id == _PRESENTED.c.id)
    .where(
        _PRESENTED.c.session_id == bindparam("session"),
        _PRESENTED.c.number >= bindparam("first"),
        _PRESENTED.c.n_loads > 0,
    )
    .order_by(_PRESENTED.c.number),
    "session",
    "first",
)


def history_of(db: Session, session_id: int, *, first: int = 0) -> list[TrialRecord]:
    """What was presented to a session so far, in order, from trial number ``first`` on."""
    return [_record(row) for row in _HISTORY.run(db, {"session": session_id, "first": first})]


def answered_numbers(db: Session, session_id: int) -> set[int]:
    """Numbers of the trials that have an answer."""
    query = (
        select(PresentedRow.number)
        .join(PresentedRow.answer)
        .where(PresentedRow.session_id == session_id)
    )
    return set(db.scalars(query))


def trial_to_json(trial: Trial) -> str:
    """A trial as the store keeps it."""
    return json.dumps(trial.to_dict(), sort_keys=True, separators=(",", ":"))


def trial_from_json(text: str) -> Trial:
    """The trial that :func:`trial_to_json` wrote."""
    return Trial.from_dict(json.loads(text))


_NAMED = (
    select(PresentedRow.session_id, ReleasedClipRow.clip, ReleasedClipRow.noise_seed)
    .join(ReleasedClipRow.presented)
    .where(ReleasedClipRow.name == bindparam("name"))
    .subquery()
)
_RELEASED = (
    select(SessionRow.state, VersionRow.definition, _NAMED.c.clip, _NAMED.c.noise_seed)
    .join(SessionRow.version)
    .outerjoin(_NAMED, _NAMED.c.session_id == SessionRow.id)
    .where(SessionRow.token_digest == bindparam("token"))
)


def released_clip(db: Session, token: str, name: str) -> tuple[StudyDefinition, str | None, int]:
    """The study of a token's session; digest and noise of the released clip of that opaque name.

    One statement, whatever is wrong with the name; no digest, if it is not the session's. Raises
    TokenInvalid, SessionWithdrawn.
    """
    found = db.execute(_RELEASED, {"token": token_digest(token), "name": name}).one_or_none()
    if found is None:
        raise unknown()
    state, definition, clip, noise_seed = found
    if state == "withdrawn":
        raise withdrawn()
    return parsed_definition(definition), clip, noise_seed or 0


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


def _record(row: Any) -> TrialRecord:
    trial = trial_from_json(row.trial)
    if row.response is None:
        return TrialRecord(trial=trial, presented_at=row.presented_at, n_loads=row.n_loads)
    return TrialRecord(
        trial=trial,
        presented_at=row.presented_at,
        n_loads=row.n_loads,
        response=Response(
            value=row.response,
            response_time_ms=row.response_time_ms,
            plays=tuple(json.loads(row.plays)),
            confidence=row.confidence,
        ),
        answered_at=row.answered_at,
        correct=row.correct,
        context_rate_hz=row.context_rate_hz,
        output_latency_ms=row.output_latency_ms,
    )

"""What the live view reads of sessions: how far each is, and what is new in those that moved on.

It is asked every few seconds while participants answer. So :func:`session_pulses` costs the same
whatever the number of stored trials (the head of one row and two index look-ups a session), and the
other functions read single sessions, from a given point on. None of them takes a lock, and none
hands out more of a trial than its kind.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, case, func, select, true
from sqlalchemy.orm import Session

from jndlab.store.models import (
    AnswerRow,
    CheckTrialRow,
    EventRow,
    PresentedRow,
    ResumeRow,
    SessionRow,
)
from jndlab.study.plan import PracticeEnd, SessionPlan
from jndlab.study.trials import Phase, SessionKind, Trial, TrialKind

MAX_IDS = 500
"""In one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPulse:
    """What tells that something has come to a session, as far as indexes and its state know."""

    session_id: int
    participant: int
    version_id: int
    state: str
    last_number: int
    """Of the last trial that was answered; 0: none."""
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMark:
    """A session's row without its plan, and how far it is with its checks."""

    pulse: SessionPulse
    user_agent: str
    opened_at: datetime
    consented_at: datetime | None
    checked_at: datetime | None
    last_seen_at: datetime
    finished_at: datetime | None
    n_checked: int
    """Answers to checks; 0 once the checks are over."""

    @property
    def key(self) -> tuple[object, ...]:
        """Equal as long as nothing has come to the session: answers and events only grow."""
        return (self.pulse, self.checked_at, self.last_seen_at, self.n_checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact:
    """One answer, without what was played."""

    number: int
    phase: Phase
    kind: TrialKind
    response: str
    correct: bool
    response_time_ms: float
    n_plays: int
    """Over all intervals of the trial."""
    context_rate_hz: int | None
    output_latency_ms: float | None
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFact:
    """One trial of a check."""

    place: int
    attempt: int
    correct: bool | None
    """None: not answered yet."""
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFact:
    """One report of the participant's browser."""

    event_id: int
    kind: str
    detail: str
    received_at: datetime


def session_pulses(
    db: Session, study_id: int, *, kind: SessionKind, version_id: int | None = None
) -> list[SessionPulse]:
    """Every session of one kind, by number; of one version only, if that is asked for."""
    rows = db.execute(pulses_query(study_id, kind=kind, version_id=version_id))
    return [
        SessionPulse(
            session_id=row.id,
            participant=row.participant,
            version_id=row.version_id,
            state=row.state,
            last_number=row.last_number or 0,
            last_event_at=row.last_event_at,
        )
        for row in rows
    ]


def pulses_query(
    study_id: int, *, kind: SessionKind, version_id: int | None = None
) -> Select[*tuple[Any, ...]]:
    """The statement behind :func:`session_pulses`.

    It leaves alone what lies behind the plan in a session's row: SQLite would walk through all of
    the plan to get there.
    """
    # The newest answered trial, from the end of an index: a look at three rows, not at all.
    last_number = (
        select(PresentedRow.number)
        .join(PresentedRow.answer)
        .where(PresentedRow.session_id == SessionRow.id)
        .order_by(PresentedRow.number.desc())
        .limit(1)
        .correlate(SessionRow)
        .scalar_subquery()
    )
    last_event_at = (
        select(func.max(EventRow.received_at))
        .where(EventRow.session_id == SessionRow.id)
        .correlate(SessionRow)
        .scalar_subquery()
    )
    query = select(
        SessionRow.id,
        SessionRow.participant,
        SessionRow.version_id,
        SessionRow.state,
        last_number.label("last_number"),
        last_event_at.label("last_event_at"),
    ).where(SessionRow.study_id == study_id, SessionRow.kind == kind)
    if version_id is not None:
        query = query.where(SessionRow.version_id == version_id)
    return query.order_by(SessionRow.participant)


def session_marks(db: Session, pulses: Sequence[SessionPulse]) -> dict[int, SessionMark]:
    """The rows of some sessions, by id."""
    n_checked = (
        select(func.count(CheckTrialRow.answered_at))
        .where(CheckTrialRow.session_id == SessionRow.id)
        .correlate(SessionRow)
        .scalar_subquery()
    )
    checking = and_(SessionRow.checked_at.is_(None), SessionRow.state == "open")
    query = select(
        SessionRow.id,
        SessionRow.user_agent,
        SessionRow.opened_at,
        SessionRow.consented_at,
        SessionRow.checked_at,
        SessionRow.last_seen_at,
        SessionRow.finished_at,
        case((checking, n_checked)).label("n_checked"),
    )
    by_id = {pulse.session_id: pulse for pulse in pulses}
    marks = {}
    for start in range(0, len(pulses), MAX_IDS):
        ids = [pulse.session_id for pulse in pulses[start : start + MAX_IDS]]
        for row in db.execute(query.where(SessionRow.id.in_(ids))):
            marks[row.id] = SessionMark(
                pulse=by_id[row.id],
                user_agent=row.user_agent,
                opened_at=row.opened_at,
                consented_at=row.consented_at,
                checked_at=row.checked_at,
                last_seen_at=row.last_seen_at,
                finished_at=row.finished_at,
                n_checked=row.n_checked or 0,
            )
    return marks


def outline_of(db: Session, session_id: int) -> SessionPlan:
    """The plan of a session without what is tested: numbers, phases and blocks only."""
    entry = func.json_each(SessionRow.plan, "$.trials").table_valued("value", name="entry")
    trials = select(
        func.json_extract(entry.c.value, "$.number", type_=Integer).label("number"),
        func.json_extract(entry.c.value, "$.phase").label("phase"),
        func.json_extract(entry.c.value, "$.block", type_=Integer).label("block"),
    )
    trials = trials.select_from(SessionRow).join(entry, true()).where(SessionRow.id == session_id)
    end, participant = db.execute(
        select(func.json_extract(SessionRow.plan, "$.practice_end"), SessionRow.participant).where(
            SessionRow.id == session_id
        )
    ).one()
    return SessionPlan(
        participant=participant,
        seed=0,
        practice_end=PracticeEnd(**json.loads(end)) if end else None,
        trials=tuple(
            blank_trial(row.number, row.phase, row.block) for row in db.execute(trials).all()
        ),
    )


def blank_trial(number: int, phase: Phase, block: int = 1) -> Trial:
    """A trial of which only the place in its session is known."""
    return Trial(
        number=number,
        block=block,
        phase=phase,
        kind="test",
        item="",
        condition="",
        level=0.0,
        order="",
        intervals=(),
        correct_response="",
    )


def answers_after(db: Session, session_id: int, number: int) -> list[AnswerFact]:
    """The answers of a session to trials after ``number``, in order."""
    query = (
        select(
            PresentedRow.number,
            func.json_extract(PresentedRow.trial, "$.phase").label("phase"),
            func.json_extract(PresentedRow.trial, "$.kind").label("kind"),
            AnswerRow.response,
            AnswerRow.correct,
            AnswerRow.response_time_ms,
            AnswerRow.plays,
            AnswerRow.context_rate_hz,
            AnswerRow.output_latency_ms,
            AnswerRow.answered_at,
        )
        .join(PresentedRow.answer)
        .where(PresentedRow.session_id == session_id, PresentedRow.number > number)
        .order_by(PresentedRow.number)
    )
    return [
        AnswerFact(
            number=row.number,
            phase=row.phase,
            kind=row.kind,
            response=row.response,
            correct=row.correct,
            response_time_ms=row.response_time_ms,
            n_plays=sum(json.loads(row.plays)),
            context_rate_hz=row.context_rate_hz,
            output_latency_ms=row.output_latency_ms,
            answered_at=row.answered_at,
        )
        for row in db.execute(query)
    ]


def check_facts(db: Session, session_id: int) -> list[CheckFact]:
    """The trials of checks that a session was given, in order."""
    query = select(
        CheckTrialRow.place,
        CheckTrialRow.attempt,
        CheckTrialRow.correct,
        CheckTrialRow.answered_at,
    ).where(CheckTrialRow.session_id == session_id)
    rows = db.execute(query.order_by(CheckTrialRow.id))
    return [
        CheckFact(
            place=row.place,
            attempt=row.attempt,
            correct=row.correct,
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def events_from(db: Session, session_id: int, since: datetime | None) -> list[EventFact]:
    """What the browser of a session reported from ``since`` on, that moment included."""
    query = select(EventRow.id, EventRow.kind, EventRow.detail, EventRow.received_at).where(
        EventRow.session_id == session_id
    )
    if since is not None:
        query = query.where(EventRow.received_at >= since)
    rows = db.execute(query.order_by(EventRow.received_at, EventRow.id))
    return [
        EventFact(event_id=row.id, kind=row.kind, detail=row.detail, received_at=row.received_at)
        for row in rows
    ]


def resume_gaps(db: Session, session_id: int) -> Sequence[float]:
    """Seconds that a session was away before each time it was gone on with."""
    query = select(ResumeRow.gap_seconds).where(ResumeRow.session_id == session_id)
    return db.scalars(query.order_by(ResumeRow.id)).all()


def count_finished(db: Session, study_id: int, *, kind: SessionKind) -> int:
    """Finished sessions of one kind, over all versions."""
    query = select(func.count()).select_from(SessionRow)
    finished = query.where(
        SessionRow.study_id == study_id, SessionRow.kind == kind, SessionRow.state == "finished"
    )
    return db.execute(finished).scalar_one()

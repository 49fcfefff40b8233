"""What the live view asks of all sessions: which have moved on since the last look.

It asks every few seconds while participants answer. So :func:`session_pulses` costs the same
whatever the number of stored trials: the head of one row and two index look-ups a session. What is
new in those that moved on is read by :mod:`jndlab.store.live_facts`. Nothing here takes a lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from jndlab.store.models import CheckTrialRow, EventRow, PresentedRow, SessionRow
from jndlab.study.trials import SessionKind

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


def count_finished(db: Session, study_id: int, *, kind: SessionKind) -> int:
    """Finished sessions of one kind, over all versions."""
    query = select(func.count()).select_from(SessionRow)
    finished = query.where(
        SessionRow.study_id == study_id, SessionRow.kind == kind, SessionRow.state == "finished"
    )
    return db.execute(finished).scalar_one()

"""Which slots and places of a study are taken, as far as the stored sessions go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from jndlab.errors import StudyFull
from jndlab.store.models import SessionRow, StudyRow
from jndlab.study.definition import Design
from jndlab.study.slots import last_sign_of_life, next_slot


def free_slot(db: Session, version_id: int, *, kind: str, design: Design, now: datetime) -> int:
    """The slot for a new session of a version. Call it inside a write transaction."""
    held = select(SessionRow.slot).where(
        SessionRow.version_id == version_id, SessionRow.kind == kind, _alive(design, now)
    )
    return next_slot(set(db.scalars(held)))


def count_places(db: Session, study_id: int, *, design: Design, now: datetime) -> tuple[int, int]:
    """How many participants' sessions are finished, and how many go on: what a quota counts."""
    finished = func.count().filter(SessionRow.state == "finished")
    query = select(finished, func.count()).where(
        SessionRow.study_id == study_id, SessionRow.kind == "participant", _alive(design, now)
    )
    n_finished, n_all = db.execute(query.select_from(SessionRow)).one()
    return n_finished, n_all - n_finished


def require_place(db: Session, study: StudyRow, *, design: Design, now: datetime) -> None:
    """Raises StudyFull where the study has as many participants as it needs: its quota, or the
    number that its design was planned for, beyond which the balance would break."""
    limits = [limit for limit in (study.quota, design.participants) if limit is not None]
    if limits and sum(count_places(db, study.id, design=design, now=now)) >= min(limits):
        raise StudyFull(
            "Enough people take part in this study already.",
            "A place may become free again later.",
        )


def _alive(design: Design, now: datetime) -> ColumnElement[bool]:
    """What :func:`jndlab.study.slots.slot_fate` calls finished or living."""
    return or_(
        SessionRow.state == "finished",
        and_(
            SessionRow.state == "open",
            SessionRow.last_seen_at >= last_sign_of_life(design, now),
        ),
    )

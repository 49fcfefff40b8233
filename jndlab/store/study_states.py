"""Whether a study takes participants: a history of states, of which the newest counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.errors import StudyClosed, StudyPaused
from jndlab.store.models import SessionRow, StudyStateRow

StudyState = Literal["open", "paused", "closed"]
"""open: anybody with the link takes part. paused: nobody starts or goes on, for a while.
closed: nobody does, for good. Answers to trials that were handed out are stored in any state."""

STATES: tuple[StudyState, ...] = get_args(StudyState)


def study_state(db: Session, study_id: int) -> StudyState:
    """The state of a study; it is open from its launch."""
    newest = (
        select(StudyStateRow.state)
        .where(StudyStateRow.study_id == study_id)
        .order_by(StudyStateRow.id.desc())
        .limit(1)
    )
    return next((state for state in STATES if state == db.scalar(newest)), "open")


def set_study_state(db: Session, study_id: int, state: StudyState) -> None:
    """Note a new state; nothing is noted where it is the state already."""
    if study_state(db, study_id) != state:
        db.add(StudyStateRow(study_id=study_id, state=state, since=datetime.now(UTC)))


def require_open(db: Session, study_id: int) -> None:
    """Raises StudyPaused or StudyClosed."""
    state = study_state(db, study_id)
    if state == "paused":
        raise StudyPaused(
            "This study is paused.",
            "Everything that was answered is saved. Come back later with the same link.",
        )
    if state == "closed":
        raise StudyClosed(
            "This study has ended.", "Everything that was answered is saved. Thank you!"
        )


def require_open_for(db: Session, session: SessionRow) -> None:
    """The same for a session; simulated listeners may go on, they meet nobody."""
    if session.kind == "participant":
        require_open(db, session.study_id)

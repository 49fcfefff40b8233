"""Whether a study takes participants: a history of states, of which the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jndlab.errors import StudyClosed, StudyPaused
from jndlab.store.base import Base
from jndlab.store.models import SessionRow, StudyStateRow
from jndlab.store.prepared import Prepared
from jndlab.store.under_way import UnderWay
from jndlab.study.trials import SessionKind

StudyState = Literal["draft", "piloting", "running", "paused", "closed", "archived"]
"""draft: not launched yet. piloting: whoever has the link takes part, and none of it counts.
running: whoever has the link takes part. paused: nobody starts or goes on, for a while.
closed: nobody does, for good. archived: the same, and out of the way. Answers to trials that were
handed out are stored in any state."""

STATES: tuple[StudyState, ...] = get_args(StudyState)
TAKES_PARTICIPANTS: tuple[StudyState, ...] = ("piloting", "running")


_STATES = Base.metadata.tables["study_states"]
_NEWEST = Prepared(
    select(_STATES.c.state)
    .where(_STATES.c.study_id == bindparam("study"))
    .order_by(_STATES.c.id.desc())
    .limit(1),
    "study",
)


def study_state(db: Session, study_id: int) -> StudyState:
    """The state of a study; before its first launch it is a draft."""
    newest = _NEWEST.run(db, {"study": study_id})
    return newest[0].state if newest and newest[0].state in STATES else "draft"


def states_of(db: Session, study_id: int) -> Sequence[StudyStateRow]:
    """The changes of a study's state, the first one first."""
    query = select(StudyStateRow).where(StudyStateRow.study_id == study_id)
    return db.scalars(query.order_by(StudyStateRow.id)).all()


def set_study_state(
    db: Session, study_id: int, state: StudyState, *, by: int | None = None, note: str = ""
) -> None:
    """Note a new state; nothing is noted where it is the state already."""
    if study_state(db, study_id) != state:
        db.add(
            StudyStateRow(
                study_id=study_id, state=state, since=datetime.now(UTC), changed_by=by, note=note
            )
        )


def require_open(db: Session, study_id: int) -> None:
    """Raises StudyPaused or StudyClosed."""
    state = study_state(db, study_id)
    if state == "draft":
        raise StudyPaused(
            "This study has not begun yet.",
            "Come back later with the same link.",
        )
    if state == "paused":
        raise StudyPaused(
            "This study is paused.",
            "Everything that was answered is saved. Come back later with the same link.",
        )
    if state not in TAKES_PARTICIPANTS:
        raise StudyClosed(
            "This study has ended.", "Everything that was answered is saved. Thank you!"
        )


def kind_of_new(db: Session, study_id: int) -> SessionKind:
    """What a person's new session counts as. Raises StudyPaused or StudyClosed."""
    require_open(db, study_id)
    return "pilot" if study_state(db, study_id) == "piloting" else "participant"


def require_open_for(db: Session, session: SessionRow | UnderWay) -> None:
    """The same for a session under way; who meets nobody but the experimenter may go on."""
    if session.kind in ("participant", "pilot"):
        require_open(db, session.study_id)

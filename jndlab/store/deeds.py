"""The log of deeds: who did what with a study, for whoever has to answer for it.

The deeds of a study are a chain (:mod:`jndlab.store.chain`). Sessions are noted with the heads of
theirs, so that none can be added, changed or dropped unseen; people who read the log are spared
these entries.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.chain import chain_deed
from jndlab.store.models import DeedRow, SessionRow

DELETED = "deleted"
"""What is noted of a study that is gone; with its number, which is not given again."""

OPENED = "session-opened"
SESSION_DEEDS = (OPENED, "session-finished", "session-screened-out", "session-withdrawn")
"""One for the opening and one for the end of each session, by its state."""
EXPORTED = "exported"
EXCLUSIONS = "exclusions-listed"
REPORTED = "report-made"


def note_deed(
    db: Session,
    deed: str,
    *,
    study_id: int | None = None,
    user_id: int | None = None,
    **detail: Any,
) -> None:
    """Add a deed; ``user_id`` is None on the command line. No participant's data in ``detail``."""
    at = datetime.now(UTC)
    text = json.dumps(detail, sort_keys=True, ensure_ascii=False)
    row = DeedRow(study_id=study_id, user_id=user_id, deed=deed, detail=text, at=at)
    if study_id is not None:
        row.link = chain_deed(db, study_id, deed=deed, user_id=user_id, detail=text, at=at)
    db.add(row)
    db.flush()


def note_opening(db: Session, session: SessionRow) -> None:
    """Chain the opening of a session."""
    _note_session(db, session, OPENED)


def note_end(db: Session, session: SessionRow) -> None:
    """Chain the end of a session, whose state says which."""
    _note_session(db, session, f"session-{session.state}")


def deeds_of(db: Session, study_id: int, *, deed: str | None = None) -> Sequence[DeedRow]:
    """What was done with a study, the first deed first; of one sort, or all but the sessions."""
    query = select(DeedRow).where(DeedRow.study_id == study_id)
    if deed is not None:
        query = query.where(DeedRow.deed == deed)
    else:
        query = query.where(DeedRow.deed.not_in(SESSION_DEEDS))
    return db.scalars(query.order_by(DeedRow.at, DeedRow.id)).all()


def detail_of(row: DeedRow) -> dict[str, Any]:
    """What was noted with a deed."""
    return dict(json.loads(row.detail))


def _note_session(db: Session, session: SessionRow, deed: str) -> None:
    note_deed(
        db,
        deed,
        study_id=session.study_id,
        session=session.public_id,
        head=session.chain_head,
    )

"""The log of deeds: who did what with a study, for whoever has to answer for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.models import DeedRow

DELETED = "deleted"
"""What is noted of a study that is gone; with its number, which is not given again."""


def note_deed(
    db: Session,
    deed: str,
    *,
    study_id: int | None = None,
    user_id: int | None = None,
    **detail: Any,
) -> None:
    """Add a deed; ``user_id`` is None on the command line. No participant's data in ``detail``."""
    db.add(
        DeedRow(
            study_id=study_id,
            user_id=user_id,
            deed=deed,
            detail=json.dumps(detail, sort_keys=True, ensure_ascii=False),
            at=datetime.now(UTC),
        )
    )


def deeds_of(db: Session, study_id: int, *, deed: str | None = None) -> Sequence[DeedRow]:
    """What was done with a study, the first deed first; of one sort, or all."""
    query = select(DeedRow).where(DeedRow.study_id == study_id)
    if deed is not None:
        query = query.where(DeedRow.deed == deed)
    return db.scalars(query.order_by(DeedRow.at, DeedRow.id)).all()


def detail_of(row: DeedRow) -> dict[str, Any]:
    """What was noted with a deed."""
    return dict(json.loads(row.detail))

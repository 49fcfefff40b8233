"""Written reasons to go on despite a warning of the pair gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.models import GateReasonRow

Explained = tuple[str, str]
"""Key of a finding, and the digest of the sounds that it was found in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a warning is no reason against the study."""

    text: str
    written_at: datetime
    written_by: int | None


def add_reason(
    db: Session, study_id: int, explained: Iterable[Explained], text: str, *, by: int | None
) -> None:
    """Write one reason down for each of some findings; an empty one takes an earlier one back."""
    now = datetime.now(UTC)
    db.add_all(
        GateReasonRow(
            study_id=study_id,
            finding=finding,
            sounds=sounds,
            reason=text,
            written_by=by,
            written_at=now,
        )
        for finding, sounds in explained
    )


def reasons_of(db: Session, study_id: int) -> Mapping[Explained, Reason]:
    """The newest reason for each finding in each pair of sounds; those taken back are left out."""
    query = select(GateReasonRow).where(GateReasonRow.study_id == study_id)
    newest = {
        (row.finding, row.sounds): row for row in db.scalars(query.order_by(GateReasonRow.id))
    }
    return {
        explained: Reason(text=row.reason, written_at=row.written_at, written_by=row.written_by)
        for explained, row in newest.items()
        if row.reason
    }

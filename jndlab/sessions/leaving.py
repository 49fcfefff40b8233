"""How long a session may be left alone before it can be gone on with no longer."""

from __future__ import annotations

from datetime import datetime

from jndlab.errors import SessionExpired
from jndlab.store.models import SessionRow
from jndlab.store.under_way import UnderWay
from jndlab.study.definition import Design


def gap_seconds(session: SessionRow | UnderWay, now: datetime) -> float:
    """Seconds since the session's last sign of life."""
    return max(0.0, (now - session.last_seen_at).total_seconds())


def is_expired(session: SessionRow | UnderWay, design: Design, now: datetime) -> bool:
    """Whether the session was left for longer than its study allows."""
    hours = design.resume_hours
    return hours is not None and gap_seconds(session, now) > 3600.0 * hours


def require_not_expired(session: SessionRow | UnderWay, design: Design, now: datetime) -> None:
    """Raises SessionExpired."""
    if is_expired(session, design, now):
        raise SessionExpired(
            "This session was left too long ago.",
            "Ask the people who invited you. What was answered is saved.",
        )

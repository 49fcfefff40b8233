"""Guessing: after some failed sign-ins a name has to wait, whether anybody has it or not."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jndlab.errors import TooManyAttempts
from jndlab.store.models import FailedSignInRow

WINDOW = timedelta(minutes=15)
MAX_FAILURES = 10

# People type their password into the wrong field: without the key, which no file holds, what is
# stored says nothing. A server that starts anew begins to count anew.
_KEY = secrets.token_bytes(32)


def require_patience(db: Session, name: str, *, now: datetime) -> None:
    """Raise TooManyAttempts if there were too many failures under this name lately."""
    query = select(func.count()).where(
        FailedSignInRow.name_digest == _digest(name), FailedSignInRow.at > now - WINDOW
    )
    if (db.scalar(query) or 0) >= MAX_FAILURES:
        raise TooManyAttempts(
            "Too many attempts to sign in with this name.",
            f"Wait {WINDOW // timedelta(minutes=1)} minutes, then try again.",
        )


def note_failure(db: Session, name: str, *, now: datetime) -> None:
    """Count a failure, and forget those that are too old to count."""
    db.execute(delete(FailedSignInRow).where(FailedSignInRow.at <= now - WINDOW))
    db.add(FailedSignInRow(name_digest=_digest(name), at=now))


def forget_failures(db: Session, name: str) -> None:
    """After a right password the count begins anew."""
    db.execute(delete(FailedSignInRow).where(FailedSignInRow.name_digest == _digest(name)))


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "replace"), key=_KEY, digest_size=32).hexdigest()

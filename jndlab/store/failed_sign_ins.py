"""Guessing: after some failed sign-ins a name has to wait, whether anybody has it or not."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from jndlab.errors import TooManyAttempts
from jndlab.store.engine import Store
from jndlab.store.models import FailedSignInRow
from jndlab.store.secret_key import keyed_digest

WINDOW = timedelta(minutes=15)
MAX_FAILURES = 10
MAX_FROM_ADDRESS = 100
"""From one address, whatever the names: an institute has one, and so has who tries many names."""


class Failures:
    """The failures under a name, or of what else is guessed at, for all servers together.

    People type their password into the wrong field: without the key of the data folder, what is
    stored says nothing.
    """

    def __init__(self, store: Store, name: str, *, most: int = MAX_FAILURES) -> None:
        self._digest = keyed_digest(store.folder, name)
        self._most = most

    def require_patience(self, db: Session, *, now: datetime) -> None:
        """Raise TooManyAttempts if there were too many lately."""
        query = select(func.count()).where(
            FailedSignInRow.name_digest == self._digest, FailedSignInRow.at > now - WINDOW
        )
        if (db.scalar(query) or 0) >= self._most:
            raise TooManyAttempts(
                "Too many attempts to sign in with this name."
                if self._most == MAX_FAILURES
                else "Too many attempts to sign in from this address.",
                f"Wait {WINDOW // timedelta(minutes=1)} minutes, then try again.",
            )

    def note(self, db: Session, *, now: datetime) -> None:
        """Count one, and forget all that are too old to count."""
        db.execute(delete(FailedSignInRow).where(FailedSignInRow.at <= now - WINDOW))
        db.add(FailedSignInRow(name_digest=self._digest, at=now))

    def forget(self, db: Session, *, of: datetime | None = None) -> None:
        """After a right password the count begins anew; ``of``: without what was noted then."""
        rows = delete(FailedSignInRow).where(FailedSignInRow.name_digest == self._digest)
        db.execute(rows if of is None else rows.where(FailedSignInRow.at == of))

"""Withdrawing: a participant's data are deleted, and the session takes nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime

from jndlab.store import sessions as rows
from jndlab.store.engine import Store
from jndlab.store.withdrawal import delete_data


def withdraw(store: Store, token: str) -> None:
    """Delete everything that the session of ``token`` has stored. Asked again, nothing changes.

    It can be asked for at any time: while a study is paused or closed, and after the last answer.
    Raises TokenInvalid.
    """
    with store.write() as db:
        session = rows.require_session(db, token)
        if session.state != "withdrawn":
            delete_data(db, session, datetime.now(UTC))

"""Withdrawing: a participant's data are deleted, and the session takes nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime

from jndlab.store import sessions as rows
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.people import session_named
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


def delete_person(store: Store, study_id: int, public_id: str, *, by: int | None = None) -> None:
    """Delete the same for somebody who asks the experimenters to; it is noted who did.

    Raises TokenInvalid for a session that is not one of the study.
    """
    with store.write() as db:
        session = session_named(db, study_id, public_id)
        if session.state != "withdrawn":
            delete_data(db, session, datetime.now(UTC))
            note_deed(db, "person-deleted", study_id=study_id, user_id=by, session=public_id)

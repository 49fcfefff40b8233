"""Deleting what a participant gave, and keeping the row that says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, Table, delete, select, update
from sqlalchemy.orm import Session

from jndlab.store.base import Base
from jndlab.store.deeds import note_end
from jndlab.store.histories import forget
from jndlab.store.links import ONE_SESSION
from jndlab.store.models import LinkRow, SessionRow


def delete_data(db: Session, session: SessionRow, at: datetime) -> None:
    """Delete every row that belongs to a session, and mark it as withdrawn.

    What refers to a session is found from the tables themselves, so that one that is added later
    cannot be forgotten here. The session's row stays, with the number that its plan came from and
    without anything that the participant or the browser told.
    """
    sessions = Base.metadata.tables[SessionRow.__tablename__]
    db.flush()
    _delete_below(db, sessions, select(sessions.c.id).where(sessions.c.id == session.id))
    db.expire(session)
    forget(session.public_id)
    # Whom a link for one person was made for would tell whose number this is.
    mine = (LinkRow.id == session.link_id, LinkRow.kind.in_(ONE_SESSION))
    db.execute(update(LinkRow).where(*mine).values(label=""))
    session.state = "withdrawn"
    session.withdrawn_at = at
    session.last_seen_at = at
    session.user_agent = ""
    session.gain_db = None
    session.checked_at = None
    session.finished_at = None
    note_end(db, session)


def _delete_below(db: Session, parent: Table, keys: Select[Any]) -> None:
    """Delete the rows of every table that refer to these rows of ``parent``, deepest first."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if any(key.column.table is parent for key in column.foreign_keys):
                own = _key(table)
                mine = column.in_(keys)
                _delete_below(db, table, select(own).where(mine))
                db.execute(delete(table).where(mine))


def _key(table: Table) -> Column[int]:
    (key,) = table.primary_key.columns
    return key

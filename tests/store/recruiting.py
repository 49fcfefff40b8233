"""Links and sessions by them, and what it takes to finish or lose one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from jndlab.sessions import open_session, release_trial, store_answer
from jndlab.store import sessions as rows
from jndlab.store.links import LinkKind, make_link
from jndlab.store.models import SessionRow, StudyRow
from jndlab.store.studies import study_by_link
from tests.store.launching import Launched, make_response

IDS = {"PROLIFIC_PID": "5f1e0000aaaabbbbcccc", "STUDY_ID": "60aa11", "SESSION_ID": "60bb22"}
SONA_URL = "https://uni.sona-systems.com/webstudy_credit.aspx?experiment_id=9&survey_code=XXXX"


def add_link(launched: Launched, kind: LinkKind = "multiple", **options: Any) -> str:
    """The token of a new link of the study."""
    options = {"label": "", "at": datetime.now(UTC)} | options
    with launched.store.write() as db:
        link = make_link(study_by_link(db, launched.link).id, kind=kind, **options)
        db.add(link)
        return link.token


def enter(launched: Launched, link: str | None = None, **options: Any) -> str:
    """The token of a person's new session."""
    link = launched.link if link is None else link
    return open_session(launched.store, link=link, user_agent="a test", **options)[0]


def row_of(launched: Launched, token: str) -> SessionRow:
    """The session as it is stored."""
    with launched.store.read() as db:
        return rows.require_session(db, token)


def set_session(launched: Launched, token: str, **values: object) -> None:
    """Write into a session what a whole way through the study would."""
    with launched.store.write() as db:
        session = rows.require_session(db, token)
        db.execute(update(SessionRow).where(SessionRow.id == session.id).values(**values))


def leave(launched: Launched, token: str, **duration: float) -> None:
    """Make the session's last sign of life lie so far back."""
    session = row_of(launched, token)
    set_session(launched, token, last_seen_at=session.last_seen_at - timedelta(**duration))


def set_study(launched: Launched, **values: object) -> None:
    """Write into the row of the study."""
    with launched.store.write() as db:
        db.execute(update(StudyRow).values(**values))


def take(launched: Launched, token: str) -> str:
    """Answer every trial of a session; the checks are passed over."""
    set_session(launched, token, checked_at=datetime.now(UTC))
    for number in range(1, len(launched.plan(token).trials) + 1):
        release_trial(launched.store, token)
        store_answer(launched.store, token, number, make_response(), key="a-key-of-the-page")
    return token

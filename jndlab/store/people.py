"""Finding the sessions of one person, who asks for their data or to have them deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jndlab.errors import TokenInvalid
from jndlab.store.models import LinkRow, RecruitRow, SessionRow

MOST_FOUND = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSession:
    """A session that is, or may be, of the person who is looked for."""

    public_id: str
    kind: str
    participant: int
    state: str
    opened_at: datetime
    by: str
    """By what it was found: recruiter, session, participant or link."""


def find_sessions(db: Session, study_id: int, who: str) -> Sequence[FoundSession]:
    """The sessions of a study that somebody's word leads to, who need not know what it is.

    Their id at the recruiter, the session's id, the participant's number, or the link for one
    person, by what stands on it or by the last part of its address.
    """
    word = who.strip()
    if not word:
        return ()
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 8 else None
    query = (
        select(SessionRow, RecruitRow.external_id, LinkRow.token, LinkRow.label)
        .outerjoin(RecruitRow, RecruitRow.session_id == SessionRow.id)
        .outerjoin(LinkRow, LinkRow.id == SessionRow.link_id)
        .where(
            SessionRow.study_id == study_id,
            SessionRow.kind != "simulated",
            or_(
                SessionRow.public_id == word,
                SessionRow.participant == number,
                RecruitRow.external_id == word,
                LinkRow.token == last_part(word),
                LinkRow.label == word,
            ),
        )
        .order_by(SessionRow.kind, SessionRow.participant)
        .limit(MOST_FOUND)
    )
    return [
        FoundSession(
            public_id=session.public_id,
            kind=session.kind,
            participant=session.participant,
            state=session.state,
            opened_at=session.opened_at,
            by="session"
            if session.public_id == word
            else "recruiter"
            if external_id == word
            else "link"
            if token == last_part(word) or label == word
            else "participant",
        )
        for session, external_id, token, label in db.execute(query)
    ]


def last_part(word: str) -> str:
    """Of an address the last part, else the word itself."""
    return word.rstrip("/").rpartition("/")[2]


def session_named(db: Session, study_id: int, public_id: str) -> SessionRow:
    """The session of that id in that study. Raises TokenInvalid."""
    query = select(SessionRow).where(
        SessionRow.study_id == study_id, SessionRow.public_id == public_id
    )
    session = db.scalars(query).one_or_none()
    if session is None:
        raise TokenInvalid("There is no such session in this study.", "Look for the person again.")
    return session

"""The links by which people come to a study: its own, and those made for some of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jndlab.errors import LinkExpired, LinkRevoked, LinkUsedUp
from jndlab.store.models import LinkRow, SessionRow, StudyRow
from jndlab.store.studies import study_by_link

LinkKind = Literal["multiple", "single", "personal", "preview"]
"""multiple: for many people. single: for one session, in the browser that began it. personal: for
one session, which goes on wherever the link is opened. preview: for looking at the study."""

LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
ONE_SESSION: tuple[LinkKind, ...] = ("single", "personal")

PERSONAL_BYTES, OTHER_BYTES = 24, 12
"""A personal link is the credential of its session, and as long as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a link leads to."""

    study: StudyRow
    link: LinkRow | None
    """None: the study's own link."""

    @property
    def token(self) -> str:
        """The last part of the address."""
        return self.study.link if self.link is None else self.link.token

    @property
    def kind(self) -> str:
        """Whom it is for."""
        return "multiple" if self.link is None else self.link.kind

    @property
    def recruiter(self) -> str:
        """By which recruiter people come; empty: by none."""
        return "" if self.link is None else self.link.recruiter


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUse:
    """A link and what has come of it."""

    link: LinkRow
    n_sessions: int
    n_finished: int
    participant: int | None
    """Of a link for one session, the number of who used it."""


def entry_by_token(db: Session, token: str) -> Entry:
    """What the last part of a participants' address leads to. Raises TokenInvalid."""
    link = db.scalars(select(LinkRow).where(LinkRow.token == token)).one_or_none()
    if link is not None:
        return Entry(study=db.get_one(StudyRow, link.study_id), link=link)
    return Entry(study=study_by_link(db, token), link=None)


def entry_of(db: Session, session: SessionRow) -> Entry:
    """The link that a session was opened with."""
    link = None if session.link_id is None else db.get_one(LinkRow, session.link_id)
    return Entry(study=session.study, link=link)


def most_uses(link: LinkRow) -> int | None:
    """How many sessions may be opened with a link; None: as many as come."""
    return 1 if link.kind in ONE_SESSION else link.max_uses


def count_uses(db: Session, link_id: int) -> int:
    """Sessions that were opened with a link, whatever became of them."""
    query = select(func.count()).where(SessionRow.link_id == link_id)
    return db.execute(query.select_from(SessionRow)).scalar_one()


def require_usable(db: Session, link: LinkRow, now: datetime) -> None:
    """Whether a new session may be opened. Raises LinkRevoked, LinkExpired, LinkUsedUp."""
    another = "Ask the people who invited you for another one."
    if link.revoked_at is not None:
        raise LinkRevoked("This link is no longer in use.", another)
    if link.expires_at is not None and link.expires_at <= now:
        raise LinkExpired("The time of this link is over.", another)
    most = most_uses(link)
    if most is not None and count_uses(db, link.id) >= most:
        raise LinkUsedUp("This link has been used already.", another)


def make_link(
    study_id: int,
    *,
    kind: LinkKind,
    label: str,
    at: datetime,
    by: int | None = None,
    recruiter: str = "",
    return_url: str = "",
    max_uses: int | None = None,
    expires_at: datetime | None = None,
) -> LinkRow:
    """A new link with a token of its own, to be added."""
    return LinkRow(
        study_id=study_id,
        token=secrets.token_urlsafe(PERSONAL_BYTES if kind == "personal" else OTHER_BYTES),
        kind=kind,
        label=label,
        recruiter=recruiter,
        return_url=return_url,
        max_uses=max_uses,
        expires_at=expires_at,
        revoked_at=None,
        created_by=by,
        created_at=at,
    )


def links_of(db: Session, study_id: int) -> Sequence[LinkUse]:
    """The links of a study beside its own, the newest first, with what has come of them."""
    finished = func.count().filter(SessionRow.state == "finished")
    counts = {
        row.link_id: row
        for row in db.execute(
            select(
                SessionRow.link_id,
                func.count().label("n_sessions"),
                finished.label("n_finished"),
                func.min(SessionRow.participant).label("participant"),
            )
            .where(SessionRow.study_id == study_id, SessionRow.link_id.is_not(None))
            .group_by(SessionRow.link_id)
        )
    }
    query = select(LinkRow).where(LinkRow.study_id == study_id).order_by(LinkRow.id.desc())
    uses = []
    for link in db.scalars(query):
        count = counts.get(link.id)
        uses.append(
            LinkUse(
                link=link,
                n_sessions=count.n_sessions if count else 0,
                n_finished=count.n_finished if count else 0,
                participant=count.participant if count and link.kind in ONE_SESSION else None,
            )
        )
    return uses


def find_link(db: Session, study_id: int, link_id: int) -> LinkRow | None:
    """The link of that number, if it belongs to the study."""
    link = db.get(LinkRow, link_id)
    return link if link is not None and link.study_id == study_id else None

"""What somebody who is signed in may do with a study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.models import MemberRow, SignInRow, StudyRow
from jndlab.store.sessions import token_digest
from jndlab.store.study_states import StudyState, study_state

Right = Literal["view", "analyse", "edit", "own"]
RIGHTS: tuple[Right, ...] = get_args(Right)
"""Each includes those before it."""

ROLE_RIGHTS: dict[str, Right] = {
    "viewer": "view",
    "analyst": "analyse",
    "editor": "edit",
    "owner": "own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The experimenter whose browser, or program, asks."""

    id: int
    name: str
    is_admin: bool
    scope: Right = "own"
    """The most that this request may do; less than everything for an API token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A study as somebody may use it."""

    study_id: int
    slug: str
    title: str
    state: StudyState
    right: Right

    def allows(self, right: Right) -> bool:
        """Whether ``right`` is among what is allowed."""
        return includes(self.right, right)


def includes(right: Right, wanted: Right) -> bool:
    """Whether ``right`` is or includes ``wanted``."""
    return RIGHTS.index(right) >= RIGHTS.index(wanted)


IDLE = timedelta(hours=4)
"""A browser that asked for nothing for so long is signed out: somebody has left it."""


def signed_in(db: Session, token: str) -> SignedIn | None:
    """The user whose browser holds ``token``; None if it is unknown, too old, or disabled."""
    now = datetime.now(UTC)
    row = db.scalars(
        select(SignInRow).where(
            SignInRow.token_digest == token_digest(token),
            SignInRow.expires_at > now,
            SignInRow.last_seen_at > now - IDLE,
        )
    ).one_or_none()
    if row is None or row.user.disabled_at is not None:
        return None
    return SignedIn(id=row.user.id, name=row.user.name, is_admin=row.user.is_admin)


def access_to(db: Session, user: SignedIn, slug: str) -> Access | None:
    """What a user may do with the study of that slug; None for nothing, or no such study."""
    study = db.scalars(select(StudyRow).where(StudyRow.slug == slug)).one_or_none()
    if study is None:
        return None
    member = db.get(MemberRow, (study.id, user.id))
    right: Right | None = ROLE_RIGHTS[member.role] if member else None
    if user.is_admin:
        right = "own"
    if right is None:
        return None
    return Access(
        study_id=study.id,
        slug=study.slug,
        title=study.title,
        state=study_state(db, study.id),
        right=min(right, user.scope, key=RIGHTS.index),
    )


def studies_for(db: Session, user: SignedIn) -> list[StudyRow]:
    """The studies that a user may see, the newest first."""
    query = select(StudyRow).order_by(StudyRow.created_at.desc(), StudyRow.id.desc())
    if not user.is_admin:
        query = query.join(MemberRow, MemberRow.study_id == StudyRow.id).where(
            MemberRow.user_id == user.id
        )
    return list(db.scalars(query))

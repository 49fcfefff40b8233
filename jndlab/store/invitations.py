"""Invitations: links with which somebody makes an account or joins a study, once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jndlab.errors import RequestInvalid, TokenInvalid
from jndlab.store.deeds import note_deed
from jndlab.store.models import InvitationRow, StudyRow, UserRow
from jndlab.store.sessions import token_digest

LASTS = timedelta(days=7)
MAX_LABEL = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that can still be taken up."""

    id: int
    label: str
    """Whom it is meant for."""
    study_id: int | None
    study_title: str | None
    role: str | None
    is_admin: bool
    created_by: int | None
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


def invite(
    db: Session,
    *,
    by: int,
    label: str = "",
    study_id: int | None = None,
    role: str | None = None,
    is_admin: bool = False,
) -> str:
    """A new invitation; the token goes into its link and is kept nowhere.

    Raises RequestInvalid for a label that cannot be shown.
    """
    label = label.strip()
    if len(label) > MAX_LABEL or not label.isprintable():
        raise RequestInvalid(
            "This note cannot be kept.", f"Use at most {MAX_LABEL} printable characters."
        )
    token, now = secrets.token_urlsafe(24), datetime.now(UTC)
    db.add(
        InvitationRow(
            token_digest=token_digest(token),
            label=label,
            study_id=study_id,
            role=role,
            is_admin=is_admin,
            created_by=by,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    note_deed(db, "invitation-made", study_id=study_id, user_id=by, role=role, is_admin=is_admin)
    return token


def open_invitation(db: Session, token: str) -> Invitation:
    """The invitation of a link. Raises TokenInvalid if it is unknown, used or too old."""
    found = _select(db, InvitationRow.token_digest == token_digest(token))
    if not found:
        raise TokenInvalid(
            "This invitation cannot be used (any more).",
            f"Each link works once, for {LASTS.days} days. Ask for a new one.",
        )
    return found[0]


def open_invitations(db: Session, *, study_id: int | None = None) -> list[Invitation]:
    """What was not taken up yet: to one study, or all."""
    return _select(db, *([] if study_id is None else [InvitationRow.study_id == study_id]))


def use_invitation(db: Session, invitation: Invitation, user: UserRow) -> None:
    """Mark it as used. Call it in the transaction in which it was found."""
    row = db.get_one(InvitationRow, invitation.id)
    row.used_at, row.used_by = datetime.now(UTC), user.id
    note_deed(
        db, "invitation-taken-up", study_id=invitation.study_id, user_id=user.id, name=user.name
    )


def withdraw_invitation(
    db: Session, invitation_id: int, *, by: int, study_id: int | None = None
) -> None:
    """End one invitation (to this study, if one is given). Raises TokenInvalid."""
    row = db.get(InvitationRow, invitation_id)
    if row is None or (study_id is not None and row.study_id != study_id):
        raise TokenInvalid("There is no such invitation.", "Load the page anew.")
    now = datetime.now(UTC)
    if row.used_at is None and row.expires_at > now:
        row.expires_at = now
        note_deed(db, "invitation-withdrawn", study_id=row.study_id, user_id=by)


def withdraw_invitations(db: Session, *, created_by: int, study_id: int | None = None) -> None:
    """End those that somebody made who may not invite any more: to one study, or all."""
    now = datetime.now(UTC)
    change = update(InvitationRow).where(
        InvitationRow.created_by == created_by,
        InvitationRow.used_at.is_(None),
        InvitationRow.expires_at > now,
    )
    if study_id is not None:
        change = change.where(InvitationRow.study_id == study_id)
    db.execute(change.values(expires_at=now))


def _select(db: Session, *conditions: object) -> list[Invitation]:
    query = (
        select(InvitationRow, UserRow.name, StudyRow)
        .outerjoin(UserRow, UserRow.id == InvitationRow.created_by)
        .outerjoin(StudyRow, StudyRow.id == InvitationRow.study_id)
        .where(InvitationRow.used_at.is_(None), InvitationRow.expires_at > datetime.now(UTC))
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(InvitationRow.id.desc())
    )
    return [_invitation(row, name, study) for row, name, study in db.execute(query)]


def _invitation(row: InvitationRow, name: str | None, study: StudyRow | None) -> Invitation:
    return Invitation(
        id=row.id,
        label=row.label,
        study_id=row.study_id,
        study_title=None if study is None else study.title,
        role=row.role,
        is_admin=row.is_admin,
        created_by=row.created_by,
        invited_by=name,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )

"""What administrators do with accounts. No server is left without an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jndlab.errors import AccountError, RequestInvalid
from jndlab.store.deeds import note_deed
from jndlab.store.invitations import withdraw_invitations
from jndlab.store.models import MemberRow, SignInRow, UserRow
from jndlab.store.sign_ins import end_sign_ins
from jndlab.store.users import user_of_subject

MAX_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the list of users."""

    id: int
    name: str
    is_admin: bool
    has_password: bool
    has_second_factor: bool
    oidc_subject: str | None
    n_studies: int
    created_at: datetime
    signed_in_at: datetime | None
    """When the newest browser that is still signed in did so."""
    disabled_at: datetime | None


def accounts(db: Session) -> Sequence[Account]:
    """Every account, by name."""
    n_studies = (
        select(func.count())
        .select_from(MemberRow)
        .where(MemberRow.user_id == UserRow.id)
        .scalar_subquery()
    )
    newest = (
        select(func.max(SignInRow.created_at))
        .where(SignInRow.user_id == UserRow.id, SignInRow.expires_at > datetime.now(UTC))
        .scalar_subquery()
    )
    query = select(UserRow, n_studies, newest)
    found = [
        Account(
            id=user.id,
            name=user.name,
            is_admin=user.is_admin,
            has_password=user.password_hash is not None,
            has_second_factor=user.totp_secret is not None,
            oidc_subject=user.oidc_subject,
            n_studies=n_studies,
            created_at=user.created_at,
            signed_in_at=signed_in_at,
            disabled_at=user.disabled_at,
        )
        for user, n_studies, signed_in_at in db.execute(query)
    ]
    return sorted(found, key=lambda account: account.name.casefold())


def require_account(db: Session, user_id: int) -> UserRow:
    """An account by its number. Raises RequestInvalid."""
    user = db.get(UserRow, user_id)
    if user is None:
        raise RequestInvalid("There is no such user.", "Load the page anew.")
    return user


def disable(db: Session, user_id: int, *, by: int | None) -> None:
    """Let nobody in under this account, by browser or token. Raises AccountError."""
    user = require_account(db, user_id)
    if user.disabled_at is not None:
        return
    if user.id == by:
        raise AccountError("This is your own account.", "Ask another administrator.")
    _keep_an_administrator(db, user)
    user.disabled_at = datetime.now(UTC)
    end_sign_ins(db, user.id)
    withdraw_invitations(db, created_by=user.id)
    note_deed(db, "user-disabled", user_id=by, name=user.name)


def enable(db: Session, user_id: int, *, by: int | None) -> None:
    """Let somebody in again."""
    user = require_account(db, user_id)
    if user.disabled_at is not None:
        user.disabled_at = None
        note_deed(db, "user-enabled", user_id=by, name=user.name)


def set_admin(db: Session, user_id: int, is_admin: bool, *, by: int | None) -> None:
    """Make somebody an administrator, or no longer. Raises AccountError for the last one."""
    user = require_account(db, user_id)
    if user.is_admin == is_admin:
        return
    if not is_admin:
        _keep_an_administrator(db, user)
        withdraw_invitations(db, created_by=user.id)
    user.is_admin = is_admin
    deed = "administrator-made" if is_admin else "administrator-unmade"
    note_deed(db, deed, user_id=by, name=user.name)


def reset_second_factor(db: Session, user_id: int, *, by: int | None) -> bool:
    """Take away a second factor whose phone is lost; browsers are signed out. False if none."""
    user = require_account(db, user_id)
    if user.totp_secret is None:
        return False
    user.totp_secret = user.totp_last_step = None
    end_sign_ins(db, user.id)
    note_deed(db, "second-factor-reset", user_id=by, name=user.name)
    return True


def set_subject(db: Session, user_id: int, subject: str, *, by: int | None) -> None:
    """Say who of the provider's people this is; empty: nobody. Raises AccountError."""
    user = require_account(db, user_id)
    subject = subject.strip()
    if len(subject) > MAX_SUBJECT or not subject.isprintable():
        raise RequestInvalid("This is no subject.", f"It has at most {MAX_SUBJECT} characters.")
    if subject == (user.oidc_subject or ""):
        return
    holder = user_of_subject(db, subject) if subject else None
    if holder is not None:
        raise AccountError(
            f"This is {holder.name}'s subject already.", "Take it away from that account first."
        )
    user.oidc_subject = subject or None
    note_deed(db, "subject-set" if subject else "subject-removed", user_id=by, name=user.name)


def _keep_an_administrator(db: Session, user: UserRow) -> None:
    others = select(func.count()).where(
        UserRow.is_admin, UserRow.disabled_at.is_(None), UserRow.id != user.id
    )
    if user.is_admin and not db.scalar(others):
        raise AccountError(
            "This is the only administrator.", "Make somebody else an administrator first."
        )

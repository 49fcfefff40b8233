"""Taking up an invitation: with a new account, or with the one that somebody has."""

from __future__ import annotations

from sqlalchemy.orm import Session

from jndlab.errors import AccountError
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.invitations import Invitation, open_invitation, use_invitation
from jndlab.store.members import join_study, require_role
from jndlab.store.models import UserRow
from jndlab.store.passwords import hash_password, require_name
from jndlab.store.users import add_user


def join_with_password(store: Store, token: str, *, name: str, password: str) -> int:
    """Make an account that signs in with a password; returns the user's id.

    Raises TokenInvalid, SignInError for what cannot be used, AccountError for a name in use.
    """
    require_name(name)
    with store.read() as db:
        open_invitation(db, token)  # a stranger must not make the server hash passwords
    hashed = hash_password(password)
    with store.write() as db:
        return _join_anew(db, token, name, password_hash=hashed)


def join_with_subject(store: Store, token: str, *, name: str, subject: str) -> int:
    """Make an account that signs in elsewhere; returns the user's id. Raises like the other."""
    require_name(name)
    with store.write() as db:
        return _join_anew(db, token, name, oidc_subject=subject)


def join_as(store: Store, token: str, user_id: int) -> Invitation:
    """Let an existing user take up an invitation. Raises TokenInvalid, AccountError."""
    with store.write() as db:
        invitation = open_invitation(db, token)
        user = db.get_one(UserRow, user_id)
        if invitation.study_id is None and not invitation.is_admin:
            raise AccountError(
                "You have an account already.", "Pass the link on to whom it is meant for."
            )
        _give(db, invitation, user)
        return invitation


def _join_anew(
    db: Session,
    token: str,
    name: str,
    *,
    password_hash: str | None = None,
    oidc_subject: str | None = None,
) -> int:
    invitation = open_invitation(db, token)
    user = add_user(db, name, password_hash=password_hash, oidc_subject=oidc_subject)
    _give(db, invitation, user)
    return user.id


def _give(db: Session, invitation: Invitation, user: UserRow) -> None:
    """What the invitation is for. It takes no right away from anybody."""
    if invitation.is_admin and not user.is_admin:
        user.is_admin = True
        note_deed(db, "administrator-made", user_id=invitation.created_by, name=user.name)
    if invitation.study_id is not None:
        role = require_role(invitation.role)
        join_study(db, invitation.study_id, user, role, added_by=invitation.created_by)
    use_invitation(db, invitation, user)

"""Experimenters' accounts: made on the command line, by an invitation, or by an administrator."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.errors import AccountError, SignInError
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.failed_sign_ins import Failures
from jndlab.store.models import UserRow
from jndlab.store.passwords import (
    hash_password,
    is_right,
    require_name,
    turn,
)
from jndlab.store.second_factor import matching_step
from jndlab.store.sign_ins import end_sign_ins, user_named


def add_user(
    db: Session,
    name: str,
    *,
    password_hash: str | None = None,
    oidc_subject: str | None = None,
    is_admin: bool = False,
) -> UserRow:
    """A new account. Raises AccountError if somebody has this name or identity."""
    require_name(name)
    if user_named(db, name) is not None:
        raise AccountError("Somebody has this user name.", "Choose another one.")
    if oidc_subject is not None and user_of_subject(db, oidc_subject) is not None:
        raise AccountError("This identity has an account already.", "Sign in with it.")
    user = UserRow(
        name=name,
        password_hash=password_hash,
        oidc_subject=oidc_subject,
        is_admin=is_admin,
        created_at=datetime.now(UTC),
    )
    db.add(user)
    db.flush()
    note_deed(db, "user-made", user_id=user.id, name=name, is_admin=is_admin)
    return user


def set_password(store: Store, name: str, password: str, *, admin: bool = False) -> bool:
    """Create the user, or give an existing one a new password. True if created.

    The very first user becomes an administrator; later ones with ``admin``, which also makes
    one of an existing user. Existing sign-ins of the user end. Raises SignInError for a name or
    a password that cannot be used.
    """
    require_name(name)
    hashed = hash_password(password)
    with store.write() as db:
        user = user_named(db, name)
        if user is None:
            add_user(db, name, password_hash=hashed, is_admin=admin or is_first_user(db))
            return True
        user.password_hash = hashed
        user.is_admin = user.is_admin or admin
        end_sign_ins(db, user.id)
        note_deed(db, "password-set", name=name, is_admin=user.is_admin)
        return False


def change_password(store: Store, user_id: int, *, old: str, new: str, browser: str) -> None:
    """A user's own new password. Other browsers are signed out; ``browser`` is this one's token.

    Raises SignInError if the old one is wrong or the new one cannot be used.
    """
    require_own_password(store, user_id, old)
    hashed = hash_password(new)
    with store.write() as db:
        user = db.get_one(UserRow, user_id)
        user.password_hash = hashed
        end_sign_ins(db, user_id, but=browser)
        note_deed(db, "password-changed", user_id=user_id)


def require_own_password(store: Store, user_id: int, password: str) -> None:
    """Raise SignInError unless this is the user's password; an open browser is not enough.

    A user without one, who signs in elsewhere, has nothing to type. Raises TooManyAttempts.
    """
    now, failures = datetime.now(UTC), Failures(store, f"password of user {user_id}")
    with turn():
        with store.write() as db:
            known = db.get_one(UserRow, user_id).password_hash
            if known is None:
                return
            failures.require_patience(db, now=now)
            failures.note(db, now=now)
        right = is_right(known, password)
    if not right:
        raise SignInError("The present password is wrong.", "Type it once more.")
    with store.write() as db:
        failures.forget(db)


def turn_on_second_factor(store: Store, user_id: int, secret: str, code: str) -> None:
    """Ask for codes from now on. Raises SignInError if ``code`` does not belong to ``secret``."""
    step = matching_step(secret, code, at=datetime.now(UTC), after=None)
    if step is None:
        raise SignInError(
            "This code is wrong.",
            "Type the six digits that the app shows now; the clock of the phone must be right.",
        )
    with store.write() as db:
        user = db.get_one(UserRow, user_id)
        user.totp_secret, user.totp_last_step = secret, step
        note_deed(db, "second-factor-on", user_id=user_id)


def turn_off_second_factor(store: Store, user_id: int) -> None:
    """Ask for the password only."""
    with store.write() as db:
        user = db.get_one(UserRow, user_id)
        if user.totp_secret is not None:
            user.totp_secret = user.totp_last_step = None
            note_deed(db, "second-factor-off", user_id=user_id)


def has_users(store: Store) -> bool:
    """Whether anybody could sign in."""
    with store.read() as db:
        return not is_first_user(db)


def is_first_user(db: Session) -> bool:
    """Whether there is nobody yet: the next user has to be an administrator."""
    return db.scalars(select(UserRow.id).limit(1)).first() is None


def user_of_subject(db: Session, subject: str) -> UserRow | None:
    """The user whom the provider of OpenID Connect knows as this subject."""
    return db.scalars(select(UserRow).where(UserRow.oidc_subject == subject)).one_or_none()

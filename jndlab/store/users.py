"""Experimenters: password hashes and signed-in browsers."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jndlab.errors import SignInError
from jndlab.store.engine import Store
from jndlab.store.models import SignInRow, UserRow
from jndlab.store.sessions import token_digest

MIN_PASSWORD = 12
SIGN_IN_WAIT_S = 2.0
SIGN_IN_LASTS = timedelta(hours=12)

_hasher = PasswordHasher()
_DUMMY_HASH = _hasher.hash(secrets.token_hex(16))
# A hash takes 64 MiB on purpose; a burst of attempts must not take all memory.
_at_once = threading.BoundedSemaphore(2)


def set_password(store: Store, name: str, password: str) -> bool:
    """Create the user, or give an existing one a new password. True if created.

    Existing sign-ins of that user end. Raises SignInError if the password is too short.
    """
    require_usable(name, password)
    hashed = _hasher.hash(password)
    with store.write() as db:
        user = _user(db, name)
        if user is None:
            db.add(UserRow(name=name, password_hash=hashed, created_at=datetime.now(UTC)))
            return True
        user.password_hash = hashed
        db.execute(delete(SignInRow).where(SignInRow.user_id == user.id))
        return False


def require_usable(name: str, password: str) -> None:
    """Raise SignInError for a password that is too short or a name that cannot be used."""
    if len(password) < MIN_PASSWORD:
        raise SignInError(
            f"The password is too short: {len(password)} characters.",
            f"Use at least {MIN_PASSWORD}; a few unrelated words are easy to remember.",
        )
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise SignInError("This user name cannot be used.", "Use 1 to 80 printable characters.")


def sign_in(store: Store, name: str, password: str) -> str:
    """A token for a signed-in browser. Raises SignInError, the same for name and password."""
    with store.read() as db:
        user = _user(db, name)
    # Whoever tries passwords by the dozen waits in no thread that a participant needs.
    if not _at_once.acquire(timeout=SIGN_IN_WAIT_S):
        raise SignInError("Too many people are signing in just now.", "Try again in a moment.")
    try:
        # An unknown name takes as long as a wrong password.
        _hasher.verify(user.password_hash if user else _DUMMY_HASH, password)
    except VerificationError:
        user = None
    finally:
        _at_once.release()
    if user is None:
        raise SignInError("Name or password is wrong.", "Set a new password with: jndlab user NAME")
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with store.write() as db:
        db.execute(delete(SignInRow).where(SignInRow.expires_at < now))
        db.add(
            SignInRow(
                user_id=user.id,
                token_digest=token_digest(token),
                created_at=now,
                expires_at=now + SIGN_IN_LASTS,
            )
        )
    return token


def signed_in_user(store: Store, token: str) -> str | None:
    """Name of the user whose browser holds ``token``; None if it is unknown or too old."""
    with store.read() as db:
        row = db.scalars(
            select(SignInRow).where(
                SignInRow.token_digest == token_digest(token),
                SignInRow.expires_at > datetime.now(UTC),
            )
        ).one_or_none()
        return None if row is None else row.user.name


def sign_out(store: Store, token: str) -> None:
    """Forget a signed-in browser."""
    with store.write() as db:
        db.execute(delete(SignInRow).where(SignInRow.token_digest == token_digest(token)))


def has_users(store: Store) -> bool:
    """Whether anybody could sign in."""
    with store.read() as db:
        return db.scalars(select(UserRow.id).limit(1)).first() is not None


def _user(db: Session, name: str) -> UserRow | None:
    return db.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()

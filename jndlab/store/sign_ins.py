"""Signing in: password, second factor, and the browsers that are signed in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from jndlab.errors import NoRoom, SignInError, StoreError
from jndlab.store.engine import Store
from jndlab.store.failed_sign_ins import MAX_FROM_ADDRESS, Failures
from jndlab.store.models import SignInRow, UserRow
from jndlab.store.passwords import is_right, turn
from jndlab.store.second_factor import matching_step
from jndlab.store.sessions import token_digest

SIGN_IN_LASTS = timedelta(hours=12)
SEEN_AGAIN = timedelta(minutes=5)
MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Somebody whose password was right, or whom the provider vouches for."""

    user_id: int
    needs_code: bool
    """A code of the second factor is still to come."""


def sign_in(store: Store, name: str, password: str, *, user_agent: str = "") -> str:
    """A token for a browser, for a user without a second factor. Raises SignInError."""
    known = check_password(store, name, password)
    if known.needs_code:
        raise SignInError("A code of the second factor is needed.", "Sign in on the page.")
    return begin_sign_in(store, known.user_id, user_agent=user_agent)


def check_password(store: Store, name: str, password: str, *, address: str = "") -> Recognised:
    """Who has this name and password. Raises SignInError, the same for name and password.

    Raises TooManyAttempts after some failures, whether there is such a user or not, or after many
    from one ``address``, whatever the names.
    """
    now = datetime.now(UTC)
    guesses = [Failures(store, name)]
    if address:
        guesses.append(Failures(store, f"address {address}", most=MAX_FROM_ADDRESS))
    with store.read() as db:
        _require_patience(db, guesses, now)
    with turn():
        # Counted before it is known: many attempts at the same moment are as many.
        with store.write() as db:
            _require_patience(db, guesses, now)
            for one in guesses:
                one.note(db, now=now)
            user = user_named(db, name)
        right = is_right(user.password_hash if user else None, password)
    if user is None or not right:
        raise SignInError(
            "Name or password is wrong.",
            "An administrator can help; or, on the server: jndlab user NAME",
        )
    with store.write() as db:
        guesses[0].forget(db)
        for other in guesses[1:]:
            other.forget(db, of=now)  # guesses under other names stay
    return recognise(user)


def _require_patience(db: Session, guesses: Sequence[Failures], now: datetime) -> None:
    for one in guesses:
        one.require_patience(db, now=now)


def recognise(user: UserRow) -> Recognised:
    """A user who has shown who they are. Raises SignInError if the account is disabled."""
    if user.disabled_at is not None:
        raise SignInError("This account is disabled.", "Ask an administrator.")
    return Recognised(user_id=user.id, needs_code=user.totp_secret is not None)


def check_code(store: Store, user_id: int, code: str) -> None:
    """Take a code of the second factor, once. Raises SignInError, TooManyAttempts."""
    now, failures = datetime.now(UTC), Failures(store, f"code of user {user_id}")
    with store.write() as db:
        failures.require_patience(db, now=now)
        user = db.get_one(UserRow, user_id)
        step = None
        if user.totp_secret is not None:
            step = matching_step(user.totp_secret, code, at=now, after=user.totp_last_step)
        if step is None:
            failures.note(db, now=now)
        else:
            user.totp_last_step = step
            failures.forget(db)
    if step is None:
        raise SignInError(
            "This code is wrong, or was used before.",
            "Type the six digits that the app shows now; the clock of the phone must be right.",
        )


def begin_sign_in(store: Store, user_id: int, *, user_agent: str = "") -> str:
    """A token for a browser whose user has shown who they are."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with store.write() as db:
        db.execute(delete(SignInRow).where(SignInRow.expires_at < now))
        db.add(
            SignInRow(
                user_id=user_id,
                token_digest=token_digest(token),
                user_agent=user_agent[:MAX_USER_AGENT],
                created_at=now,
                last_seen_at=now,
                expires_at=now + SIGN_IN_LASTS,
            )
        )
    return token


def note_seen(store: Store, token: str) -> None:
    """Write down that a signed-in browser is in use, but not at each request."""
    now = datetime.now(UTC)
    with store.read() as db:
        known = db.execute(
            select(SignInRow.id, SignInRow.last_seen_at).where(
                SignInRow.token_digest == token_digest(token)
            )
        ).one_or_none()
    if known and (known.last_seen_at is None or known.last_seen_at < now - SEEN_AGAIN):
        # A full disk is no reason to keep somebody from the data.
        with suppress(StoreError, NoRoom), store.write() as db:
            db.execute(update(SignInRow).where(SignInRow.id == known.id).values(last_seen_at=now))


def sign_out(store: Store, token: str) -> None:
    """Forget a signed-in browser."""
    with store.write() as db:
        db.execute(delete(SignInRow).where(SignInRow.token_digest == token_digest(token)))


def sign_ins_of(db: Session, user_id: int) -> Sequence[SignInRow]:
    """The signed-in browsers of a user, newest first."""
    query = select(SignInRow).where(
        SignInRow.user_id == user_id, SignInRow.expires_at > datetime.now(UTC)
    )
    return db.scalars(query.order_by(SignInRow.id.desc())).all()


def end_sign_ins(db: Session, user_id: int, *, but: str = "", only: int | None = None) -> int:
    """Sign a user's browsers out: all but the one with this token, or only one. How many."""
    ended = delete(SignInRow).where(
        SignInRow.user_id == user_id, SignInRow.token_digest != token_digest(but)
    )
    if only is not None:
        ended = ended.where(SignInRow.id == only)
    return db.execute(ended).rowcount  # type: ignore[attr-defined,no-any-return]


def user_named(db: Session, name: str) -> UserRow | None:
    """The user of this name, if there is one."""
    return db.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()

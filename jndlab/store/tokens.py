"""API tokens: with one, a program acts for a user, within the token's scopes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.errors import AccountError, NoRoom, RequestInvalid, StoreError
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store
from jndlab.store.models import ApiTokenRow
from jndlab.store.rights import RIGHTS, Right, SignedIn
from jndlab.store.sessions import token_digest

PREFIX = "jndlab_"
"""Tokens can be told from other secrets where they turn up by mistake."""
SCOPES: tuple[Right, ...] = RIGHTS
MAX_TOKENS = 50
MAX_NAME = 80
USED_AGAIN = timedelta(minutes=1)
"""The last use is not written down more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUser:
    """For whom a program acts, and how far."""

    token_id: int
    user: SignedIn
    """With the token's scope: rights in a study come out as the smaller of role and scope."""
    scopes: frozenset[Right]
    """Every right that the token gives, those that another one includes among them."""


def create_token(
    db: Session, user_id: int, *, name: str, scope: str, lasts: timedelta | None, now: datetime
) -> str:
    """A new token, which nothing can show again. Raises RequestInvalid, AccountError."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise RequestInvalid(
            "A token needs a name.", f"Use 1 to {MAX_NAME} characters: what it is for."
        )
    if scope not in SCOPES:
        raise RequestInvalid("There is no such scope.", f"Choose one of: {', '.join(SCOPES)}.")
    if len([row for row in tokens_of(db, user_id) if is_valid(row, now)]) >= MAX_TOKENS:
        raise AccountError(f"You have {MAX_TOKENS} tokens.", "Revoke one that is not used.")
    token = PREFIX + secrets.token_urlsafe(32)
    db.add(
        ApiTokenRow(
            user_id=user_id,
            name=name,
            token_digest=token_digest(token),
            scopes=scope,
            created_at=now,
            expires_at=None if lasts is None else now + lasts,
        )
    )
    note_deed(db, "token-created", user_id=user_id, token=name, scope=scope)
    return token


def tokens_of(db: Session, user_id: int) -> Sequence[ApiTokenRow]:
    """The tokens of a user that were not revoked, newest first."""
    query = select(ApiTokenRow).where(
        ApiTokenRow.user_id == user_id, ApiTokenRow.revoked_at.is_(None)
    )
    return db.scalars(query.order_by(ApiTokenRow.id.desc())).all()


def is_valid(row: ApiTokenRow, now: datetime) -> bool:
    """Whether a token is neither revoked nor too old."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def revoke_token(db: Session, user_id: int, token_id: int, *, now: datetime) -> None:
    """End a token. Raises RequestInvalid if the user has no such token."""
    row = db.get(ApiTokenRow, token_id)
    if row is None or row.user_id != user_id:
        raise RequestInvalid("There is no such token.", "Load the page anew.")
    if row.revoked_at is None:
        row.revoked_at = now
        note_deed(db, "token-revoked", user_id=user_id, token=row.name)


def token_user(store: Store, token: str) -> TokenUser | None:
    """For whom a token acts; None if it is unknown, revoked or too old, or the user disabled."""
    if not token.startswith(PREFIX):
        return None
    now = datetime.now(UTC)
    query = select(ApiTokenRow).where(ApiTokenRow.token_digest == token_digest(token))
    with store.read() as db:
        row = db.scalars(query).one_or_none()
        if row is None or not is_valid(row, now) or row.user.disabled_at is not None:
            return None
        scopes = _with_included(row.scopes.split())
        if not scopes:
            return None
        found = TokenUser(
            token_id=row.id,
            user=SignedIn(
                id=row.user_id,
                name=row.user.name,
                is_admin=row.user.is_admin,
                scope=max(scopes, key=SCOPES.index),
            ),
            scopes=scopes,
        )
    if row.last_used_at is None or row.last_used_at < now - USED_AGAIN:
        # A full disk is no reason to keep somebody from the data.
        with suppress(StoreError, NoRoom), store.write() as db:
            db.get_one(ApiTokenRow, found.token_id).last_used_at = now
    return found


def _with_included(scopes: Sequence[str]) -> frozenset[Right]:
    highest = max((place for place, scope in enumerate(SCOPES) if scope in scopes), default=-1)
    return frozenset(SCOPES[: highest + 1])

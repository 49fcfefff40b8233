"""Users to test with: one hash for all, because hashing takes long on purpose."""

from __future__ import annotations

from functools import cache

from jndlab.store.engine import Store
from jndlab.store.passwords import hash_password
from jndlab.store.rights import SignedIn
from jndlab.store.users import add_user

PASSWORD = "three unrelated words"


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def make_user(store: Store, name: str, *, is_admin: bool = False) -> int:
    """A user with PASSWORD; returns the number."""
    with store.write() as db:
        return add_user(db, name, password_hash=_hash(), is_admin=is_admin).id


def actor(user_id: int, *, is_admin: bool = False) -> SignedIn:
    """Somebody who does something in a test."""
    return SignedIn(id=user_id, name="somebody", is_admin=is_admin)

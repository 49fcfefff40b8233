"""Passwords: which ones are taken, and how they are kept and compared."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from jndlab.errors import SignInError
from jndlab.store.easy_passwords import is_easy

MIN_PASSWORD = 12
MAX_PASSWORD = 1000
MAX_NAME = 80
WAIT_S = 2.0

_hasher = PasswordHasher()
_DUMMY_HASH = _hasher.hash(secrets.token_hex(16))
# A hash takes 64 MiB on purpose; a burst of attempts must not take all memory.
_at_once = threading.BoundedSemaphore(2)


def require_name(name: str) -> None:
    """Raise SignInError for a user name that cannot be shown or told apart."""
    shown = name.isprintable() and name == name.strip()
    if not (shown and 0 < len(name) <= MAX_NAME):
        raise SignInError(
            "This user name cannot be used.",
            f"Use 1 to {MAX_NAME} printable characters, without spaces at either end.",
        )


def require_password(password: str) -> None:
    """Raise SignInError for a password too short or easy, or longer than anybody types."""
    if len(password) < MIN_PASSWORD:
        raise SignInError(
            f"The password is too short: {len(password)} characters.",
            f"Use at least {MIN_PASSWORD}; a few unrelated words are easy to remember.",
        )
    if len(password) > MAX_PASSWORD:
        raise SignInError(
            f"The password is too long: {len(password)} characters.",
            f"Use at most {MAX_PASSWORD}.",
        )
    if is_easy(password):
        raise SignInError(
            "The password is one that is easily guessed.",
            "Use a few unrelated words instead of common ones and runs of keys.",
        )


def hash_password(password: str) -> str:
    """What the store keeps of a password. Raises SignInError if it cannot be used."""
    require_password(password)
    with turn():
        return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash it takes as long as a wrong one.

    Call it inside a :func:`turn`.
    """
    try:
        right = _hasher.verify(password_hash or _DUMMY_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and password_hash is not None


@contextmanager
def turn() -> Iterator[None]:
    """One of the few places for a hash.

    Raises SignInError rather than to wait for long: participants need the threads.
    """
    if not _at_once.acquire(timeout=WAIT_S):
        raise SignInError("Too many people are signing in just now.", "Try again in a moment.")
    try:
        yield
    finally:
        _at_once.release()

"""A lock for those who delete clips, and those who launch studies that play them.

An object store may take seconds for what a launch or a deletion asks of it. In the transaction of
:meth:`jndlab.store.engine.Store.write` every participant's answer would wait as long; this lock
nobody else waits for. Who needs both takes this one first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from jndlab.errors import StoreError
from jndlab.store.engine import Store

CLIPS = 0x6A6E646C6164
"""Key of the advisory lock of PostgreSQL."""
FILE = ".clips.lock"
"""In the data folder, where the database is SQLite: an empty database, to be locked."""
WAIT_SECONDS = 60
"""An object store that is slow to answer may be waited for by whoever holds it."""


@contextmanager
def alone_with_clips(store: Store) -> Iterator[None]:
    """Nobody else deletes clips in the block, nor launches a study. Raises StoreError.

    The system frees the lock however the process ends.
    """
    with _on_sqlite(store) if store.dialect == "sqlite" else _on_postgresql(store):
        yield


@contextmanager
def _on_sqlite(store: Store) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            lock = sqlite3.connect(store.folder / FILE, timeout=WAIT_SECONDS, isolation_level=None)
            stack.enter_context(closing(lock))
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _held(error) from error
        yield


@contextmanager
def _on_postgresql(store: Store) -> Iterator[None]:
    with store.engine.connect() as connection:
        try:
            connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
            # Nothing is asked of this connection until the block ends.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({CLIPS})"))
        except DatabaseError as error:
            raise _held(error.orig or error) from error
        yield


def _held(error: BaseException) -> StoreError:
    return StoreError(
        f"Clips are being deleted or launched elsewhere, and it takes long: {error}.",
        "Try again in a minute. If it goes on, look at the object store or the disk.",
    )

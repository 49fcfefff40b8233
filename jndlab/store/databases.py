"""How SQLite and PostgreSQL are opened: durable, with foreign keys, with bounded waiting.

SQLite runs in WAL mode with full synchronisation; a write transaction takes the write lock
when it begins. The driver's default, which takes it at the first write, loses updates
silently when two threads read before they write.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError

from jndlab.errors import MissingExtra, StoreError

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for the writers before it."""
POOL_SIZE = 20
MAX_OVERFLOW = 40


def sqlite_engine(path: Path) -> Engine:
    """The database in a file."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        try:
            with closing(connection.cursor()) as cursor:
                _prepare(cursor)
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        _require_writable_index(path)
        writes = connection.get_execution_options().get("jndlab_writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    _savepoints_as_text(engine.dialect)
    return engine


def _prepare(cursor: sqlite3.Cursor) -> None:
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not hidden
    _flush_what_is_seen(cursor)


def _flush_what_is_seen(cursor: sqlite3.Cursor) -> None:
    """Bring to the disk what a process that was killed wrote and had no time to flush.

    The first connection after a crash finds it in the log and shows it as stored. An answer that is
    sent again would be confirmed on the strength of it, and nothing would flush it before the next
    writing.

    It fails for a connection that can only read, which is to be given up: where the disk is
    read-only for a while, a file is opened for reading and stays so, and so does the index of the
    log (-shm), which is opened once for all connections and closed with the last.
    """
    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _require_writable_index(path: Path) -> None:
    """Every transaction writes to the index of the log, in memory that the file is mapped to.

    Raises StoreError where the disk has become read-only: writing there would end the process
    (SIGBUS).
    """
    if not os.access(f"{path}-shm", os.W_OK):
        raise StoreError(
            f"The database {path} cannot be used: its disk is read-only.",
            "Give the server write access to the data folder.",
        )


def _savepoints_as_text(dialect: Any) -> None:
    """Otherwise each is an expression that is compiled anew, a tenth of the cost of an answer."""
    for method, words in (
        ("do_savepoint", "SAVEPOINT"),
        ("do_release_savepoint", "RELEASE SAVEPOINT"),
        ("do_rollback_to_savepoint", "ROLLBACK TO SAVEPOINT"),
    ):

        def send(connection: Connection, name: str, words: str = words) -> None:
            connection.exec_driver_sql(f"{words} {name}")

        setattr(dialect, method, send)


def postgresql_engine(url: str) -> Engine:
    """The database of a PostgreSQL server. Raises MissingExtra without its driver."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtra(
            "PostgreSQL needs the driver psycopg.", 'Install it: pip install "jndlab[postgres]"'
        ) from None
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": 10,
            "keepalives_idle": 30,
            # Whatever the server's own settings say: an answer that is confirmed is on the disk.
            "options": f"-c synchronous_commit=on -c lock_timeout={BUSY_TIMEOUT_MS}",
        },
        # Who waited for a lock has to see what the one before it wrote.
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
    )


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn the database's refusals into errors that say what to do."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error.orig or error).strip()
        for sign, remedy in _REMEDIES[engine.dialect.name].items():
            if sign in reason:
                raise StoreError(
                    f"The database {name_of(engine)} cannot be used: {reason}.", remedy
                ) from error
        raise


def name_of(engine: Engine) -> str:
    """Where the database is, without a password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=True)


_REMEDIES = {
    "sqlite": {
        "disk is full": "Free some space; nothing that was acknowledged is lost.",
        "disk I/O error": "Check the disk; nothing that was acknowledged is lost.",
        "readonly database": "Give the server write access to the data folder.",
        "unable to open": "Check that the data folder exists and can be written.",
        "not a database": "Restore the file from a backup, or name another data folder.",
        "malformed": "Restore the file from a backup.",
        "locked": "Another process holds the database: end it, or wait until it is done.",
    },
    "postgresql": {
        "No space left": "Free some space; nothing that was acknowledged is lost.",
        "could not extend file": "Free some space; nothing that was acknowledged is lost.",
        "lock timeout": "Another process holds the database: end it, or wait until it is done.",
        "could not serialize": "Do it again; nothing that was acknowledged is lost.",
        "deadlock detected": "Do it again; nothing that was acknowledged is lost.",
        "password authentication failed": "Check user and password in JNDLAB_DATABASE_URL.",
        "does not exist": "Create the database, or correct JNDLAB_DATABASE_URL.",
        "permission denied": "Make the user of JNDLAB_DATABASE_URL the database's owner.",
        "read-only transaction": "Name the main server in JNDLAB_DATABASE_URL, not a copy of it.",
        "connection": "Start PostgreSQL, or correct JNDLAB_DATABASE_URL; what was acknowledged "
        "is safe.",
        "shutting down": "Start PostgreSQL again; what was acknowledged is safe.",
        "starting up": "Wait until PostgreSQL has started.",
        "too many clients": "Let PostgreSQL take more connections (max_connections).",
    },
}

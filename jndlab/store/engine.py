"""Opening the database, and the one discipline by which everything is written.

SQLite runs in WAL mode with full synchronisation; a write transaction takes the write lock
when it begins. The driver's default, which takes it at the first write, loses updates
silently when two threads read before they write.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from jndlab.errors import StoreError
from jndlab.files import make_folder
from jndlab.settings import Settings
from jndlab.store.schema import HEAD, KNOWN

BUSY_TIMEOUT_MS = 15_000


class Store:
    """An open database. ``read()`` and ``write()`` give a session in a transaction.

    A context that closes it at the end.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # Waiting for a lock of our own is fair and cheap; waiting on SQLite's is neither.
        self._lane = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database. What it changes is dropped."""
        with _explained(self.engine), Session(self.engine, expire_on_commit=False) as db:
            db.connection(execution_options={"jndlab_writes": False})
            yield db  # leaving it closes the session, which drops whatever was changed

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are on the disk when the block ends without an error."""
        with (
            self._lane,
            _explained(self.engine),
            Session(self.engine, expire_on_commit=False) as db,
        ):
            db.connection(execution_options={"jndlab_writes": True})
            yield db
            db.commit()

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.engine.url.database or ".").parent

    def revision(self) -> str | None:
        """The schema's revision in the database; None for an empty database."""
        with self.read() as db:
            has_table = db.execute(
                text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
            ).first()
            if has_table is None:
                return None
            row = db.execute(text("SELECT version_num FROM alembic_version")).first()
        return None if row is None else str(row[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """Open the database of the data folder and bring its schema up to date.

    Raises StoreError if it cannot be used: no such folder (unless ``create``), read-only,
    damaged, or written by a newer jndlab.
    """
    path = settings.database
    if not path.exists():
        if not create:
            raise StoreError(
                f"There is no database in {settings.data}.",
                "Name the data folder with --data, or launch a study with: jndlab serve STUDY",
            )
        make_folder(path.parent)
    store = Store(_engine(path))
    try:
        revision = store.revision()
        if revision is not None and revision not in KNOWN:
            raise StoreError(
                f"{path} was written by a newer jndlab (schema {revision}, here {HEAD}).",
                "Upgrade jndlab: pip install --upgrade jndlab",
            )
        if revision != HEAD:
            # Alembic takes 0.3 s to import: only when there is something to migrate.
            from jndlab.store.migrate import upgrade

            with _explained(store.engine):
                upgrade(store.engine)
    except BaseException:
        store.close()
        raise
    return store


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        pool_size=20,
        max_overflow=40,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not hidden
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("jndlab_writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    """Turn the database's refusals into errors that say what to do."""
    try:
        yield
    except DatabaseError as error:
        reason = str(error.orig or error)
        for sign, remedy in _REMEDIES.items():
            if sign in reason:
                raise StoreError(
                    f"The database {engine.url.database} cannot be used: {reason}.", remedy
                ) from error
        raise


_REMEDIES = {
    "disk is full": "Free some space; nothing that was acknowledged is lost.",
    "disk I/O error": "Check the disk; nothing that was acknowledged is lost.",
    "readonly database": "Give the server write access to the data folder.",
    "unable to open": "Check that the data folder exists and can be written.",
    "not a database": "Restore the file from a backup, or name another data folder.",
    "malformed": "Restore the file from a backup.",
    "locked": "Another process holds the database: end it, or wait until it is done.",
}

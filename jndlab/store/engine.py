"""Opening the database, and the one discipline by which everything is written.

A writer is alone, or shares with other participants' sessions. Alone, nobody else writes from its
first reading to its commit, so that whatever it read still holds. Sharing is for the many requests
of participants, each of which touches one session and locks it: on SQLite they take turns in one
transaction (:mod:`jndlab.store.group_commit`), on PostgreSQL they run side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from jndlab.errors import StoreError
from jndlab.files import make_folder
from jndlab.settings import Settings
from jndlab.store.copying import read_revision
from jndlab.store.databases import explained, name_of, postgresql_engine, sqlite_engine
from jndlab.store.group_commit import GroupCommit
from jndlab.store.prepared import DRIVER, run_text
from jndlab.store.schema import HEAD, KNOWN

WRITERS = 0x6A6E646C6162
"""Key of the advisory lock of PostgreSQL that writers take: "jndlab" in hexadecimal."""


class Store:
    """An open database. ``read()`` and ``write()`` give a session in a transaction.

    A context that closes it at the end.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        """The data folder."""
        self._writer = GroupCommit(engine) if self.dialect == "sqlite" else None

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database. What it changes is dropped."""
        with explained(self.engine), Session(self.engine, expire_on_commit=False) as db:
            options: dict[str, object] = {"jndlab_writes": False}
            if self._writer is None:
                options |= {"isolation_level": "REPEATABLE READ"}
            with self._given_up_if_lost(db.connection(execution_options=options)):
                yield db  # leaving it closes the session, which drops whatever was changed

    @contextmanager
    def write(self, *, shared: bool = False) -> Iterator[Session]:
        """A session whose changes are on the disk when the block ends without an error.

        ``shared``: beside other writers that share; only for who locks the one session that it
        reads and writes (``session_by_token(..., lock=True)``), or writes what depends on nothing
        that it read.
        """
        with explained(self.engine):
            if self._writer is not None:
                with self._writer.shared() if shared else self._writer.alone() as db:
                    yield db
                return
            with self._own_transaction(_SHARE if shared else _LOCK) as db:
                yield db

    @contextmanager
    def _own_transaction(self, lock: str) -> Iterator[Session]:
        """One of PostgreSQL's. SQLAlchemy's session takes part in it where it is used; for the
        statements of :mod:`jndlab.store.prepared` that would cost as much as they do."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(jndlab_writes=True)
            with (
                self._given_up_if_lost(connection),
                connection.begin(),
                Session(
                    connection, join_transaction_mode="rollback_only", expire_on_commit=False
                ) as db,
            ):
                db.info[DRIVER] = connection.connection.driver_connection
                run_text(db.info[DRIVER], lock)
                yield db
                if db.in_transaction():
                    db.commit()

    @contextmanager
    def _given_up_if_lost(self, connection: Connection) -> Iterator[None]:
        """PostgreSQL has gone: with this connection, so have all others that wait to be used.

        SQLAlchemy sees to it for its own statements, but not for those that the driver was given.
        """
        try:
            yield
        except DBAPIError:
            lost: Any = None if connection.invalidated else connection.connection.driver_connection
            if self._writer is None and lost is not None and lost.closed:
                connection.invalidate()
                self.engine.dispose()
            raise

    def revision(self) -> str | None:
        """The schema's revision in the database; None for an empty database."""
        with self.read() as db:
            return read_revision(db.connection())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


_LOCK = f"SELECT pg_advisory_xact_lock({WRITERS})"
_SHARE = f"SELECT pg_advisory_xact_lock_shared({WRITERS})"


def open_store(settings: Settings, *, create: bool = True) -> Store:
    """Open the database and bring its schema up to date.

    Raises StoreError if it cannot be used: no such database (unless ``create``), read-only,
    damaged, or written by a newer jndlab; MissingExtra without the driver of PostgreSQL.
    """
    store = connect_store(settings, create=create)
    try:
        revision = store.revision()
        if revision is not None and revision not in KNOWN:
            raise StoreError(
                f"{name_of(store.engine)} was written by a newer jndlab (schema {revision}, "
                f"here {HEAD}).",
                "Upgrade jndlab: pip install --upgrade jndlab",
            )
        if revision is None and not create:
            raise _nothing_there(name_of(store.engine))
        if revision != HEAD:
            # Alembic takes 0.3 s to import: only when there is something to migrate.
            from jndlab.store.migrate import upgrade

            with explained(store.engine):
                upgrade(store.engine)
    except BaseException:
        store.close()
        raise
    return store


def connect_store(settings: Settings, *, create: bool = False) -> Store:
    """The database as it is, whatever its schema. Raises StoreError, MissingExtra."""
    if settings.database_url:
        make_folder(settings.data)
        return Store(postgresql_engine(settings.database_url), settings.data)
    path = settings.database
    if not path.exists():
        if not create:
            raise _nothing_there(str(settings.data))
        make_folder(path.parent)
    return Store(sqlite_engine(path), settings.data)


def _nothing_there(place: str) -> StoreError:
    return StoreError(
        f"There is no database in {place}.",
        "Name the data folder with --data, or launch a study with: jndlab serve STUDY",
    )

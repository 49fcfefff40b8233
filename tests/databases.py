"""A fresh database for each test: of SQLite in its data folder, or of a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import continue_numbers, copy_tables
from jndlab.store.engine import Store, connect_store, open_store
from tests.postgres_server import PostgresServer, missing

DATABASES = {"postgresql", "sqlite"}
REQUIRED = "JNDLAB_DATABASES_REQUIRED"
"""Variable: with 1 a missing PostgreSQL fails its tests instead of skipping them."""

_asked: list[PostgresServer] = []
"""The server that the test which runs now wants its stores on; empty: SQLite."""
_made: list[str] = []
_opened: list[Store] = []
_templates: dict[Path | None, str] = {}


def database_url(copy_of: Path | None = None) -> str:
    """The address of a database for the test that runs now, to be used for its stores.

    It is empty, or has the rows of the SQLite database in the data folder ``copy_of``. Empty
    text where the test runs on SQLite: its database is in the data folder.
    """
    if not _asked:
        return ""
    server = _asked[-1]
    if copy_of not in _templates:
        if copy_of is None:
            _templates[None] = server.create()
            open_store(Settings(database_url=server.url(_templates[None]))).close()
        else:
            database_url()
            _templates[copy_of] = server.create(template=_templates[None])
            _fill(copy_of, server.url(_templates[copy_of]))
    _made.append(server.create(template=_templates[copy_of]))
    return server.url(_made[-1])


def closed_at_end(store: Store) -> Store:
    """The store, which is closed when its test ends, also if it fails before it gets to that.

    A connection of PostgreSQL that is left open is a warning in whatever test comes later.
    """
    if _asked:
        _opened.append(store)
    return store


def make_read_only(store: Store) -> None:
    """Let the database refuse every change from now on, as one on a read-only disk does."""
    on_sqlite = store.dialect == "sqlite"
    refuse = "PRAGMA query_only = ON" if on_sqlite else "SET default_transaction_read_only = on"

    def prepare(connection: Any, record: Any) -> None:
        connection.execute(refuse)
        connection.commit()

    store.engine.dispose()
    event.listen(store.engine, "connect", prepare)


def stored_bytes(settings: Settings) -> bytes:
    """Everything that a closed store has in its database, to look for what must not be there."""
    if not settings.database_url:
        return b"".join(path.read_bytes() for path in settings.data.glob("jndlab.db*"))
    import psycopg

    with psycopg.connect(settings.database_url) as connection:
        names = [table.name for table in Base.metadata.sorted_tables]
        copies = [connection.cursor().copy(f'COPY "{name}" TO STDOUT'.encode()) for name in names]
        content = []
        for copy in copies:
            with copy as parts:
                content += [bytes(part) for part in parts]
    return b"".join(content)


def copy_settings(settings: Settings, data: Path) -> Settings:
    """A copy of a closed store, in another data folder."""
    shutil.copytree(settings.data, data)
    if not settings.database_url:
        return replace(settings, data=data)
    server = _asked[-1]
    _made.append(server.create(template=settings.database_url.rpartition("/")[2]))
    return replace(settings, data=data, database_url=server.url(_made[-1]))


def _fill(source: Path, target: str) -> None:
    """Copy every row of a SQLite database into an empty one of PostgreSQL."""
    with (
        connect_store(Settings(data=source)) as old,
        connect_store(Settings(data=source, database_url=target)) as new,
        old.engine.connect() as reading,
        new.engine.begin() as writing,
    ):
        copy_tables(reading, writing)
        continue_numbers(writing)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for all tests of this process that do not crash it."""
    why = missing()
    if why and os.environ.get(REQUIRED) == "1":
        pytest.fail(why)
    if why:
        pytest.skip(f"{why}; tools/get-postgres gets it")
    with PostgresServer(fsync=False) as server:
        yield server
    _templates.clear()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database the stores of this test are on (the conftest repeats it for each)."""
    if request.param == "sqlite":
        yield request.param
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    _asked.append(server)
    yield request.param
    _asked.clear()
    for store in _opened:
        store.close()
    _opened.clear()
    for name in _made:
        server.drop(name)
    _made.clear()

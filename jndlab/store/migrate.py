"""Bringing a database to another revision with Alembic, called from Python."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from jndlab.store.base import Base
from jndlab.store.schema import HEAD

MIGRATORS = 0x6A6E646C6163
"""Key of the advisory lock of PostgreSQL under which one process migrates at a time."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to ``revision``. An empty PostgreSQL database gets the newest tables at once."""
    _run(engine, lambda config, connection: _upgrade(config, connection, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to ``revision``; 'base' empties a database of SQLite."""
    _run(engine, lambda config, connection: command.downgrade(config, revision))


def _upgrade(config: Config, connection: Connection, revision: str) -> None:
    fresh = not connection.dialect.has_table(connection, "alembic_version")
    if fresh and connection.dialect.name == "postgresql":
        from jndlab.store import models  # noqa: F401  (fills the metadata)

        Base.metadata.create_all(connection)
        command.stamp(config, HEAD)
        if revision not in ("head", HEAD):
            command.downgrade(config, revision)
        return
    command.upgrade(config, revision)


def _run(engine: Engine, step: Callable[[Config, Connection], None]) -> None:
    config = Config()
    config.set_main_option("script_location", "jndlab.store:migrations")
    on_sqlite = engine.dialect.name == "sqlite"
    # One transaction for everything: a migration that fails leaves the database as it was, and of
    # two processes that migrate the second one waits and finds nothing left to do.
    with engine.connect() as connection:
        # SQLite alters a table by making it anew; with foreign keys on, dropping the old one
        # would fail. They can be switched between transactions only.
        if on_sqlite:
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not on_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATORS})"))
                config.attributes["connection"] = connection
                step(config, connection)
                if on_sqlite:
                    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
                    assert broken is None, f"the migration broke a reference: {broken}"
        finally:
            if on_sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")

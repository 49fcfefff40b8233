"""Bringing a database to another revision with Alembic, called from Python."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to ``revision``."""
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to ``revision``; 'base' empties the database."""
    _run(engine, lambda config: command.downgrade(config, revision))


def _run(engine: Engine, step: object) -> None:
    config = Config()
    config.set_main_option("script_location", "jndlab.store:migrations")
    # One transaction for everything: a migration that fails leaves the database as it was.
    with engine.connect() as connection:
        # SQLite alters a table by making it anew; with foreign keys on, dropping the old one
        # would fail. They can be switched between transactions only.
        _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                assert callable(step)
                step(config)
                broken = connection.execute(text("PRAGMA foreign_key_check")).first()
                assert broken is None, f"the migration broke a reference: {broken}"
        finally:
            _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")

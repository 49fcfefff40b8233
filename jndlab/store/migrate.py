"""Bringing a database to another revision with Alembic, called from Python."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


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
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        assert callable(step)
        step(config)

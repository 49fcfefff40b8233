"""Alembic's environment: migrates the connection that :mod:`jndlab.store.migrate` opened."""

from __future__ import annotations

from alembic import context

from jndlab.store import models  # noqa: F401  (fills the metadata)
from jndlab.store.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
with context.begin_transaction():
    context.run_migrations()

"""One row in every table, each pointing at the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Double, Integer, Table, text

from jndlab.store.base import Base, UtcTime
from jndlab.store.engine import Store

FIRST_ON_POSTGRESQL = "0012"
"""Older revisions were on SQLite only, and their migrations are written for it."""

# Values that a constraint prescribes; every other column gets one of its type.
PRESCRIBED = {
    "sessions.kind": "simulated",
    "sessions.state": "open",
    "study_states.state": "running",
    "links.kind": "single",
    "jobs.state": "queued",
    "members.role": "owner",
    "check_trials.kind": "sound",
    "study_versions.definition": '{"title": "Which is which?"}',
}


def fill(store: Store) -> None:
    """One row in every table of the newest schema."""
    with store.write() as db:
        for table in Base.metadata.sorted_tables:
            db.execute(table.insert().values(**make_row(table)))


def make_row(table: Table) -> dict[str, Any]:
    """A row with the number 1 that points at rows with the number 1."""
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys or column.name == "id":
            values[column.name] = 1
        elif isinstance(column.type, UtcTime):
            values[column.name] = datetime.now(UTC)
        elif isinstance(column.type, Boolean):
            values[column.name] = True
        elif isinstance(column.type, Integer | Double):
            values[column.name] = 1
        else:
            place = f"{table.name}.{column.name}"
            values[column.name] = PRESCRIBED.get(place, place)
    return values


def counts(store: Store) -> dict[str, int]:
    """How many rows every table has."""
    with store.read() as db:
        return {
            name: db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in Base.metadata.tables
        }

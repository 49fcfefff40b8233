"""The same on PostgreSQL, whose databases begin with revision 0012."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import ProgrammingError

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import describe_tables
from jndlab.store.engine import Store, open_store
from jndlab.store.migrate import downgrade, upgrade
from jndlab.store.schema import HEAD, KNOWN
from tests.migrations.filling import FIRST_ON_POSTGRESQL, counts, fill
from tests.migrations.test_migrations import ADDED
from tests.postgres_server import PostgresServer

STEPS = [revision for revision in KNOWN if revision > FIRST_ON_POSTGRESQL]


@pytest.fixture
def settings(postgres: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    name = postgres.create()
    yield Settings(data=tmp_path, database_url=postgres.url(name))
    postgres.drop(name)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


def schema_of(store: Store) -> dict[str, list[str]]:
    """Columns, constraints and indexes of every table, whatever their order."""
    found = inspect(store.engine)
    parts = ("columns", "check_constraints", "unique_constraints", "foreign_keys", "indexes")
    schema = {}
    for table in found.get_table_names():
        what: list[Any] = [getattr(found, f"get_{part}")(table) for part in parts]
        schema[table] = sorted(str(one) for part in what for one in part)
        schema[table].append(str(found.get_pk_constraint(table)))
    return schema


def test_the_head_equals_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_what_is_made_at_once_equals_what_is_migrated(store: Store) -> None:
    made = schema_of(store)
    downgrade(store.engine, FIRST_ON_POSTGRESQL)
    assert schema_of(store) != made
    upgrade(store.engine)
    assert schema_of(store) == made


@pytest.mark.parametrize("revision", STEPS)
def test_every_step_goes_down_and_up_with_data_in_all_tables(store: Store, revision: str) -> None:
    fill(store)
    downgrade(store.engine, revision)
    downgrade(store.engine, "-1")
    upgrade(store.engine)
    assert store.revision() == HEAD
    dropped = {name for name, added in ADDED.items() if added >= revision}
    assert counts(store) == {name: int(name not in dropped) for name in Base.metadata.tables}


def test_opening_a_database_at_its_head_keeps_its_data(settings: Settings, store: Store) -> None:
    fill(store)
    with store.read() as db:
        before = describe_tables(db.connection())
    with open_store(settings) as again, again.read() as db:
        assert describe_tables(db.connection()) == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    settings: Settings, store: Store, postgres: PostgresServer
) -> None:
    fill(store)
    downgrade(store.engine, FIRST_ON_POSTGRESQL)
    before = schema_of(store)
    database = settings.database_url.rpartition("/")[2]
    postgres.execute("CREATE TABLE rates (in_the_way text)", database=database)
    with pytest.raises(ProgrammingError, match="already exists"):
        open_store(settings)
    assert store.revision() == FIRST_ON_POSTGRESQL
    found = schema_of(store)
    found.pop("rates")
    assert found == before

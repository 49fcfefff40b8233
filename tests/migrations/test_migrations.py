"""Migrations: up, down, up again with data in every table, and head equal to the models."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.engine import Store, open_store
from jndlab.store.migrate import downgrade, upgrade
from jndlab.store.schema import HEAD, KNOWN
from tests.migrations.filling import counts, fill

# Tables that a later migration added: they are dropped on the way down, and come back empty.
ADDED = {
    "failed_sign_ins": "0006",
    "invitations": "0006",
    "members": "0006",
    "api_tokens": "0006",
    "deeds": "0006",
    "jobs": "0006",
    "links": "0008",
    "recruits": "0008",
    "drafts": "0009",
    "uploads": "0009",
    "gate_reasons": "0009",
    "consent_texts": "0005",
    "questionnaire_answers": "0005",
    "resumes": "0004",
    "periodic": "0014",
    "rates": "0015",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(Settings(data=tmp_path))
    yield store
    store.close()


def table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def schema_of(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return sorted(sql for (sql,) in rows)


def test_the_head_has_every_table_of_the_models_and_no_other(store: Store) -> None:
    assert table_names(store.engine) == set(Base.metadata.tables)


def test_the_head_equals_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_constraints_of_the_head_equal_those_of_the_models(store: Store) -> None:
    """What Alembic's comparison does not look at: check constraints and their names."""
    fresh = create_engine("sqlite://")
    Base.metadata.create_all(fresh)
    made, migrated = inspect(fresh), inspect(store.engine)
    for name in Base.metadata.tables:
        for kind in ("check_constraints", "unique_constraints", "foreign_keys", "pk_constraint"):
            expected, found = (getattr(i, f"get_{kind}")(name) for i in (made, migrated))
            assert _sorted(found) == _sorted(expected), (name, kind)
    fresh.dispose()


def test_down_to_nothing_and_up_again_gives_the_same_schema(store: Store) -> None:
    before = schema_of(store.engine)
    downgrade(store.engine, "base")
    assert table_names(store.engine) == set()
    assert store.revision() is None
    upgrade(store.engine)
    assert store.revision() == HEAD
    assert schema_of(store.engine) == before


@pytest.mark.parametrize("revision", KNOWN)
def test_every_step_goes_down_and_up_with_data_in_all_tables(store: Store, revision: str) -> None:
    fill(store)
    assert set(counts(store).values()) == {1}
    downgrade(store.engine, revision)
    downgrade(store.engine, "-1")
    upgrade(store.engine)
    assert store.revision() == HEAD
    with store.read() as db:
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        assert db.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    if revision == KNOWN[0]:  # everything was dropped: the new tables take data again
        fill(store)
        assert set(counts(store).values()) == {1}
        return
    dropped = {name for name, added in ADDED.items() if added >= revision}
    assert counts(store) == {name: int(name not in dropped) for name in Base.metadata.tables}


def test_opening_a_database_at_its_head_keeps_its_data(tmp_path: Path, store: Store) -> None:
    fill(store)
    again = open_store(Settings(data=tmp_path))
    assert set(counts(again).values()) == {1}
    again.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "jndlab.db"
    last_made = "released_clips"
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE {last_made} (in_the_way TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(OperationalError, match="already exists"):
        open_store(Settings(data=tmp_path))
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()
    assert tables == [last_made]


def test_the_head_known_without_alembic_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", "jndlab.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert sorted(script.revision for script in scripts.walk_revisions()) == list(KNOWN)


def test_every_table_can_be_filled_and_read_by_its_model(store: Store) -> None:
    fill(store)
    with store.read() as db:
        for mapper in Base.registry.mappers:
            assert db.query(mapper.class_).count() == 1


def _sorted(found: Any) -> Any:
    return found if isinstance(found, dict) else sorted(found, key=str)

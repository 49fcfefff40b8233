"""Statements that go past SQLAlchemy: converted, refused and undone as if they had not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.engine import Store, open_store
from jndlab.store.models import UserRow
from jndlab.store.prepared import Prepared, Together

USERS = Base.metadata.tables["users"]
NAMES = ("name", "password_hash", "created_at", "is_admin")
ADD = Prepared(insert(USERS), *NAMES)
ADD_AND_TELL = Prepared(insert(USERS).returning(USERS.c.id), *NAMES)
RENAME = Prepared(
    update(USERS).where(USERS.c.name == bindparam("before")), "before", "password_hash"
)
FIND = Prepared(
    select(USERS.c.name, USERS.c.is_admin, USERS.c.created_at)
    .where(USERS.c.name == bindparam("wanted"))
    .limit(1),
    "wanted",
)
NOW = datetime(2026, 11, 22, 9, 30, 0, 123000, tzinfo=UTC)


def user(name: str, *, is_admin: bool = False) -> dict[str, Any]:
    return {"name": name, "password_hash": "none", "created_at": NOW, "is_admin": is_admin}


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.scalars(text("SELECT name FROM users ORDER BY name")))


@pytest.mark.parametrize("shared", [True, False])
def test_values_and_results_are_those_of_the_columns(store: Store, shared: bool) -> None:
    with store.write(shared=shared) as db:
        ADD.run(db, user("ada\0lace", is_admin=True))
        [row] = FIND.run(db, {"wanted": "ada\0lace"})
        assert (row.name, row.is_admin, row.created_at) == (
            "ada\N{REPLACEMENT CHARACTER}lace",
            True,
            NOW,
        )
    with store.read() as db:
        assert list(FIND.run(db, {"wanted": "ada\0lace"})) == [row]
        assert list(FIND.run(db, {"wanted": "grace"})) == []


def test_an_insert_gives_the_new_id_where_it_is_asked_for(store: Store) -> None:
    with store.write(shared=True) as db:
        [(new,)] = ADD_AND_TELL.run(db, user("ada"))
        assert db.get_one(UserRow, new).name == "ada"
        assert list(ADD.run(db, user("grace"))) == []


def test_a_value_that_is_not_given_is_an_error_and_no_null(store: Store) -> None:
    with pytest.raises(KeyError, match="password_hash"), store.write(shared=True) as db:
        ADD.run(db, {"name": "ada", "created_at": NOW, "is_admin": False})
    assert names(store) == []


def add(store: Store, *wanted: str) -> None:
    with store.write(shared=True) as db:
        for name in wanted:
            ADD.run(db, user(name))


def test_a_refusal_is_sqlalchemys_and_tells_no_values(store: Store) -> None:
    add(store, "ada")
    with pytest.raises(IntegrityError) as refused:
        add(store, "grace", "ada")
    assert "INSERT INTO users" in str(refused.value)
    assert NOW.isoformat(timespec="milliseconds") not in str(refused.value).split("[SQL")[1]
    assert names(store) == ["ada"]


def test_mapped_objects_and_prepared_statements_share_the_transaction(store: Store) -> None:
    with store.write(shared=True) as db:
        ADD.run(db, user("ada"))
        db.add(UserRow(**user("grace")))
        db.flush()
        assert FIND.run(db, {"wanted": "grace"})
        assert count(db) == 2
    with pytest.raises(RuntimeError, match="no"):
        add_both_ways_and_fail(store)
    assert names(store) == ["ada", "grace"]


def add_both_ways_and_fail(store: Store) -> None:
    with store.write(shared=True) as db:
        ADD.run(db, user("hedy"))
        db.add(UserRow(**user("mary")))
        db.flush()
        raise RuntimeError("no")


def count(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(UserRow)) or 0


def test_several_changes_are_made_together_or_not_at_all(store: Store) -> None:
    both = Together(ADD, RENAME)
    with store.write(shared=True) as db:
        ADD.run(db, user("ada"))
    with store.write(shared=True) as db:
        both.run(db, user("grace"), {"before": "ada", "password_hash": "new"})
    with store.write(shared=True) as db:
        Together(RENAME).run(db, {"before": "grace", "password_hash": "one alone"})
    with store.read() as db:
        hashes = db.execute(text("SELECT name, password_hash FROM users ORDER BY name")).all()
    assert [tuple(row) for row in hashes] == [("ada", "new"), ("grace", "one alone")]
    with pytest.raises(IntegrityError), store.write(shared=True) as db:
        both.run(db, user("grace"), {"before": "ada", "password_hash": "newer"})
    with store.read() as db:
        assert db.scalar(text("SELECT password_hash FROM users WHERE name = 'ada'")) == "new"


@pytest.mark.postgresql
@pytest.mark.parametrize("writes", [True, False])
def test_connections_that_are_lost_are_given_up_all_at_once(
    settings: Settings, store: Store, writes: bool
) -> None:
    """After PostgreSQL was started again one request fails, and not one for each connection."""
    with open_store(settings) as served:
        open_at_once = [served.read() for _ in range(4)]
        for one in open_at_once:
            one.__enter__()
        for one in open_at_once:
            one.__exit__(None, None, None)
        with store.write() as db:
            db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        with (
            pytest.raises(StoreError, match="connection"),
            served.write(shared=True) if writes else served.read() as db,
        ):
            FIND.run(db, {"wanted": "ada"})
        for _ in range(4):
            with served.write(shared=True) as db:
                assert list(FIND.run(db, {"wanted": "ada"})) == []

"""The discipline of writing: nothing acknowledged is lost, nothing half-done is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import EventRow, UserRow
from tests.databases import make_read_only

N_THREADS, N_INCREMENTS = 8, 30


def make_user(name: str) -> UserRow:
    return UserRow(name=name, password_hash="none", created_at=datetime.now(UTC))


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.scalars(text("SELECT name FROM users ORDER BY name")))


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)],
)
def test_every_connection_is_durable_and_checks_foreign_keys(
    store: Store, pragma: str, value: object
) -> None:
    with store.read() as db, store.read() as other:
        assert db.scalar(text(f"PRAGMA {pragma}")) == value
        assert other.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_row_that_points_nowhere_is_refused(store: Store) -> None:
    orphan = EventRow(session_id=12345, kind="x", detail="", received_at=datetime.now(UTC))
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), store.write() as db:
        db.add(orphan)


@pytest.mark.parametrize("n_stores", [1, 2])
def test_concurrent_read_then_write_loses_no_update(
    store: Store, settings: Settings, n_stores: int
) -> None:
    """With two stores on the one file, as two processes have it, only SQLite's lock helps."""
    with store.write() as db:
        db.execute(text("CREATE TABLE counter (n INTEGER)"))
        db.execute(text("INSERT INTO counter VALUES (0)"))
    stores = [store, *(open_store(settings) for _ in range(n_stores - 1))]

    def count(thread: int) -> None:
        for _ in range(N_INCREMENTS):
            with stores[thread % n_stores].write() as db:
                n = db.scalar(text("SELECT n FROM counter"))
                db.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(count, range(N_THREADS)))
    for extra in stores[1:]:
        extra.close()
    with store.read() as db:
        assert db.scalar(text("SELECT n FROM counter")) == N_THREADS * N_INCREMENTS


def test_what_a_reader_changes_is_dropped(store: Store) -> None:
    with store.read() as db:
        db.add(make_user("ghost"))
        db.flush()
        assert db.scalar(text("SELECT count(*) FROM users")) == 1
    assert names(store) == []


def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    with store.read() as db:
        assert db.scalar(text("SELECT count(*) FROM users")) == 0
        with store.write() as other:
            other.add(make_user("late"))
        assert db.scalar(text("SELECT count(*) FROM users")) == 0
    assert names(store) == ["late"]


def test_a_write_that_fails_half_way_leaves_nothing(store: Store) -> None:
    def write_half() -> None:
        with store.write() as db:
            db.add(make_user("half"))
            db.flush()
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        write_half()
    assert names(store) == []
    with store.write() as db:  # and the lock is free again
        db.add(make_user("whole"))
    assert names(store) == ["whole"]


@pytest.mark.sqlite
def test_a_committed_write_is_seen_by_an_independent_connection(
    store: Store, settings: Settings
) -> None:
    with store.write() as db:
        db.add(make_user("kept"))
    other = sqlite3.connect(settings.data / "jndlab.db")
    try:
        assert other.execute("SELECT name FROM users").fetchall() == [("kept",)]
    finally:
        other.close()


@pytest.mark.sqlite
def test_a_full_disk_is_explained_and_nothing_earlier_is_lost(store: Store) -> None:
    with store.write() as db:
        db.add(make_user("before"))
    on_each_connection(store, lambda raw: raw.execute("PRAGMA max_page_count = 1"))
    with pytest.raises(StoreError, match="disk is full") as refused, store.write() as db:
        db.add_all(make_user(f"{number}" + "x" * 2000) for number in range(200))
    assert "free some space" in refused.value.remedy.lower()
    assert names(store) == ["before"]
    on_each_connection(store, lambda raw: raw.execute("PRAGMA max_page_count = 1000000"))
    with store.write() as db:
        db.add(make_user("later"))
    assert names(store) == ["before", "later"]


def test_a_read_only_database_is_explained(store: Store) -> None:
    make_read_only(store)
    with pytest.raises(StoreError, match=r"read-?only") as refused, store.write() as db:
        db.add(make_user("nobody"))
    assert refused.value.remedy.startswith(("Give the server write access", "Name the main server"))


@pytest.mark.sqlite
def test_a_database_held_by_another_process_is_explained(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jndlab.store.databases.BUSY_TIMEOUT_MS", 50)
    store = open_store(settings)
    other = sqlite3.connect(settings.data / "jndlab.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as refused, store.write():
            pass
        assert "Another process" in refused.value.remedy
        assert names(store) == []  # reading goes on meanwhile
        other.execute("ROLLBACK")
        with store.write() as db:
            db.add(make_user("free"))
        assert names(store) == ["free"]
    finally:
        other.close()
        store.close()


def on_each_connection(store: Store, prepare: Callable[[Any], object]) -> None:
    """Let the pool start afresh, with something done to each new connection."""
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda raw, record: prepare(raw))

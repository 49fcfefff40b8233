"""The store on a disk that loses power, or cannot be written for a while."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.databases import sqlite_engine
from jndlab.store.engine import Store, connect_store, open_store
from tests.faults import disk
from tests.faults.running import Needs, require

WRITE_AND_DIE = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE heard (number INTEGER)")
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
os.sync()
db.execute("PRAGMA synchronous = OFF")  # as if killed between the write and its flush
db.execute("INSERT INTO heard VALUES (7)")
db.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_is_seen_after_a_crash_outlives_a_power_cut(tmp_path: Path) -> None:
    with disk.Disk(tmp_path / "disk") as small:
        path = small.folder / "jndlab.sqlite"
        write_and_die(path)
        with opened(path) as engine:
            assert read_numbers(engine) == [7]
            small.cut_power()
        small.mount_anew()
        with opened(path) as engine:
            assert read_numbers(engine) == [7]


def test_a_store_writes_again_as_soon_as_its_disk_can_be_written(tmp_path: Path) -> None:
    with (
        disk.Disk(tmp_path / "disk") as small,
        open_store(Settings(data=small.folder)) as store,
    ):
        small.protect(on=True)
        with pytest.raises(StoreError, match="its disk is read-only"):
            touch(store)
        with pytest.raises(StoreError, match="its disk is read-only"), store.read():
            pass
        small.protect(on=False)
        touch(store)


def test_a_store_opened_on_a_read_only_disk_writes_as_soon_as_it_can(tmp_path: Path) -> None:
    """A connection that can only read would keep all others from writing while it is in use."""
    with disk.Disk(tmp_path / "disk") as small:
        settings = Settings(data=small.folder)
        open_store(settings).close()
        write_and_die(settings.database)  # the log and its index are left behind
        small.protect(on=True)
        with connect_store(settings) as store:
            for _ in range(2):
                with pytest.raises(StoreError, match="readonly"), store.read():
                    pass
            small.protect(on=False)
            with store.read():
                touch(store)


def touch(store: Store) -> None:
    with store.write(shared=True) as db:
        db.execute(text("INSERT INTO rates (digest, ends_at, n) VALUES ('a', '2026-01-01', 1)"))
        db.execute(text("DELETE FROM rates"))


@pytest.fixture(autouse=True)
def needed() -> None:
    require(Needs(disk=True))


def write_and_die(path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(path)], check=False)


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(path)
    try:
        yield engine
    finally:
        engine.dispose()


def read_numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT number FROM heard")).scalars())

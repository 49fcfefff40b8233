"""What can be read after a crash survives a power cut, since answers are confirmed by it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from jndlab.store.databases import sqlite_engine
from tests.faults import disk

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


@pytest.mark.skipif(bool(disk.missing()), reason=disk.missing())
def test_what_is_seen_after_a_crash_outlives_a_power_cut(tmp_path: Path) -> None:
    with disk.Disk(tmp_path / "disk") as small:
        path = small.folder / "jndlab.sqlite"
        subprocess.run([sys.executable, "-c", WRITE_AND_DIE, str(path)], check=False)
        with opened(path) as engine:
            assert read_numbers(engine) == [7]
            small.cut_power()
        small.mount_anew()
        with opened(path) as engine:
            assert read_numbers(engine) == [7]


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

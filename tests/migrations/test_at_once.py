"""Several processes that migrate one database at once: one does it, the others wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import count_rows
from jndlab.store.engine import open_store
from jndlab.store.migrate import downgrade
from jndlab.store.schema import HEAD
from tests.migrations.filling import FIRST_ON_POSTGRESQL, fill
from tests.postgres_server import PostgresServer

N_PROCESSES = 4
OPEN = """
import sys
from jndlab.settings import load_settings
from jndlab.store import migrate
from jndlab.store.engine import open_store
print("ready", flush=True)
sys.stdin.readline()
with open_store(load_settings()) as store:
    print(store.revision())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A data folder without a database, or with one that is empty."""
    if request.param == "sqlite":
        return Settings(data=tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    return Settings(data=tmp_path, database_url=server.url(server.create()))


def open_at_once(settings: Settings) -> list[str]:
    """What processes say that are let go at the same moment: the revision that they find."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN],
            env={**os.environ, **settings.to_environment()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(N_PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * N_PROCESSES, said
    return [out.strip() for out, _ in said]


def test_an_older_database_is_migrated_once_and_keeps_its_data(settings: Settings) -> None:
    with open_store(settings) as store:
        fill(store)
        downgrade(store.engine, FIRST_ON_POSTGRESQL)
    assert open_at_once(settings) == [HEAD] * N_PROCESSES
    with open_store(settings) as store, store.read() as db:
        counts = count_rows(db.connection())
    newer = {"periodic", "rates"}
    assert {name for name, n_rows in counts.items() if n_rows == 1} >= (
        Base.metadata.tables.keys() - newer
    )
    assert set(counts.values()) <= {0, 1}


def test_a_new_database_is_made_once(settings: Settings) -> None:
    assert open_at_once(settings) == [HEAD] * N_PROCESSES
    with open_store(settings) as store, store.read() as db:
        assert count_rows(db.connection()).keys() == Base.metadata.tables.keys()

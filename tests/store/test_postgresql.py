"""What only PostgreSQL does: opening, durability, and what is said when it cannot be used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from jndlab.errors import MissingExtra, StoreError
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import UserRow
from jndlab.store.schema import HEAD
from jndlab.store.studies import study_by_slug
from tests.postgres_server import PostgresServer
from tests.servers import free_port
from tests.store.people import make_user

pytestmark = pytest.mark.postgresql


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    """A database without tables."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


def test_an_empty_database_gets_its_tables(url: str, tmp_path: Path) -> None:
    with open_store(Settings(data=tmp_path / "new" / "data", database_url=url)) as store:
        assert store.revision() == HEAD
    with open_store(Settings(data=tmp_path, database_url=url), create=False) as store:
        assert store.folder == tmp_path


def test_an_empty_database_is_not_filled_when_there_should_be_one(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database") as refused:
        open_store(Settings(data=tmp_path, database_url=url), create=False)
    assert refused.value.remedy


def test_a_newer_database_is_refused(store: Store, settings: Settings) -> None:
    with store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer jndlab") as refused:
        open_store(settings)
    assert "pip install --upgrade jndlab" in refused.value.remedy


def test_processes_that_open_a_new_database_at_once_all_succeed(url: str, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from jndlab.settings import Settings; "
        "from jndlab.store.engine import open_store; "
        "print(open_store(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2])).revision())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "data"), url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=120)[0].strip() for process in processes] == [HEAD] * 3


def test_every_connection_waits_for_the_disk(store: Store) -> None:
    """The server of these tests does not, and would say so to others."""
    with store.read() as db, store.write() as other:
        assert [one.scalar(text("SHOW synchronous_commit")) for one in (db, other)] == ["on"] * 2


def test_who_waited_for_a_lock_sees_what_was_written_whatever_the_databases_default(
    store: Store, settings: Settings
) -> None:
    name = settings.database_url.rpartition("/")[2]
    with store.engine.connect() as connection:
        connection.exec_driver_sql(
            f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'"
        )
        connection.commit()
    with open_store(settings) as other:
        for shared in (True, False):
            with other.write(shared=shared) as db:
                assert db.scalar(text("SHOW transaction_isolation")) == "read committed"


def test_a_reader_changes_nothing_even_by_mistake(store: Store) -> None:
    with store.read() as db:
        assert db.scalar(text("SHOW transaction_isolation")) == "repeatable read"


def test_a_database_that_another_holds_is_explained(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jndlab.store.databases.BUSY_TIMEOUT_MS", 50)
    with open_store(settings) as impatient, store.write():
        with pytest.raises(StoreError, match="lock timeout") as refused, impatient.write():
            pass
        assert "Another process" in refused.value.remedy
    make_user(store, "free")


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda url: f"{url}_no", "Create the database"),
        (lambda url: url.replace("jndlab:", "nobody:"), "Create the database"),
        (
            lambda url: f"postgresql://jndlab:secret@127.0.0.1:{free_port()}/jndlab",
            "Start PostgreSQL",
        ),
    ],
    ids=["no database", "no user", "no server"],
)
def test_what_cannot_be_reached_is_explained_without_the_password(
    url: str, tmp_path: Path, change: object, remedy: str
) -> None:
    assert callable(change)
    with pytest.raises(StoreError) as refused:
        open_store(Settings(data=tmp_path, database_url=change(url)))
    assert remedy in refused.value.remedy
    assert "secret" not in refused.value.message + refused.value.remedy


def test_without_the_driver_the_extra_is_named(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra) as refused:
        open_store(Settings(data=tmp_path, database_url=url))
    assert "jndlab[postgres]" in refused.value.remedy


def test_a_character_that_it_refuses_becomes_one_that_says_so(store: Store) -> None:
    with store.write() as db:
        db.add(UserRow(name="a\0b", created_at=datetime.now(UTC)))
    with store.read() as db:
        assert db.scalars(text("SELECT name FROM users")).all() == ["a\ufffdb"]
        assert study_by_slug(db, "\0") is None
    with store.write() as db:
        assert db.query(UserRow).filter_by(name="a\0b").one()


def test_what_a_transaction_had_written_is_gone_when_the_connection_is_cut(
    store: Store, settings: Settings, url: str
) -> None:
    def write_and_lose() -> None:
        with store.write() as db:
            number = db.scalar(text("SELECT pg_backend_pid()"))
            make = "INSERT INTO users (name, is_admin, created_at) VALUES ('half', false, '')"
            db.execute(text(make))
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (number,))
            db.execute(text("SELECT 1"))

    with pytest.raises(StoreError, match="connection") as refused:
        write_and_lose()
    assert refused.value.remedy
    make_user(store, "whole")  # a new connection is made
    with store.read() as db:
        assert db.scalars(text("SELECT name FROM users")).all() == ["whole"]

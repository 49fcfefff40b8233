"""Moving all rows between SQLite and PostgreSQL: all of them, or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.base import Base
from jndlab.store.copying import count_rows, describe_tables, require_equal
from jndlab.store.engine import Store, open_store
from jndlab.store.moving import move_rows, require_empty, require_nobody_else
from jndlab.web.server import only_server
from tests.migrations.filling import fill
from tests.postgres_server import PostgresServer
from tests.servers import jndlab
from tests.store.launching import Launched
from tests.store.taking import take_all

pytestmark = pytest.mark.sqlite  # the test says itself which databases it is about

KILLED = """
import os, signal, sys
from jndlab.settings import load_settings
from jndlab.store.engine import open_store
from jndlab.store.moving import move_rows
from dataclasses import replace
there = replace(load_settings(), database_url=sys.argv[1])
here = open_store(load_settings(), create=False)
move_rows(here, there, on_compare=lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.fixture
def there(postgres: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """An empty database of PostgreSQL, with a data folder of its own."""
    name = postgres.create()
    yield Settings(data=tmp_path / "there", database_url=postgres.url(name))
    postgres.drop(name)


def n_rows(settings: Settings) -> int:
    with open_store(settings) as store, store.read() as db:
        return sum(count_rows(db.connection()).values())


def test_every_table_goes_there_and_back(store: Store, there: Settings, tmp_path: Path) -> None:
    fill(store)
    facts = move_rows(store, there)
    assert {one.n_rows for one in facts.values()} == {1}
    assert facts.keys() == Base.metadata.tables.keys()
    back = Settings(data=tmp_path / "back")
    back.data.mkdir()
    with open_store(there) as moved:
        assert move_rows(moved, back) == facts
    with open_store(back) as again, again.read() as db:
        assert describe_tables(db.connection()) == facts
    assert [path.name for path in back.data.iterdir() if path.name.startswith(".")] == []


def test_a_study_goes_on_in_the_new_database(launched: Launched, there: Settings) -> None:
    """New rows get numbers that nobody has."""
    token = launched.open()
    take_all(launched, token, seed=1, most=4)
    move_rows(launched.store, there)
    with open_store(there) as store:
        moved = replace(launched, store=store)
        assert take_all(moved, token, seed=1) == 6
        assert take_all(moved, moved.open(), seed=2) == 10
    assert len(launched.answers(token)) == 4


def test_text_in_any_writing_and_large_numbers_arrive(store: Store, there: Settings) -> None:
    """What escapes and widths of numbers could spoil on the way."""
    fill(store)
    texts = {"title": "\\N\t\\.\n\r\"';--€𝄞 \u200f", "slug": "ẞ", "link": ""}
    with store.write() as db:
        db.execute(text("UPDATE studies SET title = :title, slug = :slug, link = :link"), texts)
        db.execute(text("UPDATE released_clips SET noise_seed = 9223372036854775807"))
        db.execute(text("UPDATE answers SET response_time_ms = 0.1, correct = NULL"))
    move_rows(store, there)
    with open_store(there) as moved, moved.read() as db:
        assert db.execute(text("SELECT title, slug, link FROM studies")).one() == tuple(
            texts.values()
        )
        assert db.execute(text("SELECT noise_seed FROM released_clips")).scalar_one() == 2**63 - 1
        found = db.execute(text("SELECT response_time_ms, correct FROM answers")).one()
        assert found == (0.1, None)


def test_a_zero_below_zero_is_no_difference(store: Store, there: Settings, tmp_path: Path) -> None:
    """PostgreSQL keeps its sign, and SQLite gives it back without one."""
    fill(store)
    move_rows(store, there)
    back = Settings(data=tmp_path / "back")
    back.data.mkdir()
    with open_store(there) as moved:
        with moved.write() as db:
            db.execute(text("UPDATE answers SET response_time_ms = '-0.0'"))
        move_rows(moved, back)
    with open_store(back) as again, again.read() as db:
        assert db.execute(text("SELECT response_time_ms FROM answers")).scalar_one() == 0.0


def test_a_row_that_is_not_taken_leaves_the_target_empty(store: Store, there: Settings) -> None:
    """PostgreSQL has no text with a zero character."""
    fill(store)
    with store.write() as db:
        db.execute(text("UPDATE studies SET title = 'a' || char(0) || 'b'"))
    with pytest.raises(StoreError, match="table studies cannot be copied"):
        move_rows(store, there)
    assert n_rows(there) == 0
    with store.write() as db:
        db.execute(text("UPDATE studies SET title = 'mended'"))
    move_rows(store, there)
    assert n_rows(there) == len(Base.metadata.tables)


def test_what_arrived_otherwise_is_not_kept(
    store: Store, there: Settings, postgres: PostgresServer
) -> None:
    """A trigger of somebody's in the target changes a row on its way in."""
    fill(store)
    open_store(there).close()
    database = there.database_url.rpartition("/")[2]
    postgres.execute(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.title = 'other'; RETURN NEW; END $$",
        database=database,
    )
    postgres.execute(
        "CREATE TRIGGER spoil BEFORE INSERT ON studies FOR EACH ROW EXECUTE FUNCTION spoil()",
        database=database,
    )
    with pytest.raises(StoreError, match="table studies has other contents"):
        move_rows(store, there)
    assert n_rows(there) == 0


def test_differences_are_named(store: Store) -> None:
    with store.read() as db:
        empty = describe_tables(db.connection())
    fill(store)
    with store.read() as db:
        full = describe_tables(db.connection())
    with pytest.raises(StoreError, match="table users has 1 rows instead of 0"):
        require_equal(empty, full, what="It")
    with pytest.raises(StoreError, match="table users is missing"):
        require_equal(full, {k: v for k, v in full.items() if k != "users"}, what="It")
    require_equal(full, dict(full), what="It")


def test_a_database_with_rows_is_not_moved_into(store: Store, there: Settings) -> None:
    fill(store)
    move_rows(store, there)
    with pytest.raises(StoreError, match=r"not empty: there are rows in .* and others"):
        require_empty(there)
    with open_store(there) as moved, pytest.raises(StoreError, match="a database already"):
        move_rows(moved, Settings(data=store.folder))


def test_a_move_that_is_killed_leaves_the_target_empty(
    store: Store, settings: Settings, there: Settings
) -> None:
    fill(store)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, there.database_url],
        env={**os.environ, **settings.to_environment()},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert n_rows(there) == 0
    move_rows(store, there)
    assert n_rows(there) == len(Base.metadata.tables)


def test_nobody_may_use_a_database_that_is_moved_away(store: Store, there: Settings) -> None:
    require_nobody_else(store)  # of SQLite the lock of the server tells
    with (
        open_store(there) as one,
        open_store(there) as other,
        other.read(),
        pytest.raises(StoreError, match="1 other connections"),
    ):
        require_nobody_else(one)


def test_the_command_moves_and_says_what_to_set(
    launched: Launched, there: Settings, postgres: PostgresServer
) -> None:
    launched.store.close()
    here = launched.settings.to_environment()
    with only_server(launched.settings):
        refused = jndlab("db", "move", there.database_url, environment=here)
    assert refused.returncode == 2
    assert "Another server runs" in refused.stderr
    moved = jndlab("db", "move", there.database_url, environment=here)
    assert moved.returncode == 0, moved.stderr
    assert "every table has the same digest" in moved.stdout
    assert "secret" not in moved.stdout + moved.stderr
    after = replace(launched.settings, database_url=there.database_url).to_environment()
    status = jndlab("db", "status", environment=after)
    assert "(postgresql): schema" in status.stdout
    assert "studies: 1" in status.stdout
    again = jndlab("db", "move", there.database_url, environment=after)
    assert "database that is in use" in again.stderr
    back = jndlab("db", "move", "sqlite", environment=after)
    assert "a database already" in back.stderr

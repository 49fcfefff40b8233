"""Many writers in one transaction: each is stored when it is told so, and falls alone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import UserRow

pytestmark = pytest.mark.sqlite

N_WRITERS = 8


def make_user(name: str) -> UserRow:
    return UserRow(name=name, password_hash="none", created_at=datetime.now(UTC))


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.scalars(text("SELECT name FROM users ORDER BY name")))


def count_commits(store: Store) -> list[int]:
    counted = [0]

    @event.listens_for(store.engine, "commit")
    def count(connection: object) -> None:
        counted[0] += 1

    return counted


class Together:
    """Writers that are made to meet: all are waiting before the first one goes on."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pool = ThreadPoolExecutor(N_WRITERS + 1)

    def run(self, *jobs: Callable[[], None]) -> list[Future[None]]:
        inside, go = threading.Event(), threading.Event()

        def hold() -> None:
            with self.store.write():
                inside.set()
                assert go.wait(60)

        holder = self.pool.submit(hold)
        assert inside.wait(60)
        futures = [self.pool.submit(job) for job in jobs]
        writer = self.store._writer
        assert writer is not None
        while writer._n_waiting < len(jobs):
            pass  # each will take its turn: nothing else can end this
        go.set()
        holder.result(60)
        for future in futures:
            future.exception(60)
        return futures


@pytest.fixture
def together(store: Store) -> Together:
    return Together(store)


def writer(
    store: Store, name: str, *, shared: bool = True, order: list[str] | None = None
) -> Callable[[], None]:
    """Adds a user; notes in ``order`` when it was its turn."""

    def write() -> None:
        with store.write(shared=shared) as db:
            if order is not None:
                order.append(name)
            db.add(make_user(name))

    return write


def test_writers_that_wait_share_one_flush(store: Store, together: Together) -> None:
    commits = count_commits(store)
    together.run(*(writer(store, f"{n}") for n in range(N_WRITERS)))
    assert names(store) == [f"{n}" for n in range(N_WRITERS)]
    assert commits[0] == 2, "one of who held them up, one of them all"


def test_a_single_writer_is_stored_when_its_block_ends(store: Store, settings: Settings) -> None:
    writer(store, "kept")()
    other = sqlite3.connect(settings.database)
    try:
        assert other.execute("SELECT name FROM users").fetchall() == [("kept",)]
    finally:
        other.close()


def test_nobody_goes_on_before_the_flush(
    store: Store, settings: Settings, together: Together
) -> None:
    """Each writer, as soon as it is told, sees its row from a connection of its own."""

    def write(name: str) -> Callable[[], None]:
        def job() -> None:
            writer(store, name)()
            other = sqlite3.connect(settings.database)
            try:
                assert other.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchall()
            finally:
                other.close()

        return job

    for future in together.run(*(write(f"{n}") for n in range(N_WRITERS))):
        future.result()


def test_a_writer_that_fails_takes_nobody_along(store: Store, together: Together) -> None:
    """A row that is there already, in the middle of a group."""
    writer(store, "taken")()
    jobs = [writer(store, name) for name in ("a", "b", "taken", "c")]
    outcomes = [future.exception() for future in together.run(*jobs)]
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        type(None),
        IntegrityError,
        type(None),
    ]
    assert names(store) == ["a", "b", "c", "taken"]


def test_an_error_of_the_programs_own_undoes_its_savepoint(
    store: Store, together: Together
) -> None:
    def fail() -> None:
        with store.write(shared=True) as db:
            db.add(make_user("ghost"))
            db.flush()
            raise RuntimeError("no")

    outcomes = together.run(writer(store, "a"), fail, writer(store, "b"))
    assert [type(future.exception()) for future in outcomes] == [
        type(None),
        RuntimeError,
        type(None),
    ]
    assert names(store) == ["a", "b"]


def test_the_last_writer_of_a_group_that_fails_still_commits_the_others(
    store: Store, together: Together
) -> None:
    outcomes: list[str] = []

    def fail() -> None:
        with store.write(shared=True):
            outcomes.append("failed")
            raise RuntimeError("no")

    together.run(writer(store, "a"), fail, fail, fail)
    assert names(store) == ["a"]
    assert outcomes == ["failed"] * 3


def test_a_flush_that_fails_is_told_to_everybody_in_it(store: Store, together: Together) -> None:
    refuse = [True]

    @event.listens_for(store.engine, "commit")
    def commit(connection: object) -> None:
        if refuse[0] and names_inside(connection):
            raise sqlite3.OperationalError("disk I/O error")

    def names_inside(connection: object) -> list[object]:
        return list(connection.exec_driver_sql("SELECT 1 FROM users"))  # type: ignore[attr-defined]

    outcomes = together.run(*(writer(store, f"{n}") for n in range(4)))
    assert all(future.exception() is not None for future in outcomes)
    assert names(store) == []
    refuse[0] = False
    writer(store, "later")()
    assert names(store) == ["later"]


def test_a_full_disk_in_the_middle_is_told_to_everybody_in_the_group(
    store: Store, together: Together
) -> None:
    """SQLite undoes the whole transaction then: nobody may be told that it is stored."""

    order: list[str] = []

    def fill() -> None:
        with store.write(shared=True) as db:
            order.append("fill")
            connection = db.connection()
            size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {size}")
            db.add(make_user("x" * 200_000))

    people = ["a", "b", "c", "d"]
    outcomes = together.run(*(writer(store, name, order=order) for name in people), fill)
    told = dict(zip([*people, "fill"], (type(one.exception()) for one in outcomes), strict=True))
    undone = order.index("fill") + 1
    assert [told[name] for name in order[:undone]] == [StoreError] * undone
    assert names(store) == sorted(order[undone:])
    assert [told[name] for name in order[undone:]] == [type(None)] * (len(order) - undone)


def test_where_a_writer_cannot_be_undone_the_whole_group_is(
    store: Store, together: Together
) -> None:
    order: list[str] = []

    def fail() -> None:
        with store.write(shared=True) as db:
            order.append("fail")
            db.add(make_user("ghost"))
            db.flush()
            db.commit()
            db.connection().exec_driver_sql("RELEASE writer")  # its savepoint is gone
            raise RuntimeError("no")

    people = ["a", "b", "c", "d"]
    outcomes = together.run(*(writer(store, name, order=order) for name in people), fail)
    told = dict(zip([*people, "fail"], (one.exception() for one in outcomes), strict=True))
    undone = order[: order.index("fail") + 1]
    assert all(isinstance(told[name], RuntimeError) for name in undone)
    assert names(store) == sorted(set(order) - set(undone))


def test_a_writer_finds_nothing_of_the_mapped_objects_of_the_one_before(
    store: Store, together: Together
) -> None:
    found: list[int] = []

    def write(name: str) -> Callable[[], None]:
        def job() -> None:
            with store.write(shared=True) as db:
                found.append(len(db.identity_map) + len(db.new))
                db.add(make_user(name))

        return job

    together.run(*(write(f"{n}") for n in range(N_WRITERS)))
    assert found == [0] * N_WRITERS


def test_who_writes_alone_is_not_in_a_group(store: Store, together: Together) -> None:
    commits = count_commits(store)
    together.run(writer(store, "a"), writer(store, "b", shared=False), writer(store, "c"))
    assert names(store) == ["a", "b", "c"]
    assert commits[0] >= 3, "who held them up, the one alone, and the others"


def test_a_group_ends_by_itself_while_others_keep_coming(store: Store) -> None:
    """Everybody in a group waits for its flush, so that it cannot grow for ever."""

    def write(thread: int) -> None:
        for n in range(40):
            writer(store, f"{thread}-{n}")()

    with ThreadPoolExecutor(N_WRITERS) as pool:
        list(pool.map(write, range(N_WRITERS)))
    assert len(names(store)) == N_WRITERS * 40

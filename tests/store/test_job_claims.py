"""Jobs and periodic work among several servers: each taken once, none of them lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import JobRow, PeriodicRow
from jndlab.web.jobs.claims import (
    MOST_ATTEMPTS,
    Claim,
    held_job,
    hold_job,
    job_waits,
    take_job,
)
from jndlab.web.jobs.periodic import Periodic, begin_what_is_due
from jndlab.web.jobs.queue import add_job

HELD = timedelta(hours=1)
N_SERVERS, N_JOBS = 4, 12
DAILY = (Periodic(kind="gate", every=lambda settings: timedelta(days=1)),)


@pytest.fixture(autouse=True)
def held_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, no job is free again while a test runs."""
    monkeypatch.setattr("jndlab.web.jobs.claims.HELD", HELD)


@pytest.fixture
def servers(store: Store, settings: Settings) -> Iterator[list[Store]]:
    """Several servers' stores on one database."""
    others = [open_store(settings) for _ in range(N_SERVERS - 1)]
    yield [store, *others]
    for other in others:
        other.close()


def ask(store: Store, kind: str = "gate", number: int = 0) -> str:
    with store.write() as db:
        return add_job(db, kind, study_id=None, by=None, options={"number": number})


def take(store: Store, host: str) -> Claim:
    with store.write() as db:
        claim = take_job(db, host)
    assert claim is not None
    return claim


def set_job(store: Store, **values: object) -> None:
    """Change the one job there is."""
    with store.write() as db:
        row = db.scalars(select(JobRow)).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_servers_that_take_at_once_get_different_jobs(servers: list[Store]) -> None:
    asked = {ask(servers[0], number=number) for number in range(N_JOBS)}

    def take_one(number: int) -> str:
        return take(servers[number % N_SERVERS], f"host {number}").public_id

    with ThreadPoolExecutor(N_JOBS) as pool:
        taken = list(pool.map(take_one, range(N_JOBS)))
    assert len(taken) == len(set(taken)) == N_JOBS
    assert set(taken) == asked


def test_a_machine_does_one_job_at_a_time(store: Store) -> None:
    first, second = ask(store, number=1), ask(store, number=2)
    assert take(store, "one").public_id == first
    with store.write() as db:
        assert take_job(db, "one") is None
    assert take(store, "two").public_id == second
    with store.read() as db:
        assert not job_waits(db)


def test_a_job_whose_holder_is_silent_goes_to_the_next_and_not_back(store: Store) -> None:
    ask(store)
    lost = take(store, "one")
    with store.write() as db:
        assert take_job(db, "two") is None
    set_job(store, held_until=datetime.now(UTC))
    with store.read() as db:
        assert job_waits(db)
    taken = take(store, "two")
    with store.write(shared=True) as db:
        assert not hold_job(db, lost)
        assert hold_job(db, taken)
    with store.read() as db:
        assert held_job(db, lost) is None
        assert held_job(db, taken) is not None


def test_a_sign_of_life_puts_the_end_off(store: Store) -> None:
    ask(store)
    claim = take(store, "one")
    soon = datetime.now(UTC) + HELD / 10
    set_job(store, held_until=soon)
    with store.write(shared=True) as db:
        assert hold_job(db, claim)
    with store.read() as db:
        row = held_job(db, claim)
        assert row is not None
        assert row.held_until is not None
        assert row.held_until > soon


def test_a_clock_that_was_set_back_keeps_no_job_for_a_dead_process(store: Store) -> None:
    ask(store)
    take(store, "one")
    set_job(store, held_until=datetime.now(UTC) + 2 * HELD)
    assert take(store, "one").attempt == 2


def test_a_job_that_is_cut_off_again_and_again_is_given_up(store: Store) -> None:
    ask(store)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert take(store, "one").attempt == attempt
        set_job(store, held_until=datetime.now(UTC))
    later = ask(store, number=1)
    assert take(store, "one").public_id == later  # and does not stand in the way of others
    with store.read() as db:
        row = db.scalars(select(JobRow).where(JobRow.public_id != later)).one()
    assert row.state == "failed"
    assert "cut off" in row.message
    assert row.remedy


def test_what_is_periodic_is_begun_once_among_all_servers(
    servers: list[Store], settings: Settings
) -> None:
    with ThreadPoolExecutor(N_SERVERS) as pool:
        begun = list(pool.map(lambda one: begin_what_is_due(one, settings, what=DAILY), servers))
    assert sorted(begun) == [[]] * (N_SERVERS - 1) + [["gate"]]
    with servers[0].read() as db:
        assert [row.kind for row in db.scalars(select(JobRow))] == ["gate"]


@pytest.mark.parametrize(
    ("ago", "is_due"), [(0, False), (23, False), (25, True), (-1, True), (-0.02, False)], ids=str
)
def test_what_is_periodic_is_begun_again_when_its_time_has_come(
    store: Store, settings: Settings, ago: float, is_due: bool
) -> None:
    with store.write() as db:  # hours; below zero: a clock was set back, or is slow
        db.add(PeriodicRow(name="gate", begun_at=datetime.now(UTC) - timedelta(hours=ago)))
    assert begin_what_is_due(store, settings, what=DAILY) == (["gate"] if is_due else [])
    assert begin_what_is_due(store, settings, what=DAILY) == []


def test_what_has_no_interval_is_never_begun(store: Store, settings: Settings) -> None:
    never = (Periodic(kind="gate", every=lambda settings: None),)
    assert begin_what_is_due(store, settings, what=never) == []
    with store.read() as db:
        assert db.scalars(select(JobRow)).all() == []

"""Limits that several servers keep together: what one has counted, the other one knows."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jndlab.errors import TooManyRequests
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import RateRow
from jndlab.store.rates import Rate, require_rate
from jndlab.store.secret_key import keyed_digest

RATE = Rate(what="tests", most=5, seconds=1_000_000_000)
"""A span whose end no test meets."""


def refused(store: Store, who: str, *, rate: Rate = RATE) -> bool:
    try:
        require_rate(store, rate, who)
    except TooManyRequests:
        return True
    return False


def test_so_many_are_let_through_and_no_more(store: Store) -> None:
    assert [refused(store, "ann") for _ in range(7)] == [False] * 5 + [True] * 2
    assert not refused(store, "bob")
    assert not refused(store, "ann", rate=Rate(what="others", most=5, seconds=60))


def test_who_is_refused_is_told_how_long(store: Store) -> None:
    with pytest.raises(TooManyRequests) as caught:
        require_rate(store, RATE, "ann", times=6)
    assert 0 < caught.value.seconds <= RATE.seconds
    assert caught.value.remedy


def test_two_servers_count_together(store: Store, settings: Settings) -> None:
    with open_store(settings) as other:
        seen = [refused(one, "ann") for one in (store, other) * 4]
    assert seen == [False] * 5 + [True] * 3


def test_another_process_makes_the_same_digest(store: Store) -> None:
    program = (
        "import sys; from pathlib import Path; from jndlab.store.secret_key import keyed_digest; "
        "print(keyed_digest(Path(sys.argv[1]), 'ann'))"
    )
    here = keyed_digest(store.folder, "ann")
    there = subprocess.run(
        [sys.executable, "-c", program, str(store.folder)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert there == here
    assert keyed_digest(store.folder, "bob") != here


def test_who_asks_at_the_same_moment_is_counted_each_time(store: Store) -> None:
    outcomes: list[bool] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(refused(store, "ann"))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 12
    assert sorted(outcomes) == [False] * 5 + [True] * 7


def test_a_span_that_is_over_counts_no_more_and_is_forgotten(store: Store) -> None:
    for _ in range(6):
        refused(store, "ann")
    with store.write() as db:
        db.execute(update(RateRow).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert not refused(store, "ann")
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(RateRow)) == 1


def test_nobodys_address_is_stored(store: Store) -> None:
    require_rate(store, RATE, "203.0.113.7")
    with store.read() as db:
        [digest] = db.scalars(select(RateRow.digest))
    assert len(digest) == 64
    assert "203" not in digest.replace(keyed_digest(store.folder, "tests 203.0.113.7"), "")


def test_a_digest_needs_the_key_of_the_deployment(
    store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert keyed_digest(store.folder, "ann") != keyed_digest(elsewhere, "ann")
    assert (elsewhere / "secret-key").stat().st_mode & 0o777 == 0o600

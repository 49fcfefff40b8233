"""What is kept of a session's history: always what the database says, however it got there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jndlab.sessions import release_ahead, release_trial, store_answer, trials, withdraw
from jndlab.store import histories
from jndlab.store.engine import Store, open_store
from jndlab.store.histories import known_of, session_history
from jndlab.store.models import AnswerRow
from jndlab.store.sessions import history_of, require_session
from jndlab.store.under_way import handed_out, under_way
from jndlab.study.trials import TrialRecord
from tests.databases import copy_settings
from tests.store.launching import Launched, make_response, make_template, open_copy
from tests.store.taking import take_all


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    design = {"trials_per_level": 4, "practice_trials": 0}
    return make_template(tmp_path_factory.mktemp("histories"), design=design)


@pytest.fixture
def launched(template: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(template, tmp_path)
    yield launched
    launched.store.close()


def answer(store: Store, token: str, value: str = "A") -> int:
    number = release_trial(store, token).number
    store_answer(store, token, number, make_response(value), key=f"key-{number}")
    return number


def both(store: Store, token: str) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """The history with what is kept, and all of it read afresh."""
    with store.read() as db:
        session = require_session(db, token)
        return session_history(db, session), history_of(db, session.id)


def test_it_is_what_the_database_says_after_every_step(launched: Launched) -> None:
    token = launched.open()
    for _ in range(6):
        kept, stored = both(launched.store, token)
        assert kept == stored
        release_trial(launched.store, token)
        release_trial(launched.store, token)  # loaded again
        kept, stored = both(launched.store, token)
        assert kept == stored
        answer(launched.store, token)
    kept, stored = both(launched.store, token)
    assert kept == stored
    assert len(kept) == 6


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The trial numbers from which on histories are read while the test runs."""
    asked: list[int] = []

    def counting(db: object, session_id: int, *, first: int = 0) -> list[TrialRecord]:
        asked.append(first)
        return history_of(db, session_id, first=first)  # type: ignore[arg-type]

    monkeypatch.setattr(histories, "history_of", counting)
    return asked


def test_nothing_is_read_again_while_the_chain_has_the_head_that_it_had(
    launched: Launched, read_from: list[int]
) -> None:
    token = launched.open()
    for _ in range(2):
        answer(launched.store, token)
    read_from.clear()
    for _ in range(4):
        release_ahead(launched.store, token)
        answer(launched.store, token)
    assert read_from == []
    with launched.store.write(shared=True) as db:
        session = under_way(db, token, lock=True)
        assert list(known_of(db, session).answered) == history_of(db, session.id)
    assert read_from == []


def test_only_the_newest_rows_are_read_where_somebody_else_went_on(
    launched: Launched, read_from: list[int]
) -> None:
    """As on two servers: what one keeps is behind what the other stored."""
    token = launched.open()
    for _ in range(4):
        answer(launched.store, token)
    with launched.store.read() as db:
        public_id = require_session(db, token).public_id
    behind = histories._kept.get(public_id)
    assert behind is not None
    for _ in range(2):
        answer(launched.store, token)
    histories._kept.put(public_id, behind, weight=4)
    read_from.clear()
    answer(launched.store, token)
    assert read_from == [4]
    kept, stored = both(launched.store, token)
    assert kept == stored


def test_what_was_not_committed_is_not_kept(launched: Launched) -> None:
    token = launched.open()
    for _ in range(4):
        answer(launched.store, token)
    number = release_trial(launched.store, token).number
    with pytest.raises(RuntimeError, match="the disk"):
        answer_and_fail(launched.store, token, number)
    kept, stored = both(launched.store, token)
    assert kept == stored
    assert kept[-1].response is None


def test_what_was_answered_and_not_committed_is_not_believed(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process keeps it before the commit, which then fails."""
    token = launched.open()
    for _ in range(3):
        answer(launched.store, token, "A")
    number = release_trial(launched.store, token).number

    def fail(*given: object, **named: object) -> None:
        raise RuntimeError("the disk")

    with monkeypatch.context() as patched:
        patched.setattr(trials, "_receipt", fail)  # the last thing before the commit
        with pytest.raises(RuntimeError, match="the disk"):
            store_answer(launched.store, token, number, make_response("A"), key="key-lost")
    kept, stored = both(launched.store, token)
    assert kept == stored
    assert kept[-1].response is None
    assert answer(launched.store, token, "B") == number
    kept, stored = both(launched.store, token)
    assert kept == stored


def answer_and_fail(store: Store, token: str, number: int) -> None:
    """Store an answer, look at the history, and lose the transaction."""
    with store.write() as db:
        session = require_session(db, token)
        row = handed_out(db, session.id, number)
        assert row is not None
        lost = AnswerRow(
            presented_id=row.id,
            key="key-lost",
            response="A",
            correct=True,
            response_time_ms=1.0,
            plays="[1, 1, 1]",
            answered_at=datetime.now(UTC),
        )
        db.add(lost)
        db.flush()
        assert session_history(db, session)[-1].response is not None
        raise RuntimeError("the disk")


def test_a_copy_that_went_another_way_has_its_own_history(
    launched: Launched, tmp_path: Path
) -> None:
    token = launched.open()
    for _ in range(3):
        answer(launched.store, token)
    launched.store.close()
    copy = copy_settings(launched.settings, tmp_path / "copy")
    with open_store(launched.settings) as one:
        for _ in range(4):
            answer(one, token, "A")
    with open_store(copy) as other:
        for _ in range(4):
            answer(other, token, "B")
            kept, stored = both(other, token)
            assert kept == stored
        values = [one.response.value for one in kept if one.response]
        assert values == ["A"] * 3 + ["B"] * 4


def test_a_withdrawn_session_leaves_nothing(launched: Launched) -> None:
    token = launched.open()
    for _ in range(4):
        answer(launched.store, token)
    with launched.store.read() as db:
        public_id = require_session(db, token).public_id
    assert public_id in histories._kept
    withdraw(launched.store, token)
    assert public_id not in histories._kept
    assert both(launched.store, token) == ([], [])


def test_who_reads_while_a_session_is_withdrawn_keeps_nothing_of_it(launched: Launched) -> None:
    token = launched.open()
    for _ in range(4):
        answer(launched.store, token)
    with launched.store.read() as db:
        session = require_session(db, token)
        withdraw(launched.store, token)
        assert len(session_history(db, session)) == 4  # as it was when this reader began
    assert session.public_id not in histories._kept


def test_no_more_than_a_few_sessions_are_kept(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories._kept, "limit", 7)
    tokens = [launched.open() for _ in range(3)]
    for token in tokens:
        for _ in range(3):
            answer(launched.store, token)
    assert len(histories._kept) == 2
    for token in tokens:
        kept, stored = both(launched.store, token)
        assert kept == stored


def test_nothing_is_kept_of_a_session_that_is_over(launched: Launched) -> None:
    token = launched.open()
    take_all(launched, token, seed=1)
    with launched.store.write(shared=True) as db:
        session = require_session(db, token)
        assert session.state == "finished"
        assert session_history(db, session) == history_of(db, session.id)
    assert session.public_id not in histories._kept

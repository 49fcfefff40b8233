"""The live view over a real database: what a look reads, what it remembers, what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.dialects import sqlite

from jndlab.sessions import (
    answer_check,
    release_check,
    release_trial,
    resume,
    store_answer,
    store_event,
    withdraw,
)
from jndlab.store.live import pulses_query
from jndlab.store.models import AnswerRow, SessionRow
from jndlab.study.trials import SessionKind
from jndlab.web.live import reader as reader_module
from jndlab.web.live.reader import LiveReader
from tests.store.launching import Launched, make_response

STUDY_ID = 1


@pytest.fixture
def reader() -> LiveReader:
    return LiveReader(STUDY_ID, "simulated")


def answer(launched: Launched, token: str, n_trials: int, *, first: int = 1) -> None:
    """Answer so many trials of a session, each right, in 900 ms."""
    trials = launched.plan(token).trials
    for trial in trials[first - 1 : first - 1 + n_trials]:
        release_trial(launched.store, token)
        right = make_response(trial.correct_response)
        store_answer(launched.store, token, trial.number, right, key=str(trial.number))


@contextmanager
def statements(launched: Launched) -> Iterator[list[str]]:
    """Collects what is asked of the database, less the beginnings of transactions."""
    asked: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(launched.store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(launched.store.engine, "before_cursor_execute", note)


def test_a_look_follows_a_session_to_its_end(launched: Launched, reader: LiveReader) -> None:
    assert reader.look(launched.store).overview.sessions == ()
    token = launched.open()
    [one] = reader.look(launched.store).overview.sessions
    assert (one.summary.n_answered, one.summary.n_planned) == (0, 10)
    assert (one.version, one.summary.step) == (1, "practice")
    answer(launched, token, 3)
    [one] = reader.look(launched.store).overview.sessions
    assert (one.summary.n_answered, one.summary.step) == (3, "block 1 of 1")
    answer(launched, token, 7, first=4)
    overview = reader.look(launched.store).overview
    [one] = overview.sessions
    assert (one.summary.n_answered, one.summary.step) == (10, "finished")
    kinds = [trial.kind for trial in launched.plan(token).trials]
    assert one.summary.gross.n_trials == one.summary.gross.n_correct == kinds.count("gross") == 1
    assert one.summary.identical.n_trials == kinds.count("identical") == 1
    assert one.summary.median_ms == pytest.approx(900.0)
    assert [part.n_answers for part in one.summary.parts] == [8]
    assert sum(overview.minutes) == 10


def test_nothing_new_gives_the_same_mark_within_a_minute(
    launched: Launched, reader: LiveReader
) -> None:
    token = launched.open()
    now = datetime.now(UTC).replace(second=1)
    first = reader.look(launched.store, now=now)
    assert reader.look(launched.store, now=now + timedelta(seconds=50)) is first
    assert reader.look(launched.store, now=now + timedelta(seconds=60)).etag != first.etag
    answer(launched, token, 1)
    assert reader.look(launched.store, now=now).etag != first.etag


def test_what_one_page_was_shown_just_now_is_shown_to_another(
    launched: Launched, reader: LiveReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = reader.look(launched.store).etag
    launched.open()
    one = reader.look(launched.store, seen=old)
    launched.open()
    monkeypatch.setattr(reader_module, "SHARED_SECONDS", float("inf"))
    assert reader.look(launched.store, seen=old) is one
    assert len(reader.look(launched.store, seen=one.etag).overview.sessions) == 2
    launched.open()
    assert len(reader.look(launched.store).overview.sessions) == 3  # a page that is opened
    launched.open()
    monkeypatch.setattr(reader_module, "SHARED_SECONDS", 0.0)
    assert len(reader.look(launched.store, seen=old).overview.sessions) == 4


def test_every_kind_of_news_changes_the_mark(launched: Launched) -> None:
    reader = LiveReader(STUDY_ID, "participant")
    token = launched.open(simulated=False)
    store = launched.store
    now = datetime.now(UTC).replace(second=1)
    seen = [reader.look(store, now=now).etag]

    def changed() -> bool:
        seen.append(reader.look(store, now=now).etag)
        return len(set(seen)) == len(seen)

    check = release_check(store, token)
    answer_check(store, token, check.name, launched.right_answer(check.name))
    assert changed()
    answer(launched, token, 1)
    assert changed()
    store_event(store, token, "hidden-while-playing", "")
    assert changed()
    resume(store, token, "a page")
    assert changed()
    withdraw(store, token)
    assert changed()


def test_a_late_answer_to_a_session_that_was_left_is_seen(
    launched: Launched, reader: LiveReader
) -> None:
    """It is kept without being a sign of life: nothing but the answer itself tells of it."""
    token = launched.open()
    answer(launched, token, 1)
    before = reader.look(launched.store)
    with launched.store.write() as db:
        seen = db.get_one(SessionRow, 1).last_seen_at
    answer(launched, token, 1, first=2)
    with launched.store.write() as db:
        db.execute(update(SessionRow).values(last_seen_at=seen))
    after = reader.look(launched.store)
    assert after.etag != before.etag
    assert after.overview.sessions[0].summary.n_answered == 2


def test_checks_are_followed_while_they_last(launched: Launched) -> None:
    reader = LiveReader(STUDY_ID, "participant")
    token = launched.open(simulated=False)
    check = release_check(launched.store, token)
    [one] = reader.look(launched.store).overview.sessions
    assert one.summary.step == "check 1 of 1: sound"
    wrong = next(a for a in check.answers if a != launched.right_answer(check.name))
    answer_check(launched.store, token, check.name, wrong)
    again = release_check(launched.store, token)
    answer_check(launched.store, token, again.name, launched.right_answer(again.name))
    [counts] = reader.look(launched.store).overview.checks
    assert (counts.n_began, counts.n_passed, counts.n_passed_later) == (1, 1, 1)
    answer(launched, token, 2)
    [counts] = reader.look(launched.store).overview.checks
    assert (counts.n_began, counts.n_passed_later) == (1, 1)


def test_reports_of_the_browser_are_counted_once(launched: Launched) -> None:
    reader = LiveReader(STUDY_ID, "participant")
    token = launched.open(simulated=False)
    for n_hidden in (1, 2, 3):
        store_event(launched.store, token, "hidden-while-playing", "")
        [one] = reader.look(launched.store).overview.sessions
        assert one.summary.n_hidden == n_hidden


def test_a_withdrawn_session_keeps_its_row_and_none_of_its_answers(
    launched: Launched, reader: LiveReader
) -> None:
    token = launched.open()
    answer(launched, token, 4)
    assert reader.look(launched.store).overview.n_answers == 4
    withdraw(launched.store, token)
    overview = reader.look(launched.store).overview
    assert overview.states == {"withdrawn": 1}
    assert (overview.n_answers, sum(overview.minutes)) == (0, 0)
    assert overview.sessions[0].summary.median_ms is None


@pytest.mark.parametrize("kind", ["participant", "pilot", "simulated"])
def test_kinds_and_versions_are_kept_apart(launched: Launched, kind: SessionKind) -> None:
    launched.open()
    n_sessions = len(LiveReader(STUDY_ID, kind).look(launched.store).overview.sessions)
    assert n_sessions == (1 if kind == "simulated" else 0)
    ours = LiveReader(STUDY_ID, "simulated", 1).look(launched.store).overview
    none = LiveReader(STUDY_ID, "simulated", 7).look(launched.store).overview
    assert (len(ours.sessions), len(none.sessions)) == (1, 0)


def test_many_new_sessions_are_read_over_several_looks(
    launched: Launched, monkeypatch: pytest.MonkeyPatch, reader: LiveReader
) -> None:
    monkeypatch.setattr(reader_module, "MAX_NEW", 2)
    for _ in range(5):
        launched.open()
    looks = [reader.look(launched.store) for _ in range(4)]
    read = [[one.summary.participant for one in look.overview.sessions] for look in looks]
    assert read == [[4, 5], [2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]
    assert [look.overview.n_unread for look in looks] == [3, 1, 0, 0]
    assert len({look.etag for look in looks}) == 3  # the page is told to ask on


def test_a_look_costs_the_same_however_much_finished_sessions_have_stored(
    launched: Launched, reader: LiveReader
) -> None:
    def cost() -> list[str]:
        with statements(launched) as asked:
            reader.look(launched.store)
        return asked

    answer(launched, launched.open(), 10)
    reader.look(launched.store)
    alone = cost()
    for _ in range(3):
        answer(launched, launched.open(), 10)
    reader.look(launched.store)
    assert cost() == alone
    assert not [asked for asked in alone if "FROM answers" in asked or "INSERT" in asked]


def test_only_the_new_answers_of_a_session_are_read(launched: Launched, reader: LiveReader) -> None:
    token = launched.open()
    answer(launched, token, 5)
    reader.look(launched.store)
    with launched.store.write() as db:  # what was read already is not asked for again
        db.execute(update(AnswerRow).values(response_time_ms=1.0))
    answer(launched, token, 1, first=6)
    [one] = reader.look(launched.store).overview.sessions
    assert one.summary.n_answered == 6
    assert one.summary.n_too_fast == 0


@pytest.mark.sqlite
def test_the_marks_are_found_by_indexes(launched: Launched) -> None:
    query = pulses_query(STUDY_ID, kind="participant", version_id=1)
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with launched.store.read() as db:
        plan = [row[3] for row in db.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], plan
    newest = [step for step in plan if "presented_trials" in step]
    assert newest
    assert all("COVERING INDEX" in step for step in newest)


def test_a_look_takes_no_lock(launched: Launched, reader: LiveReader) -> None:
    launched.open()
    with launched.store.write():  # a participant's answer, not yet on the disk
        assert len(reader.look(launched.store).overview.sessions) == 1

"""What a request costs the database: few statements, as many late in a session as early."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from jndlab.sessions import release_ahead, release_trial, store_answer
from jndlab.store.engine import Store
from jndlab.store.kept import Kept
from tests.store.launching import Launched, make_response

MOST_FOR_AN_ANSWER = 4
"""The session, the trial, the answer, and the session again."""


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, but for those that frame a transaction."""
    sent: list[str] = []

    def note(statement: str) -> None:
        if statement.split()[0] in ("SELECT", "INSERT", "UPDATE") and "advisory" not in statement:
            sent.append(statement)

    with told_to_sqlite(store, note) if store.dialect == "sqlite" else told_to(store, note):
        yield sent


@contextmanager
def told_to(store: Store, note: Callable[[str], None]) -> Iterator[None]:
    def tell(connection: object, cursor: object, statement: str, *rest: object) -> None:
        note(statement)

    event.listen(store.engine, "before_cursor_execute", tell)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", tell)


@contextmanager
def told_to_sqlite(store: Store, note: Callable[[str], None]) -> Iterator[None]:
    """By the library itself: the statements of every answer go past SQLAlchemy."""
    traced: list[sqlite3.Connection] = []

    def trace(connection: sqlite3.Connection, *rest: object) -> None:
        connection.set_trace_callback(note)
        traced.append(connection)

    event.listen(store.engine, "checkout", trace)
    try:
        yield
    finally:
        event.remove(store.engine, "checkout", trace)
        for connection in traced:
            connection.set_trace_callback(None)


def answer(launched: Launched, token: str, number: int) -> None:
    store_answer(launched.store, token, number, make_response("A"), key=f"key-{number}")


def test_an_answer_takes_few_statements_however_many_came_before(launched: Launched) -> None:
    token = launched.open()
    counts = []
    for number in range(1, 9):
        release_trial(launched.store, token)
        release_ahead(launched.store, token)
        with counted(launched.store) as sent:
            answer(launched, token, number)
        counts.append(len(sent))
    assert max(counts) <= MOST_FOR_AN_ANSWER
    assert len(set(counts)) == 1


def test_neither_plan_nor_definition_is_parsed_again(launched: Launched) -> None:
    token = launched.open()
    release_trial(launched.store, token)
    with counted(launched.store) as sent:
        answer(launched, token, 1)
        release_trial(launched.store, token)
    assert not any("sessions.plan " in f"{statement} " for statement in sent)


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    kept: Kept[str] = Kept(limit=10)
    kept.put("a", "first", weight=4)
    kept.put("b", "second", weight=4)
    assert kept.get("a") == "first"
    kept.put("c", "third", weight=4)
    assert [kept.get(key) for key in "abc"] == ["first", None, "third"]
    kept.put("a", "again", weight=1)
    assert kept.get("a") == "again"
    kept.put("large", "alone", weight=9)
    assert [key in kept for key in ("a", "c", "large")] == [True, False, True]
    kept.drop("large")
    assert len(kept) == 1


def test_what_is_heavier_than_all_together_is_not_kept() -> None:
    kept: Kept[str] = Kept(limit=10)
    kept.put("a", "light", weight=1)
    kept.put("b", "heavy", weight=11)
    assert len(kept) == 0

"""Sound checks of an older database become trials of a check, and go back again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.migrate import downgrade, upgrade

SESSION = (
    "INSERT INTO sessions (id, study_id, public_id, token_digest, kind, participant, state, plan,"
    " plan_digest, user_agent, opened_at, sound_checked_at, last_seen_at, jndlab_version)"
    " VALUES (:id, 1, :id, :id, 'participant', :id, 'open', '', '', '', 't', 'then', 't', '')"
)
STUDY = (
    "INSERT INTO studies (id, slug, definition, definition_digest, digest, link, completion_code,"
    " launched_at, jndlab_version) VALUES (1, '', '', '', '', '', '', 't', '')"
)
CHECK = (
    "INSERT INTO sound_checks (id, session_id, name, n_beeps, heard, made_at)"
    " VALUES (:id, :session, :id, :right, :heard, 't')"
)
CHECKS = [
    {"id": 1, "session": 1, "right": 3, "heard": 2},
    {"id": 2, "session": 2, "right": 5, "heard": 5},
    {"id": 3, "session": 1, "right": 4, "heard": 4},
    {"id": 4, "session": 1, "right": 2, "heard": None},
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database as revision 0001 left it."""
    store = open_store(Settings(data=tmp_path))
    downgrade(store.engine, "0001")
    with store.write() as db:
        db.execute(text(STUDY))
        for number in (1, 2):
            db.execute(text(SESSION), {"id": number})
        for check in CHECKS:
            db.execute(text(CHECK), check)
    yield store
    store.close()


def test_attempts_are_numbered_and_scored(store: Store) -> None:
    upgrade(store.engine, "0002")
    query = (
        "SELECT session_id, place, kind, attempt, number, right_answer, answer, correct"
        " FROM check_trials ORDER BY id"
    )
    with store.read() as db:
        assert [tuple(row) for row in db.execute(text(query))] == [
            (1, 0, "sound", 1, 1, "3", "2", 0),
            (2, 0, "sound", 1, 1, "5", "5", 1),
            (1, 0, "sound", 2, 1, "4", "4", 1),
            (1, 0, "sound", 3, 1, "2", None, None),
        ]
        assert db.execute(text("SELECT DISTINCT checked_at FROM sessions")).scalars().all() == [
            "then"
        ]


def test_they_go_back_as_they_were_and_a_screened_out_session_is_open_again(store: Store) -> None:
    upgrade(store.engine, "0002")
    with store.write() as db:
        db.execute(text("UPDATE sessions SET state = 'screened-out' WHERE id = 2"))
    downgrade(store.engine, "0001")
    with store.read() as db:
        rows = db.execute(text("SELECT id, session_id, n_beeps, heard FROM sound_checks"))
        assert [tuple(row) for row in rows] == [
            (check["id"], check["session"], check["right"], check["heard"]) for check in CHECKS
        ]
        states = db.execute(text("SELECT state, sound_checked_at FROM sessions")).all()
    assert [tuple(row) for row in states] == [("open", "then"), ("open", "then")]

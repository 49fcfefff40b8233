"""Withdrawal deletes everything of one session, nothing of another, and leaves its mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from jndlab.errors import SessionWithdrawn, TokenInvalid
from jndlab.export.tidy import study_rows
from jndlab.sessions import (
    finish,
    open_session,
    position,
    release_ahead,
    release_check,
    release_trial,
    resume,
    store_answer,
    store_event,
    store_questionnaire,
    withdraw,
)
from jndlab.store.base import Base
from jndlab.store.models import SessionRow
from jndlab.store.sessions import token_digest
from jndlab.store.studies import all_studies, progress_of
from jndlab.study.flow import Occasion
from tests.migrations.filling import make_row
from tests.store.launching import Launched, make_response, make_template, open_copy

QUESTIONS = [{"name": "note", "kind": "text", "text": "Anything?"}]
YOU = {"name": "you", "title": "You", "when": "before", "questions": QUESTIONS}
BEFORE = Occasion(questionnaire="you", block=0)
SECRET = "a-remark-that-nobody-may-find-again"


@pytest.fixture(scope="session")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("withdrawal")
    return make_template(folder, questionnaires=[YOU], checks=[], items=["one", "two"])


@pytest.fixture
def launched(asking: Path, tmp_path: Path) -> Iterator[Launched]:
    launched = open_copy(asking, tmp_path)
    yield launched
    launched.store.close()


def take_part(launched: Launched) -> str:
    """A session with a row in every table that a participant can fill here."""
    store, token = launched.store, launched.open(simulated=False)
    store_questionnaire(store, token, BEFORE, {"note": SECRET}, key="some-key")
    store_event(store, token, "remark", SECRET)
    for number in (1, 2):
        release_trial(store, token)
        store_answer(store, token, number, make_response(), key="some-key")
    release_trial(store, token)
    release_ahead(store, token)
    resume(store, token, "a-key-of-this-page")
    return token


def n_rows(launched: Launched) -> dict[str, int]:
    with launched.store.read() as db:
        return {
            name: db.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in Base.metadata.tables
        }


def row_of(launched: Launched, token: str) -> SessionRow:
    with launched.store.read() as db:
        query = select(SessionRow).where(SessionRow.token_digest == token_digest(token))
        return db.scalars(query).one()


def test_what_others_gave_stays_and_all_of_this_one_goes(launched: Launched) -> None:
    take_part(launched)
    before = n_rows(launched)
    token = take_part(launched)
    assert n_rows(launched)["answers"] == 2 * before["answers"] == 4
    withdraw(launched.store, token)
    # Its opening and its withdrawal are noted, with nothing of what was in it.
    assert n_rows(launched) == before | {"sessions": 2, "deeds": before["deeds"] + 2}


def test_every_table_that_refers_to_a_session_is_emptied(launched: Launched) -> None:
    """Also one that a later version adds: the rows are made from the tables themselves."""
    token = launched.open(simulated=False)
    session = row_of(launched, token).id
    with launched.store.write() as db:
        for table in Base.metadata.sorted_tables:
            refers = {key.column.table.name for key in table.foreign_keys}
            if refers & {"sessions", "presented_trials"}:
                db.execute(table.insert().values(**make_row(table)))
    assert session == 1
    withdraw(launched.store, token)
    kept = {"deeds", "sessions", "stimuli", "studies", "study_states", "study_versions"}
    assert {name for name, n in n_rows(launched).items() if n} == kept


def test_the_row_that_stays_tells_only_that_somebody_withdrew(launched: Launched) -> None:
    token = take_part(launched)
    withdraw(launched.store, token)
    row = row_of(launched, token)
    assert (row.state, row.user_agent, row.gain_db) == ("withdrawn", "", None)
    assert (row.finished_at, row.checked_at) == (None, None)
    assert row.withdrawn_at == row.last_seen_at
    with launched.store.read() as db:
        assert progress_of(db, row.study_id, kind="participant").n_withdrawn == 1
        slug = all_studies(db)[0].slug
    assert list(study_rows(launched.store, slug)) == []


@pytest.mark.sqlite
def test_deleted_text_is_overwritten_in_the_database_file(launched: Launched) -> None:
    token = take_part(launched)
    withdraw(launched.store, token)
    with launched.store.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    launched.store.close()
    content = b"".join(path.read_bytes() for path in launched.settings.data.glob("jndlab.db*"))
    assert SECRET.encode() not in content


def test_asked_again_nothing_changes(launched: Launched) -> None:
    token = take_part(launched)
    withdraw(launched.store, token)
    at = row_of(launched, token).withdrawn_at
    withdraw(launched.store, token)
    assert row_of(launched, token).withdrawn_at == at
    with pytest.raises(TokenInvalid):
        withdraw(launched.store, "of nobody")


USES: list[Callable[[Launched, str], Any]] = [
    lambda launched, token: release_trial(launched.store, token),
    lambda launched, token: release_ahead(launched.store, token),
    lambda launched, token: release_check(launched.store, token),
    lambda launched, token: store_answer(launched.store, token, 1, make_response(), key="some-key"),
    lambda launched, token: store_event(launched.store, token, "remark", ""),
    lambda launched, token: resume(launched.store, token, "another-key"),
    lambda launched, token: store_questionnaire(
        launched.store, token, BEFORE, {"note": SECRET}, key="some-key"
    ),
]


@pytest.mark.parametrize("use", USES)
def test_the_token_is_good_for_nothing_more(
    launched: Launched, use: Callable[[Launched, str], Any]
) -> None:
    token = take_part(launched)
    withdraw(launched.store, token)
    before = n_rows(launched)
    with pytest.raises(SessionWithdrawn):
        use(launched, token)
    assert n_rows(launched) == before


def test_the_page_learns_that_the_session_was_withdrawn_and_no_code(launched: Launched) -> None:
    token = take_part(launched)
    withdraw(launched.store, token)
    at = position(launched.store, token)
    assert (at.step, at.n_answered, at.completion_code) == ("withdrawn", 0, None)
    again = open_session(launched.store, link=launched.link, user_agent="a test", token=token)
    assert again[1].step == "withdrawn"


def test_the_number_of_who_withdrew_is_not_given_to_another(launched: Launched) -> None:
    """Or one plan would be used twice, and the balance of orders would be lost."""
    token = take_part(launched)
    withdraw(launched.store, token)
    assert row_of(launched, launched.open(simulated=False)).participant == 2


def test_it_is_possible_after_the_end(launched: Launched) -> None:
    token = take_part(launched)
    while position(launched.store, token).step == "trial":
        view = release_trial(launched.store, token)
        store_answer(launched.store, token, view.number, make_response(), key="some-key")
    finish(launched.store, token)
    withdraw(launched.store, token)
    assert row_of(launched, token).state == "withdrawn"

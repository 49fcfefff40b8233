"""What is personal: kept until its day, given out and deleted on request, anonymised for others."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from jndlab.errors import DataError, RequestInvalid, SessionError, TokenInvalid
from jndlab.export.audit.auditing import audit_store
from jndlab.export.person import export_person
from jndlab.sessions import (
    open_session,
    position,
    release_trial,
    resume,
    store_answer,
    store_event,
    store_questionnaire,
)
from jndlab.sessions.withdrawal import delete_person
from jndlab.store.base import Base
from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import StudyRow
from jndlab.store.people import find_sessions
from jndlab.store.retention import KeptThen, personal_in, retention_of, today_utc
from jndlab.store.study_states import study_state
from jndlab.studies.lifecycle import change_state
from jndlab.studies.retention import end_retention, set_retention
from jndlab.study.flow import Occasion
from jndlab.web.packages import PackageOptions
from jndlab.web.study_export import export_as
from tests.store.launching import Launched, make_response
from tests.store.recruiting import IDS, add_link, row_of
from tests.store.taking import launch, take_all

SECRET = "I am Ada Lovelace, living in Marylebone"
ASKED = [
    {"name": "note", "kind": "text", "text": "Who are you?"},
    {"name": "age", "kind": "number", "text": "How old are you?"},
    {"name": "ears", "kind": "choice", "text": "Ears?", "options": ["fine", "so so"]},
]
ABOUT = {"name": "about", "title": "About you", "when": "before", "questions": ASKED}
SECRETS = (SECRET, "1815.121", IDS["PROLIFIC_PID"], IDS["SESSION_ID"], "Firefox of Ada", "a remark")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with questions, launched."""
    launched = launch(tmp_path_factory.mktemp("privacy"), questionnaires=[ABOUT])
    launched.store.close()
    return launched.settings.data


def take_part(study: Launched, link: str, **recruit: Any) -> str:
    """Somebody answers the questions and three trials, and their browser reports something."""
    token, _ = open_session(study.store, link=link, user_agent="Firefox of Ada", **recruit)
    given = {"note": SECRET, "age": "1815.121", "ears": "so so"}
    store_questionnaire(
        study.store, token, Occasion(questionnaire="about", block=0), given, key="k"
    )
    store_event(study.store, token, "remark", "a remark")
    for number in (1, 2, 3):
        release_trial(study.store, token)
        store_answer(study.store, token, number, make_response("A"), key=str(number))
    return token


def recruited(study: Launched) -> str:
    return take_part(study, add_link(study, recruiter="prolific"), recruit=IDS)


def dump(study: Launched) -> str:
    """Everything that the database holds of people."""
    skipped = {"study_versions", "studies", "alembic_version", "deeds"}
    with study.store.read() as db:
        return "\n".join(
            str(tuple(row))
            for name in Base.metadata.tables.keys() - skipped
            for row in db.execute(text(f"SELECT * FROM {name}"))
        )


def keep(study: Launched, then: KeptThen) -> None:
    set_retention(study.store, study_id(study), today_utc(), then)


def tomorrow() -> date:
    return today_utc() + timedelta(days=1)


def study_id(study: Launched) -> int:
    with study.store.read() as db:
        return db.query(StudyRow).one().id


def deeds(study: Launched, deed: str) -> list[dict[str, Any]]:
    with study.store.read() as db:
        return [detail_of(row) for row in deeds_of(db, study_id(study), deed=deed)]


def test_when_the_day_is_over_nothing_personal_is_left_and_the_answers_are(
    study: Launched,
) -> None:
    recruited(study)
    take_part(study, add_link(study, "personal", label="Ada Lovelace"))
    keep(study, "anonymise")
    assert end_retention(study.store, study.settings) == []  # the day itself still counts
    assert all(secret in dump(study) for secret in SECRETS)
    assert end_retention(study.store, study.settings, today=tomorrow()) == ["tiny"]
    left = dump(study)
    assert not [secret for secret in (*SECRETS, "Ada Lovelace") if secret in left]
    assert left.count("so so") == 2  # a choice
    with study.store.read() as db:
        assert db.execute(text("SELECT count(*) FROM answers")).scalar_one() == 6
        assert personal_in(db, db.query(StudyRow).one()).is_nothing
        assert study_state(db, study_id(study)) == "closed"
    [audit] = audit_store(study.store)
    assert audit.whole, str(audit)
    [ended] = deeds(study, "retention-ended")
    assert (ended["then"], ended["n_recruits"], ended["n_typed"]) == ("anonymise", 1, 4)


def test_nobody_leads_to_a_session_any_more(study: Launched) -> None:
    personal = add_link(study, "personal", label="Ada")
    tokens = [recruited(study), take_part(study, personal)]
    keep(study, "anonymise")
    end_retention(study.store, study.settings, today=tomorrow())
    for token in tokens:
        for ask in (position, release_trial):
            with pytest.raises(TokenInvalid):
                ask(study.store, token)
        with pytest.raises(TokenInvalid):
            resume(study.store, token, "a page")
    with pytest.raises(SessionError):
        open_session(study.store, link=personal, user_agent="x")


def test_deleted_means_all_that_they_gave(study: Launched) -> None:
    recruited(study)
    take_all(study, study.open(), seed=1)
    (study.settings.data / "reports" / str(study_id(study))).mkdir(parents=True)
    keep(study, "delete")
    end_retention(study.store, study.settings, today=tomorrow())
    with study.store.read() as db:
        for table in ("answers", "presented_trials", "released_clips", "questionnaire_answers"):
            assert db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table
    assert not (study.settings.data / "reports" / str(study_id(study))).exists()
    [audit] = audit_store(study.store)
    assert audit.whole, str(audit)
    assert audit.n_withdrawn == 2


def test_it_is_done_once_and_again_for_whoever_comes_later(study: Launched) -> None:
    recruited(study)
    keep(study, "anonymise")
    later = tomorrow()
    assert end_retention(study.store, study.settings, today=later) == ["tiny"]
    assert end_retention(study.store, study.settings, today=later) == []
    change_state(study.store, study_id(study), "running")
    take_part(study, study.link)
    assert end_retention(study.store, study.settings, today=later) == ["tiny"]
    assert SECRET not in dump(study)


def test_a_day_can_be_moved_and_taken_away_and_each_time_is_noted(study: Launched) -> None:
    number = study_id(study)
    keep(study, "delete")
    set_retention(study.store, number, date(2090, 1, 1))
    set_retention(study.store, number, date(2090, 1, 1))  # the same: nothing to note
    set_retention(study.store, number, None)
    noted = [(one["until"], one["then"]) for one in deeds(study, "retention-set")]
    assert noted == [(today_utc().isoformat(), "delete"), ("2090-01-01", "anonymise"), (None, None)]
    with study.store.read() as db:
        assert retention_of(db.query(StudyRow).one()).until is None
    assert end_retention(study.store, study.settings, today=date(2100, 1, 1)) == []


@pytest.mark.parametrize("days", [-1, 366 * 101])
def test_a_day_that_makes_no_sense_is_refused(study: Launched, days: int) -> None:
    with pytest.raises(RequestInvalid):
        set_retention(study.store, study_id(study), today_utc() + timedelta(days=days))


def test_a_person_is_found_by_whatever_they_know(study: Launched) -> None:
    personal = add_link(study, "personal", label="Ada Lovelace")
    tokens = [recruited(study), take_part(study, personal)]
    ids = [row_of(study, token).public_id for token in tokens]
    number = study_id(study)
    with study.store.read() as db:
        for who, expected, by in [
            (IDS["PROLIFIC_PID"], ids[0], "recruiter"),
            (f" {ids[0]} ", ids[0], "session"),
            ("1", ids[0], "participant"),
            ("Ada Lovelace", ids[1], "link"),
            (f"https://listen.example/s/{personal}", ids[1], "link"),
        ]:
            [found] = find_sessions(db, number, who)
            assert (found.public_id, found.by) == (expected, by), who
        for who in ("", "  ", "9", "nobody", "%", "1 OR 1=1", "²"):
            assert not find_sessions(db, number, who), who
        assert not find_sessions(db, number + 1, ids[0])


def test_what_a_person_gets_has_everything_and_no_secret_of_others(study: Launched) -> None:
    token = recruited(study)
    other = row_of(study, take_part(study, study.link)).public_id
    session = row_of(study, token)
    told = export_person(study.store, "tiny", session.public_id, by=None)
    content = json.loads(told)
    assert all(secret in told for secret in SECRETS)
    assert content["recruiter"]["id"] == IDS["PROLIFIC_PID"]
    assert [row["response"] for row in content["tables"]["trials"]["rows"]] == ["A"] * 3
    assert other not in told
    assert token not in told
    assert session.token_digest not in told
    assert len(content["tables"]["questionnaires"]["rows"]) == 3
    assert deeds(study, "person-exported") == [{"session": session.public_id}]
    with pytest.raises(TokenInvalid):
        export_person(study.store, "tiny", "nobody")


def test_a_person_is_deleted_as_if_they_had_withdrawn(study: Launched) -> None:
    token, stays = recruited(study), take_part(study, study.link)
    session = row_of(study, token).public_id
    delete_person(study.store, study_id(study), session)
    delete_person(study.store, study_id(study), session)  # again: nothing is left to do
    assert row_of(study, token).state == "withdrawn"
    assert IDS["PROLIFIC_PID"] not in dump(study)
    assert study.answers(token) == {}
    assert len(study.answers(stays)) == 3
    assert deeds(study, "person-deleted") == [{"session": session}]
    with pytest.raises(TokenInvalid):
        delete_person(study.store, study_id(study), "nobody")
    [audit] = audit_store(study.store)
    assert audit.whole, str(audit)


@pytest.mark.parametrize("file_format", ["csv", "psych-ds"])
def test_in_an_anonymised_export_nobody_is_found_again(
    study: Launched, tmp_path: Path, file_format: str
) -> None:
    tokens = [recruited(study), *(take_part(study, study.link) for _ in range(3))]
    sessions = [row_of(study, token) for token in tokens]
    written = export(study, tmp_path / "one", file_format)
    everything = "".join(path.read_text() for path in written)
    assert not [secret for secret in SECRETS if secret in everything]
    assert not [row.public_id for row in sessions if row.public_id in everything]
    assert "so so" in everything
    assert not [path for path in written if "events" in path.name]
    tables = [path for path in written if path.suffix == ".csv" and "answers" not in path.name]
    rows = [row for path in tables for row in csv.DictReader(path.read_text().splitlines())]
    times = {row["opened_at"] for row in rows if row.get("opened_at")}
    assert times == {"2000-01-01T00:00:00.000+00:00"}
    today = today_utc().isoformat()
    assert not [row for row in rows if row.get("session") and today in str(row.values())]
    assert not [row for row in rows if row.get("slot")]
    again = export(study, tmp_path / "two", file_format)
    names = {row["session"] for row in rows if row.get("session")}
    assert not [name for name in names if name in "".join(path.read_text() for path in again)]
    assert deeds(study, "exported")[0]["anonymised"] is True


def test_durations_and_answers_are_as_they_were(study: Launched, tmp_path: Path) -> None:
    recruited(study)
    take_all(study, study.open(), seed=4)
    plain = trials(export_as(study.store, "tiny", tmp_path / "p", file_format="csv", options=ALL))
    told = trials([(path, "") for path in export(study, tmp_path / "a", "csv")])
    same = ("trial", "item", "condition", "level", "response", "response_time_ms", "session_kind")
    assert sorted(tuple(row[name] for name in same) for row in plain) == sorted(
        tuple(row[name] for name in same) for row in told
    )


def test_a_package_cannot_be_anonymised(study: Launched, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="signed"):
        export(study, tmp_path, "package")


ALL = PackageOptions()


def export(study: Launched, folder: Path, file_format: str) -> list[Path]:
    options = PackageOptions(anonymised=True)
    found = export_as(study.store, "tiny", folder, file_format=file_format, options=options)
    return [path for path, _ in found]


def trials(written: list[tuple[Path, str]]) -> list[dict[str, str]]:
    [path] = [path for path, _ in written if path.name.endswith("-trials.csv")]
    return list(csv.DictReader(path.read_text().splitlines()))

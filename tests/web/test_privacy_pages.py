"""The privacy page: the day until which data are kept, one person, and what was noted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask

from jndlab.sessions import open_session
from jndlab.store.models import StudyRow
from jndlab.store.retention import retention_of, today_utc
from jndlab.store.sessions import require_session
from jndlab.studies.retention import end_retention, set_retention
from jndlab.web.jobs.periodic import begin_what_is_due
from tests.store.launching import Launched
from tests.store.recruiting import IDS, add_link
from tests.web.people import Person, alert, person
from tests.web.programs import program_of

PAGE = "/studies/heron/privacy"


@pytest.fixture
def owner(app: Flask, launched: Launched) -> Person:
    return person(app, launched.store, "grace", is_admin=True)


@pytest.fixture
def participant(launched: Launched) -> str:
    """The public id of somebody whom a recruiter sent."""
    link = add_link(launched, recruiter="prolific")
    token, _ = open_session(launched.store, link=link, user_agent="Firefox of Ada", recruit=IDS)
    with launched.store.read() as db:
        return require_session(db, token).public_id


def study_id(launched: Launched) -> int:
    with launched.store.read() as db:
        return db.query(StudyRow).filter_by(slug="heron").one().id


def test_the_page_says_what_is_stored_and_for_how_long(
    owner: Person, participant: str, launched: Launched
) -> None:
    page = owner.get(PAGE).text
    assert "1 id of a recruiter" in page
    assert "name, version and system of 1 browser" in page
    assert "For good: no day is set." in page
    assert IDS["PROLIFIC_PID"] not in page


def test_a_day_is_set_shown_and_announced(owner: Person, launched: Launched) -> None:
    far, near = today_utc() + timedelta(days=400), today_utc() + timedelta(days=9)
    owner.to_account(owner.post(f"{PAGE}/keep", until=far.isoformat(), then="delete"))
    with launched.store.read() as db:
        now = retention_of(db.get_one(StudyRow, study_id(launched)))
    assert (now.until, now.then) == (far, "delete")
    assert "for good. Export what you need" not in owner.get("/studies/heron").text
    assert "Its data are kept until" not in owner.get("/studies").text
    owner.post(f"{PAGE}/keep", until=near.isoformat(), then="delete")
    overview = owner.get("/studies/heron").text
    assert f"In 10 days, after {near.isoformat()}, this study is closed" in overview
    assert "everything that participants gave is deleted" in overview
    assert f"Its data are kept until {near.isoformat()}" in owner.get("/studies").text
    owner.post(f"{PAGE}/keep", until="", then="delete")
    assert "Export what you need before" not in owner.get("/studies/heron").text
    assert "The time for which data are kept was set" in owner.get(PAGE).text


@pytest.mark.parametrize("day", ["2001-01-01", "soon", "9999-99-99", "2030-1-1x", "9999-12-31"])
def test_a_day_that_cannot_be_is_refused_with_a_word(
    owner: Person, launched: Launched, day: str
) -> None:
    response = owner.post(f"{PAGE}/keep", until=day, then="anonymise")
    assert response.status_code == 400
    assert alert(response)
    with launched.store.read() as db:
        assert retention_of(db.get_one(StudyRow, study_id(launched))).until is None


def test_a_person_is_found_exported_and_deleted(
    owner: Person, participant: str, launched: Launched
) -> None:
    found = owner.post(f"{PAGE}/person", who=IDS["PROLIFIC_PID"])
    assert f"session {participant}" in found.text
    assert "found by the id at the recruiter" in found.text
    file = owner.post(f"{PAGE}/person/export", session=participant)
    assert file.headers["Content-Disposition"].endswith(f'person-{participant}.json"')
    assert json.loads(file.text)["recruiter"]["id"] == IDS["PROLIFIC_PID"]
    refused = owner.post(f"{PAGE}/person/delete", session=participant)
    assert (refused.status_code, "not confirmed" in alert(refused)) == (400, True)
    owner.to_account(owner.post(f"{PAGE}/person/delete", session=participant, confirmed="1"))
    page = owner.get(PAGE).text
    assert "Nothing that tells who somebody is." in page
    for entry in ("Everything of one person was exported", "deleted by an experimenter"):
        assert entry in page
    gone = owner.post(f"{PAGE}/person", who=IDS["PROLIFIC_PID"])
    assert "Nobody is found by" in gone.text


def test_only_owners_see_it_and_look_for_people(app: Flask, launched: Launched) -> None:
    outsider = person(app, launched.store, "mallory")
    assert outsider.get(PAGE).status_code == 404
    assert outsider.post(f"{PAGE}/person", who="1").status_code == 404


def test_a_session_of_another_study_is_not_found(owner: Person, launched: Launched) -> None:
    for action in ("export", "delete"):
        response = owner.post(f"{PAGE}/person/{action}", session="nobody", confirmed="1")
        assert response.status_code == 404, action


def test_the_same_over_the_api(app: Flask, launched: Launched, participant: str) -> None:
    program = program_of(app, launched.store, role="owner", scope="own")
    until = (today_utc() + timedelta(days=90)).isoformat()
    study = "/studies/heron"
    put = program.send("PUT", f"{study}/retention", json={"until": until, "then": "delete"})
    assert put.json == {"until": until, "then": "delete", "done_at": None}
    assert program.send("GET", f"{study}/retention").json == put.json
    [one] = program.json("POST", f"{study}/person", {"who": IDS["PROLIFIC_PID"]})["sessions"]
    assert (one["session"], one["found_by"]) == (participant, "recruiter")
    told = program.send("POST", f"{study}/sessions/{participant}/data")
    assert json.loads(told.text)["session"]["id"] == participant
    assert program.send("DELETE", f"{study}/sessions/{participant}").json == {"done": True}
    deeds = program.json("GET", f"{study}/deeds")["deeds"]
    assert [one["deed"] for one in deeds if one["deed"].startswith("person-")] == [
        "person-exported",
        "person-deleted",
    ]
    assert not [one for one in deeds if one["deed"].startswith("session-")]


def test_the_server_asks_for_it_when_the_day_is_over_and_not_before(launched: Launched) -> None:
    assert "retention" not in begin_what_is_due(launched.store, launched.settings)
    set_retention(launched.store, study_id(launched), today_utc())
    assert "retention" not in begin_what_is_due(launched.store, launched.settings)
    with launched.store.write() as db:
        study = db.get_one(StudyRow, study_id(launched))
        study.keep_until = (today_utc() - timedelta(days=1)).isoformat()
    assert begin_what_is_due(launched.store, launched.settings) == ["retention"]
    assert end_retention(launched.store, launched.settings) == ["heron"]

"""The experimenter's page of links: making, listing, revoking, places, files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import LinkRow, MemberRow, StudyRow, UserRow
from jndlab.store.studies import study_by_link
from tests.store.launching import Launched
from tests.store.recruiting import IDS, SONA_URL, add_link, enter, take
from tests.web.people import Person, person

PAGE = "/studies/heron/links"
CSRF = Callable[[str], str]


def post(client: FlaskClient, csrf: CSRF, path: str = PAGE, **form: str) -> TestResponse:
    token = csrf(client.get(PAGE).text)
    return client.post(path, data={"csrf_token": token, **form})


def stored(launched: Launched) -> list[LinkRow]:
    with launched.store.read() as db:
        return list(db.scalars(select(LinkRow).order_by(LinkRow.id)))


def study(launched: Launched) -> StudyRow:
    with launched.store.read() as db:
        return study_by_link(db, launched.link)


def deeds(launched: Launched) -> list[tuple[str, dict[str, object]]]:
    with launched.store.read() as db:
        found = deeds_of(db, study(launched).id)
        return [(row.deed, detail_of(row)) for row in found if row.user_id is not None]


def table(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.text)))


def test_links_for_a_pasted_list_of_people(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    labels = "P07\nP08; P09,\n\n  =P10  "
    assert post(signed_in, csrf, kind="personal", labels=labels).status_code == 302
    links = stored(launched)
    assert [link.label for link in links] == ["P07", "P08", "P09", "=P10"]
    assert len({link.token for link in links}) == 4
    assert all(len(link.token) >= 32 for link in links), "they are credentials of sessions"
    page = signed_in.get(PAGE).text
    assert all(f"http://localhost/s/{link.token}" in page for link in links)
    rows = table(signed_in.get("/studies/heron/links.csv"))
    assert [row["label"] for row in rows] == ["P07", "P08", "P09", "'=P10"]
    assert rows[0]["link"] == f"http://localhost/s/{links[0].token}"
    assert deeds(launched) == [("links-made", {"kind": "personal", "number": 4})]


def test_many_links_at_once_are_numbered(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    add_link(launched, "personal", label="P02")
    post(signed_in, csrf, kind="personal", number="3")
    assert [link.label for link in stored(launched)] == ["P02", "P01", "P03", "P04"]
    assert post(signed_in, csrf, kind="single", number="500").status_code == 302
    assert len(stored(launched)) == 504


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "single", "number": "501"},
        {"kind": "single", "number": "0"},
        {"kind": "single", "number": "-1"},
        {"kind": "single", "number": "1e3"},
        {"kind": "single", "number": "٣"},
        {"kind": "everybody"},
        {"kind": "personal", "labels": "P1\nP1"},
        {"kind": "personal", "labels": "taken"},
        {"kind": "personal", "labels": "x" * 61},
        {"kind": "personal", "labels": "a\u202eb"},
        {"kind": "multiple", "max_uses": "0"},
        {"kind": "multiple", "max_uses": "999999999"},
        {"kind": "multiple", "expires": "2001-01-01"},
        {"kind": "multiple", "expires": "9999-12-31"},
        {"kind": "multiple", "expires": "soon"},
        {"kind": "multiple", "recruiter": "nobody"},
        {"kind": "single", "recruiter": "prolific"},
        {"kind": "multiple", "recruiter": "sona", "return_url": "javascript:alert(1)"},
        {"kind": "multiple", "recruiter": "sona", "return_url": "http://uni.example/credit"},
    ],
)
def test_what_cannot_be_made_is_explained_and_nothing_is_made(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF, form: dict[str, str]
) -> None:
    add_link(launched, "personal", label="taken")
    answer = post(signed_in, csrf, **form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert len(stored(launched)) == 1
    assert deeds(launched) == []


def test_what_was_typed_is_still_there_after_a_mistake(signed_in: FlaskClient, csrf: CSRF) -> None:
    answer = post(signed_in, csrf, kind="single", labels="A1\nA1", number="7")
    assert "A1\nA1</textarea>" in answer.text
    assert 'value="7"' in answer.text


def test_a_revoked_link_takes_nobody_until_it_is_used_again(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    post(signed_in, csrf, kind="multiple", expires="2999-12-31", max_uses="5")
    [link] = stored(launched)
    where = f"{PAGE}/{link.id}"
    assert post(signed_in, csrf, where, revoked="1").status_code == 302
    assert post(signed_in, csrf, where, revoked="1").status_code == 302
    assert signed_in.get(f"/s/{link.token}").status_code == 409
    assert ">revoked<" in signed_in.get(PAGE).text
    post(signed_in, csrf, where, revoked="0")
    assert signed_in.get(f"/s/{link.token}").status_code == 200
    changes = [("link-revoked", {"link": link.id}), ("link-restored", {"link": link.id})]
    assert deeds(launched)[1:] == changes
    assert post(signed_in, csrf, f"{PAGE}/{link.id + 1}", revoked="1").status_code == 404


def test_uses_are_counted_with_the_participant_of_a_personal_link(
    signed_in: FlaskClient, launched: Launched
) -> None:
    personal = add_link(launched, "personal", label="P07")
    enter(launched)
    take(launched, enter(launched, personal))
    [row] = table(signed_in.get("/studies/heron/links.csv"))
    assert (row["sessions"], row["finished"], row["participant"]) == ("1", "1", "2")
    assert row["state"] == "used"


def test_places_are_set_shown_and_noted(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    take(launched, enter(launched))
    enter(launched)
    post(signed_in, csrf, "/studies/heron/quota", quota=" 2 ")
    page = signed_in.get(PAGE).text
    assert "<b>2 of 2</b> taken: 1 finished, 1 under way." in page
    assert "The study is full" in page
    assert study(launched).quota == 2
    post(signed_in, csrf, "/studies/heron/quota", quota="")
    assert study(launched).quota is None
    assert [detail for deed, detail in deeds(launched) if deed == "quota-set"] == [
        {"quota": 2, "before": None},
        {"quota": None, "before": 2},
    ]


@pytest.mark.parametrize("quota", ["-1", "many", "100001", "1.5", "99999999999999"])
def test_an_impossible_number_of_places_is_refused(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF, quota: str
) -> None:
    answer = post(signed_in, csrf, "/studies/heron/quota", quota=quota)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert study(launched).quota is None


def test_recruiters_get_the_address_to_paste_and_the_codes(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    post(signed_in, csrf, kind="multiple", recruiter="prolific", labels="first batch")
    post(signed_in, csrf, kind="multiple", recruiter="sona", return_url=SONA_URL)
    page = signed_in.get(PAGE).text
    prolific, sona = stored(launched)
    assert f"/s/{prolific.token}?PROLIFIC_PID={{{{%PROLIFIC_PID%}}}}&amp;STUDY_ID=" in page
    assert f"/s/{sona.token}?survey_code=%SURVEY_CODE%" in page
    assert sona.return_url == SONA_URL
    row = study(launched)
    for code in (row.completion_code, row.screen_out_code, row.failure_code):
        assert f"<code>{code}</code>" in page
    assert deeds(launched)[0] == (
        "links-made",
        {"kind": "multiple", "number": 1, "recruiter": "prolific"},
    )


def test_who_came_is_told_without_a_way_to_their_answers(
    signed_in: FlaskClient, launched: Launched
) -> None:
    link = add_link(launched, recruiter="prolific")
    token = take(launched, enter(launched, link, recruit=IDS))
    [row] = table(signed_in.get("/studies/heron/recruits.csv"))
    assert (row["external_id"], row["state"]) == (IDS["PROLIFIC_PID"], "finished")
    assert json.loads(row["assignment"])["SESSION_ID"] == IDS["SESSION_ID"]
    assert len(row["received"]) == len("2027-03-31"), "a time to the second names the session"
    assert token not in str(row)
    assert [deed for deed, _ in deeds(launched)] == ["recruits-downloaded"]


def test_the_preview_is_one_link_that_counts_nothing(
    signed_in: FlaskClient, launched: Launched, csrf: CSRF
) -> None:
    places = {post(signed_in, csrf, "/studies/heron/preview").headers["Location"] for _ in range(2)}
    [link] = stored(launched)
    assert places == {f"/s/{link.token}"}
    assert "Preview: nothing is counted" in signed_in.get(places.pop()).text


def test_the_code_to_scan_is_a_picture_of_the_link(signed_in: FlaskClient) -> None:
    answer = signed_in.get("/studies/heron/link.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<?xml")
    assert "<script" not in answer.text


@pytest.fixture
def viewer(app: Flask, launched: Launched, signed_in: FlaskClient) -> Person:
    """Somebody who may look at the study and no more."""
    somebody = person(app, launched.store, "vera")
    with launched.store.write() as db:
        user = db.scalars(select(UserRow).where(UserRow.name == "vera")).one()
        db.add(
            MemberRow(
                study_id=study_by_link(db, launched.link).id,
                user_id=user.id,
                role="viewer",
                added_by=None,
                added_at=datetime.now(UTC),
            )
        )
    return somebody


def test_a_viewer_sees_what_came_of_links_and_none_of_them(
    launched: Launched, viewer: Person
) -> None:
    token = add_link(launched, "personal", label="P07")
    add_link(launched, recruiter="prolific")
    page = viewer.get(PAGE).text
    assert "P07" in page
    assert token not in page
    assert launched.link not in page
    assert "Make links" not in page
    for path in ("links.csv", "recruits.csv", "link.svg"):
        assert viewer.get(f"/studies/heron/{path}").status_code == 403
    for path in ("links", "links/1", "quota", "preview"):
        assert viewer.post(f"/studies/heron/{path}", kind="single").status_code == 403
    assert len(stored(launched)) == 2

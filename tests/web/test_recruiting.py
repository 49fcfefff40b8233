"""Links and recruiters over HTTP: the page, the API, and nothing that tells of a person."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from jndlab.export.files import export_study
from jndlab.web.page_texts import ERRORS
from tests.store.launching import Launched
from tests.store.recruiting import (
    IDS,
    SONA_URL,
    add_link,
    enter,
    set_session,
    set_study,
    take,
)
from tests.web.participants import Participant, consent_to

TOKEN = "made-by-the-client-at-random-0123456789"


def opening(link: str, **more: object) -> dict[str, object]:
    return consent_to(link) | {"token": TOKEN} | more


def code_of(client: FlaskClient, body: dict[str, object]) -> tuple[int, str]:
    answer = client.post("/api/v1/sessions", json=body)
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"]


@pytest.fixture
def prolific(launched: Launched) -> str:
    return add_link(launched, recruiter="prolific")


def test_the_page_says_which_ids_it_waits_for(client: FlaskClient, prolific: str) -> None:
    page = client.get(f"/s/{prolific}", query_string=IDS).text
    assert 'data-recruit="PROLIFIC_PID STUDY_ID SESSION_ID"' in page
    assert "somebody-else" not in page, "nobody else can begin with this person's link"
    assert not any(value in page for value in IDS.values())


def test_the_general_page_has_nothing_of_it(client: FlaskClient, launched: Launched) -> None:
    page = client.get(f"/s/{launched.link}").text
    for sign in ("data-recruit", "data-personal", 'class="preview"', "way-back"):
        assert sign not in page
    assert "somebody-else" in page
    assert 'data-refusal=""' in page


@pytest.mark.parametrize("kind", ["single", "personal"])
def test_a_link_for_one_session_offers_no_second_one(
    client: FlaskClient, launched: Launched, kind: str
) -> None:
    page = client.get(f"/s/{add_link(launched, kind)}").text  # type: ignore[arg-type]
    assert "somebody-else" not in page
    assert ("data-personal" in page) is (kind == "personal")


def test_a_preview_is_marked(client: FlaskClient, launched: Launched) -> None:
    page = client.get(f"/s/{add_link(launched, 'preview')}?lang=de").text
    assert "Vorschau: Nichts wird gezählt" in page


def test_a_used_link_is_refused_before_anybody_reads(
    client: FlaskClient, launched: Launched
) -> None:
    link = add_link(launched, "single")
    assert client.post("/api/v1/sessions", json=opening(link)).status_code == 201
    assert 'data-refusal="link-used-up"' in client.get(f"/s/{link}").text
    other = opening(link, token=TOKEN[::-1])
    assert code_of(client, other) == (409, "link-used-up")
    assert client.post("/api/v1/sessions", json=opening(link)).status_code == 201


def test_an_expired_link_is_a_page_without_the_study(
    client: FlaskClient, launched: Launched
) -> None:
    link = add_link(launched, expires_at=datetime.now(UTC) - timedelta(minutes=1))
    answer = client.get(f"/s/{link}?lang=fr")
    assert answer.status_code == 409
    assert "Ce lien n’est plus valable." in answer.text
    assert launched.study.title not in answer.text
    assert code_of(client, opening(link)) == (409, "link-expired")


def test_a_full_study_says_so_on_the_page_and_to_programs(
    client: FlaskClient, launched: Launched
) -> None:
    set_study(launched, quota=1)
    enter(launched)
    assert 'data-refusal="study-full"' in client.get(f"/s/{launched.link}").text
    assert code_of(client, opening(launched.link)) == (409, "study-full")
    assert "study-full" in ERRORS


def test_a_person_who_has_begun_elsewhere_is_told_so(client: FlaskClient, prolific: str) -> None:
    assert client.post("/api/v1/sessions", json=opening(prolific, recruit=IDS)).status_code == 201
    again = opening(prolific, recruit=IDS, token=TOKEN[::-1])
    assert code_of(client, again) == (409, "recruit-begun")
    assert code_of(client, again | {"recruit": {}}) == (400, "recruit-missing")


@pytest.mark.parametrize(
    "recruit",
    [
        "PROLIFIC_PID",
        {"PROLIFIC_PID": 5},
        {"PROLIFIC_PID": "x" * 1000},
        {"PROLIFIC_PID": "<script>"},
        {"x" * 50: "1"},
        {f"p{n}": "1" for n in range(20)},
        {"PROLIFIC_PID": None},
        [],
    ],
)
def test_ids_of_the_wrong_shape_are_refused_and_not_repeated(
    client: FlaskClient, prolific: str, recruit: object
) -> None:
    answer = client.post("/api/v1/sessions", json=opening(prolific, recruit=recruit))
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert "x" * 100 not in answer.text


def test_the_api_tells_whether_a_session_is_of_this_person(
    client: FlaskClient, launched: Launched, prolific: str
) -> None:
    person = Participant(client, launched)
    person.token = enter(launched, prolific, recruit=IDS)
    assert person.json("POST", "/recruit", {"recruit": IDS}) == {"same": True}
    other = {"recruit": IDS | {"PROLIFIC_PID": "6a2f"}}
    assert person.json("POST", "/recruit", other) == {"same": False}
    person.token = "unknown"
    assert person.send("POST", "/recruit", {"recruit": IDS}).status_code == 404


def test_the_failure_code_comes_with_the_way_back(
    client: FlaskClient, launched: Launched, prolific: str
) -> None:
    set_study(launched, failure_code="FA1L")
    person = Participant(client, launched)
    person.token = enter(launched, prolific, recruit=IDS)
    assert person.json("POST", "/failure", {"reason": "no-sound"}) == {
        "completion_code": "FA1L",
        "completion_url": "https://app.prolific.com/submissions/complete?cc=FA1L",
    }
    assert person.send("POST", "/failure", {"reason": "A b"}).status_code == 400


def test_the_end_of_a_session_leads_back_to_sona(client: FlaskClient, launched: Launched) -> None:
    link = add_link(launched, recruiter="sona", return_url=SONA_URL)
    person = Participant(client, launched)
    person.token = take(launched, enter(launched, link, recruit={"survey_code": "4711"}))
    assert person.json("POST", "/finish")["completion_url"] == SONA_URL.replace("XXXX", "4711")


def test_ids_are_in_no_export_and_in_no_log(
    client: FlaskClient,
    launched: Launched,
    prolific: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    client.get(f"/s/{prolific}", query_string=IDS, headers={"User-Agent": "a browser"})
    body = opening(prolific, recruit=IDS)
    assert client.post("/api/v1/sessions", json=body).status_code == 201
    for again in (body | {"token": TOKEN[::-1]}, body | {"recruit": {"PROLIFIC_PID": "<" * 9}}):
        assert client.post("/api/v1/sessions", json=again).status_code >= 400
    person = Participant(client, launched)
    person.token = TOKEN
    person.json("POST", "/events", {"kind": "problem-shown", "detail": "no-sound"})
    take(launched, TOKEN)
    export_study(launched.store, launched.study.slug, tmp_path / "out")
    text = "\n".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "problem-shown" in text
    for value in IDS.values():
        assert value not in text
        assert value not in caplog.text


def test_a_screened_out_person_gets_the_code_for_it(
    client: FlaskClient, launched: Launched, prolific: str
) -> None:
    set_study(launched, screen_out_code="0UT")
    person = Participant(client, launched)
    person.token = enter(launched, prolific, recruit=IDS)
    set_session(launched, person.token, state="screened-out")
    state = person.json("GET", "/session")
    assert (state["step"], state["completion_code"]) == ("screened-out", "0UT")
    assert state["completion_url"].endswith("cc=0UT")

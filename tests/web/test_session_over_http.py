"""A session through the participant API: its order, its owner, and what it survives."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from jndlab.store.models import AnswerRow, EventRow, SessionRow
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.participants import Participant, consent_to, response_body

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

N_TRIALS = 9


def test_a_whole_session_is_stored_as_it_was_answered(participant: Participant) -> None:
    given = {}
    for number in range(1, N_TRIALS + 1):
        trial = participant.trial()
        assert (trial["number"], trial["n_trials"]) == (number, N_TRIALS)
        participant.clips(trial)
        given[number] = "AB"[number % 2]
        assert not participant.answer(trial, given[number])["repeated"]
    assert participant.json("GET", "/session")["step"] == "finished"
    assert participant.json("POST", "/finish")["completion_code"]
    assert participant.launched.answers(participant.token) == given


def test_what_the_browser_measured_is_stored(participant: Participant) -> None:
    participant.trial()
    body = response_body(
        "B", response_time_ms=2345.25, plays=[3, 0, 7], context_rate_hz=44_100, output_latency_ms=80
    )
    participant.json("PUT", "/trials/1/response", body)
    with participant.launched.store.read() as db:
        row = db.scalars(select(AnswerRow)).one()
    assert (row.response, row.response_time_ms, row.plays) == ("B", 2345.25, "[3, 0, 7]")
    assert (row.context_rate_hz, row.output_latency_ms) == (44_100, 80.0)
    assert row.key == body["key"]


def test_a_reload_gives_the_same_trial_under_the_same_addresses(participant: Participant) -> None:
    first = participant.trial()
    sounds = [clip.data for clip in participant.clips(first)]
    assert participant.trial() == first
    assert [clip.data for clip in participant.clips(first)] == sounds


def test_a_session_goes_on_after_the_server_was_started_anew(
    participant: Participant, launched: Launched
) -> None:
    trial = participant.trial()
    participant.client = create_app(launched.settings, launched.store).test_client()
    assert participant.trial() == trial
    participant.answer(trial, "A")
    assert participant.json("GET", "/session")["n_answered"] == 1


def test_a_lost_reply_is_made_good_by_sending_the_answer_again(participant: Participant) -> None:
    trial = participant.trial()
    first, again = participant.answer(trial, "B"), participant.answer(trial, "B")
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert {**first, "repeated": True} == again
    refused = participant.send("PUT", "/trials/1/response", response_body("A"))
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "answer-conflict")
    assert participant.launched.answers(participant.token) == {1: "B"}


def test_an_answer_is_taken_by_the_session_of_its_trial_only(participant: Participant) -> None:
    """A personal link opens another one where a restored server has lost the first."""
    trial = participant.trial()
    foreign = response_body("B", session=64 * "0")
    refused = participant.send("PUT", "/trials/1/response", foreign)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "answer-conflict")
    assert participant.json("GET", "/session")["n_answered"] == 0
    own = response_body("B", session=trial["session"])
    assert not participant.json("PUT", "/trials/1/response", own)["repeated"]
    assert participant.json("PUT", "/trials/1/response", own)["repeated"]
    refused = participant.send("PUT", "/trials/1/response", foreign)  # the very same response
    assert refused.status_code == 409
    ahead = participant.json("POST", "/trials/ahead")["trials"]
    assert {one["session"] for one in [*ahead, participant.trial()]} == {trial["session"]}
    other = Participant(participant.client, participant.launched).open().pass_sound_check()
    assert other.trial()["session"] != trial["session"]


def test_trials_come_in_the_servers_order_only(participant: Participant) -> None:
    participant.trial()
    for number in (0, 2, N_TRIALS, N_TRIALS + 1, 2**64, 10**40):
        refused = participant.send("PUT", f"/trials/{number}/response", response_body())
        assert refused.status_code in (404, 409), refused.text
    assert participant.launched.answers(participant.token) == {}


def test_the_sound_check_comes_before_the_first_trial(
    client: FlaskClient, launched: Launched
) -> None:
    participant = Participant(client, launched).open()
    assert participant.json("GET", "/session")["step"] == "check"
    refused = participant.send("POST", "/trial")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "trial-out-of-order")
    participant.pass_sound_check()
    assert participant.trial()["number"] == 1


def test_the_end_cannot_be_confirmed_early(participant: Participant) -> None:
    refused = participant.send("POST", "/finish")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "trial-out-of-order")
    assert participant.json("GET", "/session")["completion_code"] is None


def test_no_session_without_consent(client: FlaskClient, launched: Launched) -> None:
    participant = Participant(client, launched)
    for consent in (False, None, "true", {}):
        body: dict[str, Any] = consent_to(launched.link) | {"consent": consent}
        assert participant.send("POST", "/sessions", body).status_code == 400
    assert participant.send("POST", "/sessions", {"link": launched.link}).status_code == 400
    with launched.store.read() as db:
        assert db.scalars(select(SessionRow)).all() == []


def test_an_opening_whose_reply_was_lost_can_be_sent_again(
    client: FlaskClient, launched: Launched
) -> None:
    participant = Participant(client, launched)
    body = consent_to(launched.link) | {"token": "made-by-the-client-at-random-0123456789"}
    first, again = (participant.json("POST", "/sessions", body) for _ in range(2))
    assert first == again
    assert first["token"] == body["token"]
    with launched.store.read() as db:
        assert len(db.scalars(select(SessionRow)).all()) == 1


@pytest.mark.parametrize("token", ["", "short", "x" * 31, "x" * 129, "x" * 40 + "\n", "ä" * 40])
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(
    client: FlaskClient, launched: Launched, token: str
) -> None:
    body = consent_to(launched.link) | {"token": token}
    assert Participant(client, launched).send("POST", "/sessions", body).status_code == 400


def test_what_belongs_to_another_looks_like_what_never_was(
    app: Flask, participant: Participant, launched: Launched
) -> None:
    other = Participant(app.test_client(), launched).open()
    check = other.json("POST", "/check")
    (clip, *_) = [interval["clip"] for interval in participant.trial()["intervals"]]
    for method, theirs, body in (
        ("GET", clip, None),
        ("GET", check["clip"], None),
        ("PUT", check["answer"], {"answer": "3"}),
    ):
        mine = other if theirs == clip else participant
        name = theirs.split("/")[4]
        refused = mine.send(method, theirs, body)
        unknown = mine.send(method, theirs.replace(name, "x" * len(name)), body)
        assert refused.status_code == unknown.status_code == 404
        assert refused.data == unknown.data
        assert refused.headers.pop("X-Request-Id") != unknown.headers.pop("X-Request-Id")
        assert refused.headers.to_wsgi_list() == unknown.headers.to_wsgi_list()


@pytest.mark.parametrize(
    "credentials",
    [None, "", "Bearer", "Bearer ", "bearer x", "Basic eDp5", "Bearer nobody", "Bearer \xff\xfe"],
)
def test_a_missing_and_a_wrong_token_are_refused_alike(
    participant: Participant, credentials: str | None
) -> None:
    (clip, *_) = [interval["clip"] for interval in participant.trial()["intervals"]]
    headers = {} if credentials is None else {"Authorization": credentials}
    for method, path in (("GET", "/api/v1/session"), ("POST", "/api/v1/trial"), ("GET", clip)):
        refused = participant.client.open(path, method=method, headers=headers)
        assert refused.status_code == 404
        assert refused.json["error"]["message"] == "This session is not known here."


def test_events_are_stored(participant: Participant) -> None:
    stored = participant.json("POST", "/events", {"kind": "audio-state", "detail": "suspended"})
    assert stored == {"stored": True}
    with participant.launched.store.read() as db:
        row = db.scalars(select(EventRow)).one()
    assert (row.kind, row.detail) == ("audio-state", "suspended")


@pytest.mark.sqlite
def test_an_answer_is_not_confirmed_when_the_disk_is_full(participant: Participant) -> None:
    trial = participant.trial()
    engine = participant.launched.store.engine
    engine.dispose()
    limit = {"pages": 1}
    event.listen(
        engine,
        "connect",
        lambda raw, record: raw.execute(f"PRAGMA max_page_count = {limit['pages']}"),
    )
    # A page may still have room for a short row: events fill it up.
    detail = {"kind": "filler", "detail": "x" * 2000}
    statuses = [participant.send("POST", "/events", detail).status_code for _ in range(10)]
    assert statuses[-1] == 503
    body = response_body(key="k" * 80)
    refused = participant.send("PUT", "/trials/1/response", body)
    stored = participant.launched.answers(participant.token)
    assert stored == ({1: "A"} if refused.status_code == 200 else {})
    limit["pages"] = 1_000_000
    engine.dispose()
    assert participant.json("PUT", "/trials/1/response", body)["number"] == trial["number"]
    assert participant.launched.answers(participant.token) == {1: "A"}


def test_a_missing_clip_is_a_failure_of_the_server_that_names_no_path(
    participant: Participant, launched: Launched
) -> None:
    trial = participant.trial()
    for path in launched.settings.clips.rglob("*.wav"):
        path.unlink()
    for refused in participant.clips(trial):
        assert (refused.status_code, refused.json["error"]["code"]) == (503, "store-unusable")
        assert str(launched.settings.data) not in refused.text
        assert ".wav" not in refused.text

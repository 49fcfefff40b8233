"""The live view over HTTP: who sees it, what it tells, what it keeps back, what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.store.deeds import deeds_of, detail_of
from jndlab.store.models import JobRow, MemberRow, UserRow
from jndlab.store.users import set_password
from jndlab.studies.lifecycle import change_state
from jndlab.web.experimenter import live_curve
from jndlab.web.jobs.queue import JobState, require_job
from jndlab.web.jobs.running_curve import run
from jndlab.web.jobs.worker import Job
from tests.store.launching import Launched
from tests.web.participants import Participant

Simulate = Callable[[], None]
pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

LIVE = "/studies/heron/live"
DATA = "/studies/heron/live.json"
CURVE = "/studies/heron/live/curve"
ROUTES = (LIVE, DATA, CURVE, f"{CURVE}/any")


def sessions_of(client: FlaskClient, query: str = "") -> list[list[Any]]:
    """The rows of the table of sessions."""
    return json.loads(client.get(DATA + query).text)["tables"]["sessions"]


def test_the_page_shows_what_its_updates_tell(
    signed_in: FlaskClient, participant: Participant
) -> None:
    participant.answer(participant.trial(), "A")
    page = signed_in.get(LIVE).text
    told = json.loads(signed_in.get(DATA).text)
    assert told["summary"] == "The study is running. Sessions: 1 under way, 0 finished."
    assert told["summary"] in page
    [[key, cells]] = told["tables"]["sessions"]
    assert [cell[0] for cell in cells[:4]] == ["1", "practice", "1 of 9", "just now"]
    [row] = re.findall(rf'<tr data-key="{key}">(.*?)</tr>', page)
    assert re.findall(r"<td[^>]*>([^<]*)", row) == [text for text, _, _ in cells]
    for _, says, drawing in told["figures"]:
        assert says in drawing
        assert drawing in page
    for name, value, _ in told["tiles"]:
        assert re.search(rf'data-tile="{name}"><b>{value}</b>', page), name


def test_the_page_and_its_updates_have_one_mark(
    signed_in: FlaskClient, participant: Participant
) -> None:
    participant.trial()
    page, told = signed_in.get(LIVE).text, signed_in.get(DATA)
    [mark] = re.findall(r'data-etag="([^"]+)"', page)
    # A minute may have turned between the two: silence is told in minutes.
    again = signed_in.get(DATA, headers={"If-None-Match": told.headers["ETag"]})
    assert f'"{mark}"' == told.headers["ETag"] or again.status_code == 304


def test_nothing_new_is_an_answer_without_a_body(
    signed_in: FlaskClient, participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = signed_in.get(DATA)
    assert first.headers["Cache-Control"] == "no-store"  # the page holds it, and no cache does
    frozen = signed_in.application.extensions["jndlab.live"].reader(1, "participant")
    monkeypatch.setattr(frozen, "look", lambda store, seen: frozen._last)  # one minute, for good
    seen = {"If-None-Match": signed_in.get(DATA).headers["ETag"]}
    nothing = signed_in.get(DATA, headers=seen)
    assert (nothing.status_code, nothing.data) == (304, b"")
    assert nothing.headers["ETag"] == seen["If-None-Match"]
    weak = {"If-None-Match": f"W/{seen['If-None-Match']}"}  # a proxy that compresses makes it so
    assert signed_in.get(DATA, headers=weak).status_code == 304
    monkeypatch.undo()
    participant.answer(participant.trial(), "B")
    assert signed_in.get(DATA, headers=seen).status_code == 200


def test_a_new_state_of_the_study_is_news(signed_in: FlaskClient, launched: Launched) -> None:
    seen = {"If-None-Match": signed_in.get(DATA).headers["ETag"]}
    change_state(launched.store, 1, "paused")
    told = signed_in.get(DATA, headers=seen)
    assert (told.status_code, told.json["state"]) == (200, "paused")
    assert told.json["summary"].startswith("The study is paused.")


def test_any_mark_may_be_sent(signed_in: FlaskClient) -> None:
    for mark in ("*", "x", '"', '"-"', '"a-b", "c-d"', 'W/"ü-running"', '"x"' * 900):
        told = signed_in.get(DATA, headers={"If-None-Match": mark})
        assert told.status_code == (304 if mark == "*" else 200), mark


def test_other_answers_still_carry_no_etag(signed_in: FlaskClient, client: FlaskClient) -> None:
    for page in (LIVE, CURVE, "/studies"):
        assert "ETag" not in signed_in.get(page).headers
    assert "ETag" not in client.get("/api/v1/openapi.json").headers


def test_people_pilots_and_simulated_listeners_are_apart(
    signed_in: FlaskClient, participant: Participant, simulate: Simulate
) -> None:
    participant.answer(participant.trial(), "A")
    simulate()
    assert len(sessions_of(signed_in)) == 1
    assert len(sessions_of(signed_in, "?kind=simulated")) == 4
    assert sessions_of(signed_in, "?kind=pilot") == []
    assert len(sessions_of(signed_in, "?kind=simulated&version=1")) == 4
    assert sessions_of(signed_in, "?kind=simulated&version=2") == []


def test_no_identity_and_no_result_is_told(
    signed_in: FlaskClient, participant: Participant, launched: Launched, simulate: Simulate
) -> None:
    """Numbers of participants only, and nothing of levels or conditions."""
    participant.answer(participant.trial(), "A")
    simulate()
    plan = launched.plan(participant.token)
    for query in ("", "?kind=simulated"):
        for page in (signed_in.get(LIVE + query).text, signed_in.get(DATA + query).text):
            for secret in (participant.token, plan.digest(), "kestrelcut", "zebrafinch", "2.625"):
                assert secret not in page, secret


def test_what_there_is_not_cannot_be_asked_for(signed_in: FlaskClient) -> None:
    strange = ("?kind=preview", "?kind=", "?kind=%00", "?version=x", "?version=-1", "?version=²")
    for page in (LIVE, DATA, CURVE):
        for query in strange:
            assert signed_in.get(page + query).status_code == 400, page + query


def test_nobody_sees_it_who_is_not_signed_in(client: FlaskClient, participant: Participant) -> None:
    own = {"Authorization": f"Bearer {participant.token}"}
    for route in ROUTES:
        for headers in ({}, own):
            answer = client.get(route, headers=headers)
            assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


def test_somebody_elses_study_does_not_exist(
    app: Flask, launched: Launched, csrf: Callable[[str], str]
) -> None:
    client = _signed_in_as(app, launched, csrf, "bob", role=None)
    for route in ROUTES:
        assert client.get(route).status_code == 404


def test_a_viewer_sees_counts_and_no_curve(
    app: Flask, launched: Launched, csrf: Callable[[str], str], simulate: Simulate
) -> None:
    simulate()
    client = _signed_in_as(app, launched, csrf, "bob", role="viewer")
    page = client.get(f"{LIVE}?kind=simulated").text
    assert "Look at the running result" not in page
    assert "Pause the study" not in page
    assert client.get(DATA).status_code == 200
    assert client.get(CURVE).status_code == 403
    assert client.get(f"{CURVE}/any").status_code == 403
    refused = client.post(CURVE, data={"csrf_token": csrf_of(page), "reason": "I want to"})
    assert refused.status_code == 403
    with launched.store.read() as db:
        assert deeds_of(db, 1, deed="peeked") == []


def test_the_empty_page_says_what_to_do(signed_in: FlaskClient, launched: Launched) -> None:
    assert f'value="http://localhost/s/{launched.link}"' in signed_in.get(LIVE).text
    assert "jndlab simulate heron" in signed_in.get(f"{LIVE}?kind=simulated").text
    change_state(launched.store, 1, "paused")
    assert "The study is paused and takes nobody now" in signed_in.get(LIVE).text


def test_a_look_is_noted_before_anything_is_shown(
    signed_in: FlaskClient,
    launched: Launched,
    participant: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        participant.answer(participant.trial(), "A")
    started = _started(monkeypatch)
    page = signed_in.get(CURVE).text
    assert "There are 3 answers from 1 session of participants." in page
    form = {"csrf_token": csrf_of(page), "reason": " Is it\n too easy? "}
    assert signed_in.post(CURVE, data=form).headers["Location"].startswith(CURVE + "/")
    with launched.store.read() as db:
        [deed] = deeds_of(db, 1, deed="peeked")
        assert deed.user_id == 1
        assert detail_of(deed) == {
            "what": "the running curve of participants",
            "reason": "Is it\n too easy?",
            "kind": "participant",
            "version": None,
            "n_finished": 0,
            "n_open": 1,
            "n_answers": 3,
        }
    assert started == [{"kind": "participant", "version": None, "answers": 3}]
    page = signed_in.get(CURVE).text
    assert "looked at once while data came in" in page
    assert "after 3 answers and 0 finished sessions (reason given: “Is it too easy?”)" in page
    assert "<td>the running curve of participants</td>" in page


def test_what_does_not_count_is_looked_at_freely(
    signed_in: FlaskClient, launched: Launched, simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate()
    started = _started(monkeypatch)
    page = signed_in.get(f"{CURVE}?kind=simulated").text
    assert "These answers do not count" in page
    assert "<textarea" not in page
    form = {"csrf_token": csrf_of(page), "kind": "simulated"}
    assert signed_in.post(CURVE, data=form).status_code == 302
    assert started == [{"kind": "simulated", "version": None, "answers": 36}]
    with launched.store.read() as db:
        assert deeds_of(db, 1, deed="peeked") == []


def test_a_look_wants_a_reason(signed_in: FlaskClient, launched: Launched) -> None:
    token = csrf_of(signed_in.get(CURVE).text)
    for reason in ("", "  ", "x "):
        assert (
            signed_in.post(CURVE, data={"csrf_token": token, "reason": reason}).status_code == 400
        )
    with launched.store.read() as db:
        assert deeds_of(db, 1, deed="peeked") == []


def test_after_the_end_there_is_nothing_to_hide(signed_in: FlaskClient, launched: Launched) -> None:
    change_state(launched.store, 1, "closed")
    page = signed_in.get(CURVE).text
    assert "No data come in any more" in page
    assert "<textarea" not in page
    form = {"csrf_token": csrf_of(page), "reason": "but I want to"}
    assert signed_in.post(CURVE, data=form).status_code == 409


def test_the_curve_is_shown_as_it_was_at_its_look(
    signed_in: FlaskClient, launched: Launched, simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate()
    _started(monkeypatch)
    form = {"csrf_token": csrf_of(signed_in.get(CURVE).text), "reason": "why", "kind": "simulated"}
    look = signed_in.post(CURVE, data=form).headers["Location"]
    waiting = signed_in.get(look).text
    assert 'data-job="/jobs/' in waiting
    assert "kestrelcut" not in waiting
    _run_job(launched, look.rpartition("/")[2])
    shown = signed_in.get(look).text
    assert "kestrelcut" in shown
    assert "2.625" in shown
    simulate()
    figure = shown[shown.index("<figure") : shown.rindex("</figure>")]
    assert figure in signed_in.get(look).text


def test_another_job_is_no_look(
    signed_in: FlaskClient, launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed_in.get(f"{CURVE}/nothing").status_code == 404
    monkeypatch.setattr("jndlab.web.jobs.queue.ensure_runner", lambda *_: None)
    other = live_curve.start_job(
        launched.store, launched.settings, "launch", study_id=1, by=1, options={}
    )
    assert signed_in.get(f"{CURVE}/{other}").status_code == 404


def csrf_of(page: str) -> str:
    """The form token on a page."""
    found = re.search(r'name="csrf-?_?token" (?:value|content)="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def _signed_in_as(
    app: Flask, launched: Launched, csrf: Callable[[str], str], name: str, *, role: str | None
) -> FlaskClient:
    set_password(launched.store, name, "three unrelated words")
    with launched.store.write() as db:
        user = db.query(UserRow).filter_by(name=name).one()
        user.is_admin = False
        if role is not None:
            db.add(MemberRow(study_id=1, user_id=user.id, role=role, added_at=user.created_at))
    client = app.test_client()
    form = {"csrf_token": csrf(client.get("/sign-in").text), "name": name}
    signed = client.post("/sign-in", data={**form, "password": "three unrelated words"})
    assert signed.status_code == 302
    return client


def _started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options of the jobs that are asked for; none of them runs."""
    started: list[dict[str, Any]] = []
    start = live_curve.start_job

    def note(*arguments: Any, **options: Any) -> str:
        started.append(options["options"])
        return start(*arguments, **options)

    monkeypatch.setattr("jndlab.web.jobs.queue.ensure_runner", lambda *_: None)
    monkeypatch.setattr(live_curve, "start_job", note)
    return started


def _run_job(launched: Launched, public_id: str) -> None:
    """Run a job in this process, as its worker would."""
    with launched.store.read() as db:
        state: JobState = require_job(db, public_id)
        options = json.loads(db.query(JobRow).filter_by(public_id=public_id).one().options)
    job = Job(launched.store, launched.settings, public_id, state.study_id, 1, options)
    result = json.dumps(run(job))
    with launched.store.write() as db:
        row = db.query(JobRow).filter_by(public_id=public_id).one()
        row.state, row.result, row.finished_at = "done", result, datetime.now(UTC)

"""Pausing, closing and opening a study in the browser, and what participants are told then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.store.launching import Launched
from tests.web.participants import Participant, consent_to

Csrf = Callable[[str], str]


def put(signed_in: FlaskClient, csrf: Csrf, state: str) -> int:
    token = csrf(signed_in.get("/studies/heron").text)
    form = {"csrf_token": token, "state": state}
    return signed_in.post("/studies/heron/state", data=form).status_code


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_participants_are_told_and_nothing_is_lost(
    signed_in: FlaskClient, csrf: Csrf, participant: Participant, launched: Launched, state: str
) -> None:
    trial = participant.trial()
    assert put(signed_in, csrf, state) == 302
    assert f"The study is <b>{state}</b>" in signed_in.get("/studies/heron").text
    assert f'data-refusal="study-{state}"' in participant.client.get(f"/s/{launched.link}").text
    for path, body in (("/trial", None), ("/sessions", consent_to(launched.link))):
        refused = participant.send("POST", path, body)
        assert (refused.status_code, refused.json["error"]["code"]) == (409, f"study-{state}")
    participant.answer(trial, "A")
    assert put(signed_in, csrf, "open") == 302
    assert participant.trial()["number"] == trial["number"] + 1


def test_only_an_experimenter_changes_the_state_and_only_to_one_there_is(
    client: FlaskClient, signed_in: FlaskClient, csrf: Csrf
) -> None:
    assert put(signed_in, csrf, "frozen") == 400
    assert signed_in.post("/studies/heron/state", data={"state": "closed"}).status_code == 400
    assert "The study is <b>running</b>" in signed_in.get("/studies/heron").text

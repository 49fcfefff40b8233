"""Who came in and who was kept out is in the log; what they typed, sent or hold is not."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from jndlab.settings import Settings
from jndlab.store.models import UserRow
from jndlab.store.users import set_password
from jndlab.web.app import create_app
from jndlab.web.experimenter.blueprint import COOKIE
from jndlab.web.logs import JsonLines, TextLines
from tests.store.launching import Launched
from tests.web.participants import API, Participant, consent_to
from tests.web.people import Person, person
from tests.web.programs import program_of
from tests.web.test_wanting_more import IDS

PASSWORD, GUESS = "three unrelated words", "a guess nobody should read"
TYPED = "my-password-in-the-name-field-77"
ADDRESS = "203.0.113.77"


@pytest.fixture(params=[JsonLines, TextLines])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that would stand in the log, at its most talkative."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(request.param())
    root = logging.getLogger()
    known = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield out
    root.removeHandler(handler)
    root.setLevel(known)


def events(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == "jndlab.security"]


@pytest.mark.parametrize("log", [JsonLines], indirect=True)
def test_who_comes_in_and_who_is_kept_out_is_told(
    app: Flask, launched: Launched, log: io.StringIO
) -> None:
    set_password(launched.store, "ann", PASSWORD)
    ann = Person(app)
    ann.sign_in("ann", GUESS)
    ann.sign_in("ann", PASSWORD)
    ann.post("/sign-out")
    person(app, launched.store, "bob").get("/studies/heron")
    app.test_client().post("/sign-in", data={"name": "ann"})
    app.test_client().get(f"{API}/me", headers={"Authorization": "Bearer jndlab_wrong"})
    program_of(app, launched.store, role="viewer").send("POST", "/studies/heron/package", {})
    told = [(one["message"], one.get("code"), one["route"]) for one in events(log)]
    assert told == [
        ("sign-in-refused", "sign-in-failed", "/sign-in"),
        ("signed-in", None, "/sign-in"),
        ("signed-out", None, "/sign-out"),
        ("refused", "study-unknown", "/studies/<slug>"),
        ("form-refused", None, "/sign-in"),
        ("refused", "not-signed-in", "/api/v1/me"),
        ("refused", "access-denied", "/api/v1/studies/<slug>/package"),
    ]
    assert [one["user"] for one in events(log)][1:4] == [1, 1, 2]
    assert all(re.fullmatch(r"20\d\d-.+Z", one["time"]) for one in events(log))


def test_no_secret_is_in_the_log_whatever_happens(
    launched: Launched, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=launched.settings.data, log_requests=True)
    app = create_app(settings, launched.store)
    set_password(launched.store, "ann", PASSWORD)
    secret = pyotp.random_base32()
    ann = Person(app)
    ann.client.environ_base["REMOTE_ADDR"] = ADDRESS
    ann.sign_in("ann", GUESS)
    ann.sign_in(TYPED, "x")
    ann.sign_in("ann", PASSWORD)
    cookie = ann.client.get_cookie(COOKIE)
    assert cookie is not None
    with launched.store.write() as db:
        db.execute(update(UserRow).values(totp_secret=secret))
    other = Person(app)
    other.sign_in("ann", PASSWORD)
    code = pyotp.TOTP(secret).now()
    other.post("/sign-in/code", code="000000")
    other.post("/sign-in/code", code=code)
    program = program_of(app, launched.store, role="owner")
    link = program.json(
        "POST", "/studies/heron/links", {"kind": "multiple", "recruiter": "prolific"}
    )["links"][0]["url"].rpartition("/s/")[2]
    participant = Participant(app.test_client(), launched)
    link_token = link.partition("?")[0]
    opened = participant.json("POST", "/sessions", {**consent_to(link_token), "recruit": IDS})
    app.test_client().get(f"/s/{link}")
    app.test_client().get(f"/s/{link_token}?PROLIFIC_PID={IDS['PROLIFIC_PID']}")

    def fail(*arguments: object, **more: object) -> None:
        raise RuntimeError(f"failed with {arguments} {more} {PASSWORD!r} {opened['token']}")

    monkeypatch.setattr("jndlab.sessions.position", fail)
    broken = app.test_client().get(
        f"{API}/session?token={opened['token']}",
        headers={"Authorization": f"Bearer {opened['token']}"},
    )
    assert broken.status_code == 500
    said = log.getvalue()
    assert "Unexpected error" in said
    assert "signed-in" in said
    secrets = {
        "password": PASSWORD, "guess": GUESS, "typed as name": TYPED, "cookie": cookie.value,
        "second factor": secret, "API token": program.token, "session": opened["token"],
        "person": IDS["PROLIFIC_PID"], "address": ADDRESS, "link": link_token,
        "form key": str(app.secret_key),
    }  # fmt: skip
    assert [name for name, value in secrets.items() if value in said] == []
    for body in (broken.text,):
        assert [name for name, value in secrets.items() if value in body] == []


def test_settings_that_are_shown_hide_their_secrets() -> None:
    settings = Settings(
        database_url="postgresql://jndlab:hidden-one@db/jndlab", oidc_client_secret="hidden-two"
    )
    assert "hidden" not in repr(settings)
    assert "hidden" not in str(settings)

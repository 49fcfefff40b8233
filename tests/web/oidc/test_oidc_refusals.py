"""Whatever a provider, or somebody between, can do wrong."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from jndlab.store.engine import Store
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.oidc.provider import CLIENT_ID, Provider
from tests.web.oidc.trips import back, link, round_trip, to_provider
from tests.web.people import Person, alert


def refused(someone: Person, response: TestResponse) -> str:
    assert response.status_code == 403
    assert not someone.is_in
    return alert(response)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": None},
        {"aud": "another client", "azp": CLIENT_ID},
        {"iss": "https://another.example.org"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=lambda claims: ",".join(claims),  # no times: each worker collects the same
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    someone: Person, provider: Provider, store: Store, claims: dict[str, object]
) -> None:
    link(store, "ann", provider.subject)
    provider.claims = claims
    assert refused(someone, round_trip(someone))


@pytest.mark.parametrize("answers", ["denies", "no-id-token", "other-key", "no-json"])
def test_whatever_else_the_provider_does_wrong_is_an_error_in_words(
    someone: Person, provider: Provider, store: Store, answers: str
) -> None:
    link(store, "ann", provider.subject)
    provider.answers = answers
    said = refused(someone, round_trip(someone))
    assert "provider" in said
    assert "<b>no</b>" not in said


def test_a_provider_that_is_down_is_said_to_be_and_is_tried_again(
    someone: Person, provider: Provider, store: Store
) -> None:
    link(store, "ann", provider.subject)
    provider.answers = "fails"
    assert "cannot be reached" in refused(someone, someone.get("/sign-in/elsewhere"))
    provider.answers = "well"
    assert round_trip(someone).status_code == 302


def test_a_provider_with_another_name_for_itself_is_refused(
    someone: Person, provider: Provider
) -> None:
    provider.issuer = "https://evil.example.org"
    assert "evil.example.org" in refused(someone, someone.get("/sign-in/elsewhere"))


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    app: Flask, someone: Person, provider: Provider, store: Store
) -> None:
    link(store, "ann", provider.subject)
    at_provider = to_provider(someone)
    stranger = Person(app)
    assert "not begun in this browser" in refused(stranger, back(stranger, at_provider))
    for query in ("", "?state=x&code=y", "?code=y", "?error=access_denied", "?state=%00"):
        assert refused(stranger, stranger.get(f"/sign-in/elsewhere/back{query}"))


def test_an_answer_counts_once(someone: Person, provider: Provider, store: Store) -> None:
    link(store, "ann", provider.subject)
    at_provider = to_provider(someone)
    answer = requests.get(at_provider, allow_redirects=False, timeout=30)
    address = urlsplit(answer.headers["Location"])
    assert someone.get(f"{address.path}?{address.query}").status_code == 302
    someone.post("/sign-out")
    assert refused(someone, someone.get(f"{address.path}?{address.query}"))


def test_sign_ins_that_were_begun_and_left_do_not_fill_the_cookie(
    someone: Person, provider: Provider
) -> None:
    for _ in range(12):
        to_provider(someone)
    cookie = someone.client.get_cookie("jndlab_form")
    assert cookie is not None
    assert len(cookie.value) < 2000


def test_without_a_provider_there_is_no_such_button(launched: Launched) -> None:
    someone = Person(create_app(launched.settings, launched.store))
    assert "elsewhere" not in someone.get("/sign-in").text
    assert refused(someone, someone.get("/sign-in/elsewhere"))
    assert refused(someone, someone.get("/sign-in/elsewhere/back?state=x&code=y"))

"""Signing in with an OpenID Connect provider, over real HTTP, a good one and bad ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from jndlab.errors import MissingExtra
from jndlab.settings import Settings, load_settings
from jndlab.store.deeds import deeds_of
from jndlab.store.engine import Store
from jndlab.store.invitations import invite, open_invitation
from jndlab.store.models import UserRow
from jndlab.store.second_factor import new_secret
from jndlab.web.app import create_app
from jndlab.web.oidc import require_installed
from tests.store.launching import Launched
from tests.store.people import PASSWORD, make_user
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, RunningProvider
from tests.web.people import Person, alert, person


@pytest.fixture
def provider() -> Iterator[Provider]:
    with RunningProvider() as provider:
        yield provider


@pytest.fixture
def app(launched: Launched, provider: Provider) -> Flask:
    settings = replace(
        launched.settings,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )
    return create_app(settings, launched.store)


@pytest.fixture
def store(launched: Launched) -> Store:
    return launched.store


@pytest.fixture
def someone(app: Flask) -> Person:
    return Person(app)


def link(store: Store, name: str, subject: str) -> int:
    """A user whom the provider knows."""
    user_id = make_user(store, name)
    with store.write() as db:
        db.get_one(UserRow, user_id).oidc_subject = subject
    return user_id


def to_provider(someone: Person, address: str = "/sign-in/elsewhere") -> str:
    """Where the provider is, as the browser is told."""
    response = someone.get(address)
    while response.headers.get("Location", "").startswith("/"):
        response = someone.get(response.headers["Location"])
    assert response.status_code == 302, alert(response)
    return str(response.headers["Location"])


def back(someone: Person, at_provider: str) -> TestResponse:
    """Go to the provider over the network and come back with what it says."""
    answer = requests.get(at_provider, allow_redirects=False, timeout=30)
    address = urlsplit(answer.headers["Location"])
    return someone.get(f"{address.path}?{address.query}")


def round_trip(someone: Person, address: str = "/sign-in/elsewhere") -> TestResponse:
    return back(someone, to_provider(someone, address))


def test_a_user_whom_the_provider_knows_is_signed_in(
    someone: Person, provider: Provider, store: Store
) -> None:
    link(store, "ann", provider.subject)
    response = round_trip(someone)
    assert (response.status_code, response.headers["Location"]) == (302, "/studies")
    assert someone.is_in
    assert "ann" in someone.get("/account").text


def test_the_provider_is_asked_as_the_standards_want(someone: Person, provider: Provider) -> None:
    asked = {
        key: values[0] for key, values in parse_qs(urlsplit(to_provider(someone)).query).items()
    }
    assert asked["response_type"] == "code"
    assert asked["client_id"] == CLIENT_ID
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost/sign-in/elsewhere/back"
    assert "openid" in asked["scope"].split()
    assert min(len(asked[key]) for key in ("state", "nonce", "code_challenge")) >= 20
    again = parse_qs(urlsplit(to_provider(someone)).query)
    for key in ("state", "nonce", "code_challenge"):
        assert again[key] != [asked[key]]


def test_who_has_no_account_gets_none_and_is_told_the_subject(
    someone: Person, provider: Provider, store: Store
) -> None:
    response = round_trip(someone)
    assert response.status_code == 403
    assert provider.subject in alert(response)
    assert not someone.is_in
    with store.read() as db:
        assert db.query(UserRow).count() == 0


def test_the_name_at_the_provider_opens_no_account(
    someone: Person, provider: Provider, store: Store
) -> None:
    make_user(store, provider.username)
    make_user(store, "ann")
    assert round_trip(someone).status_code == 403
    assert not someone.is_in


def test_a_disabled_user_is_not_signed_in(
    someone: Person, provider: Provider, store: Store
) -> None:
    user_id = link(store, "ann", provider.subject)
    with store.write() as db:
        user = db.get_one(UserRow, user_id)
        user.disabled_at = user.created_at
    assert "disabled" in alert(round_trip(someone))
    assert not someone.is_in


def test_a_second_factor_is_asked_for_after_the_provider_too(
    someone: Person, provider: Provider, store: Store
) -> None:
    user_id, secret = link(store, "ann", provider.subject), new_secret()
    with store.write() as db:
        db.get_one(UserRow, user_id).totp_secret = secret
    assert round_trip(someone).headers["Location"] == "/sign-in/code"
    assert not someone.is_in
    assert someone.post("/sign-in/code", code=pyotp.TOTP(secret).now()).status_code == 302
    assert someone.is_in


# Invitations, and accounts that exist


def test_an_invitation_makes_an_account_without_a_password(
    someone: Person, provider: Provider, store: Store
) -> None:
    by = make_user(store, "boss", is_admin=True)
    with store.write() as db:
        token = invite(db, by=by)
    response = round_trip(someone, f"/invitations/{token}/elsewhere")
    assert response.headers["Location"] == f"/invitations/{token}"
    page = someone.get(f"/invitations/{token}").text
    assert 'value="ann"' in page  # suggested, without what follows the @
    assert 'type="password"' not in page
    assert someone.post(f"/invitations/{token}", name="Ann B.").status_code == 302
    assert someone.is_in
    other = Person(someone.client.application)
    round_trip(other)
    assert "Ann B." in other.get("/account").text


def test_the_identity_shown_for_one_invitation_is_good_for_no_other(
    someone: Person, provider: Provider, store: Store
) -> None:
    by = make_user(store, "boss", is_admin=True)
    with store.write() as db:
        one, other = invite(db, by=by), invite(db, by=by)
    round_trip(someone, f"/invitations/{one}/elsewhere")
    assert 'type="password"' in someone.get(f"/invitations/{other}").text
    assert someone.post(f"/invitations/{other}", name="ann").status_code == 403
    with store.read() as db:
        assert open_invitation(db, other).is_admin is False


def test_an_invitation_to_a_study_is_taken_up_by_an_account_that_is_known(
    someone: Person, provider: Provider, launched: Launched, store: Store
) -> None:
    user_id, by = link(store, "ann", provider.subject), make_user(store, "boss", is_admin=True)
    with store.write() as db:
        token = invite(db, by=by, study_id=1, role="viewer")
    assert round_trip(someone, f"/invitations/{token}/elsewhere").status_code == 302
    assert someone.get("/studies/heron/people").status_code == 200
    with store.read() as db:
        added = [row for row in deeds_of(db, 1) if row.deed == "invitation-taken-up"]
    assert [row.user_id for row in added] == [user_id]


def test_a_user_connects_the_own_account_and_takes_it_back(
    app: Flask, provider: Provider, store: Store
) -> None:
    ann = person(app, store, "ann")
    page = ann.post("/account/elsewhere", password=PASSWORD).text
    assert 'href="/sign-in/elsewhere"' in page
    assert round_trip(ann).headers["Location"] == "/account"
    assert provider.subject in ann.get("/account").text
    other = Person(app)
    round_trip(other)
    assert other.is_in
    assert ann.post("/account/elsewhere/remove").status_code == 302
    stranger = Person(app)
    assert round_trip(stranger).status_code == 403


def test_nobody_connects_what_belongs_to_somebody_else(
    app: Flask, provider: Provider, store: Store
) -> None:
    link(store, "bob", provider.subject)
    ann = person(app, store, "ann")
    ann.post("/account/elsewhere", password=PASSWORD)
    response = round_trip(ann)
    assert response.status_code == 409
    assert "bob" in alert(response)


def test_another_page_cannot_begin_to_connect(app: Flask, provider: Provider, store: Store) -> None:
    """A mere link signs in at most: it takes a form of ours to connect an account."""
    ann = person(app, store, "ann")
    round_trip(ann)
    assert provider.subject not in ann.get("/account").text
    assert ann.client.post("/account/elsewhere").status_code == 400


def test_who_has_no_password_keeps_the_only_way_in(
    app: Flask, provider: Provider, store: Store
) -> None:
    user_id = link(store, "ann", provider.subject)
    with store.write() as db:
        db.get_one(UserRow, user_id).password_hash = None
    ann = Person(app)
    round_trip(ann)
    assert ann.post("/account/elsewhere/remove").status_code == 409
    assert ann.post("/account/password", new=PASSWORD, again=PASSWORD).status_code == 302
    assert ann.post("/account/elsewhere/remove").status_code == 302


def test_an_open_browser_is_not_enough_to_connect(
    app: Flask, provider: Provider, store: Store
) -> None:
    ann = person(app, store, "ann")
    for password in ("", "a guess at the password"):
        refused = ann.post("/account/elsewhere", password=password)
        assert refused.status_code == 403
        assert "password is wrong" in alert(refused)
    round_trip(ann)
    assert provider.subject not in ann.get("/account").text


# Whatever a provider, or somebody between, can do wrong


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


def test_a_server_that_lacks_the_package_does_not_start_with_a_provider(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("authlib", "authlib.integrations", "authlib.integrations.flask_client"):
        monkeypatch.setitem(sys.modules, name, None)
    require_installed(Settings())
    with pytest.raises(MissingExtra) as caught:
        require_installed(Settings(oidc_issuer=provider.issuer))
    assert "jndlab[oidc]" in caught.value.remedy


def test_the_client_secret_is_shown_nowhere(
    someone: Person, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    provider.answers = "no-json"
    at_provider = to_provider(someone)
    response = back(someone, at_provider)
    cookie = someone.client.get_cookie("jndlab_form")
    shown = f"{at_provider} {response.text} {cookie} {caplog.text}"
    assert CLIENT_SECRET not in shown
    settings = load_settings(
        {
            "JNDLAB_OIDC_ISSUER": provider.issuer,
            "JNDLAB_OIDC_CLIENT_ID": CLIENT_ID,
            "JNDLAB_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }
    )
    assert settings.oidc_client_secret == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(settings)

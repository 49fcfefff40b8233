"""Signing in with an OpenID Connect provider, over real HTTP, a good one and bad ones."""

from __future__ import annotations

import sys
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask

from jndlab.errors import MissingExtra
from jndlab.settings import Settings, load_settings
from jndlab.store.deeds import deeds_of
from jndlab.store.engine import Store
from jndlab.store.invitations import invite, open_invitation
from jndlab.store.models import UserRow
from jndlab.store.second_factor import new_secret
from jndlab.web.oidc import require_installed
from tests.store.launching import Launched
from tests.store.people import PASSWORD, make_user
from tests.web.oidc.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.web.oidc.trips import back, link, round_trip, to_provider
from tests.web.people import Person, alert, person


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

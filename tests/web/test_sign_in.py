"""Who may see what: sign-in, sign-out, form tokens, and every experimenter's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jndlab.settings import Settings
from jndlab.store.models import SignInRow
from jndlab.store.users import set_password
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.access import routes

NAME, PASSWORD = "ann", "three unrelated words"
Csrf = Callable[[str], str]


@pytest.fixture
def ann(launched: Launched) -> str:
    set_password(launched.store, NAME, PASSWORD)
    return NAME


def attempt(client: FlaskClient, csrf: Csrf, name: str, password: str) -> tuple[int, str]:
    """Status and page of an attempt to sign in, less the new form token on it."""
    form = {"csrf_token": csrf(client.get("/sign-in").text), "name": name, "password": password}
    response = client.post("/sign-in", data=form)
    token = csrf(response.text) if response.status_code == 403 else "none"
    return response.status_code, response.text.replace(token, "")


def test_every_experimenters_page_sends_a_stranger_to_the_sign_in(app: Flask) -> None:
    seen = set()
    for endpoint, method, address in routes(app):
        rule = getattr(app.view_functions[endpoint], "jndlab_rule", "nobody")
        if rule == "nobody" or method != "GET" or endpoint.startswith("manage."):
            continue  # programs come with a token and are sent nowhere
        seen.add(endpoint)
        for cookie in (None, "", "x" * 43, "%00"):
            client = app.test_client()
            if cookie is not None:
                client.set_cookie("jndlab_sign_in", cookie)
            response = client.get(address)
            assert (response.status_code, response.headers["Location"]) == (302, "/sign-in")
            assert "heron" not in response.text
    assert len(seen) >= 5


def test_a_stranger_learns_nothing_of_which_studies_there_are(app: Flask) -> None:
    known, unknown = (app.test_client().get(f"/studies/{slug}") for slug in ("heron", "nothing"))
    assert known.status_code == unknown.status_code == 302
    assert known.data == unknown.data


def test_every_route_that_changes_something_needs_a_form_token(
    app: Flask, signed_in: FlaskClient
) -> None:
    changing = [
        (method, address)
        for endpoint, method, address in routes(app)
        if method not in ("GET", "HEAD") and not endpoint.startswith("manage.")
    ]
    assert ("POST", "/sign-in") in changing
    assert ("POST", "/sign-out") in changing
    for method, address in changing:
        for form in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 90}):
            refused = signed_in.open(address, method=method, data=form)
            assert refused.status_code == 400
            assert "This form has expired." in refused.text
    assert signed_in.get("/studies/heron/trials.dictionary.json").status_code == 200


def test_a_form_token_of_another_browser_is_refused(
    app: Flask, signed_in: FlaskClient, csrf: Csrf
) -> None:
    theirs = csrf(app.test_client().get("/sign-in").text)
    assert signed_in.post("/sign-out", data={"csrf_token": theirs}).status_code == 400


def test_an_unknown_name_and_a_wrong_password_look_alike(
    client: FlaskClient, csrf: Csrf, ann: str
) -> None:
    wrong_password = attempt(client, csrf, ann, "not the password")
    unknown_name = attempt(client, csrf, "nobody", PASSWORD)
    nothing = attempt(client, csrf, "", "")
    assert wrong_password[0] == 403
    assert "Name or password is wrong." in wrong_password[1]

    def less_the_name(page: str, name: str) -> str:
        """What was typed comes back in the field; nothing else may differ."""
        return page.replace(f'value="{name}"', 'value=""')

    pages = [
        less_the_name(page, name)
        for (_, page), name in ((wrong_password, ann), (unknown_name, "nobody"), (nothing, ""))
    ]
    assert pages[0] == pages[1] == pages[2]
    assert wrong_password[0] == unknown_name[0] == nothing[0]


def test_a_refused_attempt_sets_no_sign_in(client: FlaskClient, csrf: Csrf, ann: str) -> None:
    attempt(client, csrf, ann, PASSWORD + " ")
    assert client.get_cookie("jndlab_sign_in") is None
    assert client.get("/studies").status_code == 302


def test_a_name_in_markup_is_not_run(client: FlaskClient, csrf: Csrf, ann: str) -> None:
    _, page = attempt(client, csrf, "<script>alert(1)</script>", "x")
    assert "<script>" not in page


def test_signing_out_ends_the_sign_in_on_the_server(
    app: Flask, signed_in: FlaskClient, csrf: Csrf, launched: Launched
) -> None:
    cookie = signed_in.get_cookie("jndlab_sign_in")
    assert cookie is not None
    form = {"csrf_token": csrf(signed_in.get("/sign-in").text)}
    assert signed_in.post("/sign-out", data=form).headers["Location"] == "/sign-in"
    assert signed_in.get_cookie("jndlab_sign_in") is None
    thief = app.test_client()
    thief.set_cookie("jndlab_sign_in", cookie.value)
    assert thief.get("/studies/heron/trials.dictionary.json").status_code == 302
    with launched.store.read() as db:
        assert db.scalars(select(SignInRow)).all() == []


def test_a_participants_token_is_no_sign_in(app: Flask, launched: Launched) -> None:
    token = launched.open()
    client = app.test_client()
    client.set_cookie("jndlab_sign_in", token)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/studies", headers=headers).status_code == 302


def test_an_experimenters_cookie_opens_no_session(signed_in: FlaskClient) -> None:
    cookie = signed_in.get_cookie("jndlab_sign_in")
    assert cookie is not None
    headers = {"Authorization": f"Bearer {cookie.value}"}
    assert signed_in.get("/api/v1/session", headers=headers).status_code == 404


def test_before_the_first_user_the_page_says_how_to_make_one(client: FlaskClient) -> None:
    assert "jndlab user NAME" in client.get("/sign-in").text


def test_the_key_of_form_tokens_is_private_and_kept(app: Flask, launched: Launched) -> None:
    path = launched.settings.data / "secret-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_text()) == 64
    again = create_app(launched.settings, launched.store)
    assert again.secret_key == app.secret_key


def test_two_servers_do_not_share_a_key(launched: Launched) -> None:
    other = Settings(data=launched.settings.data / "elsewhere")
    assert (
        create_app(other, launched.store).secret_key
        != create_app(launched.settings, launched.store).secret_key
    )

"""The access matrix of the experimenter's API: every route × role × scope of the token."""

from __future__ import annotations

from functools import update_wrapper

import pytest
from flask import Flask

from jndlab.store.rights import RIGHTS, ROLE_RIGHTS
from jndlab.web import access
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.access import routes
from tests.web.programs import API, Program, program_of

OPEN = "let in"


@pytest.fixture
def guarded(launched: Launched) -> Flask:
    app = create_app(launched.settings, launched.store)
    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith(access.GUARDED):
            app.view_functions[endpoint] = update_wrapper(lambda **_: OPEN, view)
    return app


def expected(rule: str, role: str, scope: str) -> str:
    if rule == "signed-in":
        return OPEN
    if role == "outsider":
        return "not-found"
    right = "own" if role == "admin" else ROLE_RIGHTS[role]
    allowed = min(RIGHTS.index(right), RIGHTS.index(scope))  # type: ignore[arg-type]
    return OPEN if allowed >= RIGHTS.index(rule) else "denied"  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", RIGHTS)
@pytest.mark.parametrize("role", ["outsider", "viewer", "analyst", "editor", "owner", "admin"])
def test_the_smaller_of_role_and_scope_decides(
    guarded: Flask, launched: Launched, role: str, scope: str
) -> None:
    program = program_of(guarded, launched.store, role=role, scope=scope)
    seen, wanted = {}, {}
    for endpoint, method, address in routes(guarded, guarded=True):
        if not endpoint.startswith("manage."):
            continue
        rule = guarded.view_functions[endpoint].jndlab_rule  # type: ignore[attr-defined]
        wanted[endpoint] = expected(rule, role, scope)
        response = program.send(method, address.removeprefix(API))
        seen[endpoint] = {200: OPEN, 403: "denied", 404: "not-found"}[response.status_code]
        if response.status_code != 200:
            assert set(response.json["error"]) == {"code", "message", "remedy"}
            assert role != "outsider" or "Which is" not in response.text  # the study's title
    assert len(seen) > 20
    assert seen == wanted


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer jndlab_", "Bearer jndlab_" + "x" * 43, "Basic YTpi", "x"],
)
def test_without_a_valid_token_every_route_says_so(guarded: Flask, header: str) -> None:
    client = guarded.test_client()
    for endpoint, method, address in routes(guarded, guarded=True):
        if endpoint.startswith("manage."):
            answer = client.open(address, method=method, headers={"Authorization": header})
            assert (answer.status_code, answer.json["error"]["code"]) == (401, "not-signed-in")


def test_the_cookie_of_a_browser_opens_nothing_here(guarded: Flask, launched: Launched) -> None:
    from tests.web.access import client_of

    browser = client_of(guarded, launched.store, "admin")
    assert browser.get(API + "/studies").status_code == 401


def test_the_token_of_a_session_opens_nothing_here_and_the_other_way_round(
    app: Flask, launched: Launched
) -> None:
    session = Program(app.test_client(), launched.open())
    assert session.send("GET", "/studies").status_code == 401
    admin = program_of(app, launched.store, role="admin")
    assert admin.send("GET", "/session").status_code == 404

"""The access matrix: every route of the experimenters' side × everybody who could call it."""

from __future__ import annotations

from functools import update_wrapper

import pytest
from flask import Blueprint, Flask

from jndlab.store.rights import RIGHTS, ROLE_RIGHTS
from jndlab.web import access
from jndlab.web.access import needs, require_rules
from jndlab.web.app import create_app
from tests.store.launching import Launched
from tests.web.access import client_of, routes

ROLES = ("stranger", "outsider", "viewer", "analyst", "editor", "owner", "admin")
OPEN = "let in"


@pytest.fixture
def guarded(launched: Launched) -> Flask:
    """The application with every view behind its guard replaced: nothing is done, all is seen."""
    app = create_app(launched.settings, launched.store)
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, view in list(app.view_functions.items()):
        if endpoint.startswith(access.GUARDED):
            app.view_functions[endpoint] = update_wrapper(lambda **_: OPEN, view)
    return app


def expected(rule: str, role: str) -> str:
    """What somebody of ``role`` meets at a view with ``rule``."""
    if rule == "nobody":
        return OPEN
    if role == "stranger":
        return "sign in"
    if rule == "signed-in":
        return OPEN
    if rule == "admin":
        return OPEN if role == "admin" else "denied"
    if role == "outsider":
        return "unknown"
    right = "own" if role == "admin" else ROLE_RIGHTS[role]
    return OPEN if RIGHTS.index(right) >= RIGHTS.index(rule) else "denied"  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_whom_its_rule_names_and_nobody_else(
    guarded: Flask, launched: Launched, role: str
) -> None:
    client = client_of(guarded, launched.store, role)
    seen: dict[tuple[str, str], str] = {}
    wanted: dict[tuple[str, str], str] = {}
    for endpoint, method, address in routes(guarded, guarded=True):
        if endpoint.startswith("manage."):
            continue  # programs come with a token: tests/web/test_manage_access.py
        rule = guarded.view_functions[endpoint].jndlab_rule  # type: ignore[attr-defined]
        wanted[endpoint, method] = expected(rule, role)
        response = client.open(address, method=method)
        seen[endpoint, method] = {200: OPEN, 302: "sign in", 403: "denied", 404: "unknown"}[
            response.status_code
        ]
        if seen[endpoint, method] == "unknown":
            assert "Which is" not in response.text  # the title of the study
    assert len(seen) > 10
    assert seen == wanted


def test_a_study_of_others_looks_like_one_that_is_not_there(app: Flask, launched: Launched) -> None:
    outsider = client_of(app, launched.store, "outsider")
    theirs, none = (outsider.get(f"/studies/{slug}") for slug in ("heron", "nothing"))
    assert theirs.status_code == none.status_code == 404
    assert theirs.text.replace("heron", "nothing") == none.text
    assert "heron" not in outsider.get("/studies").text


def _with_view(app: Flask, rule: str | None, address: str) -> Flask:
    blueprint = Blueprint("experimenter", __name__)

    def view() -> str:
        return ""

    blueprint.add_url_rule(address, "new_view", needs(rule)(view) if rule else view)  # type: ignore[arg-type]
    bare = Flask("test")
    bare.register_blueprint(blueprint)
    return bare


def test_a_view_without_a_rule_stops_the_application(app: Flask) -> None:
    with pytest.raises(RuntimeError, match=r"experimenter\.new_view has no rule"):
        require_rules(_with_view(app, None, "/new"))


def test_a_right_in_no_study_stops_the_application(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="names none"):
        require_rules(_with_view(app, "edit", "/new"))
    require_rules(_with_view(app, "edit", "/new/<slug>"))

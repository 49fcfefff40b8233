"""Headers that every answer carries, whatever the route and whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jndlab.settings import Settings
from jndlab.store.answered import NOTHING
from jndlab.store.users import set_password
from jndlab.web.app import create_app
from jndlab.web.kept_reports import PAGE, keep_report
from jndlab.web.report_choice import ReportChoice
from jndlab.web.reports import make_chosen_report
from tests.store.launching import Launched
from tests.web.participants import Participant, response_body

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OF_PAGES = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Without a meaning for scripts and styles."""
STATIC = ("/static/js/main.js", "/static/js/player.js", "/static/css/base.css")
PUBLIC = "https://study.example"


def directives(response: TestResponse) -> dict[str, str]:
    policy = response.headers["Content-Security-Policy"]
    return {
        name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))
    }


def require_headers(response: TestResponse, *, frame_ancestors: str = "'none'") -> None:
    is_code = response.mimetype in ("text/javascript", "text/css")
    for name, value in (EXPECTED if is_code else EXPECTED | OF_PAGES).items():
        assert response.headers[name] == value, response.request.path
    policy = directives(response)
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == frame_ancestors
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in policy.get("script-src", "")
    assert "*" not in response.headers["Content-Security-Policy"]


def answers(participant: Participant) -> list[TestResponse]:
    """At least one answer of every kind: success, sound, refusal, failure."""
    trial = participant.trial()
    participant.clips(trial)
    participant.send("PUT", "/trials/1/response", response_body())
    for method, path in (
        ("GET", "/session"),
        ("GET", "/nothing"),
        ("DELETE", "/session"),
        ("POST", "/finish"),
        ("GET", "/openapi.json"),
        ("POST", "/sessions"),
        ("GET", "/clips/unknown"),
    ):
        participant.send(method, path)
    return participant.received


def test_every_answer_of_the_api_is_kept_out_of_caches(participant: Participant) -> None:
    for response in answers(participant):
        require_headers(response)
        assert response.headers["Cache-Control"] == "no-store"
        for name in ("ETag", "Last-Modified", "Expires", "Content-Disposition", "Set-Cookie"):
            assert name not in response.headers, response.request.path


def test_a_sound_is_sent_whole_whatever_part_is_asked_for(participant: Participant) -> None:
    trial = participant.trial()
    address = trial["intervals"][0]["clip"]
    whole = participant.send("GET", address)
    headers = {"Authorization": f"Bearer {participant.token}", "Range": "bytes=0-99"}
    part = participant.client.get(address, headers=headers | {"If-None-Match": "*"})
    assert (part.status_code, part.data) == (200, whole.data)
    assert whole.mimetype == "audio/wav"
    assert int(whole.headers["Content-Length"]) == len(whole.data)


def test_pages_are_protected_and_not_cached(
    client: FlaskClient, signed_in: FlaskClient, launched: Launched
) -> None:
    pages = [
        client.get(path) for path in ("/", "/sign-in", f"/s/{launched.link}", "/s/x", "/health")
    ]
    pages += [signed_in.get(path) for path in ("/studies", "/studies/heron", "/studies/nothing")]
    for page in pages:
        require_headers(page)
        assert page.headers["Cache-Control"] == "no-store"
        assert directives(page)["script-src"] == "'self'"
        assert directives(page)["style-src"] == "'self'"
        assert directives(page)["form-action"] == "'self'"


def test_static_files_are_protected_and_checked_for_news_each_time(client: FlaskClient) -> None:
    for path in STATIC:
        with client.get(path) as response:
            assert response.status_code == 200
            require_headers(response)
            assert "no-cache" in response.headers["Cache-Control"]


def test_no_static_file_outside_its_folder_can_be_read(client: FlaskClient) -> None:
    for path in ("../pyproject.toml", "..%2fpyproject.toml", "%2e%2e/settings.py", "__init__.py"):
        assert client.get(f"/static/{path}").status_code == 404


def test_the_report_may_have_its_own_style_and_no_script(
    signed_in: FlaskClient, launched: Launched, simulate: Callable[[], None]
) -> None:
    simulate()
    choice = ReportChoice(kind="simulated")
    made = make_chosen_report(launched.store, "heron", choice)
    keep_report(
        launched.settings,
        1,
        choice,
        report_id="kept",
        answered=NOTHING,
        version="1",
        n_departures=0,
        files={PAGE: made.page.encode()},
    )
    report = signed_in.get("/studies/heron/report/kept/page")
    assert report.status_code == 200, report.text
    require_headers(report, frame_ancestors="'self'")  # the study's page shows it
    policy = directives(report)
    assert policy["style-src"] == "'unsafe-inline'"
    assert policy["img-src"] == "data:"
    assert "script-src" not in policy  # so default-src 'none' holds
    assert "connect-src" not in policy
    assert "<script" not in report.text
    assert "Which is &lt;which&gt;?" in report.text


def test_pages_hold_nothing_that_their_policy_would_stop(
    client: FlaskClient, signed_in: FlaskClient, launched: Launched
) -> None:
    for page in (
        client.get("/sign-in"),
        client.get(f"/s/{launched.link}"),
        signed_in.get("/studies"),
        signed_in.get("/studies/heron"),
    ):
        for forbidden in ("<style", " style=", " onclick=", "javascript:", 'src="http', "<script>"):
            assert forbidden not in page.text
        assert "Which is <which>?" not in page.text


@pytest.mark.parametrize(("public_url", "secure"), [(PUBLIC, True), ("", False)])
def test_cookies_are_out_of_reach_for_scripts_and_other_sites(
    launched: Launched, csrf: Callable[[str], str], public_url: str, secure: bool
) -> None:
    set_password(launched.store, "ann", "three unrelated words")
    settings = Settings(data=launched.settings.data, public_url=public_url)
    client = create_app(settings, launched.store).test_client()
    base = public_url or "http://localhost"
    page = client.get("/sign-in", base_url=base)
    form = {"csrf_token": csrf(page.text), "name": "ann", "password": "three unrelated words"}
    done = client.post("/sign-in", base_url=base, data=form)  # no Referer: our policy forbids it
    assert (done.status_code, done.headers["Location"]) == (302, "/studies"), done.text
    cookies = page.headers.getlist("Set-Cookie") + done.headers.getlist("Set-Cookie")
    prefix = "__Host-" if secure else ""  # no other host can set it, and no path is left out
    names = {f"{prefix}jndlab_form", f"{prefix}jndlab_sign_in"}
    assert {cookie.partition("=")[0] for cookie in cookies} == names
    for cookie in cookies:
        attributes = {part.strip() for part in cookie.split(";")[1:]}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
        assert ("Secure" in attributes) == secure
        assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert client.get("/studies", base_url=base).status_code == 200

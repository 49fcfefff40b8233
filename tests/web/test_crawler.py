"""A crawler on every page, as everybody who could be there: headers, forms, what a page loads.

It asks for every address of the application and follows every link, with GET only: whatever it
meets, nothing may be changed by that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jndlab.store.base import Base
from jndlab.store.engine import Store
from jndlab.web.security import CONTENT_SECURITY_POLICY, FILE_POLICY
from tests.store.launching import Launched
from tests.web.access import client_of, routes
from tests.web.pages import Page, same_site_links
from tests.web.participants import API, Participant

HOST = "http://localhost"
MOST_PAGES = 400
NOTED = {"sign_ins", "rates", "deeds", "jobs", "periodic", "api_tokens"}
"""Who was seen last, and what was asked for: a look is noted there, and nowhere else."""
NOTED_COLUMNS = {("studies", "chain_head")}
SHOWN = {
    "text/html", "application/json", "text/css", "text/javascript", "text/plain",
    "audio/wav", "audio/flac", "image/png", "image/svg+xml", "image/x-icon",
    "application/manifest+json",
}  # fmt: skip
"""Everything else is to be saved, not shown."""
EXPERIMENTERS = ("/account", "/analyse-csv", "/import", "/studies", "/users")
TRACES = ("Traceback (most recent call last)", "sqlalchemy", "psycopg", "/site-packages/")


@dataclass
class Crawl:
    """What one visitor has met."""

    client: FlaskClient
    seen: set[str] = field(default_factory=set)
    n_pages: int = 0
    problems: list[str] = field(default_factory=list)

    def visit(self, address: str) -> None:
        """Ask for an address and for all that its page leads to."""
        waiting = [address]
        while waiting and len(self.seen) < MOST_PAGES:
            address = waiting.pop()
            if address in self.seen:
                continue
            self.seen.add(address)
            with self.client.get(address) as response:
                self._look_at(address, response)
                if response.mimetype == "text/html":
                    self.n_pages += 1
                    html = response.get_data(as_text=True)
                    page = Page(html, HOST + address)
                    self.problems += [f"{address}: {problem}" for problem in page.problems]
                    is_whole = response.status_code == 200 and "<html" in html
                    ways_out = [form for form in page.forms if form.action == "/sign-out"]
                    if is_whole and address.startswith(EXPERIMENTERS) and not ways_out:
                        self.problems.append(f"{address}: nobody can sign out there")
                    waiting += same_site_links(page)

    def _look_at(self, address: str, response: TestResponse) -> None:
        self.problems += [f"{address}: {problem}" for problem in header_problems(response)]
        if response.mimetype.startswith(("text/", "application/json")):
            text = response.get_data(as_text=True)
            self.problems += [f"{address}: shows {trace}" for trace in TRACES if trace in text]


def header_problems(response: TestResponse) -> list[str]:
    """What is wrong with the headers of an answer."""
    found, headers = [], response.headers
    if response.status_code >= 500 and response.status_code not in (501, 503):
        found.append(f"status {response.status_code}")
    policy = headers.get("Content-Security-Policy", "")
    for wanted in ("default-src 'none'", "base-uri 'none'", "frame-ancestors"):
        if wanted not in policy:
            found.append(f"no {wanted} in its policy")
    scripts = [part for part in policy.split(";") if part.strip().startswith("script-src")]
    if scripts not in ([], [" script-src 'self'"]):
        found.append(f"a policy with {scripts}")
    if response.mimetype == "text/html" and "unsafe-inline" in policy and scripts:
        found.append("scripts beside inline styles")
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ):
        if headers.get(name) != value:
            found.append(f"{name}: {headers.get(name)}")
    if response.mimetype == "text/html":
        for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"):
            if name not in headers:
                found.append(f"no {name}")
    if response.data and not headers.get("Content-Type"):
        found.append("no Content-Type")
    if response.mimetype.startswith("text/") and "charset" not in headers["Content-Type"]:
        found.append("text without charset")
    if response.mimetype not in SHOWN and "attachment" not in headers.get(
        "Content-Disposition", ""
    ):
        found.append(f"{response.mimetype} that a browser might show")
    if "Access-Control-Allow-Origin" in headers:
        found.append("open to other origins")
    if "Server" in headers or "X-Powered-By" in headers:
        found.append("names its software")
    return found


def digest_of(store: Store) -> dict[str, str]:
    """Every table's content."""
    with store.read() as db:
        return {
            table.name: hashlib.sha256(
                repr(
                    sorted(
                        map(
                            repr,
                            db.execute(
                                select(
                                    *(
                                        column
                                        for column in table.columns
                                        if (table.name, column.name) not in NOTED_COLUMNS
                                    )
                                )
                            ),
                        )
                    )
                ).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
            if table.name not in NOTED
        }


def addresses(app: Flask) -> list[str]:
    return [address for _, method, address in routes(app) if method == "GET"]


@pytest.mark.parametrize("role", ["stranger", "outsider", "viewer", "analyst", "owner", "admin"])
def test_every_page_is_protected_and_looking_changes_nothing(
    app: Flask, launched: Launched, simulate: Callable[[], None], role: str
) -> None:
    if role in ("viewer", "owner"):
        simulate()  # pages with data
    crawl = Crawl(client_of(app, launched.store, role))
    before = digest_of(launched.store)
    for address in ["/", f"/s/{launched.link}", *addresses(app)]:
        crawl.visit(address)
    assert crawl.problems == []
    assert crawl.n_pages >= (3 if role == "stranger" else 8)
    assert digest_of(launched.store) == before


def test_the_participants_api_is_protected_and_looking_changes_nothing(
    app: Flask, participant: Participant
) -> None:
    before = digest_of(participant.launched.store)
    n_seen = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") and "GET" in (rule.methods or ()):
            address = rule.rule.replace("<int(max=1000000):number>", "1").replace("<name>", "x")
            response = participant.send("GET", address.removeprefix(API))
            assert header_problems(response) == [], address
            assert response.headers["Content-Security-Policy"] in (
                FILE_POLICY,
                CONTENT_SECURITY_POLICY,
            )
            n_seen += 1
    assert n_seen >= 4
    assert digest_of(participant.launched.store) == before


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "X"])
def test_methods_that_no_page_needs_are_refused(app: Flask, method: str) -> None:
    client = app.test_client()
    for address in ("/", "/sign-in", "/api/v1/session", "/static/css/base.css", "/health"):
        response = client.open(address, method=method)
        assert response.status_code in (405, 404), address
        assert header_problems(response) == []


def test_no_form_can_be_sent_without_its_token(app: Flask, launched: Launched) -> None:
    n_refused = 0
    client = client_of(app, launched.store, "admin")
    before = digest_of(launched.store)
    for endpoint, method, address in routes(app, guarded=True):
        if method == "GET" or endpoint.startswith("manage."):
            continue
        for data in ({}, {"csrf_token": "x"}, {"csrf_token": "ImEi.aaaa.bbbb"}):
            response = client.open(address, method=method, data=data)
            assert response.status_code == 400, (endpoint, response.status)
        response = client.open(address, method=method, json={}, headers={"X-CSRFToken": "x"})
        assert response.status_code == 400, endpoint
        n_refused += 1
    assert n_refused > 40
    assert digest_of(launched.store) == before


def test_the_crawler_finds_what_it_looks_for() -> None:
    bad = """<base href="x"><script>1</script><p onclick="x" style="a"></p><img src="//x/y.png">
    <a href="javascript:x">x</a><a target="_blank" href="/a">b</a><form method="post" action="/x">
    <input type="password" name="password"></form><form action="http://x/y"><input name="a"></form>
    <iframe src="http://elsewhere/"></iframe>"""
    problems = Page(bad, HOST + "/").problems
    assert len(problems) == 11, problems

"""A server, or a proxy before it, that says "too many requests": the page waits and asks again."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage
from tests.browser.test_faults import Patient

pytestmark = pytest.mark.browser

API = "**/api/v1/**"
SAID = {"error": {"code": "too-many-requests", "message": "Not now.", "remedy": "Wait."}}
NOTICE = "No connection. Nothing is lost"


def test_a_whole_session_is_taken_where_every_request_is_put_off_once(
    page: Page, site: Site
) -> None:
    """No answer is lost, none is an error, and nothing of it is shown but the quiet notice."""
    asked: Counter[str] = Counter()
    notices: list[str] = []
    page.expose_function("noticed", lambda notice: notices.append(notice))
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const line = document.getElementById("connection");
          const watch = () => line.textContent && window.noticed(line.textContent);
          new MutationObserver(watch).observe(line, { childList: true, subtree: true });
        });"""
    )

    def put_off(route: Route) -> None:
        request = route.request
        name = f"{request.method} {request.url}"
        asked[name] += 1
        if asked[name] % 2 == 0:
            route.continue_()
        elif request.method == "PUT":  # as a proxy says it: without a number, and not as JSON
            route.fulfill(status=429, body="<h1>Too Many Requests</h1>")
        else:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json=SAID)

    page.route(API, put_off)
    patient = Patient(page, site, "pairs")
    patient.take_all()
    patient.require_complete()
    assert any(NOTICE in notice for notice in notices)
    events = site.query("SELECT kind FROM events WHERE session_id = ?", patient.session)
    assert {"problem-shown", "page-error"}.isdisjoint(kind for (kind,) in events)


def test_the_page_waits_as_long_as_it_is_told_but_no_longer_than_a_minute(
    page: Page, site: Site
) -> None:
    told = ["30", "86400"]
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > len(told):
            route.continue_()
            return
        route.fulfill(status=429, headers={"Retry-After": told[len(asked) - 1]}, json=SAID)

    page.add_init_script(
        """window.waits = [];
        const later = window.setTimeout;
        window.setTimeout = (act, milliseconds, ...more) => {
          if (milliseconds < 30000) return later(act, milliseconds, ...more);
          window.waits.push(milliseconds);
          return later(act, 1000, ...more);
        };"""
    )
    page.route("**/api/v1/sessions", refuse)
    participant = ParticipantPage(page, site.link("abx"))
    participant.open()
    participant.agree()
    expect(page.get_by_text(NOTICE)).to_be_visible(timeout=20_000)
    expect(page.locator("#step-problem")).to_be_hidden()
    expect(page.locator("#check-play")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(NOTICE)).to_be_hidden()
    assert page.evaluate("window.waits") == [30_000, 60_000]
    assert len(asked) == len(told) + 1

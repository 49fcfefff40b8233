"""A browser without storage, without cookies, with a wrong clock; a page from before an upgrade."""

from __future__ import annotations

import datetime

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.bad_input import (
    events,
    kinds,
    picture,
    reach_first_trial,
    responses,
    take_rest,
    take_trial,
    until_on,
)
from tests.browser.conftest import Site
from tests.browser.engines import ENGINES, open_browser, wanted
from tests.browser.engines_session import RealListener

pytestmark = pytest.mark.browser

BLOCK_ALL_STORAGE = """
  for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
    Object.defineProperty(window, name, {
      get() { throw new DOMException("blocked", "SecurityError"); },
    });
  }
  Object.defineProperty(Document.prototype, "cookie", {
    get() { throw new DOMException("blocked", "SecurityError"); },
    set() { throw new DOMException("blocked", "SecurityError"); },
  });
"""
FULL_STORAGE = """
  Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
"""
DAY = datetime.timedelta(days=1)
HEADER = "Jndlab-Page"


@pytest.mark.parametrize("script", [BLOCK_ALL_STORAGE, FULL_STORAGE], ids=["blocked", "full"])
def test_a_session_goes_on_without_storage(page: Page, site: Site, script: str) -> None:
    page.add_init_script(script)
    participant, session = reach_first_trial(page, site)
    for _ in range(2):
        assert take_trial(participant, "2") == "trial"
    until_on(page, lambda: responses(site, session) == ["2", "2"], "both answers")
    if script is BLOCK_ALL_STORAGE:
        assert "storage-blocked" in kinds(site, session)


@pytest.mark.parametrize("engine", [name for name in wanted() if name != "webkit"])
def test_a_whole_session_with_cookies_off(site: Site, engine: str) -> None:
    """Switched off in the browser's settings, and with them all that a site may store."""
    missing = ENGINES[engine].missing()
    if missing:
        pytest.skip(f"NOT TESTED IN {ENGINES[engine].name.upper()}: install {' '.join(missing)}")
    with open_browser(engine, cookies=False) as window:
        window.goto(site.link("pairs"))
        assert window.script("try { return !localStorage; } catch { return true; }") is True
        listener = RealListener(window, site, "pairs")
        listener.take_all()
        assert window.text("#completion-code") != ""
        assert responses(site, listener.session) == list(listener.given.values())


@pytest.mark.parametrize("off", [-DAY, DAY], ids=["yesterday", "tomorrow"])
def test_a_clock_that_is_wrong_by_a_day_changes_nothing(
    page: Page, site: Site, off: datetime.timedelta
) -> None:
    page.clock.set_system_time(datetime.datetime.now(datetime.UTC) + off)
    participant, session = reach_first_trial(page, site)
    assert take_trial(participant) == "trial"
    # Somebody sets it right in the middle of the session.
    page.clock.set_system_time(datetime.datetime.now(datetime.UTC))
    assert take_trial(participant) == "trial"
    until_on(page, lambda: responses(site, session) == ["1", "1"], "both answers")
    rows = site.answers(session)[:2]
    assert all(500 < row["time_ms"] < 60_000 for row in rows)
    times = site.query(
        "SELECT p.presented_at, a.answered_at FROM presented_trials p"
        " JOIN answers a ON a.presented_id = p.id WHERE p.session_id = ? ORDER BY p.number",
        session,
    )
    now = datetime.datetime.now(datetime.UTC)
    for shown, answered in times:
        start, end = (datetime.datetime.fromisoformat(text) for text in (shown, answered))
        assert start <= end <= now
        assert now - start < DAY / 4


def test_a_page_from_before_an_upgrade_is_loaded_anew_once_between_trials(
    page: Page, site: Site
) -> None:
    def upgraded(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, HEADER: "0123456789abcdef"})

    participant, session = reach_first_trial(page, site)
    loads: list[str] = []
    page.on("load", lambda page: loads.append(page.url))
    page.route("**/api/v1/**", upgraded)
    participant.listen_by_mouse()
    participant.answer_by_mouse("2")
    page.locator("#continue").click()
    # Its answer is stored, and the new page goes on where the old one was.
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    assert responses(site, session) == ["2"]
    picture(page, "after an upgrade")
    page.locator("#resume").click()
    participant.begin()
    assert participant.trial_number() == 2
    # The server still names another page, as if a cache gave out the old one: it stays.
    take_rest(participant)
    assert len(loads) == 1
    assert [detail for kind, detail in events(site, session) if kind == "page-renewed"] == [
        "0123456789abcdef"
    ]


def test_a_page_that_can_keep_nothing_is_not_loaded_anew(page: Page, site: Site) -> None:
    """Its session would be lost with it."""

    def upgraded(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, HEADER: "0123456789abcdef"})

    page.add_init_script(BLOCK_ALL_STORAGE)
    participant, session = reach_first_trial(page, site)
    page.route("**/api/v1/**", upgraded)
    assert take_trial(participant) == "trial"
    assert participant.trial_number() == 2
    assert "page-renewed" not in kinds(site, session)


@pytest.mark.parametrize("script", ["main.js", "trials.js"])
def test_a_page_whose_scripts_did_not_all_arrive_says_so(
    page: Page, site: Site, script: str
) -> None:
    page.route(f"**/static/js/{script}", lambda route: route.abort())
    page.goto(site.link("pairs"))
    expect(page.get_by_text("did not load completely")).to_be_visible(timeout=15_000)
    picture(page, "not loaded completely")
    page.unroute(f"**/static/js/{script}")
    page.reload()
    expect(page.locator("#consent")).to_be_visible()
    expect(page.locator("#not-started")).to_have_count(0)

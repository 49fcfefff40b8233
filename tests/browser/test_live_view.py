"""The live view in a real browser, while simulated listeners take the study over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.studies import definition_of, require_study, require_version
from jndlab.store.users import set_password
from jndlab.studies import launch_study
from jndlab.study.definition import StudyDefinition
from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import PASSWORD, USER, Site, make_study
from tests.live_filling import fill_study
from tests.servers import Server

pytestmark = pytest.mark.browser

FORTY = 40
POLL_MS = 4_000
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a study that nobody took yet, one with forty sessions, and one to pause."""
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(data=folder / "data")
    with open_store(settings) as store:
        for slug in ("fresh", "forty", "paused"):
            launch_study(store, settings, make_study(folder / slug, slug, "abx"))
        with store.read() as db:
            forty = require_study(db, "forty").id
        fill_study(store, forty, n_sessions=FORTY, now=datetime.now(UTC))
        set_password(store, USER, PASSWORD)
    with Server(settings.data) as server:
        yield Site(settings=server.settings)


@dataclass
class Listeners:
    """Simulated listeners who answer so many trials and then wait until they may go on."""

    site: Site
    slug: str
    n_listeners: int
    first: int
    """Answers, over all of them, after which they wait."""
    waiting: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    _n_answers: int = 0

    def start(self) -> threading.Thread:
        """Begin in the background."""
        thread = threading.Thread(target=self._take)
        thread.start()
        return thread

    def _take(self) -> None:
        with open_store(self.site.settings) as store, store.read() as db:
            study = require_study(db, self.slug)
            definition: StudyDefinition = definition_of(require_version(db, study.id))
            link = study.link
        simulate_over_http(
            definition,
            url=self.site.settings.url,
            link=link,
            truth=Truth(),
            n_listeners=self.n_listeners,
            seed=3,
            concurrency=1,
            progress=self._answered,
        )

    def _answered(self) -> None:
        self._n_answers += 1
        if self._n_answers == self.first:
            self.waiting.set()
            assert self.go_on.wait(timeout=120)


def watch(page: Page, site: Site, path: str) -> None:
    """Sign in and open a live page whose clock stands still until it is moved."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.clock.install()
    page.goto(f"{site.settings.url}/sign-in")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    page.goto(f"{site.settings.url}/studies/{path}")
    expect(page.locator("#live")).to_be_visible()


def poll(page: Page, milliseconds: int = POLL_MS) -> int:
    """Let so much time pass for the page, and its next question be answered; the status of it."""
    with page.expect_response(lambda answer: "live.json" in answer.url) as asked:
        page.clock.run_for(milliseconds)
    return asked.value.status


def numbers(page: Page) -> list[str]:
    """Participants' numbers in the order of the table of sessions."""
    return page.locator("[data-table=sessions] tbody td:first-child").all_inner_texts()


def test_the_page_follows_listeners_who_take_the_study(page: Page, site: Site) -> None:
    watch(page, site, "fresh/live?kind=simulated")
    expect(page.get_by_role("heading", name="No simulated listener")).to_be_visible()
    expect(page.locator("[data-full]")).to_be_hidden()
    listeners = Listeners(site=site, slug="fresh", n_listeners=2, first=9)
    thread = listeners.start()
    try:
        assert listeners.waiting.wait(timeout=60)
        assert poll(page) == 200
        summary = page.locator("#live-summary")
        expect(summary).to_have_text(
            "The study is running. Sessions: 1 under way, 1 finished.", use_inner_text=True
        )
        rows = page.locator("[data-table=sessions] tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.nth(0)).to_contain_text("2 of 7")  # the newest first
        expect(rows.nth(1)).to_contain_text("7 of 7")
        expect(page.locator("[data-tile=answers] b")).to_have_text("9")
        expect(page.locator("[data-figure=answers-per-minute]")).to_contain_text("9 answers")
    finally:
        listeners.go_on.set()
        thread.join()
    assert poll(page) == 200
    expect(page.locator("#live-summary")).to_contain_text("0 under way, 2 finished")
    expect(page.locator("[data-tile=answers] b")).to_have_text("14")
    expect(page.locator("[data-figure=funnel] svg")).to_have_attribute(
        "aria-label", "How far they came. 2 opened, 2 consented, 2 checks done, "
        "2 practice done, 2 finished."
    )  # fmt: skip


def test_sorting_focus_and_unchanged_rows_stay_over_updates(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    expect(page.locator("[data-table=sessions] tbody tr")).to_have_count(FORTY)
    head = page.get_by_role("columnheader", name="Time", exact=False)
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    order = numbers(page)
    assert order != sorted(order, key=int)
    page.evaluate(
        "() => { for (const row of document.querySelectorAll('[data-table] tr')) row.mine = true; }"
    )
    with open_store(site.settings) as store:
        with store.read() as db:
            study = require_study(db, "forty").id
        fill_study(store, study, first=FORTY + 1, n_sessions=1, now=datetime.now(UTC))
    assert poll(page) == 200
    expect(page.locator("[data-table=sessions] tbody tr")).to_have_count(FORTY + 1)
    expect(head).to_have_attribute("aria-sort", "descending")
    after = numbers(page)
    assert [number for number in after if number != str(FORTY + 1)] == order
    keys = page.locator("[data-table=sessions] tbody tr td:nth-child(8)").evaluate_all(
        "(cells) => cells.map((cell) => Number(cell.dataset.sort || -1))"
    )
    assert keys == sorted(keys, reverse=True)
    expect(head.get_by_role("button")).to_be_focused()
    marks = "(rows) => rows.filter((row) => row.mine).length"
    assert page.locator("[data-table=sessions] tbody tr").evaluate_all(marks) == FORTY


def test_nothing_new_changes_nothing(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    page.route("**/live.json*", lambda route: route.fulfill(status=304))
    page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver((list) => (window.changes += list.length)).observe(
            document.querySelector("[data-full]"),
            { childList: true, subtree: true, attributes: true, characterData: true });
        }"""
    )
    poll(page)
    expect(page.locator("#live-updated")).to_contain_text("Up to date at")
    assert page.evaluate("window.changes") == 0


def test_the_page_asks_with_the_mark_that_it_has(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    asked: list[str] = []

    def note(route: Route) -> None:
        asked.append(route.request.headers["if-none-match"])
        route.fulfill(status=304)

    page.route("**/live.json*", note)
    poll(page)
    poll(page)
    mark = page.locator("#live").get_attribute("data-etag")
    assert asked == [f'"{mark}"', f'"{mark}"']


def test_a_page_that_nobody_sees_or_touches_asks_seldom_and_then_no_more(
    page: Page, site: Site
) -> None:
    watch(page, site, "forty/live")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "live.json" in request.url else None
    )
    poll(page)
    page.evaluate(HIDE, True)
    poll(page)  # was planned while it was seen
    n_asked = len(asked)
    page.clock.run_for(29_000)
    assert len(asked) == n_asked
    assert poll(page, 2_000) in (200, 304)
    page.evaluate(HIDE, False)
    page.clock.fast_forward("31:00")
    again = page.get_by_role("button", name="Watch on")
    expect(again).to_be_visible()
    n_asked = len(asked)
    page.clock.run_for(60_000)
    assert len(asked) == n_asked
    with page.expect_response("**/live.json*"):
        again.click()
    expect(again).to_be_hidden()
    assert poll(page) in (200, 304)


def test_a_server_that_is_away_is_told_and_asked_again(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    page.route("**/live.json*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.clock.run_for(POLL_MS)
    trouble = page.locator("#live-trouble")
    expect(trouble).to_have_text("The server cannot be reached. Trying again …")
    page.unroute("**/live.json*")
    assert poll(page, 2 * POLL_MS) in (200, 304)
    expect(trouble).to_be_hidden()


def test_who_was_signed_out_is_told(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    page.context.clear_cookies()
    page.clock.run_for(POLL_MS)
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")


def test_pausing_and_going_on_without_leaving_the_page(page: Page, site: Site) -> None:
    watch(page, site, "paused/live")
    page.get_by_role("button", name="Pause the study").click()
    expect(page.locator("#live-summary")).to_contain_text("The study is paused.")
    expect(page.locator(".study-head .state")).to_have_text("paused")
    expect(page.get_by_role("button", name="Pause the study")).to_be_hidden()
    page.get_by_role("button", name="Go on with the study").click()
    expect(page.locator("#live-summary")).to_contain_text("The study is running.")
    expect(page.locator(".study-head .state")).to_have_text("running")


def test_a_look_at_the_running_result_from_the_page_to_the_curve(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    page.get_by_role("link", name="Look at the running result").click()
    expect(page.get_by_text("Nobody looked at the running result")).to_be_visible()
    assert findings_everywhere(page) == []
    page.get_by_label("Why do you look").fill("Is the range of levels right?")
    page.clock.resume()
    page.get_by_role("button", name="Note it and show the result").click()
    expect(page.get_by_role("img", name="rounded")).to_be_visible(timeout=60_000)
    assert findings_everywhere(page) == []
    page.get_by_role("link", name="Looks").click()
    expect(page.get_by_role("cell", name="Is the range of levels right?")).to_be_visible()
    expect(page.get_by_text("looked at once while data came in")).to_be_visible()


def test_the_live_page_has_no_accessibility_findings(page: Page, site: Site) -> None:
    watch(page, site, "forty/live")
    page.get_by_text("What the columns and marks mean").click()
    assert findings_everywhere(page) == []
    page.goto(f"{site.settings.url}/studies/paused/live")
    assert findings_everywhere(page) == []

"""Answers are on the disk before they are sent; the test goes on meanwhile, by two trials."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from tests.browser.conftest import Site, make_study
from tests.browser.pages import ParticipantPage
from tests.servers import Server

pytestmark = pytest.mark.browser

RESPONSES = "**/api/v1/trials/*/response"
API = "**/api/v1/**"
KEPT = """async () => {
    const database = await new Promise((resolve) => {
        const request = indexedDB.open("jndlab", 1);
        request.onsuccess = () => resolve(request.result);
    });
    const all = database.transaction("answers").objectStore("answers").getAll();
    return new Promise((resolve) => {
        const waiting = () => all.result.filter(({ confirmed }) => !confirmed);
        all.onsuccess = () => (database.close(), resolve(waiting().map(({ number }) => number)));
    });
}"""


@pytest.fixture(scope="module")
def unchecked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A study without sound check and without practice."""
    folder = tmp_path_factory.mktemp("unchecked")
    study = make_study(folder, "pairs", "two-interval")
    file = study / "study.yaml"
    text = file.read_text(encoding="utf-8").replace("practice_trials: 1", "practice_trials: 0")
    file.write_text(text + "\nchecks: []\n", encoding="utf-8")
    open_store(Settings(data=folder / "data")).close()
    with Server(folder / "data", [study]) as server:
        yield Site(settings=server.settings)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    for page in context.pages:
        page.goto("about:blank")
    context.unroute_all(behavior="wait")
    context.close()


def begin(page: Page, site: Site) -> tuple[ParticipantPage, int]:
    participant = ParticipantPage(page, site.link("pairs"))
    participant.open()
    participant.agree()
    participant.begin()
    assert participant.trial_number() == 1
    return participant, site.newest_session()


def take(participant: ParticipantPage, response: str = "1") -> None:
    participant.listen_by_keys()
    participant.answer_by_key(response)


def until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait for something on the server while the browser and its routes go on."""
    for _ in range(400):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"waited in vain for {what}")


def handed_out(site: Site, session: int) -> list[tuple[int, int]]:
    """Number and loads of every trial whose sounds may be loaded."""
    return site.query(
        "SELECT number, n_loads FROM presented_trials WHERE session_id = ? ORDER BY number", session
    )


def stored(site: Site, session: int) -> list[int]:
    return [row["number"] for row in site.answers(session) if row["response"] is not None]


def cut_off(route: Route) -> None:
    route.abort("connectionrefused")


def test_sounds_of_the_next_trials_are_there_before_their_turn(
    context: BrowserContext, unchecked: Site
) -> None:
    page = context.new_page()
    participant, session = begin(page, unchecked)
    page.wait_for_function(
        "() => performance.getEntriesByType('resource')"
        ".filter(({ name, responseEnd }) => name.includes('/clips/') && responseEnd).length === 6"
    )
    context.route("**/clips/**", cut_off)
    take(participant)
    assert participant.wait_until_after(1) == "trial"
    assert participant.trial_number() == 2
    expect(page.locator("#progress")).to_have_attribute("aria-valuenow", "17")  # 1 of 6
    until(page, lambda: stored(unchecked, session) == [1], "the first answer")
    due = [(1, 1), (2, 1), (3, 0), (4, 0)]
    until(page, lambda: handed_out(unchecked, session) == due, "the fourth trial to be handed out")


def test_without_a_network_two_answers_wait_and_a_reload_sends_them(
    context: BrowserContext, unchecked: Site
) -> None:
    page = context.new_page()
    participant, session = begin(page, unchecked)
    until(
        page, lambda: len(handed_out(unchecked, session)) == 3, "two trials to be handed out ahead"
    )
    page.wait_for_load_state("networkidle")
    context.route(API, cut_off)
    take(participant)
    assert participant.trial_number() == 2
    expect(page.locator("#saved")).to_contain_text("1 answer is waiting")
    take(participant)
    expect(page.locator("#saved")).to_contain_text("2 answers are waiting")
    # No third one is begun before an answer is confirmed.
    expect(page.locator("#play")).to_be_disabled()
    assert page.evaluate(KEPT) == [1, 2]
    assert stored(unchecked, session) == []
    context.unroute(API)
    page.reload()
    until(page, lambda: stored(unchecked, session) == [1, 2], "the answers")
    page.get_by_role("button", name="Go on").click()
    participant.begin()
    assert participant.trial_number() == 3
    assert page.evaluate(KEPT) == []
    rows = unchecked.query(
        "SELECT p.presented_at, a.answered_at FROM presented_trials p JOIN answers a"
        " ON a.presented_id = p.id WHERE p.session_id = ? ORDER BY p.number",
        session,
    )
    assert all(presented < answered for presented, answered in rows)
    assert rows[0][0] < rows[1][0]


def test_the_network_comes_back_and_the_test_goes_on(
    context: BrowserContext, unchecked: Site
) -> None:
    page = context.new_page()
    participant, session = begin(page, unchecked)
    context.route(RESPONSES, cut_off)
    page.wait_for_load_state("networkidle")
    take(participant)
    assert participant.trial_number() == 2
    take(participant, "2")
    expect(page.locator("#saved")).to_contain_text("2 answers are waiting")
    context.unroute(RESPONSES)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    until(page, lambda: stored(unchecked, session) == [1, 2], "the answers")
    expect(page.locator("#saved")).to_have_text("All answers are saved.")
    assert participant.trial_number() == 3


def test_the_code_comes_after_the_last_answer_is_stored(
    context: BrowserContext, unchecked: Site, tmp_path: Path
) -> None:
    page = context.new_page()
    participant, session = begin(page, unchecked)
    n_trials = unchecked.query("SELECT plan FROM sessions WHERE id = ?", session)
    last = len(json.loads(n_trials[0][0])["trials"])
    for number in range(1, last + 1):
        if number == last:
            context.route(RESPONSES, cut_off)
        take(participant)
        if number < last and participant.wait_until_after(number) == "break":
            page.get_by_role("button", name="Go on").click()
            participant.trial_number()
    expect(page.get_by_role("heading", name="not saved yet")).to_be_visible(timeout=20_000)
    (participant_number,) = unchecked.query(
        "SELECT participant FROM sessions WHERE id = ?", session
    )[0]
    expect(page.locator("#unsaved-code")).to_have_text(f"UNSAVED-{participant_number}")
    expect(page.locator("#completion-code")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download a copy").click()
    copy: dict[str, Any] = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [answer["number"] for answer in copy["answers"]] == [last]
    context.unroute(RESPONSES)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator("#completion-code")).to_be_visible(timeout=20_000)
    assert stored(unchecked, session) == list(range(1, last + 1))


def test_a_second_tab_is_told_and_may_take_over(context: BrowserContext, unchecked: Site) -> None:
    first = context.new_page()
    participant, session = begin(first, unchecked)
    second = context.new_page()
    second.goto(unchecked.link("pairs"))
    expect(second.get_by_role("heading", name="open in another tab")).to_be_visible()
    take(participant)
    until(first, lambda: stored(unchecked, session) == [1], "the answer from the first tab")
    second.get_by_role("button", name="Go on here").click()
    second.get_by_role("button", name="Go on", exact=True).click()
    expect(first.get_by_role("heading", name="open in another tab")).to_be_visible(timeout=15_000)
    there = ParticipantPage(second, unchecked.link("pairs"))
    there.begin()
    assert there.trial_number() == 2
    second.close()
    first.reload()
    expect(first.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_a_sound_that_arrives_damaged_is_loaded_again(
    context: BrowserContext, unchecked: Site
) -> None:
    page = context.new_page()
    damaged: list[str] = []

    def damage(route: Route) -> None:
        response = route.fetch()
        body = bytearray(response.body())
        if len(damaged) < 2:
            damaged.append(route.request.url)
            body[-1] ^= 1
        route.fulfill(response=response, body=bytes(body))

    context.route("**/clips/**", damage)
    participant, session = begin(page, unchecked)
    take(participant)
    until(page, lambda: stored(unchecked, session) == [1], "the answer")
    kinds = [
        kind for (kind,) in unchecked.query("SELECT kind FROM events WHERE session_id = ?", session)
    ]
    assert kinds.count("clip-damaged") == 2


def test_back_stays_once_and_then_leaves(context: BrowserContext, unchecked: Site) -> None:
    page = context.new_page()
    page.goto(f"{unchecked.settings.url}/sign-in")
    participant, _ = begin(page, unchecked)
    page.go_back()
    expect(page.get_by_text("Press Back once more")).to_be_visible()
    assert participant.trial_number() == 1
    page.go_back()
    page.wait_for_url("**/sign-in")
    page.go_forward()
    page.get_by_role("button", name="Go on").click()
    participant.begin()
    assert participant.trial_number() == 1


def test_a_link_takes_the_session_to_another_browser(
    browser: Browser, context: BrowserContext, unchecked: Site
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    participant, session = begin(page, unchecked)
    for number in range(1, 5):
        take(participant)
        assert participant.wait_until_after(number) == ("break" if number == 4 else "trial")
        if number < 4:
            participant.trial_number()
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_text("Whoever has this link")).to_be_visible()
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link.startswith(unchecked.link("pairs") + "#session=")
    with browser.new_context() as other:
        there = other.new_page()
        there.goto(link)
        expect(there.get_by_text("You have answered 4 of")).to_be_visible()
        assert "#" not in there.url
        there.get_by_role("button", name="Go on").click()
        elsewhere = ParticipantPage(there, link)
        elsewhere.begin()
        assert elsewhere.trial_number() == 5
    assert unchecked.newest_session() == session

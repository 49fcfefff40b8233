"""What the page looks like where it is not seen by eye: small, mirrored, dark, still, light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Route, expect

from jndlab.languages.tags import LANGUAGES
from tests.browser.accessibility import WATCH_SHIFTS, every_step, shift_of, show_whole
from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
MAX_PAGE_BYTES = 60_000

STICKS_OUT = """() => {
  const limit = document.documentElement.clientWidth;
  return [...document.querySelectorAll(".step:not([hidden]) *")]
    .filter((node) => node.checkVisibility())
    .map((node) => [node.id || node.className || node.tagName, node.getBoundingClientRect()])
    .filter(([, box]) => box.right > limit + 1 || box.left < -1)
    .map(([name, box]) => `${name}: ${box.left} to ${box.right}`);
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_it(**options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        return contexts[-1].new_page()

    yield open_it
    for context in contexts:
        context.close()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#step-consent")).to_be_visible()


def require_no_overflow(page: Page) -> None:
    for step in every_step(page):
        show_whole(page, step)
        assert page.evaluate(TOO_WIDE) <= 0, step
        assert page.evaluate(STICKS_OUT) == [], step


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_at_400_percent_nothing_scrolls_sideways(
    open_page: Callable[..., Page], site: Site, tag: str
) -> None:
    page = open_page(viewport=SMALL)
    for slug in ("abx", "pairs"):
        visit(page, f"{site.link(slug)}?lang={tag}")
        require_no_overflow(page)


def test_text_twice_as_large_stays_on_the_page(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(viewport={"width": 640, "height": 800})
    visit(page, f"{site.link('abx')}?lang=de")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    require_no_overflow(page)


def test_a_mirrored_page_in_a_wordy_language_keeps_its_form(
    open_page: Callable[..., Page], site: Site
) -> None:
    """A pseudo language from right to left, every text longer by half; for this test only."""

    def mirror(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('dir="ltr">', 'dir="rtl">', 1))

    page = open_page(viewport={"width": 320, "height": 640})
    page.route("**/s/*", mirror)
    for slug in ("abx", "pairs"):
        visit(page, site.link(slug))
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        page.evaluate(
            """() => {
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              for (let node = walk.nextNode(); node; node = walk.nextNode()) {
                const text = node.data.trim();
                if (text.length > 3) node.data = text + " مرحبا" + text.slice(0, text.length / 2);
              }
            }"""
        )
        require_no_overflow(page)
        show_whole(page, "step-trial")
        boxes = [node.bounding_box() for node in page.locator(".interval, .marker").all()]
        lefts = [box["x"] for box in boxes if box]
        assert lefts == sorted(lefts, reverse=True)  # the first stands on the right


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_nothing_moves_within_a_trial(page: Page, site: Site, slug: str) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.context.clear_cookies()
        participant = ParticipantPage(page, f"{site.link(slug)}?lang=de")
        page.goto(participant.link)
        page.evaluate("localStorage.clear()")
        page.reload()
        page.locator("#consent").click()
        expect(page.locator("#check-play")).to_be_enabled()
        session = site.newest_session()
        page.locator("#check-play").click()
        answer = page.locator(f'#check-answers button[value="{site.beeps(session)}"]')
        expect(answer).to_be_enabled(timeout=15_000)
        answer.click()
        page.locator("#begin").click()
        assert participant.trial_number() == 1
        page.evaluate(WATCH_SHIFTS)
        participant.listen_by_keys()
        participant.answer_by_mouse(site.trial(session, 1)["correct_response"])
        assert participant.wait_until_after(1) == "feedback"
        shift = shift_of(page)
        assert shift["value"] == 0, shift["nodes"]


def test_the_first_trial_costs_less_than_60_kilobytes_without_its_sounds(
    open_page: Callable[..., Page], site: Site
) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    wire: CDPSession = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    participant = ParticipantPage(page, site.link("abx"))
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    participant.pass_sound_check(site.beeps(site.newest_session()))
    participant.begin()
    participant.trial_number()
    foreign = [url for url in addresses.values() if not url.startswith(site.settings.url)]
    assert foreign == [], "a request to somebody else"
    costs = {
        addresses[request]: size
        for request, size in sizes.items()
        if "/clip" not in addresses[request]
    }
    assert len(costs) > 15
    assert sum(costs.values()) < MAX_PAGE_BYTES, costs


def test_less_motion_is_none(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(reduced_motion="reduce")
    visit(page, site.link("abx"))
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((node) => {
          const style = getComputedStyle(node);
          return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_dark_is_dark_and_forms_follow(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(color_scheme="dark")
    visit(page, site.link("abx"))
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) < 150


def test_forced_colours_keep_what_plays_apart(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(forced_colors="active")
    visit(page, site.link("abx"))
    show_whole(page, "step-trial")
    page.evaluate(
        """() => {
          document.querySelectorAll(".interval")[1].setAttribute("aria-pressed", "true");
          document.querySelectorAll(".answer")[0].classList.add("chosen");
        }"""
    )
    looks = page.eval_on_selector_all(
        ".interval", "nodes => nodes.map((node) => getComputedStyle(node).backgroundColor)"
    )
    assert looks[0] == looks[2] != looks[1]
    borders = page.eval_on_selector_all(
        ".answer", "nodes => nodes.map((node) => getComputedStyle(node).borderTopWidth)"
    )
    assert borders[0] != borders[1]

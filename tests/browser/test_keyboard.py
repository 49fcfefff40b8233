"""A whole session with tab and enter only, the focus always in sight, and what is announced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESIGN, Site
from tests.browser.pages import ParticipantPage

pytestmark = pytest.mark.browser

N_TRIALS = 2 * DESIGN.trials_per_level + 3

_FOCUS = """() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  return {
    selector: node.id ? `#${node.id}` : node.className,
    operable: node.matches("button, a[href], input, select, textarea, summary"),
    ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    inView: (() => {
      const box = node.getBoundingClientRect();
      return box.top >= 0 && box.bottom <= window.innerHeight;
    })(),
  };
}"""

WATCH_NEWS = """() => {
  window.news = [];
  const element = (node) => (node.nodeType === 1 ? node : node.parentElement);
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const line = element(target)?.closest("[role=status]");
      if (line && line.checkVisibility() && line.textContent) window.news.push(line.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press tab until the focus is there; at every stop it has to be visible."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus["operable"]:
            assert focus["ring"] >= 2, f"no focus ring on {focus['selector']}"
            assert focus["inView"], f"{focus['selector']} is out of sight"
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
    pytest.fail(f"tab never comes to {selector}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def heading_has_focus(page: Page, step: str) -> None:
    expect(page.locator(f"#step-{step} h1")).to_be_focused()


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_a_whole_session_with_tab_and_enter(page: Page, site: Site, slug: str) -> None:
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    heading_has_focus(page, "consent")
    press(page, "#consent")
    expect(page.locator("#check-play")).to_be_enabled()
    heading_has_focus(page, "check")
    press(page, "#check-play")
    expect(page.locator("#check-answers button").first).to_be_enabled(timeout=15_000)
    n_beeps = site.beeps(site.newest_session())
    press(page, f'#check-answers button[value="{n_beeps}"]')
    expect(page.locator("#begin")).to_be_visible()
    heading_has_focus(page, "instructions")
    press(page, "#begin")
    for number in range(1, N_TRIALS + 1):
        assert participant.trial_number() == number
        if slug == "abx":
            for place, label in enumerate(("A", "B", "X"), start=1):
                press(page, f".interval:nth-of-type({place})")
                participant.wait_until_heard(label)
        else:
            press(page, "#play")
        expect(page.locator(".answer").first).to_be_enabled(timeout=20_000)
        press(page, ".answer")
        while (after := participant.wait_until_after(number)) not in ("trial", "thanks"):
            opens = {"feedback": "#continue", "break": "#break-over", "begin": "#begin"}[after]
            if after == "feedback":
                expect(page.locator(opens)).to_be_focused()
                page.keyboard.press("Enter")
            else:
                press(page, opens)
            page.wait_for_function(
                "(id) => document.querySelector(id).offsetParent === null", arg=opens
            )
    expect(page.locator("#step-thanks")).to_be_visible()
    heading_has_focus(page, "thanks")


def test_what_is_announced_is_the_same_whatever_the_truth_is(page: Page, site: Site) -> None:
    participant = ParticipantPage(page, site.link("abx"))
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(site.beeps(session))
    participant.begin()
    page.evaluate(WATCH_NEWS)
    news: dict[str, set[tuple[str, ...]]] = {}
    for number in range(1, N_TRIALS + 1):
        assert participant.trial_number() == number
        page.evaluate("window.news.length = 0")
        participant.listen_by_keys()
        told = tuple(page.evaluate("window.news"))
        trial = site.trial(session, number)
        news.setdefault(trial["correct_response"], set()).add(told)
        participant.answer_by_key("A")
        while (after := participant.wait_until_after(number)) not in ("trial", "thanks"):
            if after == "feedback":
                assert trial["phase"] == "practice", "only the practice tells what was right"
            page.locator("#continue:visible, #break-over:visible, #begin:visible").click()
    assert set(news) == {"A", "B"}
    for told in news["A"] | news["B"]:
        assert set(told) <= {"Still to hear: B, X", "Still to hear: X"}, told
    assert not any(re.search(r"baseline|rounded|bits", line) for told in news["A"] for line in told)

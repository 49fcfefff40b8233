"""What happens to a trial when the sound stops, the storage is blocked, or nothing is heard."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bad_input import reach_first_trial
from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage
from tests.servers import until

pytestmark = pytest.mark.browser

CATCH_CONTEXT = """
  const Real = window.AudioContext;
  window.AudioContext = class extends Real {
    constructor(options) { super(options); if (options?.sampleRate) window.caught = this; }
  };
"""
BLOCK_STORAGE = """
  for (const name of ["localStorage", "indexedDB"]) {
    Object.defineProperty(window, name, {
      get() { throw new DOMException("blocked", "SecurityError"); },
    });
  }
"""


def event_kinds(site: Site, session: int) -> set[str]:
    rows = site.query("SELECT kind FROM events WHERE session_id = ?", session)
    return {kind for (kind,) in rows}


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_a_trial_goes_on_after_the_sound_was_interrupted(page: Page, site: Site, slug: str) -> None:
    page.add_init_script(CATCH_CONTEXT)
    participant, session = reach_first_trial(page, site, slug)
    page.keyboard.press("Space" if slug == "pairs" else "a")
    page.evaluate("() => window.caught.suspend()")
    expect(page.get_by_text("The sound was interrupted")).to_be_visible()
    expect(page.locator(".answer").first).to_be_disabled()
    participant.listen_by_keys()
    expect(page.get_by_text("The sound was interrupted")).to_be_hidden()
    participant.answer_by_key("A" if slug == "abx" else "1")
    assert participant.wait_until_after(1) == "feedback"
    until(lambda: "interrupted-while-playing" in event_kinds(site, session), "the event")


def test_the_sound_check_goes_on_after_an_interruption(page: Page, site: Site) -> None:
    page.add_init_script(CATCH_CONTEXT)
    participant = ParticipantPage(page, site.link("pairs"))
    participant.open()
    participant.agree()
    page.get_by_role("button", name="Play the beeps").click()
    page.evaluate("() => window.caught.suspend()")
    again = page.locator("#check-play")
    expect(again).to_be_enabled()
    expect(page.locator('#check-answers [value="1"]')).to_be_disabled()
    again.click()
    answer = page.locator(f'#check-answers [value="{site.beeps(site.newest_session())}"]')
    expect(answer).to_be_enabled(timeout=15_000)
    answer.click()
    participant.begin()
    assert participant.trial_number() == 1


def test_a_session_can_be_taken_where_site_data_are_blocked(page: Page, site: Site) -> None:
    page.add_init_script(BLOCK_STORAGE)
    participant, session = reach_first_trial(page, site, "pairs")
    participant.listen_by_mouse()
    participant.answer_by_mouse("1")
    participant.wait_until_after(1)
    assert [row["response"] for row in site.answers(session)] == ["1"]
    assert "storage-blocked" in event_kinds(site, session)


def test_space_stops_and_goes_on_after_a_click_and_by_keyboard(page: Page, site: Site) -> None:
    reach_first_trial(page, site, "abx")
    first = page.get_by_role("button", name="A", exact=True)
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(first).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Space")
    expect(first).to_have_attribute("aria-pressed", "true")
    second = page.get_by_role("button", name="B", exact=True)
    second.focus()
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "false")


def test_a_hidden_page_falls_silent(page: Page, site: Site) -> None:
    _, session = reach_first_trial(page, site, "abx")
    page.keyboard.press("b")
    second = page.get_by_role("button", name="B", exact=True)
    expect(second).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    expect(second).to_have_attribute("aria-pressed", "false")
    until(lambda: "hidden-while-playing" in event_kinds(site, session), "the event")


def test_a_device_that_comes_or_goes_is_recorded(page: Page, site: Site) -> None:
    _, session = reach_first_trial(page, site, "pairs")
    page.evaluate("() => navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    until(lambda: "device-change" in event_kinds(site, session), "the event")
    [(detail,)] = site.query(
        "SELECT detail FROM events WHERE session_id = ? AND kind = 'device-change'", session
    )
    facts = json.loads(detail)
    assert facts["asked_hz"] == facts["granted_hz"] == 48000
    assert facts["hardware_hz"] > 0


def test_the_silent_switch_of_a_phone_is_overruled(page: Page, site: Site) -> None:
    page.add_init_script("navigator.audioSession = { type: 'auto' }")
    participant = ParticipantPage(page, site.link("pairs"))
    participant.open()
    assert page.evaluate("() => navigator.audioSession.type") == "auto"
    participant.agree()
    page.wait_for_function("() => navigator.audioSession.type === 'playback'")


def test_a_page_out_of_the_browsers_cache_is_loaded_anew(page: Page, site: Site) -> None:
    reach_first_trial(page, site, "abx")
    page.evaluate(
        "() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    )
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible(timeout=15_000)

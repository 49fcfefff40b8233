"""Sounds that do not decode, and a browser that refuses to play: a message, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.bad_input import (
    events,
    expect_problem,
    go_on,
    kinds,
    reach_first_trial,
    responses,
    take_trial,
    to_trial,
    until_on,
)
from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage

pytestmark = pytest.mark.browser

CLIPS = "**/api/v1/clips/*"
DAMAGES = {
    "empty": lambda body: b"",
    "another format": lambda body: b"OggS" + body[4:],
    "cut": lambda body: body[: len(body) // 2],
    "a bit flipped": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
}
REFUSE_RATE = """
  const Real = window.AudioContext;
  window.refused = true;
  window.AudioContext = class extends Real {
    constructor(options) {
      if (window.refused && options) throw new DOMException("rate", "NotSupportedError");
      super(options);
    }
  };
"""
OTHER_RATE = """
  const Real = window.AudioContext;
  window.AudioContext = class extends Real {
    constructor(options) { super({ ...options, sampleRate: 44100 }); }
  };
"""
BLOCK_SOUND = """
  window.blocked = true;
  const resume = AudioContext.prototype.resume;
  AudioContext.prototype.resume = function () {
    return window.blocked ? WHAT : resume.call(this);
  };
"""
CANNOT_START = "Your browser cannot start the sound."


def n_sessions(site: Site) -> int:
    [(number,)] = site.query("SELECT count(*) FROM sessions")
    return int(number)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_clip_is_asked_for_again(page: Page, site: Site, damage: str) -> None:
    damaged: list[str] = []

    def spoil_first(route: Route) -> None:
        response = route.fetch()
        body = response.body()
        if route.request.url not in damaged:
            damaged.append(route.request.url)
            body = DAMAGES[damage](body)
        route.fulfill(response=response, body=body)

    page.route(CLIPS, spoil_first)
    participant, session = reach_first_trial(page, site)
    assert take_trial(participant) == "trial"
    assert len(damaged) >= 2
    assert "clip-damaged" in kinds(site, session)
    assert responses(site, session) == ["1"]


def test_a_clip_that_never_comes_whole_is_told_and_tried_again(page: Page, site: Site) -> None:
    participant, session = reach_first_trial(page, site)
    page.route(CLIPS, lambda route: route.fulfill(body=b"RIFF....WAVE", content_type="audio/wav"))
    page.reload()  # sounds that were loaded ahead are gone with the page
    page.locator("#resume").click()
    participant.begin()
    expect_problem(page, "A sound arrived damaged, several times.")
    page.unroute(CLIPS)
    page.locator("#retry").click()
    assert take_trial(participant, "2") == "trial"
    assert responses(site, session) == ["2"]


def test_a_rate_that_is_refused_is_told_before_there_is_a_session(page: Page, site: Site) -> None:
    page.add_init_script(REFUSE_RATE)
    participant = ParticipantPage(page, site.link("pairs"))
    before = n_sessions(site)
    participant.open()
    participant.agree()
    expect_problem(page, CANNOT_START)
    assert n_sessions(site) == before


def test_a_rate_that_is_refused_in_the_middle_keeps_the_place(page: Page, site: Site) -> None:
    participant, session = reach_first_trial(page, site)
    assert take_trial(participant) == "trial"
    page.add_init_script(REFUSE_RATE)
    page.reload()
    page.locator("#resume").click()
    expect_problem(page, CANNOT_START)
    until_on(page, lambda: "problem-shown" in kinds(site, session), "the report")
    page.evaluate("() => { window.refused = false; }")  # another device was plugged in
    page.locator("#retry").click()
    page.locator("#resume").click()
    to_trial(participant, 2)
    assert take_trial(participant) == "trial"
    until_on(page, lambda: responses(site, session) == ["1", "1"], "the second answer")


def test_another_rate_than_the_files_is_on_record(page: Page, site: Site) -> None:
    page.add_init_script(OTHER_RATE)
    participant, session = reach_first_trial(page, site)
    assert take_trial(participant) == "trial"
    row = site.answers(session)[0]
    assert (row["response"], row["rate_hz"]) == ("1", 44100)
    [facts] = [detail for kind, detail in events(site, session) if kind == "audio-context"]
    assert (facts["asked_hz"], facts["granted_hz"]) == (48000, 44100)


@pytest.mark.parametrize(
    "what",
    ["new Promise(() => {})", 'Promise.reject(new DOMException("no", "NotAllowedError"))'],
    ids=["never answers", "refuses"],
)
def test_sound_that_is_blocked_is_told_and_tried_again(page: Page, site: Site, what: str) -> None:
    page.add_init_script(BLOCK_SOUND.replace("WHAT", what))
    participant = ParticipantPage(page, site.link("pairs"))
    participant.open()
    participant.agree()
    expect_problem(page, CANNOT_START)
    page.evaluate("() => { window.blocked = false; }")
    page.locator("#retry").click()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(site.beeps(session))
    participant.begin()
    participant.listen_by_mouse()
    participant.answer_by_mouse("1")
    assert go_on(participant, 1) == "trial"
    assert responses(site, session) == ["1"]

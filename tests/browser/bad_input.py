"""What the tests of bad input share: reaching a trial, ending it, looking at what was reported."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage

SIZES = ((360, 740), (1280, 800))


def reach_first_trial(page: Page, site: Site, slug: str = "pairs") -> tuple[ParticipantPage, int]:
    """Consent, sound check, instructions; the participant and the row id of the session."""
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(site.beeps(session))
    participant.begin()
    assert participant.trial_number() == 1
    return participant, session


def go_on(participant: ParticipantPage, number: int) -> str:
    """Press on until the next trial can be played, or to the thanks."""
    while (after := participant.wait_until_after(number)) not in ("trial", "thanks"):
        name = {"feedback": "#continue", "begin": "#begin", "break": "#break-over"}[after]
        participant.page.locator(name).click()
        expect(participant.page.locator(name)).to_be_hidden()
    return after


def take_trial(participant: ParticipantPage, response: str = "1") -> str:
    """Hear the trial, answer it, and press on."""
    number = participant.trial_number()
    participant.listen_by_mouse()
    participant.answer_by_mouse(response)
    return go_on(participant, number)


def take_rest(participant: ParticipantPage, response: str = "1") -> None:
    """Every trial to the end; the code is shown."""
    while take_trial(participant, response) != "thanks":
        pass
    expect(participant.page.locator("#completion-code")).not_to_be_empty()


def until_on(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds, while the page and the routes of the test go on."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"waited in vain for {what}")


def to_trial(participant: ParticipantPage, number: int) -> None:
    """Past the instructions, if they are shown, to that trial."""
    page = participant.page
    page.locator("#begin:visible, #play:enabled").first.wait_for(timeout=20_000)
    if page.locator("#begin").is_visible():
        participant.begin()
    assert participant.trial_number() == number


def events(site: Site, session: int) -> list[tuple[str, Any]]:
    """Kind and detail of what the page reported, in order."""
    rows = site.query("SELECT kind, detail FROM events WHERE session_id = ? ORDER BY id", session)
    return [(kind, _parsed(detail)) for kind, detail in rows]


def kinds(site: Site, session: int) -> list[str]:
    return [kind for kind, _ in events(site, session)]


def responses(site: Site, session: int) -> list[str]:
    """Stored responses, in order of the trials."""
    rows = site.answers(session)
    return [row["response"] for row in rows if row["response"] is not None]


def expect_problem(page: Page, message: str) -> None:
    """The page says what is wrong, in its heading, which has the focus; and nothing overflows."""
    heading = page.get_by_role("heading", name=message)
    expect(heading).to_be_visible(timeout=20_000)
    expect(heading).to_be_focused()
    expect(page.get_by_role("button", name="Try again")).to_be_enabled()
    picture(page, message)


def picture(page: Page, name: str) -> None:
    """The page at both sizes: never wider than the screen; kept where a folder is named for it."""
    before = page.viewport_size
    folder = os.environ.get("JNDLAB_PICTURES")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder:
            stem = "".join(c if c.isalnum() else "-" for c in name.lower())[:50]
            page.screenshot(path=Path(folder) / f"{stem}-{width}.png")
    if before:
        page.set_viewport_size(before)


def _parsed(detail: str) -> Any:
    try:
        return json.loads(detail)
    except ValueError:
        return detail

"""What a study may set about listening and answering: limits, restarts, confidence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from tests.browser.conftest import Site, make_study
from tests.browser.pages import ParticipantPage
from tests.servers import Server, until

pytestmark = pytest.mark.browser

SETTINGS = {
    "limited": ("pairs", {"max_plays": "1"}),
    "anew": ("abx", {"switching": "restart", "loop": "false", "max_plays": "1"}),
    "parts": ("abx", {"loop_region": "true"}),
    "sure": ("pairs", {"confidence_steps": "4"}),
}


def change(file: Path, keys: dict[str, str]) -> None:
    """Set keys of a study file, of the design where the draft leaves them out."""
    text = file.read_text(encoding="utf-8")
    for key, value in keys.items():
        text, n_found = re.subn(rf"(?m)^  {key}:.*$", f"  {key}: {value}", text)
        if n_found == 0:
            text = text.replace("design:\n", f"design:\n  {key}: {value}\n")
    file.write_text(f"{text}\nchecks: []\n", encoding="utf-8")


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    """Servers by name of the setting; without checks and practice."""
    servers: dict[str, Server] = {}

    def serve(name: str) -> Site:
        if name not in servers:
            folder = tmp_path_factory.mktemp(name)
            slug, keys = SETTINGS[name]
            study = make_study(folder, slug, "abx" if slug == "abx" else "two-interval")
            change(study / "study.yaml", {"practice_trials": "0"} | keys)
            open_store(Settings(data=folder / "data")).close()
            servers[name] = Server(folder / "data", [study]).start()
        return Site(settings=servers[name].settings)

    yield serve
    for server in servers.values():
        server.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def begin(page: Page, site: Site, slug: str) -> tuple[ParticipantPage, int]:
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    participant.agree()
    participant.begin()
    assert participant.trial_number() == 1
    return participant, site.newest_session()


def test_a_pair_is_played_as_often_as_allowed(page: Page, settled: Callable[[str], Site]) -> None:
    site = settled("limited")
    participant, session = begin(page, site, "pairs")
    participant.listen_by_keys()
    expect(page.get_by_text("as often as this test allows")).to_be_visible()
    expect(page.locator("#play")).to_be_disabled()
    page.keyboard.press("Space")
    participant.answer_by_key("1")
    assert participant.trial_number() == 2
    until(lambda: site.answers(session)[0]["response"] == "1", "the answer")
    assert json.loads(site.answers(session)[0]["plays"]) == [1, 1]


def test_intervals_begin_anew_end_by_themselves_and_are_used_up(
    page: Page, settled: Callable[[str], Site]
) -> None:
    site = settled("anew")
    participant, session = begin(page, site, "abx")
    first, second = (page.get_by_role("button", name=name, exact=True) for name in "AB")
    first.click()
    second.click()
    # A was cut short before it counted as heard, so it may be played again in spite of the limit.
    participant.wait_until_heard("B")
    expect(second).to_have_attribute("aria-pressed", "false")
    expect(second).to_be_disabled()
    expect(first).to_be_enabled()
    first.click()
    participant.wait_until_heard("A")
    page.keyboard.press("x")
    participant.wait_until_heard("X")
    expect(page.get_by_text("as often as this test allows")).to_be_visible()
    page.keyboard.press("b")
    participant.answer_by_key("A")
    until(lambda: site.answers(session)[0]["response"] == "A", "the answer")
    assert json.loads(site.answers(session)[0]["plays"]) == [2, 1, 1]


def test_confidence_is_asked_after_the_answer_and_stored_with_it(
    page: Page, settled: Callable[[str], Site], tmp_path: Path
) -> None:
    site = settled("sure")
    participant, session = begin(page, site, "pairs")
    expect(page.locator("#confidence")).to_be_hidden()
    participant.listen_by_keys()
    participant.answer_by_key("2")
    expect(page.get_by_role("group", name="How sure are you?")).to_be_visible()
    page.keyboard.press("9")
    assert site.answers(session)[0]["response"] is None
    page.keyboard.press("3")
    assert participant.trial_number() == 2
    until(lambda: site.answers(session)[0]["response"] == "2", "the answer")
    participant.listen_by_keys()
    participant.answer_by_key("1")
    page.get_by_role("button", name="certain").click()
    until(lambda: site.answers(session)[1]["response"] == "1", "the second answer")
    stored = site.query(
        "SELECT a.confidence FROM answers a JOIN presented_trials p ON p.id = a.presented_id"
        " WHERE p.session_id = ? ORDER BY p.number",
        session,
    )
    assert stored == [(3,), (4,)]


def test_going_on_is_counted_once_per_page(page: Page, settled: Callable[[str], Site]) -> None:
    site = settled("limited")
    _, session = begin(page, site, "pairs")
    for n_resumes in (1, 2):
        page.reload()
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Begin").wait_for()
        rows = site.query("SELECT gap_seconds FROM resumes WHERE session_id = ?", session)
        assert len(rows) == n_resumes
        assert all(0 <= gap < 60 for (gap,) in rows)


def styled(page: Page, name: str, key: str) -> float:
    """A share in per cent of an element's style."""
    return float(
        page.evaluate(f"() => Number.parseFloat(document.getElementById('{name}').style.{key})")
    )


def test_a_part_of_the_sound_can_be_chosen(page: Page, settled: Callable[[str], Site]) -> None:
    site = settled("parts")
    participant, _ = begin(page, site, "abx")
    assert styled(page, "region", "width") == 100
    page.keyboard.press("a")
    page.wait_for_function(
        "() => { const share = Number.parseFloat(document.getElementById('playhead').style.width);"
        " return share > 10 && share < 40; }"
    )
    page.keyboard.press("[")
    start = styled(page, "region", "insetInlineStart")
    # The key may come late, near the end: then what is left is too short, and nothing changes.
    assert start == pytest.approx(100 - styled(page, "region", "width"), abs=0.1)
    participant.listen_by_keys()
    assert styled(page, "playhead", "marginInlineStart") == pytest.approx(start, abs=0.1)
    assert styled(page, "playhead", "width") <= 100 - start + 0.1
    page.get_by_role("button", name="Whole sound").click()
    assert styled(page, "region", "width") == 100

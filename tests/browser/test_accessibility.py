"""WCAG 2.2 AA on every page and in every state, in light and dark, at 360 and 1280 px."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jndlab.languages.tags import LANGUAGES
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from jndlab.study.checks import CheckKind
from tests.browser.accessibility import every_step, findings_everywhere, show_whole
from tests.browser.conftest import DESIGN, PASSWORD, USER, Site, make_study
from tests.browser.pages import ParticipantPage
from tests.servers import Server

pytestmark = pytest.mark.browser

N_TRIALS = 2 * DESIGN.trials_per_level + 3
EXTRAS = """
checks:
  - kind: sound
  - kind: left-right
  - kind: level
  - kind: headphones-antiphase
  - kind: headphones-huggins
  - kind: noise
  - kind: bandwidth
    frequency_hz: 8000
examples:
  - {item: first, caption: The original}
  - {item: first, condition: rounded, level: 0, caption: A processed one}
questionnaires:
  - name: about-you
    title: About you
    text: Some questions before we begin.
    when: before
    questions:
      - {name: age, kind: number, text: How old are you?, min: 18, unit: years}
      - {name: hearing, kind: choice, text: How well do you hear?, options: [Well, Less well]}
      - {name: devices, kind: choice, text: What do you wear?, several: true,
         options: [Headphones, Hearing aids], required: false}
      - {name: effort, kind: scale, text: How tired are you?, points: 11, ends: [fresh, tired]}
      - {name: remarks, kind: text, text: Anything else?, required: false}
"""
SWITCHED_ON = {
    "  break_seconds: 0": "  confidence_steps: 5\n  break_seconds: 5",
    "  debrief: ''": "  debrief: We compare two ways of making models smaller.",
}


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose two studies have everything that a study can have."""
    folder = tmp_path_factory.mktemp("full")
    studies: list[Path] = [
        make_study(folder / "a", "abx", "abx"),
        make_study(folder / "b", "pairs", "two-interval"),
    ]
    for study in studies:
        file = study / "study.yaml"
        text = file.read_text(encoding="utf-8") + EXTRAS
        for old, new in SWITCHED_ON.items():
            assert text.count(old) == 1
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    data = folder / "data"
    store = open_store(Settings(data=data))
    set_password(store, USER, PASSWORD)
    store.close()
    with Server(data, studies) as server:
        yield Site(settings=server.settings)


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_every_step_has_no_findings(desk: Page, full_site: Site, slug: str) -> None:
    desk.goto(full_site.link(slug))
    expect(desk.locator("#step-consent")).to_be_visible()
    steps = every_step(desk)
    assert len(steps) > 10 + len(CheckKind.__args__)  # type: ignore[attr-defined]
    if slug == "pairs":  # the other steps are the same in both
        steps = ["step-instructions", "step-trial"]
    found = {}
    for step in steps:
        show_whole(desk, step)
        found[step] = findings_everywhere(desk)
    assert {step: list_ for step, list_ in found.items() if list_} == {}


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_a_whole_session_has_no_findings(page: Page, site: Site, slug: str) -> None:
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    seen: dict[str, list[str]] = {}

    def look(state: str) -> None:
        if state not in seen:
            seen[state] = findings_everywhere(page)

    expect(page.locator("#step-consent")).to_be_visible()
    look("consent")
    page.locator(".languages summary").click()
    look("consent, languages open")
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    look("check")
    session = site.newest_session()
    page.locator("#check-play").click()
    look("check, playing")
    expect(page.locator("#check-answers button").first).to_be_enabled(timeout=15_000)
    look("check, answers open")
    page.locator("#check-answers button", has_text=str(site.beeps(session) % 6 + 1)).click()
    expect(page.get_by_text("not the right number")).to_be_visible()
    look("check, wrong")
    participant.pass_sound_check(site.beeps(session))
    expect(page.locator("#step-instructions")).to_be_visible()
    look("instructions")
    participant.begin()
    for number in range(1, N_TRIALS + 1):
        assert participant.trial_number() == number
        look("trial, nothing heard")
        page.locator("#play, .interval").first.click()
        look("trial, playing")
        participant.trial_number()  # the sequence has ended, or the intervals can be changed
        participant.listen_by_keys()
        look("trial, answers open")
        participant.answer_by_mouse(site.trial(session, number)["correct_response"])
        while (after := participant.wait_until_after(number)) != "trial":
            look(after)
            if after == "thanks":
                break
            page.locator("#continue:visible, #break-over:visible, #begin:visible").click()
    assert {state: found for state, found in seen.items() if found} == {}
    assert {"feedback", "break", "begin", "thanks", "trial, playing"} <= set(seen)


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_a_page_in_any_language_has_no_findings(desk: Page, site: Site, tag: str) -> None:
    desk.goto(f"{site.link('abx')}?lang={tag}")
    expect(desk.locator("#step-consent")).to_be_visible()
    assert findings_everywhere(desk) == []


def test_a_wrong_link_has_no_findings(desk: Page, site: Site) -> None:
    desk.goto(f"{site.settings.url}/s/nothing")
    assert findings_everywhere(desk) == []


def test_experimenters_pages_have_no_findings(page: Page, site: Site) -> None:
    found = {}
    page.goto(f"{site.settings.url}/sign-in")
    found["sign-in"] = findings_everywhere(page)
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    found["studies"] = findings_everywhere(page)
    page.get_by_role("link", name="Browser test").first.click()
    found["study"] = findings_everywhere(page)
    assert {name: list_ for name, list_ in found.items() if list_} == {}

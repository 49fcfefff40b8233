"""The checks before the first trial in a real browser: every kind, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from tests.browser.conftest import PASSWORD, USER, Site, make_study
from tests.browser.pages import ParticipantPage
from tests.servers import Server

LADDER = """
checks:
  - kind: sound
  - kind: level
  - kind: left-right
    n_trials: 2
    on_fail: retry
  - kind: headphones-antiphase
    n_trials: 1
  - kind: headphones-huggins
    n_trials: 1
  - kind: noise
    n_trials: 1
  - kind: bandwidth
    n_trials: 1
"""
STRICT = """
screen_out_code: NOT-TODAY
checks:
  - kind: left-right
    n_trials: 1
    on_fail: screen-out
"""
VOLUME = """async () => {
    const { output } = await import("/static/js/volume.js");
    return output(new OfflineAudioContext(1, 128, 48000)).gain.value;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with a study that has every check, and one that screens out."""
    folder = tmp_path_factory.mktemp("checks")
    studies = []
    for slug, checks in (("ladder", LADDER), ("strict", STRICT)):
        study = make_study(folder / slug, slug, "two-interval")
        file = study / "study.yaml"
        file.write_text(file.read_text(encoding="utf-8") + checks, encoding="utf-8")
        studies.append(study)
    data = folder / "data"
    store = open_store(Settings(data=data))
    set_password(store, USER, PASSWORD)
    store.close()
    with Server(data, studies) as server:
        yield Site(settings=server.settings)


class CheckedParticipant:
    """A participant who knows the right answers."""

    def __init__(self, page: Page, site: Site, slug: str) -> None:
        self.page = page
        self.site = site
        self.person = ParticipantPage(page, site.link(slug))
        self.person.open()
        self.person.agree()
        self.ready()
        self.session = site.newest_session()

    def ready(self) -> None:
        """Wait until a sound can be played."""
        expect(self.page.locator("#check-play")).to_be_enabled(timeout=20_000)

    def due(self) -> tuple[str, str]:
        """Kind and right answer of the check on the page."""
        [(kind, right)] = self.site.query(
            "SELECT kind, right_answer FROM check_trials WHERE session_id = ? AND answer IS NULL",
            self.session,
        )
        return kind, right

    def answer(self, value: str) -> None:
        """Hear the sound and answer by mouse."""
        self.page.locator("#check-play").click()
        button = self.page.locator(f'#check-answers button[value="{value}"]')
        expect(button).to_be_enabled(timeout=20_000)
        button.click()

    def wait_for(self, kind: str) -> None:
        """Wait until a check of that kind is on the page."""
        expect(self.page.locator(f"#check-body[data-kind={kind}]")).to_be_visible(timeout=20_000)
        self.ready()

    def set_level(self, *, presses: int) -> None:
        """Play the speech, move the slider by keys, and confirm."""
        expect(self.page.locator("#check-slider")).to_be_disabled()
        self.page.keyboard.press("Space")
        self.page.locator("#check-slider").focus()
        for _ in range(presses):
            self.page.keyboard.press("ArrowRight")
        self.page.locator("#check-confirm").click()

    def volume(self) -> float:
        """The factor that every sound is multiplied by."""
        return float(self.page.evaluate(VOLUME))


def test_every_check_and_then_the_trials_at_the_chosen_volume(page: Page, site: Site) -> None:
    participant = CheckedParticipant(page, site, "ladder")
    assert participant.volume() == 1.0
    participant.answer(participant.due()[1])
    participant.wait_for("level")
    participant.set_level(presses=5)
    participant.wait_for("left-right")
    assert participant.volume() == pytest.approx(10 ** (-10 / 20))
    [(gain,)] = site.query("SELECT gain_db FROM sessions WHERE id = ?", participant.session)
    assert gain == -10.0

    page.keyboard.press("Space")  # from here on by keys
    expect(page.locator("#check-answers button").first).to_be_enabled(timeout=20_000)
    right = participant.due()[1]
    page.keyboard.press("2" if right == "left" else "1")  # wrong
    expect(page.locator("#check-count")).to_have_text("Sound 2 of 2")
    participant.ready()
    participant.answer(participant.due()[1])
    expect(page.get_by_text("on the other side")).to_be_visible(timeout=20_000)

    page.reload()
    page.get_by_role("button", name="Go on").click()
    participant.wait_for("left-right")
    assert participant.volume() == pytest.approx(10 ** (-10 / 20))
    for number in (1, 2):
        expect(page.locator("#check-count")).to_have_text(f"Sound {number} of 2")
        participant.ready()
        participant.answer(participant.due()[1])
    for kind in ("headphones-antiphase", "headphones-huggins", "noise", "bandwidth"):
        participant.wait_for(kind)
        assert participant.due()[0] == kind
        participant.answer(participant.due()[1])
    participant.person.begin()
    assert participant.person.trial_number() == 1
    assert participant.volume() == pytest.approx(10 ** (-10 / 20))
    rows = site.query(
        "SELECT kind, attempt, number, correct FROM check_trials WHERE session_id = ? ORDER BY id",
        participant.session,
    )
    assert [row[:3] for row in rows[2:6]] == [
        ("left-right", 1, 1),
        ("left-right", 1, 2),
        ("left-right", 2, 1),
        ("left-right", 2, 2),
    ]
    assert [bool(row[3]) for row in rows] == [True, True, False, *[True] * 7]


def test_marks_light_up_while_their_part_plays_and_tell_nothing_else(
    page: Page, site: Site
) -> None:
    participant = CheckedParticipant(page, site, "ladder")
    participant.answer(participant.due()[1])
    participant.wait_for("level")
    participant.set_level(presses=1)
    for _ in range(2):
        participant.wait_for("left-right")
        participant.ready()
        participant.answer(participant.due()[1])
    participant.wait_for("headphones-antiphase")
    page.locator("#check-play").click()
    for number in (1, 2, 3):
        lit = page.locator("#check-body .part.lit")
        expect(lit).to_have_text(str(number), timeout=10_000)
    expect(page.locator("#check-answers button").first).to_be_enabled(timeout=20_000)
    expect(page.locator("#check-body .part.lit")).to_have_count(0)


def test_a_failed_check_screens_out_with_a_code_that_stays(page: Page, site: Site) -> None:
    participant = CheckedParticipant(page, site, "strict")
    right = participant.due()[1]
    participant.answer("left" if right == "right" else "right")
    expect(page.locator("#screen-out-code")).to_have_text("NOT-TODAY", timeout=20_000)
    expect(page.get_by_role("heading", name="Thank you for your interest")).to_be_focused()
    page.reload()
    expect(page.locator("#screen-out-code")).to_have_text("NOT-TODAY")
    assert site.query("SELECT state FROM sessions WHERE id = ?", participant.session) == [
        ("screened-out",)
    ]


def test_a_check_can_be_taken_without_a_mouse_and_the_focus_follows(page: Page, site: Site) -> None:
    participant = CheckedParticipant(page, site, "ladder")
    expect(page.locator("#step-check h1")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#check-answers button").first).to_be_enabled(timeout=20_000)
    page.keyboard.press(participant.due()[1])
    participant.wait_for("level")
    expect(page.locator("#step-check h1")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#check-slider")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#check-level-shown")).to_have_text("100%")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    participant.wait_for("left-right")
    [(gain,)] = site.query("SELECT gain_db FROM sessions WHERE id = ?", participant.session)
    assert gain == 0.0

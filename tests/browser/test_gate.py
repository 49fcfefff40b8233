"""The pair gate in a real browser: look, listen, sort, and write a reason before the launch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile as sf
from playwright.sync_api import Browser, Page, expect

from jndlab.audio.folders import scan_stimuli
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from jndlab.studies.drafts import create_study, save_draft
from jndlab.study.draft import draft_study
from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import PASSWORD, USER
from tests.servers import Server, until
from tests.speech import MATERIAL, shifted

pytestmark = pytest.mark.browser

ITEMS, LEVELS = ("harbour", "train"), ("5", "3", "0")
_LOUDEST = """() => {
  const heard = [];
  const real = AudioContext.prototype.createGain;
  AudioContext.prototype.createGain = function () {
    const node = real.call(this);
    heard.push(node);
    return node;
  };
  window.volumes = () => heard.map((node) => Math.round(20 * Math.log10(node.gain.value)));
}"""


def make_draft(settings: Settings, slug: str, *, is_late: bool) -> None:
    """Speech at three levels; one file is 0.5 dB louder, and one may be three samples late."""
    with open_store(settings) as store:
        set_password(store, USER, PASSWORD)
        study = create_study(store, slug=slug, title=f"Gate: {slug}", by=1)
        folder = settings.study_folder(study)
        for place in ("baseline", *(f"seofp/{level}" for level in LEVELS)):
            (folder / place).mkdir(parents=True)
            for item in ITEMS:
                shutil.copy(MATERIAL / place / f"{item}.flac", folder / place)
        change(folder / "seofp" / "3" / "train.flac", gain=1.06)
        if is_late:
            change(folder / "seofp" / "5" / "harbour.flac", delay=3)
        stimuli = scan_stimuli(
            folder / "baseline",
            [folder / "seofp"],
            relative_to=folder,
            units={"seofp": "fraction bits"},
            directions={"seofp": "falls"},
        )
        text = draft_study(
            slug=slug, title=f"Gate: {slug}", paradigm="abx", seed=1, stimuli=stimuli
        )
        save_draft(store, settings, study, text, based_on=0, by=1)


def change(path: Path, *, gain: float = 1.0, delay: int = 0) -> None:
    samples, rate_hz = sf.read(path, always_2d=True)
    sf.write(path, gain * (shifted(samples, delay) if delay else samples), rate_hz)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("gate") / "data"
    for slug in ("late", "loud"):
        make_draft(Settings(data=data), slug, is_late=slug == "late")
    with Server(data) as server:
        yield server


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Page]:
    """An experimenter who is signed in; the test fails on any script error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{server.settings.url}/sign-in")
    page.get_by_label("Name", exact=True).fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    yield page
    context.close()
    assert errors == []


def open_gate(page: Page, server: Server, slug: str) -> None:
    """The gate of a study, whose sounds are looked at if nobody has yet."""
    page.goto(f"{server.settings.url}/studies/{slug}/gate")
    check = page.get_by_role("button", name="Check the sounds")
    if check.count():
        check.click()
        expect(page.get_by_role("heading", name="All pairs")).to_be_visible(timeout=60_000)


def test_from_the_table_to_a_late_sound_that_is_seen_and_heard(desk: Page, server: Server) -> None:
    page = desk
    open_gate(page, server, "late")
    expect(page.get_by_text("1 error stands against a launch")).to_be_visible()
    table = page.locator("#pairs-table")
    expect(table.locator("tbody tr:visible")).to_have_count(6)
    page.get_by_role("combobox", name="Findings").select_option("bad")
    expect(table.locator("tbody tr:visible")).to_have_count(1)
    expect(page.locator("[data-count]")).to_have_text("1 of 6 pairs")
    page.get_by_role("combobox", name="Findings").select_option("")
    page.get_by_role("button", name="Difference, dB").click()
    first = table.locator("tbody tr").first
    expect(first).to_have_attribute("data-level", "5")
    expect(first).to_have_attribute("data-item", "train")
    assert findings_everywhere(page) == []

    page.get_by_role("link", name="harbour at 5").click()
    expect(page.get_by_text("comes 3.00 samples (0.188 ms) later")).to_be_visible()
    expect(page.locator(".wave polygon")).to_have_count(3)
    for picture in page.locator("img.spectrum").all():
        assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    assert findings_everywhere(page) == []

    page.evaluate(_LOUDEST)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator("[data-part=baseline] .playhead")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="2 Compressed")).to_have_attribute(
        "aria-pressed", "true"
    )
    until(
        lambda: page.evaluate("window.volumes()[1] === 0 && window.volumes()[0] < -60"),
        "the baseline to be silent",
    )
    page.get_by_role("button", name="3 Difference").click()
    until(lambda: page.evaluate("window.volumes()[2] > 0"), "the difference to be made louder")
    page.get_by_label("Position").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_warning_wants_its_reason_before_the_launch(desk: Page, server: Server) -> None:
    page = desk
    open_gate(page, server, "loud")
    expect(page.get_by_text("1 warning wants a written reason")).to_be_visible()
    page.goto(f"{server.settings.url}/studies/loud")
    page.get_by_role("button", name="Launch").click()
    refused = page.get_by_text("1 warning of the pair gate has no written reason yet.")
    expect(refused).to_be_visible(timeout=60_000)

    tabs = page.get_by_role("navigation", name="Pages of this study")
    tabs.get_by_role("link", name="Pair gate").click()
    page.get_by_role("link", name="train at 3").click()
    page.get_by_label("Why is it right as it is?").fill("The decoder raises the level.")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_label("Why is it right as it is?")).to_have_value(
        "The decoder raises the level."
    )
    page.get_by_role("link", name="All pairs").click()
    expect(page.get_by_text("every warning has its reason")).to_be_visible()
    assert findings_everywhere(page) == []
    page.goto(f"{server.settings.url}/studies/loud")
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_text("running", exact=True).first).to_be_visible(timeout=60_000)

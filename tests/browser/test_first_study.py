"""The tutorial, walked through: from two folders to a report, with the pages alone.

docs/tutorial.md tells these steps. With JNDLAB_PICTURES=FOLDER the walk takes the pictures that it
shows (tools/take-tutorial-pictures); with JNDLAB_RECORDINGS=FOLDER it drags other folders than
those of tests/sounds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from jndlab.study.definition import StudyDefinition
from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import PASSWORD, USER, Site
from tests.browser.test_making import drag
from tests.servers import Server, jndlab

pytestmark = pytest.mark.browser

MATERIAL = Path(__file__).parents[1] / "sounds"
SLUG = "listening-to-speech"
WAIT_MS = 120_000
N_LISTENERS = 6
REASON = "At so few bits the model is also a little louder; that belongs to what is tested."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server on which there is nothing yet but the first user."""
    settings = Settings(data=tmp_path_factory.mktemp("first") / "data")
    with open_store(settings) as store:
        set_password(store, USER, PASSWORD)
    with Server(settings.data) as server:
        yield Site(settings=server.settings)


class Walk:
    """An experimenter at a desk, who may have pictures taken."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.address = f"{site.settings.url}/studies/{SLUG}"
        page.set_viewport_size({"width": 1280, "height": 900})

    def picture(self, name: str, *, full: bool = False) -> None:
        folder = os.environ.get("JNDLAB_PICTURES")
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=full)

    def tab(self, name: str) -> None:
        self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", name=words)).to_be_visible(timeout=WAIT_MS)

    def fair(self) -> None:
        """The page can be used by everybody."""
        assert findings_everywhere(self.page) == []
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")


def sign_in(walk: Walk) -> None:
    page = walk.page
    page.goto(walk.site.settings.url)
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    walk.heading("There is no study yet")
    walk.fair()


def make(walk: Walk) -> None:
    page = walk.page
    page.get_by_role("link", name="Make the first study").click()
    page.get_by_label("Title").fill("Listening to speech")
    page.get_by_role("button", name="Make the study").click()
    walk.heading("Drop your folders here")
    folder = Path(os.environ.get("JNDLAB_RECORDINGS", MATERIAL))
    drag(page, folder / "baseline", folder / "seofp")
    expect(page.locator("#outcome-title")).to_have_text("The sounds are here", timeout=WAIT_MS)
    expect(page.locator("#table-state")).to_contain_text("Nothing is missing")
    walk.picture("sounds-page", full=True)
    walk.fair()


def design(walk: Walk) -> None:
    page = walk.page
    page.get_by_role("link", name="Next: the design").click()
    page.get_by_label("Contact").fill("Ada Lovelace, ada@example.org")
    expect(page.locator("#certainty")).to_contain_text("fraction bits", timeout=WAIT_MS)
    page.evaluate("window.scrollTo(0, 0)")
    walk.picture("design-page")
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def gate(walk: Walk) -> None:
    page = walk.page
    walk.tab("Pair gate")
    page.get_by_role("button", name="Check the sounds").click()
    walk.heading("All pairs")
    walk.fair()
    reasons = page.get_by_role("button", name="Write it down")
    while reasons.count():
        before = reasons.count()
        page.locator("textarea").first.fill(REASON)
        reasons.first.click()
        expect(reasons).to_have_count(before - 1, timeout=WAIT_MS)
    walk.picture("gate-page", full=True)
    page.get_by_role("row").filter(
        has=page.get_by_role("cell", name="3", exact=True)
    ).first.get_by_role("link").first.click()
    walk.heading("Listen and look")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled(timeout=WAIT_MS)
    walk.picture("pair-page", full=True)


def pilot_and_launch(walk: Walk) -> None:
    page = walk.page
    walk.tab("Overview")
    walk.heading("On the way to the launch")
    walk.picture("overview-draft")
    walk.fair()
    page.get_by_role("button", name="Pilot", exact=True).click()
    expect(page.get_by_text("anyone with this link can take part, and none")).to_be_visible(
        timeout=WAIT_MS
    )
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_text("The study is running")).to_be_visible(timeout=WAIT_MS)
    walk.picture("study-page", full=True)
    walk.fair()


def take_a_look_as_participant(walk: Walk) -> str:
    page = walk.page
    link = page.get_by_label("Link for participants").input_value()
    assert link == walk.site.link(SLUG)
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    expect(page.locator("#step-consent")).to_contain_text("Ada Lovelace")
    page.goto(walk.address)
    return link


def watch(walk: Walk, link: str) -> None:
    """The live view follows simulated listeners, who take the study over HTTP meanwhile."""
    page = walk.page
    [(definition,)] = walk.site.query("SELECT definition FROM study_versions")
    taking = threading.Thread(
        target=simulate_over_http,
        args=(StudyDefinition.from_json(definition),),
        kwargs={
            "url": walk.site.settings.url,
            "link": link.rsplit("/", 1)[1],
            "truth": Truth(threshold=3.0, width=4.0),
            "n_listeners": N_LISTENERS,
            "seed": 1,
            "concurrency": 3,
        },
    )
    taking.start()
    walk.tab("Live")
    page.get_by_label("Sessions of").select_option(label="Simulated listeners")
    page.get_by_role("button", name="Show", exact=True).click()
    summary = page.locator("#live-summary")
    expect(summary).to_have_text(re.compile(r"[1-9] under way"), timeout=WAIT_MS)
    taking.join()
    finished = re.compile(rf"0 under way, {N_LISTENERS} finished")
    expect(summary).to_have_text(finished, timeout=WAIT_MS)
    walk.picture("live-page", full=True)
    walk.fair()
    page.get_by_role("button", name="Pause the study").click()
    expect(page.locator(".state-paused")).to_be_visible()


def report(walk: Walk) -> None:
    page = walk.page
    walk.tab("Overview")
    page.get_by_role("link", name="Report on the simulation").click()
    page.get_by_role("button", name="Make the report").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Simulated listeners").first).to_be_visible(timeout=WAIT_MS)
    expect(frame.locator("figure img").first).to_be_visible()
    walk.picture("report-page")


def take_the_data_away(walk: Walk, folder: Path) -> None:
    page = walk.page
    walk.tab("Data")
    page.get_by_role("radio", name="Data package").check()
    page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name=re.compile(r"package\.zip"))
    expect(link).to_be_visible(timeout=WAIT_MS)
    walk.picture("data-page", full=True)
    walk.fair()
    with page.expect_download() as download:
        link.click()
    package = folder / "package.zip"
    download.value.save_as(package)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder / "package")
    validated = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json"],
        cwd=folder / "package",
        capture_output=True,
        text=True,
        check=False,
    )
    assert validated.returncode == 0, validated.stdout
    made = jndlab("report", str(package), "--kind", "simulated", "--output", str(folder / "r.html"))
    assert made.returncode == 0, made.stderr
    assert "just-noticeable difference" in made.stdout


def test_a_first_study_from_two_folders_to_its_report(
    page: Page, site: Site, tmp_path: Path
) -> None:
    walk = Walk(page, site)
    sign_in(walk)
    make(walk)
    design(walk)
    gate(walk)
    pilot_and_launch(walk)
    link = take_a_look_as_participant(walk)
    watch(walk, link)
    report(walk)
    take_the_data_away(walk, tmp_path)

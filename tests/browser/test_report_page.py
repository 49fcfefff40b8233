"""The report's page and the registration in a real browser: made, looked at, downloaded."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.models import StudyRow
from jndlab.store.study_states import set_study_state
from jndlab.store.users import set_password
from tests.browser.accessibility import findings, findings_everywhere
from tests.browser.conftest import PASSWORD, USER
from tests.servers import Server, jndlab
from tests.store.launching import Launched, make_template, open_copy
from tests.web.listeners import take

pytestmark = pytest.mark.browser

MAKING_MS = 240_000
"""Fits, figures and all, on a machine that has other work to do."""
FITTING = {
    **{"state": "running", "n_done": 1, "n_steps": 5, "remedy": "", "result": {}},
    "message": "Fitting bits, condition 1 of 1",
}
PLAN = {"sample_size": 12, "stopping_rule": "At twelve sessions.", "alpha": 0.05}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server with a study that has a plan, and what is inside it."""

    url: str
    settings: Settings
    launched: Launched

    def set_state(self, state: str) -> None:
        with self.launched.store.write() as db:
            set_study_state(db, db.query(StudyRow).one().id, state)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    template = make_template(
        tmp_path / "template",
        slug="owl",
        title="Owls",
        analysis=PLAN,
        design={"trials_per_level": 2, "practice_trials": 1},
    )
    launched = open_copy(template, tmp_path)
    set_password(launched.store, USER, PASSWORD)
    launched.store.close()
    with Server(launched.settings.data) as server:
        store = open_store(server.settings, create=False)
        yield Place(
            url=server.settings.url,
            settings=server.settings,
            launched=replace(launched, settings=server.settings, store=store),
        )
        store.close()


@pytest.fixture
def desk(browser: Browser, place: Place) -> Iterator[Page]:
    """A signed-in owner's browser window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{place.url}/")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    yield page
    context.close()


def require_accessible(page: Page) -> None:
    assert findings_everywhere(page) == []
    page.set_viewport_size({"width": 768, "height": 900})
    assert findings(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_plan_is_registered_before_anybody_has_answered(
    desk: Page, place: Place, tmp_path: Path
) -> None:
    desk.goto(f"{place.url}/studies/owl")
    desk.get_by_role("link", name="Register the plan").click()
    expect(desk.get_by_role("cell", name="At twelve sessions.")).to_be_visible()
    require_accessible(desk)
    desk.get_by_role("button", name="Register version 1").click()
    digest = desk.get_by_label("SHA-256 of the registration").input_value()
    assert len(digest) == 64
    require_accessible(desk)
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Document (JSON)").click()
    download.value.save_as(tmp_path / "registration.json")
    assert json.loads((tmp_path / "registration.json").read_text())["sha256"] == digest
    again = jndlab("register", "owl", "--data", str(place.settings.data), "--output", str(tmp_path))
    assert again.returncode == 0, again.stderr
    assert digest in again.stdout
    written = tmp_path / "owl-registration-v1.json"
    assert written.read_bytes() == (tmp_path / "registration.json").read_bytes()


def test_a_report_is_made_hidden_looked_at_and_downloaded(
    desk: Page, place: Place, tmp_path: Path
) -> None:
    desk.goto(f"{place.url}/studies/owl/report")
    expect(desk.get_by_text("There are no answers from participants yet")).to_be_visible()
    require_accessible(desk)
    take(place.launched, 3)
    desk.reload()
    # The job tells this step until the page was looked at, however fast the machine is.
    desk.route("**/jobs/*", lambda route: route.fulfill(json=FITTING))
    desk.get_by_role("button", name="Make the report", exact=True).click()
    expect(desk.get_by_role("status")).to_have_text("Fitting bits, condition 1 of 1 … 20 %")
    require_accessible(desk)
    desk.unroute("**/jobs/*")
    why = desk.get_by_label("Why do you look before the end?")
    expect(why).to_be_visible(timeout=MAKING_MS)
    require_accessible(desk)
    expect(desk.locator("iframe")).to_have_count(0)
    why.fill("To see how it looks.")
    desk.get_by_role("button", name="Note it and show the report").click()
    frame = desk.locator("iframe.report")
    expect(frame).to_be_visible()
    report = desk.frame_locator("iframe.report")
    expect(report.get_by_role("heading", name="Owls")).to_be_visible()
    expect(report.get_by_text("The study was not registered")).to_be_attached()
    # Shown at its whole length: one scroll bar, not two.
    inside = report.locator("body").evaluate("body => body.getBoundingClientRect().height")
    box = frame.bounding_box()
    assert box is not None
    assert abs(box["height"] - inside) < 10
    require_accessible(desk)

    with desk.expect_download() as download:
        desk.get_by_role("link", name="Numbers and figures (zip)").click()
    download.value.save_as(tmp_path / "figures.zip")
    files = tmp_path / "files"
    made = jndlab(
        *("report", "owl", "--data", str(place.settings.data)),
        *("--output", str(tmp_path / "report.html"), "--files", str(files)),
    )
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(tmp_path / "figures.zip") as archive:
        browser_numbers = json.loads(archive.read("numbers.json"))
        names = set(archive.namelist())
    command_numbers = json.loads((files / "numbers.json").read_text())
    assert names == {str(path.relative_to(files)) for path in files.rglob("*.*")}
    for numbers in (browser_numbers, command_numbers):
        del numbers["record"]  # the look was noted in between
    assert browser_numbers == command_numbers


def test_another_option_makes_a_report_that_marks_its_departure(desk: Page, place: Place) -> None:
    take(place.launched, 2)
    place.set_state("closed")
    desk.goto(f"{place.url}/studies/owl/report")
    desk.get_by_text("What is reported, and how it is analysed").click()
    rate = desk.get_by_label("Error rate")
    expect(rate).to_have_value("0.05")
    rate.fill("7")
    desk.get_by_role("button", name="Make this report").click()
    expect(desk.get_by_text("alpha cannot be 7")).to_be_visible()
    desk.go_back()
    desk.get_by_text("What is reported, and how it is analysed").click()
    desk.get_by_label("Error rate").fill("0.1")
    desk.get_by_role("button", name="Make this report").click()
    expect(desk.get_by_text("Departs from the plan.")).to_be_visible()
    require_accessible(desk)
    report = desk.frame_locator("iframe.report")
    told = report.get_by_text("Error rate: planned 0.05, done 0.1.")
    expect(told).to_be_attached(timeout=MAKING_MS)
    expect(report.get_by_text("12 finished sessions planned, 2 collected")).to_be_attached()
    expect(desk.get_by_text("2 departures from the plan.")).to_be_visible()
    desk.get_by_role("link", name="Back to the plan").click()
    expect(desk.get_by_text("no report of them yet")).to_be_visible()

"""The experimenter's pages in a real browser: sign in, look, download, read the report."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jndlab.listeners.http import simulate_over_http
from jndlab.listeners.model import Truth
from jndlab.study.definition import StudyDefinition
from jndlab.study.trials import COLUMNS
from tests.browser.conftest import PASSWORD, USER, Site

pytestmark = pytest.mark.browser

N_LISTENERS = 6
MAKING_MS = 240_000
"""Fits, figures and all, on a machine that has other work to do."""


@pytest.fixture(scope="module")
def simulated(site: Site) -> Site:
    """The site after simulated listeners have taken the ABX study."""
    [(definition,)] = site.query(
        "SELECT v.definition FROM study_versions v JOIN studies s ON s.id = v.study_id"
        " WHERE s.slug = 'abx'"
    )
    simulate_over_http(
        StudyDefinition.from_json(definition),
        url=site.settings.url,
        link=site.link("abx").rsplit("/", 1)[1],
        truth=Truth(),
        n_listeners=N_LISTENERS,
        seed=1,
        concurrency=3,
    )
    return site


def sign_in(page: Page, site: Site, password: str = PASSWORD) -> None:
    page.goto(f"{site.settings.url}/")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_wrong_password_is_refused_and_a_right_one_opens_the_studies(
    page: Page, site: Site
) -> None:
    sign_in(page, site, password="not the password")
    expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
    sign_in(page, site)
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    for slug in ("abx", "pairs"):  # other tests may have made more
        assert page.locator(f'.studies a[href="/studies/{slug}"]').count() == 1
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site.settings.url}/studies/abx")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_link_on_the_study_page_is_the_participants_link(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto(f"{site.settings.url}/studies/pairs")
    assert page.get_by_label("Link for participants").input_value() == site.link("pairs")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-copy]")).not_to_have_text("Copy")
    page.get_by_role("link", name="Open").click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()


def test_the_table_downloaded_holds_every_presented_trial(
    page: Page, simulated: Site, tmp_path: Path
) -> None:
    sign_in(page, simulated)
    page.goto(f"{simulated.settings.url}/studies/abx/data")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of trials").click()
    download.value.save_as(tmp_path / "trials.csv")
    with (tmp_path / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    [(n_presented,)] = simulated.query(
        "SELECT count(*) FROM presented_trials p JOIN sessions s ON s.id = p.session_id"
        " JOIN studies t ON t.id = s.study_id WHERE t.slug = 'abx' AND p.n_loads > 0"
    )
    assert len(rows) == n_presented
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert {row["session"] for row in rows if row["session_kind"] == "simulated"} == {
        public_id
        for (public_id,) in simulated.query(
            "SELECT public_id FROM sessions WHERE kind = 'simulated'"
        )
    }
    with page.expect_download() as download:
        page.get_by_role("link", name="Columns of trials").click()
    download.value.save_as(tmp_path / "dictionary.json")
    dictionary = json.loads((tmp_path / "dictionary.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in dictionary["columns"]] == list(rows[0])


def test_the_report_opens_with_its_figure_and_says_that_listeners_were_simulated(
    page: Page, simulated: Site
) -> None:
    sign_in(page, simulated)
    page.goto(f"{simulated.settings.url}/studies/abx")
    page.get_by_role("link", name="Report on the simulation").click()
    page.get_by_role("button", name="Make the report").click()
    expect(page.locator("iframe.report")).to_be_visible(timeout=MAKING_MS)
    report = page.frame_locator("iframe.report")
    expect(report.get_by_text(re.compile("Simulated listeners")).first).to_be_visible()
    expect(report.get_by_text(f"{N_LISTENERS} simulated listeners").first).to_be_visible()
    figure = report.locator("figure img").first
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.complete && image.naturalWidth > 300")
    assert figure.get_attribute("alt")

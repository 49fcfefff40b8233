"""The data page in a real browser: looked over, a package made and downloaded, rules applied."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jndlab.export.package.reading import open_package
from tests.browser.conftest import PASSWORD, USER, Site
from tests.browser.test_people import look_over, sign_in

pytestmark = pytest.mark.browser

JOB_MS = 90_000
"""A job has a process of its own, at low priority."""


def test_a_package_is_made_and_downloaded(page: Page, site: Site, tmp_path: Path) -> None:
    sign_in(page, site, USER, PASSWORD)
    page.get_by_role("link", name="Browser test").first.click()
    tabs = page.get_by_role("navigation", name="Pages of this study")
    tabs.get_by_role("link", name="Data").click()
    expect(page.get_by_role("heading", name="Whose data")).to_be_visible()
    page.get_by_text("Open them in R, Python, JASP or SPSS").click()
    assert look_over(page) == []

    page.get_by_label("Licence of the data").fill("CC-BY-4.0")
    page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name="-package.zip")
    expect(link).to_be_visible(timeout=JOB_MS)
    with page.expect_download() as download:
        link.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with open_package(path) as package:
        assert package.descriptor["licenses"] == [{"name": "CC-BY-4.0"}]

    page.get_by_role("button", name="List what is left out").click()
    expect(page.get_by_text("Applied 20")).to_be_visible(timeout=JOB_MS)
    assert look_over(page) == []


def test_a_kind_is_chosen_with_the_keyboard(page: Page, site: Site) -> None:
    sign_in(page, site, USER, PASSWORD)
    page.goto(f"{site.settings.url}/studies/pairs/data")
    page.get_by_label("Simulated listeners").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show these").press("Enter")
    expect(page.get_by_label("Simulated listeners")).not_to_be_checked()
    expect(page.get_by_label("Participants")).to_be_checked()
    assert "kind=simulated" not in page.url

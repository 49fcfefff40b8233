"""Accounts and people in a real browser: invited, made an account, added, asked for a code."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import SCHEMES, findings
from tests.browser.conftest import PASSWORD, USER, Site

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1280)
NEW_PASSWORD = "several unrelated words"
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_DRAWS = """() => new Promise((resolve) => {
  window.setTimeout(() => resolve(false), 5000);
  window.requestAnimationFrame(() => window.requestAnimationFrame(() => resolve(true)));
})"""
"""Whether two frames follow one another, which Playwright waits for before it clicks."""


def look_over(page: Page) -> list[str]:
    """What the accessibility checker finds in light and dark, from a phone to a desk."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme}, {width} px: {finding}" for finding in findings(page)]
            if page.evaluate(_TOO_WIDE):
                found.append(f"{scheme}, {width} px: scrolls sideways")
    if not page.evaluate(_DRAWS):
        page.screenshot()  # Chromium without a screen may stop after resizing, until it has to draw
    return found


def sign_in(page: Page, site: Site, name: str, password: str) -> None:
    page.goto(f"{site.settings.url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def guest(browser: Browser) -> Iterator[Page]:
    """Somebody else, at a browser of their own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def test_somebody_is_invited_joins_a_study_and_owns_it_in_the_end(
    page: Page, guest: Page, site: Site
) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, site, USER, PASSWORD)
    page.get_by_role("link", name="Users").click()
    assert look_over(page) == []
    page.get_by_label("For whom").fill("Grace")
    page.get_by_role("button", name="Make link").click()
    link = page.get_by_label("Link of the invitation").input_value()
    assert look_over(page) == []

    guest.goto(link)
    expect(guest.get_by_text(f"{USER} invites you")).to_be_visible()
    assert look_over(guest) == []
    guest.get_by_label("Your name here").fill("grace")
    guest.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    guest.get_by_label("The same password again").fill(NEW_PASSWORD)
    guest.get_by_role("button", name="Make my account").click()
    expect(guest.get_by_role("heading", name="Studies")).to_be_visible()
    expect(guest.get_by_role("link", name="Browser test")).to_have_count(0)

    page.goto(f"{site.settings.url}/studies/pairs")
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("This study has no members")).to_be_visible()
    assert look_over(page) == []
    page.get_by_label("User name").fill("grace")
    page.get_by_label("Role", exact=True).first.select_option("viewer")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("grace is a member now")

    guest.reload()
    guest.get_by_role("link", name="Browser test").click()
    guest.get_by_role("link", name="People").click()
    expect(guest.get_by_role("button", name="Add", exact=True)).to_have_count(0)
    assert look_over(guest) == []

    page.get_by_label("Role of grace", exact=True).select_option("editor")
    page.get_by_role("button", name="Save the role of grace").click()
    page.get_by_role("button", name="Hand the study over to grace").click()
    expect(page.get_by_label("Role of grace", exact=True)).to_have_value("owner")
    assert look_over(page) == []

    guest.reload()
    guest.get_by_role("button", name="Remove grace").click()
    expect(guest.get_by_role("alert")).to_contain_text("at least one owner")
    assert look_over(guest) == []


def test_a_second_factor_is_set_up_by_keyboard_and_asked_for(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, site, USER, PASSWORD)
    page.get_by_role("link", name=USER).click()
    page.get_by_label("What it is for").fill("nightly export")
    page.get_by_role("button", name="Make token").click()
    assert page.get_by_label("New token", exact=True).input_value().startswith("jndlab_")
    assert look_over(page) == []

    page.get_by_role("link", name="Set up").click()
    box = page.get_by_role("img", name="QR code of the secret").locator("svg").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"])
    assert box["width"] > 150
    assert look_over(page) == []
    totp = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
    page.get_by_label("Your password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(totp.now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The second factor is on")
    assert look_over(page) == []

    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, site, USER, PASSWORD)
    assert look_over(page) == []
    page.get_by_label("Code from your app").fill(totp.at(time.time() + 30))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()

    page.goto(f"{site.settings.url}/account")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status")).to_contain_text("The second factor is off")


def test_the_list_of_users_sorts(page: Page, site: Site) -> None:
    sign_in(page, site, USER, PASSWORD)
    page.goto(f"{site.settings.url}/users")
    head = page.get_by_role("columnheader", name="Name")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name=USER, exact=True).last.click()
    expect(page.get_by_role("heading", name=USER)).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert look_over(page) == []

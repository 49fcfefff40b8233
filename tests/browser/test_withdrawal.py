"""Withdrawing in a real browser: everything is deleted, on the server and on the device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.around import Around, running_study
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

TABLES = ("presented_trials", "check_trials", "events", "questionnaire_answers", "resumes")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """In place of the site of the other tests."""
    with running_study(tmp_path_factory.mktemp("withdrawal")) as site:
        yield site


@pytest.fixture
def participant(page: Page, site: Site) -> Around:
    return Around(page, site)


def withdraw(page: Page) -> None:
    page.get_by_role("button", name="Withdraw and delete my answers").click()
    page.get_by_role("button", name="Delete my answers", exact=True).click()


def require_withdrawn(page: Page, site: Site, session: int) -> None:
    """The page says so, also when it is opened again, and nothing is left in the database."""
    for _ in range(2):
        expect(page.get_by_role("heading", name="Your answers are deleted")).to_be_visible()
        expect(page.get_by_role("button", name="Withdraw and delete")).to_be_hidden()
        page.reload()
    for table in TABLES:
        count = f"SELECT count(*) FROM {table} WHERE session_id = ?"
        assert site.query(count, session) == [(0,)], table
    [(state, agent)] = site.query("SELECT state, user_agent FROM sessions WHERE id = ?", session)
    assert (state, agent) == ("withdrawn", "")


def test_there_is_nothing_to_withdraw_before_consent(page: Page, participant: Around) -> None:
    participant.open()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    expect(page.locator("#withdraw")).to_be_hidden()


def test_in_the_middle_of_a_trial(page: Page, participant: Around, site: Site) -> None:
    session = participant.start()
    participant.take_trial(session)
    page.get_by_role("button", name="Continue").click()
    participant.trial_number()
    withdraw(page)
    require_withdrawn(page, site, session)
    page.get_by_role("button", name="Start anew").click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()


def test_in_a_questionnaire_that_is_half_filled_in(
    page: Page, participant: Around, site: Site
) -> None:
    participant.open()
    participant.agree()
    participant.questionnaire("About you")
    page.get_by_label("How old are you?").fill("42")
    session = site.newest_session()
    withdraw(page)
    require_withdrawn(page, site, session)
    drafts = "() => Object.keys(localStorage).filter((key) => key.endsWith(':draft'))"
    assert page.evaluate(drafts) == []


def test_on_the_way_back(page: Page, participant: Around, site: Site) -> None:
    session = participant.start()
    page.reload()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    withdraw(page)
    require_withdrawn(page, site, session)


def test_going_back_loses_nothing_and_no_key_reaches_the_trial(
    page: Page, participant: Around, site: Site
) -> None:
    session = participant.start()
    participant.trial_number()
    participant.listen_by_mouse()
    link = page.get_by_role("button", name="Withdraw and delete my answers")
    link.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    assert [row["response"] for row in site.answers(session)] == [None]
    participant.answer_by_key("1")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    assert [row["response"] for row in site.answers(session)] == ["1"]


def test_in_the_middle_of_an_outage_it_is_done_as_soon_as_the_server_is_back(
    page: Page, participant: Around, site: Site
) -> None:
    session = participant.start()
    participant.trial_number()
    page.context.set_offline(True)
    withdraw(page)
    expect(page.locator("#withdrawal-message")).to_have_text("Your answers are being deleted …")
    assert site.query("SELECT state FROM sessions WHERE id = ?", session) == [("open",)]
    page.context.set_offline(False)
    require_withdrawn(page, site, session)

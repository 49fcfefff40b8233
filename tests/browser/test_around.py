"""What comes around the trials, in a real browser: questions, examples, breaks, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.around import N_MAIN, Around, running_study
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """In place of the site of the other tests."""
    with running_study(tmp_path_factory.mktemp("around")) as site:
        yield site


@pytest.fixture
def participant(page: Page, site: Site) -> Around:
    return Around(page, site)


def test_a_whole_session_with_questions_examples_practice_and_breaks(
    page: Page, participant: Around, site: Site
) -> None:
    session = participant.start()
    participant.take_practice(session)
    for _ in (1, 2):
        participant.take_trial(session)
    participant.answer_tired()
    expect(page.get_by_role("heading", name="Time for a break")).to_be_visible()
    go_on = page.get_by_role("button", name="Go on")
    expect(page.locator("#break-message")).to_have_text(
        "The break is over. Go on when you are ready."
    )
    expect(go_on).to_be_enabled()
    go_on.click()
    for _ in (3, 4):
        participant.take_trial(session)
    participant.answer_end()
    expect(page.locator("#completion-code")).not_to_be_empty()
    expect(page.get_by_role("heading", name="What this study is about")).to_be_visible()
    expect(page.get_by_text("The softest steps cannot be heard.")).to_be_visible()
    assert participant.given(session) == {
        ("you", 0, "age"): 42,
        ("you", 0, "device"): "Wired headphones",
        ("you", 0, "languages"): ["German"],
        ("tired", 2, "tired"): 7,
        ("end", 3, "remarks"): None,
    }
    answered = [row["number"] for row in site.answers(session) if row["response"]]
    assert answered == [1, 2, 5, 6, 7, 8]  # the criterion was met after two of four
    assert site.query("SELECT state FROM sessions WHERE id = ?", session) == [("finished",)]


def test_what_is_wrong_in_a_questionnaire_is_said_at_its_question(
    page: Page, participant: Around, site: Site
) -> None:
    participant.open()
    participant.agree()
    participant.questionnaire("About you")
    age = page.get_by_label("How old are you?")
    age.fill("forty")
    participant.send()
    expect(page.locator("#questionnaire-message")).to_contain_text("2 answers are missing")
    expect(page.locator("#problem-age")).to_have_text("Please write a number in digits.")
    expect(page.locator("#problem-device")).to_have_text("Please answer this question.")
    expect(page.locator("#problem-languages")).to_be_empty()
    expect(age).to_be_focused()
    expect(age).to_have_attribute("aria-invalid", "true")
    expect(age).to_have_accessible_description("Please write a number in digits.")
    age.fill("15")
    page.get_by_label("Loudspeakers").check()
    participant.send()
    expect(page.locator("#problem-age")).to_have_text("Please write a number that is not below 16.")
    expect(page.locator("#problem-device")).to_be_empty()
    assert participant.given(site.newest_session()) == {}
    age.fill("16")
    age.press("Enter")
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    given = participant.given(site.newest_session())
    assert (given["you", 0, "age"], given["you", 0, "languages"]) == (16, None)


def test_what_was_filled_in_survives_a_reload_and_is_forgotten_once_it_is_stored(
    page: Page, participant: Around
) -> None:
    participant.open()
    participant.agree()
    participant.questionnaire("About you")
    page.get_by_label("How old are you?").fill("42")
    page.get_by_label("Loudspeakers").check()
    page.get_by_label("English").check()
    page.get_by_label("Japanese").check()
    page.reload()
    page.get_by_role("button", name="Go on").click()
    participant.questionnaire("About you")
    expect(page.get_by_label("How old are you?")).to_have_value("42")
    expect(page.get_by_label("Loudspeakers")).to_be_checked()
    expect(page.get_by_label("Japanese")).to_be_checked()
    expect(page.get_by_label("German")).not_to_be_checked()
    participant.send()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    drafts = "() => Object.keys(localStorage).filter((key) => key.endsWith(':draft'))"
    assert page.evaluate(drafts) == []


def test_answers_whose_receipt_is_lost_are_sent_again_and_stored_once(
    page: Page, participant: Around, site: Site
) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        response = route.fetch()
        lost.append(response.status)
        if len(lost) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(response=response)

    page.route("**/api/v1/questionnaires/*", lose)
    participant.open()
    participant.agree()
    participant.answer_you()
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    assert lost == [200, 200]
    assert len(participant.given(site.newest_session())) == 3


def test_a_questionnaire_can_be_answered_by_keyboard_alone(
    page: Page, participant: Around, site: Site
) -> None:
    participant.open()
    page.get_by_role("button", name="I agree").press("Enter")
    participant.questionnaire("About you")
    press = page.keyboard.press
    press("Tab")
    page.keyboard.type("33")
    press("Tab")
    press("Space")
    press("ArrowDown")
    press("Tab")
    press("Space")
    press("Tab")
    press("Tab")
    press("Tab")
    expect(page.locator("#questionnaire-send")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("button", name="Begin")).to_be_visible()
    given = participant.given(site.newest_session())
    assert [given["you", 0, name] for name in ("age", "device", "languages")] == [
        33,
        "Wireless headphones",
        ["English"],
    ]


def test_examples_play_one_at_a_time_and_end_with_the_instructions(
    page: Page, participant: Around
) -> None:
    participant.open()
    participant.agree()
    participant.answer_you()
    original = page.get_by_role("button", name="The original")
    processed = page.get_by_role("button", name="A processed version")
    sent: list[str] = []
    page.on("response", lambda response: sent.append(response.url))
    for example in (original, processed, original):
        example.click()
        expect(example).to_have_attribute("aria-pressed", "true")
        expect(example).to_have_attribute("aria-pressed", "false")
    addresses = [url for url in sent if "/examples/" in url]
    assert [url[-1] for url in addresses] == ["0", "1"]  # the third was in memory
    participant.begin()
    assert participant.trial_number() == 1


def test_practice_goes_on_until_enough_answers_are_right(
    page: Page, participant: Around, site: Site
) -> None:
    session = participant.start()
    expect(page.locator("#trial-count")).to_have_text("Practice trial 1 of at most 4")
    for right in (True, False, True, False):
        participant.take_trial(session, right=right)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("That was the practice.")).to_be_visible()
    participant.begin()
    assert participant.trial_number() == 5
    expect(page.locator("#trial-count")).to_have_text(f"Trial 1 of {N_MAIN}")


def test_the_time_that_is_left_is_shown_in_whole_minutes(page: Page, participant: Around) -> None:
    participant.start()
    participant.trial_number()
    expect(page.locator("#time-left")).to_have_text(re.compile(r"^About 1 minute left$"))


def test_the_version_of_the_consent_and_its_time_are_stored(
    page: Page, participant: Around, site: Site
) -> None:
    participant.open()
    shown = page.locator("#study").get_attribute("data-consent")
    participant.agree()
    participant.questionnaire("About you")
    [(version, time, opened)] = site.query(
        "SELECT consent_version, consented_at, opened_at FROM sessions WHERE id = ?",
        site.newest_session(),
    )
    assert (version, time) == (shown, opened)
    [(text,)] = site.query("SELECT text FROM consent_texts WHERE version = ?", version)
    assert text == "A tiny study\n\nPlease listen.\n\nYou may stop at any time."


def test_the_time_that_is_left_does_not_jump(page: Page, participant: Around) -> None:
    """In whole minutes, above a quarter of an hour in fives, and never up by a single one."""
    participant.open()
    shown = page.evaluate(
        """async () => {
            const { rounded, TimeLeft } = await import("/static/js/time_left.js");
            const element = document.getElementById("time-left");
            const at = (timeLeft, left) => {
                timeLeft.update(60 * left, false);
                return element.textContent;
            };
            const timeLeft = new TimeLeft();
            const first = [at(timeLeft, 6), at(timeLeft, 5)];
            timeLeft.learn(1.2); // a little slower: five trials would be six minutes
            const slower = at(timeLeft, 5);
            timeLeft.learn(3);
            const minutes = [0.1, 6.4, 17, 23].map(rounded);
            const much = at(timeLeft, 5);
            timeLeft.update(60 * 5, true);
            return [...minutes, ...first, slower, much, element.textContent];
        }"""
    )
    assert shown == [
        *(1, 6, 15, 25),
        "About 6 minutes left",
        "About 5 minutes left",
        "About 5 minutes left",
        "About 15 minutes left",
        "At most 15 minutes left",
    ]

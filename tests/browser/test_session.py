"""Whole sessions in a real browser against the real server, compared with the database."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESIGN, Site
from tests.browser.pages import ParticipantPage
from tests.servers import until

pytestmark = pytest.mark.browser

N_TRIALS = 2 * DESIGN.trials_per_level + 3
RELOADED = 4


def start(page: Page, site: Site, slug: str) -> tuple[ParticipantPage, int]:
    """Consent, a wrong and a right sound check, and the first instructions."""
    participant = ParticipantPage(page, site.link(slug))
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(6)
    expect(page.get_by_text("not the right number")).to_be_visible()
    expect(page.get_by_role("button", name="Play the beeps")).to_be_enabled()
    assert site.query("SELECT count(*) FROM check_trials WHERE session_id = ?", session) == [(2,)]
    n_beeps = site.beeps(session)
    page.get_by_role("button", name="Play the beeps").click()
    answer = page.get_by_role("button", name=str(n_beeps), exact=True)
    expect(answer).to_be_enabled(timeout=15_000)
    answer.click()
    participant.begin()
    return participant, session


@pytest.mark.parametrize("slug", ["abx", "pairs"])
def test_a_whole_session_by_mouse_and_keys_with_a_reload(page: Page, site: Site, slug: str) -> None:
    participant, session = start(page, site, slug)
    given: dict[int, str] = {}
    seen: list[str] = []
    for number in range(1, N_TRIALS + 1):
        assert participant.trial_number() == number
        if number == RELOADED:
            until(lambda: len(site.answers(session)) == RELOADED, "the server to know of the trial")
            page.reload()
            expect(
                page.get_by_text(f"You have answered {number - 1} of {N_TRIALS}")
            ).to_be_visible()
            page.get_by_role("button", name="Go on").click()
            participant.begin()
            assert participant.trial_number() == number
        truth = site.trial(session, number)["correct_response"]
        possible = [node.get_attribute("data-response") for node in page.locator(".answer").all()]
        # Right and wrong by turns, so that a page that always sends the same is found out.
        given[number] = truth if number % 2 else next(r for r in possible if r and r != truth)
        if number % 3:
            participant.listen_by_keys()
            participant.answer_by_key(given[number])
        else:
            participant.listen_by_mouse()
            participant.answer_by_mouse(given[number])
        while (after := participant.wait_until_after(number)) != "trial":
            seen.append(after)
            if after == "thanks":
                break
            if after == "feedback":
                expected = "Right." if number % 2 else "Not this time."
                expect(page.locator("#trial-message")).to_contain_text(expected)
                page.get_by_role("button", name="Continue").press("Enter")
                expect(page.locator("#continue-row")).to_be_hidden()
            elif after == "begin":
                participant.begin()
            else:
                page.get_by_role("button", name="Go on").click()
    assert seen[-1] == "thanks"
    # Feedback only in practice; its number of trials is one. The second block has a break.
    assert seen.count("feedback") == 1
    assert seen.count("break") == 1
    rows = site.answers(session)
    assert [row["number"] for row in rows] == list(range(1, N_TRIALS + 1))
    assert {row["number"]: row["response"] for row in rows} == given
    assert [bool(row["correct"]) for row in rows] == [n % 2 == 1 for n in range(1, N_TRIALS + 1)]
    assert [row["n_loads"] for row in rows] == [1 + (n == RELOADED) for n in range(1, N_TRIALS + 1)]
    assert all(min(json.loads(row["plays"])) >= 1 for row in rows)
    assert all(row["rate_hz"] == 48000 and row["time_ms"] > 500 for row in rows)
    [(state, code)] = site.query(
        "SELECT s.state, t.completion_code FROM sessions s JOIN studies t ON t.id = s.study_id"
        " WHERE s.id = ?",
        session,
    )
    assert state == "finished"
    expect(page.locator("#completion-code")).to_have_text(code)
    page.reload()
    expect(page.locator("#completion-code")).to_have_text(code)


def test_answers_stay_closed_until_everything_was_heard(page: Page, site: Site) -> None:
    participant, session = start(page, site, "abx")
    participant.trial_number()
    answer = page.locator(".answer").first
    for label in ("A", "B"):
        page.keyboard.press(label.lower())
        participant.wait_until_heard(label)
    page.keyboard.press("1")
    expect(answer).to_be_disabled()
    page.keyboard.press("x")
    expect(answer).to_be_enabled(timeout=5_000)
    assert site.answers(session)[0]["response"] is None


def test_a_second_click_or_key_answers_nothing(page: Page, site: Site) -> None:
    participant, session = start(page, site, "pairs")
    participant.trial_number()
    participant.listen_by_mouse()
    page.evaluate(
        "() => { const b = document.querySelectorAll('.answer'); b[0].click(); b[0].click();"
        " b[1].click(); }"
    )
    page.keyboard.press("2")
    participant.wait_until_after(1)
    [row] = site.answers(session)
    assert row["response"] == "1"
    assert site.query(
        "SELECT count(*) FROM answers a JOIN presented_trials p ON"
        " p.id = a.presented_id WHERE p.session_id = ?",
        session,
    ) == [(1,)]


def test_without_locks_a_second_tab_changes_nothing_and_both_go_on(page: Page, site: Site) -> None:
    """Pages without HTTPS have no locks: then the server sorts the answers out."""
    page.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    participant, session = start(page, site, "pairs")
    participant.trial_number()
    other_page = page.context.new_page()
    other = ParticipantPage(other_page, participant.link)
    other.open()
    other_page.get_by_role("button", name="Go on").click()
    other.begin()
    other.listen_by_mouse()
    participant.listen_by_mouse()
    participant.answer_by_mouse("1")
    participant.wait_until_after(1)
    other.answer_by_mouse("2")
    # The other tab's answer is refused; it goes on with the trial that is due.
    other.begin()
    assert other.trial_number() == 2
    assert [row["response"] for row in site.answers(session)] == ["1", None]
    [(kinds,)] = site.query(
        "SELECT group_concat(kind) FROM events WHERE session_id = ? AND kind = 'answer-refused'",
        session,
    )
    assert kinds == "answer-refused"


def test_an_answer_survives_a_lost_connection_and_a_reload(page: Page, site: Site) -> None:
    participant, session = start(page, site, "pairs")
    participant.trial_number()
    participant.listen_by_mouse()
    page.route("**/response", lambda route: route.abort())
    participant.answer_by_mouse("2")
    expect(page.get_by_text("No connection")).to_be_visible()
    assert site.answers(session)[0]["response"] is None
    page.unroute("**/response")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    participant.begin()
    assert participant.trial_number() == 2
    assert site.answers(session)[0]["response"] == "2"


def test_a_clip_that_does_not_arrive_whole_never_starts_a_trial(page: Page, site: Site) -> None:
    participant = ParticipantPage(page, site.link("pairs"))
    page.route(
        "**/api/v1/clips/*",
        lambda route: route.fulfill(body=b"RIFF....WAVE", content_type="audio/wav"),
    )
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(site.beeps(session))
    participant.begin()
    expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=20_000)
    page.unroute("**/api/v1/clips/*")
    page.get_by_role("button", name="Try again").click()
    assert participant.trial_number() == 1

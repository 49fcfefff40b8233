"""Answers to another trial, twice, or two of them; a study that takes nobody; somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.bad_input import (
    events,
    expect_problem,
    picture,
    reach_first_trial,
    responses,
    take_rest,
    take_trial,
    to_trial,
    until_on,
)
from tests.browser.conftest import Site
from tests.browser.pages import ParticipantPage
from tests.servers import jndlab

pytestmark = pytest.mark.browser

RESPONSE = "**/trials/*/response"
PutState = Callable[[str], None]
SAYS = {"paused": "This study is paused.", "closed": "This study has ended."}


@pytest.fixture
def put_state(site: Site) -> Iterator[PutState]:
    """Change the state of the study "pairs"; it is open again after the test."""

    def put(state: str) -> None:
        data = str(site.settings.data)
        done = jndlab("state", "pairs", state, "--data", data)
        assert done.returncode == 0, done.stderr

    yield put
    put("open")


def refused(site: Site, session: int) -> list[str]:
    return [detail["code"] for kind, detail in events(site, session) if kind == "answer-refused"]


def test_an_answer_that_went_to_another_trial_is_sent_to_its_own(page: Page, site: Site) -> None:
    """Refused, the page asks which trial is due; it is this one, and nobody is asked again."""
    participant, session = reach_first_trial(page, site)

    def misdirect(route: Route) -> None:
        route.continue_(url=route.request.url.replace("/trials/1/", "/trials/6/"))

    page.route(RESPONSE, misdirect, times=1)
    assert take_trial(participant, "2") == "trial"
    assert responses(site, session) == ["2"]
    assert refused(site, session) == []


def test_an_answer_that_is_refused_again_and_again_is_asked_for_once_more(
    page: Page, site: Site
) -> None:
    participant, session = reach_first_trial(page, site)

    def misdirect(route: Route) -> None:
        route.continue_(url=route.request.url.replace("/trials/1/", "/trials/6/"))

    page.route(RESPONSE, misdirect, times=2)
    participant.listen_by_mouse()
    participant.answer_by_mouse("2")
    until_on(page, lambda: refused(site, session) == ["trial-out-of-order"], "the refusal")
    # Nothing is stored under a wrong number, and the trial is still the one that is due.
    assert responses(site, session) == []
    to_trial(participant, 1)
    assert take_trial(participant, "1") == "trial"
    assert responses(site, session) == ["1"]


def test_the_same_answer_twice_is_one_answer(page: Page, site: Site) -> None:
    participant, session = reach_first_trial(page, site)

    def twice(route: Route) -> None:
        assert route.fetch().json()["repeated"] is False
        again = route.fetch()
        assert again.json()["repeated"] is True
        route.fulfill(response=again)

    page.route(RESPONSE, twice)
    assert take_trial(participant, "2") == "trial"
    assert responses(site, session) == ["2"]
    assert refused(site, session) == []


def test_of_two_different_answers_the_first_stands_and_the_test_goes_on(
    page: Page, site: Site
) -> None:
    participant, session = reach_first_trial(page, site)

    def other_first(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        other = {**body, "response": "1", "key": "another-key-of-another-tab"}
        assert route.fetch(post_data=json.dumps(other)).status == 200
        route.continue_()

    page.route(RESPONSE, other_first, times=1)
    participant.listen_by_mouse()
    participant.answer_by_mouse("2")
    until_on(page, lambda: refused(site, session) == ["answer-conflict"], "the refusal")
    assert responses(site, session) == ["1"]
    # What was refused is not gone: the report of it holds the whole answer.
    [detail] = [detail for kind, detail in events(site, session) if kind == "answer-refused"]
    assert (detail["number"], detail["body"]["response"]) == (1, "2")
    to_trial(participant, 2)


@pytest.mark.parametrize("state", SAYS)
def test_a_study_that_takes_nobody_says_so_before_anybody_agrees(
    page: Page, site: Site, put_state: PutState, state: str
) -> None:
    put_state(state)
    participant = ParticipantPage(page, site.link("pairs"))
    participant.open()
    expect_problem(page, SAYS[state])
    expect(page.locator("#consent")).to_be_hidden()
    put_state("open")
    page.reload()
    expect(page.locator("#consent")).to_be_visible()


@pytest.mark.parametrize("state", SAYS)
def test_a_study_that_stops_in_the_middle_keeps_the_answer_on_its_way(
    page: Page, site: Site, put_state: PutState, state: str
) -> None:
    participant, session = reach_first_trial(page, site)
    put_state(state)
    participant.listen_by_mouse()
    participant.answer_by_mouse("2")
    page.locator("#continue").click()
    expect_problem(page, SAYS[state])
    expect(page.get_by_text("Everything that was answered is saved")).to_be_visible()
    assert responses(site, session) == ["2"]
    put_state("open")
    page.locator("#retry").click()
    to_trial(participant, 2)
    assert take_trial(participant) == "trial"
    until_on(page, lambda: responses(site, session) == ["2", "1"], "the next answer")


def test_who_has_finished_gets_the_code_of_a_closed_study(
    page: Page, site: Site, put_state: PutState
) -> None:
    participant, _ = reach_first_trial(page, site)
    take_rest(participant)
    code = page.locator("#completion-code").inner_text()
    put_state("closed")
    page.reload()
    expect(page.locator("#completion-code")).to_have_text(code)


def test_the_next_person_on_a_device_gets_a_session_of_their_own(page: Page, site: Site) -> None:
    participant, first = reach_first_trial(page, site)
    assert take_trial(participant, "2") == "trial"
    page.reload()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    picture(page, "welcome back")
    page.get_by_role("button", name="Start as somebody else").click()
    expect(page.locator("#consent")).to_be_visible()
    participant, second = reach_first_trial(page, site)
    assert second != first
    assert responses(site, first) == ["2"]
    assert responses(site, second) == []


def test_an_unsent_answer_goes_out_before_the_next_person_begins(page: Page, site: Site) -> None:
    participant, first = reach_first_trial(page, site)
    participant.listen_by_mouse()
    page.route(RESPONSE, lambda route: route.abort())
    participant.answer_by_mouse("2")
    expect(page.get_by_text("No connection")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Start as somebody else").click()
    expect(page.get_by_text("No connection")).to_be_visible()
    assert responses(site, first) == []
    page.unroute(RESPONSE)
    expect(page.locator("#consent")).to_be_visible(timeout=30_000)
    assert responses(site, first) == ["2"]


def own_link(page: Page, link: str) -> str:
    """The link with which the session of this page goes on elsewhere."""
    token = page.evaluate(
        "(key) => localStorage.getItem(key)", f"jndlab:{link.rsplit('/')[-1]}:token"
    )
    return f"{link}#session={token}"


@pytest.fixture
def other_device(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_the_session_link_of_somebody_else_says_whose_place_it_is(
    page: Page, other_device: Page, site: Site
) -> None:
    participant, session = reach_first_trial(page, site)
    assert take_trial(participant, "2") == "trial"
    other_device.goto(own_link(page, site.link("pairs")))
    expect(other_device.get_by_text("You have answered 1 of")).to_be_visible()
    assert "#" not in other_device.url  # the secret does not stay in the address
    other_device.get_by_role("button", name="Start as somebody else").click()
    expect(other_device.locator("#consent")).to_be_visible()
    assert take_trial(participant, "1") == "trial"
    until_on(page, lambda: responses(site, session) == ["2", "1"], "both answers")


def test_a_session_link_of_somebody_else_does_not_displace_ones_own(
    page: Page, other_device: Page, site: Site
) -> None:
    reach_first_trial(page, site)
    theirs = own_link(page, site.link("pairs"))
    participant, session = reach_first_trial(other_device, site)
    assert take_trial(participant, "2") == "trial"
    other_device.goto("about:blank")
    other_device.goto(theirs)
    expect(other_device.get_by_text("You have answered 1 of")).to_be_visible()
    assert responses(site, session) == ["2"]


def test_a_session_of_another_study_is_not_taken_here(
    page: Page, other_device: Page, site: Site
) -> None:
    reach_first_trial(page, site, "abx")
    of_abx = own_link(page, site.link("abx")).partition("#")[2]
    other_device.goto(f"{site.link('pairs')}#{of_abx}")
    expect(other_device.locator("#consent")).to_be_visible()
    expect(other_device.locator("#step-resume")).to_be_hidden()


def test_a_session_that_the_server_does_not_know_begins_anew(page: Page, site: Site) -> None:
    """A token of another server, or made up, is no way into anybody's session."""
    link = site.link("pairs")
    page.goto(link)
    page.evaluate(
        "(name) => localStorage.setItem(`jndlab:${name}:token`, 'f'.repeat(32))",
        link.rsplit("/", 1)[1],
    )
    page.reload()
    expect(page.locator("#consent")).to_be_visible()


def test_a_link_that_is_mistyped_has_a_page_that_says_so(page: Page, site: Site) -> None:
    page.goto(site.link("pairs") + "x")
    expect(page.get_by_text("There is no study at this link")).to_be_visible()
    expect(page.get_by_text("Check that you copied all of it")).to_be_visible()
    picture(page, "no study at this link")

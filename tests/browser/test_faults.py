"""Whole sessions over a bad line, and through a server that is killed and started again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Thread

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import DESIGN, Site, make_study
from tests.browser.fault_proxy import FAULTS, FaultProxy, Request
from tests.browser.pages import ParticipantPage
from tests.servers import Server

pytestmark = pytest.mark.browser

N_TRIALS = 2 * DESIGN.trials_per_level + 3
SLUGS = ("abx", "pairs")
SHARE = 0.35
WAIT_MS = 60_000
"""A server needs seconds to start, and the page pauses up to ten between two tries."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("faults")
    studies = [
        make_study(folder / "a", "abx", "abx"),
        make_study(folder / "b", "pairs", "two-interval"),
    ]
    with Server(folder / "data", studies) as server:
        yield server


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    with FaultProxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def site(server: Server, proxy: FaultProxy) -> Site:
    """The server as it is seen through the proxy."""
    return Site(settings=replace(server.settings, port=proxy.port))


@dataclass
class Patient:
    """A participant who takes the whole session, whatever happens to the line."""

    page: Page
    site: Site
    slug: str
    session: int = 0
    given: dict[int, str] = field(default_factory=dict)
    _checks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.person = ParticipantPage(self.page, self.site.link(self.slug))
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith("/clip"):
            self._checks.append(response.url.split("/")[-2])

    def arrive(self) -> None:
        self.person.open()
        self.agree()

    def agree(self) -> None:
        """From the consent on the page to the first trial."""
        self.person.agree()
        expect(self.page.locator("#check-play")).to_be_enabled(timeout=WAIT_MS)
        self.session = self.site.newest_session()
        # A doubled request makes a second check: what counts is the one that the page plays.
        [(right,)] = self.site.query(
            "SELECT right_answer FROM check_trials WHERE name = ?", self._checks[-1]
        )
        self.person.pass_sound_check(int(right))
        self.page.locator("#begin").click(timeout=WAIT_MS)

    def take(self, number: int) -> None:
        """Hear the trial and answer it, right and wrong by turns."""
        self.page.locator("#play:enabled, .interval:enabled").first.wait_for(timeout=WAIT_MS)
        assert self.person.trial_number() == number
        truth = self.truth(number)
        possible = [
            node.get_attribute("data-response") for node in self.page.locator(".answer").all()
        ]
        other = next(value for value in possible if value and value != truth)
        self.given[number] = truth if number % 2 else other
        self.person.listen_by_keys()
        self.person.answer_by_key(self.given[number])

    def truth(self, number: int) -> str:
        """What is right in a trial."""
        return str(self.site.trial(self.session, number)["correct_response"])

    def go_on(self, number: int) -> bool:
        """What lies between two trials; false at the end."""
        while (after := self.person.wait_until_after(number, timeout_ms=WAIT_MS)) != "trial":
            if after == "thanks":
                return False
            name = {"feedback": "#continue", "begin": "#begin", "break": "#break-over"}[after]
            self.page.locator(name).click()
            expect(self.page.locator(name)).to_be_hidden()
        return True

    def take_all(self, meanwhile: Callable[[int], None] = lambda number: None) -> None:
        """``meanwhile`` is called when a trial can be played."""
        self.arrive()
        self.take_trials(meanwhile)

    def take_trials(self, meanwhile: Callable[[int], None] = lambda number: None) -> None:
        """From the first trial to the end."""
        number = 1
        while True:
            self.page.locator("#play:enabled, .interval:enabled").first.wait_for(timeout=WAIT_MS)
            meanwhile(number)
            self.take(number)
            if not self.go_on(number):
                break
            number += 1

    def require_complete(self) -> None:
        """Every trial once, as it was answered; and the code is shown."""
        rows = self.site.answers(self.session)
        assert [row["number"] for row in rows] == list(range(1, N_TRIALS + 1))
        assert {row["number"]: row["response"] for row in rows} == self.given
        [(state, code)] = self.site.query(
            "SELECT s.state, t.completion_code FROM sessions s JOIN studies t ON"
            " t.id = s.study_id WHERE s.id = ?",
            self.session,
        )
        assert state == "finished"
        expect(self.page.locator("#completion-code")).to_have_text(code)
        refused = self.site.query(
            "SELECT detail FROM events WHERE session_id = ? AND kind = 'answer-refused'",
            self.session,
        )
        assert refused == []


@pytest.mark.parametrize(("slug", "seed"), [("abx", 1), ("pairs", 2)])
def test_a_bad_line_costs_time_and_nothing_else(
    page: Page, site: Site, proxy: FaultProxy, slug: str, seed: int
) -> None:
    proxy.plan_faults(seed, SHARE)
    patient = Patient(page, site, slug)
    patient.take_all()
    patient.require_complete()
    assert set(proxy.happened) == set(FAULTS), proxy.happened


@pytest.mark.parametrize("slug", SLUGS)
def test_a_server_killed_between_trials_is_not_missed(
    page: Page, site: Site, server: Server, slug: str
) -> None:
    """Each trial is heard while the server is dead, and answered to one that is just starting."""
    patient = Patient(page, site, slug)
    starting: list[Thread] = []

    def meanwhile(number: int) -> None:
        if number % 3 == 0:
            server.kill()
            starting.append(Thread(target=server.start))
            starting[-1].start()

    patient.take_all(meanwhile)
    for thread in starting:
        thread.join()
    patient.require_complete()
    assert len(starting) == N_TRIALS // 3


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_server_killed_in_the_middle_of_an_answer_has_it_once(
    page: Page, site: Site, server: Server, proxy: FaultProxy, moment: str
) -> None:
    """Killed with the answer on its way in, or stored and its receipt on the way out."""
    killed: list[int] = []

    def kill(request: Request) -> None:
        if request.is_answer and len(killed) < 3:
            killed.append(len(killed))
            server.kill()
            server.start()
            if moment == "after":
                raise ConnectionError("the receipt is lost")

    setattr(proxy, moment, kill)
    patient = Patient(page, site, "pairs")
    patient.take_all()
    patient.require_complete()
    assert len(killed) == 3


def test_a_page_closed_while_the_server_is_dead_sends_its_answer_when_it_comes_back(
    page: Page, site: Site, server: Server
) -> None:
    patient = Patient(page, site, "pairs")
    patient.arrive()
    assert patient.person.trial_number() == 1
    patient.person.listen_by_mouse()
    server.kill()
    patient.person.answer_by_mouse("2")
    expect(page.get_by_text("No connection")).to_be_visible()
    other = page.context.new_page()
    page.close()
    server.start()
    other.goto(patient.person.link)
    expect(other.get_by_text("You have answered 1 of")).to_be_visible()
    other.locator("#resume").click()
    expect(other.locator("#step-instructions")).to_be_visible()
    assert [row["response"] for row in site.answers(patient.session)][:1] == ["2"]

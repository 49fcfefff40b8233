"""A server that is restored from a backup in the middle of a study, under the open page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from jndlab.backups.making import make_backup
from jndlab.backups.restoring import restore_backup
from jndlab.store.engine import open_store
from jndlab.store.links import make_link
from jndlab.store.models import StudyRow
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Trial
from tests.browser.conftest import Site, make_study
from tests.browser.test_faults import N_TRIALS, WAIT_MS, Patient
from tests.servers import Server

pytestmark = pytest.mark.browser


class Forgotten(Patient):
    """One whose trials the server may have forgotten: what is right is in the plan."""

    def truth(self, number: int) -> str:
        [(plan,)] = self.site.query("SELECT plan FROM sessions WHERE id = ?", self.session)
        trial = SessionPlan.from_json(plan).trials[number - 1]
        assert isinstance(trial, Trial)
        return trial.correct_response


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("restored")
    with Server(folder / "data", [make_study(folder / "a", "abx", "abx")]) as server:
        yield server


@pytest.fixture
def site(server: Server) -> Site:
    return Site(settings=server.settings)


def back_up(server: Server, folder: Path) -> Path:
    return make_backup(server.settings, folder).path


def lose_and_restore(server: Server, backup: Path) -> None:
    """The disk is lost, and the backup is put back in its place."""
    server.kill()
    shutil.rmtree(server.data)
    restore_backup(backup, server.settings)
    server.studies = ()
    server.start()


def at(wanted: dict[int, Callable[[], None]]) -> Callable[[int], None]:
    return lambda number: wanted.get(number, lambda: None)()


def test_answers_that_a_restored_server_has_forgotten_are_given_back(
    page: Page, site: Site, server: Server, tmp_path: Path
) -> None:
    """Nobody notices: no trial is asked for twice, and every answer is there at the end."""
    backups: list[Path] = []
    patient = Forgotten(page, site, "abx")
    patient.take_all(
        at(
            {
                3: lambda: backups.append(back_up(server, tmp_path / "backups")),
                6: lambda: lose_and_restore(server, backups[0]),
            }
        )
    )
    patient.require_complete()
    [(detail,)] = site.query(
        "SELECT detail FROM events WHERE session_id = ? AND kind = 'answers-given-back'",
        patient.session,
    )
    assert detail in ('{"from":3,"n":3}', '{"from":3,"n":2}')
    assert {row["n_loads"] for row in site.answers(patient.session)} <= {1, 2}


def test_who_had_finished_gives_everything_back_by_opening_the_link_again(
    page: Page, site: Site, server: Server, tmp_path: Path
) -> None:
    backups: list[Path] = []
    patient = Forgotten(page, site, "abx")
    patient.take_all(at({2: lambda: backups.append(back_up(server, tmp_path / "backups"))}))
    lose_and_restore(server, backups[0])
    page.reload()
    page.locator("#resume").click(timeout=WAIT_MS)
    expect(page.locator("#completion-code")).to_be_visible(timeout=WAIT_MS)
    patient.require_complete()
    assert len(patient.given) == N_TRIALS


def test_a_session_that_a_restored_server_does_not_know_begins_anew(
    page: Page, site: Site, server: Server, tmp_path: Path
) -> None:
    """Its plan is another one: nothing of the lost session gets into it."""
    backup = back_up(server, tmp_path / "backups")
    lost = Forgotten(page, site, "abx")
    lost.arrive()
    for number in (1, 2, 3):
        lost.take(number)
        lost.go_on(number)
    page.wait_for_load_state("networkidle")  # the sounds of the next two trials are there
    lose_and_restore(server, backup)
    retry = page.locator("#retry")
    for number in (4, 5):  # so far a page goes on with answers that nobody has confirmed
        shown = f'#trial-count[data-number="{number}"]:visible, #retry:visible'
        page.locator(shown).first.wait_for(timeout=WAIT_MS)
        if retry.is_visible():
            break
        page.locator(".interval:enabled").first.wait_for(timeout=WAIT_MS)
        lost.person.listen_by_keys()
        lost.person.answer_by_key("A")
    retry.click(timeout=WAIT_MS)
    expect(page.locator("#consent")).to_be_visible(timeout=WAIT_MS)
    anew = Forgotten(page, site, "abx")
    anew.agree()
    anew.take_trials()
    anew.require_complete()
    assert lost.given.keys() == {1, 2, 3}
    assert len(anew.given) == N_TRIALS


def personal_link(server: Server) -> str:
    """The address of a new one."""
    with open_store(server.settings) as store, store.write() as db:
        study = db.scalars(select(StudyRow)).one()
        link = make_link(study.id, kind="personal", label="P1", at=datetime.now(UTC))
        db.add(link)
        return f"{server.settings.url}/s/{link.token}"


def test_answers_of_a_lost_session_are_not_given_back_to_the_next_one_of_the_same_link(
    page: Page, browser: Browser, site: Site, server: Server, tmp_path: Path
) -> None:
    """A personal link is its own token: opened anew elsewhere, it is that of another session."""
    link = personal_link(server)
    backup = back_up(server, tmp_path / "backups")
    lost = Forgotten(page, site, "abx")
    lost.person.link = link
    lost.arrive()
    for number in (1, 2):
        lost.take(number)
        lost.go_on(number)
    page.goto("about:blank")  # laid aside, with its answers
    lose_and_restore(server, backup)
    with browser.new_context() as context:
        elsewhere = Forgotten(context.new_page(), site, "abx")
        elsewhere.person.link = link
        elsewhere.arrive()
        elsewhere.page.locator("#play:enabled, .interval:enabled").first.wait_for(timeout=WAIT_MS)
    page.goto(link)
    page.locator("#resume").click(timeout=WAIT_MS)
    page.locator("#begin").click(timeout=WAIT_MS)
    assert lost.person.trial_number() == 1
    assert all(row["response"] is None for row in site.answers(elsewhere.session))
    anew = Forgotten(page, site, "abx", session=elsewhere.session)
    anew.take_trials()
    rows = site.answers(anew.session)
    assert {row["number"]: row["response"] for row in rows} == anew.given
    assert len(anew.given) == N_TRIALS
    kinds = site.query("SELECT kind FROM events WHERE session_id = ?", anew.session)
    assert ("answers-given-back",) not in kinds

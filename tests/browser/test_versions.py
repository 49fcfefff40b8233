"""A study is changed while somebody takes it: the page goes on with the version that was begun."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jndlab.store.engine import open_store
from jndlab.studies import launch_study
from jndlab.study.definition import Design
from tests.browser.conftest import DESIGN, Site, make_study
from tests.browser.pages import ParticipantPage
from tests.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of its own: the studies that others share stay as they are."""
    folder = tmp_path_factory.mktemp("versions")
    study = make_study(folder / "first", "changed", "abx", design=DESIGN)
    with Server(folder / "data", [study]) as server:
        yield Site(settings=server.settings)


def change(site: Site, folder: Path) -> None:
    """Launch a second version of a study, a two-interval one where it was ABX."""
    study = make_study(folder, "changed", "two-interval", design=Design(trials_per_level=2))
    with open_store(site.settings) as store:
        launch_study(store, site.settings, study, note="Another task.")


def test_who_has_begun_goes_on_with_the_version_that_was_begun(
    page: Page, site: Site, tmp_path: Path
) -> None:
    participant = ParticipantPage(page, site.link("changed"))
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    session = site.newest_session()
    participant.pass_sound_check(site.beeps(session))
    participant.begin()
    participant.listen_by_mouse()
    change(site, tmp_path / "second")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    assert page.url.endswith("?version=1")
    participant.begin()
    assert participant.trial_number() == 1
    expect(page.get_by_role("button", name="X", exact=True)).to_be_visible()  # it is ABX still
    participant.listen_by_mouse()
    participant.answer_by_mouse("A")
    participant.wait_until_after(1)
    [answer] = [one for one in site.answers(session) if one["response"] is not None]
    assert answer["number"] == 1


def test_who_comes_anew_takes_the_new_version(page: Page, site: Site) -> None:
    participant = ParticipantPage(page, site.link("changed"))
    participant.link += "?version=1"  # copied from somebody's address bar
    participant.open()
    participant.agree()
    expect(page.locator("#check-play")).to_be_enabled()
    assert "version" not in page.url
    session = site.newest_session()
    [(number,)] = site.query(
        "SELECT v.number FROM sessions s JOIN study_versions v ON v.id = s.version_id"
        " WHERE s.id = ?",
        session,
    )
    assert number == 2

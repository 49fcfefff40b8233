"""Every page of the experimenter's side, found by its route: it opens, and axe finds nothing.

The pages' own tests look at their states; here no page can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from jndlab.settings import Settings
from jndlab.store.deeds import note_deed
from jndlab.store.engine import Store, open_store
from jndlab.store.users import set_password
from jndlab.studies.drafts import create_study, launch_draft, save_draft
from jndlab.studies.gate import examine_study
from jndlab.web.app import create_app
from tests.browser.accessibility import findings
from tests.browser.conftest import PASSWORD, USER, Site
from tests.builders import make_study_text, write_stimuli
from tests.live_filling import fill_study
from tests.servers import Server

pytestmark = pytest.mark.browser

ELSEWHERE = {
    "experimenter.invitation",  # want a secret of their own, or lead away from here:
    "experimenter.accept_elsewhere",  # their own tests open them
    "experimenter.elsewhere",
    "experimenter.back_from_elsewhere",
    "experimenter.code_form",
    "experimenter.csv_columns",
    "experimenter.csv_report",
    "experimenter.curve_then",
    "experimenter.import_preview",
    "experimenter.job",
    "experimenter.job_file",
    "experimenter.report_file",
    "experimenter.report_page",
    "experimenter.sound_file",
    "experimenter.sounds_table",  # a part of the page of sounds
    "experimenter.upload",
}
PLACES = {"slug": "tiny", "condition": "bits", "level": "2", "item": "one", "user_id": "1"}
NARROW, MIDDLE, WIDE = (390, "dark"), (768, "light"), (1280, "light")


def make_site(store: Store, settings: Settings) -> None:
    """A study with sounds, a look at its pairs, a version and sessions."""
    set_password(store, USER, PASSWORD)
    study = create_study(store, slug="tiny", title="Tiny", by=1)
    sounds = write_stimuli(settings.study_folder(study) / "sounds")
    assert sounds.is_dir()
    text = make_study_text().replace('"baseline"', '"sounds/baseline"', 1)
    text = text.replace('folder: "bits"', 'folder: "sounds/bits"')
    save_draft(store, settings, study, text, based_on=0, by=1)
    examine_study(settings, study)
    launch_draft(store, settings, study, target="running", by=1)
    fill_study(store, study, n_sessions=5, now=datetime.now(UTC))
    with store.write() as db:
        note_deed(db, "person-exported", study_id=study, user_id=1, session="participant-1")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = Settings(data=tmp_path_factory.mktemp("every") / "data")
    with open_store(settings) as store:
        make_site(store, settings)
    with Server(settings.data) as server:
        yield Site(settings=server.settings)


def addresses(app: Flask) -> dict[str, str]:
    """Endpoint -> address of every view of the experimenter's side that is got."""
    found = {}
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("experimenter.") or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint in ELSEWHERE or not rule.arguments <= set(PLACES):
            continue
        address = rule.rule
        for name in rule.arguments:
            before, _, after = address.partition(f"{name}>")
            address = before[: before.rindex("<")] + PLACES[name] + after
        found[rule.endpoint] = address
    return found


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.settings.url}/sign-in")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/studies")


def test_every_page_opens_and_can_be_used_by_everybody(
    page: Page, site: Site, tmp_path: Path
) -> None:
    with open_store(Settings(data=tmp_path)) as store:
        known = addresses(create_app(Settings(data=tmp_path), store))
    assert len(known) > 20
    sign_in(page, site)
    wrong: dict[str, object] = {}
    pages = 0
    for endpoint, address in sorted(known.items()):
        kind = page.request.head(site.settings.url + address).headers["content-type"]
        if not kind.startswith("text/html"):
            continue
        answer = page.goto(site.settings.url + address)
        assert answer is not None
        pages += 1
        if answer.status != 200:
            wrong[endpoint] = answer.status
            continue
        for width, scheme in (NARROW, MIDDLE, WIDE):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            too_wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            found = [*findings(page), *(["scrolls sideways"] if too_wide > 0 else [])]
            if found:
                wrong[f"{endpoint} at {width} px, {scheme}"] = found
    assert pages > 15
    assert wrong == {}


@pytest.mark.parametrize(
    ("address", "label", "text"),
    [("", "Participants take it since", "UTC"), ("/privacy", "More", "session participant-1")],
)
def test_on_a_phone_the_rows_of_a_table_are_seen_whole(
    page: Page, site: Site, address: str, label: str, text: str
) -> None:
    sign_in(page, site)
    page.set_viewport_size({"width": NARROW[0], "height": 800})
    page.goto(f"{site.settings.url}/studies/tiny{address}")
    cell = page.locator(f'table.rows td[data-label="{label}"]').last
    expect(cell).to_contain_text(text)
    cut = page.eval_on_selector_all(
        ".scroll", "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth).length"
    )
    assert cut == 0

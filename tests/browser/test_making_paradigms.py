"""Studies of other trial types and procedures, made in a real browser: form, launch, first trial.

With JNDLAB_PICTURES=FOLDER pictures of the design page are taken, in two widths.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jndlab.store.engine import open_store
from jndlab.store.studies import definition_of, newest_version, require_study
from jndlab.study.plan import plan_session
from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import Site
from tests.browser.test_making import desk as desk
from tests.browser.test_making import drag, expect_outcome, make_study
from tests.builders import write_stimuli

pytestmark = pytest.mark.browser

WAIT_MS = 60_000
LEVELS = (7, 6, 5, 4, 3, 2, 1, 0)


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    return write_stimuli(tmp_path / "recordings", condition="seofp", levels=LEVELS)


def to_the_design(page: Page, folders: Path, title: str) -> str:
    """A new study with its sounds, at the page of its design; its short name."""
    slug = make_study(page, title)
    drag(page, folders / "baseline", folders / "seofp")
    expect_outcome(page, "The sounds are here")
    page.get_by_role("link", name="Next: the design").click()
    return slug


def picture(page: Page, name: str) -> None:
    if not os.environ.get("JNDLAB_PICTURES"):
        return
    folder = Path(os.environ["JNDLAB_PICTURES"])
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the design").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def open_preview(page: Page) -> Page:
    """The participants' page of what is saved."""
    page.get_by_role("button", name="Preview", exact=True).click()
    opens = page.get_by_role("button", name="Open the preview")
    expect(opens).to_be_visible(timeout=WAIT_MS)
    with page.context.expect_page() as opened:
        opens.click()
    preview = opened.value
    preview.wait_for_load_state()
    return preview


def test_a_staircase_is_made_in_the_form_and_its_plan_has_tracks(
    desk: Page, folders: Path, site: Site
) -> None:
    slug = to_the_design(desk, folders, "A staircase")
    expect(desk.get_by_label("Trials per level")).to_be_visible()
    expect(desk.get_by_label("Right answers until it gets harder")).to_be_hidden()
    desk.get_by_label("Paradigm").select_option("3afc")
    expect(desk.locator("#paradigm-help")).to_contain_text("Chance level 1/3. Orders: 3.")
    desk.get_by_label("Procedure", exact=True).select_option("staircase")
    expect(desk.get_by_label("Trials per level")).to_be_hidden()
    desk.get_by_label("Right answers until it gets harder").fill("3")
    desk.get_by_label("Starting levels").fill("0, 5")
    desk.get_by_label("A track stops after reversals").fill("6")
    desk.get_by_label("A track stops after trials").fill("30")
    expect(desk.locator("#certainty")).to_contain_text("fraction bits", timeout=WAIT_MS)
    assert findings_everywhere(desk) == []
    picture(desk, "staircase-form")
    save(desk)
    expect(desk.get_by_label("Starting levels")).to_have_value("0, 5")
    preview = open_preview(desk)
    picture(preview, "staircase-preview")
    preview.close()
    with open_store(site.settings) as store, store.read() as db:
        definition = definition_of(newest_version(db, require_study(db, slug).id))
    plan = plan_session(definition, participant=1, seed=definition.seed)
    [part] = plan.adaptive
    assert [(track.name, track.start) for track in part.tracks] == [
        ("seofp from 0", 0.0),
        ("seofp from 5", 5.0),
    ]
    assert (part.settings.n_down, part.n_trials) == (3, 60)


def test_a_rule_that_nothing_can_meet_is_told_at_its_field(desk: Page, folders: Path) -> None:
    to_the_design(desk, folders, "A staircase without an end")
    desk.get_by_label("Procedure", exact=True).select_option("staircase")
    desk.get_by_label("Starting levels").fill("9")
    desk.get_by_role("button", name="Save the design").click()
    field = desk.locator(".field", has=desk.get_by_label("Starting levels"))
    expect(field.locator(".problem")).to_contain_text("9")
    picture(desk, "problem-at-field")


def test_oddity_and_mushra_show_only_what_means_something_for_them(
    desk: Page, folders: Path, site: Site
) -> None:
    slug = to_the_design(desk, folders, "From oddity to MUSHRA")
    desk.get_by_label("Paradigm").select_option("oddity")
    desk.get_by_label("Trials per level").fill("6")
    save(desk)
    expect(desk.locator("#paradigm-help")).to_contain_text("Chance level 1/3.")
    picture(desk, "oddity-form")
    desk.get_by_label("Paradigm").select_option("mushra")
    for label in ("Procedure", "Gross differences (catch trials)", "Feedback"):
        expect(desk.get_by_label(label, exact=True)).to_be_hidden()
    desk.get_by_label("Anchors (cut-off in Hz)").fill("3500, 7000")
    desk.get_by_label("Trials per level").fill("3")
    expect(desk.locator("#certainty")).to_contain_text("A mean difference", timeout=WAIT_MS)
    picture(desk, "mushra-form")
    save(desk)
    expect(desk.get_by_label("Anchors (cut-off in Hz)")).to_have_value("3500, 7000")
    preview = open_preview(desk)
    picture(preview, "mushra-preview")
    preview.close()
    with open_store(site.settings) as store, store.read() as db:
        definition = definition_of(newest_version(db, require_study(db, slug).id))
    assert (definition.paradigm, definition.stimuli.anchors_hz) == ("mushra", (3500.0, 7000.0))
    trial = plan_session(definition, participant=1, seed=definition.seed).trials[0]
    assert len(trial.intervals) == 1 + 1 + 2 + len(LEVELS)  # R, hidden, anchors, levels
    desk.goto(f"{site.settings.url}/studies/{slug}")
    picture(desk, "mushra-overview")

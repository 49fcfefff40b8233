"""A study made in a real browser: folders dragged in, table, form, study file, preview."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import PASSWORD, USER, Site
from tests.builders import write_stimuli, write_wav

pytestmark = pytest.mark.browser

WAIT_MS = 120_000
"""Sounds are rendered meanwhile, by a process at low priority."""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Two folders of sounds, with something else beside them."""
    folder = write_stimuli(tmp_path / "recordings", condition="seofp")
    (folder / "notes.txt").write_text("not a sound")
    return folder


@pytest.fixture
def desk(page: Page, site: Site) -> Page:
    """An experimenter's browser, signed in, of the width of a desk."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site.settings.url}/")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies", exact=True)).to_be_visible()
    return page


def make_study(page: Page, title: str) -> str:
    """A new study through the pages; its short name."""
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill(title)
    expect(page.get_by_label("Short name")).not_to_have_value("")  # a script fills it in
    slug = page.get_by_label("Short name").input_value()
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_role("heading", name="Drop your folders here")).to_be_visible()
    expect(page.locator("#drop[data-ready]")).to_be_attached()
    return slug


def drag(page: Page, *paths: Path) -> None:
    """Drag folders or files from the desktop on to the page, and drop them there."""
    page.locator("#drop").scroll_into_view_if_needed()
    box = page.locator("#drop").bounding_box()
    assert box is not None
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


def expect_outcome(page: Page, title: str) -> None:
    expect(page.locator("#outcome-title")).to_have_text(title, timeout=WAIT_MS)


def test_a_title_typed_before_the_script_has_come_gives_the_short_name(desk: Page) -> None:
    held: list[Route] = []
    desk.route("**/new_study.js*", lambda route: held.append(route))
    with desk.expect_request("**/new_study.js*"):
        desk.get_by_role("link", name="New study").click()
    desk.get_by_label("Title").fill("On a slow line")
    assert desk.get_by_label("Short name").input_value() == ""
    [script] = held
    script.continue_()
    expect(desk.get_by_label("Short name")).to_have_value("on-a-slow-line")


def test_two_dragged_folders_become_a_study(desk: Page, folders: Path, site: Site) -> None:
    slug = make_study(desk, "Dragged folders")
    drag(desk, folders / "baseline", folders / "seofp")
    expect_outcome(desk, "The sounds are here")
    expect(desk.locator("#outcome-body")).to_contain_text("12 files were sent.")
    expect(desk.locator("#outcome-body")).to_contain_text("compression falls with the level")
    expect(desk.locator("#table-state")).to_contain_text("Nothing is missing")
    assert desk.locator(".fill .cell").count() == 12
    drag(desk, folders)
    expect(desk.locator("#outcome-body")).to_contain_text("12 were here already", timeout=WAIT_MS)
    expect(desk.locator("#outcome-body")).to_contain_text("notes.txt no WAV or FLAC file")
    desk.get_by_role("link", name="Next: the design").click()
    desk.get_by_label("Trials per level").fill("12")
    expect(desk.locator("#n-trials")).to_have_text(str(3 * 12 + 12), timeout=WAIT_MS)
    expect(desk.locator("#certainty")).to_contain_text("fraction bits", timeout=WAIT_MS)
    desk.get_by_role("button", name="Save the design").click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    desk.get_by_role("button", name="Preview", exact=True).click()
    opens = desk.get_by_role("button", name="Open the preview")
    expect(opens).to_be_visible(timeout=WAIT_MS)
    with desk.context.expect_page() as opened:
        opens.click()
    expect(opened.value.get_by_role("button", name="I agree")).to_be_visible()
    [(n_sessions,)] = site.query(
        "SELECT count(*) FROM sessions s JOIN studies t ON t.id = s.study_id"
        " WHERE t.slug = ? AND s.kind != 'preview'",
        slug,
    )
    assert n_sessions == 0


def test_a_chosen_folder_and_a_zip_do_the_same(desk: Page, folders: Path, tmp_path: Path) -> None:
    make_study(desk, "Chosen folder")
    desk.locator("#folder-input").set_input_files(folders)
    expect_outcome(desk, "The sounds are here")
    archive = tmp_path / "sounds.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in sorted(folders.rglob("*.wav")):
            out.write(file, file.relative_to(folders).as_posix())
    desk.goto(desk.url.split("/studies")[0] + "/studies")
    make_study(desk, "A zip")
    desk.locator("#files-input").set_input_files(archive)
    expect_outcome(desk, "The sounds are here")
    expect(desk.locator("#outcome-body")).to_contain_text("12 sounds came out of sounds.zip")
    expect(desk.locator("#table-state")).to_contain_text("Nothing is missing")


def test_a_dangerous_zip_is_refused_with_its_entries(desk: Page, tmp_path: Path) -> None:
    make_study(desk, "Dangerous zip")
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("../../escape.wav", b"x")
        out.writestr("baseline/fine.wav", b"x")
    drag(desk, archive)
    expect_outcome(desk, "The archive was refused")
    expect(desk.locator("#outcome-body")).to_contain_text("escape.wav” leads out of its folder")
    expect(desk.get_by_role("heading", name="No sounds yet")).to_be_visible()


def test_folders_of_equal_standing_are_asked_about(desk: Page, tmp_path: Path) -> None:
    make_study(desk, "Equal standing")
    for number, name in enumerate(("left", "right")):
        write_wav(tmp_path / name / "a.wav", 0.1 * np.random.default_rng(number).random((4000, 1)))
    drag(desk, tmp_path / "left", tmp_path / "right")
    desk.get_by_role("button", name="right", exact=True).click()
    expect_outcome(desk, "The sounds are here")
    expect(desk.locator("#outcome-body")).to_contain_text("left has no levels")
    expect(desk.locator(".fill thead")).to_contain_text("left")


def test_one_bad_file_is_named_and_the_others_arrive(desk: Page, folders: Path) -> None:
    make_study(desk, "One bad file")
    (folders / "seofp" / "1" / "two.wav").write_bytes(b"This is no sound." * 99)
    drag(desk, folders)
    expect_outcome(desk, "Not all of it was taken")
    expect(desk.locator("#outcome-body")).to_contain_text("two.wav is no WAV file")
    expect(desk.locator("#table-state")).to_contain_text("1 file is missing")


def test_a_lost_connection_is_waited_for_and_a_reload_goes_on(
    desk: Page, tmp_path: Path, site: Site
) -> None:
    slug = make_study(desk, "Lost connection")
    long = 0.1 * np.random.default_rng(1).standard_normal((16_000 * 40, 2))
    folder = tmp_path / "one"
    write_wav(folder / "baseline" / "a.wav", long)
    write_wav(folder / "c" / "1" / "a.wav", long + 1e-3)
    parts: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
        elif len(parts) >= 2:
            route.abort("connectionreset")
        else:
            parts.append(1)
            route.continue_()

    desk.route("**/uploads/*", cut)
    drag(desk, folder)
    expect(desk.locator("#sending-words")).to_contain_text("cannot be reached", timeout=WAIT_MS)
    desk.unroute("**/uploads/*")
    desk.once("dialog", lambda dialog: dialog.accept())
    begun = site.query("SELECT name, n_bytes FROM uploads WHERE completed_at IS NULL")
    assert begun
    desk.reload()
    sent: list[str] = []
    desk.on(
        "request",
        lambda request: (
            sent.append(request.headers["upload-offset"]) if request.method == "PATCH" else None
        ),
    )
    drag(desk, folder)
    expect_outcome(desk, "The sounds are here")
    assert any(int(offset) > 0 for offset in sent[:2]), sent
    assert site.query("SELECT count(*) FROM uploads WHERE completed_at IS NULL") == [(0,)]
    desk.goto(f"{site.settings.url}/studies/{slug}/sounds")
    expect(desk.locator("#table-state")).to_contain_text("Nothing is missing")


def test_any_pair_is_heard_switched_and_deleted_with_undo(desk: Page, folders: Path) -> None:
    make_study(desk, "Listening")
    drag(desk, folders)
    expect_outcome(desk, "The sounds are here")
    desk.get_by_role("button", name="Listen to one, seofp 2").click()
    voices = desk.locator(".listen [data-voice]")
    expect(voices.nth(1)).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("1")
    expect(voices.nth(0)).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("Escape")
    expect(voices.nth(0)).to_have_attribute("aria-pressed", "false")
    desk.get_by_role("button", name="Delete this file").click()
    expect(desk.locator("#table-state")).to_contain_text("1 file is missing")
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator("#table-state")).to_contain_text("Nothing is missing")
    desk.get_by_label("Name", exact=True).fill("fewer bits")
    desk.get_by_label("Unit of the levels").fill("bits")
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator(".fill thead")).to_contain_text("fewer bits")


def test_the_study_file_is_edited_with_its_errors_at_the_line(desk: Page, folders: Path) -> None:
    slug = make_study(desk, "The file")
    drag(desk, folders)
    expect_outcome(desk, "The sounds are here")
    desk.goto(re.sub(r"/studies/.*", f"/studies/{slug}/file", desk.url))
    text = desk.get_by_label("study.yaml")
    before = text.input_value()
    text.fill(before.replace("trials_per_block: 20", "trials_per_block: soon"))
    text.press("Control+s")
    alert = desk.get_by_role("alert")
    expect(alert).to_contain_text("design.trials_per_block must be a whole number")
    line = before[: before.index("trials_per_block")].count("\n") + 1
    expect(desk.locator(".numbers .bad")).to_have_text(str(line))
    alert.get_by_role("button", name=f"Line {line}").click()
    assert (
        text.evaluate("node => node.value.slice(node.selectionStart, node.selectionEnd)")
        .strip()
        .startswith("trials_per_block: soon")
    )
    text.press("Tab")
    expect(text).not_to_be_focused()
    text.fill(before.replace("trials_per_block: 20", "trials_per_block: 25"))
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("Saved.")).to_be_visible()
    desk.get_by_text("History").click()
    desk.get_by_role("link", name="Compare or restore number 1").click()
    expect(desk.locator(".difference")).to_contain_text("+   trials_per_block: 25")
    desk.get_by_role("button", name="Restore number 1").click()
    expect(desk.get_by_label("study.yaml")).to_have_value(before)


def test_a_study_is_exported_and_imported(desk: Page, folders: Path, tmp_path: Path) -> None:
    slug = make_study(desk, "Travels")
    drag(desk, folders)
    expect_outcome(desk, "The sounds are here")
    root = desk.url.split("/studies")[0]
    desk.goto(f"{root}/studies/{slug}/copies")
    desk.get_by_role("button", name="Make the archive").click()
    with desk.expect_download(timeout=WAIT_MS) as download:
        desk.get_by_role("link", name="Download").click(timeout=WAIT_MS)
    archive = tmp_path / download.value.suggested_filename
    download.value.save_as(archive)
    desk.goto(f"{root}/studies/import")
    desk.locator("#files-input").set_input_files(archive)
    expect(desk.locator("#table-state")).to_contain_text("Nothing is missing", timeout=WAIT_MS)
    expect(desk.get_by_role("heading", name="Travels")).to_be_visible()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(archive.read_bytes()[:-100])
    desk.goto(f"{root}/studies/import")
    desk.locator("#files-input").set_input_files(broken)
    expect_outcome(desk, "The archive was refused")
    desk.goto(f"{root}/studies")
    expect(desk.get_by_role("link", name="broken")).to_have_count(0)


def test_every_page_of_the_making_is_accessible(desk: Page, folders: Path) -> None:
    desk.get_by_role("link", name="New study").click()
    assert findings_everywhere(desk) == []
    desk.go_back()
    slug = make_study(desk, "Accessible")
    assert findings_everywhere(desk) == []
    drag(desk, folders)
    expect_outcome(desk, "The sounds are here")
    desk.get_by_role("button", name="Listen to one, seofp 2").click()
    expect(desk.locator("#listen-words")).to_contain_text("seofp 2")
    assert findings_everywhere(desk) == []
    root = desk.url.split("/studies")[0]
    for address in (f"{slug}/design", f"{slug}/file", f"{slug}/copies", "import"):
        desk.goto(f"{root}/studies/{address}")
        desk.evaluate(
            "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
        )
        assert findings_everywhere(desk) == [], address

"""Another tool's study and somebody's table of answers, brought in with a real browser."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jndlab.analysis.study.example import example_rows
from jndlab.settings import Settings
from jndlab.store.engine import open_store
from jndlab.store.users import set_password
from tests.browser.accessibility import findings_everywhere
from tests.browser.conftest import PASSWORD, USER
from tests.importing import sources
from tests.servers import Server

pytestmark = pytest.mark.browser

PATIENT_MS = 60_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without studies."""
    data = tmp_path_factory.mktemp("import") / "data"
    with open_store(Settings(data=data)) as store:
        set_password(store, USER, PASSWORD)
    with Server(data, []) as server:
        yield server.settings.url


@pytest.fixture
def signed_in(browser: Browser, url: str) -> Iterator[Page]:
    """A page of somebody who has signed in; it fails on a script error or a foreign request."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((url, "data:", "blob:"))
            else errors.append(f"request to {request.url}")
        ),
    )
    page.goto(f"{url}/sign-in")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A webMUSHRA folder as it lies on somebody's web server, zipped."""
    sources.webmushra(tmp_path / "experiment")
    path = tmp_path / "codec.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted((tmp_path / "experiment").rglob("*")):
            packed.write(file, file.relative_to(tmp_path).as_posix())
    return path


def test_a_study_of_another_tool_becomes_a_draft(signed_in: Page, url: str, archive: Path) -> None:
    page = signed_in
    page.goto(f"{url}/studies")
    page.get_by_role("link", name="Import from another tool").click()
    assert findings_everywhere(page) == []
    page.get_by_label("Zip archive").set_input_files(archive)
    page.get_by_role("button", name="Send and look into it").click()
    take = page.get_by_role("button", name="Make the study of it")
    expect(take).to_be_visible(timeout=PATIENT_MS)
    expect(page.get_by_role("status")).to_contain_text("Codec study")
    left = page.get_by_role("region", name="Not carried over")
    expect(left.get_by_role("row", name="I don't know")).to_be_visible()
    assert findings_everywhere(page) == []
    page.get_by_text("What the files do not say").click()
    page.get_by_label("Unit of the levels").fill("kbps")
    page.get_by_label("Take the sounds of rating tests").check()
    assert findings_everywhere(page) == []
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("status")).to_contain_text("64 kbps", timeout=PATIENT_MS)
    take.click()
    expect(page.get_by_text("This study is made")).to_be_visible(timeout=PATIENT_MS)
    expect(page.get_by_role("heading", name="Codec study")).to_be_visible()
    assert findings_everywhere(page) == []


def test_an_archive_that_is_none_is_refused_in_words(
    signed_in: Page, url: str, tmp_path: Path
) -> None:
    page = signed_in
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no archive at all")
    page.goto(f"{url}/import")
    page.get_by_label("Zip archive").set_input_files(broken)
    page.get_by_role("button", name="Send and look into it").click()
    expect(page.get_by_role("alert")).to_contain_text("no zip archive", timeout=PATIENT_MS)
    expect(page.get_by_role("button", name="Make the study of it")).to_have_count(0)
    assert findings_everywhere(page) == []


def test_a_table_of_answers_becomes_a_report(signed_in: Page, url: str, tmp_path: Path) -> None:
    page = signed_in
    rows = [r for r in example_rows() if (r["phase"], r["trial_kind"]) == ("main", "test")]
    lines = [f"S{r['participant']},{r['item']},{r['level']},{int(r['correct'])}" for r in rows]
    table = tmp_path / "old.csv"
    table.write_text("\n".join(["who,utt,bits,hit", *lines]), encoding="utf-8")
    page.goto(f"{url}/import")
    page.get_by_role("link", name="Analyse trials from a CSV file").click()
    assert findings_everywhere(page) == []
    page.get_by_label("Table with a row per trial").set_input_files(table)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_label("Level", exact=True)).to_have_value("bits")
    expect(page.get_by_label("Listener")).to_have_value("-")
    assert findings_everywhere(page) == []
    page.get_by_label("Listener").select_option("who")
    page.get_by_label("Trials").select_option("abx")
    page.get_by_label("As the level's number grows").select_option("falls")
    page.get_by_role("button", name="Make the report").click()
    expect(page.get_by_text("The just-noticeable difference is").first).to_be_visible(
        timeout=PATIENT_MS
    )
    report = page.frame_locator("iframe")
    expect(report.get_by_text("This test was not run by jndlab.").first).to_be_visible()
    assert findings_everywhere(page) == []

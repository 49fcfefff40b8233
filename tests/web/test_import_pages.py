"""Importing in the browser: an archive is looked into, nothing is made before it is asked for."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jndlab.store.models import StudyRow
from jndlab.store.studies import require_study
from jndlab.studies.drafts import current_draft
from jndlab.study.study_file import parse_study
from tests.importing import sources
from tests.store.launching import Launched
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs

Csrf = Callable[[str], str]
KNOWN = {"take_ratings": "yes", "unit": "kbps"}


def zipped(folder: Path, **more: str) -> bytes:
    """The files of a folder as an archive, in a folder of their own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"experiment/{path.relative_to(folder).as_posix()}")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


class Importing:
    """Somebody at a browser who imports."""

    def __init__(self, client: FlaskClient, launched: Launched, csrf: Csrf) -> None:
        self.client, self.launched = client, launched
        page = client.get("/import").text
        self.token = page.split('name="csrf-token" content="')[1].split('"')[0]
        self.headers = {"X-CSRFToken": self.token}
        self.slug = ""
        self.name = ""

    def send(self, archive: bytes, title: str = "Codec") -> None:
        begun = self.client.post("/import", json={"title": title}, headers=self.headers)
        assert begun.status_code == 200, begun.text
        told = begun.get_json()
        self.slug = told["slug"]
        announced = {"path": "archive.zip", "n_bytes": len(archive)}
        state = self.client.post(told["uploads"], json=announced, headers=self.headers).get_json()
        self.name = state["name"]
        sent = self.client.patch(
            f"{told['uploads']}/{self.name}",
            data=archive,
            headers={**self.headers, "Upload-Offset": "0"},
        )
        assert sent.get_json()["is_complete"], sent.text

    def ask(self, what: str, **form: str) -> str:
        """Look into it or take it; the page that follows once that is done."""
        answer = self.client.post(
            f"/studies/{self.slug}/import/{what}",
            data={"csrf_token": self.token, "name": self.name, **form},
        )
        if answer.status_code != 302:
            return answer.text
        assert run_jobs(self.launched) == [f"import-{what}"]
        return self.client.get(answer.headers["Location"]).text

    def draft(self) -> str | None:
        with self.launched.store.read() as db:
            draft = current_draft(db, require_study(db, self.slug).id)
            return None if draft is None else draft.text

    @property
    def folder(self) -> Path:
        with self.launched.store.read() as db:
            study = require_study(db, self.slug)
        return self.launched.settings.study_folder(study.id)


@pytest.fixture
def importing(
    signed_in: FlaskClient, launched: Launched, csrf: Csrf, monkeypatch: pytest.MonkeyPatch
) -> Importing:
    hold_jobs(monkeypatch)
    return Importing(signed_in, launched, csrf)


def test_an_archive_is_looked_into_and_becomes_a_draft(
    importing: Importing, tmp_path: Path
) -> None:
    source = tmp_path / "source"  # beside the server's own files
    source.mkdir()
    sources.webmushra(source)
    importing.send(zipped(source, experiment__index_DOT_html="<p>"))
    page = importing.ask("look")
    assert "Codec study" in page
    assert "page of type likert_single_stimulus" in page
    assert "experiment/index.html" in page
    assert "Make the study of it" in page
    assert importing.draft() is None
    again = importing.ask("look", **KNOWN)
    assert "12, 24, 64 kbps" in again
    assert "checked" in again
    made = importing.ask("take", **KNOWN)
    assert "This study is made" in made
    text = importing.draft()
    assert text is not None
    study = parse_study(text)
    assert study.stimuli.items == ("p287", "p301", "p315")
    assert study.stimuli.conditions[0].unit == "kbps"
    assert study.slug == importing.slug
    assert (importing.folder / "sounds" / "opus" / "24" / "p301.wav").is_file()
    assert [path.name for path in (importing.folder / "uploads").iterdir()] == []


def test_what_the_files_do_not_say_is_asked_in_the_words_of_the_page(
    importing: Importing, tmp_path: Path
) -> None:
    path = sources.reseval(tmp_path)
    (path.parent / "abx" / "reference").rename(path.parent / "abx" / "codec")
    importing.send(zipped(tmp_path))
    asked = importing.ask("look")
    assert "write one of these into Baseline: codec, opus_12, opus_64" in asked
    assert "--" not in asked.split('role="alert"')[1].split("</p>")[0]
    assert str(importing.folder) not in asked
    assert "Make the study of it" in importing.ask("look", baseline="codec")


def test_the_short_name_of_the_source_is_told_to_stay_behind(
    importing: Importing, tmp_path: Path
) -> None:
    sources.beaqlejs(tmp_path, sources.BEAQLEJS)
    importing.send(zipped(tmp_path))
    assert "A was taken for the baseline" in importing.ask("look")
    sources.webmushra(tmp_path / "other")
    importing.send(zipped(tmp_path / "other"))
    assert "The study has a short name of its own." in importing.ask("look")


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (b"this is no archive", "no zip archive"),
        (b"PK\x05\x06" + b"\0" * 18, "no configuration of a known format"),
    ],
)
def test_archives_that_are_none(importing: Importing, archive: bytes, message: str) -> None:
    importing.send(archive)
    page = importing.ask("look")
    assert message in page
    assert "Make the study of it" not in page


def test_an_archive_whose_entries_lead_elsewhere(importing: Importing) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/config.yaml", "pages: []")
    importing.send(out.getvalue())
    assert "leads out of its folder" in importing.ask("look")


def test_a_damaged_sound_is_named_and_nothing_is_made(importing: Importing, tmp_path: Path) -> None:
    path = sources.beaqlejs(tmp_path)
    sound = path.parent.parent / "sounds" / "p301_opus_24.wav"
    sound.write_bytes(sound.read_bytes()[:200])
    importing.send(zipped(tmp_path))
    assert "Make the study of it" in importing.ask("look")
    refused = importing.ask("take")
    assert "experiment/sounds/p301_opus_24.wav" in refused
    assert importing.draft() is None
    assert not (importing.folder / "sounds").exists()


def test_a_study_with_content_is_not_written_over(importing: Importing, tmp_path: Path) -> None:
    sources.beaqlejs(tmp_path)
    archive = zipped(tmp_path)
    importing.send(archive)
    importing.ask("take")
    before = importing.draft()
    importing.client.post(
        f"/studies/{importing.slug}/uploads",
        json={"path": "archive.zip", "n_bytes": len(archive)},
        headers=importing.headers,
    )
    assert importing.ask("take")
    assert importing.draft() == before


@pytest.mark.parametrize("levels", ["C1", "C1=opus:x", "=opus:3", "C1=opus:nan"])
def test_levels_that_cannot_be_read(importing: Importing, tmp_path: Path, levels: str) -> None:
    sources.beaqlejs(tmp_path)
    importing.send(zipped(tmp_path))
    answer = importing.client.post(
        f"/studies/{importing.slug}/import/look",
        data={"csrf_token": importing.token, "name": importing.name, "levels": levels},
    )
    assert answer.status_code == 400
    assert "is not like C1=opus:24" in answer.text


def test_an_upload_that_is_not_there(importing: Importing, tmp_path: Path) -> None:
    sources.beaqlejs(tmp_path)
    importing.send(zipped(tmp_path))
    importing.name = "nothing"
    assert "No such file was begun" in importing.ask("look")


def test_a_viewer_cannot_import_into_a_study(app: Flask, launched: Launched, csrf: Csrf) -> None:
    viewer = client_of(app, launched.store, "viewer")
    token = csrf(viewer.get("/import").text)
    assert viewer.get("/studies/heron/import").status_code == 403
    for what in ("look", "take"):
        answer = viewer.post(f"/studies/heron/import/{what}", data={"csrf_token": token})
        assert answer.status_code == 403


@pytest.mark.parametrize("body", ["", "[]", '{"title": 3}', '{"titel": "x"}'])
def test_bodies_that_are_wrong(importing: Importing, body: str) -> None:
    with importing.launched.store.read() as db:
        before = db.query(StudyRow).count()
    answer = importing.client.post(
        "/import",
        data=body,
        headers={
            **importing.headers,
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    assert answer.status_code == 400
    assert json.loads(answer.text)["error"]["remedy"]
    with importing.launched.store.read() as db:
        assert db.query(StudyRow).count() == before

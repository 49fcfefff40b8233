"""The bad input that a study's makers can send, through every door that takes it.

Whatever is refused: the message says what is wrong, nothing of it stays, and it is never a failure
of the server. ``door``: the scripts of the pages, or a program with a token.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from flask import Flask
from werkzeug.test import TestResponse

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.study_states import set_study_state
from jndlab.studies.drafts import current_draft
from jndlab.web.app import create_app
from tests.builders import listing
from tests.store.making import Making, wav_bytes
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.making import JSON, Maker
from tests.web.programs import API, program_of

HERON = "/studies/heron"
WAV = wav_bytes()
PATH = "bits/3/one.wav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in: requests with JSON, and the state of jobs."""

    ask: Callable[..., TestResponse]
    api: bool

    def sent(self, path: str, content: bytes) -> TestResponse:
        """A whole file in one part; the answer to the part."""
        told = {"path": path, "n_bytes": len(content), "replace": True}
        begun = self.ask("POST", f"{HERON}/uploads", json=told)
        assert begun.status_code in (200, 201), begun.text
        return self.part(begun.get_json()["name"], 0, data=content)

    def part(self, name: str, offset: int, **more: Any) -> TestResponse:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        return self.ask("PATCH", f"{HERON}/uploads/{name}", headers=headers, **more)

    def job(self, asked: TestResponse, making: Making) -> dict[str, Any]:
        """The job that was asked for, when it has ended."""
        assert asked.status_code == 202, asked.text
        told = asked.get_json()
        run_jobs(making)  # type: ignore[arg-type]
        at = f"/jobs/{told['id']}" if self.api else told["job"]
        return dict(self.ask("GET", at).get_json())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def app(store: Store, settings: Settings) -> Flask:
    return create_app(settings, store)


@pytest.fixture
def maker(app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch) -> Maker:
    hold_jobs(monkeypatch)
    return Maker(app, store)


@pytest.fixture
def making(maker: Maker, settings: Settings) -> Making:
    """The empty study ``heron``."""
    return Making(store=maker.store, settings=settings, study_id=maker.make(), user_id=1)


@pytest.fixture(params=["page", "API"])
def door(request: pytest.FixtureRequest, app: Flask, maker: Maker, making: Making) -> Door:
    """The study's maker, at each door in turn."""
    if request.param == "page":
        return Door(ask=maker.ask, api=False)
    program = program_of(app, maker.store, role="owner")
    return Door(ask=program.send, api=True)


def error_of(response: TestResponse, *, status: int) -> str:
    """What is wrong, in words; nobody is told where the server keeps its files."""
    assert response.status_code == status, response.text
    error = response.get_json()["error"]
    assert error["message"]
    assert error["remedy"]
    assert "/data/" not in response.text
    return str(error["message"])


def files_of(making: Making) -> list[str]:
    return [
        path.relative_to(making.folder).as_posix()
        for path in making.folder.rglob("*")
        if path.is_file()
    ]


def newest_text(making: Making) -> str | None:
    with making.store.read() as db:
        draft = current_draft(db, making.study_id)
    return None if draft is None else draft.text


# Archives


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ARCHIVES = {
    "absolute path": (zipped(("/etc/a.wav", WAV), ("c/3/ok.wav", WAV)), "absolute path"),
    "..": (zipped(("c/../../a.wav", WAV), ("c/3/ok.wav", WAV)), "out of its folder"),
    "link": (zipped((link("c/3/a.wav"), b"/etc/passwd"), ("c/3/ok.wav", WAV)), "is a link"),
    "10,000 entries": (zipped(*((f"c/3/{n}.wav", b"") for n in range(10_000))), "10,000 entries"),
    "100:1": (zipped(("c/3/a.wav", bytes(5_000_000)), ("c/3/ok.wav", WAV)), "100 times"),
    "no archive": (b"PK\x03\x04" + bytes(200), "archive"),
}


@pytest.mark.parametrize("deed", ["unpack", "take", "import"])
@pytest.mark.parametrize("which", ARCHIVES)
def test_a_dangerous_archive_is_refused_whole_whatever_is_done_with_it(
    door: Door, making: Making, which: str, deed: str
) -> None:
    content, reason = ARCHIVES[which]
    name = door.sent("archive.zip", content).get_json()["name"]
    if door.api:
        asked = door.ask(
            "POST", f"{HERON}/uploads/{name}/{deed}", json=None if deed == "take" else {}
        )
    elif deed == "unpack":
        asked = door.ask("POST", f"{HERON}/uploads/{name}/unpack", json={})
    elif deed == "take":
        asked = door.ask("POST", f"{HERON}/take", json={"name": name})
    else:
        pytest.skip("this page answers with another page: tests/web/test_import_pages.py")
    told = door.job(asked, making)
    said = told["result"]["refused"] if told["state"] == "done" else told
    assert reason in said["message"] + str(said.get("entries", ""))
    assert said["remedy"]
    assert not making.sounds.exists()
    assert newest_text(making) is None
    assert [path for path in files_of(making) if not path.endswith(".zip")] == []


# Sounds


def spoiled(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "no sound":
        return b"This is no sound at all. " * 30
    if kind == "header cut":
        return WAV[:30]
    if kind == "no data":
        return WAV[: WAV.index(b"data")]
    if kind == "sound cut":
        return WAV[:-600]
    if kind == "4 GB":
        at = WAV.index(b"data") + 4
        return WAV[:at] + b"\xff\xff\xff\xff" + WAV[at + 4 :]
    if kind == "96 channels":
        sf.write(out, np.zeros((40, 96)), 16_000, format="WAV")
    else:
        sf.write(out, np.full(400, np.nan), 16_000, format="WAV", subtype="FLOAT")
    return out.getvalue()


SOUNDS = {
    "no sound": "is no WAV file",
    "header cut": "no sound behind it",
    "no data": "no sound behind it",
    "sound cut": "cut off",
    "4 GB": "4,294,967,295 bytes",
    "96 channels": "96 channels",
    "NaN": "no numbers",
}


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_file_that_is_no_sound_is_refused_and_not_kept(
    door: Door, making: Making, kind: str
) -> None:
    refused = door.sent(PATH, spoiled(kind))
    assert SOUNDS[kind] in error_of(refused, status=422)
    assert files_of(making) == []


@pytest.mark.parametrize("kind", SOUNDS)
def test_in_an_archive_it_refuses_the_archive(door: Door, making: Making, kind: str) -> None:
    content = zipped(("r/baseline/one.wav", WAV), ("r/bits/3/one.wav", spoiled(kind)))
    name = door.sent("archive.zip", content).get_json()["name"]
    told = door.job(door.ask("POST", f"{HERON}/uploads/{name}/unpack", json={}), making)
    [[entry, reason]] = told["result"]["refused"]["entries"]
    assert entry == "r/bits/3/one.wav"
    assert SOUNDS[kind] in reason
    assert files_of(making) == []
    assert newest_text(making) is None


# An upload cut off


def test_an_upload_whose_connection_breaks_goes_on_where_it_stopped(
    door: Door, making: Making
) -> None:
    told = {"path": PATH, "n_bytes": len(WAV)}
    name = door.ask("POST", f"{HERON}/uploads", json=told).get_json()["name"]
    broken = door.part(name, 0, input_stream=io.BytesIO(WAV[:900]), content_length=len(WAV))
    assert broken.status_code == 400
    assert not making.sounds.exists()
    state = door.ask("GET", f"{HERON}/uploads/{name}").get_json()
    assert (state["offset"], state["is_complete"]) == (900, False)
    done = door.part(name, 900, data=WAV[900:]).get_json()
    assert done["is_complete"]
    assert (making.sounds / PATH).read_bytes() == WAV


# Two editors


def made(making: Making) -> str:
    """Let the study have sounds and a file; the text of it."""
    making.put()
    making.settle()
    return making.text()


def test_of_two_who_save_at_once_one_is_told_and_nothing_is_overwritten(
    app: Flask, maker: Maker, making: Making
) -> None:
    text = made(making)
    programs = [program_of(app, maker.store, role="editor", scope=s) for s in ("edit", "own")]
    texts = [text.replace("Which is which?", title) for title in ("Mine", "Theirs")]
    ready, answers = threading.Barrier(2), [0, 0]

    def save(number: int) -> None:
        body = {"text": texts[number], "based_on": 1}
        ready.wait(timeout=30)
        answers[number] = programs[number].send("PUT", f"{HERON}/file", body).status_code

    threads = [threading.Thread(target=save, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == [200, 409]
    winner = texts[answers.index(200)]
    assert newest_text(making) == winner
    assert (making.folder / "study.yaml").read_text(encoding="utf-8") == winner
    late = programs[answers.index(409)].received[-1]
    assert "saved" in error_of(late, status=409)


# A study that runs


@pytest.mark.parametrize("state", ["piloting", "running", "paused", "closed"])
def test_a_study_that_runs_is_not_deleted(
    door: Door, maker: Maker, making: Making, state: Any
) -> None:
    made(making)
    with making.store.write() as db:
        set_study_state(db, making.study_id, state, by=None, note="")
    before = listing(making.folder)
    if door.api:
        refused = door.ask("DELETE", HERON, json={"confirmed": "heron"})
    else:
        refused = maker.person.client.post(
            f"{HERON}/delete",
            data={"csrf_token": maker.token, "confirmed": "heron"},
            headers=JSON,
        )
    assert f"The study is {state}" in error_of(refused, status=409)
    assert listing(making.folder) == before
    assert maker.get(HERON).status_code == 200


# Who may not


def test_a_viewer_changes_nothing_by_an_editors_route(
    app: Flask, maker: Maker, making: Making
) -> None:
    text = made(making)
    viewer = client_of(app, maker.store, "viewer")
    page = viewer.get(HERON).text
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    before = listing(making.folder)
    for address, form in (
        ("file", {"text": text.replace("Which", "What"), "based_on": "1"}),
        ("design", {"based_on": "1"}),
        ("sounds/delete", {"target": "bits"}),
        ("launch", {"target": "running"}),
        ("state", {"state": "running"}),
        ("quota", {"quota": "1"}),
        ("links", {"kind": "multiple"}),
        ("delete", {"confirmed": "heron"}),
    ):
        answer = viewer.post(f"{HERON}/{address}", data={"csrf_token": token, **form}, headers=JSON)
        assert "role" in error_of(answer, status=403), address
    assert (listing(making.folder), newest_text(making)) == (before, text)
    assert run_jobs(making) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["view", "analyse"])
def test_a_token_without_the_scope_changes_nothing_for_its_owner(
    app: Flask, maker: Maker, making: Making, scope: str
) -> None:
    text = made(making)
    program = program_of(app, maker.store, role="owner", scope=scope)
    before = listing(making.folder)
    requests: list[tuple[str, str, dict[str, object]]] = [
        ("PUT", "/file", {"text": text, "based_on": 1}),
        ("DELETE", "/sounds", {"target": "bits"}),
        ("POST", "/launch", {"target": "running"}),
        ("POST", "/state", {"state": "closed"}),
        ("POST", "/copies", {"slug": "two", "title": "Two"}),
        ("POST", "/members", {"name": "mia", "role": "owner"}),
        ("DELETE", "", {"confirmed": "heron"}),
    ]
    for method, path, body in requests:
        answer = program.send(method, HERON + path, body)
        assert "does not allow" in error_of(answer, status=403), path
    assert (listing(making.folder), newest_text(making)) == (before, text)
    assert len(program.json("GET", "/studies")["studies"]) == 1


# A full disk


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, no file can be written to its end."""

    def fail(*_: object, **__: object) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        for place in ("os.fsync", "pathlib.Path.write_bytes", "shutil.copyfileobj", "os.link"):
            monkeypatch.setattr(place, fail)
        monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
        monkeypatch.setattr("shutil.copyfile", fail)

    return fill


def test_a_draft_that_the_disk_cannot_hold_is_not_half_saved(
    door: Door, maker: Maker, making: Making, full_disk: Callable[[], None]
) -> None:
    text = made(making)
    before = listing(making.folder)
    full_disk()
    changed = text.replace("Which is which?", "Another")
    if door.api:
        refused = door.ask("PUT", f"{HERON}/file", json={"text": changed, "based_on": 1})
    else:
        refused = maker.person.client.post(
            f"{HERON}/file",
            data={"csrf_token": maker.token, "text": changed, "based_on": "1"},
            headers=JSON,
        )
    error_of(refused, status=503)
    assert (listing(making.folder), newest_text(making)) == (before, text)


def test_a_copy_that_the_disk_cannot_hold_leaves_no_study(
    app: Flask, maker: Maker, making: Making, full_disk: Callable[[], None], settings: Settings
) -> None:
    made(making)
    program = program_of(app, maker.store, role="owner")
    before = listing(settings.data / "studies")
    full_disk()
    refused = program.send("POST", f"{HERON}/copies", {"slug": "two", "title": "Two"})
    error_of(refused, status=refused.status_code)
    assert refused.status_code in (503, 507)
    assert listing(settings.data / "studies") == before
    assert len(program.json("GET", "/studies")["studies"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/package", {}), ("/package", {"format": "sav"}), ("/archive", None), ("/exclusions", {})],
)
def test_a_job_that_the_disk_cannot_hold_says_so_and_leaves_no_file(
    app: Flask,
    maker: Maker,
    making: Making,
    settings: Settings,
    full_disk: Callable[[], None],
    path: str,
    body: dict[str, object] | None,
) -> None:
    made(making)
    owner = program_of(app, maker.store, role="owner")
    job = owner.json("POST", HERON + path, body)
    full_disk()
    run_jobs(making)  # type: ignore[arg-type]
    told = owner.json("GET", f"/jobs/{job['id']}")
    assert told["state"] == "failed"
    assert "No space left" in told["message"] or "is full" in told["message"]
    assert told["remedy"]
    assert told["files"] == []
    with maker.person.get(f"{API}/openapi.json") as answer:
        assert answer.status_code == 200


def test_an_archive_that_the_disk_cannot_hold_is_not_half_unpacked(
    door: Door, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped(("r/baseline/one.wav", WAV), ("r/bits/3/one.wav", WAV))
    name = door.sent("archive.zip", content).get_json()["name"]
    asked = door.ask("POST", f"{HERON}/uploads/{name}/unpack", json={})

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("jndlab.studies.sound_files.Path.replace", fail)
    told = door.job(asked, making)
    assert told["state"] == "failed"
    assert "is full" in told["message"]
    assert not [path for path in files_of(making) if path.startswith("sounds/")]
    assert newest_text(making) is None

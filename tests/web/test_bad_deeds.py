"""Deeds that come at the wrong time or from the wrong person, and a disk that is full.

Whoever is refused is told why, nothing is half done, and it is never a failure of the server.
"""

from __future__ import annotations

import errno
import io
import os
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from jndlab.settings import Settings
from jndlab.store.study_states import set_study_state
from tests.builders import listing
from tests.store.making import Making, wav_bytes
from tests.web.access import client_of
from tests.web.doors import (
    HERON,
    Door,
    app,
    door,
    error_of,
    files_of,
    maker,
    making,
    newest_text,
    settings,
    store,
)
from tests.web.jobs import run_jobs
from tests.web.making import JSON, Maker
from tests.web.programs import program_of

__all__ = ["app", "door", "maker", "making", "settings", "store"]  # fixtures

WAV = wav_bytes()

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


WRITING = (
    "os.fsync",
    "os.link",
    "pathlib.Path.write_bytes",
    "shutil.copyfile",
    "shutil.copyfileobj",
    "zipfile.ZipFile.writestr",
)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From its call on, no file can be written to its end."""

    def fail(*_: object, **__: object) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill(*places: str) -> None:
        for place in places or WRITING:
            monkeypatch.setattr(place, fail)

    return fill


def test_a_draft_that_the_disk_cannot_hold_is_not_half_saved(
    door: Door, maker: Maker, making: Making, full_disk: Callable[..., None]
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
    assert "disk of the server is full" in error_of(refused, status=507)
    assert (listing(making.folder), newest_text(making)) == (before, text)


def test_a_copy_that_the_disk_cannot_hold_leaves_no_study(
    app: Flask, maker: Maker, making: Making, full_disk: Callable[..., None], settings: Settings
) -> None:
    made(making)
    program = program_of(app, maker.store, role="owner")
    before = listing(settings.data / "studies")
    full_disk()
    refused = program.send("POST", f"{HERON}/copies", {"slug": "two", "title": "Two"})
    assert "disk of the server is full" in error_of(refused, status=507)
    assert listing(settings.data / "studies") == before
    assert len(program.json("GET", "/studies")["studies"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("/package", {}, WRITING),
        ("/package", {"format": "sav"}, WRITING),
        ("/package", {"format": "sav"}, ("shutil.copyfileobj",)),
        ("/archive", None, WRITING),
    ],
)
def test_a_job_that_the_disk_cannot_hold_says_so_and_leaves_no_file(
    app: Flask,
    maker: Maker,
    making: Making,
    full_disk: Callable[..., None],
    path: str,
    body: dict[str, object] | None,
    places: tuple[str, ...],
) -> None:
    made(making)
    owner = program_of(app, maker.store, role="owner")
    job = owner.json("POST", HERON + path, body)
    full_disk(*places)
    run_jobs(making)  # type: ignore[arg-type]
    told = owner.json("GET", f"/jobs/{job['id']}")
    assert told["state"] == "failed"
    assert "No space left" in told["message"] or "is full" in told["message"]
    assert told["remedy"]
    assert told["files"] == []


def test_a_launch_that_the_disk_cannot_hold_makes_no_version(
    app: Flask, maker: Maker, making: Making, full_disk: Callable[..., None]
) -> None:
    made(making)
    owner = program_of(app, maker.store, role="owner")
    job = owner.json("POST", f"{HERON}/launch", {"target": "preview"})
    full_disk()
    run_jobs(making)  # type: ignore[arg-type]
    told = owner.json("GET", f"/jobs/{job['id']}")
    assert (told["state"], "No space left" in told["message"]) == ("failed", True)
    assert owner.json("GET", f"{HERON}/versions") == {"versions": []}
    assert owner.json("GET", HERON)["state"] == "draft"
    assert not [path for path in making.settings.clips.glob("*") if path.is_file()]


def test_an_archive_that_the_disk_cannot_hold_is_not_half_unpacked(
    door: Door, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in ("r/baseline/one.wav", "r/bits/3/one.wav"):
            archive.writestr(path, WAV)
    name = door.sent("archive.zip", out.getvalue()).get_json()["name"]
    asked = door.ask("POST", f"{HERON}/uploads/{name}/unpack", json={})

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("jndlab.studies.sound_files.Path.replace", fail)
    told = door.job(asked, making)
    assert told["state"] == "failed"
    assert "is full" in told["message"]
    assert not [path for path in files_of(making) if path.startswith("sounds/")]
    assert newest_text(making) is None

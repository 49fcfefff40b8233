"""Clips in an object store: everything that reads, writes or deletes one works as with a folder."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from jndlab.audio.stimuli import render_stimuli
from jndlab.clips import (
    FolderShelf,
    Shelf,
    clip_name,
    delete_clips,
    keep_clip,
    load_clip,
    missing_clips,
    open_clips,
)
from jndlab.clips.bucket import BucketShelf
from jndlab.errors import StoreError
from jndlab.sessions import check_wav, release_check
from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.store.studies import require_study
from jndlab.store.study_states import set_study_state
from jndlab.studies import launch_study
from jndlab.studies.deleting import delete_study
from jndlab.studies.pair_sounds import load_pair
from jndlab.study.study_file import load_study
from jndlab.web.app import create_app
from jndlab.web.packages import PackageOptions, package_study
from tests.builders import write_study
from tests.kept_clips import stored_clips
from tests.object_store import ObjectStore
from tests.servers import Server, jndlab

LEVEL = [{"kind": "level"}]


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    with ObjectStore() as store, mock.patch.dict(os.environ, store.environment):
        yield store


@pytest.fixture
def settings(objects: ObjectStore, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return Settings(data=tmp_path / "data", clips_url=objects.url(f"lab/{name}"))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as store:
        yield store


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "folder":
        return FolderShelf(tmp_path / "clips")
    objects: ObjectStore = request.getfixturevalue("objects")
    return BucketShelf(objects.url(f"shelf-{request.node.name[-60:].strip('[]')}"))


def test_both_places_keep_give_list_and_delete(shelf: Shelf) -> None:
    assert list(shelf.names()) == []
    assert shelf.read("ab/x.wav") is None
    shelf.write("ab/x.wav", b"sound")
    shelf.write("ab/x.wav", b"sound")
    shelf.write("cd/y.wav", b"")
    shelf.write(".rendered/ab/k.json", b"1")
    shelf.write(".rendered/ab/k.json", b"2", replace=True)
    assert shelf.read("ab/x.wav") == b"sound"
    assert shelf.read("cd/y.wav") == b""
    assert shelf.read(".rendered/ab/k.json") == b"2"
    assert sorted(shelf.names()) == ["ab/x.wav", "cd/y.wav"]
    assert list(shelf.names("ab")) == ["ab/x.wav"]
    assert shelf.missing(["ab/x.wav", "ab/z.wav", "q"]) == {"ab/z.wav", "q"}
    assert shelf.missing([]) == set()
    shelf.tidy()
    shelf.remove(["ab/x.wav", "never/there.wav"])
    shelf.remove([])
    assert list(shelf.names()) == ["cd/y.wav"]


def test_both_places_keep_clips_by_digest(shelf: Shelf) -> None:
    digest = hashlib.sha256(b"wav").hexdigest()
    with pytest.raises(StoreError, match="clip cannot be read") as caught:
        load_clip(shelf, digest)
    assert "backup" in caught.value.remedy
    assert digest not in str(caught.value)
    keep_clip(shelf, digest, b"wav")
    assert load_clip(shelf, digest) == b"wav"
    assert list(stored_clips(shelf)) == [digest]
    assert missing_clips(shelf, {digest, "0" * 64}) == {"0" * 64}
    delete_clips(shelf, [digest])
    assert missing_clips(shelf, [digest]) == {digest}


def test_a_study_is_launched_checked_previewed_exported_and_deleted(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = write_study(tmp_path / "study", checks=LEVEL)
    launch_study(store, settings, file)
    clips = open_clips(settings)
    kept = set(stored_clips(clips))
    assert len(kept) == 12
    assert not settings.clips.exists()
    for digest in kept:
        assert hashlib.sha256(load_clip(clips, digest)).hexdigest() == digest
    with store.read() as db:
        study = require_study(db, "tiny")
        definition = load_study(file)
        (condition,) = definition.stimuli.conditions
        pair = load_pair(
            db,
            settings,
            study.id,
            condition=condition.name,
            level=condition.levels[0],
            item=definition.stimuli.items[0],
        )
    assert (pair.origin, pair.comparable) == ("clips", True)
    client = create_app(settings, store).test_client()
    opened = client.post("/api/v1/sessions", json={"link": study.link, "consent": True}).json
    assert opened is not None
    check = release_check(store, opened["token"])
    assert len(check_wav(store, opened["token"], check.name, clips)) > 44
    assert client.get("/ready").json == {
        "ready": True,
        "checks": dict.fromkeys(("database", "schema", "clips", "data"), "ok"),
    }
    package_study(store, "tiny", tmp_path / "p.zip", PackageOptions(with_seed=True))
    done = jndlab("verify", str(tmp_path / "p.zip"), "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    with store.write() as db:
        set_study_state(db, study.id, "archived")
    delete_study(store, settings, study.id, by=None, confirmed="tiny")
    assert list(stored_clips(clips)) == []


def test_clips_that_another_study_plays_stay(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    launch_study(store, settings, write_study(tmp_path / "one", slug="one"))
    launch_study(store, settings, write_study(tmp_path / "two", slug="two", items=["one", "two"]))
    before = set(stored_clips(open_clips(settings)))
    with store.write() as db:
        one = require_study(db, "one").id
        set_study_state(db, one, "archived")
    delete_study(store, settings, one, by=None, confirmed="one")
    left = set(stored_clips(open_clips(settings)))
    assert len(before) == 12
    assert len(left) == 8
    assert left < before


def test_a_clip_that_got_lost_is_rendered_again_by_the_next_launch(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = write_study(tmp_path / "study")
    launch_study(store, settings, file)
    clips = open_clips(settings)
    kept = sorted(stored_clips(clips))
    delete_clips(clips, kept[:1])
    assert launch_study(store, settings, file).is_new is False
    assert sorted(stored_clips(clips)) == kept


def test_two_processes_render_into_the_same_bucket(settings: Settings, tmp_path: Path) -> None:
    file = write_study(tmp_path / "study")
    clips, folder = open_clips(settings), FolderShelf(tmp_path / "folder")
    definition = load_study(file)
    there = render_stimuli(definition, file.parent, clips, workers=2)
    assert there == render_stimuli(definition, file.parent, folder, workers=1)
    assert set(stored_clips(clips)) == set(stored_clips(folder))
    for stimulus in there:
        name = clip_name(stimulus.clip)
        assert clips.read(name) == folder.read(name)


def test_an_object_store_that_is_away_is_told_with_what_to_look_at(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = write_study(tmp_path / "study", checks=[])
    link = launch_study(store, settings, file).link
    for wrong in (
        replace(settings, clips_url="s3://no-such-bucket/lab"),
        replace(settings, clips_url=settings.clips_url + "/gone"),
    ):
        client = create_app(wrong, store).test_client()
        opened = client.post("/api/v1/sessions", json={"link": link, "consent": True}).json
        assert opened is not None
        head = {"Authorization": f"Bearer {opened['token']}"}
        trial = client.post("/api/v1/trial", headers=head).json
        assert trial is not None
        told = [client.get(one["clip"], headers=head) for one in trial["intervals"]]
        assert {reply.status_code for reply in told} == {503}
        assert len({reply.data for reply in told}) == 1
        assert json.loads(told[0].data)["error"]["code"] == "store-unusable"
    with pytest.raises(StoreError, match="object store of the clips") as caught:
        keep_clip(open_clips(replace(settings, clips_url="s3://no-such-bucket")), "0" * 64, b"x")
    assert "JNDLAB_CLIPS_URL" in caught.value.remedy
    ready = create_app(replace(settings, clips_url="s3://no-such-bucket"), store).test_client()
    answer = ready.get("/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["clips"] == "failed"


def test_the_real_server_sends_what_it_has_launched_into_an_object_store(
    objects: ObjectStore, tmp_path: Path
) -> None:
    """It launches, then starts its workers: threads of the store's client survive no fork."""
    file = write_study(tmp_path / "study", checks=[])
    key = load_study(file).simulation_key()
    environment = {**objects.environment, "JNDLAB_CLIPS_URL": objects.url("real")}
    with Server(tmp_path / "data", [file.parent], environment=environment) as server:
        with open_store(server.settings, create=False) as store, store.read() as db:
            link = require_study(db, "tiny").link

        def send(path: str, body: object = None, token: str = "") -> bytes:
            request = urllib.request.Request(
                server.settings.url + path, json.dumps(body).encode() if body else None
            )
            request.add_header("Content-Type", "application/json")
            request.add_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bytes(answer.read())

        opening = {"link": link, "consent": True, "simulation": key}
        token = json.loads(send("/api/v1/sessions", opening))["token"]
        trial = json.loads(send("/api/v1/trial", {"x": 1}, token))
        sounds = [send(one["clip"], None, token) for one in trial["intervals"]]
        assert len({sound[:44] for sound in sounds}) == 1
        assert len(set(sounds)) == 3

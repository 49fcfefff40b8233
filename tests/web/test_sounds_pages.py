"""The page of sounds and what its scripts ask for: sending, arranging, deleting, bad input."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from flask import Flask

from jndlab.settings import Settings
from jndlab.store.engine import Store, open_store
from jndlab.studies import sound_files, upload_files
from jndlab.web.app import create_app
from tests.builders import listing
from tests.store.making import Making, wav_bytes
from tests.web.access import client_of
from tests.web.jobs import hold_jobs, run_jobs
from tests.web.making import Maker

HERON = "/studies/heron"
WAV = wav_bytes()


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def app(store: Store, settings: Settings) -> Flask:
    return create_app(settings, store)


@pytest.fixture
def maker(app: Flask, store: Store) -> Maker:
    return Maker(app, store)


@pytest.fixture
def making(maker: Maker, settings: Settings) -> Making:
    """The folder and the drafts of the study that the maker has begun."""
    return Making(store=maker.store, settings=settings, study_id=maker.make(), user_id=1)


def send_all(maker: Maker) -> None:
    for number, path in enumerate(("baseline/one.wav", "bits/3/one.wav", "bits/1/one.wav")):
        assert maker.upload(path, wav_bytes(seed=number)).json["is_complete"]  # type: ignore[index]
    paths = ["baseline/one.wav", "bits/3/one.wav", "bits/1/one.wav"]
    settled = maker.ask("POST", f"{HERON}/sounds/settle", json={"paths": paths})
    assert settled.status_code == 200, settled.text


def error_of(response: object) -> dict[str, object]:
    body = response.json  # type: ignore[attr-defined]
    assert set(body) == {"error"}
    assert body["error"]["message"]
    return dict(body["error"])


def test_a_new_study_leads_to_its_empty_page_of_sounds(maker: Maker) -> None:
    response = maker.post("/studies/new", title="  Which is\twhich? ", slug="")
    assert response.headers["Location"] == "/studies/which-is-which/sounds"
    page = maker.get(response.headers["Location"]).text
    assert "No sounds yet" in page
    assert "Drop your folders here" in page


@pytest.mark.parametrize(
    ("title", "slug"),
    [("", ""), ("x" * 201, "x"), ("x", "new"), ("x", "import"), ("x", "a/b"), ("x", "-"),
     ("bell \x07", "x"), ("x", "x" * 64), ("x", "é")],
)  # fmt: skip
def test_a_title_or_name_that_cannot_be_is_refused(maker: Maker, title: str, slug: str) -> None:
    response = maker.post("/studies/new", title=title, slug=slug)
    assert response.status_code == 409
    assert 'role="alert"' in response.text


def test_a_name_in_use_is_refused(maker: Maker, making: Making) -> None:
    response = maker.post("/studies/new", title="Another", slug="heron")
    assert (response.status_code, "in use" in response.text) == (409, True)


def test_the_table_fills_and_the_study_is_made(maker: Maker, making: Making) -> None:
    maker.upload("baseline/one.wav", WAV)
    maker.upload("bits/3/two.wav", WAV)
    table = maker.get(f"{HERON}/sounds/table").text
    assert "1 file is missing" in table
    assert "bits/3/one" in table
    assert "1 file is left out" in table
    send_all(maker)
    page = maker.get(f"{HERON}/sounds").text
    assert "Next: the design" in page
    assert "Nothing is missing" in page
    assert making.definition().stimuli.conditions[0].levels == (1.0, 3.0)


def test_dropped_paths_are_arranged_by_the_server(maker: Maker, making: Making) -> None:
    paths = ["rec/orig/a.wav", "rec/bits/3/a.wav", "rec/notes.txt"]
    layout = maker.ask("POST", f"{HERON}/sounds/arrange", json={"paths": paths}).json
    assert layout == {
        "placed": [["rec/bits/3/a.wav", "bits/3/a.wav"], ["rec/orig/a.wav", "baseline/a.wav"]],
        "left_out": [["rec/notes.txt", "no WAV or FLAC file"]],
        "baseline": "rec/orig",
        "candidates": ["rec/orig"],
        "is_sure": True,
        "notes": [],
    }


def test_a_wrong_manifest_is_told(maker: Maker, making: Making) -> None:
    told = {"paths": ["manifest.csv"], "manifest": "item,path\n"}
    refused = maker.ask("POST", f"{HERON}/sounds/arrange", json=told)
    assert refused.status_code == 422
    assert "lacks the column" in str(error_of(refused)["message"])


def spoiled(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "channels":
        sf.write(out, np.zeros((40, 96)), 16_000, format="WAV")
    elif kind == "nan":
        sf.write(out, np.full(400, np.nan), 16_000, format="WAV", subtype="FLOAT")
    elif kind == "truncated":
        return WAV[:-600]
    elif kind == "4 GB":
        at = WAV.index(b"data") + 4
        return WAV[:at] + b"\xff\xff\xff\xff" + WAV[at + 4 :]
    else:
        return b"This is no sound at all. " * 30
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("text", "is no WAV file"),
        ("truncated", "promises"),
        ("4 GB", "promises 4,294,967,295 bytes"),
        ("channels", "96 channels"),
        ("nan", "no numbers"),
    ],
)
def test_a_file_that_is_no_sound_is_refused_and_not_kept(
    maker: Maker, making: Making, kind: str, message: str
) -> None:
    refused = maker.upload("bits/3/one.wav", spoiled(kind))
    assert refused.status_code == 422
    assert message in str(error_of(refused)["message"])
    assert [path for path in making.folder.rglob("*") if path.is_file()] == []


def test_an_upload_cut_off_halfway_goes_on(maker: Maker, making: Making) -> None:
    told = {"path": "bits/3/one.wav", "n_bytes": len(WAV)}
    name = maker.ask("POST", f"{HERON}/uploads", json=told).json["name"]  # type: ignore[index]
    assert maker.part(name, 0, WAV[:900]).json["offset"] == 900  # type: ignore[index]
    wrong = maker.part(name, 0, WAV)
    assert (wrong.status_code, error_of(wrong)["offset"]) == (409, 900)
    state = maker.ask("GET", f"{HERON}/uploads/{name}").json
    assert (state["offset"], state["is_complete"]) == (900, False)  # type: ignore[index]
    assert maker.ask("POST", f"{HERON}/uploads", json=told).json["name"] == name  # type: ignore[index]
    assert maker.part(name, 900, WAV[900:]).json["is_complete"]  # type: ignore[index]


def test_a_part_may_be_larger_than_other_requests(maker: Maker, making: Making) -> None:
    big = wav_bytes(seconds=10)
    assert len(big) > 300_000
    assert maker.upload("bits/3/one.wav", big).json["is_complete"]  # type: ignore[index]


def test_a_part_that_is_too_large_is_refused(
    maker: Maker, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"path": "bits/3/one.wav", "n_bytes": 100_000_000}
    name = maker.ask("POST", f"{HERON}/uploads", json=told).json["name"]  # type: ignore[index]
    refused = maker.part(name, 0, bytes(16 * 1024**2 + 1))
    assert (refused.status_code, error_of(refused)["code"]) == (413, "http-413")


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", "9" * 20, "٣"])
def test_an_offset_that_is_no_number_is_refused(maker: Maker, making: Making, offset: str) -> None:
    told = {"path": "bits/3/one.wav", "n_bytes": len(WAV)}
    name = maker.ask("POST", f"{HERON}/uploads", json=told).json["name"]  # type: ignore[index]
    headers = {"Upload-Offset": offset.encode("utf-8").decode("latin-1")}
    response = maker.ask("PATCH", f"{HERON}/uploads/{name}", data=WAV, headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"path": 5, "n_bytes": 1}', b'{"path": "a", "n_bytes": 1.5}',
     b'{"path": "a", "n_bytes": 1, "x": 2}', b'{"path": "a"}', b"\xff\xfe"],
)  # fmt: skip
def test_a_body_of_another_shape_is_refused(maker: Maker, making: Making, body: bytes) -> None:
    for address in ("uploads", "sounds/arrange", "sounds/settle"):
        refused = maker.ask("POST", f"{HERON}/{address}", data=body)
        assert refused.status_code == 400
        assert error_of(refused)["code"] == "request-invalid"


@pytest.mark.parametrize("path", ["../x.wav", "/etc/x.wav", "c/../../x.wav", "x.exe", "c/3/\0.wav"])
def test_a_path_that_is_no_place_is_refused(maker: Maker, making: Making, path: str) -> None:
    told = {"path": path, "n_bytes": 10}
    assert maker.ask("POST", f"{HERON}/uploads", json=told).status_code == 422
    settled = maker.ask("POST", f"{HERON}/sounds/settle", json={"paths": [path]})
    assert settled.status_code == 422
    heard = maker.ask("GET", f"{HERON}/sounds/file", query_string={"path": path})
    assert heard.status_code == 422


def test_a_full_quota_and_a_full_disk_are_told_without_paths(
    maker: Maker, making: Making, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    told = {"path": "bits/3/one.wav", "n_bytes": 2000}
    with monkeypatch.context() as patched:
        patched.setattr(sound_files, "QUOTA_BYTES", 100)
        refused = maker.ask("POST", f"{HERON}/uploads", json=told)
        assert (refused.status_code, error_of(refused)["code"]) == (413, "too-large")
    name = maker.ask("POST", f"{HERON}/uploads", json=told).json["name"]  # type: ignore[index]

    class FullFile(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(upload_files, "_opened", lambda part: FullFile())
        full = maker.part(name, 0, bytes(2000))
    assert (full.status_code, error_of(full)["code"]) == (507, "no-room")
    assert str(settings.data) not in full.text


def test_sounds_are_heard_as_they_were_sent(maker: Maker, making: Making) -> None:
    maker.upload("bits/0.50/one.wav", WAV)
    with maker.get(f"{HERON}/sounds/file?path=bits/0.5/one.wav") as response:
        assert (response.status_code, response.mimetype, response.data) == (200, "audio/wav", WAV)
    assert maker.get(f"{HERON}/sounds/file?path=bits/0.5/two.wav").status_code == 404


def test_deleting_and_undoing(maker: Maker, making: Making) -> None:
    send_all(maker)
    before, text = listing(making.sounds), making.text()
    gone = maker.post(f"{HERON}/sounds/delete", target="bits/1")
    page = maker.get(gone.headers["Location"]).text
    assert "1 file was deleted" in page
    assert making.definition().stimuli.conditions[0].levels == (3.0,)
    token = gone.headers["Location"].split("undo=")[1].split("&")[0]
    maker.post(f"{HERON}/sounds/restore", token=token)
    assert (listing(making.sounds), making.text()) == (before, text)
    assert maker.post(f"{HERON}/sounds/restore", token=token).status_code == 404
    assert maker.post(f"{HERON}/sounds/delete", target="../..").status_code == 404
    for token in ("9" * 5000, "..", "a/b", "\0" * 16):
        assert maker.post(f"{HERON}/sounds/restore", token=token).status_code == 404


def test_a_condition_is_described(maker: Maker, making: Making) -> None:
    send_all(maker)
    form = {"condition": "bits", "name": "fewer bits", "unit": "bits", "compression": "falls"}
    assert maker.post(f"{HERON}/sounds/condition", **form).status_code == 302
    condition = making.definition().stimuli.conditions[0]
    assert (condition.name, condition.unit, condition.levels) == ("fewer bits", "bits", (3.0, 1.0))
    bad = maker.post(f"{HERON}/sounds/condition", **form | {"name": "../x"})
    assert (bad.status_code, 'role="alert"' in bad.text) == (409, True)
    bad = maker.post(f"{HERON}/sounds/condition", condition="fewer bits", name="baseline")
    assert (bad.status_code, "cannot be called" in bad.text) == (409, True)


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def unpacked(maker: Maker, making: Making, content: bytes) -> dict[str, object]:
    """What the job tells that unpacks an archive."""
    name = maker.upload("archive.zip", content).json["name"]  # type: ignore[index]
    asked = maker.ask("POST", f"{HERON}/uploads/{name}/unpack", json={})
    assert asked.status_code == 202
    assert run_jobs(making) == ["unpack"]  # type: ignore[arg-type]
    told = maker.ask("GET", asked.json["job"]).json  # type: ignore[index]
    assert told["state"] == "done", told  # type: ignore[index]
    return dict(told["result"])  # type: ignore[index]


def test_an_archive_is_unpacked_by_a_job(
    maker: Maker, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    content = zipped(**{"r/baseline/a.wav": WAV, "r/bits/3/a.wav": wav_bytes(seed=2)})
    told = unpacked(maker, making, content)
    assert (told["n_placed"], told["left_out"]) == (2, [])
    assert making.definition().stimuli.items == ("a",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped(**{"../a.wav": WAV, "/b.wav": WAV, "c/3/ok.wav": WAV}), "out of its folder"),
        (zipped(**{"c/3/a.wav": bytes(5_000_000)}), "100 times"),
        (zipped(**{"c/3/a.wav": b"no sound"}), "no WAV file"),
        (zipped(**{"inner.zip": WAV}), "an archive itself"),
    ],
)
def test_a_refused_archive_names_its_entries(
    maker: Maker, making: Making, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str
) -> None:
    hold_jobs(monkeypatch)
    told = unpacked(maker, making, content)["refused"]
    assert reason in str(told["entries"])  # type: ignore[index]
    assert not making.sounds.exists()


def test_an_archive_that_is_not_whole_is_not_unpacked(maker: Maker, making: Making) -> None:
    told = {"path": "archive.zip", "n_bytes": 100}
    name = maker.ask("POST", f"{HERON}/uploads", json=told).json["name"]  # type: ignore[index]
    assert maker.ask("POST", f"{HERON}/uploads/{name}/unpack", json={}).status_code == 400


def test_a_viewer_sees_and_changes_nothing(app: Flask, maker: Maker, making: Making) -> None:
    send_all(maker)
    viewer = client_of(app, maker.store, "viewer")
    page = viewer.get(f"{HERON}/sounds").text
    assert "Items × levels" in page
    assert "Choose a folder" not in page
    assert "Delete" not in page
    with viewer.get(f"{HERON}/sounds/file?path=bits/3/one.wav") as sound:
        assert sound.status_code == 200
    page = viewer.get(f"{HERON}/design").text
    assert "Save the design" not in page
    assert viewer.get(f"{HERON}/file").status_code == 403
    assert str(making.definition().seed) not in page

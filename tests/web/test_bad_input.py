"""Bad files that a study's makers can send, through every door that takes them.

Whatever is refused: the message says what is wrong, nothing of it stays, and it is never a failure
of the server.
"""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from jndlab.web.jobs.queue import newest_job
from tests.store.making import Making, wav_bytes
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
from tests.web.making import Maker

__all__ = ["app", "door", "maker", "making", "settings", "store"]  # fixtures

WAV = wav_bytes()
PATH = "bits/3/one.wav"

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
    door: Door, maker: Maker, making: Making, which: str, deed: str
) -> None:
    content, reason = ARCHIVES[which]
    name = door.sent("archive.zip", content).get_json()["name"]
    body = None if deed == "take" else {}
    if door.api or deed == "unpack":
        told = door.job(door.ask("POST", f"{HERON}/uploads/{name}/{deed}", json=body), making)
    elif deed == "take":
        told = door.job(door.ask("POST", f"{HERON}/take", json={"name": name}), making)
    else:
        told = imported(maker, making, name)
    said = told["result"]["refused"] if told["state"] == "done" else told
    assert reason in said["message"] + str(said.get("entries", ""))
    assert said["remedy"]
    assert not making.sounds.exists()
    assert newest_text(making) is None
    assert [path for path in files_of(making) if not path.endswith(".zip")] == []


def imported(maker: Maker, making: Making, name: str) -> dict[str, Any]:
    """The job behind the form that takes another tool's study."""
    assert maker.post(f"{HERON}/import/take", name=name).status_code == 302
    run_jobs(making)  # type: ignore[arg-type]
    with making.store.read() as db:
        job = newest_job(db, making.study_id, "import-take")
    assert job is not None
    return asdict(job)


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
    assert "r/bits/3/one.wav" in entry
    assert SOUNDS[kind] in reason
    assert files_of(making) == []
    assert newest_text(making) is None


# An upload cut off


def test_an_upload_whose_connection_breaks_goes_on_where_it_stopped(
    door: Door, making: Making
) -> None:
    told = {"path": PATH, "n_bytes": len(WAV)}
    name = door.ask("POST", f"{HERON}/uploads", json=told).get_json()["name"]
    announced = {"CONTENT_LENGTH": str(len(WAV))}
    broken = door.part(name, 0, input_stream=io.BytesIO(WAV[:900]), environ_overrides=announced)
    assert broken.status_code == 400
    assert not making.sounds.exists()
    state = door.ask("GET", f"{HERON}/uploads/{name}").get_json()
    assert (state["offset"], state["is_complete"]) == (900, False)
    done = door.part(name, 900, data=WAV[900:]).get_json()
    assert done["is_complete"]
    assert (making.sounds / PATH).read_bytes() == WAV

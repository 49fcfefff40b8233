"""Files sent in parts: cut off, gone on with, sent twice, not what they say, too much."""

from __future__ import annotations

import errno
import hashlib
import io
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jndlab.errors import (
    AudioError,
    NoRoom,
    RequestInvalid,
    StudyUnknown,
    TooLarge,
    UploadConflict,
)
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import UploadRow
from jndlab.studies import sound_files, upload_files, uploads
from jndlab.studies.upload_files import piecewise_digest
from jndlab.studies.uploads import (
    ARCHIVE,
    abandon_upload,
    archive_path,
    upload_state,
)
from tests.builders import listing
from tests.store.making import Making, make_study, wav_bytes

WAV = wav_bytes()
PATH = "bits/3/one.wav"


@pytest.fixture
def making(store: Store, settings: Settings) -> Making:
    return make_study(store, settings)


def digest(content: bytes) -> str:
    return hashlib.sha256(hashlib.sha256(content).digest()).hexdigest()


def n_rows(making: Making) -> int:
    with making.store.read() as db:
        return db.scalar(select(func.count()).select_from(UploadRow)) or 0


def test_a_file_in_three_parts_is_there_when_the_last_one_is(making: Making) -> None:
    name = making.begin(PATH, len(WAV)).name
    for start in (0, 1000, 2000):
        assert not (making.sounds / PATH).exists()
        state = making.send(name, start, WAV[start : start + 1000] if start < 2000 else WAV[2000:])
    assert state.is_complete
    assert (making.sounds / PATH).read_bytes() == WAV
    assert not list((making.folder / "uploads").iterdir())


def test_what_was_cut_off_goes_on_where_it_stopped(making: Making) -> None:
    name = making.begin(PATH, len(WAV)).name
    making.send(name, 0, WAV[:700])
    again = making.begin(PATH, len(WAV))
    assert (again.name, again.offset, again.digest) == (name, 700, digest(WAV[:700]))
    assert making.send(name, 700, WAV[700:]).is_complete
    assert (making.sounds / PATH).read_bytes() == WAV


def test_a_connection_that_breaks_in_the_middle_of_a_part_keeps_what_came(making: Making) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(500)
            if not piece:
                raise ConnectionError("gone")
            return piece

    name = making.begin(PATH, len(WAV)).name
    with pytest.raises(ConnectionError):
        uploads.receive_part(
            making.store, making.settings, making.study_id, name, 0, Broken(WAV[:1000])
        )
    state = upload_state(making.store, making.settings, making.study_id, name)
    assert (state.offset, state.digest) == (1000, digest(WAV[:1000]))


def test_a_part_of_another_place_is_told_the_right_one(making: Making) -> None:
    name = making.begin(PATH, len(WAV)).name
    making.send(name, 0, WAV[:700])
    for wrong in (0, 699, 701, 10**9):
        with pytest.raises(UploadConflict) as refused:
            making.send(name, wrong, WAV[:10])
        assert refused.value.offset == 700
    assert upload_state(making.store, making.settings, making.study_id, name).offset == 700


def test_the_last_part_sent_twice_is_harmless(making: Making) -> None:
    name = making.upload(PATH, WAV).name
    assert making.send(name, 0, WAV).is_complete
    assert (making.sounds / PATH).read_bytes() == WAV


def test_a_file_that_is_there_is_known_by_path_size_and_digest(making: Making) -> None:
    making.upload(PATH, WAV)
    there = making.begin(PATH, len(WAV))
    assert (there.is_complete, there.name, there.digest) == (True, "", digest(WAV))
    assert not making.begin(PATH, len(WAV) + 1).is_complete
    assert not making.begin("bits/2/one.wav", len(WAV)).is_complete


def test_a_new_version_of_a_file_replaces_the_old_one_of_either_format(making: Making) -> None:
    making.upload(PATH, WAV)
    louder = wav_bytes(seed=2, seconds=0.2)
    making.upload(PATH, louder)
    assert (making.sounds / PATH).read_bytes() == louder
    making.sounds.joinpath("bits/3/one.flac").write_bytes(b"older")
    making.upload(PATH, WAV)
    assert [path.name for path in (making.sounds / "bits/3").iterdir()] == ["one.wav"]


def test_more_than_was_announced_is_refused_and_not_kept(making: Making) -> None:
    name = making.begin(PATH, 1000).name
    making.send(name, 0, WAV[:600])
    with pytest.raises(RequestInvalid, match="longer than the 1,000 bytes"):
        making.send(name, 600, WAV[:401])
    assert upload_state(making.store, making.settings, making.study_id, name).offset == 600


def test_a_whole_file_that_is_no_sound_leaves_nothing_behind(making: Making) -> None:
    with pytest.raises(AudioError, match=r"bits/3/one\.wav is no WAV file"):
        making.upload(PATH, b"This is no sound. " * 100)
    assert [path for path in making.folder.rglob("*") if path.is_file()] == []
    assert n_rows(making) == 0


@pytest.mark.parametrize(
    "path", ["../one.wav", "/etc/passwd", "baseline/../../x.wav", "a/b/c/d.wav", "x.zip", "", "a\0"]
)
def test_a_path_that_leads_elsewhere_is_refused(making: Making, path: str) -> None:
    with pytest.raises(AudioError, match="is no place for a sound"):
        making.begin(path, 100)
    assert n_rows(making) == 0


def test_sizes_that_cannot_be_are_refused(making: Making) -> None:
    for size in (0, -1):
        with pytest.raises(AudioError, match="is empty"):
            making.begin(PATH, size)
    with pytest.raises(TooLarge, match="may have 256 MiB"):
        making.begin(PATH, 2**32)
    with pytest.raises(TooLarge, match="An archive may have 4,096 MiB"):
        making.begin(ARCHIVE, 2**40)


def test_a_study_has_a_quota(making: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_files, "QUOTA_BYTES", len(WAV) + 100)
    making.upload(PATH, WAV)
    with pytest.raises(TooLarge, match="no room"):
        making.begin("bits/3/two.wav", 101)
    assert making.begin("bits/3/two.wav", 100).offset == 0


def test_a_disk_that_is_nearly_full_takes_nothing_more(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 512 * 1024**2))
    with pytest.raises(NoRoom, match="disk of the server is full"):
        making.begin(PATH, 1)


def test_files_that_were_begun_together_do_not_take_the_room_of_the_answers(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = making.begin(PATH, len(WAV)).name
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 512 * 1024**2))
        with pytest.raises(NoRoom, match="disk of the server is full"):
            making.send(name, 0, WAV)
    assert making.send(name, 0, WAV).is_complete


def test_a_disk_that_fills_up_in_the_middle_keeps_no_half_part(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = making.begin(PATH, len(WAV)).name
    making.send(name, 0, WAV[:500])
    part = making.folder / "uploads" / f"{name}.part"
    opened = Path.open

    class Full:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def truncate(self, size: int) -> None:
            self.file.truncate(size)

        def write(self, content: bytes) -> int:
            self.file.write(content[:100])
            raise OSError(errno.ENOSPC, "No space left on device")

    def open_full(self: Path, mode: str = "r", **options: Any) -> Any:
        file = opened(self, mode, **options)
        return Full(file) if mode == "ab" else file

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", open_full)
        with pytest.raises(NoRoom) as refused:
            making.send(name, 500, WAV[500:])
    assert str(making.folder) not in str(refused.value)
    assert part.read_bytes() == WAV[:500]
    assert making.send(name, 500, WAV[500:]).is_complete


def test_a_file_that_was_begun_can_be_dropped(making: Making) -> None:
    name = making.begin(PATH, len(WAV)).name
    making.send(name, 0, WAV[:500])
    abandon_upload(making.store, making.settings, making.study_id, name)
    assert listing(making.folder / "uploads") == {}
    with pytest.raises(StudyUnknown):
        making.send(name, 500, WAV[500:])


def test_another_size_begins_anew_and_forgets_the_old_beginning(making: Making) -> None:
    first = making.begin(PATH, len(WAV)).name
    making.send(first, 0, WAV[:500])
    second = making.begin(PATH, len(WAV) - 10)
    assert (second.offset, n_rows(making)) == (0, 1)
    assert listing(making.folder / "uploads") == {}


def test_an_upload_belongs_to_its_study(making: Making, settings: Settings) -> None:
    name = making.begin(PATH, len(WAV)).name
    other = make_study(making.store, settings, slug="other")
    with pytest.raises(StudyUnknown):
        other.send(name, 0, WAV)


def test_two_who_send_the_same_file_at_once_do_not_mix_it(
    making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = making.begin(PATH, len(WAV)).name

    class Second(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                with pytest.raises(UploadConflict, match="Another page"):
                    making.send(name, 0, WAV)
            return super().read(size)

    class Lock:
        """The lock without its second of patience."""

        def __init__(self, lock: Any) -> None:
            self.lock = lock

        def acquire(self, timeout: float) -> bool:
            return bool(self.lock.acquire(blocking=False))

        def release(self) -> None:
            self.lock.release()

    monkeypatch.setattr(uploads, "_locks", [Lock(lock) for lock in uploads._locks])
    state = uploads.receive_part(
        making.store, making.settings, making.study_id, name, 0, Second(WAV)
    )
    assert state.is_complete
    assert (making.sounds / PATH).read_bytes() == WAV


def test_an_archive_waits_until_it_is_unpacked(making: Making) -> None:
    name = making.upload(ARCHIVE, b"PK whatever").name
    path = archive_path(making.store, making.settings, making.study_id, name)
    assert path.read_bytes() == b"PK whatever"
    with pytest.raises(StudyUnknown):
        archive_path(making.store, making.settings, making.study_id, "unknown")


def test_the_digest_of_a_long_file_is_one_over_its_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_files, "PIECE_BYTES", 4)
    path = tmp_path / "x"
    path.write_bytes(b"abcdefghij")
    pieces = b"".join(hashlib.sha256(p).digest() for p in (b"abcd", b"efgh", b"i"))
    assert piecewise_digest(path, 9) == hashlib.sha256(pieces).hexdigest()

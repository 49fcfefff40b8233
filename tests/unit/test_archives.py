"""Archives that were made to do harm are refused whole, each bad entry named."""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jndlab.audio import archives
from jndlab.audio.archives import MAX_ENTRIES, archive_entries, read_entry, unpack
from jndlab.errors import ArchiveRefused, NoRoom

ROOM = 10_000_000
NOISE = np.random.default_rng(3).bytes(5_000)


def make_zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = name  # as it is: the constructor would mend it
    info.external_attr = mode << 16
    return info


def listing(path: Path, *, max_bytes: int = ROOM) -> list[str]:
    return [found.name for found in archive_entries(path, max_bytes=max_bytes)]


def test_a_plain_archive_is_listed_and_unpacked(tmp_path: Path) -> None:
    path = make_zip(
        tmp_path / "a.zip",
        (entry("baseline/", stat.S_IFDIR | 0o755), b""),
        ("baseline/a.wav", NOISE),
        ("c/3/a.wav", b"other"),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert listing(path) == ["baseline/a.wav", "c/3/a.wav"]
    target = tmp_path / "out" / "deep" / "a.wav"
    unpack(path, {"baseline/a.wav": target}, max_bytes=ROOM)
    assert target.read_bytes() == NOISE
    assert [found.name for found in target.parent.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (("/etc/passwd", b"x"), "absolute path"),
        (("C:/a.wav", b"x"), "absolute path"),
        (("c\\3\\a.wav", b"x"), "absolute path"),
        (("../a.wav", b"x"), "out of its folder"),
        (("c/../../a.wav", b"x"), "out of its folder"),
        (("c/./a.wav", b"x"), "out of its folder"),
        (("c/3/a\n.wav", b"x"), "control characters"),
        (("c/3/a\x1b[2J.wav", b"x"), "control characters"),
        (("c/3/a\u202egpj.wav", b"x"), "control characters"),
        ((entry("c/link.wav", stat.S_IFLNK | 0o777), b"/etc/passwd"), "is a link"),
        ((entry("c/pipe.wav", stat.S_IFIFO | 0o644), b""), "no regular file"),
        ((entry("c/disk.wav", stat.S_IFBLK | 0o644), b""), "no regular file"),
        (("c/inner.zip", NOISE), "an archive itself"),
        (("c/inner.TAR", NOISE), "an archive itself"),
        (("C/3/A.wav", b"x"), "is there twice"),
        (("bomb.wav", b"\0" * 1_000_000), "more than 100 times its size"),
    ],
)
def test_one_bad_entry_refuses_all_and_is_named(
    tmp_path: Path, bad: tuple[Any, bytes], reason: str
) -> None:
    path = make_zip(tmp_path / "a.zip", ("c/3/a.wav", NOISE), bad, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ArchiveRefused) as refused:
        archive_entries(path, max_bytes=ROOM)
    [(name, why)] = refused.value.entries
    assert reason in why
    assert name.isprintable()
    assert "nothing of it was taken" in refused.value.message


def test_every_bad_entry_is_named(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", *[(f"../{n}.wav", b"x") for n in range(300)])
    with pytest.raises(ArchiveRefused, match="300 entries") as refused:
        archive_entries(path, max_bytes=ROOM)
    assert [name for name, _ in refused.value.entries] == [f"“../{n}.wav”" for n in range(300)]


def test_a_name_behind_a_zero_byte_is_seen(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", ("c/3/a_wav", b"x"))
    path.write_bytes(path.read_bytes().replace(b"c/3/a_wav", b"c/3/a\0wav"))
    with pytest.raises(ArchiveRefused, match="control characters"):
        archive_entries(path, max_bytes=ROOM)


def test_ten_thousand_entries_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", *[(f"{n}.wav", b"") for n in range(10_000)])
    with pytest.raises(ArchiveRefused, match="10,000 entries; the limit is 5,000"):
        archive_entries(path, max_bytes=ROOM)


def test_a_list_of_entries_that_lies_about_its_length_is_refused(tmp_path: Path) -> None:
    names = [(f"{n:05}.wav", b"") for n in range(MAX_ENTRIES + 1)]
    path = make_zip(tmp_path / "a.zip", *names)
    content = bytearray(path.read_bytes())
    content[-12:-10] = struct.pack("<H", 1)
    path.write_bytes(content)
    with pytest.raises(ArchiveRefused, match="5,001 entries"):
        archive_entries(path, max_bytes=ROOM)


def test_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", ("a.wav", NOISE), ("b.wav", NOISE))
    assert len(listing(path, max_bytes=10_000)) == 2
    with pytest.raises(ArchiveRefused, match="no room"):
        listing(path, max_bytes=9_999)


def test_a_header_that_lies_about_sizes_is_found_out_while_unpacking(tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "a.zip", ("a.wav", b"\0" * 9_000_000), compression=8)
    content = bomb.read_bytes()
    bomb.write_bytes(content.replace(struct.pack("<I", 9_000_000), struct.pack("<I", 50_000)))
    assert listing(bomb) == ["a.wav"]
    target = tmp_path / "out.wav"
    with pytest.raises(ArchiveRefused):
        unpack(bomb, {"a.wav": target}, max_bytes=ROOM)
    assert not target.exists() or target.stat().st_size <= 200_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"no archive",
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content.replace(NOISE[100:200], bytes(100)),
    ],
    ids=["text", "empty", "half", "one byte short", "other bytes"],
)
def test_a_damaged_archive_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = make_zip(tmp_path / "a.zip", ("a.wav", NOISE))
    path.write_bytes(spoil(path.read_bytes()))
    assert taken(path, tmp_path / "out") == "refused"


def test_any_change_to_an_archive_gives_a_sentence_or_the_files(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    whole = make_zip(tmp_path / "a.zip", ("c/3/a.wav", b"abc" * 30), compression=8).read_bytes()
    path = tmp_path / "b.zip"
    for number in range(300):
        content = bytearray(whole)
        for at in rng.integers(0, len(whole), size=2):
            content[at] = int(rng.integers(256))
        path.write_bytes(content)
        assert taken(path, tmp_path / str(number)) in ("refused", "taken")


def taken(path: Path, folder: Path) -> str:
    """What becomes of an archive that is first listed and then unpacked."""
    try:
        names = listing(path)
        targets = {name: folder / str(number) for number, name in enumerate(names)}
        unpack(path, targets, max_bytes=ROOM)
    except ArchiveRefused:
        return "refused"
    return "taken"


def test_a_full_disk_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_zip(tmp_path / "a.zip", ("a.wav", NOISE))

    class FullFile(io.BytesIO):
        def write(self, content: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives.Path, "open", lambda self, mode: FullFile())
    monkeypatch.setattr(archives, "_require_short_directory", lambda path: None)
    with pytest.raises(NoRoom, match="disk of the server is full") as refused:
        unpack(path, {"a.wav": tmp_path / "a.wav"}, max_bytes=ROOM)
    assert str(tmp_path) not in str(refused.value)


def test_one_entry_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", ("manifest.csv", b"item,condition\n"))
    assert read_entry(path, "manifest.csv", max_bytes=100) == b"item,condition\n"
    with pytest.raises(ArchiveRefused, match="larger than 5 bytes"):
        read_entry(path, "manifest.csv", max_bytes=5)
    with pytest.raises(ArchiveRefused, match=r"has no study\.yaml"):
        read_entry(path, "study.yaml", max_bytes=5)

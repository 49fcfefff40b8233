"""Sounds and archives are looked into by a process that has little to lose and little to use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from builders import make_noise, write_wav

from jndlab.audio import archives, confined, received
from jndlab.errors import ArchiveRefused, AudioError, JndlabError

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and rights of Linux")


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    write_wav(tmp_path / "a.wav", make_noise(seed=1))
    return tmp_path / "a.wav"


@pytest.fixture
def archive(tmp_path: Path, wav: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.write(wav, "höhe/a.wav")
        made.writestr("b.txt", "text")
    return tmp_path / "a.zip"


def test_a_good_sound_has_the_same_facts(wav: Path) -> None:
    facts = confined.check_received(wav, name="a.wav")
    assert facts == received.check_received(wav, name="a.wav")
    assert facts.n_channels == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF....WAVE", b"fLaC" + bytes(100), b"RIFF....WAVEfmt \xff\xff\xff\xff", b"text" * 9],
)
@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_bad_sound_is_refused_in_the_same_words(
    tmp_path: Path, content: bytes, ending: str
) -> None:
    bad = tmp_path / f"bad.{ending}"
    bad.write_bytes(content)
    said = []
    for check in (received.check_received, confined.check_received):
        with pytest.raises(AudioError) as caught:
            check(bad, name=bad.name)
        said.append((type(caught.value), caught.value.message, caught.value.remedy))
    assert said[0] == said[1]


def test_an_archive_is_read_and_unpacked_as_by_ourselves(archive: Path, tmp_path: Path) -> None:
    entries = confined.archive_entries(archive, max_bytes=10**8)
    assert entries == archives.archive_entries(archive, max_bytes=10**8)
    assert confined.read_entry(archive, "b.txt", max_bytes=10) == b"text"
    done: list[int] = []
    stage = tmp_path / "stage"
    targets = {"höhe/a.wav": stage / "höhe/a.wav", "b.txt": stage / "b.txt"}
    confined.unpack(archive, targets, max_bytes=10**8, progress=done.append)
    assert done == [1, 2]
    assert (stage / "höhe/a.wav").read_bytes() == (tmp_path / "a.wav").read_bytes()


def test_a_refused_archive_names_its_entries(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("../out.wav", "x")
        made.writestr("good.wav", "x")
    with pytest.raises(ArchiveRefused) as caught:
        confined.archive_entries(path, max_bytes=10**8)
    assert caught.value.entries == (("“../out.wav”", "leads out of its folder"),)


def child() -> subprocess.Popen[bytes]:
    process = confined._reader._process
    assert process is not None
    return process


def test_a_reader_that_is_killed_refuses_its_file_and_the_next_one_is_read(
    wav: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    confined.check_received(wav, name="a.wav")

    def kill(process: subprocess.Popen[bytes], *_: object) -> object:
        process.kill()
        process.wait()
        return converse(process, *_)  # type: ignore[arg-type]

    converse = confined._converse
    with monkeypatch.context() as patch:
        patch.setattr(confined, "_converse", kill)
        with pytest.raises(AudioError, match=r"^a\.wav cannot be read") as caught:
            confined.check_received(wav, name="a.wav")
    assert caught.value.remedy
    assert "The reader of sounds failed" in caplog.text
    assert confined.check_received(wav, name="a.wav").n_channels == 1


def test_a_reader_that_takes_too_long_is_ended(wav: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    confined.check_received(wav, name="a.wav")
    os.kill(child().pid, 19)  # SIGSTOP: it will never answer
    monkeypatch.setattr(confined, "SOUND", confined._Limits(seconds=0.3, cpu_seconds=1))
    with pytest.raises(AudioError, match="cannot be read"):
        confined.check_received(wav, name="a.wav")


@LINUX
def test_the_reader_knows_no_secret(wav: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    confined._reader.end()
    monkeypatch.setenv("JNDLAB_DATABASE_URL", "postgresql://jndlab:secret@host/name")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    confined.check_received(wav, name="a.wav")
    environment = Path(f"/proc/{child().pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"secret" not in environment
    assert b"JNDLAB" not in environment


def test_a_reader_that_was_not_used_for_long_is_replaced(
    wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confined.check_received(wav, name="a.wav")
    before = child().pid
    confined.check_received(wav, name="a.wav")
    assert child().pid == before
    monkeypatch.setattr(confined._reader, "_used", time.monotonic() - 3600)
    confined.check_received(wav, name="a.wav")
    assert child().pid != before


def run_confined(code: str, *, reads: Path, writes: Path | None = None) -> str:
    """What a process with the limits of a reader says; its last words if it fails."""
    program = (
        "import socket, subprocess, sys\n"
        "from pathlib import Path\n"
        "from jndlab.audio.confinement import give_up_rights, limit_resources\n"
        "limit_resources(cpu_seconds=1, file_bytes=1000)\n"
        f"had = give_up_rights(reads=[Path({str(reads)!r})], "
        f"writes=[Path(p) for p in {[str(writes)] if writes else []!r}])\n"
        f"if had is False and {sys.platform == 'linux'}: print('no Landlock'); sys.exit()\n"
        f"try:\n    {code}\n    print('done')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    if done.stdout == "no Landlock\n":
        pytest.skip("this Linux has no Landlock")
    return done.stdout.strip() or f"status {done.returncode}"


@LINUX
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("bytearray(2 * 1024**3)", "MemoryError"),
        ("exec('while True: pass')", "status -24"),  # SIGXCPU
        ("Path('FOLDER/written').write_bytes(b'x' * 2000)", "OSError"),
        ("Path('FOLDER/written').write_bytes(b'x' * 900)", "done"),
        ("Path('FOLDER/a.wav').read_bytes()", "done"),
        ("Path('/etc/hostname').read_bytes()", "PermissionError"),
        ("Path('OUTSIDE/written').write_bytes(b'x')", "PermissionError"),
        ("Path('FOLDER/link').symlink_to('/etc')", "PermissionError"),
        ("subprocess.run(['/bin/true'], check=True)", "PermissionError"),
        ("socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    ],
)
def test_what_a_reader_can_do(tmp_path: Path, wav: Path, code: str, outcome: str) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    code = code.replace("FOLDER", str(tmp_path)).replace("OUTSIDE", str(outside))
    assert run_confined(code, reads=tmp_path, writes=tmp_path) == outcome


@LINUX
def test_the_reader_of_a_sound_sees_its_own_folder_only(tmp_path: Path, wav: Path) -> None:
    if run_confined("pass", reads=tmp_path) != "done":
        pytest.skip("this Linux has no Landlock")
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(JndlabError):  # it lies outside of the folder that was named
        confined.check_received(wav, name="a.wav", within=other)


@LINUX
def test_what_a_reader_needs_is_there_before_it_gives_up_its_rights() -> None:
    """A library that is loaded at the first sound could not be read any more."""
    program = (
        "import sys; import jndlab.audio.confined_child as child; child._load_what_comes_late(); "
        "before = set(sys.modules); child._load_what_comes_late(); "
        "print(sorted(set(sys.modules) - before), 'soundfile' in before, 'numpy' in before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] True True"


def test_a_bound_that_does_not_hold_is_told_once(
    wav: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jndlab.audio.confined.landlock_version", lambda: 0)
    confined._tell_what_is_missing.cache_clear()
    for _ in range(2):
        confined._reader.end()
        confined.check_received(wav, name="one.wav")
    told = [record.message for record in caplog.records if "Landlock" in record.message]
    assert len(told) == (1 if sys.platform == "linux" else 0)

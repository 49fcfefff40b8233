"""Full and read-only disks: one message, status 2, and no half of a file."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import listing, write_stimuli, write_text

from jndlab.errors import StoreError
from jndlab.files import make_folder, write_atomically

Refused = Callable[..., str]

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = ["jndlab", *sys.argv[2:]]
from jndlab.cli import main
main()
"""


def limited(n_bytes: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process that can write no file longer than ``n_bytes``."""
    command = [sys.executable, "-c", LIMITED, str(n_bytes), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def failing(number: int) -> Callable[..., Any]:
    def fail(*arguments: object, **options: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("step", ["fsync", "rename", "write", "mkstemp", "chmod"])
@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EROFS, "read-only"), (errno.EACCES, "owner")],
)
def test_whatever_step_of_a_write_fails_the_old_file_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int, remedy: str
) -> None:
    path = write_text(tmp_path / "file", "old")
    places = {
        "fsync": "os.fsync",
        "rename": "os.replace",
        "write": "os.fdopen",
        "mkstemp": "tempfile.mkstemp",
        "chmod": "os.chmod",
    }
    with monkeypatch.context() as patch:
        patch.setattr(places[step], failing(number))
        with pytest.raises(StoreError) as caught:
            write_atomically(path, b"new", replace=True)
    assert remedy in caught.value.remedy
    assert str(path) in caught.value.message
    assert listing(tmp_path) == {"file": b"old"}


def test_an_interrupted_write_leaves_nothing_beside_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    path = write_text(tmp_path / "file", "old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new", replace=True)
    assert listing(tmp_path) == {"file": b"old"}


def test_new_on_a_full_disk_leaves_no_study_behind(
    refused: Refused, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stimuli(here)
    (here / "made").mkdir()
    monkeypatch.setattr(os, "fsync", failing(errno.ENOSPC))
    said = refused("new", "made", "--baseline", "baseline", "--compressed", "bits")
    assert "made/study.yaml: No space left on device" in said
    assert "free some space" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "made", "--baseline", "baseline", "--compressed", "bits"],
        ["simulate", "study", "--in-memory", "made.csv", "--listeners", "1"],
        ["schema", "--output", "made.json"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_file_that_the_disk_cannot_hold_is_not_half_written(
    here: Path, study_folder: Path, arguments: list[str]
) -> None:
    write_stimuli(here)
    (here / "made").mkdir()
    before = listing(here)
    done = limited(100, *arguments)
    assert done.returncode == 2
    assert "Cannot write made" in done.stderr
    assert listing(here) == before


@pytest.mark.parametrize("n_bytes", [0, 8_000, 100_000])
def test_a_database_that_the_disk_cannot_hold_is_explained(
    here: Path, study_folder: Path, free_port: int, n_bytes: int
) -> None:
    done = limited(n_bytes, "serve", study_folder, "--port", free_port)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "jndlab-data/jndlab.db cannot be used" in done.stderr
    assert "disk" in done.stderr
    assert not (here / "jndlab-data" / "clips").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["schema"], ["check", "study"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_told(
    here: Path, study_folder: Path, arguments: list[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "jndlab", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("data", ["study/study.yaml/below", "/proc/jndlab-test"])
def test_a_data_folder_that_cannot_be_made_is_told(
    refused: Refused, here: Path, study_folder: Path, free_port: int, data: str
) -> None:
    said = refused("serve", study_folder, "--data", data, "--port", free_port)
    assert f"Cannot write {data}" in said
    assert "hoose another folder" in said


@pytest.mark.parametrize("output", ["study/study.yaml/below", "/proc/jndlab-test"])
def test_an_output_that_cannot_be_made_is_told(
    refused: Refused, here: Path, study_folder: Path, output: str
) -> None:
    said = refused("simulate", "study", "--in-memory", f"{output}/x.csv", "--listeners", 1)
    assert "Cannot write" in said
    assert "hoose another" in said


def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StoreError, match="no regular file"):
        write_atomically(pipe, b"new", replace=True)
    assert pipe.is_fifo()


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no regular file"):
        write_atomically(tmp_path, b"new", replace=True)
    assert tmp_path.is_dir()


def test_a_file_is_kept_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_atomically(path, b"old", mode=0o600)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert path.stat().st_mode & 0o777 == 0o600
    write_atomically(path, b"new", replace=True)
    assert listing(tmp_path) == {"deep": None, "deep/file": b"new"}


def test_a_folder_is_made_with_its_parents_and_may_be_there(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b").is_dir()
    make_folder(tmp_path / "a" / "b")
    with pytest.raises(StoreError, match="File exists"):
        make_folder(write_text(tmp_path / "file", ""))

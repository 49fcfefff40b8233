"""Backups that were killed, damaged or made of broken data: told, and never taken for whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jndlab.backups.making import Backup, make_backup
from jndlab.backups.manifest import MANIFEST, SUMS, UNFINISHED, read_manifest
from jndlab.backups.restoring import SCRATCH, restore_backup
from jndlab.backups.verifying import verify_again
from jndlab.errors import StoreError
from jndlab.settings import Settings
from tests.store.backing_up import elsewhere, facts
from tests.store.launching import Launched

KILLED = """
import os, signal, sys
from pathlib import Path
from jndlab.backups.making import make_backup
from jndlab.backups.restoring import restore_backup
from jndlab.settings import load_settings
where, doing, at = sys.argv[1:]
def say(step):
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)
if doing == "backup":
    make_backup(load_settings(), Path(where), say=say)
else:
    restore_backup(Path(where), load_settings(), say=say)
"""


@pytest.mark.parametrize("at", ["Copying files", "Verifying"])
def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    taken: Launched, folder: Path, at: str
) -> None:
    assert kill_at(taken.settings, folder, "backup", at) == -signal.SIGKILL
    left = [path for path in folder.iterdir() if path.is_dir()]
    assert [path.name for path in left] == [f"{UNFINISHED}backup"]
    with pytest.raises(StoreError, match="cut off"):
        read_manifest(left[0])
    made = make_backup(taken.settings, folder)
    assert [path.name for path in folder.iterdir()] == [made.path.name]


@pytest.mark.parametrize("at", ["Comparing the database"])
def test_a_restore_that_is_killed_is_begun_anew(made: Backup, tmp_path: Path, at: str) -> None:
    there = elsewhere(tmp_path)
    assert kill_at(there, made.path, "restore", at) == -signal.SIGKILL
    assert [path.name for path in there.data.iterdir()] == [SCRATCH]
    restored = restore_backup(made.path, there)
    assert restored.n_rows == made.verified.n_rows
    assert SCRATCH not in {path.name for path in there.data.iterdir()}


def kill_at(settings: Settings, where: Path, doing: str, at: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(where), doing, at],
        env={**os.environ, **settings.to_environment()},
        check=False,
    ).returncode


def test_a_full_disk_leaves_no_backup(taken: Launched, folder: Path) -> None:
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); "
        "from jndlab.cli import main; sys.argv = ['jndlab', 'backup', sys.argv[1]]; main()"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", limited, str(folder)],
        env={**os.environ, **taken.settings.to_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(folder.iterdir()) == []


def damages(backup: Path) -> Iterator[Any]:
    """Each way to damage a backup, and a word of what is said then."""
    clip = next((backup / "data" / "clips").rglob("*.wav"))

    def change(path: Path) -> Any:
        return lambda: path.write_bytes(path.read_bytes()[:-1] + b"?")

    yield "changed since", change(clip)
    yield "cannot be read", clip.unlink
    yield "changed since", change(backup / "data" / "jndlab.db")
    yield "changed since", change(backup / "data" / "plan-key")
    yield (
        "does not list",
        lambda: (backup / SUMS).write_text(
            "".join((backup / SUMS).read_text().splitlines(keepends=True)[:-1])
        ),
    )
    yield "no backup", (backup / MANIFEST).unlink


@pytest.mark.parametrize("number", range(6))
@pytest.mark.sqlite
def test_a_damaged_backup_is_not_verified(made: Backup, number: int) -> None:
    # Files may be shared with other backups, and tests: a copy is damaged.
    said, damage = list(damages(made.path))[number]
    damage()
    with pytest.raises(StoreError, match=said):
        verify_again(made.path)


@pytest.mark.sqlite
def test_rows_that_differ_from_the_manifest_are_found(made: Backup, tmp_path: Path) -> None:
    """Digests of files that somebody has mended to fit do not hide it."""
    content = json.loads((made.path / MANIFEST).read_text())
    content["tables"]["answers"] = [3, content["tables"]["answers"][1]]
    (made.path / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(StoreError, match="table answers has 14 rows instead of 3"):
        restore_backup(made.path, elsewhere(tmp_path))


@pytest.mark.sqlite
def test_another_key_in_a_backup_is_refused(made: Backup) -> None:
    content = json.loads((made.path / MANIFEST).read_text())
    (made.path / MANIFEST).write_text(json.dumps(content | {"plan_key": "00" * 32}))
    with pytest.raises(StoreError, match="not the one that signed"):
        verify_again(made.path)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("change", "said"),
    [({"jndlab_backup": 2}, "form 2"), ({"surplus": 1}, "lacks"), ({"tables": 3}, "lacks")],
)
def test_a_manifest_of_another_form_is_refused(
    made: Backup, change: dict[str, Any], said: str
) -> None:
    content = json.loads((made.path / MANIFEST).read_text())
    (made.path / MANIFEST).write_text(json.dumps(content | change))
    with pytest.raises(StoreError, match=said):
        read_manifest(made.path)


def test_nothing_is_restored_over_something(taken: Launched, made: Backup, tmp_path: Path) -> None:
    before = facts(taken.settings)
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(made.path, taken.settings)
    if taken.settings.database_url:
        with pytest.raises(StoreError, match="not empty"):
            restore_backup(made.path, replace(taken.settings, data=tmp_path / "new"))
    assert facts(taken.settings) == before


def test_what_a_restore_left_behind_puts_no_data_in_danger(taken: Launched, made: Backup) -> None:
    """Its scratch folder could not be removed, and the server has run since."""
    (taken.settings.data / SCRATCH).mkdir()
    before = {path.name for path in taken.settings.data.iterdir()}
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(made.path, taken.settings)
    assert {path.name for path in taken.settings.data.iterdir()} == before


@pytest.mark.sqlite
def test_a_clip_that_is_gone_is_told_and_the_rest_backed_up(taken: Launched, folder: Path) -> None:
    next(taken.settings.clips.rglob("*.wav")).unlink()
    made = make_backup(taken.settings, folder)
    assert len(made.manifest.missing_clips) == 1
    assert "1 rendered sounds are missing" in " ".join(made.verified.warnings)


@pytest.mark.sqlite
def test_a_key_that_signed_nothing_is_told(taken: Launched, folder: Path) -> None:
    (taken.settings.data / "plan-key").write_text("11" * 32)
    made = make_backup(taken.settings, folder)
    assert "signed with another key" in " ".join(made.verified.warnings)


@pytest.mark.sqlite
def test_a_backup_into_the_data_folder_is_refused(taken: Launched) -> None:
    with pytest.raises(StoreError, match="inside the data folder"):
        make_backup(taken.settings, taken.settings.data / "backups")

"""Clips lie in a place that may be slow or away: nobody who answers a trial waits for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from jndlab.clips import FolderShelf, missing_clips, open_clips
from jndlab.errors import StoreError
from jndlab.settings import Settings
from jndlab.store import clips_lock
from jndlab.store.clips_lock import alone_with_clips
from jndlab.store.engine import WRITERS, Store
from jndlab.store.models import StimulusRow
from jndlab.store.studies import require_study
from jndlab.store.study_states import set_study_state
from jndlab.studies import launch_study
from jndlab.studies.deleting import UNDER_WAY_SECONDS, delete_study, sweep_clips
from jndlab.studies.drafts import create_study, launch_draft, save_draft
from tests.builders import make_study_text, write_stimuli, write_study


@dataclass
class Watched:
    """A shelf that notes at each call whether somebody held the lock of all writers."""

    shelf: FolderShelf
    store: Store
    calls: list[tuple[str, bool]] = field(default_factory=list)
    is_away: bool = False

    def missing(self, names: Iterable[str]) -> set[str]:
        self.calls.append(("missing", is_locked(self.store)))
        return self.shelf.missing(names)

    def remove(self, names: Iterable[str]) -> None:
        self.calls.append(("remove", is_locked(self.store)))
        if self.is_away:
            raise StoreError("The object store is away.", "Wait.")
        self.shelf.remove(names)


def is_locked(store: Store) -> bool:
    """Whether a writer who asks now has to wait."""
    if store.dialect == "sqlite":
        path = str(store.engine.url.database)
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        finally:
            other.close()
        return False
    with store.engine.connect() as connection:
        return not connection.execute(text(f"SELECT pg_try_advisory_xact_lock({WRITERS})")).scalar()


@pytest.fixture
def watched(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched(FolderShelf(settings.clips), store)
    monkeypatch.setattr("jndlab.studies.deleting.open_clips", lambda _: watched)
    looked = "jndlab.studies.freezing.missing_clips"
    monkeypatch.setattr(looked, lambda _, digests: missing_clips(watched, digests))  # type: ignore[arg-type]
    return watched


@pytest.fixture
def archived(store: Store, settings: Settings, tmp_path: Path) -> int:
    launch_study(store, settings, write_study(tmp_path / "study"))
    with store.write() as db:
        study = require_study(db, "tiny").id
        set_study_state(db, study, "archived")
    return study


def test_the_lock_of_writers_is_seen(store: Store) -> None:
    assert not is_locked(store)
    with store.write():
        assert is_locked(store)


def test_no_call_is_made_while_a_writer_holds_the_database(
    store: Store, settings: Settings, watched: Watched, tmp_path: Path
) -> None:
    file = write_study(tmp_path / "study")
    launch_study(store, settings, file)
    launch_study(store, settings, file)  # looks whether its clips are still there
    with store.write() as db:
        study = require_study(db, "tiny").id
        set_study_state(db, study, "archived")
    draft = create_study(store, slug="draft", title="Draft", by=None)
    folder = settings.study_folder(draft)
    write_stimuli(folder)
    save_draft(store, settings, draft, make_study_text(slug="draft"), based_on=0, by=None)
    launch_draft(store, settings, draft, target="preview", by=None)
    delete_study(store, settings, study, by=None, confirmed="tiny")
    assert watched.calls == [("missing", False)] * 3 + [("remove", False)]


def test_clips_that_could_not_be_deleted_go_with_the_next_sweep(
    store: Store, settings: Settings, archived: int, watched: Watched, tmp_path: Path
) -> None:
    watched.is_away = True
    delete_study(store, settings, archived, by=None, confirmed="tiny")
    launch_study(store, settings, write_study(tmp_path / "two", slug="two", items=["one"]))
    with store.read() as db:
        played = {row.clip for row in db.query(StimulusRow)}
    assert played < on_disk(settings)
    make_older(settings, archived)
    with pytest.raises(StoreError, match="is away"):
        sweep_clips(store, settings)
    watched.is_away = False
    sweep_clips(store, settings)
    assert on_disk(settings) == played
    assert not list(settings.clips_to_delete.iterdir())


def test_a_deletion_that_is_under_way_is_not_swept(
    store: Store, settings: Settings, archived: int, watched: Watched
) -> None:
    watched.is_away = True
    delete_study(store, settings, archived, by=None, confirmed="tiny")
    (settings.clips_to_delete / ".writing-x").write_text("half a lis")
    sweep_clips(store, settings)
    assert len(watched.calls) == 1
    assert on_disk(settings)


def test_a_deletion_that_was_cut_off_before_its_end_takes_no_clip_away(
    store: Store, settings: Settings, archived: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("jndlab.studies.deleting._delete_study_rows", cut_off)
    with pytest.raises(KeyboardInterrupt):
        delete_study(store, settings, archived, by=None, confirmed="tiny")
    make_older(settings, archived)
    sweep_clips(store, settings)
    with store.read() as db:
        clips = {row.clip for row in db.query(StimulusRow)}
    assert clips
    assert not missing_clips(open_clips(settings), clips)


def test_a_full_disk_hinders_no_deletion(
    store: Store, settings: Settings, archived: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.", "Delete a study.")

    monkeypatch.setattr("jndlab.studies.deleting.write_atomically", full)
    delete_study(store, settings, archived, by=None, confirmed="tiny")
    assert on_disk(settings) == set()


HOLD_AND_WAIT = """
import sys, time
from pathlib import Path
from jndlab.settings import Settings
from jndlab.store.clips_lock import alone_with_clips
from jndlab.store.engine import open_store
settings = Settings(data=Path(sys.argv[1]), database_url=sys.argv[2])
with open_store(settings) as store, alone_with_clips(store):
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_processes_take_turns_and_a_killed_one_frees_the_lock(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips_lock, "WAIT_SECONDS", 1)
    command = [sys.executable, "-c", HOLD_AND_WAIT, str(settings.data), settings.database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="deleted or launched elsewhere"):
            hold(store)
        with store.write():  # nobody else waits
            pass
        other.kill()
    hold(store)


def hold(store: Store) -> None:
    with alone_with_clips(store):
        pass


def on_disk(settings: Settings) -> set[str]:
    return {path.stem for path in settings.clips.rglob("*.wav")}


def make_older(settings: Settings, study: int) -> None:
    past = time.time() - UNDER_WAY_SECONDS - 60
    os.utime(settings.clips_to_delete / str(study), (past, past))

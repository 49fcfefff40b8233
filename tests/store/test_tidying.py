"""What is over, or was left by work that was cut off, is cleared away; and nothing else."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from jndlab.clips import clip_name
from jndlab.store.engine import Store
from jndlab.store.models import JobRow, RateRow
from jndlab.store.rates import Rate, require_rate
from jndlab.studies.deleting import UNDER_WAY_SECONDS
from jndlab.web.jobs.periodic import begin_what_is_due
from jndlab.web.jobs.queue import add_job
from jndlab.web.jobs.tidying import LEFT_SECONDS, remove_job_folders
from tests.store.launching import Launched
from tests.web.jobs import work_in_this_process

LONG, SHORT = (Rate(what=what, most=9, seconds=1_000_000_000) for what in ("long", "short"))


def test_only_old_folders_without_a_job_are_removed(launched: Launched) -> None:
    kept = fill(launched, ask(launched.store), age=LEFT_SECONDS + 60)
    lost = fill(launched, "of-a-deleted-study", age=LEFT_SECONDS + 60)
    begun = fill(launched, "begun-just-now", age=LEFT_SECONDS - 60)
    assert remove_job_folders(launched.store, launched.settings) == 1
    assert [path.exists() for path in (kept, lost, begun)] == [True, False, True]


def test_a_folder_that_goes_meanwhile_does_not_matter(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(launched, "ends", age=LEFT_SECONDS + 60)
    gone = launched.settings.jobs / "gone"
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([gone, self / "ends"]))
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    assert remove_job_folders(launched.store, launched.settings) == 1


def test_without_folders_there_is_nothing_to_remove(launched: Launched) -> None:
    assert remove_job_folders(launched.store, launched.settings) == 0


def test_a_server_tidies_where_there_is_something_to_clear_away(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin_what_is_due(launched.store, launched.settings) == []
    for rate in (LONG, SHORT):
        require_rate(launched.store, rate, "ann")
    assert begin_what_is_due(launched.store, launched.settings) == []
    folder = fill(launched, "of-a-deleted-study", age=LEFT_SECONDS + 60)
    clip = next(launched.settings.clips.rglob("*.wav"))
    orphan = launched.settings.clips / clip_name("0" * 64)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"")
    listed = list_clips(launched, [clip.stem, orphan.stem])
    with launched.store.write() as db:
        over = datetime.now(UTC) - timedelta(seconds=1)
        [first] = db.scalars(select(RateRow.digest).limit(1))
        db.execute(update(RateRow).where(RateRow.digest == first).values(ends_at=over))
    assert begin_what_is_due(launched.store, launched.settings) == ["tidying"]
    assert begin_what_is_due(launched.store, launched.settings) == []
    assert work_in_this_process(launched, monkeypatch) == 0
    with launched.store.read() as db:
        row = db.scalars(select(JobRow)).one()
        assert (row.state, row.result) == ("done", '{"folders": 1}')
        assert db.scalar(select(func.count()).select_from(RateRow)) == 1
    assert not folder.exists()
    assert not orphan.exists()
    assert not listed.exists()
    assert clip.exists()  # a study plays it


@pytest.mark.parametrize("what", ["count", "folder", "clips"])
def test_each_of_them_is_work(launched: Launched, what: str) -> None:
    if what == "count":
        require_rate(launched.store, LONG, "ann")
        with launched.store.write() as db:
            db.execute(update(RateRow).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    elif what == "folder":
        fill(launched, "a-folder", age=0)
    else:
        list_clips(launched, ["0" * 64])
    assert begin_what_is_due(launched.store, launched.settings) == ["tidying"]


def test_an_object_store_that_is_away_does_not_hinder_the_rest(
    launched: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(launched.settings, clips_url="s3://nowhere/x")
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "x",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    folder = fill(launched, "of-a-deleted-study", age=LEFT_SECONDS + 60)
    listed = list_clips(launched, ["0" * 64])
    assert begin_what_is_due(launched.store, settings) == ["tidying"]
    assert work_in_this_process(replace(launched, settings=settings), monkeypatch) == 0
    with launched.store.read() as db:
        assert db.scalars(select(JobRow.state)).one() == "failed"
    assert not folder.exists()
    assert listed.exists()


def ask(store: Store) -> str:
    with store.write() as db:
        return add_job(db, "gate", study_id=None, by=None)


def fill(launched: Launched, name: str, *, age: float) -> Path:
    folder = launched.settings.job_folder(name)
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("x")
    os.utime(folder, (time.time() - age,) * 2)
    return folder


def list_clips(launched: Launched, digests: list[str]) -> Path:
    path = launched.settings.clips_to_delete / "77"
    path.parent.mkdir()
    path.write_text("\n".join(digests))
    os.utime(path, (time.time() - UNDER_WAY_SECONDS - 60,) * 2)
    return path

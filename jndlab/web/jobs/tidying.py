"""The job that clears away what is over, and what was left by work that was cut off."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow
from jndlab.store.rates import forget_counts, has_old_counts

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

LEFT_SECONDS = 86_400.0
"""A folder without a job that nobody has touched for so long is not of one that begins or ends."""


def how_often(settings: Settings) -> timedelta:
    """The time between two jobs."""
    return timedelta(days=1)


def has_work(db: Session, settings: Settings) -> bool:
    """Whether there may be anything to clear away."""
    folders = (settings.jobs, settings.clips_to_delete)
    return has_old_counts(db) or any(True for folder in folders for _ in _entries(folder))


def run(job: Job) -> dict[str, Any]:
    """No options. Result: how many folders of jobs were removed."""
    from jndlab.studies.deleting import sweep_clips

    with job.store.write(shared=True) as db:
        forget_counts(db)
    n_folders = remove_job_folders(job.store, job.settings)
    sweep_clips(job.store, job.settings)  # at last: an object store may be away
    return {"folders": n_folders}


def remove_job_folders(store: Store, settings: Settings) -> int:
    """Remove the folders of jobs that were deleted; how many.

    A job that was asked for while its study was deleted, a machine that lost its power: files are
    deleted after the rows.
    """
    left = [path for path in _entries(settings.jobs) if _was_left(path)]
    with store.read() as db:  # after the look: a folder that was seen has had its row by now
        known = set(db.scalars(select(JobRow.public_id)))
    lost = [path for path in left if path.name not in known]
    for path in lost:
        shutil.rmtree(path, ignore_errors=True)
    return len(lost)


def _was_left(path: Path) -> bool:
    try:
        return path.is_dir() and path.stat().st_mtime < time.time() - LEFT_SECONDS
    except FileNotFoundError:  # it ends just now
        return False


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()

"""The process of one job: ``python -m jndlab.web.jobs.worker PUBLIC_ID``."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from jndlab.errors import JndlabError
from jndlab.files import disk_error, make_folder, room_error
from jndlab.settings import Settings, load_settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import JobRow
from jndlab.web.jobs.kinds import load_kind
from jndlab.web.jobs.queue import job_folder

ENDED = ("done", "failed")
KEPT_FILES = 3
"""Of a study, the files of so many jobs of a kind are kept; the pages offer the last one's."""
LOCK = "worker.lock"
SAY_EVERY_S = 0.5
"""How far it is, is written down no more often: each time takes the write lock."""


@dataclass
class Job:
    """What a kind of job is given: what to work on, and how to say how far it is."""

    store: Store
    settings: Settings
    public_id: str
    study_id: int | None
    created_by: int | None
    options: dict[str, Any]
    _n_done: int = field(default=0, repr=False)
    _n_steps: int = field(default=0, repr=False)
    _said_at: float = field(default=0.0, repr=False)

    @property
    def folder(self) -> Path:
        """Folder for the files that it makes."""
        folder = job_folder(self.settings, self.public_id)
        make_folder(folder)
        return folder

    def require_study_id(self) -> int:
        """The study that it is about."""
        assert self.study_id is not None
        return self.study_id

    def progress(self, n_done: int, n_steps: int, doing: str = "") -> None:
        """Say how far it is, and what it is ``doing`` where there are few steps that take long."""
        self._n_done, self._n_steps = n_done, n_steps
        now = time.monotonic()
        if not doing and now - self._said_at < SAY_EVERY_S and n_done < n_steps:
            return
        self._said_at = now
        with self.store.write() as db:
            row = db.scalars(select(JobRow).where(JobRow.public_id == self.public_id)).one()
            row.n_done, row.n_steps, row.message = n_done, n_steps, doing

    def step(self) -> None:
        """One step more is done, of those that were announced with :meth:`progress`."""
        self.progress(self._n_done + 1, max(self._n_steps, self._n_done + 1))


def main(public_id: str) -> int:
    """Run a job to its end; 0 if its row says how it ended."""
    with contextlib.suppress(OSError):
        os.nice(10)  # participants come first
    settings = load_settings()
    with _only_worker(settings), open_store(settings, create=False) as store:
        with store.read() as db:
            row = db.scalars(select(JobRow).where(JobRow.public_id == public_id)).one()
        if row.state in ENDED:  # by the process of a server that is gone
            return 0
        job = Job(
            store=store,
            settings=settings,
            public_id=public_id,
            study_id=row.study_id,
            created_by=row.created_by,
            options=json.loads(row.options),
        )
        try:
            result = run_kind(job, row.kind)
        except JndlabError as error:
            message, remedy = (_less_paths(job, text) for text in (error.message, error.remedy))
            _end(store, public_id, state="failed", message=message, remedy=remedy)
        else:
            _end(store, public_id, state="done", result=json.dumps(result))
            _forget_older_files(job, row.kind)
    return 0


def run_kind(job: Job, kind: str) -> dict[str, Any]:
    """What a job comes to. One that fails leaves no file; a full disk is told as one."""
    try:
        return load_kind(kind)(job)
    except (JndlabError, OSError) as error:
        shutil.rmtree(job_folder(job.settings, job.public_id), ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise room_error(job.settings.data, error) from None
        raise


@contextlib.contextmanager
def _only_worker(settings: Settings) -> Iterator[None]:
    """Wait until no other process works on a job.

    A server that ends leaves its worker behind, and the next one takes up what it was at: both at
    once would take each other's files away. The operating system frees the lock in any case.
    """
    if sys.platform == "win32":  # no such locks there
        yield
        return
    import fcntl

    lock = make_folder(settings.data / "jobs") / LOCK
    try:
        held = lock.open("w")
    except OSError as error:
        raise disk_error(lock, error) from None
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _forget_older_files(job: Job, kind: str) -> None:
    """Delete what older jobs of this kind have made of the same study: it may be gigabytes."""
    if job.study_id is None:
        return
    query = select(JobRow.public_id).where(JobRow.kind == kind, JobRow.study_id == job.study_id)
    with job.store.read() as db:
        older = list(db.scalars(query.order_by(JobRow.id.desc()).offset(KEPT_FILES)))
    for public_id in older:
        shutil.rmtree(job_folder(job.settings, public_id), ignore_errors=True)


def _less_paths(job: Job, text: str) -> str:
    """The text without the server's own folders, which are no business of a browser's."""
    if job.study_id is not None:
        text = text.replace(f"{job.settings.study_folder(job.study_id)}/", "")
    return text.replace(f"{job.settings.data}/", "")


def _end(store: Store, public_id: str, **values: str) -> None:
    with store.write() as db:
        row = db.scalars(select(JobRow).where(JobRow.public_id == public_id)).one()
        for name, value in values.items():
            setattr(row, name, value)
        row.finished_at = datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

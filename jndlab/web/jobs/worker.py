"""The process of one job: ``python -m jndlab.web.jobs.worker PUBLIC_ID ATTEMPT``."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from jndlab.errors import JndlabError
from jndlab.files import make_folder, room_error
from jndlab.settings import Settings, load_settings
from jndlab.store.engine import Store, open_store
from jndlab.store.models import JobRow
from jndlab.web.jobs.claims import BEAT_SECONDS, HELD, Claim, held_job, hold_job
from jndlab.web.jobs.kinds import load_kind
from jndlab.web.jobs.runner import LIMIT_SECONDS
from jndlab.web.logs import configure_logs

KEPT_FILES = 3
"""Of a study, the files of so many jobs of a kind are kept; the pages offer the last one's."""
SAY_EVERY_S = 0.5
"""How far it is, is written down no more often: each time waits for the disk."""


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
        folder = self.settings.job_folder(self.public_id)
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
        said = update(JobRow).where(JobRow.public_id == self.public_id)
        with self.store.write(shared=True) as db:
            db.execute(said.values(n_done=n_done, n_steps=n_steps, message=doing))

    def step(self) -> None:
        """One step more is done, of those that were announced with :meth:`progress`."""
        self.progress(self._n_done + 1, max(self._n_steps, self._n_done + 1))


def main(public_id: str, attempt: int) -> int:
    """Run a job to its end; 0 if its row says how it ended."""
    with contextlib.suppress(OSError):
        os.nice(10)  # participants come first
    settings = load_settings()
    claim = Claim(public_id=public_id, attempt=attempt)
    with open_store(settings, create=False) as store:
        with store.read() as db:
            row = held_job(db, claim)
        if row is None:  # another process has it by now
            return 0
        job = Job(
            store=store,
            settings=settings,
            public_id=public_id,
            study_id=row.study_id,
            created_by=row.created_by,
            options=json.loads(row.options),
        )
        if attempt > 1:  # what was cut off is begun anew
            shutil.rmtree(settings.job_folder(public_id), ignore_errors=True)
        try:
            with _held(store, claim):
                result = run_kind(job, row.kind)
        except JndlabError as error:
            message, remedy = (_less_paths(job, text) for text in (error.message, error.remedy))
            _end(store, claim, state="failed", message=message, remedy=remedy)
        else:
            _end(store, claim, state="done", result=json.dumps(result))
            _forget_older_files(job, row.kind)
    return 0


@contextlib.contextmanager
def _held(store: Store, claim: Claim) -> Iterator[None]:
    """Hold the job for the length of the block. Without it this process ends at once.

    Whoever is silent for too long has lost the job to another, and two at once would take each
    other's files away.
    """
    ended = threading.Event()

    def beat() -> None:
        began = last = time.monotonic()
        while not ended.wait(BEAT_SECONDS):
            try:
                with store.write(shared=True) as db:
                    mine = hold_job(db, claim)
                last = time.monotonic()
            except (JndlabError, SQLAlchemyError):  # nor can anybody else take it, for a while
                mine = time.monotonic() - last < HELD.total_seconds()
            if not mine or time.monotonic() - began > LIMIT_SECONDS:
                os._exit(1)

    thread = threading.Thread(target=beat, name="job-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def run_kind(job: Job, kind: str) -> dict[str, Any]:
    """What a job comes to. One that fails leaves no file; a full disk is told as one."""
    try:
        return load_kind(kind)(job)
    except (JndlabError, OSError) as error:
        shutil.rmtree(job.settings.job_folder(job.public_id), ignore_errors=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise room_error(job.settings.data, error) from None
        raise


def _forget_older_files(job: Job, kind: str) -> None:
    """Delete what older jobs of this kind have made of the same study: it may be gigabytes."""
    if job.study_id is None:
        return
    query = select(JobRow.public_id).where(JobRow.kind == kind, JobRow.study_id == job.study_id)
    with job.store.read() as db:
        older = list(db.scalars(query.order_by(JobRow.id.desc()).offset(KEPT_FILES)))
    for public_id in older:
        shutil.rmtree(job.settings.job_folder(public_id), ignore_errors=True)


def _less_paths(job: Job, text: str) -> str:
    """The text without the server's own folders, which are no business of a browser's."""
    if job.study_id is not None:
        text = text.replace(f"{job.settings.study_folder(job.study_id)}/", "")
    return text.replace(f"{job.settings.data}/", "")


def _end(store: Store, claim: Claim, **values: str) -> None:
    with store.write() as db:
        row = held_job(db, claim)
        if row is None:  # deleted with its study, or taken by another
            return
        for name, value in values.items():
            setattr(row, name, value)
        row.finished_at = datetime.now(UTC)


if __name__ == "__main__":
    configure_logs(load_settings())
    sys.exit(main(sys.argv[1], int(sys.argv[2])))

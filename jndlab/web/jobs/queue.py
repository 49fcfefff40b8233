"""Asking for long work and seeing how far it is.

A job is a row; a thread of the server takes the oldest one that waits and runs it in a process of
its own, at low priority and one at a time. In the server's own process every participant would
wait for it. A server that is started again takes up what was cut off.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jndlab.errors import TokenInvalid
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow

LIMIT_SECONDS = 3600.0
KEPT_CHARACTERS = 2000

_lock = threading.Lock()
_runners: set[Path] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How far a job is."""

    public_id: str
    study_id: int | None
    kind: str
    options: dict[str, Any]
    state: str
    n_done: int
    n_steps: int
    message: str
    remedy: str
    result: dict[str, Any]
    created_by: int | None
    created_at: datetime
    finished_at: datetime | None


def start_job(
    store: Store,
    settings: Settings,
    kind: str,
    *,
    study_id: int | None,
    by: int | None,
    options: dict[str, Any] | None = None,
) -> str:
    """Ask for a job; its public id. One that still waits or runs is not asked for twice."""
    wanted = json.dumps(options or {}, sort_keys=True)
    with store.write() as db:
        same = db.scalars(
            select(JobRow).where(
                JobRow.kind == kind,
                JobRow.study_id == study_id,
                JobRow.options == wanted,
                JobRow.state.in_(("queued", "running")),
            )
        ).first()
        if same is None:
            same = JobRow(
                public_id=secrets.token_urlsafe(12),
                study_id=study_id,
                kind=kind,
                options=wanted,
                state="queued",
                n_done=0,
                n_steps=0,
                message="",
                remedy="",
                result="",
                created_by=by,
                created_at=datetime.now(UTC),
            )
            db.add(same)
        public_id = same.public_id
    ensure_runner(store, settings)
    return public_id


def require_job(db: Session, public_id: str) -> JobState:
    """How far the job of that id is. Raises TokenInvalid."""
    row = db.scalars(select(JobRow).where(JobRow.public_id == public_id)).one_or_none()
    if row is None:
        raise TokenInvalid("There is no such job.", "Load the page again.")
    return state_of(row)


def newest_job(
    db: Session, study_id: int, kind: str, *, options: dict[str, Any] | None = None
) -> JobState | None:
    """The job of a kind that was asked for last, for a study; of those with ``options``, if any."""
    query = select(JobRow).where(JobRow.study_id == study_id, JobRow.kind == kind)
    if options is not None:
        query = query.where(JobRow.options == json.dumps(options, sort_keys=True))
    row = db.scalars(query.order_by(JobRow.id.desc()).limit(1)).one_or_none()
    return None if row is None else state_of(row)


def state_of(row: JobRow) -> JobState:
    """A job's row as its state."""
    return JobState(
        public_id=row.public_id,
        study_id=row.study_id,
        kind=row.kind,
        options=json.loads(row.options),
        state=row.state,
        n_done=row.n_done,
        n_steps=row.n_steps,
        message=row.message,
        remedy=row.remedy,
        result=json.loads(row.result) if row.result else {},
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def job_folder(settings: Settings, public_id: str) -> Path:
    """Where a job puts its files."""
    return settings.data / "jobs" / public_id


def ensure_runner(store: Store, settings: Settings, *, anew: bool = False) -> None:
    """See to it that a thread of this process runs what waits; it ends when nothing does.

    ``anew``: the server has just begun, and what "runs" was cut off with the one before.
    """
    if anew:
        with store.write() as db:
            db.execute(update(JobRow).where(JobRow.state == "running").values(state="queued"))
    key = settings.data.resolve()
    with _lock:
        if key in _runners:
            return
        _runners.add(key)
    thread = threading.Thread(target=_run_all, args=(store, settings, key), name="job-runner")
    thread.daemon = True
    thread.start()


def _run_all(store: Store, settings: Settings, key: Path) -> None:
    try:
        while True:
            with _lock:  # whoever asks for a job now either is seen here or finds no runner
                public_id = _next(store)
                if public_id is None:
                    _runners.discard(key)
                    return
            _run(store, settings, public_id)
    except BaseException:
        with _lock:
            _runners.discard(key)
        raise


def _next(store: Store) -> str | None:
    with store.write() as db:
        query = select(JobRow).where(JobRow.state == "queued").order_by(JobRow.id).limit(1)
        row = db.scalars(query).one_or_none()
        if row is None:
            return None
        row.state, row.started_at = "running", datetime.now(UTC)
        return row.public_id


def _run(store: Store, settings: Settings, public_id: str) -> None:
    there = replace(settings, data=settings.data.resolve())
    command = [sys.executable, "-m", "jndlab.web.jobs.worker", public_id]
    try:
        outcome = subprocess.run(
            command,
            env={**os.environ, **there.to_environment()},
            cwd=there.data,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
        said = "" if outcome.returncode == 0 else outcome.stderr[-KEPT_CHARACTERS:]
    except subprocess.TimeoutExpired:
        said = f"It took longer than {LIMIT_SECONDS / 60:.0f} minutes."
    except OSError as error:  # no memory or no number left for a process
        said = f"It could not begin: {error}."
    with store.write() as db:
        row = db.scalars(select(JobRow).where(JobRow.public_id == public_id)).one_or_none()
        if row is None:  # its study was deleted meanwhile
            shutil.rmtree(job_folder(settings, public_id), ignore_errors=True)
        elif row.state == "running":  # it ended without saying so: killed, out of memory
            sys.stderr.write(f"job {row.kind} {public_id} failed: {said}\n")
            row.state, row.finished_at = "failed", datetime.now(UTC)
            row.message = "This was cut off by a failure of the server."
            row.remedy = "Try again; if it goes on, look into the server's log."

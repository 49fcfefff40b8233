"""Asking for long work and seeing how far it is.

A job is a row; a server takes the oldest one that waits (:mod:`jndlab.web.jobs.claims`) and runs it
in a process of its own (:mod:`jndlab.web.jobs.runner`). In the process that answers requests every
participant would wait for it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jndlab.errors import TokenInvalid, TooManyRequests
from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import JobRow
from jndlab.web.jobs.runner import ensure_runner

__all__ = [
    "JobState",
    "add_job",
    "newest_job",
    "require_job",
    "start_job",
    "state_of",
]


MOST_WAITING = 50
"""Of one person, on all servers together: the others' work waits behind it."""


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
    with store.write() as db:
        public_id = add_job(db, kind, study_id=study_id, by=by, options=options)
    ensure_runner(store, settings)
    return public_id


def add_job(
    db: Session,
    kind: str,
    *,
    study_id: int | None,
    by: int | None,
    options: dict[str, Any] | None = None,
) -> str:
    """A job that waits, in a transaction of the caller's, alone; as :func:`start_job`."""
    wanted = json.dumps(options or {}, sort_keys=True)
    same = db.scalars(
        select(JobRow).where(
            JobRow.kind == kind,
            JobRow.study_id == study_id,
            JobRow.options == wanted,
            JobRow.state.in_(("queued", "running")),
        )
    ).first()
    if same is not None:
        return same.public_id
    _require_patience(db, by)
    row = JobRow(
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
    db.add(row)
    return row.public_id


def _require_patience(db: Session, by: int | None) -> None:
    """Raise TooManyRequests if much that this person has asked for waits already."""
    query = select(func.count()).where(JobRow.created_by == by, JobRow.state == "queued")
    if by is not None and (db.scalar(query) or 0) >= MOST_WAITING:
        raise TooManyRequests(
            f"{MOST_WAITING} jobs of yours wait already.",
            "Wait until some of them are done.",
            seconds=60,
        )


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

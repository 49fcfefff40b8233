"""The job that backs up by itself, as often as the settings say."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.settings import Settings
from jndlab.store.models import JobRow

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

log = logging.getLogger("jndlab.jobs")

NO_BACKUP = "{}"
"""Result of a job that had no folder to back up to."""


def how_often(settings: Settings) -> timedelta | None:
    """The time between two backups; None where the server makes none."""
    return None if settings.backup_to is None else timedelta(hours=settings.backup_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """How the server's own backups went, of all servers with this database."""

    last_at: datetime | None
    """When the last one that was verified was begun: what was stored before is in it."""
    n_failed: int
    """How many have failed since."""
    failure: str
    """What the last of these said; empty: none has failed."""
    failed_at: datetime | None


def scheduled_backups(db: Session) -> Scheduled:
    """How the backups went that were asked for by the clock."""
    newest = select(JobRow).where(JobRow.kind == "backup").order_by(JobRow.id.desc())
    made = newest.where(JobRow.state == "done", JobRow.result != NO_BACKUP)
    last = db.scalars(made.limit(1)).one_or_none()
    failed = newest.where(JobRow.state == "failed", JobRow.id > (last.id if last else 0))
    rows = db.scalars(failed).all()
    return Scheduled(
        last_at=last.started_at if last else None,
        n_failed=len(rows),
        failure=f"{rows[0].message} {rows[0].remedy}" if rows else "",
        failed_at=rows[0].finished_at if rows else None,
    )


def run(job: Job) -> dict[str, Any]:
    """Back up, and remove older backups. A failure is in the server's log as well."""
    from jndlab.backups.making import make_backup
    from jndlab.errors import JndlabError

    settings = job.settings
    if settings.backup_to is None:  # asked for by a server that has other settings
        return {}
    try:
        made = make_backup(settings, settings.backup_to, keep=settings.backup_keep)
    except JndlabError as error:
        log.error("The backup failed: %s", error)
        raise
    for warning in made.verified.warnings:
        log.warning("Backup %s: %s", made.path, warning)
    return {
        "path": str(made.path),
        "rows": made.verified.n_rows,
        "files": made.verified.n_files,
        "bytes": made.verified.n_bytes,
        "removed": len(made.removed),
    }

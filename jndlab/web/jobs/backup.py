"""The job that backs up by itself, as often as the settings say."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jndlab.settings import Settings

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job

log = logging.getLogger("jndlab.jobs")


def how_often(settings: Settings) -> timedelta | None:
    """The time between two backups; None where the server makes none."""
    return None if settings.backup_to is None else timedelta(hours=settings.backup_hours)


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

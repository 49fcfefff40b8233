"""The job that anonymises or deletes data when the time is over for which they are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from jndlab.settings import Settings
from jndlab.store.retention import studies_whose_time_is_over, today_utc

if TYPE_CHECKING:
    from jndlab.web.jobs.worker import Job


def how_often(settings: Settings) -> timedelta:
    """The time between two jobs, should the first one fail."""
    return timedelta(hours=1)


def has_work(db: Session, settings: Settings) -> bool:
    """Whether the time of any study is over."""
    return bool(studies_whose_time_is_over(db, today_utc()))


def run(job: Job) -> dict[str, Any]:
    """No options. Result: the studies whose time was over."""
    from jndlab.studies.retention import end_retention

    return {"studies": end_retention(job.store, job.settings)}

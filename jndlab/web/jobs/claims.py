"""Which server works on which job, where there are several.

Who takes a job holds it for a while, and its process puts the end of that off for as long as it
lives. A job whose holder is silent for longer is free again: its process was killed, its machine is
gone, or it cannot reach the database, and then it ends by itself. Takers are alone in the database
for the moment of taking, so that no two get the same job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from jndlab.store.models import JobRow

HELD = timedelta(seconds=30)
"""For so long a job is held without a sign of life."""
BEAT_SECONDS = 5.0
"""So often the process of a job gives one."""
MOST_ATTEMPTS = 3
"""A job that has been cut off so often may be what cuts it off."""
SKEW = timedelta(minutes=5)
"""A time further ahead than the clocks of machines differ was written before one was set back."""

CUT_OFF = "This was cut off by a failure of the server."
TRY_AGAIN = "Try again; if it goes on, look into the server's log."


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that was taken, and the how manieth taking of it this was."""

    public_id: str
    attempt: int

    @property
    def holds(self) -> ColumnElement[bool]:
        """Of a job's row: whether it still is this taker's."""
        return and_(
            JobRow.public_id == self.public_id,
            JobRow.attempts == self.attempt,
            JobRow.state == "running",
        )


def job_waits(db: Session) -> bool:
    """Whether there is a job that somebody may take."""
    return db.scalar(select(JobRow.id).where(_is_free(datetime.now(UTC))).limit(1)) is not None


def take_job(db: Session, host: str) -> Claim | None:
    """Take the oldest job that is free, for a machine that works on none. Within ``write()``.

    One machine does one job at a time: participants come first.
    """
    now = datetime.now(UTC)
    at_work = and_(JobRow.state == "running", JobRow.host == host, _is_held(now))
    if db.scalar(select(func.count()).select_from(JobRow).where(at_work)):
        return None
    for row in db.scalars(select(JobRow).where(_is_free(now)).order_by(JobRow.id)):
        if row.attempts >= MOST_ATTEMPTS:
            row.state, row.finished_at = "failed", now
            row.message, row.remedy = CUT_OFF, TRY_AGAIN
            continue
        row.state, row.started_at = "running", now
        row.host, row.held_until = host, now + HELD
        row.attempts += 1
        return Claim(public_id=row.public_id, attempt=row.attempts)
    return None


def hold_job(db: Session, claim: Claim) -> bool:
    """Put off the end of holding a job; False if it is no longer held by this taker."""
    held = update(JobRow).where(claim.holds).values(held_until=datetime.now(UTC) + HELD)
    return db.execute(held.returning(JobRow.id)).first() is not None


def held_job(db: Session, claim: Claim) -> JobRow | None:
    """The job's row while this taker holds it."""
    return db.scalars(select(JobRow).where(claim.holds)).one_or_none()


def _is_free(now: datetime) -> ColumnElement[bool]:
    is_silent = or_(
        JobRow.held_until.is_(None),
        JobRow.held_until <= now,
        JobRow.held_until > now + HELD + SKEW,
    )
    return or_(JobRow.state == "queued", and_(JobRow.state == "running", is_silent))


def _is_held(now: datetime) -> ColumnElement[bool]:
    return and_(JobRow.held_until > now, JobRow.held_until <= now + HELD + SKEW)

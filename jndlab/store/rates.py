"""How often somebody may ask for something: counted in the database, for all servers together.

What is counted is a digest made with the deployment's key: no address of anybody is stored. The
counts of a span of time are forgotten after it: when the next one begins, and by a daily job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from jndlab.errors import TooManyRequests
from jndlab.languages.marks import N_
from jndlab.store.base import UtcTime
from jndlab.store.engine import Store
from jndlab.store.models import RateRow
from jndlab.store.secret_key import keyed_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many times within so many seconds."""

    what: str
    most: int
    seconds: int


OPENINGS = Rate(what="sessions of an address", most=600, seconds=600)
"""A lecture hall that begins together, or a whole university, comes from one address; who fills a
study with sessions does so for hours. Nothing that a session asks for later is counted."""
REQUESTS = Rate(what="requests of a token", most=3000, seconds=60)
"""Five hundred sounds are sent with a thousand requests."""


def require_rate(store: Store, rate: Rate, who: str, *, times: int = 1) -> None:
    """Count ``times`` more. Raises TooManyRequests if it was too often lately."""
    now = datetime.now(UTC)
    ends_at = _end_of_span(rate, now)
    with store.write(shared=True) as db:
        n = _add(db, keyed_digest(store.folder, f"{rate.what} {who}"), ends_at, times)
        if n == times:  # a new span has begun: what ended before it is of no use any more
            forget_counts(db)
    if n > rate.most:
        raise TooManyRequests(
            N_("The server cannot do this at the moment."),
            N_(
                "Try again in a moment; what was confirmed as saved is safe. If it goes on, tell "
                "the experimenter."
            ),
            seconds=max(1, int((ends_at - now).total_seconds())),
        )


def has_old_counts(db: Session) -> bool:
    """Whether there is a count whose span of time is over."""
    old = select(RateRow.digest).where(RateRow.ends_at < datetime.now(UTC))
    return db.scalar(old.limit(1)) is not None


def forget_counts(db: Session) -> None:
    """Forget the counts whose span of time is over."""
    db.execute(delete(RateRow).where(RateRow.ends_at < datetime.now(UTC)))


def _end_of_span(rate: Rate, now: datetime) -> datetime:
    left = rate.seconds - int(now.timestamp()) % rate.seconds
    return now.replace(microsecond=0) + timedelta(seconds=left)


def _add(db: Session, digest: str, ends_at: datetime, times: int) -> int:
    """The new count. One statement: two servers that count at once lose nothing."""
    values = {"digest": digest, "n": times}
    values["ends_at"] = UtcTime().process_bind_param(ends_at, db.get_bind().dialect)
    return int(db.execute(_COUNT, values).scalar_one())


_COUNT = text(
    "INSERT INTO rates (digest, ends_at, n) VALUES (:digest, :ends_at, :n) "
    "ON CONFLICT (digest, ends_at) DO UPDATE SET n = rates.n + excluded.n RETURNING n"
)

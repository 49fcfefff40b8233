"""What is done from time to time, once among all servers: as jobs, like all long work.

A row says when each was last begun. Whichever server finds it due first moves the row on and asks
for the job in the same transaction, so that none is begun twice and none is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from jndlab.settings import Settings
from jndlab.store.engine import Store
from jndlab.store.models import PeriodicRow
from jndlab.web.jobs import backup, retention, tidying
from jndlab.web.jobs.claims import SKEW
from jndlab.web.jobs.queue import add_job


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A kind of job that is asked for from time to time."""

    kind: str
    """As in :mod:`jndlab.web.jobs.kinds`; it gets no study and no options."""
    every: Callable[[Settings], timedelta | None]
    """How often by the settings; None: never."""
    has_work: Callable[[Session, Settings], bool] = lambda db, settings: True
    """Whether there is anything to do; asked at every look, so it has to be quick."""


PERIODIC: tuple[Periodic, ...] = (
    Periodic(kind="backup", every=backup.how_often),
    Periodic(kind="retention", every=retention.how_often, has_work=retention.has_work),
    Periodic(kind="tidying", every=tidying.how_often, has_work=tidying.has_work),
)
"""Everything that is done from time to time."""


def begin_what_is_due(
    store: Store, settings: Settings, *, what: tuple[Periodic, ...] | None = None
) -> list[str]:
    """Ask for the jobs whose time has come; their kinds. The first time is at once."""
    wanted = [
        (one, every)
        for one in (PERIODIC if what is None else what)
        if (every := one.every(settings)) is not None
    ]
    with store.read() as db:
        begun = {row.name: row.begun_at for row in db.query(PeriodicRow)}
        now = datetime.now(UTC)
        due = [
            (one.kind, every)
            for one, every in wanted
            if _is_due(begun.get(one.kind), every, now) and one.has_work(db, settings)
        ]
    return [kind for kind, every in due if _begin(store, kind, every)]


def _begin(store: Store, kind: str, every: timedelta) -> bool:
    with store.write() as db:
        now = datetime.now(UTC)  # to get here may have taken a while
        row = db.get(PeriodicRow, kind)
        begun = None if row is None else row.begun_at
        if not _is_due(begun, every, now):  # another server was faster
            return False
        if row is None:
            db.add(PeriodicRow(name=kind, begun_at=now))
        else:
            row.begun_at = now
        add_job(db, kind, study_id=None, by=None)
        return True


def _is_due(begun: datetime | None, every: timedelta, now: datetime) -> bool:
    return begun is None or not -SKEW < now - begun < every

"""What a session has behind it, without reading all of it again for every request.

A trial and its answer never change once the answer is stored, so what was read of them may be kept:
a request reads the newest rows only, and costs as much at trial 1,000 as at trial 10. What is kept
is never trusted blindly: its last row is read again, and where it is not there any more, or is
another one, everything is read afresh. So several servers on one database need not know of each
other, and a session that was withdrawn leaves nothing to go on with.
"""

from __future__ import annotations

from itertools import takewhile

from sqlalchemy.orm import Session

from jndlab.store.kept import Kept
from jndlab.store.models import SessionRow
from jndlab.store.sessions import history_of
from jndlab.store.under_way import UnderWay
from jndlab.study.trials import TrialRecord

_kept: Kept[tuple[TrialRecord, ...]] = Kept(limit=400_000)
"""Answered trials of about 0.7 kB, by the public id of their session."""


def session_history(db: Session, session: SessionRow | UnderWay) -> list[TrialRecord]:
    """What was presented to a session so far, in order."""
    kept = _kept.get(session.public_id) or ()
    first = kept[-1].trial.number if kept else 0
    records = history_of(db, session.id, first=first)
    if kept and records[:1] == list(kept[-1:]):
        records = [*kept[:-1], *records]
    elif kept:
        records = history_of(db, session.id)
    if session.state != "open":
        forget(session.public_id)
    # Writers take turns; who only reads may see the rows of a session that is being withdrawn.
    elif db.connection().get_execution_options().get("jndlab_writes") or not records:
        _keep(session.public_id, records)
    return records


def forget(public_id: str) -> None:
    """Keep nothing of a session."""
    _kept.drop(public_id)


def _keep(public_id: str, records: list[TrialRecord]) -> None:
    """All answered trials but the newest: that one may be of a transaction that will yet fail."""
    answered = tuple(takewhile(lambda record: record.response is not None, records))[:-1]
    if answered:
        _kept.put(public_id, answered, weight=len(answered))
    else:
        forget(public_id)

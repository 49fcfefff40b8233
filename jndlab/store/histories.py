"""What a session has behind it, without reading all of it again for every request.

A trial and its answer never change once the answer is stored, so what was read of them may be kept:
a request costs as much at trial 1,000 as at trial 10. What is kept is never trusted blindly. The
head of the session's chain, which every trial handed out and every answer changes, names all of
them: where it is still the one that was kept with them, nothing has to be read. Elsewhere the
newest rows are read, and the last one that was kept is read again; where it is not there any more,
or is another one, everything is read afresh. So several servers on one database need not know of
each other, and a session that was withdrawn leaves nothing to go on with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile

from sqlalchemy.orm import Session

from jndlab.store.kept import Kept
from jndlab.store.models import SessionRow
from jndlab.store.sessions import history_of
from jndlab.store.under_way import UnderWay
from jndlab.study.flow import Occasion
from jndlab.study.trials import Trial, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a session."""

    answered: tuple[TrialRecord, ...]
    """Answered trials, in order."""
    head: str | None = None
    """Of the session's chain, when these were all that were answered; None: there may be more."""
    questionnaires: frozenset[Occasion] = frozenset()
    """Some that were answered by then, if not all: an answer to one is never taken back."""
    trial: Trial | None = None
    """Whose turn it was, if known and no questionnaire came first."""


_kept: Kept[Known] = Kept(limit=400_000)
"""Answered trials of about 0.7 kB, by the public id of their session."""


def known_of(db: Session, session: UnderWay) -> Known:
    """What is known of a session that is locked: all of its answered trials at least."""
    known = _kept.get(session.public_id)
    if known is not None and known.head is not None and known.head == session.chain_head:
        return known
    return Known(answered=_answered_of(session_history(db, session)))


def keep_known(session: UnderWay, known: Known) -> None:
    """Keep what is known of a session, up to the head that its chain has just got.

    Should the transaction fail, the stored head is another one, and this is not believed.
    """
    known = replace(known, head=session.chain_head)
    _kept.put(session.public_id, known, weight=len(known.answered))


def session_history(db: Session, session: SessionRow | UnderWay) -> list[TrialRecord]:
    """What was presented to a session so far, in order."""
    known = _kept.get(session.public_id)
    kept = known.answered if known is not None else ()
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
    answered = _answered_of(records)[:-1]
    if answered:
        _kept.put(public_id, Known(answered=answered), weight=len(answered))
    else:
        forget(public_id)


def _answered_of(records: list[TrialRecord]) -> tuple[TrialRecord, ...]:
    return tuple(takewhile(lambda record: record.response is not None, records))

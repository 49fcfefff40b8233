"""Looks at the running result: noted when they happen, told in the report.

Whoever decides to stop, or to go on, after a look has tested more than once. The look itself is no
fault; that nobody knows of it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jndlab.export.history import LOOK
from jndlab.store.deeds import deeds_of, detail_of, note_deed
from jndlab.store.models import UserRow
from jndlab.study.phrases import plural
from jndlab.study.trials import SessionKind

MAX_REASON = 500
WHOSE: dict[SessionKind, str] = {
    "participant": "of participants",
    "pilot": "of the pilot",
    "simulated": "of simulated listeners",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """One look at the running result."""

    at: datetime
    user: str
    """Empty: nobody who is known here."""
    reason: str
    kind: SessionKind
    version: int | None
    """None: all versions."""
    n_finished: int
    """Sessions at that moment; likewise the answers."""
    n_open: int
    n_answers: int
    what: str = "the result"
    """What was looked at."""


def note_peek(
    db: Session,
    study_id: int,
    *,
    user_id: int | None,
    reason: str,
    kind: SessionKind,
    version: int | None,
    n_finished: int,
    n_open: int,
    n_answers: int,
) -> None:
    """Note a look, before anything is shown."""
    note_deed(
        db,
        LOOK,
        study_id=study_id,
        user_id=user_id,
        what=f"the running curve {WHOSE.get(kind, '')}".strip(),
        reason=reason.strip()[:MAX_REASON],
        kind=kind,
        version=version,
        n_finished=n_finished,
        n_open=n_open,
        n_answers=n_answers,
    )


def peeks_of(db: Session, study_id: int) -> tuple[Peek, ...]:
    """The looks at a study's running result, the first one first."""
    peeks = []
    for row in deeds_of(db, study_id, deed=LOOK):
        user = db.get(UserRow, row.user_id) if row.user_id is not None else None
        detail = detail_of(row)
        peeks.append(
            Peek(
                at=row.at,
                user=user.name if user else "",
                what=detail.get("what", "the result"),
                reason=detail.get("reason", ""),
                kind=detail.get("kind", "participant"),
                version=detail.get("version"),
                n_finished=detail.get("n_finished", 0),
                n_open=detail.get("n_open", 0),
                n_answers=detail.get("n_answers", 0),
            )
        )
    return tuple(peeks)


def describe_peeks(peeks: Sequence[Peek], *, kind: SessionKind = "participant") -> str:
    """The sentence for the procedure of the report; it names nobody.

    Looks at sessions of another kind, such as simulated listeners, are none at these data.
    """
    mine = [peek for peek in peeks if peek.kind == kind]
    if not mine:
        return "Nobody looked at the running result while data came in."
    times = "once" if len(mine) == 1 else f"{len(mine)} times"
    told = "; ".join(
        f"{peek.at:%Y-%m-%d %H:%M} UTC, after {plural(peek.n_answers, 'answer')} and "
        f"{plural(peek.n_finished, 'finished session')}"
        + (f" (reason given: {_quoted(peek.reason)})" if peek.reason else " (no reason given)")
        for peek in mine
    )
    return f"The running result was looked at {times} while data came in: {told}."


def _quoted(reason: str) -> str:
    return f"“{' '.join(reason.split())}”"

"""Hash chains: whoever changes, drops or adds a row afterwards breaks every link behind it.

A link is SHA-256 over the link before and the canonical JSON of what is stored, as Haber and
Stornetta (1991) chain documents. Each session has a chain of its own, so that no participant ever
waits for another one: it starts from the facts of the opening, goes on with each trial that is
handed out and with each answer, and its head lies in the session's row. Each study has one, too, of
what was done with it (:mod:`jndlab.store.deeds`), in which the heads of its sessions stand.

A session or a study from before there were chains has none, and gets none later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jndlab.store.models import SessionRow, StudyRow
from jndlab.store.signing import canonical_json

Clips = Iterable[tuple[str, str, int]]
"""Name, clip and noise seed of each interval, in order."""


def session_start(session: SessionRow, *, version_digest: str) -> str:
    """The link that a session's chain starts from."""
    return _link(
        "",
        {
            "what": "session",
            "session": session.public_id,
            "session_kind": session.kind,
            "participant": session.participant,
            "slot": session.slot,
            "study_digest": version_digest,
            "plan_digest": session.plan_digest,
            "opened_at": _time(session.opened_at),
        },
    )


def presented_link(head: str, *, number: int, trial: str, clips: Clips) -> str:
    """The link of a trial that is handed out; ``trial`` as it is stored."""
    return _link(
        head,
        {
            "what": "presented",
            "number": number,
            "trial": trial,
            "clips": [[name, clip, seed] for name, clip, seed in clips],
        },
    )


def answered_link(
    head: str,
    *,
    number: int,
    presented_at: datetime,
    n_loads: int,
    key: str,
    response: str,
    correct: bool | None,
    response_time_ms: float,
    confidence: int | None,
    plays: str,
    context_rate_hz: int | None,
    output_latency_ms: float | None,
    answered_at: datetime,
) -> str:
    """The link of an answer, and of when its trial was presented, which is final by then."""
    return _link(
        head,
        {
            "what": "answered",
            "number": number,
            "presented_at": _time(presented_at),
            "n_loads": n_loads,
            "key": key,
            "response": response,
            "correct": correct,
            # The database gives back floating-point numbers, also where whole ones came in.
            "response_time_ms": float(response_time_ms),
            "confidence": confidence,
            "plays": plays,
            "context_rate_hz": context_rate_hz,
            "output_latency_ms": None if output_latency_ms is None else float(output_latency_ms),
            "answered_at": _time(answered_at),
        },
    )


def study_start(study_id: int, created_at: datetime) -> str:
    """The link that a study's chain starts from."""
    return _link("", {"what": "study", "study": study_id, "created_at": _time(created_at)})


def deed_link(head: str, *, deed: str, user_id: int | None, detail: str, at: datetime) -> str:
    """The link of a deed; ``detail`` as it is stored."""
    return _link(
        head,
        {"what": "deed", "deed": deed, "user": user_id, "detail": detail, "at": _time(at)},
    )


def chain_deed(
    db: Session,
    study_id: int,
    *,
    deed: str,
    user_id: int | None,
    detail: str,
    at: datetime,
) -> str:
    """The link of a deed of a study, whose row is locked from here to the end of the transaction.

    Of many servers' deeds the ids are therefore in the order of the links.
    """
    mine = select(StudyRow.chain_head, StudyRow.created_at).where(StudyRow.id == study_id)
    head, created_at = db.execute(mine.with_for_update(key_share=True)).one()
    start = head or study_start(study_id, created_at)
    link = deed_link(start, deed=deed, user_id=user_id, detail=detail, at=at)
    db.execute(update(StudyRow).where(StudyRow.id == study_id).values(chain_head=link))
    return link


def _link(head: str, content: Mapping[str, Any]) -> str:
    return hashlib.sha256(head.encode("ascii") + canonical_json(content)).hexdigest()


def _time(at: datetime) -> str:
    """As it is stored: milliseconds, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")

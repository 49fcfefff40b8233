"""What the requests of a session under way read and write, many times a second.

Plain statements, made once, in place of mapped objects, whose loading and flushing would cost ten
times as much as the database does.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from jndlab.store.base import Base
from jndlab.store.chain import answered_link, presented_link
from jndlab.store.models import SessionRow
from jndlab.store.plans import parsed_plan
from jndlab.store.prepared import Prepared, Together
from jndlab.store.sessions import token_digest, trial_to_json, unknown, withdrawn
from jndlab.store.studies import parsed_definition
from jndlab.study.definition import StudyDefinition
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import SessionKind, Trial, TrialRecord

_SESSIONS = Base.metadata.tables["sessions"]
_VERSIONS = Base.metadata.tables["study_versions"]
_STIMULI = Base.metadata.tables["stimuli"]
_PRESENTED = Base.metadata.tables["presented_trials"]
_CLIPS = Base.metadata.tables["released_clips"]
_ANSWERS = Base.metadata.tables["answers"]


@dataclass(slots=True, kw_only=True)
class UnderWay:
    """A session in which trials are handed out and answered; :func:`keep` stores its changes."""

    id: int
    study_id: int
    version_id: int
    public_id: str
    kind: SessionKind
    state: str
    plan_digest: str
    checked_at: datetime | None
    last_seen_at: datetime
    chain_head: str | None
    study: StudyDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A trial that was handed out, presented or not, as it is stored."""

    id: int
    number: int
    trial: str
    """JSON, truth included."""
    presented_at: datetime
    n_loads: int
    response: str | None
    """None: not answered yet."""


_PLAN = select(_SESSIONS.c.plan).where(_SESSIONS.c.id == bindparam("session"))


def plan_under_way(db: Session, session: UnderWay) -> SessionPlan:
    """The stored plan of a session."""
    return parsed_plan(
        session.plan_digest,
        lambda: db.execute(_PLAN, {"session": session.id}).scalar_one(),
        over=session.state != "open",
    )


_FACTS = [name for name in UnderWay.__slots__ if name != "study"]
_TOKEN = (
    select(*(_SESSIONS.c[name] for name in _FACTS), _VERSIONS.c.definition)
    .join(_VERSIONS, _VERSIONS.c.id == _SESSIONS.c.version_id)
    .where(_SESSIONS.c.token_digest == bindparam("digest"))
)
_BY_TOKEN = Prepared(_TOKEN, "digest")
_LOCKED_BY_TOKEN = Prepared(_TOKEN.with_for_update(of=_SESSIONS), "digest")


def under_way(db: Session, token: str, *, lock: bool) -> UnderWay:
    """The session of a token, with ``lock`` nobody else's until the end of the transaction.

    Raises TokenInvalid, SessionWithdrawn.
    """
    query = _LOCKED_BY_TOKEN if lock else _BY_TOKEN
    found = query.run(db, {"digest": token_digest(token)})
    if not found:
        raise unknown()
    (*facts, definition) = found[0]
    session = UnderWay(**dict(zip(_FACTS, facts, strict=True)), study=parsed_definition(definition))
    if session.state == "withdrawn":
        raise withdrawn()
    return session


_KEEP = Prepared(
    update(_SESSIONS).where(_SESSIONS.c.id == bindparam("session")),
    "session",
    "last_seen_at",
    "chain_head",
)


def keep(db: Session, session: UnderWay) -> None:
    """Store when the session was last seen, and the head of its chain."""
    _KEEP.run(db, _kept(session))


def _kept(session: UnderWay) -> dict[str, Any]:
    return {
        "session": session.id,
        "last_seen_at": session.last_seen_at,
        "chain_head": session.chain_head,
    }


def finish(db: Session, session: UnderWay, at: datetime) -> SessionRow:
    """Store that nothing is left to do; returns the session's row."""
    row = db.get_one(SessionRow, session.id)
    row.state = session.state = "finished"
    row.finished_at = at
    db.flush()
    return row


_HANDED_OUT = Prepared(
    select(
        *(_PRESENTED.c[name] for name in ("id", "number", "trial", "presented_at", "n_loads")),
        _ANSWERS.c.response,
    )
    .outerjoin(_ANSWERS, _ANSWERS.c.presented_id == _PRESENTED.c.id)
    .where(
        _PRESENTED.c.session_id == bindparam("session"), _PRESENTED.c.number == bindparam("number")
    ),
    "session",
    "number",
)
_NAMES = Prepared(
    select(_CLIPS.c.name)
    .where(_CLIPS.c.presented_id == bindparam("presented"))
    .order_by(_CLIPS.c.position),
    "presented",
)


def handed_out(db: Session, session_id: int, number: int) -> HandedOut | None:
    """The trial of that number, if it was handed out."""
    found = _HANDED_OUT.run(db, {"session": session_id, "number": number})
    return HandedOut(**found[0]._asdict()) if found else None


def clip_names(db: Session, row: HandedOut) -> tuple[str, ...]:
    """Opaque names of the clips of a trial, in the order of its intervals."""
    return tuple(name for (name,) in _NAMES.run(db, {"presented": row.id}))


_CLIPS_OF_ITEM = Prepared(
    select(_STIMULI.c.condition, _STIMULI.c.level, _STIMULI.c.clip).where(
        _STIMULI.c.version_id == bindparam("version"), _STIMULI.c.item == bindparam("item")
    ),
    "version",
    "item",
)
_HAND_OUT = Prepared(
    insert(_PRESENTED).returning(_PRESENTED.c.id),
    *("session_id", "link", "number", "trial", "presented_at", "n_loads"),
)
_NAME_CLIPS = Prepared(insert(_CLIPS), *("presented_id", "position", "name", "clip", "noise_seed"))


@cache
def _name_clips(n_clips: int) -> Together:
    return Together(*[_NAME_CLIPS] * n_clips)


def hand_out(db: Session, session: UnderWay, trial: Trial, now: datetime) -> HandedOut:
    """Store a trial, not presented yet, before anything can be heard of it.

    Its link goes to the head of the session's chain, which is the caller's to keep.
    """
    asked = {"version": session.version_id, "item": trial.item}
    clips = {(condition, level): clip for condition, level, clip in _CLIPS_OF_ITEM.run(db, asked)}
    named = [
        (secrets.token_urlsafe(18), clips[interval.condition, interval.level], secrets.randbits(63))
        for interval in trial.intervals
    ]
    text = trial_to_json(trial)
    if session.chain_head is not None:
        session.chain_head = presented_link(
            session.chain_head, number=trial.number, trial=text, clips=named
        )
    values: dict[str, Any] = {
        "number": trial.number,
        "trial": text,
        "presented_at": now,
        "n_loads": 0,
    }
    stored = {"session_id": session.id, "link": session.chain_head, **values}
    [(presented_id,)] = _HAND_OUT.run(db, stored)
    released = [
        {
            "presented_id": presented_id,
            "position": place,
            "name": name,
            "clip": clip,
            "noise_seed": seed,
        }
        for place, (name, clip, seed) in enumerate(named)
    ]
    _name_clips(len(released)).run(db, *released)
    return HandedOut(id=presented_id, response=None, **values)


_PRESENT = Prepared(
    update(_PRESENTED).where(_PRESENTED.c.id == bindparam("presented")),
    "presented",
    "presented_at",
    "n_loads",
)


_PRESENT_AND_KEEP = Together(_PRESENT, _KEEP)


def presented(row: HandedOut, *, at: datetime) -> HandedOut:
    """A trial with one presentation more; the first time is its time."""
    return replace(
        row, n_loads=row.n_loads + 1, presented_at=row.presented_at if row.n_loads else at
    )


def _presented_values(row: HandedOut) -> dict[str, Any]:
    return {"presented": row.id, "presented_at": row.presented_at, "n_loads": row.n_loads}


def present(db: Session, session: UnderWay, row: HandedOut, *, at: datetime) -> None:
    """Count that a trial was presented; with it store what :func:`keep` stores."""
    _PRESENT_AND_KEEP.run(db, _presented_values(presented(row, at=at)), _kept(session))


_ANSWER = Prepared(insert(_ANSWERS), *_ANSWERS.c.keys())
_ANSWER_AND_KEEP = Together(_ANSWER, _KEEP)
_PRESENT_ANSWER_AND_KEEP = Together(_PRESENT, _ANSWER, _KEEP)


def add_answer(
    db: Session,
    session: UnderWay,
    row: HandedOut,
    record: TrialRecord,
    *,
    key: str,
    is_shown: bool,
) -> None:
    """Store the answer to a trial, with it what :func:`keep` stores, and, unless ``is_shown``, that
    the trial was presented as ``row`` says."""
    response = record.response
    assert response is not None
    values: dict[str, Any] = {
        "key": key,
        "response": response.value,
        "correct": record.correct,
        "response_time_ms": response.response_time_ms,
        "confidence": response.confidence,
        "plays": json.dumps(response.plays),
        "context_rate_hz": record.context_rate_hz,
        "output_latency_ms": record.output_latency_ms,
        "answered_at": record.answered_at,
    }
    if session.chain_head is not None:
        session.chain_head = answered_link(
            session.chain_head,
            number=row.number,
            presented_at=row.presented_at,
            n_loads=row.n_loads,
            **values,
        )
    answer = {"presented_id": row.id, "link": session.chain_head, **values}
    if is_shown:
        _ANSWER_AND_KEEP.run(db, answer, _kept(session))
    else:
        _PRESENT_ANSWER_AND_KEEP.run(db, _presented_values(row), answer, _kept(session))

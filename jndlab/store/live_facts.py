"""What the live view reads of one session, from a given point on. Of what was played nothing but
the kind of a trial is told; of adaptive tracks, what says whether they have stopped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jndlab.store.models import (
    AnswerRow,
    CheckTrialRow,
    EventRow,
    PresentedRow,
    ResumeRow,
    SessionRow,
)
from jndlab.study.session_plan import AdaptivePlan, OpenTrial, PracticeEnd, SessionPlan
from jndlab.study.trials import Phase, Trial, TrialKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFact:
    """One answer, without what was played."""

    number: int
    phase: Phase
    kind: TrialKind
    response: str
    correct: bool | None
    response_time_ms: float
    n_plays: int
    """Over all intervals of the trial."""
    context_rate_hz: int | None
    output_latency_ms: float | None
    answered_at: datetime
    part: str = ""
    track: str = ""
    """Adaptive track that it belongs to; empty: none."""
    level: float | None = None
    """Of a trial of a track, for its stop rule; None otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFact:
    """One trial of a check."""

    place: int
    attempt: int
    correct: bool | None
    """None: not answered yet."""
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFact:
    """One report of the participant's browser."""

    event_id: int
    kind: str
    detail: str
    received_at: datetime


def outline_of(db: Session, session_id: int) -> SessionPlan:
    """The plan of a session without what is tested: numbers, phases, blocks and parts; and the
    rules of its adaptive tracks, which say when they stop."""
    text, participant = db.execute(
        select(SessionRow.plan, SessionRow.participant).where(SessionRow.id == session_id)
    ).one()
    plan = json.loads(text)
    end = plan.get("practice_end")
    return SessionPlan(
        participant=participant,
        seed=0,
        practice_end=PracticeEnd(**end) if end else None,
        adaptive=tuple(AdaptivePlan.from_dict(one) for one in plan.get("adaptive", ())),
        trials=tuple(
            OpenTrial(number=one["number"], block=one["block"], part=one["part"])
            if one.get("open")
            else blank_trial(one["number"], one["phase"], one["block"], part=one.get("part") or "")
            for one in plan["trials"]
        ),
    )


def blank_trial(
    number: int,
    phase: Phase,
    block: int = 1,
    *,
    part: str = "",
    track: str = "",
    level: float | None = 0.0,
) -> Trial:
    """A trial of which only the place in its session is known; of an open one, also what its track
    had chosen."""
    return Trial(
        number=number,
        block=block,
        phase=phase,
        kind="test",
        item="",
        condition="",
        level=level,
        order="",
        intervals=(),
        correct_response="",
        part=part,
        track=track,
    )


def answers_after(db: Session, session_id: int, number: int) -> list[AnswerFact]:
    """The answers of a session to trials after ``number``, in order."""
    query = (
        select(
            PresentedRow.number,
            PresentedRow.trial,
            AnswerRow.response,
            AnswerRow.correct,
            AnswerRow.response_time_ms,
            AnswerRow.plays,
            AnswerRow.context_rate_hz,
            AnswerRow.output_latency_ms,
            AnswerRow.answered_at,
        )
        .join(PresentedRow.answer)
        .where(PresentedRow.session_id == session_id, PresentedRow.number > number)
        .order_by(PresentedRow.number)
    )
    return [_answer_fact(row, json.loads(row.trial)) for row in db.execute(query)]


def _answer_fact(row: Any, trial: Mapping[str, Any]) -> AnswerFact:
    track = trial.get("track") or ""
    return AnswerFact(
        number=row.number,
        phase=trial["phase"],
        kind=trial["kind"],
        response=row.response,
        correct=row.correct,
        response_time_ms=row.response_time_ms,
        n_plays=sum(json.loads(row.plays)),
        context_rate_hz=row.context_rate_hz,
        output_latency_ms=row.output_latency_ms,
        answered_at=row.answered_at,
        part=trial.get("part") or "",
        track=track,
        level=trial["level"] if track else None,
    )


def check_facts(db: Session, session_id: int) -> list[CheckFact]:
    """The trials of checks that a session was given, in order."""
    query = select(
        CheckTrialRow.place,
        CheckTrialRow.attempt,
        CheckTrialRow.correct,
        CheckTrialRow.answered_at,
    ).where(CheckTrialRow.session_id == session_id)
    rows = db.execute(query.order_by(CheckTrialRow.id))
    return [
        CheckFact(
            place=row.place,
            attempt=row.attempt,
            correct=row.correct,
            answered_at=row.answered_at,
        )
        for row in rows
    ]


def events_from(db: Session, session_id: int, since: datetime | None) -> list[EventFact]:
    """What the browser of a session reported from ``since`` on, that moment included."""
    query = select(EventRow.id, EventRow.kind, EventRow.detail, EventRow.received_at).where(
        EventRow.session_id == session_id
    )
    if since is not None:
        query = query.where(EventRow.received_at >= since)
    rows = db.execute(query.order_by(EventRow.received_at, EventRow.id))
    return [
        EventFact(event_id=row.id, kind=row.kind, detail=row.detail, received_at=row.received_at)
        for row in rows
    ]


def resume_gaps(db: Session, session_id: int) -> Sequence[float]:
    """Seconds that a session was away before each time it was gone on with."""
    query = select(ResumeRow.gap_seconds).where(ResumeRow.session_id == session_id)
    return db.scalars(query.order_by(ResumeRow.id)).all()

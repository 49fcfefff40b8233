"""Sessions as the live view reads them, made up for tests: defaults, and overrides by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jndlab.store.live import SessionMark, SessionPulse
from jndlab.store.live_facts import AnswerFact, CheckFact, EventFact, blank_trial
from jndlab.study.plan import SessionPlan
from jndlab.study.trials import Phase
from jndlab.web.live.session_records import SessionFacts

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
OPENED = NOW - timedelta(minutes=20)


def minutes_ago(minutes: float) -> datetime:
    """A moment before :data:`NOW`."""
    return NOW - timedelta(minutes=minutes)


def make_mark(**overrides: Any) -> SessionMark:
    """A session under way, past its checks."""
    pulse = {
        "session_id": 1,
        "participant": 1,
        "version_id": 1,
        "state": "open",
        "last_number": 0,
        "last_event_at": None,
    }
    row = {
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "opened_at": OPENED,
        "consented_at": OPENED,
        "checked_at": OPENED,
        "last_seen_at": NOW,
        "finished_at": None,
        "n_checked": 0,
    }
    pulse |= {name: overrides.pop(name) for name in pulse.keys() & overrides.keys()}
    return SessionMark(pulse=SessionPulse(**pulse), **{**row, **overrides})


def make_outline(n_practice: int = 2, n_main: int = 8, *, per_block: int = 4) -> SessionPlan:
    """A plan of so many trials, of which only the places are known."""
    practice = [blank_trial(number, "practice", 1) for number in range(1, n_practice + 1)]
    first = 2 if n_practice else 1
    main = [
        blank_trial(n_practice + 1 + place, "main", first + place // per_block)
        for place in range(n_main)
    ]
    return SessionPlan(participant=1, seed=0, trials=(*practice, *main))


def make_answer(number: int, **overrides: Any) -> AnswerFact:
    """A right answer to a main trial after 2 s, each sound heard once."""
    phase: Phase = "main"
    values = {
        "number": number,
        "phase": phase,
        "kind": "test",
        "response": "A",
        "correct": True,
        "response_time_ms": 2000.0,
        "n_plays": 3,
        "context_rate_hz": 48_000,
        "output_latency_ms": 10.0,
        "answered_at": NOW,
    }
    return AnswerFact(**{**values, **overrides})


def make_event(event_id: int, kind: str, detail: str = "") -> EventFact:
    """A report of the browser."""
    return EventFact(event_id=event_id, kind=kind, detail=detail, received_at=NOW)


def make_check(place: int, correct: bool | None, *, attempt: int = 1) -> CheckFact:
    """A trial of a check; None: not answered yet."""
    return CheckFact(
        place=place,
        attempt=attempt,
        correct=correct,
        answered_at=None if correct is None else OPENED,
    )


def make_facts(**overrides: Any) -> SessionFacts:
    """A session under way of 2 practice and 8 main trials; ``mark`` are keys of its row."""
    mark = make_mark(**overrides.pop("mark", {}))
    return SessionFacts(**{"mark": mark, "outline": make_outline(), **overrides})

"""One session's stored facts -> what the live view says of it. Pure: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import median

import numpy as np

from jndlab.store.live_facts import AnswerFact, CheckFact
from jndlab.study.checks import CheckResponse, ChecksState, checks_state
from jndlab.study.definition import StudyDefinition
from jndlab.web.live.browsers import browser_family
from jndlab.web.live.outliers import FEWEST_TIMES, TOO_FAST_MS, spread_of
from jndlab.web.live.parts import part_answers
from jndlab.web.live.session_records import SessionFacts, SessionSummary, Tally
from jndlab.web.live.session_step import (
    given_trials,
    has_open,
    history_of,
    is_practised,
    step_of,
)


def summarise_session(study: StudyDefinition, facts: SessionFacts) -> SessionSummary:
    """What the live view says of a session."""
    mark = facts.mark
    main = [answer for answer in facts.answers if answer.phase == "main"]
    history = history_of(facts)
    checks = _checks(study, facts)
    given = given_trials(facts, history)
    times = [one.response_time_ms for one in main]
    possible = [time for time in times if time >= TOO_FAST_MS]
    spread = spread_of(possible, fewest=FEWEST_TIMES)
    rates = [one.context_rate_hz for one in main if one.context_rate_hz is not None]
    latencies = [one.output_latency_ms for one in main if one.output_latency_ms is not None]
    return SessionSummary(
        participant=mark.pulse.participant,
        state=mark.pulse.state,
        step=step_of(study, facts, history, checks, given),
        n_answered=len(facts.answers),
        n_planned=len(given),
        at_most=has_open(given, history),
        opened_at=mark.opened_at,
        last_sign_at=_last_sign(facts),
        finished_at=mark.finished_at,
        consented=mark.consented_at is not None,
        checked=mark.checked_at is not None,
        practised=mark.checked_at is not None and is_practised(given, history),
        checks=checks.outcomes if facts.checks else (),
        n_check_attempts=_attempts(study, facts.checks),
        gross=_tally(main, "gross"),
        identical=_tally(main, "identical"),
        known=_tally(main, "gold", "trap"),
        parts=part_answers(study, [one for one in main if one.kind not in ("gold", "trap")]),
        median_ms=spread.median,
        n_timed=len(times),
        n_too_fast=len(times) - len(possible),
        n_unusual=sum(spread.stands_out(time) for time in possible),
        plays_per_trial=float(np.mean([one.n_plays for one in main])) if main else None,
        n_resumes=len(facts.resume_gaps),
        longest_gap_s=max(facts.resume_gaps, default=0.0),
        n_hidden=facts.events.n_hidden,
        n_interrupted=facts.events.n_interrupted,
        n_problems=facts.events.n_problems,
        n_device_changes=facts.events.n_device_changes,
        context_rate_hz=rates[-1] if rates else facts.events.context_rate_hz,
        hardware_rate_hz=facts.events.hardware_rate_hz,
        output_latency_ms=median(latencies) if latencies else facts.events.output_latency_ms,
        browser=browser_family(mark.user_agent),
        minutes=Counter(int(one.answered_at.timestamp()) // 60 for one in facts.answers),
    )


def _checks(study: StudyDefinition, facts: SessionFacts) -> ChecksState:
    responses = [
        CheckResponse(place=one.place, attempt=one.attempt, correct=one.correct)
        for one in facts.checks
        if one.correct is not None
    ]
    return checks_state(study.check_rules(), responses)


def _attempts(study: StudyDefinition, checks: Sequence[CheckFact]) -> tuple[int, ...]:
    return tuple(
        max((one.attempt for one in checks if one.place == place), default=0)
        for place in range(len(study.check_rules()))
    )


def _tally(answers: Sequence[AnswerFact], *kinds: str) -> Tally:
    """Where something is right or wrong."""
    scored = [answer for answer in answers if answer.correct is not None]
    mine = [bool(answer.correct) for answer in scored if answer.kind in kinds]
    return Tally(n_correct=sum(mine), n_trials=len(mine))


def _last_sign(facts: SessionFacts) -> datetime:
    mark = facts.mark
    signs = [
        mark.last_seen_at,
        mark.pulse.last_event_at,
        *(one.answered_at for one in facts.checks),
    ]
    return max(sign for sign in signs if sign is not None)

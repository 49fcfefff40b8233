"""One session's stored facts -> what the live view says of it. Pure: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

import numpy as np

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.store.live import SessionMark
from jndlab.store.live_facts import AnswerFact, CheckFact
from jndlab.study.checks import CheckResponse, ChecksState, Outcome, checks_state
from jndlab.study.definition import StudyDefinition
from jndlab.study.flow import Done, Occasion, next_step
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.progress import trials_given
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Response, Trial, TrialRecord
from jndlab.web.live.audio_facts import EventTally
from jndlab.web.live.browsers import browser_family
from jndlab.web.live.outliers import FEWEST_TIMES, TOO_FAST_MS, spread_of

NO_RESPONSE = Response(value="", response_time_ms=0.0, plays=())
BIAS_COVERAGE = 0.99
"""Of the interval of one session's preference: among forty sessions, 95 % would cry wolf twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What is stored of one session, as far as the live view needs it."""

    mark: SessionMark
    outline: SessionPlan
    """Places, phases and blocks of its trials."""
    answers: tuple[AnswerFact, ...] = ()
    checks: tuple[CheckFact, ...] = ()
    events: EventTally = field(default_factory=EventTally)
    resume_gaps: tuple[float, ...] = ()
    occasions: frozenset[Occasion] = frozenset()
    """Questionnaires that are answered."""
    asks: bool = True
    """Whether there is somebody to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Right answers among all of a kind."""

    n_correct: int = 0
    n_trials: int = 0

    @property
    def share(self) -> float | None:
        """None: there are none."""
        return self.n_correct / self.n_trials if self.n_trials else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            n_correct=self.n_correct + other.n_correct, n_trials=self.n_trials + other.n_trials
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What the live view says of one session by itself, without comparing it with others.

    Times, plays, responses and catch trials are of answered main trials, as in the report.
    """

    participant: int
    state: str
    step: str
    """Where it stands, in words."""
    n_answered: int
    """Practice included."""
    n_planned: int
    opened_at: datetime
    last_sign_at: datetime
    """Of life: an answer, a check, a report of the browser."""
    finished_at: datetime | None
    consented: bool
    checked: bool
    practised: bool
    """Whether the practice is behind it."""
    checks: tuple[Outcome, ...]
    """Of each check of the study, in its order; empty where there is nobody to check."""
    n_check_attempts: tuple[int, ...]
    gross: Tally
    identical: Tally
    """Right by the nominal key, which nobody can know: chance is what is expected."""
    responses: Mapping[str, int]
    """How often each possible response was given."""
    first_share: ConfidenceInterval | None
    """Interval of the share of the first response; None without answers."""
    median_ms: float | None
    """Of the response times that are possible."""
    n_timed: int
    n_too_fast: int
    n_unusual: int
    """Answers whose time stands out among the session's own."""
    plays_per_trial: float | None
    """Over all intervals of a trial."""
    n_resumes: int
    longest_gap_s: float
    n_hidden: int
    n_interrupted: int
    n_problems: int
    n_device_changes: int
    context_rate_hz: int | None
    hardware_rate_hz: int | None
    output_latency_ms: float | None
    browser: str
    minutes: Mapping[int, int]
    """Answers per minute, by minutes since 1970."""

    @property
    def hardware_differs(self) -> bool:
        """Whether the browser converts to another rate on the way out."""
        rates = (self.context_rate_hz, self.hardware_rate_hz)
        return None not in rates and rates[0] != rates[1]

    @property
    def first_response_share(self) -> float | None:
        """Share of the first response among the answers."""
        n_answers = sum(self.responses.values())
        return next(iter(self.responses.values())) / n_answers if n_answers else None


def summarise_session(study: StudyDefinition, facts: SessionFacts) -> SessionSummary:
    """What the live view says of a session."""
    mark = facts.mark
    main = [answer for answer in facts.answers if answer.phase == "main"]
    history = _history(facts)
    checks = _checks(study, facts)
    times = [one.response_time_ms for one in main]
    possible = [time for time in times if time >= TOO_FAST_MS]
    spread = spread_of(possible, fewest=FEWEST_TIMES)
    responses = _responses(study, main)
    rates = [one.context_rate_hz for one in main if one.context_rate_hz is not None]
    latencies = [one.output_latency_ms for one in main if one.output_latency_ms is not None]
    return SessionSummary(
        participant=mark.pulse.participant,
        state=mark.pulse.state,
        step=_step(study, facts, history, checks),
        n_answered=len(facts.answers),
        n_planned=len(trials_given(facts.outline, history)),
        opened_at=mark.opened_at,
        last_sign_at=_last_sign(facts),
        finished_at=mark.finished_at,
        consented=mark.consented_at is not None,
        checked=mark.checked_at is not None,
        practised=mark.checked_at is not None and _practised(facts, history),
        checks=checks.outcomes if facts.checks else (),
        n_check_attempts=_attempts(study, facts.checks),
        gross=_tally(main, "gross"),
        identical=_tally(main, "identical"),
        responses=responses,
        first_share=_first_share(responses),
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


def _history(facts: SessionFacts) -> list[TrialRecord]:
    """The answers as the rules of a session read them: which trials, and whether right."""
    by_number = {
        trial.number: trial for trial in facts.outline.trials if isinstance(trial, Trial)
    }
    return [
        TrialRecord(
            trial=by_number[answer.number],
            presented_at=answer.answered_at,
            response=NO_RESPONSE,
            correct=answer.correct,
        )
        for answer in facts.answers
        if answer.number in by_number
    ]


def _practised(facts: SessionFacts, history: Sequence[TrialRecord]) -> bool:
    answered = {record.trial.number for record in history}
    return all(
        trial.number in answered
        for trial in trials_given(facts.outline, history)
        if trial.phase == "practice"
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


def _step(
    study: StudyDefinition,
    facts: SessionFacts,
    history: Sequence[TrialRecord],
    checks: ChecksState,
) -> str:
    mark = facts.mark
    if mark.pulse.state != "open":
        return mark.pulse.state.replace("-", " ")
    done = Done(
        checks_over=mark.checked_at is not None,
        history=history,
        questionnaires=facts.occasions,
        asks=facts.asks,
    )
    step = next_step(study, facts.outline, done)
    if step.kind == "check":
        rules = study.check_rules()
        place = checks.next_trial.place if checks.next_trial else len(rules) - 1
        return f"check {place + 1} of {len(rules)}: {rules[place].kind.replace('-', ' ')}"
    if step.occasion is not None:
        return f"questionnaire {step.occasion.questionnaire}"
    if step.trial is None:
        return "last step"
    if step.trial.phase == "practice":
        return "practice"
    blocks = sorted({trial.block for trial in facts.outline.trials if trial.phase == "main"})
    return f"block {blocks.index(step.trial.block) + 1} of {len(blocks)}"


def _tally(answers: Sequence[AnswerFact], kind: str) -> Tally:
    mine = [bool(answer.correct) for answer in answers if answer.kind == kind]
    return Tally(n_correct=sum(mine), n_trials=len(mine))


def _responses(study: StudyDefinition, answers: Sequence[AnswerFact]) -> dict[str, int]:
    given = Counter(answer.response for answer in answers)
    return {response: given[response] for response in PARADIGMS[study.paradigm].responses}


def _first_share(responses: Mapping[str, int]) -> ConfidenceInterval | None:
    n_answers = sum(responses.values())
    if not n_answers:
        return None
    return clopper_pearson(next(iter(responses.values())), n_answers, coverage=BIAS_COVERAGE)


def _last_sign(facts: SessionFacts) -> datetime:
    mark = facts.mark
    signs = [
        mark.last_seen_at,
        mark.pulse.last_event_at,
        *(one.answered_at for one in facts.checks),
    ]
    return max(sign for sign in signs if sign is not None)

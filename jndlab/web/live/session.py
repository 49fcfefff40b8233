"""One session's stored facts -> what the live view says of it. Pure: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

import numpy as np

from jndlab.errors import DataError
from jndlab.store.live import SessionMark
from jndlab.store.live_facts import AnswerFact, CheckFact, blank_trial
from jndlab.study.checks import CheckResponse, ChecksState, Outcome, checks_state
from jndlab.study.definition import StudyDefinition
from jndlab.study.flow import Done, Occasion, next_step
from jndlab.study.progress import trials_given
from jndlab.study.session_plan import OpenTrial, PlannedTrial, SessionPlan
from jndlab.study.trials import Response, TrialRecord
from jndlab.web.live.audio_facts import EventTally
from jndlab.web.live.browsers import browser_family
from jndlab.web.live.outliers import FEWEST_TIMES, TOO_FAST_MS, spread_of
from jndlab.web.live.parts import PartAnswers, part_answers

NO_RESPONSE = Response(value="", response_time_ms=0.0, plays=())
ASTRAY = "levels that its answers do not lead to"
"""Where a session is whose stored trials its plan cannot have given: ask ``jndlab verify``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What is stored of one session, as far as the live view needs it."""

    mark: SessionMark
    outline: SessionPlan
    """Places, phases, blocks and parts of its trials, and the rules of its tracks."""
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
    at_most: bool
    """Whether a stop rule may end the session before ``n_planned``."""
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
    known: Tally
    """Gold and trap trials: the experimenter knows their answers."""
    parts: tuple[PartAnswers, ...]
    """What was answered in each part of the study, less gold and trap trials, which are not
    balanced."""
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
    def watched(self) -> PartAnswers | None:
        """The first part in which a preference for one response would be odd; None: there is
        none."""
        return next((part for part in self.parts if part.chance is not None), None)

    @property
    def first_response_share(self) -> float | None:
        """Share of the first response among the answers, where it says something."""
        part = self.watched
        if part is None or not part.n_answers:
            return None
        return part.responses[part.first_response] / part.n_answers

    @property
    def mean_rating(self) -> float | None:
        """Over all ratings of all parts; None: there are none."""
        n_ratings = sum(part.n_ratings for part in self.parts)
        return sum(part.rating_sum for part in self.parts) / n_ratings if n_ratings else None


def summarise_session(study: StudyDefinition, facts: SessionFacts) -> SessionSummary:
    """What the live view says of a session."""
    mark = facts.mark
    main = [answer for answer in facts.answers if answer.phase == "main"]
    history = _history(facts)
    checks = _checks(study, facts)
    given = _given(facts, history)
    times = [one.response_time_ms for one in main]
    possible = [time for time in times if time >= TOO_FAST_MS]
    spread = spread_of(possible, fewest=FEWEST_TIMES)
    rates = [one.context_rate_hz for one in main if one.context_rate_hz is not None]
    latencies = [one.output_latency_ms for one in main if one.output_latency_ms is not None]
    return SessionSummary(
        participant=mark.pulse.participant,
        state=mark.pulse.state,
        step=_step(study, facts, history, checks, given),
        n_answered=len(facts.answers),
        n_planned=len(given),
        at_most=_has_open(given, history),
        opened_at=mark.opened_at,
        last_sign_at=_last_sign(facts),
        finished_at=mark.finished_at,
        consented=mark.consented_at is not None,
        checked=mark.checked_at is not None,
        practised=mark.checked_at is not None and _practised(given, history),
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


def _history(facts: SessionFacts) -> list[TrialRecord]:
    """The answers as the rules of a session read them: which trials, and whether right."""
    by_number = {trial.number: trial for trial in facts.outline.trials}
    return [
        TrialRecord(
            trial=blank_trial(
                answer.number,
                answer.phase,
                by_number[answer.number].block,
                part=answer.part,
                track=answer.track,
                level=answer.level,
            ),
            presented_at=answer.answered_at,
            response=NO_RESPONSE,
            correct=answer.correct,
        )
        for answer in facts.answers
        if answer.number in by_number
    ]


def _given(facts: SessionFacts, history: Sequence[TrialRecord]) -> tuple[PlannedTrial, ...]:
    """The trials of the session as far as it is known; all that are planned where its tracks
    cannot be followed."""
    try:
        return trials_given(facts.outline, history)
    except DataError:
        return facts.outline.trials


def _has_open(given: Sequence[PlannedTrial], history: Sequence[TrialRecord]) -> bool:
    answered = {record.trial.number for record in history}
    return any(isinstance(one, OpenTrial) and one.number not in answered for one in given)


def _practised(given: Sequence[PlannedTrial], history: Sequence[TrialRecord]) -> bool:
    """Whether the practice of the first part is over; other parts may have one of their own."""
    answered = {record.trial.number for record in history}
    first = given[0].part if given else ""
    return all(
        trial.number in answered
        for trial in given
        if trial.phase == "practice" and trial.part == first
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
    given: Sequence[PlannedTrial],
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
    try:
        step = next_step(study, facts.outline, done)
    except DataError:
        return ASTRAY
    if step.kind == "check":
        rules = study.check_rules()
        place = checks.next_trial.place if checks.next_trial else len(rules) - 1
        return f"check {place + 1} of {len(rules)}: {rules[place].kind.replace('-', ' ')}"
    if step.occasion is not None:
        return f"questionnaire {step.occasion.questionnaire}"
    if step.trial is None:
        return "last step"
    return _place(step.trial.number, facts.outline, given, history)


def _place(
    number: int,
    outline: SessionPlan,
    given: Sequence[PlannedTrial],
    history: Sequence[TrialRecord],
) -> str:
    """The block of a trial among those of its part, in words."""
    trial = next(one for one in outline.trials if one.number == number)
    parts = list(dict.fromkeys(one.part for one in outline.trials))
    part = f"part {parts.index(trial.part) + 1}, " if len(parts) > 1 else ""
    if trial.phase == "practice":
        return f"{part}practice"
    own = [one for one in given if one.part == trial.part and one.phase == "main"]
    blocks = sorted({one.block for one in own})
    at_most = "at most " if _has_open(own, history) else ""
    return f"{part}block {blocks.index(trial.block) + 1} of {at_most}{len(blocks)}"


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

"""The sessions' summaries -> what the live view says of the study. Pure: the time is handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jndlab.analysis.intervals import ConfidenceInterval, clopper_pearson
from jndlab.study.checks import CheckKind
from jndlab.study.definition import StudyDefinition
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import SessionKind
from jndlab.web.live.outliers import FEWEST_SESSIONS, FEWEST_TIMES, Spread, spread_of
from jndlab.web.live.parts import PartAnswers
from jndlab.web.live.session import SessionSummary, Tally

SILENT_AFTER = timedelta(minutes=5)
"""A longer break between two signs of life is worth a look; it is longer than a trial takes."""
MINUTES = 60
"""Length of the series of answers per minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNow:
    """A session among the others, at one moment."""

    summary: SessionSummary
    version: int
    silent_minutes: int | None
    """Since its last sign of life; None: it is not silent, or has ended."""
    left: bool
    """Silent for longer than the study lets anybody go on."""
    unusual_time: bool
    """Its median response time stands out among the sessions'."""
    unusual_plays: bool
    prefers: str | None
    """The response that it gives more often than chance and the balanced order explain, in the
    first part where something is right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the way through the study, and how many sessions have reached it."""

    name: str
    n_sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCounts:
    """How the sessions fared in one check."""

    kind: CheckKind
    n_began: int
    n_passed: int
    n_passed_later: int
    """Of these, not at the first attempt."""
    n_failed: int
    n_open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseShare:
    """How often one response was given, over all sessions."""

    part: str
    """Empty where a session is all one."""
    response: str
    n_given: int
    n_answers: int
    interval: ConfidenceInterval
    """Exact binomial; it takes the answers as independent."""
    chance: float | None
    """What a plan with balanced orders expects; None where what is heard decides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """The ratings of one part, over all sessions and everything that was rated."""

    part: str
    mean: float
    n_ratings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks:
    """What the listeners of a study are asked to do, as far as it decides what can be told."""

    gross: bool
    """Whether there are gross differences among the trials; likewise the others."""
    identical: bool
    known: bool
    """Whether there are gold or trap trials."""
    watched: bool
    """Whether a preference for one response would be odd, in some part."""
    rated: bool
    chances: tuple[float, ...] = ()
    """Chance levels of the parts with right answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Finished sessions of participants against the most that count."""

    n_finished: int
    n_wanted: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOverview:
    """A study at one moment, for one kind of session."""

    kind: SessionKind
    at: datetime
    sessions: tuple[SessionNow, ...]
    n_unread: int
    """Sessions that are counted in none of the numbers yet: the next look reads them."""
    states: Mapping[str, int]
    n_silent: int
    n_answers: int
    n_resumes: int
    n_hidden: int
    funnel: tuple[Stage, ...]
    checks: tuple[CheckCounts, ...]
    gross: Tally
    identical: Tally
    shares: tuple[ResponseShare, ...]
    ratings: tuple[Ratings, ...]
    tasks: Tasks
    times: Spread
    """Of the sessions' median response times, in ms."""
    plays: Spread
    """Of the sessions' mean plays per trial."""
    minutes: tuple[int, ...]
    """Answers in each of the last sixty minutes, the present one last."""
    quota: Quota

    @property
    def last_sign_at(self) -> datetime | None:
        """Of any session."""
        return max((one.summary.last_sign_at for one in self.sessions), default=None)


def overview_of(
    studies: Mapping[int, StudyDefinition],
    sessions: Sequence[tuple[int, SessionSummary]],
    *,
    kind: SessionKind,
    now: datetime,
    quota: Quota,
    n_unread: int = 0,
) -> StudyOverview:
    """What the live view says of a study at the moment ``now``.

    ``studies``: the definition of each version by its number; ``sessions``: each with the number
    of its version. Checks are counted in the newest version that has sessions: another one may
    have others.
    """
    summaries = [summary for _, summary in sessions]
    times = _spread(summaries, lambda one: one.median_ms)
    plays = _spread(summaries, lambda one: one.plays_per_trial)
    found = tuple(
        _now(studies[version], version, summary, now, times, plays) for version, summary in sessions
    )
    last = max((version for version, _ in sessions), default=None)
    newest = None if last is None else studies[last]
    return StudyOverview(
        kind=kind,
        at=now,
        sessions=found,
        n_unread=n_unread,
        states=Counter(summary.state for summary in summaries),
        n_silent=sum(one.silent_minutes is not None for one in found),
        n_answers=sum(one.n_answered for one in summaries),
        n_resumes=sum(one.n_resumes for one in summaries),
        n_hidden=sum(one.n_hidden for one in summaries),
        funnel=_funnel(summaries),
        checks=_checks(newest, [one for number, one in sessions if number == last])
        if newest
        else (),
        gross=sum((one.gross for one in summaries), Tally()),
        identical=sum((one.identical for one in summaries), Tally()),
        shares=_shares(_parts(summaries)),
        ratings=tuple(
            Ratings(part=one.part, mean=one.rating_sum / one.n_ratings, n_ratings=one.n_ratings)
            for one in _parts(summaries)
            if one.n_ratings
        ),
        tasks=tasks_of(studies.values()),
        times=times,
        plays=plays,
        minutes=_minutes(summaries, now),
        quota=quota,
    )


def _spread(
    summaries: Sequence[SessionSummary], value: Callable[[SessionSummary], float | None]
) -> Spread:
    """Over the sessions with answers enough to have a middle of their own."""
    values = [value(one) for one in summaries if one.n_timed >= FEWEST_TIMES]
    return spread_of([one for one in values if one], fewest=FEWEST_SESSIONS)


def _now(
    study: StudyDefinition,
    version: int,
    summary: SessionSummary,
    now: datetime,
    times: Spread,
    plays: Spread,
) -> SessionNow:
    silence = now - summary.last_sign_at
    silent = summary.state == "open" and silence >= SILENT_AFTER
    hours = study.design.resume_hours
    enough = summary.n_timed >= FEWEST_TIMES
    return SessionNow(
        summary=summary,
        version=version,
        silent_minutes=int(silence.total_seconds()) // 60 if silent else None,
        left=silent and hours is not None and silence > timedelta(hours=hours),
        unusual_time=enough and times.stands_out(summary.median_ms),
        unusual_plays=enough and plays.stands_out(summary.plays_per_trial),
        prefers=summary.watched.preferred if summary.watched else None,
    )


def tasks_of(studies: Iterable[StudyDefinition]) -> Tasks:
    """What is asked in any version of a study."""
    parts = [(study.design, part.paradigm) for study in studies for part in all_parts(study)]
    return Tasks(
        gross=any(design.gross_trials and task.has_gross for design, task in parts),
        identical=any(
            design.identical_trials and task.has_identical and task.measure == "correct"
            for design, task in parts
        ),
        known=any(design.gold or design.traps for design, _ in parts),
        watched=any(task.measure == "correct" for _, task in parts),
        rated=any(task.measure == "rating" for _, task in parts),
        chances=tuple(sorted({task.guess_rate for _, task in parts if task.measure == "correct"})),
    )


def _parts(summaries: Sequence[SessionSummary]) -> list[PartAnswers]:
    """The answers of all sessions to each part; of another version with other responses, apart."""
    found: dict[tuple[str, ...], PartAnswers] = {}
    for summary in summaries:
        for one in summary.parts:
            key = (one.part, one.measure, *one.responses)
            found[key] = found[key] + one if key in found else one
    return list(found.values())


def _funnel(summaries: Sequence[SessionSummary]) -> tuple[Stage, ...]:
    """Whoever has reached a stage has reached the ones before it, whatever was noted of them."""
    stages: list[tuple[str, Callable[[SessionSummary], bool]]] = [
        ("opened", lambda one: True),
        ("consented", lambda one: one.consented),
        ("checks done", lambda one: one.checked),
        ("practice done", lambda one: one.practised),
        ("finished", lambda one: one.state == "finished"),
    ]
    reached = [
        max(place for place, (_, test) in enumerate(stages) if test(one)) for one in summaries
    ]
    return tuple(
        Stage(name=name, n_sessions=sum(far >= place for far in reached))
        for place, (name, _) in enumerate(stages)
    )


def _checks(study: StudyDefinition, summaries: Sequence[SessionSummary]) -> tuple[CheckCounts, ...]:
    return tuple(
        _check(rule.kind, place, summaries) for place, rule in enumerate(study.check_rules())
    )


def _check(kind: CheckKind, place: int, summaries: Sequence[SessionSummary]) -> CheckCounts:
    began = [
        (one.checks[place], one.n_check_attempts[place])
        for one in summaries
        if place < len(one.checks) and one.n_check_attempts[place] > 0
    ]
    outcomes = Counter(outcome for outcome, _ in began)
    return CheckCounts(
        kind=kind,
        n_began=len(began),
        n_passed=outcomes["passed"],
        n_passed_later=sum(outcome == "passed" and attempts > 1 for outcome, attempts in began),
        n_failed=outcomes["failed"],
        n_open=outcomes["open"],
    )


def _shares(parts: Sequence[PartAnswers]) -> tuple[ResponseShare, ...]:
    return tuple(
        ResponseShare(
            part=part.part,
            response=response,
            n_given=n_given,
            n_answers=part.n_answers,
            interval=clopper_pearson(n_given, part.n_answers),
            chance=part.chance,
        )
        for part in parts
        if part.n_answers
        for response, n_given in part.responses.items()
    )


def _minutes(summaries: Sequence[SessionSummary], now: datetime) -> tuple[int, ...]:
    present = int(now.timestamp()) // 60
    first = present - MINUTES + 1
    counts = [0] * MINUTES
    for one in summaries:
        if int(one.last_sign_at.timestamp()) // 60 < first:
            continue  # older than the whole series
        for minute, number in one.minutes.items():
            if first <= minute <= present:
                counts[minute - first] += number
    return tuple(counts)

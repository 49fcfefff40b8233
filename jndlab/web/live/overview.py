"""The sessions' summaries -> what the live view says of the study. Pure: the time is handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from jndlab.analysis.intervals import clopper_pearson
from jndlab.study.checks import CheckKind
from jndlab.study.definition import StudyDefinition
from jndlab.study.session_parts import all_parts
from jndlab.study.trials import SessionKind
from jndlab.web.live.outliers import FEWEST_SESSIONS, FEWEST_TIMES, Spread, spread_of
from jndlab.web.live.overview_records import (
    CheckCounts,
    Quota,
    Ratings,
    ResponseShare,
    SessionNow,
    Stage,
    StudyOverview,
    Tasks,
)
from jndlab.web.live.parts import PartAnswers
from jndlab.web.live.session_records import SessionSummary, Tally

SILENT_AFTER = timedelta(minutes=5)
"""A longer break between two signs of life is worth a look; it is longer than a trial takes."""
MINUTES = 60
"""Length of the series of answers per minute."""


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

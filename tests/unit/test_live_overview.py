"""What the live view says of a study: comparisons between sessions, counts, series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study import response_times as report_times
from jndlab.study.definition import StudyDefinition
from jndlab.web.live import outliers
from jndlab.web.live.overview import overview_of
from jndlab.web.live.overview_records import Quota, StudyOverview
from jndlab.web.live.session import summarise_session
from jndlab.web.live.session_records import SessionSummary
from tests.builders import make_definition
from tests.live_facts import NOW, make_answer, make_check, make_facts, minutes_ago

STUDY = make_definition()
NO_QUOTA = Quota(n_finished=0, n_wanted=None)


def summary(
    participant: int = 1, *, study: StudyDefinition = STUDY, **facts: Any
) -> SessionSummary:
    mark = {"participant": participant, **facts.pop("mark", {})}
    return summarise_session(study, make_facts(mark=mark, **facts))


def timed(
    participant: int, seconds: float, *, plays: int = 3, n_answers: int = 8
) -> SessionSummary:
    answers = [
        make_answer(3 + place, response_time_ms=1000 * seconds, n_plays=plays)
        for place in range(n_answers)
    ]
    return summary(participant, answers=tuple(answers))


def overview(
    sessions: Sequence[SessionSummary], study: StudyDefinition = STUDY, **options: Any
) -> StudyOverview:
    values = {"kind": "participant", "now": NOW, "quota": NO_QUOTA, **options}
    return overview_of({1: study}, [(1, one) for one in sessions], **values)


def test_the_rules_are_those_of_the_report() -> None:
    assert outliers.CUTOFF == report_times.CUTOFF
    assert outliers.TOO_FAST_MS == report_times.TOO_FAST_MS
    assert outliers.FEWEST_TIMES == report_times._FEWEST
    assert outliers.FEWEST_SESSIONS == report_times._FEWEST_SESSIONS
    assert outliers.MAD_TO_SD == report_times._MAD_TO_SD


def test_limits_are_median_and_mad_on_the_log_scale() -> None:
    values = [math.exp(log) for log in (1.0, 2.0, 3.0, 4.0, 5.0)]
    spread = outliers.spread_of(values, fewest=5)
    assert spread.median == pytest.approx(math.exp(3.0))
    assert spread.low == pytest.approx(math.exp(3.0 - 3.5 * 1.4826))
    assert spread.high == pytest.approx(math.exp(3.0 + 3.5 * 1.4826))
    assert outliers.spread_of(values, fewest=6).low is None
    assert outliers.spread_of([2.0] * 9, fewest=5).low is None  # all alike: no scale
    assert outliers.spread_of([], fewest=1).median is None


def test_sessions_that_are_slow_or_play_much_stand_out_among_the_others() -> None:
    usual = [timed(n, 2.0 + 0.1 * n, plays=3 + n % 2) for n in range(1, 6)]
    slow, player = timed(6, 60.0), timed(7, 2.3, plays=90)
    found = overview([*usual, slow, player])
    assert [one.unusual_time for one in found.sessions] == [False] * 5 + [True, False]
    assert [one.unusual_plays for one in found.sessions] == [False] * 6 + [True]
    assert found.times.median == pytest.approx(2300.0)


def test_a_session_with_few_answers_is_not_compared() -> None:
    usual = [timed(n, 2.0 + 0.1 * n) for n in range(1, 6)]
    found = overview([*usual, timed(6, 60.0, n_answers=7)])
    assert not any(one.unusual_time for one in found.sessions)


def test_four_sessions_are_too_few_to_compare() -> None:
    found = overview([timed(1, 2.0), timed(2, 2.2), timed(3, 2.4), timed(4, 60.0)])
    assert found.times.low is None
    assert not any(one.unusual_time for one in found.sessions)


def test_silence_is_of_sessions_under_way_and_told_in_whole_minutes() -> None:
    found = overview(
        [
            summary(1, mark={"last_seen_at": minutes_ago(4.9)}),
            summary(2, mark={"last_seen_at": minutes_ago(7.9)}),
            summary(3, mark={"last_seen_at": minutes_ago(500), "state": "finished"}),
        ]
    )
    assert [one.silent_minutes for one in found.sessions] == [None, 7, None]
    assert found.n_silent == 1
    assert found.last_sign_at == minutes_ago(4.9)


def test_a_session_that_may_not_be_gone_on_with_is_left() -> None:
    study = make_definition(design={"resume_hours": 2})
    found = overview(
        [
            summary(1, mark={"last_seen_at": minutes_ago(119)}),
            summary(2, mark={"last_seen_at": minutes_ago(121)}),
        ],
        study,
    )
    assert [one.left for one in found.sessions] == [False, True]


@pytest.mark.parametrize(
    ("n_first", "n_second", "prefers"),
    [(8, 8, None), (15, 1, "A"), (1, 15, "B"), (13, 3, None), (14, 2, "A")],
)
def test_a_preference_is_told_where_the_exact_interval_excludes_one_half(
    n_first: int, n_second: int, prefers: str | None
) -> None:
    responses = ["A"] * n_first + ["B"] * n_second
    answers = tuple(make_answer(3 + n, response=value) for n, value in enumerate(responses))
    [one] = overview([summary(answers=answers)]).sessions
    assert (0.5 in clopper_pearson(n_first, 16, coverage=0.99)) is (prefers is None)
    assert one.prefers == prefers


def test_shares_of_the_responses_are_over_all_sessions() -> None:
    first = summary(1, answers=tuple(make_answer(n) for n in (3, 4, 5)))
    second = summary(2, answers=(make_answer(3, response="B"),))
    shares = overview([first, second]).shares
    assert [(one.response, one.n_given, one.n_answers) for one in shares] == [
        ("A", 3, 4),
        ("B", 1, 4),
    ]
    assert shares[0].interval == clopper_pearson(3, 4)
    assert overview([summary()]).shares == ()


def test_the_funnel_counts_whoever_came_as_far_whatever_was_noted() -> None:
    practised = tuple(make_answer(n, phase="practice") for n in (1, 2))
    found = overview(
        [
            summary(1, mark={"consented_at": None, "checked_at": None}),
            summary(2, mark={"checked_at": None}),
            summary(3),
            summary(4, answers=practised),
            summary(5, mark={"state": "finished", "consented_at": None}),
        ]
    )
    assert [(stage.name, stage.n_sessions) for stage in found.funnel] == [
        ("opened", 5),
        ("consented", 4),
        ("checks done", 3),
        ("practice done", 2),
        ("finished", 1),
    ]


def test_checks_are_counted_by_their_outcome() -> None:
    study = make_definition(checks=[{"kind": "sound"}, {"kind": "left-right"}])
    passed = [make_check(1, True)] * 4
    later = (make_check(0, False), make_check(0, True, attempt=2))
    found = overview(
        [
            summary(1, study=study, checks=(make_check(0, True), *passed)),
            summary(2, study=study, checks=(*later, *[make_check(1, False)] * 4)),
            summary(3, study=study, checks=(make_check(0, None),), mark={"checked_at": None}),
            summary(4, study=study),
        ],
        study,
    )
    counts = [
        (one.kind, one.n_began, one.n_passed, one.n_passed_later, one.n_failed, one.n_open)
        for one in found.checks
    ]
    assert counts == [("sound", 3, 2, 1, 0, 1), ("left-right", 2, 1, 0, 1, 0)]


def test_the_series_holds_the_last_sixty_minutes() -> None:
    moments = (0.0, 0.6, 59.0, 60.0)  # at half past each minute: now is 12:00:30
    answers = tuple(
        make_answer(3 + n, answered_at=minutes_ago(minute)) for n, minute in enumerate(moments)
    )
    minutes = overview([summary(answers=answers)]).minutes
    assert len(minutes) == 60
    assert (minutes[59], minutes[58], minutes[0], sum(minutes)) == (1, 1, 1, 3)
    later = overview([summary(answers=answers)], now=NOW + timedelta(minutes=1)).minutes
    assert (later[58], later[57], sum(later)) == (1, 1, 2)


def test_totals_and_states() -> None:
    found = overview(
        [
            summary(1, answers=(make_answer(3, kind="gross"),), resume_gaps=(1.0,)),
            summary(2, answers=(make_answer(3, kind="gross", correct=False),)),
            summary(3, mark={"state": "screened-out"}),
        ],
        quota=Quota(n_finished=5, n_wanted=24),
        n_unread=2,
    )
    assert found.states == {"open": 2, "screened-out": 1}
    assert (found.n_answers, found.n_resumes, found.n_unread) == (2, 1, 2)
    assert (found.gross.n_correct, found.gross.n_trials) == (1, 2)
    assert found.quota.n_wanted == 24


def test_nobody_yet() -> None:
    found = overview([])
    assert (found.sessions, found.checks, found.shares) == ((), (), ())
    assert (found.n_answers, found.last_sign_at, sum(found.minutes)) == (0, None, 0)
    assert [stage.n_sessions for stage in found.funnel] == [0] * 5


def test_the_newest_version_names_the_checks() -> None:
    newer = make_definition(checks=[{"kind": "left-right"}])
    one = replace(summary(1), checks=("failed",), n_check_attempts=(1,))
    other = replace(summary(2, study=newer), checks=("passed",), n_check_attempts=(1,))
    found = overview_of(
        {1: STUDY, 2: newer}, [(1, one), (2, other)], kind="participant", now=NOW, quota=NO_QUOTA
    )
    assert [(check.kind, check.n_began, check.n_passed) for check in found.checks] == [
        ("left-right", 1, 1)
    ]
    assert [session.version for session in found.sessions] == [1, 2]

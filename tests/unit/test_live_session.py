"""What the live view says of one session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jndlab.study.flow import Occasion
from jndlab.study.plan import PracticeEnd
from jndlab.web.live.audio_facts import EventTally
from jndlab.web.live.session import summarise_session
from jndlab.web.live.session_records import Tally
from tests.builders import make_definition
from tests.live_facts import (
    NOW,
    OPENED,
    make_answer,
    make_check,
    make_event,
    make_facts,
    make_outline,
    minutes_ago,
)

STUDY = make_definition()


def test_counts_are_of_main_trials_and_progress_of_all() -> None:
    answers = (
        make_answer(1, phase="practice", response="B", response_time_ms=90.0),
        make_answer(2, phase="practice"),
        make_answer(3, response_time_ms=1000.0, n_plays=3),
        make_answer(4, response="B", response_time_ms=4000.0, n_plays=6),
        make_answer(5, kind="gross", response_time_ms=2000.0),
        make_answer(6, kind="gross", correct=False, response_time_ms=150.0),
        make_answer(7, kind="identical", response="B", correct=False),
    )
    summary = summarise_session(STUDY, make_facts(answers=answers))
    assert (summary.n_answered, summary.n_planned) == (7, 10)
    assert summary.step == "block 2 of 2"
    assert summary.gross == Tally(n_correct=1, n_trials=2)
    assert summary.identical == Tally(n_correct=0, n_trials=1)
    assert summary.watched is not None
    assert summary.watched.responses == {"A": 3, "B": 2}
    assert summary.first_response_share == 0.6
    assert summary.median_ms == pytest.approx(2000.0)  # of 1, 2, 2 and 4 s; 150 ms cannot be
    assert (summary.n_timed, summary.n_too_fast, summary.n_unusual) == (5, 1, 0)
    assert summary.plays_per_trial == pytest.approx(18 / 5)
    assert (summary.consented, summary.checked, summary.practised) == (True, True, True)
    assert summary.minutes == {int(NOW.timestamp()) // 60: 7}


def test_a_time_that_stands_out_among_the_sessions_own_is_counted() -> None:
    times = [1800.0, 1900.0, 2000.0, 2000.0, 2100.0, 2200.0, 2000.0, 60_000.0]
    answers = tuple(make_answer(3 + n, response_time_ms=time) for n, time in enumerate(times))
    assert summarise_session(STUDY, make_facts(answers=answers)).n_unusual == 1
    fewer = summarise_session(STUDY, make_facts(answers=answers[1:]))
    assert fewer.n_unusual == 0  # too few to say


def test_a_session_without_answers_says_nothing_it_does_not_know() -> None:
    summary = summarise_session(STUDY, make_facts())
    assert (summary.n_answered, summary.n_planned, summary.step) == (0, 10, "practice")
    assert (summary.median_ms, summary.plays_per_trial, summary.mean_rating) == (None, None, None)
    assert (summary.gross.share, summary.identical.share) == (None, None)
    assert summary.first_response_share is None
    assert not summary.hardware_differs
    assert not summary.practised


def test_a_practice_that_met_its_criterion_is_planned_no_longer() -> None:
    outline = replace(make_outline(6, 8), practice_end=PracticeEnd(share=1.0, last=2))
    answers = (make_answer(1, phase="practice", correct=False), make_answer(2, phase="practice"))
    before = summarise_session(STUDY, make_facts(outline=outline, answers=answers))
    assert (before.n_planned, before.step, before.practised) == (14, "practice", False)
    after = summarise_session(
        STUDY, make_facts(outline=outline, answers=(*answers, make_answer(3, phase="practice")))
    )
    assert (after.n_planned, after.step, after.practised) == (11, "block 1 of 2", True)


def test_checks_tell_where_a_session_is_and_how_it_fared() -> None:
    study = make_definition(checks=[{"kind": "sound"}, {"kind": "left-right"}])
    checks = (make_check(0, False), make_check(0, True, attempt=2), make_check(1, True))
    facts = make_facts(mark={"checked_at": None}, checks=checks)
    summary = summarise_session(study, facts)
    assert summary.step == "check 2 of 2: left right"
    assert summary.checks == ("passed", "open")
    assert summary.n_check_attempts == (2, 1)
    failed = (*checks[:2], *[make_check(1, False)] * 4)
    assert summarise_session(study, make_facts(checks=failed)).checks == ("passed", "failed")
    assert summarise_session(study, make_facts()).checks == ()


@pytest.mark.parametrize(
    ("occasions", "asks", "step"),
    [
        (set(), True, "questionnaire you"),
        ({Occasion(questionnaire="you", block=0)}, True, "practice"),
        (set(), False, "practice"),
    ],
)
def test_a_questionnaire_is_a_step(occasions: set[Occasion], asks: bool, step: str) -> None:
    questions = [{"name": "age", "kind": "number", "text": "How old are you?"}]
    asked = {"name": "you", "title": "About you", "when": "before", "questions": questions}
    study = make_definition(questionnaires=[asked])
    facts = make_facts(occasions=frozenset(occasions), asks=asks)
    assert summarise_session(study, facts).step == step


@pytest.mark.parametrize("state", ["finished", "screened-out", "withdrawn"])
def test_a_session_that_has_ended_is_at_its_end(state: str) -> None:
    facts = make_facts(mark={"state": state})
    assert summarise_session(STUDY, facts).step == state.replace("-", " ")


def test_the_last_sign_is_the_newest_of_answer_check_and_report() -> None:
    seen = {"last_seen_at": minutes_ago(9)}
    assert summarise_session(STUDY, make_facts(mark=seen)).last_sign_at == minutes_ago(9)
    told = {**seen, "last_event_at": minutes_ago(3)}
    assert summarise_session(STUDY, make_facts(mark=told)).last_sign_at == minutes_ago(3)
    early = {"last_seen_at": minutes_ago(30)}
    checked = make_facts(mark=early, checks=(make_check(0, True),))
    assert summarise_session(STUDY, checked).last_sign_at == OPENED


def test_interruptions_and_sound_are_counted_from_reports_and_answers() -> None:
    audio = '{"granted_hz": 48000, "hardware_hz": 44100, "output_latency_s": 0.031}'
    events = EventTally().with_events(
        [
            make_event(1, "audio-context", audio),
            make_event(2, "hidden-while-playing"),
            make_event(3, "hidden-while-playing"),
            make_event(4, "interrupted-while-playing", "suspended"),
            make_event(5, "page-error", "oh"),
        ]
    )
    summary = summarise_session(STUDY, make_facts(events=events, resume_gaps=(4.0, 90.5)))
    assert (summary.n_hidden, summary.n_interrupted, summary.n_problems) == (2, 1, 1)
    assert (summary.n_resumes, summary.longest_gap_s) == (2, 90.5)
    assert (summary.context_rate_hz, summary.hardware_rate_hz) == (48_000, 44_100)
    assert summary.hardware_differs
    assert summary.output_latency_ms == pytest.approx(31.0)
    answered = make_facts(
        events=events,
        answers=(
            make_answer(3, context_rate_hz=44_100, output_latency_ms=20.0),
            make_answer(4, context_rate_hz=44_100, output_latency_ms=22.0),
        ),
    )
    later = summarise_session(STUDY, answered)
    assert (later.context_rate_hz, later.output_latency_ms) == (44_100, 21.0)
    assert not later.hardware_differs


def test_reports_are_counted_once() -> None:
    first = [make_event(1, "hidden-while-playing"), make_event(2, "hidden-while-playing")]
    tally = EventTally().with_events(first)
    assert tally.with_events(first) is tally
    assert tally.with_events([*first, make_event(3, "hidden-while-playing")]).n_hidden == 3


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "no JSON",
        "[1, 2]",
        "null",
        "[" * 2000,
        '{"granted_hz": "fast", "hardware_hz": true, "output_latency_s": -1}',
        '{"granted_hz": NaN, "hardware_hz": Infinity, "output_latency_s": 1e99}',
        '{"granted_hz": 0, "hardware_hz": [], "output_latency_s": null}',
    ],
)
def test_what_a_browser_says_of_its_sound_is_not_believed_blindly(detail: str) -> None:
    tally = EventTally().with_events([make_event(1, "audio-context", detail)])
    assert tally.n_events == 1
    told: tuple[Any, ...] = (
        tally.context_rate_hz,
        tally.hardware_rate_hz,
        tally.output_latency_ms,
    )
    assert told == (None, None, None)

"""Each rule by itself, and which of several comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusion_verdicts import session_verdicts, trials_by_rule
from jndlab.analysis.study.session_rows import sessions_of

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def session(row, name: str, responses: str, **changes) -> list[dict]:
    """One session of test trials whose right answers are A, B, A, B, …"""
    rows = []
    for number, response in enumerate(responses, start=1):
        rows.append(
            row(
                session=name,
                participant=ord(name),
                trial=number,
                correct_response="AB"[(number - 1) % 2],
                response=response,
                presented_at=BEGIN + timedelta(minutes=number),
                answered_at=BEGIN + timedelta(minutes=number, seconds=5),
                **changes,
            )
        )
    return rows


def verdicts(rows, **rules):
    table = TrialTable.from_rows(rows)
    return session_verdicts(table, sessions_of(table), ExclusionRules(**rules))


def test_without_rules_only_a_session_without_data_goes(row) -> None:
    rows = session(row, "a", "ABAB") + session(row, "b", "AB", phase="practice")
    rows += session(row, "c", "AB", trial_kind="gross")
    assert verdicts(rows) == ("", "no_test_answer", "no_test_answer")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"include_unfinished": False}, ("", "include_unfinished")),
        ({"min_trials": 7}, ("", "min_trials")),
        ({"max_same_response": 0.6}, ("", "max_same_response")),
        ({"max_same_response_run": 4}, ("", "max_same_response_run")),
        ({"max_same_response_run": 5}, ("", "")),
    ],
)
def test_one_rule(row, rules, expected) -> None:
    rows = session(row, "a", "ABABABAB") + session(row, "b", "BAAAAA", session_state="open")
    assert verdicts(rows, **rules) == expected


def test_the_first_of_several_rules_counts(row) -> None:
    rows = session(row, "a", "AAAAAA", session_state="open")
    every = {"include_unfinished": False, "max_same_response": 0.6, "min_trials": 10}
    assert verdicts(rows, **every) == ("include_unfinished",)
    del every["include_unfinished"]
    assert verdicts(rows, **every) == ("max_same_response",)


def test_catch_trials_and_practice(row) -> None:
    gross = session(row, "a", "ABAB") + [
        row(session="a", participant=97, trial=10 + n, trial_kind="gross", response="AAAB"[n])
        for n in range(4)
    ]
    assert verdicts(gross, min_gross_correct=0.75) == ("",)
    assert verdicts(gross, min_gross_correct=0.8) == ("min_gross_correct",)
    practice = session(row, "a", "ABAB") + [
        row(session="a", participant=97, trial=10 + n, phase="practice", response="AB"[n])
        for n in range(2)
    ]
    assert verdicts(practice, min_practice_correct=0.6) == ("min_practice_correct",)
    # A session without such trials is not judged by them.
    plain = session(row, "a", "ABAB")
    assert verdicts(plain, min_practice_correct=0.9, min_gross_correct=0.9) == ("",)


def test_interruptions(row) -> None:
    rows = session(row, "a", "ABAB") + session(row, "b", "ABAB")
    rows[1]["n_loads"] = rows[2]["n_loads"] = 3
    for late in rows[6:]:
        late["presented_at"] += timedelta(hours=1)
        late["answered_at"] += timedelta(hours=1)
    assert verdicts(rows, max_reloaded_trials=1) == ("max_reloaded_trials", "")
    assert verdicts(rows, max_reloaded_trials=2) == ("", "")
    assert verdicts(rows, max_gap_minutes=30) == ("", "max_gap_minutes")
    assert verdicts(rows, max_gap_minutes=70) == ("", "")


def test_trials_that_a_rule_takes_are_not_usable(row) -> None:
    rows = session(row, "a", "ABAB")
    rows[0]["response_time_ms"] = 90.0
    rows[1]["response_time_ms"] = 90_000.0
    rows[2]["n_loads"] = 3
    rules = {"min_response_time_ms": 200, "max_response_time_ms": 60_000, "max_loads": 2}
    found = trials_by_rule(TrialTable.from_rows(rows), ExclusionRules(**rules))
    assert [(name, broken.tolist()) for name, broken in found] == [
        ("min_response_time_ms", [True, False, False, False]),
        ("max_response_time_ms", [False, True, False, False]),
        ("max_loads", [False, False, True, False]),
    ]
    assert verdicts(rows, min_trials=2, **rules) == ("min_trials",)
    assert verdicts(rows, min_trials=2) == ("",)


def test_a_trial_without_a_time_breaks_no_rule_about_times(row) -> None:
    rows = session(row, "a", "AB")
    for one in rows:
        one["response_time_ms"] = None
    assert verdicts(rows, min_response_time_ms=200, max_response_time_ms=900) == ("",)

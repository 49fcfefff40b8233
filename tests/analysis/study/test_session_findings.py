"""Sentences about sessions: when they are said, and when not."""

from __future__ import annotations

from jndlab.analysis import TrialTable
from jndlab.analysis.study.catch_trials import check_catch_trials
from jndlab.analysis.study.example import example_rows
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.flow import participant_flow
from jndlab.analysis.study.interruptions import check_interruptions
from jndlab.analysis.study.response_times import check_response_times
from jndlab.analysis.study.session_findings import (
    catch_findings,
    flow_findings,
    interruption_findings,
    time_findings,
)


def sentences(findings) -> str:
    return " ".join(one.sentence for one in findings)


def test_many_exclusions_are_a_warning() -> None:
    rows = example_rows(n_listeners=6)
    for one in rows:
        if one["participant"] <= 3 and one["trial_kind"] == "gross":
            wrong = "B" if one["correct_response"] == "A" else "A"
            one.update(response=wrong, correct=False)
    table = TrialTable.from_rows(rows)
    (found,) = flow_findings(participant_flow(table, ExclusionRules(min_gross_correct=0.75)))
    assert found.severity == "warning"
    assert found.sentence == "3 of 6 sessions that finished practice were left out."
    assert "50" not in sentences(flow_findings(participant_flow(table)))
    text = sentences(catch_findings(check_catch_trials(table, min_gross_correct=0.75)))
    assert "of 24 gross catch trials were answered right" in text
    assert "participants 1, 2, 3" in text


def test_missing_catch_trials_are_noted(row) -> None:
    found = list(catch_findings(check_catch_trials(TrialTable.from_rows([row()]))))
    assert [one.severity for one in found] == ["note", "note"]
    assert "no gross catch trials" in found[0].sentence
    assert "no identical pairs" in found[1].sentence


def test_a_cue_used_both_ways_is_a_warning(row) -> None:
    rows = [
        row(
            session=f"s{participant}",
            participant=participant,
            trial=trial,
            trial_kind="identical",
            response="AB"[participant % 2],
        )
        for participant in range(1, 7)
        for trial in range(1, 9)
    ]
    found = list(catch_findings(check_catch_trials(TrialTable.from_rows(rows))))
    assert any("more unevenly than guessing" in one.sentence for one in found)


def test_programs_and_missing_times(row) -> None:
    rows = [row(trial=number) for number in range(1, 13)]
    rows[0]["response_time_ms"] = None
    text = sentences(time_findings(check_response_times(TrialTable.from_rows(rows))))
    assert "equal to 0.1 ms" in text
    assert "1 answer has no response time." in text


def test_unheard_intervals_and_clocks(row) -> None:
    rows = [row(trial=1, plays="1;0;1"), row(trial=2, answered_at="2026-03-02T08:00:00+00:00")]
    found = list(interruption_findings(check_interruptions(TrialTable.from_rows(rows))))
    assert [one.severity for one in found] == ["warning", "warning"]
    assert "without playing every interval" in found[0].sentence
    assert "before their trial was handed out" in found[1].sentence

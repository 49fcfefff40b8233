"""All checks together: what is found in a spoiled study, and nothing in a clean one."""

from __future__ import annotations

import json

import pytest

from jndlab.analysis import TrialTable
from jndlab.analysis.study.catch_trials import check_catch_trials
from jndlab.analysis.study.data_checks import check_data
from jndlab.analysis.study.example import example_rows, example_trials
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.flow import apply_rules, participant_flow
from jndlab.analysis.study.item_effects import check_items
from jndlab.analysis.study.learning import check_learning
from jndlab.analysis.study.response_times import check_response_times
from jndlab.errors import DataError
from tests.analysis.study.spoiled import spoiled_rows

RULES = ExclusionRules(min_gross_correct=0.75, max_same_response=0.75, min_response_time_ms=200)


def test_every_part_is_that_of_its_function() -> None:
    table = TrialTable.from_rows(spoiled_rows())
    checks = check_data(table, RULES, n_opened=30, cutoff=3.0)
    kept = apply_rules(table, RULES)
    assert checks.flow == participant_flow(table, RULES, n_opened=30)
    assert checks.catch == check_catch_trials(table, min_gross_correct=0.75)
    assert checks.items == check_items(kept)
    assert checks.learning == check_learning(kept)
    assert checks.times is not None
    assert checks.times.outliers == check_response_times(table, cutoff=3.0).outliers
    assert checks.options["cutoff"] == 3.0
    assert checks.data_digest == table.digest
    json.dumps(checks.to_dict(), allow_nan=False)


def test_every_fault_of_a_spoiled_study_is_found() -> None:
    checks = check_data(TrialTable.from_rows(spoiled_rows()), RULES)
    text = [(one.check, one.severity, str(one)) for one in checks.findings]

    def said(check: str, *parts: str) -> bool:
        return any(c == check and all(part in s for part in parts) for c, _, s in text)

    assert said("patterns", "Participant 2 gave", "equal answers")
    assert said("patterns", "Participant 5 gave 72 alternating answers")
    assert said("times", "participant 7", "too fast")
    assert said("times", "participant 20", "slower")
    assert said("flow", "1 of 23 sessions")
    assert said("catch", "participant 13")
    assert said("interruptions", "5 of", "participants 15, 16")
    assert said("interruptions", "44100 Hz (1)")
    assert said("bias", "prefer response A")
    severities = [severity for _, severity, _ in text]
    assert severities == sorted(severities, reverse=True)  # warnings before notes
    assert all(one.remedy for one in checks.findings)
    assert checks.warnings == tuple(s for _, severity, s in text if severity == "warning")
    assert len(checks.warnings) == 3


def test_a_clean_study_has_nothing_but_unusual_times() -> None:
    for seed in (1, 2, 3):
        checks = check_data(example_trials(n_listeners=12, seed=seed))
        assert {one.check for one in checks.findings} <= {"times"}
        assert checks.warnings == ()


def test_a_leak_is_a_warning() -> None:
    rows = example_rows(n_listeners=6)
    for one in rows:
        if one["trial_kind"] == "identical":
            one.update(response=one["correct_response"], correct=True)
    (warning,) = check_data(TrialTable.from_rows(rows)).warnings
    assert "24 of 24 answers to identical pairs" in warning


def test_what_cannot_be_looked_at_is_left_empty(row) -> None:
    practice = check_data(TrialTable.from_rows([row(phase="practice")]))
    assert (practice.times, practice.patterns, practice.interruptions) == (None, None, None)
    assert (practice.bias, practice.learning, practice.items) == (None, None, None)
    assert any("leave out every session" in warning for warning in practice.warnings)
    single = check_data(TrialTable.from_rows([row()]))
    assert single.bias is None
    assert single.items is not None
    nobody = check_data(TrialTable.from_rows([row(), row(trial=2)]), ExclusionRules(min_trials=3))
    assert nobody.learning is None
    assert nobody.times is not None


def test_people_are_checked_apart_from_simulations() -> None:
    rows = example_rows(n_listeners=3)
    others = [
        {**one, "session": "sim" + one["session"], "session_kind": "simulated"}
        for one in example_rows(n_listeners=5, seed=9)
    ]
    table = TrialTable.from_rows(rows + others)
    assert len(check_data(table).catch.sessions) == 3
    simulated = check_data(table, ExclusionRules(session_kind="simulated"))
    assert len(simulated.catch.sessions) == 5


@pytest.mark.parametrize("wrong", [{"coverage": 95}, {"too_fast_ms": -1}, {"n_opened": 2}])
def test_impossible_options_are_refused(wrong) -> None:
    with pytest.raises(DataError):
        check_data(example_trials(n_listeners=3), **wrong)

"""Rules of exclusion: in words, by digest, against a plan."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from jndlab.analysis import AnalysisOptions
from jndlab.analysis.study.exclusion_rules import SESSION_RULES, TRIAL_RULES, ExclusionRules
from jndlab.errors import DataError
from jndlab.study.definition import Analysis


def test_every_rule_has_its_sentence_in_the_order_of_application() -> None:
    rules = ExclusionRules(
        include_unfinished=False,
        min_practice_correct=0.5,
        min_gross_correct=0.75,
        max_same_response=0.8,
        max_same_response_run=12,
        max_reloaded_trials=5,
        max_gap_minutes=30,
        max_median_response_time_ms=9000,
        max_failed_checks=1,
        max_resumes=3,
        max_hidden=4,
        min_trials=20,
        min_response_time_ms=200,
        max_response_time_ms=30_000,
        max_loads=2,
    )
    sentences = rules.describe()
    assert len(sentences) == 2 + len(SESSION_RULES) + len(TRIAL_RULES)
    assert sentences[:3] == (
        "Sessions of people are analysed.",
        "Sessions without an answer to a test trial are left out.",
        "Sessions that were not finished are left out.",
    )
    text = "\n".join(sentences)
    for part in ("50% right answers in practice", "12 equal", "30 min", "200 ms", "30000 ms"):
        assert part in text
    assert sentences[-1] == "Trials handed out more than 2 times are left out."


def test_rules_that_are_not_stated_are_not_said() -> None:
    assert ExclusionRules().describe() == (
        "Sessions of people are analysed.",
        "Sessions without an answer to a test trial are left out.",
        "Sessions that were not finished are analysed too.",
    )
    assert "simulated" in ExclusionRules(session_kind="simulated").describe()[0]


def test_the_digest_is_that_of_the_content() -> None:
    rules = ExclusionRules(min_gross_correct=0.75)
    assert rules.digest == ExclusionRules(min_gross_correct=0.75).digest
    assert rules.digest != ExclusionRules(min_gross_correct=0.8).digest
    assert len(rules.digest) == 64
    assert json.loads(json.dumps(rules.to_dict()))["min_gross_correct"] == 0.75


def test_they_follow_from_the_options_of_an_analysis() -> None:
    chosen: dict[str, Any] = {
        "include_unfinished": False,
        "min_gross_correct": 0.8,
        "max_hidden": 2,
    }
    options = AnalysisOptions(**chosen)
    assert ExclusionRules.from_options(options) == ExclusionRules(**chosen)
    names = {field.name for field in dataclasses.fields(ExclusionRules)}
    assert names - {"session_kind"} <= set(Analysis.model_fields)


def test_departures_from_a_plan_are_said() -> None:
    done = ExclusionRules(min_gross_correct=0.5, include_unfinished=False)
    assert done.departures(done) == ()
    assert done.departures(ExclusionRules(min_gross_correct=0.75)) == (
        "Exclusion rule include_unfinished: planned yes, done no.",
        "Exclusion rule min_gross_correct: planned 0.75, done 0.5.",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"session_kind": "robot"},
        {"min_gross_correct": 75},
        {"max_same_response": -0.1},
        {"min_trials": 0},
        {"min_trials": 2.5},
        {"max_same_response_run": 0},
        {"max_reloaded_trials": -1},
        {"max_gap_minutes": -1},
        {"min_response_time_ms": "fast"},
        {"min_response_time_ms": 500, "max_response_time_ms": 400},
    ],
)
def test_limits_that_cannot_be_are_refused(wrong) -> None:
    with pytest.raises(DataError) as error:
        ExclusionRules(**wrong)
    assert error.value.remedy

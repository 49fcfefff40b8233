"""What comes next in a session, from beginning to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jndlab.study.definition import StudyDefinition
from jndlab.study.flow import Done, Step, next_step
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.trials import Response, Trial, TrialRecord
from tests.builders import make_definition

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ask(name: str, when: str) -> dict[str, Any]:
    question = {"name": "q", "kind": "text", "text": "Well?"}
    return {"name": name, "title": name, "when": when, "questions": [question]}


def study_with(*questionnaires: dict[str, Any], practice: int = 2) -> StudyDefinition:
    """A study of 18 test and catch trials in blocks of 8, 8 and 2."""
    design = {
        "practice_trials": practice,
        "trials_per_level": 4,
        "identical_trials": 3,
        "gross_trials": 3,
        "trials_per_block": 8,
    }
    return make_definition(questionnaires=list(questionnaires), design=design)


def record(trial: Trial) -> TrialRecord:
    answer = Response(value=trial.correct_response, response_time_ms=1.0, plays=(1, 1, 1))
    return TrialRecord(trial=trial, presented_at=NOW, response=answer, correct=True)


def walk(study: StudyDefinition, plan: SessionPlan, **facts: Any) -> list[Step]:
    """Every step of a session in which all is done as it comes."""
    done = Done(checks_over=False, history=(), questionnaires=frozenset(), **facts)
    steps: list[Step] = []
    while not steps or steps[-1].kind != "finished":
        step = next_step(study, plan, done)
        assert next_step(study, plan, done) == step
        steps.append(step)
        if step.kind == "check":
            done = replace(done, checks_over=True)
        elif step.occasion is not None:
            done = replace(done, questionnaires={*done.questionnaires, step.occasion})
        elif step.trial is not None:
            done = replace(done, history=[*done.history, record(step.trial)])
    return steps


def names(steps: Sequence[Step]) -> list[str]:
    """Kinds of steps; questionnaires as name@block, trials as the block they are in."""
    shown = []
    for step in steps:
        if step.occasion is not None:
            shown.append(f"{step.occasion.questionnaire}@{step.occasion.block}")
        elif step.trial is None:
            shown.append(step.kind)
        elif not shown or shown[-1] != f"block {step.trial.block}":
            shown.append(f"block {step.trial.block}")
    return shown


def test_each_questionnaire_comes_at_its_time() -> None:
    study = study_with(
        ask("you", "before"),
        ask("tired", "between-blocks"),
        ask("end", "after"),
        ask("ear", "before"),
    )
    plan = plan_session(study, participant=1, seed=1)
    assert names(walk(study, plan)) == [
        "check",
        "you@0",
        "ear@0",
        "block 1",
        "block 2",
        "tired@2",
        "block 3",
        "tired@3",
        "block 4",
        "end@4",
        "finished",
    ]


def test_without_practice_the_first_block_is_of_the_test() -> None:
    study = study_with(ask("tired", "between-blocks"), practice=0)
    plan = plan_session(study, participant=1, seed=1)
    assert names(walk(study, plan)) == [
        "check",
        "block 1",
        "tired@1",
        "block 2",
        "tired@2",
        "block 3",
        "finished",
    ]


def test_a_simulated_listener_is_asked_nothing() -> None:
    study = study_with(ask("you", "before"), ask("end", "after"))
    plan = plan_session(study, participant=1, seed=1)
    steps = walk(study, plan, asks=False)
    assert {step.kind for step in steps} == {"check", "trial", "finished"}


def test_every_trial_comes_once_and_in_order_whatever_is_asked_between() -> None:
    study = study_with(ask("tired", "between-blocks"))
    plan = plan_session(study, participant=3, seed=1)
    steps = walk(study, plan)
    assert tuple(step.trial for step in steps if step.trial is not None) == plan.trials

"""What comes next in a session: a check, a questionnaire, a trial, or nothing.

A pure function of the definition, the plan and what is done. Nothing else knows the order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jndlab.study.definition import StudyDefinition
from jndlab.study.progress import next_trial
from jndlab.study.questionnaires import Questionnaire
from jndlab.study.session_plan import SessionPlan
from jndlab.study.trials import Trial, TrialRecord

StepKind = Literal["check", "questionnaire", "trial", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One point of a session at which one questionnaire is given."""

    questionnaire: str
    block: int
    """The block it comes after; 0 before the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a session has behind it."""

    checks_over: bool
    history: Sequence[TrialRecord]
    questionnaires: Collection[Occasion]
    asks: bool = True
    """Whether there is somebody to ask: a simulated listener has nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes next; the field of its kind is filled."""

    kind: StepKind
    trial: Trial | None = None
    occasion: Occasion | None = None


def next_step(study: StudyDefinition, plan: SessionPlan, done: Done) -> Step:
    """Checks first, then what is asked before; between two blocks what is asked there; then after.

    Checks come before the first questions: who is screened out has not answered them in vain.
    """
    if not done.checks_over:
        return Step(kind="check")
    trial = next_trial(plan, done.history)
    if done.asks:
        for occasion in occasions(study.questionnaires, plan, before=trial):
            if occasion not in done.questionnaires:
                return Step(kind="questionnaire", occasion=occasion)
    return Step(kind="finished") if trial is None else Step(kind="trial", trial=trial)


def occasions(
    questionnaires: Sequence[Questionnaire], plan: SessionPlan, *, before: Trial | None
) -> Iterator[Occasion]:
    """Every questionnaire up to the trial ``before``, or up to the end, in order."""
    yield from _given(questionnaires, "before", 0)
    main = sorted({trial.block for trial in plan.trials if trial.phase == "main"})
    for block in main[:-1]:
        if before is not None and before.block <= block:
            return
        yield from _given(questionnaires, "between-blocks", block)
    if before is None:
        yield from _given(questionnaires, "after", plan.trials[-1].block if plan.trials else 0)


def _given(questionnaires: Sequence[Questionnaire], when: str, block: int) -> Iterator[Occasion]:
    for one in questionnaires:
        if one.when == when:
            yield Occasion(questionnaire=one.name, block=block)

"""Where a session stands: its trials as far as they are known, and its step in words."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.errors import DataError
from jndlab.store.live_facts import blank_trial
from jndlab.study.checks import ChecksState
from jndlab.study.definition import StudyDefinition
from jndlab.study.flow import Done, next_step
from jndlab.study.progress import trials_given
from jndlab.study.session_plan import OpenTrial, PlannedTrial, SessionPlan
from jndlab.study.trials import Response, TrialRecord
from jndlab.web.live.session_records import SessionFacts

NO_RESPONSE = Response(value="", response_time_ms=0.0, plays=())
ASTRAY = "levels that its answers do not lead to"
"""Where a session is whose stored trials its plan cannot have given: ask ``jndlab verify``."""


def history_of(facts: SessionFacts) -> list[TrialRecord]:
    """The answers as the rules of a session read them: which trials, and whether right."""
    by_number = {trial.number: trial for trial in facts.outline.trials}
    return [
        TrialRecord(
            trial=blank_trial(
                answer.number,
                answer.phase,
                by_number[answer.number].block,
                part=answer.part,
                track=answer.track,
                level=answer.level,
            ),
            presented_at=answer.answered_at,
            response=NO_RESPONSE,
            correct=answer.correct,
        )
        for answer in facts.answers
        if answer.number in by_number
    ]


def given_trials(facts: SessionFacts, history: Sequence[TrialRecord]) -> tuple[PlannedTrial, ...]:
    """The trials of the session as far as it is known; all that are planned where its tracks
    cannot be followed."""
    try:
        return trials_given(facts.outline, history)
    except DataError:
        return facts.outline.trials


def has_open(given: Sequence[PlannedTrial], history: Sequence[TrialRecord]) -> bool:
    """Whether a stop rule may still end the session before the last of these trials."""
    answered = {record.trial.number for record in history}
    return any(isinstance(one, OpenTrial) and one.number not in answered for one in given)


def is_practised(given: Sequence[PlannedTrial], history: Sequence[TrialRecord]) -> bool:
    """Whether the practice of the first part is over; other parts may have one of their own."""
    answered = {record.trial.number for record in history}
    first = given[0].part if given else ""
    return all(
        trial.number in answered
        for trial in given
        if trial.phase == "practice" and trial.part == first
    )


def step_of(
    study: StudyDefinition,
    facts: SessionFacts,
    history: Sequence[TrialRecord],
    checks: ChecksState,
    given: Sequence[PlannedTrial],
) -> str:
    """The step that a session is at, or its state once it has ended, in words."""
    mark = facts.mark
    if mark.pulse.state != "open":
        return mark.pulse.state.replace("-", " ")
    done = Done(
        checks_over=mark.checked_at is not None,
        history=history,
        questionnaires=facts.occasions,
        asks=facts.asks,
    )
    try:
        step = next_step(study, facts.outline, done)
    except DataError:
        return ASTRAY
    if step.kind == "check":
        rules = study.check_rules()
        place = checks.next_trial.place if checks.next_trial else len(rules) - 1
        return f"check {place + 1} of {len(rules)}: {rules[place].kind.replace('-', ' ')}"
    if step.occasion is not None:
        return f"questionnaire {step.occasion.questionnaire}"
    if step.trial is None:
        return "last step"
    return _place(step.trial.number, facts.outline, given, history)


def _place(
    number: int,
    outline: SessionPlan,
    given: Sequence[PlannedTrial],
    history: Sequence[TrialRecord],
) -> str:
    """The block of a trial among those of its part, in words."""
    trial = next(one for one in outline.trials if one.number == number)
    parts = list(dict.fromkeys(one.part for one in outline.trials))
    part = f"part {parts.index(trial.part) + 1}, " if len(parts) > 1 else ""
    if trial.phase == "practice":
        return f"{part}practice"
    own = [one for one in given if one.part == trial.part and one.phase == "main"]
    blocks = sorted({one.block for one in own})
    at_most = "at most " if has_open(own, history) else ""
    return f"{part}block {blocks.index(trial.block) + 1} of {at_most}{len(blocks)}"

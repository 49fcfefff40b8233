"""Where a session stands: a function of its plan and its history, and of nothing else.

No procedure keeps state, so a crash, a reload or a second server cannot lose one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from jndlab.errors import RequestInvalid
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.plan import SessionPlan
from jndlab.study.trials import ParadigmName, Trial, TrialRecord


def next_trial(plan: SessionPlan, history: Sequence[TrialRecord]) -> Trial | None:
    """The trial to present now, or None when all are answered."""
    return next(iter(_left(plan, _answers(history))), None)


def upcoming_trials(
    plan: SessionPlan, history: Sequence[TrialRecord], n_trials: int
) -> tuple[Trial, ...]:
    """The trials after the current one, at most ``n_trials``, whatever the answers will be."""
    answers = _answers(history)
    left = _left(plan, answers)
    certain: list[Trial] = []
    # Nothing ends a practice earlier than right answers: what follows these follows any.
    while len(certain) <= n_trials and left:
        trial = left[0]
        if trial.phase == "main":
            break
        if certain and _practice_over(plan, answers):
            return tuple(certain[1:])
        certain.append(trial)
        answers = {**answers, trial.number: True}
        left = [other for other in left if other.number != trial.number]
    return tuple([*certain, *left][1 : 1 + n_trials])


def trials_given(plan: SessionPlan, history: Sequence[TrialRecord]) -> tuple[Trial, ...]:
    """The trials of this session as far as it is known: less the practice that is not needed."""
    answers = _answers(history)
    left = {trial.number for trial in _left(plan, answers)}
    return tuple(trial for trial in plan.trials if trial.number in left or trial.number in answers)


def tells_correct(feedback: Literal["practice", "always", "never"], trial: Trial) -> bool:
    """Whether the participant is told how the answer was. An identical pair has no right one."""
    if trial.kind == "identical" or feedback == "never":
        return False
    return feedback == "always" or trial.phase == "practice"


def _answers(history: Sequence[TrialRecord]) -> dict[int, bool]:
    """Whether each answer was right, by the number of its trial."""
    return {
        record.trial.number: bool(record.correct)
        for record in history
        if record.response is not None
    }


def _left(plan: SessionPlan, answers: Mapping[int, bool]) -> list[Trial]:
    """The trials to come, in order."""
    over = _practice_over(plan, answers)
    return [
        trial
        for trial in plan.trials
        if trial.number not in answers and not (over and trial.phase == "practice")
    ]


def _practice_over(plan: SessionPlan, answers: Mapping[int, bool]) -> bool:
    """Whether the practice has met its criterion, at any point so far: it never begins again."""
    end = plan.practice_end
    if end is None:
        return False
    right = [
        answers[trial.number]
        for trial in plan.trials
        if trial.phase == "practice" and trial.number in answers
    ]
    return any(
        sum(right[stop - end.last : stop]) >= end.share * end.last - 1e-9
        for stop in range(end.last, len(right) + 1)
    )


def score(paradigm: ParadigmName, trial: Trial, response: str) -> bool:
    """Whether ``response`` is right. Raises RequestInvalid if it is no possible response."""
    possible = PARADIGMS[paradigm].responses
    if response not in possible:
        raise RequestInvalid(
            f"{response!r} is no possible response.", f"Send one of: {', '.join(possible)}."
        )
    return response == trial.correct_response

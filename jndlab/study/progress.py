"""Where a session stands: a function of its plan and its history, and of nothing else.

No procedure keeps state, so a crash, a reload or a second server cannot lose one.
"""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.errors import RequestInvalid
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.plan import SessionPlan
from jndlab.study.trials import ParadigmName, Trial, TrialRecord


def next_trial(plan: SessionPlan, history: Sequence[TrialRecord]) -> Trial | None:
    """The trial to present now, or None when all are answered."""
    answered = {record.trial.number for record in history if record.response is not None}
    return next((trial for trial in plan.trials if trial.number not in answered), None)


def upcoming_trials(
    plan: SessionPlan, history: Sequence[TrialRecord], n_trials: int
) -> tuple[Trial, ...]:
    """The trials after the current one, at most ``n_trials``, whatever the answers will be."""
    answered = {record.trial.number for record in history if record.response is not None}
    left = [trial for trial in plan.trials if trial.number not in answered]
    return tuple(left[1 : 1 + n_trials])


def score(paradigm: ParadigmName, trial: Trial, response: str) -> bool:
    """Whether ``response`` is right. Raises RequestInvalid if it is no possible response."""
    possible = PARADIGMS[paradigm].responses
    if response not in possible:
        raise RequestInvalid(
            f"{response!r} is no possible response.", f"Send one of: {', '.join(possible)}."
        )
    return response == trial.correct_response

"""Where a session stands follows from its plan and its answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from builders import make_definition

from jndlab.errors import RequestInvalid
from jndlab.study.plan import plan_session
from jndlab.study.progress import next_trial, score
from jndlab.study.trials import Response, Trial, TrialRecord

PLAN = plan_session(make_definition(), participant=1, seed=1)


def record(trial: Trial, *, answered: bool = True) -> TrialRecord:
    response = Response(value="A", response_time_ms=1.0, plays=(1, 1, 1)) if answered else None
    return TrialRecord(
        trial=trial, presented_at=datetime(2026, 3, 2, tzinfo=UTC), response=response
    )


def test_a_trial_that_was_presented_but_not_answered_comes_again() -> None:
    first, second, *_ = PLAN.trials
    assert next_trial(PLAN, []) == first
    assert next_trial(PLAN, [record(first, answered=False)]) == first
    assert next_trial(PLAN, [record(first)]) == second


def test_an_answer_stored_twice_or_out_of_order_skips_no_trial() -> None:
    first, second, third, *_ = PLAN.trials
    assert next_trial(PLAN, [record(first), record(first)]) == second
    assert next_trial(PLAN, [record(second)]) == first
    assert next_trial(PLAN, [record(second), record(first)]) == third


def test_nothing_is_left_when_every_trial_is_answered() -> None:
    assert next_trial(PLAN, [record(trial) for trial in PLAN.trials]) is None


@pytest.mark.parametrize("response", ["a", "X", "1", "", " A", "A\n", "AB"])
def test_a_response_that_no_button_gives_is_refused(response: str) -> None:
    with pytest.raises(RequestInvalid, match="no possible response") as caught:
        score("abx", PLAN.trials[0], response)
    assert caught.value.remedy == "Send one of: A, B."


def test_an_identical_pair_is_scored_by_its_nominal_key() -> None:
    trial = next(trial for trial in PLAN.trials if trial.kind == "identical")
    assert score("abx", trial, trial.correct_response)
    assert score("abx", trial, "A") != score("abx", trial, "B")

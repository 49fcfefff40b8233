"""A participant's own pace, which no break and no night changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jndlab.study.pace import seconds_per_trial
from jndlab.study.plan import plan_session
from jndlab.study.trials import TrialRecord
from tests.builders import make_definition

TRIAL = plan_session(make_definition(), participant=1, seed=1).trials[0]
START = datetime(2026, 3, 2, tzinfo=UTC)


def history(*seconds: float) -> list[TrialRecord]:
    """Answers at these times, and one trial without an answer."""
    times = [START + timedelta(seconds=second) for second in seconds]
    records = [TrialRecord(trial=TRIAL, presented_at=at, answered_at=at) for at in times]
    return [*records, TrialRecord(trial=TRIAL, presented_at=START)]


def test_with_few_answers_nothing_is_said() -> None:
    assert seconds_per_trial([]) is None
    assert seconds_per_trial(history(0, 10, 20)) is None


def test_it_is_the_usual_time_between_two_answers() -> None:
    assert seconds_per_trial(history(0, 10, 20, 30)) == 10.0
    assert seconds_per_trial(history(0, 10, 20, 50_000, 50_010, 50_021)) == 10.0


def test_the_newest_answers_count() -> None:
    slow = [60.0 * n for n in range(30)]
    fast = [slow[-1] + 6.0 * n for n in range(1, 21)]
    assert seconds_per_trial(history(*slow, *fast)) == 6.0

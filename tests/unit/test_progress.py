"""Where a session stands follows from its plan and its answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from builders import make_definition

from jndlab.errors import RequestInvalid
from jndlab.study.plan import SessionPlan, plan_session
from jndlab.study.progress import next_trial, score, trials_given, upcoming_trials
from jndlab.study.trials import Response, Trial, TrialRecord

PLAN = plan_session(make_definition(), participant=1, seed=1)


CRITERION = {"practice_trials": 8, "practice_criterion": {"share": 0.75, "last": 4}}
PRACTISED = plan_session(make_definition(design=CRITERION), participant=1, seed=1)


def record(trial: Trial, *, answered: bool = True, correct: bool = False) -> TrialRecord:
    response = Response(value="A", response_time_ms=1.0, plays=(1, 1, 1)) if answered else None
    return TrialRecord(
        trial=trial,
        presented_at=datetime(2026, 3, 2, tzinfo=UTC),
        response=response,
        correct=correct,
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


def practise(*right: bool) -> list[TrialRecord]:
    """A practice with these answers."""
    return [
        record(trial, correct=correct)
        for trial, correct in zip(PRACTISED.trials, right, strict=False)
    ]


@pytest.mark.parametrize(
    ("right", "n_given"),
    [
        ((True, True, True, True), 4),
        ((True, True, True, False), 4),
        ((True, False, False, True, True, True), 6),
        ((False,) * 4 + (True,) * 3, 7),
        ((False,) * 8, 8),
    ],
)
def test_practice_ends_at_its_criterion_or_at_its_last_trial(
    right: tuple[bool, ...], n_given: int
) -> None:
    for n_answered in range(n_given):
        current = next_trial(PRACTISED, practise(*right[:n_answered]))
        assert current == PRACTISED.trials[n_answered]
        assert current.phase == "practice"
    first = next_trial(PRACTISED, practise(*right))
    assert first is not None
    assert (first.phase, first.number) == ("main", 9)
    given = trials_given(PRACTISED, practise(*right))
    assert len(PRACTISED.trials) - len(given) == 8 - n_given
    assert given[:n_given] == PRACTISED.trials[:n_given]


def test_a_practice_that_was_over_does_not_begin_again() -> None:
    history = practise(True, True, True, True)
    main = next_trial(PRACTISED, history)
    assert main is not None
    history.append(record(main))
    after = next_trial(PRACTISED, history)
    assert after is not None
    assert (after.phase, after.number) == ("main", 10)


def test_no_more_is_handed_out_ahead_than_comes_whatever_the_answers_are() -> None:
    """Sounds of a trial that will not come would be loaded in vain, and its answer refused."""
    for n_answered in range(8):
        for answers in ((True, False), (False, True), (False, False)):
            right = (answers * 4)[:n_answered]
            history = practise(*right)
            current = next_trial(PRACTISED, history)
            assert current is not None
            ahead = upcoming_trials(PRACTISED, history, 2)
            for outcome in (True, False):
                now = list(history)
                expected = current
                for trial in ahead:
                    now.append(record(expected, correct=outcome))
                    found = next_trial(PRACTISED, now)
                    assert found == trial
                    expected = trial


def test_without_a_criterion_two_trials_are_known_ahead() -> None:
    assert upcoming_trials(PLAN, [], 2) == PLAN.trials[1:3]
    assert upcoming_trials(PRACTISED, [], 2) == PRACTISED.trials[1:3]
    # Practice is over after the next answer if that is right, else it goes on.
    assert upcoming_trials(PRACTISED, practise(True, True, False), 2) == ()
    # Whatever is answered next, three of the newest four are right.
    assert upcoming_trials(PRACTISED, practise(True, True, True), 2) == PRACTISED.trials[8:10]
    last = [record(trial) for trial in PLAN.trials[:-1]]
    assert upcoming_trials(PLAN, last, 2) == ()


def test_a_plan_with_a_criterion_comes_back_from_the_store_with_it() -> None:
    assert SessionPlan.from_json(PRACTISED.to_json()) == PRACTISED
    assert "practice_end" not in PLAN.to_json()


def test_a_part_is_over_with_its_tracks_and_has_no_row_of_catch_trials_at_its_end() -> None:
    study = make_definition(
        design={"procedure": "staircase", "practice_trials": 0, "gross_trials": 8},
        adaptive={"stop": {"trials": 60, "reversals": 2}},
    )
    plan = plan_session(study, participant=1, seed=1)
    history: list[TrialRecord] = []
    while (trial := next_trial(plan, history)) is not None:
        # Easy, then hard, then easy: two reversals soon.
        right = trial.level is not None and trial.level < 3
        history.append(record(trial, correct=right))
    (tracks,) = plan.adaptive
    assert len(history) < len(plan.trials) / 2
    assert [one.trial.number for one in history] == list(range(1, len(history) + 1))
    assert history[-1].trial.track == tracks.tracks[0].name
    assert trials_given(plan, history) == plan.trials[: len(history)]

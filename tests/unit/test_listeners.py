"""Simulated listeners: they answer by their truth, and by nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from builders import make_definition

from jndlab.errors import DataError
from jndlab.listeners.memory import simulate_session, simulate_study
from jndlab.listeners.model import SimulatedListener, Truth
from jndlab.sigmoids import sigmoid
from jndlab.study.definition import StudyDefinition
from jndlab.study.plan import plan_session
from jndlab.study.rows import Row
from jndlab.study.trials import COLUMNS, Trial

STUDY = make_definition(condition={"levels": [0, 1, 2, 3, 4]}, design={"practice_trials": 0})
N = 2000


def listener(study: StudyDefinition = STUDY, **truth: Any) -> SimulatedListener:
    return SimulatedListener(study=study, truth=Truth(**truth), seed=5, participant=1)


def trial_at(level: float, kind: str, order: str, study: StudyDefinition = STUDY) -> Trial:
    trials = plan_session(study, participant=1, seed=1).trials
    if kind == "test":
        return next(t for t in trials if (t.level, t.kind, t.order) == (level, kind, order))
    return next(trial for trial in trials if trial.kind == kind)


def share(who: SimulatedListener, trial: Trial, value: str) -> float:
    """How often the answer is ``value``, over many trials of the same kind."""
    answers = [who.respond(replace(trial, number=number)).value for number in range(1, N + 1)]
    return answers.count(value) / N


def close(observed: float, expected: float) -> bool:
    """Within four standard errors; the seeds are fixed."""
    return abs(observed - expected) <= 4 * math.sqrt(expected * (1 - expected) / N) + 1e-12


@pytest.mark.parametrize("level", [0, 2, 4])
@pytest.mark.parametrize(("lapse_rate", "bias"), [(0.0, 0.0), (0.1, 0.0), (0.1, 0.3)])
def test_over_balanced_orders_the_proportion_correct_is_that_of_the_curve(
    level: float, lapse_rate: float, bias: float
) -> None:
    who = listener(threshold=2, width=3, lapse_rate=lapse_rate, bias=bias)
    detected = float(sigmoid("norm", level, 2, 3, falling=True))
    expected = 0.5 + (0.5 - lapse_rate) * detected
    correct = [
        share(who, trial := trial_at(level, "test", order), trial.correct_response)
        for order in ("AB-A", "AB-B")
    ]
    assert close(sum(correct) / 2, expected)
    if bias == 0:
        assert all(close(value, expected) for value in correct)


@pytest.mark.parametrize("bias", [-0.5, -0.2, 0.0, 0.2, 0.5])
def test_bias_moves_guesses_towards_the_first_answer_and_does_so_evenly(bias: float) -> None:
    trial = trial_at(0, "identical", "")
    who = listener(bias=bias)
    assert close(share(who, trial, "A"), 0.5 + bias)
    mirrored = listener(bias=-bias)
    assert close(share(mirrored, trial, "B"), 0.5 + bias)


def test_identical_pairs_are_answered_at_chance_however_good_the_ears() -> None:
    assert close(share(listener(threshold=100, width=0.1), trial_at(0, "identical", ""), "A"), 0.5)


def test_a_perfect_listener_is_never_wrong() -> None:
    who = listener(threshold=100, width=0.1, lapse_rate=0)
    trial = trial_at(4, "test", "AB-B")
    assert share(who, trial, trial.correct_response) == 1


def test_two_interval_trials_are_answered_in_their_own_words() -> None:
    study = make_definition(paradigm="two-interval")
    records = simulate_session(listener(study))
    assert {record.response.value for record in records if record.response} == {"1", "2"}
    assert {record.response.plays for record in records if record.response} == {(1, 1)}


def test_what_one_answers_depends_on_seed_number_and_trial_and_on_nothing_else() -> None:
    trials = plan_session(STUDY, participant=1, seed=1).trials
    who = listener(spread=1.0)
    forward = [who.respond(trial) for trial in trials]
    assert [who.respond(trial) for trial in reversed(trials)] == forward[::-1]
    assert [listener(spread=1.0).respond(trial) for trial in trials] == forward
    times = [answer.response_time_ms for answer in forward]
    for other in (replace(who, participant=2), replace(who, seed=6)):
        assert not set(times) & {other.respond(trial).response_time_ms for trial in trials}
    assert len(set(times)) > len(times) / 2


def rows_of(**options: Any) -> list[Row]:
    options = {"truth": Truth(spread=0.5), "n_listeners": 3, "seed": 9, **options}
    return list(simulate_study(STUDY, **options))


def test_equal_seeds_give_equal_rows_and_others_do_not() -> None:
    assert rows_of() == rows_of()
    assert [row["response"] for row in rows_of()] != [row["response"] for row in rows_of(seed=10)]


def test_a_session_is_the_same_whoever_comes_before_it() -> None:
    rows = rows_of()
    alone = rows_of(n_listeners=1, first_participant=3)
    assert alone == [row for row in rows if row["participant"] == 3]


def test_every_row_has_exactly_the_documented_columns_and_values() -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "text": str,
        "integer": int,
        "number": (int, float),
        "boolean": int,
        "time": str,
    }
    rows = rows_of()
    assert len(rows) == 3 * (20 + 4)
    for row in rows:
        assert list(row) == [column.name for column in COLUMNS]
        for column in COLUMNS:
            value = row[column.name]
            assert value is not None or not column.required, column.name
            assert value is None or isinstance(value, kinds[column.type]), column.name
            assert not column.values or value in column.values, column.name


def test_progress_is_told_for_every_trial() -> None:
    steps: list[None] = []
    rows = rows_of(progress=lambda: steps.append(None))
    assert len(steps) == len(rows)


def test_listeners_differ_by_the_spread_asked_for() -> None:
    thresholds = []
    for participant in range(1, 301):
        who = SimulatedListener(
            study=STUDY, truth=Truth(spread=2.0), seed=1, participant=participant
        )
        thresholds.append(who._deviation())
    mean = sum(thresholds) / 300
    sd = math.sqrt(sum((value - mean) ** 2 for value in thresholds) / 299)
    assert abs(mean) < 4 * 2 / math.sqrt(300)
    assert abs(sd - 2) < 4 * 2 / math.sqrt(600)
    assert listener()._deviation() == 0


def test_without_a_threshold_it_is_the_middle_of_each_condition() -> None:
    condition = STUDY.stimuli.conditions[0]
    assert (Truth().threshold_of(condition), Truth().width_of(condition)) == (2, 2)
    single = make_definition(condition={"levels": [3]}).stimuli.conditions[0]
    assert (Truth().threshold_of(single), Truth().width_of(single)) == (3, 1)


@pytest.mark.parametrize(
    "truth",
    [
        {"width": 0},
        {"width": -1},
        {"width": math.nan},
        {"lapse_rate": -0.1},
        {"lapse_rate": 0.6},
        {"bias": 0.6},
        {"spread": -1},
        {"spread": math.nan},
        {"threshold": math.nan},
        {"threshold": math.inf},
    ],
    ids=str,
)
def test_a_truth_that_cannot_be_is_refused(truth: dict[str, float]) -> None:
    with pytest.raises(DataError, match="cannot be") as caught:
        Truth(**truth)  # type: ignore[arg-type]
    assert caught.value.remedy


def test_a_listener_practises_until_the_criterion_and_no_longer() -> None:
    design = {"practice_trials": 8, "practice_criterion": {"share": 1.0, "last": 1}}
    study = make_definition(design=design)
    rows = list(simulate_study(study, truth=Truth(spread=0.5), n_listeners=4, seed=1))
    for participant in (1, 2, 3, 4):
        mine = [row for row in rows if row["participant"] == participant]
        practice = [row["correct"] for row in mine if row["phase"] == "practice"]
        assert practice == [0] * (len(practice) - 1) + [1] or practice == [0] * 8
        assert (
            len(mine) - len(practice) == len(plan_session(study, participant=1, seed=7).trials) - 8
        )

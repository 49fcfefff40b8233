"""Simulated listeners in every paradigm: rates, d′, preferences, ratings are those of the truth."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import make_definition
from scipy.special import ndtr

from jndlab.errors import DataError
from jndlab.listeners.answer import Answer
from jndlab.listeners.describing import describe_truth
from jndlab.listeners.ears import Ears
from jndlab.listeners.memory import simulate_study
from jndlab.listeners.model import SimulatedListener
from jndlab.listeners.rating import expected_rating
from jndlab.listeners.truth import Truth
from jndlab.sigmoids import sigmoid
from jndlab.study.definition import StudyDefinition
from jndlab.study.paradigms import PARADIGMS
from jndlab.study.plan import count_trials, plan_session
from jndlab.study.progress import score
from jndlab.study.trials import ANCHOR, BASELINE, GUESS_RATES, TASKS, Interval, Response, Trial

N = 800
KNOWN = Truth(threshold=2.0, width=3.0, lapse_rate=0.0, quality_offset=0.0)
DETECTION = replace(KNOWN, criterion=0.3)
FIRST_VERSION = [
    ("A", 3504.0, (1, 2, 3)),
    ("B", 6080.1, (3, 3, 3)),
    ("B", 2311.9, (3, 1, 2)),
    ("A", 2425.9, (2, 3, 3)),
    ("A", 1283.5, (3, 2, 3)),
    ("B", 3189.8, (1, 1, 3)),
]
"""What listener 2 of seed 5 answered when there were only ABX and two-interval trials."""


def study_of(paradigm: str, **design: Any) -> StudyDefinition:
    levels = {"levels": [0, 1, 2, 3, 4]}
    return make_definition(paradigm=paradigm, condition=levels, design=design)


def trials_of(study: StudyDefinition, level: float | None) -> list[Trial]:
    """One trial of each order at a level."""
    found = {}
    for trial in plan_session(study, participant=1, seed=1).trials:
        assert isinstance(trial, Trial)
        if (trial.kind, trial.phase, trial.level) == ("test", "main", level):
            found[trial.order] = trial
    return list(found.values())


def answers(study: StudyDefinition, truth: Truth, trial: Trial, *, seed: int = 5) -> list[Response]:
    who = SimulatedListener(study=study, truth=truth, seed=seed, participant=1)
    return [who.respond(replace(trial, number=number)) for number in range(1, N + 1)]


def share(found: list[Response], value: str) -> float:
    return sum(response.value == value for response in found) / len(found)


def close(observed: float, expected: float, n: int = N) -> bool:
    """Within four standard errors of a share; the seeds are fixed."""
    return abs(observed - expected) <= 4 * math.sqrt(max(expected * (1 - expected), 1e-4) / n)


def test_answers_of_the_first_version_are_given_for_ever() -> None:
    truth = Truth(spread=0.5, bias=0.1, lapse_rate=0.05)
    study = make_definition(condition={"levels": [0, 1, 2, 3, 4]})
    who = SimulatedListener(study=study, truth=truth, seed=5, participant=2)
    trials = plan_session(study, participant=2, seed=1).trials[:6]
    given = [who.respond(trial) for trial in trials if isinstance(trial, Trial)]
    assert [(one.value, one.response_time_ms, one.plays) for one in given] == FIRST_VERSION


@pytest.mark.parametrize("paradigm", GUESS_RATES)
def test_forced_choice_follows_the_curve_from_its_own_chance_level(paradigm: str) -> None:
    study, truth = study_of(paradigm), replace(KNOWN, lapse_rate=0.05)
    heard = float(sigmoid("norm", 2.5, 2.0, 3.0, falling=True))
    guess_rate = GUESS_RATES[paradigm]
    expected = guess_rate + (1 - guess_rate - 0.05) * heard
    trial = replace(trials_of(study, 2.0)[0], level=2.5)
    found = answers(study, truth, trial)
    assert close(share(found, trial.correct_response), expected)
    wrong = Counter(one.value for one in found if one.value != trial.correct_response)
    others = [one for one in PARADIGMS[paradigm].responses if one != trial.correct_response]
    n_wrong = sum(wrong.values())
    for value in others:  # no wrong answer is a favourite
        assert close(wrong[value] / n_wrong, 1 / len(others), n_wrong)


def test_yes_is_said_beyond_one_place_on_the_axis_whatever_the_level() -> None:
    study = study_of("yes-no")
    for level in (1.0, 3.0):
        d_prime = Ears(study=study, truth=DETECTION).d_prime("bits", level)
        by_order = {trial.order: trial for trial in trials_of(study, level)}
        hits = share(answers(study, DETECTION, by_order["C"]), "yes")
        false_alarms = share(answers(study, DETECTION, by_order["B"], seed=6), "yes")
        assert close(hits, float(ndtr(d_prime - 0.3)))
        assert close(false_alarms, float(ndtr(-0.3)))


def test_d_prime_is_that_of_two_interval_trials() -> None:
    ears = Ears(study=study_of("two-interval"), truth=KNOWN)
    for level in (0.0, 1.0, 2.0, 4.0):
        correct = 0.5 + 0.5 * ears.heard("bits", level)
        assert float(ndtr(ears.d_prime("bits", level) / math.sqrt(2))) == pytest.approx(correct)
    assert ears.d_prime("bits", 2.0) == pytest.approx(0.954, abs=5e-4)
    assert ears.d_prime(BASELINE, None) == 0.0
    assert ears.d_prime("bits", -1e6) == 8.0


def same_rates(d_prime: float) -> tuple[float, float]:
    """Independent observation without bias: rates of "different" given different and same."""
    right = float(ndtr(d_prime / 2) ** 2 + ndtr(-d_prime / 2) ** 2)
    return right, 1 - right


def differencing_rates(d_prime: float) -> tuple[float, float]:
    far, root = 1.5, math.sqrt(2)
    return (
        float(ndtr((d_prime - far) / root) + ndtr((-d_prime - far) / root)),
        float(2 * ndtr(-far / root)),
    )


@pytest.mark.parametrize(
    ("rule", "rates"),
    [("independent-observation", same_rates), ("differencing", differencing_rates)],
)
def test_same_different_by_either_rule(
    rule: Any, rates: Callable[[float], tuple[float, float]]
) -> None:
    study, truth = study_of("same-different"), replace(KNOWN, same_different=rule)
    hit_rate, false_alarm_rate = rates(Ears(study=study, truth=truth).d_prime("bits", 1.0))
    for trial in trials_of(study, 1.0):
        expected = hit_rate if trial.correct_response == "different" else false_alarm_rate
        assert close(share(answers(study, truth, trial), "different"), expected), trial.order


def test_two_sounds_that_nobody_tells_apart_are_called_different_half_of_the_time() -> None:
    study = study_of("same-different")
    (trial, *_) = [one for one in trials_of(study, 4.0) if one.order == "BC"]
    inaudible = replace(KNOWN, threshold=-100.0, same_different="independent-observation")
    assert close(share(answers(study, inaudible, trial), "different"), 0.5)


def test_lapses_of_detection_are_answers_at_random() -> None:
    study, truth = study_of("yes-no"), replace(DETECTION, lapse_rate=0.1, criterion=-10.0)
    for trial in trials_of(study, 1.0):
        assert close(share(answers(study, truth, trial), "yes"), 0.9)


def test_preference_is_thurstones() -> None:
    study, truth = study_of("preference"), replace(KNOWN, quality_noise=0.5)
    behind = (1 - Ears(study=study, truth=truth).quality("bits", 1.0)) / (math.sqrt(2) * 0.5)
    for trial in trials_of(study, 1.0):
        baseline = next(one.label for one in trial.intervals if one.condition == BASELINE)
        assert close(share(answers(study, truth, trial), baseline), float(ndtr(behind)))


@pytest.mark.parametrize("paradigm", ["acr", "dcr", "ccr"])
@pytest.mark.parametrize("level", [0.0, 2.0, 3.0])
def test_categories_have_the_expected_mean(paradigm: str, level: float) -> None:
    study = study_of(paradigm)
    quality = Ears(study=study, truth=KNOWN).quality("bits", level)
    expected = expected_rating(PARADIGMS[paradigm], KNOWN, quality)
    for trial in trials_of(study, level):
        ratings = np.array([float(one.value) for one in answers(study, KNOWN, trial)])
        sign = -1 if paradigm == "ccr" and trial.order == "CB" else 1
        assert abs(ratings.mean() - sign * expected) < 4 * ratings.std() / math.sqrt(N) + 1e-9
        assert set(np.unique(ratings)) <= {float(one) for one in PARADIGMS[paradigm].responses}


@pytest.mark.parametrize("paradigm", ["mushra", "bs1116"])
def test_sliders_give_the_best_one_the_top_and_stay_on_the_scale(paradigm: str) -> None:
    study = study_of(paradigm)
    (trial, *_) = trials_of(study, None if paradigm == "mushra" else 1.0)
    known = PARADIGMS[paradigm]
    rated = [one for one in trial.intervals if one.label not in known.unrated]
    ears, scale = Ears(study=study, truth=KNOWN), known.scale
    assert scale is not None
    found = answers(study, KNOWN, trial)
    ratings = np.array([known.ratings(one.value, trial.intervals) for one in found])
    assert (ratings.max(axis=1) == scale.highest).all()
    assert score(study.paradigm, trial, found[0].value) is None
    for column, interval in zip(ratings.T, rated, strict=True):
        quality = ears.quality(interval.condition, interval.level)
        if quality < 0.8:
            expected = expected_rating(known, KNOWN, quality)
            assert abs(column.mean() - expected) < 4 * column.std() / math.sqrt(N)


def test_an_anchor_is_as_good_as_its_bandwidth() -> None:
    ears = Ears(study=study_of("mushra"), truth=KNOWN)
    assert [ears.quality(ANCHOR, hz) for hz in (3500.0, 7000.0, 20000.0)] == [0.25, 0.5, 1.0]


def test_offsets_of_ratings_differ_between_listeners_and_not_within() -> None:
    study, truth = study_of("acr"), replace(KNOWN, quality_offset=0.2)
    offsets = [
        SimulatedListener(study=study, truth=truth, seed=1, participant=number)._offset()
        for number in range(1, 401)
    ]
    assert abs(np.mean(offsets)) < 4 * 0.2 / 20
    assert abs(np.std(offsets) - 0.2) < 4 * 0.2 / math.sqrt(800)


@pytest.mark.parametrize("paradigm", [one for one in TASKS if PARADIGMS[one].asks_confidence])
def test_confidence_is_given_where_it_is_asked(paradigm: str) -> None:
    study = study_of(paradigm, confidence_steps=4)
    (trial, *_) = trials_of(study, 2.0)
    assert {one.confidence for one in answers(study, Truth(), trial)} == {1, 2, 3, 4}
    assert answers(study_of(paradigm), Truth(), trial)[0].confidence is None


@pytest.mark.parametrize("paradigm", ["abx", "5afc", "same-different", "yes-no"])
def test_who_is_surer_is_right_more_often(paradigm: str) -> None:
    study = study_of(paradigm, confidence_steps=4)
    right: dict[int, list[bool]] = {step: [] for step in (1, 2, 3, 4)}
    for trial in trials_of(study, 2.0):
        for one in answers(study, KNOWN, trial):
            assert one.confidence is not None
            right[one.confidence].append(one.value == trial.correct_response)
    shares = [float(np.mean(right[step])) for step in (1, 2, 3, 4)]
    assert shares == sorted(shares)
    assert shares[3] > shares[0] + 0.1


def test_steps_of_confidence_lie_evenly() -> None:
    margins = [0.0, 0.49, 0.51, 1.01, 1.51, 99.0]
    assert [Answer("A", one).confidence(4) for one in margins] == [1, 1, 2, 3, 4, 4]
    assert [Answer("A", one).confidence(2) for one in margins] == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("paradigm", TASKS)
def test_a_share_of_listeners_answers_at_random(paradigm: str) -> None:
    study = study_of(paradigm)
    (trial, *_) = trials_of(study, None if paradigm == "mushra" else 0.0)
    nobody = replace(KNOWN, inattentive=1.0)
    found = answers(study, nobody, trial)
    for response in found[:20]:
        score(study.paradigm, trial, response.value)  # possible answers, all of them
    if PARADIGMS[paradigm].responses:
        for value in PARADIGMS[paradigm].responses:
            assert close(share(found, value), 1 / len(PARADIGMS[paradigm].responses))
    attends = [
        SimulatedListener(
            study=study, truth=replace(KNOWN, inattentive=0.3), seed=2, participant=number
        )._attends()
        for number in range(1, 401)
    ]
    assert close(attends.count(True) / 400, 0.7, 400)


def test_who_listens_obeys_a_trap() -> None:
    study = study_of("acr")
    (trial, *_) = trials_of(study, 0.0)
    trap = replace(trial, kind="trap", correct_response="4|5")
    assert {one.value for one in answers(study, KNOWN, trap)} == {"4"}
    careless = {one.value for one in answers(study, replace(KNOWN, inattentive=1.0), trap)}
    assert careless == {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize("procedure", ["staircase", "questplus", "psi"])
def test_adaptive_sessions_end_with_their_tracks_and_spare_the_rest(procedure: str) -> None:
    stop = {"trials": 12, **({"reversals": 3} if procedure == "staircase" else {"interval": 3.5})}
    study = make_definition(
        paradigm="3afc",
        conditions=[{"name": one, "levels": [0, 1, 2, 3, 4]} for one in ("bits", "prune")],
        design={"procedure": procedure},
        adaptive={"stop": stop},
    )
    spared: list[int] = []
    rows = list(simulate_study(study, truth=Truth(), n_listeners=4, seed=3, spared=spared.append))
    assert len(rows) + sum(spared) == 4 * count_trials(study)
    assert sum(spared) > 0
    assert {row["track"] for row in rows} == {None, "bits", "prune"}
    again = list(simulate_study(study, truth=Truth(), n_listeners=4, seed=3))
    assert rows == again


@pytest.mark.parametrize("paradigm", TASKS)
def test_the_truth_is_told_in_the_words_of_the_measure(paradigm: str) -> None:
    text = describe_truth(Truth(), study_of(paradigm))
    words = {
        "correct": "true threshold 2, width 2 fraction bits, lapse rate 0.02",
        "detection": "true d′ 0.00 at 4, 0.09 at 3, 0.95 at 2, 2.77 at 1, 4.92 at 0",
        "preference": "true scale value (baseline 0) 0.00 at 4, -0.28 at 3, -2.83 at 2",
        "rating": "true mean rating ",
    }
    assert f"bits: {words[TASKS[paradigm].measure]}" in text
    assert ("baseline: " in text) == (paradigm in ("acr", "mushra"))
    assert "nan" not in text


def test_the_truth_is_told_for_each_part() -> None:
    parts = [{"name": "first", "paradigm": "abx"}, {"name": "second", "paradigm": "acr"}]
    lines = describe_truth(Truth(), make_definition(parts=parts)).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "first, bits",
        "second, bits",
        "second, baseline",
    ]


@pytest.mark.parametrize(
    "truth",
    [
        {"criterion": math.nan},
        {"criterion": 11.0},
        {"same_different": "guessing"},
        {"quality_loss": 1.5},
        {"quality_noise": 0.0},
        {"quality_offset": -0.1},
        {"inattentive": 1.1},
        {"inattentive": math.nan},
    ],
    ids=str,
)
def test_a_truth_that_cannot_be_is_refused(truth: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        Truth(**truth)
    assert caught.value.remedy


def test_the_same_sound_twice_is_preferred_half_of_the_time() -> None:
    study = study_of("preference")
    (trial, *_) = trials_of(study, 0.0)
    same = tuple(Interval(label=one, condition=BASELINE, level=None) for one in ("A", "B"))
    assert close(share(answers(study, KNOWN, replace(trial, intervals=same)), "A"), 0.5)

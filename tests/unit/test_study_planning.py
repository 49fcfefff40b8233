"""A study definition as simulated listeners: its numbers, its defaults, its own sessions."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from builders import make_definition

from jndlab.errors import DataError
from jndlab.study.definition import StudyDefinition
from jndlab.study_planning import (
    Assumptions,
    SessionListeners,
    curve_listeners,
    planned_condition,
    proportion_listeners,
    usual_interval_width,
    with_trials,
)

LEVELS = [10, 7, 5, 4, 3, 2, 1, 0]


@pytest.fixture
def study() -> StudyDefinition:
    return make_definition(
        condition={"levels": LEVELS}, design={"trials_per_level": 8, "gross_trials": 6}
    )


def test_the_study_decides_what_nobody_said(study: StudyDefinition) -> None:
    listeners = curve_listeners(study, planned_condition(study, None), Assumptions())
    assert listeners.levels == tuple(LEVELS)
    assert (listeners.paradigm, listeners.direction) == ("abx", "falls")
    assert (listeners.threshold, listeners.width, listeners.threshold_spread) == (5.0, 5.0, 1.25)
    assert listeners.attrition.gross_trials == 6


def test_what_was_said_comes_first(study: StudyDefinition) -> None:
    said = Assumptions(threshold=2.0, width=3.0, spread=0.0, lapse_rate=0.1, dropout=0.2)
    listeners = curve_listeners(study, planned_condition(study, "bits"), said)
    assert (listeners.threshold, listeners.width, listeners.threshold_spread) == (2.0, 3.0, 0.0)
    assert (listeners.lapse_rate, listeners.attrition.dropout) == (0.1, 0.2)


def test_a_proportion_spreads_unless_everybody_is_at_chance(study: StudyDefinition) -> None:
    assert proportion_listeners(study, Assumptions(), default=0.5).spread == 0.0
    people = proportion_listeners(study, Assumptions(proportion_correct=0.6), default=0.5)
    assert (people.proportion_correct, people.spread) == (0.6, 0.05)
    with pytest.raises(DataError, match="How large a difference"):
        proportion_listeners(study, Assumptions(), default=None)


def test_one_condition_of_several_must_be_named() -> None:
    study = make_definition(conditions=[{"name": "bits"}, {"name": "pruned", "folder": "pruned"}])
    assert planned_condition(study, "pruned").name == "pruned"
    with pytest.raises(DataError, match="several conditions") as caught:
        planned_condition(study, None)
    assert "bits, pruned" in caught.value.remedy
    with pytest.raises(DataError, match="no condition 'bit'"):
        planned_condition(study, "bit")


def test_the_usual_width_is_two_steps_between_levels(study: StudyDefinition) -> None:
    assert usual_interval_width(planned_condition(study, None)) == 2.0
    with pytest.raises(DataError, match="with one level"):
        usual_interval_width(make_definition(condition={"levels": [3]}).stimuli.conditions[0])


def test_numbers_of_trials_are_those_that_a_study_file_can_have(study: StudyDefinition) -> None:
    assert with_trials(study, 200).design.trials_per_level == 200
    for n_trials in (0, 201):
        with pytest.raises(DataError, match=f"cannot have {n_trials} trials per level"):
            with_trials(study, n_trials)


def sessions(study: StudyDefinition, **said: Any) -> SessionListeners:
    condition = planned_condition(study, "bits")
    listeners = curve_listeners(study, condition, Assumptions(**said))
    return SessionListeners(study=study, condition="bits", listeners=listeners)


def test_whole_sessions_hold_the_trials_of_the_study() -> None:
    study = make_definition(
        conditions=[{"levels": [1, 2, 4]}, {"name": "pruned", "folder": "pruned"}]
    )
    counts = sessions(study)(np.random.default_rng(1), n_listeners=3, trials_per_level=5)
    assert counts.n_trials.tolist() == [[5.0, 5.0, 5.0]] * 3
    assert np.all(counts.n_correct <= counts.n_trials)
    again = sessions(study)(np.random.default_rng(1), n_listeners=3, trials_per_level=5)
    assert np.array_equal(counts.n_correct, again.n_correct)


def test_whole_sessions_and_counts_alone_have_one_distribution(study: StudyDefinition) -> None:
    whole = sessions(study, threshold=4.0, width=4.0, spread=1.0, guessers=0.2)
    n_listeners, n_trials = 120, 4
    by_trial = whole(np.random.default_rng(2), n_listeners=n_listeners, trials_per_level=n_trials)
    at_once = whole.listeners(
        np.random.default_rng(3), n_listeners=20_000, trials_per_level=n_trials
    )
    shares, many = by_trial.n_correct / n_trials, at_once.n_correct / n_trials
    error = many.std(axis=0) / np.sqrt(n_listeners)
    assert np.all(np.abs(shares.mean(axis=0) - many.mean(axis=0)) < 3.5 * error)
    # Listeners differ as much in one as in the other, not only on average.
    totals, all_totals = shares.mean(axis=1), many.mean(axis=1)
    assert totals.std() == pytest.approx(all_totals.std(), rel=0.25)


def test_whole_sessions_exclude_by_their_own_gross_trials(study: StudyDefinition) -> None:
    loose = sessions(study, guessers=0.5, spread=0.0, lapse_rate=0.0)
    strict = sessions(study, guessers=0.5, spread=0.0, lapse_rate=0.0, min_gross_correct=1.0)
    kept = [
        simulate(np.random.default_rng(5), n_listeners=40, trials_per_level=4).n_correct
        for simulate in (loose, strict)
    ]
    assert len(kept[0]) == 40
    guessed = [counts[:, -1] < 4 for counts in kept]  # the most compressed level, 4 trials
    assert guessed[0].sum() >= 8
    assert guessed[1].sum() <= 2


def test_whole_sessions_travel_to_other_processes(study: StudyDefinition) -> None:
    simulate = sessions(study)
    assert pickle.loads(pickle.dumps(simulate)) == simulate

"""The example study: repeatable, balanced, and what it says it is."""

from __future__ import annotations

from collections import Counter

import pytest

from jndlab.analysis import fit_psychometric, listener_counts
from jndlab.analysis.study.example import ITEMS, LEVELS, example_rows, example_trials
from jndlab.errors import DataError


def test_equal_seeds_give_equal_tables() -> None:
    assert example_trials(seed=4).digest == example_trials(seed=4).digest
    assert example_trials(seed=4).digest != example_trials(seed=5).digest


@pytest.mark.parametrize("paradigm", ["abx", "two-interval"])
def test_orders_and_items_are_balanced_within_a_level(paradigm) -> None:
    rows = [
        one
        for one in example_rows(n_listeners=1, paradigm=paradigm, trials_per_level=8)
        if one["trial_kind"] == "test" and one["phase"] == "main" and one["level"] == LEVELS[2]
    ]
    keys = Counter(one["correct_response"] for one in rows)
    assert set(keys.values()) == {4}
    assert Counter(one["item"] for one in rows) == dict.fromkeys(ITEMS, 2)


def test_its_threshold_is_found_again() -> None:
    (part,) = listener_counts(example_trials(n_listeners=40, spread=0.0))
    fit = fit_psychometric(
        part.levels,
        part.n_correct.sum(axis=0),
        part.n_trials.sum(axis=0),
        paradigm="abx",
        direction="falls",
    )
    assert 3.0 in fit.interval("threshold", 0.99)


@pytest.mark.parametrize("wrong", [{"n_listeners": 0}, {"paradigm": "3afc"}])
def test_impossible_studies_are_refused(wrong) -> None:
    with pytest.raises(DataError):
        example_trials(**wrong)

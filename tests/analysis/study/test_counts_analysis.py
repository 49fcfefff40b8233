"""Counts from anywhere get the analysis of a study's condition: unit of inference, errors."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis import AnalysisOptions, analyse_counts, fit_psychometric, load_counts
from jndlab.analysis.study.counts_analysis import counts_of
from jndlab.errors import DataError, FitError

LEVELS = [1, 2, 3, 4, 5]
QUICK = AnalysisOptions(n_resamples=100, group_model=False)


def listeners_table(n_listeners: int = 6, conditions: tuple[str, ...] = ("a",)):
    """Listeners of 20 trials a level each; seed 4."""
    rng = np.random.default_rng(4)
    columns: dict[str, list[object]] = {
        name: [] for name in ("condition", "listener", "level", "n_correct", "n_trials")
    }
    for condition in conditions:
        for listener in range(n_listeners):
            threshold = rng.normal(3.0, 0.4)
            chance = 0.5 + 0.49 / (1 + np.exp(-2 * (np.array(LEVELS) - threshold)))
            for level, k in zip(LEVELS, rng.binomial(20, chance), strict=True):
                row = (condition, f"p{listener}", level, int(k), 20)
                for name, value in zip(columns, row, strict=True):
                    columns[name].append(value)
    return load_counts(columns)


def test_pooled_counts_are_one_fit() -> None:
    n_correct = [21, 24, 33, 38, 39]
    table = load_counts({"x": LEVELS, "k": n_correct, "n": [40] * 5})
    (condition,) = analyse_counts(table, paradigm="abx", seed=1, options=QUICK)
    fit = fit_psychometric(LEVELS, n_correct, [40] * 5, paradigm="abx")
    assert condition.jnds[0].threshold.value == pytest.approx(fit.threshold_at(0.75).value)


def test_the_unit_is_the_listener_where_there_are_listeners() -> None:
    counts = counts_of(listeners_table(), "a")
    assert counts.n_correct.shape == (6, 5)
    assert counts.listeners == tuple(f"p{n}" for n in range(6))
    (condition,) = analyse_counts(listeners_table(), paradigm="abx", seed=1, options=QUICK)
    assert len(condition.listeners) == 6
    again = analyse_counts(listeners_table(), paradigm="abx", seed=1, options=QUICK)[0]
    assert again.jnds[0].threshold.interval == condition.jnds[0].threshold.interval


def test_conditions_come_in_the_order_of_their_names() -> None:
    table = listeners_table(conditions=("late", "early"))
    found = analyse_counts(table, paradigm="abx", seed=1, options=QUICK)
    assert [one.condition for one in found] == ["early", "late"]


def test_listeners_who_did_not_hear_a_level_have_no_trials_there() -> None:
    table = load_counts(
        {"subject": ["a", "a", "b"], "x": [1, 2, 2], "k": [5, 6, 7], "n": [10, 10, 10]}
    )
    counts = counts_of(table, "")
    assert counts.n_trials.tolist() == [[10.0, 10.0], [0.0, 10.0]]


@pytest.mark.parametrize("paradigm", ["yes_no", "guessing"])
def test_paradigms_that_cannot_be(paradigm: str) -> None:
    table = load_counts({"x": LEVELS, "k": [21, 24, 33, 38, 39], "n": [40] * 5})
    with pytest.raises((DataError, FitError)) as caught:
        analyse_counts(table, paradigm=paradigm, seed=1, options=QUICK)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "n_correct", [[40] * 5, [0] * 5, [20] * 5, [20, 20, 20, 40, 40], [39, 38, 33, 24, 21]]
)
def test_what_data_cannot_tell_is_said(n_correct: list[int]) -> None:
    table = load_counts({"x": LEVELS, "k": n_correct, "n": [40] * 5})
    (condition,) = analyse_counts(table, paradigm="abx", seed=1, options=QUICK)
    assert condition.warnings


@pytest.mark.parametrize("levels", [[3], [1, 2]])
def test_too_few_levels_have_no_curve_but_a_reason(levels: list[int]) -> None:
    table = load_counts({"x": levels, "k": [15] * len(levels), "n": [20] * len(levels)})
    (condition,) = analyse_counts(table, paradigm="abx", seed=1, options=QUICK)
    assert condition.fit is None
    assert any("cannot be fitted" in sentence for sentence in condition.warnings)

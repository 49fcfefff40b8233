"""Step-down max-T: against enumeration by hand, and its family-wise error rates."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.max_t import max_t_test, max_t_test_conditions, step_down
from jndlab.analysis.inference.permutation import permutation_test_listeners
from jndlab.analysis.inference.permutation_conditions import permutation_test_conditions
from jndlab.errors import DataError

COUNTS = np.array(
    [[11, 15, 19], [9, 13, 20], [10, 16, 18], [12, 12, 19], [8, 14, 17], [10, 15, 20], [13, 11, 18]]
)


def by_hand(differences: np.ndarray) -> np.ndarray:
    """Step-down adjusted p-values as the book writes them: one hypothesis after the other."""
    n, m = differences.shape
    size = np.sqrt((differences**2).sum(axis=0))
    seen = differences.sum(axis=0) / size
    order = list(np.argsort(-seen))
    adjusted, before = np.empty(m), 0.0
    for step, hypothesis in enumerate(order):
        rest = order[step:]
        as_large = 0
        for signs in product([1, -1], repeat=n):
            flipped = np.array(signs) @ differences / size
            as_large += flipped[rest].max() >= seen[hypothesis] - 1e-9
        before = max(before, as_large / 2**n)
        adjusted[hypothesis] = before
    return adjusted


def test_flips_as_by_hand() -> None:
    found = max_t_test(COUNTS, 20, chance=0.5)
    assert found.exact
    assert found.adjusted_p_values == pytest.approx(by_hand(COUNTS / 20 - 0.5), abs=1e-12)
    for column in range(3):
        alone = permutation_test_listeners(COUNTS[:, column], 20, chance=0.5)
        assert found.p_values[column] == pytest.approx(alone.p_value, abs=1e-12)
        assert found.estimates[column] == pytest.approx(alone.estimate - 0.5)
    assert found.p_value == min(found.adjusted_p_values)
    assert found.names == ("1", "2", "3")


def test_never_above_holm_and_less_where_levels_go_together() -> None:
    rng = np.random.default_rng(2)
    one = rng.binomial(20, np.clip(rng.normal(0.6, 0.12, 10), 0, 1))
    alike = np.stack([one, one, one, one], axis=1)
    found = max_t_test(alike, 20, chance=0.5)
    # Four times the same test is one test.
    assert found.adjusted_p_values == pytest.approx(found.p_values)
    other = max_t_test(COUNTS, 20, chance=0.5, alternative="two-sided")
    holm = adjust_p_values(other.p_values, method="holm")
    assert np.all(np.array(other.adjusted_p_values) <= holm + 1e-12)
    assert np.all(np.array(other.adjusted_p_values) >= np.array(other.p_values))


def test_levels_that_some_did_not_hear() -> None:
    trials = np.full(COUNTS.shape, 20)
    trials[0, 2] = trials[3, 0] = 0
    counts = np.where(trials > 0, COUNTS, 0)
    found = max_t_test(counts, trials, chance=0.5, names=[3.0, 2.0, 1.0])
    assert found.names == ("3.0", "2.0", "1.0")
    assert found.n_listeners == (6, 7, 6)
    for column in (0, 2):
        kept = trials[:, column] > 0
        alone = permutation_test_listeners(counts[kept, column], 20, chance=0.5)
        assert found.p_values[column] == pytest.approx(alone.p_value, abs=1e-12)
        assert found.estimates[column] == pytest.approx(alone.estimate - 0.5)


def test_guesses_with_another_chance_level() -> None:
    counts = np.array([[8, 12], [7, 13], [6, 9], [9, 14], [5, 11]])
    found = max_t_test(counts, 20, chance=1 / 3, seed=2)
    assert "guesses" in found.method
    assert (found.exact, found.n_resamples, found.seed) == (False, 9999, 2)
    for column in (0, 1):
        pooled = binomial_test(int(counts[:, column].sum()), 100, chance=1 / 3).p_value
        assert found.p_values[column] == pytest.approx(
            pooled, abs=4 * np.sqrt(pooled / 9999) + 1e-4
        )
    again = max_t_test(counts, 20, chance=1 / 3, seed=2)
    assert again == found


def test_paired_conditions_over_levels() -> None:
    loud, quiet = COUNTS, COUNTS[:, ::-1]
    found = max_t_test_conditions(loud, 20, quiet, 20, same_listeners=True)
    assert found.alternative == "two-sided"
    assert found.adjusted_p_values[1] == 1.0
    for column in (0, 2):
        alone = permutation_test_conditions(
            loud[:, column], 20, quiet[:, column], 20, same_listeners=True
        )
        assert found.p_values[column] == pytest.approx(alone.p_value, abs=1e-12)
        assert found.estimates[column] == pytest.approx(alone.estimate)
    unequal = max_t_test_conditions(loud, 20, quiet, 40, same_listeners=True)
    assert "approximate" in unequal.warnings[-1]


def test_groups_over_levels() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.binomial(20, [0.6, 0.9], (6, 2)), rng.binomial(20, [0.6, 0.6], (7, 2))
    found = max_t_test_conditions(one, 20, other, 20, same_listeners=False, alternative="greater")
    for column in (0, 1):
        alone = permutation_test_conditions(
            one[:, column], 20, other[:, column], 20, same_listeners=False, alternative="greater"
        )
        assert found.p_values[column] == pytest.approx(alone.p_value, abs=1e-12)
        assert found.estimates[column] == pytest.approx(alone.estimate)
        assert found.statistics[column] != 0.0
    assert found.adjusted_p_values[1] < 0.05 < found.adjusted_p_values[0]
    assert json.dumps(found.to_dict())


def test_groups_with_levels_not_heard_count_what_cannot_be_computed_against_themselves() -> None:
    rng = np.random.default_rng(5)
    one, other = rng.binomial(20, 0.9, (5, 1)), rng.binomial(20, 0.5, (5, 1))
    trials = np.full((5, 1), 20)
    trials[2:] = 0
    found = max_t_test_conditions(
        np.where(trials > 0, one, 0), trials, other, 20, same_listeners=False
    )
    assert found.n_listeners == (7,)
    trials[1:] = 0
    with pytest.raises(DataError, match="two of them"):
        max_t_test_conditions(np.where(trials > 0, one, 0), trials, other, 20, same_listeners=False)


def test_many_listeners_are_drawn() -> None:
    rng = np.random.default_rng(5)
    counts = rng.binomial(20, [0.5, 0.5, 0.62], (30, 3))
    found = max_t_test(counts, 20, chance=0.5, seed=1, n_resamples=1999)
    assert (found.exact, found.n_resamples) == (False, 1999)
    assert found.adjusted_p_values[2] == 1 / 2000
    assert found.adjusted_p_values[0] > 0.05


def test_step_down_of_infinite_statistics() -> None:
    adjusted, raw = step_down(np.array([[np.inf, 1.0], [1.0, 2.0], [2.0, 0.5], [0.0, 0.0]]))
    assert (adjusted.tolist(), raw.tolist()) == ([0.25, 0.5], [0.25, 0.5])


@pytest.mark.parametrize("n_false", [0, 2])
@pytest.mark.parametrize("spread", [0.0, 0.12])
def test_family_wise_error_rate(n_false: int, spread: float) -> None:
    """Any of the true hypotheses rejected at 5 %: 5 levels, 8 listeners, 1,000 studies, seed 3.

    Every listener has a bias of the same sign at all levels, so that levels go together.
    """
    rng = np.random.default_rng(3)
    means = np.array([0.5] * (5 - n_false) + [0.85] * n_false)
    errors = power = 0
    for _ in range(1000):
        true = np.clip(means + rng.normal(0.0, spread, (8, 1)), 0.0, 1.0)
        found = max_t_test(rng.binomial(15, true), 15, chance=0.5)
        rejected = np.array(found.adjusted_p_values) <= 0.05
        errors += rejected[means == 0.5].any()
        power += rejected[means > 0.5].all()
    assert 0.02 < errors / 1000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)
    assert power / 1000 > 0.8


@pytest.mark.parametrize(
    ("counts", "options"),
    [
        ([[14, 13]], {}),
        ([[14, 23], [12, 11]], {}),
        ([[14, 13], [12]], {}),
        ([["a", "b"], ["c", "d"]], {}),
        ([[14, 13], [12, 11]], {"names": ["one"]}),
        ([[14, 13], [12, 11]], {"names": "ab"}),
        ([[14, 13], [12, 11]], {"chance": 1 / 3, "null": "symmetric"}),
        ([[14, 13], [12, 11]], {"n_resamples": 3}),
        ([[[14, 13]]], {}),
    ],
)
def test_wrong_input_is_refused(counts: Any, options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        max_t_test(counts, 20, **({"chance": 0.5} | options))


def test_conditions_that_cannot_be_compared_are_refused() -> None:
    for one, other in (([[4, 3]] * 3, [[4, 3, 2]] * 3), ([[4, 3]] * 3, [[4, 3]] * 4)):
        with pytest.raises(DataError):
            max_t_test_conditions(one, 20, other, 20, same_listeners=True)
    with pytest.raises(DataError, match="Nobody"):
        max_t_test([[4, 0]] * 3, [[20, 0]] * 3, chance=0.5)

"""Permutation tests against complete enumeration and other exact tests, and their error rates."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import hypergeom, permutation_test, ttest_ind

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.permutation import permutation_test_listeners
from jndlab.analysis.inference.permutation_conditions import permutation_test_conditions
from jndlab.analysis.inference.random_sums import common_steps, sum_tails
from jndlab.analysis.inference.typical_values import centre_limits
from jndlab.errors import DataError

COUNTS = [14, 11, 17, 10, 19, 9, 12, 20, 8, 13, 16, 10]


def share_of_flips(differences: np.ndarray) -> float:
    """Of all sign flips, those with a mean as large as that seen."""
    signs = np.array(list(product([1, -1], repeat=len(differences))))
    return float(np.mean(signs @ differences >= differences.sum() - 1e-12))


@pytest.mark.parametrize(
    ("counts", "trials"),
    [
        (COUNTS, [20] * 12),
        ([9, 7, 12, 10, 8], [12, 11, 13, 17, 9]),
        ([10, 10, 11, 9], [20, 20, 20, 20]),
        ([5] * 8, [5] * 8),
    ],
)
def test_flips_as_by_enumeration(counts: list[int], trials: list[int]) -> None:
    differences = np.array(counts) / np.array(trials) - 0.5
    found = permutation_test_listeners(counts, trials, chance=0.5)
    assert found.exact
    assert found.n_resamples == 0
    assert found.p_value == pytest.approx(share_of_flips(differences), abs=1e-12)
    less = permutation_test_listeners(counts, trials, chance=0.5, alternative="less")
    assert less.p_value == pytest.approx(share_of_flips(-differences), abs=1e-12)
    both = permutation_test_listeners(counts, trials, chance=0.5, alternative="two-sided")
    assert both.p_value == pytest.approx(min(1.0, 2 * min(found.p_value, less.p_value)))
    assert found.estimate == pytest.approx(differences.mean() + 0.5)


@pytest.mark.parametrize("chance", [0.5, 1 / 3])
def test_guesses_with_equal_trials_are_the_binomial_test(chance: float) -> None:
    for alternative in ("greater", "less"):
        found = permutation_test_listeners(
            COUNTS,
            20,
            chance=chance,
            null="no_effect",
            alternative=alternative,  # type: ignore[arg-type]
        )
        pooled = binomial_test(sum(COUNTS), 240, chance=chance, alternative=alternative)  # type: ignore[arg-type]
        assert found.p_value == pytest.approx(pooled.p_value, rel=1e-9)
    assert "every single listener" in found.hypothesis


def test_the_hypothesis_follows_from_chance() -> None:
    assert "flipped" in permutation_test_listeners(COUNTS, 20, chance=0.5).method
    assert "guesses" in permutation_test_listeners(COUNTS, 20, chance=1 / 3).method
    with pytest.raises(DataError, match="may not be flipped"):
        permutation_test_listeners(COUNTS, 20, chance=1 / 3, null="symmetric")


def test_one_who_hears_it_all_proves_little_about_the_others() -> None:
    counts = [20, 10, 11, 9, 10, 10, 9, 11]
    flips = permutation_test_listeners(counts, 20, chance=0.5)
    guesses = permutation_test_listeners(counts, 20, chance=0.5, null="no_effect")
    assert flips.p_value > 0.2
    assert guesses.p_value == pytest.approx(binomial_test(90, 160, chance=0.5).p_value)
    # 2^12 flips and the binomial distribution of 24 trials, each counted once.
    assert permutation_test_listeners([1] * 24, 1, chance=0.5).p_value == 0.5**24


def test_many_listeners_with_odd_numbers_of_trials() -> None:
    rng = np.random.default_rng(2)
    trials = rng.integers(17, 41, size=40)
    counts = rng.binomial(trials, 0.53)
    drawn = permutation_test_listeners(counts, trials, chance=0.5, seed=3)
    assert not drawn.exact
    assert (drawn.n_resamples, drawn.seed) == (19_999, 3)
    assert drawn == permutation_test_listeners(counts, trials, chance=0.5, seed=3)
    differences = counts / trials - 0.5
    normal = float(np.sum(differences) / np.sqrt(np.sum(differences**2)))
    from scipy.stats import norm

    assert drawn.p_value == pytest.approx(float(norm.sf(normal)), abs=0.02)
    few = permutation_test_listeners(
        counts, trials, chance=0.5, seed=np.random.default_rng(3), n_resamples=199
    )
    assert (few.seed, few.p_value * 200) == (None, pytest.approx(round(few.p_value * 200)))


def test_paired_conditions() -> None:
    one, other = np.array([18, 15, 19, 14, 17, 16]), np.array([14, 13, 15, 14, 12, 17])
    found = permutation_test_conditions(
        one, 20, other, 20, same_listeners=True, alternative="greater"
    )
    assert found.p_value == pytest.approx(share_of_flips((one - other) / 20), abs=1e-12)
    assert found.estimate == pytest.approx(float(np.mean(one - other)) / 20)
    assert found.warnings == ()
    unequal = permutation_test_conditions(one, 20, other, 40, same_listeners=True)
    assert "approximate" in unequal.warnings[-1]
    missing = permutation_test_conditions(
        [*one, 3], 20, [*other, 0], [20] * 6 + [0], same_listeners=True, alternative="greater"
    )
    assert missing.p_value == found.p_value
    assert "Left out" in missing.warnings[0]


def test_responses_dealt_out_anew_are_fishers_test_for_one_informative_listener() -> None:
    """The second listener is always right, so only the first can tell."""
    found = permutation_test_conditions(
        [9, 5],
        [10, 5],
        [4, 8],
        [12, 8],
        same_listeners=True,
        null="no_effect",
        alternative="greater",
    )
    assert found.p_value == pytest.approx(float(hypergeom.sf(8, 22, 13, 10)), rel=1e-10)


def test_two_groups_as_scipy_enumerates_them() -> None:
    one, other = [18, 15, 19, 14, 17], [14, 13, 15, 14, 12, 17]

    def statistic(x: np.ndarray, y: np.ndarray, axis: int) -> Any:
        return ttest_ind(x, y, axis=axis, equal_var=False).statistic

    for alternative in ("greater", "less", "two-sided"):
        found = permutation_test_conditions(
            one,
            20,
            other,
            20,
            same_listeners=False,
            alternative=alternative,  # type: ignore[arg-type]
        )
        theirs = permutation_test(
            (np.array(one) / 20, np.array(other) / 20),
            statistic,
            permutation_type="independent",
            vectorized=True,
            n_resamples=np.inf,
            alternative=alternative,
        )
        assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
        assert (found.p_value <= 0.05) is (0.0 not in found.interval)
        assert found.exact
    assert "one population" in found.hypothesis


def test_groups_without_scatter() -> None:
    apart = permutation_test_conditions([20] * 4, 20, [10] * 4, 20, same_listeners=False)
    assert apart.p_value == pytest.approx(2 / 70)
    alike = permutation_test_conditions([10] * 4, 20, [10] * 4, 20, same_listeners=False)
    assert (alike.p_value, alike.estimate) == (1.0, 0.0)
    assert (alike.interval.low, alike.interval.high) == (-1.0, 1.0)
    few = permutation_test_conditions([20] * 2, 20, [10] * 3, 20, same_listeners=False)
    assert "cannot tell" in few.warnings[0]


def test_large_groups_are_drawn() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.binomial(20, 0.8, 20), rng.binomial(20, 0.6, 20)
    found = permutation_test_conditions(one, 20, other, 20, same_listeners=False, seed=4)
    assert (found.exact, found.n_resamples) == (False, 19_999)
    assert found.p_value == 2 / 20_000
    assert 0.0 < found.interval.low < found.estimate < found.interval.high < 0.4


@pytest.mark.parametrize("n_listeners", [6, 12])
def test_intervals_by_flips_agree_with_the_test(n_listeners: int) -> None:
    rng = np.random.default_rng(n_listeners)
    disagreements = 0
    for _ in range(60):
        counts = rng.binomial(20, 0.6, n_listeners)
        for alternative in ("greater", "less", "two-sided"):
            found = permutation_test_listeners(
                counts,
                20,
                chance=0.5,
                alternative=alternative,  # type: ignore[arg-type]
            )
            disagreements += (found.p_value <= 0.05) is (0.5 in found.interval)
            assert 0.0 <= found.interval.low <= found.interval.high <= 1.0
    assert disagreements == 0


def test_centres_of_symmetric_samples_are_held_as_often_as_stated() -> None:
    """Hartigan's theorem, 95 % two-sided: 4,000 normal samples of seven and of twenty, seed 8."""
    rng = np.random.default_rng(8)
    for n, draws in ((7, 4000), (20, 1000)):
        held = 0
        for _ in range(draws):
            scores = rng.normal(0.0, 1.0 + np.arange(n), n)
            low, high = centre_limits(scores, tail=0.025, n_resamples=399, rng=rng)
            held += low <= 0.0 <= high
        assert held / draws == pytest.approx(0.95, abs=3.5 * np.sqrt(0.95 * 0.05 / draws))


def test_too_few_listeners_are_said() -> None:
    found = permutation_test_listeners([20, 20, 20, 20], 20, chance=0.5)
    assert found.p_value == 0.0625
    assert "cannot tell" in found.warnings[0]
    assert (found.interval.low, found.interval.high) == (0.0, 1.0)
    assert json.dumps(found.to_dict())


def error_rate(studies: np.ndarray, **options: Any) -> float:
    p_values = [permutation_test_listeners(study, 12, **options).p_value for study in studies]
    return float(np.mean(np.array(p_values) <= 0.05))


@pytest.mark.parametrize("spread", [0.0, 0.15])
def test_error_rate_of_flips(spread: float) -> None:
    """Guessers, and listeners who differ symmetrically about chance. 1,500 studies, seed 6."""
    rng = np.random.default_rng(6)
    true = np.clip(rng.normal(0.5, spread, (1500, 10)), 0.0, 1.0)
    rate = error_rate(rng.binomial(12, true), chance=0.5, n_resamples=99)
    assert 0.03 < rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1500)


def test_flips_detect_what_is_there() -> None:
    rng = np.random.default_rng(6)
    studies = rng.binomial(12, np.clip(rng.normal(0.65, 0.1, (200, 10)), 0.0, 1.0))
    assert error_rate(studies, chance=0.5, n_resamples=99) > 0.75


def test_error_rate_of_label_permutations() -> None:
    """Two groups of one population that differ within, 7 and 5 listeners. 400 studies, seed 9."""
    rng = np.random.default_rng(9)
    p_values = []
    for _ in range(400):
        true = np.clip(rng.normal(0.75, 0.15, 12), 0.0, 1.0)
        counts = rng.binomial(16, true)
        p_values.append(
            permutation_test_conditions(
                counts[:7], 16, counts[7:], 16, same_listeners=False
            ).p_value
        )
    assert 0.02 < np.mean(np.array(p_values) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_sums_drawn_and_counted_agree() -> None:
    rng = np.random.default_rng(1)
    supports = [(np.array([-a, a]), np.array([0.5, 0.5])) for a in range(1, 12)]
    counted = sum_tails(supports, 30, slack=0, n_resamples=99, rng=rng)
    odd = [(np.array([-a, a]), np.full(2, 0.5)) for a in rng.integers(10**9, 2 * 10**9, 30)]
    drawn = sum_tails(odd, 10**10, slack=0, n_resamples=5000, rng=rng)
    assert counted.exact
    assert not drawn.exact
    assert 0.08 < drawn.greater < 0.16  # normal with a standard deviation of 8.4e9: 0.12
    assert common_steps(np.arange(17, 60))[1] > 0


@pytest.mark.parametrize(
    ("counts", "trials", "options"),
    [
        ([14], 20, {}),
        (14, 20, {}),
        ([14, 21], 20, {}),
        ([14, "x"], 20, {}),
        ([14, 13], [20, 20, 20], {}),
        ([14, 13], 20, {"chance": 1.0}),
        ([14, 13], 20, {"null": "none"}),
        ([14, 13], 20, {"alternative": "more"}),
        ([14, 13], 20, {"coverage": 0.0}),
        ([14, 13], 20, {"n_resamples": 10}),
        ([14, 13], 20, {"seed": "a"}),
    ],
)
def test_wrong_input_is_refused(counts: Any, trials: Any, options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        permutation_test_listeners(counts, trials, **({"chance": 0.5} | options))


@pytest.mark.parametrize(
    ("one", "other", "options"),
    [
        ([14, 13], [14, 13, 12], {"same_listeners": True}),
        ([14], [13], {"same_listeners": True}),
        ([14, 13], [14], {"same_listeners": False}),
        ([[14, 13], [12, 11]], [[14, 13], [12, 11]], {"same_listeners": True}),
        ([14, 13], [14, 13], {"same_listeners": False, "null": "symmetric"}),
        ([14, np.nan], [14, 13], {"same_listeners": True}),
    ],
)
def test_conditions_that_cannot_be_compared_are_refused(
    one: Any, other: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(DataError):
        permutation_test_conditions(one, 20, other, 20, **options)

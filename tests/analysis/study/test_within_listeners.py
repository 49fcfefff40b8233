"""Effects within listeners: against Mantel–Haenszel, least squares, and their nominal error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp
from statsmodels.stats.contingency_tables import StratifiedTable

from jndlab.analysis.study.within_listeners import effect_within_strata, mean_over_listeners


def test_a_binary_covariate_gives_mantel_haenszel() -> None:
    tables = [np.array([[7, 2], [3, 6]]), np.array([[5, 5], [1, 8]])]
    x, y, strata = [], [], []
    for number, table in enumerate(tables):
        for is_x, row in zip((1, 0), table, strict=True):
            for is_right, count in zip((1, 0), row, strict=True):
                x += [is_x] * int(count)
                y += [is_right] * int(count)
                strata += [number] * int(count)
    found = effect_within_strata(x, y, strata)
    assert found is not None
    slope, z = found
    reference = StratifiedTable(tables).test_null_odds(correction=False)
    assert z**2 == pytest.approx(reference.statistic, rel=1e-12)
    weights = [9 * 9 / 18, 10 * 9 / 19]
    differences = [7 / 9 - 3 / 9, 5 / 10 - 1 / 9]
    assert slope == pytest.approx(np.average(differences, weights=weights), rel=1e-12)


def test_a_numeric_covariate_gives_least_squares_within_strata() -> None:
    rng = np.random.default_rng(1)
    x, strata = rng.normal(size=60), np.repeat([0, 1, 2], 20)
    y = (rng.random(60) < 0.6).astype(float)
    found = effect_within_strata(x, y, strata)
    design = np.column_stack([x, *(strata == s for s in range(3))]).astype(float)
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    assert found is not None
    assert found[0] == pytest.approx(coefficients[0], rel=1e-10)


def test_what_cannot_vary_has_no_effect() -> None:
    assert effect_within_strata([1, 1, 2, 2], [1, 0, 1, 0], ["a", "a", "b", "b"]) is None
    assert effect_within_strata([0, 1], [1, 1], [0, 0]) == (0.0, 0.0)


def test_the_mean_is_tested_by_t() -> None:
    values = [0.1, -0.02, 0.2, 0.07, 0.11]
    effect = mean_over_listeners("x", [(n, value, 1.0) for n, value in enumerate(values)])
    reference = ttest_1samp(values, 0.0)
    assert effect.p_value == pytest.approx(reference.pvalue, rel=1e-10)
    interval = reference.confidence_interval(0.95)
    assert effect.interval is not None
    assert effect.interval.low == pytest.approx(interval.low, rel=1e-10)
    assert effect.interval.high == pytest.approx(interval.high, rel=1e-10)
    assert effect.sd == pytest.approx(np.std(values, ddof=1))
    assert effect.n_listeners == 5
    # Each with z = 1: alone p = 0.317, Holm over five 1.
    assert effect.listeners[0].p_value == pytest.approx(0.3173105)
    assert effect.listeners[0].p_value_holm == 1.0


def test_few_listeners_get_no_interval() -> None:
    effect = mean_over_listeners("x", [(1, 0.1, 1.0), (2, 0.2, 1.0)])
    assert (effect.interval, effect.p_value) == (None, None)
    assert effect.estimate == pytest.approx(0.15)
    none = mean_over_listeners("x", [])
    assert (none.estimate, none.heterogeneity_p_value, none.n_listeners) == (None, None, 0)


def test_identical_listeners_do_not_divide_by_zero() -> None:
    same = mean_over_listeners("x", [(n, 0.0, 0.0) for n in range(4)])
    assert same.p_value == 1.0


def test_error_rates_are_nominal_for_guessers() -> None:
    """1000 studies of 10 listeners × 4 levels × 8 trials without an effect, seed 5."""
    rng = np.random.default_rng(5)
    n_studies, chance = 1000, np.repeat([0.5, 0.6, 0.8, 0.97], 8)
    strata = np.repeat(np.arange(4), 8)
    x = np.tile([0, 1], 16)
    mean_rejected = spread_rejected = 0
    for _ in range(n_studies):
        effects = []
        for listener in range(10):
            found = effect_within_strata(x, rng.random(32) < chance, strata)
            assert found is not None
            effects.append((listener, *found))
        effect = mean_over_listeners("x", effects)
        assert effect.p_value is not None
        assert effect.heterogeneity_p_value is not None
        mean_rejected += effect.p_value < 0.05
        spread_rejected += effect.heterogeneity_p_value < 0.05
    for rejected in (mean_rejected, spread_rejected):
        low, high = binomtest(50, n_studies).proportion_ci(0.999)
        assert low < rejected / n_studies < high

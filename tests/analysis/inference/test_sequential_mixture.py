"""Mixtures of likelihood ratios: against integration, Bayes factors, and a full scan of limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, binom

from jndlab.analysis.inference.sequential_mixture import (
    log_e_value,
    mixture_limits,
    require_prior,
)
from jndlab.errors import DataError

from ..reference import entries, needs_reference

GRID = np.linspace(0.001, 0.999, 999)

# Bayes factors with uniform priors on 0..1 and ½..1, closed forms in R.
BAYES_FACTORS = [(59, 100, 0.62391735, 1.2024403), (50, 100, 0.12440112, 0.12440112)]


@pytest.mark.parametrize(("k", "n", "whole", "above"), BAYES_FACTORS)
def test_an_e_value_is_a_bayes_factor(k: int, n: int, whole: float, above: float) -> None:
    assert np.exp(log_e_value(k, n, 0.5, prior=(1, 1))) == pytest.approx(whole, rel=1e-7)
    one_sided = np.exp(log_e_value(k, n, 0.5, prior=(1, 1), low=0.5))
    assert one_sided == pytest.approx(above, rel=1e-7)


@needs_reference
@pytest.mark.parametrize("case", entries("bayes_factor"), ids=lambda case: str(case["id"]))
def test_reference_bayes_factors(case: dict[str, Any]) -> None:
    data, result = case["data"], case["result"]
    for name, low in (("bf10_uniform_0_1", 0.0), ("bf10_uniform_half_1", 0.5)):
        log_e = log_e_value(data["k"], data["n"], data["null"], prior=(1, 1), low=low)
        assert np.exp(log_e) == pytest.approx(result[name], rel=1e-7)


@pytest.mark.parametrize(
    ("k", "n", "null", "prior", "low", "high"),
    [
        (40, 100, 0.5, (1, 1), 0.5, 1),
        (30, 100, 0.6, (1, 1), 0.5, 0.6),
        (80, 100, 0.6, (1, 1), 0.5, 0.6),
        (33, 60, 1 / 3, (2, 3), 1 / 3, 1),
        (300, 1000, 0.5, (0.5, 0.5), 0.5, 1),
        (0, 7, 0.25, (1, 4), 0, 1),
    ],
)
def test_against_integration(
    k: int, n: int, null: float, prior: tuple[float, float], low: float, high: float
) -> None:
    weight = beta(*prior)

    def ratio(p: float) -> float:
        return float(binom.pmf(k, n, p) / binom.pmf(k, n, null) * weight.pdf(p))

    mixed = quad(ratio, low, high, epsabs=0, epsrel=1e-10, limit=300)[0]
    expected = mixed / (weight.cdf(high) - weight.cdf(low))
    ours = np.exp(log_e_value(k, n, null, prior=prior, low=low, high=high))
    assert ours == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("truth", [0.2, 0.4, 0.5])
def test_the_expectation_is_one_at_the_null_and_less_below(truth: float) -> None:
    for n in (1, 2, 17, 60):
        counts = np.arange(n + 1)
        values = np.exp(log_e_value(counts, n, 0.5, prior=(1, 1), low=0.5))
        expected = float(values @ binom.pmf(counts, n, truth))
        assert expected == pytest.approx(1.0) if truth == 0.5 else expected < 1.0


@pytest.mark.parametrize("prior", [(1, 1), (0.5, 0.5), (5, 2), (2, 8)])
@pytest.mark.parametrize(
    ("k", "n"), [(0, 1), (1, 1), (3, 5), (10, 12), (50, 100), (99, 100), (100, 100), (450, 1000)]
)
def test_limits_are_all_that_is_ruled_out(k: int, n: int, prior: tuple[float, float]) -> None:
    target = np.log(20)
    cases = [
        ("greater", 0.0, log_e_value(k, n, GRID, prior=prior, low=GRID)),
        ("less", 0.0, log_e_value(k, n, GRID, prior=prior, high=GRID)),
        ("two-sided", 0.0, log_e_value(k, n, GRID, prior=prior)),
    ]
    above = GRID[GRID > 0.5]
    floored = log_e_value(k, n, above, prior=prior, low=0.5, high=above)
    cases.append(("less", 0.5, np.append(np.full(len(GRID) - len(above), -np.inf), floored)))
    for alternative, floor, log_e in cases:
        low, high = mixture_limits(
            k, n, error=0.05, alternative=alternative, prior=prior, floor=floor
        )
        kept = GRID[np.nan_to_num(log_e, nan=-np.inf) < target]
        assert kept[-1] - kept[0] == pytest.approx(0.001 * (len(kept) - 1)), "one piece"
        assert low - 1e-9 <= kept[0] <= low + 0.0011
        assert high - 0.0011 <= kept[-1] <= high + 1e-9


def test_extreme_counts_stay_finite() -> None:
    low, high = mixture_limits(
        [0, 20_000], [20_000, 20_000], error=0.05, alternative="two-sided", prior=(1, 1)
    )
    assert low[0] == 0.0
    assert high[1] == 1.0
    assert 0.0 < high[0] < 0.001
    assert 0.999 < low[1] < 1.0


@pytest.mark.parametrize("prior", [(0, 1), (1,), (1, float("inf")), "ab", None, (1, float("nan"))])
def test_impossible_priors_are_refused(prior: Any) -> None:
    with pytest.raises(DataError, match=r"beta distribution|prior holds"):
        require_prior(prior)

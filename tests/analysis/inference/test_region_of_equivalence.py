"""Region of practical equivalence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import beta

from jndlab.analysis.inference.region_of_equivalence import region_of_equivalence
from jndlab.errors import DataError


def test_one_listener_is_a_beta_posterior() -> None:
    result = region_of_equivalence(210, 400, paradigm="abx", bound=0.6)
    posterior = beta(211, 191)
    assert result.probability_below_bound == pytest.approx(posterior.cdf(0.6), abs=1e-6)
    assert result.probability_within == pytest.approx(
        posterior.cdf(0.6) - posterior.cdf(0.4), abs=1e-6
    )
    assert result.estimate == pytest.approx(posterior.mean())
    low, high = result.interval.low, result.interval.high
    assert posterior.cdf(high) - posterior.cdf(low) == pytest.approx(0.95, abs=1e-4)
    assert posterior.pdf(low) == pytest.approx(posterior.pdf(high), rel=0.02)


@pytest.mark.parametrize(
    ("n_correct", "n_trials"),
    [
        ([20, 22, 19, 30], [40, 40, 40, 40]),
        ([12, 9, 15, 20, 11, 10], [20, 20, 30, 30, 20, 25]),
        ([205, 190, 199, 210, 204, 197, 201, 202], [400] * 8),
    ],
)
def test_population_mean_agrees_with_dense_integration(
    n_correct: list[int], n_trials: list[int]
) -> None:
    result = region_of_equivalence(n_correct, n_trials, paradigm="abx", bound=0.6)
    means = (np.arange(1000) + 0.5) / 1000
    spreads = (np.arange(400) + 0.5) / 400
    concentration = 1 / spreads**2 - 1
    right, wrong = np.outer(means, concentration), np.outer(1 - means, concentration)
    log = 3.0 * np.log1p(-spreads) + np.zeros_like(right)
    for k, n in zip(n_correct, n_trials, strict=True):
        log += betaln(right + k, wrong + n - k) - betaln(right, wrong)
    mass = np.exp(log - log.max()).sum(axis=1)
    mass /= mass.sum()
    assert result.probability_below_bound == pytest.approx(mass[means < 0.6].sum(), abs=2e-3)
    assert result.estimate == pytest.approx(mass @ means, abs=2e-4)


def test_kruschkes_rule() -> None:
    def verdict(n_correct: Any, n_trials: int) -> str:
        return region_of_equivalence(n_correct, n_trials, paradigm="abx", bound=0.6).verdict

    assert verdict(200, 400) == "equivalent"
    assert verdict(2200, 4000) == "both"
    assert verdict(300, 400) == "different"
    assert verdict(30, 50) == "undecided"
    assert verdict([20] * 12, 40) == "equivalent"
    assert verdict([36] * 12, 40) == "different"


def test_listeners_tell_less_than_pooled_trials() -> None:
    counts = [18, 30, 20, 19, 33, 20, 17, 21]
    listeners = region_of_equivalence(counts, 40, paradigm="abx", bound=0.6)
    pooled = region_of_equivalence(counts, 40, paradigm="abx", bound=0.6, unit="trials")
    assert listeners.interval.length > 1.5 * pooled.interval.length
    assert any("pooled" in text for text in pooled.warnings)


def test_the_prior_is_part_of_the_answer() -> None:
    counts = [20, 22, 19, 21, 20, 18]
    tight = region_of_equivalence(counts, 40, paradigm="abx", bound=0.6, spread_prior=(1, 20))
    wide = region_of_equivalence(counts, 40, paradigm="abx", bound=0.6, spread_prior=(1, 1))
    assert tight.probability_within > wide.probability_within
    assert (tight.prior, tight.spread_prior) == ((1.0, 1.0), (1.0, 20.0))
    sure = region_of_equivalence(1, 2, paradigm="abx", bound=0.6, prior=(500, 500))
    assert sure.verdict == "equivalent"


@pytest.mark.parametrize("counts", [0, 20, [0] * 6, [20] * 6, [0, 20, 20, 0, 10]])
def test_extremes_stay_inside(counts: Any) -> None:
    result = region_of_equivalence(counts, 20, paradigm="oddity", bound=0.5)
    assert 0.0 <= result.interval.low < result.interval.high <= 1.0
    assert 0.0 <= result.probability_within <= result.probability_below_bound <= 1.0
    assert np.sum(result.density) * (result.values[1] - result.values[0]) == pytest.approx(
        1.0, abs=1e-6
    )
    assert "density" not in json.loads(json.dumps(result.to_dict()))


def test_many_trials_are_located() -> None:
    result = region_of_equivalence([50_500] * 50, 100_000, paradigm="abx", bound=0.6)
    assert result.estimate == pytest.approx(0.505, abs=1e-5)
    assert result.interval.length < 0.002


@pytest.mark.parametrize(
    "options",
    [
        {"bound": None},
        {"bound": 0.5},
        {"prior": (0, 1)},
        {"prior": (1,)},
        {"spread_prior": (1, -1)},
        {"coverage": 1.0},
        {"paradigm": "yes_no"},
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        region_of_equivalence(50, 100, **({"paradigm": "abx", "bound": 0.6} | options))

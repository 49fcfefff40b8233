"""Bets on the mean over listeners: fair under the null, monotone, independent of the order."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom

from jndlab.analysis.inference.sequential_betting import (
    last_lower_limit,
    log_capital,
    lower_limits,
)

PROPORTIONS = np.array([0.6, 0.75, 0.4, 0.8, 0.7, 0.65, 0.9, 0.55, 0.7, 0.85, 0.6, 0.75])


def test_the_capital_is_the_mean_of_the_bets() -> None:
    # One listener: E(1 + β (x/m − 1)) over the bets, whose mean is near that of Beta(2, ½), 0.8.
    gain = np.exp(log_capital(np.array([0.75]), 0.5))[0] - 1.0
    assert gain / 0.5 == pytest.approx(0.8, abs=0.01)


def test_the_expectation_is_one_however_listeners_differ() -> None:
    # Three listeners of two trials; half of them always right, the others at 0.2: mean 0.6.
    chance = 0.5 * binom.pmf([0, 1, 2], 2, 1.0) + 0.5 * binom.pmf([0, 1, 2], 2, 0.2)
    total = 0.0
    for counts in itertools.product(range(3), repeat=3):
        capital = np.exp(log_capital(np.array(counts) / 2, 0.6))[-1]
        total += capital * float(np.prod(chance[list(counts)]))
    assert total == pytest.approx(1.0)


def test_the_order_of_listeners_does_not_matter_in_the_end() -> None:
    forwards = log_capital(PROPORTIONS, 0.5)
    backwards = log_capital(PROPORTIONS[::-1], 0.5)
    assert forwards[-1] == pytest.approx(backwards[-1])
    assert not np.allclose(forwards, backwards)


def test_many_studies_at_once() -> None:
    both = log_capital(np.stack([PROPORTIONS, PROPORTIONS[::-1]]), 0.5)
    assert both[0] == pytest.approx(log_capital(PROPORTIONS, 0.5))


def test_the_capital_falls_with_the_mean_and_gains_nothing_at_the_observed_one() -> None:
    means = np.linspace(0.05, 0.95, 50)
    last = [log_capital(PROPORTIONS, mean)[-1] for mean in means]
    assert np.all(np.diff(last) < 0)
    assert log_capital(PROPORTIONS, float(PROPORTIONS.mean()))[-1] <= 0.0


@pytest.mark.parametrize("tail", [0.05, 0.025, 0.2])
def test_limits_are_where_the_capital_reaches_the_target(tail: float) -> None:
    limits = lower_limits(PROPORTIONS, tail)
    assert np.all(np.diff(limits) >= 0)
    target = -np.log(tail)
    for count in range(1, len(PROPORTIONS) + 1):
        limit = limits[count - 1]
        if limit > 0:
            best = max(log_capital(PROPORTIONS[:count], limit))
            assert best == pytest.approx(target, abs=1e-6)
    assert last_lower_limit(PROPORTIONS, tail) <= limits[-1] + 1e-9


def test_nobody_right_rules_nothing_out_below() -> None:
    assert lower_limits(np.zeros(30), 0.05).tolist() == [0.0] * 30
    assert 0.85 < lower_limits(np.ones(30), 0.05)[-1] < 0.95


def test_false_claims_at_the_bound_for_every_spread() -> None:
    # Mean exactly at the bound of 0.6, a look after each of 40 listeners of 20 trials.
    rng, n_studies = np.random.default_rng(11), 2_000
    for spread in (0.0, 0.05, 0.15):
        if spread:
            size = 0.6 * 0.4 / spread**2 - 1
            own = rng.beta(0.6 * size, 0.4 * size, (n_studies, 40))
        else:
            own = np.full((n_studies, 40), 0.6)
        wrong = 1 - rng.binomial(20, own) / 20
        ever = (log_capital(wrong, 0.4) >= np.log(20)).any(axis=1)
        # 99.9 % band of a rate of 5 % in 2,000 studies.
        assert ever.mean() <= 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / n_studies)
        assert ever.any()

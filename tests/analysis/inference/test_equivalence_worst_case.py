"""The worst population: exact probabilities, and false claims at most alpha."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.equivalence import equivalence_test
from jndlab.analysis.inference.equivalence_scores import listener_scores
from jndlab.analysis.inference.equivalence_worst_case import ListenerDesign

Floats = NDArray[np.float64]


def enumerated(design: ListenerDesign, total: int, kinds: list[tuple[float, float]]) -> float:
    """P(total score ≤ total) by going through all answers of all listeners."""
    masses = {
        n: sum(weight * binomial_probabilities(n, np.array([p]))[0] for p, weight in kinds)
        for n in design.n_trials
    }
    counts = np.array(list(itertools.product(*(range(n + 1) for n in design.n_trials))))
    probability = np.prod(
        [masses[n][counts[:, at]] for at, n in enumerate(design.n_trials)], axis=0
    )
    return float(probability[design.total(counts) <= total].sum())


@pytest.mark.parametrize("n_trials", [(6, 6, 6), (4, 7, 9), (5, 5, 8, 3)])
@pytest.mark.parametrize("right", [0.4, 0.5, 0.6])
def test_probabilities_agree_with_enumeration(n_trials: tuple[int, ...], right: float) -> None:
    design = ListenerDesign(n_trials=n_trials, reference=0.5, bound=0.7, largest_spread=0.15)
    total = int(design.total(np.floor(np.array(n_trials) * right).astype(np.int64)))
    p_value = design.p_value(total)
    populations = [
        [(0.7, 1.0)],
        [(0.6, 0.225 / 0.325), (0.925, 0.1 / 0.325)],
        [(0.64, 0.3 / 0.36), (1.0, 0.06 / 0.36)],
        [(0.55, 0.5), (0.85, 0.5)],
        [(0.5, 0.25), (0.7, 0.5), (0.9, 0.25)],
    ]
    for kinds in populations:
        assert sum(p * weight for p, weight in kinds) == pytest.approx(0.7)
        assert sum(weight * (p - 0.7) ** 2 for p, weight in kinds) <= 0.15**2 + 1e-12
        assert enumerated(design, total, kinds) <= p_value * 1.005


@pytest.mark.parametrize("n_trials", [(6, 6, 6), (4, 7, 9)])
def test_without_spread_the_p_value_is_the_probability(n_trials: tuple[int, ...]) -> None:
    design = ListenerDesign(n_trials=n_trials, reference=0.5, bound=0.7, largest_spread=0.0)
    for right in (0.3, 0.5, 0.8):
        total = int(design.total(np.floor(np.array(n_trials) * right).astype(np.int64)))
        assert design.p_value(total) == pytest.approx(
            enumerated(design, total, [(0.7, 1.0)]), rel=1e-9
        )


def test_scores_never_fall_and_end_flat_below_chance() -> None:
    for n, reference, bound in ((1, 0.5, 0.6), (40, 0.5, 0.55), (60, 1 / 3, 0.8), (300, 0.5, 0.6)):
        scores = listener_scores(n, reference=reference, bound=bound, largest_spread=0.15)
        assert scores.shape == (n + 1,)
        assert np.all(np.diff(scores) >= 0.0)
        assert np.all(np.isfinite(scores))
        assert scores[-1] > scores[0]
    assert scores[100] == scores[0]


def test_the_critical_total_is_where_the_test_turns() -> None:
    n_trials = (20,) * 12
    design = ListenerDesign(n_trials=n_trials, reference=0.5, bound=0.6, largest_spread=0.15)
    critical = design.critical_total(0.05)
    assert design.p_value(critical) <= 0.05 < design.p_value(critical + 1)
    rng = np.random.default_rng(3)
    for counts in rng.binomial(20, 0.54, (12, 12)):
        result = equivalence_test(counts, 20, paradigm="abx", bound=0.6)
        assert (result.p_value <= 0.05) is bool(design.total(counts) <= critical)


def test_hopeless_designs_claim_nothing() -> None:
    # With three listeners none of the few detectors need be among them.
    design = ListenerDesign(n_trials=(50,) * 3, reference=0.5, bound=0.6, largest_spread=0.15)
    assert design.p_value(int(design.total(np.full(3, 25)))) > 0.05


def scaled_beta(spread: float) -> Callable[[np.random.Generator, tuple[int, int]], Floats]:
    share, scaled = 0.2, 2.0 * spread
    total = share * (1 - share) / scaled**2 - 1.0
    return lambda rng, size: 0.5 + 0.5 * rng.beta(share * total, (1 - share) * total, size)


def two_kinds(
    below: float, above: float
) -> Callable[[np.random.Generator, tuple[int, int]], Floats]:
    return lambda rng, size: np.where(
        rng.random(size) < below / (below + above), 0.6 + above, 0.6 - below
    )


POPULATIONS = {
    "all alike": lambda rng, size: np.full(size, 0.6),
    "beta, spread 0.10": scaled_beta(0.10),
    "beta, spread 0.15": scaled_beta(0.15),
    "some at chance": two_kinds(0.1, 0.225),
    "few always right": two_kinds(0.05625, 0.4),
}


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(
    ("n_listeners", "n_trials"), [(10, 40), (20, 20), (20, 60), (6, 50), (40, 10)]
)
def test_false_claims_at_the_bound(population: str, n_listeners: int, n_trials: int) -> None:
    """At most 5 % over 4,000 studies, and three standard errors (1 %). The t-test: up to 23 %."""
    rng = np.random.default_rng(20)
    size = (4000, n_listeners)
    counts = rng.binomial(n_trials, POPULATIONS[population](rng, size))
    design = ListenerDesign(
        n_trials=(n_trials,) * n_listeners, reference=0.5, bound=0.6, largest_spread=0.15
    )
    claims = np.mean(design.total(counts) <= design.critical_total(0.05))
    assert claims <= 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / 4000)


def test_unequal_trials_and_another_chance_level() -> None:
    rng = np.random.default_rng(21)
    n_trials = tuple(range(12, 61, 4))
    design = ListenerDesign(n_trials=n_trials, reference=1 / 3, bound=0.45, largest_spread=0.15)
    critical = design.critical_total(0.05)
    # Mean 0.45 and spread 0.15: three kinds of listeners.
    high = 0.45 + 0.0225 / 0.1
    truth = np.where(rng.random((4000, len(n_trials))) < 0.1 / (0.1 + high - 0.45), high, 0.35)
    false = np.mean(design.total(rng.binomial(n_trials, truth)) <= critical)
    power = np.mean(design.total(rng.binomial(n_trials, 1 / 3, truth.shape)) <= critical)
    assert false <= 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / 4000)
    assert power > 0.8


@pytest.mark.parametrize(
    ("n_listeners", "n_trials", "least"), [(10, 40, 0.74), (20, 20, 0.94), (40, 10, 0.96)]
)
def test_power_at_chance(n_listeners: int, n_trials: int, least: float) -> None:
    """Within 0.04 of the largest power that any test with this guarantee has (0.78, 0.98, 0.99)."""
    rng = np.random.default_rng(22)
    design = ListenerDesign(
        n_trials=(n_trials,) * n_listeners, reference=0.5, bound=0.6, largest_spread=0.15
    )
    counts = rng.binomial(n_trials, 0.5, (4000, n_listeners))
    assert np.mean(design.total(counts) <= design.critical_total(0.05)) > least

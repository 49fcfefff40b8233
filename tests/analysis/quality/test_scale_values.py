"""Thurstone and Bradley–Terry: closed forms, another optimiser, recovery, coverage, fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from jndlab.analysis import fit_scale_values
from jndlab.errors import DataError, FitError

NAMES = ("baseline", "a", "b", "c")
TRUTH = np.array([0.0, -0.3, -0.8, -1.5])


def simulate(n_listeners, n_trials, *, rng, spread=0.0, link=stats.norm.cdf):
    size = len(TRUTH)
    wins = np.zeros((n_listeners, size, size))
    for listener in range(n_listeners):
        own = TRUTH + spread * rng.normal(size=size) * (np.arange(size) > 0)
        for i in range(size):
            for j in range(i):
                won = rng.binomial(n_trials, link(own[i] - own[j]))
                wins[listener, i, j], wins[listener, j, i] = won, n_trials - won
    return wins


def test_two_versions_have_closed_forms() -> None:
    wins = np.zeros((1, 2, 2))
    wins[0, 1, 0], wins[0, 0, 1] = 30, 10
    thurstone = fit_scale_values(wins, stimuli=("a", "b"))
    bradley = fit_scale_values(wins, stimuli=("a", "b"), model="bradley-terry")
    assert thurstone.values[1] == pytest.approx(stats.norm.ppf(0.75))
    assert bradley.values[1] == pytest.approx(np.log(3.0))
    assert (thurstone.degrees_of_freedom, thurstone.p_value) == (0, None)
    assert thurstone.intervals == (None, None)
    assert "1 listener: too few" in thurstone.warnings[0]


@pytest.mark.parametrize("model", ["thurstone", "bradley-terry"])
def test_the_maximum_is_that_of_another_optimiser(model) -> None:
    wins = simulate(6, 8, rng=np.random.default_rng(1))
    total = wins.sum(axis=0)
    log_p = stats.norm.logcdf if model == "thurstone" else stats.logistic.logcdf

    def down(free):
        values = np.concatenate([[0.0], free])
        return -np.sum(total * log_p(values[:, None] - values[None, :]))

    found = fit_scale_values(wins, stimuli=NAMES, model=model, n_resamples=99)
    other = optimize.minimize(down, np.zeros(3), tol=1e-12)
    assert found.values[1:] == pytest.approx(other.x, abs=1e-4)
    assert found.log_likelihood == pytest.approx(-other.fun)
    assert found.converged
    share = total / np.maximum(total + total.T, 1.0)
    saturated = np.sum(total * np.log(np.where(total > 0, share, 1.0)))
    assert found.deviance == pytest.approx(2 * (saturated + other.fun))


def test_exact_counts_give_back_the_truth() -> None:
    gap = TRUTH[:, None] - TRUTH[None, :]
    wins = 1e6 * stats.norm.cdf(gap) * (gap != 0.0)
    found = fit_scale_values(wins[None], stimuli=NAMES)
    assert found.values == pytest.approx(TRUTH, abs=1e-9)
    assert found.deviance == pytest.approx(0.0, abs=1e-6)
    assert found.p_value == pytest.approx(1.0)


@pytest.mark.slow
def test_intervals_of_listeners_who_differ_cover_as_stated() -> None:
    # Shares of listeners who differ are less extreme than the share at their average opinion.
    differ = 0.5**2 * (1.0 + np.minimum.outer([0, 1, 1, 1], [0, 1, 1, 1]))
    gap = TRUTH[:, None] - TRUTH[None, :]
    expected = 1e6 * stats.norm.cdf(gap / np.sqrt(1.0 + differ)) * (gap != 0.0)
    target = fit_scale_values(expected[None], stimuli=NAMES).values[2]
    draws, hits, n_studies = np.random.default_rng(12), 0, 100
    for seed in range(n_studies):
        wins = simulate(20, 4, rng=draws, spread=0.5)
        found = fit_scale_values(wins, stimuli=NAMES, n_resamples=199, seed=seed)
        hits += target in found.intervals[2]
    assert stats.binomtest(hits, n_studies, 0.94).pvalue > 0.001


def test_circular_preferences_do_not_fit_one_scale() -> None:
    wins = np.zeros((1, 3, 3))
    for winner, loser in ((0, 1), (1, 2), (2, 0)):
        wins[0, winner, loser], wins[0, loser, winner] = 40, 10
    found = fit_scale_values(wins, stimuli=("a", "b", "c"))
    assert found.values == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    assert found.p_value < 0.001
    assert found.pairs[0].observed == 0.8
    assert found.pairs[0].expected == pytest.approx(0.5)


def test_a_version_that_always_wins_is_said_to_be_at_least_there() -> None:
    wins = np.zeros((1, 3, 3))
    wins[0, 1, 0], wins[0, 2, 0], wins[0, 0, 2] = 20, 11, 9
    found = fit_scale_values(wins, stimuli=("a", "b", "c"))
    assert np.all(np.isfinite(found.values))
    assert found.values[1] == pytest.approx(stats.norm.ppf(20.5 / 21))
    assert "at least" in found.warnings[0]


def test_equal_seeds_give_equal_intervals() -> None:
    wins = simulate(8, 4, rng=np.random.default_rng(2))
    first, again, other = (
        fit_scale_values(wins, stimuli=NAMES, n_resamples=99, seed=seed) for seed in (5, 5, 6)
    )
    assert first.intervals == again.intervals != other.intervals


@pytest.mark.parametrize(
    ("wins", "names"),
    [
        (np.zeros((2, 2)), ("a", "b")),
        (np.zeros((1, 3, 3)), ("a", "b")),
        (np.full((1, 2, 2), np.nan), ("a", "b")),
        (np.ones((1, 2, 2)), ("a", "b")),
        (np.zeros((0, 2, 2)), ("a", "b")),
    ],
)
def test_counts_that_cannot_be(wins, names) -> None:
    with pytest.raises(DataError):
        fit_scale_values(wins, stimuli=names)


def test_versions_that_nothing_joins() -> None:
    wins = np.zeros((1, 3, 3))
    wins[0, 0, 1] = wins[0, 1, 0] = 4
    with pytest.raises(FitError, match="No comparison joins c with a"):
        fit_scale_values(wins, stimuli=("a", "b", "c"))
    with pytest.raises(DataError, match="no model 'elo'"):
        fit_scale_values(wins[:, :2, :2], stimuli=("a", "b"), model="elo")  # type: ignore[arg-type]

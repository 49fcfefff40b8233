"""Mixed models by brute force: sums over dense grids, written apart from the package's own code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, ndtr, xlogy

Floats = NDArray[np.float64]
LEVELS = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
# The published example of a random-intercept probit model: 12 listeners, 6 levels, 20 trials each.
GLMM = np.array(
    [
        [2, 11, 0, 2, 0, 0, 12, 11, 6, 2, 1, 3],
        [6, 16, 3, 3, 1, 0, 18, 14, 7, 8, 11, 8],
        [16, 19, 14, 11, 5, 4, 18, 17, 16, 9, 12, 12],
        [18, 20, 16, 18, 17, 10, 20, 18, 17, 13, 20, 18],
        [19, 20, 17, 19, 18, 17, 20, 20, 18, 19, 20, 18],
        [19, 20, 20, 20, 20, 16, 20, 20, 18, 19, 20, 20],
    ]
).T


def columns(table: Floats, n_trials: int, levels: Floats = LEVELS) -> tuple[Floats, ...]:
    """Listener, level, n_correct, n_trials of a table (listeners, levels) of correct responses."""
    person, place = np.indices(table.shape)
    return (
        person.ravel(),
        levels[place.ravel()],
        table.ravel().astype(float),
        np.full(table.size, float(n_trials)),
    )


def simulate(
    rng: np.random.Generator,
    *,
    n_listeners: int,
    n_trials: int,
    sd: float,
    levels: Floats = LEVELS,
    threshold: float = 3.4,
    width: float = 3.0,
    guess: float = 0.0,
    lapse: float = 0.0,
) -> Floats:
    """Correct responses (listeners, levels) of normal curves with normal thresholds."""
    thresholds = threshold + sd * rng.standard_normal((n_listeners, 1))
    heard = ndtr(3.2897072539 * (levels - thresholds) / width)
    return rng.binomial(n_trials, guess + (1.0 - guess - lapse) * heard).astype(float)


def log_binomial(n_correct: Floats, n_trials: Floats, eta: Floats, guess: float, lapse: float):
    """Log-likelihood with coefficients, normal sigmoid, shapes broadcast."""
    hearing = 1.0 - guess - lapse
    right, wrong = guess + hearing * ndtr(eta), lapse + hearing * ndtr(-eta)
    n_wrong = n_trials - n_correct
    value = xlogy(n_correct, right) + xlogy(n_wrong, wrong)
    return value + gammaln(n_trials + 1) - gammaln(n_correct + 1) - gammaln(n_wrong + 1)


def random_intercept(
    table: Floats,
    n_trials: int,
    *,
    intercept: float,
    slope: float,
    sd: float,
    guess: float = 0.0,
    lapse: float = 0.0,
    levels: Floats = LEVELS,
    n_nodes: int = 4001,
) -> float:
    """Marginal log-likelihood of η = intercept + u + slope · level, u normal with SD ``sd``."""
    z = np.linspace(-9.0, 9.0, n_nodes)
    prior = -0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) + np.log(z[1] - z[0])
    eta = intercept + sd * z[:, None] + slope * levels
    rows = log_binomial(table[:, None, :], np.asarray(float(n_trials)), eta, guess, lapse)
    return float(logsumexp(rows.sum(axis=2) + prior, axis=1).sum())


def random_slope(
    table: Floats,
    n_trials: int,
    *,
    intercept: float,
    slope: float,
    covariance: Floats,
    guess: float = 0.0,
    levels: Floats = LEVELS,
    n_nodes: int = 301,
) -> float:
    """Marginal log-likelihood of η = intercept + u₀ + (slope + u₁) · level."""
    z = np.linspace(-8.0, 8.0, n_nodes)
    prior = -0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) + np.log(z[1] - z[0])
    grid = np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1).reshape(-1, 2)
    u = grid @ np.linalg.cholesky(covariance).T
    eta = intercept + u[:, :1] + (slope + u[:, 1:]) * levels
    weight = (prior[:, None] + prior).ravel()
    total = 0.0
    for row in table:
        rows = log_binomial(row, np.asarray(float(n_trials)), eta, guess, 0.0)
        total += float(logsumexp(rows.sum(axis=1) + weight))
    return total


def random_threshold_and_width(
    table: Floats,
    n_trials: int,
    *,
    threshold: float,
    width: float,
    sd_threshold: float,
    sd_log_width: float,
    correlation: float,
    guess: float = 0.0,
    levels: Floats = LEVELS,
    n_nodes: int = 301,
) -> float:
    """Marginal log-likelihood of normal curves with jointly normal threshold and log width."""
    z = np.linspace(-8.0, 8.0, n_nodes)
    prior = -0.5 * z**2 - 0.5 * np.log(2.0 * np.pi) + np.log(z[1] - z[0])
    first, second = (axis.ravel() for axis in np.meshgrid(z, z, indexing="ij"))
    own = threshold + sd_threshold * first
    mixed = correlation * first + np.sqrt(1.0 - correlation**2) * second
    widths = width * np.exp(sd_log_width * mixed)
    eta = 3.2897072539029444 * (levels - own[:, None]) / widths[:, None]
    weight = (prior[:, None] + prior).ravel()
    total = 0.0
    for row in table:
        rows = log_binomial(row, np.asarray(float(n_trials)), eta, guess, 0.0)
        total += float(logsumexp(rows.sum(axis=1) + weight))
    return total

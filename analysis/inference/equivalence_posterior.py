"""The posterior of a proportion correct: of one listener, or the mean of a population of them.

The population's posterior of mean μ and overdispersion η is that of beta-binomial counts,

    p(μ, η | k) ∝ p(μ) p(η) Π B(k + μκ, n − k + (1 − μ)κ) / B(μκ, (1 − μ)κ),  κ = 1/η² − 1,

(Skellam 1948, *J. R. Stat. Soc. B* 10, 257–261), by the midpoint rule on a grid of both: first over
all of [0, 1]², then over the part that holds the posterior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, betaln, xlog1py, xlogy

from jndlab.analysis.inference.equivalence_counts import ListenerTotals
from jndlab.analysis.intervals import ConfidenceInterval

Floats = NDArray[np.float64]
_N_MEANS, _N_SPREADS, _N_FINE = 160, 60, 4000
_NEGLIGIBLE = 40.0
"""Below the largest logarithm of the density: e^−40 is 4e-18."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """A density on a fine mesh of [0, 1], with its integral up to the edges of the mesh's cells."""

    values: Floats
    """Midpoints of the cells; shape (cells,)."""
    density: Floats
    edges: Floats
    """Shape (cells + 1,)."""
    cumulative: Floats
    mean: float

    def below(self, value: float) -> float:
        """Posterior probability of a proportion below ``value``."""
        return float(np.interp(value, self.edges, self.cumulative))

    def highest_density(self, coverage: float) -> ConfidenceInterval:
        """The shortest interval with that probability: the lower tail is varied over a mesh."""
        tails = np.linspace(0.0, 1.0 - coverage, 2001)
        # Where the cumulative does not rise, its inverse is any value: keep the rising part.
        rising = np.concatenate([[True], np.diff(self.cumulative) > 0.0])
        cumulative, edges = self.cumulative[rising], self.edges[rising]
        low = np.interp(tails, cumulative, edges)
        high = np.interp(tails + coverage, cumulative, edges)
        at = int(np.argmin(high - low))
        return ConfidenceInterval(
            low=float(low[at]), high=float(high[at]), coverage=coverage, method="highest density"
        )


def one_listener(totals: ListenerTotals, prior: tuple[float, float]) -> Posterior:
    """The beta posterior of one proportion."""
    a = float(prior[0] + totals.n_correct[0])
    b = float(prior[1] + totals.n_trials[0] - totals.n_correct[0])
    tiny = 1e-12
    low = 0.0 if a <= 1.0 else float(betaincinv(a, b, tiny))
    high = 1.0 if b <= 1.0 else float(betaincinv(a, b, 1.0 - tiny))
    edges = np.linspace(low, high, _N_FINE + 1)
    cumulative = np.asarray(betainc(a, b, edges))
    cumulative[0], cumulative[-1] = 0.0, 1.0
    return Posterior(
        values=(edges[1:] + edges[:-1]) / 2.0,
        density=np.diff(cumulative) / np.diff(edges),
        edges=edges,
        cumulative=cumulative,
        mean=a / (a + b),
    )


def population_mean(
    totals: ListenerTotals, prior: tuple[float, float], spread_prior: tuple[float, float]
) -> Posterior:
    """The marginal posterior of the population's mean; between grid points a cubic spline."""
    from scipy.interpolate import CubicSpline

    means, spreads = _middles(0.0, 1.0, _N_MEANS), _middles(0.0, 1.0, _N_SPREADS)
    for last in (False, True):
        log_posterior = _log_posterior(totals, means, spreads, prior, spread_prior)
        log_posterior -= log_posterior.max()
        if not last:
            means = _part_that_matters(means, log_posterior.max(axis=1))
            spreads = _part_that_matters(spreads, log_posterior.max(axis=0))
    log_density = CubicSpline(means, np.log(np.exp(log_posterior).sum(axis=1) + 1e-300))
    half = (means[1] - means[0]) / 2.0
    edges = np.clip(np.linspace(means[0] - half, means[-1] + half, _N_FINE + 1), 0.0, 1.0)
    values = (edges[1:] + edges[:-1]) / 2.0
    density = np.exp(log_density(values) - float(log_density(means).max()))
    cumulative = np.concatenate([[0.0], np.cumsum(density)])
    return Posterior(
        values=values,
        density=density / cumulative[-1] / (edges[1] - edges[0]),
        edges=edges,
        cumulative=cumulative / cumulative[-1],
        mean=float(values @ density / cumulative[-1]),
    )


def _log_posterior(
    totals: ListenerTotals,
    means: Floats,
    spreads: Floats,
    prior: tuple[float, float],
    spread_prior: tuple[float, float],
) -> Floats:
    """Shape (means, spreads); up to a constant."""
    concentration = 1.0 / spreads**2 - 1.0
    right, wrong = np.outer(means, concentration), np.outer(1.0 - means, concentration)
    log_posterior = (
        (xlogy(prior[0] - 1.0, means) + xlog1py(prior[1] - 1.0, -means))[:, np.newaxis]
        + xlogy(spread_prior[0] - 1.0, spreads)
        + xlog1py(spread_prior[1] - 1.0, -spreads)
        - len(totals.n_correct) * betaln(right, wrong)
    )
    columns = np.stack([totals.n_correct, totals.n_trials - totals.n_correct])
    pairs, counts = np.unique(columns, axis=1, return_counts=True)
    for (n_right, n_wrong), count in zip(pairs.T, counts, strict=True):
        log_posterior += count * betaln(right + n_right, wrong + n_wrong)
    return np.asarray(log_posterior)


def _middles(low: float, high: float, n: int) -> Floats:
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _part_that_matters(points: Floats, largest: Floats) -> Floats:
    """As many midpoints of the part where the density is not negligible, and a step around it."""
    step = points[1] - points[0]
    seen = points[largest > -_NEGLIGIBLE]
    low, high = max(0.0, float(seen[0] - step)), min(1.0, float(seen[-1] + step))
    return _middles(low, high, len(points))

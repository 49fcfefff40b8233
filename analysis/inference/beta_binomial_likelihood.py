"""The likelihood of listeners' counts where their proportions follow a beta distribution.

A listener of the chance-corrected model knows the answer in a share q of the trials and guesses
in the others, so that the proportion correct is c + (1 − c) q, with chance c and q from a beta
distribution of mean μ and overdispersion γ (the correlation of two trials of one listener),

    P(k) = C(n, k) (1 − c)^(n−k) Σ_i C(k, i) c^(k−i) (1 − c)^i E[q^i (1 − q)^(n−k)];

the ordinary model is the same with c = 0. (Brockhoff 2003, *Food Quality and Preference* 14,
405–417.) The moments of q are products of μ(1 − γ) + jγ and so on,
hence known without beta functions, also on the edges γ = 0 (binomial), γ = 1 (all or nothing).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from jndlab.analysis.inference.binomial_probabilities import log_binomial, log_choose

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_MOST_TERMS = 2_000_000
"""Terms held in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomialLikelihood:
    """Counts of listeners, and the log-likelihood of a mean and an overdispersion."""

    n_correct: Ints
    """Distinct pairs of counts; shape (pairs,)."""
    n_trials: Ints
    n_listeners: Ints
    """How many listeners have that pair."""
    chance: float
    """Guess rate that the model corrects for; 0: it corrects for none."""

    def log_probability(self, mean: ArrayLike, overdispersion: ArrayLike) -> Floats:
        """Log-probability of each pair, with binomial coefficients; shape (..., pairs).

        ``mean`` and ``overdispersion`` from 0 to 1, of one shape.
        """
        means, spreads = np.broadcast_arrays(
            np.asarray(mean, dtype=float), np.asarray(overdispersion, dtype=float)
        )
        shape, means, spreads = means.shape, means.ravel(), spreads.ravel()
        n_terms = len(self.n_correct) * (1 + (int(self.n_correct.max()) if self.chance else 0))
        step = max(1, _MOST_TERMS // n_terms)
        parts = [
            self._log_probability(means[at : at + step], spreads[at : at + step])
            for at in range(0, len(means), step)
        ]
        return np.concatenate(parts).reshape(*shape, len(self.n_correct))

    def log_likelihood(self, mean: ArrayLike, overdispersion: ArrayLike) -> Floats:
        """Of all listeners; the shape of ``mean``."""
        return np.asarray(_weighted(self.log_probability(mean, overdispersion), self.n_listeners))

    def log_likelihood_binomial(self, proportion: float) -> float:
        """Of all listeners, had they one proportion correct in common."""
        k, n = self.n_correct, self.n_trials
        each = log_binomial(k, n, proportion)
        return float(_weighted(each, self.n_listeners))

    @property
    def pooled_proportion(self) -> float:
        """Correct responses of all listeners in all their trials."""
        correct = float(self.n_correct @ self.n_listeners)
        return correct / float(self.n_trials @ self.n_listeners)

    def _log_probability(self, means: Floats, spreads: Floats) -> Floats:
        right, wrong, both = _log_products(means, spreads, int(self.n_trials.max()))
        k, n = self.n_correct, self.n_trials
        with np.errstate(divide="ignore"):
            together = np.log1p(-spreads)
        if self.chance == 0.0:
            mixed = np.where((k > 0) & (k < n), together[:, np.newaxis], 0.0)
            return np.asarray(log_choose(n, k) + right[:, k] + wrong[:, n - k] - both[:, n] + mixed)
        known = np.arange(int(k.max()) + 1)
        guessed = k[:, np.newaxis] - known
        possible = guessed >= 0
        misses = (n - k)[:, np.newaxis]
        coefficients = np.where(
            possible,
            log_choose(k[:, np.newaxis], np.minimum(known, k[:, np.newaxis]))
            + guessed * np.log(self.chance)
            + (misses + known) * np.log1p(-self.chance),
            -np.inf,
        )
        answered = np.minimum(misses + known, n[:, np.newaxis])
        mixed = np.where((known > 0) & (misses > 0), together[:, np.newaxis, np.newaxis], 0.0)
        terms = (
            coefficients
            + right[:, np.newaxis, : len(known)]
            + wrong[:, misses]
            - both[:, answered]
            + mixed
        )
        return np.asarray(log_choose(n, k) + logsumexp(terms, axis=2))


def make_likelihood(n_correct: Ints, n_trials: Ints, chance: float) -> BetaBinomialLikelihood:
    """The likelihood of one entry per listener; equal pairs are computed once.

    >>> likelihood = make_likelihood(np.array([3, 8, 8]), np.array([10, 10, 10]), 0.0)
    >>> float(likelihood.log_likelihood(0.5, 0.0)) == likelihood.log_likelihood_binomial(0.5)
    True
    """
    pairs, counts = np.unique(np.stack([n_correct, n_trials]), axis=1, return_counts=True)
    return BetaBinomialLikelihood(
        n_correct=pairs[0], n_trials=pairs[1], n_listeners=counts, chance=chance
    )


def _log_products(means: Floats, spreads: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """Logarithms of the rising products of the moments of q: shapes (parameters, n + 1).

    E[q^i (1 − q)^m] = e^(right_i + wrong_m − both_(i+m)), times 1 − γ if neither i nor m is 0.
    """
    j = np.arange(1, n)
    gamma, rest = spreads[:, np.newaxis], (1.0 - spreads)[:, np.newaxis]

    def summed(first: Floats, share: Floats) -> Floats:
        steps = np.concatenate(
            [np.zeros((len(means), 1)), first, np.log(rest * share + gamma * j)], axis=1
        )
        return np.cumsum(steps, axis=1)

    with np.errstate(divide="ignore"):
        p, q = means[:, np.newaxis], (1.0 - means)[:, np.newaxis]
        return summed(np.log(p), p), summed(np.log(q), q), summed(np.zeros_like(p), np.ones_like(p))


def _weighted(each: Floats, weights: Ints) -> Floats:
    return np.asarray(np.sum(each * weights, axis=-1))

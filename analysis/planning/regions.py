"""Which counts make an exact binomial test reject: the region behind every exact power.

A test of X ~ Binomial(n, null) rejects where its p-value is at most ``alpha``. All p-values are
those of :func:`jndlab.analysis.binomial_test`: the tail for a one-sided test, all outcomes that
are no more probable than the one seen for a two-sided one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

from jndlab.analysis.inference.binomial_probabilities import log_choose
from jndlab.analysis.inference.proportions import Alternative
from jndlab.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SLACK = 1e-10
"""Relative: a p-value that equals alpha but for rounding counts as equal."""
_EQUAL_SLACK = 1e-7
"""Relative, as in R's binom.test: outcomes equal by symmetry count as equally probable."""


def upper_tail(n_correct: Ints, n_trials: Ints, proportion: float) -> Floats:
    """P(X ≥ n_correct) of a binomial count, elementwise; n_correct from 0 to n_trials + 1."""
    inside = np.clip(n_correct, 1, n_trials)
    tail = betainc(inside, n_trials - inside + 1, proportion)
    return np.asarray(np.where(n_correct <= 0, 1.0, np.where(n_correct > n_trials, 0.0, tail)))


def rejection_region(
    n_trials: Ints, *, null: float, alpha: float, alternative: Alternative
) -> tuple[Ints, Ints]:
    """The test rejects at counts up to the first number and from the second one on.

    Arrays of the shape of ``n_trials``. −1 and n_trials + 1 where that side never rejects.
    DataError: there is no such alternative.
    """
    never_low, never_high = np.full_like(n_trials, -1), n_trials + 1
    if alternative == "greater":
        return never_low, _upper_critical(n_trials, null, alpha)
    if alternative == "less":
        # A low count of correct responses is a high count of wrong ones.
        return n_trials - _upper_critical(n_trials, 1.0 - null, alpha), never_high
    if alternative == "two-sided":
        ends = [_two_sided(int(n), null, alpha) for n in n_trials.ravel()]
        low, high = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        return low.reshape(n_trials.shape), high.reshape(n_trials.shape)
    raise DataError(
        f"There is no alternative {alternative!r}.", 'Use "greater", "less" or "two-sided".'
    )


def rejection_probability(
    n_trials: Ints, low: Ints, high: Ints, *, proportion_correct: float
) -> Floats:
    """P(X ≤ low) + P(X ≥ high): the power, or with the null as truth the size of the test."""
    below = upper_tail(n_trials - low, n_trials, 1.0 - proportion_correct)
    return np.minimum(1.0, below + upper_tail(high, n_trials, proportion_correct))


def _upper_critical(n_trials: Ints, null: float, alpha: float) -> Ints:
    """The smallest count k with P(X ≥ k) ≤ alpha; n_trials + 1 where there is none."""
    limit = alpha * (1.0 + _SLACK)
    spread = np.sqrt(n_trials * null * (1.0 - null))
    guess = np.floor(n_trials * null - float(ndtri(alpha)) * spread).astype(np.int64)
    critical = np.clip(guess, 1, n_trials + 1)
    while np.any(short := upper_tail(critical, n_trials, null) > limit):
        critical = critical + short
    while np.any(spare := upper_tail(critical - 1, n_trials, null) <= limit):
        critical = critical - spare
    return np.asarray(critical)


def _two_sided(n_trials: int, null: float, alpha: float) -> tuple[int, int]:
    # Twelve standard deviations and a margin hold all but 1e-30 of the probability.
    reach = 12.0 * np.sqrt(n_trials * null * (1.0 - null)) + 60.0
    first = max(0, int(n_trials * null - reach))
    last = min(n_trials, int(n_trials * null + reach) + 1)
    k = np.arange(first, last + 1)
    mass = np.exp(log_choose(n_trials, k) + k * np.log(null) + (n_trials - k) * np.log1p(-null))
    ascending = np.sort(mass)
    n_unlikely = np.searchsorted(ascending, mass * (1.0 + _EQUAL_SLACK), side="right")
    p_value = np.cumsum(ascending)[n_unlikely - 1]
    kept = k[p_value > alpha * (1.0 + _SLACK)]
    return int(kept[0]) - 1, int(kept[-1]) + 1

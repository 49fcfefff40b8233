"""Binomial coefficients and probabilities through their logarithms, so that none overflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

Floats = NDArray[np.float64]


def log_choose(n: ArrayLike, k: ArrayLike) -> Floats:
    """Logarithm of the number of ways to choose k of n.

    >>> round(float(log_choose(4, 2)), 6)  # ln 6
    1.791759
    """
    n, k = np.asarray(n), np.asarray(k)
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def log_binomial(k: ArrayLike, n: ArrayLike, proportion: ArrayLike) -> Floats:
    """Logarithm of the probability of k correct in n trials.

    >>> float(log_binomial(3, 3, 1.0))
    0.0
    """
    n, k, p = np.asarray(n), np.asarray(k), np.asarray(proportion)
    return np.asarray(log_choose(n, k) + xlogy(k, p) + xlog1py(n - k, -p))


def binomial_probabilities(n: int, proportion: ArrayLike) -> Floats:
    """Probabilities of 0 to n correct; one row per proportion where there are several.

    >>> binomial_probabilities(2, 0.5).tolist()
    [0.25, 0.5, 0.25]
    >>> binomial_probabilities(2, [0.5, 1.0]).tolist()
    [[0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]
    """
    p = np.asarray(proportion, dtype=float)[..., np.newaxis]
    return np.asarray(np.exp(log_binomial(np.arange(n + 1), n, p)))

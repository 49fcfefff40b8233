"""Intervals that belong to sign flips: means of subsets of listeners as limits.

The means of all non-empty subsets of a symmetric sample cut the line into intervals that hold the
centre with equal probabilities (Hartigan 1969, *J. Am. Stat. Assoc.* 64, 1303–1317), and so do the
means of some of them, drawn at random. A centre is below the j-th smallest of them exactly where
the sign-flip test at level j/(number of them + 1) rejects it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ALL_SUBSETS_UP_TO = 14
_ROWS = 4096


def centre_limits(
    scores: Floats, *, tail: float, n_resamples: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Lower and upper limit of the centre, each missed with probability ``tail`` at most.

    Infinite where so few scores allow no limit: 2^−n is above the tail.

    >>> centre_limits(np.array([1.0, 2.0, 4.0]), tail=0.125, n_resamples=99,
    ...               rng=np.random.default_rng(1))
    (1.0, 4.0)
    """
    means = np.sort(_subset_means(scores, n_resamples, rng))
    place = int(np.floor(tail * (len(means) + 1) * (1.0 + 1e-12)))
    if place == 0:
        return -np.inf, np.inf
    return float(means[place - 1]), float(means[-place])


def _subset_means(scores: Floats, n_resamples: int, rng: np.random.Generator) -> Floats:
    n = len(scores)
    if n <= _ALL_SUBSETS_UP_TO:
        numbers = np.arange(1, 1 << n)
        chosen = (numbers[:, np.newaxis] >> np.arange(n)) & 1
        return np.asarray(chosen @ scores / chosen.sum(axis=1))
    parts = []
    for at in range(0, n_resamples, _ROWS):
        chosen = rng.integers(0, 2, size=(min(_ROWS, n_resamples - at), n))
        sizes = chosen.sum(axis=1)
        parts.append(chosen[sizes > 0] @ scores / sizes[sizes > 0])
    return np.concatenate(parts)

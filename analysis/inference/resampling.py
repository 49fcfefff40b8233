"""What tests by resampling share: seeds, numbers of resamples, p-values never too small."""

from __future__ import annotations

import numpy as np

from jndlab.errors import DataError

Seed = int | np.random.Generator
TIE = 1e-9
"""Statistics closer than this, relative to their size, count as equal: rounding must not decide."""


def generator_of(seed: Seed) -> tuple[np.random.Generator, int | None]:
    """The generator meant, and the seed to report: None where a generator was given.

    >>> generator_of(7)[1]
    7
    """
    if isinstance(seed, np.random.Generator):
        return seed, None
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise DataError(
            f"A seed of {seed!r} cannot be.", "Give a whole number of 0 or more, or a Generator."
        )
    return np.random.default_rng(int(seed)), int(seed)


def require_resamples(n_resamples: int, *, least: int = 99) -> int:
    """The number of resamples, if it is one. DataError if not, or if they are too few."""
    if not isinstance(n_resamples, int | np.integer) or n_resamples < least:
        raise DataError(
            f"{n_resamples!r} resamples are too few.", f"Ask for {least} or more, such as 9999."
        )
    return int(n_resamples)


def monte_carlo_p_value(n_as_extreme: int, n_resamples: int) -> float:
    """(b + 1)/(m + 1): the data seen are one of the m + 1 arrangements, so this is a valid p-value.

    Phipson & Smyth 2010, *Stat. Appl. Genet. Mol. Biol.* 9, 39; b/m is not one.

    >>> monte_carlo_p_value(4, 99)
    0.05
    """
    return (n_as_extreme + 1) / (n_resamples + 1)

"""What tests by resampling share: numbers of resamples, p-values never too small."""

from __future__ import annotations

import numpy as np

from jndlab.errors import DataError

TIE = 1e-9
"""Statistics closer than this, relative to their size, count as equal: rounding must not decide."""


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

"""How far the likelihood may fall before a value is outside an interval.

χ² with one degree of freedom is the limit for many listeners. What is known of a population is
limited by the number of listeners, not of trials, so its numbers have the cutoffs that are exact
for the mean and the standard deviation of a normal sample of m known values: the case in which
listeners differ much and each is measured well. Where trials limit the fit instead they are
somewhat generous.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, chdtri, fdtrc, gammaincinv, stdtrit


class Cutoffs(NamedTuple):
    """Largest 2 (ℓ̂ − ℓ) below and above the estimate, and how they came about."""

    low: float
    high: float
    text: str


def chi_square_cutoffs(coverage: float) -> Cutoffs:
    """Quantile of χ² with one degree of freedom, on both sides.

    >>> round(chi_square_cutoffs(0.95).low, 3)
    3.841
    """
    cutoff = float(2.0 * gammaincinv(0.5, coverage))
    return Cutoffs(cutoff, cutoff, "chi-square")


def mean_cutoffs(coverage: float, n_listeners: float, n_groups: int = 1) -> Cutoffs:
    """Of a number of the typical listener, or of its difference between groups of listeners.

    The likelihood-ratio statistic of a normal mean is m log(1 + t²/(m − 1)), with Student's t on
    m − 1 degrees of freedom; m − g for the means of g groups with one variance.

    >>> [round(mean_cutoffs(0.95, m).low, 3) for m in (5, 20, 10**6)]
    [5.37, 4.149, 3.841]
    """
    freedom = n_listeners - n_groups
    t = float(stdtrit(freedom, 0.5 + coverage / 2.0))
    cutoff = float(n_listeners * np.log1p(t * t / freedom))
    return Cutoffs(cutoff, cutoff, "t over listeners")


def mean_p_value(statistic: float, n_numbers: int, n_listeners: float, n_groups: int = 1) -> float:
    """Probability of a larger likelihood-ratio statistic of the means of ``n_numbers`` numbers.

    Hotelling's T² of a normal sample: m log(1 + p F/(m − g − p + 1)) with F on p and m − g − p + 1
    degrees of freedom (Anderson 2003, *An Introduction to Multivariate Statistical Analysis*, 5.2).

    >>> round(mean_p_value(mean_cutoffs(0.95, 8).low, 1, 8), 6)
    0.05
    """
    freedom = n_listeners - n_groups - n_numbers + 1.0
    ratio = freedom / n_numbers * float(np.expm1(max(statistic, 0.0) / n_listeners))
    return float(fdtrc(n_numbers, freedom, ratio))


def chi_square_p_value(statistic: float, degrees_of_freedom: int) -> float:
    """Probability of a larger χ².

    >>> round(chi_square_p_value(3.841459, 1), 6)
    0.05
    """
    return float(chdtrc(degrees_of_freedom, max(statistic, 0.0)))


def spread_cutoffs(coverage: float, n_listeners: float) -> Cutoffs:
    """Of a standard deviation over listeners, with equal tails.

    The likelihood-ratio statistic of a normal standard deviation is m (x − 1 − log x), where x, the
    ratio of the maximum-likelihood variance to the true one, is χ² with m − 1 degrees of freedom
    divided by m. It is skew, since that estimate is too small on average.

    >>> [round(value, 2) for value in spread_cutoffs(0.95, 8)[:2]]
    [2.46, 6.13]
    """
    tail = (1.0 - coverage) / 2.0
    low, high = (
        float(n_listeners * (x - 1.0 - np.log(x)))
        for x in (
            float(chdtri(n_listeners - 1.0, share)) / n_listeners for share in (tail, 1.0 - tail)
        )
    )
    return Cutoffs(low, high, "variance over listeners")

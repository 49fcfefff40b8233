"""Intervals: the small type that every interval of jndlab has; of proportions, and of means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jndlab.analysis.checks import one_number
from jndlab.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceInterval:
    """An interval with its coverage and the method that made it. Never a bare tuple."""

    low: float
    high: float
    coverage: float
    method: str

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def length(self) -> float:
        return self.high - self.low


def check_counts(n_correct: int, n_trials: int) -> None:
    """Raise DataError unless 0 ≤ n_correct ≤ n_trials and n_trials ≥ 1, whole numbers."""
    try:
        known = math.isfinite(n_trials) and math.isfinite(n_correct)
    except TypeError:
        raise DataError("A count is not a number.", "Give numbers of trials.") from None
    if not known:
        raise DataError("A count is missing.", "Leave that row out, or fill it in.")
    if n_trials != int(n_trials) or n_correct != int(n_correct):
        raise DataError("Counts must be whole numbers.", "Give numbers of trials, not proportions.")
    if n_trials < 1:
        raise DataError("There are no trials.", "Give at least one trial.")
    if not 0 <= n_correct <= n_trials:
        raise DataError(
            f"{n_correct} correct of {n_trials} trials cannot be.",
            "Give n_correct between 0 and n_trials.",
        )


def check_coverage(coverage: float) -> None:
    """Raise DataError unless 0 < coverage < 1."""
    if not 0.0 < one_number(coverage, "coverage") < 1.0:
        raise DataError(
            f"A coverage of {coverage} cannot be.", "Give a share between 0 and 1, such as 0.95."
        )


def clopper_pearson(n_correct: int, n_trials: int, *, coverage: float = 0.95) -> ConfidenceInterval:
    """Exact interval for a proportion: covers at least ``coverage`` whatever the truth is.

    Clopper & Pearson 1934, *Biometrika* 26, 404–413. DataError: impossible counts.

    >>> interval = clopper_pearson(12, 16)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.4762, 0.9273)
    """
    from scipy.special import betaincinv

    check_counts(n_correct, n_trials)
    check_coverage(coverage)
    tail = (1.0 - coverage) / 2.0
    k, n = n_correct, n_trials
    low = float(betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 1.0 - tail)) if k < n else 1.0
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method="Clopper-Pearson")


def wilson(n_correct: int, n_trials: int, *, coverage: float = 0.95) -> ConfidenceInterval:
    """Score interval for a proportion. Wilson 1927, *J. Am. Stat. Assoc.* 22, 209–212.

    DataError: impossible counts.
    """
    from scipy.special import ndtri

    check_counts(n_correct, n_trials)
    check_coverage(coverage)
    z2 = float(ndtri(0.5 + coverage / 2.0)) ** 2
    p = n_correct / n_trials
    centre = (p + z2 / (2 * n_trials)) / (1 + z2 / n_trials)
    half = float(
        np.sqrt(z2 * (p * (1 - p) / n_trials + z2 / (4 * n_trials**2))) / (1 + z2 / n_trials)
    )
    low = centre - half if n_correct > 0 else 0.0
    high = centre + half if n_correct < n_trials else 1.0
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method="Wilson")


def jeffreys(n_correct: int, n_trials: int, *, coverage: float = 0.95) -> ConfidenceInterval:
    """Equal-tailed interval of the Beta(k + ½, n − k + ½) posterior of a proportion.

    Brown, Cai & DasGupta 2001, *Statistical Science* 16, 101–133 (the plain form: the ends
    are not moved to 0 or 1 when no or all responses are correct). DataError: impossible counts.
    """
    from scipy.special import betaincinv

    check_counts(n_correct, n_trials)
    check_coverage(coverage)
    tail = (1.0 - coverage) / 2.0
    a, b = n_correct + 0.5, n_trials - n_correct + 0.5
    return ConfidenceInterval(
        low=float(betaincinv(a, b, tail)),
        high=float(betaincinv(a, b, 1.0 - tail)),
        coverage=coverage,
        method="Jeffreys",
    )


def t_interval(
    mean: float, sd: float | None, n_listeners: int, *, coverage: float
) -> ConfidenceInterval | None:
    """mean ± t · sd / √n (Student 1908, *Biometrika* 6, 1–25); None of one listener.

    >>> interval = t_interval(0.0, 2.0, 16, coverage=0.95)
    >>> round(interval.high, 4)
    1.0657
    """
    from scipy.special import stdtrit

    if sd is None:
        return None
    half = float(stdtrit(n_listeners - 1, 0.5 + coverage / 2.0)) * sd / float(np.sqrt(n_listeners))
    return ConfidenceInterval(
        low=mean - half, high=mean + half, coverage=coverage, method="t over listeners"
    )

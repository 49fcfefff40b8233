"""The empirical ROC of ratings: its points, and the area under it with an interval.

Ratings are counts per category, the surest "noise" first, the surest "signal" last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from jndlab.analysis.checks import numbers
from jndlab.analysis.detection.inverse import Floats
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

AreaInterval = Literal["delong", "hanley_mcneil", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RocPoints:
    """Rates of "signal" at every criterion, from the strictest (0, 0) to the laxest (1, 1)."""

    false_alarm_rates: tuple[float, ...]
    hit_rates: tuple[float, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RocArea:
    """Area under the empirical ROC: how often signal is rated above noise, ties counting half."""

    estimate: float
    interval: ConfidenceInterval
    standard_error: float
    n_noise: int
    n_signal: int
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def check_ratings(noise_counts: ArrayLike, signal_counts: ArrayLike) -> tuple[Floats, Floats]:
    """Both counts as arrays of shape (categories,).

    DataError: fewer than two categories, shapes differ, impossible counts, no trials of one kind.

    >>> noise, signal = check_ratings([6, 3, 1], [1, 3, 6])
    >>> noise.tolist()
    [6.0, 3.0, 1.0]
    """
    noise, signal = numbers(noise_counts, "noise_counts"), numbers(signal_counts, "signal_counts")
    if noise.ndim != 1 or noise.shape != signal.shape or noise.size < 2:
        raise DataError(
            "Ratings need as many counts for noise as for signal, and at least two categories.",
            "Give two sequences with one count per category, in the same order.",
        )
    both = np.concatenate([noise, signal])
    if not np.all(np.isfinite(both)) or np.any(both < 0) or np.any(both != np.round(both)):
        raise DataError(
            "A count of ratings is negative, missing or not whole.", "Give whole numbers of trials."
        )
    if noise.sum() == 0 or signal.sum() == 0:
        raise DataError("There are no ratings of noise or none of signal.", "Both are needed.")
    return noise, signal


def roc_points(noise_counts: Sequence[int], signal_counts: Sequence[int]) -> RocPoints:
    """The points of the empirical ROC: one more than there are categories.

    Counts of each rating in noise and in signal trials, shape (categories,) each, from the surest
    "noise" to the surest "signal". A point is the pair of shares of ratings at or above a category
    (Green & Swets 1966, *Signal Detection Theory and Psychophysics*). DataError: impossible counts.

    >>> roc_points([6, 3, 1], [1, 3, 6]).hit_rates
    (0.0, 0.6, 0.9, 1.0)
    """
    noise, signal = check_ratings(noise_counts, signal_counts)
    rates = [np.concatenate([[0.0], np.cumsum(v[::-1])]) / v.sum() for v in (noise, signal)]
    return RocPoints(false_alarm_rates=tuple(rates[0].tolist()), hit_rates=tuple(rates[1].tolist()))


def roc_area(
    noise_counts: Sequence[int],
    signal_counts: Sequence[int],
    *,
    interval: AreaInterval = "delong",
    coverage: float = 0.95,
) -> RocArea:
    """Area under the empirical ROC (trapezoids; the Mann–Whitney statistic) with an interval.

    ``interval``: "delong" (DeLong, DeLong & Clarke-Pearson 1988, *Biometrics* 44, 837–845) and
    "hanley_mcneil" (Hanley & McNeil 1982, *Radiology* 143, 29–36) are the estimate ± z standard
    errors, cut at 0 and 1. "score" holds every area A from which the estimate lies no further than
    z times Hanley & McNeil's standard error at A (after Newcombe 2006, *Statistics in Medicine* 25,
    559–573): it has a length where all of signal is rated above noise, and replaces the others
    where theirs would be none.

    DataError: impossible counts, unknown option.

    >>> area = roc_area([6, 3, 1], [1, 3, 6])
    >>> round(area.estimate, 3), round(area.interval.low, 3), round(area.interval.high, 3)
    (0.825, 0.643, 1.0)
    """
    noise, signal = check_ratings(noise_counts, signal_counts)
    check_coverage(coverage)
    if interval not in get_args(AreaInterval):
        raise DataError(
            f"There is no interval {interval!r}.",
            f"Use one of: {', '.join(get_args(AreaInterval))}.",
        )
    area, delong_variance = _area_and_delong_variance(noise, signal)
    n_noise, n_signal = int(noise.sum()), int(signal.sum())
    by_formula = _hanley_mcneil_variance(area, n_noise, n_signal)
    variance = delong_variance if interval == "delong" else by_formula
    z = float(ndtri(0.5 + coverage / 2.0))
    warnings: tuple[str, ...] = ()
    if variance == 0.0 and interval != "score":
        warnings = (
            "The ratings leave no variance to estimate: the interval is the score interval.",
        )
        interval = "score"
    half = z * float(np.sqrt(variance))
    low, high = max(area - half, 0.0), min(area + half, 1.0)
    if interval == "score":
        low, high = (_score_bound(area, n_noise, n_signal, z, end) for end in (0.0, 1.0))
    return RocArea(
        estimate=area,
        interval=ConfidenceInterval(low=low, high=high, coverage=coverage, method=interval),
        standard_error=float(np.sqrt(variance)),
        n_noise=n_noise,
        n_signal=n_signal,
        method=f"area under the empirical ROC, ties half; {interval} interval",
        warnings=warnings,
    )


def _area_and_delong_variance(noise: Floats, signal: Floats) -> tuple[float, float]:
    n_noise, n_signal = noise.sum(), signal.sum()
    # For a rating in each category: the share of the other kind that it beats, ties half.
    beats_noise = (np.cumsum(noise) - noise / 2.0) / n_noise
    beaten_by_signal = (np.cumsum(signal[::-1])[::-1] - signal / 2.0) / n_signal
    area = float(signal @ beats_noise / n_signal)
    variance = 0.0
    for counts, placements in ((signal, beats_noise), (noise, beaten_by_signal)):
        n = counts.sum()
        if n > 1:
            variance += float(counts @ (placements - area) ** 2 / (n - 1.0) / n)
    return area, variance


def _hanley_mcneil_variance(area: float, n_noise: int, n_signal: int) -> float:
    q1, q2 = area / (2.0 - area), 2.0 * area**2 / (1.0 + area)
    total = area * (1.0 - area)
    total += (n_signal - 1) * (q1 - area**2) + (n_noise - 1) * (q2 - area**2)
    return max(total / (n_noise * n_signal), 0.0)


def _score_bound(area: float, n_noise: int, n_signal: int, z: float, end: float) -> float:
    """The area towards ``end`` from which the estimate lies z standard errors."""
    from scipy.optimize import brentq

    def too_far(candidate: float) -> float:
        variance = _hanley_mcneil_variance(candidate, n_noise, n_signal)
        return float((candidate - area) ** 2 - z**2 * variance)

    if area == end:
        return end
    # At the area itself nothing separates the two sides, also where it is 0 or 1: start beside it.
    beside = area + 1e-9 * (end - area)
    return float(brentq(too_far, beside, end, xtol=1e-12))

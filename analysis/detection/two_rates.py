"""Two rates and the distance between them in z: what yes/no, biased 2AFC and rating data share.

A listener with a criterion answers "yes" at the rate Φ(m + δ/2) to signals and Φ(m − δ/2) to
noise. δ = z(H) − z(F) measures sensitivity, m = ½(z(H) + z(F)) the bias: the criterion is −m.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri, erfc, log_ndtr, ndtri, xlogy

from jndlab.analysis.checks import numbers
from jndlab.analysis.detection.inverse import Floats
from jndlab.analysis.intervals import (
    ConfidenceInterval,
    check_counts,
    check_coverage,
    clopper_pearson,
)
from jndlab.errors import DataError

Correction = Literal["none", "log_linear", "half_count"]
RateInterval = Literal["profile", "exact"]
_FARTHEST = 60.0
"""In z, beyond anything that counts can tell apart: a bound sought beyond it is infinite."""
_LOG_SQRT_2_PI = float(np.log(2.0 * np.pi)) / 2.0


def corrected_rate(
    n_yes: ArrayLike, n_trials: ArrayLike, *, correction: Correction = "none"
) -> Floats:
    """Rates n_yes / n_trials of the same shape, kept away from 0 and 1 as ``correction`` says.

    "none"
        The observed rate: d′ is infinite where it is 0 or 1.
    "log_linear"
        (n_yes + ½) / (n_trials + 1), always, extreme or not (Hautus 1995, *Behavior Research
        Methods, Instruments, & Computers* 27, 46–51): less biased, and d′ never too large.
    "half_count"
        Only where extreme: 1/(2n) for 0 and 1 − 1/(2n) for 1 (Macmillan & Kaplan 1985,
        *Psychological Bulletin* 98, 185–199).

    DataError: impossible counts, unknown correction.

    >>> corrected_rate([0, 10, 20], 20, correction="log_linear").round(4).tolist()
    [0.0238, 0.5, 0.9762]
    >>> corrected_rate([0, 10, 20], 20, correction="half_count").tolist()
    [0.025, 0.5, 0.975]
    """
    try:
        yes, trials = np.broadcast_arrays(numbers(n_yes, "n_yes"), numbers(n_trials, "n_trials"))
    except ValueError:
        raise DataError(
            "n_yes and n_trials differ in shape.", "Give one number of trials, or one per count."
        ) from None
    if not np.all((yes >= 0) & (yes <= trials) & (trials >= 1) & np.isfinite(trials)):
        raise DataError(
            "A count cannot be: below 0, missing, or above the number of trials.",
            "Give counts between 0 and n_trials, and at least one trial.",
        )
    if correction == "log_linear":
        return np.asarray((yes + 0.5) / (trials + 1.0))
    if correction == "half_count":
        return np.asarray(np.clip(yes / trials, 0.5 / trials, 1.0 - 0.5 / trials))
    if correction == "none":
        return np.asarray(yes / trials)
    raise DataError(
        f"There is no correction {correction!r}.", f"Use one of: {', '.join(get_args(Correction))}."
    )


@dataclass(frozen=True, slots=True)
class TwoRates:
    """Counts of "yes" to signals and to noise. DataError where they cannot be."""

    n_hits: int
    n_signal: int
    n_false_alarms: int
    n_noise: int

    def __post_init__(self) -> None:
        check_counts(self.n_hits, self.n_signal)
        check_counts(self.n_false_alarms, self.n_noise)

    def mirrored(self) -> TwoRates:
        """The same with noise answers turned: its distance is −2 × the criterion of this one."""
        return TwoRates(
            self.n_hits, self.n_signal, self.n_noise - self.n_false_alarms, self.n_noise
        )

    def z_scores(self, correction: Correction) -> tuple[float, float]:
        """z of the hit rate and of the false-alarm rate."""
        return (
            float(ndtri(corrected_rate(self.n_hits, self.n_signal, correction=correction))),
            float(ndtri(corrected_rate(self.n_false_alarms, self.n_noise, correction=correction))),
        )

    def says_nothing(self) -> bool:
        """Whether all answers were alike: then the distance may be anything."""
        n_yes = self.n_hits + self.n_false_alarms
        return n_yes in (0, self.n_signal + self.n_noise)

    def standard_error(self, correction: Correction) -> float | None:
        """Of z(H) − z(F), and of twice the criterion (Gourevitch & Galanter 1967, *Psychometrika*
        32, 25–33); None where a rate is 0 or 1."""
        variance = 0.0
        for z, n in zip(self.z_scores(correction), (self.n_signal, self.n_noise), strict=True):
            if not np.isfinite(z):
                return None
            log_binomial = float(log_ndtr(z) + log_ndtr(-z))
            variance += float(np.exp(log_binomial + z**2 + 2.0 * _LOG_SQRT_2_PI)) / n
        return float(np.sqrt(variance))

    def log_likelihood(self) -> float:
        """At the observed rates, without binomial coefficients."""
        return _log_likelihood(self.n_hits, self.n_signal) + _log_likelihood(
            self.n_false_alarms, self.n_noise
        )

    def deviance(self, distance: float) -> float:
        """Twice the log-likelihood lost by holding z(H) − z(F) at ``distance``, bias being free."""
        middle = self._best_middle(distance)
        if not np.isfinite(middle):
            return 2.0 * self.log_likelihood()  # all answers alike: certain far out
        fit = 0.0
        for k, n, z in self._parts(middle, distance):
            fit += k * float(log_ndtr(z)) + (n - k) * float(log_ndtr(-z))
        return max(2.0 * (self.log_likelihood() - fit), 0.0)

    def _parts(self, middle: float, distance: float) -> tuple[tuple[int, int, float], ...]:
        return (
            (self.n_hits, self.n_signal, middle + distance / 2.0),
            (self.n_false_alarms, self.n_noise, middle - distance / 2.0),
        )

    def _best_middle(self, distance: float) -> float:
        """The bias that makes the counts likeliest; the log-likelihood is concave in it."""
        from scipy.optimize import brentq

        def score(middle: float) -> float:
            total = 0.0
            for k, n, z in self._parts(middle, distance):
                log_density = -(z**2) / 2.0 - _LOG_SQRT_2_PI
                total += k * np.exp(log_density - log_ndtr(z))
                total -= (n - k) * np.exp(log_density - log_ndtr(-z))
            return float(total)

        z_hits, z_false_alarms = self.z_scores("none")
        # Each rate alone is best fitted at one of these; together the best lies between them.
        ends = sorted((z_hits - distance / 2.0, z_false_alarms + distance / 2.0))
        if not np.isfinite(ends).any() and ends[0] == ends[1]:
            return ends[0]
        low, high = (float(end) for end in np.clip(ends, -_FARTHEST, _FARTHEST))
        # Where one rate decides alone, the score at its own optimum is nought but for rounding.
        if score(low) <= 0.0:
            return low
        if score(high) >= 0.0:
            return high
        return float(brentq(score, low, high, xtol=1e-11))


def profile_interval(rates: TwoRates, *, coverage: float) -> ConfidenceInterval:
    """Interval of z(H) − z(F) by profile likelihood; an end is infinite where the data set none.

    All distances whose deviance is at most the chi-square quantile with one degree of freedom
    (Wilks 1938, *Ann. Math. Stat.* 9, 60–62).

    >>> interval = profile_interval(TwoRates(20, 20, 4, 20), coverage=0.95)
    >>> round(interval.low, 3), interval.high
    (2.013, inf)
    """
    check_coverage(coverage)
    limit = float(chdtri(1, 1.0 - coverage))
    z_hits, z_false_alarms = rates.z_scores("none")
    if rates.says_nothing():
        low, high = -np.inf, np.inf
    else:
        best = float(np.clip(z_hits - z_false_alarms, -_FARTHEST, _FARTHEST))
        low = deviance_bound(rates.deviance, limit, best, -_FARTHEST)
        high = deviance_bound(rates.deviance, limit, best, _FARTHEST)
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method="profile likelihood")


def exact_interval(rates: TwoRates, *, coverage: float) -> ConfidenceInterval:
    """Interval of z(H) − z(F) that covers at least as often as stated, whatever the truth.

    Both rates lie in their Clopper–Pearson intervals, each of coverage √coverage, with
    probability ``coverage`` or more; the distance then lies between its extremes over the two.

    >>> interval = exact_interval(TwoRates(20, 20, 4, 20), coverage=0.95)
    >>> round(interval.low, 3), interval.high
    (0.935, inf)
    """
    check_coverage(coverage)
    each = float(np.sqrt(coverage))
    hits = clopper_pearson(rates.n_hits, rates.n_signal, coverage=each)
    false_alarms = clopper_pearson(rates.n_false_alarms, rates.n_noise, coverage=each)
    return ConfidenceInterval(
        low=float(ndtri(hits.low) - ndtri(false_alarms.high)),
        high=float(ndtri(hits.high) - ndtri(false_alarms.low)),
        coverage=coverage,
        method="rectangle of two Clopper-Pearson intervals",
    )


def distance_interval(
    rates: TwoRates, interval: RateInterval, *, coverage: float
) -> ConfidenceInterval:
    """Interval of z(H) − z(F) by the method named. DataError: there is no such method.

    >>> distance_interval(TwoRates(20, 20, 4, 20), "exact", coverage=0.95).method
    'rectangle of two Clopper-Pearson intervals'
    """
    if interval == "profile":
        return profile_interval(rates, coverage=coverage)
    if interval == "exact":
        return exact_interval(rates, coverage=coverage)
    raise DataError(
        f"There is no interval {interval!r}.", f"Use one of: {', '.join(get_args(RateInterval))}."
    )


def deviance_bound(
    deviance: Callable[[float], float], limit: float, best: float, farthest: float
) -> float:
    """Where the deviance, rising from ``best``, passes ``limit``; infinite if not by ``farthest``.

    >>> round(deviance_bound(lambda x: (x - 1.0) ** 2, 4.0, 1.0, 60.0), 6)
    3.0
    """
    from scipy.optimize import brentq

    if best == farthest or deviance(farthest) <= limit:
        return float(np.copysign(np.inf, farthest))
    return float(brentq(lambda x: deviance(x) - limit, best, farthest, xtol=1e-10))


def chi_square_tail(deviance: float) -> float:
    """Probability of a chi-square value with one degree of freedom at or above ``deviance``.

    >>> round(chi_square_tail(3.841459), 4)
    0.05
    """
    return float(erfc(np.sqrt(max(deviance, 0.0) / 2.0)))


def scaled(interval: ConfidenceInterval, factor: float) -> ConfidenceInterval:
    """The interval of ``factor`` times the quantity.

    >>> scaled(ConfidenceInterval(low=1.0, high=2.0, coverage=0.9, method="m"), -1.0).low
    -2.0
    """
    ends = sorted((interval.low * factor, interval.high * factor))
    return ConfidenceInterval(
        low=ends[0], high=ends[1], coverage=interval.coverage, method=interval.method
    )


def _log_likelihood(k: int, n: int) -> float:
    return float(xlogy(k, k / n) + xlogy(n - k, 1.0 - k / n))

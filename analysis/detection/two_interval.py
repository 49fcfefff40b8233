"""Two-interval trials with a bias for one interval: d′, criterion and what the bias costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from jndlab.analysis.detection.two_rates import (
    Correction,
    RateInterval,
    TwoRates,
    chi_square_tail,
    distance_interval,
    scaled,
)
from jndlab.analysis.detection.yes_no import d_prime_yes_no
from jndlab.analysis.intervals import ConfidenceInterval, check_counts
from jndlab.analysis.records import to_dict

_SQRT_2 = float(np.sqrt(2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoIntervalEstimate:
    """Sensitivity and interval bias of a listener in two-interval trials."""

    estimate: float
    """d′ = (z(H) − z(F)) / √2, freed from the bias for one interval."""
    interval: ConfidenceInterval
    standard_error: float | None
    criterion: float
    """c = −½(z(H) + z(F)): below 0 where "first" is preferred, above 0 where "second" is."""
    criterion_interval: ConfidenceInterval
    bias_p_value: float
    """Of c = 0, no interval preferred: likelihood ratio, two-sided."""
    interval_bias: float
    """Share of "first" answers beyond one half, were either order equally frequent: −½ to ½."""
    proportion_correct_first: float
    """Observed share correct where the first interval held the signal; likewise the second."""
    proportion_correct_second: float
    proportion_correct_unbiased: float
    """Φ(d′/√2): what the listener would reach without bias."""
    p_value: float
    """Of d′ = 0: likelihood ratio, two-sided."""
    log_likelihood: float
    """At the observed rates, without binomial coefficients."""
    correction: Correction
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def d_prime_2afc_bias(
    n_correct_first: int,
    n_first: int,
    n_correct_second: int,
    n_second: int,
    *,
    correction: Correction = "none",
    interval: RateInterval = "profile",
    coverage: float = 0.95,
) -> TwoIntervalEstimate:
    """d′ of two-interval trials with the bias for one interval allowed for.

    ``n_correct_first`` of the ``n_first`` trials with the signal in the first interval were right,
    ``n_correct_second`` of the ``n_second`` others. A hit is "first" said of first, a false alarm
    "first" said of second; d′ = (z(H) − z(F)) / √2 (Green & Swets 1966; Macmillan & Creelman 2005,
    ch. 7). The plain √2 z(proportion correct) is too small for a biased listener. Corrections and
    intervals as in :func:`~jndlab.analysis.detection.yes_no.d_prime_yes_no`.

    DataError: impossible counts, unknown option.

    >>> result = d_prime_2afc_bias(45, 50, 30, 50)
    >>> round(result.estimate, 3), round(result.criterion, 3), round(result.interval_bias, 2)
    (1.085, -0.514, 0.15)
    >>> round(result.proportion_correct_unbiased, 3)  # 0.75 were right
    0.779
    """
    check_counts(n_correct_second, n_second)
    rates = TwoRates(n_correct_first, n_first, n_second - n_correct_second, n_second)
    plain = d_prime_yes_no(
        rates.n_hits,
        n_first,
        rates.n_false_alarms,
        n_second,
        correction=correction,
        interval=interval,
        coverage=coverage,
    )
    d_prime = plain.estimate / _SQRT_2
    return TwoIntervalEstimate(
        estimate=d_prime,
        interval=scaled(distance_interval(rates, interval, coverage=coverage), 1.0 / _SQRT_2),
        standard_error=None if plain.standard_error is None else plain.standard_error / _SQRT_2,
        criterion=plain.criterion,
        criterion_interval=plain.criterion_interval,
        bias_p_value=chi_square_tail(rates.mirrored().deviance(0.0)),
        interval_bias=(plain.hit_rate + plain.false_alarm_rate) / 2.0 - 0.5,
        proportion_correct_first=plain.hit_rate,
        proportion_correct_second=1.0 - plain.false_alarm_rate,
        proportion_correct_unbiased=float(ndtr(d_prime / _SQRT_2)),
        p_value=plain.p_value,
        log_likelihood=plain.log_likelihood,
        correction=correction,
        method=f"two-interval trials, biased listener: d′/√2 of {plain.method}",
        warnings=plain.warnings,
    )

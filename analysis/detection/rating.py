"""Rating experiments: the binormal ROC by maximum likelihood, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, chdtri, ndtr

from jndlab.analysis.detection.inverse import Floats
from jndlab.analysis.detection.rating_likelihood import (
    LOCATION,
    LOG_SIGMA,
    Maximum,
    RatingLikelihood,
)
from jndlab.analysis.detection.rating_profile import RatingProfile, separation
from jndlab.analysis.detection.roc import RocArea, check_ratings, roc_area
from jndlab.analysis.detection.two_rates import chi_square_tail
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import FitError

_LARGEST_LOG_SIGMA = 3.0
"""Spreads further apart than a factor of 20 mean that the data do not set their ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingFit:
    """The binormal ROC of one listener's ratings."""

    estimate: float
    """d_a: the distance of the means in units of the root mean square of both spreads. It equals
    d′ where the spreads are taken as equal. Infinite where no rating of noise lies above one of
    signal (or none below)."""
    interval: ConfidenceInterval
    standard_error: float | None
    d_prime: float
    """Distance of the means in units of the spread of noise."""
    d_prime_interval: ConfidenceInterval
    sigma_ratio: float
    """Spread of signal over spread of noise; 1 where taken as equal. The ROC's slope in z is its
    inverse."""
    sigma_ratio_interval: ConfidenceInterval | None
    area: float
    """A_z = Φ(d_a / √2), the area under the fitted ROC."""
    area_interval: ConfidenceInterval
    criteria: tuple[float, ...]
    """In units of the spread of noise, its mean at 0; empty where d′ is infinite."""
    criteria_standard_errors: tuple[float, ...]
    empirical_area: RocArea
    p_value: float
    """Of d_a = 0: likelihood ratio, two-sided."""
    log_likelihood: float
    """At the estimate, without multinomial coefficients."""
    deviance: float
    """Twice the log-likelihood that the model lies below the observed shares."""
    degrees_of_freedom: int
    goodness_of_fit_p_value: float | None
    """By chi-square, rough for small counts; None where no degrees of freedom are left."""
    unequal_variance: bool
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def fit_rating_roc(
    noise_counts: Sequence[int],
    signal_counts: Sequence[int],
    *,
    unequal_variance: bool = False,
    coverage: float = 0.95,
) -> RatingFit:
    """d′, criteria, d_a and A_z from ratings by maximum likelihood, with profile intervals.

    Counts per category, the surest "noise" first, shape (categories,). Noise is N(0, 1), signal
    N(d′, s²) with s = 1 unless ``unequal_variance`` (which needs three categories or more). Two
    categories are yes/no. Model and sources: ``rating_likelihood``; d_a and A_z: Macmillan &
    Creelman 2005, ch. 3. Intervals hold the values whose likelihood ratio, maximised over the rest,
    is not too small; those of the criteria are left to their standard errors.

    DataError: impossible counts. FitError: the ratio of the spreads cannot be estimated.

    >>> fit = fit_rating_roc([40, 30, 15, 10, 5], [8, 12, 15, 25, 40])
    >>> round(fit.estimate, 3), round(fit.interval.low, 3), round(fit.interval.high, 3)
    (1.328, 1.009, 1.65)
    >>> round(fit.area, 3), round(fit.empirical_area.estimate, 3)
    (0.826, 0.813)
    """
    noise, signal = check_ratings(noise_counts, signal_counts)
    check_coverage(coverage)
    used = (noise + signal) > 0
    likelihood = RatingLikelihood(noise[used], signal[used])
    if likelihood.n_criteria < 1 or (unequal_variance and likelihood.n_criteria < 2):
        found = likelihood.n_criteria + 1
        raise FitError(
            f"{found} {'category' if found == 1 else 'categories'} in use cannot give an ROC.",
            "Collect more ratings, or set unequal_variance=False if there are two.",
        )
    profile = RatingProfile(likelihood, unequal_variance, float(chdtri(1, 1.0 - coverage)))
    direction = separation(likelihood)
    if direction and unequal_variance:
        raise FitError(
            "No rating of noise lies above a rating of signal (or none below): the ratio of the "
            "spreads cannot be estimated.",
            "Set unequal_variance=False for a bound on d′.",
        )
    best = profile.best("d_a")
    if unequal_variance and not (
        best.converged and abs(best.parameters[LOG_SIGMA]) < _LARGEST_LOG_SIGMA
    ):
        raise FitError(
            "The ratio of the spreads cannot be estimated from these ratings.",
            "Set unequal_variance=False, join categories, or collect more ratings.",
        )
    return _result(
        profile,
        best,
        direction,
        coverage=coverage,
        empirical=roc_area(noise_counts, signal_counts, coverage=coverage),
        n_unused=int((~used).sum()),
    )


def _result(
    profile: RatingProfile,
    best: Maximum,
    direction: int,
    *,
    coverage: float,
    empirical: RocArea,
    n_unused: int,
) -> RatingFit:
    likelihood, unequal = profile.likelihood, profile.unequal_variance
    sigma = float(np.exp(best.parameters[LOG_SIGMA]))
    d_a, top = float(best.parameters[LOCATION]), best.log_likelihood
    if direction:
        d_a, top = direction * float("inf"), likelihood.saturated()
        d_a_bounds = profile.bounds_if_separate(direction, best)
    else:
        d_a_bounds = profile.bounds(LOCATION, best)
    of_d_prime = profile.best("d_prime", start=best) if unequal else best
    d_prime_bounds = profile.bounds(LOCATION, of_d_prime) if unequal else d_a_bounds
    freedom = likelihood.n_criteria - 1 - int(unequal)
    deviance = max(2.0 * (likelihood.saturated() - top), 0.0)

    def interval(low: float, high: float) -> ConfidenceInterval:
        return ConfidenceInterval(
            low=low, high=high, coverage=coverage, method="profile likelihood"
        )

    def area(d_a: float) -> float:
        return float(ndtr(d_a / np.sqrt(2.0)))

    return RatingFit(
        estimate=d_a,
        interval=interval(*d_a_bounds),
        standard_error=None if direction else float(best.standard_errors[LOCATION]),
        d_prime=float(of_d_prime.parameters[LOCATION]) if unequal else d_a,
        d_prime_interval=interval(*d_prime_bounds),
        sigma_ratio=sigma,
        sigma_ratio_interval=(
            interval(*np.exp(profile.bounds(LOG_SIGMA, best)).tolist()) if unequal else None
        ),
        area=area(d_a),
        area_interval=interval(*(area(bound) for bound in d_a_bounds)),
        criteria=() if direction else _floats(best.parameters[2:]),
        criteria_standard_errors=() if direction else _floats(best.standard_errors[2:]),
        empirical_area=empirical,
        p_value=chi_square_tail(profile.deviance(LOCATION, 0.0, best, top)),
        log_likelihood=top,
        deviance=deviance,
        degrees_of_freedom=freedom,
        goodness_of_fit_p_value=float(chdtrc(freedom, deviance)) if freedom > 0 else None,
        unequal_variance=unequal,
        method=(
            f"binormal ROC, {'un' if unequal else ''}equal variances, maximum likelihood over "
            f"{likelihood.n_criteria + 1} categories ({int(likelihood.noise.sum())} ratings of "
            f"noise, {int(likelihood.signal.sum())} of signal); profile-likelihood intervals"
        ),
        warnings=_warnings(direction, n_unused, empirical),
    )


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _warnings(direction: int, n_unused: int, empirical: RocArea) -> tuple[str, ...]:
    found = list(empirical.warnings)
    if n_unused:
        found.append(f"Categories never used: {n_unused}. They were left out of the fit.")
    if direction:
        found.append(
            "The ratings of noise and signal overlap in one category at most: the data bound d′ "
            "on one side only."
        )
    return tuple(found)

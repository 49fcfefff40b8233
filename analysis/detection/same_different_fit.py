"""Same-different trials: maximum likelihood of d′ and its criterion from four counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri, ndtr, ndtri

from jndlab.analysis.detection.convert import decision_curve
from jndlab.analysis.detection.same_different import (
    d_prime_same_different,
    hit_and_miss_rate,
)
from jndlab.analysis.detection.two_rates import TwoRates, deviance_bound
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.paradigms import DIFFERENCING, INDEPENDENT, get_paradigm
from jndlab.analysis.records import to_dict

_SQRT_2 = float(np.sqrt(2.0))
_FARTHEST = 40.0
"""d′ and τ beyond anything that counts can tell apart: a bound sought beyond it is infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDifferentEstimate:
    """Sensitivity and criterion of a listener in same-different trials."""

    estimate: float
    """d′ of 0 or more; infinite where the hit rate is 1 or the false-alarm rate 0, nan where all
    answers were alike, for then the data say nothing about d′."""
    interval: ConfidenceInterval
    standard_error: float | None
    """From the observed information; None where the estimate is 0 or infinite."""
    criterion: float
    """Differencing: τ, the distance beyond which "different" is said, in standard deviations of
    one observation. Independent observation: c = −½(z(H) + z(F)), 0 without bias."""
    criterion_standard_error: float | None
    model: str
    hit_rate: float
    """Observed share of "different" given different, and given same for the false alarms."""
    false_alarm_rate: float
    p_value: float
    """Of d′ = 0: signed root of the likelihood ratio, one-sided, as d′ cannot be negative."""
    log_likelihood: float
    """At the estimate, without binomial coefficients."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def estimate_same_different(
    n_hits: int,
    n_different: int,
    n_false_alarms: int,
    n_same: int,
    *,
    model: str | None = None,
    coverage: float = 0.95,
) -> SameDifferentEstimate:
    """d′ ≥ 0 of same-different trials by maximum likelihood, with a profile-likelihood interval.

    ``n_hits`` of ``n_different`` pairs that differed were called different, ``n_false_alarms`` of
    ``n_same`` pairs that did not. Models as for ``d_prime_same_different``, which gives the same
    estimate (likelihood: Christensen & Brockhoff 2009, *Food Quality and Preference* 20, 514–520).
    The interval holds every d′ whose likelihood ratio, maximised over the criterion, is not too
    small; its upper end is infinite where a rate is 1 or 0.

    DataError: impossible counts, unknown model.

    >>> result = estimate_same_different(9, 13, 5, 13, model="differencing")
    >>> round(result.estimate, 3), round(result.standard_error, 3), round(result.criterion, 3)
    (1.885, 0.704, 1.23)
    >>> round(result.interval.low, 3), round(result.interval.high, 3)
    (0.0, 3.206)
    """
    chosen = get_paradigm("same_different").model(model)
    rates = TwoRates(n_hits, n_different, n_false_alarms, n_same)
    check_coverage(coverage)
    fit = _Differencing(rates) if chosen == DIFFERENCING else _Independent(rates)
    estimate = _estimate(rates, chosen)
    errors = fit.standard_errors(estimate) if 0.0 < estimate < np.inf else (None, None)
    at_zero = rates.deviance(0.0)  # d′ = 0 means equal rates under either model
    lost = at_zero if estimate == 0.0 else 0.0
    return SameDifferentEstimate(
        estimate=estimate,
        interval=_interval(fit, estimate, lost, coverage),
        standard_error=errors[0],
        criterion=fit.criterion(estimate),
        criterion_standard_error=errors[1],
        model=str(chosen),
        hit_rate=n_hits / n_different,
        false_alarm_rate=n_false_alarms / n_same,
        p_value=float(ndtr(-np.sqrt(at_zero))) if estimate > 0.0 else 1.0,
        log_likelihood=rates.log_likelihood() - lost / 2.0,
        method=(
            f"same-different by {str(chosen).replace('_', ' ')}, maximum likelihood; {n_hits} hits "
            f"of {n_different}, {n_false_alarms} false alarms of {n_same}; profile-likelihood "
            "interval"
        ),
        warnings=_warnings(rates, estimate),
    )


@dataclass(frozen=True, slots=True)
class _Independent:
    """The decision model of independent observation, for given counts."""

    rates: TwoRates

    def deviance(self, d_prime: float) -> float:
        """Twice the log-likelihood lost against the observed rates, the criterion being free."""
        x = ndtr(-d_prime / 2.0)
        return self.rates.deviance(-2.0 * float(ndtri(2.0 * x * (1.0 - x))))

    def criterion(self, estimate: float) -> float:
        if estimate == 0.0:
            return -float(ndtri(_pooled_rate(self.rates)))
        z_hits, z_false_alarms = self.rates.z_scores("none")
        if z_hits == -z_false_alarms and np.isinf(z_hits):
            return float("nan")
        return -(z_hits + z_false_alarms) / 2.0

    def standard_errors(self, estimate: float) -> tuple[float | None, float | None]:
        of_distance = self.rates.standard_error("none")
        if of_distance is None:
            return None, None
        curve = decision_curve("same_different", INDEPENDENT)
        z_hits, z_false_alarms = self.rates.z_scores("none")
        density = np.exp(-((z_hits - z_false_alarms) ** 2) / 8.0) / np.sqrt(2.0 * np.pi)
        steepness = float(density / 2.0 / curve.slope(np.asarray(estimate)))
        return of_distance * steepness, of_distance / 2.0


@dataclass(frozen=True, slots=True)
class _Differencing:
    """The decision model of differencing, for given counts."""

    rates: TwoRates

    def deviance(self, d_prime: float) -> float:
        """Twice the log-likelihood lost against the observed rates, the criterion being free."""
        from scipy.optimize import minimize_scalar

        if self.rates.says_nothing():
            return 0.0
        low, high = self._criterion_range(d_prime)
        best = minimize_scalar(
            lambda tau: -self._log_likelihood(tau, d_prime),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-9},
        )
        at_ends = max(self._log_likelihood(end, d_prime) for end in (low, high))
        return max(2.0 * (self.rates.log_likelihood() - max(-float(best.fun), at_ends)), 0.0)

    def criterion(self, estimate: float) -> float:
        r = self.rates
        rate = _pooled_rate(r) if estimate == 0.0 else r.n_false_alarms / r.n_noise
        return -_SQRT_2 * float(ndtri(rate / 2.0))

    def standard_errors(self, estimate: float) -> tuple[float | None, float | None]:
        r, tau = self.rates, self.criterion(estimate)
        hit_rate, false_alarm_rate = r.n_hits / r.n_signal, r.n_false_alarms / r.n_noise
        near, far = _density((tau - estimate) / _SQRT_2), _density((tau + estimate) / _SQRT_2)
        error_hits = np.sqrt(hit_rate * (1.0 - hit_rate) / r.n_signal)
        error_false = np.sqrt(false_alarm_rate * (1.0 - false_alarm_rate) / r.n_noise)
        # Two rates, two parameters: the rates' errors carried through the inverse Jacobian.
        of_tau = error_false / (_SQRT_2 * _density(tau / _SQRT_2))
        of_d_prime = np.hypot(error_hits * _SQRT_2, of_tau * (near + far)) / (near - far)
        return float(of_d_prime), float(of_tau)

    def _log_likelihood(self, tau: float, d_prime: float) -> float:
        r, distance = self.rates, np.asarray(tau)
        hit, miss = hit_and_miss_rate(np.asarray(d_prime), distance)
        false_alarm, correct = hit_and_miss_rate(np.asarray(0.0), distance)
        logs = np.log(np.maximum([hit, miss, false_alarm, correct], 1e-300))
        misses, rejections = r.n_signal - r.n_hits, r.n_noise - r.n_false_alarms
        return float(np.dot([r.n_hits, misses, r.n_false_alarms, rejections], logs))

    def _criterion_range(self, d_prime: float) -> tuple[float, float]:
        """Between the criteria that fit either rate alone lies the one that fits both best."""
        r = self.rates
        of_same = -_SQRT_2 * float(ndtri(max(r.n_false_alarms / r.n_noise, 1e-200) / 2.0))
        target = r.n_hits / r.n_signal
        low, high = 0.0, _FARTHEST + d_prime
        for _ in range(60):
            middle = (low + high) / 2.0
            rate, miss = hit_and_miss_rate(np.asarray(d_prime), np.asarray(middle))
            too_often = rate > target if target < 0.5 else miss < 1.0 - target
            low, high = (middle, high) if too_often else (low, middle)
        ends = sorted((of_same, (low + high) / 2.0))
        return ends[0], ends[1]


def _estimate(rates: TwoRates, model: str | None) -> float:
    if rates.says_nothing():
        return float("nan")
    hit_rate = rates.n_hits / rates.n_signal
    false_alarm_rate = rates.n_false_alarms / rates.n_noise
    return max(float(d_prime_same_different(hit_rate, false_alarm_rate, model=model)), 0.0)


def _interval(
    fit: _Independent | _Differencing, estimate: float, lost: float, coverage: float
) -> ConfidenceInterval:
    """``lost`` is the deviance at the estimate: above 0 where the rates call for d′ below 0."""
    limit = float(chdtri(1, 1.0 - coverage)) + lost
    low, high = 0.0, float("inf")
    if not np.isnan(estimate):
        best = min(estimate, _FARTHEST)
        high = deviance_bound(fit.deviance, limit, best, _FARTHEST)
        if fit.deviance(0.0) > limit:
            low = deviance_bound(fit.deviance, limit, best, 0.0)
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method="profile likelihood")


def _pooled_rate(rates: TwoRates) -> float:
    return (rates.n_hits + rates.n_false_alarms) / (rates.n_signal + rates.n_noise)


def _density(x: float) -> float:
    return float(np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi))


def _warnings(rates: TwoRates, estimate: float) -> tuple[str, ...]:
    if np.isnan(estimate):
        return ("All answers were alike: the data say nothing about sensitivity.",)
    if np.isinf(estimate):
        return ("A rate is 0 or 1: the data set a lower bound to d′ but no upper one.",)
    if rates.n_hits / rates.n_signal < rates.n_false_alarms / rates.n_noise:
        return ('"Different" was said more often of same pairs: d′ is read as 0.',)
    return ()

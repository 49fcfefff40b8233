"""The binormal model of ratings: log-likelihood, slope, information, and its maximum.

Noise gives observations N(0, 1), signal N(d′, s²); K ordered criteria c cut the axis into K + 1
rating categories (Dorfman & Alf 1969, *Journal of Mathematical Psychology* 6, 487–496). Parameters
are (location, log s, c₁ … c_K). The location is d′ or d_a = d′ √(2/(1 + s²)) (Simpson & Fitter
1973, *Psychological Bulletin* 80, 481–488). For given s the log-likelihood is concave in the rest
(Pratt 1981, *J. Am. Stat. Assoc.* 76, 103–106): Newton's method with halved steps reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, xlogy

from jndlab.analysis.detection.inverse import Floats

Location = Literal["d_prime", "d_a"]
LOCATION, LOG_SIGMA = 0, 1
"""Where these parameters stand; the criteria follow."""
_N_STEPS = 100
_SMALL_GAIN = 1e-15
"""In log-likelihood: parameters within 1e-7 standard errors of the top."""
_SMALLEST = 1e-140
_FARTHEST, _FARTHEST_LOG_SIGMA = 1e5, 9.0


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the log-likelihood is largest, some parameters being held."""

    parameters: Floats
    log_likelihood: float
    standard_errors: Floats
    """By the observed information; nan for parameters that were held."""
    converged: bool
    location: Location


@dataclass(frozen=True, slots=True)
class RatingLikelihood:
    """Log-likelihood of counts per category (noise and signal, shape (categories,))."""

    noise: Floats
    signal: Floats

    @property
    def n_criteria(self) -> int:
        return len(self.noise) - 1

    def saturated(self) -> float:
        """The log-likelihood at the observed shares, which no model exceeds."""
        return float(sum(xlogy(k, k / k.sum()).sum() for k in (self.noise, self.signal)))

    def observed_z(self) -> tuple[Floats, Floats]:
        """z of the cumulative shares of noise and signal, log-linearly corrected: finite."""
        noise, signal = (
            np.asarray(ndtri((np.cumsum(k)[:-1] + 0.5) / (k.sum() + 1.0)))
            for k in (self.noise, self.signal)
        )
        return noise, signal

    def maximise(
        self, held: Mapping[int, float], location: Location, start: Floats | None = None
    ) -> Maximum:
        """The maximum with the parameters in ``held`` (index: value) kept where they are."""
        theta = self._start(held, location) if start is None else start.copy()
        theta[list(held)] = list(held.values())
        free = np.setdiff1d(np.arange(len(theta)), list(held))
        value, converged = self._evaluate(theta, location), False
        for _ in range(_N_STEPS):
            step = value.step(free)
            if float(value.slope[free] @ step) < _SMALL_GAIN:
                converged = True
                break
            share, better = 1.0, None
            while share > 1e-9 and better is None:
                trial = theta.copy()
                trial[free] += share * step
                if _possible(trial):
                    there = self._evaluate(trial, location)
                    # The last steps gain less than the sum's rounding, which must not stop them.
                    if there.fit > value.fit - 1e-14 * abs(value.fit):
                        better = there
                share /= 2.0
            if better is None:
                break
            theta, value = trial, better
        return Maximum(theta, value.fit, value.standard_errors(free), converged, location)

    def _start(self, held: Mapping[int, float], location: Location) -> Floats:
        z_noise, z_signal = self.observed_z()
        sigma = float(np.exp(held.get(LOG_SIGMA, 0.0)))
        d_prime = float(np.mean(z_noise - sigma * z_signal))
        per_location = sigma * location_factor(np.log(sigma), location)[0]
        if LOCATION in held:
            d_prime = held[LOCATION] * per_location
        criteria = (z_noise + sigma * z_signal + d_prime) / 2.0
        return np.concatenate([[d_prime / per_location, np.log(sigma)], criteria])

    def _evaluate(self, theta: Floats, location: Location) -> _Value:
        """Log-likelihood, its slope and observed and expected information by the parameters."""
        n, inverse, criteria = self.n_criteria, float(np.exp(-theta[LOG_SIGMA])), theta[2:]
        r, r1, r2 = location_factor(float(theta[LOG_SIGMA]), location)
        z_signal = criteria * inverse - theta[LOCATION] * r
        by_noise, by_signal = np.zeros((n, n + 2)), np.zeros((n, n + 2))
        by_noise[:, 2:], by_signal[:, 2:] = np.eye(n), np.eye(n) * inverse
        by_signal[:, LOCATION] = -r
        by_signal[:, LOG_SIGMA] = -criteria * inverse - theta[LOCATION] * r1
        noise, signal = (
            _by_boundaries(self.noise, criteria),
            _by_boundaries(self.signal, z_signal),
        )
        # What the bend of z in log s adds to the observed information.
        bend = np.zeros((n + 2, n + 2))
        bend[LOG_SIGMA, 2:] = -inverse * signal.slope
        bend[LOG_SIGMA, LOCATION] = -r1 * signal.slope.sum()
        bend += bend.T
        bend[LOG_SIGMA, LOG_SIGMA] = (criteria * inverse - theta[LOCATION] * r2) @ signal.slope
        return _Value(
            noise.fit + signal.fit,
            by_noise.T @ noise.slope + by_signal.T @ signal.slope,
            by_noise.T @ noise.observed @ by_noise
            + by_signal.T @ signal.observed @ by_signal
            - bend,
            by_noise.T @ noise.expected @ by_noise + by_signal.T @ signal.expected @ by_signal,
        )


@dataclass(frozen=True, slots=True)
class _Value:
    """A log-likelihood with its slope and the observed and expected information."""

    fit: float
    slope: Floats
    observed: Floats
    expected: Floats

    def step(self, free: NDArray[np.intp]) -> Floats:
        """Newton's step; by the expected information where the observed one points nowhere."""
        block = np.ix_(free, free)
        try:
            np.linalg.cholesky(self.observed[block])
            step = np.linalg.solve(self.observed[block], self.slope[free])
        except np.linalg.LinAlgError:
            step = np.linalg.lstsq(self.expected[block], self.slope[free], rcond=None)[0]
        return np.asarray(step)

    def standard_errors(self, free: NDArray[np.intp]) -> Floats:
        errors = np.full(len(self.slope), np.nan)
        covariance = np.linalg.pinv(self.observed[np.ix_(free, free)])
        errors[free] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        return errors


def _possible(theta: Floats) -> bool:
    """Criteria in their order, and nothing so far out that densities vanish."""
    return bool(
        np.all(np.diff(theta[2:]) > 0)
        and np.all(np.abs(theta) < _FARTHEST)
        and abs(theta[LOG_SIGMA]) < _FARTHEST_LOG_SIGMA
    )


def location_factor(log_sigma: float, location: Location) -> tuple[float, float, float]:
    """r in z = c/s − location · r, and its first two derivatives by log s.

    >>> location_factor(0.0, "d_prime")
    (1.0, -1.0, 1.0)
    """
    inverse = float(np.exp(-log_sigma))
    if location == "d_prime":
        return inverse, -inverse, inverse
    r = float(np.sqrt((inverse**2 + 1.0) / 2.0))
    first = -(inverse**2) / (2.0 * r)
    return r, first, inverse**2 / r * (1.0 + first / (2.0 * r))


def _by_boundaries(counts: Floats, z: Floats) -> _Value:
    """The part of one kind of trial, by the boundaries of the categories in z."""
    low, high = np.concatenate([[-np.inf], z]), np.concatenate([z, [np.inf]])
    share = np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    share = np.maximum(share, _SMALLEST)
    density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    below, above = density / share[:-1], density / share[1:]
    slope = counts[:-1] * below - counts[1:] * above
    observed = np.diag(z * slope + counts[:-1] * below**2 + counts[1:] * above**2)
    expected = np.diag(density * (below + above))
    for matrix, weights in ((observed, counts[1:-1] / share[1:-1]), (expected, 1.0)):
        between = -density[:-1] * density[1:] / share[1:-1] * weights
        matrix += np.diag(between, 1) + np.diag(between, -1)
    return _Value(float(counts @ np.log(share)), slope, observed, counts.sum() * expected)

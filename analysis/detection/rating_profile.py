"""Profile likelihood of ratings: one parameter held, the rest as likely as they can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jndlab.analysis.detection.rating_likelihood import (
    LOCATION,
    LOG_SIGMA,
    Location,
    Maximum,
    RatingLikelihood,
    location_factor,
)

_FARTHEST = {LOCATION: 60.0, LOG_SIGMA: 8.0}
"""A bound sought beyond these is infinite (for the ratio of spreads: 0 or infinite)."""


@dataclass(frozen=True, slots=True)
class RatingProfile:
    """The log-likelihood of ratings maximised over everything but one parameter.

    ``limit`` is the deviance that bounds an interval.
    """

    likelihood: RatingLikelihood
    unequal_variance: bool
    limit: float

    def best(self, location: Location, *, start: Maximum | None = None) -> Maximum:
        """The maximum; from another one, it may be under another location."""
        theta = None
        if start is not None:
            theta, log_sigma = start.parameters.copy(), float(start.parameters[LOG_SIGMA])
            theta[LOCATION] *= (
                location_factor(log_sigma, start.location)[0]
                / location_factor(log_sigma, location)[0]
            )
        return self.likelihood.maximise(self._held, location, theta)

    @property
    def _held(self) -> dict[int, float]:
        return {} if self.unequal_variance else {LOG_SIGMA: 0.0}

    def deviance(self, index: int, value: float, best: Maximum, top: float) -> float:
        """Twice the log-likelihood that holding a parameter loses against ``top``.

        Sought from ``best`` and, should that end halfway, from the counts too.
        """
        held = self._held | {index: value}
        found = self.likelihood.maximise(held, best.location, best.parameters)
        fit = found.log_likelihood
        if not found.converged:
            fit = max(fit, self.likelihood.maximise(held, best.location).log_likelihood)
        return 2.0 * (top - fit)

    def bounds(self, index: int, best: Maximum) -> tuple[float, float]:
        """The values on either side of the best whose deviance is the limit."""
        centre, error = float(best.parameters[index]), float(best.standard_errors[index])

        def excess(value: float) -> float:
            return self.deviance(index, value, best, best.log_likelihood) - self.limit

        step, farthest = error if 0.0 < error < 1.0 else 1.0, _FARTHEST[index]
        return (
            _crossing(excess, centre, -step, farthest),
            _crossing(excess, centre, step, farthest),
        )

    def bounds_if_separate(self, direction: int, best: Maximum) -> tuple[float, float]:
        """d′ at which ratings that are told apart without a mistake are no longer too unlikely."""
        top = self.likelihood.saturated()
        z_noise, z_signal = self.likelihood.observed_z()

        def excess(value: float) -> float:
            return self.deviance(LOCATION, direction * value, best, top) - self.limit

        start = abs(float(np.mean(z_noise - z_signal)))
        towards = 1.0 if excess(start) > 0 else -1.0
        bound = direction * _crossing(
            lambda x: -towards * excess(x), start, towards, _FARTHEST[LOCATION]
        )
        return (bound, np.inf) if direction > 0 else (-np.inf, bound)


def separation(likelihood: RatingLikelihood) -> int:
    """1 where the log-likelihood rises for ever with d′, −1 where it does with −d′, else 0.

    It does where the ratings of noise and signal overlap in one category at most.

    >>> separation(RatingLikelihood(np.array([5.0, 2.0, 0.0]), np.array([0.0, 1.0, 4.0])))
    1
    """
    noise, signal = np.flatnonzero(likelihood.noise), np.flatnonzero(likelihood.signal)
    if noise[-1] <= signal[0]:
        return 1
    return -1 if signal[-1] <= noise[0] else 0


def _crossing(
    excess: Callable[[float], float], start: float, step: float, farthest: float
) -> float:
    """Where ``excess``, below 0 at ``start``, turns positive: doubled steps, then a root."""
    from scipy.optimize import brentq

    inside, outside = start, start + step
    while excess(outside) < 0.0:
        if abs(outside) > farthest:
            return float(np.copysign(np.inf, step))
        inside, step = outside, 2.0 * step
        outside = float(np.clip(inside + step, -farthest - 0.5, farthest + 0.5))
    return float(brentq(excess, inside, outside, xtol=1e-8))

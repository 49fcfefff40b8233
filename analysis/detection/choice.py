"""Choice of the strongest among m intervals (m-AFC): the proportion correct and its inverse.

p = ∫ φ(x − d′) Φ(x)^(m−1) dx: the signal's observation exceeds all m − 1 others (Green & Swets
1966, *Signal Detection Theory and Psychophysics*; Hacker & Ratcliff 1979, *Perception &
Psychophysics* 26, 168–170). The trapezoid rule with step h is in error by about exp(−2π²/(m h²))
on such integrands, so a few dozen points give machine precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import log_ndtr

from jndlab.analysis.detection.inverse import Floats, Table, solve_rising, tabulate

LogIntegrand = Callable[[Floats, Floats], Floats]
"""Logarithm of an integrand at x (values, points) for d′ (values, 1)."""

_LOG_SQRT_2_PI = float(np.log(2.0 * np.pi)) / 2.0
_HALF_RANGE = 9.0
"""Standard deviations on either side of an integrand's centre; what lies beyond is below 1e-18."""
_BLOCK = 8192
"""Values of d′ taken at a time, so that memory stays bounded (5 MB for 4AFC)."""
_FARTHEST = 50.0
"""The proportion is 0 or 1 to machine precision long before."""
_LOWEST, _HIGHEST = -30.0, 20.0
"""Range of the table: proportions from below 1e-100 to 1 − 1e-17."""


@dataclass(frozen=True, kw_only=True)
class ChoiceCurve:
    """m-AFC with ``n_intervals`` = m. Below chance d′ is negative: the signal is avoided."""

    n_intervals: int
    signed: bool = True

    @property
    def guess_rate(self) -> float:
        return 1.0 / self.n_intervals

    def proportion(self, d_prime: Floats) -> Floats:
        return self._correct_and_error(np.clip(d_prime, -_FARTHEST, _FARTHEST))[0]

    def slope(self, d_prime: Floats) -> Floats:
        """(m − 1) ∫ φ(x − d′) φ(x) Φ(x)^(m−2) dx: every part positive, so nothing cancels."""
        others = self.n_intervals - 1
        d_prime = np.clip(d_prime, -_FARTHEST, _FARTHEST)
        centre = np.where(d_prime > 0, d_prime / 2.0, d_prime / self.n_intervals)
        return others * self._integrate(
            lambda x, d: _log_density(x - d) + _log_density(x) + (others - 1) * log_ndtr(x),
            d_prime,
            centre,
        )

    def d_prime(self, proportion: Floats) -> Floats:
        inner = (proportion > 0) & (proportion < 1)
        inside = np.where(inner, proportion, 0.5)
        odds = np.log(inside) - np.log1p(-inside)
        roots = solve_rising(self._log_odds, odds, self._table)
        roots = np.where(proportion == self.guess_rate, 0.0, roots)
        return np.where(inner, roots, np.where(proportion > 0, np.inf, -np.inf))

    def _correct(self, d_prime: Floats) -> Floats:
        """p, to full relative precision for d′ ≤ 0."""
        others = self.n_intervals - 1
        return self._integrate(
            lambda x, d: _log_density(x - d) + others * log_ndtr(x),
            d_prime,
            d_prime / self.n_intervals,
        )

    def _error(self, d_prime: Floats) -> Floats:
        """1 − p, to full relative precision for d′ ≥ 0."""
        others = self.n_intervals - 1
        return self._integrate(
            lambda x, d: _log_density(x - d) + np.log(-np.expm1(others * log_ndtr(x))),
            d_prime,
            d_prime / 2.0,
        )

    def _correct_and_error(self, d_prime: Floats) -> tuple[Floats, Floats]:
        """p and 1 − p: that one integrated which keeps its precision, the other from it."""
        above = d_prime > 0
        correct, error = np.empty(d_prime.shape), np.empty(d_prime.shape)
        error[above], correct[~above] = self._error(d_prime[above]), self._correct(d_prime[~above])
        correct[above], error[~above] = 1.0 - error[above], 1.0 - correct[~above]
        return correct, error

    def _log_odds(self, d_prime: Floats) -> tuple[Floats, Floats]:
        """log(p / (1 − p)) and its derivative."""
        correct, error = self._correct_and_error(d_prime)
        return np.log(correct) - np.log(error), self.slope(d_prime) / correct / error

    @cached_property
    def _table(self) -> Table:
        return tabulate(self._log_odds, np.linspace(_LOWEST, _HIGHEST, 401))

    @cached_property
    def _offsets(self) -> Floats:
        step = min(0.25, 0.7 / float(np.sqrt(self.n_intervals)))
        half = int(np.ceil(_HALF_RANGE / step))
        return np.asarray(step * np.arange(-half, half + 1))

    def _integrate(self, log_integrand: LogIntegrand, d_prime: Floats, centre: Floats) -> Floats:
        """The integral over x for each d′, by the trapezoid rule around ``centre``."""
        result = np.empty(d_prime.size)
        step = self._offsets[1] - self._offsets[0]
        for start in range(0, d_prime.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            x = centre.ravel()[block, np.newaxis] + self._offsets
            logs = log_integrand(x, d_prime.ravel()[block, np.newaxis])
            result[block] = np.exp(logs).sum(axis=-1) * step
        return result.reshape(d_prime.shape)


def _log_density(x: Floats) -> Floats:
    return np.asarray(-(x**2) / 2.0 - _LOG_SQRT_2_PI)

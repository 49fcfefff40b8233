"""How the proportion correct grows with d′: the closed forms, one class per kind of curve.

Two kinds. In yes/no and two-interval trials the proportion is a normal distribution function of d′
(:class:`NormalCurve`). Where the trial looks the same when the two stimuli change places (ABX,
oddity, duo-trio, tetrad, same-different) it is an even function of d′ and flat at chance
(:class:`EvenCurve`). Choice among m intervals has no closed form: see ``choice``.

Each even curve is written as its error 1 − p, free of cancellation where p is nearly 1, and its
slope, whose integral from 0 is free of cancellation where p is nearly chance. T is Owen's function
(Owen 1956, *Ann. Math. Stat.* 27, 1075–1090), with dT(h, a)/dh = −φ(h) erf(ah/√2) / 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import erf, erfc, ndtr, ndtri, owens_t

from jndlab.analysis.detection.inverse import Floats, Table, solve_rising, tabulate

_SQRT_2, _SQRT_3, _SQRT_6 = np.sqrt([2.0, 3.0, 6.0])
_SQRT_PI = np.sqrt(np.pi)
_POINTS, _WEIGHTS = leggauss(16)
_FARTHEST = 300.0
"""Every curve is 1 to machine precision long before."""
_NEAR = 1.0
"""Up to here the excess over chance comes from the slope, beyond it from the error."""


class Curve(Protocol):
    """The proportion correct as a function of d′: one paradigm, one decision model."""

    @property
    def guess_rate(self) -> float:
        """The proportion correct at d′ = 0."""

    @property
    def signed(self) -> bool:
        """Whether d′ below 0 stands for proportions below chance."""

    def proportion(self, d_prime: Floats) -> Floats:
        """The proportion correct, elementwise; d′ may be infinite."""

    def slope(self, d_prime: Floats) -> Floats:
        """Its derivative by d′, elementwise."""

    def d_prime(self, proportion: Floats) -> Floats:
        """The inverse of :meth:`proportion`, elementwise, for proportions of 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalCurve:
    """p = Φ(d′ · scale)."""

    scale: float
    guess_rate: float = 0.5
    signed: bool = True

    def proportion(self, d_prime: Floats) -> Floats:
        return np.asarray(ndtr(d_prime * self.scale))

    def slope(self, d_prime: Floats) -> Floats:
        return np.asarray(self.scale * _normal_density(d_prime * self.scale))

    def d_prime(self, proportion: Floats) -> Floats:
        return np.asarray(ndtri(proportion) / self.scale)


@dataclass(frozen=True, kw_only=True)
class EvenCurve:
    """An even function of d′, given by its error 1 − p and its slope for d′ ≥ 0.

    ``signed`` curves (chance ½ only) are turned below chance: p(−d′) = 1 − p(d′), a listener who
    is systematically wrong. The others have no d′ for a proportion below chance: it is read as 0,
    the sensitivity that comes nearest.
    """

    guess_rate: float
    signed: bool
    error: Callable[[Floats], Floats] = field(repr=False)
    rise: Callable[[Floats], Floats] = field(repr=False)

    def proportion(self, d_prime: Floats) -> Floats:
        size = np.minimum(np.abs(d_prime), _FARTHEST)
        error, excess = self.error(size), self.excess(size)
        above = np.where(error < 0.5, 1.0 - error, self.guess_rate + excess)
        if not self.signed:
            return above
        return np.where(d_prime < 0, np.where(error < 0.25, error, 0.5 - excess), above)

    def slope(self, d_prime: Floats) -> Floats:
        size = np.minimum(np.abs(d_prime), _FARTHEST)
        return self.rise(size) * (1.0 if self.signed else np.sign(d_prime))

    def excess(self, size: Floats) -> Floats:
        """p − chance for d′ ≥ 0: near 0 the integral of the slope (Gauss–Legendre, 16 points)."""
        near = np.minimum(size, _NEAR)[..., np.newaxis]
        inside = self.rise(near * (_POINTS + 1.0) / 2.0) @ (_WEIGHTS / 2.0) * near[..., 0]
        return np.where(size < _NEAR, inside, 1.0 - self.guess_rate - self.error(size))

    def d_prime(self, proportion: Floats) -> Floats:
        excess, error = proportion - self.guess_rate, 1.0 - proportion
        if self.signed:
            error = np.where(excess < 0, proportion, error)
            size = self._solve(np.abs(excess), error)
            return np.where(excess < 0, -size, size)
        return self._solve(np.maximum(excess, 0.0), error)

    def _solve(self, excess: Floats, error: Floats) -> Floats:
        inner = (excess > 0) & (error > 0)
        ratio = np.log(np.where(inner, excess, 1.0)) - np.log(np.where(inner, error, 1.0))
        size = np.exp(solve_rising(self._log_ratio, ratio, self._table))
        return np.where(inner, size, np.where(error > 0, 0.0, np.inf))

    def _log_ratio(self, log_d_prime: Floats) -> tuple[Floats, Floats]:
        """log(excess / error) and its derivative by log d′: nearly straight near chance."""
        size = np.exp(log_d_prime)
        excess, error = self.excess(size), self.error(size)
        return (
            np.log(excess) - np.log(error),
            size * self.rise(size) * (1.0 / excess + 1.0 / error),
        )

    @cached_property
    def _table(self) -> Table:
        return tabulate(self._log_ratio, np.linspace(np.log(1e-9), np.log(30.0), 641))


def _normal_density(x: Floats) -> Floats:
    return np.asarray(np.exp(-(x**2) / 2.0) / np.sqrt(2.0 * np.pi))


def product_curve(first: float, second: float, *, signed: bool) -> EvenCurve:
    """p = Φ(a)Φ(b) + Φ(−a)Φ(−b) = ½ + ½ erf(a/√2) erf(b/√2) with a, b = d′ · first, second.

    Two decisions, each Φ right on its own, are right together or wrong together.

    >>> curve = product_curve(0.5, 0.5, signed=True)  # same-different, independent observation
    >>> curve.proportion(np.array([0.0, 1.0])).round(4).tolist()
    [0.5, 0.5733]
    """
    a, b = first / _SQRT_2, second / _SQRT_2

    def error(d: Floats) -> Floats:
        missed_a, missed_b = erfc(a * d), erfc(b * d)
        return np.asarray((missed_a + missed_b - missed_a * missed_b) / 2.0)

    def rise(d: Floats) -> Floats:
        of_a, of_b = a * np.exp(-((a * d) ** 2)), b * np.exp(-((b * d) ** 2))
        return np.asarray((of_a * erf(b * d) + of_b * erf(a * d)) / _SQRT_PI)

    return EvenCurve(guess_rate=0.5, signed=signed, error=error, rise=rise)


def owen_curve(weight: float, scale: float, ratio: float, *, guess_rate: float) -> EvenCurve:
    """p = 1 − weight · T(scale · d′, ratio); at d′ = 0 that is 1 − weight · arctan(ratio)/(2π).

    >>> curve = owen_curve(4.0, 1 / np.sqrt(6.0), np.sqrt(3.0), guess_rate=1 / 3)  # oddity
    >>> curve.proportion(np.array([0.0, 1.0])).round(4).tolist()
    [0.3333, 0.418]
    """

    def error(d: Floats) -> Floats:
        return np.asarray(weight * owens_t(scale * d, ratio))

    def rise(d: Floats) -> Floats:
        h = scale * d
        return np.asarray(weight * scale * _normal_density(h) * erf(ratio * h / _SQRT_2) / 2.0)

    return EvenCurve(guess_rate=guess_rate, signed=False, error=error, rise=rise)


def unbiased_differencing_curve() -> EvenCurve:
    """Same-different by the distance of the two observations, at the criterion that errs least.

    "Different" is said beyond the distance k at which both kinds of trial are equally likely:
    cosh(d′k/2) = exp(d′²/4). With hit rate H = Φ((d′−k)/√2) + Φ((−d′−k)/√2) and false-alarm rate
    F = 2Φ(−k/√2), p = ½(H + 1 − F). The slope holds k fixed: at the best k it does not matter.

    >>> unbiased_differencing_curve().proportion(np.array([0.0, 1.0])).round(4).tolist()
    [0.5, 0.5558]
    """

    def criterion(d: Floats) -> Floats:
        exponent = d**2 / 4.0
        # arccosh(exp(y)) = y + log(1 + sqrt(1 - exp(-2y))), which neither overflows nor cancels
        return np.asarray(2.0 / d * (exponent + np.log1p(np.sqrt(-np.expm1(-2.0 * exponent)))))

    def error(d: Floats) -> Floats:
        d = np.maximum(d, 1e-12)
        k = criterion(d)
        missed = ndtr((k - d) / _SQRT_2) - ndtr((-k - d) / _SQRT_2)
        return np.asarray((2.0 * ndtr(-k / _SQRT_2) + missed) / 2.0)

    def rise(d: Floats) -> Floats:
        d = np.maximum(d, 1e-12)
        k = criterion(d)
        return np.asarray(np.exp(-((d - k) ** 2) / 4.0) * -np.expm1(-d * k) / (4.0 * _SQRT_PI))

    return EvenCurve(guess_rate=0.5, signed=False, error=error, rise=rise)


YES_NO = NormalCurve(scale=0.5)
TWO_INTERVAL = NormalCurve(scale=1.0 / float(_SQRT_2))
ABX_INDEPENDENT = product_curve(1.0 / _SQRT_2, 0.5, signed=True)
ABX_DIFFERENCING = product_curve(1.0 / _SQRT_2, 1.0 / _SQRT_6, signed=True)
ABXY = product_curve(1.0 / _SQRT_2, 1.0 / _SQRT_2, signed=True)
FOUR_INTERVAL = product_curve(0.5, 0.5, signed=True)
DUO_TRIO = product_curve(1.0 / _SQRT_2, 1.0 / _SQRT_6, signed=False)
ODDITY = owen_curve(4.0, 1.0 / _SQRT_6, _SQRT_3, guess_rate=1.0 / 3.0)
TETRAD = owen_curve(8.0, 1.0 / _SQRT_2, 1.0 / _SQRT_3, guess_rate=1.0 / 3.0)
SAME_DIFFERENT_INDEPENDENT = product_curve(0.5, 0.5, signed=True)
SAME_DIFFERENT_DIFFERENCING = unbiased_differencing_curve()

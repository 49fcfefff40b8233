"""Quantities of a curve that a profile holds: parameters, the slope, levels at a target.

Each takes the place of one parameter with which it rises: a level at a target that of the
threshold, a slope that of the width. A point then holds its value instead, and all other
parameters are free.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from jndlab.analysis.fits.design import GUESS, LAPSE, LOG_WIDTH, THRESHOLD, Design
from jndlab.analysis.fits.priors import THRESHOLD_SUPPORT
from jndlab.analysis.fits.targets import Target

Floats = NDArray[np.float64]
_FAR = np.array([1.0, 2.0, 4.0, 9.0])
"""How far beyond the tested range a grid of levels reaches, in ranges."""


class Quantity(ABC):
    """A quantity that rises strictly with one parameter, all others being equal."""

    parameter: int
    """The parameter whose place the value takes in a point."""

    @abstractmethod
    def grid(self, limits: Floats) -> Floats:
        """Ascending values over all that there are, for bounds (5, 2) of the parameters."""

    @abstractmethod
    def of(self, points: Floats) -> Floats:
        """Values of the quantity at ordinary points (rows, 5); infinite where there is none."""

    @abstractmethod
    def place(self, points: Floats) -> Floats:
        """The replaced parameter of points that hold a value instead; not finite: no curve."""

    @abstractmethod
    def slopes(self, points: Floats) -> tuple[Floats, Floats]:
        """First (rows, 5) and second (rows, 5, 5) derivatives of ``place`` in the others."""


@dataclass(frozen=True, slots=True)
class Itself(Quantity):
    """A parameter as it is."""

    parameter: int

    def grid(self, limits: Floats) -> Floats:
        low, high = limits[self.parameter]
        if self.parameter == THRESHOLD:
            levels = _levels()
            return np.asarray(levels[(levels >= low) & (levels <= high)])
        if self.parameter == LOG_WIDTH:
            return np.linspace(low, high, 24)
        return np.asarray(low + (high - low) * np.linspace(0.0, 1.0, 15) ** 2)

    def of(self, points: Floats) -> Floats:
        return points[:, self.parameter].copy()

    def place(self, points: Floats) -> Floats:
        return points[:, self.parameter].copy()

    def slopes(self, points: Floats) -> tuple[Floats, Floats]:
        return np.zeros((len(points), 5)), np.zeros((len(points), 5, 5))


@dataclass(frozen=True, slots=True)
class Flatness(Quantity):
    """log(c / \\|slope\\|) with c the slope of a curve of inner width 1 from 0 to 1.

    = log width − log(1 − guess − lapse), plus the log of the threshold's level on a log level.
    """

    design: Design
    parameter: int = LOG_WIDTH

    def grid(self, limits: Floats) -> Floats:
        low, high = limits[LOG_WIDTH]
        if self.design.log_level:
            logs = np.log(self.design.to_level(np.array(THRESHOLD_SUPPORT)))
            low, high = low + logs.min(), high + logs.max()
        return np.linspace(low, high + np.log(4.0), 36)

    def of(self, points: Floats) -> Floats:
        return np.asarray(points[:, LOG_WIDTH] - self._less(points))

    def place(self, points: Floats) -> Floats:
        return np.asarray(points[:, LOG_WIDTH] + self._less(points))

    def slopes(self, points: Floats) -> tuple[Floats, Floats]:
        first, second = np.zeros((len(points), 5)), np.zeros((len(points), 5, 5))
        hearing = 1.0 - points[:, GUESS] - points[:, LAPSE]
        for i in (LAPSE, GUESS):
            first[:, i] = -1.0 / hearing
            for j in (LAPSE, GUESS):
                second[:, i, j] = -1.0 / hearing**2
        if self.design.log_level:
            first[:, THRESHOLD] = -self.design.sign * self.design.scale
        return first, second

    def _less(self, points: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log(1.0 - points[:, GUESS] - points[:, LAPSE])
        if self.design.log_level:
            design = self.design
            value = value - design.sign * (points[:, THRESHOLD] * design.scale + design.origin)
        return np.asarray(value)


@dataclass(frozen=True, slots=True)
class LevelAt(Quantity):
    """The inner level at which the curve reaches a target."""

    design: Design
    target: Target
    parameter: int = THRESHOLD

    def grid(self, limits: Floats) -> Floats:
        return _levels()

    def of(self, points: Floats) -> Floats:
        share = self.target.unscaled(points[:, LAPSE], points[:, GUESS])
        level = points[:, THRESHOLD] + np.exp(points[:, LOG_WIDTH]) * self._widths(share)
        return np.where(share <= 0.0, -np.inf, np.where(share >= 1.0, np.inf, level))

    def place(self, points: Floats) -> Floats:
        share = self.target.unscaled(points[:, LAPSE], points[:, GUESS])
        return np.asarray(points[:, THRESHOLD] - np.exp(points[:, LOG_WIDTH]) * self._widths(share))

    def slopes(self, points: Floats) -> tuple[Floats, Floats]:
        """place = value − width · w(s(lapse, guess)), where w is the inverse sigmoid in widths."""
        first, second = np.zeros((len(points), 5)), np.zeros((len(points), 5, 5))
        share = self.target.unscaled(points[:, LAPSE], points[:, GUESS])
        width = np.exp(points[:, LOG_WIDTH])
        standard, span = self.design.standard, self.design.span
        t = standard.quantile(share)
        density = standard.density(t)
        bend = -standard.curvature(t) / density**3 / span
        by_share, by_rates = 1.0 / (density * span), _share_slopes(self.target, points, share)
        first[:, LOG_WIDTH] = second[:, LOG_WIDTH, LOG_WIDTH] = -width * self._widths(share)
        for i in (LAPSE, GUESS):
            first[:, i] = -width * by_share * by_rates[i,]
            second[:, LOG_WIDTH, i] = second[:, i, LOG_WIDTH] = first[:, i]
            for j in (LAPSE, GUESS):
                mixed = by_rates[min(i, j), max(i, j)]
                second[:, i, j] = -width * (bend * by_rates[i,] * by_rates[j,] + by_share * mixed)
        return first, second

    def largest_lapses(self) -> Floats:
        """Lapse rates with which the curve just gets there, where lapses count; else none."""
        if self.target.lapse_free:
            return np.empty(0)
        probability = self.target.probability
        if probability is None:
            assert self.target.d_prime is not None
            probability = float(ndtr(self.target.d_prime + ndtri(0.05)))
        return np.asarray(np.maximum(1.0 - probability - np.array([0.02, 1e-3, 1e-6]), 0.0))

    def _widths(self, share: Floats) -> Floats:
        """From the threshold to where the sigmoid is ``share``, in widths; nan where it is not."""
        inside = (share > 0.0) & (share < 1.0)
        t = self.design.standard.quantile(np.where(inside, share, 0.5))
        return np.where(inside, (t - self.design.centre) / self.design.span, np.nan)


def _share_slopes(target: Target, points: Floats, share: Floats) -> dict[tuple[int, ...], Floats]:
    """Derivatives of s = (P − guess) / room in lapse and guess rate."""
    lapse, guess = points[:, LAPSE], points[:, GUESS]
    counts = 0.0 if target.lapse_free else 1.0
    room = 1.0 - guess - counts * lapse
    rise, bend = np.zeros_like(guess), np.zeros_like(guess)
    if target.probability is None:  # P = Φ(d′ + z), z = Φ⁻¹(guess)
        assert target.d_prime is not None
        z = ndtri(guess)
        rise = np.exp(-target.d_prime * (z + target.d_prime / 2.0))
        bend = -target.d_prime * rise * np.sqrt(2.0 * np.pi) * np.exp(z * z / 2.0)
    by_lapse = counts * share / room
    by_guess = (rise - 1.0 + share) / room
    return {
        (LAPSE,): by_lapse,
        (GUESS,): by_guess,
        (LAPSE, LAPSE): 2.0 * counts * by_lapse / room,
        (LAPSE, GUESS): (by_lapse + counts * by_guess) / room,
        (GUESS, GUESS): (bend + 2.0 * by_guess) / room,
    }


def _levels() -> Floats:
    """Inner levels, dense over and around the tested range."""
    return np.concatenate([-_FAR[::-1], np.linspace(*THRESHOLD_SUPPORT, 25), 1.0 + _FAR])

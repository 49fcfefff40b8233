"""The best curves among those on which a quantity is held at a value, for many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.climb import climb
from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.likelihood import Counts, prepare
from jndlab.analysis.fits.quantities import Itself, Quantity
from jndlab.analysis.fits.surface import Ground, Surface

Floats = NDArray[np.float64]
_LARGEST = np.array([1e4, 50.0, 1.0, 1.0, 1.0])
"""Beyond these a place is no curve: exponentials overflow."""
_CHUNK_TERMS = 2_000_000
_MOST_ROUNDS = 40
_TOLERANCE = 1e-7
"""Largest rise that is left to climb; profiles need no more, and creeping takes time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSurface(Surface):
    """A surface on which a quantity is held: what the climb needs, for points with its value."""

    quantity: Quantity
    whole: Surface

    @classmethod
    def holding(cls, quantity: Quantity, design: Design, *, use_prior: bool) -> HeldSurface:
        whole = Surface.of(design, use_prior=use_prior)
        return cls(
            design=design,
            use_prior=use_prior,
            free=whole.free[whole.free != quantity.parameter],
            limits=whole.limits,
            quantity=quantity,
            whole=whole,
        )

    def full(self, point: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Ordinary points (rows, 5) of points with a value, and whether there is such a curve."""
        parameter = self.quantity.parameter
        with np.errstate(over="ignore", invalid="ignore"):
            place = self.quantity.place(point)
            good = np.abs(place) <= _LARGEST[parameter]
        points = point.copy()
        points[:, parameter] = np.where(good, place, 0.5)
        return points, good

    def value(self, point: Floats, counts: Counts) -> Floats:
        points, good = self.full(point)
        value = self.whole.value(points, counts)
        return np.where(good & ~np.isnan(value), value, -np.inf)

    def at(self, point: Floats, counts: Counts) -> Ground:
        points, good = self.full(point)
        height, gradient, hessian = self.whole.at(points, counts)
        height = np.where(good & ~np.isnan(height), height, -np.inf)
        parameter = self.quantity.parameter
        if isinstance(self.quantity, Itself):
            keep = self.whole.free != parameter
            return Ground(height, gradient[:, keep], hessian[:, keep][:, :, keep])
        here = int(np.flatnonzero(self.whole.free == parameter)[0])
        others = np.flatnonzero(self.whole.free != parameter)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # where no curve is
            first, second = self.quantity.slopes(point)
        first, second = first[:, self.free], second[:, self.free[:, None], self.free]
        pull, cross = gradient[:, here], hessian[:, others, here]
        mixed = cross[:, :, None] * first[:, None, :]
        bent = hessian[:, others[:, None], others] + mixed + np.swapaxes(mixed, 1, 2)
        bent += hessian[:, here, here][:, None, None] * first[:, :, None] * first[:, None, :]
        bent += pull[:, None, None] * second
        return Ground(height, gradient[:, others] + pull[:, None] * first, bent)


def climb_held(
    surface: HeldSurface, n_correct: Floats, n_trials: Floats, points: Floats
) -> tuple[Floats, Floats]:
    """Tops reached from starts (rows, 5), and their heights; counts (rows, levels).

    The height is −inf where there is no curve with the value held.
    """
    heights, tops = np.full(len(points), -np.inf), points.copy()
    terms = n_correct.shape[1] * (1.0 if surface.design.binomial else float(n_trials.max()))
    size = max(1, int(_CHUNK_TERMS / terms))
    for first in range(0, len(points), size):
        rows = np.arange(first, min(first + size, len(points)))
        counts = prepare(n_correct[rows], n_trials[rows], binomial=surface.design.binomial)
        with np.errstate(over="ignore", invalid="ignore"):
            heights[rows] = surface.value(tops[rows], counts)
            there = np.isfinite(heights[rows])
            climbs = climb(
                surface,
                counts[there],
                tops[rows[there]],
                tolerance=_TOLERANCE,
                most_rounds=_MOST_ROUNDS,
            )
            tops[rows[there]], heights[rows[there]] = climbs.points, climbs.heights
    return heights, tops

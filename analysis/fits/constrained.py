"""The best curves among those on which a quantity is held at a value, for many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.engine import _ascend, _newton_step
from jndlab.analysis.fits.likelihood import Counts, prepare
from jndlab.analysis.fits.quantities import Itself, Quantity
from jndlab.analysis.fits.surface import Surface

Floats = NDArray[np.float64]
_LARGEST = np.array([1e4, 50.0, 1.0, 1.0, 1.0])
"""Beyond these a place is no curve: exponentials overflow."""
_CHUNK_TERMS = 2_000_000
_MOST_ROUNDS = 40
_TOLERANCE = 1e-7
"""Largest rise that is left to climb; profiles need no more, and creeping takes time."""
_LARGEST_STEP = np.array([0.25, 0.7, 0.1, 0.1, 0.2])


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

    def derivatives(self, point: Floats, counts: Counts) -> tuple[Floats, Floats]:
        points, _ = self.full(point)
        gradient, hessian = self.whole.derivatives(points, counts)
        parameter = self.quantity.parameter
        if isinstance(self.quantity, Itself):
            keep = self.whole.free != parameter
            return gradient[:, keep], hessian[:, keep][:, :, keep]
        here = int(np.flatnonzero(self.whole.free == parameter)[0])
        others = np.flatnonzero(self.whole.free != parameter)
        first, second = self.quantity.slopes(point)
        first, second = first[:, self.free], second[:, self.free[:, None], self.free]
        pull, cross = gradient[:, here], hessian[:, others, here]
        mixed = cross[:, :, None] * first[:, None, :]
        bent = hessian[:, others[:, None], others] + mixed + np.swapaxes(mixed, 1, 2)
        bent += hessian[:, here, here][:, None, None] * first[:, :, None] * first[:, None, :]
        bent += pull[:, None, None] * second
        return gradient[:, others] + pull[:, None] * first, bent


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
            _climb(surface, counts[there], tops, heights, rows[there])
    return heights, tops


def _climb(
    surface: HeldSurface,
    counts: Counts,
    tops: Floats,
    heights: Floats,
    rows: NDArray[np.intp],
) -> None:
    """Newton's method as in the engine, for ``rows`` of ``tops`` and ``heights`` in place."""
    low, high = surface.limits[surface.free].T
    for _ in range(_MOST_ROUNDS):
        if rows.size == 0:
            break
        here = tops[rows]
        gradient, hessian = surface.derivatives(here, counts)
        step, promise = _newton_step(here[:, surface.free], gradient, hessian, low, high)
        excess = np.max(np.abs(step) / _LARGEST_STEP[surface.free], axis=1)
        step /= np.maximum(excess, 1.0)[:, None]
        moved, height = _ascend(surface, counts, here, heights[rows], step)
        better = height > heights[rows]
        tops[rows[better]], heights[rows[better]] = moved[better], height[better]
        left = better & (promise > _TOLERANCE)
        rows, counts = rows[left], counts[left]

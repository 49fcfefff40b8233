"""The best curves among those on which a quantity is held at a value, for many at once.

Starts come from a table of curves, the same for all data sets, so that one matrix product rates
them all (the binomial likelihood is good enough for that); from the best, Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import LOG_WIDTH, Design
from jndlab.analysis.fits.engine import climb
from jndlab.analysis.fits.likelihood import Counts, prepare
from jndlab.analysis.fits.priors import WIDEST
from jndlab.analysis.fits.quantities import Itself, Quantity
from jndlab.analysis.fits.surface import Surface, curve_at

Floats = NDArray[np.float64]
_LARGEST = np.array([1e4, 50.0, 1.0, 1.0, 1.0])
"""Beyond these a place is no curve: exponentials overflow."""
_START_RATES = ((0.003, 0.04, 0.15), (0.003, 0.04, 0.2), (0.1,))
"""Of lapse rate, guess rate, overdispersion, where they are estimated."""
_CHUNK_TERMS = 2_000_000
_CHUNK_RATINGS = 4_000_000
_TINY = 1e-300


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
        return np.where(good, self.whole.value(points, counts), -np.inf)

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


def start_points(
    surface: HeldSurface, n_correct: Floats, n_trials: Floats, values: Floats
) -> Floats:
    """The best points of the table with each value held: shape (data sets, values, 5).

    Counts have shape (data sets, levels). Where there is no curve with a value, any point.
    """
    table = _table(surface)
    size = max(1, _CHUNK_RATINGS // (len(table) * len(n_correct)))
    parts = []
    for first in range(0, len(values), size):
        some = values[first : first + size]
        points = np.repeat(table[None], len(some), axis=0)
        points[:, :, surface.quantity.parameter] = some[:, None]
        points = points.reshape(-1, 5)
        full, good = surface.full(points)
        curve = curve_at(surface.design, full)
        log_right = np.log(np.maximum(curve.right, _TINY))
        log_wrong = np.log(np.maximum(curve.wrong, _TINY))
        rating = n_correct @ log_right.T + (n_trials - n_correct) @ log_wrong.T
        if surface.use_prior:
            rating += surface.design.priors.log_density(full)
        rating[:, ~good] = -np.inf
        best = np.argmax(rating.reshape(len(n_correct), len(some), len(table)), axis=2)
        parts.append(points.reshape(len(some), len(table), 5)[np.arange(len(some)), best])
    return np.concatenate(parts, axis=1)


def _table(surface: HeldSurface) -> Floats:
    """Points over all that the other parameters can be, shape (points, 5)."""
    design, (low, high) = surface.design, np.log((surface.design.priors.spacing, WIDEST))
    thresholds, log_widths = np.linspace(-0.46, 1.46, 24), np.linspace(low, high, 12)[1:-1]
    if not surface.use_prior:  # curves that only the priors rule out
        thresholds = np.concatenate([[-7.0, -3.0, -1.2], thresholds, [2.2, 4.0, 8.0]])
        log_widths = np.concatenate([[low - 3.0, low - 1.0], log_widths, [high + 1.0, high + 2.5]])
    axes = [thresholds, np.clip(log_widths, *surface.limits[LOG_WIDTH])]
    for starts, fixed in zip(_START_RATES, design.fixed, strict=True):
        axes.append(np.array(starts if fixed is None else (fixed,)))
    axes[surface.quantity.parameter] = np.zeros(1)
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 5)


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
        there = np.isfinite(surface.value(points[rows], counts))
        if not there.any():
            continue
        modes = climb(surface, counts[there], points[rows[there]])
        heights[rows[there]], tops[rows[there]] = modes.log_posterior, modes.points
    return heights, tops

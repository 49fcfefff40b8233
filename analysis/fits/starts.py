"""Where constrained climbs start: the best places of a table of curves.

The table is the same for all data sets, so that one matrix product rates all of it for all of
them. The surface of held curves often has several tops, so every local maximum of the table
is a candidate, and the highest few are climbed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.constrained import HeldSurface
from jndlab.analysis.fits.design import LAPSE, LOG_WIDTH, OVERDISPERSION, THRESHOLD
from jndlab.analysis.fits.priors import WIDEST
from jndlab.analysis.fits.quantities import LevelAt
from jndlab.analysis.fits.surface import curve_at
from jndlab.analysis.fits.table import local_maxima, step_thresholds

Floats = NDArray[np.float64]
N_STARTS = 4
_RATES = ((0.003, 0.04, 0.15, 0.4), (0.003, 0.04, 0.2))
"""Of lapse rate and guess rate, where they are estimated."""
_OVERDISPERSIONS = (0.0, 0.15)
"""There is often a top at none, and another one."""
_CHUNK_RATINGS = 4_000_000
_TINY = 1e-300


def start_points(
    surface: HeldSurface, n_correct: Floats, n_trials: Floats, values: Floats
) -> Floats:
    """The best places with each value held: shape (data sets, values, starts, 5).

    Counts have shape (data sets, levels). Where there is no curve with a value, any point.
    """
    overdispersion = surface.design.fixed[2]
    if overdispersion is not None or surface.quantity.parameter == OVERDISPERSION:
        return _best_of(surface, n_correct, n_trials, values, overdispersion or 0.0)
    parts = [_best_of(surface, n_correct, n_trials, values, eta) for eta in _OVERDISPERSIONS]
    return np.concatenate(parts, axis=2)


def _best_of(
    surface: HeldSurface, n_correct: Floats, n_trials: Floats, values: Floats, eta: float
) -> Floats:
    """The same of the table with one overdispersion."""
    axes, shifts = _axes(surface)
    axes = [*axes, np.array([eta])]
    table = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 5)
    shift = np.repeat(shifts, len(table) // len(shifts))
    sizes = [len(axis) for axis in axes]
    size = max(1, _CHUNK_RATINGS // (len(table) * len(n_correct)))
    parts = []
    for first in range(0, len(values), size):
        some = values[first : first + size]
        points = np.repeat(table[None], len(some), axis=0)
        points[:, :, surface.quantity.parameter] = some[:, None]
        points[:, :, THRESHOLD] += shift * _widths(surface, points)
        rating = _rate(surface, n_correct, n_trials, points)
        best = _highest(rating.reshape(len(n_correct), len(some), *sizes))
        parts.append(points[np.arange(len(some))[None, :, None], best])
    return np.concatenate(parts, axis=1)


def _rate(surface: HeldSurface, n_correct: Floats, n_trials: Floats, points: Floats) -> Floats:
    """About the heights of points (values, table, 5): shape (data sets, values, table).

    With overdispersion: binomial, each level with the weight that its scatter leaves it.
    """
    full, good = surface.full(points.reshape(-1, 5))
    curve = curve_at(surface.design, full)
    shape = (*points.shape[:2], -1)
    log_right = np.log(np.maximum(curve.right, _TINY)).reshape(shape)
    log_wrong = np.log(np.maximum(curve.wrong, _TINY)).reshape(shape)
    scatter = points[:, 0, OVERDISPERSION] ** 2
    weight = 1.0 / (1.0 + scatter[:, None] * np.maximum(n_trials - 1.0, 0.0)[:, None, :])
    n_wrong = n_trials - n_correct
    rating = np.einsum("dvl,vtl->dvt", n_correct[:, None, :] * weight, log_right, optimize=True)
    rating += np.einsum("dvl,vtl->dvt", n_wrong[:, None, :] * weight, log_wrong, optimize=True)
    if surface.use_prior:
        rating += surface.design.priors.log_density(full).reshape(shape[:2])
    return np.where(good.reshape(shape[:2]), rating, -np.inf)


def _highest(rating: Floats) -> NDArray[np.intp]:
    """Places in the flattened table of the highest local maxima, (data sets, values, starts)."""
    shape = rating.shape
    top = local_maxima(rating.reshape(-1, *shape[2:])).reshape(shape)
    flat = np.where(top, rating, -np.inf).reshape(*rating.shape[:2], -1)
    n_starts = min(N_STARTS, flat.shape[2])
    return np.argpartition(flat, -n_starts, axis=2)[:, :, -n_starts:]


def _widths(surface: HeldSurface, points: Floats) -> Floats:
    full, _ = surface.full(points.reshape(-1, 5))
    return np.exp(full[:, LOG_WIDTH]).reshape(points.shape[:2])


def _axes(surface: HeldSurface) -> tuple[list[Floats], Floats]:
    """Values of the curve's parameters that make the table; the held one has a single place.

    And how far to shift each threshold, in widths.
    """
    design, (low, high) = surface.design, np.log((surface.design.priors.spacing, WIDEST))
    thresholds, shifts = step_thresholds(design, use_prior=surface.use_prior)
    log_widths = np.linspace(low, high, 12)[1:-1]
    if not surface.use_prior:  # curves that only the priors rule out
        log_widths = np.concatenate([[low - 3.0, low - 1.0], log_widths, [high + 1.0, high + 2.5]])
    axes = [thresholds, np.clip(log_widths, *surface.limits[LOG_WIDTH])]
    for starts, fixed in zip(_RATES, design.fixed[:2], strict=True):
        axes.append(np.array(starts if fixed is None else (fixed,)))
    if isinstance(surface.quantity, LevelAt) and design.fixed[0] is None:
        axes[LAPSE] = np.concatenate([axes[LAPSE], surface.quantity.largest_lapses()])
    if surface.quantity.parameter < len(axes):
        axes[surface.quantity.parameter] = np.zeros(1)
    return axes, shifts if len(axes[THRESHOLD]) > 1 else np.zeros(1)

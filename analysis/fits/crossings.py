"""Where the profiles of a quantity have fallen by a given amount, for many data sets at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.constrained import HeldSurface, climb_held
from jndlab.analysis.fits.curves import RATES, FittedCurves
from jndlab.analysis.fits.design import LOG_WIDTH, THRESHOLD
from jndlab.analysis.fits.quantities import Quantity
from jndlab.analysis.fits.starts import start_points

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
_MOST_ROUNDS = 60
_CLOSE = 1e-6
"""How near the root of the deviance must come to the cut."""
_EDGE = 1e-3


def best_heights(curves: FittedCurves, quantity: Quantity, values: Floats) -> tuple[Floats, Floats]:
    """Of the best curve with each value: heights (data sets, values), points (…, 5).

    ``values`` ascend. Starts: a table, and the tops found for the values on either side.
    """
    surface = _surface(curves, quantity)
    starts = start_points(surface, curves.n_correct, curves.n_trials, values)
    mode = np.broadcast_to(curves.modes.points[:, None, None, :], (*starts.shape[:2], 1, 5)).copy()
    mode[..., quantity.parameter] = values[:, None]
    heights, points = _climb_all(curves, surface, np.concatenate([starts, mode], axis=2))
    before, after = np.roll(points, 1, axis=1), np.roll(points, -1, axis=1)
    beside = np.stack([before, after], axis=2)
    beside[..., quantity.parameter] = values[:, None]
    others, other_points = _climb_all(curves, surface, beside)
    better = others > heights
    return np.where(better, others, heights), np.where(better[..., None], other_points, points)


def _climb_all(curves: FittedCurves, surface: HeldSurface, starts: Floats) -> tuple[Floats, Floats]:
    """The highest of the tops above starts (data sets, values, starts, 5), and where it is."""
    rows = np.repeat(np.arange(len(starts)), starts[0, ..., 0].size)
    heights, points = climb_held(
        surface, curves.n_correct[rows], curves.n_trials[rows], starts.reshape(-1, 5)
    )
    heights, points = heights.reshape(starts.shape[:3]), points.reshape(starts.shape)
    best = np.argmax(heights, axis=2)[:, :, None]
    return (
        np.take_along_axis(heights, best, axis=2)[:, :, 0],
        np.take_along_axis(points, best[..., None], axis=2)[:, :, 0],
    )


def crossings(curves: FittedCurves, quantity: Quantity, cut: float) -> Floats:
    """Values (data sets, 2) at which the root of the profile deviance reaches ``cut``.

    Those farthest from each other, on the inner scale; infinite, or the bound of a rate, where
    the deviance does not get so high.
    """
    surface, parameter = _surface(curves, quantity), quantity.parameter
    heights, points = best_heights(curves, quantity, quantity.grid(surface.limits))
    best = curves.modes.points
    best[:, parameter] = quantity.of(curves.modes.points)
    heights = np.column_stack([heights, curves.modes.log_posterior])
    points = np.concatenate([points, best[:, None, :]], axis=1)
    order = np.argsort(points[:, :, parameter], axis=1)
    heights = np.take_along_axis(heights, order, axis=1)
    points = np.take_along_axis(points, order[:, :, None], axis=1)
    top = heights.max(axis=1)
    root = _root(top[:, None], heights) - cut
    inside = root <= 0.0
    last = inside.shape[1] - 1
    bounds = surface.limits[parameter] if parameter in RATES.values() else (-np.inf, np.inf)
    ends = np.repeat(np.array([bounds]), len(top), axis=0)
    outermost = (np.argmax(inside, axis=1), last - np.argmax(inside[:, ::-1], axis=1))
    for side, (outward, final) in enumerate(((-1, 0), (1, last))):
        rows = np.flatnonzero(outermost[side] != final)
        pair = np.stack([outermost[side][rows], outermost[side][rows] + outward])
        found = _cross(curves, surface, rows, top, cut, points[rows, pair], root[rows, pair])
        held = ~_at_the_edge(surface, found)
        ends[rows[held], side] = found[held, parameter]
    return ends


def _at_the_edge(surface: HeldSurface, points: Floats) -> Bools:
    """Points that only the search's own bounds keep from going on: there is no end there."""
    if surface.use_prior or surface.quantity.parameter in RATES.values():
        return np.zeros(len(points), dtype=bool)
    threshold, log_width = surface.full(points)[0][:, [THRESHOLD, LOG_WIDTH]].T
    low, high = surface.limits[THRESHOLD]
    widest = surface.limits[LOG_WIDTH, 1]
    return np.asarray(
        (threshold < low + _EDGE) | (threshold > high - _EDGE) | (log_width > widest - _EDGE)
    )


def _cross(
    curves: FittedCurves,
    surface: HeldSurface,
    rows: Rows,
    top: Floats,
    cut: float,
    brackets: Floats,
    roots: Floats,
) -> Floats:
    """Points where profiles cross the cut between points inside and outside it, (2, rows, 5).

    False position on the root of the deviance, which is nearly a straight line; an end that
    stays twice is given half its weight (Illinois; Dowell & Jarratt 1971, *BIT* 11, 168–174).
    """
    parameter = surface.quantity.parameter
    found, weight = brackets[0].copy(), roots.copy()
    moved_before = np.full(len(rows), -1)
    active = np.arange(len(rows))
    for _ in range(_MOST_ROUNDS):
        if active.size == 0:
            break
        (below, above), (near, far) = weight[:, active], brackets[:, active, parameter]
        share = np.where(np.isfinite(above), -below / (above - below), 0.5)
        middle = near + np.clip(share, 1e-3, 1.0 - 1e-3) * (far - near)
        height, point = _best_between(curves, surface, rows[active], brackets[:, active], middle)
        miss = _root(top[rows[active]], height) - cut
        found[active] = point
        for side in (0, 1):
            hit = (miss > 0.0) == bool(side)
            moved = active[hit]
            weight[1 - side, moved] *= np.where(moved_before[moved] == side, 0.5, 1.0)
            moved_before[moved] = side
            brackets[side, moved], weight[side, moved] = point[hit], miss[hit]
        done = (np.abs(miss) < _CLOSE) | (np.abs(far - near) < 1e-10 * (1.0 + np.abs(middle)))
        active = active[~done]
    return np.asarray(found)


def _best_between(
    curves: FittedCurves, surface: HeldSurface, rows: Rows, brackets: Floats, values: Floats
) -> tuple[Floats, Floats]:
    """Heights and points of the best curves with ``values``, starting from either bracket."""
    starts = np.concatenate([brackets, brackets.mean(axis=0, keepdims=True)]).swapaxes(0, 1)
    starts[..., surface.quantity.parameter] = values[:, None]
    some = replace(curves, n_correct=curves.n_correct[rows], n_trials=curves.n_trials[rows])
    heights, points = _climb_all(some, surface, starts[:, None])
    points[:, 0, surface.quantity.parameter] = values
    return heights[:, 0], points[:, 0]


def _surface(curves: FittedCurves, quantity: Quantity) -> HeldSurface:
    return HeldSurface.holding(quantity, curves.design, use_prior=curves.method != "ml")


def _root(top: Floats, heights: Floats) -> Floats:
    return np.asarray(np.sqrt(2.0 * np.maximum(top - heights, 0.0)))

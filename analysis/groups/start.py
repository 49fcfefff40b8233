"""Where the climb begins: the pooled curve, steepened by a spread chosen from a few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.climb import climb
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.quadrature import QuadratureSurface

Floats = NDArray[np.float64]
_THRESHOLDS = np.linspace(-1.5, 1.5, 13)
_WIDTHS = np.geomspace(0.1, 8.0, 8)
_SPREADS = (0.1, 0.4, 0.9, 1.8)
"""Of the intercept, in standard deviations of the sigmoid as a distribution."""
_START_LAPSES = 0.03
_NORMAL_SPAN = 3.29
_COARSE, _FINE = 9, 21
_SMALL = 0.05


def starting_point(model: Model, *, direction_sign: float) -> Floats:
    """A point from which the climb finds the top; ``direction_sign`` −1 for falling curves.

    Of a model in which two parts vary, from the top of the one in which the first varies.
    """
    bare = replace(model, item=None, n_items=0)
    intercept, slope, rates = _pooled(bare, direction_sign)
    if not model.n_random:
        return carried(_with_spread(bare, intercept, slope, rates, 0.0), bare, model)
    first = bare.with_one_part(0) if model.n_random > 1 else bare
    candidates = np.stack([_with_spread(first, intercept, slope, rates, s) for s in _SPREADS])
    candidates = np.clip(candidates, *first.limits.T)
    surface = QuadratureSurface.of(first, _COARSE)
    point = np.asarray(candidates[int(np.argmax(surface.values(candidates)))])
    if model.n_random > 1:
        surface = QuadratureSurface.of(first, _FINE)
        point = climb(surface, point, tolerance=1e-2, most_steps=15).point
    start = carried(point, first, model)
    for number, (row, column) in enumerate(model.cells):
        if row == column and row > 0:
            start[model.n_fixed + number] = _second_spread(model, row, start)
    if model.item_at is not None:
        start[model.item_at] = 0.5 * max(abs(float(start[model.n_fixed])), 0.1)
    return np.clip(start, *model.limits.T)


def _second_spread(model: Model, row: int, start: Floats) -> float:
    part = model.effects.parts[row]
    if part == "log_width":
        return 0.2
    if part == "slope":
        return 0.2 * abs(float(start[1]))
    return 0.5 * max(abs(float(start[model.n_fixed])), 0.1)


def off_the_edge(model: Model, point: Floats) -> Floats:
    """The point with spreads that vanish made small but real: at 0 the likelihood is level."""
    moved = point.copy()
    for number, (row, column) in enumerate(model.cells):
        at = model.n_fixed + number
        if row == column and abs(moved[at]) < _SMALL:
            moved[at] = 2.0 * _SMALL
    if model.item_at is not None and abs(moved[model.item_at]) < _SMALL:
        moved[model.item_at] = 2.0 * _SMALL
    return moved


def carried(point: Floats, origin: Model, model: Model) -> Floats:
    """A point of one model as the start of another: numbers that the first lacks are 0."""
    known = dict(zip(origin.labels, point, strict=True))
    return off_the_edge(model, np.array([known.get(label, 0.0) for label in model.labels]))


def _pooled(model: Model, direction_sign: float) -> tuple[float, float, list[float]]:
    """Intercept, slope (by inner level) and free rates of one curve for everybody."""
    inner = model.offset * model.sign if model.effects.psychometric else model.fixed_d[..., 1]
    pooled = replace(
        model,
        effects=get_random_effects(None),
        offset=np.zeros_like(model.offset),
        fixed_d=np.stack([np.ones_like(inner), inner], axis=-1),
        fixed_e=np.empty((*inner.shape, 0)),
        random_d=np.empty((*inner.shape, 0)),
        random_e=np.empty((*inner.shape, 0)),
        cells=(),
        item=None,
        n_items=0,
        n_shifts=0,
        n_tilts=0,
    )
    free = [_START_LAPSES] * (pooled.n_free - 2)
    table = np.array(
        [
            [
                -direction_sign * model.standard.span / width * threshold + model.standard.centre,
                direction_sign * model.standard.span / width,
                *free,
            ]
            for threshold in _THRESHOLDS
            for width in _WIDTHS
        ]
    )
    surface = QuadratureSurface.of(pooled, 1)
    best = table[int(np.argmax(surface.values(table)))]
    point = climb(surface, best).point
    return float(point[0]), float(point[1]), [float(rate) for rate in point[2:]]


def _with_spread(
    model: Model, intercept: float, slope: float, rates: list[float], spread: float
) -> Floats:
    """A point whose average curve is about the pooled one, if listeners spread that much.

    Averaging over a normal intercept of SD σ divides slopes by √(1 + σ²) (exact for the normal
    sigmoid; Zeger, Liang & Albert 1988, *Biometrics* 44, 1049–1060).
    """
    unit = model.standard.span / _NORMAL_SPAN
    steeper = float(np.sqrt(1.0 + spread**2))
    centre = model.standard.centre
    slope_here, intercept_here = slope * steeper, centre + (intercept - centre) * steeper
    differences = [0.0] * model.n_shifts, [0.0] * model.n_tilts
    if model.effects.psychometric:
        growth = max(slope_here * model.sign, 0.25 * model.standard.span)
        threshold = float(np.clip((centre - intercept_here) / (growth * model.sign), -2.0, 2.0))
        fixed = [threshold, *differences[0], float(np.log(growth)), *differences[1]]
        size = spread * unit / growth
    else:
        fixed = [intercept_here, slope_here, *differences[0], *differences[1]]
        reach = float(np.max(np.abs(model.random_d))) if model.n_random else 1.0
        size = spread * unit / max(reach, 1.0)
    return np.array([*fixed, *[size] * len(model.cells), *rates])

"""Standard errors from the curvature of the likelihood, and what the curvature cannot tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.climb import climb, differentiate
from jndlab.analysis.groups.cutoffs import chi_square_cutoffs
from jndlab.analysis.groups.laplace import LaplaceSurface
from jndlab.analysis.groups.maximum import Maximum
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.quantities import EDGE, Named

Floats = NDArray[np.float64]


def standard_error(maximum: Maximum, named: Named) -> float:
    """Standard error of a quantity in the unit of the study, by the delta method.

    Numbers at a limit are taken as known. Not a number where the curvature says nothing: a
    spread of 0, a correlation of ±1, data that leave a direction undetermined.
    """
    surface, top = maximum.surface, maximum.top
    low, high = surface.limits.T
    free = (top.point > low) & (top.point < high)
    value, gradient, _ = differentiate(named.quantity, top.point)
    if named.spread and value < EDGE:
        return float("nan")
    if named.name == "correlation" and (abs(value) > 1.0 - EDGE or vanished(maximum)):
        return float("nan")
    information = -top.height.hessian[np.ix_(free, free)]
    values, vectors = np.linalg.eigh(information)
    along = vectors.T @ gradient[free]
    weak = values <= 1e-9 * max(float(values.max(initial=0.0)), 1e-300)
    if np.any(np.abs(along[weak]) > 1e-6):
        return float("nan")
    here, step = float(value), 1e-5 * max(1.0, abs(value))
    unit = (named.read(here + step) - named.read(here - step)) / (2.0 * step)
    return abs(unit) * float(np.sqrt((along[~weak] ** 2 / values[~weak]).sum()))


def vanished(maximum: Maximum) -> list[str]:
    """The parts whose spread is estimated as 0."""
    model = maximum.surface.model
    factor = model.factor(maximum.top.point[None])[0]
    size = np.linalg.norm(factor, axis=1)
    return [part for part, spread in zip(model.effects.parts, size, strict=True) if spread < EDGE]


def correlation_is_free(maximum: Maximum, coverage: float) -> bool:
    """Whether one of the two spreads may be 0, so that their correlation can be anything."""
    surface, top = maximum.surface, maximum.top
    for keep in (0, 1):
        reduced = surface.model.with_one_part(keep)
        rival: QuadratureSurface | LaplaceSurface
        if isinstance(surface, QuadratureSurface):
            rival = QuadratureSurface.of(reduced, 2 * surface.n_nodes)
        else:
            assert isinstance(surface, LaplaceSurface)
            rival = LaplaceSurface.of(reduced, expected=surface.expected)
        best = climb(rival, _start(surface.model, top.point, keep))
        if best.converged and 2.0 * (top.value - best.value) < chi_square_cutoffs(coverage).low:
            return True
    return False


def _start(model: Model, point: Floats, keep: int) -> Floats:
    spread = float(np.linalg.norm(model.factor(point[None])[0, keep]))
    rest = point[model.n_fixed + len(model.cells) :]
    return np.concatenate([point[: model.n_fixed], [max(spread, 0.05)], rest])

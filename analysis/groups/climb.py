"""To the top of a marginal likelihood, or to its highest point where a quantity has a given value.

Newton's method. Steps follow the absolute eigenvalues of the Hessian, so that they lead uphill
where the surface is not concave, and are shortened until it rises. A number at its limit stays
there while its step leads out. A constraint g(point) = value is kept by the steps of sequential
quadratic programming (Nocedal & Wright 2006, *Numerical Optimization*, ch. 18): one step towards
the constraint, one along it with the Hessian of the Lagrange function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.newton import within
from jndlab.analysis.groups.height import Climbable, Height
from jndlab.analysis.groups.quantities import Quantity

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_MOST_STEPS = 100
_TOLERANCE = 1e-10
_NOISE = 2e-4
"""Falls that quadrature error alone may cause. The gradient is that of the exact integral, so
that steps towards where it vanishes are right all the same."""
_GOOD_ENOUGH = 1e-5
"""Promised rise at which a climb that is stuck in that noise still counts as arrived."""
_LARGEST_STEP = 1.0
_ESCAPE, _MOST_ESCAPES = 0.15, 3
_UPWARD = 0.02
"""Curvature along which a step of the escape's length would rise by more than noise."""
_DIFFERENCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """The quantity that is held, and where."""

    quantity: Quantity
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Where the climb ended."""

    point: Floats
    height: Height
    converged: bool
    multiplier: float
    """Derivative of the height by the constraint's value; 0 without constraint."""
    n_steps: int

    @property
    def value(self) -> float:
        return self.height.value


class _Bend(NamedTuple):
    """The constraint at a point: how far off, its slope and its curvature."""

    gap: float
    gradient: Floats
    hessian: Floats


class _Step(NamedTuple):
    """Where to go, the rise it promises along the constraint, and the constraint's multiplier."""

    move: Floats
    promise: float
    multiplier: float
    escape: Floats | None
    """A direction in which the surface curves upwards: no top, if the slope vanishes here."""


def climb(
    surface: Climbable,
    start: Floats,
    *,
    constraint: Constraint | None = None,
    modes: Floats | None = None,
    tolerance: float = _TOLERANCE,
    most_steps: int = _MOST_STEPS,
) -> Top:
    """The top that steps from ``start`` reach; ``modes`` belong to the start.

    ``tolerance`` is the largest rise that a further step may promise.
    """
    low, high = surface.limits.T
    point = np.clip(start, low, high)
    here = surface.at(point, modes)
    shrink, step = 1.0, _Step(np.zeros_like(point), np.inf, 0.0, None)
    escapes = 0
    for n_steps in range(most_steps):
        bend = _bend(constraint, point)
        gap = 0.0 if bend is None or constraint is None else bend.gap / (1 + abs(constraint.value))
        step = _step(point, here, bend, low, high)
        if abs(gap) < 1e-9 and step.promise < (tolerance if shrink == 1.0 else _GOOD_ENOUGH):
            if step.escape is None or escapes == _MOST_ESCAPES:
                return Top(
                    point=point,
                    height=here,
                    converged=True,
                    multiplier=step.multiplier,
                    n_steps=n_steps,
                )
            # A saddle, such as the edge where a spread is 0: the way on is to either side.
            escapes += 1
            point = within(point + _ESCAPE * step.escape, low, high)
            here = surface.at(point, here.modes)
            continue
        if shrink < 1e-9:
            break
        size = max(float(np.max(np.abs(step.move))), 1e-300)
        trial = point + step.move * shrink * min(1.0, _LARGEST_STEP / size)
        trial = within(trial, low, high)
        there = surface.at(trial, here.modes)
        gain = there.value - here.value
        if constraint is not None and bend is not None:
            miss = abs(float(constraint.quantity(trial[None])[0]) - constraint.value)
            gain -= (2.0 * abs(step.multiplier) + 1.0) * (miss - abs(bend.gap))
        if np.isfinite(there.value) and gain > -max(_NOISE, tolerance):
            point, here, shrink = trial, there, min(1.0, shrink * 4.0)
        else:
            shrink /= 4.0
    return Top(
        point=point,
        height=here,
        converged=False,
        multiplier=step.multiplier,
        n_steps=most_steps,
    )


def differentiate(quantity: Quantity, point: Floats) -> tuple[float, Floats, Floats]:
    """Value, gradient and Hessian of a quantity by central differences, in one call."""
    size = len(point)
    moves = np.eye(size) * _DIFFERENCE * np.maximum(1.0, np.abs(point))
    rows, columns = np.tril_indices(size)
    plus, minus = moves[rows] + moves[columns], moves[rows] - moves[columns]
    stencil = np.concatenate([np.zeros((1, size)), moves, -moves, plus, minus, -plus, -minus])
    values = quantity(point + stencil)
    up, down = values[1 : size + 1], values[size + 1 : 2 * size + 1]
    corners = values[2 * size + 1 :].reshape(4, -1)
    step = moves.diagonal()
    hessian = np.zeros((size, size))
    entry = (corners[0] - corners[1] + corners[2] - corners[3]) / (4.0 * step[rows] * step[columns])
    hessian[rows, columns] = hessian[columns, rows] = entry
    return float(values[0]), (up - down) / (2.0 * step), hessian


def _bend(constraint: Constraint | None, point: Floats) -> _Bend | None:
    if constraint is None:
        return None
    value, gradient, hessian = differentiate(constraint.quantity, point)
    return _Bend(constraint.value - value, gradient, hessian)


def _step(point: Floats, here: Height, bend: _Bend | None, low: Floats, high: Floats) -> _Step:
    """The next step; numbers at a limit that it would lead out of are held."""
    held = np.zeros(len(point), dtype=bool)
    for _ in range(len(point)):
        step = _free_step(here, bend, ~held)
        out = ((point <= low) & (step.move < 0.0)) | ((point >= high) & (step.move > 0.0))
        if not out.any():
            return step
        held |= out
    return _free_step(here, bend, ~held)


def _free_step(here: Height, bend: _Bend | None, free: Bools) -> _Step:
    """The step of the ``free`` numbers alone."""
    slope, hessian = here.gradient[free], here.hessian[np.ix_(free, free)]
    move, towards = np.zeros(len(free)), np.zeros(len(slope))
    basis, multiplier = np.eye(len(slope)), 0.0
    if bend is not None and np.any(bend.gradient[free]):
        normal = bend.gradient[free]
        length = float(normal @ normal)
        multiplier = float(slope @ normal) / length
        towards = normal * bend.gap / length
        hessian = hessian - multiplier * bend.hessian[np.ix_(free, free)]
        basis = np.linalg.qr(normal[:, None], mode="complete")[0][:, 1:]
    along, promise, upward = _newton(
        basis.T @ (slope + hessian @ towards), basis.T @ hessian @ basis
    )
    move[free] = towards + basis @ along
    if upward is not None:
        escape = np.zeros(len(free))
        escape[free] = basis @ upward
        return _Step(move, promise, multiplier, escape)
    return _Step(move, promise, multiplier, None)


def _newton(gradient: Floats, hessian: Floats) -> tuple[Floats, float, Floats | None]:
    """A step along the absolute eigenvalues, the rise it promises, and the way up from a saddle."""
    if not len(gradient):
        return gradient, 0.0, None
    values, vectors = np.linalg.eigh(hessian)
    upward = vectors[:, -1] if values[-1] > _UPWARD else None
    size = np.abs(values)
    size = np.maximum(size, 1e-10 * size.max() + 1e-8)
    along = vectors.T @ gradient
    return vectors @ (along / size), float(0.5 * (along**2 / size).sum()), upward

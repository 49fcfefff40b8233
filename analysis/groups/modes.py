"""Each listener's most likely deviation z given the population: Newton's method, all at once.

The mode of log f(z) = Σ ℓ(η(z)) − ½ z′z for every point and listener: the middle of a quadrature
grid, which need not be known to more than a thousandth. With guessing the surface need not be
concave far from its top, so steps follow the absolute eigenvalues of the Hessian and are shortened
until they lead uphill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.predictor import fixed_part
from jndlab.analysis.groups.terms import Rates, eta_terms
from jndlab.sigmoids import Sigmoid

Floats = NDArray[np.float64]
_MOST_ITERATIONS = 60
_TOLERANCE = 1e-3
_LARGEST_STEP = 3.0
_SHORTEST = 1e-8


class Modes(NamedTuple):
    """Of every point and listener: z of shape (points, listeners, parts), and −∂² log f there."""

    z: Floats
    hessian: Floats


def find_modes(model: Model, points: Floats, start: Floats | None = None) -> Modes:
    """Modes at ``points`` (points, free), from ``start`` or from the population's average."""
    shape = (len(points), model.n_listeners, model.n_random)
    size = shape[2]
    z = np.zeros(shape) if start is None else np.broadcast_to(start, shape).copy()
    if size == 0:
        return Modes(z, np.empty((*shape, 0)))
    pairs = _Pairs.of(model, points)
    flat = z.reshape(-1, size)
    here = pairs.slopes(flat)
    hessian = here.hessian.copy()
    active, shrink = np.arange(len(flat)), np.ones(len(flat))
    for _ in range(_MOST_ITERATIONS):
        step = _step(here) * shrink[:, None]
        moving = np.max(np.abs(step), axis=1) > np.where(shrink < 1.0, _SHORTEST, _TOLERANCE)
        if not moving.all():
            active, shrink, step = active[moving], shrink[moving], step[moving]
            here, pairs = here.some(moving), pairs.some(moving)
            if not active.size:
                break
        there = pairs.slopes(flat[active] + step)
        better = there.value <= here.value + 1e-12 * (1.0 + np.abs(here.value))
        flat[active[better]] += step[better]
        hessian[active[better]] = there.hessian[better]
        here = here.replaced(there, better)
        shrink = np.where(better, np.minimum(1.0, 4.0 * shrink), 0.25 * shrink)
    return Modes(flat.reshape(shape), hessian.reshape(*shape, size))


class _Slopes(NamedTuple):
    """Of −log f; the first axis is that of pairs of point and listener."""

    value: Floats
    gradient: Floats
    hessian: Floats

    def some(self, kept: NDArray[np.bool_]) -> _Slopes:
        return _Slopes(self.value[kept], self.gradient[kept], self.hessian[kept])

    def replaced(self, other: _Slopes, where: NDArray[np.bool_]) -> _Slopes:
        return _Slopes(
            np.where(where, other.value, self.value),
            np.where(where[:, None], other.gradient, self.gradient),
            np.where(where[:, None, None], other.hessian, self.hessian),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pairs:
    """Rows of pairs of point and listener, shape (pairs, rows, …): what log f is made of."""

    standard: Sigmoid
    correct: Floats
    wrong: Floats
    d: Floats
    e: Floats | None
    by_z_d: Floats
    """∂d by z, shape (pairs, rows, parts); constant. Likewise of ε."""
    by_z_e: Floats | None
    guess: Floats
    lapse: Floats

    @classmethod
    def of(cls, model: Model, points: Floats) -> _Pairs:
        n_points, n_listeners = len(points), model.n_listeners
        rows = model.correct.shape[1]
        fixed, factor = fixed_part(model, points), model.factor(points)[:, None]
        rates = model.rates(points, 0)

        def each(values: Floats, *shape: int) -> Floats:
            whole = np.broadcast_to(values, (n_points, n_listeners, *shape))
            return whole.reshape(-1, *shape)

        def by_point(rate: Floats | float) -> Floats:
            one = np.broadcast_to(np.asarray(rate, dtype=float), n_points)
            return np.repeat(one, n_listeners)[:, None]

        size = model.n_random
        return cls(
            standard=model.standard,
            correct=each(model.correct, rows),
            wrong=each(model.wrong, rows),
            d=each(fixed.d[:, :, 0], rows),
            e=None if fixed.e is None else each(fixed.e[:, :, 0], rows),
            by_z_d=each(model.random_d @ factor, rows, size),
            by_z_e=None if fixed.e is None else each(model.random_e @ factor, rows, size),
            guess=by_point(rates.guess),
            lapse=by_point(rates.lapse),
        )

    def some(self, kept: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(
            standard=self.standard,
            correct=self.correct[kept],
            wrong=self.wrong[kept],
            d=self.d[kept],
            e=None if self.e is None else self.e[kept],
            by_z_d=self.by_z_d[kept],
            by_z_e=None if self.by_z_e is None else self.by_z_e[kept],
            guess=self.guess[kept],
            lapse=self.lapse[kept],
        )

    def slopes(self, z: Floats) -> _Slopes:
        """−log f of each pair at its z (pairs, parts), with slope and curvature."""
        d = self.d + (self.by_z_d @ z[:, :, None])[:, :, 0]
        eta, by_z = d, self.by_z_d
        growth = None
        if self.e is not None and self.by_z_e is not None:
            e = self.e + (self.by_z_e @ z[:, :, None])[:, :, 0]
            growth = np.exp(np.clip(e, -300.0, 300.0))
            eta = self.standard.centre + growth * d
            by_z = growth[:, :, None] * (by_z + d[:, :, None] * self.by_z_e)
        rates = Rates(guess=self.guess, lapse=self.lapse)
        terms = eta_terms(self.standard, eta, self.correct, self.wrong, rates)
        hessian = (terms.second[:, :, None] * by_z).swapaxes(1, 2) @ by_z
        if growth is not None and self.by_z_e is not None:
            # ∂²η = e^ε (∂d ∂ε + ∂ε ∂d + d ∂ε ∂ε)
            push = (terms.first * growth)[:, :, None] * self.by_z_e
            cross = push.swapaxes(1, 2) @ (self.by_z_d + 0.5 * d[:, :, None] * self.by_z_e)
            hessian = hessian + cross + cross.swapaxes(1, 2)
        return _Slopes(
            value=0.5 * (z**2).sum(axis=1) - terms.value.sum(axis=1),
            gradient=z - (terms.first[:, None, :] @ by_z)[:, 0],
            hessian=np.eye(z.shape[1]) - hessian,
        )


def _step(here: _Slopes) -> Floats:
    """A downhill step of −log f for every pair."""
    if here.hessian.shape[-1] == 1:
        step = -here.gradient / np.maximum(np.abs(here.hessian[..., 0]), 0.1)
    else:
        values, vectors = np.linalg.eigh(here.hessian)
        along = (here.gradient[:, None, :] @ vectors)[:, 0] / np.maximum(np.abs(values), 0.1)
        step = -(vectors @ along[:, :, None])[:, :, 0]
    size = np.max(np.abs(step), axis=-1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, _LARGEST_STEP / np.maximum(size, 1e-300)))

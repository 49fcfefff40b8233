"""Each listener's most likely deviation z given the population: Newton's method, all at once.

The mode of log f(z) = Σ ℓ(η(z)) − ½ z′z for every point and listener. With guessing the surface
need not be concave far from its top, so steps follow the absolute eigenvalues of the Hessian and
are halved until they lead uphill.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.predictor import FixedPart, fixed_part, predict
from jndlab.analysis.groups.terms import Rates, eta_terms

Floats = NDArray[np.float64]
_MOST_ITERATIONS = 60
_TOLERANCE = 1e-9
_LARGEST_STEP = 3.0


class Modes(NamedTuple):
    """Of every point and listener: z of shape (points, listeners, parts), and −∂² log f there."""

    z: Floats
    hessian: Floats


class _Slopes(NamedTuple):
    value: Floats
    gradient: Floats
    hessian: Floats
    """All of −log f."""


def find_modes(model: Model, points: Floats, start: Floats | None = None) -> Modes:
    """Modes at ``points`` (points, free), from ``start`` or from the population's average."""
    shape = (len(points), model.n_listeners, model.n_random)
    z = np.zeros(shape) if start is None else np.broadcast_to(start, shape).copy()
    fixed, factor, rates = fixed_part(model, points), model.factor(points), model.rates(points, 3)
    here = _slopes(model, fixed, factor, rates, z)
    for _ in range(_MOST_ITERATIONS):
        step = _step(here)
        if not step.size or np.max(np.abs(step)) < _TOLERANCE:
            break
        there = _slopes(model, fixed, factor, rates, z + step)
        worse = there.value > here.value + 1e-12 * (1.0 + np.abs(here.value))
        while worse.any() and np.max(np.abs(step[worse])) > _TOLERANCE:
            step[worse] *= 0.25
            there = _slopes(model, fixed, factor, rates, z + step)
            worse = there.value > here.value + 1e-12 * (1.0 + np.abs(here.value))
        z, here = z + step, there
    return Modes(z=z, hessian=here.hessian)


def _slopes(model: Model, fixed: FixedPart, factor: Floats, rates: Rates, z: Floats) -> _Slopes:
    predictor = predict(model, fixed, z[:, :, None, :] @ factor[:, None].swapaxes(2, 3))
    eta = predictor.eta
    terms = eta_terms(
        model.standard, eta, model.correct[:, None, :], model.wrong[:, None, :], rates
    )
    first, second = terms.first[:, :, 0], terms.second[:, :, 0]
    by_z = model.random_d @ factor[:, None]
    bend: Floats | None = None
    if predictor.growth is not None:
        growth, d = predictor.growth[:, :, 0, :, None], predictor.d[:, :, 0, :, None]
        in_e = model.random_e @ factor[:, None]
        if model.n_random > 1:
            push = first[..., None] * growth * in_e
            cross = push.swapaxes(2, 3) @ by_z
            bend = cross + cross.swapaxes(2, 3) + (push * d).swapaxes(2, 3) @ in_e
        by_z = growth * (by_z + d * in_e)
    gradient = (first[:, :, None, :] @ by_z)[:, :, 0]
    hessian = (second[..., None] * by_z).swapaxes(2, 3) @ by_z
    if bend is not None:
        hessian = hessian + bend
    return _Slopes(
        value=0.5 * (z**2).sum(axis=2) - terms.value.sum(axis=(2, 3)),
        gradient=z - gradient,
        hessian=np.eye(model.n_random) - hessian,
    )


def _step(here: _Slopes) -> Floats:
    """A downhill step of −log f for every point and listener."""
    if here.hessian.shape[-1] == 0:
        return here.gradient
    if here.hessian.shape[-1] == 1:
        step = -here.gradient / np.maximum(np.abs(here.hessian[..., 0]), 0.1)
    else:
        values, vectors = np.linalg.eigh(here.hessian)
        along = (here.gradient[..., None, :] @ vectors)[..., 0, :]
        along = along / np.maximum(np.abs(values), 0.1)
        step = -(vectors @ along[..., None])[..., 0]
    size = np.max(np.abs(step), axis=-1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, _LARGEST_STEP / np.maximum(size, 1e-300)))

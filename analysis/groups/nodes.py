"""Where to evaluate each listener's integrand: an even grid over the part that matters.

The integrand f(z) = Π p(k | η(z)) φ(z) of a listener is sharp where there are many trials, broad
where there are few, and half a bell where all responses were correct. Gauss–Hermite nodes placed
by the curvature at the mode (Pinheiro & Bates 1995, *J. Comput. Graph. Stat.* 4, 12–35) converge
slowly in the last case. Evenly spaced ones (trapezoid rule) over the range in which f exceeds e⁻²²
of its maximum converge geometrically in all of them, since f is analytic and vanishes at both
ends (Trefethen & Weideman 2014, *SIAM Review* 56, 385–458).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.modes import Modes, find_modes
from jndlab.analysis.groups.predictor import FixedPart, fixed_part, predict
from jndlab.analysis.groups.terms import Rates, row_values

Floats = NDArray[np.float64]
DROP = 22.0
"""Natural logarithms below the maximum at which the range ends: 6.6 standard deviations."""
_MOST_SEARCHES = 6
_CLOSE, _TOO_FAR = 0.5, 8.0
"""How far from the drop, in logarithms, the ends may be: too far out only costs nodes."""


class Grid(NamedTuple):
    """Nodes and what they stand for; shape (points, listeners, nodes, …)."""

    z: Floats
    log_f: Floats
    """Logarithm of f, without the normal density's constant."""
    log_cell: Floats
    """Logarithm of a node's volume times that constant; shape (points, listeners)."""
    modes: Floats


def grid_of(
    model: Model,
    points: Floats,
    n_nodes: int,
    modes: Floats | None = None,
    *,
    drop: float = DROP,
) -> Grid:
    """The grid of ``n_nodes`` per part of z, for every point (points, free) and listener.

    ``modes`` of shape (listeners, parts) shorten the search for those of the points; ``drop`` in
    place of :data:`DROP` trades accuracy for fewer nodes.
    """
    found = find_modes(model, points, modes)
    integrand = _Integrand(model, points)
    size = model.n_random
    if size == 0:
        z = found.z[:, :, None, :]
        none = np.zeros(found.z.shape[:2])
        return Grid(z, integrand(z), none, found.z)
    axes = _axes(found)
    low, high = _ends(integrand, found.z, axes, drop)
    unit = np.linspace(0.0, 1.0, n_nodes)
    corners = np.meshgrid(*[unit] * size, indexing="ij")
    share = np.stack([corner.ravel() for corner in corners], axis=-1)
    along = low[:, :, None, :] + (high - low)[:, :, None, :] * share
    z = found.z[:, :, None, :] + along @ axes.swapaxes(2, 3)
    cell = np.log((high - low) / (n_nodes - 1)).sum(axis=2)
    cell += np.log(np.abs(np.linalg.det(axes))) - 0.5 * size * np.log(2.0 * np.pi)
    return Grid(z, integrand(z), cell, found.z)


class _Integrand:
    """log f of the listeners at any nodes."""

    def __init__(self, model: Model, points: Floats) -> None:
        self.model = model
        self.fixed: FixedPart = fixed_part(model, points)
        self.factor = model.factor(points)[:, None].swapaxes(2, 3)
        self.rates: Rates = model.rates(points, 3)

    def __call__(self, z: Floats) -> Floats:
        model = self.model
        eta = predict(model, self.fixed, z @ self.factor).eta
        rows = row_values(
            model.standard, eta, model.correct[:, None, :], model.wrong[:, None, :], self.rates
        )
        return np.asarray(rows.sum(axis=3) - 0.5 * (z**2).sum(axis=3))


def _axes(modes: Modes) -> Floats:
    """Principal axes of the curvature at the mode, each one standard deviation long, as columns."""
    if modes.hessian.shape[-1] == 1:
        return np.asarray(1.0 / np.sqrt(np.maximum(modes.hessian, 1e-2)))
    values, vectors = np.linalg.eigh(modes.hessian)
    return np.asarray(vectors / np.sqrt(np.maximum(values, 1e-2))[..., None, :])


def _ends(integrand: _Integrand, z: Floats, axes: Floats, enough: float) -> tuple[Floats, Floats]:
    """How far to go from the mode along each axis, down and up, until f has dropped enough."""
    size = z.shape[2]
    columns = axes.swapaxes(2, 3)
    directions = np.concatenate([-columns, columns], axis=2)
    top = integrand(z[:, :, None, :])
    reach = np.full(directions.shape[:3], np.sqrt(2.0 * enough))
    near, far = np.zeros_like(reach), np.full_like(reach, np.inf)
    for _ in range(_MOST_SEARCHES):
        drop = top - integrand(z[:, :, None, :] + reach[..., None] * directions)
        good = (drop > enough - _CLOSE) & (drop < enough + _TOO_FAR)
        if np.all(good):
            break
        near, far = np.where(drop < enough, reach, near), np.where(drop < enough, far, reach)
        # Exact where f is normal; halve the bracket where that would lead out of its middle.
        guess = reach * np.sqrt(enough / np.maximum(drop, 0.1 * enough))
        end = np.minimum(far, 4.0 * reach)
        inside = (guess > near + 0.05 * (end - near)) & (guess < end - 0.05 * (end - near))
        reach = np.where(good, reach, np.where(inside, guess, 0.5 * (near + end)))
    else:
        # Where the search was cut short, rather too far than not far enough.
        reach = np.where(good | ~np.isfinite(far), reach, far)
    return -reach[..., :size], reach[..., size:]

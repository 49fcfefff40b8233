"""The marginal log-likelihood by Laplace's approximation, jointly over listeners and items.

log L ≈ F(b̂) − ½ log |−∂²F(b̂)| at the joint mode b̂ of all random effects (:mod:`…groups.joint`), as
glmmTMB has it (Kristensen, Nielsen, Berg, Skaug & Bell 2016, *J. Stat. Softw.* 70, 5). With
the expected instead of the observed curvature in the determinant it is what lme4 calls nAGQ = 1
(they differ unless the link is canonical). The gradient is exact but for central differences of the
determinant along (point, b̂(point)); the Hessian is that of the gradient by differences.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.height import Conditional, Height, add_prior
from jndlab.analysis.groups.joint import (
    Effects,
    Joint,
    JointDensity,
    conditional_moments,
    find_joint_modes,
    log_determinant,
    solve,
)
from jndlab.analysis.groups.model import Model

Floats = NDArray[np.float64]
_STEP = 1e-4
_HESSIAN_STEP = 1e-3
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LaplaceSurface:
    """Laplace's approximation of the marginal log-likelihood of one model."""

    model: Model
    expected: bool = False
    """lme4's variant: expected curvature in the determinant."""
    density: JointDensity = field(repr=False)

    @classmethod
    def of(cls, model: Model, *, expected: bool = False) -> LaplaceSurface:
        return cls(model=model, expected=expected, density=JointDensity(model))

    @property
    def limits(self) -> Floats:
        return self.model.limits

    def at(self, point: Floats, modes: Floats | None = None) -> Height:
        """Value, gradient and Hessian; ``modes`` of a nearby point shorten the search."""
        size = len(point)
        start = None if modes is None else self._unpack(modes)
        effects, here = find_joint_modes(self.density, point[None], start)
        value = here.value[0] - 0.5 * self._log_determinant(here)[0]
        step = _HESSIAN_STEP * np.maximum(1.0, np.abs(point))
        low, high = self.limits.T
        up = np.minimum(point + step, high) - point
        down = point - np.maximum(point - step, low)
        around = np.concatenate([point[None], point + np.diag(up), point - np.diag(down)])
        gradients = self._gradients(around, effects)
        rows = (gradients[1 : size + 1] - gradients[size + 1 :]) / (up + down)[:, None]
        height = Height(float(value), gradients[0], 0.5 * (rows + rows.T), self._pack(effects))
        return add_prior(self.model, point, height)

    def adapted(self, point: Floats) -> LaplaceSurface:
        """Itself: there is no grid to refine."""
        return self

    def log_likelihood(self, point: Floats) -> float:
        """Without binomial coefficients and without prior."""
        _, here = find_joint_modes(self.density, point[None])
        return float(here.value[0] - 0.5 * self._log_determinant(here)[0])

    def conditional(self, point: Floats) -> Conditional:
        """Modes and inverse curvature of the random effects."""
        effects, here = find_joint_modes(self.density, point[None])
        return Conditional(*conditional_moments(here, effects))

    def _gradients(self, points: Floats, start: Effects) -> Floats:
        """Gradients at ``points`` (points, free), in pieces that bound the memory."""
        per_point = 2 * points.shape[1] * self.model.correct.size * (self.model.n_items + 4)
        size = max(1, _CHUNK // per_point)
        pieces = [
            self._gradients_of(points[first : first + size], start)
            for first in range(0, len(points), size)
        ]
        return np.concatenate(pieces)

    def _gradients_of(self, points: Floats, start: Effects) -> Floats:
        n_points, size = points.shape
        many = Effects(*(np.repeat(part, n_points, axis=0) for part in start))
        effects, here = find_joint_modes(self.density, points, many)
        step = _STEP * np.maximum(1.0, np.abs(points))
        moves = step[:, :, None] * np.eye(size)
        both = np.concatenate([points[:, None] + moves, points[:, None] - moves], axis=1)
        flat = both.reshape(-1, size)
        repeated = Effects(*(np.repeat(part, 2 * size, axis=0) for part in effects))
        beside = self.density.at(flat, repeated)
        values = beside.value.reshape(n_points, 2, size)
        explicit = (values[:, 0] - values[:, 1]) / (2.0 * step)
        # How the mode moves with each number: (−∂²F)⁻¹ ∂²F/∂b∂point.
        change = Effects(*(_halves(part, n_points, size) for part in beside.slope))
        curvature = here.observed._replace(
            **{
                name: np.repeat(getattr(here.observed, name), size, axis=0)
                for name in here.observed._fields
            }
        )
        drift = solve(curvature, change)
        signs = np.tile(np.repeat([0.5, -0.5], size), n_points)
        moved = repeated.moved(Effects(*(_both(part, n_points, size) for part in drift)), signs)
        determinants = self._log_determinant(self.density.at(flat, moved))
        determinants = determinants.reshape(n_points, 2, size)
        return np.asarray(explicit - 0.25 * (determinants[:, 0] - determinants[:, 1]) / step)

    def _log_determinant(self, joint: Joint) -> Floats:
        return log_determinant(joint.expected if self.expected else joint.observed)

    def _pack(self, effects: Effects) -> Floats:
        return np.concatenate([effects.z[0].ravel(), effects.v[0]])

    def _unpack(self, modes: Floats) -> Effects:
        model = self.model
        n_z = model.n_listeners * model.n_random
        z = modes[:n_z].reshape(1, model.n_listeners, model.n_random)
        return Effects(z, modes[None, n_z:])


def _halves(part: Floats, n_points: int, size: int) -> Floats:
    """The difference of what is up and what is down, one entry per point and number."""
    pairs = part.reshape(n_points, 2, size, *part.shape[1:])
    return (pairs[:, 0] - pairs[:, 1]).reshape(n_points * size, *part.shape[1:])


def _both(part: Floats, n_points: int, size: int) -> Floats:
    """One entry per point and number, for up and for down."""
    pairs = part.reshape(n_points, 1, size, *part.shape[1:])
    return np.repeat(pairs, 2, axis=1).reshape(n_points * 2 * size, *part.shape[1:])

"""All random effects at once: listeners and items crossed, their mode and the curvature there.

With crossed items the listeners are no longer independent: the joint log density is
F = Σ ℓ(η) − ½ Σ z′z − ½ Σ v². Its negative Hessian has one small block A per listener, a diagonal
C of the items and a border B between them, so that it is solved, and its determinant taken,
through the Schur complement C − Σ B′A⁻¹B of the items.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.predictor import fixed_part, predict
from jndlab.analysis.groups.terms import EtaTerms, eta_terms, expected_second

Floats = NDArray[np.float64]
_MOST_ITERATIONS = 100
_TOLERANCE = 1e-9


class Effects(NamedTuple):
    """Standardised effects of the points: listeners (points, listeners, parts), items (points,
    items)."""

    z: Floats
    v: Floats

    def moved(self, step: Effects, by: Floats) -> Effects:
        """These effects and a step times ``by`` (points,)."""
        z = self.z + by[:, None, None] * step.z
        return Effects(np.asarray(z), np.asarray(self.v + by[:, None] * step.v))


class Curvature(NamedTuple):
    """Blocks of −∂²F, or of its expectation."""

    listeners: Floats
    """A, shape (points, listeners, parts, parts)."""
    border: Floats
    """B, shape (points, listeners, parts, items)."""
    schur: Floats
    """C − Σ B′A⁻¹B, shape (points, items, items)."""


class Joint(NamedTuple):
    """F with its slope and curvature; the first axis is that of the points."""

    value: Floats
    slope: Effects
    observed: Curvature
    expected: Curvature


class JointDensity:
    """F of one model, for many points at once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        shape = model.correct.shape
        self.one_hot = np.zeros((*shape, model.n_items))
        if model.item is not None:
            rows, columns = np.indices(shape)
            self.one_hot[rows, columns, model.item] = 1.0
        self._flat = self.one_hot.reshape(model.correct.size, model.n_items)
        self._outward = -model.sign if model.effects.psychometric else 1.0

    def start(self, n_points: int) -> Effects:
        """Everybody and everything average."""
        model = self.model
        return Effects(
            np.zeros((n_points, model.n_listeners, model.n_random)),
            np.zeros((n_points, model.n_items)),
        )

    def value(self, points: Floats, effects: Effects) -> Floats:
        """F alone, shape (points,)."""
        _, _, terms = self._terms(points, effects)
        penalty = (effects.z**2).sum(axis=(1, 2)) + (effects.v**2).sum(axis=1)
        return np.asarray(terms.value.sum(axis=(1, 2)) - 0.5 * penalty)

    def at(self, points: Floats, effects: Effects) -> Joint:
        """F with slope and curvature in the effects."""
        model = self.model
        growth, d, terms = self._terms(points, effects)
        factor = model.factor(points)[:, None]
        in_d, in_e = model.random_d @ factor, model.random_e @ factor
        by_z = growth[..., None] * (in_d + d[..., None] * in_e)
        by_v = growth * self._item_scale(points)
        slope = Effects(
            np.asarray(np.einsum("bir,birq->biq", terms.first, by_z) - effects.z),
            np.asarray(self._per_item(terms.first * by_v) - effects.v),
        )
        # ∂²η: of z with z, and of z with v.
        push = (terms.first * growth)[..., None] * in_e
        bend = push.swapaxes(2, 3) @ (in_d + d[..., None] * in_e) + in_d.swapaxes(2, 3) @ push
        twist = push * self._item_scale(points)[..., None]
        expected = expected_second(
            model.standard,
            self._eta(points, effects),
            model.correct,
            model.wrong,
            model.rates(points, 2),
        )
        return Joint(
            value=self.value(points, effects),
            slope=slope,
            observed=self._curvature(terms.second, by_z, by_v, bend, twist),
            expected=self._curvature(expected, by_z, by_v, 0.0 * bend, 0.0 * twist),
        )

    def _eta(self, points: Floats, effects: Effects) -> Floats:
        return self._predict(points, effects)[2]

    def _predict(self, points: Floats, effects: Effects) -> tuple[Floats, Floats, Floats]:
        """e^ε, d and η, shape (points, listeners, rows)."""
        model = self.model
        shift = None
        if model.item is not None:
            shift = (self._item_scale(points) * effects.v[:, model.item])[:, :, None, :]
        lower = model.factor(points)[:, None]
        deviations = effects.z[:, :, None, :] @ lower.swapaxes(2, 3)
        predictor = predict(model, fixed_part(model, points), deviations, shift)
        growth = np.ones_like(predictor.d) if predictor.growth is None else predictor.growth
        full = np.broadcast_to(growth, predictor.eta.shape)
        return full[:, :, 0], predictor.d[:, :, 0], predictor.eta[:, :, 0]

    def _terms(self, points: Floats, effects: Effects) -> tuple[Floats, Floats, EtaTerms]:
        model = self.model
        growth, d, eta = self._predict(points, effects)
        rates = model.rates(points, 2)
        return growth, d, eta_terms(model.standard, eta, model.correct, model.wrong, rates)

    def _item_scale(self, points: Floats) -> Floats:
        """What a unit of v adds to d, shape (points, 1, 1)."""
        at = self.model.item_at
        scale = np.zeros(len(points)) if at is None else self._outward * points[:, at]
        return np.asarray(scale[:, None, None])

    def _per_item(self, values: Floats) -> Floats:
        return np.asarray(values.reshape(len(values), -1) @ self._flat)

    def _curvature(
        self, second: Floats, by_z: Floats, by_v: Floats, bend: Floats, twist: Floats
    ) -> Curvature:
        weighted = second[..., None] * by_z
        size = by_z.shape[3]
        listeners = np.eye(size) - weighted.swapaxes(2, 3) @ by_z - bend
        border = -(weighted * by_v[..., None] + twist).swapaxes(2, 3) @ self.one_hot
        items = 1.0 - self._per_item(second * by_v**2)
        inner = np.linalg.solve(listeners, border)
        schur = items[:, :, None] * np.eye(items.shape[1])
        return Curvature(listeners, border, schur - np.einsum("biqj,biqk->bjk", border, inner))


def log_determinant(curvature: Curvature) -> Floats:
    """log |−∂²F|, shape (points,)."""
    blocks = np.linalg.slogdet(curvature.listeners)[1].sum(axis=1)
    return np.asarray(blocks + np.linalg.slogdet(curvature.schur)[1])


def solve(curvature: Curvature, slope: Effects) -> Effects:
    """(−∂²F)⁻¹ times a slope."""
    inner = np.linalg.solve(curvature.listeners, slope.z[..., None])
    right = slope.v - np.einsum("biqj,biq->bj", curvature.border, inner[..., 0])
    v = np.linalg.solve(curvature.schur, right[..., None])[..., 0]
    rest = slope.z[..., None] - (curvature.border @ v[:, None, :, None])
    return Effects(np.asarray(np.linalg.solve(curvature.listeners, rest)[..., 0]), np.asarray(v))


def find_joint_modes(
    density: JointDensity, points: Floats, start: Effects | None = None
) -> tuple[Effects, Joint]:
    """The effects at which F is largest, for every point, with F there.

    Newton steps; where the observed curvature is not positive definite, the expected one leads.
    """
    effects = density.start(len(points)) if start is None else start
    here = density.at(points, effects)
    for _ in range(_MOST_ITERATIONS):
        curvature = here.observed if _is_positive(here.observed) else here.expected
        step = solve(curvature, here.slope)
        size = np.maximum(
            np.abs(step.z).max(axis=(1, 2), initial=0.0), np.abs(step.v).max(axis=1, initial=0.0)
        )
        if float(size.max(initial=0.0)) < _TOLERANCE:
            break
        by = np.minimum(1.0, 3.0 / np.maximum(size, 1e-300))
        trial = effects.moved(step, by)
        worse = density.value(points, trial) < here.value - 1e-10 * (1.0 + np.abs(here.value))
        while worse.any() and float((by * size)[worse].max()) > _TOLERANCE:
            by = np.where(worse, 0.25 * by, by)
            trial = effects.moved(step, by)
            worse = density.value(points, trial) < here.value - 1e-10 * (1.0 + np.abs(here.value))
        effects, here = trial, density.at(points, trial)
    return effects, here


def _is_positive(curvature: Curvature) -> bool:
    try:
        np.linalg.cholesky(curvature.listeners)
        np.linalg.cholesky(curvature.schur)
    except np.linalg.LinAlgError:
        return False
    return True


def conditional_moments(joint: Joint, effects: Effects) -> tuple[Floats, Floats, Floats, Floats]:
    """Mode and covariance of each listener's z, mode and SD of each item's v, of the first point.

    Shapes (listeners, parts), (listeners, parts, parts), (items,), (items,).
    """
    curvature = joint.observed
    inverse = np.linalg.inv(curvature.listeners[0])
    items = np.linalg.inv(curvature.schur[0])
    border = inverse @ curvature.border[0]
    covariance = inverse + border @ items @ border.swapaxes(1, 2)
    return effects.z[0], covariance, effects.v[0], np.sqrt(np.diagonal(items))

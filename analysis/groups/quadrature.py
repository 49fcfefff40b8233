"""The marginal log-likelihood by adaptive quadrature, with exact derivatives.

Listener i contributes log ∫ Π p(k | η(z)) φ(z) dz, a sum over the listener's own grid
(:mod:`jndlab.analysis.groups.nodes`). Derivatives follow from the same nodes: the gradient is the
conditional mean of the complete-data score (Fisher's identity), the Hessian the conditional mean of
the complete-data Hessian plus the conditional covariance of the score (Louis 1982, *J. R. Stat.
Soc. B* 44, 226–233).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from jndlab.analysis.groups.counts import Integers
from jndlab.analysis.groups.height import Conditional, Height, add_prior
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.nodes import DROP, Grid, grid_of
from jndlab.analysis.groups.predictor import Predictor, fixed_part, free_columns, predict
from jndlab.analysis.groups.terms import EtaTerms, RateTerms, eta_terms, rate_terms

Floats = NDArray[np.float64]
_CHUNK = 1_000_000
"""Numbers in the largest array of a piece of the work: bounds the memory."""
_LADDER = {0: (1,), 1: (21, 41, 81, 161, 321), 2: (13, 17, 25, 37, 55, 81)}
"""Nodes per part, by number of parts."""
_ACCURACY_EACH = 1e-5
"""Change of a listener's part of the log-likelihood on halving the spacing that is small enough."""
_NEGLIGIBLE = 1e-8
"""Share of the heaviest node's weight below which one is left out of the derivatives."""


class Piece(NamedTuple):
    """Listeners whose integrals get the same number of nodes per part."""

    n_nodes: int
    listeners: Integers
    model: Model


@dataclass(frozen=True, slots=True, kw_only=True)
class QuadratureSurface:
    """The marginal log-likelihood of one model as a surface to climb."""

    model: Model
    pieces: tuple[Piece, ...] = field(repr=False)
    drop: float = DROP
    start: Floats | None = field(default=None, repr=False)
    """Modes of a point near those asked for, to search from."""

    @classmethod
    def of(
        cls,
        model: Model,
        n_nodes: int | Integers,
        *,
        drop: float = DROP,
        start: Floats | None = None,
    ) -> QuadratureSurface:
        """With the same nodes for everybody, or as many for each listener as the array says."""
        nodes = np.broadcast_to(np.asarray(n_nodes), model.n_listeners)
        pieces = []
        for number in np.unique(nodes):
            some = np.flatnonzero(nodes == number)
            size = _CHUNK // (model.correct.shape[1] * int(number) ** model.n_random)
            for first in range(0, len(some), max(1, size)):
                part = some[first : first + max(1, size)]
                pieces.append(Piece(int(number), part, model.part(part)))
        return cls(model=model, pieces=tuple(pieces), drop=drop, start=start)

    @property
    def limits(self) -> Floats:
        return self.model.limits

    @property
    def n_nodes(self) -> int:
        """The most that a listener has."""
        return max(piece.n_nodes for piece in self.pieces)

    def finer(self) -> QuadratureSurface:
        """The same with half the spacing."""
        pieces = [piece._replace(n_nodes=2 * piece.n_nodes - 1) for piece in self.pieces]
        return replace(self, pieces=tuple(pieces))

    def adapted(self, point: Floats) -> QuadratureSurface:
        """The same with at least the nodes that the listeners' integrals need near ``point``."""
        nodes = np.empty(self.model.n_listeners, dtype=np.intp)
        for piece in self.pieces:
            nodes[piece.listeners] = piece.n_nodes
        more = np.maximum(nodes, enough_nodes(self.model, point))
        return self if np.all(more == nodes) else QuadratureSurface.of(self.model, more)

    def by_listener(self, points: Floats) -> Floats:
        """Each listener's log integral, without coefficients, shape (points, listeners)."""
        values = np.empty((len(points), self.model.n_listeners))
        for number, listeners, model in self.pieces:
            for some in self._portions(model, number, len(points)):
                grid = self._grid(model, points[some], number, listeners)
                values[some, listeners] = logsumexp(grid.log_f, axis=2) + grid.log_cell
        return values

    def values(self, points: Floats) -> Floats:
        """Log-likelihoods, without binomial coefficients and prior, of points (points, free)."""
        return np.asarray(self.by_listener(points).sum(axis=1))

    def log_likelihood(self, point: Floats) -> float:
        """Without binomial coefficients and without the prior of a rate."""
        return float(self.values(point[None])[0])

    def at(self, point: Floats, modes: Floats | None = None) -> Height:
        """Value, gradient and Hessian; ``modes`` of a nearby point shorten the search."""
        n_free = self.model.n_free
        value, gradient, hessian = 0.0, np.zeros(n_free), np.zeros((n_free, n_free))
        found = np.empty((self.model.n_listeners, self.model.n_random))
        for number, listeners, model in self.pieces:
            start = None if modes is None else modes[listeners]
            height = _height(
                model, point, grid_of(model, point[None], number, start, drop=self.drop)
            )
            value += height.value
            gradient += height.gradient
            hessian += height.hessian
            found[listeners] = height.modes
        return add_prior(self.model, point, Height(value, gradient, hessian, found))

    def conditional(self, point: Floats) -> Conditional:
        """Mean and covariance of every listener's z, by the same nodes."""
        mean, covariance = self.moments(point[None])
        return Conditional(mean[0], covariance[0], np.zeros(0), np.zeros(0))

    def moments(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean (points, listeners, parts) and covariance of every listener's z at each point."""
        size = self.model.n_random
        mean = np.empty((len(points), self.model.n_listeners, size))
        covariance = np.empty((*mean.shape, size))
        for number, listeners, model in self.pieces:
            for some in self._portions(model, number, len(points)):
                grid = self._grid(model, points[some], number, listeners)
                weights = np.exp(grid.log_f - logsumexp(grid.log_f, axis=2, keepdims=True))
                middle = np.einsum("bik,bikq->biq", weights, grid.z)
                apart = grid.z - middle[:, :, None]
                mean[some, listeners] = middle
                covariance[some, listeners] = np.einsum(
                    "bik,bikp,bikq->bipq", weights, apart, apart
                )
        return mean, covariance

    def _grid(self, model: Model, points: Floats, n_nodes: int, listeners: Integers) -> Grid:
        start = None if self.start is None else self.start[listeners]
        return grid_of(model, points, n_nodes, start, drop=self.drop)

    def _portions(self, model: Model, n_nodes: int, n_points: int) -> Iterator[slice]:
        """Points a few at a time, so that memory stays bounded."""
        size = max(1, _CHUNK // (model.correct.size * n_nodes**model.n_random))
        for first in range(0, n_points, size):
            yield slice(first, first + size)


def enough_nodes(model: Model, point: Floats) -> Integers:
    """How many nodes per part each listener's integral needs near ``point``."""
    ladder = _LADDER[model.n_random]
    nodes = np.full(model.n_listeners, ladder[-1], dtype=np.intp)
    left = np.arange(model.n_listeners)
    for number in ladder[:-1]:
        grid = QuadratureSurface.of(model.part(left), number)
        error = grid.finer().by_listener(point[None]) - grid.by_listener(point[None])
        good = np.abs(error[0]) < _ACCURACY_EACH
        nodes[left[good]] = number
        left = left[~good]
        if not left.size:
            break
    return nodes


def _height(model: Model, point: Floats, grid: Grid) -> Height:
    """Value and derivatives of the listeners of ``model``."""
    one = point[None]
    total = logsumexp(grid.log_f, axis=2, keepdims=True)
    z, weights = _heaviest(grid.z[0], np.exp(grid.log_f - total)[0])
    rates = model.rates(one, 3)
    predictor = predict(model, fixed_part(model, one), z @ model.factor(one)[0].T)
    correct, wrong = model.correct[:, None, :], model.wrong[:, None, :]
    terms = eta_terms(model.standard, predictor.eta, correct, wrong, rates)
    jacobian, bend = _eta_derivatives(model, predictor, terms, weights, z)
    score = (terms.first[0] * jacobian).sum(axis=3)
    flat = jacobian.reshape(len(jacobian), -1)
    pull = (weights[:, :, None] * terms.second[0]).ravel()
    complete = (pull * flat) @ flat.T + bend
    if model.lapse_at is not None or model.guess_at is not None:
        extra = rate_terms(model.standard, predictor.eta, correct, wrong, rates)
        score, complete = _with_rates(model, extra, weights, flat, score, complete)
    mean = (weights * score).sum(axis=2)
    spread = (np.sqrt(weights) * score).reshape(len(score), -1)
    return Height(
        value=float((total[0, :, 0] + grid.log_cell[0]).sum()),
        gradient=mean.sum(axis=1),
        hessian=complete + spread @ spread.T - mean @ mean.T,
        modes=grid.modes[0],
    )


def _heaviest(z: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Nodes (listeners, nodes, parts) and weights without those that weigh next to nothing.

    These are about half of a grid in two parts. Where a row is all but impossible, its derivatives
    are huge, too, and cancel in what remains of them. Listeners keep equal numbers of nodes.
    """
    negligible = weights < _NEGLIGIBLE * weights.max(axis=1, keepdims=True)
    weights = np.where(negligible, 0.0, weights)
    most = int((~negligible).sum(axis=1).max())
    if most == weights.shape[1]:
        return z, weights
    order = np.argsort(negligible, axis=1, kind="stable")[:, :most]
    kept = np.take_along_axis(z, order[:, :, None], axis=1)
    return kept, np.take_along_axis(weights, order, axis=1)


def _eta_derivatives(
    model: Model, predictor: Predictor, terms: EtaTerms, weights: Floats, z: Floats
) -> tuple[Floats, Floats]:
    """∂η by β, β′ and L (numbers, listeners, nodes, rows), and the mean of Σ ∂ℓ/∂η ∂²η."""
    columns = free_columns(model, z)
    size, shape = len(columns), predictor.eta.shape[1:]
    jacobian = np.empty((size, *shape))
    if predictor.growth is None:
        for at, column in enumerate(columns):
            jacobian[at] = column.values
        return jacobian, np.zeros((size, size))
    growth, d = predictor.growth[0], predictor.d[0]
    lever = growth * d
    for at, column in enumerate(columns):
        np.multiply(column.values, lever if column.in_e else growth, out=jacobian[at])
    # ∂²η is 0 for two numbers in d, x′ ∂η for one in d, the other (with x′) in ε, or both in ε.
    push = weights[:, :, None] * terms.first[0]
    bend = np.zeros((size, size))
    flat = jacobian.reshape(size, -1)
    for at in range(size):
        if not columns[at].in_e:
            continue
        bend[:, at] = flat @ np.broadcast_to(push * columns[at].values, shape).ravel()
        bend[at] = bend[:, at]
    return jacobian, bend


def _with_rates(
    model: Model,
    extra: RateTerms,
    weights: Floats,
    flat: Floats,
    score: Floats,
    complete: Floats,
) -> tuple[Floats, Floats]:
    """Score (free, listeners, nodes) and complete-data Hessian with the free rates appended."""
    free = [
        name
        for name, at in (("lapse", model.lapse_at), ("guess", model.guess_at))
        if at is not None
    ]
    first = {"lapse": extra.lapse[0], "guess": extra.guess[0]}
    mixed = {"lapse": extra.lapse_eta[0], "guess": extra.guess_eta[0]}
    second = {
        ("lapse", "lapse"): extra.lapse_lapse[0],
        ("guess", "guess"): extra.guess_guess[0],
        ("guess", "lapse"): extra.lapse_guess[0],
        ("lapse", "guess"): extra.lapse_guess[0],
    }
    weight = weights[:, :, None]
    mine = np.stack([first[name].sum(axis=2) for name in free])
    cross = np.stack([flat @ (weight * mixed[name]).ravel() for name in free], axis=-1)
    corner = np.array([[float((weight * second[a, b]).sum()) for b in free] for a in free])
    return (
        np.concatenate([score, mine]),
        np.block([[complete, cross], [cross.T, corner]]),
    )

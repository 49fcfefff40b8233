"""Weighted draws from a posterior of a few dimensions, with honest diagnostics.

Adaptive importance sampling: draws from a Student t around the mode, from the prior (so that no
tail is left out), from a Student t fitted to the weighted draws, and then, where the weights are
still uneven, from Student t's around the draws that weigh most (incremental mixture importance
sampling, Raftery & Bao 2010, *Biometrics* 66, 1162–1173). Each draw is weighed against the
mixture of all proposals (Cornuet, Marin, Mira & Robert 2012, *Scand. J. Stat.* 39, 798–812).
Points are those of a lattice, randomly shifted (Owen 2013, *Monte Carlo Theory, Methods and
Examples*, ch. 17), in a few independent copies, whose disagreement is the error of the result. The
largest weights are smoothed by a generalised Pareto distribution, whose shape k tells whether the
proposals covered the tails (Vehtari, Simpson, Gelman, Yao & Gabry 2024, *J. Mach. Learn. Res.* 25,
72): above 0.7 they did not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, gammaln, logsumexp, ndtri

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], Floats]
_FREEDOM = 6.0
_INFLATION = 1.15
"""Of the SDs of a proposal: too wide costs draws, too narrow costs the tails."""
_MOST_ROUNDS = 24
_GOOD_PARETO, _GOOD_SHARE = 0.4, 0.3
"""Pareto k, and effective share of the draws, at which no further proposals are needed."""
N_COPIES = 4
MOST_PARETO = 0.7


class Proposal(Protocol):
    """Something to draw from."""

    @property
    def n_uniforms(self) -> int:
        """Uniform numbers that one draw takes."""

    def draw(self, uniforms: Floats) -> Floats:
        """Draws (draws, dimensions) from points of the unit cube (draws, n_uniforms)."""

    def log_density(self, vectors: Floats) -> Floats:
        """Normalised log density, shape (draws,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedDraws:
    """Draws with weights that add up to 1."""

    vectors: Floats = field(repr=False)
    """Shape (draws, dimensions)."""
    weights: Floats = field(repr=False)
    copy: NDArray[np.intp] = field(repr=False)
    """Which of the independent lattices each draw comes from."""
    effective_size: float
    """1/Σ weights²: as many independent draws would be as good, or worse."""
    pareto_k: float
    log_constant: float
    """Log integral of the density."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Student:
    """A multivariate Student t."""

    centre: Floats
    root: Floats
    """Lower triangular; root root′ is the scale matrix."""

    @property
    def n_uniforms(self) -> int:
        return len(self.centre) + 1

    def draw(self, uniforms: Floats) -> Floats:
        normal = ndtri(uniforms[:, :-1])
        chi_square = 2.0 * gammaincinv(_FREEDOM / 2.0, uniforms[:, -1])
        stretch = np.sqrt(_FREEDOM / chi_square)
        return np.asarray(self.centre + (normal @ self.root.T) * stretch[:, None])

    def log_density(self, vectors: Floats) -> Floats:
        size = len(self.centre)
        inner = np.linalg.solve(self.root, (vectors - self.centre).T)
        constant = gammaln((_FREEDOM + size) / 2.0) - gammaln(_FREEDOM / 2.0)
        constant -= 0.5 * size * np.log(_FREEDOM * np.pi)
        constant -= np.log(np.diagonal(self.root)).sum()
        spread = np.log1p((inner**2).sum(axis=0) / _FREEDOM)
        return np.asarray(constant - 0.5 * (_FREEDOM + size) * spread)


def sample(
    log_density: LogDensity,
    mode: Floats,
    covariance: Floats,
    *,
    prior: Proposal,
    n_draws: int,
    rng: np.random.Generator,
) -> WeightedDraws:
    """At least ``n_draws`` weighted draws; more where the weights are uneven.

    ``covariance`` from the curvature at the ``mode``; ``prior`` a density with heavier tails.
    """
    start = _student(mode, covariance)
    sampler = _Sampler(log_density, rng)
    eighth = -(-n_draws // 8)
    sampler.add(start, 2 * eighth)
    sampler.add(prior, eighth)
    for share in (2, 3):
        sampler.add(sampler.fitted(start), share * eighth)
    for _ in range(_MOST_ROUNDS):
        if sampler.is_good():
            break
        sampler.add(sampler.around_heaviest(), n_draws // 12)
    return sampler.result()


class _Sampler:
    """Draws so far, with what they were drawn from."""

    def __init__(self, log_density: LogDensity, rng: np.random.Generator) -> None:
        self._target, self._rng = log_density, rng
        self._proposals: list[tuple[Proposal, int]] = []
        self._parts: list[tuple[Floats, Floats, NDArray[np.intp]]] = []
        self.vectors = np.empty((0, 0))
        self.log_weights = self.weights = np.empty(0)
        self.pareto_k = np.inf

    def add(self, proposal: Proposal, n_draws: int) -> None:
        """Draw from one more proposal and weigh all draws anew."""
        each = max(32, -(-n_draws // N_COPIES))
        uniforms = [_lattice(each, proposal.n_uniforms, self._rng) for _ in range(N_COPIES)]
        fresh = proposal.draw(np.concatenate(uniforms))
        copies = np.repeat(np.arange(N_COPIES), each)
        self._parts.append((fresh, self._target(fresh), copies))
        self._proposals.append((proposal, len(fresh)))
        self.vectors = np.concatenate([part[0] for part in self._parts])
        heights = np.concatenate([part[1] for part in self._parts])
        total = float(len(heights))
        mixture = logsumexp(
            [
                one.log_density(self.vectors) + np.log(number / total)
                for one, number in self._proposals
            ],
            axis=0,
        )
        self.log_weights = np.where(np.isfinite(heights), heights - mixture, -np.inf)
        smoothed, self.pareto_k = smooth_weights(self.log_weights)
        self.weights = np.exp(smoothed - logsumexp(smoothed))

    @property
    def effective_size(self) -> float:
        return float(1.0 / (self.weights**2).sum())

    def is_good(self) -> bool:
        enough = self.effective_size >= _GOOD_SHARE * len(self.weights)
        return enough and self.pareto_k <= _GOOD_PARETO

    def fitted(self, fallback: _Student) -> _Student:
        """A Student t with the draws' mean and covariance, once enough of them carry weight."""
        if self.effective_size < 10.0 * self.vectors.shape[1]:
            return _Student(centre=fallback.centre, root=1.5 * fallback.root)
        return _student(*self._moments(self.weights))

    def around_heaviest(self) -> _Student:
        """A Student t around the heaviest draw, as wide as its neighbourhood of draws."""
        centre = self.vectors[int(np.argmax(self.log_weights))]
        even = 0.5 * (self.weights + 1.0 / len(self.weights))
        _, overall = self._moments(even)
        apart = self.vectors - centre
        distance = np.einsum("nd,nd->n", apart @ np.linalg.inv(overall), apart)
        near = np.argsort(distance)[: max(len(distance) // 8, 20 * len(centre))]
        share = even[near] / even[near].sum()
        return _student(centre, (share[:, None] * apart[near]).T @ apart[near])

    def _moments(self, weights: Floats) -> tuple[Floats, Floats]:
        centre = weights @ self.vectors
        apart = self.vectors - centre
        spread = (weights[:, None] * apart).T @ apart
        return centre, spread * (_FREEDOM - 2.0) / _FREEDOM

    def result(self) -> WeightedDraws:
        constant = float(logsumexp(self.log_weights) - np.log(len(self.log_weights)))
        return WeightedDraws(
            vectors=self.vectors,
            weights=self.weights,
            copy=np.concatenate([part[2] for part in self._parts]),
            effective_size=self.effective_size,
            pareto_k=self.pareto_k,
            log_constant=constant,
        )


def smooth_weights(log_weights: Floats) -> tuple[Floats, float]:
    """Log weights, the largest ones replaced by quantiles of a generalised Pareto, and its k."""
    n_tail = int(min(0.2 * len(log_weights), 3.0 * np.sqrt(len(log_weights))))
    order = np.argsort(log_weights)
    top = log_weights[order[-1]]
    if n_tail < 5 or not np.isfinite(log_weights[order[-n_tail - 1]]):
        return log_weights, float("inf")
    cutoff = np.exp(log_weights[order[-n_tail - 1]] - top)
    excess = np.exp(log_weights[order[-n_tail:]] - top) - cutoff
    if excess[-1] <= 1e-12:
        return log_weights, float("-inf")
    shape, scale = _fit_pareto(np.maximum(excess, 1e-15))
    place = (np.arange(n_tail) + 0.5) / n_tail
    if abs(shape) < 1e-8:
        quantiles = -scale * np.log1p(-place)
    else:
        quantiles = scale * np.expm1(-shape * np.log1p(-place)) / shape
    smoothed = log_weights.copy()
    smoothed[order[-n_tail:]] = np.minimum(np.log(cutoff + quantiles), 0.0) + top
    return smoothed, float(shape)


def _fit_pareto(excess: Floats) -> tuple[float, float]:
    """Shape and scale of ascending excesses (Zhang & Stephens 2009, *Technometrics* 51, 316–325),
    with the weak prior of Vehtari et al."""
    size = len(excess)
    n_grid = 30 + int(np.sqrt(size))
    grid = 1.0 - np.sqrt(n_grid / (np.arange(1, n_grid + 1) - 0.5))
    grid = grid / (3.0 * excess[int(size / 4 + 0.5) - 1]) + 1.0 / excess[-1]
    shapes = np.log1p(-grid[:, None] * excess).mean(axis=1)
    heights = size * (np.log(-grid / shapes) - shapes - 1.0)
    weights = np.exp(heights - logsumexp(heights))
    best = float(weights @ grid)
    shape = float(np.log1p(-best * excess).mean())
    scale = -shape / best
    return (shape * size + 5.0) / (size + 10.0), scale


def _student(centre: Floats, covariance: Floats) -> _Student:
    """With a floor on the smallest spread, so that the root exists."""
    floor = 1e-10 * np.trace(covariance) * np.eye(len(centre))
    return _Student(centre=centre, root=np.linalg.cholesky(covariance + floor) * _INFLATION)


def _lattice(size: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Evenly spread points of the unit cube with a random shift: multiples of the powers of the
    generalised golden ratio (Roberts 2018), whose gaps are small in every dimension."""
    ratio = 2.0
    for _ in range(40):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1.0))
    steps = ratio ** -np.arange(1.0, dimensions + 1.0)
    points = (np.arange(1, size + 1)[:, None] * steps + rng.random(dimensions)) % 1.0
    return np.asarray(np.clip(points, 1e-12, 1.0 - 1e-12))

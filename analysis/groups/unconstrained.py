"""The population's numbers without bounds, and their prior there: where the posterior is explored.

(threshold, log slope, log SD of thresholds, log SD of log widths, artanh correlation, logit of the
free rates), by inner level. Logarithms make the posterior of a spread rounder and keep it positive;
the Jacobian of each change is part of the density.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, log_expit, logit, ndtri

from jndlab.analysis.groups.climb import differentiate
from jndlab.analysis.groups.height import Height
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.priors import (
    GroupPriors,
    log_beta_density,
    log_correlation_density,
    log_half_normal_density,
    log_normal_density,
)
from jndlab.analysis.groups.quadrature import QuadratureSurface

Floats = NDArray[np.float64]
_SPREAD = 2
"""Where the spreads begin: after threshold and log slope."""
_SMALLEST, _LARGEST = 1e-4, 0.499


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Vectors without bounds ("free vectors") and the points of a model that they stand for."""

    model: Model
    priors: GroupPriors

    @property
    def n_free(self) -> int:
        return self.model.n_free

    def points(self, vectors: Floats) -> Floats:
        """Points (points, free) of free vectors of the same shape."""
        points = np.array(vectors, dtype=float)
        points[:, _SPREAD] = np.exp(vectors[:, _SPREAD])
        after = _SPREAD + 1
        if self.model.n_random == 2:
            # ε is the log slope, so that its correlation with the threshold has the other sign.
            size, correlation = np.exp(vectors[:, 3]), -np.tanh(vectors[:, 4])
            points[:, 3] = size * correlation
            points[:, 4] = size / np.cosh(vectors[:, 4])
            after = 5
        points[:, after:] = expit(vectors[:, after:])
        return points

    def vector(self, point: Floats) -> Floats:
        """A free vector near a point, kept away from edges and within what priors allow."""
        vector = np.array(point, dtype=float)
        steepest, flattest = np.log(self.model.standard.span / np.array([0.05, 10.0]))
        vector[0] = np.clip(point[0], -3.0, 3.0)
        vector[1] = np.clip(point[1], flattest, steepest)
        vector[_SPREAD] = np.log(np.clip(abs(point[_SPREAD]), 0.05, 3.0))
        after = _SPREAD + 1
        if self.model.n_random == 2:
            size = float(np.hypot(point[3], point[4]))
            correlation = -point[3] / size if size > 0.05 else 0.0
            vector[3] = np.log(np.clip(size, 0.05, 1.5))
            vector[4] = np.arctanh(np.clip(correlation, -0.9, 0.9))
            after = 5
        vector[after:] = logit(np.clip(point[after:], _SMALLEST * 50.0, 0.4))
        return vector

    def log_prior(self, vectors: Floats) -> Floats:
        """Log density of the prior at free vectors, shape (points,), with the Jacobian."""
        scale, priors = self.model.scale, self.priors
        unit = scale.half_range
        mean, sd = (priors.threshold[0] - scale.location) / unit, priors.threshold[1] / unit
        total = log_normal_density(vectors[:, 0], mean, sd)
        log_width = np.log(self.model.standard.span * unit) - vectors[:, 1]
        total = total + log_normal_density(
            log_width, float(np.log(priors.width[0])), priors.width[1]
        )
        spread = np.exp(vectors[:, 2])
        total = total + log_half_normal_density(spread, priors.sd_threshold / unit) + vectors[:, 2]
        after = _SPREAD + 1
        if self.model.n_random == 2:
            spread = np.exp(vectors[:, 3])
            total = total + log_half_normal_density(spread, priors.sd_log_width) + vectors[:, 3]
            correlation = np.tanh(vectors[:, 4])
            total = total + log_correlation_density(correlation, priors.correlation_shape)
            total = total - 2.0 * np.log(np.cosh(vectors[:, 4]))
            after = 5
        for at, beta in zip(range(after, vectors.shape[1]), self._betas(), strict=True):
            jacobian = log_expit(vectors[:, at]) + log_expit(-vectors[:, at])
            total = total + log_beta_density(expit(vectors[:, at]), *beta) + jacobian
        return np.asarray(total)

    @property
    def n_uniforms(self) -> int:
        return self.n_free

    def log_density(self, vectors: Floats) -> Floats:
        """The prior as something to draw from."""
        return self.log_prior(vectors)

    def draw(self, uniforms: Floats) -> Floats:
        """Free vectors from the prior, from points of the unit cube of the same shape."""
        scale, priors = self.model.scale, self.priors
        unit = scale.half_range
        vectors = np.empty_like(uniforms)
        mean, sd = (priors.threshold[0] - scale.location) / unit, priors.threshold[1] / unit
        vectors[:, 0] = mean + sd * ndtri(uniforms[:, 0])
        log_width = np.log(priors.width[0]) + priors.width[1] * ndtri(uniforms[:, 1])
        vectors[:, 1] = np.log(self.model.standard.span * unit) - log_width
        vectors[:, 2] = np.log(priors.sd_threshold / unit * -ndtri(0.5 * uniforms[:, 2]))
        after = _SPREAD + 1
        if self.model.n_random == 2:
            vectors[:, 3] = np.log(priors.sd_log_width * -ndtri(0.5 * uniforms[:, 3]))
            shape = priors.correlation_shape
            vectors[:, 4] = 0.5 * logit(betaincinv(shape, shape, uniforms[:, 4]))
            after = 5
        for at, (a, b) in zip(range(after, vectors.shape[1]), self._betas(), strict=True):
            vectors[:, at] = logit(np.maximum(betaincinv(a, b, uniforms[:, at]), 1e-12))
        return vectors

    def _betas(self) -> list[tuple[float, float]]:
        model = self.model
        betas = [self.priors.lapse_rate] * (model.lapse_at is not None)
        return betas + [self.priors.guess_rate] * (model.guess_at is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorSurface:
    """Log posterior density of free vectors, without normalising constant."""

    space: Space
    likelihood: QuadratureSurface

    @property
    def model(self) -> Model:
        return self.space.model

    @property
    def limits(self) -> Floats:
        """Far beyond what the priors allow, short of overflow."""
        low, high = self.space.model.limits[:_SPREAD].T
        rest = self.space.n_free - _SPREAD
        return np.column_stack(
            [np.concatenate([low, [-12.0] * rest]), np.concatenate([high, [6.0] * rest])]
        )

    def values(self, vectors: Floats) -> Floats:
        """Log density of free vectors, shape (points,)."""
        return self.likelihood.values(self.space.points(vectors)) + self.space.log_prior(vectors)

    def at(self, point: Floats, modes: Floats | None = None) -> Height:
        """Value, gradient and Hessian at one free vector, by the chain rule."""
        space = self.space
        height = self.likelihood.at(space.points(point[None])[0], modes)
        prior, gradient, hessian = differentiate(space.log_prior, point)
        size = len(point)
        jacobian = np.empty((size, size))
        for row in range(size):
            _, jacobian[row], bend = differentiate(
                lambda vectors, row=row: space.points(vectors)[:, row],  # type: ignore[misc]
                point,
            )
            hessian = hessian + height.gradient[row] * bend
        return Height(
            height.value + prior,
            gradient + jacobian.T @ height.gradient,
            hessian + jacobian.T @ height.hessian @ jacobian,
            height.modes,
        )

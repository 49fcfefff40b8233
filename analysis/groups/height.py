"""A surface to climb: what the marginal likelihoods have in common."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.model import Model

Floats = NDArray[np.float64]


class Height(NamedTuple):
    """The surface at one point."""

    value: float
    gradient: Floats
    hessian: Floats
    modes: Floats
    """Where the search for the random effects ended: a start for the next one."""


class Conditional(NamedTuple):
    """What the answers say about the random effects, given the population."""

    mean: Floats
    """Of each listener's z, shape (listeners, parts)."""
    covariance: Floats
    items: Floats
    """Of each item's v, shape (items,), and its SD; empty without items."""
    item_sds: Floats


class Climbable(Protocol):
    """Something with a top."""

    @property
    def limits(self) -> Floats:
        """Lowest and highest value of each free number, shape (free, 2)."""

    def at(self, point: Floats, modes: Floats | None = None) -> Height:
        """Value, gradient and Hessian at one point."""


class Surface(Climbable, Protocol):
    """A marginal log-likelihood, with the log prior of a lapse rate where there is one."""

    @property
    def model(self) -> Model:
        """What it is the likelihood of."""

    def adapted(self, point: Floats) -> Surface:
        """The surface as exact near ``point`` as it is elsewhere."""

    def conditional(self, point: Floats) -> Conditional:
        """The random effects given the answers and the point."""

    def log_likelihood(self, point: Floats) -> float:
        """Without binomial coefficients and without prior."""


def add_prior(model: Model, point: Floats, height: Height) -> Height:
    """The height with the Beta prior of a free lapse rate."""
    if model.lapse_prior is None or model.lapse_at is None:
        return height
    at, (a, b) = model.lapse_at, model.lapse_prior
    rate = max(float(point[at]), 1e-12)
    gradient, hessian = height.gradient.copy(), height.hessian.copy()
    gradient[at] += (a - 1.0) / rate - (b - 1.0) / (1.0 - rate)
    hessian[at, at] -= (a - 1.0) / rate**2 + (b - 1.0) / (1.0 - rate) ** 2
    log_prior = (a - 1.0) * np.log(rate) + (b - 1.0) * np.log1p(-rate)
    return Height(height.value + float(log_prior), gradient, hessian, height.modes)

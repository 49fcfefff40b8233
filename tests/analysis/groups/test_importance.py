"""Weighted draws from densities whose moments are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from jndlab.analysis.groups.importance import sample, smooth_weights
from jndlab.analysis.groups.posterior_result import (
    copies_error,
    mixture_quantiles,
    weighted_quantiles,
)


class Broad:
    """A normal density with SD 4 in every dimension: the prior of these tests."""

    def __init__(self, size: int) -> None:
        self.n_uniforms = size

    def draw(self, uniforms):
        return 4.0 * ndtri(uniforms)

    def log_density(self, vectors):
        size = vectors.shape[1]
        return -0.5 * (vectors**2).sum(axis=1) / 16 - size * (np.log(4) + 0.5 * np.log(2 * np.pi))


def test_a_normal_density() -> None:
    covariance = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, 0.3], [0.0, 0.3, 0.5]])
    mean = np.array([0.5, -1.0, 2.0])
    inverse = np.linalg.inv(covariance)

    def log_density(x):
        return -0.5 * np.einsum("nd,de,ne->n", x - mean, inverse, x - mean)

    draws = sample(
        log_density, mean, covariance, prior=Broad(3), n_draws=4000, rng=np.random.default_rng(1)
    )
    constant = 1.5 * np.log(2 * np.pi) + 0.5 * np.linalg.slogdet(covariance)[1]
    assert draws.log_constant == pytest.approx(constant, abs=0.01)
    np.testing.assert_allclose(draws.weights @ draws.vectors, mean, atol=0.02)
    apart = draws.vectors - mean
    np.testing.assert_allclose((draws.weights * apart.T) @ apart, covariance, atol=0.06)
    assert draws.weights.sum() == pytest.approx(1.0)
    assert draws.effective_size > 1500
    assert draws.pareto_k < 0.5
    ends = weighted_quantiles(draws.vectors[:, 0], draws.weights, np.array([0.025, 0.975]))
    np.testing.assert_allclose(ends, 0.5 + 1.96 * np.array([-1, 1]), atol=0.06)
    assert copies_error(draws.vectors[:, 0], draws.weights, draws.copy) < 0.03


def test_a_bent_density_that_its_curvature_does_not_show() -> None:
    """A banana: x normal, y normal around x²; the curvature at the top sees an upright ellipse."""

    def log_density(v):
        return -0.5 * v[:, 0] ** 2 - 0.5 * ((v[:, 1] - v[:, 0] ** 2) / 0.3) ** 2

    draws = sample(
        log_density,
        np.zeros(2),
        np.diag([1.0, 0.09]),
        prior=Broad(2),
        n_draws=4000,
        rng=np.random.default_rng(2),
    )
    assert draws.log_constant == pytest.approx(np.log(2 * np.pi * 0.3), abs=0.05)
    assert draws.weights @ draws.vectors[:, 1] == pytest.approx(1.0, abs=0.1)
    assert draws.pareto_k < 0.7


def test_two_tops() -> None:
    """The start sees one of them; the prior finds the other."""

    def log_density(v):
        return np.logaddexp(-0.5 * ((v[:, 0] + 4) / 0.5) ** 2, -0.5 * ((v[:, 0] - 4) / 0.5) ** 2)

    draws = sample(
        log_density,
        np.array([4.0]),
        np.array([[0.25]]),
        prior=Broad(1),
        n_draws=4000,
        rng=np.random.default_rng(3),
    )
    assert draws.weights @ (draws.vectors[:, 0] > 0) == pytest.approx(0.5, abs=0.03)


def test_equal_seeds_equal_draws() -> None:
    def run(seed: int):
        return sample(
            lambda x: -0.5 * (x**2).sum(axis=1),
            np.zeros(2),
            np.eye(2),
            prior=Broad(2),
            n_draws=512,
            rng=np.random.default_rng(seed),
        ).vectors

    np.testing.assert_array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))


def test_pareto_shape_tells_heavy_tails() -> None:
    """Ratios u^−k have a tail of shape k; seed 4."""
    uniforms = np.random.default_rng(4).random(4000)
    for shape in (0.3, 0.6, 1.2):
        smoothed, found = smooth_weights(-shape * np.log(uniforms))
        assert found == pytest.approx(shape, abs=0.25)
        assert len(smoothed) == 4000
    even, shape = smooth_weights(np.zeros(1000))
    assert shape == -np.inf
    assert np.all(even == 0)


def test_quantiles_of_a_mixture() -> None:
    found = mixture_quantiles(
        np.array([0.0, 10.0]), np.array([1.0, 1.0]), np.array([0.5, 0.5]), np.array([0.25, 0.75])
    )
    np.testing.assert_allclose(found, [0.0, 10.0], atol=1e-6)

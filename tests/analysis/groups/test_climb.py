"""The climb on surfaces whose tops are known: constraints, limits, saddles."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.groups.climb import Constraint, climb, differentiate
from jndlab.analysis.groups.height import Height

CURVATURE = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.3], [0.0, 0.3, 3.0]])
TOP = np.array([0.5, -1.0, 0.2])


class Hill:
    """A quadratic hill, or any function with its derivatives by differences."""

    def __init__(self, function, size: int, low: float = -50.0, high: float = 50.0) -> None:
        self.function = function
        self.limits = np.column_stack([np.full(size, low), np.full(size, high)])

    def at(self, point, modes=None) -> Height:
        value, gradient, hessian = differentiate(self.function, point)
        return Height(value, gradient, hessian, np.zeros(0))


def quadratic(points):
    apart = points - TOP
    return -0.5 * np.einsum("na,ab,nb->n", apart, CURVATURE, apart)


def test_differences() -> None:
    value, gradient, hessian = differentiate(
        lambda p: np.sin(p[:, 0]) * np.exp(p[:, 1]), np.array([0.3, -0.2])
    )
    sine, cosine, growth = np.sin(0.3), np.cos(0.3), np.exp(-0.2)
    assert value == pytest.approx(sine * growth)
    np.testing.assert_allclose(gradient, [cosine * growth, sine * growth], rtol=1e-7)
    expected = np.array([[-sine, cosine], [cosine, sine]]) * growth
    np.testing.assert_allclose(hessian, expected, atol=1e-6)


def test_the_top() -> None:
    found = climb(Hill(quadratic, 3), np.array([8.0, 8.0, -8.0]))
    assert found.converged
    np.testing.assert_allclose(found.point, TOP, atol=1e-4)
    assert found.multiplier == 0.0


def test_a_linear_constraint_is_solved_as_by_lagrange() -> None:
    normal = np.array([1.0, 2.0, -1.0])
    found = climb(
        Hill(quadratic, 3),
        np.zeros(3),
        constraint=Constraint(quantity=lambda p: p @ normal, value=2.0),
    )
    inverse = np.linalg.inv(CURVATURE)
    multiplier = (normal @ TOP - 2.0) / (normal @ inverse @ normal)
    np.testing.assert_allclose(found.point, TOP - multiplier * inverse @ normal, atol=1e-4)
    assert found.multiplier == pytest.approx(multiplier, abs=1e-4)


def test_a_curved_constraint() -> None:
    """On the unit circle the highest point of −(x − 2)² − y² is (1, 0)."""
    found = climb(
        Hill(lambda p: -((p[:, 0] - 2.0) ** 2) - p[:, 1] ** 2, 2),
        np.array([0.6, 0.9]),
        constraint=Constraint(quantity=lambda p: (p**2).sum(axis=1), value=1.0),
    )
    assert found.converged
    np.testing.assert_allclose(found.point, [1.0, 0.0], atol=1e-4)


def test_a_top_beyond_a_limit() -> None:
    found = climb(Hill(quadratic, 3, low=-0.5), np.ones(3))
    assert found.converged
    assert found.point[1] == -0.5
    inner = TOP[[0, 2]] - np.linalg.solve(
        CURVATURE[np.ix_([0, 2], [0, 2])], CURVATURE[[0, 2], 1] * (-0.5 - TOP[1])
    )
    np.testing.assert_allclose(found.point[[0, 2]], inner, atol=1e-4)


@pytest.mark.parametrize("constrained", [False, True])
def test_a_saddle_is_left(constrained: bool) -> None:
    """−(x² − 1)² − y² is level and no top at x = 0: as a spread of 0 can be."""
    held = Constraint(quantity=lambda p: p[:, 1], value=0.5)
    found = climb(
        Hill(lambda p: -((p[:, 0] ** 2 - 1.0) ** 2) - p[:, 1] ** 2, 2),
        np.array([0.0, 0.7]),
        constraint=held if constrained else None,
    )
    assert found.converged
    assert abs(found.point[0]) == pytest.approx(1.0, abs=1e-4)
    assert found.point[1] == pytest.approx(0.5 if constrained else 0.0, abs=1e-6)


def test_a_hill_without_top_does_not_converge() -> None:
    found = climb(Hill(lambda p: p[:, 0], 1), np.zeros(1), most_steps=10)
    assert not found.converged

"""m-AFC: against quadrature and closed forms, in both tails, for few and for many intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr, owens_t

from jndlab.analysis.detection.choice import ChoiceCurve


@pytest.mark.parametrize("m", [3, 5, 30])
@pytest.mark.parametrize("d", [-3.0, 0.0, 1.0, 3.0])
def test_proportion_is_the_integral(m, d) -> None:
    value, _ = quad(
        lambda x: np.exp(-((x - d) ** 2) / 2) / np.sqrt(2 * np.pi) * ndtr(x) ** (m - 1),
        d - 12,
        d + 12,
        epsabs=1e-14,
        points=[d],
    )
    assert float(ChoiceCurve(n_intervals=m).proportion(np.array(d))) == pytest.approx(
        value, abs=1e-12
    )


def test_three_intervals_have_a_closed_form() -> None:
    """P(both others are weaker) = Φ(h) − 2T(h, 1/√3), h = d′/√2: a bivariate normal of ρ = ½."""
    d = np.linspace(-6, 6, 121)
    h = d / np.sqrt(2)
    expected = ndtr(h) - 2 * owens_t(h, 1 / np.sqrt(3))
    np.testing.assert_allclose(ChoiceCurve(n_intervals=3).proportion(d), expected, atol=1e-14)


@pytest.mark.parametrize("m", [3, 5, 100, 2000])
def test_inverse_in_both_tails(m) -> None:
    curve = ChoiceCurve(n_intervals=m)
    d = np.linspace(-12, 7, 77)
    np.testing.assert_allclose(curve.d_prime(curve.proportion(d)), d, atol=1e-6)
    inner = np.linspace(-12, 4, 77)
    np.testing.assert_allclose(curve.d_prime(curve.proportion(inner)), inner, atol=1e-10)
    assert curve.d_prime(np.array([0.0, 1 / m, 1.0])).tolist() == [-np.inf, 0.0, np.inf]


def test_blocks_join_without_a_seam() -> None:
    """More values than one block holds, in two dimensions."""
    curve = ChoiceCurve(n_intervals=4)
    d = np.linspace(-4, 6, 20_000).reshape(2, -1)
    p = curve.proportion(d)
    assert p.shape == d.shape
    assert np.all(np.diff(p.ravel()) > 0)
    np.testing.assert_array_equal(p[1, -3:], curve.proportion(d[1, -3:]))

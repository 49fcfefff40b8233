"""Integrals of densities of every place and scale, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from jndlab.analysis.inference.log_concave import integrate


@pytest.mark.parametrize("place", [0.0, -3e2, 7e4])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
def test_normal_densities_of_any_place_and_scale(place: float, scale: float) -> None:
    found = integrate(
        lambda x: -(((x - place) / scale) ** 2) / 2 + 1e4,
        lambda x: -(x - place) / scale**2,
        -np.inf,
        np.inf,
    )
    assert found.log_total - 1e4 == pytest.approx(np.log(scale * np.sqrt(2 * np.pi)), abs=1e-8)
    for share in (0.001, 0.5, 0.99):
        expected = place + scale * norm.ppf(share)
        assert found.quantile(share) == pytest.approx(expected, rel=1e-12, abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("low", "high"), [(-1.0, 2.0), (1.0, np.inf), (-np.inf, -3.0), (30.0, 31.0)]
)
def test_cut_normal_densities(low: float, high: float) -> None:
    found = integrate(lambda x: -x * x / 2, lambda x: -x, low, high)
    total = norm.cdf(-low) - norm.cdf(-high) if low > 0 else norm.cdf(high) - norm.cdf(low)
    assert found.log_total == pytest.approx(np.log(total * np.sqrt(2 * np.pi)), abs=1e-11)
    mean = (norm.pdf(low) - norm.pdf(high)) / total
    assert found.mean(lambda x: x) == pytest.approx(mean, rel=1e-10)
    assert low <= found.quantile(0.01) <= found.quantile(0.99) <= high


def test_slow_and_steep_sides_together() -> None:
    """e^(x/100) up to 0, then e^(−1000 x)."""
    found = integrate(
        lambda x: np.where(x < 0, x / 100, -1000 * x),
        lambda x: np.where(x < 0, 0.01, -1000.0),
        -np.inf,
        np.inf,
    )
    assert found.log_total == pytest.approx(np.log(100 + 0.001), abs=1e-9)

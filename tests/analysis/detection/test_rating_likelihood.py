"""The binormal likelihood: slope and information by differences, its maximum by another search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from jndlab.analysis.detection.rating_likelihood import LOCATION, LOG_SIGMA, RatingLikelihood

LIKELIHOOD = RatingLikelihood(
    np.array([40.0, 30.0, 15.0, 10.0, 5.0]), np.array([8.0, 12.0, 15.0, 25.0, 40.0])
)


def plain_log_likelihood(theta: np.ndarray) -> float:
    """(d′, log s, criteria), as the textbook writes it."""
    if np.any(np.diff(theta[2:]) <= 0):
        return -1e9
    cuts = np.concatenate([[-np.inf], theta[2:], [np.inf]])
    noise = np.diff(norm.cdf(cuts))
    signal = np.diff(norm.cdf(cuts, theta[0], np.exp(theta[1])))
    return float(LIKELIHOOD.noise @ np.log(noise) + LIKELIHOOD.signal @ np.log(signal))


@pytest.mark.parametrize("location", ["d_prime", "d_a"])
def test_slope_and_information_are_the_derivatives(location) -> None:
    theta, h = np.array([1.1, 0.3, -0.3, 0.4, 1.0, 1.9]), 1e-5
    value = LIKELIHOOD._evaluate(theta, location)
    for i in range(len(theta)):
        step = h * np.eye(len(theta))[i]
        up, down = (LIKELIHOOD._evaluate(theta + sign * step, location) for sign in (1, -1))
        assert value.slope[i] == pytest.approx((up.fit - down.fit) / (2 * h), abs=1e-5)
        np.testing.assert_allclose(value.observed[i], (down.slope - up.slope) / (2 * h), atol=1e-4)


def test_expected_information_is_the_observed_one_at_expected_counts() -> None:
    theta = np.array([1.1, 0.3, -0.3, 0.4, 1.0, 1.9])
    cuts = np.concatenate([[-np.inf], theta[2:], [np.inf]])
    expected_counts = RatingLikelihood(
        100 * np.diff(norm.cdf(cuts)), 100 * np.diff(norm.cdf(cuts, theta[0], np.exp(theta[1])))
    )
    value = expected_counts._evaluate(theta, "d_prime")
    np.testing.assert_allclose(value.observed, value.expected, atol=1e-9)
    np.testing.assert_allclose(value.slope, 0.0, atol=1e-9)


@pytest.mark.parametrize("held", [{}, {LOG_SIGMA: 0.0}, {LOCATION: 0.2}, {LOCATION: 4.0}])
def test_maximum_by_another_search(held) -> None:
    found = LIKELIHOOD.maximise(held, "d_prime")
    free = [i for i in range(6) if i not in held]

    def loss(values: np.ndarray) -> float:
        theta = np.zeros(6)
        theta[free], theta[list(held)] = values, list(held.values())
        return -plain_log_likelihood(theta)

    start = np.array([1.0, 0.0, -0.2, 0.5, 1.0, 1.6])[free]
    best = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 20_000, "xatol": 1e-9})
    best = minimize(loss, best.x, method="Nelder-Mead", options={"maxiter": 20_000, "xatol": 1e-9})
    assert found.converged
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    assert found.log_likelihood >= -best.fun - 1e-9
    np.testing.assert_allclose(found.parameters[free], best.x, atol=2e-3)


def test_both_locations_reach_the_same_top() -> None:
    by_d_prime, by_d_a = (LIKELIHOOD.maximise({}, where) for where in ("d_prime", "d_a"))  # type: ignore[arg-type]
    assert by_d_prime.log_likelihood == pytest.approx(by_d_a.log_likelihood, abs=1e-10)
    sigma = np.exp(by_d_a.parameters[LOG_SIGMA])
    d_prime = by_d_a.parameters[LOCATION] * np.sqrt((1 + sigma**2) / 2)
    assert by_d_prime.parameters[LOCATION] == pytest.approx(d_prime, abs=1e-6)


def test_saturated_is_the_likelihood_of_the_shares() -> None:
    two = RatingLikelihood(np.array([3.0, 1.0]), np.array([0.0, 5.0]))
    assert two.saturated() == pytest.approx(3 * np.log(0.75) + np.log(0.25))

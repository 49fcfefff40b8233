"""The marginal likelihood against brute force, and its derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.model import Model, build_model
from jndlab.analysis.groups.nodes import grid_of
from jndlab.analysis.groups.quadrature import QuadratureSurface

from .dense import (
    GLMM,
    LEVELS,
    columns,
    log_binomial,
    random_intercept,
    random_slope,
    random_threshold_and_width,
    simulate,
)

MIDDLE, HALF = 3.5, 2.5
"""Of the levels 1 to 6: the inner scale."""


def model_of(
    table,
    n_trials: int,
    random: str | None,
    *,
    guess: float | None = 0.0,
    lapse: float | None = 0.0,
    direction: str = "rises",
    correlated: bool = True,
    **options,
) -> tuple[Model, float]:
    counts = pack_counts(*columns(table, n_trials))
    model = build_model(
        counts,
        get_random_effects(random, correlated=correlated),
        sigmoid=options.get("sigmoid", "norm"),
        direction=direction,
        guess_rate=guess,
        lapse_rate=lapse,
        lapse_prior=options.get("lapse_prior"),
    )
    return model, counts.log_coefficients


@pytest.mark.parametrize("n_trials", [1, 20])
@pytest.mark.parametrize("guess", [0.0, 0.5])
@pytest.mark.parametrize("sd", [0.05, 0.8, 3.0])
def test_random_intercept_against_brute_force(n_trials: int, guess: float, sd: float) -> None:
    """Also with one trial per level and with listeners who got nearly everything right."""
    rng = np.random.default_rng(3)
    table = simulate(rng, n_listeners=10, n_trials=n_trials, sd=sd, guess=guess)
    model, coefficients = model_of(table, n_trials, "intercept", guess=guess)
    slope, intercept = 1.1, -3.8
    point = np.array([intercept + slope * MIDDLE, slope * HALF, sd])
    exact = random_intercept(table, n_trials, intercept=intercept, slope=slope, sd=sd, guess=guess)
    value = QuadratureSurface.of(model, 81).log_likelihood(point) + coefficients
    assert value == pytest.approx(exact, abs=2e-7)


@pytest.mark.parametrize("guess", [0.0, 0.5])
def test_random_slope_against_brute_force(guess: float) -> None:
    table = simulate(np.random.default_rng(4), n_listeners=4, n_trials=6, sd=0.7, guess=guess)
    model, coefficients = model_of(table, 6, "slope", guess=guess)
    intercept, slope = -3.5, 1.0
    covariance = np.array([[0.9, -0.12], [-0.12, 0.06]])
    # The inner deviations are those of the curve at the middle level and by half range.
    to_inner = np.array([[1.0, MIDDLE], [0.0, HALF]])
    lower = np.linalg.cholesky(to_inner @ covariance @ to_inner.T)
    point = np.array([intercept + slope * MIDDLE, slope * HALF, *lower[[0, 1, 1], [0, 0, 1]]])
    exact = random_slope(
        table, 6, intercept=intercept, slope=slope, covariance=covariance, guess=guess
    )
    value = QuadratureSurface.of(model, 41).log_likelihood(point) + coefficients
    assert value == pytest.approx(exact, abs=1e-6)


def test_uncorrelated_slope_is_uncorrelated_at_level_zero() -> None:
    """As in lme4's (level || listener)."""
    table = simulate(np.random.default_rng(4), n_listeners=4, n_trials=6, sd=0.7)
    model, coefficients = model_of(table, 6, "slope", correlated=False)
    point = np.array([-3.5 + MIDDLE, HALF, 0.8, 0.2 * HALF])
    exact = random_slope(table, 6, intercept=-3.5, slope=1.0, covariance=np.diag([0.8**2, 0.2**2]))
    value = QuadratureSurface.of(model, 41).log_likelihood(point) + coefficients
    assert value == pytest.approx(exact, abs=1e-6)


def test_random_threshold_and_width_against_brute_force() -> None:
    table = simulate(np.random.default_rng(5), n_listeners=4, n_trials=6, sd=0.7, guess=0.5)
    model, coefficients = model_of(table, 6, "threshold+width", guess=0.5)
    sds, correlation = np.array([0.8, 0.4]), 0.3
    # The second inner deviation is that of the log slope: minus that of the log width.
    point = np.array(
        [
            (3.2 - MIDDLE) / HALF,
            np.log(3.2897072539 / 2.5 * HALF),
            sds[0] / HALF,
            -correlation * sds[1],
            np.sqrt(1 - correlation**2) * sds[1],
        ]
    )
    exact = random_threshold_and_width(
        table,
        6,
        threshold=3.2,
        width=2.5,
        sd_threshold=sds[0],
        sd_log_width=sds[1],
        correlation=correlation,
        guess=0.5,
    )
    value = QuadratureSurface.of(model, 41).log_likelihood(point) + coefficients
    assert value == pytest.approx(exact, abs=1e-6)


POINTS = {
    None: [0.7, 1.6],
    "intercept": [0.7, 1.6, 0.7],
    "slope": [0.7, 1.6, 0.7, -0.2, 0.3],
    "slope-only": [0.7, 1.6, 0.4],
    "threshold": [-0.4, 0.5, 0.4],
    "threshold+width": [-0.4, 0.5, 0.4, 0.1, 0.2],
}


@pytest.mark.parametrize("random", list(POINTS))
@pytest.mark.parametrize("free", ["nothing", "lapse", "both", "prior"])
def test_gradient_and_hessian(random: str | None, free: str) -> None:
    model, _ = model_of(
        GLMM,
        20,
        random,
        lapse=0.0 if free == "nothing" else None,
        guess=None if free == "both" else 0.02,
        lapse_prior=(2.0, 10.0) if free == "prior" else None,
    )
    rates = {"nothing": [], "lapse": [0.04], "prior": [0.04], "both": [0.04, 0.03]}[free]
    point = np.array(POINTS[random] + rates)
    surface = QuadratureSurface.of(model, 41 if model.n_random < 2 else 33)
    height = surface.at(point)
    step = 1e-4 * np.eye(len(point))
    around = [(surface.at(point + move), surface.at(point - move)) for move in step]
    gradient = [(up.value - down.value) / 2e-4 for up, down in around]
    hessian = [(up.gradient - down.gradient) / 2e-4 for up, down in around]
    scale = np.abs(height.hessian).max()
    np.testing.assert_allclose(height.gradient, gradient, atol=1e-6 * scale)
    np.testing.assert_allclose(height.hessian, hessian, atol=1e-5 * scale)


def test_many_points_at_once_are_as_one_by_one() -> None:
    model, _ = model_of(GLMM, 20, "threshold+width")
    surface = QuadratureSurface.of(model, 17)
    points = np.array(POINTS["threshold+width"]) + 0.1 * np.random.default_rng(1).normal(
        size=(6, 5)
    )
    together = surface.values(points)
    np.testing.assert_allclose(together, [surface.log_likelihood(p) for p in points], rtol=1e-12)


def test_more_nodes_for_some_listeners_only() -> None:
    model, _ = model_of(GLMM, 20, "intercept")
    point = np.array(POINTS["intercept"])
    nodes = np.where(np.arange(12) % 2, 21, 41)
    mixed, even = QuadratureSurface.of(model, nodes), QuadratureSurface.of(model, 41)
    assert mixed.n_nodes == 41
    np.testing.assert_allclose(mixed.by_listener(point[None]), even.by_listener(point[None]))
    here, there = mixed.at(point), even.at(point)
    np.testing.assert_allclose(here.gradient, there.gradient, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(here.modes, there.modes)


def test_the_grid_covers_a_listener_who_was_always_right() -> None:
    """Half a bell: sharp on one side, the prior's own tail on the other."""
    table = np.full((2, 6), 100.0)
    table[1] = 50.0
    model, _ = model_of(table, 100, "intercept", guess=0.5)
    grid = grid_of(model, np.array([[0.0, 4.0, 6.0]]), 401)
    weights = np.exp(grid.log_f - grid.log_f.max(axis=2, keepdims=True))[0]
    assert np.all(weights[:, [0, -1]] < 1e-8)
    assert np.all((weights > 1e-3).sum(axis=1) > 20)


def test_conditional_moments_against_brute_force() -> None:
    model, _ = model_of(GLMM, 20, "intercept")
    point = np.array([0.77, 1.73, 0.7])
    found = QuadratureSurface.of(model, 41).conditional(point)
    z = np.linspace(-9, 9, 4001)
    eta = point[0] + point[2] * z[:, None] + point[1] * (LEVELS - MIDDLE) / HALF
    rows = log_binomial(GLMM[:, None], np.asarray(20.0), eta, 0.0, 0.0).sum(axis=2) - z**2 / 2
    weights = np.exp(rows - rows.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights @ z
    np.testing.assert_allclose(found.mean[:, 0], mean, atol=1e-8)
    np.testing.assert_allclose(found.covariance[:, 0, 0], weights @ z**2 - mean**2, atol=1e-8)

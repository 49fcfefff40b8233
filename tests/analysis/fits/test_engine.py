"""The engine and its priors: derivatives, batches, and the worst data sets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import betabinom, binom

from jndlab.analysis.fits.climb import climb
from jndlab.analysis.fits.design import make_design
from jndlab.analysis.fits.engine import maximise
from jndlab.analysis.fits.likelihood import log_coefficients, prepare
from jndlab.analysis.fits.priors import beta_prior, threshold_prior, width_prior
from jndlab.analysis.fits.surface import Surface
from jndlab.sigmoids import SIGMOIDS

LEVELS = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 9.0])


def design_of(sigmoid="norm", direction="rises", lapse_beta=(1.0, 10.0), **free):
    options = {"guess_rate": 0.5, "overdispersion": 0.0} | free
    return make_design(
        LEVELS, sigmoid=sigmoid, direction=direction, lapse_prior=lapse_beta, **options
    )


@pytest.mark.parametrize("direction", ["rises", "falls"])
@pytest.mark.parametrize("sigmoid", list(SIGMOIDS))
def test_gradient_and_hessian_agree_with_differences(sigmoid: str, direction: str) -> None:
    """All five parameters free. Seed 5."""
    design = design_of(sigmoid, direction, (2.0, 10.0), guess_rate=None, overdispersion=None)
    rng = np.random.default_rng(5)
    n_trials = rng.integers(5, 30, (12, 6)).astype(float)
    counts = prepare(
        rng.binomial(n_trials.astype(int), 0.7).astype(float), n_trials, binomial=False
    )
    surface = Surface.of(design, use_prior=True)
    bounds = [(-0.3, 1.3), (-1.0, 0.9), (0.02, 0.3), (0.02, 0.3), (0.01, 0.6)]
    point = np.column_stack([rng.uniform(*bound, 12) for bound in bounds])
    _, gradient, hessian = surface.at(point, counts)
    h = 1e-5
    for i in range(5):
        move = np.eye(5)[i] * h
        up, down = surface.value(point + move, counts), surface.value(point - move, counts)
        np.testing.assert_allclose(gradient[:, i], (up - down) / (2 * h), rtol=1e-5, atol=1e-4)
        _, up, _ = surface.at(point + move, counts)
        _, down, _ = surface.at(point - move, counts)
        np.testing.assert_allclose(
            hessian[:, i], (up - down) / (2 * h), rtol=1e-4, atol=1e-3 * np.abs(hessian).max()
        )


def test_the_beta_binomial_likelihood_is_scipys() -> None:
    n_trials = np.array([[5.0, 30.0, 90.0, 0.0]])
    n_correct = np.array([[5.0, 11.0, 0.0, 0.0]])
    psi = np.array([[0.9, 0.55, 0.2, 0.5]])
    for eta in (1e-6, 0.01, 0.2, 0.7):
        nu = 1.0 / eta**2 - 1.0
        counts = prepare(n_correct, n_trials, binomial=False)
        value = counts.log_likelihood(psi, 1.0 - psi, np.array([eta]))
        value += log_coefficients(n_correct, n_trials)
        if eta > 1e-3:
            expected = betabinom.logpmf(n_correct, n_trials, psi * nu, (1 - psi) * nu)[:, :3]
        else:  # all but binomial, where the log-gamma functions of the other have lost their digits
            expected = binom.logpmf(n_correct, n_trials, psi)[:, :3]
        assert value[0] == pytest.approx(expected.sum(), abs=1e-6)


def test_a_general_optimiser_finds_nothing_better() -> None:
    """Hard little data sets: the mode must beat simplex searches from many places. Seed 7."""
    rng = np.random.default_rng(7)
    design = design_of("logistic", overdispersion=None)
    n_trials = rng.integers(1, 12, (12, 6)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), rng.uniform(0.3, 1.0, (12, 6))).astype(float)
    modes = maximise(design, n_correct, n_trials)
    assert modes.converged.all()
    surface = Surface.of(design, use_prior=True)
    for i in range(12):
        counts = prepare(n_correct[i : i + 1], n_trials[i : i + 1], binomial=False)

        def loss(p: np.ndarray, counts=counts) -> float:
            if not (0.0 <= p[2] <= 0.5 and 0.0 <= p[3] <= 0.99):
                return 1e9
            point = np.array([[p[0], p[1], p[2], 0.5, p[3]]])
            return min(1e9, -float(surface.value(point, counts)[0]))

        for start in ([0.2, -0.5, 0.05, 0.1], [0.8, -0.5, 0.05, 0.01], [0.5, 0.5, 0.2, 0.3]):
            found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 800})
            assert -found.fun <= modes.log_posterior[i] + 1e-6, (i, start)


@pytest.mark.parametrize("use_prior", [True, False])
def test_the_highest_of_several_tops_is_found(use_prior: bool) -> None:
    """300 ordinary data sets: no climb from 144 other places ends higher. Seed 3."""
    rng = np.random.default_rng(3)
    design = design_of("norm")
    threshold, width = rng.uniform(0.1, 0.9, (300, 1)), rng.uniform(0.2, 1.2, (300, 1))
    lapse_rate = rng.uniform(0.0, 0.08, (300, 1))
    chance = 0.5 + (0.5 - lapse_rate) * design.unscaled(threshold, width, design.inner)
    n_trials = np.full((300, 6), 30.0)
    n_correct = rng.binomial(30, chance).astype(float)
    found = maximise(design, n_correct, n_trials, use_prior=use_prior)
    surface = Surface.of(design, use_prior=use_prior)
    counts = prepare(n_correct, n_trials, binomial=True)
    highest = np.full(300, -np.inf)
    axes = [np.linspace(-0.3, 1.3, 9), np.log([0.15, 0.3, 0.6, 1.8]), [0.001, 0.05, 0.15, 0.35]]
    for place in product(*axes):
        starts = np.tile([*place, 0.5, 0.0], (300, 1))
        highest = np.fmax(highest, climb(surface, counts, starts).heights)
    assert np.all(found.log_posterior > highest - 1e-4)  # along ridges heights hardly differ


@pytest.mark.parametrize("use_prior", [True, False])
@pytest.mark.parametrize("sigmoid", list(SIGMOIDS))
def test_every_search_ends_also_on_absurd_data(sigmoid: str, use_prior: bool) -> None:
    """1000 data sets from a few trials and any proportions, below chance too. Seed 1."""
    rng = np.random.default_rng(1)
    n_trials = rng.integers(0, 25, (1000, 6)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), rng.random((1000, 6))).astype(float)
    for free in ({}, {"guess_rate": None}):
        design = design_of(sigmoid, "falls", **free)
        modes = maximise(design, n_correct, n_trials, use_prior=use_prior)
        # Without priors a likelihood may have no top: a ridge that falls by next to nothing.
        assert modes.converged.mean() >= (1.0 if use_prior else 0.997)
        assert np.all((modes.lapse_rate >= 0.0) & (modes.lapse_rate <= 0.5))
        if use_prior:
            assert np.all((modes.threshold > -0.5) & (modes.threshold < 1.5))


@pytest.mark.parametrize("guess_rate", [0.5, None])
def test_every_overdispersed_search_ends(guess_rate: float | None) -> None:
    """500 absurd data sets with five free parameters. Seed 8."""
    rng = np.random.default_rng(8)
    n_trials = rng.integers(0, 25, (500, 6)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), rng.random((500, 6))).astype(float)
    design = design_of(guess_rate=guess_rate, overdispersion=None)
    assert maximise(design, n_correct, n_trials).converged.all()


def test_a_batch_is_its_single_fits() -> None:
    rng = np.random.default_rng(2)
    n_trials = np.full((30, 6), 15.0)
    n_correct = rng.binomial(15, 0.75, (30, 6)).astype(float)
    design = design_of()
    batch = maximise(design, n_correct, n_trials)
    for i in range(30):
        single = maximise(design, n_correct[i : i + 1], n_trials[i : i + 1])
        assert single.threshold[0] == pytest.approx(batch.threshold[i], abs=1e-7)


def test_priors_have_the_published_shape() -> None:
    """Schütt et al. 2016: flat in the middle, half way down half way out, zero at the edge."""
    density = np.exp(threshold_prior(np.array([-0.5, -0.25, 0.0, 0.6, 1.0, 1.25, 1.6])).value)
    np.testing.assert_allclose(density, [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0], atol=1e-12)
    widths = np.array([0.09, 0.15, 0.2, 0.7, 1.0, 2.0, 3.1])
    density = np.exp(width_prior(np.log(widths), spacing=0.1).value)
    np.testing.assert_allclose(density, [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0], atol=1e-12)
    rates = np.linspace(0.0, 1.0, 10_001)[:-1] + 0.00005
    density = np.exp(beta_prior(rates, beta=(1.0, 10.0)).value)
    assert density.mean() == pytest.approx(1.0, abs=1e-4)
    assert (density * rates).mean() == pytest.approx(1 / 11, abs=1e-4)

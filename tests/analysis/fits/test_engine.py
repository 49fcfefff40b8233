"""The engine and its priors: derivatives, batches, and the worst data sets."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.fits.design import make_design
from jndlab.analysis.fits.engine import _derivatives, log_posterior, maximise
from jndlab.analysis.fits.priors import lapse_prior, threshold_prior, width_prior
from jndlab.sigmoids import SIGMOIDS

LEVELS = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 9.0])


def design_of(sigmoid="norm", direction="rises", lapse_beta=(1.0, 10.0)):
    return make_design(
        LEVELS,
        guess_rate=0.5,
        sigmoid=sigmoid,
        direction=direction,
        lapse_prior=lapse_beta,
        lapse_rate=None,
    )


@pytest.mark.parametrize("direction", ["rises", "falls"])
@pytest.mark.parametrize("sigmoid", list(SIGMOIDS))
def test_gradient_and_hessian_agree_with_differences(sigmoid: str, direction: str) -> None:
    design = design_of(sigmoid, direction, (2.0, 10.0))
    rng = np.random.default_rng(5)
    n_trials = rng.integers(5, 30, (12, 6)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), 0.7).astype(float)
    point = np.column_stack(
        [rng.uniform(-0.3, 1.3, 12), rng.uniform(-1.0, 0.9, 12), rng.uniform(0.02, 0.3, 12)]
    )
    gradient, hessian = _derivatives(design, point, n_correct, n_trials - n_correct)
    h = 1e-5
    for i in range(3):
        move = np.eye(3)[i] * h
        up = log_posterior(design, point + move, n_correct, n_trials - n_correct)
        down = log_posterior(design, point - move, n_correct, n_trials - n_correct)
        np.testing.assert_allclose(gradient[:, i], (up - down) / (2 * h), rtol=1e-5, atol=1e-4)
        up, _ = _derivatives(design, point + move, n_correct, n_trials - n_correct)
        down, _ = _derivatives(design, point - move, n_correct, n_trials - n_correct)
        np.testing.assert_allclose(
            hessian[:, i], (up - down) / (2 * h), rtol=1e-4, atol=1e-3 * np.abs(hessian).max()
        )


@pytest.mark.parametrize("sigmoid", list(SIGMOIDS))
def test_every_search_ends_also_on_absurd_data(sigmoid: str) -> None:
    """2000 data sets from a few trials and any proportions, below chance too. Seed 1."""
    rng = np.random.default_rng(1)
    n_trials = rng.integers(0, 25, (2000, 6)).astype(float)
    n_correct = rng.binomial(n_trials.astype(int), rng.random((2000, 6))).astype(float)
    for direction in ("rises", "falls"):
        modes = maximise(design_of(sigmoid, direction), n_correct, n_trials)
        assert modes.converged.all()
        assert np.all((modes.threshold > -0.5) & (modes.threshold < 1.5))
        assert np.all((modes.lapse_rate >= 0.0) & (modes.lapse_rate <= 0.5))


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
    density = np.exp(lapse_prior(rates, beta=(1.0, 10.0)).value)
    assert density.mean() == pytest.approx(1.0, abs=1e-4)
    assert (density * rates).mean() == pytest.approx(1 / 11, abs=1e-4)

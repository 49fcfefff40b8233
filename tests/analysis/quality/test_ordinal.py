"""The ordinal mixed model: R's clmm, an ordinary ordered model, integration, recovery."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from jndlab.analysis import fit_ordinal
from jndlab.analysis.quality.ordinal_likelihood import OrdinalModel
from jndlab.errors import DataError, FitError

# Bitterness of wine (Randall 1989, Biometrical Journal 31, 781-793): nine judges; columns are
# cold and warm, without and with contact, two bottles each.
WINE = [
    [2, 3, 3, 4, 4, 4, 5, 5],
    [1, 2, 1, 3, 2, 3, 5, 4],
    [2, 3, 3, 2, 5, 5, 4, 4],
    [3, 2, 3, 2, 3, 2, 5, 3],
    [2, 3, 4, 3, 3, 3, 3, 3],
    [3, 2, 3, 2, 2, 4, 5, 4],
    [1, 1, 2, 2, 2, 3, 2, 3],
    [2, 2, 2, 3, 3, 3, 3, 4],
    [1, 2, 3, 2, 3, 2, 4, 4],
]


def wine():
    warm, contact = np.tile([0, 0, 0, 0, 1, 1, 1, 1], 9), np.tile([0, 0, 1, 1, 0, 0, 1, 1], 9)
    return np.ravel(WINE), np.column_stack([warm, contact]), np.repeat(np.arange(9), 8)


def simulate(rng, *, n_listeners=24, n_trials=20, effect=0.8, sd=0.6, slope_sd=0.0):
    listener = np.repeat(np.arange(n_listeners), n_trials)
    x = np.tile([0.0, 1.0], n_listeners * n_trials // 2)
    slopes = effect + slope_sd * rng.normal(size=n_listeners)
    latent = slopes[listener] * x + sd * rng.normal(size=n_listeners)[listener]
    latent = latent + rng.normal(size=len(listener))
    return np.digitize(latent, [-1.0, 0.0, 0.8, 1.8]) + 1, x[:, None], listener


# What R prints for ordinal::clmm(rating ~ temp + contact + (1 | judge), data = wine), which takes
# Laplace's approximation: as the example of broom's tidy.clmm shows it (log-likelihood, standard
# errors) and as the repository stitchfix/diamond stores it (examples/ordinal, all digits).
CLMM_CUTS = (-1.62366694779619, 1.51336520227968, 4.22852671695733, 6.08877259115472)
CLMM_EFFECTS = (3.0629966560421, 1.83488493779128)
CLMM_SD = 1.131133
CLMM_LOG_LIKELIHOOD = -81.56541


def test_the_maximum_of_clmm_is_ours() -> None:
    votes, design, judges = wine()
    laplace = OrdinalModel(
        category=votes.astype(np.int64) - 1,
        design=design,
        listener=judges,
        n_categories=5,
        n_listeners=9,
        symmetric=False,
        link="logit",
        n_nodes=1,
    )
    steps = np.log(np.diff(CLMM_CUTS))
    point = np.array([CLMM_CUTS[0], *steps, *CLMM_EFFECTS, CLMM_SD])
    top = laplace.height(point).value
    assert top == pytest.approx(CLMM_LOG_LIKELIHOOD, abs=1e-5)
    for direction in 0.01 * np.eye(len(point)):
        assert laplace.height(point + direction).value < top
        assert laplace.height(point - direction).value < top


def test_more_nodes_move_the_numbers_of_clmm_by_little() -> None:
    fit = fit_ordinal(*wine(), names=("warm", "contact"), link="logit", n_nodes=10)
    assert fit.log_likelihood == pytest.approx(CLMM_LOG_LIKELIHOOD, abs=0.05)
    assert fit.thresholds == pytest.approx(CLMM_CUTS, abs=0.005)
    effects = (fit.effect("warm"), fit.effect("contact"))
    assert [one.estimate for one in effects] == pytest.approx(CLMM_EFFECTS, abs=0.005)
    assert effects[0].standard_error == pytest.approx(0.595, abs=0.001)
    assert effects[1].standard_error > 0.513  # the robust one is larger here
    assert fit.sd_listeners == pytest.approx(CLMM_SD, abs=0.005)
    assert fit.converged
    assert "9 listeners" in fit.warnings[0]


def test_without_spread_it_is_the_ordinary_ordered_model() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    rng = np.random.default_rng(5)
    y, x, listener = simulate(rng, sd=0.0)
    fit = fit_ordinal(y, x, listener, names=("x",))
    plain = OrderedModel(y, x, distr="probit").fit(method="bfgs", disp=False)
    assert fit.sd_listeners < 0.2
    if fit.sd_listeners < 1e-2:
        assert fit.log_likelihood == pytest.approx(plain.llf, abs=1e-3)
    assert fit.effect("x").estimate == pytest.approx(plain.params[0], abs=0.02)
    assert fit.log_likelihood >= plain.llf - 1e-6


@pytest.mark.parametrize("link", ["probit", "logit"])
@pytest.mark.parametrize("symmetric", [False, True])
def test_the_likelihood_is_the_integral(link, symmetric) -> None:
    rng = np.random.default_rng(7)
    n_free = 2 if symmetric else 4
    model = OrdinalModel(
        category=rng.integers(5, size=30),
        design=rng.normal(size=(30, 2)),
        listener=np.repeat([0, 1, 2], 10),
        n_categories=5,
        n_listeners=3,
        symmetric=symmetric,
        link=link,
        n_nodes=31,
    )
    point = np.array([*[-0.4, 0.1, -0.3, 0.2][:n_free], 0.5, -0.3, 0.8])
    cuts = np.concatenate([[-np.inf], model.thresholds(point), [np.inf]])
    cdf = stats.norm.cdf if link == "probit" else stats.logistic.cdf
    eta = model.design @ point[n_free:-1]

    def integrand(z, who):
        rows = model.listener == who
        place = eta[rows] + point[-1] * z
        p = cdf(cuts[model.category[rows] + 1] - place) - cdf(cuts[model.category[rows]] - place)
        return np.prod(p) * stats.norm.pdf(z)

    expected = sum(
        np.log(integrate.quad(integrand, -9, 9, args=(who,), epsabs=1e-14)[0]) for who in range(3)
    )
    here = model.height(point)
    assert here.value == pytest.approx(expected, abs=1e-6)
    for at in range(len(point)):
        step = 1e-5 * np.eye(len(point))[at]
        slope = (model.height(point + step).value - model.height(point - step).value) / 2e-5
        assert here.scores.sum(axis=0)[at] == pytest.approx(slope, abs=1e-4)


def test_symmetric_thresholds_mirror_each_other() -> None:
    rng = np.random.default_rng(1)
    listener = np.repeat(np.arange(12), 20)
    x = np.tile([-0.5, 0.5], 120)
    latent = 1.2 * x + rng.normal(size=240)
    y = np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]) - 2
    fit = fit_ordinal(y, x[:, None], listener, names=("x",), symmetric=True)
    assert fit.thresholds == pytest.approx([-one for one in fit.thresholds[::-1]])
    assert fit.categories == (-2.0, -1.0, 0.0, 1.0, 2.0)
    assert 1.2 in fit.effect("x").interval
    even = fit_ordinal(np.where(y >= 0, 1, -1), x[:, None], listener, names=("x",), symmetric=True)
    assert even.thresholds == (0.0,)


def test_truth_is_recovered() -> None:
    y, x, listener = simulate(np.random.default_rng(2), n_listeners=60, n_trials=40)
    fit = fit_ordinal(y, x, listener, names=("x",), coverage=0.99)
    assert 0.8 in fit.effect("x").interval
    assert fit.sd_listeners == pytest.approx(0.6, abs=0.2)
    assert fit.thresholds == pytest.approx((-1.0, 0.0, 0.8, 1.8), abs=0.35)


@pytest.mark.slow
def test_intervals_cover_though_listeners_differ_in_their_effect() -> None:
    """A model with a random intercept alone takes such listeners' votes for independent: the robust
    errors do not."""
    draws, hits, n_studies = np.random.default_rng(3), 0, 60
    everybody = fit_ordinal(
        *simulate(draws, n_listeners=800, sd=0.3, slope_sd=0.6), names=("x",), n_nodes=9
    )
    target = everybody.effect("x").estimate
    narrow = 0
    for _ in range(n_studies):
        y, x, listener = simulate(draws, sd=0.3, slope_sd=0.6)
        fit = fit_ordinal(y, x, listener, names=("x",), n_nodes=9)
        hits += target in fit.effect("x").interval
        narrow += abs(fit.effect("x").estimate - target) < 2.07 * 0.105  # by the curvature alone
    assert stats.binomtest(hits, n_studies, 0.95).pvalue > 0.001
    assert hits > narrow


def test_an_endless_effect_is_no_result() -> None:
    listener = np.repeat(np.arange(10), 8)
    x = np.tile([0.0, 1.0], 40)
    y = np.where(x > 0, 2, 1)
    y[:4] = [1, 2, 1, 2]
    fit = fit_ordinal(y, x[:, None], listener, names=("x",))
    assert not fit.converged
    assert any("did not settle" in one for one in fit.warnings)


def test_bad_input() -> None:
    y, x, listener = wine()
    with pytest.raises(DataError, match="do not fit together"):
        fit_ordinal(y, x, listener, names=("warm",))
    with pytest.raises(DataError, match="missing"):
        fit_ordinal(np.where(y > 4, np.nan, y), x, listener, names=("warm", "contact"))
    with pytest.raises(DataError, match="apart"):
        fit_ordinal(y, x[:, [0, 0]], listener, names=("warm", "again"))
    with pytest.raises(FitError, match="same category"):
        fit_ordinal(np.ones(72), x, listener, names=("warm", "contact"))
    with pytest.raises(FitError, match="One listener"):
        fit_ordinal(y, x, np.zeros(72), names=("warm", "contact"))

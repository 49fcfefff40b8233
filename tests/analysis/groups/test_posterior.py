"""The Bayesian group model: against a dense grid, its prior, and simulated truths."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp, ndtr

from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.model import build_model
from jndlab.analysis.groups.posterior import fit_group_posterior
from jndlab.analysis.groups.priors import GroupPriors, default_group_priors
from jndlab.analysis.groups.quadrature import QuadratureSurface
from jndlab.analysis.groups.unconstrained import PosteriorSurface, Space
from jndlab.errors import FitError

from .dense import GLMM, LEVELS, columns, random_intercept, simulate

SPAN = 3.2897072539


def space_of(random: str, lapse: float | None = None) -> Space:
    counts = pack_counts(*columns(GLMM[:6], 20))
    model = build_model(
        counts,
        get_random_effects(random),
        sigmoid="norm",
        direction="rises",
        guess_rate=0.02,
        lapse_rate=lapse,
        lapse_prior=None,
    )
    return Space(model=model, priors=default_group_priors(model.scale))


def test_against_a_dense_grid() -> None:
    """Threshold, log width and SD of thresholds on a grid, every marginal likelihood by brute
    force: means, SDs and the evidence."""
    table = simulate(np.random.default_rng(3), n_listeners=4, n_trials=15, sd=0.6)
    fit = fit_group_posterior(*columns(table, 15), paradigm="yes_no", lapse_rate=0.0)
    centre, spread = fit.estimates, fit.posterior_sds
    thresholds = np.linspace(-6, 6, 21) * spread["threshold"] + centre["threshold"]
    log_widths = np.linspace(-5, 5, 21) * spread["width"] / centre["width"] + np.log(
        centre["width"]
    )
    sds = (np.arange(21) + 0.5) / 21 * (centre["sd_threshold"] + 7 * spread["sd_threshold"])
    # Priors by their formulas: range 5, middle 3.5.
    prior = (
        (-0.5 * ((thresholds - 3.5) / 5) ** 2 - np.log(5 * np.sqrt(2 * np.pi)))[:, None, None]
        + (-0.5 * (log_widths - np.log(2.5)) ** 2 - np.log(np.sqrt(2 * np.pi)))[:, None]
        + np.log(2)
        - 0.5 * (sds / 2.5) ** 2
        - np.log(2.5 * np.sqrt(2 * np.pi))
    )
    heights = np.empty((21, 21, 21))
    for b, log_width in enumerate(log_widths):
        slope = SPAN / np.exp(log_width)
        for a, threshold in enumerate(thresholds):
            for c, sd in enumerate(sds):
                heights[a, b, c] = random_intercept(
                    table,
                    15,
                    intercept=-slope * threshold,
                    slope=slope,
                    sd=slope * sd,
                    n_nodes=121,
                )
    total = heights + prior
    cell = np.log(np.diff(thresholds)[0] * np.diff(log_widths)[0] * np.diff(sds)[0])
    assert fit.log_evidence == pytest.approx(float(logsumexp(total) + cell), abs=0.05)
    weights = np.exp(total - logsumexp(total))
    for name, axis, values in (("threshold", (1, 2), thresholds), ("sd_threshold", (0, 1), sds)):
        share = weights.sum(axis=axis)
        mean = share @ values
        sd = np.sqrt(share @ (values - mean) ** 2)
        assert fit.estimate(name) == pytest.approx(mean, abs=0.05 * sd)
        assert fit.standard_error(name) == pytest.approx(sd, rel=0.06)
    assert fit.converged


def test_flat_priors_and_many_trials_give_the_maximum_likelihood_fit() -> None:
    rows = columns(GLMM, 20)
    wide = GroupPriors(threshold=(3.5, 100.0), width=(3.0, 10.0), sd_threshold=100.0)
    fit = fit_group_posterior(*rows, paradigm="yes_no", lapse_rate=0.0, priors=wide)
    likely = fit_group(*rows, paradigm="yes_no", random="threshold")
    assert fit.estimate("threshold") == pytest.approx(likely.estimate("threshold"), abs=0.03)
    assert fit.estimate("width") == pytest.approx(likely.estimate("width"), rel=0.02)
    mine, theirs = fit.interval("threshold"), likely.interval("threshold")
    assert mine.low == pytest.approx(theirs.low, abs=0.1)
    assert mine.high == pytest.approx(theirs.high, abs=0.1)
    for own, other in zip(fit.listeners, likely.listeners, strict=True):
        assert own.threshold == pytest.approx(other.threshold, abs=0.05)
        assert own.threshold_sd == pytest.approx(other.threshold_sd, rel=0.1)
        assert own.interval.low < own.threshold < own.interval.high


@pytest.mark.parametrize("random", ["threshold", "threshold+width"])
def test_density_and_derivatives_in_free_vectors(random: str) -> None:
    space = space_of(random)
    surface = PosteriorSurface(
        space=space,
        likelihood=QuadratureSurface.of(space.model, 41 if random == "threshold" else 31),
    )
    vector = space.vector(
        np.array([-0.3, 0.4, 0.5, *([0.1, 0.3] if "width" in random else []), 0.04])
    )
    assert surface.values(vector[None])[0] == pytest.approx(surface.at(vector).value, abs=1e-6)
    height = surface.at(vector)
    moves = 1e-4 * np.eye(len(vector))
    slopes = [(surface.at(vector + m).value - surface.at(vector - m).value) / 2e-4 for m in moves]
    bends = [
        (surface.at(vector + m).gradient - surface.at(vector - m).gradient) / 2e-4 for m in moves
    ]
    scale = np.abs(height.hessian).max()
    np.testing.assert_allclose(height.gradient, slopes, atol=1e-5 * scale)
    np.testing.assert_allclose(height.hessian, bends, atol=1e-4 * scale)


@pytest.mark.parametrize("random", ["threshold", "threshold+width"])
def test_the_prior_integrates_to_one_and_is_what_is_drawn(random: str) -> None:
    """Importance sampling from a wider Student t: the mean ratio is the prior's integral."""
    space = space_of(random)
    size = space.n_free
    rng = np.random.default_rng(5)
    draws = space.draw(rng.random((40_000, size)))
    centre, spread = draws.mean(axis=0), 1.6 * draws.std(axis=0)
    freedom = 5.0
    normal = rng.standard_normal((40_000, size))
    stretch = np.sqrt(freedom / rng.chisquare(freedom, 40_000))[:, None]
    vectors = centre + spread * normal * stretch
    inner = ((vectors - centre) / spread) ** 2
    log_proposal = (
        gammaln((freedom + size) / 2)
        - gammaln(freedom / 2)
        - 0.5 * size * np.log(freedom * np.pi)
        - np.log(spread).sum()
        - 0.5 * (freedom + size) * np.log1p(inner.sum(axis=1) / freedom)
    )
    ratio = np.exp(space.log_prior(vectors) - log_proposal)
    assert ratio.mean() == pytest.approx(1.0, abs=0.06)
    weights = ratio / ratio.sum()
    np.testing.assert_allclose(weights @ vectors, centre, atol=0.15)
    points = space.points(draws)
    assert np.median(points[:, 2]) == pytest.approx(0.6745, abs=0.02)
    assert points[:, -1].mean() == pytest.approx(1 / 11, abs=0.003)
    if random == "threshold+width":
        correlation = -points[:, 3] / np.hypot(points[:, 3], points[:, 4])
        assert correlation.var() == pytest.approx(0.2, abs=0.01)


def test_truths_from_the_prior_have_uniform_ranks() -> None:
    """Simulation-based calibration (Talts et al. 2018), 40 studies of 5 listeners, seed 11: the
    posterior probability below the truth is uniform, for threshold, width and spread."""
    rng = np.random.default_rng(11)
    levels = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    ranks: dict[str, list[float]] = {"threshold": [], "width": [], "sd_threshold": []}
    inside = 0
    for _ in range(40):
        threshold, width = rng.normal(3.0, 4.0), 2.0 * np.exp(rng.normal())
        sd = 2.0 * abs(rng.normal())
        own = threshold + sd * rng.normal(size=5)
        heard = ndtr(SPAN * (levels - own[:, None]) / width)
        table = rng.binomial(10, 0.5 + 0.5 * heard).astype(float)
        fit = fit_group_posterior(
            *columns(table, 10, levels), paradigm="2afc", lapse_rate=0.0, n_draws=512
        )
        for name, truth in (("threshold", threshold), ("width", width), ("sd_threshold", sd)):
            ranks[name].append(fit.probability_below(name, truth))
        interval = fit.listeners[2].interval
        inside += interval.low < own[2] < interval.high
    for values in ranks.values():
        assert np.mean(values) == pytest.approx(0.5, abs=3 / np.sqrt(12 * 40))
        assert np.var(values) == pytest.approx(1 / 12, abs=3 * np.sqrt(1 / 180 / 40))
    assert inside / 40 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 40)


def test_equal_seeds_equal_results_and_others_agree() -> None:
    rows = columns(GLMM[:6], 20)
    one, same, other = (
        fit_group_posterior(*rows, paradigm="yes_no", seed=seed, n_draws=2048) for seed in (1, 1, 2)
    )
    assert one.estimates == same.estimates
    assert one.estimates != other.estimates
    for name in ("threshold", "width", "sd_threshold", "lapse_rate"):
        gap = abs(one.estimate(name) - other.estimate(name))
        assert gap < 0.15 * one.standard_error(name)
    assert one.log_evidence == pytest.approx(other.log_evidence, abs=0.05)
    assert one.seed == 1


def test_data_without_a_maximum_have_a_posterior() -> None:
    """Everything right, and perfectly separated levels: the priors keep it proper."""
    five = np.arange(1.0, 6.0)
    right = fit_group_posterior(*columns(np.full((3, 5), 10.0), 10, five), paradigm="2afc")
    assert right.estimate("threshold") < 1.0
    assert any("extrapolated" in warning for warning in right.warnings)
    assert right.interval("threshold").length > 4.0
    steps = np.tile([0.0, 0, 0, 10, 10], (4, 1))
    split = fit_group_posterior(*columns(steps, 10, five), paradigm="yes_no")
    assert 3.0 < split.estimate("threshold") < 4.0
    assert split.interval("width").high < 2.0


def test_width_may_vary_too() -> None:
    table = simulate(np.random.default_rng(4), n_listeners=6, n_trials=15, sd=0.7, guess=0.5)
    fit = fit_group_posterior(
        *columns(table, 15), paradigm="2afc", random="threshold+width", n_draws=1024
    )
    assert set(fit.estimates) >= {"sd_log_width", "correlation", "lapse_rate", "guess_rate"}
    interval = fit.interval("correlation")
    assert -1 < interval.low < interval.high < 1
    assert fit.threshold_at(0.75).value == pytest.approx(fit.estimate("threshold"), abs=1e-9)
    assert fit.threshold_at(d_prime=1).target_probability == pytest.approx(0.76025, abs=1e-5)
    assert fit.spread.another_listener.length > fit.interval("threshold").length


def test_the_result_says_how_it_was_made() -> None:
    fit = fit_group_posterior(*columns(GLMM[:6], 20), paradigm="yes_no", n_draws=1024)
    plain = json.loads(json.dumps(fit.to_dict()))
    assert plain["priors"]["threshold"] == [3.5, 5.0]
    assert plain["sampling"]["n_draws"] >= 1000
    assert plain["intervals"]["threshold"]["method"] == "posterior, equal-tailed"
    assert "points" not in plain
    assert fit.interval("guess_rate").length == 0.0
    assert fit.probability_below("guess_rate", 0.1) == 1.0
    assert 0.0 < fit.probability_below("threshold", fit.estimate("threshold")) < 1.0
    assert LEVELS[0] == fit.levels[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"random": "slope"}, "random thresholds and widths"),
        ({"n_draws": 10}, "too few"),
        ({"priors": GroupPriors(threshold=(3, -1), width=(1, 1), sd_threshold=1)}, "not above 0"),
    ],
)
def test_refusals(options, message: str) -> None:
    with pytest.raises(FitError, match=message) as caught:
        fit_group_posterior(*columns(GLMM, 20), paradigm="yes_no", **options)
    assert caught.value.remedy
    with pytest.raises(FitError, match="one listener"):
        fit_group_posterior(*columns(GLMM[:1], 20), paradigm="yes_no")

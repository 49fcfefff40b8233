"""Laplace's approximation against glmmTMB and lme4, differences, and a crossed example."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp, ndtr

from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.effects import get_random_effects
from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.laplace import LaplaceSurface
from jndlab.analysis.groups.model import build_model
from tests.analysis.reference import entries, needs_reference

from .dense import GLMM, LEVELS, columns, log_binomial

# glmer(nAGQ = 1) of lme4 1.1.31 and glmmTMB 1.1.5: intercept, slope, SD, log-likelihood.
LME4 = (-1.666977, 0.69552317, 0.69523631, -138.10875)
GLMM_TMB = (-1.6637322, 0.69415308, 0.69376076, -138.06499)


@pytest.mark.parametrize(
    ("method", "expected"), [("laplace", GLMM_TMB), ("laplace-expected", LME4)]
)
def test_the_two_conventions_of_other_programs(method: str, expected) -> None:
    fit = fit_group(*columns(GLMM, 20), paradigm="yes_no", method=method)
    found = [fit.estimate(name) for name in ("intercept", "slope", "sd_intercept")]
    np.testing.assert_allclose(found, expected[:3], atol=2e-5)
    assert fit.log_likelihood == pytest.approx(expected[3], abs=1e-5)
    assert fit.log_likelihood_error is None


@needs_reference
def test_reference_entries_of_laplace() -> None:
    for entry in entries("glmm_probit"):
        data, result = entry["data"], entry["result"]
        args = data["listener"], data["x"], data["k"], data["n"]
        if "glmmTMB" in result and "random_intercept" in entry["id"]:
            fit = fit_group(*args, paradigm="yes_no", method="laplace")
            assert fit.log_likelihood == pytest.approx(result["glmmTMB"]["loglik"], abs=1e-3)
            assert fit.estimate("slope") == pytest.approx(result["glmmTMB"]["fixef"][1], abs=1e-3)


def crossed(n_listeners: int = 5, n_trials: int = 8):
    """Two items, random intercepts of listeners, normal item effects; exact by brute force."""
    rng = np.random.default_rng(4)
    u, v = rng.normal(size=n_listeners), 0.7 * rng.normal(size=2)
    eta = -3.5 + LEVELS + u[:, None, None] + v[:, None]
    return rng.binomial(n_trials, ndtr(eta)).astype(float), n_trials


def exact_crossed(table, n_trials: int, intercept: float, slope: float, sd: float, sd_item: float):
    z = np.linspace(-8, 8, 321)
    w = np.linspace(-7, 7, 141)
    prior_z, prior_w = (-0.5 * x**2 - 0.5 * np.log(2 * np.pi) + np.log(x[1] - x[0]) for x in (z, w))
    eta = intercept + sd * z[:, None, None] + sd_item * w[:, None] + slope * LEVELS
    total = prior_w[:, None] + prior_w
    for person in table:
        rows = [
            log_binomial(item, np.asarray(float(n_trials)), eta, 0.0, 0.0).sum(axis=2)
            for item in person
        ]
        first, second = (np.exp(part - part.max()) for part in rows)
        joint = (first * np.exp(prior_z)[:, None]).T @ second
        total = total + np.log(joint) + rows[0].max() + rows[1].max()
    return float(logsumexp(total))


def rows_of(table, n_trials: int):
    person, item, level = np.indices(table.shape)
    return (
        person.ravel(),
        LEVELS[level.ravel()],
        table.ravel(),
        np.full(table.size, float(n_trials)),
        item.ravel(),
    )


def test_crossed_items_against_brute_force() -> None:
    """Not equal: Laplace's approximation. But near it, with 96 trials per listener."""
    table, n_trials = crossed()
    listener, level, n_correct, trials, item = rows_of(table, n_trials)
    fit = fit_group(listener, level, n_correct, trials, paradigm="yes_no", item=item)
    names = ("intercept", "slope", "sd_intercept", "sd_item")
    point = [fit.estimate(name) for name in names]
    exact = exact_crossed(table, n_trials, *point)
    assert fit.log_likelihood == pytest.approx(exact, abs=0.05)
    for at in range(4):
        for sign in (-1, 1):
            beside = list(point)
            beside[at] *= 1 + 0.15 * sign
            assert exact_crossed(table, n_trials, *beside) < exact
    assert "Laplace" in fit.method


@pytest.mark.parametrize("random", ["intercept", "threshold+width"])
@pytest.mark.parametrize("lapse", [0.0, None])
@pytest.mark.parametrize("expected", [False, True])
def test_gradient(random: str, lapse: float | None, expected: bool) -> None:
    table, n_trials = crossed()
    listener, level, n_correct, trials, item = rows_of(table, n_trials)
    counts = pack_counts(listener, level, n_correct, trials, item=item)
    model = build_model(
        counts,
        get_random_effects(random),
        sigmoid="norm",
        direction="rises",
        guess_rate=0.02,
        lapse_rate=lapse,
        lapse_prior=None,
        use_items=True,
    )
    point = np.array(
        [0.1, 0.7, 0.6, 0.5] if random == "intercept" else [0.1, 0.7, 0.4, 0.1, 0.2, 0.3]
    )
    point = np.append(point, [] if lapse is not None else [0.03])
    surface = LaplaceSurface.of(model, expected=expected)
    height = surface.at(point)
    assert height.value == pytest.approx(surface.log_likelihood(point), abs=1e-9)
    moves = 1e-4 * np.eye(len(point))
    slopes = [
        (surface.log_likelihood(point + move) - surface.log_likelihood(point - move)) / 2e-4
        for move in moves
    ]
    np.testing.assert_allclose(height.gradient, slopes, atol=2e-4)


def test_item_effects_are_recovered() -> None:
    """A large design: the items' own shifts come out, centred on the average item."""
    rng = np.random.default_rng(9)
    shifts = np.array([-0.8, -0.3, 0.0, 0.3, 0.8])
    u = 0.5 * rng.normal(size=12)
    eta = -3.5 + LEVELS + u[:, None, None] + shifts[:, None]
    table = np.round(200 * ndtr(eta))
    listener, level, n_correct, trials, item = rows_of(table, 200)
    fit = fit_group(listener, level, n_correct, trials, paradigm="yes_no", item=item)
    found = np.array([entry.shift for entry in fit.items])
    np.testing.assert_allclose(found - found.mean(), shifts, atol=0.02)
    assert fit.estimate("sd_item") == pytest.approx(np.std(shifts), rel=0.05)
    assert [entry.n_trials for entry in fit.items] == [12 * 6 * 200] * 5
    assert all(0 < entry.shift_sd < 0.5 for entry in fit.items)

"""fit_group: the published example, equal models, recovery, and what it refuses or says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis.groups.fit import fit_group
from jndlab.sigmoids import sigmoid as curve
from tests.analysis.reference import entries, needs_reference

from .dense import GLMM, LEVELS, columns, random_intercept, random_slope, simulate

ROWS = columns(GLMM, 20)


@pytest.fixture(scope="module")
def fit():
    return fit_group(*ROWS, paradigm="yes_no")


def test_the_published_random_intercept_model(fit) -> None:
    """Exact quadrature: estimates, log-likelihood; lme4 (nAGQ = 25): standard errors."""
    assert fit.estimate("intercept") == pytest.approx(-1.6636896, abs=1e-5)
    assert fit.estimate("slope") == pytest.approx(0.69413764, abs=1e-5)
    assert fit.estimate("sd_intercept") == pytest.approx(0.69377643, abs=1e-5)
    assert fit.log_likelihood == pytest.approx(-138.06376, abs=1e-5)
    assert fit.standard_error("intercept") == pytest.approx(0.22677732, rel=1e-4)
    assert fit.standard_error("slope") == pytest.approx(0.0342288, rel=1e-4)
    # lme4 prints the log-likelihood of nAGQ > 1 less that of the saturated model.
    assert fit.log_likelihood - fit.saturated_log_likelihood == pytest.approx(-62.937155, abs=1e-5)


@needs_reference
def test_reference_entries() -> None:
    for entry in entries("glmm_probit"):
        data, exact = entry["data"], entry["result"]["exact"]
        tolerance = entry["tolerance"]
        random = "slope" if isinstance(exact["sd"], list) and len(exact["sd"]) > 1 else "intercept"
        found = fit_group(
            data["listener"], data["x"], data["k"], data["n"], paradigm="yes_no", random=random
        )
        assert found.log_likelihood == pytest.approx(exact["loglik"], abs=tolerance["exact_loglik"])
        fixed = [found.estimate(name) for name in ("intercept", "slope")]
        np.testing.assert_allclose(fixed, exact["fixef"], atol=tolerance["exact_fixef"])
        sd = np.ravel(exact["sd"])[0]
        assert found.estimate("sd_intercept") == pytest.approx(sd, abs=tolerance["exact_sd"])


def test_the_maximum_is_one_by_brute_force(fit) -> None:
    point = {name: fit.estimate(f"{name}") for name in ("intercept", "slope")}
    sd = fit.estimate("sd_intercept")
    top = random_intercept(GLMM, 20, **point, sd=sd)
    assert fit.log_likelihood == pytest.approx(top, abs=1e-7)
    for name in point:
        for factor in (0.995, 1.005):
            beside = {**point, name: point[name] * factor}
            assert random_intercept(GLMM, 20, **beside, sd=sd) < top
    for factor in (0.97, 1.03):
        assert random_intercept(GLMM, 20, **point, sd=sd * factor) < top


def test_four_trials_per_listener_where_laplace_understates_the_spread() -> None:
    """Two trials at each of two levels: the exact maximum, and Laplace's well below it."""
    levels = np.array([1.0, 2.0])
    table = simulate(
        np.random.default_rng(0),
        n_listeners=120,
        n_trials=2,
        sd=1.5,
        levels=levels,
        threshold=2.5,
        width=3.2897,
    )
    rows = columns(table, 2, levels)
    exact = fit_group(*rows, paradigm="yes_no")
    point = {name: exact.estimate(name) for name in ("intercept", "slope")}
    sd = exact.estimate("sd_intercept")

    def dense(spread: float) -> float:
        return random_intercept(table, 2, **point, sd=spread, levels=levels)

    assert exact.log_likelihood == pytest.approx(dense(sd), abs=1e-6)
    assert dense(0.97 * sd) < dense(sd) > dense(1.03 * sd)
    laplace = fit_group(*rows, paradigm="yes_no", method="laplace")
    lme4 = fit_group(*rows, paradigm="yes_no", method="laplace-expected")
    assert lme4.estimate("sd_intercept") < laplace.estimate("sd_intercept") < 0.95 * sd
    assert any("understates the spread" in warning for warning in laplace.warnings)


def test_random_slope_is_at_the_maximum_of_brute_force() -> None:
    table = simulate(np.random.default_rng(2), n_listeners=8, n_trials=10, sd=0.8)
    fit = fit_group(*columns(table, 10), paradigm="yes_no", random="slope")
    sds = np.array([fit.estimate("sd_intercept"), fit.estimate("sd_slope")])
    shape = np.array([[1.0, fit.estimate("correlation")], [fit.estimate("correlation"), 1.0]])
    covariance = shape * np.outer(sds, sds) + 1e-12 * np.eye(2)
    dense = random_slope(
        table,
        10,
        intercept=fit.estimate("intercept"),
        slope=fit.estimate("slope"),
        covariance=covariance,
        n_nodes=241,
    )
    assert fit.log_likelihood == pytest.approx(dense, abs=1e-5)


def test_a_random_threshold_is_a_random_intercept_in_the_unit_of_the_level(fit) -> None:
    same = fit_group(*ROWS, paradigm="yes_no", random="threshold")
    assert same.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-8)
    for name in ("intercept", "slope", "threshold", "width", "sd_intercept", "sd_threshold"):
        assert same.estimate(name) == pytest.approx(fit.estimate(name), rel=1e-5)
        assert same.standard_error(name) == pytest.approx(fit.standard_error(name), rel=1e-4)
    assert fit.estimate("sd_threshold") == pytest.approx(
        fit.estimate("sd_intercept") / fit.estimate("slope")
    )


@pytest.mark.parametrize("random", ["intercept", "slope", "threshold+width"])
def test_unit_and_origin_of_the_level_do_not_matter(random: str) -> None:
    listener, level, n_correct, n_trials = ROWS
    fit = fit_group(*ROWS, paradigm="yes_no", random=random)
    moved = fit_group(
        listener, 1e6 + 1e-3 * level, n_correct, n_trials, paradigm="yes_no", random=random
    )
    assert moved.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-6)
    for name, factor in (("width", 1e-3), ("sd_threshold", 1e-3), ("slope", 1e3)):
        assert moved.estimate(name) == pytest.approx(factor * fit.estimate(name), rel=1e-3)
    assert moved.estimate("threshold") == pytest.approx(
        1e6 + 1e-3 * fit.estimate("threshold"), abs=1e-6
    )


def test_order_of_rows_and_names_of_listeners_do_not_matter(fit) -> None:
    listener, level, n_correct, n_trials = ROWS
    order = np.random.default_rng(1).permutation(len(listener))
    names = np.array([f"listener {number}" for number in range(12)])
    shuffled = fit_group(
        names[listener.astype(int)][order],
        level[order],
        n_correct[order],
        n_trials[order],
        paradigm="yes_no",
    )
    assert shuffled.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-9)
    assert shuffled.estimate("sd_intercept") == pytest.approx(fit.estimate("sd_intercept"))
    by_name = {entry.listener: entry.threshold for entry in shuffled.listeners}
    assert by_name["listener 3"] == pytest.approx(fit.listeners[3].threshold)


def test_trial_by_trial_rows_give_the_same_fit_and_their_own_likelihood(fit) -> None:
    listener, level, n_correct, n_trials = ROWS
    times = n_trials.astype(int)
    answers = np.concatenate([np.arange(20) < k for k in n_correct]).astype(int)
    single = fit_group(
        np.repeat(listener, times),
        np.repeat(level, times),
        answers,
        np.ones(1440),
        paradigm="yes_no",
    )
    assert single.estimate("sd_intercept") == pytest.approx(fit.estimate("sd_intercept"))
    # Single answers have no binomial coefficients.
    assert single.log_likelihood < fit.log_likelihood - 100
    assert any("rows were added" in warning for warning in single.warnings)


@pytest.mark.parametrize("guess", [0.0, 0.5])
@pytest.mark.parametrize("falling", [False, True])
def test_a_known_population_is_recovered(guess: float, falling: bool) -> None:
    """Expected counts of listeners at the quantiles of a normal distribution: no noise."""
    n_listeners, n_trials, sd, width = 41, 4000, 0.8, 2.4
    thresholds = 3.4 + sd * ndtri((np.arange(n_listeners) + 0.5) / n_listeners)
    eta = 3.2897072539 * (LEVELS - thresholds[:, None]) / width
    chance = guess + (1 - guess) * ndtr(-eta if falling else eta)
    fit = fit_group(
        *columns(np.round(n_trials * chance), n_trials),
        paradigm="yes_no" if guess == 0.0 else "2afc",
        direction="falls" if falling else "rises",
        random="threshold",
    )
    assert fit.estimate("threshold") == pytest.approx(3.4, abs=0.01)
    assert fit.estimate("width") == pytest.approx(width, rel=0.01)
    assert fit.estimate("sd_threshold") == pytest.approx(
        np.sqrt(np.mean((thresholds - 3.4) ** 2)), rel=0.01
    )
    assert np.sign(fit.estimate("slope")) == (-1 if falling else 1)
    assert not fit.warnings
    found = [entry.threshold for entry in fit.listeners]
    np.testing.assert_allclose(found, thresholds, atol=0.03)


@pytest.mark.parametrize("sigmoid", ["logistic", "gumbel", "student-t", "weibull", "lognormal"])
def test_other_sigmoids_recover_their_own_curve(sigmoid: str) -> None:
    factors = ndtri((np.arange(25) + 0.5) / 25)
    log_level = sigmoid in ("weibull", "lognormal")
    own = 3.0 * np.exp(0.2 * factors) if log_level else 3.0 + 0.6 * factors
    width = 1.2 if log_level else 2.5
    heard = curve(sigmoid, LEVELS, own[:, None], width)
    rows = columns(np.round(2000 * heard), 2000)
    fit = fit_group(*rows, paradigm="yes_no", random="threshold", sigmoid=sigmoid)
    assert fit.estimate("threshold") == pytest.approx(3.0, rel=0.02)
    assert fit.estimate("width") == pytest.approx(width, rel=0.02)
    spread = 0.2 if log_level else 0.6
    assert fit.estimate("sd_threshold") == pytest.approx(spread, rel=0.06)
    assert fit.spread.low < 3.0 < fit.spread.high


def test_lapses_are_estimated_and_their_neglect_is_noticed() -> None:
    table = simulate(
        np.random.default_rng(6),
        n_listeners=15,
        n_trials=30,
        sd=0.6,
        width=2.0,
        guess=0.5,
        lapse=0.06,
    )
    rows = columns(table, 30)
    naive = fit_group(*rows, paradigm="2afc", random="threshold")
    assert any('lapse_rate="estimate"' in warning for warning in naive.warnings)
    fit = fit_group(*rows, paradigm="2afc", random="threshold", lapse_rate="estimate")
    assert not any("lapse" in warning for warning in fit.warnings)
    assert fit.interval("lapse_rate").low < 0.06 < fit.interval("lapse_rate").high
    assert fit.log_likelihood > naive.log_likelihood + 2
    assert naive.estimate("width") > 1.2 * fit.estimate("width")
    prior = fit_group(*rows, paradigm="2afc", random="threshold", lapse_rate=(1, 200))
    assert 0.0 < prior.estimate("lapse_rate") < fit.estimate("lapse_rate")
    fixed = fit_group(*rows, paradigm="2afc", random="threshold", lapse_rate=0.06)
    assert fixed.estimate("lapse_rate") == 0.06
    assert fixed.standard_error("lapse_rate") == 0.0
    assert fixed.interval("lapse_rate").length == 0.0


def test_false_alarms_are_estimated_and_their_neglect_is_noticed() -> None:
    table = simulate(
        np.random.default_rng(6), n_listeners=15, n_trials=30, sd=0.6, width=2.0, guess=0.12
    )
    rows = columns(table, 30)
    naive = fit_group(*rows, paradigm="yes_no")
    assert any('guess_rate="estimate"' in warning for warning in naive.warnings)
    fit = fit_group(*rows, paradigm="yes_no", guess_rate="estimate")
    assert fit.interval("guess_rate").low < 0.12 < fit.interval("guess_rate").high

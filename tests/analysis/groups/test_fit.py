"""fit_group: the published example, equal models, recovery, and what it refuses or says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from jndlab.analysis.groups.fit import fit_group
from jndlab.errors import DataError, FitError
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


def test_listeners_who_agree_have_a_spread_of_zero_that_is_said_to_be_on_its_edge() -> None:
    table = np.tile([1.0, 3, 5, 7, 9, 9], (6, 1))
    fit = fit_group(*columns(table, 10), paradigm="yes_no")
    pooled = fit_group(*columns(table, 10), paradigm="yes_no", random=None)
    assert fit.estimate("sd_intercept") == pytest.approx(0.0, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(pooled.log_likelihood, abs=1e-6)
    assert np.isnan(fit.standard_error("sd_intercept"))
    assert any("estimated as 0" in warning for warning in fit.warnings)
    interval = fit.interval("sd_threshold")
    assert interval.low == 0.0 < interval.high
    assert any("pooled" in warning for warning in pooled.warnings)
    assert [entry.threshold for entry in fit.listeners] == pytest.approx(
        [fit.estimate("threshold")] * 6, abs=1e-6
    )


def test_two_spreads_that_vanish_have_no_correlation() -> None:
    table = np.tile([1.0, 3, 5, 7, 9, 9], (6, 1))
    fit = fit_group(*columns(table, 10), paradigm="yes_no", random="threshold+width")
    assert np.isnan(fit.estimate("correlation"))
    assert json.dumps(fit.to_dict())


def test_a_listener_with_two_trials_changes_little_and_is_named() -> None:
    listener, level, n_correct, n_trials = ROWS
    fit = fit_group(
        [*listener, "new"], [*level, 3.0], [*n_correct, 1], [*n_trials, 2], paradigm="yes_no"
    )
    assert fit.estimate("threshold") == pytest.approx(2.397, abs=0.05)
    new = fit.listeners[-1]
    assert (new.listener, new.n_trials) == ("new", 2)
    assert new.threshold_sd > 0.7 * fit.estimate("sd_threshold")
    assert any("new has fewer than 5 trials" in warning for warning in fit.warnings)


LADDER = [0.0, 0, 10, 10, 10]
FIVE = np.arange(1.0, 6.0)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ([[1.0, 3, 5, 7, 9]], {}, "one listener"),
        ([[10.0] * 5] * 3, {}, "Every response was correct"),
        ([[0.0] * 5] * 3, {}, "No response was correct"),
        ([LADDER] * 5, {}, "no maximum"),
        ([LADDER] * 5, {"random": "threshold"}, "no maximum|did not end"),
        ([[5.0, 5, 5, 5, 5], [4, 6, 5, 5, 6], [5, 6, 4, 5, 5]], {"paradigm": "2afc"}, "no maximum"),
        ([[9.0, 8, 5, 2, 1]] * 4, {"random": "threshold"}, "falls as the level grows"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"random": "threshold", "direction": "falls"}, "rises as the"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"random": "loudness"}, "no random effects called"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"random": "intercept+condition"}, "need conditions"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"method": "magic"}, "no method called"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"n_nodes": 2}, "2 nodes"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"direction": "up"}, "no direction"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"lapse_rate": 0.7}, "lapse rate of 0.7"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"lapse_rate": "free"}, "cannot be 'free'"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"lapse_rate": (0, 1)}, "no parameters of a lapse prior"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"guess_rate": -0.1}, "guess rate of -0.1"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"paradigm": "same_different"}, "false alarms is not known"),
        ([[1.0, 3, 5, 7, 9]] * 4, {"sigmoid": "round"}, "no sigmoid"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_a_remedy(table, options, message: str) -> None:
    arguments = {"paradigm": "yes_no", **options}
    with pytest.raises(FitError, match=message) as caught:
        fit_group(*columns(np.array(table), 10, FIVE), **arguments)
    assert caught.value.remedy


def test_one_level_and_levels_without_logarithm() -> None:
    with pytest.raises(FitError, match="one level"):
        fit_group([1, 2, 3], [1, 1, 1], [3, 4, 5], [10, 10, 10], paradigm="yes_no")
    with pytest.raises(DataError, match="has no logarithm"):
        fit_group(
            [1, 1, 2, 2], [0, 1] * 2, [3, 4] * 2, [10] * 4, paradigm="2afc", sigmoid="weibull"
        )
    with pytest.raises(DataError, match="no paradigm"):
        fit_group([1, 1, 2, 2], [0, 1] * 2, [3, 4] * 2, [10] * 4, paradigm="3ifc")


def test_falling_data_declared_rising_on_the_linear_predictor_warn() -> None:
    table = np.array([[9.0, 8, 5, 2, 1], [10, 7, 3, 1, 0], [9, 9, 6, 3, 0]])
    fit = fit_group(*columns(table, 10, FIVE), paradigm="yes_no")
    assert fit.estimate("slope") < 0
    assert any("falls as the level grows" in warning for warning in fit.warnings)
    assert any("Only 3 listeners" in warning for warning in fit.warnings)
    declared = fit_group(*columns(table, 10, FIVE), paradigm="yes_no", direction="falls")
    assert not any("as the level grows" in warning for warning in declared.warnings)
    assert declared.estimate("threshold") == pytest.approx(fit.estimate("threshold"))


def test_a_result_says_how_it_was_made_and_goes_into_json(fit) -> None:
    plain = json.loads(json.dumps(fit.to_dict()))
    assert plain["method"] == "maximum likelihood, adaptive quadrature"
    assert plain["options"]["random"] == "intercept"
    assert plain["intervals"]["threshold"]["low"] == pytest.approx(fit.interval("threshold").low)
    assert len(plain["listeners"]) == 12
    assert "counts" not in plain
    assert "maximum" not in plain
    assert fit.data_digest
    assert fit.converged
    with pytest.raises(FitError, match="no 'loudness'"):
        fit.estimate("loudness")
    with pytest.raises(FitError, match="no 'sd_slope'"):
        fit.interval("sd_slope")

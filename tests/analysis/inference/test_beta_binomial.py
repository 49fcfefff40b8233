"""Beta-binomial fits against sensR, SciPy and their own edges."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_distribution
from scipy.stats import betabinom, binom

from jndlab.analysis.detection.convert import d_prime
from jndlab.analysis.inference.beta_binomial import fit_beta_binomial
from jndlab.analysis.inference.beta_binomial_likelihood import make_likelihood
from jndlab.analysis.inference.beta_binomial_maximum import (
    highest_along,
    highest_point,
    profile_ends,
)
from jndlab.analysis.inference.beta_binomial_result import NAMES
from jndlab.errors import DataError, FitError
from tests.analysis.reference import entries, needs_reference

COUNTS = [14, 11, 17, 10, 19, 9, 12, 20, 8, 13, 16, 10]
# sensR 1.5-3 summary(betabin(data, method = "twoAFC", corrected = ...)): estimate, standard error
# and Wald interval of mu, gamma and d-prime; then logLik, LR tests with χ² p-values.
SENSR: dict[bool, dict[str, Any]] = {
    True: {
        "mu": (0.31786143, 0.11296037, 0.096463168, 0.53925969),
        "gamma": (0.53753206, 0.17286336, 0.1987261, 0.87633803),
        "d-prime": (0.57918636, 0.21773227, 0.17139517, 1.043164),
        "log_likelihood": -31.033455,
        "overdispersion": (20.531881, 5.8646273e-06),
        "no_difference": (46.348144, 8.6224039e-11),
    },
    False: {
        "mu": (0.67029234, 0.058573836, 0.55548973, 0.78509495),
        "gamma": (0.14454543, 0.06945183, 0.0084223397, 0.28066851),
        "d-prime": (0.62327297, 0.22881585, 0.19734456, 1.1165451),
        "log_likelihood": -33.090954,
        "overdispersion": (16.416883, 5.0830486e-05),
        "no_difference": (42.233145, 6.7482166e-10),
    },
}


@pytest.mark.parametrize("corrected", [True, False])
def test_published_values(corrected: bool) -> None:
    fit = fit_beta_binomial(COUNTS, 20, paradigm="2afc", corrected=corrected)
    expected = SENSR[corrected]
    for name in ("mu", "gamma", "d-prime"):
        wald = fit.interval(name, method="wald")
        ours = (fit.estimate(name), fit.standard_error(name), wald.low, wald.high)
        assert ours == pytest.approx(expected[name], abs=5e-6)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    for key in ("overdispersion", "no_difference"):
        test = getattr(fit, f"{key}_test")
        statistic, p_value = expected[key]
        assert test.statistic == pytest.approx(statistic, abs=2e-6)
        assert test.p_value_chi_square == pytest.approx(p_value, rel=1e-5)
        assert test.p_value == 1 / 2000


@needs_reference
@pytest.mark.parametrize("reference", entries("beta_binomial"), ids=lambda e: e["id"])
def test_values_of_the_reference_file(reference) -> None:
    correct, trials = zip(*reference["data"]["k_n"], strict=True)
    corrected = "corrected=TRUE" in reference["call"]
    fit = fit_beta_binomial(
        correct,
        trials,
        paradigm=reference["data"]["method"].replace("two", "2"),
        corrected=corrected,
    )
    result = reference["result"]
    for row in result["coef"]:
        name = row["_row"]
        wald = fit.interval(name, method="wald")
        ours = (fit.estimate(name), fit.standard_error(name), wald.low, wald.high)
        theirs = (row["Estimate"], row["Std. Error"], row["Lower"], row["Upper"])
        assert ours == pytest.approx(theirs, abs=1e-5)
    assert fit.log_likelihood == pytest.approx(result["loglik"], abs=1e-5)
    assert fit.overdispersion_test.statistic == pytest.approx(result["lr_over"], abs=1e-4)
    assert fit.overdispersion_test.p_value_chi_square == pytest.approx(result["p_over"], rel=1e-4)
    assert fit.no_difference_test.statistic == pytest.approx(result["lr_null"], abs=1e-4)
    assert fit.no_difference_test.p_value_chi_square == pytest.approx(result["p_null"], rel=1e-4)


@pytest.mark.parametrize(("mean", "spread"), [(0.3, 0.1), (0.72, 0.004), (0.5, 0.9)])
def test_probabilities_are_those_of_the_distribution(mean: float, spread: float) -> None:
    n = 15
    a, b = mean * (1 - spread) / spread, (1 - mean) * (1 - spread) / spread
    k = np.arange(n + 1)
    plain = make_likelihood(k, np.full(n + 1, n), 0.0)
    expected = betabinom(n, a, b).logpmf(k)
    assert plain.log_probability(mean, spread) == pytest.approx(expected, abs=1e-10)
    guessed = make_likelihood(k, np.full(n + 1, n), 1 / 3)
    chances = np.exp(guessed.log_probability(mean, spread))
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    for count in (2, 9, 15):
        integral = quad(
            lambda u, count=count: float(
                binom.pmf(count, n, 1 / 3 + 2 / 3 * beta_distribution.ppf(u, a, b))
            ),
            0,
            1,
            limit=400,
        )[0]
        assert chances[count] == pytest.approx(integral, rel=1e-5, abs=1e-9)


def test_probabilities_on_the_edges() -> None:
    n, k = 6, np.arange(7)
    for chance in (0.0, 0.5):
        likelihood = make_likelihood(k, np.full(7, n), chance)
        alike = np.exp(likelihood.log_probability(0.4, 0.0))
        assert alike == pytest.approx(binom.pmf(k, n, chance + (1 - chance) * 0.4), abs=1e-14)
        all_or_nothing = np.exp(likelihood.log_probability(0.4, 1.0))
        expected = 0.6 * binom.pmf(k, n, chance) + 0.4 * (k == n)
        assert all_or_nothing == pytest.approx(expected, abs=1e-14)
        for mean in (0.0, 1.0):
            expected = binom.pmf(k, n, chance if mean == 0.0 else 1.0)
            found = np.exp(likelihood.log_probability(mean, 0.3))
            assert found == pytest.approx(expected, abs=1e-14)


def test_small_and_large_overdispersion_pass_into_the_edges() -> None:
    likelihood = make_likelihood(np.array([3, 9]), np.array([10, 12]), 0.5)
    for spread, edge in ((1e-12, 0.0), (1.0 - 1e-12, 1.0)):
        near = likelihood.log_likelihood(0.4, spread)
        assert float(near) == pytest.approx(float(likelihood.log_likelihood(0.4, edge)), abs=1e-9)


def test_the_maximum_is_one() -> None:
    """No point of a dense mesh is higher, and the gradient vanishes."""
    rng = np.random.default_rng(4)
    for chance in (0.5, 1 / 3, 0.0):
        trials = rng.integers(8, 31, size=9)
        correct = rng.binomial(trials, chance + (1 - chance) * rng.beta(1.0, 1.5, 9))
        likelihood = make_likelihood(correct, trials, chance)
        peak = highest_point(likelihood.log_likelihood)
        x, y = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101))
        assert likelihood.log_likelihood(x, y).max() <= peak.height + 1e-9
        for dx, dy in ((1e-4, 0.0), (0.0, 1e-4)):
            slope = likelihood.log_likelihood(
                peak.x + dx, min(1.0, peak.y + dy)
            ) - likelihood.log_likelihood(peak.x - dx, max(0.0, peak.y - dy))
            assert peak.y in (0.0, 1.0) or abs(float(slope)) < 1e-6


def test_profile_intervals_end_where_the_likelihood_has_fallen() -> None:
    fit = fit_beta_binomial(COUNTS, 20, paradigm="abx", n_resamples=0)
    surface = fit.likelihood.log_likelihood
    m = len(COUNTS)
    cutoff = m * np.log1p(2.200985**2 / (m - 1))  # Student's t on 11 degrees of freedom
    mean, spread = fit.interval("mean"), fit.interval("overdispersion")
    for end in (mean.low, mean.high):
        height = highest_along(lambda y, end=end: surface(end, y))[1]
        assert 2 * (fit.log_likelihood - height) == pytest.approx(cutoff, abs=1e-4)
    for end in (spread.low, spread.high):
        height = highest_along(lambda x, end=end: surface(x, end))[1]
        assert 2 * (fit.log_likelihood - height) == pytest.approx(cutoff, abs=1e-4)
    share = fit.interval("proportion_correct")
    assert (share.low, share.high) == pytest.approx(((1 + mean.low) / 2, (1 + mean.high) / 2))
    narrower = fit.interval("mean", 0.8)
    assert mean.low < narrower.low < fit.estimate("mean") < narrower.high < mean.high
    with pytest.raises(DataError, match="coverage"):
        fit.interval("mean", 1.2)


def test_profile_ends_at_the_edges() -> None:
    assert profile_ends(lambda x: -x, 0.0, 0.0, 10.0) == (0.0, 1.0)
    low, high = profile_ends(lambda x: -20 * x, 0.0, 0.0, 4.0)
    assert (low, high) == (0.0, pytest.approx(0.1))


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize(
    ("counts", "mean", "spread", "said"),
    [
        ([20] * 6, 1.0, None, "all responses correct"),
        ([13, 14, 13, 14], None, 0.0, "no more than their trials explain"),
        ([0, 20, 20, 0, 20, 20], None, 1.0, "always right or never"),
    ],
)
def test_edges_are_said(
    corrected: bool, counts: list[int], mean: float | None, spread: float | None, said: str
) -> None:
    fit = fit_beta_binomial(counts, 20, paradigm="duo-trio", corrected=corrected, n_resamples=0)
    assert any(said in text for text in fit.warnings)
    if mean is None:
        assert fit.estimate("overdispersion") == pytest.approx(spread, abs=1e-6)
        assert np.isfinite(fit.standard_error("mean"))
    else:
        assert fit.estimate("mean") == mean
        assert np.isnan(fit.estimate("overdispersion"))
        assert np.isnan(fit.standard_error("mean"))
        assert fit.estimate("d_prime") == np.inf
        assert 0.5 < fit.interval("proportion_correct").low < 1.0
    with pytest.raises(FitError, match="edge"):
        fit.interval("overdispersion", method="wald")
    assert json.dumps(fit.to_dict())


def test_listeners_at_chance_and_below() -> None:
    below = fit_beta_binomial([8, 9, 10, 7], 20, paradigm="2afc")
    assert (below.estimate("discriminators"), below.estimate("d_prime")) == (0.0, 0.0)
    assert below.interval("discriminators").low == 0.0
    assert 0.1 < below.interval("discriminators").high < 0.6
    assert any("Fewer responses" in text for text in below.warnings)
    assert (below.no_difference_test.statistic, below.no_difference_test.p_value) == (0.0, 1.0)
    assert (below.overdispersion_test.statistic, below.overdispersion_test.p_value) == (0.0, 1.0)
    plain = fit_beta_binomial([8, 9, 10, 7], 20, paradigm="2afc", corrected=False)
    assert plain.estimate("mean") == pytest.approx(0.425, abs=1e-7)
    assert plain.estimate("proportion_correct") == 0.5
    assert np.isnan(plain.standard_error("d_prime"))


def test_scales_and_names() -> None:
    fit = fit_beta_binomial([12, 16, 9, 15, 18, 11], 24, paradigm="triangle", n_resamples=0)
    share = fit.estimate("proportion_correct")
    assert share == pytest.approx(1 / 3 + 2 / 3 * fit.estimate("pd"))
    assert fit.standard_error("pc") == pytest.approx(2 / 3 * fit.standard_error("mu"))
    assert fit.estimate("d_prime") == pytest.approx(float(d_prime(share, paradigm="oddity")))
    assert set(fit.to_dict()["numbers"]) == set(NAMES)
    abx = [
        fit_beta_binomial(COUNTS, 20, paradigm="abx", model=model, n_resamples=0).estimate(
            "d_prime"
        )
        for model in ("independent_observation", "differencing")
    ]
    assert abx[0] < abx[1]
    with pytest.raises(DataError, match="no 'slope'"):
        fit.estimate("slope")
    with pytest.raises(DataError, match="no interval"):
        fit.interval("mean", method="exact")  # type: ignore[arg-type]


@pytest.mark.parametrize("proportion", [0.5, 0.75])
def test_error_rates_of_both_tests(proportion: float) -> None:
    """Alike listeners, guessing or not: 5 % rejected at most. 200 studies of 8, seed 7."""
    rng = np.random.default_rng(7)
    differ = hear = 0
    for _ in range(200):
        counts = rng.binomial(15, proportion, 8)
        fit = fit_beta_binomial(counts, 15, paradigm="2afc", corrected=False, n_resamples=99)
        differ += fit.overdispersion_test.p_value <= 0.05
        hear += fit.no_difference_test.p_value <= 0.05
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert 0.01 <= differ / 200 <= limit
    assert 0.01 <= hear / 200 <= limit if proportion == 0.5 else hear / 200 > 0.95


def test_options_seeds_and_labels() -> None:
    once, again = (fit_beta_binomial(COUNTS, 20, paradigm="2afc", seed=5) for _ in range(2))
    assert once.no_difference_test == again.no_difference_test
    assert once.seed == 5
    assert fit_beta_binomial(COUNTS, 20, paradigm="2afc", n_resamples=0).seed is None
    halves = [part for count in COUNTS for part in (count // 2, count - count // 2)]
    labels = [name for name in "abcdefghijkl" for _ in range(2)]
    joined = fit_beta_binomial(halves, 10, paradigm="2afc", listener=labels, n_resamples=0)
    assert joined.n_correct == tuple(COUNTS)
    assert joined.data_digest == once.data_digest
    without = fit_beta_binomial([*COUNTS, 0], [20] * 12 + [0], paradigm="2afc", n_resamples=0)
    assert without.log_likelihood == once.log_likelihood
    assert "no trials" in without.warnings[0]
    mixture = fit_beta_binomial(
        [11, 9, 12, 8, 13], 20, paradigm="2afc", corrected=False, n_resamples=0
    )
    test = mixture.no_difference_test
    assert test.p_value == test.p_value_mixture
    assert test.p_value < test.p_value_chi_square


@pytest.mark.parametrize(
    ("counts", "trials", "options", "error"),
    [
        (14, 20, {}, FitError),
        ([14], [20], {}, FitError),
        ([1, 0, 1, 1], 1, {}, FitError),
        ([14, 21], 20, {}, DataError),
        ([14, np.nan], 20, {}, DataError),
        ([14, 11, 17], 20, {"paradigm": "yes_no"}, DataError),
        ([14, 11, 17], 20, {"paradigm": "no such"}, DataError),
        ([14, 11, 17], 20, {"n_resamples": 5}, DataError),
        ([14, 11, 17], 20, {"seed": -1}, DataError),
        ([14, 11, 17], 20, {"model": "no such"}, DataError),
    ],
)
def test_wrong_input_is_refused(
    counts: Any, trials: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        fit_beta_binomial(counts, trials, **({"paradigm": "2afc"} | options))

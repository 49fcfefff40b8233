"""The mixed model on the edge of what data can tell, and past it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jndlab.analysis.groups.fit import fit_group
from jndlab.errors import DataError, FitError

from .dense import GLMM, columns

ROWS = columns(GLMM, 20)


@pytest.fixture(scope="module")
def fit():
    return fit_group(*ROWS, paradigm="yes_no")


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

"""Planning for a mean: the power is that of simulated t tests, and R's power.t.test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from jndlab.analysis.planning.means import plan_mean, power_of_mean
from jndlab.errors import DataError


@pytest.mark.parametrize(
    ("n", "difference", "power"),
    # Published examples of the one-sample t test at alpha 0.05, two-sided (Faul et al. 2007).
    [(34, 0.5, 0.808), (44, 0.5, 0.900), (15, 0.8, 0.821)],
)
def test_the_power_is_that_of_the_tables(n: int, difference: float, power: float) -> None:
    assert power_of_mean(n, difference=difference, sd=1.0) == pytest.approx(power, abs=0.003)


def test_the_power_is_that_of_simulated_studies() -> None:
    rng = np.random.default_rng(1)
    n_listeners, n_trials, n_studies = 20, 4, 4000
    own = rng.normal(6.0, 8.0, (n_studies, n_listeners, 1))
    ratings = own + rng.normal(0.0, 20.0, (n_studies, n_listeners, n_trials))
    reached = ttest_1samp(ratings.mean(axis=2), 0.0, axis=1).pvalue < 0.05
    plan = plan_mean(
        difference=6.0, between_sd=8.0, within_sd=20.0, listeners=[n_listeners], trials=[n_trials]
    )
    three_errors = 3.0 * math.sqrt(0.25 / n_studies)
    assert plan.cells[0].power == pytest.approx(reached.mean(), abs=three_errors)


def test_the_answer_is_the_smallest_that_is_enough_with_dropouts_recruited_for() -> None:
    options = {"difference": 0.3, "between_sd": 0.3, "within_sd": 1.0}
    plain = plan_mean(**options, listeners=[8], trials=[4, 8])
    for answer in plain.answers:
        one_less = plan_mean(
            **options, listeners=[answer.n_listeners - 1], trials=[answer.n_trials]
        )
        assert answer.power >= 0.9 > one_less.cells[0].power
    assert plain.answers[0].n_listeners > plain.answers[1].n_listeners
    dropping = plan_mean(**options, listeners=[8], trials=[4], dropout=0.2)
    fewest = plain.answers[0].n_listeners
    assert dropping.answers[0].n_listeners == math.ceil(fewest / 0.8)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"difference": 0.0}, "not to be found"),
        ({"difference": 1e-9}, "more than 10,000 listeners"),
        ({"between_sd": -1.0}, "between_sd cannot be"),
        ({"between_sd": 0.0, "within_sd": 0.0}, "need no plan"),
        ({"dropout": 1.0}, "share of dropout"),
        ({"listeners": [1]}, "fewest"),
        ({"power": 1.5}, "power cannot be"),
    ],
)
def test_what_cannot_be_says_why(changed: dict[str, object], message: str) -> None:
    options = {"difference": 1.0, "between_sd": 1.0, "within_sd": 1.0}
    options |= {"listeners": [8], "trials": [4]}
    with pytest.raises(DataError, match=message):
        plan_mean(**options | changed)  # type: ignore[arg-type]

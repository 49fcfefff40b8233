"""Plans that cannot be are refused with a remedy before anything is simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jndlab.analysis import (
    Attrition,
    CurveListeners,
    ProportionListeners,
    expected_width,
    plan_study,
    power_binomial,
    power_equivalence,
    sample_size,
)
from jndlab.errors import DataError

MISSING, ENDLESS = float("nan"), float("inf")
PEOPLE = ProportionListeners(paradigm="abx", proportion_correct=0.7)


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.remedy


@pytest.mark.parametrize("n_trials", [0, -1, 2.5, MISSING, ENDLESS, 1e7, "many", None, [20, 40]])
def test_numbers_of_trials_that_cannot_be(n_trials: Any) -> None:
    refused(lambda: power_binomial(n_trials, proportion_correct=0.7, chance=0.5))
    refused(lambda: power_equivalence(n_trials, proportion_correct=0.5, paradigm="abx", bound=0.6))
    refused(lambda: expected_width(n_trials, proportion_correct=0.7))


@pytest.mark.parametrize("share", [-0.1, 1.2, MISSING, "half", None, [0.5, 0.6]])
def test_shares_that_cannot_be(share: Any) -> None:
    refused(lambda: power_binomial(40, proportion_correct=share, chance=0.5))
    refused(lambda: power_binomial(40, proportion_correct=0.7, chance=share))
    refused(lambda: power_binomial(40, proportion_correct=0.7, chance=0.5, alpha=share))
    refused(
        lambda: power_equivalence(
            40, proportion_correct=0.5, paradigm="abx", bound=0.6, alpha=share
        )
    )
    refused(lambda: expected_width(40, proportion_correct=share))
    refused(lambda: expected_width(40, proportion_correct=0.7, coverage=share))
    refused(lambda: sample_size("difference", proportion_correct=share, chance=0.5))
    refused(lambda: sample_size("difference", proportion_correct=0.7, chance=0.5, power=share))
    refused(lambda: sample_size("width", proportion_correct=0.7, width=share))
    refused(lambda: ProportionListeners(paradigm="abx", proportion_correct=share))
    refused(
        lambda: ProportionListeners(paradigm="abx", proportion_correct=0.7, gross_lapse_rate=share)
    )
    refused(lambda: Attrition(dropout=share))
    refused(lambda: Attrition(guessers=share))


@pytest.mark.parametrize("bound", [None, 0.5, 0.4, 1.0, 1.2, MISSING, "none"])
def test_bounds_that_cannot_be(bound: Any) -> None:
    refused(lambda: power_equivalence(40, proportion_correct=0.5, paradigm="abx", bound=bound))
    refused(lambda: sample_size("equivalence", proportion_correct=0.5, paradigm="abx", bound=bound))
    refused(
        lambda: plan_study(
            PEOPLE, goal="equivalence", listeners=[8], trials=[20], seed=1, bound=bound
        )
    )


@pytest.mark.parametrize(
    "change",
    [
        {"levels": "text"},
        {"levels": (1, "x", 3)},
        {"levels": (1, MISSING, 3)},
        {"levels": (1, ENDLESS, 3)},
        {"levels": ((1, 2), (3,))},
        {"threshold": [3, 4]},
        {"threshold": "middle"},
        {"width": MISSING},
        {"width": -1},
        {"threshold_spread": MISSING},
        {"lapse_rate": "none"},
    ],
)
def test_curves_that_cannot_be(change: dict[str, Any]) -> None:
    plain: dict[str, Any] = {"levels": (1, 2, 3, 4, 5), "paradigm": "2afc"}
    refused(lambda: CurveListeners(**plain | {"threshold": 3, "width": 2} | change))


@pytest.mark.parametrize(
    "change",
    [
        {"listeners": "text"},
        {"listeners": [8, MISSING]},
        {"listeners": [8, ENDLESS]},
        {"listeners": [8, "x"]},
        {"listeners": [[8, 12]]},
        {"trials": [2.5]},
        {"trials": None},
        {"seed": -1},
        {"seed": 1.5},
        {"seed": None},
        {"alpha": 0.0},
        {"power": 1.0},
        {"coverage": 1.2},
        {"level": "loud"},
        {"level": 7.0},
        {"n_simulations": MISSING},
        {"goal": "threshold", "interval_width": 1.0, "target_probability": 1.2},
    ],
)
def test_plans_that_cannot_be(change: dict[str, Any]) -> None:
    plan: dict[str, Any] = {"goal": "difference", "listeners": [4], "trials": [10], "seed": 1}
    refused(lambda: plan_study(PEOPLE, **plan | {"n_simulations": 5} | change))

"""What cannot be is refused with a remedy, by every test: no traceback, no silent number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import jndlab.analysis as analysis
from jndlab.errors import DataError

MISSING = float("nan")
ONE_COUNT: dict[str, dict[str, Any]] = {
    "binomial_test": {"chance": 0.5},
    "bayes_factor_binomial": {"chance": 0.5, "prior": "uniform"},
    "bayes_factor_sensitivity": {"chance": 0.5},
    "mid_p_interval": {},
    "proportion_interval": {},
    "clopper_pearson": {},
    "wilson": {},
    "jeffreys": {},
}
LISTENERS: dict[str, dict[str, Any]] = {
    "confidence_sequence_listeners": {},
    "e_value_listeners": {"chance": 0.5},
    "sequential_equivalence_listeners": {"paradigm": "abx", "bound": 0.65},
    "equivalence_test": {"paradigm": "abx", "bound": 0.65},
    "equivalence_curve": {"paradigm": "abx"},
    "region_of_equivalence": {"paradigm": "abx", "bound": 0.65},
    "fit_beta_binomial": {"paradigm": "abx", "n_resamples": 99},
    "permutation_test_listeners": {"chance": 0.5, "n_resamples": 99},
    "max_t_test": {"chance": 0.5, "n_resamples": 99},
}
IN_ORDER: dict[str, dict[str, Any]] = {
    "confidence_sequence": {},
    "e_value_binomial": {"chance": 0.5},
    "sequential_equivalence": {"paradigm": "abx", "bound": 0.65},
}


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.remedy


@pytest.mark.parametrize("name", ONE_COUNT)
@pytest.mark.parametrize(
    ("n_correct", "n_trials"),
    [
        (21, 20),
        (-1, 20),
        (MISSING, 20),
        (2.5, 20),
        (14, float("inf")),
        (0, 0),
        ("many", 20),
        (None, 20),
        ([14, 15], 20),
        ([[1, 2], [3]], 20),
        (14, []),
    ],
)
def test_one_count_that_cannot_be(name: str, n_correct: Any, n_trials: Any) -> None:
    refused(lambda: getattr(analysis, name)(n_correct, n_trials, **ONE_COUNT[name]))


@pytest.mark.parametrize("name", LISTENERS)
@pytest.mark.parametrize(
    ("n_correct", "n_trials"),
    [
        ([12, 21, 13, 9], [20] * 4),
        ([12, -1, 13, 9], [20] * 4),
        ([12, MISSING, 13, 9], [20] * 4),
        ([12, 2.5, 13, 9], [20] * 4),
        ([12, float("inf"), 13, 9], [20] * 4),
        ([12, "x", 13, 9], [20] * 4),
        ([12, None, 13, 9], [20] * 4),
        ([12, 11, 13, 9], [20] * 3),
        ([0, 0, 0, 0], [0] * 4),
        ([12, 11, 13, 1e30], [20, 20, 20, 1e30]),
        ([12, 11j, 13, 9], [20] * 4),
        ([], []),
        ([[1, 2], [3]], [20] * 2),
        (np.ma.masked_array([12, 11, 13, 9], mask=[0, 1, 0, 0]), [20] * 4),
    ],
)
def test_listeners_that_cannot_be(name: str, n_correct: Any, n_trials: Any) -> None:
    refused(lambda: getattr(analysis, name)(n_correct, n_trials, **LISTENERS[name]))


@pytest.mark.parametrize("name", IN_ORDER)
@pytest.mark.parametrize(
    ("n_correct", "n_trials"),
    [
        ([5, 12, 25], [10, 20, 30]),
        ([5, 12, 11], [10, 20, 30]),
        ([5, 12, 14], [10, 20, 20]),
        ([5, MISSING, 14], [10, 20, 30]),
        ([5, "x", 14], [10, 20, 30]),
        ([5, 12], [10, 20, 30]),
        (np.ma.masked_array([5, 12, 14], mask=[0, 1, 0]), [10, 20, 30]),
    ],
)
def test_totals_that_cannot_be(name: str, n_correct: Any, n_trials: Any) -> None:
    options = IN_ORDER[name]
    refused(lambda: getattr(analysis, name)(n_correct=n_correct, n_trials=n_trials, **options))


@pytest.mark.parametrize("coverage", [0.0, 1.0, 1.2, -0.5, MISSING, None, "wide", [0.9, 0.95]])
@pytest.mark.parametrize("name", [*ONE_COUNT, "region_of_equivalence"])
def test_coverage_that_cannot_be(name: str, coverage: Any) -> None:
    options = {**ONE_COUNT, **LISTENERS}[name]
    refused(lambda: getattr(analysis, name)(14, 20, coverage=coverage, **options))


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.05, MISSING, "five"])
@pytest.mark.parametrize("name", ["equivalence_test", "equivalence_curve"])
def test_alpha_that_cannot_be(name: str, alpha: Any) -> None:
    refused(lambda: getattr(analysis, name)(14, 20, alpha=alpha, **LISTENERS[name]))


@pytest.mark.parametrize("seed", [-1, 1.5, "one", None, [1]])
@pytest.mark.parametrize("name", ["fit_beta_binomial", "permutation_test_listeners", "max_t_test"])
def test_seeds_that_cannot_be(name: str, seed: Any) -> None:
    counts = [12, 14, 9, 17], [20] * 4
    refused(lambda: getattr(analysis, name)(*counts, seed=seed, **LISTENERS[name]))


@pytest.mark.parametrize("n_listeners", [0, -1, 1.5, MISSING, "some"])
@pytest.mark.parametrize("name", ["equivalence_test", "region_of_equivalence"])
def test_numbers_of_listeners_that_cannot_be(name: str, n_listeners: Any) -> None:
    refused(lambda: getattr(analysis, name)(14, 20, n_listeners=n_listeners, **LISTENERS[name]))
    refused(
        lambda: analysis.sequential_equivalence(
            [5, 12], [10, 20], paradigm="abx", bound=0.65, n_listeners=n_listeners
        )
    )


@pytest.mark.parametrize("name", ["equivalence_test", "equivalence_curve", "fit_beta_binomial"])
def test_counts_beyond_exact_sums_are_refused_at_once(name: str) -> None:
    refused(lambda: getattr(analysis, name)([12, 11, 9], [20, 10**6, 20], **LISTENERS[name]))
    refused(lambda: analysis.plan_group_sequential(10**6, chance=0.5, n_looks=4))
    refused(lambda: analysis.plan_group_sequential(1e30, chance=0.5, n_looks=4))


@pytest.mark.parametrize("prior", [(1, 1e6), (0, 1), (1, MISSING), (1,), (1, 1, 1), "flat", None])
@pytest.mark.parametrize("name", IN_ORDER)
def test_priors_of_sequential_tests_that_cannot_be(name: str, prior: Any) -> None:
    """Beta(1, 10⁶) has no mass above chance that a number could hold: e-values of inf or nan."""
    options = IN_ORDER[name]
    refused(
        lambda: getattr(analysis, name)(
            n_correct=[5, 12], n_trials=[10, 20], prior=prior, **options
        )
    )


@pytest.mark.parametrize("label", [None, MISSING])
def test_listeners_without_a_label_are_refused(label: Any) -> None:
    refused(
        lambda: analysis.equivalence_test(
            [5, 6, 7], 10, paradigm="abx", bound=0.65, listener=["a", label, "b"]
        )
    )
    refused(
        lambda: analysis.equivalence_test(
            [5, 6], 10, paradigm="abx", bound=0.65, listener=[["a", "b"], ["c"]]
        )
    )

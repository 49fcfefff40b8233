"""Decision rules played out: simulated observers are right as often as the formulas say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from jndlab.analysis.detection.convert import d_prime, proportion_correct
from jndlab.analysis.paradigms import get_paradigm

IO, DIFF = "independent_observation", "differencing"
N_TRIALS = 400_000
Floats = NDArray[np.float64]
Rule = Callable[[np.random.Generator, float], NDArray[np.bool_]]


def heard(rng: np.random.Generator, *means: float) -> Floats:
    """One observation per interval, of unit variance: shape (trials, intervals)."""
    return rng.normal(np.array(means), 1.0, size=(N_TRIALS, len(means)))


def axb_independent(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    a, x, b = heard(rng, 0.0, 0.0, d).T  # X is A
    return (x < d / 2.0) == (a < b)


def axb_differencing(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    a, x, b = heard(rng, 0.0, 0.0, d).T
    return np.abs(x - a) < np.abs(x - b)


def abxy_by_likelihood(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    """X is A and Y is B. Likelihoods of both answers, the order of A and B being unknown."""
    low, high = np.array([0.0, d]), np.array([d, 0.0])
    all_four = heard(rng, 0.0, d, 0.0, d)

    def likelihood(ab: Floats, xy: Floats) -> Floats:
        return np.exp(-np.sum((all_four - np.concatenate([ab, xy])) ** 2, axis=1) / 2.0)

    same = likelihood(low, low) + likelihood(high, high)
    other = likelihood(low, high) + likelihood(high, low)
    return same > other


def standard_ignored(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    _, first, second = heard(rng, 0.0, d, 0.0).T
    return first > second


def farther_from_standard(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    standard, first, second = heard(rng, 0.0, d, 0.0).T
    return np.abs(first - standard) > np.abs(second - standard)


def larger_difference(rng: np.random.Generator, d: float) -> NDArray[np.bool_]:
    one, two, three, four = heard(rng, 0.0, d, d, d).T
    return np.abs(one - two) > np.abs(three - four)


RULES: list[tuple[str, str | None, Rule]] = [
    ("axb", IO, axb_independent),
    ("axb", DIFF, axb_differencing),
    ("abxy", None, abxy_by_likelihood),
    ("two-interval-standard", IO, standard_ignored),
    ("two-interval-standard", DIFF, farther_from_standard),
    ("4iax", None, larger_difference),
]


@pytest.mark.parametrize("true_d_prime", [0.6, 1.5, 3.0])
@pytest.mark.parametrize(("paradigm", "model", "rule"), RULES)
def test_an_observer_who_follows_the_rule_is_right_as_often(
    paradigm, model, rule, true_d_prime
) -> None:
    rng = np.random.default_rng(20)
    share = float(np.mean(rule(rng, true_d_prime)))
    expected = float(proportion_correct(true_d_prime, paradigm=paradigm, model=model))
    assert share == pytest.approx(expected, abs=4.0 * np.sqrt(0.25 / N_TRIALS))
    back = float(d_prime(expected, paradigm=paradigm, model=model))
    assert back == pytest.approx(true_d_prime, abs=1e-10)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("two-interval-standard", "two_interval_standard"),
        ("reminder", "two_interval_standard"),
        ("4IAX", "4iax"),
        ("AXB", "axb"),
        ("abxy", "abxy"),
        ("duo-trio", "duo_trio"),
        ("yes-no", "yes_no"),
        ("same-different", "same_different"),
    ],
)
def test_the_names_of_studies_are_known(alias: str, name: str) -> None:
    assert get_paradigm(alias).name == name

"""Simulated listeners: means, spreads, who is left, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.planning.listeners import CurveListeners, ProportionListeners
from jndlab.analysis.planning.simulation import Attrition, describe
from jndlab.errors import DataError
from jndlab.sigmoids import proportion_correct, sigmoid

SEED = 20260305
EARS = CurveListeners(
    levels=(1, 2, 3, 4, 5),
    paradigm="2afc",
    threshold=3.0,
    width=2.0,
    threshold_spread=0.5,
    log_width_spread=0.2,
    lapse_rate=0.04,
    lapse_rate_spread=0.03,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


def test_parameters_have_the_means_and_spreads_asked_for(rng: np.random.Generator) -> None:
    people = EARS.draw(rng, 40_000)
    assert people.threshold.mean() == pytest.approx(3.0, abs=0.01)
    assert people.threshold.std() == pytest.approx(0.5, abs=0.01)
    assert np.median(people.width) == pytest.approx(2.0, abs=0.02)
    assert np.log(people.width).std() == pytest.approx(0.2, abs=0.005)
    assert people.lapse_rate.mean() == pytest.approx(0.04, abs=0.001)
    assert people.lapse_rate.std() == pytest.approx(0.03, abs=0.001)


def test_on_the_log_level_thresholds_spread_by_factors(rng: np.random.Generator) -> None:
    ears = replace(EARS, sigmoid="lognormal", threshold_spread=0.3)
    people = ears.draw(rng, 40_000)
    assert np.median(people.threshold) == pytest.approx(3.0, abs=0.02)
    assert np.log(people.threshold).std() == pytest.approx(0.3, abs=0.005)
    assert np.all(people.threshold > 0)


@pytest.mark.parametrize("direction", ["rises", "falls"])
def test_equal_listeners_answer_along_one_curve(rng: np.random.Generator, direction: Any) -> None:
    ears = CurveListeners(
        levels=(1, 2, 3, 4, 5), paradigm="4afc", threshold=3.0, width=2.0, direction=direction
    )
    study = ears(rng, n_listeners=400, trials_per_level=50)
    heard = sigmoid("norm", np.arange(1.0, 6.0), 3.0, 2.0, falling=direction == "falls")
    expected = proportion_correct(heard, 0.25, 0.02)
    found = study.n_correct.sum(axis=0) / study.n_trials.sum(axis=0)
    assert found == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 20_000))
    assert ears.expected_proportions() == pytest.approx(expected, abs=1e-12)
    assert study.direction == direction
    assert np.all(study.n_trials == 50)


def test_proportions_have_mean_and_spread_and_nobody_is_below_chance() -> None:
    people = ProportionListeners(paradigm="abx", proportion_correct=0.6, spread=0.08)
    rng = np.random.default_rng(SEED)
    study = people(rng, n_listeners=4000, trials_per_level=400)
    shares = study.n_correct[:, 0] / 400
    assert shares.mean() == pytest.approx(0.6, abs=0.006)
    # Binomial scatter comes on top of the listeners' own spread.
    assert shares.var() == pytest.approx(0.08**2 + (0.24 - 0.08**2) / 400, rel=0.1)
    assert np.quantile(shares, 0.01) > 0.5 - 3 * np.sqrt(0.25 / 400)


def test_equal_seeds_give_equal_studies() -> None:
    one, two = (
        EARS(np.random.default_rng(3), n_listeners=9, trials_per_level=7).n_correct
        for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_guessers_are_at_chance_and_gross_trials_find_them(rng: np.random.Generator) -> None:
    rules = Attrition(guessers=0.3, gross_trials=10, min_gross_correct=0.9)
    everybody = replace(EARS, lapse_rate=0.0, lapse_rate_spread=0.0, threshold_spread=0.0)
    loose = replace(everybody, attrition=replace(rules, min_gross_correct=None))
    strict = replace(everybody, attrition=rules)
    easiest = [
        listeners(rng, n_listeners=3000, trials_per_level=40).n_correct[:, -1] / 40
        for listeners in (loose, strict)
    ]
    assert np.mean(easiest[0] < 0.75) == pytest.approx(0.3, abs=0.04)
    # A guesser passes nine of ten trials by luck in 11 of 1024 cases.
    assert np.mean(easiest[1] < 0.75) < 0.02
    assert len(easiest[1]) == pytest.approx(0.7 * 3000, abs=150)


def test_who_drops_out_leaves_no_trials(rng: np.random.Generator) -> None:
    people = ProportionListeners(
        paradigm="abx", proportion_correct=0.6, attrition=Attrition(dropout=0.25)
    )
    study = people(rng, n_listeners=4000, trials_per_level=10)
    assert study.n_recruited == 4000
    assert study.n_listeners == len(study.n_trials) == pytest.approx(3000, abs=120)


def test_what_is_assumed_can_be_written_down() -> None:
    described = describe(replace(EARS, attrition=Attrition(dropout=0.1)))
    assert described["kind"] == "CurveListeners"
    assert described["levels"] == [1, 2, 3, 4, 5]
    assert described["attrition"]["dropout"] == 0.1

    def mine(rng: np.random.Generator, *, n_listeners: int, trials_per_level: int) -> Any: ...

    assert describe(mine) == {"kind": "mine"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levels": (1, 1, 2)}, "not all different"),
        ({"levels": ()}, "not a list of numbers"),
        ({"paradigm": "yes_no"}, "no chance level"),
        ({"width": 0.0}, "Threshold or width"),
        ({"threshold": float("nan")}, "Threshold or width"),
        ({"direction": "up"}, "No direction 'up'"),
        ({"threshold_spread": -1.0}, "threshold_spread cannot be -1"),
        ({"lapse_rate": 1.2, "lapse_rate_spread": 0.0}, "lapse_rate cannot be 1.2"),
        ({"lapse_rate": 0.0}, "cannot differ that much"),
        ({"sigmoid": "weibull", "levels": (0, 1, 2)}, "logarithm of the level"),
    ],
)
def test_listeners_that_cannot_be(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        replace(EARS, **change)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        {"proportion_correct": 0.4},
        {"proportion_correct": 0.5, "spread": 0.05},
        {"spread": 0.4},
        {"spread": float("inf")},
        {"paradigm": "same_different"},
    ],
)
def test_proportions_that_cannot_be(change: dict[str, Any]) -> None:
    options: dict[str, Any] = {"paradigm": "abx", "proportion_correct": 0.6} | change
    with pytest.raises(DataError):
        ProportionListeners(**options)


@pytest.mark.parametrize(
    "change",
    [{"dropout": 1.0}, {"guessers": -0.1}, {"gross_trials": -1}, {"min_gross_correct": 80}],
)
def test_rules_that_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        Attrition(**change)

"""Comparing conditions: published nested models, simulated differences, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import ndtr

from jndlab.analysis.groups.compare import compare_conditions
from jndlab.analysis.groups.counts import pack_counts
from jndlab.analysis.groups.cutoffs import chi_square_p_value, mean_p_value
from jndlab.analysis.groups.nested import fit_nested, plan_comparison
from jndlab.analysis.groups.rates import choose_rates
from jndlab.errors import DataError, FitError
from tests.analysis.reference import entries, needs_reference

from .dense import LEVELS

# Two conditions of one listener, 2AFC, 40 trials per level; R: glm with psyphy's mafc.probit(2).
COUNTS = {"a": [21, 23, 29, 33, 38, 39], "b": [20, 21, 24, 30, 33, 38]}
ONE = ([1] * 12, [*LEVELS, *LEVELS], COUNTS["a"] + COUNTS["b"], [40] * 12, ["a"] * 6 + ["b"] * 6)


def study(
    rng: np.random.Generator,
    *,
    n_listeners: int = 10,
    n_trials: int = 10,
    shift: float = 0.6,
    sd: float = 0.7,
    sd_shift: float = 0.3,
    steeper: float = 1.0,
    between: bool = False,
):
    """Rows of a two-condition study, the second condition's threshold higher by ``shift``."""
    rows = []
    for person in range(n_listeners):
        threshold, own = 3.2 + sd * rng.normal(), shift + sd_shift * rng.normal()
        for at, label in enumerate("ab"):
            if between and person % 2 != at:
                continue
            slope = 1.2 * (steeper if at else 1.0)
            chance = 0.5 + 0.5 * ndtr(slope * (LEVELS - threshold - own * at))
            rows += [
                (person, level, rng.binomial(n_trials, p), n_trials, label)
                for level, p in zip(LEVELS, chance, strict=True)
            ]
    return tuple(zip(*rows, strict=True))


def test_published_tests_of_shift_and_slope() -> None:
    shift = compare_conditions(*ONE, paradigm="2afc", test="shift", random=None)
    slope = compare_conditions(*ONE, paradigm="2afc", test="slope", random=None)
    both = compare_conditions(*ONE, paradigm="2afc", test="both", random=None)
    assert shift.p_value == pytest.approx(0.021768004, rel=1e-6)
    assert slope.p_value == pytest.approx(0.99464831, rel=1e-6)
    deviances = [shift.deviance_null, shift.deviance, slope.deviance]
    np.testing.assert_allclose(deviances, [6.1247417, 0.86050805, 0.86046306], atol=1e-6)
    assert both.statistic == pytest.approx(shift.statistic + slope.statistic, abs=1e-8)
    assert [found.degrees_of_freedom for found in (shift, slope, both)] == [1, 1, 2]
    assert shift.listener_p_value is None
    assert "pooled" in " ".join(shift.warnings)


@needs_reference
def test_reference_entries() -> None:
    for entry in entries("likelihood_ratio"):
        rows, result = entry["data"]["rows"], entry["result"]
        columns = [
            [1] * len(rows),
            *([row[key] for row in rows] for key in ("x", "k", "n", "cond")),
        ]
        for test in ("shift", "slope"):
            found = compare_conditions(*columns, paradigm="2afc", test=test, random=None)
            assert found.p_value == pytest.approx(result[f"p_{test}"], rel=1e-3)


def test_the_interval_of_a_difference_is_that_of_its_test() -> None:
    """0 lies at the end of the interval whose coverage is 1 − p. The second model passes a saddle
    there: the spread of the shift, 0 at the maximum, is not 0 where no mean shift is allowed."""
    for rows, random in ((ONE, None), (study(np.random.default_rng(3)), "auto")):
        found = compare_conditions(*rows, paradigm="2afc", random=random)
        edge = compare_conditions(
            *rows, paradigm="2afc", random=random, coverage=1.0 - found.p_value
        )
        assert edge.interval.low == pytest.approx(0.0, abs=2e-3)


def test_a_known_shift_and_a_known_ratio_of_slopes() -> None:
    rows = study(np.random.default_rng(5), n_listeners=16, n_trials=40, steeper=1.8)
    both = compare_conditions(*rows, paradigm="2afc", test="both")
    assert both.p_value < 0.001
    (shift,), (ratio,) = both.shifts, both.slope_ratios
    assert shift.interval.low < 0.6 < shift.interval.high
    assert ratio.interval.low < 1.8 < ratio.interval.high
    assert (shift.reference, shift.condition) == ("a", "b")
    first, second = both.conditions
    assert second.threshold - first.threshold == pytest.approx(shift.estimate)
    assert second.slope / first.slope == pytest.approx(ratio.estimate)
    assert both.random.startswith("random intercept per listener and condition")


def test_the_listener_is_the_unit() -> None:
    """A shift that varies over listeners: the default allows for it, a common shift does not."""
    rows = study(np.random.default_rng(8), n_listeners=6, n_trials=40, shift=0.4, sd_shift=0.7)
    default = compare_conditions(*rows, paradigm="2afc")
    common = compare_conditions(*rows, paradigm="2afc", random="intercept")
    assert default.listener_p_value is not None
    assert default.p_value == default.listener_p_value > default.chi_square_p_value
    assert default.p_value > 10 * common.p_value
    assert default.interval.length > 1.5 * common.interval.length
    assert any("too sure" in warning for warning in common.warnings)
    same = compare_conditions(*rows, paradigm="2afc", random="threshold+condition")
    assert same.statistic == pytest.approx(default.statistic, abs=1e-4)
    assert same.estimate == pytest.approx(default.estimate, abs=1e-3)


def test_different_listeners_per_condition() -> None:
    rows = study(np.random.default_rng(2), n_listeners=14, between=True, shift=1.5, sd_shift=0)
    found = compare_conditions(*rows, paradigm="2afc")
    assert found.random.startswith("random intercept per listener,")
    assert found.p_value == found.listener_p_value < 0.05
    assert any("different listeners are compared" in warning for warning in found.warnings)
    with pytest.raises(FitError, match="heard both"):
        compare_conditions(*rows, paradigm="2afc", random="intercept+condition")


def test_three_conditions() -> None:
    listener, level, n_correct, n_trials, condition = study(np.random.default_rng(4))
    third = [
        "c" if person % 3 == 2 else label for person, label in zip(listener, condition, strict=True)
    ]
    rows = (listener, level, n_correct, n_trials, third)
    found = compare_conditions(*rows, paradigm="2afc", random="intercept")
    assert found.degrees_of_freedom == 2
    assert [contrast.condition for contrast in found.shifts] == ["b", "c"]
    with pytest.raises(FitError, match="no single difference"):
        _ = found.estimate
    with pytest.raises(FitError, match="two conditions"):
        compare_conditions(*rows, paradigm="2afc", random="threshold+condition")


def test_bootstrap_p_value() -> None:
    """Repeatable, near the χ² one where data are plenty; progress counts every data set."""
    told: list[int] = []
    found = compare_conditions(
        *ONE, paradigm="2afc", random=None, n_bootstrap=99, seed=3, progress=told.append
    )
    again = compare_conditions(*ONE, paradigm="2afc", random=None, n_bootstrap=99, seed=3)
    assert sum(told) == 99
    assert found.p_value == again.p_value == found.bootstrap_p_value
    assert found.seed == 3
    assert found.p_value == pytest.approx(0.0218, abs=0.04)
    rows = study(np.random.default_rng(3), n_listeners=6)
    mixed = compare_conditions(*rows, paradigm="2afc", n_bootstrap=9, seed=1)
    assert 1 / 10 <= mixed.p_value <= 1.0


def test_error_rate_with_six_listeners_whose_shifts_vary() -> None:
    """No mean shift, 40 studies, seed 12: the default test must not exceed its 5 % by more than
    three binomial standard deviations; the one with a common shift does."""
    rng = np.random.default_rng(12)
    n_studies = 40
    rates = choose_rates(paradigm="2afc", guess_rate=None, lapse_rate=0.0)
    hits = {"auto": 0, "intercept": 0}
    for _ in range(n_studies):
        *columns, condition = study(rng, n_listeners=6, n_trials=12, shift=0.0, sd_shift=0.8)
        counts = pack_counts(*columns, condition=condition)
        for random in hits:
            plan = plan_comparison(
                counts, random, test="shift", direction="rises", with_items=False
            )
            small, large = fit_nested(counts, plan, rates, "norm", "rises")
            statistic = 2 * (large.log_likelihood - small.log_likelihood)
            groups = plan.n_groups
            hits[random] += (
                chi_square_p_value(statistic, 1)
                if groups is None
                else mean_p_value(statistic, 1, 6, groups)
            ) < 0.05
    band = 3 * np.sqrt(0.05 * 0.95 / n_studies)
    assert hits["auto"] / n_studies <= 0.05 + band
    assert hits["intercept"] / n_studies > 0.05 + band


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"condition": ["a"] * 12}, DataError, "only one condition"),
        (
            {"n_trials": [40] * 6 + [0] * 6, "n_correct": COUNTS["a"] + [0] * 6},
            DataError,
            "b has no",
        ),
        ({"n_correct": COUNTS["a"] + [40] * 6}, FitError, "Every response in condition b"),
        ({"test": "loudness"}, FitError, "no test"),
        ({"random": "auto"}, FitError, "one listener"),
        ({"n_bootstrap": 20}, FitError, "needs a seed"),
        ({"coverage": 2.0}, DataError, "coverage"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_remedy(change, error, message: str) -> None:
    names = ("listener", "level", "n_correct", "n_trials", "condition")
    arguments = dict(zip(names, ONE, strict=True)) | {"random": None, "paradigm": "2afc"} | change
    with pytest.raises(error, match=message) as caught:
        compare_conditions(**arguments)
    assert caught.value.remedy


def test_a_condition_with_one_level_has_no_slope() -> None:
    rows = ([1] * 8, [*LEVELS, 3, 3], [*COUNTS["a"], 24, 25], [40] * 8, ["a"] * 6 + ["b"] * 2)
    assert compare_conditions(*rows, paradigm="2afc", random=None).p_value > 0.05
    with pytest.raises(FitError, match="one level only"):
        compare_conditions(*rows, paradigm="2afc", random=None, test="slope")


def test_items_can_vary_too() -> None:
    listener, level, n_correct, n_trials, condition = study(np.random.default_rng(3), n_trials=4)
    item = [f"clip {number % 3}" for number in range(len(listener))]
    found = compare_conditions(
        listener,
        level,
        n_correct,
        n_trials,
        condition,
        paradigm="2afc",
        item=item,
        random="intercept",
    )
    assert "Laplace" in found.method
    assert 0 < found.p_value < 1


def test_the_result_goes_into_json() -> None:
    found = compare_conditions(*ONE, paradigm="2afc", random=None, test="both")
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["p_value"] == pytest.approx(found.p_value)
    assert plain["question"] == "do the curves differ in threshold or slope?"
    assert len(plain["conditions"]) == 2

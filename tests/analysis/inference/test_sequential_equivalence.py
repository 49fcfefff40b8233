"""Sequential equivalence: four verdicts, a bound always, and rates that hold at every look."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.sequential_equivalence import (
    sequential_equivalence,
    sequential_equivalence_listeners,
)
from jndlab.analysis.inference.sequential_mixture import log_e_value
from jndlab.analysis.inference.sequential_paths import arrivals, no_upper
from jndlab.errors import DataError


def one_listener(n_correct: Any, n_trials: Any, **options: Any) -> Any:
    return sequential_equivalence(
        n_correct, n_trials, **{"paradigm": "abx", "bound": 0.65, "n_listeners": 1, **options}
    )


@pytest.mark.parametrize(
    ("n_correct", "n_trials", "verdict"),
    [
        ([50, 101], [100, 200], "equivalent"),
        ([80, 165], [100, 200], "different"),
        ([290, 575, 1150], [500, 1000, 2000], "both"),
        ([6, 11], [10, 20], "undecided"),
    ],
)
def test_four_verdicts(n_correct: list[int], n_trials: list[int], verdict: str) -> None:
    result = one_listener(n_correct, n_trials)
    assert result.verdict == verdict
    assert (result.equivalent_at is not None) == (verdict in ("equivalent", "both"))
    assert (result.different_at is not None) == (verdict in ("different", "both"))
    assert (result.interval.high < 0.65) == (verdict in ("equivalent", "both"))
    assert (result.interval.low > 0.5) == (verdict in ("different", "both"))
    first = {"equivalent": "Equivalent", "different": "Different", "both": "Audible"}
    assert result.wording.startswith(first.get(verdict, "Undecided"))
    assert result.warnings == ()


def test_not_significant_is_not_equivalent() -> None:
    result = one_listener([10], [20])
    assert result.p_value_difference > 0.5
    assert result.verdict == "undecided"
    assert "no evidence that the difference cannot be heard" in result.wording


@pytest.mark.parametrize("bound", [0.6, 0.7])
def test_false_claims_with_a_look_after_every_trial_are_exact(bound: float) -> None:
    looks = list(range(1, 301))
    critical = []
    for n in looks:
        log_e = log_e_value(np.arange(n + 1), n, bound, prior=(1, 1), low=0.5, high=bound)
        critical.append(int(np.sum(log_e >= np.log(20))) - 1)
    shares = arrivals(looks, critical, no_upper(looks))

    def ever(proportion: float) -> float:
        return float(
            sum(
                (share * binomial_probabilities(n, proportion))[: count + 1].sum()
                for n, count, share in zip(looks, critical, shares, strict=True)
            )
        )

    assert 0.01 < ever(bound) <= 0.05
    assert ever(bound + 0.05) < ever(bound)
    assert ever(0.5) > 0.8
    # The function itself claims at those counts.
    n = looks[-1]
    assert one_listener(critical[-1], n, bound=bound).verdict != "undecided"
    assert one_listener(critical[-1] + 1, n, bound=bound).equivalent_at is None


def test_verdict_and_limit_agree_in_random_studies() -> None:
    rng = np.random.default_rng(8)
    for proportion in (0.45, 0.55, 0.65, 0.75):
        responses = rng.random((6, 120)) < proportion
        for row in responses:
            result = one_listener(np.cumsum(row), np.arange(1, 121))
            assert (result.interval.high < 0.65) == (result.equivalent_at is not None)
            assert (result.interval.low > 0.5) == (result.different_at is not None)
        counts = rng.binomial(20, proportion, (6, 15))
        for row in counts:
            over = sequential_equivalence_listeners(row, 20, paradigm="abx", bound=0.65)
            assert (over.interval.high < 0.65) == (over.equivalent_at is not None)
            assert (over.interval.low > 0.5) == (over.different_at is not None)


def test_listeners_spread_is_allowed_for() -> None:
    # 5 of 16 listeners hear it well; pooled trials would call that equivalent.
    counts = [20, 21, 19, 36, 20, 18, 34, 20, 21, 19, 35, 20, 12, 11, 13, 12]
    over = sequential_equivalence_listeners(counts, 40, paradigm="abx", bound=0.6)
    pooled = sequential_equivalence(
        np.cumsum(counts), 40 * np.arange(1, 17), paradigm="abx", bound=0.6, n_listeners=16
    )
    assert over.verdict == "undecided"
    assert pooled.verdict != "undecided"
    assert "16 listeners" in pooled.warnings[0]
    assert "listeners' population" in over.wording


def test_unknown_listeners_are_asked_for() -> None:
    result = sequential_equivalence(50, 100, paradigm="abx", bound=0.65)
    assert "If the trials come from several listeners" in result.warnings[0]


def test_bounds_on_other_scales() -> None:
    plain = one_listener([90], [180], bound=0.6)
    share = one_listener([90], [180], bound=0.2, bound_on="discriminators")
    assert share.bound == 0.2
    assert share.bound_proportion == pytest.approx(0.6)
    assert share.e_value == pytest.approx(plain.e_value)
    d_prime = one_listener([90], [180], bound=1.0, bound_on="d_prime", model="differencing")
    assert d_prime.bound_proportion == pytest.approx(0.5825, abs=5e-4)
    assert "d′ = 1" in d_prime.wording


def test_a_result_is_plain_data() -> None:
    result = one_listener([20, 45], [40, 90])
    data = json.loads(json.dumps(result.to_dict()))
    assert data["alpha"] == 0.05
    assert "history" not in data
    assert set(result.history.table[0]) >= {"e_value", "e_value_difference"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": None}, "needs a bound"),
        ({"bound": 0.5}, "no effect"),
        ({"bound": "small"}, "not a number"),
        ({"paradigm": "yes_no"}, "chance level"),
        ({"alpha": 0.7}, "alpha"),
        ({"prior": (1, 0)}, "beta"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        one_listener([5, 9], [10, 20], **options)


def test_listeners_need_a_bound_too() -> None:
    with pytest.raises(DataError, match="needs a bound"):
        sequential_equivalence_listeners([5, 9], 10, paradigm="abx")

"""E-value tests: exact error rates at every stopping rule, and what peeking does without them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.sequential_evalues import e_value_binomial, e_value_listeners
from jndlab.analysis.inference.sequential_mixture import log_e_value
from jndlab.analysis.inference.sequential_paths import arrivals, no_lower
from jndlab.errors import DataError

RESPONSES = [1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1]


def ever_claimed(critical: list[int], proportion: float) -> float:
    """Exact probability that the correct responses reach critical[n − 1] at some trial n."""
    looks = list(range(1, len(critical) + 1))
    shares = arrivals(looks, no_lower(looks), critical)
    return float(
        sum(
            (share * binomial_probabilities(n, proportion))[count:].sum()
            for n, count, share in zip(looks, critical, shares, strict=True)
        )
    )


@pytest.mark.parametrize("chance", [0.5, 1 / 3])
def test_a_look_after_every_trial_keeps_the_rate_exactly(chance: float) -> None:
    critical = []
    for n in range(1, 201):
        log_e = log_e_value(np.arange(n + 1), n, chance, prior=(1, 1), low=chance)
        critical.append(n + 1 - int(np.sum(log_e >= np.log(20))))
    at_chance = ever_claimed(critical, chance)
    assert 0.02 < at_chance <= 0.05
    assert ever_claimed(critical, chance - 0.05) < at_chance
    assert ever_claimed(critical, chance + 0.15) > 0.9


def test_peeking_with_an_ordinary_test_does_not() -> None:
    critical = []
    for n in range(1, 121):
        rejected = [k for k in range(n + 1) if binomial_test(k, n, chance=0.5).p_value <= 0.05]
        critical.append(min(rejected, default=n + 1))
    assert ever_claimed(critical, 0.5) > 0.2


def test_simulated_studies_are_wrong_as_rarely() -> None:
    rng, n_studies, wrong = np.random.default_rng(5), 300, 0
    for _ in range(n_studies):
        result = e_value_binomial(rng.random(100) < 0.5, chance=0.5)
        wrong += result.verdict == "different"
    # 99.9 % band of 5 %.
    assert wrong / n_studies <= 0.05 + 3.1 * np.sqrt(0.05 * 0.95 / n_studies)


def test_responses_and_totals_are_the_same() -> None:
    single = e_value_binomial(RESPONSES, chance=0.5)
    totals = e_value_binomial(n_correct=np.cumsum(RESPONSES), n_trials=np.arange(1, 19), chance=0.5)
    assert single == totals or single.to_dict() == totals.to_dict()
    assert single.history.table == totals.history.table
    booleans = e_value_binomial([bool(one) for one in RESPONSES], chance=0.5)
    assert booleans.to_dict() == single.to_dict()


def test_the_claim_stays_once_it_was_made() -> None:
    result = e_value_binomial([*[1] * 20, *[0] * 20], chance=0.5)
    assert result.verdict == "different"
    assert result.e_value < 1.0
    assert result.decided_at == 7
    assert result.p_value == pytest.approx(1 / np.max(result.history.e_value))


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_interval_and_verdict_agree(alternative: Any) -> None:
    rng = np.random.default_rng(2)
    for proportion in (0.3, 0.45, 0.6, 0.8):
        for _ in range(5):
            result = e_value_binomial(
                rng.random(60) < proportion, chance=0.5, alternative=alternative
            )
            if "exclude one another" not in " ".join(result.warnings):
                assert (0.5 in result.interval) == (result.verdict == "undecided")
            counts = rng.binomial(10, proportion, 12)
            over = e_value_listeners(counts, 10, chance=0.5, alternative=alternative)
            if not over.warnings:
                assert (0.5 in over.interval) == (over.verdict == "undecided")


def test_drift_is_pointed_out() -> None:
    result = e_value_binomial([*[1] * 60, *[0] * 60], chance=0.5, alternative="two-sided")
    assert "exclude one another" in result.warnings[0]
    assert result.interval.low < 0.5 < result.interval.high


def test_listeners_who_differ_do_not_make_a_difference() -> None:
    # Ten sure of it and ten who are always wrong: on average chance, however many trials.
    mixed = e_value_listeners([40, 0] * 10, 40, chance=0.5)
    assert mixed.verdict == "undecided"
    assert mixed.unit == "listeners"
    assert mixed.n == 20
    keen = e_value_listeners([30, 32, 27, 29, 35, 28, 31, 33, 26, 32], 40, chance=0.5)
    assert keen.verdict == "different"
    assert keen.decided_at is not None
    assert keen.decided_at <= 10


def test_a_result_is_plain_data() -> None:
    data = json.loads(json.dumps(e_value_binomial([1] * 3000, chance=0.5).to_dict()))
    assert data["e_value"] == "inf"
    assert data["p_value"] < 1e-300
    assert "history" not in data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "missing"),
        ({"responses": [1, 0], "n_trials": [1, 2]}, "both"),
        ({"n_correct": [1, 2]}, "missing"),
        ({"responses": [1, 2]}, "neither 0 nor 1"),
        ({"responses": []}, "list of counts"),
        ({"responses": [1, None]}, "missing count"),
        ({"responses": ["yes"]}, "not a number"),
        ({"n_correct": [3, 2], "n_trials": [5, 10]}, "decrease"),
        ({"n_correct": [3, 4], "n_trials": [10, 5]}, "increase"),
        ({"n_correct": [3, 9], "n_trials": [5, 8]}, "6 correct responses in 3"),
        ({"n_correct": [6], "n_trials": [5]}, "cannot be"),
        ({"n_correct": [1, 2], "n_trials": [5]}, "length"),
        ({"responses": [1], "chance": 0}, "tested"),
        ({"responses": [1], "alternative": "more"}, "alternative"),
        ({"responses": [1], "alpha": 1}, "alpha"),
        ({"responses": [1], "prior": (0, 0)}, "beta"),
    ],
)
def test_impossible_trials_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        e_value_binomial(**{"chance": 0.5, **data})


@pytest.mark.parametrize(
    ("counts", "trials", "message"),
    [
        ([5, 6], [10], None),
        ([5, 6], [10, 10, 10], "length"),
        ([11], [10], "11 correct of 10"),
        ([5, 0], [10, 0], "no trials"),
        ([-1], [10], "negative"),
        ([[1, 2]], [10], "list"),
    ],
)
def test_impossible_listeners_are_refused(counts: Any, trials: Any, message: str | None) -> None:
    if message is None:
        assert e_value_listeners(counts, trials, chance=0.5).n == 2
        return
    with pytest.raises(DataError, match=message):
        e_value_listeners(counts, trials, chance=0.5)

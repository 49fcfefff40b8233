"""Exact path probabilities: against published two-stage designs, enumeration, normal limits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binom

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.sequential_paths import (
    arrivals,
    futility_boundary,
    lower_boundary,
    no_lower,
    no_upper,
    upper_boundary,
)
from jndlab.analysis.inference.sequential_spending import Spending, spent_error

# Simon 1989, Controlled Clinical Trials 10, 1-10, optimal designs for p0 = 0.1, p1 = 0.3:
# give up at r1 of n1 or fewer, claim above r of n; expected number of patients at p0.
SIMON = [
    (10, 1, 29, 5, 15.0, 0.05, 0.20),
    (12, 1, 35, 5, 19.8, 0.10, 0.10),
]


@pytest.mark.parametrize(("n1", "r1", "n", "r", "expected", "alpha", "beta"), SIMON)
def test_simons_two_stage_designs(
    n1: int, r1: int, n: int, r: int, expected: float, alpha: float, beta: float
) -> None:
    last = arrivals([n1, n], [r1], [n1 + 1])[1]
    stopped = binomial_probabilities(n1, 0.1)[: r1 + 1].sum()
    assert n1 + (1 - stopped) * (n - n1) == pytest.approx(expected, abs=0.05)
    assert (last * binomial_probabilities(n, 0.1))[r + 1 :].sum() <= alpha
    assert (last * binomial_probabilities(n, 0.3))[r + 1 :].sum() >= 1 - beta


def test_every_order_of_twelve_responses() -> None:
    looks, lower, upper = (3, 5, 9, 12), (0, 1, 2, 3), (3, 5, 7, 9)
    shares = arrivals(looks, lower, upper)
    arrived = [np.zeros(n + 1) for n in looks]
    for responses in itertools.product((0, 1), repeat=12):
        so_far = np.cumsum(responses)
        for look, n in enumerate(looks):
            count = so_far[n - 1]
            arrived[look][count] += 1
            if count <= lower[look] or count >= upper[look]:
                break
    for n, share, number in zip(looks, shares, arrived, strict=True):
        orders = binom.pmf(np.arange(n + 1), n, 0.5) * 2.0**12
        assert share * orders == pytest.approx(number, abs=1e-9)


def test_large_numbers_neither_overflow_nor_lose_probability() -> None:
    looks = [500, 1000, 1500]
    shares = arrivals(looks, no_lower(looks), no_upper(looks))
    assert shares[-1] == pytest.approx(np.ones(1501), rel=1e-9)
    assert binomial_probabilities(1500, np.array([0.0, 0.37, 1.0])).sum(axis=1) == pytest.approx(
        [1, 1, 1]
    )


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock", ("power", 2)])
@pytest.mark.parametrize("proportion", [0.5, 1 / 3, 0.6])
def test_boundaries_spend_all_they_can_and_no_more(proportion: float, spending: Spending) -> None:
    looks = [13, 30, 41, 70]
    spent = spent_error(np.array(looks) / 70, rate=0.05, spending=spending)
    upper = upper_boundary(looks, proportion=proportion, spent=spent.tolist())
    shares = arrivals(looks, no_lower(looks), upper)
    used = 0.0
    for n, count, share, most in zip(looks, upper, shares, spent, strict=True):
        here = share * binomial_probabilities(n, proportion)
        assert used + here[count:].sum() <= most + 1e-12
        assert used + here[count - 1 :].sum() > most
        used += here[count:].sum()


def test_lower_boundary_is_the_mirror_image() -> None:
    looks, spent = [20, 40], [0.02, 0.05]
    lower = lower_boundary(looks, proportion=0.6, spent=spent)
    shares = arrivals(looks, lower, no_upper(looks))
    total = sum(
        (share * binomial_probabilities(n, 0.6))[: count + 1].sum()
        for n, count, share in zip(looks, lower, shares, strict=True)
    )
    assert 0.02 < total <= 0.05
    assert lower_boundary(looks, proportion=0.5, spent=spent) == tuple(
        n - count
        for n, count in zip(looks, upper_boundary(looks, proportion=0.5, spent=spent), strict=True)
    )


def test_an_error_rate_that_just_fits_is_used() -> None:
    # 2 of 2 correct have probability 0.25 by guessing.
    assert upper_boundary([2], proportion=0.5, spent=[0.25]) == (2,)
    assert upper_boundary([2], proportion=0.5, spent=[0.2499]) == (3,)


# Critical z values for five equal looks, one-sided 0.025 (Lan & DeMets; Jennison & Turnbull 2000;
# software ldbounds).
LIMITS = [
    ("obrien-fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
    ("pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
]


@pytest.mark.parametrize(("spending", "critical"), LIMITS)
def test_many_trials_approach_the_normal_boundaries(
    spending: Spending, critical: list[float]
) -> None:
    looks = np.array([600, 1200, 1800, 2400, 3000])
    spent = spent_error(looks / 3000, rate=0.025, spending=spending)
    upper = np.array(upper_boundary(looks.tolist(), proportion=0.5, spent=spent.tolist()))
    z = (2 * upper - 1 - looks) / np.sqrt(looks)  # with continuity correction
    one_count = 2 / np.sqrt(looks)
    assert np.all(np.abs(z - critical) < one_count)


def test_futility_boundary_obeys_the_upper_one() -> None:
    looks, upper = [10, 20, 30], (9, 15, 20)
    lower = futility_boundary(looks, upper, proportion=0.75, spent=[0.05, 0.1, 0.2])
    assert lower[-1] == 19
    shares = arrivals(looks, lower, upper)
    used = 0.0
    for n, count, share, most in zip(looks[:2], lower[:2], shares[:2], (0.05, 0.1), strict=True):
        here = share * binomial_probabilities(n, 0.75)
        assert used + here[: count + 1].sum() <= most < used + here[: count + 2].sum()
        used += here[: count + 1].sum()

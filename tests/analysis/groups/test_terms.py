"""Derivatives of a row's log-likelihood against differences, for every sigmoid and rate."""

from __future__ import annotations

import numpy as np
import pytest

from jndlab.analysis.groups.terms import (
    Rates,
    eta_terms,
    expected_second,
    rate_terms,
    row_values,
)
from jndlab.sigmoids import SIGMOIDS, mirrored

ETA = np.linspace(-2.5, 2.0, 19)
CORRECT, WRONG = np.full(19, 3.0), np.full(19, 2.0)
STEP = 1e-5


def values(standard, eta, guess: float, lapse: float):
    return row_values(standard, eta, CORRECT, WRONG, Rates(guess=guess, lapse=lapse))


@pytest.mark.parametrize("name", sorted(SIGMOIDS))
@pytest.mark.parametrize(("guess", "lapse"), [(0.0, 0.0), (0.5, 0.02), (0.1, 0.0)])
def test_derivatives_in_eta(name: str, guess: float, lapse: float) -> None:
    standard = mirrored(SIGMOIDS[name])
    terms = eta_terms(standard, ETA, CORRECT, WRONG, Rates(guess=guess, lapse=lapse))
    up, down = (values(standard, ETA + step, guess, lapse) for step in (STEP, -STEP))
    np.testing.assert_allclose(terms.value, values(standard, ETA, guess, lapse))
    np.testing.assert_allclose(terms.first, (up - down) / (2 * STEP), rtol=1e-6, atol=1e-7)
    first_up, first_down = (
        eta_terms(standard, ETA + step, CORRECT, WRONG, Rates(guess=guess, lapse=lapse)).first
        for step in (STEP, -STEP)
    )
    np.testing.assert_allclose(
        terms.second, (first_up - first_down) / (2 * STEP), rtol=1e-5, atol=1e-6
    )


def test_derivatives_in_the_rates() -> None:
    standard, guess, lapse = SIGMOIDS["norm"], 0.3, 0.05
    terms = rate_terms(standard, ETA, CORRECT, WRONG, Rates(guess=guess, lapse=lapse))

    def difference(of, by: str):
        ends = []
        for sign in (1, -1):
            rates = {"guess": guess, "lapse": lapse}
            rates[by] += sign * STEP
            ends.append(of(Rates(**rates)))
        return (ends[0] - ends[1]) / (2 * STEP)

    def value(rates):
        return row_values(standard, ETA, CORRECT, WRONG, rates)

    def eta_first(rates):
        return eta_terms(standard, ETA, CORRECT, WRONG, rates).first

    def first(name: str):
        return lambda rates: getattr(rate_terms(standard, ETA, CORRECT, WRONG, rates), name)

    close = {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(terms.lapse, difference(value, "lapse"), **close)
    np.testing.assert_allclose(terms.guess, difference(value, "guess"), **close)
    np.testing.assert_allclose(terms.lapse_eta, difference(eta_first, "lapse"), **close)
    np.testing.assert_allclose(terms.guess_eta, difference(eta_first, "guess"), **close)
    np.testing.assert_allclose(terms.lapse_lapse, difference(first("lapse"), "lapse"), **close)
    np.testing.assert_allclose(terms.guess_guess, difference(first("guess"), "guess"), **close)
    np.testing.assert_allclose(terms.lapse_guess, difference(first("lapse"), "guess"), **close)


def test_expected_information_is_the_mean_over_answers() -> None:
    standard, rates = SIGMOIDS["norm"], Rates(guess=0.5, lapse=0.02)
    n_trials = 4
    right = 0.5 + 0.48 * standard.cdf(ETA)
    mean = np.zeros_like(ETA)
    for k in range(n_trials + 1):
        ways = [1, 4, 6, 4, 1][k]
        chance = ways * right**k * (1 - right) ** (n_trials - k)
        answers = np.full(19, float(k)), np.full(19, float(n_trials - k))
        mean += chance * eta_terms(standard, ETA, *answers, rates).second
    np.testing.assert_allclose(
        expected_second(standard, ETA, CORRECT, np.full(19, 1.0), rates), mean, rtol=1e-9
    )


def test_impossible_rows_stay_finite() -> None:
    terms = eta_terms(
        SIGMOIDS["norm"],
        np.array([-80.0, 80.0]),
        np.array([1.0, 0.0]),
        np.array([0.0, 1.0]),
        Rates(guess=0.0, lapse=0.0),
    )
    assert all(np.all(np.isfinite(part)) for part in terms)
    assert np.all(terms.value < -200.0)

"""The binomial log-likelihood of a row and its derivatives in what the row's curve is made of.

p = γ + h S(η) with hearing h = 1 − γ − λ, guess rate γ, lapse rate λ and standard sigmoid S;
ℓ = k log p + (n − k) log(1 − p), without the binomial coefficient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.sigmoids import Sigmoid

Floats = NDArray[np.float64]
_TINY = 1e-120


class Rates(NamedTuple):
    """Guess and lapse rate, broadcastable to the rows."""

    guess: Floats | float
    lapse: Floats | float


class EtaTerms(NamedTuple):
    """ℓ and its first two derivatives in η; shape of η."""

    value: Floats
    first: Floats
    second: Floats


class RateTerms(NamedTuple):
    """Derivatives of ℓ in the rates, and mixed with η; shape of η."""

    lapse: Floats
    guess: Floats
    lapse_eta: Floats
    guess_eta: Floats
    lapse_lapse: Floats
    guess_guess: Floats
    lapse_guess: Floats


def row_values(
    standard: Sigmoid, eta: Floats, correct: Floats, wrong: Floats, rates: Rates
) -> Floats:
    """ℓ of every row, shape of ``eta``."""
    hearing = 1.0 - rates.guess - rates.lapse
    right = np.maximum(rates.guess + hearing * standard.cdf(eta), _TINY)
    missed = np.maximum(rates.lapse + hearing * standard.survival(eta), _TINY)
    return np.asarray(correct * np.log(right) + wrong * np.log(missed))


def eta_terms(
    standard: Sigmoid, eta: Floats, correct: Floats, wrong: Floats, rates: Rates
) -> EtaTerms:
    """ℓ with its derivatives in η."""
    hearing = 1.0 - rates.guess - rates.lapse
    right = np.maximum(rates.guess + hearing * standard.cdf(eta), _TINY)
    missed = np.maximum(rates.lapse + hearing * standard.survival(eta), _TINY)
    slope = hearing * standard.density(eta)
    up, down = correct / right, wrong / missed
    balance = up - down
    bent = up * (slope / right) + down * (slope / missed)
    return EtaTerms(
        value=correct * np.log(right) + wrong * np.log(missed),
        first=slope * balance,
        second=hearing * standard.curvature(eta) * balance - slope * bent,
    )


def expected_second(
    standard: Sigmoid, eta: Floats, correct: Floats, wrong: Floats, rates: Rates
) -> Floats:
    """The expectation of ∂²ℓ/∂η² over answers: −n (h S′)² / (p (1 − p)), Fisher's information."""
    hearing = 1.0 - rates.guess - rates.lapse
    right = np.maximum(rates.guess + hearing * standard.cdf(eta), _TINY)
    missed = np.maximum(rates.lapse + hearing * standard.survival(eta), _TINY)
    slope = hearing * standard.density(eta)
    return np.asarray(-(correct + wrong) * (slope / right) * (slope / missed))


def rate_terms(
    standard: Sigmoid, eta: Floats, correct: Floats, wrong: Floats, rates: Rates
) -> RateTerms:
    """Derivatives that a free lapse or guess rate needs."""
    hearing = 1.0 - rates.guess - rates.lapse
    heard, unheard = standard.cdf(eta), standard.survival(eta)
    right = np.maximum(rates.guess + hearing * heard, _TINY)
    missed = np.maximum(rates.lapse + hearing * unheard, _TINY)
    density = standard.density(eta)
    first = correct / right - wrong / missed
    second = -correct / right / right - wrong / missed / missed
    mixed = second * hearing * density
    return RateTerms(
        lapse=-first * heard,
        guess=first * unheard,
        lapse_eta=-mixed * heard - first * density,
        guess_eta=mixed * unheard - first * density,
        lapse_lapse=second * heard * heard,
        guess_guess=second * unheard * unheard,
        lapse_guess=-second * heard * unheard,
    )

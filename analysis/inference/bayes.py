"""Bayes factors of a proportion correct: how much better one hypothesis foretold the counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from jndlab.analysis.inference.bayes_priors import Prior, PriorSpec, make_prior
from jndlab.analysis.inference.log_concave import Density, integrate
from jndlab.analysis.inference.trial_counts import require_chance, trial_counts
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
USUAL_PRIORS: tuple[PriorSpec, ...] = (
    "uniform",
    "jeffreys",
    ("logistic", "medium"),
    ("logistic", "wide"),
    ("logistic", "ultrawide"),
    "uniform_above_chance",
    ("logistic_above_chance", "medium"),
    ("logistic_above_chance", "wide"),
)
"""Four that allow proportions on both sides of chance and three that do not, of several widths."""
_LARGEST_LOG = 709.0
"""e to this is about the largest number there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesFactor:
    """How many times as probable the counts are under H1 as under H0, and under which prior."""

    bayes_factor: float
    """BF10, of H1 (the prior) against H0 (the proportion is ``chance``); inf where it is too large
    for a number."""
    log_bayes_factor: float
    """Its natural logarithm."""
    bf01: float
    """1 / BF10."""
    prior: str
    """The prior of the proportion correct under H1, in words."""
    estimate: float
    """Posterior mean of the proportion correct under H1."""
    interval: ConfidenceInterval
    """Equal-tailed credible interval of the proportion correct under H1."""
    n_correct: int
    n_trials: int
    chance: float
    wording: str
    """The factor as a sentence that adds no verdict."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesFactorSensitivity:
    """The Bayes factors of the same counts under several priors."""

    results: tuple[BayesFactor, ...]
    smallest: BayesFactor
    largest: BayesFactor
    wording: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def bayes_factor_binomial(
    n_correct: int, n_trials: int, *, chance: float, prior: PriorSpec, coverage: float = 0.95
) -> BayesFactor:
    """Bayes factor of "there is a difference" against "all are guesses", under a stated prior.

    BF10 = ∫ p^k (1 − p)^(n−k) π(p) dp / (chance^k (1 − chance)^(n−k)) (Jeffreys 1961, *Theory of
    Probability*, 3rd ed., §5.1), integrated over the log odds in logarithms. What H1 says is the
    ``prior`` π, which has no default because the answer depends on it:

    - "uniform": all proportions from 0 to 1 alike; ("uniform", low, high) those in a range;
    - "jeffreys": Beta(½, ½); ("beta", a, b): any beta distribution;
    - ("logistic", scale): the log odds are logistic around those of chance, with "medium" (0.5),
      "wide" (√½), "ultrawide" (1) or a number as scale, as in R's ``BayesFactor::proportionBF``;
    - with "_above_chance" or "_below_chance" after the first word, as "uniform_above_chance" or
      ("logistic_above_chance", "medium"): cut to that side. Listeners who hear a difference are
      right more often than by chance, so a one-sided prior says what most studies ask.

    Trials count as independent with one proportion under H1: use the trials of one listener. Pooled
    listeners who differ are foretold badly by H1. DataError: impossible counts, no such prior.

    >>> result = bayes_factor_binomial(59, 100, chance=0.5, prior="uniform_above_chance")
    >>> round(result.bayes_factor, 6), result.prior
    (1.20244, 'uniform on 0.5 to 1')
    >>> other = bayes_factor_binomial(59, 100, chance=0.5, prior=("logistic", "medium"))
    >>> round(other.bayes_factor, 3), round(other.interval.low, 3)
    (1.112, 0.49)
    """
    correct, trials = trial_counts(n_correct, n_trials)
    null = require_chance(chance)
    check_coverage(coverage)
    stated = make_prior(prior, null)
    posterior = _posterior(stated, correct, trials)
    log_null = correct * log(null) + (trials - correct) * log1p(-null)
    log_factor = posterior.log_total - _posterior(stated, 0, 0).log_total - log_null
    factor, inverse = _exp(log_factor), _exp(-log_factor)
    tail = (1.0 - coverage) / 2.0
    return BayesFactor(
        bayes_factor=factor,
        log_bayes_factor=log_factor,
        bf01=inverse,
        prior=stated.text,
        estimate=posterior.mean(expit),
        interval=ConfidenceInterval(
            low=float(expit(posterior.quantile(tail))),
            high=float(expit(posterior.quantile(1.0 - tail))),
            coverage=coverage,
            method="posterior under H1, equal tails",
        ),
        n_correct=correct,
        n_trials=trials,
        chance=null,
        wording=_wording(log_factor, stated, null),
        method="Bayes factor by quadrature over the log odds",
        warnings=_advice(stated, correct / trials, factor, inverse),
    )


def bayes_factor_sensitivity(
    n_correct: int,
    n_trials: int,
    *,
    chance: float,
    priors: Sequence[PriorSpec] = USUAL_PRIORS,
    coverage: float = 0.95,
) -> BayesFactorSensitivity:
    """The Bayes factor under each of several priors, and how far they lie apart.

    A Bayes factor without its prior says nothing, so this shows what the priors contribute (Kass &
    Raftery 1995, *J. Am. Stat. Assoc.* 90, 773–795, on sensitivity to them).
    DataError: as :func:`bayes_factor_binomial`, or no prior at all.

    >>> found = bayes_factor_sensitivity(59, 100, chance=0.5)
    >>> round(found.smallest.bayes_factor, 2), round(found.largest.bayes_factor, 2)
    (0.41, 2.13)
    """
    if isinstance(priors, str) or len(priors) == 0:
        raise DataError("There are no priors to compare.", "Give a list of priors.")
    results = tuple(
        bayes_factor_binomial(n_correct, n_trials, chance=chance, prior=prior, coverage=coverage)
        for prior in priors
    )
    ranked = sorted(results, key=lambda result: result.log_bayes_factor)
    ends = [f"{_times(one.log_bayes_factor)} ({one.prior})" for one in (ranked[0], ranked[-1])]
    sides = {one.log_bayes_factor > 0.0 for one in results}
    return BayesFactorSensitivity(
        results=results,
        smallest=ranked[0],
        largest=ranked[-1],
        wording=f"Over {len(results)} priors the Bayes factor BF10 runs from {ends[0]} to {ends[1]}"
        + ("." if len(sides) == 1 else ": which hypothesis it favours depends on the prior."),
    )


def _posterior(prior: Prior, n_correct: int, n_trials: int) -> Density:
    """Likelihood times prior, of the log odds; the prior itself without trials."""
    n_wrong = n_trials - n_correct

    def log_density(x: Floats) -> Floats:
        return np.asarray(n_correct * log_expit(x) + n_wrong * log_expit(-x) + prior.log_density(x))

    def slope(x: Floats) -> Floats:
        return np.asarray(n_correct * expit(-x) - n_wrong * expit(x) + prior.slope(x))

    return integrate(log_density, slope, float(logit(prior.low)), float(logit(prior.high)))


def _exp(value: float) -> float:
    return exp(value) if value < _LARGEST_LOG else inf


def _times(log_value: float) -> str:
    """e^log_value to three digits, also where it is no number any more."""
    if abs(log_value) < _LARGEST_LOG:
        return f"{exp(log_value):.3g}"
    return f"10^{log_value / log(10.0):.0f}"


def _wording(log_factor: float, prior: Prior, chance: float) -> str:
    first, second = ("H1", "H0") if log_factor >= 0.0 else ("H0", "H1")
    return (
        f"The counts are {_times(abs(log_factor))} times as probable under {first} as under "
        f"{second} (H0: the proportion correct is {chance:.4g}; H1: it has a prior {prior.text})."
    )


def _advice(prior: Prior, share: float, factor: float, inverse: float) -> tuple[str, ...]:
    found = [
        "The Bayes factor holds for this prior only; another prior gives another factor: print "
        "the prior beside it, and see bayes_factor_sensitivity."
    ]
    if not prior.low <= share <= prior.high:
        found.append(
            f"The proportion seen, {share:.3g}, lies outside of what H1 allows: the factor says "
            "which of two hypotheses does worse, not that either is right."
        )
    if inf in (factor, inverse):
        found.append("The factor is too large for a number: use log_bayes_factor.")
    return tuple(found)

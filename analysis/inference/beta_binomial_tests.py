"""Tests in beta-binomial models: do listeners differ, and does anybody hear anything?

Both hypotheses lie on an edge of the model, where a likelihood ratio has no χ² distribution
(Self & Liang 1987, *J. Am. Stat. Assoc.* 82, 605–610): that of no overdispersion is at best a half
mixture of 0 and χ²₁, that of "no difference" in the chance-corrected model nothing tabulated, since
the spread of listeners who know nothing has no meaning. R's ``sensR::betabin`` refers them to χ²₁
and χ²₂, and says that its p-values are too large: a nominal 5 % is 0.4 to 3 % (``benchmarks/
error_rates_difference.py``). Listeners are few as well, so that even the mixture rejects in 1 to
4 % only. Therefore the p-value is computed instead of looked up:

- no overdispersion: if listeners do not differ, all ways to spread the correct responses over the
  trials are equally likely, whatever the common proportion is. Given their total, counts are
  drawn from that (multivariate hypergeometric) distribution, and their likelihood ratios compared.
- no difference: everybody guesses, so counts are binomial with chance; nothing is left unknown.

Both are exact tests for any number of listeners and trials, up to their Monte Carlo error. Their
likelihoods are maximised over a mesh of the two parameters, the same for the data and all draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from jndlab.analysis.inference.beta_binomial_likelihood import BetaBinomialLikelihood
from jndlab.analysis.inference.resampling import monte_carlo_p_value
from jndlab.analysis.records import to_dict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_OVERDISPERSIONS = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 13)])
_N_MEANS = 13
_MOST_NUMBERS = 4_000_000
_ROUNDING = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomialTest:
    """A likelihood-ratio test in a beta-binomial model."""

    hypothesis: str
    statistic: float
    """Twice the difference of the log-likelihoods."""
    p_value: float
    """By resampling under the hypothesis; without resamples the one of the mixture, else of χ²."""
    p_value_mixture: float | None
    """From the half mixture of χ² for many listeners; None where it is not that."""
    p_value_chi_square: float
    """From χ², as sensR: too large."""
    degrees_of_freedom: int
    """Of χ²."""
    n_resamples: int
    method: str

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def overdispersion_test(
    likelihood: BetaBinomialLikelihood,
    height: float,
    n_correct: Ints,
    n_trials: Ints,
    *,
    n_resamples: int,
    rng: np.random.Generator,
) -> BetaBinomialTest:
    """Of the hypothesis that all listeners have one proportion correct in common.

    ``height`` is the largest log-likelihood of the model.
    """
    common = max(likelihood.pooled_proportion, likelihood.chance)
    statistic = _ratio(height, likelihood.log_likelihood_binomial(common))
    chi_square = float(chdtrc(1.0, statistic))
    mixture = 0.5 * chi_square if statistic > 0.0 else 1.0
    p_value = mixture
    if n_resamples:
        total = int(n_correct.sum())
        drawn = rng.multivariate_hypergeometric(n_trials, total, size=n_resamples)
        p_value = _p_value(likelihood, np.vstack([n_correct, drawn]), n_trials)
    return BetaBinomialTest(
        hypothesis="all listeners have the same proportion correct",
        statistic=statistic,
        p_value=p_value,
        p_value_mixture=mixture,
        p_value_chi_square=chi_square,
        degrees_of_freedom=1,
        n_resamples=n_resamples,
        method="likelihood ratio, "
        + (
            "responses spread anew over the listeners given their total"
            if n_resamples
            else "half mixture of 0 and chi-square with 1 degree of freedom"
        ),
    )


def no_difference_test(
    likelihood: BetaBinomialLikelihood,
    height: float,
    n_correct: Ints,
    n_trials: Ints,
    *,
    guess_rate: float,
    n_resamples: int,
    rng: np.random.Generator,
) -> BetaBinomialTest:
    """Of the hypothesis that every listener guesses in every trial."""
    statistic = _ratio(height, likelihood.log_likelihood_binomial(guess_rate))
    chi_square = float(chdtrc(2.0, statistic))
    # In the corrected model the mean too lies on its edge, and there the spread has no meaning.
    mixture = None if likelihood.chance else 0.5 * float(chdtrc(1.0, statistic)) + 0.5 * chi_square
    p_value, method = chi_square, "chi-square with 2 degrees of freedom (too large)"
    if mixture is not None:
        p_value, method = mixture, "half mixture of chi-square with 1 and 2 degrees of freedom"
    if n_resamples:
        drawn = rng.binomial(n_trials, guess_rate, size=(n_resamples, len(n_trials)))
        counts = np.vstack([n_correct, drawn])
        p_value = _p_value(likelihood, counts, n_trials, guess_rate=guess_rate)
        method = "guessing simulated"
    return BetaBinomialTest(
        hypothesis="every listener guesses in every trial",
        statistic=statistic,
        p_value=p_value,
        p_value_mixture=mixture,
        p_value_chi_square=chi_square,
        degrees_of_freedom=2,
        n_resamples=n_resamples,
        method=f"likelihood ratio, {method}",
    )


def _ratio(height: float, lower: float) -> float:
    """Twice the difference; what is only rounding is 0."""
    ratio = 2.0 * (height - lower)
    return ratio if ratio > _ROUNDING else 0.0


def _p_value(
    likelihood: BetaBinomialLikelihood,
    counts: Ints,
    n_trials: Ints,
    *,
    guess_rate: float | None = None,
) -> float:
    """Of the first row of ``counts``; shape (1 + resamples, listeners).

    The hypothesis: ``guess_rate`` for everybody, or where it is None the common proportion, which
    is the same in all rows because their totals are.
    """
    at_total = float(counts[0].sum()) / float(n_trials.sum())
    null = guess_rate if guess_rate is not None else max(at_total, likelihood.chance)
    ratios = likelihood_ratios(likelihood, counts, n_trials, null=null, centre=at_total)
    as_large = int(np.sum(ratios[1:] >= ratios[0] - _ROUNDING))
    return monte_carlo_p_value(as_large, len(ratios) - 1)


def likelihood_ratios(
    likelihood: BetaBinomialLikelihood,
    counts: Ints,
    n_trials: Ints,
    *,
    null: float,
    centre: float,
) -> Floats:
    """Likelihood ratios of each row of counts, maximised over a mesh; shape (rows,).

    ``null``: the proportion correct of everybody under the hypothesis. ``centre``: another one near
    which the mesh is laid.
    """
    means = _means(likelihood.chance, null, centre, int(n_trials.sum()))
    mean, spread = (part.ravel() for part in np.meshgrid(means, _OVERDISPERSIONS, indexing="ij"))
    pairs, where = np.unique(
        np.stack([counts.ravel(), np.broadcast_to(n_trials, counts.shape).ravel()]),
        axis=1,
        return_inverse=True,
    )
    of_pairs = replace(
        likelihood, n_correct=pairs[0], n_trials=pairs[1], n_listeners=np.ones_like(pairs[0])
    )
    under_null = replace(of_pairs, chance=0.0).log_probability([null], [0.0])
    gains = of_pairs.log_probability(mean, spread) - under_null
    table = np.maximum(gains, -1e6).T
    where = where.reshape(counts.shape)
    step = max(1, _MOST_NUMBERS // len(mean))
    best = np.empty(len(counts))
    for at in range(0, len(counts), step):
        rows = where[at : at + step]
        sums = table[rows[:, 0]].copy()
        for column in range(1, rows.shape[1]):
            sums += table[rows[:, column]]
        best[at : at + step] = sums.max(axis=1)
    return 2.0 * np.maximum(best, 0.0)


def _means(chance: float, null: float, centre: float, n_trials: int) -> Floats:
    """Means on the model's own scale: all over it, and closer together where the data lie."""
    everywhere = np.sin(np.linspace(0.0, np.pi / 2.0, _N_MEANS)) ** 2
    scatter = np.linspace(-4.0, 4.0, _N_MEANS) * np.sqrt(0.25 / n_trials)
    near = np.concatenate([null + scatter, [centre]])
    scaled = (near - chance) / (1.0 - chance)
    return np.unique(np.clip(np.concatenate([everywhere, scaled]), 0.0, 1.0))

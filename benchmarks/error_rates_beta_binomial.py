"""How often beta-binomial models find an effect where there is none, and hold the truth.

Tests of overdispersion and of no difference by resampling, by mixtures and by χ², and coverage of
profile intervals. A star marks rates more than two standard errors above 5 %, and coverages that
much below 95 %: χ² tests are off on the edge of a model.

10,000 studies a cell unless said otherwise; about 5 minutes of CPU (--quick: 1,000, 30 s).

    python benchmarks/error_rates_beta_binomial.py [--quick] [--json FILE] [--seed N]
"""

from __future__ import annotations

from functools import partial

import numpy as np
from error_rates import Floats, Part, Row, rate_of, run
from printing import arguments
from scipy.special import chdtrc

from jndlab.analysis.groups.cutoffs import mean_cutoffs
from jndlab.analysis.inference.beta_binomial_likelihood import (
    BetaBinomialLikelihood,
    make_likelihood,
)
from jndlab.analysis.inference.beta_binomial_maximum import highest_along, highest_point
from jndlab.analysis.inference.beta_binomial_tests import likelihood_ratios


def beta_binomial(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """Tests of overdispersion and of no difference, by resampling, by mixtures and by χ²."""
    rows = []
    for m, n in ((6, 20), (12, 20), (24, 10)):
        trials = np.full(m, n)
        for corrected in (True, False):
            model = make_likelihood(trials, trials, 0.5 if corrected else 0.0)
            guesses = rng.binomial(n, 0.5, (n_studies, m))
            drawn = rng.binomial(n, 0.5, (20_000, m))
            ratios, others = (
                likelihood_ratios(model, counts, trials, null=0.5, centre=0.5)
                for counts in (guesses, drawn)
            )
            rows.append(
                {
                    "listeners x trials": f"{m} x {n}",
                    "model": "corrected" if corrected else "plain",
                    "hypothesis": "all guess",
                    "resampling": rate_of(_places(ratios, others)),
                    "mixture": ""
                    if corrected
                    else rate_of((chdtrc(1, ratios) + chdtrc(2, ratios)) / 2),
                    "chi-square": rate_of(chdtrc(2, ratios)),
                }
            )
            for proportion in (0.55, 0.8):
                alike = rng.binomial(n, proportion, (n_studies, m))
                ratios, p_values = np.empty(n_studies), np.empty(n_studies)
                for total in np.unique(alike.sum(axis=1)):
                    here = alike.sum(axis=1) == total
                    null = max(total / (m * n), 0.5) if corrected else total / (m * n)
                    anew = rng.multivariate_hypergeometric(trials, total, size=2999)
                    ratios[here], others = (
                        likelihood_ratios(model, counts, trials, null=null, centre=null)
                        for counts in (alike[here], anew)
                    )
                    p_values[here] = _places(ratios[here], others)
                rows.append(
                    {
                        "listeners x trials": f"{m} x {n}",
                        "model": "corrected" if corrected else "plain",
                        "hypothesis": f"all {proportion} correct",
                        "resampling": rate_of(p_values),
                        "mixture": rate_of(np.where(ratios > 1e-7, chdtrc(1, ratios) / 2, 1.0)),
                        "chi-square": rate_of(chdtrc(1, ratios)),
                    }
                )
    return rows


def _places(seen: Floats, drawn: Floats) -> Floats:
    """(b + 1)/(m + 1) of each ratio among the drawn ones."""
    ordered = np.sort(drawn)
    as_large = len(ordered) - np.searchsorted(ordered, seen - 1e-7)
    return np.asarray((as_large + 1) / (len(ordered) + 1))


def profile_coverage(n_studies: int, rng: np.random.Generator) -> list[Row]:
    """How often 95 % profile intervals of mean and overdispersion hold the truth."""
    rows = []
    for m, n, mean, spread, chance in (
        (8, 20, 0.65, 0.07, 0.0),
        (12, 20, 0.65, 0.17, 0.0),
        (24, 20, 0.8, 0.1, 0.0),
        (8, 20, 0.3, 0.5, 0.5),
        (24, 20, 0.3, 0.5, 0.5),
    ):
        n_fits = n_studies // (5 if chance == 0.0 else 10)
        a, b = mean * (1 - spread) / spread, (1 - mean) * (1 - spread) / spread
        held = np.zeros((2, 2))
        cutoffs = np.array([mean_cutoffs(0.95, m).low, 3.841459])
        for _ in range(n_fits):
            true = chance + (1.0 - chance) * rng.beta(a, b, m)
            model = make_likelihood(rng.binomial(n, true), np.full(m, n), chance)
            height = highest_point(model.log_likelihood).height
            profiles = (
                highest_along(partial(model.log_likelihood, mean))[1],
                highest_along(partial(_swapped, model, spread))[1],
            )
            for i, at_truth in enumerate(profiles):
                held[i] += 2.0 * (height - at_truth) <= cutoffs
        rows.append(
            {
                "listeners x trials": f"{m} x {n}",
                "model": "corrected" if chance else "plain",
                "mean": mean,
                "overdispersion": spread,
                "studies": n_fits,
                "of the mean": held[0, 0] / n_fits,
                "of the overdispersion": held[1, 0] / n_fits,
                "of the mean, chi-square": held[0, 1] / n_fits,
                "of the overdispersion, chi-square": held[1, 1] / n_fits,
            }
        )
    return rows


def _swapped(model: BetaBinomialLikelihood, overdispersion: float, mean: Floats) -> Floats:
    return model.log_likelihood(mean, overdispersion)


PARTS = (
    Part("Beta-binomial models: tests", beta_binomial),
    Part("Beta-binomial models: coverage of 95 % intervals", profile_coverage, coverage=True),
)


if __name__ == "__main__":
    run(arguments(__doc__, seed=("of the simulated studies", 1)), PARTS)

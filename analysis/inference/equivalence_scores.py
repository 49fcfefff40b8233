"""How much one listener's answers speak for a population at the bound: a score per listener.

The score of k correct responses in n trials is the logarithm of a likelihood ratio,

    s(k) = log[ P(k | listener of a population at the bound) / P(k | one well within it) ].

At the bound: mean b, spread between listeners one, two or three thirds of the largest spread that
the claim allows for, with equal weights. Well within: half the weight on listeners who guess, half
on a population one third of the way from chance to the bound, with one third of the spread. Each
population is a beta distribution on [chance, 1]: skewed, with most listeners near chance and a few
who hear much.

Any score gives a valid test, because its distribution is worked out for every population that the
claim must withstand (``equivalence_worst_case``). By the lemma of Neyman & Pearson (1933, *Phil.
Trans. R. Soc. A* 231, 289–337) sums of such scores are the most powerful tests between two
populations. Where everybody guesses, these lie within 0.02 of the largest power that any test with
the same guarantee can have (found by linear programming in eight designs: 0.78 against 0.79 with
10 listeners of 40 trials and a bound of 0.6, 0.44 against 0.45 with 6 of 50).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities

Floats = NDArray[np.float64]

_SPREADS_AT_BOUND = (1 / 3, 2 / 3, 1.0)
"""Of the largest spread, mixed in equal parts."""
_WITHIN = 1 / 3
"""Where the population within the bound lies between chance and bound, and its share of spread."""
_N_CELLS = 128
"""Cells into which a beta distribution is cut."""
_LARGEST_SHARE = 0.9
"""Of the largest standard deviation that a distribution on [chance, 1] with that mean can have."""
_POINT = 1e-4
"""A smaller spread than this is none."""
_ABOVE_CHANCE, _ABOVE_BOUND = 20.0, 8.0
"""Scores end this far above that of a guessing listener, or of one at the bound."""
_BELOW_CHANCE = 3.0
"""Standard deviations below chance from which on answers count alike: a listener who mistook the
task cannot outweigh others who hear."""
_TINY = 1e-280


def listener_scores(
    n_trials: int, *, reference: float, bound: float, largest_spread: float
) -> Floats:
    """The score of each number of correct responses; shape (n_trials + 1,), never falling.

    That it never falls means that no further correct response can help an equivalence claim.
    ``reference`` is what the bound is told apart from: chance, or less for a limit below chance.

    >>> scores = listener_scores(10, reference=0.5, bound=0.6, largest_spread=0.15)
    >>> (scores[[5, 7, 10]] - scores[5]).round(2).tolist()
    [0.0, 0.51, 3.02]
    """
    edges = np.linspace(reference, 1.0, _N_CELLS + 1)
    of_cells = binomial_probabilities(n_trials, (edges[1:] + edges[:-1]) / 2.0)

    def population(mean: float, spread: float) -> Floats:
        if spread < _POINT:
            return np.asarray(binomial_probabilities(n_trials, np.array([mean]))[0])
        return _beta_masses(mean, spread, edges) @ of_cells

    at_bound = sum(population(bound, share * largest_spread) for share in _SPREADS_AT_BOUND)
    at_reference = population(reference, 0.0)
    within = population(reference + _WITHIN * (bound - reference), _WITHIN * largest_spread)
    ratio = np.log(np.maximum(at_bound / len(_SPREADS_AT_BOUND), _TINY)) - np.log(
        np.maximum((at_reference + within) / 2.0, _TINY)
    )
    rising = np.maximum.accumulate(ratio)
    guessing = n_trials * reference
    lowest = max(0, int(guessing - _BELOW_CHANCE * np.sqrt(guessing * (1.0 - reference))))
    highest = max(
        rising[int(guessing)] + _ABOVE_CHANCE,
        rising[int(np.ceil(n_trials * bound))] + _ABOVE_BOUND,
    )
    return np.clip(rising, rising[lowest], highest)


def _beta_masses(mean: float, spread: float, edges: Floats) -> Floats:
    """Probability of each cell under the beta distribution on [edges[0], 1]."""
    low = float(edges[0])
    spread = min(spread, _LARGEST_SHARE * float(np.sqrt((mean - low) * (1.0 - mean))))
    share = (mean - low) / (1.0 - low)
    total = share * (1.0 - share) / (spread / (1.0 - low)) ** 2 - 1.0
    cumulative = betainc(share * total, (1.0 - share) * total, (edges - low) / (1.0 - low))
    return np.asarray(np.diff(cumulative))

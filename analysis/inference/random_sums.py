"""The distribution of a sum of independent discrete numbers: exact, or by drawing.

Sign flips, guesses and responses dealt out anew are all that: each listener's score takes one of a
few values with known probabilities, and the statistic is their sum. Values are whole multiples of
one step, so that sums that are equal are seen to be equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.resampling import monte_carlo_p_value

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Support = tuple[Ints, Floats]
"""Values of one number and their probabilities."""
_MOST_SUMS = 1 << 20
_LARGEST_STEPS = 1 << 40
_FINEST = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """Probabilities of a sum as large, and as small, as the one seen."""

    greater: float
    less: float
    exact: bool

    def p_value(self, alternative: str) -> float:
        """Of the tail asked about; two-sided: twice the smaller one."""
        if alternative == "greater":
            return self.greater
        if alternative == "less":
            return self.less
        return min(1.0, 2.0 * min(self.greater, self.less))


def common_steps(n_trials: Ints) -> tuple[int, int]:
    """In how many steps a proportion of 1 is counted, and how far rounding may carry a sum.

    As many as make all proportions of these numbers of trials whole; else very many.

    >>> common_steps(np.array([4, 6]))
    (12, 0)
    """
    steps = 1
    for n in np.unique(n_trials):
        steps = lcm(steps, int(n))
        if steps > _LARGEST_STEPS:
            return _FINEST, 2 * len(n_trials)
    return steps, 0


def sum_tails(
    supports: Sequence[Support],
    seen: int,
    *,
    slack: int,
    n_resamples: int,
    rng: np.random.Generator,
) -> Tails:
    """Both tails of the sum at ``seen``; sums within ``slack`` of it count as equal to it.

    Exact as long as the sums take no more than a million values; else (b + 1)/(m + 1) of
    ``n_resamples`` drawn sums.

    >>> signs = [(np.array([-a, a]), np.array([0.5, 0.5])) for a in (1, 2, 3)]
    >>> sum_tails(signs, 4, slack=0, n_resamples=99, rng=np.random.default_rng(1))
    Tails(greater=0.25, less=0.875, exact=True)
    """
    exact = _distribution(supports)
    if exact is not None:
        sums, chances = exact
        return Tails(
            greater=min(1.0, float(chances[sums >= seen - slack].sum())),
            less=min(1.0, float(chances[sums <= seen + slack].sum())),
            exact=True,
        )
    drawn = np.zeros(n_resamples, dtype=np.int64)
    for values, chances in supports:
        drawn += rng.choice(values, size=n_resamples, p=chances)
    return Tails(
        greater=monte_carlo_p_value(int(np.sum(drawn >= seen - slack)), n_resamples),
        less=monte_carlo_p_value(int(np.sum(drawn <= seen + slack)), n_resamples),
        exact=False,
    )


def _distribution(supports: Sequence[Support]) -> Support | None:
    """The sum's values and their probabilities; None where there are too many."""
    sums: Ints = np.zeros(1, dtype=np.int64)
    chances: Floats = np.ones(1)
    for values, share in supports:
        if len(sums) * len(values) > 4 * _MOST_SUMS:
            return None
        together = (sums[:, np.newaxis] + values).ravel()
        sums, where = np.unique(together, return_inverse=True)
        chances = np.asarray(np.bincount(where, np.outer(chances, share).ravel()), dtype=float)
        if len(sums) > _MOST_SUMS:
            return None
    return sums, chances

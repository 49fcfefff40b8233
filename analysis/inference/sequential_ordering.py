"""Tail probabilities of the results of a study that may have stopped early.

Results are ordered by stage (Siegmund 1978, *Biometrika* 65, 341–349; Jennison & Turnbull 2000,
chapter 8): crossing the upper boundary is the higher the earlier it happens, crossing the lower
one the lower, and at one look the count decides. Every set of results above one of them grows more
probable with the proportion correct, so the limits that follow are intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.sequential_design import Boundaries
from jndlab.analysis.inference.sequential_paths import (
    Floats,
    arrivals,
    no_lower,
)

_HALVINGS = 55
"""Of the range from 0 to 1, down to rounding."""


@dataclass(frozen=True)
class Result:
    """One result at which a design stops: the look, counted from 0, and the correct responses."""

    design: Boundaries
    look: int
    n_correct: int

    def at_least(self, proportion: float) -> float:
        """P-value of the upper claim: probability of a result as high, for trials this correct.

        Where the upper boundary is a claim's, as if the lower one were not there, so that the test
        holds whether or not that is obeyed. A result without the claim is never below the best
        one without it at the last look, so that the p-value and the claim agree.
        """
        as_designed = _probability(self._above, self.design.looks, proportion)
        if self._without_lower is None:
            return as_designed
        alone = _probability(self._without_lower, self.design.looks, proportion)
        return alone if self._claimed_or_last else max(as_designed, alone)

    def at_most(self, proportion: float) -> float:
        """P-value of the lower claim, the mirror image of :meth:`at_least`."""
        return self._mirrored.at_least(1.0 - proportion)

    def estimate(self) -> float:
        """Median-unbiased: higher results and half of the equal one have probability ½."""
        n = self.design.looks[self.look]

        def middle(proportion: float) -> float:
            equal = self._shares[self.look] * binomial_probabilities(n, proportion)
            return self._higher_or_equal(proportion) - 0.5 * float(equal[self.n_correct])

        return _solve(middle, 0.5)

    def lower_limit(self, tail: float) -> float:
        """Smaller proportions have a p-value of the upper claim below ``tail``."""
        return _solve(self.at_least, tail)

    def upper_limit(self, tail: float) -> float:
        """Larger proportions have a p-value of the lower claim below ``tail``."""
        return 1.0 - _solve(self._mirrored.at_least, tail)

    def _higher_or_equal(self, proportion: float) -> float:
        return _probability(self._above, self.design.looks, proportion)

    @cached_property
    def _shares(self) -> list[Floats]:
        return arrivals(self.design.looks, self.design.lower, self.design.upper)

    @cached_property
    def _above(self) -> list[Floats]:
        return _higher_or_equal(self.design, self._shares, self.look, self.n_correct)

    @property
    def _claimed_or_last(self) -> bool:
        last = len(self.design.looks) - 1
        return self.look == last or self.n_correct >= self.design.upper[self.look]

    @cached_property
    def _without_lower(self) -> list[Floats] | None:
        """Results as high in a study that goes on below; None where above there is no claim."""
        if self.design.upper_rule is None or not self.design.upper_rule.claims:
            return None
        looks = self.design.looks
        design = replace(self.design, lower=no_lower(looks))
        look, n_correct = self.look, self.n_correct
        if not self._claimed_or_last:
            look = len(looks) - 1
            n_correct = self.design.upper[look] - 1
        shares = arrivals(looks, design.lower, design.upper)
        return _higher_or_equal(design, shares, look, n_correct)

    @cached_property
    def _mirrored(self) -> Result:
        n = self.design.looks[self.look]
        return Result(self.design.mirrored(), self.look, n - self.n_correct)


def _higher_or_equal(
    design: Boundaries, shares: Sequence[Floats], look: int, n_correct: int
) -> list[Floats]:
    """Per look and count: the share of its orders that stop there, as high as this result."""
    rank = _ranks(design, look)[n_correct]
    above = []
    for j, share in enumerate(shares):
        ranks = _ranks(design, j)
        # Equal ranks are the same look, and there the count decides.
        same = (ranks == rank) & (np.arange(len(share)) >= n_correct)
        above.append(np.where((ranks > rank) | same, share, 0.0))
    return above


def _ranks(design: Boundaries, look: int) -> Floats:
    """Of stopping with each count at a look: positive above, negative below, 0 at the last look.

    nan: the study goes on.
    """
    left = len(design.looks) - 1 - look
    ranks = np.full(design.looks[look] + 1, np.nan if left else 0.0)
    ranks[design.upper[look] :] = left
    ranks[: design.lower[look] + 1] = -left
    return ranks


def _probability(shares: Sequence[Floats], looks: Sequence[int], proportion: float) -> float:
    total = sum(
        float(share @ binomial_probabilities(n, proportion))
        for n, share in zip(looks, shares, strict=True)
    )
    return min(1.0, total)


def _solve(rising: Callable[[float], float], value: float) -> float:
    """The largest proportion at which a function that rises is still at most ``value``, or 0."""
    if rising(0.0) > value:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if rising(middle) <= value:
            low = middle
        else:
            high = middle
    return low

"""Exact tests of a proportion correct against chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtr, bdtrc

from jndlab.analysis.inference.binomial_probabilities import binomial_probabilities
from jndlab.analysis.inference.proportions import (
    Alternative,
    exact_interval,
    mid_p_interval,
    require_alternative,
)
from jndlab.analysis.inference.trial_counts import require_chance, trial_counts
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.records import to_dict

_USUAL_LEVEL = 0.05
_FAR_BELOW = 0.01
"""p-value of the other tail from which on answers below chance are pointed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialTest:
    """An exact binomial test and what it was asked."""

    n_correct: int
    n_trials: int
    chance: float
    alternative: Alternative
    mid_p: bool
    p_value: float
    estimate: float
    """Proportion correct as observed."""
    interval: ConfidenceInterval
    """Clopper–Pearson, or mid-p with ``mid_p``; one-sided, with the end that the alternative asks
    about, if that is."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The result as plain values, ready for JSON."""
        return to_dict(self)


def binomial_test(
    n_correct: int,
    n_trials: int,
    *,
    chance: float,
    alternative: Alternative = "greater",
    mid_p: bool = False,
    coverage: float = 0.95,
) -> BinomialTest:
    """Exact binomial test of ``n_correct`` of ``n_trials`` against ``chance``.

    ``greater`` (the default: can anybody do better than chance?) sums the upper tail, ``less``
    the lower one. ``two-sided`` sums all outcomes that are no more probable than the one seen, as
    R's ``binom.test`` does; its interval has equal tails, so that near the level the two may
    disagree, which is then said. ``mid_p`` counts the outcome seen by half (Lancaster 1961, *J. Am.
    Stat. Assoc.* 56, 223–234), for ``two-sided`` in twice the smaller tail: closer to the level
    on average, which is then no longer guaranteed.

    The test takes the trials as independent. Counts pooled over listeners are that only
    under the null hypothesis that nobody hears anything; for any other null use a method
    whose unit is the listener. DataError: impossible counts or proportion.

    >>> result = binomial_test(12, 16, chance=0.5)
    >>> round(result.p_value, 6), round(result.interval.low, 4)
    (0.038406, 0.5156)
    """
    correct, trials = trial_counts(n_correct, n_trials)
    null = require_chance(chance)
    sides = require_alternative(alternative)
    p_value = (_mid_p_value if mid_p else _p_value)(correct, trials, null, sides)
    make_interval = mid_p_interval if mid_p else exact_interval
    interval = make_interval(correct, trials, coverage=coverage, alternative=sides)
    return BinomialTest(
        n_correct=correct,
        n_trials=trials,
        chance=null,
        alternative=sides,
        mid_p=bool(mid_p),
        p_value=p_value,
        estimate=correct / trials,
        interval=interval,
        method=f"exact binomial test{', mid-p' if mid_p else ''}, {sides}",
        warnings=_advice(correct, trials, null, sides, p_value, interval),
    )


def _p_value(n_correct: int, n_trials: int, chance: float, alternative: Alternative) -> float:
    if alternative == "greater":
        return 1.0 if n_correct == 0 else float(bdtrc(n_correct - 1, n_trials, chance))
    if alternative == "less":
        return float(bdtr(n_correct, n_trials, chance))
    return _two_sided(n_correct, n_trials, chance)


def _mid_p_value(n_correct: int, n_trials: int, chance: float, alternative: Alternative) -> float:
    seen = 0.5 * float(binomial_probabilities(n_trials, chance)[n_correct])
    tails = [
        max(0.0, _p_value(n_correct, n_trials, chance, side) - seen)
        for side in ("greater", "less")
        if alternative in (side, "two-sided")
    ]
    return min(1.0, len(tails) * min(tails))


def _two_sided(n_correct: int, n_trials: int, proportion: float) -> float:
    probabilities = binomial_probabilities(n_trials, proportion)
    # The same slack as R, so that outcomes equal by symmetry count as equal.
    unlikely = probabilities <= probabilities[n_correct] * (1.0 + 1e-7)
    if unlikely.all():
        return 1.0
    if n_correct >= n_trials * proportion:
        low = int(np.argmin(unlikely)) - 1  # the lower tail ends before the first likely one
        upper = float(bdtrc(n_correct - 1, n_trials, proportion)) if n_correct else 1.0
        lower = float(bdtr(low, n_trials, proportion)) if low >= 0 else 0.0
    else:
        high = n_trials + 1 - int(np.argmin(unlikely[::-1]))
        lower = float(bdtr(n_correct, n_trials, proportion))
        upper = float(bdtrc(high - 1, n_trials, proportion)) if high <= n_trials else 0.0
    return min(1.0, lower + upper)


def _advice(
    n_correct: int,
    n_trials: int,
    chance: float,
    alternative: Alternative,
    p_value: float,
    interval: ConfidenceInterval,
) -> tuple[str, ...]:
    """What is odd about the data, as sentences."""
    found = []
    if alternative != "less" and chance**n_trials > _USUAL_LEVEL:
        found.append(
            f"{n_trials} trials are too few: even if all were correct, the one-sided p-value "
            f"would be {chance**n_trials:.2g}."
        )
    if alternative == "greater" and float(bdtr(n_correct, n_trials, chance)) <= _FAR_BELOW:
        found.append(
            "Fewer responses were correct than guessing explains: check the scoring and whether "
            "the task was understood."
        )
    rejected = p_value <= 1.0 - interval.coverage
    if alternative == "two-sided" and rejected == (chance in interval):
        found.append(
            "Test and interval disagree about chance, because the interval has equal tails and "
            "the test adds the least probable outcomes: quote the p-value for the test."
        )
    return tuple(found)

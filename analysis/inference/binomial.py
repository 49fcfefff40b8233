"""Exact tests of a proportion correct against chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, betaincinv, gammaln, xlog1py, xlogy

from jndlab.analysis.intervals import ConfidenceInterval, check_counts, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Alternative = Literal["greater", "less", "two-sided"]


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
    """Clopper–Pearson; one-sided, with the end that the alternative asks about, if that is."""

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
    the lower one.
    ``two-sided`` sums all outcomes that are no more probable than the one seen, as R's
    ``binom.test`` does. ``mid_p`` counts the outcome seen by half (Lancaster 1961,
    *J. Am. Stat. Assoc.* 56, 223–234); the level is then no longer guaranteed.

    The test takes the trials as independent. Counts pooled over listeners are that only
    under the null hypothesis that nobody hears anything; for any other null use a method
    whose unit is the listener. DataError: impossible counts or proportion.

    >>> round(binomial_test(12, 16, chance=0.5).p_value, 6)
    0.038406
    """
    check_counts(n_correct, n_trials)
    if not 0.0 < chance < 1.0:
        raise DataError(
            f"A null proportion of {chance} cannot be tested.",
            "Give the chance level, a number between 0 and 1.",
        )
    if alternative == "greater":
        p_value = 1.0 if n_correct == 0 else float(bdtrc(n_correct - 1, n_trials, chance))
    elif alternative == "less":
        p_value = float(bdtr(n_correct, n_trials, chance))
    elif alternative == "two-sided":
        p_value = _two_sided(n_correct, n_trials, chance)
    else:
        raise DataError(
            f"There is no alternative {alternative!r}.", 'Use "greater", "less" or "two-sided".'
        )
    if mid_p:
        p_value -= 0.5 * float(_probabilities(n_trials, chance)[n_correct])
    return BinomialTest(
        n_correct=n_correct,
        n_trials=n_trials,
        chance=chance,
        alternative=alternative,
        mid_p=mid_p,
        p_value=min(max(p_value, 0.0), 1.0),
        estimate=n_correct / n_trials,
        interval=_interval(n_correct, n_trials, alternative, coverage),
    )


def _interval(
    n_correct: int, n_trials: int, alternative: Alternative, coverage: float
) -> ConfidenceInterval:
    check_coverage(coverage)
    tail = 1.0 - coverage if alternative != "two-sided" else (1.0 - coverage) / 2.0
    low, high, n_wrong = 0.0, 1.0, n_trials - n_correct
    if alternative != "less" and n_correct > 0:
        low = float(betaincinv(n_correct, n_wrong + 1, tail))
    if alternative != "greater" and n_wrong > 0:
        high = float(betaincinv(n_correct + 1, n_wrong, 1.0 - tail))
    sides = "" if alternative == "two-sided" else ", one-sided"
    return ConfidenceInterval(
        low=low, high=high, coverage=coverage, method=f"Clopper-Pearson{sides}"
    )


def _probabilities(n_trials: int, proportion: float) -> NDArray[np.float64]:
    k = np.arange(n_trials + 1)
    log_choose = gammaln(n_trials + 1) - gammaln(k + 1) - gammaln(n_trials - k + 1)
    log_p = log_choose + xlogy(k, proportion) + xlog1py(n_trials - k, -proportion)
    return np.asarray(np.exp(log_p))


def _two_sided(n_correct: int, n_trials: int, proportion: float) -> float:
    probabilities = _probabilities(n_trials, proportion)
    # The same slack as R, so that outcomes equal by symmetry count as equal.
    unlikely = probabilities <= probabilities[n_correct] * (1.0 + 1e-7)
    if n_correct >= n_trials * proportion:
        low = int(np.argmin(unlikely)) - 1  # the lower tail ends before the first likely one
        upper = float(bdtrc(n_correct - 1, n_trials, proportion)) if n_correct else 1.0
        lower = float(bdtr(low, n_trials, proportion)) if low >= 0 else 0.0
    else:
        high = n_trials + 1 - int(np.argmin(unlikely[::-1]))
        lower = float(bdtr(n_correct, n_trials, proportion))
        upper = float(bdtrc(high - 1, n_trials, proportion)) if high <= n_trials else 0.0
    return 1.0 if unlikely.all() else min(1.0, lower + upper)

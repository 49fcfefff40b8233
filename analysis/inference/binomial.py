"""Exact tests of a proportion correct against chance, and their adjustment for many levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, gammaln, xlog1py, xlogy

from jndlab.analysis.intervals import check_counts
from jndlab.errors import DataError

Alternative = Literal["greater", "two-sided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialTest:
    """An exact binomial test and what it was asked."""

    n_correct: int
    n_trials: int
    null_proportion: float
    alternative: Alternative
    mid_p: bool
    p_value: float


def binomial_test(
    n_correct: int,
    n_trials: int,
    *,
    null_proportion: float,
    alternative: Alternative = "greater",
    mid_p: bool = False,
) -> BinomialTest:
    """Exact binomial test of ``n_correct`` of ``n_trials`` against ``null_proportion``.

    ``greater`` (the default: can anybody do better than chance?) sums the upper tail.
    ``two-sided`` sums all outcomes that are no more probable than the one seen, as R's
    ``binom.test`` does. ``mid_p`` counts the outcome seen by half (Lancaster 1961,
    *J. Am. Stat. Assoc.* 56, 223–234); the level is then no longer guaranteed.

    The test takes the trials as independent. Counts pooled over listeners are that only
    under the null hypothesis that nobody hears anything; for any other null use a method
    whose unit is the listener. DataError: impossible counts or proportion.

    >>> round(binomial_test(12, 16, null_proportion=0.5).p_value, 6)
    0.038406
    """
    check_counts(n_correct, n_trials)
    if not 0.0 < null_proportion < 1.0:
        raise DataError(
            f"A null proportion of {null_proportion} cannot be tested.",
            "Give the chance level, a number between 0 and 1.",
        )
    if alternative == "greater":
        p_value = 1.0 if n_correct == 0 else float(bdtrc(n_correct - 1, n_trials, null_proportion))
    elif alternative == "two-sided":
        p_value = _two_sided(n_correct, n_trials, null_proportion)
    else:
        raise DataError(
            f"There is no alternative {alternative!r}.", 'Use "greater" or "two-sided".'
        )
    if mid_p:
        p_value -= 0.5 * float(_probabilities(n_trials, null_proportion)[n_correct])
    return BinomialTest(
        n_correct=n_correct,
        n_trials=n_trials,
        null_proportion=null_proportion,
        alternative=alternative,
        mid_p=mid_p,
        p_value=min(max(p_value, 0.0), 1.0),
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


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm-adjusted p-values, in the order given; they control the family-wise error rate.

    Holm 1979, *Scandinavian Journal of Statistics* 6, 65–70. The family is the sequence
    given: say in the report what it was. DataError: a value outside 0 to 1.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    values = np.asarray(p_values, dtype=float)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise DataError("A p-value must lie between 0 and 1.", "Give the raw p-values.")
    if values.size == 0:
        return ()
    from statsmodels.stats.multitest import multipletests

    return tuple(float(value) for value in multipletests(values, method="holm")[1])

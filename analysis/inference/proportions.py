"""Intervals of a proportion correct, by name.

None of them is right for everything (Brown, Cai & DasGupta 2001, *Statistical Science* 16,
101–133). Clopper–Pearson never covers less often than stated and is wider for it; the others cover
as stated on average over proportions, and less often for some of them. All take the trials as
independent, which those of several listeners are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.special import betainc, betaincinv, ndtri

from jndlab.analysis.inference.trial_counts import trial_counts
from jndlab.analysis.intervals import (
    ConfidenceInterval,
    check_coverage,
    clopper_pearson,
    jeffreys,
    wilson,
)
from jndlab.errors import DataError

Alternative = Literal["greater", "less", "two-sided"]
IntervalMethod = Literal["clopper-pearson", "wilson", "jeffreys", "mid-p", "agresti-coull"]
_SYNONYMS = {"exact": "clopper-pearson", "midp": "mid-p", "score": "wilson"}


def proportion_interval(
    n_correct: int,
    n_trials: int,
    *,
    method: IntervalMethod = "clopper-pearson",
    coverage: float = 0.95,
) -> ConfidenceInterval:
    """Two-sided interval of the proportion correct by one of five methods.

    "clopper-pearson" (1934, *Biometrika* 26, 404–413), "wilson" (1927, *J. Am. Stat. Assoc.* 22,
    209–212), "jeffreys" (Brown, Cai & DasGupta 2001), "mid-p" (:func:`mid_p_interval`),
    "agresti-coull" (1998, *American Statistician* 52, 119–126: that of Wald after z²/2 correct and
    z²/2 wrong responses were added, cut at 0 and 1). DataError: impossible counts, no such method.

    >>> interval = proportion_interval(12, 16, method="agresti-coull")
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.5003, 0.9029)
    """
    name = str(method).lower().replace("_", "-").replace(" ", "-")
    name = _SYNONYMS.get(name, name)
    if name not in _METHODS:
        raise DataError(f"There is no interval {method!r}.", f"Use one of: {', '.join(_METHODS)}.")
    correct, trials = trial_counts(n_correct, n_trials)
    return _METHODS[name](correct, trials, coverage=coverage)


def mid_p_interval(
    n_correct: int,
    n_trials: int,
    *,
    coverage: float = 0.95,
    alternative: Alternative = "two-sided",
) -> ConfidenceInterval:
    """The proportions that a mid-p test does not reject: shorter than Clopper–Pearson.

    Its ends solve P(X > k; p) + ½ P(X = k; p) = tail and the same from below (Lancaster 1961,
    *J. Am. Stat. Assoc.* 56, 223–234; Berry & Armitage 1995, *The Statistician* 44, 417–423). It
    covers about as often as stated, not always at least. One-sided with an ``alternative``.
    DataError: impossible counts.

    >>> interval = mid_p_interval(12, 16)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.5011, 0.9151)
    """
    correct, trials = trial_counts(n_correct, n_trials)
    tail = _tail(coverage, alternative)
    wrong = trials - correct
    low = 0.0 if alternative == "less" else _mid_p_end(correct, wrong, tail)
    high = 1.0 if alternative == "greater" else 1.0 - _mid_p_end(wrong, correct, tail)
    return _interval(low, high, coverage, "mid-p", alternative)


def exact_interval(
    n_correct: int, n_trials: int, *, coverage: float, alternative: Alternative
) -> ConfidenceInterval:
    """The limits of Clopper and Pearson: both, or the one that the alternative asks about.

    >>> round(exact_interval(12, 16, coverage=0.95, alternative="greater").low, 4)
    0.5156
    """
    correct, trials = trial_counts(n_correct, n_trials)
    tail = _tail(coverage, alternative)
    low, high, wrong = 0.0, 1.0, trials - correct
    if alternative != "less" and correct > 0:
        low = float(betaincinv(correct, wrong + 1, tail))
    if alternative != "greater" and wrong > 0:
        high = float(betaincinv(correct + 1, wrong, 1.0 - tail))
    return _interval(low, high, coverage, "Clopper-Pearson", alternative)


def require_alternative(alternative: str) -> Alternative:
    """The alternative, if it is one. DataError if not."""
    if alternative in ("greater", "less", "two-sided"):
        return alternative  # type: ignore[return-value]
    raise DataError(
        f"There is no alternative {alternative!r}.", 'Use "greater", "less" or "two-sided".'
    )


def _tail(coverage: float, alternative: Alternative) -> float:
    check_coverage(coverage)
    sides = 2.0 if require_alternative(alternative) == "two-sided" else 1.0
    return (1.0 - coverage) / sides


def _interval(
    low: float, high: float, coverage: float, method: str, alternative: Alternative
) -> ConfidenceInterval:
    sides = "" if alternative == "two-sided" else ", one-sided"
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method=f"{method}{sides}")


def _mid_p_end(correct: int, wrong: int, tail: float) -> float:
    """Where P(X > k; p) + ½ P(X = k; p), which rises with p, is ``tail``; 0 without responses."""
    if correct == 0:
        return 0.0
    low, high = 0.0, 1.0
    while high - low > 4.0 * np.spacing(high):
        middle = (low + high) / 2.0
        above = float(betainc(correct + 1, wrong, middle)) if wrong else 0.0
        if (above + float(betainc(correct, wrong + 1, middle))) / 2.0 < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _agresti_coull(n_correct: int, n_trials: int, *, coverage: float) -> ConfidenceInterval:
    check_coverage(coverage)
    z = float(ndtri(0.5 + coverage / 2.0))
    trials = n_trials + z**2
    centre = (n_correct + z**2 / 2.0) / trials
    half = z * float(np.sqrt(centre * (1.0 - centre) / trials))
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return ConfidenceInterval(low=low, high=high, coverage=coverage, method="Agresti-Coull")


_METHODS: dict[str, Callable[..., ConfidenceInterval]] = {
    "clopper-pearson": clopper_pearson,
    "wilson": wilson,
    "jeffreys": jeffreys,
    "mid-p": mid_p_interval,
    "agresti-coull": _agresti_coull,
}

"""The smallest number of trials that reaches a goal, teeth of the power curve included.

Exact power rises as a sawtooth: at alpha 0.05 a true 0.6 against chance 0.5 has 90 % power first
with 213 trials, loses it again with 214, and keeps it from 224 on. ``guarantee="all"`` gives the
number from which on the goal always holds (a participant more does no harm), ``"first"`` the
smallest that reaches it at all.

Where the search may end is proved, not guessed. By Hoeffding's inequality (1963, *J. Am. Stat.
Assoc.* 58, 13–30) the test rejects at every count that lies t = √(n ln(1/alpha) / 2) beyond the
null's mean, and a count falls short of its own mean by more than √(n ln(1/(1 − power)) / 2) with
probability 1 − power at most; so the goal holds wherever n·distance − 1 exceeds the sum of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.inference.equivalence_bounds import BoundOn, bound_scale, require_bound
from jndlab.analysis.inference.proportions import Alternative
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.planning.exact import INDEPENDENT_TRIALS, check_share
from jndlab.analysis.planning.regions import (
    Floats,
    Ints,
    rejection_probability,
    rejection_region,
)
from jndlab.analysis.planning.widths import IntervalName, expected_width
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

SizeGoal = Literal["difference", "equivalence", "width"]
Guarantee = Literal["all", "first"]
Bools = NDArray[np.bool_]
MOST_TRIALS = 50_000
"""Where the search gives up: no listening test has as many trials."""
_CLAIM = "exact one-sided upper limit below the bound"
_FARTHEST = 20 * MOST_TRIALS
_CHUNK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """The number of trials for a goal, both ways of counting, and what is reached there."""

    n_trials: int
    """The answer under ``guarantee``."""
    first_reached: int
    """The smallest number that reaches the goal; a larger one may miss it again."""
    holds_from: int
    """From this number on every one reaches the goal."""
    reached: float
    """Power, or expected interval width, at ``n_trials``."""
    goal: SizeGoal
    target: float
    """The power, or the largest expected width, asked for."""
    guarantee: Guarantee
    proportion_correct: float
    null_proportion: float | None
    """Chance, or the bound of an equivalence claim; None for a width."""
    alpha: float
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def sample_size(
    goal: SizeGoal,
    *,
    proportion_correct: float,
    chance: float | None = None,
    paradigm: str | None = None,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    width: float | None = None,
    interval: IntervalName = "clopper-pearson",
    power: float = 0.9,
    alpha: float = 0.05,
    alternative: Alternative = "greater",
    guarantee: Guarantee = "all",
) -> SampleSize:
    """The smallest number of trials that reaches ``goal`` if ``proportion_correct`` is true.

    ``difference``
        the exact test rejects ``chance`` (or that of ``paradigm``) with probability ``power``;
    ``equivalence``
        the exact upper limit falls below ``bound`` with probability ``power``; needs ``paradigm``;
    ``width``
        the exact interval with coverage 1 − ``alpha`` is expected to be no wider than ``width``.

    Exact powers (as :func:`power_binomial`: Cohen 1988, ch. 6), searched to a proved end (Hoeffding
    1963: see the head of this module). DataError: an option that the goal needs is missing, a truth
    for which no number of trials is enough (at chance, at or above the bound), or more than 50,000
    trials.

    >>> size = sample_size("difference", proportion_correct=0.6, chance=0.5)
    >>> size.first_reached, size.n_trials
    (213, 224)
    >>> sample_size("equivalence", proportion_correct=0.5, paradigm="abx", bound=0.6).n_trials
    227
    """
    if guarantee not in ("all", "first"):
        raise DataError(f"There is no guarantee {guarantee!r}.", 'Use "all" or "first".')
    check_share("proportion_correct", proportion_correct, closed=True)
    check_share("alpha", alpha)
    check_share("power", power)
    if goal == "difference":
        null, method = _chance(chance, paradigm), "exact binomial test against chance"
        found = _for_test(proportion_correct, null, alpha, alternative, power)
    elif goal == "equivalence":
        null, method = _bound(bound, bound_on, paradigm, model), _CLAIM
        found = _for_test(proportion_correct, null, alpha, "less", power)
    elif goal == "width":
        null, method = None, f"expected width of the {interval} interval"
        found = _for_width(proportion_correct, width, interval, 1.0 - alpha)
    else:
        raise DataError(
            f"There is no goal {goal!r}.", 'Use "difference", "equivalence" or "width".'
        )
    n_trials = found.holds_from if guarantee == "all" else found.first
    return SampleSize(
        n_trials=n_trials,
        first_reached=found.first,
        holds_from=found.holds_from,
        reached=found.value(n_trials),
        goal=goal,
        target=width if goal == "width" and width is not None else power,
        guarantee=guarantee,
        proportion_correct=float(proportion_correct),
        null_proportion=null,
        alpha=alpha,
        method=method,
        warnings=(INDEPENDENT_TRIALS,),
    )


class _Found(NamedTuple):
    first: int
    holds_from: int
    value: Callable[[int], float]
    """What is reached with a number of trials: power, or expected width."""


def _chance(chance: float | None, paradigm: str | None) -> float:
    if paradigm is not None and chance is None:
        return require_guess_rate(paradigm)
    if chance is None or paradigm is not None:
        raise DataError(
            "The chance level must be given once.", "Give either chance=0.5 or paradigm=..."
        )
    check_share("chance", chance)
    return float(chance)


def _bound(
    bound: float | None, bound_on: BoundOn, paradigm: str | None, model: str | None
) -> float:
    if paradigm is None:
        raise DataError(
            "An equivalence claim needs a paradigm.", 'Give its name, such as paradigm="abx".'
        )
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    return require_bound(bound, scale).proportion


def _for_test(
    truth: float, null: float, alpha: float, alternative: Alternative, power: float
) -> _Found:
    distances = {"greater": truth - null, "less": null - truth, "two-sided": abs(truth - null)}
    if distances.get(alternative, 1.0) <= 0.0:
        side = {"greater": "above", "less": "below"}.get(alternative, "away from")
        raise DataError(
            f"No number of trials is enough: a true proportion correct of {truth:g} does not lie "
            f"{side} what the test must reject, {null:g}.",
            f"Plan for a true proportion correct {side} {null:g}.",
        )

    def powers(n: Ints) -> Floats:
        low, high = rejection_region(n, null=null, alpha=alpha, alternative=alternative)
        return rejection_probability(n, low, high, proportion_correct=truth)

    limit = _proved_limit(
        distances.get(alternative, 1.0), alpha, power, two_sided=alternative == "two-sided"
    )
    first, holds_from = _search(lambda n: powers(n) >= power, limit)
    return _Found(first, holds_from, lambda n: float(powers(np.array([n]))[0]))


def _proved_limit(distance: float, alpha: float, power: float, *, two_sided: bool) -> int:
    """A number of trials from which on the goal is reached for certain."""
    n = 1
    while n <= _FARTHEST:
        # A two-sided p-value is at most n + 1 times the likeliest of the outcomes that it sums.
        share = alpha / (n + 1) if two_sided else alpha
        needed = np.sqrt(-n * np.log(share) / 2.0) + np.sqrt(-n * np.log(1.0 - power) / 2.0) + 1.0
        if n * distance >= needed:
            return n
        n = max(n + 1, int(n * 1.02))
    raise _too_many()


def _search(reaches: Callable[[Ints], Bools], limit: int) -> tuple[int, int]:
    """The first number that reaches the goal, and that from which on all do up to ``limit``."""
    holds_from = 1
    for last in range(limit, 0, -_CHUNK):
        n = np.arange(max(1, last - _CHUNK + 1), last + 1, dtype=np.int64)
        missed = np.flatnonzero(~reaches(n))
        if missed.size:
            holds_from = int(n[missed[-1]]) + 1
            break
    if holds_from > MOST_TRIALS:
        raise _too_many()
    for start in range(1, holds_from, _CHUNK):
        n = np.arange(start, min(start + _CHUNK, holds_from), dtype=np.int64)
        good = np.flatnonzero(reaches(n))
        if good.size:
            return int(n[good[0]]), holds_from
    return holds_from, holds_from


def _for_width(
    truth: float, width: float | None, interval: IntervalName, coverage: float
) -> _Found:
    if width is None:
        raise DataError("The largest width is missing.", "Give width, such as 0.1.")
    check_share("width", width)

    def value(n: int) -> float:
        return expected_width(
            n, proportion_correct=truth, coverage=coverage, interval=interval
        ).expected

    # The expected width falls with every trial, unlike a power: halving finds the place.
    short, enough = 0, 1
    while value(enough) > width:
        short, enough = enough, 2 * enough
        if short > MOST_TRIALS:
            raise _too_many()
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if value(middle) <= width else (middle, enough)
    return _Found(enough, enough, value)


def _too_many() -> DataError:
    return DataError(
        f"The goal takes more than {MOST_TRIALS:,} trials.",
        "Plan for a larger effect, a wider bound or less power.",
    )

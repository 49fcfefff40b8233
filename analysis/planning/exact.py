"""Exact power of a binomial test: of a difference from chance, and of an equivalence claim.

The power is the probability that the count of correct responses falls where the exact test
rejects (:mod:`jndlab.analysis.planning.regions`), summed over the binomial distribution of the
assumed truth. It is a sawtooth in the number of trials, because counts are whole numbers:
:func:`jndlab.analysis.planning.sample_size.sample_size` knows about the teeth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jndlab.analysis.checks import one_number
from jndlab.analysis.inference.equivalence_bounds import BoundOn, bound_scale, require_bound
from jndlab.analysis.inference.proportions import Alternative
from jndlab.analysis.inference.trial_counts import require_countable
from jndlab.analysis.planning.regions import rejection_probability, rejection_region
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

MOST_TRIALS = 1_000_000
"""More than any listening test has; sums over every count stay in memory."""
INDEPENDENT_TRIALS = (
    "The trials are taken as independent: right for one listener, or where all listeners hear "
    "alike. Where they differ, plan with simulated listeners: plan_study, or jndlab plan."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactPower:
    """The power of an exact binomial test, and the counts at which it makes its claim."""

    power: float
    """Probability of the claim if ``proportion_correct`` is the truth."""
    size: float
    """Probability of the claim at the null proportion: what is used of ``alpha``."""
    n_trials: int
    proportion_correct: float
    null_proportion: float
    """What the test must reject: chance, or the bound of an equivalence claim."""
    alternative: Alternative
    alpha: float
    claim_up_to: int | None
    """The claim is made at this number of correct responses and below; None: never there."""
    claim_from: int | None
    """The claim is made at this number of correct responses and above; None: never there."""
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


def power_binomial(
    n_trials: int,
    *,
    proportion_correct: float,
    chance: float,
    alpha: float = 0.05,
    alternative: Alternative = "greater",
) -> ExactPower:
    """Power of the exact binomial test against ``chance`` if ``proportion_correct`` is true.

    power = P(X in R), X ~ Binomial(n_trials, proportion_correct), where R are the counts whose
    exact p-value is at most ``alpha`` (Cohen 1988, *Statistical Power Analysis*, ch. 6, by exact
    sums instead of the arcsine approximation). ``two-sided`` is the test of R's binom.test.

    DataError: no whole number of trials above 0, a proportion or alpha that cannot be.

    >>> power = power_binomial(100, proportion_correct=0.6, chance=0.5)
    >>> round(power.power, 4), power.claim_from
    (0.6225, 59)
    """
    check_share("proportion_correct", proportion_correct, closed=True)
    check_share("chance", chance)
    return _power(
        n_trials,
        proportion_correct=proportion_correct,
        null=chance,
        alpha=alpha,
        alternative=alternative,
        method="exact binomial test against chance",
        warnings=(INDEPENDENT_TRIALS,),
    )


def power_equivalence(
    n_trials: int,
    *,
    proportion_correct: float,
    paradigm: str,
    bound: float,
    bound_on: BoundOn = "proportion_correct",
    model: str | None = None,
    alpha: float = 0.05,
) -> ExactPower:
    """Power of the exact claim that the proportion correct is below ``bound``.

    The claim is made where the one-sided exact upper limit at confidence 1 − alpha (Clopper &
    Pearson 1934, *Biometrika* 26, 404–413) lies below the bound, that is where
    P(X ≤ n_correct; bound) ≤ alpha. ``bound_on`` as in the equivalence test: the proportion
    correct, d′ (under the decision ``model``), or the share of discriminators d with bound
    chance + (1 − chance) d.

    DataError: no whole number of trials above 0, no paradigm with a chance level, a bound that
    does not lie above chance and below 1.

    >>> power = power_equivalence(227, proportion_correct=0.5, paradigm="abx", bound=0.6)
    >>> round(power.power, 4), power.claim_up_to
    (0.9079, 123)
    """
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    null = require_bound(bound, scale).proportion
    check_share("proportion_correct", proportion_correct, closed=True)
    warnings = [INDEPENDENT_TRIALS]
    if proportion_correct >= null:
        warnings.append(
            f"The assumed proportion correct, {proportion_correct:g}, is not below the bound, "
            f"{null:g}: this is a rate of false claims."
        )
    return _power(
        n_trials,
        proportion_correct=proportion_correct,
        null=null,
        alpha=alpha,
        alternative="less",
        method="exact one-sided upper limit below the bound",
        warnings=tuple(warnings),
    )


def _power(
    n_trials: int,
    *,
    proportion_correct: float,
    null: float,
    alpha: float,
    alternative: Alternative,
    method: str,
    warnings: tuple[str, ...],
) -> ExactPower:
    n_trials = require_trials(n_trials)
    check_share("alpha", alpha)
    n = np.array([n_trials], dtype=np.int64)
    low, high = rejection_region(n, null=null, alpha=alpha, alternative=alternative)
    power, size = (
        float(rejection_probability(n, low, high, proportion_correct=p)[0])
        for p in (proportion_correct, null)
    )
    if low[0] < 0 and high[0] > n_trials:
        warnings = (*warnings, f"No count of {n_trials} trials can make the claim: use more.")
    return ExactPower(
        power=power,
        size=size,
        n_trials=n_trials,
        proportion_correct=float(proportion_correct),
        null_proportion=float(null),
        alternative=alternative,
        alpha=float(alpha),
        claim_up_to=int(low[0]) if low[0] >= 0 else None,
        claim_from=int(high[0]) if high[0] <= n_trials else None,
        method=method,
        warnings=warnings,
    )


def require_trials(n_trials: int) -> int:
    """The number of trials of a plan. DataError: none, not whole, or more than can be summed.

    >>> require_trials(40.0)
    40
    """
    value = one_number(n_trials, "n_trials")
    if not value >= 1 or value % 1:
        raise DataError(f"{n_trials} trials cannot be.", "Give a whole number, at least 1.")
    require_countable(int(min(value, 1e15)), most=MOST_TRIALS)
    return int(value)


def check_share(name: str, value: float, *, closed: bool = False) -> None:
    """Raise DataError unless ``value`` lies between 0 and 1; ``closed`` allows both ends."""
    number = one_number(value, name)
    if not (0.0 < number < 1.0 or (closed and number in (0.0, 1.0))):
        raise DataError(f"{name} cannot be {number:g}.", "Give a number between 0 and 1.")

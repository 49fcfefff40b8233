"""Region of practical equivalence: how probable is it that the effect is smaller than a bound?

The Bayesian counterpart of the equivalence test (Kruschke 2018, *Advances in Methods and Practices
in Psychological Science* 1, 270–280). The region of practical equivalence (ROPE) reaches from the
bound to its mirror image below chance. The rule: a highest-density interval (HDI) within the region
accepts equivalence, one outside rejects it, and otherwise the decision is withheld.

One listener: Beta prior, Beta posterior. Several: each listener's proportion correct is drawn from
a beta distribution with mean μ and overdispersion η, so that counts are beta-binomial (η² is the
correlation between trials of one listener, as in :func:`jndlab.analysis.fit_psychometric`, and the
standard deviation between listeners is η √(μ(1 − μ))); the claim is about μ. The posterior of
(μ, η) is integrated on a grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab.analysis.inference.equivalence_bounds import (
    Bound,
    BoundOn,
    BoundScale,
    bound_scale,
    require_bound,
)
from jndlab.analysis.inference.equivalence_counts import ListenerTotals, Unit, listener_totals
from jndlab.analysis.inference.equivalence_posterior import one_listener, population_mean
from jndlab.analysis.inference.equivalence_wording import Verdict
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError

Floats = NDArray[np.float64]
UNIFORM = (1.0, 1.0)
SPREAD_PRIOR = (1.0, 4.0)
"""Of η: mean 0.2, a standard deviation of 0.1 between listeners at chance; 5 % above 0.53."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionOfEquivalence:
    """The posterior of the proportion correct against a region of practical equivalence."""

    probability_within: float
    """Posterior probability of the region."""
    probability_below_bound: float
    """Posterior probability that the proportion correct is below the bound."""
    estimate: float
    """Posterior mean of the proportion correct (over listeners: of the population's mean)."""
    interval: ConfidenceInterval
    """Highest-density interval of it."""
    verdict: Verdict
    """By Kruschke's rule; "both" where the interval lies within the region and above chance."""
    wording: str
    bound: float
    bound_on: BoundOn
    region_low: float
    """Ends of the region as proportions correct."""
    region_high: float
    unit: Unit
    n_listeners: int | None
    n_correct: int
    n_trials: int
    paradigm: str
    model: str | None
    chance: float
    prior: tuple[float, float]
    """Beta prior of the proportion correct, or of the population's mean."""
    spread_prior: tuple[float, float] | None
    """Beta prior of η; None for one listener."""
    values: Floats = field(repr=False)
    """Proportions correct at which the posterior density is given; shape (values,)."""
    density: Floats = field(repr=False)
    method: str
    warnings: tuple[str, ...]

    def to_dict(self) -> Any:
        """The fields without the density, ready for JSON."""
        return to_dict(self)


def region_of_equivalence(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    bound: float | None = None,
    bound_on: BoundOn = "proportion_correct",
    prior: tuple[float, float] = UNIFORM,
    spread_prior: tuple[float, float] = SPREAD_PRIOR,
    coverage: float = 0.95,
    listener: ArrayLike | None = None,
    unit: Unit | None = None,
    n_listeners: int | None = None,
    model: str | None = None,
) -> RegionOfEquivalence:
    """Posterior probability that the proportion correct lies within the bound, and the decision.

    Counts, ``bound`` and ``bound_on`` as in :func:`equivalence_test`. ``prior`` holds the two
    parameters of a beta distribution on [0, 1] for the proportion correct of one listener, or for
    the mean of the population; ``spread_prior`` those for its overdispersion η. Both are part of
    the answer: report them. Unlike the p-value of :func:`equivalence_test`, the posterior trusts
    the beta shape of the population, and with few listeners it depends on ``spread_prior``.

    The region is that of Kruschke 2018 (*Advances in Methods and Practices in Psychological
    Science* 1, 270–280). DataError: no bound, or one that is not between chance and 1; impossible
    counts or options.

    >>> result = region_of_equivalence(210, 400, paradigm="abx", bound=0.6)
    >>> result.verdict, round(result.probability_within, 4)
    ('equivalent', 0.9988)
    >>> result = region_of_equivalence([20, 22, 19, 30], 40, paradigm="abx", bound=0.6)
    >>> result.verdict, result.unit
    ('undecided', 'listeners')
    """
    scale = bound_scale(paradigm, bound_on=bound_on, model=model)
    limit = require_bound(bound, scale)
    check_coverage(coverage)
    _check_prior("prior", prior)
    _check_prior("spread_prior", spread_prior)
    totals = listener_totals(
        n_correct, n_trials, listener=listener, unit=unit, n_listeners=n_listeners
    )
    by_listener = totals.unit == "listeners"
    posterior = (
        population_mean(totals, prior, spread_prior) if by_listener else one_listener(totals, prior)
    )
    region_low = max(0.0, limit.mirrored)
    interval = posterior.highest_density(coverage)
    verdict = _decide(interval, region_low, limit.proportion, chance=scale.chance)
    within = posterior.below(limit.proportion) - posterior.below(region_low)
    return RegionOfEquivalence(
        probability_within=within,
        probability_below_bound=posterior.below(limit.proportion),
        estimate=posterior.mean,
        interval=interval,
        verdict=verdict,
        wording=_wording(verdict, within, interval, region_low, limit, scale, totals),
        bound=limit.value,
        bound_on=scale.bound_on,
        region_low=region_low,
        region_high=limit.proportion,
        unit=totals.unit,
        n_listeners=totals.n_listeners,
        n_correct=int(totals.n_correct.sum()),
        n_trials=int(totals.n_trials.sum()),
        paradigm=scale.paradigm.name,
        model=scale.model,
        chance=scale.chance,
        prior=(float(prior[0]), float(prior[1])),
        spread_prior=(float(spread_prior[0]), float(spread_prior[1])) if by_listener else None,
        values=posterior.values,
        density=posterior.density,
        method=(
            "mean of a beta-binomial population, integrated on a grid over its overdispersion"
            if by_listener
            else "beta posterior of one listener"
        )
        + "; decision by the highest-density interval",
        warnings=totals.warnings,
    )


def _check_prior(name: str, prior: tuple[float, float]) -> None:
    if len(prior) != 2 or not all(0.0 < part < np.inf for part in prior):
        raise DataError(
            f"{name}={prior!r} is no beta distribution.", "Give its two parameters, such as (1, 1)."
        )


def _decide(interval: ConfidenceInterval, low: float, high: float, *, chance: float) -> Verdict:
    if low <= interval.low and interval.high <= high:
        return "both" if interval.low > chance else "equivalent"
    return "different" if interval.low > high or interval.high < low else "undecided"


def _wording(
    verdict: Verdict,
    within: float,
    interval: ConfidenceInterval,
    region_low: float,
    limit: Bound,
    scale: BoundScale,
    totals: ListenerTotals,
) -> str:
    whose = "the listeners' population mean" if totals.unit == "listeners" else "this listener"
    region = (
        f"the region of practical equivalence, {region_low:.3g} to {scale.text(limit.proportion)}"
    )
    says = {
        "equivalent": "lies within it: practically equivalent",
        "both": "lies within it, but above chance: audible, and practically equivalent",
        "different": "lies outside of it: different by more than the bound",
        "undecided": "lies partly within it: undecided, which is no evidence of equivalence",
    }[verdict]
    return (
        f"For {whose} the probability is {within:.3g} that the proportion correct lies within "
        f"{region}. Its {100 * interval.coverage:.4g} % highest-density interval, "
        f"{interval.low:.3g} to {interval.high:.3g}, {says}."
    )

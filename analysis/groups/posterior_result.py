"""What the Bayesian group model gives back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.groups.importance import N_COPIES
from jndlab.analysis.groups.model import Model
from jndlab.analysis.groups.priors import GroupPriors
from jndlab.analysis.groups.quantities import Named, named_target
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import Option, to_dict
from jndlab.errors import FitError
from jndlab.sigmoids import SigmoidName
from jndlab.study.trials import Direction

Floats = NDArray[np.float64]
CREDIBLE = "posterior, equal-tailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorThreshold:
    """The level at which the typical listener reaches a target, with its credible interval."""

    target_probability: float
    lapse_free: bool
    value: float
    """Posterior mean; on the log level: exponential of the mean logarithm."""
    interval: ConfidenceInterval
    inside_tested_range: bool

    @property
    def estimate(self) -> float:
        return self.value

    def to_dict(self) -> Any:
        """The fields, ready for JSON."""
        return to_dict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerPosterior:
    """One listener's curve, given everybody's answers."""

    listener: Hashable
    n_trials: int
    threshold: float
    """Posterior mean, in the unit of the level (on the log level: exponential of the mean)."""
    threshold_sd: float
    """On the log level: of the natural logarithm."""
    interval: ConfidenceInterval
    width: float
    """At the posterior mean of the log width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorSpread:
    """How far listeners' thresholds lie apart."""

    sd_threshold: float
    """Posterior mean."""
    interval: ConfidenceInterval
    another_listener: ConfidenceInterval
    """Where the threshold of another listener of the population will lie: the posterior of the
    mean and of the spread, and the spread itself, together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How well the posterior was explored."""

    n_draws: int
    effective_size: float
    """As many independent draws would do as well, or worse."""
    pareto_k: float
    """Shape of the largest weights' tail; above 0.7 the draws did not cover the posterior."""
    monte_carlo_error: Mapping[str, float]
    """Of the posterior means, in posterior SDs: from the disagreement of independent copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPosterior:
    """A mixed psychometric model, its posterior explored, and how that came about."""

    paradigm: str
    sigmoid: SigmoidName
    direction: Direction
    random: str
    method: str
    n_listeners: int
    n_trials: int
    levels: tuple[float, ...]
    estimates: Mapping[str, float]
    """Posterior means by name; fixed rates among them."""
    posterior_sds: Mapping[str, float]
    log_evidence: float
    """Log marginal likelihood of the data, binomial coefficients included: of models of the same
    rows, the difference is a log Bayes factor (under these priors)."""
    spread: PosteriorSpread
    listeners: tuple[ListenerPosterior, ...]
    sampling: Sampling
    converged: bool
    priors: GroupPriors
    seed: int | None
    warnings: tuple[str, ...]
    options: Mapping[str, Option]
    data_digest: str
    version: str
    model: Model = field(repr=False)
    points: Floats = field(repr=False)
    """Draws as points of the model, shape (draws, free)."""
    weights: Floats = field(repr=False)
    """Of the draws; they add up to 1."""
    draws: Mapping[str, Floats] = field(repr=False)
    """Draws of each number by name."""

    def estimate(self, name: str) -> float:
        """Posterior mean of a number by name. FitError: the model has none such."""
        if name not in self.estimates:
            raise FitError(f"This model has no {name!r}.", f"It has: {', '.join(self.estimates)}.")
        return self.estimates[name]

    def standard_error(self, name: str) -> float:
        """Posterior standard deviation; 0 for a fixed rate."""
        self.estimate(name)
        return self.posterior_sds[name]

    def interval(self, name: str, coverage: float = 0.95) -> ConfidenceInterval:
        """Equal-tailed credible interval of a number by name; of a fixed rate without length."""
        check_coverage(coverage)
        value = self.estimate(name)
        if name not in self.draws:
            return ConfidenceInterval(low=value, high=value, coverage=coverage, method="fixed")
        return credible(self.draws[name], self.weights, coverage)

    def threshold_at(
        self,
        target_probability: float | None = None,
        *,
        d_prime: float | None = None,
        model: str | None = None,
        lapse_free: bool = True,
        coverage: float = 0.95,
    ) -> PosteriorThreshold:
        """The level at which the typical listener reaches a proportion correct, or a d′.

        Options as for :meth:`GroupFit.threshold_at`. FitError: a target that is not reached.
        """
        check_coverage(coverage)
        guess = self.estimate("guess_rate")
        target = make_target(
            target_probability,
            d_prime,
            paradigm=self.paradigm,
            guess_rate=guess,
            model=model,
            lapse_free=lapse_free,
        )
        heard = float(target.unscaled(self.estimate("lapse_rate"), guess))
        if not 0.0 < heard < 1.0:
            raise FitError(
                "The curve never reaches the target.",
                "Ask for a target between the guess rate and 1 less the lapse rate.",
            )
        named: Named = named_target(self.model, target)
        inner = named.quantity(self.points)
        value = float(self.model.scale.to_level(float(self.weights @ inner)))
        levels = self.model.scale.to_level(inner)
        room = 1.0 - guess - (0.0 if lapse_free else self.estimate("lapse_rate"))
        return PosteriorThreshold(
            target_probability=guess + room * heard,
            lapse_free=lapse_free,
            value=value,
            interval=credible(levels, self.weights, coverage),
            inside_tested_range=self.levels[0] <= value <= self.levels[-1],
        )

    def probability_below(self, name: str, value: float) -> float:
        """Posterior probability that a number lies below ``value``."""
        self.estimate(name)
        if name not in self.draws:
            return float(self.estimates[name] < value)
        return float(self.weights @ (self.draws[name] < value))

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values, ready for JSON, with 95 % intervals by name."""
        plain: dict[str, Any] = to_dict(self)
        plain["intervals"] = {name: to_dict(self.interval(name)) for name in self.draws}
        return plain


def credible(values: Floats, weights: Floats, coverage: float) -> ConfidenceInterval:
    """Equal-tailed interval of weighted draws."""
    tail = (1.0 - coverage) / 2.0
    low, high = weighted_quantiles(values, weights, np.array([tail, 1.0 - tail]))
    return ConfidenceInterval(low=float(low), high=float(high), coverage=coverage, method=CREDIBLE)


def weighted_quantiles(values: Floats, weights: Floats, shares: Floats) -> Floats:
    """Quantiles of weighted draws, by the middles of their steps.

    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.full(3, 1 / 3), np.array([0.5]))
    array([2.])
    """
    order = np.argsort(values)
    steps = weights[order]
    return np.asarray(np.interp(shares, np.cumsum(steps) - 0.5 * steps, values[order]))


def mixture_quantiles(means: Floats, sds: Floats, weights: Floats, shares: Floats) -> Floats:
    """Quantiles of a mixture of normal distributions, by halving, shape of ``shares``."""
    low = np.full(len(shares), float((means - 9.0 * sds).min()))
    high = np.full(len(shares), float((means + 9.0 * sds).max()))
    safe = np.maximum(sds, 1e-12)
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = weights @ ndtr((middle[None, :] - means[:, None]) / safe[:, None])
        low, high = np.where(below < shares, middle, low), np.where(below < shares, high, middle)
    return np.asarray(0.5 * (low + high))


def copies_error(values: Floats, weights: Floats, copy: NDArray[np.intp]) -> float:
    """Error of a weighted mean, in SDs of the draws, from the means of the independent copies."""
    mean = weights @ values
    sd = float(np.sqrt(weights @ (values - mean) ** 2))
    means = [
        float(weights[copy == number] @ values[copy == number] / weights[copy == number].sum())
        for number in range(N_COPIES)
    ]
    return float(np.std(means, ddof=1) / np.sqrt(N_COPIES) / sd) if sd > 0.0 else 0.0

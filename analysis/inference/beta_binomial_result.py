"""What a beta-binomial fit gives back: numbers by name, on every scale, with intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from jndlab.analysis.detection.convert import decision_curve
from jndlab.analysis.groups.cutoffs import mean_cutoffs
from jndlab.analysis.inference.beta_binomial_likelihood import BetaBinomialLikelihood
from jndlab.analysis.inference.beta_binomial_maximum import Peak, highest_along, profile_ends
from jndlab.analysis.inference.beta_binomial_tests import BetaBinomialTest
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError, FitError

Name = Literal["mean", "overdispersion", "proportion_correct", "discriminators", "d_prime"]
NAMES: tuple[Name, ...] = (
    "mean",
    "overdispersion",
    "proportion_correct",
    "discriminators",
    "d_prime",
)
_AS_IN_SENSR: dict[str, Name] = {
    "mu": "mean",
    "gamma": "overdispersion",
    "pc": "proportion_correct",
    "pd": "discriminators",
    "d-prime": "d_prime",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomialFit:
    """Listeners whose proportions scatter by a beta distribution, fitted.

    Numbers by name (:meth:`estimate`, :meth:`standard_error`, :meth:`interval`):

    - ``mean`` μ: of the beta distribution, on the model's own scale: of the share of trials in
      which a listener knows the answer (corrected), or of the proportion correct (not corrected);
    - ``overdispersion`` γ = 1/(α + β + 1): the correlation of two trials of one listener on that
      scale, 0 where all listeners are alike and 1 where each is always right or always wrong;
    - ``proportion_correct``, ``discriminators`` (share of trials answered knowing) and ``d_prime``
      that belong to the mean, read as chance where the mean lies below it.

    The names of sensR (mu, gamma, pc, pd, d-prime) are understood too.
    """

    paradigm: str
    model: str | None
    """Decision model of the d′."""
    corrected: bool
    guess_rate: float
    n_listeners: int
    n_correct: tuple[int, ...]
    n_trials: tuple[int, ...]
    log_likelihood: float
    """With binomial coefficients, as sensR's."""
    overdispersion_test: BetaBinomialTest
    no_difference_test: BetaBinomialTest
    method: str
    seed: int | None
    """None where a Generator was passed in."""
    warnings: tuple[str, ...]
    data_digest: str
    version: str
    likelihood: BetaBinomialLikelihood = field(repr=False)
    peak: Peak = field(repr=False)
    errors: tuple[float, float] = field(repr=False)
    """Standard errors of mean and overdispersion."""

    def estimate(self, name: Name | str) -> float:
        """A number by name, at the maximum of the likelihood.

        Not a number for the overdispersion where the data cannot tell it: the mean is that of
        guessing, or every response is correct. DataError: no such name.
        """
        known = _name(name)
        if known == "overdispersion":
            return self.peak.y if self._spread_is_known else float("nan")
        return self._on_scale(known, self.peak.x)

    def standard_error(self, name: Name | str) -> float:
        """From the curvature of the likelihood, by the delta method.

        Not a number where an estimate lies on its edge, or d′ at chance: there is none.
        """
        known = _name(name)
        if known == "overdispersion":
            return self.errors[1]
        return self.errors[0] / self._slope(known)

    def interval(
        self,
        name: Name | str,
        coverage: float = 0.95,
        *,
        method: Literal["profile", "wald"] = "profile",
    ) -> ConfidenceInterval:
        """Profile-likelihood interval, or ("wald") the estimate ± z standard errors as in sensR.

        Both are made for mean and overdispersion, cut to 0 to 1, and carried over to the other
        scales. The profile's cutoff allows for the number of listeners (``mean_cutoffs`` of
        :mod:`jndlab.analysis.groups.cutoffs`): with that of χ² 95 % intervals of eight listeners
        cover in 91 to 94 %. FitError: a Wald interval of an estimate on its edge.
        """
        known = _name(name)
        check_coverage(coverage)
        if method not in ("profile", "wald"):
            raise DataError(f"There is no interval {method!r}.", 'Use "profile" or "wald".')
        low, high = (self._profile if method == "profile" else self._wald)(known, coverage)
        if known != "overdispersion":
            low, high = self._on_scale(known, low), self._on_scale(known, high)
        title = {"profile": "profile likelihood", "wald": "Wald"}[method]
        return ConfidenceInterval(low=low, high=high, coverage=coverage, method=title)

    def to_dict(self) -> Any:
        """The fields, ready for JSON, with all estimates and their 95 % profile intervals."""
        numbers = {
            name: {
                "estimate": self.estimate(name),
                "standard_error": self.standard_error(name),
                "interval": self.interval(name),
            }
            for name in NAMES
        }
        return to_dict(self) | {"numbers": to_dict(numbers)}

    @property
    def _spread_is_known(self) -> bool:
        return 0.0 < self.peak.x < 1.0

    def _on_scale(self, name: Name, mean: float) -> float:
        if name == "mean":
            return mean
        chance = self.guess_rate
        proportion = chance + (1.0 - chance) * mean if self.corrected else max(mean, chance)
        if name == "proportion_correct":
            return proportion
        if name == "discriminators":
            return (proportion - chance) / (1.0 - chance)
        return float(decision_curve(self.paradigm, self.model).d_prime(np.array(proportion)))

    def _slope(self, name: Name) -> float:
        """Of the mean by the number ``name``; not a number where that says nothing."""
        if name == "mean":
            return 1.0
        proportion = self._on_scale("proportion_correct", self.peak.x)
        by_proportion = 1.0 / (1.0 - self.guess_rate) if self.corrected else 1.0
        if proportion <= self.guess_rate:
            return float("nan")
        if name == "proportion_correct":
            return by_proportion
        if name == "discriminators":
            return by_proportion * (1.0 - self.guess_rate)
        curve = decision_curve(self.paradigm, self.model)
        slope = float(curve.slope(curve.d_prime(np.array(proportion))))
        return by_proportion * slope if slope > 0.0 else float("nan")

    def _profile(self, name: Name, coverage: float) -> tuple[float, float]:
        surface, peak = self.likelihood.log_likelihood, self.peak
        cutoff = mean_cutoffs(coverage, self.n_listeners).low
        if name != "overdispersion":
            return profile_ends(
                lambda mean: highest_along(lambda spread: surface(mean, spread))[1],
                peak.x,
                peak.height,
                cutoff,
            )
        if not self._spread_is_known:
            return 0.0, 1.0
        return profile_ends(
            lambda spread: highest_along(lambda mean: surface(mean, spread))[1],
            peak.y,
            peak.height,
            cutoff,
        )

    def _wald(self, name: Name, coverage: float) -> tuple[float, float]:
        at, error = (
            (self.peak.y, self.errors[1])
            if name == "overdispersion"
            else (self.peak.x, self.errors[0])
        )
        if not np.isfinite(error):
            raise FitError(
                "There is no standard error: an estimate lies on its edge.",
                'Use the interval by "profile".',
            )
        half = float(ndtri(0.5 + coverage / 2.0)) * error
        return max(0.0, at - half), min(1.0, at + half)


def _name(name: str) -> Name:
    known = _AS_IN_SENSR.get(name, name)
    if known not in NAMES:
        raise DataError(f"This model has no {name!r}.", f"It has: {', '.join(NAMES)}.")
    return known

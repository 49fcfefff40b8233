"""Do listeners on the whole hear a difference, and how much do they differ?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from jndlab import __version__
from jndlab.analysis.checks import digest_counts
from jndlab.analysis.detection.convert import decision_curve, resolve
from jndlab.analysis.groups.cutoffs import mean_cutoffs
from jndlab.analysis.inference.beta_binomial_likelihood import (
    BetaBinomialLikelihood,
    make_likelihood,
)
from jndlab.analysis.inference.beta_binomial_maximum import (
    Peak,
    curvature,
    highest_along,
    highest_point,
    profile_ends,
)
from jndlab.analysis.inference.beta_binomial_tests import (
    BetaBinomialTest,
    no_difference_test,
    overdispersion_test,
)
from jndlab.analysis.inference.equivalence_counts import listener_totals
from jndlab.analysis.inference.resampling import Seed, generator_of, require_resamples
from jndlab.analysis.intervals import ConfidenceInterval, check_coverage
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.records import to_dict
from jndlab.errors import DataError, FitError

Floats = NDArray[np.float64]
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
_FEW_LISTENERS = 10
_EDGE = 1e-6


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
        cover in 90 %. FitError: a Wald interval of an estimate on its edge.
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


def fit_beta_binomial(
    n_correct: ArrayLike,
    n_trials: ArrayLike,
    *,
    paradigm: str,
    corrected: bool = True,
    listener: ArrayLike | None = None,
    model: str | None = None,
    n_resamples: int = 1999,
    seed: Seed = 1,
) -> BetaBinomialFit:
    """Mean and overdispersion of listeners' proportions by maximum likelihood, with two tests.

    ``n_correct`` and ``n_trials`` have one entry per listener (or with ``listener`` any number of
    entries with that label). ``corrected``: every listener guesses where he does not know, so that
    nobody's true proportion is below chance; else the plain beta-binomial model. As R's
    ``sensR::betabin`` (see ``beta_binomial_likelihood`` for formulas), with profile-likelihood
    intervals and p-values by ``n_resamples`` resamples beside its own (``beta_binomial_tests``; 0:
    none). ``model``: decision model of ABX for d′.

    DataError: impossible counts, no such paradigm, one without chance level. FitError: one listener
    only, or nobody with two trials.

    >>> counts = [14, 11, 17, 10, 19, 9, 12, 20, 8, 13, 16, 10]
    >>> fit = fit_beta_binomial(counts, 20, paradigm="2afc")
    >>> round(fit.estimate("discriminators"), 4), round(fit.estimate("overdispersion"), 4)
    (0.3179, 0.5375)
    >>> round(fit.log_likelihood, 4), fit.no_difference_test.p_value
    (-31.0335, 0.0005)
    """
    found, chosen = resolve(paradigm, model)
    guess_rate = found.guess_rate
    if guess_rate is None:
        guess_rate = require_guess_rate(paradigm)  # which says why there is none
    rng, seed_used = generator_of(seed)
    draws = require_resamples(n_resamples) if n_resamples else 0
    totals = listener_totals(n_correct, n_trials, listener=listener)
    correct, trials = totals.n_correct, totals.n_trials
    _require_several(trials)
    likelihood = make_likelihood(correct, trials, guess_rate if corrected else 0.0)
    peak = highest_point(likelihood.log_likelihood)
    spread_test = overdispersion_test(
        likelihood, peak.height, correct, trials, n_resamples=draws, rng=rng
    )
    difference_test = no_difference_test(
        likelihood, peak.height, correct, trials, guess_rate=guess_rate, n_resamples=draws, rng=rng
    )
    return BetaBinomialFit(
        paradigm=found.name,
        model=chosen,
        corrected=bool(corrected),
        guess_rate=guess_rate,
        n_listeners=len(correct),
        n_correct=tuple(correct.tolist()),
        n_trials=tuple(trials.tolist()),
        log_likelihood=peak.height,
        overdispersion_test=spread_test,
        no_difference_test=difference_test,
        method=("chance-corrected " if corrected else "") + "beta-binomial, maximum likelihood",
        seed=seed_used if draws else None,
        warnings=totals.warnings + _advice(likelihood, peak, len(correct), guess_rate),
        data_digest=digest_counts(correct.astype(float), trials.astype(float)),
        version=__version__,
        likelihood=likelihood,
        peak=peak,
        errors=_standard_errors(likelihood.log_likelihood, peak),
    )


def _name(name: str) -> Name:
    known = _AS_IN_SENSR.get(name, name)
    if known not in NAMES:
        raise DataError(f"This model has no {name!r}.", f"It has: {', '.join(NAMES)}.")
    return known  # type: ignore[return-value]


def _require_several(n_trials: NDArray[np.int64]) -> None:
    if len(n_trials) < 2:
        raise FitError(
            "One listener does not show how listeners differ.",
            "Give one count per listener; for one listener: binomial_test, estimate_d_prime.",
        )
    if n_trials.max() < 2:
        raise FitError(
            "With one trial each, listeners who differ look like listeners who do not.",
            "Give each listener more trials, or use binomial_test.",
        )


def _standard_errors(surface: Callable[[Floats, Floats], Floats], peak: Peak) -> tuple[float, float]:
    """Of mean and overdispersion; not a number for one on its edge, which is held there."""
    free = (_EDGE < peak.x < 1.0 - _EDGE, _EDGE < peak.y < 1.0 - _EDGE)
    chosen = np.flatnonzero(free)
    errors = np.full(2, np.nan)
    if free[0] and chosen.size:
        found = curvature(surface, peak, free)[np.ix_(chosen, chosen)]
        if np.all(np.linalg.eigvalsh(found) > 0.0):
            errors[chosen] = np.sqrt(np.diag(np.linalg.inv(found)))
    return float(errors[0]), float(errors[1])


def _advice(
    likelihood: BetaBinomialLikelihood, peak: Peak, n_listeners: int, guess_rate: float
) -> tuple[str, ...]:
    """What the data cannot tell, as sentences."""
    found = []
    if n_listeners < _FEW_LISTENERS:
        found.append(
            f"{n_listeners} listeners say little about how listeners differ: the intervals, made "
            "for many, are approximate."
        )
    if likelihood.pooled_proportion < guess_rate:
        found.append(
            "Fewer responses are correct than guessing gives on average: proportion correct, "
            "discriminators and d′ are read as those of chance."
        )
    if peak.x <= 0.0 or peak.x >= 1.0:
        lowest = "no more correct responses than by guessing" if likelihood.chance else "none right"
        found.append(
            f"The mean lies on its edge ({lowest if peak.x <= 0.0 else 'all responses correct'}): "
            "the data cannot tell the overdispersion, and there is no standard error. An interval "
            "says how far from the edge the mean may be."
        )
    elif peak.y <= _EDGE:
        found.append(
            "The listeners scatter no more than their trials explain: the overdispersion is 0, on "
            "its edge, without standard error, and that of the mean takes it as 0."
        )
    elif peak.y >= 1.0 - _EDGE:
        found.append(
            "Every listener seems to be always right or never: the overdispersion is 1, on its edge, "
            "without standard error."
        )
    return tuple(found)

"""Do listeners on the whole hear a difference, and how much do they differ?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jndlab import __version__
from jndlab.analysis.checks import Seed, digest_counts, generator_of
from jndlab.analysis.detection.convert import resolve
from jndlab.analysis.inference.beta_binomial_likelihood import (
    BetaBinomialLikelihood,
    make_likelihood,
)
from jndlab.analysis.inference.beta_binomial_maximum import Peak, curvature, highest_point
from jndlab.analysis.inference.beta_binomial_result import BetaBinomialFit
from jndlab.analysis.inference.beta_binomial_tests import no_difference_test, overdispersion_test
from jndlab.analysis.inference.equivalence_counts import listener_totals
from jndlab.analysis.inference.resampling import require_resamples
from jndlab.analysis.inference.trial_counts import require_countable
from jndlab.analysis.paradigms import require_guess_rate
from jndlab.errors import FitError

Floats = NDArray[np.float64]
_FEW_LISTENERS = 10
_EDGE = 1e-6
"""Estimates closer than this to 0 or 1 lie on their edge."""


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

    ``n_correct`` and ``n_trials`` of shape (listeners,), or with ``listener`` (entries,) with that
    label each (Brockhoff 2003, *Food Quality and Preference* 14, 405–417). ``corrected``: every
    listener guesses where he does not know, so that nobody's true proportion is below chance; else
    the plain beta-binomial model. As R's ``sensR::betabin`` (see ``beta_binomial_likelihood`` for
    formulas), with profile-likelihood intervals and p-values by ``n_resamples`` resamples beside
    its own (``beta_binomial_tests``; 0: none). ``model``: decision model of ABX for d′.

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
    require_countable(int(trials.max()))
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


def _standard_errors(
    surface: Callable[[Floats, Floats], Floats], peak: Peak
) -> tuple[float, float]:
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
            "Every listener seems to be always right or never: the overdispersion is 1, on its "
            "edge, without standard error."
        )
    return tuple(found)

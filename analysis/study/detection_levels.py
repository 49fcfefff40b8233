"""The levels of one condition of a detection task: hits, d′, criterion, ROC."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from jndlab.analysis.detection.rating import RatingFit, fit_rating_roc
from jndlab.analysis.detection.roc import roc_area, roc_points
from jndlab.analysis.detection.same_different import d_prime_same_different
from jndlab.analysis.detection.same_different_fit import estimate_same_different
from jndlab.analysis.detection.two_rates import corrected_rate
from jndlab.analysis.detection.yes_no import d_prime_yes_no
from jndlab.analysis.inference.adjust import adjust_p_values
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.detection_counts import SIGNAL, DetectionCounts, rating_counts
from jndlab.analysis.study.detection_jnd import models_of
from jndlab.analysis.study.detection_results import (
    DetectedDPrime,
    DetectionLevel,
    DetectionRoc,
    Rate,
)
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.within_listeners import MeanEffect, mean_over_listeners
from jndlab.errors import JndlabError


def detection_levels(
    trials: TrialTable, counts: DetectionCounts, *, paradigm: str, options: AnalysisOptions
) -> tuple[DetectionLevel, ...]:
    """One result per level, ascending; false alarms are those of all levels together."""
    d_primes = [
        tuple(
            _d_prime(counts, column, model, paradigm=paradigm, options=options)
            for model in models_of(paradigm, options.decision_model)
        )
        for column in range(len(counts.levels))
    ]
    adjusted = adjust_p_values([one[0].p_value for one in d_primes], method="holm")
    return tuple(
        DetectionLevel(
            level=level,
            n_listeners=int(np.sum(counts.n_signal[:, column] > 0)),
            hits=Rate(
                n_said=int(counts.n_hits[:, column].sum()),
                n_trials=int(counts.n_signal[:, column].sum()),
                interval=clopper_pearson(
                    int(counts.n_hits[:, column].sum()),
                    int(counts.n_signal[:, column].sum()),
                    coverage=options.coverage,
                ),
            ),
            d_primes=d_primes[column],
            over_listeners=_over_listeners(counts, column, paradigm=paradigm, options=options),
            p_value_holm=float(adjusted[column]),
            roc=_roc(trials, level, paradigm=paradigm, options=options),
        )
        for column, level in enumerate(counts.levels)
    )


def _d_prime(
    counts: DetectionCounts,
    column: int,
    model: str | None,
    *,
    paradigm: str,
    options: AnalysisOptions,
) -> DetectedDPrime:
    four = (
        int(counts.n_hits[:, column].sum()),
        int(counts.n_signal[:, column].sum()),
        int(counts.n_false_alarms.sum()),
        int(counts.n_noise.sum()),
    )
    if get_paradigm(paradigm).name == "same_different":
        found = estimate_same_different(*four, model=model, coverage=options.coverage)
        return DetectedDPrime(
            model=model,
            estimate=found.estimate,
            interval=found.interval,
            criterion=found.criterion,
            p_value=found.p_value,
        )
    plain = d_prime_yes_no(*four, coverage=options.coverage)
    return DetectedDPrime(
        model=None,
        estimate=plain.estimate,
        interval=plain.interval,
        criterion=plain.criterion,
        p_value=plain.p_value,
    )


def _over_listeners(
    counts: DetectionCounts, column: int, *, paradigm: str, options: AnalysisOptions
) -> MeanEffect:
    """d′ of each listener who heard the level, and trials without a difference."""
    model = models_of(paradigm, options.decision_model)[0]
    heard = (counts.n_signal[:, column] > 0) & (counts.n_noise > 0)
    effects = []
    for row in np.flatnonzero(heard):
        hit, false_alarm = (
            float(corrected_rate(k, n, correction="log_linear"))
            for k, n in (
                (counts.n_hits[row, column], counts.n_signal[row, column]),
                (counts.n_false_alarms[row], counts.n_noise[row]),
            )
        )
        if get_paradigm(paradigm).name == "same_different":
            value = float(d_prime_same_different(hit, false_alarm, model=model))
        else:
            value = float(ndtri(hit) - ndtri(false_alarm))
        effects.append((counts.listeners[row], value, 0.0))
    return mean_over_listeners(
        "d′",
        effects,
        coverage=options.coverage,
        method="each listener's d′, log-linear correction (Hautus 1995), mean with t interval",
    )


def _roc(
    trials: TrialTable, level: float, *, paradigm: str, options: AnalysisOptions
) -> DetectionRoc | None:
    """Ratings of this level's trials with a difference, and of all trials without one."""
    noise = ~np.isin(trials["correct_response"], list(SIGNAL))
    # Both together, so that the categories are those of the whole condition.
    category, signal = rating_counts(trials)
    if not len(category):
        return None
    known = ~np.isnan(trials["confidence"])
    here = noise[known] | (trials["level"][known] == level)
    n_categories = 2 * int(np.nanmax(trials["confidence"]))
    both = [
        np.bincount(category[here & (signal == kind)].astype(int), minlength=n_categories)
        for kind in (0.0, 1.0)
    ]
    if both[0].sum() == 0 or both[1].sum() == 0:
        return None
    noise_counts, signal_counts = (tuple(int(n) for n in one) for one in both)
    fit: RatingFit | None = None
    if get_paradigm(paradigm).name == "yes_no":
        try:
            fit = fit_rating_roc(noise_counts, signal_counts, coverage=options.coverage)
        except JndlabError:
            fit = None
    return DetectionRoc(
        noise_counts=noise_counts,
        signal_counts=signal_counts,
        points=roc_points(noise_counts, signal_counts),
        area=roc_area(noise_counts, signal_counts, coverage=options.coverage),
        fit=fit,
    )

"""The curve of "different" or "yes" over levels, and the level at which d′ is 1.

Trials without a difference are binomial with the rate of false alarms, which is the curve's guess
rate; so their likelihood is that of a Beta distribution, and the curve is fitted with it as the
prior of the guess rate: the joint posterior of both kinds of trial, exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.fit import PsychometricFit, Threshold
from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.fits.targets import make_target
from jndlab.analysis.intervals import ConfidenceInterval
from jndlab.analysis.paradigms import DIFFERENCING, get_paradigm
from jndlab.analysis.study.detection_counts import DetectionCounts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import Jnd
from jndlab.errors import JndlabError
from jndlab.study.trials import Direction

FEWEST_LISTENERS = 5
_MOST_RESAMPLES = 500
Floats = NDArray[np.float64]
MODELS = {
    "independent_observation": "independent observations",
    "differencing": "differencing",
}


def fit_detection(
    counts: DetectionCounts,
    weights: Floats | None = None,
    *,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
    overdispersion: bool = True,
) -> PsychometricFit:
    """The pooled curve, each listener counted ``weights`` times: shape (listeners,), None: once."""
    times = np.ones(len(counts.listeners)) if weights is None else weights
    n_false_alarms = float(times @ counts.n_false_alarms)
    n_noise = float(times @ counts.n_noise)
    return fit_psychometric(
        counts.levels,
        times @ counts.n_hits,
        times @ counts.n_signal,
        paradigm=paradigm,
        sigmoid=options.sigmoid,
        direction=direction,
        lapse_prior=options.lapse_prior,
        guess_prior=(1.0 + n_false_alarms, 1.0 + n_noise - n_false_alarms),
        overdispersion=overdispersion,
    )


def models_of(paradigm: str, chosen: str | None) -> tuple[str | None, ...]:
    """Decision models of a task, the chosen one first.

    Without a choice same-different trials go by differencing: a study mixes levels and items, and
    who does not know what comes can only compare the two sounds with each other (Macmillan &
    Creelman 2005, ch. 9, on roving designs). Under independent observation the rate of false
    alarms would depend on the level.

    >>> models_of("yes-no", None), models_of("same-different", None)[0]
    ((None,), 'differencing')
    """
    task = get_paradigm(paradigm)
    if chosen is None and task.name == "same_different":
        chosen = DIFFERENCING
    first = task.model(chosen)
    return (first, *(one for one in task.models if one != first))


def detection_jnds(
    fit: PsychometricFit,
    counts: DetectionCounts,
    *,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
    seed: int,
) -> tuple[Jnd, ...]:
    """The level at d′ = 1 under each decision model, listeners resampled where there are five."""
    models = models_of(paradigm, options.decision_model)
    intervals = _resampled(
        counts, models, paradigm=paradigm, direction=direction, options=options, seed=seed
    )
    word = "“different”" if get_paradigm(paradigm).name == "same_different" else "“yes”"
    found = []
    for model, interval in zip(models, intervals, strict=True):
        threshold = fit.threshold_at(d_prime=1.0, model=model, coverage=options.coverage)
        if interval is not None:
            threshold = Threshold(
                target_probability=threshold.target_probability,
                lapse_free=True,
                value=threshold.value,
                interval=interval,
                inside_tested_range=threshold.inside_tested_range,
            )
        suffix = f", {MODELS[model]}" if model else ""
        found.append(
            Jnd(
                definition=f"the level at which sensitivity d′ is 1{suffix} (here {word} in "
                f"{threshold.target_probability:.1%} of the trials with a difference and in "
                f"{fit.guess_rate:.1%} of those without), leaving lapses of attention aside",
                label=f"d′ = 1{suffix}",
                threshold=threshold,
                unit_of_inference="listeners" if interval is not None else "trials",
            )
        )
    return tuple(found)


def _resampled(
    counts: DetectionCounts,
    models: tuple[str | None, ...],
    *,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
    seed: int,
) -> tuple[ConfidenceInterval | None, ...]:
    """Percentile intervals over whole listeners drawn with replacement; their false alarms go with
    them. None for all with too few listeners."""
    n = len(counts.listeners)
    if n < FEWEST_LISTENERS:
        return (None,) * len(models)
    rng = np.random.default_rng([seed, n])
    values: list[list[float]] = []
    for _ in range(min(options.n_resamples, _MOST_RESAMPLES)):
        weights = np.bincount(rng.integers(0, n, size=n), minlength=n).astype(float)
        if weights @ counts.n_noise == 0:
            continue
        try:
            fit = fit_detection(
                counts,
                weights,
                paradigm=paradigm,
                direction=direction,
                options=options,
                overdispersion=False,
            )
        except JndlabError:
            continue
        values.append([_at_one(fit, model) for model in models])
    tail = 50.0 * (1.0 - options.coverage)
    ends = np.nanpercentile(np.array(values), [tail, 100.0 - tail], axis=0)
    return tuple(
        ConfidenceInterval(
            low=float(low),
            high=float(high),
            coverage=options.coverage,
            method="bootstrap over listeners, percentile",
        )
        for low, high in ends.T
    )


def _at_one(fit: PsychometricFit, model: str | None) -> float:
    target = make_target(
        None, 1.0, paradigm=fit.paradigm, guess_rate=None, model=model, lapse_free=True
    )
    return float(fit.curves.threshold_at(target)[0])

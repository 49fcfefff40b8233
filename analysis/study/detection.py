"""The analysis of tasks in which the listener's bias decides: same-different and yes/no."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.detection_counts import (
    SIGNAL,
    DetectionCounts,
    condition_labels,
    detection_counts,
    uneven_false_alarms,
)
from jndlab.analysis.study.detection_jnd import detection_jnds, fit_detection, models_of
from jndlab.analysis.study.detection_levels import detection_levels
from jndlab.analysis.study.detection_results import (
    DetectionAnalysis,
    DetectionCondition,
    DetectionListener,
    Rate,
)
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusions import scored_trials
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.overview import (
    overview,
    require_scored,
    the_paradigm,
    wanted_conditions,
)
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.results import Jnd
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.errors import DataError, JndlabError
from jndlab.study.trials import TASKS, Direction

_DEFAULTS = AnalysisOptions()
_UNEVEN = 0.001
"""p-value below which false alarms are said to differ between levels."""


def analyse_detection(
    table: TrialTable,
    *,
    seed: int,
    options: AnalysisOptions = _DEFAULTS,
    planned: AnalysisOptions | None = None,
    record: StudyRecord | None = None,
    conduct: Conduct | None = None,
    progress: Callable[[str], None] | None = None,
) -> DetectionAnalysis:
    """Analyse same-different or yes/no trials of one study by hits and false alarms.

    Per condition: the rate of false alarms from all trials without a difference; per level hits,
    d′ with interval and criterion, its mean over listeners, and the ROC where confidence was asked;
    the curve of "different" or "yes" with the rate of false alarms as its guess rate; the level at
    which d′ is 1, with an interval over listeners. There is no proportion correct, because it
    would follow from the bias. Options as for :func:`~jndlab.analysis.study.analyse.analyse_study`;
    a target probability and a bound on proportions have no use here.

    DataError: nothing left to analyse, several studies or paradigms, another kind of task.
    """
    rules = ExclusionRules.from_options(options)
    kept, exclusions = exclude_by_rules(table, rules, conduct=conduct)
    scored = scored_trials(kept)
    require_scored(scored, options)
    paradigm = the_paradigm(kept)
    if TASKS[paradigm].measure != "detection":
        raise DataError(
            f"{paradigm} trials have no hits and false alarms.", "Use analyse_parts for any study."
        )
    labels = condition_labels(scored)
    names, restricted = wanted_conditions(np.unique(labels).tolist(), options.condition)
    conditions = []
    for number, name in enumerate(names, start=1):
        if progress is not None:
            progress(f"fitting {name}, condition {number} of {len(names)}")
        trials = scored.select(labels == name)
        conditions.append(_condition(trials, name, paradigm=paradigm, seed=seed, options=options))
    if progress is not None:
        progress("checking the data")
    common = overview(
        table,
        kept,
        scored.select(np.isin(labels, names)),
        exclusions=exclusions,
        options=options,
        planned=planned,
        record=record,
        conduct=conduct,
        seed=seed,
    )
    warnings = (*restricted, *common.pop("warnings"))
    return DetectionAnalysis(**common, conditions=tuple(conditions), warnings=warnings)


def rate_of(n_said: float, n_trials: float, *, coverage: float) -> Rate:
    """A rate with its exact interval.

    >>> rate_of(3, 12, coverage=0.95).share
    0.25
    """
    said, trials = int(n_said), int(n_trials)
    return Rate(
        n_said=said,
        n_trials=trials,
        interval=clopper_pearson(said, trials, coverage=coverage),
    )


def _condition(
    trials: TrialTable, name: str, *, paradigm: str, seed: int, options: AnalysisOptions
) -> DetectionCondition:
    falls = trials.only("compression", what="direction") == "falls"
    direction: Direction = "falls" if falls else "rises"
    counts = detection_counts(trials, name)
    if counts.n_noise.sum() == 0 or not counts.levels:
        raise DataError(
            f"{name} has no answered test trials {'with' if not counts.levels else 'without'} a "
            "difference.",
            "Hits mean nothing without false alarms: collect both kinds of trial.",
        )
    warnings: list[str] = []
    fit: PsychometricFit | None = None
    problem: str | None = None
    jnds: tuple[Jnd, ...] = ()
    try:
        fit = fit_detection(counts, paradigm=paradigm, direction=direction, options=options)
        warnings += fit.warnings
        jnds = detection_jnds(
            fit, counts, paradigm=paradigm, direction=direction, options=options, seed=seed
        )
    except JndlabError as error:
        problem = error.message
        warnings.append(str(error))
    if jnds and jnds[0].unit_of_inference == "trials":
        warnings.append(
            f"Listeners: {len(counts.listeners)}. With so few the interval of the JND takes pooled "
            "trials as independent and says nothing about other listeners."
        )
    rates, p_value = uneven_false_alarms(trials)
    if p_value < _UNEVEN:
        shares = ", ".join(f"{rate:.0%}" for rate in (rates[::-1] if falls else rates))
        warnings.append(
            f"The rate of false alarms differs between levels ({shares}, least compressed first; "
            f"p = {p_value:.1g}) and is taken as one for all: do not quote d′ and the JND. "
            "Listeners who do not know the level of a trial have one rate."
        )
    levels = detection_levels(trials, counts, paradigm=paradigm, options=options)
    return DetectionCondition(
        condition=name,
        paradigm=paradigm,
        level_unit=trials.only("level_unit", what="unit"),
        direction=direction,
        false_alarms=rate_of(
            counts.n_false_alarms.sum(), counts.n_noise.sum(), coverage=options.coverage
        ),
        false_alarms_by_order=_by_order(trials, options),
        levels=tuple(reversed(levels)) if falls else levels,
        fit=fit,
        fit_problem=problem,
        jnds=jnds,
        listeners=tuple(
            _listener(counts, row, paradigm=paradigm, direction=direction, options=options)
            for row in range(len(counts.listeners))
        ),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _by_order(trials: TrialTable, options: AnalysisOptions) -> tuple[tuple[str, Rate], ...]:
    noise = trials.select(~np.isin(trials["correct_response"], list(SIGNAL)))
    said = np.isin(noise["response"], list(SIGNAL))
    found = []
    for order in np.unique(noise["order"]):
        rows = noise["order"] == order
        rate = rate_of(said[rows].sum(), rows.sum(), coverage=options.coverage)
        found.append((str(order), rate))
    return tuple(found)


def _listener(
    counts: DetectionCounts,
    row: int,
    *,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
) -> DetectionListener:
    hits, signal = counts.n_hits[row].sum(), counts.n_signal[row].sum()
    false_alarms, noise = counts.n_false_alarms[row], counts.n_noise[row]
    h, f = (hits + 0.5) / (signal + 1.0), (false_alarms + 0.5) / (noise + 1.0)
    alone = np.zeros(len(counts.listeners))
    alone[row] = 1.0
    threshold = None
    try:
        fit = fit_detection(
            counts,
            alone,
            paradigm=paradigm,
            direction=direction,
            options=options,
            overdispersion=False,
        )
        model = models_of(paradigm, options.decision_model)[0]
        threshold = fit.threshold_at(d_prime=1.0, model=model, coverage=options.coverage)
    except JndlabError:
        pass
    return DetectionListener(
        participant=counts.listeners[row],
        hits=rate_of(hits, max(signal, 1.0), coverage=options.coverage),
        false_alarms=rate_of(false_alarms, max(noise, 1.0), coverage=options.coverage),
        criterion=float(-0.5 * (ndtri(h) + ndtri(f))),
        threshold=threshold.value if threshold else None,
        threshold_interval=threshold.interval if threshold else None,
    )

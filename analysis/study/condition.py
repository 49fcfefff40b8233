"""The analysis of one condition: its levels, its curve, its JND, its listeners."""

from __future__ import annotations

import numpy as np

from jndlab.analysis.fits.bootstrap import ListenerBootstrap, bootstrap_listeners
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.goodness import GoodnessOfFit, goodness_of_fit
from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.result import GroupFit
from jndlab.analysis.paradigms import get_paradigm, require_guess_rate
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.jnds import jnds_of
from jndlab.analysis.study.levels import level_results
from jndlab.analysis.study.listener_results import listener_result
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.sensitivity import sensitivity_of
from jndlab.errors import JndlabError
from jndlab.study.trials import Direction

SIMULATIONS = 500
"""Data sets from which the goodness of fit is judged."""
FEWEST_LISTENERS = 5
"""Fewer listeners are not resampled: the pooled posterior stands, and says so."""


def analyse_condition(
    part: ListenerCounts,
    *,
    paradigm: str,
    direction: Direction,
    level_unit: str,
    seed: int,
    options: AnalysisOptions,
) -> ConditionAnalysis:
    """Everything about one condition: levels, pooled curve, group JND, single listeners.

    What cannot be fitted is reported in ``warnings`` and does not stop the analysis.
    """
    falls = direction == "falls"
    warnings: list[str] = []
    fit = _pooled(part, paradigm, direction, options, warnings)
    problem = warnings[-1].splitlines()[0] if fit is None else None
    goodness: GoodnessOfFit | None = None
    group: ListenerBootstrap | None = None
    mixed: GroupFit | None = None
    if fit is not None:
        warnings += fit.warnings
        goodness = goodness_of_fit(fit, seed=seed, n_simulations=SIMULATIONS)
        warnings += goodness.warnings
        group, mixed = _groups(part, paradigm, direction, options, seed, warnings)
    levels = level_results(part, paradigm=paradigm, options=options)
    return ConditionAnalysis(
        condition=part.condition,
        paradigm=get_paradigm(paradigm).name,
        guess_rate=require_guess_rate(paradigm),
        level_unit=level_unit,
        direction=direction,
        levels=tuple(reversed(levels)) if falls else levels,
        fit=fit,
        fit_problem=problem,
        goodness=goodness,
        group=group,
        mixed=mixed,
        jnds=jnds_of(fit, group, target_probability=options.target_probability),
        sensitivity=()
        if fit is None
        else sensitivity_of(part, paradigm=paradigm, direction=direction, options=options),
        listeners=tuple(
            listener_result(part, row, paradigm=paradigm, direction=direction, options=options)
            for row in range(len(part.listeners))
        ),
        warnings=tuple(warnings),
    )


def _pooled(
    part: ListenerCounts,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
    warnings: list[str],
) -> PsychometricFit | None:
    try:
        return fit_psychometric(
            part.levels,
            part.n_correct.sum(axis=0),
            part.n_trials.sum(axis=0),
            paradigm=paradigm,
            sigmoid=options.sigmoid,
            direction=direction,
            lapse_prior=options.lapse_prior,
        )
    except JndlabError as error:
        warnings.append(str(error))
        return None


def _groups(
    part: ListenerCounts,
    paradigm: str,
    direction: Direction,
    options: AnalysisOptions,
    seed: int,
    warnings: list[str],
) -> tuple[ListenerBootstrap | None, GroupFit | None]:
    """The average curve with listeners resampled, and the mixed model."""
    if len(part.listeners) < FEWEST_LISTENERS:
        warnings.append(
            f"Listeners: {len(part.listeners)}. With fewer than {FEWEST_LISTENERS} the interval of "
            "the JND takes pooled trials as independent and says nothing about other listeners."
        )
        return None, None
    group: ListenerBootstrap | None = None
    mixed: GroupFit | None = None
    try:
        group = bootstrap_listeners(
            part.levels,
            part.n_correct,
            part.n_trials,
            paradigm=paradigm,
            seed=seed,
            sigmoid=options.sigmoid,
            direction=direction,
            lapse_prior=options.lapse_prior,
            n_resamples=options.n_resamples,
            coverage=options.coverage,
        )
        warnings += group.warnings
    except JndlabError as error:
        warnings.append(str(error))
    if options.group_model:
        row, column = np.nonzero(part.n_trials)
        try:
            mixed = fit_group(
                np.array(part.listeners)[row],
                np.array(part.levels)[column],
                part.n_correct[row, column],
                part.n_trials[row, column],
                paradigm=paradigm,
                random="threshold",
                sigmoid=options.sigmoid,
                direction=direction,
                lapse_rate=options.lapse_prior,
            )
            warnings += mixed.warnings
        except JndlabError as error:
            warnings.append(f"The mixed model could not be fitted. {error.message}")
    return group, mixed

"""The analysis of one condition: its levels, its curve, its JND, its listeners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jndlab.analysis.fits.bootstrap import ListenerBootstrap, bootstrap_listeners
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.goodness import GoodnessOfFit, goodness_of_fit
from jndlab.analysis.fits.influential import InfluentialData, influential_data
from jndlab.analysis.fits.psychometric import fit_psychometric
from jndlab.analysis.fits.residuals import ResidualTrends, residual_trends
from jndlab.analysis.groups.fit import fit_group
from jndlab.analysis.groups.result import GroupFit, PopulationThreshold
from jndlab.analysis.paradigms import get_paradigm, require_guess_rate
from jndlab.analysis.study.adaptive import AdaptiveResult
from jndlab.analysis.study.exclusions import ListenerCounts
from jndlab.analysis.study.headroom import headroom, is_gain
from jndlab.analysis.study.jnds import jnds_of
from jndlab.analysis.study.levels import level_results
from jndlab.analysis.study.listener_results import listener_result
from jndlab.analysis.study.model_card import model_card
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.seed_twin import SeedTwin, seed_twin
from jndlab.analysis.study.sensitivity import sensitivity_of
from jndlab.errors import JndlabError
from jndlab.study.trials import Direction

SIMULATIONS = 500
"""Data sets from which the goodness of fit is judged."""
FEWEST_LISTENERS = 5
"""Fewer listeners are not resampled: the pooled posterior stands, and says so."""
ADAPTIVE_WARNINGS = (
    "Levels followed from answers. The slope of a curve fitted to such trials is biased, for one "
    "listener towards too steep (Kaernbach 2001, Perception & Psychophysics 63, 1389–1398), and "
    "listeners who differ were heard at different levels. Take the threshold from the tracks, and "
    "a slope from constant stimuli.",
    "Tests that take the numbers of trials per level as fixed do not hold here: goodness of fit by "
    "simulation and statements of equivalence are left out, and p-values per level are rough.",
)


def analyse_condition(
    part: ListenerCounts,
    *,
    paradigm: str,
    direction: Direction,
    level_unit: str,
    seed: int,
    options: AnalysisOptions,
    facts: ModelFacts | None = None,
    items: Sequence[str] | None = None,
    compression: bool = True,
    adaptive: AdaptiveResult | None = None,
) -> ConditionAnalysis:
    """Everything about one condition: levels, pooled curve, group JND, single listeners.

    ``facts`` are those of the stimuli, ``items`` the ones that were heard; ``compression`` says
    that levels are of a compression, ``adaptive`` what its tracks came to where levels followed
    from answers: then tests that take the design as fixed are left out. What cannot be fitted is
    reported in ``warnings`` and does not stop the analysis.
    """
    falls = direction == "falls"
    warnings: list[str] = []
    if adaptive is not None:
        warnings += ADAPTIVE_WARNINGS
        options = replace(options, equivalence_bound=None)
    fit = _pooled(part, paradigm, direction, options, warnings)
    problem = warnings[-1].splitlines()[0] if fit is None else None
    goodness: GoodnessOfFit | None = None
    trends: ResidualTrends | None = None
    influence: InfluentialData | None = None
    group: ListenerBootstrap | None = None
    mixed: GroupFit | None = None
    typical: PopulationThreshold | None = None
    if fit is not None:
        warnings += fit.warnings
        influence = influential_data(fit, coverage=options.coverage)
        if adaptive is None:
            goodness = goodness_of_fit(fit, seed=seed, n_simulations=SIMULATIONS)
            trends = residual_trends(fit, seed=seed, n_simulations=SIMULATIONS)
            warnings += [*goodness.warnings, *trends.warnings]
        warnings += influence.warnings
        group, mixed = _groups(part, paradigm, direction, options, seed, warnings)
        typical = _typical(mixed, options, warnings)
    levels = level_results(part, paradigm=paradigm, options=options)
    jnds = jnds_of(fit, group, target_probability=options.target_probability)
    card = None
    twin: SeedTwin | None = None
    if facts is not None:
        card = model_card(
            facts,
            condition=part.condition,
            direction=direction,
            levels=part.levels,
            unit=level_unit,
            items=items,
            jnd=jnds[0].threshold if jnds else None,
        )
        warnings += card.warnings
        twin = seed_twin(
            facts,
            condition=part.condition,
            direction=direction,
            levels=part.levels,
            items=items,
            fit=fit,
        )
    return ConditionAnalysis(
        condition=part.condition,
        paradigm=get_paradigm(paradigm).name,
        guess_rate=require_guess_rate(paradigm),
        level_unit=level_unit,
        direction=direction,
        compression=compression,
        levels=tuple(reversed(levels)) if falls else levels,
        fit=fit,
        fit_problem=problem,
        goodness=goodness,
        group=group,
        mixed=mixed,
        typical=typical,
        jnds=jnds,
        sensitivity=()
        if fit is None
        else sensitivity_of(part, paradigm=paradigm, direction=direction, options=options),
        listeners=tuple(
            listener_result(part, row, paradigm=paradigm, direction=direction, options=options)
            for row in range(len(part.listeners))
        ),
        trends=trends,
        influence=influence,
        card=card,
        warnings=tuple(dict.fromkeys(warnings)),  # checks may say the same
        headroom=headroom(jnds[0].threshold, tuple(part.levels))
        if jnds and is_gain(level_unit)
        else None,
        twin=twin,
        adaptive=adaptive,
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


def _typical(
    mixed: GroupFit | None, options: AnalysisOptions, warnings: list[str]
) -> PopulationThreshold | None:
    """The threshold of the typical listener."""
    if mixed is None:
        return None
    try:
        return mixed.threshold_at(options.target_probability, coverage=options.coverage)
    except JndlabError as error:
        warnings.append(f"The typical listener has no threshold. {error.message}")
        return None

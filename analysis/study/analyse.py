"""The analysis of a study: from a table of trials to everything the report says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jndlab.analysis.study.adaptive import adaptive_result
from jndlab.analysis.study.comparisons import comparisons_of
from jndlab.analysis.study.condition import analyse_condition
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusions import (
    ListenerCounts,
    listener_counts,
    scored_trials,
)
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.options import AnalysisOptions
from jndlab.analysis.study.overview import (
    overview,
    require_scored,
    the_paradigm,
    the_procedure,
    wanted_conditions,
)
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.results import ConditionAnalysis, StudyAnalysis
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.analysis.study.score_agreement import ScoreAgreement
from jndlab.analysis.study.study_scores import study_score_agreement
from jndlab.analysis.study.tracks import TrackStatus, tracks_of
from jndlab.errors import DataError, JndlabError
from jndlab.study.trials import GUESS_RATES, TASKS, ParadigmName

_MOST_RESAMPLES = 1000
"""For the agreement of scores, whose intervals are wide anyhow."""
_DEFAULTS = AnalysisOptions()
Progress = Callable[[str], None]
"""Is told of each step when it begins."""


def analyse_study(
    table: TrialTable,
    *,
    seed: int,
    options: AnalysisOptions = _DEFAULTS,
    planned: AnalysisOptions | None = None,
    facts: ModelFacts | None = None,
    record: StudyRecord | None = None,
    conduct: Conduct | None = None,
    tracks: Sequence[TrackStatus] = (),
    progress: Progress | None = None,
) -> StudyAnalysis:
    """Analyse the trials of one study, people or simulated listeners, never both.

    Per condition: counts, exact intervals, d′, exact tests and, with a bound, statements of
    equivalence per level; the pooled curve with its goodness of fit; the JND at the target and at
    d′ = 1; its interval by resampling listeners where there are at least five; the mixed model;
    every listener's own threshold. ``seed`` makes resampling and simulation repeatable.
    ``planned`` are the options that the study file fixed: the result says where ``options`` depart
    from them. ``facts`` of the stimuli (:func:`jndlab.analysis.load_model_facts`) add sizes and
    objective scores: model card, the JND in their terms, agreement of each score with listeners.
    ``record`` says what else is known of the study, for the report; ``conduct`` how the sessions
    went, for rules of exclusion that ask for it; ``tracks`` what adaptive procedures say of their
    own tracks; ``progress`` is told of each step. What cannot be fitted is reported and does not
    stop the analysis. The paradigm must have a chance level:
    :func:`~jndlab.analysis.study.by_measure.analyse_parts` takes any study.

    DataError: nothing left to analyse, several studies or paradigms, a condition whose direction
    or unit changes within the table, facts that lack a tested level, or no answers to the one
    condition of the options.

    >>> from jndlab.analysis.study.example import example_trials
    >>> analysis = analyse_study(example_trials(), seed=1,
    ...                          options=AnalysisOptions(n_resamples=100, group_model=False))
    >>> analysis.n_listeners, analysis.conditions[0].jnds[0].threshold.inside_tested_range
    (8, True)
    """
    rules = ExclusionRules.from_options(options)
    kept, exclusions = exclude_by_rules(table, rules, conduct=conduct)
    scored = scored_trials(kept)
    require_scored(scored, options)
    kept.only("study", what="study")
    paradigm = _paradigm(kept)
    tell = progress or _nobody
    parts = listener_counts(kept)
    names, restricted = wanted_conditions([part.condition for part in parts], options.condition)
    parts = tuple(part for part in parts if part.condition in names)
    scored = scored.select(np.isin(scored["condition"], names))
    conditions = []
    for number, part in enumerate(parts, start=1):
        tell(f"fitting {part.condition}, condition {number} of {len(parts)}")
        trials = scored.select(scored["condition"] == part.condition)
        conditions.append(
            _analyse_part(
                part,
                trials,
                paradigm=paradigm,
                seed=seed,
                options=options,
                facts=facts,
                tracks=tracks,
            )
        )
    tell("comparing conditions and checking the data")
    agreements, disagreements = _agreements(kept, facts, seed=seed, options=options)
    comparisons, uncompared = comparisons_of(parts, tuple(conditions), options=options)
    common = overview(
        table,
        kept,
        scored,
        exclusions=exclusions,
        options=options,
        planned=planned,
        record=record,
        conduct=conduct,
        seed=seed,
    )
    warnings = (*restricted, *common.pop("warnings"), *uncompared, *disagreements)
    return StudyAnalysis(
        **common,
        guess_rate=GUESS_RATES[paradigm],
        conditions=tuple(conditions),
        comparisons=comparisons,
        agreements=agreements,
        warnings=warnings,
    )


def _nobody(_: str) -> None:
    """Nobody wants to know how far the analysis is."""


def _analyse_part(
    part: ListenerCounts,
    trials: TrialTable,
    *,
    paradigm: ParadigmName,
    seed: int,
    options: AnalysisOptions,
    facts: ModelFacts | None,
    tracks: Sequence[TrackStatus],
) -> ConditionAnalysis:
    """One condition; ``trials`` are the scored ones that ``part`` counts."""
    falls = trials.only("compression", what="direction") == "falls"
    return analyse_condition(
        part,
        paradigm=paradigm,
        direction="falls" if falls else "rises",
        level_unit=trials.only("level_unit", what="unit"),
        seed=seed,
        options=options,
        facts=facts,
        items=np.unique(trials["item"]).tolist(),
        adaptive=adaptive_result(
            tracks_of(trials, tracks, direction="falls" if falls else "rises"),
            procedure=the_procedure(trials),
            direction="falls" if falls else "rises",
            coverage=options.coverage,
        ),
    )


def _agreements(
    table: TrialTable, facts: ModelFacts | None, *, seed: int, options: AnalysisOptions
) -> tuple[tuple[ScoreAgreement, ...], list[str]]:
    """Agreement of every score with listeners, and why one could not be had."""
    found: list[ScoreAgreement] = []
    problems: list[str] = []
    if facts is None:
        return (), problems
    for score in facts.scores:
        try:
            found.append(
                study_score_agreement(
                    table,
                    facts,
                    score,
                    seed=seed,
                    n_resamples=min(options.n_resamples, _MOST_RESAMPLES),
                    coverage=options.coverage,
                    target_probability=options.target_probability,
                )
            )
        except JndlabError as error:
            problems.append(f"{score} cannot be compared with listeners. {error}")
    return tuple(found), problems


def _paradigm(table: TrialTable) -> ParadigmName:
    name = the_paradigm(table)
    if TASKS[name].measure != "correct":
        raise DataError(
            f"Answers to {name} trials are not right or wrong by a chance level.",
            "Use analyse_parts, which has an analysis for every task.",
        )
    return name

"""The analysis of a study: from a table of trials to everything the report says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from jndlab import __version__
from jndlab.analysis.inference.binomial import binomial_test
from jndlab.analysis.intervals import clopper_pearson
from jndlab.analysis.study.comparisons import comparisons_of
from jndlab.analysis.study.condition import analyse_condition
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.data_checks import check_data
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.exclusions import (
    ListenerCounts,
    listener_counts,
    scored_trials,
)
from jndlab.analysis.study.model_facts import ModelFacts
from jndlab.analysis.study.options import AnalysisOptions, deviations
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.results import CatchSummary, ConditionAnalysis, StudyAnalysis
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.analysis.study.score_agreement import ScoreAgreement
from jndlab.analysis.study.study_scores import study_score_agreement
from jndlab.analysis.study.versions import software_versions
from jndlab.errors import DataError, JndlabError
from jndlab.study.trials import GUESS_RATES, ParadigmName

LEAK_P_VALUE = 0.01
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
    went, for rules of exclusion that ask for it; ``progress`` is told of each step. What cannot be
    fitted is reported and does not stop the analysis.

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
    if len(scored) == 0:
        raise DataError(
            f"There are no answered test trials of {options.session_kind} sessions to analyse.",
            "Collect data, loosen the exclusions, or choose the other kind of session.",
        )
    study = kept.only("study", what="study")
    paradigm = _paradigm(kept)
    tell = progress or _nobody
    parts, restricted = _wanted(listener_counts(kept), options.condition)
    scored = scored.select(np.isin(scored["condition"], [part.condition for part in parts]))
    conditions = []
    for number, part in enumerate(parts, start=1):
        tell(f"fitting {part.condition}, condition {number} of {len(parts)}")
        trials = scored.select(scored["condition"] == part.condition)
        conditions.append(
            _analyse_part(part, trials, paradigm=paradigm, seed=seed, options=options, facts=facts)
        )
    tell("comparing conditions and checking the data")
    agreements, disagreements = _agreements(kept, facts, seed=seed, options=options)
    comparisons, uncompared = comparisons_of(parts, tuple(conditions), options=options)
    digests = tuple(str(digest) for digest in np.unique(scored["study_digest"]))
    main = kept.select(kept["phase"] == "main")
    coverage = options.coverage
    gross = _catch(main, "gross", coverage=coverage, chance=None)
    identical = _catch(main, "identical", coverage=coverage, chance=GUESS_RATES[paradigm])
    sessions = np.unique(scored["session"])
    finished = np.unique(scored["session"][scored["session_state"] == "finished"])
    return StudyAnalysis(
        study=study,
        study_digests=digests,
        paradigm=paradigm,
        guess_rate=GUESS_RATES[paradigm],
        session_kind=options.session_kind,
        n_sessions=len(sessions),
        n_finished=len(finished),
        n_listeners=len(np.unique(scored["participant"])),
        n_items=len(np.unique(scored["item"])),
        n_trials=len(scored),
        first_trial_at=min(scored["presented_at"].tolist()),
        last_trial_at=max(scored["presented_at"].tolist()),
        conditions=tuple(conditions),
        comparisons=comparisons,
        agreements=agreements,
        checks=check_data(table, rules, conduct=conduct, coverage=options.coverage),
        gross=gross,
        identical=identical,
        exclusions=exclusions,
        warnings=(
            *restricted,
            *_study_warnings(scored, digests, gross, identical),
            *uncompared,
            *disagreements,
        ),
        options=options,
        deviations=() if planned is None else deviations(options, planned),
        planned=planned is not None,
        record=record,
        seed=seed,
        data_digest=table.digest,
        version=__version__,
        versions=software_versions(),
    )


def _nobody(_: str) -> None:
    """Nobody wants to know how far the analysis is."""


def _wanted(
    parts: tuple[ListenerCounts, ...], condition: str | None
) -> tuple[tuple[ListenerCounts, ...], tuple[str, ...]]:
    """The conditions to analyse, and what a reader of fewer than all of them has to know."""
    if condition is None:
        return parts, ()
    names = [part.condition for part in parts]
    if condition not in names:
        raise DataError(
            f"There are no analysed answers to a condition {condition!r}.",
            f"Choose one of: {', '.join(names)}.",
        )
    others = [name for name in names if name != condition]
    told = f"Only {condition} is reported here. The study also tested: {', '.join(others)}."
    return tuple(part for part in parts if part.condition == condition), (told,) if others else ()


def _analyse_part(
    part: ListenerCounts,
    trials: TrialTable,
    *,
    paradigm: ParadigmName,
    seed: int,
    options: AnalysisOptions,
    facts: ModelFacts | None,
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
    name = table.only("paradigm", what="paradigm")
    for paradigm in GUESS_RATES:
        if paradigm == name:
            return paradigm
    raise DataError(f"There is no paradigm {name!r}.", f"Use one of: {', '.join(GUESS_RATES)}.")


def _catch(
    table: TrialTable, kind: str, *, coverage: float, chance: float | None
) -> CatchSummary | None:
    rows: NDArray[np.bool_] = (table["trial_kind"] == kind) & table.answered
    n_trials = int(rows.sum())
    if n_trials == 0:
        return None
    n_correct = int(table["correct"][rows].sum())
    test = None
    if chance is not None:
        test = binomial_test(n_correct, n_trials, chance=chance, alternative="two-sided")
    return CatchSummary(
        n_trials=n_trials,
        n_correct=n_correct,
        interval=clopper_pearson(n_correct, n_trials, coverage=coverage),
        p_value=test.p_value if test else None,
    )


def _study_warnings(
    scored: TrialTable,
    digests: tuple[str, ...],
    gross: CatchSummary | None,
    identical: CatchSummary | None,
) -> tuple[str, ...]:
    warnings: list[str] = []
    if len(digests) > 1:
        warnings.append(
            f"The sessions ran under {len(digests)} different versions of the study: check "
            "that they may be analysed together."
        )
    if gross is not None and gross.n_correct < 0.8 * gross.n_trials:
        warnings.append(
            f"Only {gross.n_correct} of {gross.n_trials} gross catch trials were answered "
            "correctly: the sound, the task or the attention of some listeners may have failed."
        )
    if identical is not None and identical.p_value is not None:
        if identical.p_value < LEAK_P_VALUE:
            warnings.append(
                "Answers to identical pairs differ from chance: something other than the "
                "sound may give the answer away. Find it before you believe the thresholds."
            )
    else:
        warnings.append(
            "No identical pairs were presented, so nothing here shows that only the sound "
            "could be heard."
        )
    n_items = len(np.unique(scored["item"]))
    if n_items < 4:
        warnings.append(
            f"Items: {n_items}. The result holds for these recordings and need not hold for others."
        )
    return tuple(warnings)

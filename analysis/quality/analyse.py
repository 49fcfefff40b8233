"""The analysis of preference and ratings: from a table of trials to everything the report says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from jndlab import __version__
from jndlab.analysis.quality.ordinal_terms import ordinal_of
from jndlab.analysis.quality.pairs import first_position, preferences_of, scales_of
from jndlab.analysis.quality.quality_warnings import quality_warnings
from jndlab.analysis.quality.reliability import check_reliability
from jndlab.analysis.quality.results import (
    OtherSelection,
    QualityAnalysis,
    QualityCondition,
    StimulusResult,
)
from jndlab.analysis.quality.scale_values import ScaleValues
from jndlab.analysis.quality.screening import (
    ExpertScreening,
    MushraScreening,
    screen_experts,
    screen_mushra,
)
from jndlab.analysis.quality.stimulus_results import (
    Drawing,
    item_means,
    other_selection,
    stimulus_means,
    stimulus_results,
)
from jndlab.analysis.quality.votes import REFERENCE, SCALES, Votes, read_votes
from jndlab.analysis.study.conduct import Conduct
from jndlab.analysis.study.data import TrialTable
from jndlab.analysis.study.data_checks import check_data
from jndlab.analysis.study.exclusion_rules import ExclusionRules
from jndlab.analysis.study.options import AnalysisOptions, deviations
from jndlab.analysis.study.record import StudyRecord
from jndlab.analysis.study.rule_exclusions import exclude_by_rules
from jndlab.analysis.study.versions import software_versions
from jndlab.errors import DataError
from jndlab.study.trials import TASKS, Direction, ParadigmName

_DEFAULTS = AnalysisOptions()
_MANY_OUT = 0.25
"""Share of listeners left out by post-screening that is worth a warning."""
Progress = Callable[[str], None]


def analyse_quality(
    table: TrialTable,
    *,
    seed: int,
    options: AnalysisOptions = _DEFAULTS,
    planned: AnalysisOptions | None = None,
    record: StudyRecord | None = None,
    conduct: Conduct | None = None,
    bound: float | None = None,
    directions: Mapping[str, Direction] | None = None,
    units: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> QualityAnalysis:
    """Analyse the trials of one part whose answers are preferences or ratings.

    The listener is the unit throughout: every listener's votes are averaged first, and intervals
    and tests are about other such listeners. Means by condition and level, differences from the
    baseline, equivalence within ``bound`` (points of the scale; of a preference the distance of the
    share from one half; None: ``options.quality_bound``), the ordinal model,
    preference shares with Thurstone's and Bradley–Terry's scale, post-screening of MUSHRA and
    BS.1116, repeated, gold and trap trials. ``directions`` and ``units`` of conditions are for
    tables that do not say them (MUSHRA). ``planned``, ``record``, ``conduct``, ``progress``: as
    :func:`jndlab.analysis.analyse_study` has them.

    DataError: nothing left to analyse, several studies or paradigms, answers that are right or
    wrong.
    """
    rules = ExclusionRules.from_options(options)
    kept, exclusions = exclude_by_rules(table, rules, conduct=conduct)
    main = kept.select((kept["phase"] == "main") & kept.answered)
    if not (main["trial_kind"] == "test").any():
        raise DataError(
            f"There are no answered test trials of {options.session_kind} sessions to analyse.",
            "Collect data, loosen the exclusions, or choose the other kind of session.",
        )
    study = kept.only("study", what="study")
    paradigm: ParadigmName = kept.only("paradigm", what="paradigm")
    tell = progress or _nobody
    tell("reading votes")
    voters = main.select(np.isin(main["trial_kind"], ["test", "identical"]))
    if options.condition is not None:
        voters = _only_condition(voters, options.condition)
    votes = read_votes(voters)
    identical = voters["trial_kind"][votes.trial] == "identical"
    drawing = Drawing(
        coverage=options.coverage,
        alpha=options.alpha,
        bound=bound if bound is not None else _bound(options, paradigm),
        n_resamples=options.n_resamples,
        rng=np.random.default_rng(seed),
    )
    mushra = screen_mushra(votes) if paradigm == "mushra" else None
    experts = None
    if paradigm == "bs1116":
        experts = screen_experts(votes, coverage=options.coverage, rng=drawing.rng)
    others = _other(votes, drawing, mushra, experts)
    if mushra is not None:
        votes, identical, mushra_told = _screened(votes, identical, mushra)
    else:
        mushra_told = ()
    tell("means over listeners")
    test = votes.select(~identical)
    # DCR of the baseline beside itself is a rating of the baseline, as good as any other.
    counted = votes if paradigm == "dcr" else test
    results = stimulus_results(counted, drawing)
    tell("models")
    ordinal, against, ordinal_told = ordinal_of(votes, coverage=options.coverage)
    is_preference = paradigm == "preference"
    preferences = preferences_of(test, drawing) if is_preference else ()
    scales: tuple[ScaleValues, ...] = ()
    scale_told: tuple[str, ...] = ()
    if is_preference:
        scales, scale_told = scales_of(
            test, coverage=options.coverage, n_resamples=max(99, options.n_resamples), seed=seed
        )
    beside = counted.select(np.isin(counted.other, [-1, counted.index(REFERENCE)]))
    reliability = check_reliability(
        kept, stimulus_means(beside), coverage=options.coverage, preference=is_preference
    )
    checks = check_data(table, rules, conduct=conduct, coverage=options.coverage)
    answered = main.select(main["trial_kind"] == "test")
    used = voters.select(np.isin(np.arange(len(voters)), test.trial))
    digests = tuple(str(one) for one in np.unique(answered["study_digest"]))
    first = first_position(test, drawing)
    null = first_position(votes.select(identical), drawing)
    conditions = _conditions(results, voters, directions or {}, units or {})
    return QualityAnalysis(
        study=study,
        study_digests=digests,
        part=str(answered["part"][0]),
        paradigm=paradigm,
        measure=TASKS[paradigm].measure,
        scale=SCALES[paradigm],
        session_kind=options.session_kind,
        n_sessions=len(np.unique(used["session"])),
        n_finished=len(np.unique(used["session"][used["session_state"] == "finished"])),
        n_listeners=len(np.unique(used["participant"])),
        n_items=len(np.unique(used["item"])),
        n_trials=len(used),
        first_trial_at=min(answered["presented_at"].tolist()),
        last_trial_at=max(answered["presented_at"].tolist()),
        reference=next((one for one in results if one.stimulus == REFERENCE), None),
        conditions=conditions,
        anchors=tuple(one for one in results if one.stimulus.is_anchor),
        pairs=tuple(one for one in results if one.other not in (None, REFERENCE)),
        preferences=preferences,
        scales=scales,
        first_position=first,
        identical=null,
        ordinal=ordinal,
        ordinal_reference=against,
        mushra=mushra,
        experts=experts,
        other_selection=others,
        items=item_means(test, drawing),
        reliability=reliability,
        flow=checks.flow,
        findings=checks.findings,
        exclusions=exclusions,
        bound=drawing.bound,
        warnings=(
            *mushra_told,
            *quality_warnings(
                digests=digests,
                n_listeners=len(np.unique(used["participant"])),
                n_items=len(np.unique(used["item"])),
                conditions=conditions,
                preferences=preferences,
                first=first,
                identical=null,
                experts=experts,
                reliability=reliability,
                middle=0.5 if is_preference else 0.0,
            ),
            *ordinal_told,
            *scale_told,
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


def _bound(options: AnalysisOptions, paradigm: ParadigmName) -> float | None:
    """That of the options; None where it says nothing: a share cannot be 0.5 from one half."""
    stated = options.quality_bound
    return None if paradigm == "preference" and stated is not None and stated >= 0.5 else stated


def _only_condition(voters: TrialTable, condition: str) -> TrialTable:
    rows = (voters["condition"] == condition) | (voters["condition"] == REFERENCE.condition)
    rows |= voters["condition"] == ""
    if not (voters["condition"] == condition).any() and not (voters["condition"] == "").any():
        names = sorted({*voters["condition"].tolist()} - {"", REFERENCE.condition})
        raise DataError(
            f"There are no analysed answers to a condition {condition!r}.",
            f"Choose one of: {', '.join(names)}.",
        )
    return voters.select(rows)


def _screened(
    votes: Votes, identical: np.ndarray[tuple[int], np.dtype[np.bool_]], found: MushraScreening
) -> tuple[Votes, np.ndarray[tuple[int], np.dtype[np.bool_]], tuple[str, ...]]:
    """The votes of the listeners that post-screening keeps; all, where it keeps nobody."""
    out = np.isin(np.array(votes.listeners), found.excluded)
    if out.all():
        told = (
            "Post-screening would leave out every listener, so that nobody was left out: the "
            "hidden reference was hardly told from the versions, or the scale was misunderstood."
        )
        return votes, identical, (told,)
    rows = ~out[votes.listener]
    told_many: tuple[str, ...] = ()
    if out.mean() > _MANY_OUT:
        told_many = (
            f"Post-screening left out {int(out.sum())} of {len(out)} listeners. So many say that "
            "the hidden reference, or the scale, was not found: look at the means of everybody.",
        )
    return votes.select(rows), identical[rows], told_many


def _other(
    votes: Votes,
    drawing: Drawing,
    mushra: MushraScreening | None,
    experts: ExpertScreening | None,
) -> OtherSelection | None:
    if mushra is not None and mushra.excluded:
        everybody = votes.listeners
        return other_selection(
            votes, drawing, label="without post-screening", participants=everybody
        )
    if experts is not None and experts.excluded:
        kept = tuple(one.participant for one in experts.listeners if one.expert)
        return other_selection(votes, drawing, label="expert listeners only", participants=kept)
    return None


def _conditions(
    results: list[StimulusResult],
    voters: TrialTable,
    directions: Mapping[str, Direction],
    units: Mapping[str, str],
) -> tuple[QualityCondition, ...]:
    results = [
        one
        for one in results
        if one.stimulus != REFERENCE
        and not one.stimulus.is_anchor
        and one.other in (None, REFERENCE)
    ]
    names = dict.fromkeys(one.stimulus.condition for one in results)
    found = []
    for name in names:
        rows = voters.select(voters["condition"] == name)
        said = [str(one) for one in np.unique(rows["compression"]) if one]
        if len(said) > 1:
            rows.only("compression", what="direction")  # raises: it changes within the table
        direction = directions.get(name)
        if said:
            direction = "falls" if said[0] == "falls" else "rises"
        unit = next((str(one) for one in rows["level_unit"] if one), units.get(name, ""))
        mine = [one for one in results if one.stimulus.condition == name]
        sign = -1.0 if direction == "falls" else 1.0
        mine.sort(key=lambda one: sign * (one.stimulus.level or 0.0))
        found.append(
            QualityCondition(
                condition=name, direction=direction, level_unit=unit, results=tuple(mine)
            )
        )
    return tuple(found)

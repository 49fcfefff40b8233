"""The methods section, in a journal's style, with the numbers of the study filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.curve_methods import analysis_methods, compared_methods
from jndlab.analysis.report.detection_methods import detection_paragraphs
from jndlab.analysis.report.formats import format_number
from jndlab.analysis.report.references import Reference
from jndlab.analysis.report.wording import listed, plural
from jndlab.analysis.study.detection_results import DetectionAnalysis
from jndlab.analysis.study.results import StudyAnalysis


def study_methods(
    analysis: StudyAnalysis, procedure: Sequence[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[Reference]]:
    """Paragraphs, each with its keyword, and the works they cite.

    ``procedure``: paragraphs on how the data were collected, which come after the stimuli.
    """
    citations = Citations()
    told = {keyword for keyword, _ in procedure}
    paragraphs = [
        ("Participants", _participants(analysis)),
        *([] if "Stimuli" in told else [("Stimuli", _stimuli(analysis))]),
        *procedure,
        ("Exclusions", _exclusions(analysis)),
        *analysis_methods(analysis.conditions, analysis.options, citations),
        *compared_methods(analysis.comparisons, citations),
        *_scores(analysis, citations),
        ("Software", software(analysis.versions, analysis.seed)),
    ]
    return paragraphs, citations.references()


def detection_methods(
    analysis: DetectionAnalysis, procedure: Sequence[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[Reference]]:
    """The same for tasks in which the listener's bias decides."""
    citations = Citations()
    told = {keyword for keyword, _ in procedure}
    paragraphs = [
        ("Participants", _participants(analysis)),
        *([] if "Stimuli" in told else [("Stimuli", _stimuli(analysis))]),
        *procedure,
        ("Exclusions", _exclusions(analysis)),
        *detection_paragraphs(analysis, citations),
        ("Software", software(analysis.versions, analysis.seed)),
    ]
    return paragraphs, citations.references()


def _participants(analysis: StudyAnalysis | DetectionAnalysis) -> str:
    who = "simulated listener" if analysis.session_kind == "simulated" else "listener"
    first, last = analysis.first_trial_at[:10], analysis.last_trial_at[:10]
    when = f", on {first}" if first == last else f", between {first} and {last}"
    text = (
        f"{plural(analysis.n_listeners, who)} ({plural(analysis.n_sessions, 'session')}, "
        f"{analysis.n_finished} finished) gave the {plural(analysis.n_trials, 'answer')} to test "
        f"trials that were analysed{when if first else ''}."
    )
    return text


def _exclusions(analysis: StudyAnalysis | DetectionAnalysis) -> str:
    """The rules, and whom they hit: a rule that hit nobody is told as well."""
    flow = analysis.checks.flow
    rules = [f"sessions {one.reason} ({one.n_sessions} left out)" for one in flow.excluded]
    text = (
        f"{plural(flow.n_started, 'session')} began, {flow.n_left_in_practice} of them ended in "
        f"practice. Rules of exclusion, in this order: {listed(rules)}. Analysed sessions: "
        f"{flow.n_analysed}."
    )
    trials = [f"{one.reason} ({one.n_trials})" for one in flow.trials_left_out]
    if trials:
        text += f" Of {plural(flow.n_presented, 'trial')}, no part of the fits: {listed(trials)}."
    return text


def _stimuli(analysis: StudyAnalysis | DetectionAnalysis) -> str:
    items = f"({plural(analysis.n_items, 'item')})"
    sentences = [
        f"Each trial compared a recording {items} as processed by the "
        "baseline with the same recording as processed by a compressed version."
    ]
    if analysis.paradigm == "yes-no":
        sentences = [f"Each trial presented one recording {items}: the baseline’s, or a version’s."]
    elif analysis.paradigm == "same-different":
        sentences = [
            f"Each trial presented one recording {items} twice: as processed by two versions, or "
            "by the same."
        ]
    for one in analysis.conditions:
        levels = listed([format_number(row.level, 6).rstrip("0").rstrip(".") for row in one.levels])
        sentences.append(
            f"{one.condition} was tested at {plural(len(one.levels), 'level')}, from the least "
            f"compressed to the most: {levels} ({one.level_unit or 'level'})."
        )
    return " ".join(sentences)


def _scores(analysis: StudyAnalysis, citations: Citations) -> list[tuple[str, str]]:
    """Scores against listeners, where there are any."""
    paragraphs = []
    if analysis.agreements:
        first = analysis.agreements[0]
        text = (
            "The proportion correct of each item at each level was compared with "
            f"{plural(len(analysis.agreements), 'objective score')} of the stimuli by Spearman's, "
            "Kendall's and Pearson's correlations with intervals from "
            f"{first.options['n_resamples']} resamples of listeners and items "
            f"{citations.cite('davison')}, and by a psychometric function of the score."
        )
        paragraphs.append(("Objective scores", text))
    return paragraphs


def software(versions: Mapping[str, str], seed: int) -> str:
    """What the analysis was made with."""
    made_with = listed([f"{name} {number}" for name, number in versions.items()])
    return (
        f"The analysis was made with {made_with}, seed {seed}. Digests of what was "
        "analysed stand under Provenance."
    )

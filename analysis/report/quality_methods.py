"""The methods section of a report on preference or ratings."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.analysis.quality.results import QualityAnalysis
from jndlab.analysis.report.citations import Citations
from jndlab.analysis.report.formats import format_level, format_number, format_share
from jndlab.analysis.report.methods import software
from jndlab.analysis.report.quality_words import SCORES, TITLES, points
from jndlab.analysis.report.references import Reference
from jndlab.analysis.report.wording import listed, plural

_STANDARDS = {
    "acr": ("p800", "p808"),
    "dcr": ("p800", "p808"),
    "ccr": ("p800", "p808"),
    "mushra": ("bs1534",),
    "bs1116": ("bs1116",),
    "preference": (),
}
_VOTES = {
    "acr": "Listeners rated the quality of one sound at a time from 1 (bad) to 5 (excellent); the "
    "baseline was one of the versions.",
    "dcr": "After the baseline as reference, listeners rated how annoying the degradation of a "
    "version was, from 1 (very annoying) to 5 (inaudible).",
    "ccr": "Listeners rated the second of two sounds against the first, from −3 (much worse) to 3 "
    "(much better). Votes were turned so that positive ones speak for the compressed version, in "
    "whichever order the two were heard.",
    "mushra": "Listeners rated all versions of an item on one page from 0 to 100 beside the open "
    "reference, the hidden reference and anchors among them.",
    "bs1116": "Listeners graded two versions from 1.0 (very annoying) to 5.0 (imperceptible), one "
    "of which was the hidden reference. The difference grade is the grade of the version under "
    "test minus that of the hidden reference: 0 or more where the impairment was not found.",
    "preference": "Listeners said which of two versions they preferred. Who has no preference "
    "chooses either, so that one half is expected.",
}


def quality_methods(
    analysis: QualityAnalysis, procedure: Sequence[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[Reference]]:
    """Paragraphs, each with its keyword, and the works they cite."""
    citations = Citations()
    told = {keyword for keyword, _ in procedure}
    paragraphs = [
        ("Participants", _participants(analysis)),
        *([] if "Stimuli" in told else [("Stimuli", _stimuli(analysis))]),
        *procedure,
        ("Exclusions", _exclusions(analysis)),
        ("Votes", _votes(analysis, citations)),
        ("Means", _means(analysis, citations)),
        *_preference(analysis, citations),
        ("Equivalence", _equivalence(analysis, citations)),
        *_ordinal(analysis, citations),
        *_screening(analysis, citations),
        *_reliability(analysis, citations),
        ("Software", software(analysis.versions, analysis.seed)),
    ]
    return paragraphs, citations.references()


def _participants(analysis: QualityAnalysis) -> str:
    who = "simulated listener" if analysis.session_kind == "simulated" else "listener"
    first, last = analysis.first_trial_at[:10], analysis.last_trial_at[:10]
    when = f"on {first}" if first == last else f"between {first} and {last}"
    return (
        f"{plural(analysis.n_listeners, who)} ({plural(analysis.n_sessions, 'session')}, "
        f"{analysis.n_finished} finished) gave the answers to "
        f"{plural(analysis.n_trials, 'test trial')} that were analysed, {when}."
    )


def _stimuli(analysis: QualityAnalysis) -> str:
    sentences = [
        f"Versions of {plural(analysis.n_items, 'item')} as processed by the baseline and by "
        "compressed versions of it."
    ]
    for one in analysis.conditions:
        levels = listed([format_level(row.stimulus.level or 0.0) for row in one.results])
        order = "" if one.direction is None else ", from the least compressed to the most"
        sentences.append(
            f"{one.condition} was tested at {plural(len(one.results), 'level')}{order}: {levels} "
            f"({one.level_unit or 'level'})."
        )
    return " ".join(sentences)


def _exclusions(analysis: QualityAnalysis) -> str:
    flow = analysis.flow
    rules = [f"sessions {one.reason} ({one.n_sessions} left out)" for one in flow.excluded]
    return (
        f"{plural(flow.n_started, 'session')} began, {flow.n_left_in_practice} of them ended in "
        f"practice. Rules of exclusion, in this order: {listed(rules)}. Analysed sessions: "
        f"{flow.n_analysed}."
    )


def _votes(analysis: QualityAnalysis, citations: Citations) -> str:
    keys = _STANDARDS[analysis.paradigm]
    works = f" {citations.cite(*keys)}" if keys else ""
    return f"Kind of test: {TITLES[analysis.paradigm]}{works}. {_VOTES[analysis.paradigm]}"


def _means(analysis: QualityAnalysis, citations: Citations) -> str:
    options = analysis.options
    name = SCORES[analysis.paradigm][1]
    if analysis.paradigm == "preference":
        return (
            "The listener is the unit of every interval and test: each listener's answers to a "
            "version were counted first. p-values were adjusted over the levels of a condition by "
            f"Holm's method {citations.cite('holm')}. Items were not resampled: the result is "
            "about these recordings."
        )
    text = (
        f"The listener is the unit of every interval and test: each listener's votes on a version "
        f"were averaged first. The {name} is the mean of these means, with a t interval over "
        f"listeners (coverage {format_share(options.coverage)}) and, for skewed means, the BCa "
        f"interval of {options.n_resamples} resamples of whole listeners {citations.cite('efron')}."
    )
    if analysis.paradigm in ("acr", "dcr", "mushra"):
        text += (
            " Differences from the baseline were taken within listeners and items and tested by "
            "t tests over listeners,"
        )
    else:
        text += " Means were tested against no difference over listeners,"
    return (
        f"{text} adjusted over the levels of a condition by Holm's method "
        f"{citations.cite('holm')}. Items were not resampled: the result is about these recordings."
    )


def _preference(analysis: QualityAnalysis, citations: Citations) -> list[tuple[str, str]]:
    if analysis.paradigm != "preference":
        return []
    text = (
        "Shares are means of listeners' shares, with the profile-likelihood interval of a "
        f"beta-binomial model of listeners {citations.cite('brockhoff')}; the test against one "
        "half turns the signs of listeners' shares, exactly where they are few "
        f"{citations.cite('phipson')}, and the sign test counts listeners for and against."
    )
    if analysis.scales:
        scale = analysis.scales[0]
        text += (
            " Scale values are the maximum-likelihood estimates of Thurstone's case V "
            f"{citations.cite('thurstone')} and of the model of Bradley and Terry "
            f"{citations.cite('bradley')}, the baseline at 0, with percentile intervals of "
            f"{scale.n_resamples} resamples of whole listeners. The deviance compares the shares "
            "of pairs with those that one scale expects; its χ² test takes trials as independent."
        )
    return [("Preference", text)]


def _equivalence(analysis: QualityAnalysis, citations: Citations) -> str:
    alpha = analysis.options.alpha
    tost = f"two one-sided t tests over listeners {citations.cite('schuirmann')}"
    if analysis.bound is None:
        return (
            "No bound was stated. What the data rule out is the end of the "
            f"{format_share(1 - 2 * alpha)} interval of the mean difference that lies farther from "
            f"none: the smallest bound that {tost} with error rate {alpha:g} would reject."
        )
    bound = (
        f"{format_share(analysis.bound)} of a share of one half"
        if analysis.paradigm == "preference"
        else f"{format_number(analysis.bound)} {points(analysis)}"
    )
    return f"Equivalence to within {bound} was tested by {tost}, error rate {alpha:g}."


def _ordinal(analysis: QualityAnalysis, citations: Citations) -> list[tuple[str, str]]:
    fit = analysis.ordinal
    if fit is None:
        return []
    text = (
        "Categories were also modelled as categories, which means of their numbers do not do: a "
        f"cumulative {fit.link} model with a normal intercept per listener "
        f"{citations.cite('christensen')}, by maximum likelihood with adaptive Gauss–Hermite "
        f"quadrature ({fit.n_nodes} nodes). "
    )
    if fit.symmetric:
        text += (
            "Thresholds mirror each other, versions have scale values with the baseline at 0 "
            f"{citations.cite('agresti')}, and being heard first has an effect. "
        )
    else:
        text += "Items are fixed effects that sum to 0. "
    text += (
        "Standard errors are the larger of those by the curvature and robust ones with listeners "
        f"as clusters {citations.cite('liang')}; intervals use t of listeners − 1."
    )
    return [("Ordinal model", text)]


def _screening(analysis: QualityAnalysis, citations: Citations) -> list[tuple[str, str]]:
    if analysis.mushra is not None:
        text = (
            f"Listeners were post-screened {citations.cite('bs1534')}: left out were those who "
            "rated the hidden reference below 90 for more than 15% of the items"
        )
        if analysis.mushra.mid_anchor is not None:
            text += (
                ", or the mid-range anchor above 90 for more than 15% of the items, items left "
                "aside on which more than 25% of the listeners did so"
            )
        return [("Post-screening", f"{text}. Means without post-screening are given as well.")]
    if analysis.experts is not None:
        text = (
            "A listener counts as an expert whose difference grades lie below 0 by a one-sided "
            f"t test with p < .05 {citations.cite('bs1116')}. All listeners are in the main "
            "result; means of experts only are given as well. How often the hidden reference was "
            "identified is the mean over listeners, a tie counted as one half."
        )
        return [("Expertise", text)]
    return []


def _reliability(analysis: QualityAnalysis, citations: Citations) -> list[tuple[str, str]]:
    found = analysis.reliability
    if found.panel is None and found.repeats is None:
        return []
    return [
        (
            "Reliability",
            "Agreement between listeners is the intraclass correlation of their means over "
            "versions, ICC(2,1) of single listeners and ICC(2,k) of the whole panel; agreement of "
            "listeners with themselves is that of trials given twice, ICC(1,1) "
            f"{citations.cite('shrout')}.",
        )
    ]

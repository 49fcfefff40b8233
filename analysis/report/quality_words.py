"""The sentences of a report on preference or ratings: what the numbers come to, and no more."""

from __future__ import annotations

from collections.abc import Sequence

from jndlab.analysis.quality.preference import Preference
from jndlab.analysis.quality.results import QualityAnalysis, QualityCondition, StimulusResult
from jndlab.analysis.quality.votes import Stimulus
from jndlab.analysis.report.formats import format_level, format_number, format_share
from jndlab.analysis.report.wording import MOST_LISTED, listed, quantity

SCORES = {
    "acr": ("MOS", "mean opinion score"),
    "dcr": ("DMOS", "degradation mean opinion score"),
    "ccr": ("CMOS", "comparison mean opinion score"),
    "mushra": ("Mean", "mean MUSHRA score"),
    "bs1116": ("Diffgrade", "mean difference grade"),
    "preference": ("Share", "share of preferences"),
}
"""Heading of a column, and the same in a sentence."""
TITLES = {
    "acr": "absolute category rating (ACR)",
    "dcr": "degradation category rating (DCR)",
    "ccr": "comparison category rating (CCR)",
    "mushra": "MUSHRA",
    "bs1116": "BS.1116",
    "preference": "paired comparison",
}
_POINTS = {"mushra": "points of 100", "bs1116": "grades"}


def points(analysis: QualityAnalysis) -> str:
    """What differences are counted in."""
    return _POINTS.get(analysis.paradigm, "points")


def version_name(stimulus: Stimulus, analysis: QualityAnalysis) -> str:
    """A stimulus as a table or figure names it."""
    if stimulus.level is None:
        return "Hidden reference" if analysis.paradigm == "mushra" else "Baseline"
    if stimulus.is_anchor:
        return f"Anchor, {format_level(stimulus.level)} Hz"
    return f"{stimulus.condition} {format_level(stimulus.level)}"


def decimals(analysis: QualityAnalysis) -> int:
    """Of means on the scale."""
    return 1 if analysis.paradigm == "mushra" else 2


def headline(analysis: QualityAnalysis, condition: QualityCondition) -> str:
    """The result of a condition in one plain sentence."""
    alpha = analysis.options.alpha
    worse = [one for one in condition.results if _clear(one, analysis, alpha) < 0]
    better = [one for one in condition.results if _clear(one, analysis, alpha) > 0]
    says, nothing = _verbs(analysis)
    if all(one.contrast is None for one in condition.results):
        return (
            "The baseline was not rated by itself, so that ratings say how good the versions are "
            "and not how much worse than the baseline."
        )
    if not worse and not better:
        return f"At no level {nothing} by more than luck explains."
    parts = []
    if worse:
        parts.append(f"{says[0]} at {_where(worse, condition)}")
    if better:
        parts.append(f"{says[1]} at {_where(better, condition)}")
    text = f"By more than luck explains, {'; '.join(parts)}."
    if len(worse) + len(better) < len(condition.results):
        text += " At the other levels no difference was shown."
    return text


def _verbs(analysis: QualityAnalysis) -> tuple[tuple[str, str], str]:
    if analysis.paradigm == "preference":
        return (
            ("the baseline was preferred", "the compressed version was preferred"),
            "was either side preferred",
        )
    if analysis.paradigm == "bs1116":
        return (
            ("versions were graded below the hidden reference", "above the hidden reference"),
            "were versions graded differently from the hidden reference",
        )
    return (
        ("versions were rated worse than the baseline", "better than the baseline"),
        "were versions rated differently from the baseline",
    )


def _clear(one: StimulusResult, analysis: QualityAnalysis, alpha: float) -> int:
    """−1 worse, 1 better than the baseline after adjustment, 0 neither."""
    if one.contrast is None:
        return 0
    p_value, mean = one.contrast.p_value_holm, one.contrast.difference.mean
    if analysis.paradigm == "preference":
        found = preference_for(analysis, one)
        p_value = None if found is None else found.p_value_holm
    if p_value is None or p_value >= alpha:
        return 0
    return -1 if mean < 0 else 1


def preference_for(analysis: QualityAnalysis, one: StimulusResult) -> Preference | None:
    """The preference that belongs to a result."""
    for found in analysis.preferences:
        if (found.stimulus, found.other) == (one.stimulus, one.other):
            return found
    return None


def _where(results: Sequence[StimulusResult], condition: QualityCondition) -> str:
    levels = [format_level(one.stimulus.level or 0.0) for one in results]
    if len(levels) == len(condition.results):
        return "every level tested"
    if len(levels) > MOST_LISTED:
        return f"{len(levels)} of {len(condition.results)} levels"
    return quantity(listed(levels), condition.level_unit or "level")


def no_proof(analysis: QualityAnalysis, condition: QualityCondition) -> str:
    """What may be said of "no difference": within a stated bound, or what the data rule out."""
    open_ = [
        one
        for one in condition.results
        if one.contrast is not None and _clear(one, analysis, analysis.options.alpha) == 0
    ]
    if analysis.bound is not None:
        return _within_bound(analysis, condition)
    limits = [
        one.contrast.equivalence.smallest_bound
        for one in open_
        if one.contrast is not None and one.contrast.equivalence.smallest_bound is not None
    ]
    if not limits:
        return ""
    what = "shares farther from one half" if analysis.paradigm == "preference" else "differences"
    than = "than" if analysis.paradigm == "preference" else "of more than"
    return (
        f"No difference shown is not “the same”: at these levels the data rule out mean {what} "
        f"{than} {_amount(analysis, max(limits))} either way and no smaller ones. No bound "
        "was stated beforehand, so that nothing is claimed to be equivalent."
    )


def _within_bound(analysis: QualityAnalysis, condition: QualityCondition) -> str:
    bound = analysis.bound
    assert bound is not None
    inside = [
        one
        for one in condition.results
        if one.contrast is not None
        and one.contrast.equivalence.verdict in ("equivalent", "different-but-small")
    ]
    stated, centre = _amount(analysis, bound), "the baseline"
    if analysis.paradigm == "preference":
        centre = "one half"
    if not inside:
        return (
            f"At no level was the mean shown to lie within {stated} of {centre}, the bound that "
            "was stated; that takes more data, or smaller differences."
        )
    where = _where(inside, condition)
    rest = "" if len(inside) == len(condition.results) else " At the other levels it was not shown."
    return f"Shown to lie within {stated} of {centre}, the bound that was stated: {where}.{rest}"


def _amount(analysis: QualityAnalysis, value: float) -> str:
    if analysis.paradigm == "preference":
        return f"{format_number(100 * value, 0)} percentage points"
    return f"{format_number(value, decimals(analysis))} {points(analysis)}"


def reference_sentence(analysis: QualityAnalysis) -> str:
    """How good the baseline was found by itself; empty where it was not rated."""
    found = analysis.reference
    if found is None:
        return ""
    what = "The hidden reference" if analysis.paradigm == "mushra" else "The baseline"
    return f"{what} has a {SCORES[analysis.paradigm][1]} of {_with_interval(analysis, found)}."


def _with_interval(analysis: QualityAnalysis, one: StimulusResult) -> str:
    places = decimals(analysis)
    text = format_number(one.rating.mean, places)
    if one.rating.interval is None:
        return text
    low, high = one.rating.interval.low, one.rating.interval.high
    return (
        f"{text} ({format_share(analysis.options.coverage)} interval "
        f"{format_number(low, places)} to {format_number(high, places)})"
    )


def screening_sentences(analysis: QualityAnalysis) -> tuple[str, ...]:
    """What post-screening did; empty where there is none."""
    if analysis.mushra is not None:
        return _mushra_sentences(analysis)
    if analysis.experts is None:
        return ()
    found = analysis.experts
    interval = ""
    if found.interval is not None:
        interval = (
            f" ({format_share(analysis.options.coverage)} interval over listeners "
            f"{max(0.0, found.interval.low):.0%} to {min(1.0, found.interval.high):.0%})"
        )
    return (
        f"The hidden reference was told from the version under test in "
        f"{found.identification:.0%} of the trials{interval}, a tie counted as one half; guessing "
        f"gives 50%. Graded above: {found.n_identified}, tied: {found.n_tied}, of "
        f"{found.n_trials} trials.",
        f"{len(found.listeners) - len(found.excluded)} of {len(found.listeners)} listeners graded "
        "the versions below the hidden reference by more than luck explains (one-sided t test of "
        "each listener's difference grades, p < .05).",
    )


def _mushra_sentences(analysis: QualityAnalysis) -> tuple[str, ...]:
    found = analysis.mushra
    assert found is not None
    texts = [
        f"Post-screening left out {len(found.excluded)} of {len(found.listeners)} listeners: those "
        "who rated the hidden reference below 90 for more than 15% of the items"
        + (
            ", or the mid-range anchor "
            f"({format_level(found.mid_anchor.level or 0.0)} Hz) above 90 for more than 15% of "
            "them."
            if found.mid_anchor
            else ". There was no mid-range anchor to judge by."
        )
    ]
    if found.items_spared:
        texts.append(
            "More than 25% of the listeners rated the mid-range anchor above 90 for "
            f"{listed(list(found.items_spared))}: nobody is judged by the anchor there."
        )
    return tuple(texts)

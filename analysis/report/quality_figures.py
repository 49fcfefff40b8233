"""Every figure of a report on preference or ratings, with its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jndlab.analysis.quality.results import QualityAnalysis, QualityCondition, StimulusResult
from jndlab.analysis.report.figures import ReportFigure, file_name
from jndlab.analysis.report.flow_plot import describe_flow, plot_flow
from jndlab.analysis.report.formats import format_number
from jndlab.analysis.report.quality_plots import (
    plot_boxes,
    plot_categories,
    plot_preferences,
    plot_ratings,
    plot_scale,
)
from jndlab.analysis.report.quality_words import (
    SCORES,
    decimals,
    headline,
    preference_for,
    version_name,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def quality_figures(analysis: QualityAnalysis) -> Iterator[ReportFigure]:
    """The figures in the order of the page: only those that have something to show."""
    if analysis.paradigm == "preference":
        yield _made("preferences", plot_preferences(analysis), describe_preferences(analysis))
        if analysis.scales:
            scale = plot_scale(analysis, analysis.scales[0])
            yield _made("scale", scale, describe_scale(analysis))
    else:
        for condition in analysis.conditions:
            drawn = plot_ratings(analysis, condition)
            words = describe_ratings(analysis, condition)
            yield _made(f"ratings-{condition.condition}", drawn, words)
        if analysis.paradigm == "mushra":
            yield _made("boxes", plot_boxes(analysis), describe_boxes(analysis))
        if any(one.counts for one in analysis.versions_rated):
            words = describe_categories(analysis)
            yield _made("categories", plot_categories(analysis), words)
    yield _made("flow", plot_flow(analysis.flow), describe_flow(analysis.flow))


def describe_ratings(analysis: QualityAnalysis, condition: QualityCondition) -> str:
    """What the figure of means shows, in words."""
    reference = [] if analysis.reference is None else [analysis.reference]
    means = "; ".join(_mean(analysis, one) for one in [*reference, *condition.results])
    what = SCORES[analysis.paradigm][1]
    grows = "" if condition.direction is None else ", compression growing to the right"
    return (
        f"{what[:1].upper()}{what[1:]} against level for {condition.condition}{grows}, with "
        f"intervals over listeners and each listener's mean. {means}. "
        f"{headline(analysis, condition)}"
    )


def describe_boxes(analysis: QualityAnalysis) -> str:
    """What the boxes show, in words."""
    rows = "; ".join(
        f"{version_name(one.stimulus, analysis)}: median {one.median:.0f}, quartiles "
        f"{one.lower_quartile:.0f} and {one.upper_quartile:.0f}"
        for one in analysis.versions_rated
    )
    return f"Medians and quartiles of the MUSHRA scores, means with intervals. {rows}."


def describe_preferences(analysis: QualityAnalysis) -> str:
    """What the forest shows, in words."""
    rows = []
    for one in [*(r for c in analysis.conditions for r in c.results), *analysis.pairs]:
        found = preference_for(analysis, one)
        if found is not None:
            name = version_name(found.stimulus, analysis)
            other = version_name(found.other, analysis).replace("Baseline", "the baseline")
            rows.append(
                f"{name} preferred to {other} in {found.share:.0%} of the trials "
                f"({found.interval.low:.0%} to {found.interval.high:.0%})"
            )
    return f"Shares of preferences with intervals over listeners. {'; '.join(rows)}."


def describe_scale(analysis: QualityAnalysis) -> str:
    """What the figure of scale values shows, in words."""
    scale = analysis.scales[0]
    rows = "; ".join(
        f"{name}: {format_number(value)}"
        + (
            ""
            if interval is None
            else f" ({format_number(interval.low)} to {format_number(interval.high)})"
        )
        for name, value, interval in zip(scale.stimuli, scale.values, scale.intervals, strict=True)
    )
    return f"Scale values of Thurstone's case V, the baseline at 0. {rows}."


def describe_categories(analysis: QualityAnalysis) -> str:
    """What the bars of categories show, in words."""
    rows = []
    for one in analysis.versions_rated:
        total = sum(count for _, count in one.counts)
        shares = ", ".join(
            f"{value:g}: {count / total:.0%}" for value, count in one.counts if count
        )
        rows.append(f"{version_name(one.stimulus, analysis)} — {shares}")
    return f"Share of votes in each category. {'; '.join(rows)}."


def _mean(analysis: QualityAnalysis, one: StimulusResult) -> str:
    places = decimals(analysis)
    text = f"{version_name(one.stimulus, analysis)}: {format_number(one.rating.mean, places)}"
    if one.rating.interval is None:
        return text
    low, high = one.rating.interval.low, one.rating.interval.high
    return f"{text} ({format_number(low, places)} to {format_number(high, places)})"


def _made(name: str, figure: Figure, alternative: str) -> ReportFigure:
    return ReportFigure(name=file_name(name), figure=figure, alternative=alternative)

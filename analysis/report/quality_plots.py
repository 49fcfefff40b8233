"""Figures of preference and ratings: means over levels, boxes, forests, scale values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.quality.results import QualityAnalysis, QualityCondition, StimulusResult
from jndlab.analysis.quality.scale_values import ScaleValues
from jndlab.analysis.quality.votes import REFERENCE, Stimulus
from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    FAINT,
    INK,
    MARK,
    QUIET,
    legend_above,
    make_figure,
    percent_axis,
    style,
)
from jndlab.analysis.report.formats import format_axis, format_level
from jndlab.analysis.report.quality_words import SCORES, preference_for, version_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAND, _JITTER = 0.16, 0.13
_LIMITS = {"acr": (1.0, 5.0), "dcr": (1.0, 5.0), "mushra": (0.0, 100.0)}
_MARGIN = 0.04


def plot_ratings(analysis: QualityAnalysis, condition: QualityCondition) -> Figure:
    """Means with intervals over levels, compression growing to the right; listeners as dots.

    The baseline stands first where it was rated; where votes are differences from it, a dashed line
    marks none.
    """
    results = list(condition.results)
    if analysis.reference is not None:
        results.insert(0, analysis.reference)
    with style():
        figure = make_figure(3.9)
        axes = figure.add_subplot()
        for place, one in enumerate(results):
            _draw_listeners(axes, place, one.rating.values)
            _draw_mean(axes, place, one, label=place == len(results) - 1)
        _mark_none(axes, analysis)
        names = ["baseline" if one.stimulus == REFERENCE else _level(one) for one in results]
        axes.set_xticks(range(len(results)), names)
        axes.set_xlim(-0.6, len(results) - 0.4)
        unit = condition.level_unit or "level"
        axes.set_xlabel(
            f"{condition.condition}: {format_axis(unit)} (more compression to the right)"
        )
        if condition.direction is None:
            axes.set_xlabel(f"{condition.condition}: {format_axis(unit)}")
        _value_axis(axes, analysis, "y")
        legend_above(figure, axes)
        return figure


def plot_boxes(analysis: QualityAnalysis) -> Figure:
    """MUSHRA as BS.1534-3 shows it: medians and quartiles of all votes, and means with intervals.

    Whiskers reach the outermost listener's mean.
    """
    results = analysis.versions_rated
    with style():
        figure = make_figure(_height(len(results)))
        axes = figure.add_subplot()
        for row, one in enumerate(results):
            y = -row
            low, high = one.lower_quartile, one.upper_quartile
            axes.barh(y, high - low, 0.52, left=low, color=FAINT, edgecolor=QUIET, linewidth=0.8)
            ends = min(one.rating.values), max(one.rating.values)
            axes.hlines(y, *ends, color=QUIET, linewidth=0.8, zorder=0)
            axes.vlines(
                one.median,
                y - 0.26,
                y + 0.26,
                color=INK,
                linewidth=2.0,
                label="Median" if row == 0 else "_nolegend_",
            )
            if one.rating.interval is not None:
                axes.hlines(
                    y, one.rating.interval.low, one.rating.interval.high, color=DATA, linewidth=1.8
                )
            axes.plot(
                [one.rating.mean],
                [y],
                "o",
                color=DATA,
                markersize=5,
                label="Mean with interval over listeners" if row == 0 else None,
            )
        _name_rows(axes, [version_name(one.stimulus, analysis) for one in results])
        axes.set_xlim(-1.0, 101.0)
        axes.set_xlabel("MUSHRA score")
        for edge in (20, 40, 60, 80):
            axes.axvline(edge, color=FAINT, linewidth=0.6, zorder=0)
        legend_above(figure, axes)
        return figure


def plot_preferences(analysis: QualityAnalysis) -> Figure:
    """Share of preferences of every version with its interval, around the line of one half."""
    results = [one for condition in analysis.conditions for one in condition.results]
    names = [version_name(one.stimulus, analysis) for one in results]
    pairs = [
        " to ".join(version_name(side, analysis) for side in (one.stimulus, one.other or REFERENCE))
        for one in analysis.pairs
    ]
    with style():
        figure = make_figure(_height(len(names) + len(pairs)))
        axes = figure.add_subplot()
        axes.axvline(0.5, color=QUIET, linewidth=0.9, linestyle=DASHES, zorder=0)
        for row, one in enumerate([*results, *analysis.pairs]):
            found = preference_for(analysis, one)
            if found is None:
                continue
            _dots_along(axes, -row, found.shares)
            axes.hlines(-row, found.interval.low, found.interval.high, color=INK, linewidth=1.5)
            axes.plot(
                [found.share],
                [-row],
                "o",
                color=DATA,
                markersize=6,
                zorder=3,
                label="Share, mean over listeners, with interval" if row == 0 else None,
            )
        _name_rows(axes, [*names, *pairs])
        axes.set_xlim(-0.03, 1.03)
        percent_axis(axes)
        beside = "" if not pairs else ", or as named"
        axes.set_xlabel(f"Trials in which it was preferred to the baseline{beside}")
        legend_above(figure, axes, columns=1)
        return figure


def plot_scale(analysis: QualityAnalysis, scale: ScaleValues) -> Figure:
    """Scale values with intervals, best at the top; the baseline is the zero."""
    by_name = {stimulus.name: stimulus for stimulus in _stimuli(analysis)}
    order = sorted(range(len(scale.values)), key=lambda at: -scale.values[at])
    with style():
        figure = make_figure(_height(len(order)))
        axes = figure.add_subplot()
        axes.axvline(0.0, color=QUIET, linewidth=0.9, linestyle=DASHES, zorder=0)
        names = []
        for row, at in enumerate(order):
            interval = scale.intervals[at]
            if interval is not None:
                axes.hlines(-row, interval.low, interval.high, color=INK, linewidth=1.5)
            colour = MARK if at == 0 else DATA
            axes.plot([scale.values[at]], [-row], "D" if at == 0 else "o", color=colour, zorder=3)
            stimulus = by_name.get(scale.stimuli[at])
            names.append(version_name(stimulus, analysis) if stimulus else scale.stimuli[at])
        _name_rows(axes, names)
        axes.set_xlabel("Scale value (standard deviations of a difference; baseline 0)")
        return figure


def plot_categories(analysis: QualityAnalysis) -> Figure:
    """Share of votes in every category, as bars that add up to all."""
    from matplotlib import colormaps

    results = [one for one in analysis.versions_rated if one.counts]
    with style():
        figure = make_figure(_height(len(results), around=1.6))
        axes = figure.add_subplot()
        categories = [value for value, _ in results[0].counts]
        colours = colormaps["RdBu_r"](np.linspace(0.12, 0.88, len(categories)))
        for row, one in enumerate(results):
            total, left = sum(count for _, count in one.counts), 0.0
            for number, (value, count) in enumerate(one.counts):
                share = count / total
                axes.barh(
                    -row,
                    share,
                    0.66,
                    left=left,
                    color=colours[number],
                    edgecolor="white",
                    linewidth=0.5,
                    label=format_level(value) if row == 0 else None,
                )
                left += share
        _name_rows(axes, [version_name(one.stimulus, analysis) for one in results])
        axes.set_xlim(0.0, 1.0)
        percent_axis(axes)
        axes.set_xlabel("Votes")
        legend_above(figure, axes, columns=len(categories))
        return figure


def _stimuli(analysis: QualityAnalysis) -> list[Stimulus]:
    found = [one.stimulus for one in [*analysis.versions_rated, *analysis.pairs]]
    return [REFERENCE, *found, *(one.other for one in analysis.pairs if one.other)]


def _height(n_rows: int, *, around: float = 1.3) -> float:
    return max(2.2, around + 0.3 * n_rows)


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks([-row for row in range(len(names))], list(names))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(0.3 - len(names), 0.7)


def _level(one: StimulusResult) -> str:
    return format_level(one.stimulus.level or 0.0)


def _draw_mean(axes: Axes, place: int, one: StimulusResult, *, label: bool) -> None:
    interval = one.rating.interval
    if interval is not None:
        axes.vlines(place, interval.low, interval.high, color=INK, linewidth=1.6, zorder=3)
    colour = MARK if one.stimulus == REFERENCE else DATA
    axes.plot(
        [place],
        [one.rating.mean],
        "D" if one.stimulus == REFERENCE else "o",
        color=colour,
        markersize=7,
        zorder=4,
        label="Mean with interval over listeners" if label else None,
    )


def _draw_listeners(axes: Axes, place: int, values: Sequence[float]) -> None:
    """Every listener's mean, beside the mean so that neither hides the other."""
    spread = np.linspace(_BAND, _BAND + _JITTER, len(values)) if len(values) > 1 else [_BAND]
    axes.plot(
        place + np.asarray(spread),
        values,
        "o",
        color=QUIET,
        markersize=2.6,
        alpha=0.7,
        zorder=1,
        label="Each listener's mean" if place == 0 else None,
    )


def _dots_along(axes: Axes, y: float, values: Sequence[float]) -> None:
    """Listeners' shares below the row; equal ones in a pile that their number makes darker."""
    below = y - 0.3 + np.linspace(-0.06, 0.06, len(values)) if len(values) > 1 else [y - 0.3]
    axes.plot(
        values,
        below,
        "o",
        color=QUIET,
        markersize=2.4,
        alpha=0.55,
        zorder=1,
        label="Each listener's share" if y == 0 else None,
    )


def _mark_none(axes: Axes, analysis: QualityAnalysis) -> None:
    if analysis.paradigm in ("ccr", "bs1116"):
        axes.axhline(0.0, color=QUIET, linewidth=0.9, linestyle=DASHES, zorder=0)
        if analysis.bound is not None:
            axes.axhspan(-analysis.bound, analysis.bound, color="#EFEFEF", zorder=-1)
    elif analysis.reference is not None:
        middle = analysis.reference.rating.mean
        axes.axhline(middle, color=QUIET, linewidth=0.9, linestyle=DASHES, zorder=0)
        if analysis.bound is not None:
            axes.axhspan(
                middle - analysis.bound, middle + analysis.bound, color="#EFEFEF", zorder=-1
            )


def _value_axis(axes: Axes, analysis: QualityAnalysis, which: str) -> None:
    short, words = SCORES[analysis.paradigm]
    axes.set_ylabel(f"{words[:1].upper()}{words[1:]}" + (f" ({short})" if short.isupper() else ""))
    if analysis.paradigm in _LIMITS:
        low, high = _LIMITS[analysis.paradigm]
        margin = _MARGIN * (high - low)
        axes.set_ylim(low - margin, high + margin)

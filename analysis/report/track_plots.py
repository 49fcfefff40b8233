"""Adaptive tracks: the level of every trial, one panel per listener."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jndlab.analysis.report.figure_style import DATA, INK, MARK, WIDTH, style, whole_numbers
from jndlab.analysis.report.formats import format_axis
from jndlab.analysis.study.adaptive import AdaptiveResult
from jndlab.analysis.study.results import ConditionAnalysis
from jndlab.analysis.study.tracks import Track

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = 12
"""Listeners in one figure."""
_COLUMNS = 3
_PANEL_HEIGHT = 1.55
_COLOURS = (DATA, MARK, "#009E73", "#CC79A7")
"""Of a listener's first, second ... track."""


def plot_tracks(condition: ConditionAnalysis) -> Iterator[Figure]:
    """Figures of up to 12 panels, listeners in their order. None without adaptive tracks."""
    result = condition.adaptive
    if result is None:
        return
    people = [one.participant for one in result.listeners]
    for first in range(0, len(people), PANELS):
        yield _page(condition, result, people[first : first + PANELS])


def _page(condition: ConditionAnalysis, result: AdaptiveResult, people: list[int]) -> Figure:
    n_rows = math.ceil(len(people) / _COLUMNS)
    levels = sorted({level for track in result.tracks for level in track.levels})
    margin = 0.06 * (levels[-1] - levels[0]) or 0.5
    low, high = levels[0] - margin, levels[-1] + margin
    longest = max(len(track.levels) for track in result.tracks)
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, 0.7 + _PANEL_HEIGHT * n_rows), layout="constrained")
        grid = figure.subplots(n_rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
        for number, axes in enumerate(grid.flat):
            if number >= len(people):
                axes.set_visible(False)
                continue
            mine = [track for track in result.tracks if track.participant == people[number]]
            for track, colour in zip(mine, _COLOURS, strict=False):
                _draw_track(axes, track, colour)
            axes.set_title(f"Listener {people[number]}", fontsize=9.0, loc="left")
            if number + _COLUMNS >= len(people):  # nothing below that would name the ticks
                axes.tick_params(labelbottom=True)
        axes = grid.flat[0]
        # The most compressed level at the top: a track comes down to the threshold.
        axes.set_ylim((high, low) if condition.direction == "falls" else (low, high))
        axes.set_xlim(0, longest + 1)
        whole_numbers(axes)
        figure.supxlabel("Trial of the track", fontsize=9.5)
        figure.supylabel(format_axis(condition.level_unit or "level"), fontsize=9.5)
        return figure


def _draw_track(axes: Axes, track: Track, colour: str) -> None:
    numbers = list(range(1, len(track.levels) + 1))
    axes.plot(numbers, track.levels, color=colour, linewidth=0.7, alpha=0.6, zorder=1)
    right = [n for n in numbers if track.correct[n - 1]]
    wrong = [n for n in numbers if not track.correct[n - 1]]
    axes.plot(
        right,
        [track.levels[n - 1] for n in right],
        linestyle="none",
        marker="o",
        markersize=2.4,
        color=colour,
        zorder=3,
    )
    axes.plot(
        wrong,
        [track.levels[n - 1] for n in wrong],
        linestyle="none",
        marker="x",
        markersize=4.0,
        markeredgewidth=1.1,
        color=INK,
        zorder=4,
    )
    if track.status.interval is None:
        axes.plot(
            [place + 1 for place in track.reversals],
            [track.levels[place] for place in track.reversals],
            linestyle="none",
            marker="o",
            markersize=6.0,
            markerfacecolor="none",
            markeredgecolor=colour,
            markeredgewidth=0.8,
            zorder=2,
        )
    else:
        axes.axhspan(*track.status.interval, color=colour, alpha=0.15, linewidth=0)
    if track.status.estimate is not None:
        axes.axhline(track.status.estimate, color=colour, linewidth=1.3)


def describe_tracks(condition: ConditionAnalysis) -> str:
    """What the figures of the tracks show, in words."""
    result = condition.adaptive
    if result is None:
        return ""
    ends = "; ".join(
        f"listener {one.participant} "
        + (
            "without an estimate"
            if one.estimate is None
            else f"{one.bound + ' ' if one.bound else ''}{one.estimate:.3g}"
        )
        for one in result.listeners
    )
    return f"Adaptive tracks of {condition.condition}, level by trial. Estimates: {ends}."

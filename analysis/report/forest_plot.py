"""The forest plot: every listener's threshold, and the group's in both of its senses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jndlab.analysis.report.figure_style import (
    DATA,
    FAINT,
    INK,
    MARK,
    MOST_NAMED_ROWS,
    QUIET,
    make_figure,
    rows_height,
    style,
)
from jndlab.analysis.report.plots import set_level_axis, shown_range
from jndlab.analysis.study.results import ConditionAnalysis, ListenerResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from jndlab.analysis.study.objective import LevelWithInterval

_GROUP_SPACE = 1.6
"""Between the listeners and the group's rows, in rows."""


def plot_listeners(condition: ConditionAnalysis) -> Figure:
    """Every listener's own threshold with its interval, keenest first, above those of the group.

    Hollow circles: beyond the tested levels. Small grey diamonds: the same listeners as the mixed
    model sees them, drawn towards the group. Below: the JND of the average curve, the threshold of
    the typical listener, and how far listeners spread. Where nobody's threshold could be fitted:
    every listener's proportion correct.
    """
    rows = sorted(condition.listeners, key=lambda one: _place(condition, one))
    fitted = any(one.threshold is not None for one in rows)
    named = len(rows) <= MOST_NAMED_ROWS
    with style():
        figure = make_figure(rows_height(len(rows), around=2.1 if fitted else 1.3))
        axes = figure.add_subplot()
        if fitted:
            names = _draw_thresholds(axes, condition, rows)
            set_level_axis(axes, condition)
        else:
            names = {}
            _draw_proportions(axes, condition, rows)
            axes.set_xlabel("Proportion correct over all levels")
        if named:
            names = {-y: f"{one.participant}" for y, one in enumerate(rows)} | names
        axes.set_yticks(list(names), list(names.values()), fontsize=8.5)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(min([*names, 1 - len(rows)]) - 0.8, 0.8)
        axes.set_ylabel("Listener")
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper left", ncols=2, handlelength=1.6)
        return figure


def _place(condition: ConditionAnalysis, one: ListenerResult) -> tuple[float, float, str]:
    """Keen listeners first, those without a threshold last."""
    sign = -1.0 if condition.direction == "falls" else 1.0
    if one.threshold is None:
        return (math.inf, -one.n_correct / one.n_trials, str(one.participant))
    return (sign * one.threshold, 0.0, str(one.participant))


def _draw_thresholds(
    axes: Axes, condition: ConditionAnalysis, rows: list[ListenerResult]
) -> dict[float, str]:
    low, high = shown_range(condition)
    drawn = _drawn_towards_group(condition)
    labels: dict[str, str | None] = {
        "own": "Listener's own threshold",
        "drawn": "The same in the mixed model",
    }
    for y, one in enumerate(rows):
        if one.threshold is None or one.threshold_interval is None:
            axes.annotate(
                "no threshold",
                (0.5, -y),
                xycoords=("axes fraction", "data"),
                va="center",
                color=QUIET,
            )
            continue
        _draw_line(axes, -y, one.threshold_interval, (low, high), color=DATA, linewidth=1.3)
        axes.plot(
            [min(max(one.threshold, low), high)],
            [-y],
            **_mark("o", 5.5, DATA, hollow=not one.inside_tested_range),
            label=labels.pop("own", None),
        )
        value = drawn.get(str(one.participant))
        if value is not None and low <= value <= high:
            axes.plot([value], [-y], **_mark("D", 3.5, QUIET), label=labels.pop("drawn", None))
    return _draw_group(axes, condition, -(len(rows) - 1) - _GROUP_SPACE, (low, high))


def _draw_group(
    axes: Axes, condition: ConditionAnalysis, y: float, shown: tuple[float, float]
) -> dict[float, str]:
    """The rows of the group, and their names by place."""
    names: dict[float, str] = {}
    if condition.jnds:
        jnd = condition.jnds[0].threshold
        _draw_diamond(axes, y, jnd, shown)
        axes.axvline(jnd.value, color=MARK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
        names[y] = "Average curve" if condition.group is not None else "Pooled curve"
        y -= 1.0
        if condition.mixed is not None and condition.typical is not None:
            spread = condition.mixed.spread
            if spread.high > spread.low and _at_midpoint(condition):
                _draw_line(axes, y, spread, shown, color=FAINT, linewidth=5.0)
            _draw_diamond(axes, y, condition.typical, shown)
            names[y] = "Typical listener"
    return names


def _draw_diamond(
    axes: Axes, y: float, threshold: LevelWithInterval, shown: tuple[float, float]
) -> None:
    _draw_line(axes, y, threshold.interval, shown, color=MARK, linewidth=2.2)
    if shown[0] <= threshold.value <= shown[1]:
        axes.plot([threshold.value], [y], **_mark("D", 7.0, MARK))


def _draw_line(axes: Axes, y: float, ends: Any, shown: tuple[float, float], **options: Any) -> None:
    """From ``ends.low`` to ``ends.high``, as far as the axes reach."""
    axes.hlines(y, max(ends.low, shown[0]), min(ends.high, shown[1]), zorder=1, **options)


def _mark(shape: str, size: float, colour: str, *, hollow: bool = False) -> dict[str, Any]:
    return {
        "marker": shape,
        "markersize": size,
        "linestyle": "none",
        "color": colour,
        "markerfacecolor": "white" if hollow else colour,
        "zorder": 3,
    }


def _at_midpoint(condition: ConditionAnalysis) -> bool:
    """The JND is the midpoint of the curve, which is what the mixed model's listeners have."""
    target = condition.jnds[0].threshold.target_probability
    return math.isclose(target, (1.0 + condition.guess_rate) / 2.0)


def _drawn_towards_group(condition: ConditionAnalysis) -> dict[str, float]:
    """Listener -> threshold in the mixed model, where it is the same quantity."""
    if condition.mixed is None or not condition.jnds or not _at_midpoint(condition):
        return {}
    return {str(one.listener): one.threshold for one in condition.mixed.listeners}


def _draw_proportions(axes: Axes, condition: ConditionAnalysis, rows: list[ListenerResult]) -> None:
    axes.axvline(condition.guess_rate, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)))
    for y, one in enumerate(rows):
        axes.hlines(-y, one.interval.low, one.interval.high, color=INK, linewidth=1.3)
        axes.plot([one.n_correct / one.n_trials], [-y], **_mark("o", 5.0, DATA))
    axes.set_xlim(0.0, 1.02)

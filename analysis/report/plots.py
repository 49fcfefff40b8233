"""Figures: results in, a matplotlib figure out. Compression always grows to the right.

No pyplot and no global state: figures are made with the object interface, and matplotlib is
imported when the first one is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.report.figure_style import DATA, INK, MARK, MOST_NAMED_ROWS, QUIET, style
from jndlab.analysis.study.results import ConditionAnalysis, ListenerResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_psychometric(condition: ConditionAnalysis) -> Figure:
    """The curve of a condition: data with exact intervals, fit with band, threshold, chance.

    The area of a point is proportional to its number of trials. The band is that of the
    bootstrap over listeners where there is one, else that of the pooled posterior. Without a
    fit the data stand alone.
    """
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.8, 4.3), layout="constrained")
        axes = figure.add_subplot()
        _draw_chance(axes, condition)
        _draw_curve(axes, condition)
        _draw_data(axes, condition)
        _draw_threshold(axes, condition)
        _set_level_axis(axes, condition)
        axes.set_ylabel("Proportion correct")
        low = min(0.4, min(row.interval.low for row in condition.levels) - 0.02)
        axes.set_ylim(max(low, 0.0) if low > 0 else 0.0, 1.02)
        # Above the axes: inside it would cover the data of one study or another.
        figure.legend(loc="outside upper left", ncols=2, handlelength=1.8)
        return figure


def plot_listeners(condition: ConditionAnalysis) -> Figure:
    """Every listener's own threshold with its interval, sorted, beside that of the group.

    Hollow marks are thresholds beyond the tested levels. Where nobody's threshold could be
    fitted: every listener's proportion correct.
    """
    with style():
        from matplotlib.figure import Figure

        fitted = [one for one in condition.listeners if one.threshold is not None]
        rows = fitted or list(condition.listeners)
        named = len(rows) <= MOST_NAMED_ROWS
        height = 1.3 + (0.2 if named else 0.05) * len(rows)
        figure = Figure(figsize=(5.8, max(2.2, height)), layout="constrained")
        axes = figure.add_subplot()
        rows = sorted(rows, key=_sort_key(condition), reverse=True)
        if fitted:
            _draw_listener_thresholds(axes, condition, rows)
            _set_level_axis(axes, condition)
        else:
            _draw_listener_proportions(axes, condition, rows)
            axes.set_xlabel("Proportion correct over all levels")
        axes.set_ylim(-0.8, len(rows) - 0.2)
        if named:
            axes.set_yticks(range(len(rows)), [f"{one.participant}" for one in rows], fontsize=8.5)
            axes.tick_params(axis="y", length=0)
        else:
            axes.set_yticks([])
        axes.set_ylabel("Listener")
        handles, labels = axes.get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper center", ncols=2)
        return figure


def figure_to_svg(figure: Figure) -> str:
    """The figure as SVG text: equal figures, equal text (no date, fixed ids, text as paths)."""
    with style():
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "jndlab"})
        return buffer.getvalue()


def level_axis_label(condition: ConditionAnalysis) -> str:
    """The unit of the level, and which way compression goes."""
    unit = condition.level_unit or "level"
    more = "fewer" if condition.direction == "falls" and unit.endswith("s") else "lower"
    word = more if condition.direction == "falls" else "higher"
    return f"{unit[0].upper()}{unit[1:]} ({word} = more compression)"


def _tested_range(condition: ConditionAnalysis) -> tuple[float, float]:
    levels = [row.level for row in condition.levels]
    return min(levels), max(levels)


def _shown_range(condition: ConditionAnalysis) -> tuple[float, float]:
    """The tested range with a margin, wider where the threshold was extrapolated."""
    low, high = _tested_range(condition)
    margin = 0.06 * (high - low) or 0.5
    shown_low, shown_high = low - margin, high + margin
    if condition.jnds:
        value = condition.jnds[0].threshold.value
        shown_low, shown_high = min(shown_low, value - margin), max(shown_high, value + margin)
    if condition.fit is not None and condition.fit.design.log_level:
        shown_low = max(shown_low, low / 2.0)
    return shown_low, shown_high


def _set_level_axis(axes: Axes, condition: ConditionAnalysis) -> None:
    low, high = _shown_range(condition)
    axes.set_xlim((high, low) if condition.direction == "falls" else (low, high))
    levels = sorted(row.level for row in condition.levels)
    if len(levels) <= 12 and min(np.diff(levels), default=1.0) > 0.045 * (levels[-1] - levels[0]):
        axes.set_xticks(levels, [f"{level:g}" for level in levels])
    axes.set_xlabel(level_axis_label(condition))


def _draw_chance(axes: Axes, condition: ConditionAnalysis) -> None:
    axes.axhline(condition.guess_rate, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)))
    axes.annotate(
        "chance",
        (0.995, condition.guess_rate),
        xycoords=("axes fraction", "data"),
        xytext=(0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        color=QUIET,
        fontsize=9,
    )


def _draw_curve(axes: Axes, condition: ConditionAnalysis) -> None:
    fit = condition.fit
    if fit is None:
        return
    low, high = _tested_range(condition)
    shown = np.linspace(*_shown_range(condition), 241)
    source = condition.group if condition.group is not None else fit
    band_low, band_high = source.band(shown, coverage=_coverage(condition))
    coverage = f"{_coverage(condition):.0%}"
    axes.fill_between(
        shown, band_low, band_high, color=DATA, alpha=0.16, linewidth=0, label=f"{coverage} band"
    )
    tested = np.linspace(low, high, 201)
    axes.plot(shown, fit.predict(shown), color=DATA, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.plot(tested, fit.predict(tested), color=DATA, linewidth=2.0, label="Fitted curve")


def _coverage(condition: ConditionAnalysis) -> float:
    return condition.levels[0].interval.coverage


def _draw_data(axes: Axes, condition: ConditionAnalysis) -> None:
    rows = condition.levels
    x = [row.level for row in rows]
    y = np.array([row.proportion_correct for row in rows])
    ends = np.array([[row.interval.low, row.interval.high] for row in rows]).T
    axes.errorbar(
        x, y, yerr=np.abs(ends - y), fmt="none", ecolor=INK, elinewidth=1.0, capsize=2.5, zorder=3
    )
    n_trials = np.array([row.n_trials for row in rows], dtype=float)
    area = 60.0 * n_trials / n_trials.max()
    coverage = f"{rows[0].interval.coverage:.0%}"
    axes.scatter(
        x,
        y,
        s=area.tolist(),
        color=DATA,
        edgecolor="white",
        linewidth=0.8,
        zorder=4,
        label=f"Answers with exact {coverage} interval",
    )


def _draw_threshold(axes: Axes, condition: ConditionAnalysis) -> None:
    if condition.fit is None or not condition.jnds:
        return
    jnd = condition.jnds[0]
    value, interval = jnd.threshold.value, jnd.threshold.interval
    height = float(condition.fit.predict(value))
    low, high = _shown_range(condition)
    axes.vlines(value, 0.0, height, color=MARK, linewidth=1.0, linestyle=(0, (1, 1.5)))
    axes.hlines(
        height,
        max(interval.low, low),
        min(interval.high, high),
        color=MARK,
        linewidth=2.4,
        zorder=5,
    )
    axes.plot(
        [value],
        [height],
        marker="D",
        markersize=6.5,
        color=MARK,
        markeredgecolor="white",
        linestyle="none",
        zorder=6,
        label=f"JND ({jnd.label}) with {interval.coverage:.0%} interval",
    )


def _sort_key(condition: ConditionAnalysis) -> Callable[[ListenerResult], tuple[float, int]]:
    """Keenest listeners last, so that they stand at the top."""
    sign = -1.0 if condition.direction == "falls" else 1.0

    def key(one: ListenerResult) -> tuple[float, int]:
        if one.threshold is None:
            return (-one.n_correct / one.n_trials, one.participant)
        return (sign * one.threshold, one.participant)

    return key


def _draw_listener_thresholds(
    axes: Axes, condition: ConditionAnalysis, rows: list[ListenerResult]
) -> None:
    if condition.jnds:
        jnd = condition.jnds[0].threshold
        whose = "Group" if condition.group is not None else "Pooled"
        axes.axvspan(
            jnd.interval.low,
            jnd.interval.high,
            color=MARK,
            alpha=0.18,
            linewidth=0,
            label=f"{whose} JND with {jnd.interval.coverage:.0%} interval",
        )
        axes.axvline(jnd.value, color=MARK, linewidth=1.4)
    low, high = _shown_range(condition)
    labelled = False
    for y, one in enumerate(rows):
        if one.threshold is None or one.threshold_interval is None:
            continue
        axes.hlines(
            y,
            max(one.threshold_interval.low, low),
            min(one.threshold_interval.high, high),
            color=DATA,
            linewidth=1.3,
        )
        axes.plot(
            [min(max(one.threshold, low), high)],
            [y],
            marker="o",
            markersize=5,
            linestyle="none",
            color=DATA,
            markerfacecolor=DATA if one.inside_tested_range else "white",
            label=None if labelled else "Listener's own threshold",
        )
        labelled = True


def _draw_listener_proportions(
    axes: Axes, condition: ConditionAnalysis, rows: list[ListenerResult]
) -> None:
    axes.axvline(condition.guess_rate, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)))
    for y, one in enumerate(rows):
        axes.hlines(y, one.interval.low, one.interval.high, color=DATA, linewidth=1.3)
        axes.plot([one.n_correct / one.n_trials], [y], marker="o", markersize=5, color=DATA)
    axes.set_xlim(0.0, 1.02)

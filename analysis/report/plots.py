"""Figures: results in, a matplotlib figure out. Compression always grows to the right.

No pyplot and no global state: figures are made with the object interface, and matplotlib is
imported when the first one is asked for.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.report.figure_style import DATA, INK, MARK, QUIET, mark_jnd, style
from jndlab.analysis.report.formats import format_axis
from jndlab.analysis.report.level_axis import even_places, tick_levels
from jndlab.analysis.study.detection_results import DetectionCondition
from jndlab.analysis.study.headroom import is_gain
from jndlab.analysis.study.results import ConditionAnalysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AnyCondition = ConditionAnalysis | DetectionCondition


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
        draw_chance(axes, condition)
        _draw_curve(axes, condition)
        _draw_data(axes, condition)
        _draw_threshold(axes, condition)
        set_level_axis(axes, condition)
        axes.set_ylabel("Proportion correct")
        low = min(
            condition.guess_rate - 0.1, min(row.interval.low for row in condition.levels) - 0.02
        )
        axes.set_ylim(max(low, 0.0) if low > 0 else 0.0, 1.02)
        # Above the axes: inside it would cover the data of one study or another.
        figure.legend(loc="outside upper left", ncols=2, handlelength=1.8)
        return figure


def figure_to_svg(figure: Figure) -> str:
    """The figure as SVG text: equal figures, equal text (no date, fixed ids, text as paths)."""
    with style():
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "jndlab"})
        return buffer.getvalue()


def level_axis_label(condition: AnyCondition) -> str:
    """The unit of the level, and which way compression goes, or what is easier to tell."""
    unit = condition.level_unit or "level"
    if not condition.compression:
        easier = " (lower = easier)" if condition.direction == "falls" else ""
        return f"{format_axis(unit)}{easier}"
    more = "fewer" if condition.direction == "falls" and unit.endswith("s") else "lower"
    word = more if condition.direction == "falls" else "higher"
    what = "of the difference" if is_gain(unit) else "compression"
    return f"{format_axis(unit)} ({word} = more {what})"


def tested_range(condition: AnyCondition) -> tuple[float, float]:
    """Lowest and highest level."""
    levels = [row.level for row in condition.levels]
    return min(levels), max(levels)


def shown_range(condition: AnyCondition) -> tuple[float, float]:
    """The tested range with a margin, wider where the threshold was extrapolated."""
    log = has_log_axis(condition)
    inner = list(tested_range(condition))
    if condition.jnds:
        inner.append(condition.jnds[0].threshold.value)
    places = np.log(inner) if log else np.array(inner)
    margin = 0.06 * (places[1] - places[0]) or 0.5
    low, high = places.min() - margin, places.max() + margin
    return (float(np.exp(low)), float(np.exp(high))) if log else (float(low), float(high))


def has_log_axis(condition: AnyCondition) -> bool:
    """The curve was fitted to the logarithm of the level."""
    return condition.fit is not None and condition.fit.design.log_level


def set_level_axis(axes: Axes, condition: AnyCondition) -> None:
    """Levels along x, compression growing to the right."""
    low, high = shown_range(condition)
    if has_log_axis(condition):
        axes.set_xscale("log")
    axes.set_xlim((high, low) if condition.direction == "falls" else (low, high))
    tick_levels(axes, sorted(row.level for row in condition.levels))
    axes.set_xlabel(level_axis_label(condition))


def draw_chance(axes: Axes, condition: ConditionAnalysis) -> None:
    """The chance level, named."""
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
    low, high = tested_range(condition)
    shown = even_places(*shown_range(condition), 241, log=has_log_axis(condition))
    source = condition.group if condition.group is not None else fit
    band_low, band_high = source.band(shown, coverage=_coverage(condition))
    coverage = f"{_coverage(condition):.0%}"
    axes.fill_between(
        shown, band_low, band_high, color=DATA, alpha=0.16, linewidth=0, label=f"{coverage} band"
    )
    tested = even_places(low, high, 201, log=has_log_axis(condition))
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
    low, high = shown_range(condition)
    axes.vlines(value, 0.0, height, color=MARK, linewidth=1.0, linestyle=(0, (1, 1.5)))
    mark_jnd(
        axes,
        value,
        height,
        interval=(max(interval.low, low), min(interval.high, high)),
        label=f"JND ({jnd.label}) with {interval.coverage:.0%} interval",
    )

"""The figures of a detection task: the curve of "different" or "yes", d′ per level, the ROC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from jndlab.analysis.paradigms import get_paradigm
from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    FAINT,
    INK,
    QUIET,
    error_lengths,
    legend_above,
    make_figure,
    mark_jnd,
    percent_axis,
    style,
)
from jndlab.analysis.report.formats import format_axis, format_level
from jndlab.analysis.report.level_axis import even_places
from jndlab.analysis.report.plots import (
    has_log_axis,
    set_level_axis,
    shown_range,
    tested_range,
)
from jndlab.analysis.report.wording import quantity
from jndlab.analysis.study.detection_results import DetectionCondition

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINES = ((), (4, 2), (1, 1.5), (5, 1.5, 1, 1.5))


def said(paradigm: str) -> str:
    """The answer that says there is a difference, in quotation marks.

    >>> said("same-different"), said("yes-no")
    ('“different”', '“yes”')
    """
    return "“different”" if get_paradigm(paradigm).name == "same_different" else "“yes”"


def plot_detection(condition: DetectionCondition) -> Figure:
    """Hit rates with exact intervals, false alarms as a band, the fitted curve, d′ = 1."""
    with style():
        figure = make_figure(4.3)
        axes = figure.add_subplot()
        rows = condition.levels
        band = condition.false_alarms.interval
        axes.axhspan(band.low, band.high, color=QUIET, alpha=0.2, linewidth=0)
        axes.axhline(
            condition.false_alarms.share,
            color=QUIET,
            linewidth=1.0,
            linestyle=DASHES,
            label="False alarms",
        )
        fit = condition.fit
        if fit is not None:
            log = has_log_axis(condition)
            shown = even_places(*shown_range(condition), 241, log=log)
            tested = even_places(*tested_range(condition), 201, log=log)
            axes.plot(shown, fit.predict(shown), color=DATA, linewidth=1.2, linestyle=(0, (4, 2)))
            axes.plot(tested, fit.predict(tested), color=DATA, linewidth=2.0, label="Fitted curve")
        x = [row.level for row in rows]
        y = [row.hits.share for row in rows]
        lows = [row.hits.interval.low for row in rows]
        highs = [row.hits.interval.high for row in rows]
        axes.errorbar(
            x,
            y,
            yerr=error_lengths(y, lows, highs),
            fmt="none",
            ecolor=INK,
            elinewidth=1.0,
            capsize=2.5,
            zorder=3,
        )
        n_trials = np.array([row.hits.n_trials for row in rows], dtype=float)
        axes.scatter(
            x,
            y,
            s=(60.0 * n_trials / n_trials.max()).tolist(),
            color=DATA,
            edgecolor="white",
            linewidth=0.8,
            zorder=4,
            label="Hits with exact interval",
        )
        if fit is not None and condition.jnds:
            jnd = condition.jnds[0]
            at = jnd.threshold
            height = float(fit.predict(at.value))
            low, high = shown_range(condition)
            ends = (max(at.interval.low, low), min(at.interval.high, high))
            mark_jnd(axes, at.value, height, interval=ends, label="d′ = 1")
        set_level_axis(axes, condition)
        axes.set_ylabel(f"Share of {said(condition.paradigm)}")
        axes.set_ylim(0.0, 1.02)
        percent_axis(axes, "y")
        legend_above(figure, axes, columns=4)
        return figure


def plot_d_primes(condition: DetectionCondition) -> Figure:
    """The mean d′ over listeners at every level with its interval, and every listener's own."""
    with style():
        figure = make_figure(3.6)
        axes = figure.add_subplot()
        axes.axhline(0.0, color=QUIET, linewidth=0.9)
        axes.axhline(1.0, color=QUIET, linewidth=1.0, linestyle=DASHES)
        for row in condition.levels:
            for one in row.over_listeners.listeners:
                axes.plot(
                    [row.level], [one.estimate], marker="o", markersize=3.0, color=FAINT, zorder=2
                )
        rows = [row for row in condition.levels if row.over_listeners.estimate is not None]
        values = [float(row.over_listeners.estimate or 0.0) for row in rows]
        intervals = [row.over_listeners.interval for row in rows]
        axes.errorbar(
            [row.level for row in rows],
            values,
            yerr=error_lengths(
                values,
                [i.low if i else v for i, v in zip(intervals, values, strict=True)],
                [i.high if i else v for i, v in zip(intervals, values, strict=True)],
            ),
            fmt="o",
            color=DATA,
            ecolor=INK,
            elinewidth=1.0,
            capsize=2.5,
            markersize=6.5,
            zorder=4,
        )
        set_level_axis(axes, condition)
        axes.set_ylabel("Sensitivity d′")
        return figure


def plot_roc(condition: DetectionCondition) -> Figure | None:
    """The ROC of every level; None where confidence was not asked."""
    rows = [row for row in condition.levels if row.roc is not None]
    if not rows:
        return None
    with style():
        import matplotlib

        figure = make_figure(3.5)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)))
        colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.85, len(rows)))
        grid = np.concatenate([[0.0], np.linspace(0.001, 0.999, 200), [1.0]])
        for number, (row, colour) in enumerate(zip(rows, colours, strict=True)):
            assert row.roc is not None
            points = row.roc.points
            fitted = row.roc.fit is not None and np.isfinite(row.roc.fit.estimate)
            axes.plot(
                points.false_alarm_rates,
                points.hit_rates,
                marker="o",
                markersize=4.0,
                color=colour,
                linewidth=0.0 if fitted else 1.1,
                label=format_level(row.level),
            )
            if fitted and row.roc.fit is not None:
                axes.plot(
                    grid,
                    ndtr(row.roc.fit.estimate + ndtri(grid)),
                    color=colour,
                    linewidth=1.3,
                    dashes=_LINES[number % len(_LINES)] or (1, 0),
                )
        axes.set_aspect("equal")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        percent_axis(axes)
        percent_axis(axes, "y")
        axes.set_xlabel("False alarms")
        axes.set_ylabel("Hits")
        axes.legend(
            title=format_axis(condition.level_unit or "level"),
            loc="center left",
            bbox_to_anchor=(1.02, 0.5),
        )
        return figure


def describe_detection(condition: DetectionCondition, headline: str) -> str:
    """What the figure of the curve shows, in words."""
    unit = condition.level_unit or "level"
    points = "; ".join(
        f"{quantity(format_level(row.level), unit)}: {row.hits.share:.0%}"
        for row in condition.levels
    )
    return (
        f"Share of {said(condition.paradigm)} against level for {condition.condition}, compression "
        f"growing to the right. {points}. Without a difference: "
        f"{condition.false_alarms.share:.0%}. {headline}"
    )


def describe_d_primes(condition: DetectionCondition) -> str:
    """What the figure of d′ shows, in words."""
    points = "; ".join(
        f"{format_level(row.level)}: {row.over_listeners.estimate:.2f}"
        for row in condition.levels
        if row.over_listeners.estimate is not None
    )
    return f"Mean d′ over listeners at every level of {condition.condition}: {points}."


def describe_roc(condition: DetectionCondition) -> str:
    """What the figure of the ROC shows, in words."""
    areas = "; ".join(
        f"{format_level(row.level)}: {row.roc.area.estimate:.2f}"
        for row in condition.levels
        if row.roc is not None
    )
    return f"ROC of every level of {condition.condition}; areas under the points: {areas}."

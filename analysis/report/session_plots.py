"""Figures of the checks of single sessions: response times, patterns, interruptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    FAINT,
    INK,
    MARK,
    QUIET,
    label_rows,
    legend_above,
    make_figure,
    percent_axis,
    rows_height,
    style,
    whole_numbers,
)
from jndlab.analysis.study.data_findings import FINDING_P_VALUE, is_small
from jndlab.analysis.study.interruptions import Interruptions, SessionInterruptions
from jndlab.analysis.study.response_patterns import (
    ResponsePatterns,
    Run,
    SessionPattern,
    run_probability,
)
from jndlab.analysis.study.response_times import ResponseTimes, SessionTimes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_response_times(times: ResponseTimes) -> Figure:
    """All response times of every session on a log axis, medians, and the outliers marked.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_times import check_response_times
    >>> plot_response_times(check_response_times(example_trials())).axes[0].get_xscale()
    'log'
    """
    rows = sorted(times.sessions, key=lambda one: np.nan_to_num(one.median_ms))
    with style():
        figure = make_figure(rows_height(len(rows), around=1.4))
        axes = figure.add_subplot()
        axes.set_xscale("log")
        for y, one in enumerate(rows):
            _draw_times(axes, one, y, too_fast_ms=times.too_fast_ms, labelled=y == 0)
        shown = np.concatenate([one.times_ms for one in rows]) if rows else np.array([1000.0])
        low = max(float(shown.min()), 10.0) / 1.3
        axes.set_xlim(low / 1000.0, float(shown.max()) * 1.3 / 1000.0)
        if low < times.too_fast_ms:
            axes.axvspan(low / 1000.0, times.too_fast_ms / 1000.0, color=MARK, alpha=0.12, lw=0)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel("Response time in s, from the first sound")
        label_rows(axes, [one.participant for one in rows], label="Participant")
        legend_above(figure, axes)
        return figure


def plot_response_patterns(patterns: ResponsePatterns) -> Figure:
    """Longest runs of one response and of alternation, and the commonest response's share.

    The dashed line is the run that luck reaches in 1 % of studies with so many sessions.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.response_patterns import check_response_patterns
    >>> figure = plot_response_patterns(check_response_patterns(example_trials()))
    >>> figure.axes[0].get_xlabel()
    'Longest run, answers'
    """
    rows = sorted(patterns.sessions, key=lambda one: max(one.same.length, one.alternating.length))
    with style():
        figure = make_figure(rows_height(len(rows), around=1.4))
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.6, 1.0))
        for y, one in enumerate(rows):
            _draw_run(left, one.same, y, "o")
            _draw_run(left, one.alternating, y, "D")
            right.hlines(y, 0.5, one.share, color=FAINT, linewidth=1.0, zorder=1)
            colour = MARK if is_small(one.share_p_value_holm) else DATA
            right.plot([one.share], [y], marker="o", markersize=5.0, color=colour)
        limit = _lucky_run(rows, 1.0 / patterns.n_responses)
        # Empty artists, so that the legend does not take the colour of a session.
        left.plot([], [], marker="o", ls="none", ms=5, color=DATA, label="Equal answers")
        left.plot([], [], marker="D", ls="none", ms=5, mfc="w", color=DATA, label="Alternating")
        left.axvline(limit, color=QUIET, linewidth=1.0, linestyle=DASHES, label="1% by luck")
        longest = max((max(s.same.length, s.alternating.length) for s in rows), default=1)
        left.set_xlim(0.0, max(longest, limit) * 1.08)
        whole_numbers(left)
        left.set_xlabel("Longest run, answers")
        label_rows(left, [one.participant for one in rows], label="Participant")
        right.tick_params(axis="y", length=0)
        right.set_xlim(0.45, max([0.75, *(one.share * 1.05 for one in rows)]))
        percent_axis(right)
        right.set_xlabel("Commonest response")
        legend_above(figure, left)
        return figure


def plot_interruptions(calm: Interruptions) -> Figure:
    """Every session along its trials: reloaded trials as ticks, long gaps with their minutes.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interruptions import check_interruptions
    >>> plot_interruptions(check_interruptions(example_trials())).axes[0].get_xlabel()
    'Trial'
    """
    rows = sorted(calm.sessions, key=lambda one: (one.n_reloaded + len(one.gaps), -one.participant))
    with style():
        figure = make_figure(rows_height(len(rows), around=1.4))
        axes = figure.add_subplot()
        for y, one in enumerate(rows):
            _draw_session(axes, one, y)
        # Empty artists, so that the legend is the same whatever was found.
        axes.plot([], [], marker="|", color=MARK, ls="none", ms=9, mew=2, label="Loaded again")
        gap = f"Gap of more than {calm.long_gap_minutes:g} min"
        axes.plot([], [], marker="D", color=INK, ls="none", ms=5, label=gap)
        axes.set_xlabel("Trial")
        whole_numbers(axes)
        label_rows(axes, [one.participant for one in rows], label="Participant")
        legend_above(figure, axes)
        return figure


def _draw_times(
    axes: Axes, one: SessionTimes, y: int, *, too_fast_ms: float, labelled: bool
) -> None:
    seconds = np.maximum(one.times_ms, 10.0) / 1000.0
    too_fast = one.times_ms < max(too_fast_ms, 1e-9)
    with np.errstate(invalid="ignore"):
        out = too_fast | (one.times_ms < one.low_ms) | (one.times_ms > one.high_ms)
    for mask, colour, size, label in (
        (~out, QUIET, 9.0, "Answer"),
        (out, MARK, 20.0, "Outlier"),
    ):
        axes.scatter(
            seconds[mask],
            np.full(int(mask.sum()), y),
            s=size,
            color=colour,
            alpha=0.9 if colour == MARK else 0.35,
            linewidth=0,
            label=label if labelled else None,
            zorder=3 if colour == MARK else 2,
        )
    if np.isfinite(one.median_ms):
        axes.plot(
            [one.median_ms / 1000.0],
            [y],
            marker="|",
            markersize=11,
            markeredgewidth=2.0,
            color=DATA,
            linestyle="none",
            label="Median" if labelled else None,
            zorder=4,
        )


def _draw_run(axes: Axes, run: Run, y: int, marker: str) -> None:
    colour = MARK if run.flagged else DATA
    axes.plot(
        [run.length],
        [y],
        marker=marker,
        markersize=5.0,
        linestyle="none",
        color=colour,
        markerfacecolor="white" if marker == "D" and not run.flagged else colour,
        zorder=3,
    )


def _lucky_run(rows: list[SessionPattern], p_same: float) -> float:
    """Length of a run of equal answers that luck reaches in 1 % of studies like this one."""
    if not rows:
        return 1.0
    n_answers = int(np.median([one.n_answers for one in rows]))
    level = FINDING_P_VALUE / len(rows)
    length = 1
    while run_probability(length - 1, n_answers - 1, p=p_same) >= level and length < n_answers:
        length += 1
    return length - 0.5


def _draw_session(axes: Axes, one: SessionInterruptions, y: int) -> None:
    axes.hlines(y, one.trials[0], one.trials[-1], color=FAINT, linewidth=1.2, zorder=1)
    axes.plot(
        one.reloaded_trials,
        [y] * len(one.reloaded_trials),
        marker="|",
        markersize=9,
        markeredgewidth=2.0,
        linestyle="none",
        color=MARK,
        zorder=3,
    )
    for gap in one.gaps:
        axes.plot([gap.trial], [y], marker="D", markersize=5.0, color=INK, zorder=4)
        minutes = f"{gap.minutes:.0f} min" if gap.minutes < 90 else f"{gap.minutes / 60:.1f} h"
        axes.annotate(
            minutes,
            (gap.trial, y),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            zorder=4,
        )

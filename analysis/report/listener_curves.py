"""Small multiples: each listener's answers and curve in a panel of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.report.figure_style import DATA, FAINT, INK, MARK, QUIET, WIDTH, style
from jndlab.analysis.report.level_axis import even_places
from jndlab.analysis.report.plots import has_log_axis, level_axis_label, shown_range
from jndlab.analysis.study.results import ConditionAnalysis, ListenerResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = 24
"""Listeners in one figure."""
_COLUMNS = 4
_PANEL_HEIGHT = 1.15


def plot_listener_curves(condition: ConditionAnalysis) -> Iterator[Figure]:
    """Figures of up to 24 panels, listeners in their order: counts, own curve, the group's.

    The area of a point is proportional to its trials; the group's curve is grey; a tick at the
    bottom marks the listener's own threshold.

    >>> from jndlab.analysis import AnalysisOptions, analyse_study
    >>> from jndlab.analysis.study.example import example_trials
    >>> options = AnalysisOptions(n_resamples=100, group_model=False)
    >>> (condition,) = analyse_study(example_trials(), seed=1, options=options).conditions
    >>> [len(figure.axes) for figure in plot_listener_curves(condition)]
    [8]
    """
    fitted = [one for one in condition.listeners if one.fit is not None]
    for first in range(0, len(fitted), PANELS):
        yield _page(condition, fitted[first : first + PANELS])


def _page(condition: ConditionAnalysis, listeners: list[ListenerResult]) -> Figure:
    n_rows = math.ceil(len(listeners) / _COLUMNS)
    with style():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, 0.7 + _PANEL_HEIGHT * n_rows), layout="constrained")
        grid = figure.add_gridspec(n_rows, _COLUMNS)
        for number, one in enumerate(listeners):
            row, column = divmod(number, _COLUMNS)
            axes = figure.add_subplot(grid[row, column])
            _draw_panel(axes, condition, one)
            if column:
                axes.set_yticklabels([])
            if number + _COLUMNS < len(listeners):
                axes.set_xticklabels([])
        figure.supxlabel(level_axis_label(condition), fontsize=9.5)
        figure.supylabel("Proportion correct", fontsize=9.5)
        return figure


def _draw_panel(axes: Axes, condition: ConditionAnalysis, one: ListenerResult) -> None:
    fit = one.fit
    assert fit is not None, "only listeners with a fit have a panel"
    low, high = shown_range(condition)
    log = has_log_axis(condition)
    shown = even_places(low, high, 121, log=log)
    axes.axhline(condition.guess_rate, color=QUIET, linewidth=0.6, linestyle=(0, (2, 2)))
    if condition.fit is not None:
        axes.plot(shown, condition.fit.predict(shown), color=FAINT, linewidth=1.6)
    axes.plot(shown, fit.predict(shown), color=DATA, linewidth=1.3)
    n_trials = np.array(fit.n_trials, dtype=float)
    heard = n_trials > 0
    share = np.array(fit.n_correct)[heard] / n_trials[heard]
    area = 22.0 * n_trials[heard] / n_trials.max()
    axes.scatter(
        np.array(fit.levels)[heard], share, s=area.tolist(), color=INK, linewidth=0, zorder=3
    )
    if one.threshold is not None and low <= one.threshold <= high:
        axes.plot([one.threshold], [0.02], marker="|", markersize=9, color=MARK, zorder=4)
    if log:
        axes.set_xscale("log")
    axes.set_xlim((high, low) if condition.direction == "falls" else (low, high))
    axes.set_ylim(0.0, 1.05)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", ".5", "1"])
    axes.tick_params(labelsize=8, length=2)
    axes.set_title(f"{one.participant}", fontsize=8.5, pad=2, loc="left")

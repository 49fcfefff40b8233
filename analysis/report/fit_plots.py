"""Figures of one fit's checks: priors and posteriors, residuals, goodness, predictions, influence.

Each takes the result of its check; what it shows is told in words by
:mod:`jndlab.analysis.report.fit_descriptions`. Compression always grows to the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.curves import RATES
from jndlab.analysis.fits.densities import free_names, posterior_density, prior_density
from jndlab.analysis.fits.fit import PsychometricFit
from jndlab.analysis.fits.goodness import GoodnessOfFit
from jndlab.analysis.fits.influential import InfluentialData
from jndlab.analysis.fits.predictive import PredictiveCheck
from jndlab.analysis.fits.residuals import ResidualTrends, Trend
from jndlab.analysis.inference.equivalence_wording import p_text
from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    FAINT,
    INK,
    MARK,
    QUIET,
    legend_above,
    make_figure,
    style,
    whole_numbers,
)
from jndlab.analysis.report.formats import format_axis
from jndlab.analysis.report.level_axis import on_log_axis, tick_levels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_LABELS = {
    "guess_rate": "Guess rate",
    "lapse_rate": "Lapse rate",
    "overdispersion": "Overdispersion η",
}
_MOST_CURVES = 60


def plot_priors(fit: PsychometricFit, *, level_unit: str = "level") -> Figure:
    """Prior and posterior density of every estimated parameter, with estimate and interval.

    A fit by its mode has no posterior density: its priors stand alone. FitError: a fit by maximum
    likelihood has no priors.

    >>> from jndlab.analysis import fit_psychometric
    >>> fit = fit_psychometric([1, 2, 3, 4, 5, 6], [21, 23, 29, 33, 38, 39], [40] * 6,
    ...                        paradigm="2afc", overdispersion=False)
    >>> [axes.get_xlabel() for axes in plot_priors(fit).axes]
    ['Threshold (level)', 'Width (level)', 'Lapse rate']
    """
    names = free_names(fit)
    n_columns = 2 if len(names) in (2, 4) else 3
    n_rows = -(-len(names) // n_columns)
    with style():
        figure = make_figure(0.5 + 2.0 * n_rows)
        panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for axes in panels[len(names) :]:
            axes.remove()
        for axes, name in zip(panels, names, strict=False):
            _draw_densities(axes, fit, name)
            axes.set_xlabel(_name_with_unit(fit, name, level_unit))
        legend_above(figure, panels[0])
        return figure


def plot_residuals(trends: ResidualTrends, *, level_unit: str = "level") -> Figure:
    """Deviance residuals over level, prediction and, given blocks, their order, with trends.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.residuals import residual_trends
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> len(plot_residuals(residual_trends(fit, seed=1, n_simulations=100)).axes)
    2
    """
    panels: list[tuple[Sequence[float], Sequence[float], Trend, str]] = [
        (trends.levels, trends.residuals, trends.over_level, format_axis(level_unit)),
        (
            trends.predictions,
            trends.residuals,
            trends.over_prediction,
            "Predicted proportion correct",
        ),
    ]
    if trends.over_order is not None:
        order = list(range(1, len(trends.block_residuals) + 1))
        panels.append((order, trends.block_residuals, trends.over_order, "Block, in order"))
    rising = trends.predictions[-1] >= trends.predictions[0]
    with style():
        figure = make_figure(2.6)
        drawn = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, (x, y, trend, label) in zip(drawn, panels, strict=True):
            _draw_trend(axes, np.array(x, dtype=float), np.array(y), trend)
            axes.set_xlabel(label)
        _scale_levels(drawn[0], trends.levels)
        if not rising:
            drawn[0].invert_xaxis()
        if trends.over_order is not None:
            whole_numbers(drawn[2])
        drawn[0].set_ylabel("Deviance residual")
        return figure


def plot_goodness(goodness: GoodnessOfFit) -> Figure:
    """Deviance and overdispersion of the data among those of simulated data sets.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.goodness import goodness_of_fit
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> figure = plot_goodness(goodness_of_fit(fit, seed=1, n_simulations=100))
    >>> figure.axes[0].get_xlabel()
    'Deviance'
    """
    with style():
        figure = make_figure(2.8)
        left, right = figure.subplots(1, 2)
        _draw_histogram(
            left, goodness.simulated_deviance, goodness.deviance, goodness.deviance_p_value
        )
        left.set_xlabel("Deviance")
        left.set_ylabel("Simulated data sets")
        _draw_histogram(
            right,
            goodness.simulated_ratio,
            goodness.overdispersion_ratio,
            goodness.overdispersion_p_value,
        )
        right.set_xlabel("Overdispersion, ratio")
        right.set_yscale("log")
        right.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        legend_above(figure, left)
        return figure


def plot_predictive(check: PredictiveCheck, *, level_unit: str = "level") -> Figure:
    """Curves and bands of counts that the model expects, and the data among them.

    >>> from jndlab.analysis.fits.design import make_design
    >>> from jndlab.analysis.fits.predictive import prior_predictive
    >>> check = prior_predictive(make_design([1, 2, 3, 4], guess_rate=0.5), [20] * 4, seed=1)
    >>> plot_predictive(check).axes[0].get_ylabel()
    'Proportion correct'
    """
    levels, design = np.array(check.levels), check.draws.curves.design
    shown = np.linspace(levels[0], levels[-1], 121)
    with style():
        figure = make_figure(3.4)
        axes = figure.add_subplot()
        curves = check.draws.proportions(shown)[:_MOST_CURVES]
        for number, curve in enumerate(curves):
            axes.plot(
                shown,
                curve,
                color=DATA,
                alpha=0.18,
                linewidth=0.8,
                label="Drawn curves" if number == 0 else None,
            )
        for coverage, width, colour in ((0.95, 1.6, QUIET), (0.5, 6.0, FAINT)):
            low, high = check.band(coverage)
            label = f"{coverage:.0%} of drawn data sets"
            axes.vlines(levels, low, high, color=colour, linewidth=width, label=label, zorder=3)
        if check.n_correct is not None:
            shares = np.array(check.n_correct) / np.array(check.n_trials)
            axes.plot(levels, shares, "D", color=MARK, markersize=5.0, zorder=4, label="Data")
        axes.set_ylim(0.0, 1.03)
        axes.set_xlabel(format_axis(level_unit))
        axes.set_ylabel("Proportion correct")
        if design.sign < 0:
            axes.invert_xaxis()
        legend_above(figure, axes, columns=2)
        return figure


def plot_influential(data: InfluentialData, *, level_unit: str = "level") -> Figure:
    """How far threshold and width move without each level or block; the dashed line is the limit.

    >>> from jndlab.analysis import fit_psychometric
    >>> from jndlab.analysis.fits.influential import influential_data
    >>> fit = fit_psychometric([1, 2, 3, 4], [11, 15, 18, 20], [20] * 4, paradigm="2afc")
    >>> plot_influential(influential_data(fit)).axes[0].get_xlabel()
    'Level left out'
    """
    by_level = data.unit == "level"
    x = [row.level if by_level else row.number for row in data.rows]
    with style():
        figure = make_figure(2.8)
        axes = figure.add_subplot()
        marks = (("threshold", "o", DATA), ("width", "s", MARK))
        for name, marker, colour in marks:
            y = [getattr(row, f"{name}_influence") for row in data.rows]
            values = [np.nan if value is None else value for value in y]
            axes.plot(
                x,
                values,
                marker,
                color=colour,
                markersize=5.5,
                linestyle="none",
                label=f"{name.capitalize()}",
            )
        axes.axhline(1.0, color=QUIET, linewidth=1.0, linestyle=DASHES)
        axes.set_ylim(bottom=0.0, top=max(1.15, axes.get_ylim()[1]))
        axes.set_xlabel(f"{format_axis(level_unit)} left out" if by_level else "Block left out")
        if not by_level:
            whole_numbers(axes)
        else:
            levels = [row.level for row in data.rows]
            _scale_levels(axes, levels)
            tick_levels(axes, levels)
            if data.direction == "falls":
                axes.invert_xaxis()
        axes.set_ylabel("Move, in half intervals")
        legend_above(figure, axes)
        return figure


def _scale_levels(axes: Axes, levels: Sequence[float]) -> None:
    if on_log_axis(levels):
        axes.set_xscale("log")


def _draw_densities(axes: Axes, fit: PsychometricFit, name: str) -> None:
    places, density = prior_density(fit, name)
    axes.plot(places, density, color=QUIET, linewidth=1.4, linestyle=(0, (4, 2)), label="Prior")
    interval, shown = fit.interval(name), places[density > 1e-3 * density.max()]
    tallest = density.max()
    if fit.curves.posterior is not None:
        x, y = posterior_density(fit, name)
        axes.plot(x, y, color=DATA, linewidth=1.8, label="Posterior")
        axes.fill_between(x, y, color=DATA, alpha=0.16, linewidth=0)
        tallest = max(tallest, y.max())
        shown = np.concatenate([shown, x[y > 1e-3 * y.max()]])
    low, high = float(shown.min()), float(shown.max())
    axes.hlines(
        -0.06 * tallest,
        max(interval.low, low),
        min(interval.high, high),
        color=MARK,
        linewidth=2.6,
        label=f"{interval.coverage:.0%} interval",
    )
    axes.plot([fit.estimate(name)], [-0.06 * tallest], "D", color=MARK, markersize=5.0)
    axes.set_ylim(-0.12 * tallest, 1.05 * tallest)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim((0.0, high) if name in RATES else (low, high))
    if name == "threshold":
        for level in fit.levels:
            axes.axvline(level, ymax=0.03, color=INK, linewidth=0.8)
        if fit.design.log_level:
            axes.set_xscale("log")
            tick_levels(axes, fit.levels, share=0.4)
        if fit.direction == "falls":
            axes.invert_xaxis()


def _name_with_unit(fit: PsychometricFit, name: str, unit: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    if name == "width" and fit.design.log_level:
        return f"Width (log {unit})"
    return f"{name.capitalize()} ({unit})"


def _draw_trend(axes: Axes, x: Floats, y: Floats, trend: Trend) -> None:
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for bound in (-2.0, 2.0):
        axes.axhline(bound, color=FAINT, linewidth=0.8, linestyle=DASHES)
    axes.plot(x, y, "o", color=DATA, markersize=4.5)
    ends = np.array([x.min(), x.max()])
    span = float(ends[1] - ends[0])
    if span > 0.0:
        centred = (x - x.mean()) / span  # squares of huge levels would overflow
        slope = float(centred @ y / (centred @ centred))
        axes.plot(ends, y.mean() + slope * (ends - x.mean()) / span, color=MARK, linewidth=1.6)
    axes.set_title(f"r = {trend.correlation:.2f}, {p_text(trend.p_value)}", fontsize=9.5)
    reach = max(2.4, 1.15 * float(np.max(np.abs(y))))
    axes.set_ylim(-reach, reach)


def _draw_histogram(axes: Axes, simulated: Floats, observed: float, p_value: float) -> None:
    finite = simulated[np.isfinite(simulated)]
    top = max(float(np.quantile(finite, 0.999)), observed, 1e-9) * 1.05
    options: dict[str, Any] = {"color": FAINT, "edgecolor": "white", "linewidth": 0.5}
    axes.hist(finite, bins=np.linspace(0.0, top, 41).tolist(), label="Simulated", **options)
    axes.axvline(observed, color=MARK, linewidth=2.0, label="Data")
    axes.set_title(p_text(p_value), fontsize=9.5)
    axes.set_xlim(0.0, top)

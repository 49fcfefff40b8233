"""The figure of a JND in other units: a size of the model, or a score, against the level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    MARK,
    QUIET,
    legend_above,
    make_figure,
    mark_jnd,
    style,
)
from jndlab.analysis.report.formats import format_axis
from jndlab.analysis.study.headroom import is_gain
from jndlab.analysis.study.objective_results import FactAtJnd, JndInUnits, plain_number
from jndlab.analysis.study.score_titles import score_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_size_at_jnd(result: JndInUnits, name: str = "bytes") -> Figure:
    """A size of the model, or a score, against the level, with the JND and its interval.

    Compression grows to the right. DataError: there is no such fact.

    >>> from jndlab.analysis.fits.fit import Threshold
    >>> from jndlab.analysis.intervals import ConfidenceInterval
    >>> from jndlab.analysis.study.manifest import load_model_facts
    >>> from jndlab.analysis.study.objective import jnd_in_units
    >>> facts = load_model_facts(
    ...     {"item": "a", "condition": "bits", "level": n, "bytes": 100 * 2**n} for n in (1, 2, 4)
    ... )
    >>> interval = ConfidenceInterval(low=2.0, high=3.5, coverage=0.95, method="profile")
    >>> jnd = Threshold(target_probability=0.75, lapse_free=True, value=3.0, interval=interval,
    ...                 inside_tested_range=True)
    >>> result = jnd_in_units(jnd, facts, condition="bits", direction="falls", unit="bits")
    >>> plot_size_at_jnd(result).axes[0].get_ylabel()
    'Size in bytes'
    """
    one = result.fact(name)
    with style():
        figure = make_figure(3.6)
        axes = figure.add_subplot()
        if one.kind == "size":
            axes.set_yscale("log")
        _draw_fact(axes, one, result)
        _set_level_axis(axes, one, result)
        axes.set_ylabel(score_title(name))
        legend_above(figure, axes, columns=2)
        return figure


def describe_size_at_jnd(result: JndInUnits, name: str = "bytes") -> str:
    """What :func:`plot_size_at_jnd` shows, in words. DataError: there is no such fact.

    >>> from jndlab.analysis.fits.fit import Threshold
    >>> from jndlab.analysis.intervals import ConfidenceInterval
    >>> from jndlab.analysis.study.manifest import load_model_facts
    >>> from jndlab.analysis.study.objective import jnd_in_units
    >>> facts = load_model_facts(
    ...     {"item": "a", "condition": "bits", "level": n, "bytes": 100 * 2**n} for n in (1, 2, 4)
    ... )
    >>> interval = ConfidenceInterval(low=2.0, high=3.5, coverage=0.95, method="profile")
    >>> jnd = Threshold(target_probability=0.75, lapse_free=True, value=3.0, interval=interval,
    ...                 inside_tested_range=True)
    >>> result = jnd_in_units(jnd, facts, condition="bits", direction="falls", unit="bits")
    >>> describe_size_at_jnd(result)[:46]
    'Size in bytes against the level of bits: 1: 20'
    """
    one = result.fact(name)
    points = "; ".join(
        f"{level:g}: {plain_number(value)}"
        for level, value in zip(one.levels, one.values, strict=True)
    )
    sentences = [text for text in result.describe() if text.startswith(f"{name} ")]
    return (
        f"{score_title(name)} against the level of {result.condition}: {points}. "
        f"{result.describe()[0]} {' '.join(sentences)}"
    ).strip()


def _draw_fact(axes: Axes, one: FactAtJnd, result: JndInUnits) -> None:
    axes.plot(
        one.levels, one.values, color=DATA, marker="o", markersize=5.5, linewidth=1.4, label="Model"
    )
    if one.baseline is not None:
        axes.axhline(one.baseline, color=QUIET, linewidth=1.0, linestyle=DASHES, label="Baseline")
    low, high = (
        max(result.interval.low, one.levels[0]),
        min(result.interval.high, one.levels[-1]),
    )
    if low < high:
        coverage = f"{result.interval.coverage:.0%}"
        axes.axvspan(
            low, high, color=MARK, alpha=0.18, linewidth=0, label=f"JND, {coverage} interval"
        )
    if one.estimate is None:
        return
    mark_jnd(
        axes,
        result.value,
        one.estimate,
        label=f"JND: {_times(one.times_smaller)}"
        if one.times_smaller is not None
        else f"JND: {one.estimate:.3g}",
    )


def _times(smaller: float) -> str:
    """As the sentences say it: a version may cost more operations than its baseline."""
    return f"{smaller:.3g} times smaller" if smaller >= 1 else f"{1 / smaller:.3g} times larger"


def _set_level_axis(axes: Axes, one: FactAtJnd, result: JndInUnits) -> None:
    levels = one.levels
    margin = 0.06 * (levels[-1] - levels[0])
    ends = (levels[0] - margin, levels[-1] + margin)
    axes.set_xlim(ends[::-1] if result.direction == "falls" else ends)
    gaps = np.diff(levels)
    if len(levels) <= 12 and gaps.min() > 0.045 * (levels[-1] - levels[0]):
        axes.set_xticks(levels, [f"{level:g}" for level in levels])
    unit = result.unit or "level"
    more = "lower" if result.direction == "falls" else "higher"
    word = "fewer" if result.direction == "falls" and unit.endswith("s") else more
    what = "of the difference" if is_gain(unit) else "compression"
    axes.set_xlabel(f"{format_axis(unit)} ({word} = more {what})")
    if one.kind == "size":
        values = [*one.values, *([one.baseline] if one.baseline else [])]
        if max(values) / min(values) < math.sqrt(1000.0):
            _plain_log_ticks(axes)


def _plain_log_ticks(axes: Axes) -> None:
    """A log axis over little more than a decade has numbers at 1, 2 and 5."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())

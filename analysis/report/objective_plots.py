"""The figure of an objective score beside ears: proportion correct against the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jndlab.analysis.paradigms import require_guess_rate
from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    INK,
    MARK,
    QUIET,
    error_lengths,
    legend_above,
    make_figure,
    mark_jnd,
    style,
)
from jndlab.analysis.report.formats import format_interval, format_number
from jndlab.analysis.study.correlations import Correlation
from jndlab.analysis.study.data_findings import is_small
from jndlab.analysis.study.score_agreement import ScoreAgreement
from jndlab.analysis.study.score_titles import score_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_NAMED = 12


def plot_score_agreement(agreement: ScoreAgreement) -> Figure:
    """Proportion correct against the score, good quality at the left; curve and score at the JND.

    Stimuli that listeners put the other way round, beyond chance, are joined by a line. Up to
    twelve stimuli have their names.

    >>> from jndlab.analysis.study.score_agreement import score_agreement
    >>> pesq, right = [4.4, 4.1, 3.6, 3.0, 2.4], [21, 24, 30, 36, 39]
    >>> result = score_agreement(pesq, right, [40] * 5, paradigm="abx", seed=1, score="pesq",
    ...                          n_resamples=20)
    >>> plot_score_agreement(result).axes[0].get_xlabel()
    'PESQ (better to the left)'
    """
    with style():
        figure = make_figure(4.3)
        axes = figure.add_subplot()
        axes.axhline(
            require_guess_rate(agreement.paradigm), color=QUIET, linewidth=0.9, linestyle=DASHES
        )
        _draw_curve(axes, agreement)
        _draw_stimuli(axes, agreement)
        _draw_reversals(axes, agreement)
        low, high = _shown(agreement)
        axes.set_xlim((high, low) if agreement.higher_is_better else (low, high))
        lowest = min(one.interval.low for one in agreement.stimuli)
        axes.set_ylim(max(0.0, min(0.4, lowest - 0.02)), 1.02)
        axes.set_xlabel(f"{score_title(agreement.score)} (better to the left)")
        axes.set_ylabel("Proportion correct")
        legend_above(figure, axes, columns=1)
        return figure


def describe_score_agreement(agreement: ScoreAgreement) -> str:
    """What :func:`plot_score_agreement` shows, in words.

    >>> from jndlab.analysis.study.score_agreement import score_agreement
    >>> pesq, right = [4.4, 4.1, 3.6, 3.0, 2.4], [21, 24, 30, 36, 39]
    >>> result = score_agreement(pesq, right, [40] * 5, paradigm="abx", seed=1, score="pesq",
    ...                          n_resamples=20)
    >>> describe_score_agreement(result)[:59]
    'Proportion correct against PESQ for 5 stimuli, from 98% at '
    """
    worst, best = agreement.stimuli[0], agreement.stimuli[-1]
    threshold, overall = agreement.threshold, agreement.overall
    at = (
        "No curve could be fitted."
        if threshold is None
        else f"The fitted curve reaches {threshold.target_probability:.0%} correct at "
        f"{threshold.value:.3g} ({threshold.interval.coverage:.0%} interval "
        f"{threshold.interval.low:.3g} to {threshold.interval.high:.3g})."
    )
    odd = [one for one in agreement.reversals if is_small(one.p_value_holm)]
    turned = "; ".join(f"{one.better} is heard more than {one.worse}" for one in odd)
    return (
        f"Proportion correct against {score_title(agreement.score)} for {len(agreement.stimuli)} "
        f"stimuli, from {worst.proportion_correct:.0%} at {worst.score:.3g} to "
        f"{best.proportion_correct:.0%} at {best.score:.3g}. {at} Spearman correlation "
        f"{_said(overall.spearman)}, Kendall {_said(overall.kendall)}, Pearson "
        f"{_said(overall.pearson)}. Neighbours the wrong way round beyond chance: "
        f"{turned or 'none'}."
    )


def _said(one: Correlation) -> str:
    if one.estimate is None:
        return "unknown"
    if one.interval is None:
        return format_number(one.estimate)
    return f"{format_number(one.estimate)} ({format_interval(one.interval, 2)})"


def _shown(agreement: ScoreAgreement) -> tuple[float, float]:
    scores = [one.score for one in agreement.stimuli]
    low, high = min(scores), max(scores)
    margin = 0.08 * (high - low)
    return low - margin, high + margin


def _draw_curve(axes: Axes, agreement: ScoreAgreement) -> None:
    fit, threshold = agreement.fit, agreement.threshold
    if fit is None:
        return
    shown = np.linspace(*_shown(agreement), 201)
    axes.plot(shown, fit.predict(shown), color=DATA, linewidth=1.6, label="Fitted curve")
    if threshold is None or not threshold.inside_tested_range:
        return
    height = float(fit.predict(threshold.value))
    low, high = _shown(agreement)
    ends = np.clip([threshold.interval.low, threshold.interval.high], low, high)
    mark_jnd(
        axes,
        threshold.value,
        height,
        interval=(float(ends[0]), float(ends[1])),
        label=f"{threshold.target_probability:.0%} correct but for lapses, "
        f"{threshold.interval.coverage:.0%} interval ({agreement.curve.unit_of_inference})",
    )


def _draw_stimuli(axes: Axes, agreement: ScoreAgreement) -> None:
    rows = agreement.stimuli
    values = [one.proportion_correct for one in rows]
    many = len(rows) > _MOST_NAMED
    axes.errorbar(
        [one.score for one in rows],
        values,
        yerr=error_lengths(
            values, [one.interval.low for one in rows], [one.interval.high for one in rows]
        ),
        fmt="o",
        color=DATA,
        markersize=4.0 if many else 5.5,
        markeredgecolor="white",
        markeredgewidth=0.6,
        ecolor=QUIET if many else INK,
        elinewidth=0.6 if many else 1.0,
        capsize=0.0 if many else 2.5,
        zorder=3,
        label=f"Stimulus, exact {rows[0].interval.coverage:.0%} interval",
    )
    if many:
        return
    for one in rows:
        axes.annotate(
            one.label,
            (one.score, one.proportion_correct),
            xytext=(5, -4),
            textcoords="offset points",
            va="top",
            fontsize=8.5,
            color=QUIET,
        )


def _draw_reversals(axes: Axes, agreement: ScoreAgreement) -> None:
    label: str | None = "Order reversed (p < .01)"
    for one in agreement.reversals:
        if is_small(one.p_value_holm):
            axes.plot(
                [one.better_score, one.worse_score],
                [one.better_proportion_correct, one.worse_proportion_correct],
                color=MARK,
                linewidth=1.4,
                linestyle=DASHES,
                zorder=2,
                label=label,
            )
            label = None

"""Figures of the checks whose unit is the listener: catch trials, bias, learning, items.

Each takes the result of its check; what it shows is told in words by
:mod:`jndlab.analysis.report.check_descriptions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jndlab.analysis.report.figure_style import (
    DASHES,
    DATA,
    FAINT,
    INK,
    MARK,
    QUIET,
    error_lengths,
    label_rows,
    make_figure,
    percent_axis,
    rows_height,
    style,
    whole_numbers,
)
from jndlab.analysis.study.catch_trials import CatchCount, CatchResults, CatchSession, CatchTotal
from jndlab.analysis.study.data_findings import is_small
from jndlab.analysis.study.interval_bias import IntervalBias
from jndlab.analysis.study.item_effects import ItemEffects
from jndlab.analysis.study.learning import Learning
from jndlab.analysis.study.within_listeners import MeanEffect

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_catch_trials(catch: CatchResults) -> Figure:
    """Share of right answers per session: practice, gross trials, identical pairs.

    Sessions below the rule for gross trials are marked; the dashed line is chance, or the rule.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.catch_trials import check_catch_trials
    >>> len(plot_catch_trials(check_catch_trials(example_trials())).axes)
    3
    """
    kinds = [
        ("Practice", [one.practice for one in catch.sessions], catch.practice, None),
        ("Gross", [one.gross for one in catch.sessions], catch.gross, catch.min_gross_correct),
        ("Identical", [one.identical for one in catch.sessions], catch.identical, catch.chance),
    ]
    shown = [kind for kind in kinds if kind[2] is not None] or kinds[:1]
    order = sorted(range(len(catch.sessions)), key=lambda at: _attention(catch.sessions[at]))
    with style():
        figure = make_figure(rows_height(len(order)))
        panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, (title, counts, total, line) in zip(panels, shown, strict=True):
            rule = catch.min_gross_correct if title == "Gross" else None
            _draw_shares(axes, [counts[at] for at in order], title, total, rule=rule)
            if line is not None:
                axes.axvline(line, color=QUIET, linewidth=1.0, linestyle=DASHES)
        label_rows(panels[0], [catch.sessions[at].participant for at in order], label="Participant")
        pairs = " (identical pairs: agreement with the key)" if catch.identical else ""
        figure.supxlabel(f"Right answers{pairs}", fontsize=10.5)
        return figure


def plot_interval_bias(bias: IntervalBias) -> Figure:
    """Every listener's preference for a response, its mean, and the orders of presentation.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.interval_bias import check_interval_bias
    >>> figure = plot_interval_bias(check_interval_bias(example_trials(bias=0.2)))
    >>> figure.axes[1].get_xlabel()
    'Order'
    """
    with style():
        figure = make_figure(rows_height(bias.response.n_listeners, around=1.4))
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        _draw_listeners(left, bias.response, f"Share of {bias.preferred} beyond {bias.fair_share}")
        _draw_orders(right, bias)
        return figure


def plot_learning(learning: Learning) -> Figure:
    """Blocks against each listener's own level, and every listener's trend with the mean.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.learning import check_learning
    >>> plot_learning(check_learning(example_trials())).axes[1].get_xlabel()
    'Block'
    """
    with style():
        figure = make_figure(rows_height(learning.trend.n_listeners, around=1.4))
        left, right = figure.subplots(1, 2, width_ratios=(1.3, 1.0))
        _draw_listeners(left, learning.trend, "Change, first to last trial")
        blocks = [block.block for block in learning.blocks]
        values = [block.deviation for block in learning.blocks]
        right.axhline(0.0, color=QUIET, linewidth=1.0, linestyle=DASHES)
        right.errorbar(
            blocks,
            values,
            yerr=error_lengths(
                values,
                [b.interval.low if b.interval else b.deviation for b in learning.blocks],
                [b.interval.high if b.interval else b.deviation for b in learning.blocks],
            ),
            fmt="o",
            color=DATA,
            ecolor=INK,
            elinewidth=1.0,
            capsize=2.5,
            markersize=5.5,
        )
        right.set_xlim(min(blocks, default=1) - 0.6, max(blocks, default=1) + 0.6)
        whole_numbers(right)
        right.set_xlabel("Block")
        right.set_ylabel("Proportion correct, against\nown mean at equal levels", fontsize=9.5)
        right.margins(y=0.15)
        return figure


def plot_items(items: ItemEffects) -> Figure:
    """Proportion correct of every item with its exact interval, the hardest at the bottom.

    >>> from jndlab.analysis.study.example import example_trials
    >>> from jndlab.analysis.study.item_effects import check_items
    >>> figure = plot_items(check_items(example_trials()))
    >>> figure.axes[0].get_xlabel()
    'Right answers over all levels'
    """
    rows = sorted(items.items, key=lambda one: one.proportion_correct)
    with style():
        figure = make_figure(rows_height(len(rows)))
        axes = figure.add_subplot()
        total = sum(one.n_correct for one in rows) / sum(one.n_trials for one in rows)
        axes.axvline(total, color=QUIET, linewidth=1.0, linestyle=DASHES, label="Mean")
        for y, one in enumerate(rows):
            colour = MARK if is_small(one.p_value_holm) else DATA
            axes.hlines(y, one.interval.low, one.interval.high, color=colour, linewidth=1.3)
            axes.plot([one.proportion_correct], [y], marker="o", markersize=5.5, color=colour)
        label_rows(axes, [one.item for one in rows], label="")
        percent_axis(axes)
        axes.set_xlabel("Right answers over all levels")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
        return figure


def _attention(session: CatchSession) -> tuple[float, float, int]:
    """Least attentive first, at the bottom."""
    gross, practice = session.gross.share, session.practice.share
    return (
        -1.0 if gross is None else gross,
        -1.0 if practice is None else practice,
        -session.participant,
    )


def _draw_shares(
    axes: Axes,
    counts: Sequence[CatchCount],
    title: str,
    total: CatchTotal | None,
    *,
    rule: float | None,
) -> None:
    for y, count in enumerate(counts):
        if count.share is None:
            continue
        below = rule is not None and count.n_correct < rule * count.n_trials - 1e-9
        axes.hlines(y, 0.0, count.share, color=FAINT, linewidth=1.0, zorder=1)
        axes.plot(
            [count.share],
            [y],
            marker="D" if below else "o",
            markersize=5.0,
            color=MARK if below else DATA,
            clip_on=False,
            zorder=3,
        )
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0])
    percent_axis(axes)
    found = "none" if total is None else f"{total.n_correct} of {total.n_trials}"
    axes.set_title(f"{title}\n{found}", loc="left")


def _draw_listeners(axes: Axes, effect: MeanEffect, label: str) -> None:
    """Rows of listeners, sorted; the mean with its interval as a band behind them."""
    rows = sorted(effect.listeners, key=lambda one: one.estimate)
    axes.axvline(0.0, color=QUIET, linewidth=1.0, linestyle=DASHES)
    if effect.interval is not None and effect.estimate is not None:
        axes.axvspan(
            effect.interval.low,
            effect.interval.high,
            color=MARK,
            alpha=0.18,
            linewidth=0,
            label=f"Mean, {effect.interval.coverage:.0%} interval",
        )
        axes.axvline(effect.estimate, color=MARK, linewidth=1.4)
    for y, one in enumerate(rows):
        plain = not is_small(one.p_value_holm)
        axes.plot(
            [one.estimate],
            [y],
            marker="o" if plain else "D",
            markersize=5.0,
            color=DATA if plain else MARK,
        )
    edge = max((abs(one.estimate) for one in rows), default=0.0) * 1.15 or 0.1
    axes.set_xlim(-edge, edge)
    label_rows(axes, [one.listener for one in rows], label="Listener")
    axes.set_xlabel(label, fontsize=9.5)
    if effect.interval is not None:
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2)


def _draw_orders(axes: Axes, bias: IntervalBias) -> None:
    values = [one.n_correct / one.n_trials for one in bias.orders]
    axes.errorbar(
        range(len(values)),
        values,
        yerr=error_lengths(
            values,
            [one.interval.low for one in bias.orders],
            [one.interval.high for one in bias.orders],
        ),
        fmt="o",
        color=DATA,
        ecolor=INK,
        elinewidth=1.0,
        capsize=2.5,
        markersize=5.5,
    )
    axes.set_xticks(
        range(len(values)), [f"{one.order}\n({one.correct_response})" for one in bias.orders]
    )
    axes.set_xlim(-0.6, len(values) - 0.4)
    percent_axis(axes, "y")
    axes.set_xlabel("Order")
    axes.set_ylabel("Right answers over all levels", fontsize=9.5)


__all__ = ["plot_catch_trials", "plot_interval_bias", "plot_items", "plot_learning"]

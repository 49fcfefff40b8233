"""Figures of sequential studies: intervals as the data came in, e-values, boundaries and path.

No pyplot and no global state, as in :mod:`jndlab.analysis.report.plots`; matplotlib is imported
when the first figure is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from jndlab.analysis.inference.sequential_confidence import ConfidenceSequence
from jndlab.analysis.inference.sequential_decision import GroupSequentialDecision
from jndlab.analysis.inference.sequential_design import Stop
from jndlab.analysis.inference.sequential_equivalence import SequentialEquivalence
from jndlab.analysis.inference.sequential_evalues import EValueTest
from jndlab.analysis.inference.sequential_plan import GroupSequentialPlan
from jndlab.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's palette: told apart with any colour vision; line and marker differ as well.
_DATA, _DIFFERENT, _EQUIVALENT, _QUIET, _INK = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#767676",
    "#222222",
)
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "jndlab",
}
_STOPS: dict[Stop, tuple[str, str, str]] = {
    "different": ("Stop: a difference", _DIFFERENT, "v"),
    "equivalent": ("Stop: equivalent", _EQUIVALENT, "^"),
    "futility": ("Give up: no verdict", _QUIET, "s"),
}
_MOST_MARKS = 40
"""Looks that are marked one by one."""


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, Axes]]:
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.8, height), layout="constrained")
        axes = figure.add_subplot()
        yield figure, axes
        # Above the axes: inside it would cover the data of one study or another.
        figure.legend(loc="outside upper left", ncols=2, handlelength=1.8)


def plot_confidence_sequence(
    result: ConfidenceSequence | EValueTest | SequentialEquivalence,
    *,
    chance: float | None = None,
    bound: float | None = None,
) -> Figure:
    """The interval of the proportion correct after every trial or listener, chance and bound.

    Triangles show when a claim could first be made. ``chance`` and ``bound`` (as a proportion
    correct) are drawn for a confidence sequence; the other results know their own.

    >>> from jndlab.analysis.inference.sequential_confidence import confidence_sequence
    >>> sequence = confidence_sequence([6, 13, 22], [10, 20, 30])
    >>> plot_confidence_sequence(sequence, chance=0.5).axes[0].get_xlabel()
    'Trials'
    """
    if isinstance(result, EValueTest | SequentialEquivalence):
        chance = result.chance
    if isinstance(result, SequentialEquivalence):
        bound = result.bound_proportion
    with _figure(4.2) as (figure, axes):
        history = result.history
        _draw_line(axes, chance, "chance", _QUIET, (0, (2, 2)))
        _draw_line(axes, bound, "bound", _EQUIVALENT, (0, (5, 2)))
        marks = "." if len(history.n) <= _MOST_MARKS else ""
        coverage = f"{100 * result.interval.coverage:.4g} %"
        axes.fill_between(
            history.n,
            history.low,
            history.high,
            color=_DATA,
            alpha=0.16,
            linewidth=0,
            label=f"{coverage} confidence sequence",
        )
        for ends in (history.low, history.high):
            axes.plot(history.n, ends, color=_DATA, linewidth=1.0)
        axes.plot(
            history.n,
            history.estimate,
            color=_DATA,
            linewidth=2.0,
            marker=marks,
            markersize=7,
            label="Proportion correct so far",
        )
        _draw_claims(axes, result)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(0, history.n[-1] * 1.03)
        axes.set_xlabel(result.unit.capitalize())
        axes.set_ylabel("Proportion correct")
        return figure


def plot_e_values(result: EValueTest | SequentialEquivalence) -> Figure:
    """The e-values after every trial or listener on a logarithmic axis, and what a claim takes.

    DataError: the result has none.

    >>> from jndlab.analysis.inference.sequential_evalues import e_value_binomial
    >>> plot_e_values(e_value_binomial([1, 1, 0, 1, 1], chance=0.5)).axes[0].get_yscale()
    'log'
    """
    if not isinstance(result, EValueTest | SequentialEquivalence):
        raise DataError("This result has no e-values.", "Draw it with plot_confidence_sequence.")
    history = result.history
    against_chance = history.e_value if isinstance(result, EValueTest) else None
    against_bound = None if isinstance(result, EValueTest) else history.e_value
    if against_chance is None:
        against_chance = history.e_value_difference
    with _figure(3.8) as (figure, axes):
        axes.set_yscale("log")
        for values, label, colour, line in (
            (against_chance, "Against chance", _DIFFERENT, "-"),
            (against_bound, "Against the bound", _EQUIVALENT, (0, (5, 1.5))),
        ):
            if values is not None:
                shown = np.clip(values, 1e-12, 1e200)  # what a logarithmic axis can show
                axes.plot(
                    history.n, shown, color=colour, linewidth=1.8, linestyle=line, label=label
                )
        axes.axhline(1.0, color=_QUIET, linewidth=0.7)
        axes.axhline(
            1.0 / result.alpha,
            color=_INK,
            linewidth=1.0,
            linestyle=(0, (2, 2)),
            label=f"Claim from {1.0 / result.alpha:.4g} on",
        )
        axes.set_xlim(0, history.n[-1] * 1.03)
        axes.set_xlabel(result.unit.capitalize())
        axes.set_ylabel("e-value")
        return figure


def plot_group_sequential(study: GroupSequentialPlan | GroupSequentialDecision) -> Figure:
    """The boundaries of a plan at its looks, as proportions correct; of a decision, also the path.

    >>> from jndlab.analysis.inference.sequential_group import plan_group_sequential
    >>> plan = plan_group_sequential([40, 80, 120], chance=0.5)
    >>> plot_group_sequential(plan).axes[0].get_ylabel()
    'Proportion correct'
    """
    plan = study.plan if isinstance(study, GroupSequentialDecision) else study
    design = plan.boundaries
    with _figure(4.2) as (figure, axes):
        _draw_line(axes, plan.chance, "chance", _QUIET, (0, (2, 2)))
        _draw_line(axes, plan.bound, "bound", _EQUIVALENT, (0, (5, 2)))
        shown = [plan.chance]
        for rule, counts in ((design.upper_rule, design.upper), (design.lower_rule, design.lower)):
            if rule is not None:
                points = [
                    (n, count / n)
                    for n, count in zip(design.looks, counts, strict=True)
                    if 0 <= count <= n
                ]
                _draw_boundary(axes, points, rule.stop)
                shown += [proportion for _, proportion in points]
        if isinstance(study, GroupSequentialDecision):
            _draw_path(axes, study)
            shown += [k / n for k, n in zip(study.n_correct, study.n_trials, strict=True)]
            shown += [study.interval.low, study.interval.high] if study.interval else []
        axes.set_ylim(max(-0.02, min(shown) - 0.08), min(1.02, max(shown) + 0.08))
        axes.set_xlim(0, design.looks[-1] * 1.05)
        if len(design.looks) <= 12:
            axes.set_xticks(design.looks, [f"{n}" for n in design.looks])
        axes.set_xlabel("Trials")
        axes.set_ylabel("Proportion correct")
        return figure


def _draw_boundary(axes: Axes, points: list[tuple[int, float]], stop: Stop) -> None:
    label, colour, marker = _STOPS[stop]
    axes.plot(
        [n for n, _ in points],
        [proportion for _, proportion in points],
        color=colour,
        linewidth=1.2,
        linestyle=(0, (1, 1.5)),
        marker=marker if len(points) <= _MOST_MARKS else "",
        markersize=7,
        label=label,
    )


def _draw_path(axes: Axes, decision: GroupSequentialDecision) -> None:
    trials, correct = np.array(decision.n_trials), np.array(decision.n_correct)
    axes.plot(
        trials,
        correct / trials,
        color=_DATA,
        linewidth=2.0,
        marker="o",
        markersize=5,
        label="This study",
    )
    if decision.estimate is not None and decision.interval is not None:
        interval, at = decision.interval, trials[-1] + 0.02 * decision.plan.boundaries.looks[-1]
        axes.errorbar(
            [at],
            [decision.estimate],
            yerr=[[decision.estimate - interval.low], [interval.high - decision.estimate]],
            color=_INK,
            marker="D",
            markersize=5,
            capsize=3,
            linestyle="none",
            label=f"Estimate, {100 * interval.coverage:.4g} % interval",
        )


def _draw_line(axes: Axes, value: float | None, name: str, colour: str, line: Any) -> None:
    if value is None:
        return
    axes.axhline(value, color=colour, linewidth=1.0, linestyle=line)
    axes.annotate(  # outside, where it covers no data
        name,
        (1.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        color=colour,
        fontsize=9,
    )


def _draw_claims(
    axes: Axes, result: ConfidenceSequence | EValueTest | SequentialEquivalence
) -> None:
    claims: list[tuple[Stop, int | None]] = []
    if isinstance(result, EValueTest):
        claims = [("different", result.decided_at)]
    elif isinstance(result, SequentialEquivalence):
        claims = [("equivalent", result.equivalent_at), ("different", result.different_at)]
    for stop, moment in claims:
        if moment is None:
            continue
        _, colour, marker = _STOPS[stop]
        height = float(result.history.estimate[result.history.n == moment][0])
        axes.plot(
            [moment],
            [height],
            marker=marker,
            markersize=10,
            color=colour,
            markeredgecolor="white",
            linestyle="none",
            zorder=5,
            label="A difference from here" if stop == "different" else "Equivalent from here",
        )

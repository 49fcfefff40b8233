"""The figure of a plan: power against the number of listeners.

No pyplot and no global state, as in :mod:`jndlab.analysis.report.plots`; matplotlib is imported
when the first figure is asked for.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from jndlab.analysis.planning.results import PlanCell, StudyPlan
from jndlab.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's palette: told apart with any colour vision; line and marker differ as well.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = ("o", "s", "D", "^", "v", "P")
_QUIET, _INK = "#767676", "#222222"
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
}


def plot_power(plan: StudyPlan) -> Figure:
    """Power against listeners: a line per number of trials, Monte-Carlo bands, the target.

    The answer of the plan has a ring. DataError: more than six numbers of trials.

    >>> from jndlab.analysis.planning.listeners import ProportionListeners
    >>> from jndlab.analysis.planning.plan import plan_study
    >>> people = ProportionListeners(paradigm="abx", proportion_correct=0.65, spread=0.05)
    >>> plan = plan_study(people, goal="difference", listeners=[4, 8, 12], trials=[20], seed=1)
    >>> plot_power(plan).axes[0].get_xlabel()
    'Listeners recruited'
    """
    import matplotlib

    lines = [list(cells) for _, cells in groupby(plan.cells, lambda one: one.trials_per_level)]
    if len(lines) > len(_COLOURS):
        raise DataError(
            f"{len(lines)} lines cannot be told apart.",
            f"Plan for at most {len(_COLOURS)} numbers of trials at a time.",
        )
    with matplotlib.rc_context(_STYLE):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.8, 4.0), layout="constrained")
        axes = figure.add_subplot()
        _draw_target(axes, plan)
        for cells, colour, marker in zip(lines, _COLOURS, _MARKERS, strict=False):
            _draw_line(axes, cells, colour, marker)
        if plan.answer is not None:
            _draw_answer(axes, plan.answer)
        _set_axes(axes, plan)
        # Above the axes: inside it would cover the lines of one plan or another.
        figure.legend(loc="outside upper left", ncols=2, handlelength=2.2)
        return figure


def _draw_target(axes: Axes, plan: StudyPlan) -> None:
    axes.axhline(plan.power, color=_QUIET, linewidth=1.0, linestyle=(0, (2, 2)))
    axes.annotate(
        f"{plan.power:.0%} wanted",
        (0.005, plan.power),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        color=_QUIET,
        fontsize=9,
    )


def _draw_line(axes: Axes, cells: list[PlanCell], colour: str, marker: str) -> None:
    listeners = [cell.n_listeners for cell in cells]
    axes.fill_between(
        listeners,
        [cell.power_interval.low for cell in cells],
        [cell.power_interval.high for cell in cells],
        color=colour,
        alpha=0.16,
        linewidth=0,
    )
    trials = cells[0].trials_per_level
    axes.plot(
        listeners,
        [cell.power for cell in cells],
        color=colour,
        marker=marker,
        markersize=5,
        linewidth=1.6,
        label=f"{trials} {'trial' if trials == 1 else 'trials'} per level",
    )


def _draw_answer(axes: Axes, answer: PlanCell) -> None:
    axes.plot(
        [answer.n_listeners],
        [answer.power],
        marker="o",
        markersize=13,
        markerfacecolor="none",
        markeredgecolor=_INK,
        markeredgewidth=1.3,
        linestyle="none",
        label="Smallest study that is enough",
    )


def _set_axes(axes: Axes, plan: StudyPlan) -> None:
    listeners = sorted({cell.n_listeners for cell in plan.cells})
    if len(listeners) <= 12:
        axes.set_xticks(listeners, [f"{n}" for n in listeners])
    axes.set_xlabel("Listeners recruited")
    axes.set_ylabel("Power (simulated, with its 95% band)")
    axes.set_ylim(0.0, 1.02)

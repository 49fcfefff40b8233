"""What figures share: colours, type, and rows of listeners. No pyplot, no global state.

matplotlib is imported when the first figure is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe & Ito's palette: told apart with any colour vision, and in grey.
DATA, MARK, QUIET, INK, FAINT = "#0072B2", "#D55E00", "#767676", "#222222", "#C9C9C9"
DASHES: Any = (0, (2, 2))
WIDTH = 5.8
"""Of a figure in a report, in inches."""
MOST_NAMED_ROWS = 60
"""More rows than these get thinner and go without numbers."""
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "jndlab",
}


@contextmanager
def style() -> Iterator[None]:
    """The settings in which a figure is made.

    >>> with style():
    ...     figure = make_figure(2.0)
    >>> float(figure.get_figwidth())
    5.8
    """
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        yield


def make_figure(height: float, *, width: float = WIDTH) -> Figure:
    """An empty figure of ``width`` × ``height`` inches that keeps its labels inside.

    >>> float(make_figure(3.0).get_figheight())
    3.0
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def rows_height(n_rows: int, *, around: float = 1.2) -> float:
    """Height in inches of a figure with ``n_rows`` rows and ``around`` for labels.

    >>> rows_height(20) > rows_height(5)
    True
    """
    return max(2.2, around + (0.2 if n_rows <= MOST_NAMED_ROWS else 0.05) * n_rows)


def label_rows(axes: Axes, names: Sequence[object], *, label: str) -> None:
    """Name the rows 0, 1, … of ``axes``; without names where they are too many.

    >>> axes = make_figure(2.0).add_subplot()
    >>> label_rows(axes, [7, 9], label="Participant")
    >>> [tick.get_text() for tick in axes.get_yticklabels()]
    ['7', '9']
    """
    axes.set_ylim(-0.8, len(names) - 0.2)
    axes.set_ylabel(label)
    axes.tick_params(axis="y", length=0)
    if len(names) <= MOST_NAMED_ROWS:
        axes.set_yticks(range(len(names)), [str(name) for name in names], fontsize=8.5)
    else:
        axes.set_yticks([])


def percent_axis(axes: Axes, which: str = "x") -> None:
    """Write the numbers of an axis as percentages.

    >>> axes = make_figure(2.0).add_subplot()
    >>> percent_axis(axes)
    >>> axes.xaxis.get_major_formatter()(0.5)
    '50%'
    """
    from matplotlib.ticker import PercentFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def whole_numbers(axes: Axes, which: str = "x") -> None:
    """Ticks at whole numbers only.

    >>> axes = make_figure(2.0).add_subplot()
    >>> axes.set_xlim(1, 3)
    (1.0, 3.0)
    >>> whole_numbers(axes)
    >>> [float(tick) for tick in axes.get_xticks() if tick % 1]
    []
    """
    from matplotlib.ticker import MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def mark_jnd(
    axes: Axes,
    value: float,
    height: float,
    *,
    label: str,
    interval: tuple[float, float] | None = None,
) -> None:
    """A diamond at a JND on its curve, on a bar from end to end of its interval."""
    if interval is not None:
        axes.hlines(height, *interval, color=MARK, linewidth=2.4, zorder=5)
    axes.plot(
        [value],
        [height],
        marker="D",
        markersize=6.5,
        color=MARK,
        markeredgecolor="white",
        linestyle="none",
        zorder=6,
        label=label,
    )


def legend_above(figure: Figure, axes: Axes, *, columns: int = 3) -> None:
    """The legend of ``axes`` above the figure: inside it would cover the data of some study.

    >>> figure = make_figure(2.0)
    >>> legend_above(figure, figure.add_subplot())
    >>> figure.legends
    []
    """
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper left", ncols=columns, handlelength=1.4)


def error_lengths(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Distances of interval ends from their estimates, shape (2, n), as matplotlib wants them.

    >>> error_lengths([0.5], [0.4], [0.7]).round(2).tolist()
    [[0.1], [0.2]]
    """
    middle = np.asarray(values, dtype=float)
    ends = np.array([middle - np.asarray(lows), np.asarray(highs) - middle])
    return np.asarray(np.maximum(ends, 0.0), dtype=float)

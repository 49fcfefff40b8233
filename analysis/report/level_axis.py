"""The axis of levels: linear or logarithmic as the curve was fitted, named where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.report.formats import format_level

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOM = 56
"""Characters that fit below a figure of full width."""
_UNEVEN = 30.0


def even_places(low: float, high: float, number: int, *, log: bool) -> NDArray[np.float64]:
    """Places from ``low`` to ``high`` at equal distances on the axis, shape (number,).

    >>> even_places(1.0, 100.0, 3, log=True).tolist()
    [1.0, 10.0, 100.0]
    """
    return np.asarray((np.geomspace if log else np.linspace)(low, high, number))


def on_log_axis(levels: Sequence[float]) -> bool:
    """Whether levels fill a logarithmic axis where they would crowd a linear one.

    >>> on_log_axis([1, 10, 100, 1000]), on_log_axis([1, 2, 3, 4]), on_log_axis([0, 1, 1000])
    (True, False, False)
    """
    values = np.unique(levels)
    if len(values) < 3 or values[0] <= 0.0:
        return False
    linear, ratios = np.diff(values), np.diff(np.log(values))
    return bool(
        linear.max() > _UNEVEN * linear.min() and ratios.max() < linear.max() / linear.min()
    )


def tick_levels(axes: Axes, levels: Sequence[float], *, share: float = 1.0) -> None:
    """Name the levels that were tested where all names fit, else leave the ticks to matplotlib.

    ``axes`` have their scale and limits, and ``share`` of the width of a figure.

    >>> from jndlab.analysis.report.figure_style import make_figure
    >>> axes = make_figure(2.0).add_subplot()
    >>> _ = axes.set_xlim(-5, 0)
    >>> tick_levels(axes, [-4, -2, -1])
    >>> [tick.get_text() for tick in axes.get_xticklabels()]
    ['−4', '−2', '−1']
    """
    names = [format_level(level) for level in levels]
    ends = np.array(axes.get_xlim())
    places = np.array(levels, dtype=float)
    if axes.get_xscale() == "log":
        ends, places = np.log(ends), np.log(places)
    gaps = np.diff(np.sort(places)) / abs(ends[1] - ends[0])
    if min(gaps, default=1.0) * share * _ROOM > max(map(len, names)):
        axes.set_xticks(levels, names)
        axes.minorticks_off()

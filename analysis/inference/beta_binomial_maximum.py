"""The highest point of a likelihood on a closed square, and profiles along its sides.

Two numbers between 0 and 1, edges included: a mesh is laid over the square, then over the
neighbourhood of its best point, finer each time, and moved along where the best point lies on the
edge of the mesh. So the edges are found exactly and no derivative is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Surface = Callable[[Floats, Floats], Floats]
"""A log-likelihood of two numbers from 0 to 1, elementwise."""
_N_FIRST, _N_LATER = 33, 11
_FINE = 2e-8
"""A likelihood is flat at its maximum: closer than this, points cannot be told apart."""
_STEP = 2e-3
"""Of the differences that the curvature is taken from, next to the distance from the edges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest point of a surface."""

    x: float
    y: float
    height: float


def highest_point(surface: Surface) -> Peak:
    """The maximum over the closed unit square.

    >>> peak = highest_point(lambda x, y: -((x - 0.3) ** 2) - (y + 1) ** 2)
    >>> round(peak.x, 6), peak.y
    (0.3, 0.0)
    """
    n, x, y, width = _N_FIRST, 0.5, 0.5, 1.0
    while True:
        xs, ys = _around(x, width, n), _around(y, width, n)
        heights = surface(xs[:, np.newaxis], ys[np.newaxis, :])
        i, j = np.unravel_index(int(np.argmax(heights)), heights.shape)
        x, y = float(xs[i]), float(ys[j])
        if width <= _FINE:
            return Peak(x=x, y=y, height=float(heights[i, j]))
        if not (_on_edge(xs, int(i)) or _on_edge(ys, int(j))):
            width *= 3.0 / (n - 1)
        n = _N_LATER


def highest_along(curve: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Where a function is largest between 0 and 1, and its value there.

    >>> highest_along(lambda x: x**2)
    (1.0, 1.0)
    """
    n, x, width = _N_FIRST, 0.5, 1.0
    while True:
        xs = _around(x, width, n)
        heights = curve(xs)
        i = int(np.argmax(heights))
        x = float(xs[i])
        if width <= 1e-6:
            return x, float(heights[i])
        if not _on_edge(xs, i):
            width *= 3.0 / (n - 1)
        n = _N_LATER


def profile_ends(
    profile: Callable[[float], float], at: float, height: float, cutoff: float
) -> tuple[float, float]:
    """Ends of the interval of values at which 2 (height − profile) is at most ``cutoff``.

    An end is 0 or 1 where the profile does not fall that far. ``at`` lies in the interval.

    >>> low, high = profile_ends(lambda x: -50 * (x - 0.5) ** 2, 0.5, 0.0, 4.0)
    >>> round(low, 6), round(high, 6)
    (0.3, 0.7)
    """
    from scipy.optimize import brentq

    def excess(value: float) -> float:
        # The root of the deviance is nearly a straight line, which root finders like.
        deviance = max(0.0, 2.0 * (height - profile(value)))
        return min(float(np.sqrt(deviance)), 1e3) - float(np.sqrt(cutoff))

    ends = [
        edge if at == edge or excess(edge) <= 0.0 else float(brentq(excess, edge, at, xtol=1e-9))
        for edge in (0.0, 1.0)
    ]
    return ends[0], ends[1]


def curvature(surface: Surface, peak: Peak, free: tuple[bool, bool]) -> Floats:
    """Minus the second derivatives at the peak; shape (2, 2), zero where a number is not free.

    By differences of fourth order with a step that stays inside the square.
    """
    steps = [min(_STEP, value / 4.0, (1.0 - value) / 4.0) for value in (peak.x, peak.y)]
    offsets = np.arange(-2, 3)
    xs = np.asarray(peak.x + offsets * (steps[0] * free[0]))
    ys = np.asarray(peak.y + offsets * (steps[1] * free[1]))
    heights = surface(xs[:, np.newaxis], ys[np.newaxis, :])
    first = np.array([1.0, -8.0, 0.0, 8.0, -1.0]) / 12.0
    second = np.array([-1.0, 16.0, -30.0, 16.0, -1.0]) / 12.0
    found = np.zeros((2, 2))
    if free[0]:
        found[0, 0] = -second @ heights[:, 2] / steps[0] ** 2
    if free[1]:
        found[1, 1] = -second @ heights[2, :] / steps[1] ** 2
    if all(free):
        found[0, 1] = found[1, 0] = -first @ heights @ first / (steps[0] * steps[1])
    return found


def _around(centre: float, width: float, n: int) -> Floats:
    """A mesh of ``width`` around ``centre``, moved into 0 to 1."""
    low = min(max(0.0, centre - width / 2.0), 1.0 - min(width, 1.0))
    return np.minimum(low + min(width, 1.0) * np.arange(n) / (n - 1), 1.0)


def _on_edge(mesh: Floats, index: int) -> bool:
    """Whether the mesh goes on beyond this point."""
    return (index == 0 and mesh[0] > 0.0) or (index == len(mesh) - 1 and mesh[-1] < 1.0)

"""Profile-likelihood intervals of anything that a point stands for.

The interval of a quantity q holds the values v for which 2 (ℓ̂ − max ℓ given q = v) stays below a
cutoff. The maximum along v is climbed with q held (:mod:`jndlab.analysis.groups.climb`), and the
root r(v) = √(2 (ℓ̂ − ℓ(v))), nearly a straight line, is solved for its end by Newton steps: its
slope is the constraint's multiplier divided by itself. An end that is not reached within a bounded
number of steps is left open, and the interval's method says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.groups.climb import Constraint, Top, climb, differentiate
from jndlab.analysis.groups.cutoffs import Cutoffs
from jndlab.analysis.groups.height import Surface
from jndlab.analysis.groups.quantities import EDGE, Named
from jndlab.analysis.groups.start import off_the_edge
from jndlab.analysis.intervals import ConfidenceInterval

Floats = NDArray[np.float64]
PROFILE = "profile likelihood"
_MOST_STEPS, _MOST_IN_ALL = 30, 240
"""Of one climb, which takes about ten from a start nearby, and towards one end. Where the
likelihood has all but no curvature, each step still costs an integral over every listener."""
_CLOSE = 2e-3
"""How near r must come to its end before the last Newton step: 1e-3 of a half length."""
_TOLERANCE = 1e-6
"""Rise of the constrained maximum that may be left: it moves r by less than 1e-6."""


def profile_interval(
    surface: Surface, top: Top, named: Named, *, coverage: float, cutoffs: Cutoffs
) -> ConfidenceInterval:
    """The interval of ``named`` in the unit of the study; its method names ends left open."""
    low, high = sorted(
        _Search(surface, top, named, float(np.sqrt(cutoff))).end(side)
        for side, cutoff in ((-1.0, cutoffs.low), (1.0, cutoffs.high))
    )
    lost = [word for word, end in (("lower", low), ("upper", high)) if not end.found]
    note = f"; {' and '.join(lost)} end not found, left open" if lost else ""
    return ConfidenceInterval(
        low=low.value,
        high=high.value,
        coverage=coverage,
        method=f"{PROFILE}, {cutoffs.text}{note}",
    )


class _End(NamedTuple):
    """Of an interval, in the unit of the study."""

    value: float
    found: bool
    """Otherwise the value is where the quantity itself ends."""


class _Search:
    """The two ends of one interval."""

    def __init__(self, surface: Surface, top: Top, named: Named, goal: float) -> None:
        self.surface, self.top, self.named = surface, top, named
        self.goal = goal
        """The root at the end."""

    def end(self, side: float) -> _End:
        """The end on one side (−1 or 1) of the quantity's own scale, in the unit of the study."""
        named = self.named
        best, start, direction, value = self._first(side)
        edge, edge_end = self._edge(best, side)
        if (edge - best) * side <= 0.0:
            return _End(edge_end, found=True)
        near, far, most = best, side * np.inf, np.inf
        last, modes = best, self.top.height.modes
        checked, n_steps = False, 0
        while n_steps < _MOST_IN_ALL:
            value = side * min(side * value, side * edge)
            reached = climb(
                self.surface,
                start + direction * (value - last),
                constraint=Constraint(quantity=named.quantity, value=value),
                modes=modes,
                tolerance=_TOLERANCE,
                most_steps=_MOST_STEPS,
            )
            n_steps += 1 + reached.n_steps
            if self._is_refined(reached.point, needed=not (checked and reached.converged)):
                continue
            if not reached.converged:  # too far to see the way from here
                most = 0.25 * abs(value - near)
                value = near + side * most
                continue
            checked = True
            root = float(np.sqrt(max(2.0 * (self.top.value - reached.value), 0.0)))
            change = side * root * (self.goal - root) / max(abs(reached.multiplier), 1e-12)
            if abs(root - self.goal) < _CLOSE:
                return _End(named.read(value + change), found=True)
            if root < self.goal and value == edge:
                return _End(edge_end, found=True)
            if value != last:
                direction = (reached.point - start) / (value - last)
            most = 3.0 * max(abs(value - near), 0.01 * abs(value - best))
            near, far = (value, far) if root < self.goal else (near, value)
            last, start, modes = value, reached.point, reached.height.modes
            value = self._next(value + change, near, far, most, side)
        return _End(edge_end, found=False)

    def _is_refined(self, point: Floats, *, needed: bool) -> bool:
        """Refine the surface where ``point`` needs it; the climb to it must then be repeated."""
        finer = self.surface.adapted(point) if needed else self.surface
        if finer is self.surface:
            return False
        self.surface = finer
        self.top = replace(self.top, height=finer.at(self.top.point, self.top.height.modes))
        return True

    def _next(self, guess: float, near: float, far: float, most: float, side: float) -> float:
        """Newton's guess well inside the bracket; else the middle, or further outwards."""
        if not np.isfinite(far):
            return near + side * float(np.clip(side * (guess - near), 0.1 * most / 3.0, most))
        length = abs(far - near)
        if 0.02 * length < side * (guess - near) < 0.98 * length:
            return guess
        return 0.5 * (near + far)

    def _first(self, side: float) -> tuple[float, Floats, Floats, float]:
        """The estimate, a start, the direction dpoint/dvalue to leave it in, a first value."""
        named, point = self.named, self.top.point
        best, gradient, _ = differentiate(named.quantity, point)
        variance = _inverse(self.top.height.hessian) @ gradient
        size = float(gradient @ variance)
        if (named.spread and best < EDGE) or _near_one(named, best):
            size = 0.0  # on the edge of a spread of 0 the slope says nothing
        if size > 0.0:
            return best, point, variance / size, best + side * self.goal * float(np.sqrt(size))
        nudged = off_the_edge(self.surface.model, point)
        value, gradient, _ = differentiate(named.quantity, nudged)
        length = max(float(gradient @ gradient), 1e-12)
        if (value - best) * side <= 0.0:
            value = best + side * 0.1 * max(abs(best), 1.0)
        return best, nudged, gradient / length, value

    def _edge(self, best: float, side: float) -> tuple[float, float]:
        """The last value that can be tried on a side, and what the interval shows beyond it."""
        named = self.named
        limit, shown = (named.high, named.high_end) if side > 0 else (named.low, named.low_end)
        if not np.isfinite(limit):
            return limit, shown
        if named.spread:  # flat at 0, and without slope there
            return (0.02 * best if best > EDGE else best), shown
        return limit + 1e-3 * (best - limit), shown


def _near_one(named: Named, value: float) -> bool:
    return named.name == "correlation" and abs(value) > 1.0 - EDGE


def _inverse(hessian: Floats) -> Floats:
    """Covariance from the Hessian; directions without curvature are left out."""
    values, vectors = np.linalg.eigh(-hessian)
    good = values > 1e-9 * max(float(values.max()), 0.0)
    return np.asarray((vectors[:, good] / values[good]) @ vectors[:, good].T)

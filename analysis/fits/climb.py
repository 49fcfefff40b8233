"""From starting points to tops, many at once, several of them for one data set.

Steps follow the absolute eigenvalues of the Hessian, so that they lead uphill also where the
surface is not concave, and are shortened until it rises. Of several climbs for one data set
those that cannot win, or that have run into another, are given up on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.likelihood import Counts
from jndlab.analysis.fits.newton import newton_step, within
from jndlab.analysis.fits.surface import Ground, Surface

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Bools = NDArray[np.bool_]

_SHORTEST = 4.0**-20
"""Share of a step after which no shorter one is tried."""
_NEXT_TO_NOTHING = 1e-3
"""A rise that no inference would notice: where a search may end for want of a better step."""
_ROUNDING = 1e-15
"""What rounding leaves of a height, as a share of it: no step can be told from it."""
_LAST_STEP = 1e-6
"""After a whole step that promised less than this rise, the next would promise its square."""
_LARGEST_STEP = np.array([0.25, 0.7, 0.1, 0.1, 0.2])
_LARGEST_STEP_WITHOUT_PRIOR = np.array([0.5, 2.0, 0.1, 0.1, 0.2])
"""A likelihood may rise for ever towards steps or flat lines: get there soon."""
_FIRST_REVIEW = 2
_HOPE, _SLACK = 4.0, 0.1
"""A climb is given up when so many times what its step promises, and a little, is not enough."""
_SAME_PLACE = 0.2
"""Nearer than this share of the largest step to a higher climb: both end on one top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbs:
    """Where the climbs ended; the first axis is the start."""

    points: Floats
    """Shape (starts, 5)."""
    heights: Floats
    converged: Bools
    """False also for those given up in favour of another one."""


@dataclass(slots=True)
class _Party:
    """The climbs still under way: their rows, counts, places and the ground there."""

    rows: Integers
    counts: Counts
    point: Floats
    ground: Ground
    scale: Floats
    """What is left of a step after the shortenings that it needed so far."""

    def keep(self, these: Bools) -> None:
        self.rows, self.counts = self.rows[these], self.counts[these]
        self.point, self.scale = self.point[these], self.scale[these]
        self.ground = Ground(*(part[these] for part in self.ground))

    def move(self, point: Floats, ground: Ground) -> Bools:
        """Go where the new ground is no lower; elsewhere stay, for a shorter step."""
        up = ground.height >= self.ground.height
        if up.all():
            self.point, self.ground = point, ground
        else:
            for old, new in zip((self.point, *self.ground), (point, *ground), strict=True):
                old[up] = new[up]
        self.scale = np.where(up, 1.0, self.scale / 4.0)
        return np.asarray(up)


def climb(
    surface: Surface,
    counts: Counts,
    starts: Floats,
    *,
    data_set: Integers | None = None,
    tolerance: float = 1e-10,
    most_rounds: int = 200,
) -> Climbs:
    """From starts (starts, 5), with as many rows of counts, to the tops.

    ``data_set`` tells which starts belong together, by numbers from 0; None: none do. Ends where
    a further step promises a rise of at most ``tolerance``.
    """
    points, low, high = starts.copy(), *surface.limits[surface.free].T
    largest = (_LARGEST_STEP if surface.use_prior else _LARGEST_STEP_WITHOUT_PRIOR)[surface.free]
    n_starts = len(points)
    ground = surface.at(points, counts)
    party = _Party(np.arange(n_starts), counts, points.copy(), ground, np.ones(n_starts))
    heights, converged = ground.height.copy(), np.zeros(n_starts, dtype=bool)
    for number in range(most_rounds):
        lost = _make_finite(party.ground)
        step, promise = newton_step(
            party.point[:, surface.free],
            party.ground.gradient,
            party.ground.hessian,
            bounds=(low, high),
            largest=largest,
        )
        gone = promise < tolerance + _ROUNDING * np.abs(party.ground.height)
        converged[party.rows[gone]] = ~lost[gone]
        if data_set is not None and number >= _FIRST_REVIEW:
            gone |= _given_up(data_set, points, heights, party, promise)
        if gone.any():
            party.keep(~gone)
            step, promise = step[~gone], promise[~gone]
            if party.rows.size == 0:
                break
        trial = party.point.copy()
        trial[:, surface.free] += step * party.scale[:, None]
        trial[:, surface.free] = within(trial[:, surface.free], low, high)
        whole = party.scale == 1.0
        up = party.move(trial, surface.at(trial, party.counts))
        points[party.rows], heights[party.rows] = party.point, party.ground.height
        last = up & whole & (promise < _LAST_STEP)
        # No step of any length leads up: a top to rounding, if Newton promised next to nothing.
        stuck = party.scale < _SHORTEST
        converged[party.rows[last]] = True
        converged[party.rows[stuck]] = promise[stuck] < _NEXT_TO_NOTHING
        gone = last | stuck
        if gone.any():
            party.keep(~gone)
            promise = promise[~gone]
            if party.rows.size == 0:
                break
    else:  # creeping along a ridge on which heights hardly differ
        converged[party.rows] = promise < _NEXT_TO_NOTHING
    return Climbs(points=points, heights=heights, converged=converged)


def _make_finite(ground: Ground) -> Bools:
    """Rows whose derivatives are no numbers; there they become those of a top."""
    known = np.isfinite(ground.gradient).all(axis=1) & np.isfinite(ground.hessian).all(axis=(1, 2))
    lost = np.asarray(~known)
    if lost.any():
        ground.gradient[lost], ground.hessian[lost] = 0.0, -np.eye(ground.gradient.shape[1])
    return lost


def _given_up(
    data_set: Integers, points: Floats, heights: Floats, party: _Party, promise: Floats
) -> Bools:
    """Climbs that another one of their data set has left behind, or will meet at one top."""
    order = np.argsort(heights)
    leader = np.empty(data_set.max() + 1, dtype=np.intp)
    leader[data_set[order]] = order  # of those of one data set the highest comes last
    first = leader[data_set[party.rows]]
    behind = party.ground.height + _HOPE * promise + _SLACK < heights[first]
    apart = np.abs(points[first] - party.point) / _LARGEST_STEP
    return np.asarray(behind | ((apart.max(axis=1) < _SAME_PLACE) & (first != party.rows)))

"""The fitting engine: modes or maxima of many data sets that share one design, at once.

Maximises the log posterior density, or the log likelihood, of (threshold, width, lapse rate,
guess rate, overdispersion) by Newton's method with the exact Hessian in (threshold, log width,
rates). Each data set climbs from every promising place of a table of curves, and the highest top
is the answer: such a surface often has more than one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.climb import Climbs, climb
from jndlab.analysis.fits.design import Design
from jndlab.analysis.fits.likelihood import prepare
from jndlab.analysis.fits.modes import Modes, join_modes
from jndlab.analysis.fits.surface import Surface
from jndlab.analysis.fits.table import starting_points

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
_CHUNK_TERMS = 4_000_000
_STARTS, _STARTS_WITHOUT_PRIOR = 2, 10
"""About as many for each data set."""


def maximise(
    design: Design,
    n_correct: Floats,
    n_trials: Floats,
    *,
    use_prior: bool = True,
    start: Floats | None = None,
) -> Modes:
    """Posterior modes, or maxima of the likelihood without ``use_prior``, of many data sets.

    Counts have shape (data sets, levels), in the order of the levels. ``start``, of shape
    (data sets, 5), replaces the table of starting points.
    """
    n_sets, n_levels = n_correct.shape
    terms = n_levels * (1.0 if design.binomial else max(1.0, float(n_trials.max())))
    starts = 1 if start is not None else (_STARTS if use_prior else _STARTS_WITHOUT_PRIOR)
    size = max(1, int(_CHUNK_TERMS / (terms * starts)))
    surface = Surface.of(design, use_prior=use_prior)
    return join_modes(
        [
            _maximise(
                surface,
                n_correct[first : first + size],
                n_trials[first : first + size],
                None if start is None else start[first : first + size],
            )
            for first in range(0, n_sets, size)
        ]
    )


def _maximise(surface: Surface, n_correct: Floats, n_trials: Floats, start: Floats | None) -> Modes:
    """The same of one chunk of data sets."""
    counts = prepare(n_correct, n_trials, binomial=surface.design.binomial)
    if start is not None:
        ends = climb(surface, counts, start)
        return Modes.at(ends.points, ends.heights, ends.converged)
    starts, data_set = starting_points(surface, n_correct, n_trials)
    ends = climb(surface, counts[data_set], starts, data_set=data_set)
    best = _highest(ends, data_set)
    return Modes.at(ends.points[best], ends.heights[best], ends.converged[best])


def _highest(ends: Climbs, data_set: Integers) -> Integers:
    """The row of the highest end of each data set; of equals one that converged."""
    order = np.lexsort((ends.converged, ends.heights))
    highest = np.empty(data_set.max() + 1, dtype=np.intp)
    highest[data_set[order]] = order
    return highest

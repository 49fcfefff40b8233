"""Where the climbs start: the best places of a table of curves.

The table is the same for all data sets, so that one matrix product rates all of it for all of
them. A gentle curve without lapses and a steep one with lapses can both be tops of one surface,
so every local maximum of the table that is nearly as high as the highest is a start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jndlab.analysis.fits.design import LOG_WIDTH, OVERDISPERSION, THRESHOLD, Design
from jndlab.analysis.fits.priors import THRESHOLD_SUPPORT, WIDEST
from jndlab.analysis.fits.surface import Surface, curve_at

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Integers = NDArray[np.intp]
Bools = NDArray[np.bool_]

_LAPSES = np.array([0.0, 0.012, 0.04, 0.1, 0.25])
_GUESSES = np.array([0.0, 0.03, 0.12])
_OVERDISPERSIONS = (0.0, 0.15, 0.4)
"""There is often a top at none, and another one."""
_WORTH_A_CLIMB = 3.0
"""A place of the table this much lower than the best one may still lead to a higher top."""
_FEW_TRIALS = 400.0
"""With more trials the surface is narrower than the table, and what it misses grows with them."""
_N_WIDTHS = 14
_N_EVEN = 32
_FAR_WIDTHS = np.array([1.0, 2.5])
_MOST_STARTS = (24, 12)
"""Of one data set and one overdispersion, without priors: where there is none, and some."""
_CHUNK = 128
"""Data sets at a time: their ratings stay in the cache."""
_TINY = 1e-300


class _Table(NamedTuple):
    """Curves of all sorts, and what rates them."""

    points: Floats
    """Shape (curves, 5)."""
    by_count: Floats32
    """Shape (2 levels + 1, curves): log ψ, log(1 − ψ), and the log prior density."""
    shape: list[int]
    """Curves along each of threshold, width, lapse rate, guess rate."""


def starting_points(
    surface: Surface, n_correct: Floats, n_trials: Floats
) -> tuple[Floats, Integers]:
    """Starts (starts, 5) and the number of the data set of each; counts (data sets, levels).

    Ratings are binomial; with overdispersion each level has the weight that its scatter leaves it.
    """
    table = _table(surface)
    overdispersion = surface.design.fixed[2]
    points, data_sets = [], []
    for eta in _OVERDISPERSIONS if overdispersion is None else (overdispersion,):
        weight = 1.0 / (1.0 + eta**2 * np.maximum(n_trials - 1.0, 0.0))
        margin = np.maximum(1.0, (n_trials * weight).sum(axis=1) / _FEW_TRIALS) * _WORTH_A_CLIMB
        counts = [n_correct * weight, (n_trials - n_correct) * weight, np.ones((len(weight), 1))]
        weighted = np.hstack(counts).astype(np.float32)
        for first in range(0, len(weighted), _CHUNK):
            part = slice(first, first + _CHUNK)
            rating = (weighted[part] @ table.by_count).reshape(-1, *table.shape)
            if surface.use_prior:
                data_set, place = _best_along(rating, margin[part])
            else:
                most = _MOST_STARTS[int(eta > 0.0)]
                data_set, place = _best_anywhere(rating, margin[part], most)
            points.append(table.points[place])
            points[-1][:, OVERDISPERSION] = eta
            data_sets.append(data_set + first)
    return np.concatenate(points), np.concatenate(data_sets)


def local_maxima(values: NDArray[np.floating]) -> Bools:
    """Where (cases, ...) is no lower than its neighbours along any axis but the first.

    Of equal neighbours the later one is the maximum.
    """
    top = np.ones(values.shape, dtype=bool)
    for axis in range(1, values.ndim):
        along, peak = np.moveaxis(values, axis, 1), np.moveaxis(top, axis, 1)
        falls = along[:, :-1] > along[:, 1:]
        peak[:, :-1] &= falls
        peak[:, 1:] &= ~falls
    return top


def _table(surface: Surface) -> _Table:
    """The table; its overdispersion is any, with the same prior for all curves."""
    axes, shifts = _axes(surface)
    points = np.stack(np.meshgrid(*axes, [0.5], indexing="ij"), axis=-1).reshape(-1, 5)
    shift = np.repeat(shifts, len(points) // len(shifts))
    points[:, THRESHOLD] += shift * np.exp(points[:, LOG_WIDTH])
    curve = curve_at(surface.design, points)
    logs = np.log(np.maximum(np.hstack([curve.right, curve.wrong]), _TINY))
    density = surface.design.priors.log_density
    prior = density(points) if surface.use_prior else np.zeros(len(points))
    by_count = np.column_stack([logs, prior]).T.astype(np.float32)
    return _Table(points, by_count, [len(axis) for axis in axes])


def _best_along(rating: Floats32, margin: Floats) -> tuple[Integers, Integers]:
    """Data sets, and places in the flattened table; rating of shape (data sets, *axes).

    Maxima over the other parameters, each with its best threshold: a table has hundreds of
    local maxima along ridges that cross its axes, and next to none after that.
    """
    over = rating.reshape(len(rating), rating.shape[1], -1)
    profile = over.max(axis=1)
    top = _nearly_highest(profile.reshape(-1, *rating.shape[2:]), margin)
    data_set, other = np.nonzero(top)
    threshold = over[data_set, :, other].argmax(axis=1)
    return data_set, threshold * profile.shape[1] + other


def _best_anywhere(rating: Floats32, margin: Floats, most: int) -> tuple[Integers, Integers]:
    """The same with maxima over the threshold too: without priors steps between any two levels,
    and at any place of a level on them, can be tops."""
    data_set, place = np.nonzero(_nearly_highest(rating, margin))
    height = rating.reshape(len(rating), -1)[data_set, place]
    order = np.lexsort((-height, data_set))
    rank = np.arange(len(order)) - np.searchsorted(data_set, data_set)  # data sets are in order
    kept = order[rank < most]
    return data_set[kept], place[kept]


def _nearly_highest(rating: Floats32, margin: Floats) -> Bools:
    """Local maxima at most ``margin`` below the highest place: shape (data sets, places)."""
    flat = rating.reshape(len(rating), -1)
    top = local_maxima(rating).reshape(flat.shape)
    top &= flat >= flat.max(axis=1, keepdims=True) - margin[:, None]
    top[np.arange(len(flat)), flat.argmax(axis=1)] = True
    return np.asarray(top)


def _axes(surface: Surface) -> tuple[list[Floats], Floats]:
    """Thresholds, log widths, lapse and guess rates of the table; and how far to shift each
    threshold, in widths.

    Without priors also curves that only the priors rule out.
    """
    design = surface.design
    low, high = np.log((design.priors.spacing, WIDEST))
    if surface.use_prior:
        thresholds = _thresholds(design)
        shifts = np.zeros(len(thresholds))
        log_widths = np.linspace(low, high, _N_WIDTHS + 2)[1:-1]
        lapses, guesses = _LAPSES, _GUESSES
    else:
        thresholds, shifts = step_thresholds(design, use_prior=False)
        even = np.linspace(low, high, _N_WIDTHS)
        log_widths = np.concatenate([[low - 3.0, low - 1.0], even, high + _FAR_WIDTHS])
        log_widths = np.clip(log_widths, *surface.limits[LOG_WIDTH])
        lapses, guesses = np.append(_LAPSES, 0.4), np.append(_GUESSES, 0.35)
    axes = [thresholds, log_widths]
    for values, fixed in zip((lapses, guesses), design.fixed[:2], strict=True):
        axes.append(values if fixed is None else np.array([fixed]))
    return axes, shifts


def step_thresholds(design: Design, *, use_prior: bool) -> tuple[Floats, Floats]:
    """Thresholds over the tested range, and those that put a step between or onto levels.

    A step on a level has a top for every place of that level on it: one at 0.15, one at 0.85.
    The second array says how far to shift each threshold, in widths.
    """
    inner = np.sort(design.inner)
    between = (inner[1:] + inner[:-1]) / 2.0
    even = np.linspace(-0.46, 1.46, 17)
    far = np.array([] if use_prior else [-7.0, -3.0, -1.2, 2.2, 4.0, 8.0])
    spread = np.unique(np.concatenate([even, between, far]))
    places = [spread, inner, inner, inner]
    shifts = [
        np.full(len(x), -float(design.inner_at(share, 0.0, 1.0)))
        for x, share in zip(places, (0.5, 0.5, 0.15, 0.85), strict=True)
    ]
    return np.concatenate(places), np.concatenate(shifts)


def _thresholds(design: Design) -> Floats:
    """Evenly over what is tested and somewhat beyond, on the levels, and between them."""
    inner = np.sort(design.inner)
    between = (inner[1:] + inner[:-1]) / 2.0
    low, high = THRESHOLD_SUPPORT
    even = np.linspace(low, high, _N_EVEN + 2)[1:-1]
    places = np.sort(np.concatenate([even, inner, between]))
    closest = design.priors.spacing / 4.0  # far less than the narrowest curve is wide
    kept = [places[0]]
    for place in places[1:]:
        if place - kept[-1] > closest:
            kept.append(place)
    return np.array(kept)
